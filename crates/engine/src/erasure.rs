//! Erasing personal data on request: at once where nothing of the order is open, else by itself as
//! soon as its work is over. What comes in about an erased order is kept without its content; it
//! is never planned again, and a person is told when Dynamics wants more of it shipped.

use crate::error::Result;
use crate::kept::{REQUEST, SALES, decode, load, plain};
use crate::parts::Engine;
use crate::persist::{planned_as, serial_on};
use crate::requests::{REQUESTS_OF, RequestsRead};
use crate::retention::PERSONS;
use crate::trail;
use domain::erasure::{self, Erased, Standing, Wanted};
use domain::ids::SalesOrderNumber;
use domain::operation::Lane;
use domain::request::{self, RequestRead};
use domain::sales::OrderRead;
use domain::time::{Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::{NewHold, SubjectRow, SubjectUpdate, TrailEntry, Txn};

/// Changes with every erasure: other processes then forget the keys they hold in memory.
const CURSOR: &str = "erasures";
/// Orders whose erasure waits are looked at this often.
const LOOK_EVERY: Span = Span::minutes(1);
/// Wanted erasures held in memory; the rest follows when these are done.
const WAITING: usize = 500;
/// What an erased order says in the list.
const SENTENCE: &str = "Its personal data was erased; numbers, states and times stay.";

/// Wanted erasures as this owner knows them.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// Subjects, once they were read from the database.
    known: Option<Vec<String>>,
    /// When they are looked at next.
    due: Timestamp,
    /// What the cursor said when keys were forgotten last.
    seen: Option<String>,
}

impl Waiting {
    /// When something is to be done; none while nothing waits.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.known.as_ref().is_some_and(|known| !known.is_empty()).then_some(self.due)
    }

    /// Another owner may have changed what waits.
    pub(crate) fn ask_again(&mut self) {
        self.known = None;
        self.due = Timestamp::MIN;
    }
}

impl Engine {
    /// A person wants the personal data of an order to be erased.
    pub(crate) async fn ask_erasure(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        subject: &str,
        who: &str,
        (why, request_id): (String, Option<String>),
    ) -> Result<()> {
        let told = |what: &str, why: String| {
            let entry = trail::entry(now, who, what, subject, why);
            TrailEntry { request_id: request_id.clone(), ..entry }
        };
        if txn.erased(&self.scope, &[subject.to_owned()]).await?.contains(subject) {
            let why = "Its personal data was erased before.".to_owned();
            txn.trail_append(&self.scope, vec![told("asked to erase again", why)]).await?;
            return Ok(());
        }
        let entry = told("asked to erase personal data", why.clone());
        txn.trail_append(&self.scope, vec![entry]).await?;
        let wanted = Wanted { who: who.to_owned(), why, at: now, waits: String::new() };
        self.erase_or_wait(txn, now, subject, wanted).await?;
        self.remember().erasures.ask_again();
        Ok(())
    }

    /// Looks at the orders whose erasure waits.
    pub(crate) async fn erase_what_closed(&self) -> Result<bool> {
        let now = self.now();
        let known = {
            let memory = self.remember();
            (now >= memory.erasures.due).then(|| memory.erasures.known.clone())
        };
        let subjects = match known {
            None => return Ok(false),
            Some(Some(known)) => known,
            Some(None) => self.erasures_wanted().await?,
        };
        let mut erased = false;
        let (ready, mut left) = self.seem_closed(subjects).await?;
        for subject in ready {
            let mut work = self.begin("erasure").await?;
            let keys = [subject.clone()];
            let found: HashMap<String, Wanted> =
                load(&mut work.txn, &self.scope, erasure::WANTED, &keys).await?;
            let Some(wanted) = found.into_values().next() else { continue };
            let waited = wanted.waits.clone();
            let waits = self.erase_or_wait(&mut work.txn, now, &subject, wanted).await?;
            // A look that finds the same leaves no trace.
            if waits.as_ref() == Some(&waited) {
                work.txn.rollback().await?;
                left.push(subject);
                continue;
            }
            work.commit().await?;
            erased |= waits.is_none();
            if waits.is_some() {
                left.push(subject);
            }
        }
        let mut memory = self.remember();
        memory.erasures.known = Some(left);
        memory.erasures.due = now + LOOK_EVERY;
        Ok(erased)
    }

    /// The orders that look closed by their own row, and the others: two reads for all of them,
    /// so that a wish that waits for weeks costs next to nothing.
    async fn seem_closed(&self, subjects: Vec<String>) -> Result<(Vec<String>, Vec<String>)> {
        if subjects.is_empty() {
            return Ok((subjects, Vec::new()));
        }
        let rows = self.store.read().await?.subjects(&self.scope, &subjects).await?;
        let open: HashSet<String> = rows
            .into_iter()
            .filter(|row| row.watch_at.is_some() || row.dirty_at.is_some() || row.held)
            .map(|row| row.key)
            .collect();
        Ok(subjects.into_iter().partition(|key| !open.contains(key)))
    }

    async fn erasures_wanted(&self) -> Result<Vec<String>> {
        let mut reader = self.store.read().await?;
        let rows = reader.observations_of_kind(&self.scope, erasure::WANTED, "", WAITING).await?;
        Ok(rows.into_iter().map(|row| row.key).collect())
    }

    /// Erases the order when nothing of it is open; else keeps the wish, and says what it waits for.
    async fn erase_or_wait(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        subject: &str,
        mut wanted: Wanted,
    ) -> Result<Option<String>> {
        let subjects = self.one_person(txn, subject).await?;
        let rows = txn.subjects(&self.scope, &subjects).await?;
        if let Some(waits) = self.still_open(txn, &rows).await? {
            wanted.waits.clone_from(&waits);
            let row = plain(erasure::WANTED, subject, now, &wanted)?;
            txn.observations_put(&self.scope, vec![row]).await?;
            return Ok(Some(waits));
        }
        self.forget_person(txn, now, &subjects, &rows, &wanted).await?;
        txn.observations_remove(&self.scope, erasure::WANTED, &[subject.to_owned()]).await?;
        Ok(None)
    }

    /// A sales order with all its requests: the same person.
    async fn one_person(&self, txn: &mut Txn, subject: &str) -> Result<Vec<String>> {
        let mut numbers = vec![subject.to_owned()];
        if request::id_of(subject).is_some() {
            let keys = [subject.to_owned()];
            let owner = self.load_requests(txn, &keys).await?.into_values().next();
            numbers = match owner.and_then(|(_, owner)| owner) {
                Some(owner) => vec![owner.number.as_str().to_owned()],
                None => Vec::new(),
            };
        }
        let lower: Vec<String> = numbers.iter().map(|n| n.to_lowercase()).collect();
        let requests: HashMap<String, BTreeSet<String>> =
            load(txn, &self.scope, REQUESTS_OF, &lower).await?;
        let mut all: BTreeSet<String> = requests.into_values().flatten().collect();
        all.extend(numbers);
        all.insert(subject.to_owned());
        Ok(all.into_iter().collect())
    }

    async fn still_open(&self, txn: &mut Txn, rows: &[SubjectRow]) -> Result<Option<String>> {
        let keys = rows.iter().map(|row| row.key.clone());
        let charges = rows.iter().map(|row| serial_on(&row.key, Lane::Charges));
        let keys: Vec<String> = keys.chain(charges).collect();
        let mut writes: HashMap<String, usize> = HashMap::new();
        for one in txn.deliveries_known(&self.scope, &keys).await? {
            if one.state.open() {
                *writes.entry(planned_as(&one.subject).to_owned()).or_default() += 1;
            }
        }
        Ok(rows.iter().find_map(|row| {
            erasure::open_work(&Standing {
                status: &row.status,
                dirty: row.dirty_at.is_some(),
                watched: row.watch_at.is_some(),
                held: row.held,
                writes: writes.get(&row.key).copied().unwrap_or(0),
            })
        }))
    }

    async fn forget_person(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        subjects: &[String],
        rows: &[SubjectRow],
        wanted: &Wanted,
    ) -> Result<()> {
        let sales: HashMap<String, OrderRead> = load(txn, &self.scope, SALES, subjects).await?;
        let requests: HashMap<String, RequestRead> =
            load(txn, &self.scope, REQUEST, subjects).await?;
        let company = self.settings().company.clone();
        let mut entries = Vec::new();
        let mut kept = Vec::new();
        for subject in subjects {
            let asked = requests.get(subject).map(|read| as_read(read, &company));
            let read = sales.get(subject).or(asked.as_ref());
            let orders = read.and_then(|read| read.order.as_ref());
            let numbers: Vec<String> =
                orders.iter().map(|o| o.customer_reference.clone()).collect();
            if !txn.person_erase(&self.scope, subject, now).await? {
                continue;
            }
            txn.numbers_remove(&self.scope, subject, &numbers).await?;
            let left = erasure::left(read);
            let erased = Erased { who: wanted.who.clone(), at: now, left };
            kept.push(plain(erasure::KEPT, subject, now, &erased)?);
            let why = format!("Asked by {} on {}.", wanted.who, wanted.at.date());
            let why = match wanted.why.as_str() {
                "" => why,
                reason => format!("{why} {reason}"),
            };
            entries.push(trail::entry(now, trail::ENGINE, "personal data erased", subject, why));
        }
        if entries.is_empty() {
            let why = "Nothing personal is kept of it.".to_owned();
            let subject = subjects.first().map_or("", String::as_str);
            entries.push(trail::entry(now, trail::ENGINE, "nothing to erase", subject, why));
        }
        txn.observations_put(&self.scope, kept).await?;
        txn.trail_append(&self.scope, entries).await?;
        let updates = rows.iter().map(|row| at_rest(row, false)).collect();
        txn.subjects_update(&self.scope, updates, now).await?;
        let value = format!("{} {}", now.0, subjects.join(" "));
        txn.cursor_put(&self.scope, CURSOR, &value, now).await?;
        Ok(())
    }

    /// Erases orders that have been at rest for longer than their personal data is kept.
    pub(crate) async fn retain_persons(
        &self,
        txn: &mut Txn,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<u64> {
        let mut gone = 0;
        for subject in txn.retain_persons(&self.scope, before, PERSONS).await? {
            let subjects = self.one_person(txn, &subject).await?;
            let rows = txn.subjects(&self.scope, &subjects).await?;
            if rows.iter().any(|row| row.updated_at >= before)
                || self.still_open(txn, &rows).await?.is_some()
            {
                continue;
            }
            let who = trail::ENGINE.to_owned();
            let why = "Kept for its time.".to_owned();
            let wanted = Wanted { who, why, at: now, waits: String::new() };
            self.forget_person(txn, now, &subjects, &rows, &wanted).await?;
            gone += 1;
        }
        Ok(gone)
    }

    /// Takes erased orders off the list of what is to be planned: there is nothing to plan from.
    /// Returns the others.
    pub(crate) async fn without_erased(&self, rows: Vec<SubjectRow>) -> Result<Vec<SubjectRow>> {
        let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
        let erased = self.store.read().await?.erased(&self.scope, &keys).await?;
        if erased.is_empty() {
            return Ok(rows);
        }
        let (gone, rest): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| erased.contains(&row.key));
        let now = self.now();
        let mut work = self.begin("plan.erased").await?;
        let keys: Vec<String> = gone.iter().map(|row| row.key.clone()).collect();
        let open = work.txn.holds_open(&self.scope, &keys).await?;
        let held: HashSet<String> = open.into_iter().map(|hold| hold.subject).collect();
        let updates = gone.iter().map(|row| at_rest(row, held.contains(&row.key))).collect();
        work.txn.subjects_update(&self.scope, updates, now).await?;
        work.commit().await?;
        Ok(rest)
    }

    /// Tells a person of erased orders that Dynamics wants shipped again; part of storing reads.
    pub(crate) async fn judge_erased(&self, txn: &mut Txn, reads: &[&OrderRead]) -> Result<()> {
        let keys: Vec<String> = reads.iter().map(|r| r.number.as_str().to_owned()).collect();
        let gone = txn.erased(&self.scope, &keys).await?;
        if gone.is_empty() {
            return Ok(());
        }
        let (now, settings) = (self.now(), self.settings());
        let keys: Vec<String> = gone.into_iter().collect();
        let mut known: HashMap<String, Erased> = HashMap::new();
        for row in txn.observations(&self.scope, erasure::KEPT, &keys).await? {
            if let Some(body) = &row.body {
                known.insert(row.key.clone(), decode(erasure::KEPT, &row.key, body)?);
            }
        }
        let mut dismissed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in txn.decisions(&self.scope, &keys).await? {
            let hold = one.why.split_once(crate::command::DISMISSED).map(|(hold, _)| hold);
            dismissed.entry(one.subject).or_default().extend(hold.map(str::to_owned));
        }
        let mut wanted = Vec::new();
        for read in reads {
            let key = read.number.as_str();
            let Some(erased) = known.get(key) else { continue };
            let Some(reason) = erasure::came_back(erased, read, &settings) else { continue };
            if dismissed.get(key).is_some_and(|ids| ids.contains(&reason.identity())) {
                continue;
            }
            wanted.push(NewHold {
                subject: key.to_owned(),
                flow: "orders".to_owned(),
                cause: reason.cause.clone(),
                field: reason.field.clone(),
                reason: reason.reason.clone(),
                fix: reason.fix.clone(),
                value: reason.value.clone(),
            });
        }
        let judged = known.into_keys().map(|key| (key, "orders".to_owned())).collect();
        let changes = txn.holds_reconcile(&self.scope, judged, wanted, trail::ENGINE, now).await?;
        let mut entries = Vec::new();
        for hold in changes.opened {
            let why = format!("{} {}", hold.reason, hold.fix);
            entries.push(trail::entry(now, trail::ENGINE, "hold opened", &hold.subject, why));
        }
        for hold in changes.closed {
            let why = format!("Healed: {}", hold.reason);
            entries.push(trail::entry(now, trail::ENGINE, "hold closed", &hold.subject, why));
        }
        txn.trail_append(&self.scope, entries).await?;
        Ok(())
    }

    /// The same for requests, each as the order it is planned as.
    pub(crate) async fn judge_erased_requests(
        &self,
        txn: &mut Txn,
        reads: &RequestsRead,
    ) -> Result<()> {
        let company = self.settings().company.clone();
        let asked: Vec<OrderRead> =
            reads.requests.iter().map(|read| as_read(read, &company)).collect();
        self.judge_erased(txn, &asked.iter().collect::<Vec<_>>()).await
    }

    /// Forgets keys of persons that another owner may have destroyed.
    pub(crate) async fn forget_erased(&self) -> Result<()> {
        let row = self.store.read().await?.cursor(&self.scope, CURSOR).await?;
        let said = row.map(|(value, _)| value);
        if self.remember().erasures.seen != said {
            self.store.forget_keys();
            self.remember().erasures.seen = said;
        }
        Ok(())
    }
}

/// A request as the order it is planned as, under its own subject.
fn as_read(read: &RequestRead, company: &domain::ids::Company) -> OrderRead {
    OrderRead {
        number: SalesOrderNumber::new(request::subject(&read.id)),
        order: read.request.as_ref().map(|one| one.as_order(company, None, true)),
        read_began: read.read_began,
    }
}

fn at_rest(row: &SubjectRow, held: bool) -> SubjectUpdate {
    SubjectUpdate {
        key: row.key.clone(),
        seen_marks: row.marks,
        plan_at: None,
        watch_at: None,
        status: row.status.clone(),
        sentence: SENTENCE.to_owned(),
        milestones: row.milestones,
        held,
        last_plan: row.last_plan,
    }
}

//! Counting journals: drafted after a run, approved by a person where asked, written in two kinds of calls (the header,
//! then its lines), and followed until F&O has posted them. A journal is a subject of its own, `journal:` + its token;
//! it has no row among the orders.

use super::centres;
use super::compare::countable;
use crate::courier::{Claimed, Outcome, hold_outcome};
use crate::error::Result;
use crate::kept::{decode, encode, plain};
use crate::parts::Engine;
use crate::resolve::still_open;
use crate::trail;
use domain::disposition::HoldReason;
use domain::flows::inventory::{Draft, Journal, JournalState, Judged, LINES_PER_WRITE, draft};
use domain::operation::{Lane, Operation, System};
use domain::settings::Profile;
use domain::stock::{
    Inventory, ItemKey, JOURNAL_SUBJECT, JOURNALS as OPEN, JOURNALS_CLOSED as CLOSED, JournalRead,
    NewJournal, NewLines,
};
use domain::time::{Span, Timestamp};
use domain::units;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{
    DeliveryState, KnownDelivery, NewDelivery, NewHold, NewPlan, Observation, Reader, Retired,
    StockVerdict, TrailEntry, Txn, whole_skus,
};

/// A journal being written is looked at again after this.
const AGAIN: Span = Span::seconds(30);
/// F&O is asked so often whether a journal is posted.
const POSTED_AGAIN: Span = Span::minutes(15);
/// Rows looked through for variances at once.
const ROWS: usize = 1_000;
/// Lines drafted in one night; the rest comes the next night.
const LINES_A_NIGHT: usize = 20_000;
/// Open journals of one connection.
const JOURNALS: usize = 500;
/// What a refusal leaves behind until the journal was read.
const REFUSED: &str = "refused:";

/// What a night drafts, ready to be stored.
#[derive(Default)]
pub(super) struct Drafted {
    pub(super) rows: Vec<Observation>,
    /// Tokens of open journals that are closed.
    pub(super) gone: Vec<String>,
    pub(super) cursors: Vec<(String, String)>,
    pub(super) entries: Vec<TrailEntry>,
}

fn subject(token: &str) -> String {
    format!("{JOURNAL_SUBJECT}{token}")
}

fn first_cursor(warehouse: &str) -> String {
    format!("stock.first.{warehouse}")
}

impl Engine {
    async fn open_journals(&self, reader: &mut Reader) -> Result<Vec<Journal>> {
        let rows = reader.observations_of_kind(&self.scope, OPEN, "", JOURNALS).await?;
        let bodies = rows.iter().filter_map(|row| Some((&row.key, row.body.as_ref()?)));
        bodies.map(|(key, body)| decode(OPEN, key, body)).collect()
    }

    /// Shelves that stand in a journal that is not posted.
    pub(super) async fn counted(&self, reader: &mut Reader) -> Result<BTreeSet<(String, i64)>> {
        let centre_of: HashMap<String, i64> =
            centres(&self.settings()).into_iter().map(|(c, w)| (w.to_lowercase(), c)).collect();
        let mut all = BTreeSet::new();
        for journal in self.open_journals(reader).await?.iter().filter(|j| j.state.open()) {
            let centre = centre_of.get(&journal.warehouse.as_str().to_lowercase());
            for line in &journal.lines {
                all.extend(centre.map(|centre| (line.sku.clone(), *centre)));
            }
        }
        Ok(all)
    }

    /// Journals of what the run could not explain. A proposal nobody answered gives way to the new one.
    pub(super) async fn draft_journals(&self, run: i64, inventory: &Inventory) -> Result<Drafted> {
        let mut drafted = Drafted::default();
        if inventory.mode != domain::stock::Mode::CountingJournal {
            return Ok(drafted);
        }
        let now = self.now();
        let variances = self.variances(run).await?;
        let mut reader = self.store.read().await?;
        let open = self.open_journals(&mut reader).await?;
        let stale = open.into_iter().filter(|j| j.state == JournalState::Proposed);
        for mut journal in stale {
            journal.state = JournalState::Dropped;
            journal.ask = "a newer comparison took its place".to_owned();
            drafted.close(now, &journal)?;
        }
        let (settings, fo) = (self.settings(), self.remember().fo.clone());
        for map in settings.warehouses.iter().filter(|m| m.profile == Profile::Plain) {
            let name = first_cursor(map.warehouse.as_str());
            let first = reader.cursor(&self.scope, &name).await?.is_none();
            let of = variances.get(&map.mapping.home().0).map(Vec::as_slice).unwrap_or_default();
            if of.is_empty() {
                if first {
                    drafted.cursors.push((name, "nothing to count".to_owned()));
                }
                continue;
            }
            let sites = fo.as_ref().map(|fo| fo.warehouses.as_slice()).unwrap_or_default();
            let site = sites.iter().find(|w| w.id.same_as(map.warehouse.as_str()));
            let site = site.map(|w| w.site.clone()).unwrap_or_default();
            for journal in draft(&map.warehouse, &site, now, inventory.threshold, first, of) {
                let lines = journal.lines.len();
                let what = match journal.state {
                    JournalState::Proposed => format!(
                        "{lines} line(s) wait for a person: {}. Approve or reject it on the stock page.",
                        journal.ask
                    ),
                    _ => format!("{lines} line(s) are written to Dynamics."),
                };
                let title = "counting journal drafted";
                let of = subject(&journal.token);
                drafted.entries.push(trail::entry(now, trail::ENGINE, title, &of, what));
                drafted.rows.push(plain(OPEN, &journal.token, now, &journal)?);
            }
        }
        Ok(drafted)
    }

    /// What can be counted, by centre.
    async fn variances(&self, run: i64) -> Result<BTreeMap<i64, Vec<Draft>>> {
        let (settings, fo) = (self.settings(), self.remember().fo.clone());
        let conversions = fo.map(|fo| fo.conversions.clone()).unwrap_or_default();
        let mut all: BTreeMap<i64, Vec<Draft>> = BTreeMap::new();
        let (mut after, mut lines) = (String::new(), 0);
        while lines < LINES_A_NIGHT {
            let mut reader = self.store.read().await?;
            let rows = reader.stock_in_state(&self.scope, countable(), &after, ROWS).await?;
            drop(reader);
            let rows = whole_skus(rows, ROWS);
            let Some(last) = rows.last().map(|row| row.sku.clone()) else { break };
            for row in rows.into_iter().filter(|row| row.run == run) {
                let (product, unit) =
                    (row.product.unwrap_or_default(), row.unit.unwrap_or_default());
                let each =
                    units::eaches_per_unit(&product, &unit, &settings.each_units, &conversions);
                let key: Option<ItemKey> =
                    row.item.and_then(|item| decode("item", &row.sku, item.as_bytes()).ok());
                let (Some(each), Some(key)) = (each, key) else { continue };
                let physical = row.physical.filter(|_| row.fo_run == run);
                let physical = physical.and_then(|text| text.parse::<Decimal>().ok());
                all.entry(row.centre).or_default().push(Draft {
                    sku: row.sku,
                    key,
                    physical: physical.unwrap_or_default(),
                    each,
                    variance: row.variance,
                });
                lines += 1;
            }
            after = last;
        }
        Ok(all)
    }

    /// Brings every open journal one step further; false when nothing was due.
    pub(super) async fn journals(&self, inventory: &Inventory) -> Result<bool> {
        let now = self.now();
        if self.remember().stock.journals_due.is_none_or(|due| now < due) {
            return Ok(false);
        }
        let mut reader = self.store.read().await?;
        let open = self.open_journals(&mut reader).await?;
        let subjects: Vec<String> = open.iter().map(|j| subject(&j.token)).collect();
        let mut known: HashMap<String, Vec<KnownDelivery>> = HashMap::new();
        for row in reader.deliveries_known(&self.scope, &subjects).await? {
            known.entry(row.subject.clone()).or_default().push(row);
        }
        drop(reader);
        let (mut worked, mut next) = (false, None::<Timestamp>);
        let mut writing = false;
        for journal in open {
            let of = known.remove(&subject(&journal.token)).unwrap_or_default();
            let due = match journal.state {
                JournalState::Approved => {
                    // What is held waits for a person.
                    writing |= !of.iter().any(|d| d.state == DeliveryState::Held);
                    worked |= self.write_journal(journal, &of, inventory).await?;
                    now + AGAIN
                }
                JournalState::Written => {
                    let due = journal.looked.map_or(now, |at| at + POSTED_AGAIN);
                    if due <= now {
                        worked |= self.follow_journal(journal).await?;
                        now + POSTED_AGAIN
                    } else {
                        due
                    }
                }
                JournalState::Proposed | JournalState::Posted | JournalState::Dropped => continue,
            };
            next = Some(next.map_or(due, |at| at.min(due)));
        }
        let mut memory = self.remember();
        memory.stock.journals_due = next;
        memory.stock.writing = writing;
        Ok(worked)
    }

    /// Header, its number, lines; whatever is missing of it.
    async fn write_journal(
        &self,
        mut journal: Journal,
        known: &[KnownDelivery],
        inventory: &Inventory,
    ) -> Result<bool> {
        let state_of = |key: &str| known.iter().find(|d| d.business_key == key).map(|d| d.state);
        let head = format!("journal:{}", journal.token);
        match state_of(&head) {
            None | Some(DeliveryState::Withdrawn | DeliveryState::Superseded) => {
                let operation = Operation::CreateJournal(NewJournal {
                    token: journal.token.clone(),
                    name: inventory.journal.clone(),
                    site: journal.site.clone(),
                    warehouse: journal.warehouse.clone(),
                });
                return self.wish_journal(&journal, vec![(head, operation)]).await;
            }
            Some(DeliveryState::Held | DeliveryState::Refused) => {
                return self.hold_journal(&journal, known).await;
            }
            Some(DeliveryState::Done) => {}
            Some(_) => return Ok(false),
        }
        let Some(number) = journal.number.clone() else {
            let Some(read) = self.read_journal(&journal.token).await? else { return Ok(false) };
            let Some(read) = read else { return Ok(false) };
            journal.number = Some(read.number);
            return self.put_journal(&journal, OPEN, Vec::new()).await;
        };
        self.write_lines(journal, &number, known, inventory).await
    }

    /// The lines that are missing, and the end of it.
    async fn write_lines(
        &self,
        mut journal: Journal,
        number: &str,
        known: &[KnownDelivery],
        inventory: &Inventory,
    ) -> Result<bool> {
        let state_of = |key: &str| known.iter().find(|d| d.business_key == key).map(|d| d.state);
        let mut wishes = Vec::new();
        let (mut done, mut held) = (true, false);
        for (nth, lines) in journal.lines.chunks(LINES_PER_WRITE).enumerate() {
            let key = format!("journal-lines:{}:{nth}", journal.token);
            match state_of(&key) {
                Some(DeliveryState::Done) => {}
                Some(DeliveryState::Held | DeliveryState::Refused) => {
                    held = true;
                    done = false;
                }
                None | Some(DeliveryState::Withdrawn | DeliveryState::Superseded) => {
                    done = false;
                    let operation = Operation::WriteJournalLines(NewLines {
                        token: journal.token.clone(),
                        journal: number.to_owned(),
                        site: journal.site.clone(),
                        warehouse: journal.warehouse.clone(),
                        at: journal.at,
                        reason: inventory.reason.clone(),
                        lines: lines.to_vec(),
                    });
                    wishes.push((key, operation));
                }
                Some(_) => done = false,
            }
        }
        if done {
            journal.state = JournalState::Written;
            let why = format!("Journal {number} stands in Dynamics and waits to be posted there.");
            let entry = self.told("counting journal written", &journal, why);
            return self.put_journal(&journal, OPEN, vec![entry]).await;
        }
        if wishes.is_empty() && !held {
            return Ok(false);
        }
        // Somebody may have posted it with the lines that were there.
        let Some(read) = self.read_journal(&journal.token).await? else { return Ok(false) };
        if let Some(read) = read.filter(|read| read.posted) {
            return self.posted_meanwhile(journal, known, &read).await;
        }
        if held {
            return self.hold_journal(&journal, known).await;
        }
        self.wish_journal(&journal, wishes).await
    }

    /// Posted, or deleted, in F&O?
    async fn follow_journal(&self, mut journal: Journal) -> Result<bool> {
        let Some(read) = self.read_journal(&journal.token).await? else { return Ok(false) };
        journal.looked = Some(self.now());
        let number = journal.number.clone().unwrap_or_default();
        match read {
            Some(read) if read.posted => {
                journal.state = JournalState::Posted;
                let why = format!("Journal {number} is posted in Dynamics.");
                let entry = self.told("counting journal posted", &journal, why);
                self.close_journal(&journal, vec![entry]).await
            }
            Some(_) => self.put_journal(&journal, OPEN, Vec::new()).await,
            None => {
                journal.state = JournalState::Dropped;
                let why = format!(
                    "Journal {number} is gone from Dynamics: what it counted is compared again."
                );
                let entry = self.told("counting journal deleted", &journal, why);
                self.close_journal(&journal, vec![entry]).await
            }
        }
    }

    /// A person posted it half written: what was not in it comes with the next one.
    async fn posted_meanwhile(
        &self,
        mut journal: Journal,
        known: &[KnownDelivery],
        read: &JournalRead,
    ) -> Result<bool> {
        let flying =
            |d: &KnownDelivery| matches!(d.state, DeliveryState::InFlight | DeliveryState::InDoubt);
        if known.iter().any(flying) {
            return Ok(false);
        }
        journal.state = JournalState::Posted;
        let there: BTreeSet<i64> = read.lines.iter().copied().collect();
        let missing = journal.lines.iter().filter(|l| !there.contains(&l.number)).count();
        journal.lines.retain(|line| there.contains(&line.number));
        let why = format!(
            "It was posted in Dynamics before all lines were written; {missing} line(s) come with the next journal."
        );
        let entry = self.told("counting journal posted", &journal, why);
        let open =
            known.iter().filter(|d| matches!(d.state, DeliveryState::Ready | DeliveryState::Held));
        let ids: Vec<i64> = open.map(|d| d.id).collect();
        let now = self.now();
        let mut work = self.begin("stock.posted").await?;
        work.txn.deliveries_retire(&self.scope, ids, Retired::Withdrawn, now).await?;
        let planned = vec![(subject(&journal.token), flow().to_owned())];
        work.txn.holds_reconcile(&self.scope, planned, Vec::new(), trail::ENGINE, now).await?;
        self.closed(&mut work.txn, &journal, vec![entry]).await?;
        work.commit().await?;
        Ok(true)
    }

    /// None: F&O cannot be read now.
    async fn read_journal(&self, token: &str) -> Result<Option<Option<JournalRead>>> {
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(None);
        }
        match self.dynamics.journal(self.now(), token).await {
            Ok(read) => {
                self.good(System::Dynamics);
                Ok(Some(read))
            }
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                Ok(None)
            }
        }
    }

    async fn wish_journal(
        &self,
        journal: &Journal,
        wishes: Vec<(String, Operation)>,
    ) -> Result<bool> {
        let now = self.now();
        let subject = subject(&journal.token);
        let keys: Vec<&str> = wishes.iter().map(|(key, _)| key.as_str()).collect();
        let plan = NewPlan {
            subject: subject.clone(),
            made_at: now,
            settings_version: self.settings().version,
            facts: encode(journal)?,
            outcome: String::from_utf8_lossy(&encode(&keys)?).into_owned(),
        };
        let settle = self.settings().settle.dynamics;
        let mut work = self.begin("stock.wish").await?;
        let ids = work.txn.plans_put(&self.scope, vec![plan]).await?;
        let Some(plan_id) = ids.first().copied() else { return Ok(false) };
        let mut rows = Vec::with_capacity(wishes.len());
        for (seq, (business_key, operation)) in (0_i64..).zip(wishes) {
            rows.push(NewDelivery {
                subject: subject.clone(),
                plan_id,
                seq,
                business_key,
                operation: operation.name().to_owned(),
                lane: operation.lane() as i64,
                body: encode(&operation)?,
                not_before: now,
                settle,
            });
        }
        work.txn.deliveries_put(&self.scope, rows, now).await?;
        work.commit().await?;
        Ok(true)
    }

    /// What F&O refused waits for a person; it goes on when he asks to try again.
    async fn hold_journal(&self, journal: &Journal, known: &[KnownDelivery]) -> Result<bool> {
        let subject = subject(&journal.token);
        let held = known.iter().filter(|d| d.state == DeliveryState::Held);
        let reasons = held.filter_map(|d| {
            let reason: HoldReason = serde_json::from_str(d.outcome.as_deref()?).ok()?;
            Some(NewHold {
                subject: subject.clone(),
                flow: flow().to_owned(),
                cause: reason.cause,
                field: reason.field,
                reason: reason.reason,
                fix: reason.fix,
                value: reason.value,
            })
        });
        let wanted: Vec<NewHold> = reasons.collect();
        let open = self
            .store
            .read()
            .await?
            .holds_open(&self.scope, std::slice::from_ref(&subject))
            .await?;
        if open.len() == wanted.len() {
            return Ok(false);
        }
        let now = self.now();
        let planned = vec![(subject, flow().to_owned())];
        let mut work = self.begin("stock.hold").await?;
        work.txn.holds_reconcile(&self.scope, planned, wanted, trail::ENGINE, now).await?;
        work.commit().await?;
        Ok(true)
    }

    async fn put_journal(
        &self,
        journal: &Journal,
        kind: &str,
        entries: Vec<TrailEntry>,
    ) -> Result<bool> {
        let row = plain(kind, &journal.token, self.now(), journal)?;
        let mut work = self.begin("stock.journal").await?;
        work.txn.observations_put(&self.scope, vec![row]).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        work.commit().await?;
        Ok(true)
    }

    async fn close_journal(&self, journal: &Journal, entries: Vec<TrailEntry>) -> Result<bool> {
        let mut work = self.begin("stock.journal").await?;
        self.closed(&mut work.txn, journal, entries).await?;
        work.commit().await?;
        Ok(true)
    }

    async fn closed(
        &self,
        txn: &mut Txn,
        journal: &Journal,
        entries: Vec<TrailEntry>,
    ) -> Result<()> {
        if journal.state == JournalState::Posted {
            self.forget_found(txn, journal).await?;
        }
        let row = plain(CLOSED, &journal.token, self.now(), journal)?;
        txn.observations_put(&self.scope, vec![row]).await?;
        txn.observations_remove(&self.scope, OPEN, std::slice::from_ref(&journal.token)).await?;
        txn.trail_append(&self.scope, entries).await?;
        Ok(())
    }

    /// What was lost or found stands in F&O now: it must not explain a later difference.
    async fn forget_found(&self, txn: &mut Txn, journal: &Journal) -> Result<()> {
        let here: BTreeSet<i64> = centres(&self.settings())
            .into_iter()
            .filter(|(_, warehouse)| journal.warehouse.same_as(warehouse))
            .map(|(centre, _)| centre)
            .collect();
        let mut verdicts = Vec::new();
        for line in &journal.lines {
            let rows = txn.stock_of(&self.scope, &line.sku).await?;
            for row in rows.into_iter().filter(|row| here.contains(&row.centre)) {
                let mut judged: Judged = decode("stock", &row.sku, row.judged.as_bytes())?;
                judged.sums.found = 0;
                verdicts.push(StockVerdict {
                    sku: row.sku,
                    centre: row.centre,
                    state: row.state,
                    variance: row.variance,
                    judged: String::from_utf8_lossy(&encode(&judged)?).into_owned(),
                });
            }
        }
        txn.stock_judged(&self.scope, self.now(), verdicts, Vec::new()).await?;
        Ok(())
    }

    fn told(&self, what: &str, journal: &Journal, why: String) -> TrailEntry {
        trail::entry(self.now(), trail::ENGINE, what, &subject(&journal.token), why)
    }

    /// A person said yes or no to a proposal, or asks to try again what F&O refused.
    pub(crate) async fn journal_command(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        command: &crate::Command,
        subject: &str,
    ) -> Result<()> {
        let token = subject.strip_prefix(JOURNAL_SUBJECT).unwrap_or(subject).to_owned();
        let rows = txn.observations(&self.scope, OPEN, std::slice::from_ref(&token)).await?;
        let body = rows.into_iter().next().and_then(|row| row.body);
        let Some(mut journal) =
            body.map(|body| decode::<Journal>(OPEN, &token, &body)).transpose()?
        else {
            tracing::warn!(token, "journal.unknown");
            return Ok(());
        };
        let proposed = journal.state == JournalState::Proposed;
        let what = match command.verb {
            crate::Verb::Release if proposed => {
                journal.state = JournalState::Approved;
                let name = first_cursor(journal.warehouse.as_str());
                txn.cursor_put(&self.scope, &name, &command.who, now).await?;
                "approved a counting journal"
            }
            crate::Verb::Skip if proposed => {
                journal.state = JournalState::Dropped;
                "rejected a counting journal"
            }
            crate::Verb::Retry => {
                let known = txn.deliveries_known(&self.scope, &[subject.to_owned()]).await?;
                let held = known.iter().filter(|d| d.state == DeliveryState::Held);
                let ids = held.map(|d| d.id).collect();
                txn.deliveries_reopen(&self.scope, ids, now, now).await?;
                let planned = vec![(subject.to_owned(), flow().to_owned())];
                txn.holds_reconcile(&self.scope, planned, Vec::new(), &command.who, now).await?;
                "asked to try again"
            }
            _ => {
                tracing::warn!(verb = ?command.verb, token, "command.makes_no_sense");
                return Ok(());
            }
        };
        journal.said = Some((command.who.clone(), now));
        let why = command.why.clone().unwrap_or_default();
        let mut entry = trail::entry(now, &command.who, what, subject, why);
        entry.request_id = Some(command.request_id.clone()).filter(|id| !id.is_empty());
        if journal.state == JournalState::Dropped {
            self.closed(txn, &journal, vec![entry]).await?;
        } else {
            let row = plain(OPEN, &token, now, &journal)?;
            txn.observations_put(&self.scope, vec![row]).await?;
            txn.trail_append(&self.scope, vec![entry]).await?;
        }
        let mut memory = self.remember();
        memory.stock.journals_due = Some(now);
        memory.stock.writing = true;
        Ok(())
    }

    /// Looks up journals in doubt.
    pub(crate) async fn look_at_journals(&self, mine: &[Claimed]) -> Result<Option<Vec<Outcome>>> {
        let mut reads: HashMap<String, Option<JournalRead>> = HashMap::new();
        let mut outcomes = Vec::with_capacity(mine.len());
        for c in mine {
            let token = match &c.operation {
                Operation::CreateJournal(new) => &new.token,
                Operation::WriteJournalLines(new) => &new.token,
                _ => continue,
            };
            let began = self.now();
            if !reads.contains_key(token) {
                let Some(read) = self.read_journal(token).await? else { break };
                reads.insert(token.clone(), read);
            }
            let read = reads.get(token).and_then(Option::as_ref);
            outcomes.push(judge(c, began, read));
        }
        self.remember().stock.journals_due = Some(self.now());
        Ok((!outcomes.is_empty()).then_some(outcomes))
    }
}

/// What a look at a journal comes to.
pub(crate) fn judge(c: &Claimed, began: Timestamp, read: Option<&JournalRead>) -> Outcome {
    let there = match (&c.operation, read) {
        (Operation::CreateJournal(_), Some(_)) => true,
        (Operation::WriteJournalLines(new), Some(read)) => {
            !new.lines.is_empty() && new.lines.iter().all(|l| read.lines.contains(&l.number))
        }
        _ => false,
    };
    if there {
        return Outcome::done(c, "found in Dynamics, not repeated.");
    }
    let posted = read.is_some_and(|read| read.posted);
    if posted {
        return Outcome::withdrawn(c, "the journal was posted meanwhile.");
    }
    let memory = c.row.outcome.clone().unwrap_or_default();
    match memory.strip_prefix(REFUSED) {
        Some(why) => hold_outcome(
            c,
            &HoldReason::new(
                "dynamics-refused",
                c.operation.name(),
                "",
                &format!("Dynamics refuses it: {why}"),
                "Mend what Dynamics names, then press Retry.",
            ),
        ),
        None => still_open(c, began).remembering(&memory),
    }
}

/// F&O said no to lines: whether that is for ever is seen in the journal.
pub(crate) fn refused_lines(c: &Claimed, now: Timestamp, why: &str) -> Outcome {
    let words = format!("Dynamics refuses it ({why}); the journal is looked at.");
    Outcome::in_doubt(c, now, now, &words).remembering(&format!("{REFUSED}{why}"))
}

/// Name of the flow in holds.
fn flow() -> &'static str {
    "inventory"
}

impl Drafted {
    fn close(&mut self, now: Timestamp, journal: &Journal) -> Result<()> {
        self.rows.push(plain(CLOSED, &journal.token, now, journal)?);
        self.gone.push(journal.token.clone());
        Ok(())
    }
}

//! Journals that are open: written in pieces (the header, then lines; or adjustments), and followed until F&O has posted
//! them. A journal is a subject of its own, `journal:` + its token; it has no row among the orders.

use crate::error::Result;
use crate::kept::{decode, encode, plain};
use crate::parts::Engine;
use crate::trail;
use domain::flows::inventory::{Journal, JournalState, Judged, LINES_PER_WRITE};
use domain::operation::{Lane, Operation, System};
use domain::stock::{
    CountLine, Inventory, JOURNAL_SUBJECT, JOURNALS as OPEN, JOURNALS_CLOSED as CLOSED,
    JournalKind, JournalRead, NewAdjustments, NewJournal, NewLines,
};
use domain::time::{Span, Timestamp};
use std::collections::{BTreeSet, HashMap};
use store::{
    DeliveryState, KnownDelivery, NewDelivery, NewPlan, Retired, StockVerdict, TrailEntry, Txn,
};

/// A journal being written is looked at again after this.
const AGAIN: Span = Span::seconds(30);
/// F&O is asked so often whether a journal is posted.
const POSTED_AGAIN: Span = Span::minutes(15);

pub(super) fn subject(token: &str) -> String {
    format!("{JOURNAL_SUBJECT}{token}")
}

pub(super) fn first_cursor(warehouse: &str) -> String {
    format!("stock.first.{warehouse}")
}

/// Name of the flow in holds.
pub(super) fn flow() -> &'static str {
    "inventory"
}

/// Lines of one change set: what they are called, and the lines.
pub(super) type Piece<'a> = (String, &'a [CountLine]);

/// What of a journal is written as one: change sets, and single lines of those F&O refused as a whole.
pub(super) fn pieces(journal: &Journal) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    for (nth, lines) in journal.lines.chunks(LINES_PER_WRITE).enumerate() {
        if journal.split.contains(&nth) {
            let single = |line| {
                let number = std::slice::from_ref::<CountLine>(line);
                (format!("journal-line:{}:{}", journal.token, line.number), number)
            };
            all.extend(lines.iter().filter(|line| !line.left_out).map(single));
        } else {
            all.push((format!("journal-lines:{}:{nth}", journal.token), lines));
        }
    }
    all
}

/// Where the lines of a journal stand.
#[derive(Default)]
struct Progress {
    open: bool,
    held: bool,
    wishes: Vec<(String, Operation)>,
    /// Change sets to be written line by line, with the delivery that was refused.
    split: Vec<(usize, i64)>,
}

impl Engine {
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
                        worked |= match journal.kind {
                            JournalKind::Counting => self.follow_journal(journal).await?,
                            JournalKind::Adjustments => {
                                self.follow_adjustments(journal, inventory).await?
                            }
                        };
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
        if journal.kind == JournalKind::Adjustments {
            return self.write_lines(journal, "", known, inventory).await;
        }
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

    fn progress(
        &self,
        journal: &Journal,
        number: &str,
        known: &[KnownDelivery],
        inventory: &Inventory,
    ) -> Progress {
        let mut it = Progress::default();
        for (key, lines) in pieces(journal) {
            let delivery = known.iter().find(|d| d.business_key == key);
            match delivery.map(|d| d.state) {
                Some(DeliveryState::Done) => continue,
                Some(DeliveryState::Held | DeliveryState::Refused) => {
                    it.held = true;
                    let place = lines.first().map_or(0, |line| line.number - 1);
                    let place = usize::try_from(place).unwrap_or(0) / LINES_PER_WRITE;
                    it.split.extend(delivery.filter(|_| lines.len() > 1).map(|d| (place, d.id)));
                }
                None | Some(DeliveryState::Withdrawn | DeliveryState::Superseded) => {
                    it.wishes.push((key, written_as(journal, number, lines, inventory)));
                }
                Some(_) => {}
            }
            it.open = true;
        }
        it
    }

    /// The lines that are missing, and the end of it.
    async fn write_lines(
        &self,
        mut journal: Journal,
        number: &str,
        known: &[KnownDelivery],
        inventory: &Inventory,
    ) -> Result<bool> {
        let progress = self.progress(&journal, number, known, inventory);
        if !progress.open {
            return self.all_written(journal, number).await;
        }
        if progress.wishes.is_empty() && !progress.held {
            return Ok(false);
        }
        if journal.kind == JournalKind::Counting {
            // Somebody may have posted it with the lines that were there.
            let Some(read) = self.read_journal(&journal.token).await? else { return Ok(false) };
            if let Some(read) = read.filter(|read| read.posted) {
                return self.posted_meanwhile(journal, known, &read).await;
            }
        }
        if !progress.split.is_empty() {
            // One bad line stops no other: what was refused as a whole is written line by line.
            let ids = progress.split.iter().map(|(_, id)| *id).collect();
            journal.split.extend(progress.split.iter().map(|(place, _)| *place));
            let now = self.now();
            let row = plain(OPEN, &journal.token, now, &journal)?;
            let mut work = self.begin("stock.split").await?;
            work.txn.deliveries_retire(&self.scope, ids, Retired::Withdrawn, now).await?;
            work.txn.observations_put(&self.scope, vec![row]).await?;
            work.commit().await?;
            self.remember().stock.journals_due = Some(now);
            return Ok(true);
        }
        if progress.wishes.is_empty() {
            return self.hold_journal(&journal, known).await;
        }
        self.wish_journal(&journal, progress.wishes).await
    }

    async fn all_written(&self, mut journal: Journal, number: &str) -> Result<bool> {
        journal.state = JournalState::Written;
        journal.written = Some(self.now());
        let (what, why) = match journal.kind {
            JournalKind::Counting => (
                "counting journal written",
                format!("Journal {number} stands in Dynamics and waits to be posted there."),
            ),
            JournalKind::Adjustments => (
                "stock adjustments written",
                "They stand in Dynamics; its jobs make journals of them and post those.".to_owned(),
            ),
        };
        let entry = self.told(what, &journal, why);
        self.put_journal(&journal, OPEN, vec![entry]).await
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
        self.closed(&mut work.txn, &journal, vec![entry]).await?;
        work.commit().await?;
        Ok(true)
    }

    /// None: F&O cannot be read now.
    pub(super) async fn read_journal(&self, token: &str) -> Result<Option<Option<JournalRead>>> {
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

    pub(super) async fn put_journal(
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

    pub(super) async fn close_journal(
        &self,
        journal: &Journal,
        entries: Vec<TrailEntry>,
    ) -> Result<bool> {
        let mut work = self.begin("stock.journal").await?;
        self.closed(&mut work.txn, journal, entries).await?;
        work.commit().await?;
        Ok(true)
    }

    pub(super) async fn closed(
        &self,
        txn: &mut Txn,
        journal: &Journal,
        entries: Vec<TrailEntry>,
    ) -> Result<()> {
        let planned = vec![(subject(&journal.token), flow().to_owned())];
        txn.holds_reconcile(&self.scope, planned, Vec::new(), trail::ENGINE, self.now()).await?;
        if journal.state == JournalState::Posted && journal.kind == JournalKind::Counting {
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
        let here: BTreeSet<i64> = self
            .settings()
            .warehouse(&journal.warehouse)
            .map(|map| map.mapping.centres().map(|centre| centre.0).collect())
            .unwrap_or_default();
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

    pub(super) fn told(&self, what: &str, journal: &Journal, why: String) -> TrailEntry {
        trail::entry(self.now(), trail::ENGINE, what, &subject(&journal.token), why)
    }
}

/// The write of some lines.
fn written_as(
    journal: &Journal,
    number: &str,
    lines: &[CountLine],
    inventory: &Inventory,
) -> Operation {
    let (token, warehouse) = (journal.token.clone(), journal.warehouse.clone());
    match journal.kind {
        JournalKind::Counting => Operation::WriteJournalLines(NewLines {
            token,
            warehouse,
            journal: number.to_owned(),
            site: journal.site.clone(),
            at: journal.at,
            reason: inventory.reason.clone(),
            lines: lines.to_vec(),
        }),
        JournalKind::Adjustments => Operation::AdjustStock(NewAdjustments {
            token,
            warehouse,
            system: inventory.external_system.clone(),
            status: inventory.inventory_status.clone(),
            prefix: journal.prefix.clone(),
            lines: lines.to_vec(),
        }),
    }
}

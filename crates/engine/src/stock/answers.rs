//! Journals in doubt, refused by F&O, or decided by a person.

use super::journals::{first_cursor, flow, pieces, subject};
use crate::courier::{Claimed, Outcome, hold_outcome};
use crate::error::Result;
use crate::kept::{decode, plain};
use crate::parts::Engine;
use crate::resolve::still_open;
use crate::trail;
use domain::disposition::HoldReason;
use domain::flows::inventory::{Journal, JournalState};
use domain::operation::Operation;
use domain::stock::{JOURNAL_SUBJECT, JOURNALS as OPEN, JournalKind, JournalRead};
use domain::time::Timestamp;
use std::collections::{HashMap, HashSet};
use store::{DeliveryState, KnownDelivery, NewHold, Retired, Txn};

/// What a refusal leaves behind until the journal was read.
const REFUSED: &str = "refused:";

impl Engine {
    /// What F&O refused waits for a person; it goes on when he asks to try again.
    pub(super) async fn hold_journal(
        &self,
        journal: &Journal,
        known: &[KnownDelivery],
    ) -> Result<bool> {
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
        self.hold_subject(subject, wanted).await
    }

    /// Makes the open holds of a journal what they should be; false when they are.
    pub(super) async fn hold_subject(&self, subject: String, wanted: Vec<NewHold>) -> Result<bool> {
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
        let words = match journal.kind {
            JournalKind::Counting => ("approved a counting journal", "rejected a counting journal"),
            JournalKind::Adjustments => {
                ("approved stock adjustments", "rejected stock adjustments")
            }
        };
        let what = match command.verb {
            crate::Verb::Release if proposed => {
                journal.state = JournalState::Approved;
                let name = first_cursor(journal.warehouse.as_str());
                txn.cursor_put(&self.scope, &name, &command.who, now).await?;
                words.0
            }
            crate::Verb::Skip if proposed => {
                journal.state = JournalState::Dropped;
                words.1
            }
            // Nobody waits for these adjustments any more: what F&O shows is compared anew.
            crate::Verb::Skip
                if journal.kind == JournalKind::Adjustments
                    && journal.state == JournalState::Written =>
            {
                journal.state = JournalState::Dropped;
                words.1
            }
            crate::Verb::Skip if journal.state == JournalState::Approved => {
                if !self.give_up(txn, now, &mut journal).await? {
                    tracing::warn!(token, "journal.is_being_written");
                    return Ok(());
                }
                "gave up what Dynamics refused"
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
        self.keep_answer(txn, now, command, (&journal, subject, what)).await?;
        let mut memory = self.remember();
        memory.stock.journals_due = Some(now);
        memory.stock.writing = true;
        Ok(())
    }

    async fn keep_answer(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        command: &crate::Command,
        (journal, subject, what): (&Journal, &str, &str),
    ) -> Result<()> {
        let why = command.why.clone().unwrap_or_default();
        let mut entry = trail::entry(now, &command.who, what, subject, why);
        entry.request_id = Some(command.request_id.clone()).filter(|id| !id.is_empty());
        if journal.state == JournalState::Dropped {
            self.closed(txn, journal, vec![entry]).await?;
        } else {
            let row = plain(OPEN, &journal.token, now, journal)?;
            txn.observations_put(&self.scope, vec![row]).await?;
            txn.trail_append(&self.scope, vec![entry]).await?;
        }
        Ok(())
    }

    /// Leaves out what F&O refused; all of it where nothing was written. False while a write is on its way.
    async fn give_up(&self, txn: &mut Txn, now: Timestamp, journal: &mut Journal) -> Result<bool> {
        let subject = subject(&journal.token);
        let known = txn.deliveries_known(&self.scope, std::slice::from_ref(&subject)).await?;
        let flying =
            |d: &KnownDelivery| matches!(d.state, DeliveryState::InFlight | DeliveryState::InDoubt);
        if known.iter().any(flying) {
            return Ok(false);
        }
        let open =
            |d: &&KnownDelivery| matches!(d.state, DeliveryState::Ready | DeliveryState::Held);
        let given_up: HashMap<&str, i64> =
            known.iter().filter(open).map(|d| (d.business_key.as_str(), d.id)).collect();
        let written: HashSet<&str> = known
            .iter()
            .filter(|d| d.state == DeliveryState::Done)
            .map(|d| d.business_key.as_str())
            .collect();
        let all = pieces(journal);
        if all.iter().any(|(key, _)| written.contains(key.as_str())) {
            let mut numbers = HashSet::new();
            for (key, lines) in all {
                if given_up.contains_key(key.as_str()) {
                    numbers.extend(lines.iter().map(|line| line.number));
                }
            }
            for line in journal.lines.iter_mut().filter(|line| numbers.contains(&line.number)) {
                line.left_out = true;
            }
        } else {
            journal.state = JournalState::Dropped;
        }
        let ids = given_up.into_values().collect();
        txn.deliveries_retire(&self.scope, ids, Retired::Withdrawn, now).await?;
        let planned = vec![(subject, flow().to_owned())];
        txn.holds_reconcile(&self.scope, planned, Vec::new(), trail::ENGINE, now).await?;
        Ok(true)
    }

    /// Looks up journals in doubt.
    pub(crate) async fn look_at_journals(&self, mine: &[Claimed]) -> Result<Option<Vec<Outcome>>> {
        let mut reads: HashMap<String, Option<JournalRead>> = HashMap::new();
        let mut outcomes = Vec::with_capacity(mine.len());
        for c in mine {
            let token = match &c.operation {
                Operation::CreateJournal(new) => &new.token,
                Operation::WriteJournalLines(new) => &new.token,
                Operation::AdjustStock(new) => {
                    let Some(outcome) = self.look_at_adjustments(c, new).await? else { break };
                    outcomes.push(outcome);
                    continue;
                }
                Operation::TellAvailable(_) => {
                    outcomes.push(super::available::settled(c, self.now()));
                    continue;
                }
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
fn judge(c: &Claimed, began: Timestamp, read: Option<&JournalRead>) -> Outcome {
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
    absent(c, began, read)
}

/// What comes of a write that is not there.
pub(super) fn absent(c: &Claimed, began: Timestamp, read: Option<&JournalRead>) -> Outcome {
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
                &field(&c.operation),
                "",
                &format!("Dynamics refuses it: {why}"),
                "Mend what Dynamics names, then press Retry.",
            ),
        ),
        None => still_open(c, began).remembering(&memory),
    }
}

/// What a hold is about: the SKU where one line is meant.
fn field(operation: &Operation) -> String {
    let lines = match operation {
        Operation::WriteJournalLines(new) => new.lines.as_slice(),
        Operation::AdjustStock(new) => new.lines.as_slice(),
        _ => &[],
    };
    match lines {
        [one] => one.sku.clone(),
        _ => operation.name().to_owned(),
    }
}

/// F&O said no to lines: whether that is for ever is seen in the journal.
pub(crate) fn refused_lines(c: &Claimed, now: Timestamp, why: &str) -> Outcome {
    let words = format!("Dynamics refuses it ({why}); the journal is looked at.");
    Outcome::in_doubt(c, now, now, &words).remembering(&format!("{REFUSED}{why}"))
}

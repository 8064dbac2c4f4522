//! External inventory adjustments: read back by the beginning of their ids, and followed until F&O's stock shows them.
//! Their set says nothing about posting; see [`domain::flows::inventory::settled`].

use super::answers::absent;
use super::journals::{flow, subject};
use crate::courier::{Claimed, Outcome, hold_outcome};
use crate::error::Result;
use crate::kept::{decode, plain};
use crate::parts::Engine;
use domain::disposition::HoldReason;
use domain::flows::inventory::{Journal, JournalState};
use domain::operation::{Lane, System};
use domain::stock::{AdjustmentRead, CountLine, Inventory, JOURNALS as OPEN, NewAdjustments};
use domain::time::Span;
use std::collections::BTreeMap;
use store::{NewHold, Txn};

/// The two jobs of F&O had their time.
const PATIENCE: Span = Span::hours(48);

impl Engine {
    /// None: F&O cannot be read now.
    async fn read_adjustments(
        &self,
        system: &str,
        prefix: &str,
    ) -> Result<Option<Vec<AdjustmentRead>>> {
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(None);
        }
        match self.dynamics.adjustments_like(self.now(), system, prefix).await {
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

    /// Looks up adjustments in doubt.
    pub(super) async fn look_at_adjustments(
        &self,
        c: &Claimed,
        new: &NewAdjustments,
    ) -> Result<Option<Outcome>> {
        let began = self.now();
        let Some(read) = self.read_adjustments(&new.system, &new.prefix).await? else {
            return Ok(None);
        };
        let there = new.lines.iter().map(|line| (line, found(&read, &new.id(line))));
        let (mut all, mut none, mut other) = (true, true, None);
        for (line, row) in there {
            all &= row.is_some();
            none &= row.is_none();
            if row.is_some_and(|row| !same(new, line, row)) {
                other = Some(line.sku.clone());
            }
        }
        if let Some(sku) = other {
            return Ok(Some(hold_outcome(c, &taken(&sku))));
        }
        if all && !new.lines.is_empty() {
            return Ok(Some(Outcome::done(c, "found in Dynamics, not repeated.")));
        }
        let stay = self.settings().inventory.as_ref().is_some_and(|i| i.adjustments_stay);
        let refused = c.row.outcome.is_some();
        let over = began >= c.row.doubt_until.unwrap_or(began);
        if none && over && !stay && !refused {
            return Ok(Some(hold_outcome(c, &unknown(new))));
        }
        Ok(Some(absent(c, began, None)))
    }

    /// Read back once; then the comparisons see the stock. What is not seen in time is told to a person.
    pub(super) async fn follow_adjustments(
        &self,
        mut journal: Journal,
        inventory: &Inventory,
    ) -> Result<bool> {
        let now = self.now();
        journal.looked = Some(now);
        if journal.lines.iter().all(|line| line.posted || line.left_out) {
            journal.state = JournalState::Posted;
            let why = "Dynamics shows all of them in its stock.".to_owned();
            let entry = self.told("stock adjustments posted", &journal, why);
            return self.close_journal(&journal, vec![entry]).await;
        }
        if inventory.adjustments_stay {
            let read = self.read_adjustments(&inventory.external_system, &journal.prefix).await?;
            let Some(read) = read else { return Ok(false) };
            let id = |line: &CountLine| domain::stock::adjustment_id(&journal.prefix, line.number);
            let gone: Vec<i64> = journal
                .lines
                .iter()
                .filter(|line| !line.posted && !line.left_out && found(&read, &id(line)).is_none())
                .map(|line| line.number)
                .collect();
            if !gone.is_empty() {
                journal.lines.retain(|line| !gone.contains(&line.number));
                let why = format!(
                    "{} adjustment(s) are gone from Dynamics: their SKUs are compared again.",
                    gone.len()
                );
                let entry = self.told("stock adjustments deleted", &journal, why);
                return self.put_journal(&journal, OPEN, vec![entry]).await;
            }
        }
        let late = journal.written.is_some_and(|at| now.since(at) > PATIENCE);
        let waits = journal.lines.iter().filter(|l| !l.posted && !l.left_out);
        let waits: Vec<&str> = waits.map(|line| line.sku.as_str()).collect();
        let wanted = if late { vec![not_posted(&journal, &waits)] } else { Vec::new() };
        self.hold_subject(subject(&journal.token), wanted).await?;
        self.put_journal(&journal, OPEN, Vec::new()).await
    }

    /// Marks lines that the stock of F&O shows, in the transaction that stores the comparison.
    pub(super) async fn mark_posted(
        &self,
        txn: &mut Txn,
        posted: BTreeMap<String, Vec<i64>>,
    ) -> Result<()> {
        for (token, numbers) in posted {
            let rows = txn.observations(&self.scope, OPEN, std::slice::from_ref(&token)).await?;
            let Some(body) = rows.into_iter().next().and_then(|row| row.body) else { continue };
            let mut journal: Journal = decode(OPEN, &token, &body)?;
            for line in journal.lines.iter_mut().filter(|line| numbers.contains(&line.number)) {
                line.posted = true;
            }
            if journal.lines.iter().all(|line| line.posted || line.left_out) {
                // Closed by the next look at it.
                journal.looked = None;
            }
            let row = plain(OPEN, &token, self.now(), &journal)?;
            txn.observations_put(&self.scope, vec![row]).await?;
        }
        Ok(())
    }
}

fn found<'a>(read: &'a [AdjustmentRead], id: &str) -> Option<&'a AdjustmentRead> {
    read.iter().find(|row| row.id.eq_ignore_ascii_case(id))
}

/// The adjustment that stands there is the one that was meant.
fn same(new: &NewAdjustments, line: &CountLine, row: &AdjustmentRead) -> bool {
    row.item.eq_ignore_ascii_case(&line.key.item)
        && new.warehouse.same_as(&row.warehouse)
        && row.quantity == line.delta()
}

fn taken(sku: &str) -> HoldReason {
    HoldReason::new(
        "adjustment-taken",
        sku,
        "",
        "Dynamics has another adjustment with the same id: nothing was sent over it",
        "See who else sends external inventory adjustments for this warehouse; two connections must not share one. Then reject this on the stock page: it is compared again.",
    )
}

fn unknown(new: &NewAdjustments) -> HoldReason {
    HoldReason::new(
        "adjustment-unknown",
        "external-inventory-adjustments",
        "",
        &format!(
            "No answer came to {} adjustment(s), and Dynamics does not show them: either they never came, or they were processed and removed",
            new.lines.len()
        ),
        "Look in Dynamics for journals of external inventory adjustments. If there are none, press Retry. If your environment keeps processed adjustments in their set, say so with adjustments_stay = true: then this is decided without you.",
    )
}

fn not_posted(journal: &Journal, skus: &[&str]) -> NewHold {
    let some = skus.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    NewHold {
        subject: subject(&journal.token),
        flow: flow().to_owned(),
        cause: "adjustment-not-posted".to_owned(),
        field: "external-inventory-adjustments".to_owned(),
        reason: format!(
            "{} adjustment(s) are not in Dynamics' stock after {} hours: {some}",
            skus.len(),
            PATIENCE.as_seconds() / 3_600
        ),
        fix: "See in Dynamics that the periodic tasks \"Create external inventory adjustment journals\" and \"Post external inventory adjustment journals\" run and post without errors. Where a journal was deleted, press Reject on the stock page: the SKUs are compared again.".to_owned(),
        value: String::new(),
    }
}

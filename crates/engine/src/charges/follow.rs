//! A package under way: how its import stands, until it has ended, is proven by the charges themselves, or takes so long
//! that a person must look.
//!
//! Nothing is sent meanwhile: imports do not run in parallel, and what a charge came to is told by the package it was in,
//! of which only the last one is remembered.

use super::judge::{Judged, judge};
use super::{AGAIN, charge_of};
use crate::courier::{Claimed, Outcome, claimed_of, hold_outcome};
use crate::error::Result;
use crate::parts::Engine;
use domain::charge::{ChargedOrder, ImportState, Sent};
use domain::disposition::HoldReason;
use domain::ids::SalesOrderNumber;
use domain::operation::System;
use domain::time::{Span, Timestamp};
use std::collections::BTreeSet;

/// Deliveries in doubt looked through for those of a package: more than one holds.
const MEMBERS: usize = 10_000;
/// An import that is on a person's desk is looked at again after this.
const STUCK_AGAIN: Span = Span::minutes(5);

impl Engine {
    /// One look at the package under way.
    pub(super) async fn follow(&self, mut sent: Sent) -> Result<bool> {
        let now = self.now();
        let settings = self.settings();
        let package = settings.charges().map(|charges| charges.package.clone()).unwrap_or_default();
        let poll = Span::seconds(package.poll_seconds);
        let deadline = sent.began + Span::minutes(package.deadline_minutes);
        self.remember().charges.due = now + poll;
        self.remember().charges.open = true;
        let state = match self.dynamics.import_state(now, &sent.execution).await {
            Ok(state) => state,
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                return Ok(false);
            }
        };
        self.good(System::Dynamics);
        let settled = now >= sent.began + settings.settle.dynamics;
        let ended = match state {
            ImportState::Succeeded | ImportState::Partly | ImportState::Failed => Some(state),
            // F&O takes execution ids of ours, and does not know this one: it never began.
            ImportState::Unknown if !sent.accepted && sent.ours && settled => {
                Some(ImportState::Failed)
            }
            ImportState::Running | ImportState::Unknown => None,
        };
        let Some(state) = ended else {
            let known = state == ImportState::Running;
            sent.accepted |= known;
            // F&O shows our own id before its answer came.
            return self.wait_on(sent, known, deadline).await;
        };
        if state != ImportState::Succeeded {
            match self.dynamics.import_errors(now, &sent.execution).await {
                Ok(errors) => sent.errors = errors,
                // Whatever it says: the charges tell what was taken.
                Err(
                    dynamics::CallError::Refused { .. } | dynamics::CallError::Malformed { .. },
                ) => {}
                Err(error) => {
                    self.rest(System::Dynamics, error.into())?;
                    return Ok(false);
                }
            }
        }
        self.end(sent, state).await?;
        Ok(true)
    }

    /// It has ended: written down before its charges are judged, so that no crash asks for it again.
    async fn end(&self, mut sent: Sent, state: ImportState) -> Result<()> {
        sent.ended = Some((self.now(), state));
        self.put_package("charges.ended", &sent).await?;
        let members = self.members(&sent).await?;
        self.judge_members(&members).await?;
        Ok(())
    }

    /// Waits until the last charge of a package that has ended is judged; false when all of them are, and another package
    /// may be sent. Sent earlier, it would take the place of this one, and charges F&O still may show would pass for never
    /// sent.
    pub(super) async fn awaits(&self, sent: &Sent) -> Result<bool> {
        let Some((ended, _)) = sent.ended else { return Ok(true) };
        if self.due().await?.doubt.is_none() {
            return Ok(false);
        }
        let members = self.members(sent).await?;
        if members.is_empty() {
            return Ok(false);
        }
        let now = self.now();
        self.remember().charges.due = now + AGAIN;
        self.remember().charges.open = true;
        // Those it was asked for have a look ahead of them; where nobody could be asked, that of the import is left.
        let settled = ended + self.settings().settle.dynamics;
        let overlooked: Vec<Claimed> =
            members.into_iter().filter(|c| c.row.not_before > settled.max(now)).collect();
        self.judge_members(&overlooked).await?;
        Ok(true)
    }

    /// It has not ended, or nobody knows.
    async fn wait_on(&self, mut sent: Sent, known: bool, deadline: Timestamp) -> Result<bool> {
        let now = self.now();
        let members = self.members(&sent).await?;
        if known && now < deadline {
            return Ok(false);
        }
        if !known {
            // Its charges tell, where the execution does not.
            let Some(seen) = self.charged(&members).await? else { return Ok(false) };
            let there = |c: &&Claimed| stands(c, &seen);
            if !members.is_empty() && members.iter().all(|c| there(&c)) {
                sent.ended = Some((now, ImportState::Succeeded));
                self.put_package("charges.ended", &sent).await?;
                let outcomes = members.iter().map(found).collect();
                return self.record_looks(&members, outcomes).await;
            }
            if !sent.accepted && now >= deadline {
                self.end(sent, ImportState::Failed).await?;
                return Ok(true);
            }
            if now < deadline {
                self.remember().charges.due = now + AGAIN;
                return Ok(false);
            }
        }
        self.remember().charges.due = now + STUCK_AGAIN;
        let outcomes = members.iter().map(|c| hold_outcome(c, &never_ends(&sent))).collect();
        self.record_looks(&members, outcomes).await
    }

    /// The deliveries of a package that are in doubt.
    async fn members(&self, sent: &Sent) -> Result<Vec<Claimed>> {
        let far = Timestamp(i64::MAX);
        let mut reader = self.store.read().await?;
        let rows = reader.deliveries_in_doubt_due(&self.scope, far, MEMBERS).await?;
        drop(reader);
        let own = rows.into_iter().filter(|row| sent.deliveries.contains(&row.id));
        own.map(claimed_of).collect()
    }

    /// What stands on their orders; none when nobody could be asked.
    pub(super) async fn charged(&self, mine: &[Claimed]) -> Result<Option<Vec<ChargedOrder>>> {
        let orders: BTreeSet<SalesOrderNumber> =
            mine.iter().filter_map(charge_of).map(|new| new.order.clone()).collect();
        let orders: Vec<SalesOrderNumber> = orders.into_iter().collect();
        let now = self.now();
        // A wait that was asked of an earlier process is known to us only, not to the gate.
        if now < self.remember().dynamics_rest
            || !self.may_call(now, self.options.dynamics_deadline)
        {
            return Ok(None);
        }
        match self.dynamics.charged(now, &orders).await {
            Ok(seen) => {
                self.good(System::Dynamics);
                Ok(Some(seen))
            }
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                Ok(None)
            }
        }
    }

    async fn judge_members(&self, members: &[Claimed]) -> Result<()> {
        if let Some(outcomes) = self.look_at_charges(members).await? {
            self.record_looks(members, outcomes).await?;
        }
        Ok(())
    }

    /// Looks at charges in doubt. None when nobody could be asked.
    pub(crate) async fn look_at_charges(&self, mine: &[Claimed]) -> Result<Option<Vec<Outcome>>> {
        if mine.is_empty() {
            return Ok(None);
        }
        let now = self.now();
        let sent = self.last_package(&mut self.store.read().await?).await?;
        let (members, strangers): (Vec<&Claimed>, Vec<&Claimed>) = mine
            .iter()
            .partition(|c| sent.as_ref().is_some_and(|sent| sent.deliveries.contains(&c.row.id)));
        let by_call = self.settings().charge_call().is_some();
        let mut outcomes: Vec<Outcome> = if strangers.is_empty() {
            Vec::new()
        } else if by_call || sent.as_ref().is_some_and(|sent| sent.called) {
            self.look_at_called(mine, &strangers).await?
        } else {
            // A package is written down before its import is asked for: these were never sent.
            let never = "it was never sent";
            let again = |c| crate::courier::later(c, now, Some(AGAIN), false, never);
            strangers.into_iter().map(again).collect()
        };
        let Some(sent) = sent.filter(|_| !members.is_empty()) else {
            return Ok((!outcomes.is_empty()).then_some(outcomes));
        };
        let Some((ended, _)) = sent.ended else {
            // Its package is followed.
            let settings = self.settings();
            let minutes = settings.charges().map_or(60, |c| c.package.deadline_minutes);
            let until = (sent.began + Span::minutes(minutes)).max(now + Span::minutes(1));
            self.remember().charges.open = true;
            let waits = |c: &&Claimed| {
                Outcome::in_doubt(c, until, until, "its import is under way.").silent()
            };
            outcomes.extend(members.iter().map(waits));
            return Ok(Some(outcomes));
        };
        let Some(seen) = self.charged(mine).await? else {
            return Ok((!outcomes.is_empty()).then_some(outcomes));
        };
        let settled = ended + self.settings().settle.dynamics;
        let judged = Judged { now, settled, sent: &sent, seen: &seen };
        outcomes.extend(members.into_iter().filter_map(|c| judge(c, &judged)));
        Ok(Some(outcomes))
    }
}

fn stands(c: &Claimed, seen: &[ChargedOrder]) -> bool {
    charge_of(c).is_some_and(|new| {
        domain::charge::order_of(seen, &new.order).charges.iter().any(|one| new.stands(one))
    })
}

fn found(c: &Claimed) -> Outcome {
    Outcome::done(c, "stands on the order.")
}

fn never_ends(sent: &Sent) -> HoldReason {
    HoldReason::new(
        "charge-import-endless",
        "import",
        &sent.execution,
        &format!(
            "The import of this charge has been running since {} (execution {}).",
            sent.began.to_rfc3339_seconds(),
            sent.execution
        ),
        "Look at this execution in Dynamics (Data management, job history) and let it finish or cancel it; then press Retry. Other charges wait for it.",
    )
}

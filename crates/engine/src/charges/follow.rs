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
use domain::charge::{ChargedOrder, ImportState, Next, Sent, next};
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
        if sent.look(state, now) {
            self.put_package("charges.looked", &sent).await?;
        }
        let settled = sent.began + settings.settle.dynamics;
        match next(&sent, state, now, (settled, deadline)) {
            Next::Over(state) => self.over(sent, state).await,
            Next::Wait => Ok(false),
            Next::ByCharges(otherwise) => self.ask_charges(sent, otherwise).await,
            Next::Endless => {
                self.remember().charges.due = now + STUCK_AGAIN;
                let members = self.members(&sent).await?;
                let outcomes = members.iter().map(|c| hold_outcome(c, &never_ends(&sent)));
                self.record_looks(&members, outcomes.collect()).await
            }
        }
    }

    /// F&O says how it ended.
    async fn over(&self, mut sent: Sent, state: ImportState) -> Result<bool> {
        if state != ImportState::Succeeded {
            match self.dynamics.import_errors(self.now(), &sent.execution).await {
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
        let now = self.now();
        let settled = ended + self.settings().settle.dynamics;
        // What a person puts back at this moment must not overtake what a forgotten import may still show.
        let too_early = sent.forgotten() && now < settled;
        if !too_early && self.due().await?.doubt.is_none() {
            return Ok(false);
        }
        let members = self.members(sent).await?;
        if !too_early && members.is_empty() {
            return Ok(false);
        }
        self.remember().charges.due = now + AGAIN;
        self.remember().charges.open = true;
        // Those it was asked for have a look ahead of them; where nobody could be asked, that of the import is left.
        let overlooked: Vec<Claimed> =
            members.into_iter().filter(|c| c.row.not_before > settled.max(now)).collect();
        self.judge_members(&overlooked).await?;
        Ok(true)
    }

    /// F&O does not know the execution: its charges tell, and else it has ended as the planner says.
    async fn ask_charges(&self, mut sent: Sent, otherwise: Option<ImportState>) -> Result<bool> {
        let now = self.now();
        let again = if sent.accepted { STUCK_AGAIN } else { AGAIN };
        self.remember().charges.due = now + again;
        let members = self.members(&sent).await?;
        if !members.is_empty() {
            let Some(seen) = self.charged(&members).await? else { return Ok(false) };
            if members.iter().all(|c| stands(c, &seen)) {
                sent.ended = Some((now, ImportState::Succeeded));
                self.put_package("charges.ended", &sent).await?;
                let outcomes = members.iter().map(found).collect();
                return self.record_looks(&members, outcomes).await;
            }
        }
        match otherwise {
            None => Ok(false),
            Some(state) => {
                self.end(sent, state).await?;
                Ok(true)
            }
        }
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

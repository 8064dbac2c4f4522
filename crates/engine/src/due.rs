//! What is due, asked once instead of by every part. While this process is the only one that
//! works on the database and has written nothing since, the last answer still holds for a second:
//! an idle pass asks nothing at all, and a command from a shell is seen at once all the same.

use crate::error::Result;
use crate::parts::Engine;
use domain::operation::{Flow, Lane, System};
use domain::time::{Span, Timestamp};
use store::read::Due;

/// A command line beside us writes signals too: the last answer holds no longer than this.
const LOOK_EVERY: Span = Span::seconds(1);

impl Engine {
    /// What is due next, of every kind.
    pub(crate) async fn due(&self) -> Result<Due> {
        // Asked before the read: a commit that ends meanwhile makes the answer old.
        let changes = self.store.changes();
        let now = self.now();
        let known = self.remember().due.filter(|(at, since, _)| {
            self.options.exclusive && *at == changes && now.since(*since) < LOOK_EVERY
        });
        if let Some((_, _, due)) = known {
            return Ok(due);
        }
        let due = self.store.read().await?.due(&self.scope).await?;
        self.remember().due = Some((changes, now, due));
        Ok(due)
    }

    /// Something of that kind is due now.
    pub(crate) async fn is_due(
        &self,
        kind: impl FnOnce(&Due) -> Option<Timestamp>,
    ) -> Result<bool> {
        let now = self.now();
        Ok(kind(&self.due().await?).is_some_and(|at| at <= now))
    }

    /// A delivery of this lane may be sent now.
    pub(crate) async fn lane_is_due(&self, lane: Lane) -> Result<bool> {
        self.is_due(|due| due.of_lane(lane as i64)).await
    }

    /// The earliest time anything is due.
    pub async fn next_due(&self) -> Result<Timestamp> {
        let now = self.now();
        let mut due = self.without_paused(self.due().await?);
        // Another node's clock may be ahead of ours: what waits is due, whenever it says it came.
        due.dirty = due.dirty.map(|at| at.min(now));
        let beat = now + self.beat();
        let stock = self.stock_due();
        let examine = self.examine_next();
        let quiet_ends = self.first_quiet_end();
        let (token, shut) = (self.token_due(), self.shipbob_shut(now));
        let moment = if shut { Span::seconds(1) } else { Span::millis(100) };
        let collected = due.signal.map(|at| self.collect_until(at.min(now)));
        let memory = self.remember();
        // Due, and yet not done: a remote rests or a gate is closed. Come again when it opens.
        let opens = [memory.dynamics_rest, memory.shipbob_rest, memory.gate_opens]
            .into_iter()
            .filter(|at| *at > now)
            .min()
            .unwrap_or(now + moment);
        let mut polls = memory.dynamics_poll_due.min(memory.shipbob_poll_due);
        if self.settings().products.is_some() && !memory.pauses.stops(Flow::Products) {
            polls = polls.min(memory.products_due);
        }
        if self.settings().billing.is_some() && !memory.pauses.stops(Flow::Billing) {
            polls = polls.min(memory.billing_due);
        }
        if self.settings().returns.is_some() && !memory.pauses.stops(Flow::Returns) {
            polls = polls.min(memory.inbound_due);
        }
        let polls = if memory.paused { beat } else { polls };
        let charges = Some(memory.charges.due).filter(|_| memory.charges.open && !memory.paused);
        if let Some(ready) = due.ready.last_mut() {
            // The last lane is that of charges: one package at a time.
            *ready = ready.map(|at| at.max(memory.charges.due));
        }
        let backfill = memory.backfill.next().filter(|_| !memory.paused);
        let (erasure, retention) = (memory.erasures.next(), memory.retention.next());
        let soonest = [
            due.next(),
            collected,
            Some(polls),
            token,
            stock,
            erasure,
            retention,
            examine,
            backfill,
            charges,
            quiet_ends,
        ];
        let soonest = soonest.into_iter().flatten();
        let soonest = soonest.map(|at| if at > now { at } else { opens });
        Ok(soonest.min().unwrap_or(beat).min(beat))
    }

    /// Nothing is waiting to be planned, sent or looked up.
    pub async fn quiet(&self) -> Result<bool> {
        Ok(self.due().await?.quiet() && !self.stock_busy())
    }
}

/// Lanes of one system, most urgent first.
pub(crate) fn lanes(system: System) -> &'static [Lane] {
    match system {
        System::ShipBob => &[Lane::Cancel, Lane::Orders, Lane::Products, Lane::Background],
        System::Dynamics => &[Lane::Fulfilment, Lane::Stock, Lane::Charges],
    }
}

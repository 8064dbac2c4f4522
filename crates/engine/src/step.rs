//! One pass over everything that is due.

use crate::error::Result;
use crate::parts::Engine;
use domain::operation::System;
use domain::time::Timestamp;

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Something was done; come again at once.
    pub worked: bool,
    /// Come again at this time at the latest.
    pub next: Timestamp,
}

impl Engine {
    /// Everything that is due, once: polls, signals, plans, deliveries, look-ups. Returns at once
    /// when the cell is not ours.
    pub async fn step(&self) -> Result<Step> {
        if !self.own().await? {
            return Ok(Step { worked: false, next: self.now() + crate::limits::BEAT });
        }
        let mut worked = self.decide().await?;
        let (a, b) = futures::join!(self.deliver(System::ShipBob), self.deliver(System::Dynamics));
        worked |= a? | b?;
        Ok(Step { worked, next: self.next_due().await? })
    }

    /// Polls, signals and plans: everything but writes to the remotes.
    pub async fn decide(&self) -> Result<bool> {
        let mut worked = self.refresh_reference().await?;
        worked |= self.poll().await?;
        worked |= self.watch().await?;
        worked |= self.gather().await?;
        worked |= self.plan().await?;
        Ok(worked)
    }

    /// Writes to one remote, and looks up what is in doubt there.
    pub async fn deliver(&self, system: System) -> Result<bool> {
        let mut worked = self.resolve(system).await?;
        worked |= match system {
            System::ShipBob => self.send_to_shipbob().await?,
            System::Dynamics => self.send_to_dynamics().await?,
        };
        Ok(worked)
    }

    /// The earliest time anything is due.
    pub async fn next_due(&self) -> Result<Timestamp> {
        let now = self.now();
        let kept = self.store.read().await?.next_due(&self.scope).await?;
        let memory = self.remember();
        let polls = memory.dynamics_poll_due.min(memory.shipbob_poll_due);
        let beat = now + crate::limits::BEAT;
        Ok(kept.unwrap_or(beat).min(polls).min(beat))
    }

    /// Nothing is waiting to be planned, sent or looked up (timers of holds do not count).
    pub async fn quiet(&self) -> Result<bool> {
        let mut reader = self.store.read().await?;
        let o = reader.overview(&self.scope, Timestamp::MIN).await?;
        Ok(o.signals == 0 && o.waiting == 0 && o.ready == 0 && o.in_flight == 0 && o.in_doubt == 0)
    }
}

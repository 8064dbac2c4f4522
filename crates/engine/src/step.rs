//! One pass over everything that is due.

use crate::error::Result;
use crate::parts::Engine;
use domain::operation::System;
use domain::time::{Span, Timestamp};

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
        if !self.noticed(self.own().await)? {
            return Ok(Step { worked: false, next: self.now() + self.beat() });
        }
        let mut worked = self.decide().await?;
        let (a, b) = futures::join!(self.deliver(System::ShipBob), self.deliver(System::Dynamics));
        worked |= a? | b?;
        Ok(Step { worked, next: self.next_due().await? })
    }

    /// Polls, signals and plans: everything but writes to the remotes.
    pub async fn decide(&self) -> Result<bool> {
        let result = self.decide_now().await;
        self.noticed(result)
    }

    async fn decide_now(&self) -> Result<bool> {
        self.tell_troubles().await?;
        let mut worked = self.keep_credentials().await?;
        worked |= self.refresh_reference().await?;
        worked |= self.keep_hooks().await?;
        worked |= self.poll().await?;
        worked |= self.watch().await?;
        worked |= self.gather().await?;
        worked |= self.plan().await?;
        self.keep_waits().await?;
        Ok(worked)
    }

    /// Writes to one remote, and looks up what is in doubt there.
    pub async fn deliver(&self, system: System) -> Result<bool> {
        if self.fence().is_none() {
            return Ok(false);
        }
        let result = self.deliver_now(system).await;
        if result.is_err() {
            self.remember().stranded.push(system);
        }
        self.noticed(result)
    }

    async fn deliver_now(&self, system: System) -> Result<bool> {
        let mut worked = self.unstrand(system).await?;
        worked |= self.resolve(system).await?;
        worked |= match system {
            System::ShipBob => self.send_to_shipbob().await?,
            System::Dynamics => self.send_to_dynamics().await?,
        };
        self.keep_waits().await?;
        Ok(worked)
    }

    /// The earliest time anything is due.
    pub async fn next_due(&self) -> Result<Timestamp> {
        let now = self.now();
        let mut reader = self.store.read().await?;
        let kept = reader.next_due(&self.scope).await?;
        let (_, oldest) = reader.inbox_waiting(&self.scope).await?;
        drop(reader);
        let beat = now + self.beat();
        let (token, shut) = (self.token_due(), self.shipbob_shut(now));
        let moment = if shut { Span::seconds(1) } else { Span::millis(100) };
        let collected = oldest.map(|at| self.collect_until(at));
        let memory = self.remember();
        // Due, and yet not done: a remote rests or a gate is closed. Come again when it opens.
        let opens = [memory.dynamics_rest, memory.shipbob_rest, memory.gate_opens]
            .into_iter()
            .filter(|at| *at > now)
            .min()
            .unwrap_or(now + moment);
        let polls = memory.dynamics_poll_due.min(memory.shipbob_poll_due);
        let polls = if memory.paused { beat } else { polls };
        let soonest = [kept, collected, Some(polls), token].into_iter().flatten();
        let due = soonest.map(|at| if at > now { at } else { opens });
        Ok(due.min().unwrap_or(beat).min(beat))
    }

    /// Nothing is waiting to be planned, sent or looked up. Signals do not count: the watch list
    /// makes some for ever; what they bring up does.
    pub async fn quiet(&self) -> Result<bool> {
        let mut reader = self.store.read().await?;
        let o = reader.overview(&self.scope, Timestamp::MIN).await?;
        Ok(o.waiting == 0 && o.ready == 0 && o.in_flight == 0 && o.in_doubt == 0)
    }

    /// What is not finished, in words, for messages.
    pub async fn open_work(&self) -> Result<String> {
        let mut reader = self.store.read().await?;
        let o = reader.overview(&self.scope, Timestamp::MIN).await?;
        let doubts = reader
            .deliveries_in_doubt_due(&self.scope, Timestamp(i64::MAX), 3)
            .await?
            .into_iter()
            .map(|d| d.business_key)
            .collect::<Vec<_>>();
        Ok(format!(
            "{} signals, {} subjects to plan, {} ready, {} in flight, {} in doubt {doubts:?}",
            o.signals, o.waiting, o.ready, o.in_flight, o.in_doubt
        ))
    }
}

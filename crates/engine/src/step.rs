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
    /// Everything that is due, once: polls, signals, plans, deliveries, look-ups, probes. Returns at once
    /// when the cell is not ours.
    pub async fn step(&self) -> Result<Step> {
        if !self.noticed(self.own().await)? {
            return Ok(Step { worked: false, next: self.now() + self.beat() });
        }
        let mut worked = self.decide().await?;
        let (a, b) = futures::join!(self.deliver(System::ShipBob), self.deliver(System::Dynamics));
        worked |= a? | b?;
        worked |= self.examine().await?;
        Ok(Step { worked, next: self.next_due().await? })
    }

    /// Polls, signals and plans: everything but writes to the remotes and the doctor.
    pub async fn decide(&self) -> Result<bool> {
        let result = self.decide_now().await;
        self.noticed(result)
    }

    async fn decide_now(&self) -> Result<bool> {
        self.tell_troubles().await?;
        if !self.remember().pauses_known {
            self.recall_pauses().await?;
        }
        if !self.remember().settings_known {
            self.recall_settings().await?;
        }
        let mut worked = self.keep_credentials().await?;
        worked |= self.refresh_reference().await?;
        worked |= self.keep_hooks().await?;
        worked |= self.keep_events().await?;
        worked |= self.poll().await?;
        worked |= self.poll_billing().await?;
        worked |= self.poll_inbound().await?;
        worked |= self.watch().await?;
        worked |= self.gather().await?;
        worked |= self.plan().await?;
        worked |= self.stock().await?;
        worked |= self.backfill().await?;
        worked |= self.erase_what_closed().await?;
        self.retain_when_due().await?;
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
            System::Dynamics => self.send_to_dynamics().await? | self.send_charges().await?,
        };
        self.keep_waits().await?;
        Ok(worked)
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

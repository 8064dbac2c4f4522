//! A wait a server asked for outlives the process that heard it: a killed one would otherwise be
//! followed by one that asks too early (I8).

use crate::error::Result;
use crate::parts::Engine;
use domain::operation::System;
use domain::time::{Span, Timestamp};

/// Only what is longer than a restart takes is worth a commit.
const SHORT: Span = Span::seconds(2);

fn cursor(system: System) -> &'static str {
    match system {
        System::ShipBob => "wait.shipbob",
        System::Dynamics => "wait.dynamics",
    }
}

impl Engine {
    /// Remembers a wait until it can be kept.
    pub(crate) fn hear_wait(&self, system: System, wait: Span) {
        if wait > SHORT {
            let until = self.now() + wait;
            self.remember().waits.push((system, until));
        }
    }

    /// Keeps what was heard since the last time.
    pub(crate) async fn keep_waits(&self) -> Result<()> {
        let heard = self.remember().waits.clone();
        if heard.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let mut work = self.begin("waits").await?;
        for system in [System::ShipBob, System::Dynamics] {
            let until = heard.iter().filter(|(of, _)| *of == system).map(|(_, until)| *until).max();
            if let Some(until) = until {
                let text = until.to_rfc3339();
                work.txn.cursor_put(&self.scope, cursor(system), &text, now).await?;
            }
        }
        work.commit().await?;
        // Both couriers may keep the same ones at once.
        self.remember().waits.retain(|wait| !heard.contains(wait));
        Ok(())
    }

    /// What earlier owners were told.
    pub(crate) async fn recall_waits(&self) -> Result<()> {
        let mut reader = self.store.read().await?;
        let shipbob = reader.cursor(&self.scope, cursor(System::ShipBob)).await?;
        let dynamics = reader.cursor(&self.scope, cursor(System::Dynamics)).await?;
        drop(reader);
        let until = |row: Option<(String, Timestamp)>| {
            row.and_then(|(text, _)| Timestamp::parse(&text)).unwrap_or(Timestamp::MIN)
        };
        let mut memory = self.remember();
        memory.shipbob_rest = memory.shipbob_rest.max(until(shipbob));
        memory.dynamics_rest = memory.dynamics_rest.max(until(dynamics));
        Ok(())
    }
}

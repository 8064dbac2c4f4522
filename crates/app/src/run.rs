//! The loops of a running connector. Each does what is due, then waits for the next due time or
//! for news. A loop that fails is started again; only a lost cell or a stop ends the work.

use crate::clockwork::pause;
use console::LiveEvent;
use domain::operation::System;
use domain::time::Span;
use engine::{Engine, EngineError};
use std::sync::Arc;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

/// Longest wait of a loop: news may come from another process.
const LONGEST: Span = Span::seconds(1);
/// After the database did not answer.
const STORE_AWAY: Span = Span::seconds(1);

/// One of the four loops.
#[derive(Debug, Clone, Copy)]
enum Part {
    Decide,
    Deliver(System),
    Examine,
}

/// Everything the loops share.
#[derive(Clone)]
pub(crate) struct Loops {
    pub(crate) engine: Arc<Engine>,
    /// Notified when there is something new for any loop.
    pub(crate) wake: Arc<Notify>,
    pub(crate) stop: CancellationToken,
    pub(crate) live: broadcast::Sender<LiveEvent>,
}

impl Loops {
    /// Starts the loops under a tracker.
    pub(crate) fn start(&self, tasks: &TaskTracker) {
        let parts = [
            Part::Decide,
            Part::Deliver(System::ShipBob),
            Part::Deliver(System::Dynamics),
            Part::Examine,
        ];
        for part in parts {
            // Every line of the log says which connection it is about.
            let scope = self.engine.scope();
            let (organisation, connection) = (&scope.organisation, &scope.connection);
            let span = tracing::info_span!("at", %organisation, %connection);
            tasks.spawn(self.clone().run(part).instrument(span));
        }
    }

    async fn run(self, part: Part) {
        while !self.stop.is_cancelled() {
            let worked = match part {
                Part::Decide => self.decide().await,
                Part::Deliver(system) => self.engine.deliver(system).await,
                Part::Examine => self.engine.examine().await,
            };
            match worked {
                Ok(true) => {
                    self.wake.notify_waiters();
                    // Nobody listening is fine.
                    let _ = self.live.send(LiveEvent::Changed(None));
                }
                Ok(false) => self.rest().await,
                Err(error) => self.trouble(part, &error).await,
            }
        }
    }

    async fn decide(&self) -> Result<bool, EngineError> {
        if !self.engine.own().await? {
            return Ok(false);
        }
        self.engine.decide().await
    }

    async fn rest(&self) {
        let wait = match self.engine.next_due().await {
            Ok(at) => Span((at.0 - self.engine.now().0).clamp(1_000, LONGEST.0)),
            Err(_) => STORE_AWAY,
        };
        tokio::select! {
            () = self.wake.notified() => {}
            () = self.stop.cancelled() => {}
            () = pause(wait) => {}
        }
    }

    async fn trouble(&self, part: Part, error: &EngineError) {
        match error {
            EngineError::Lost => {
                tracing::warn!(?part, "another process owns the cell now; standing by");
                self.engine.stand_again();
            }
            EngineError::Unavailable(_) => tracing::error!(?part, %error, "loop.store_away"),
            EngineError::Crashed | EngineError::Inconsistent(_) => {
                tracing::error!(?part, %error, "loop.failed");
            }
        }
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = pause(STORE_AWAY) => {}
        }
    }
}

/// Resolves when the process is asked to stop.
pub(crate) async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

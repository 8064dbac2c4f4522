//! What the console is given, and what it remembers between requests.

use crate::access::{AccessToken, Brake, Sessions, hex};
use crate::books::Books;
use crate::clock::Clock;
use crate::connect::Connector;
use crate::hooks::WebhookIntake;
use crate::live::LiveEvent;
use crate::status::EngineStatus;
use domain::time::Timestamp;
use jiff::tz::TimeZone;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Everything the console needs from the rest of the house.
#[derive(Clone)]
pub struct ConsoleState {
    /// Read models and the way in for commands.
    pub books: Arc<dyn Books>,
    /// Opens pages and API.
    pub access: AccessToken,
    /// Takes webhooks.
    pub webhook: Arc<dyn WebhookIntake>,
    /// The way into ShipBob; none where it is entered with a token.
    pub connect: Option<Arc<dyn Connector>>,
    /// Answers for the engine.
    pub status: Arc<dyn EngineStatus>,
    /// Renders the metrics in Prometheus' text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Our clock.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// 256 bits nobody can guess, new at every call.
    pub random: Arc<dyn Fn() -> [u8; 32] + Send + Sync>,
    /// Changes that open pages hear of.
    pub live: broadcast::Sender<LiveEvent>,
    /// Zone in which people read times.
    pub zone: TimeZone,
    /// Served over TLS, here or by a proxy: cookies are marked accordingly.
    pub https: bool,
    /// `/metrics` needs no access token (loopback installations).
    pub open_metrics: bool,
}

/// State shared by all handlers.
pub(crate) struct Inner {
    pub(crate) given: ConsoleState,
    sessions: Mutex<Sessions>,
    brake: Mutex<Brake>,
}

pub(crate) type App = Arc<Inner>;

impl Inner {
    pub(crate) fn new(given: ConsoleState) -> Self {
        Self { given, sessions: Mutex::default(), brake: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.given.now)()
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock::new(self.now(), self.given.zone.clone())
    }

    pub(crate) fn random_hex(&self) -> String {
        hex(&(self.given.random)())
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn brake(&self) -> MutexGuard<'_, Brake> {
        self.brake.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

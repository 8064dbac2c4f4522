//! What the console is given, and what it remembers between requests.

use crate::access::{AccessToken, Brake, Reach, Sessions, hex};
use crate::books::Books;
use crate::clock::Clock;
use crate::connect::Connector;
use crate::hooks::WebhookIntake;
use crate::live::LiveEvent;
use crate::settings::SettingsDesk;
use crate::status::EngineStatus;
use domain::time::Timestamp;
use jiff::tz::TimeZone;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Which connection a part of the console shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Its id, as addresses name it.
    pub id: String,
    /// The name people see.
    pub name: String,
    /// Whose it is.
    pub organisation: String,
}

/// Everything the console needs from the rest of the house, for one connection.
#[derive(Clone)]
pub struct ConsoleState {
    /// Which connection.
    pub place: Place,
    /// Read models and the way in for commands.
    pub books: Arc<dyn Books>,
    /// Opens pages and API.
    pub access: AccessToken,
    /// Takes webhooks.
    pub webhook: Arc<dyn WebhookIntake>,
    /// The way into ShipBob; none where it is entered with a token.
    pub connect: Option<Arc<dyn Connector>>,
    /// Where settings are read, checked and asked for.
    pub settings: Arc<dyn SettingsDesk>,
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

/// What all connections of an installation share: sessions and the brake on guessing.
#[derive(Default)]
pub(crate) struct Entrance {
    sessions: Mutex<Sessions>,
    brake: Mutex<Brake>,
}

/// State shared by all handlers of one connection.
pub(crate) struct Inner {
    pub(crate) given: ConsoleState,
    /// All connections of the installation, this one among them.
    house: Arc<[ConsoleState]>,
    entrance: Arc<Entrance>,
}

pub(crate) type App = Arc<Inner>;

impl Inner {
    pub(crate) fn new(
        given: ConsoleState,
        house: Arc<[ConsoleState]>,
        entrance: Arc<Entrance>,
    ) -> Self {
        Self { given, house, entrance }
    }

    /// The connections somebody may see, in the order of the configuration.
    pub(crate) fn within<'a>(&'a self, reach: &'a Reach) -> impl Iterator<Item = &'a ConsoleState> {
        self.house.iter().filter(|one| reach.covers(&one.place.organisation))
    }

    /// Every connection, for what no person sees.
    pub(crate) fn house(&self) -> &[ConsoleState] {
        &self.house
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
        self.entrance.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn brake(&self) -> MutexGuard<'_, Brake> {
        self.entrance.brake.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

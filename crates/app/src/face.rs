//! The console with the engine behind it: traits of `console` answered by parts of `engine`.

use crate::settings::Desk;
use crate::telemetry;
use crate::wiring::{Gates, USER_AGENT};
use bytes::Bytes;
use console::model::At;
use console::{
    AccessToken, CameBack, Connector, ConsoleState, EngineSnapshot, EngineStatus, FlowSnapshot,
    LiveEvent, Owner, StoreBooks, SystemSnapshot, Trouble, TroubleKind, WarehouseLine,
};
use domain::ids::{CentreId, Scope};
use domain::settings::{Profile, WarehouseMap};
use engine::{Engine, FlowPulse, NextRun, RemoteStatus};
use futures::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use shipbob::oauth::ComeBack;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;
use tokio::sync::broadcast;
use transport::gate::Clock;

/// Samples of gate use kept for the sparkline: one a minute.
const HISTORY: usize = 60;

struct Hooks(Arc<engine::WebhookIntake>);

impl console::WebhookIntake for Hooks {
    fn accept(
        &self,
        path_token: &str,
        headers: &http::HeaderMap,
        body: Bytes,
    ) -> BoxFuture<'_, console::Accept> {
        let (token, headers) = (path_token.to_owned(), headers.clone());
        Box::pin(async move {
            match self.0.accept(&token, &headers, &body).await {
                engine::Accept::Stored => console::Accept::Stored,
                engine::Accept::Refused { status, why } => {
                    console::Accept::Refused { status, why: why.to_owned() }
                }
                engine::Accept::Unavailable => console::Accept::Unavailable,
            }
        })
    }

    fn event(&self, path_token: &str, body: Bytes) -> BoxFuture<'_, console::Accept> {
        let token = path_token.to_owned();
        Box::pin(async move {
            match self.0.accept_event(&token, &body).await {
                engine::Accept::Stored => console::Accept::Stored,
                engine::Accept::Refused { status, why } => {
                    console::Accept::Refused { status, why: why.to_owned() }
                }
                engine::Accept::Unavailable => console::Accept::Unavailable,
            }
        })
    }
}

struct WayIn(engine::Connect);

impl Connector for WayIn {
    fn begin(&self, who: &str) -> BoxFuture<'_, Result<String, String>> {
        let who = who.to_owned();
        Box::pin(async move {
            self.0.begin(&who, ComeBack::Form).await.map_err(|error| error.to_string())
        })
    }

    fn come_back(&self, answer: CameBack) -> BoxFuture<'_, Result<(), String>> {
        let CameBack { state, code, error } = answer;
        Box::pin(async move {
            let answer = engine::Answer { state, code, error };
            self.0.come_back(&answer).await.map_err(|error| error.to_string())
        })
    }
}

/// What the engine says of itself, in the console's words.
pub struct Pulse {
    engine: Arc<Engine>,
    gates: Gates,
    holder: String,
    history: Mutex<[VecDeque<u32>; 2]>,
}

impl Pulse {
    /// The pulse of one engine.
    pub fn new(engine: Arc<Engine>, gates: Gates, holder: &str) -> Self {
        Self { engine, gates, holder: holder.to_owned(), history: Mutex::default() }
    }

    /// This process, or the one it stands by for.
    fn owner(&self) -> Option<Owner> {
        if let Some(lease) = self.engine.lease() {
            return Some(Owner {
                holder: self.holder.clone(),
                fence: lease.fence.0,
                since: At(lease.confirmed),
                here: true,
            });
        }
        let (fence, since) = self.engine.other_owner()?;
        Some(Owner { holder: "another node".to_owned(), fence, since: At(since), here: false })
    }

    /// Takes one sample of gate use.
    pub fn sample(&self) {
        let shares = [self.gates.dynamics.used(), self.gates.shipbob.used()]
            .map(|(used, limit)| (used * 100).checked_div(limit).unwrap_or(0));
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        for (row, share) in history.iter_mut().zip(shares) {
            row.push_back(share);
            if row.len() > HISTORY {
                row.pop_front();
            }
        }
    }
}

impl EngineStatus for Pulse {
    fn snapshot(&self) -> EngineSnapshot {
        let status = self.engine.status();
        let status = status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let [fo, sb] = history.clone().map(Vec::from);
        let (settings, shut) = (self.engine.settings(), &status.closed_centres);
        let mut dynamics = system(&status.dynamics, self.gates.dynamics.used(), fo);
        if let Some(first) = status.setting_problems.first() {
            let why = format!("The settings do not fit, nothing is sent: {first}");
            let since = At(self.engine.now());
            dynamics.trouble = Some(Trouble { kind: TroubleKind::Other, why, since });
        }
        EngineSnapshot {
            version: USER_AGENT.to_owned(),
            owner: self.owner(),
            dynamics,
            shipbob: system(&status.shipbob, self.gates.shipbob.used(), sb),
            flows: self.engine.flow_pulses().into_iter().map(flow).collect(),
            warehouses: settings.warehouses.iter().map(|m| warehouse(m, shut)).collect(),
        }
    }
}

fn flow(pulse: FlowPulse) -> FlowSnapshot {
    let (next_run, waits_for) = match pulse.next {
        NextRun::At(at) => (Some(At(at)), None),
        NextRun::Waits(why) => (None, Some(why.to_owned())),
        NextRun::Unknown => (None, None),
    };
    FlowSnapshot {
        flow: pulse.flow,
        paused: pulse.paused,
        last_run: None,
        next_run,
        running: pulse.running,
        waits_for,
        last_error: pulse.trouble.map(|(why, at)| (why, At(at))),
    }
}

fn warehouse(map: &WarehouseMap, shut: &BTreeSet<CentreId>) -> WarehouseLine {
    let profile = match map.profile {
        Profile::Plain => "plain",
        Profile::External => "external",
        Profile::Whs => "WHS inside",
    };
    let (warehouse, mapping) = (map.warehouse.as_str().to_owned(), map.mapping.clone());
    let closed = mapping.centres().filter(|centre| shut.contains(centre)).collect();
    WarehouseLine { warehouse, profile, mapping, closed }
}

fn system(remote: &RemoteStatus, used: (u32, u32), history: Vec<u32>) -> SystemSnapshot {
    let why = remote.trouble.clone().unwrap_or_default();
    let lost = remote.reconnect.clone().map(|(since, why)| Trouble {
        kind: TroubleKind::Reconnect,
        why,
        since: At(since),
    });
    let trouble = lost.or(match (remote.refused_since, remote.away_since) {
        (Some(since), _) => Some(Trouble { kind: TroubleKind::Credentials, why, since: At(since) }),
        (None, Some(since)) => {
            Some(Trouble { kind: TroubleKind::Unreachable, why, since: At(since) })
        }
        (None, None) => None,
    });
    SystemSnapshot {
        used: used.0,
        limit: if used.1 == u32::MAX { 0 } else { used.1 },
        history,
        answer_ms: None,
        next_poll: remote.next_poll.map(At),
        last_ok: remote.last_good.map(At),
        trouble,
    }
}

/// Everything the console is given for the whole installation.
pub struct Face {
    /// Where the read models are.
    pub store: Store,
    /// Access tokens.
    pub access: AccessToken,
    /// Where webhooks go.
    pub intake: Arc<engine::WebhookIntake>,
    /// The only clock.
    pub clock: Clock,
    /// Cookies only over TLS.
    pub https: bool,
    /// Metrics without the token.
    pub open_metrics: bool,
    /// One per connection.
    pub rooms: Vec<Room>,
}

/// What the console is given for one connection.
pub struct Room {
    /// Whose rows.
    pub scope: Scope,
    /// The name people see.
    pub name: String,
    /// The way into ShipBob, where there is an app.
    pub connect: Option<engine::Connect>,
    /// How the engine is.
    pub pulse: Arc<Pulse>,
    /// Says that something changed.
    pub live: broadcast::Sender<LiveEvent>,
}

impl Face {
    /// Pages, API and webhook endpoint.
    pub fn router(self) -> axum::Router {
        let random: Arc<dyn Fn() -> [u8; 32] + Send + Sync> = Arc::new(random);
        let hooks = Arc::new(Hooks(self.intake));
        let room = |room: Room| ConsoleState {
            place: console::Place {
                id: room.scope.connection.as_str().to_owned(),
                name: room.name.clone(),
                organisation: room.scope.organisation.as_str().to_owned(),
            },
            settings: Arc::new(Desk::new(
                Arc::clone(&room.pulse.engine),
                self.store.clone(),
                room.scope.clone(),
                &room.name,
            )),
            books: Arc::new(StoreBooks::new(self.store.clone(), room.scope)),
            access: self.access.clone(),
            webhook: Arc::<Hooks>::clone(&hooks),
            connect: room.connect.map(|connect| Arc::new(WayIn(connect)) as Arc<dyn Connector>),
            status: room.pulse,
            metrics: Arc::new(|| {
                telemetry::metrics().map(PrometheusHandle::render).unwrap_or_default()
            }),
            now: Arc::clone(&self.clock),
            random: Arc::clone(&random),
            live: room.live,
            zone: jiff::tz::TimeZone::system(),
            https: self.https,
            open_metrics: self.open_metrics,
        };
        console::hall(self.rooms.into_iter().map(room).collect())
    }
}

/// Random bytes for sessions. A machine without randomness can let nobody in safely: the process
/// stops rather than guess.
fn random() -> [u8; 32] {
    store::random::<32>().unwrap_or_else(|error| {
        tracing::error!(%error, "no randomness on this machine: stopping");
        std::process::abort()
    })
}

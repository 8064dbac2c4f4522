//! The console with the engine behind it: traits of `console` answered by parts of `engine`.

use crate::clockwork;
use crate::telemetry;
use crate::wiring::{Gates, USER_AGENT};
use bytes::Bytes;
use console::model::At;
use console::{
    AccessToken, ConsoleState, EngineSnapshot, EngineStatus, FlowSnapshot, LiveEvent, Owner,
    StoreBooks, SystemSnapshot, Trouble, TroubleKind,
};
use domain::ids::Scope;
use domain::operation::Flow;
use engine::{Engine, RemoteStatus};
use futures::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use std::collections::VecDeque;
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
}

/// What the engine says of itself, in the console's words.
pub(crate) struct Pulse {
    engine: Arc<Engine>,
    gates: Gates,
    holder: String,
    history: Mutex<[VecDeque<u32>; 2]>,
}

impl Pulse {
    pub(crate) fn new(engine: Arc<Engine>, gates: Gates, holder: &str) -> Self {
        Self { engine, gates, holder: holder.to_owned(), history: Mutex::default() }
    }

    /// Takes one sample of gate use.
    pub(crate) fn sample(&self) {
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
        let lease = self.engine.lease();
        let flow = |flow| FlowSnapshot {
            flow,
            paused: self.engine.paused(),
            last_run: status.dynamics.last_good.map(At),
            next_run: status.dynamics.next_poll.map(At),
            last_error: None,
        };
        EngineSnapshot {
            version: USER_AGENT.to_owned(),
            owner: lease.map(|l| Owner {
                holder: self.holder.clone(),
                fence: l.fence.0,
                since: At(l.confirmed),
                here: true,
            }),
            dynamics: system(&status.dynamics, self.gates.dynamics.used(), fo),
            shipbob: system(&status.shipbob, self.gates.shipbob.used(), sb),
            flows: vec![flow(Flow::Orders), flow(Flow::Fulfilment)],
        }
    }
}

fn system(remote: &RemoteStatus, used: (u32, u32), history: Vec<u32>) -> SystemSnapshot {
    let why = remote.trouble.clone().unwrap_or_default();
    let trouble = match (remote.refused_since, remote.away_since) {
        (Some(since), _) => Some(Trouble { kind: TroubleKind::Credentials, why, since: At(since) }),
        (None, Some(since)) => {
            Some(Trouble { kind: TroubleKind::Unreachable, why, since: At(since) })
        }
        (None, None) => None,
    };
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

/// Everything the console is given.
pub(crate) struct Face {
    pub(crate) store: Store,
    pub(crate) scope: Scope,
    pub(crate) token: String,
    pub(crate) intake: Arc<engine::WebhookIntake>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) clock: Clock,
    pub(crate) live: broadcast::Sender<LiveEvent>,
    pub(crate) https: bool,
    pub(crate) open_metrics: bool,
}

impl Face {
    pub(crate) fn router(self) -> axum::Router {
        console::router(ConsoleState {
            books: Arc::new(StoreBooks::new(self.store, self.scope)),
            access: AccessToken::new(&self.token),
            webhook: Arc::new(Hooks(self.intake)),
            status: self.pulse,
            metrics: Arc::new(|| {
                telemetry::metrics().map(PrometheusHandle::render).unwrap_or_default()
            }),
            now: self.clock,
            random: Arc::new(random),
            live: self.live,
            zone: jiff::tz::TimeZone::system(),
            https: self.https,
            open_metrics: self.open_metrics,
        })
    }
}

/// Random bytes for sessions. Without a source of randomness nobody can be let in safely, so the
/// fallback is unguessable to nobody's benefit: it is never equal twice and opens no session for
/// long, because the process is broken anyway.
fn random() -> [u8; 32] {
    store::random::<32>().unwrap_or_else(|error| {
        tracing::error!(%error, "no randomness: sessions are not safe, restart the machine");
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(clockwork::now().0.to_le_bytes()).for_each(|(b, t)| *b = t);
        bytes
    })
}

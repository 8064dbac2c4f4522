//! Twins and engine in one process on one virtual clock. Time jumps from event to event, so days
//! of warehouse life take seconds, and nothing depends on how fast the machine is.

pub mod browser;
mod fleet;

pub use fleet::{Fleet, prepare_all};

use crate::config::CALLBACK;
use crate::wiring::{self, Gates, Remotes};
use domain::ids::Scope;
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use engine::{Accept, Connect, ConnectError, Engine, EngineError, Options, WebhookIntake};
use shipbob::oauth::AppConfig;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError};
use store::{NewConnection, NewSettings, SettingsOrigin, Store, StoreError, Txn};
use tokio::sync::Notify;
use transport::gate::Clock;
use transport::{InProcess, Transport};
use twins::{Estate, Twins};

/// Why a run could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum RigError {
    /// The engine stopped.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A person could not connect ShipBob.
    #[error(transparent)]
    Connect(ConnectError),
    /// The world did not become quiet in the time given.
    #[error("not quiet after {days} virtual days: {what}")]
    NotQuiet {
        /// How long.
        days: i64,
        /// What was still open.
        what: String,
    },
}

impl From<ConnectError> for RigError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Store(error) => Self::Store(error),
            other => Self::Connect(other),
        }
    }
}

/// The world outside one connection: both twins and the clock. It survives a crash of the engine.
#[derive(Clone)]
pub struct World {
    /// Both remotes, as far as they concern this connection.
    pub twins: Twins,
    /// Whose rows the connection has.
    pub scope: Scope,
    /// Everything behind the same doors; other connections of the installation are there too.
    estate: Estate,
    time: Arc<AtomicI64>,
    /// The merchant lets us in as an app.
    oauth: bool,
    /// Where ShipBob sends people back to.
    callback: String,
}

impl World {
    /// A world at its start time.
    pub fn new(config: twins::TwinConfig) -> Self {
        let time = Arc::new(AtomicI64::new(config.start_micros));
        let oauth = config.oauth;
        let estate = Estate::new(vec![config.clone()]);
        let twins = estate.entities().first().cloned().unwrap_or_else(|| Twins::new(config));
        Self::of(twins, scope(), &estate, &time, oauth)
    }

    /// One world per legal entity, behind the same doors and under the same clock.
    pub fn several(configs: Vec<twins::TwinConfig>) -> Vec<Self> {
        let start = configs.first().map_or(0, |config| config.start_micros);
        let time = Arc::new(AtomicI64::new(start));
        let each: Vec<(Scope, bool)> = configs
            .iter()
            .map(|config| (wiring::scope("demo", &config.company), config.oauth))
            .collect();
        let estate = Estate::new(configs);
        let entities = estate.entities().iter().zip(each);
        let world = |(twins, (scope, oauth)): (&Twins, (Scope, bool))| {
            Self::of(twins.clone(), scope, &estate, &time, oauth)
        };
        entities.map(world).collect()
    }

    fn of(twins: Twins, scope: Scope, estate: &Estate, time: &Arc<AtomicI64>, oauth: bool) -> Self {
        let callback = format!("https://connector.example{CALLBACK}");
        let (estate, time) = (estate.clone(), Arc::clone(time));
        Self { twins, scope, estate, time, oauth, callback }
    }

    /// When the next thing happens by itself, for any connection.
    pub fn next_event(&self) -> Option<Timestamp> {
        self.estate.next_event().map(Timestamp)
    }

    /// The simulated auth host, of all accounts.
    pub fn auth_host(&self) -> axum::Router {
        self.estate.shipbob_auth()
    }

    /// People come back to the console at this address.
    #[must_use]
    pub fn console_at(mut self, address: &str) -> Self {
        self.callback = format!("{address}{CALLBACK}");
        self
    }

    /// Its clock.
    pub fn clock(&self) -> Clock {
        let time = Arc::clone(&self.time);
        Arc::new(move || Timestamp(time.load(Ordering::SeqCst)))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.time.load(Ordering::SeqCst))
    }

    /// Moves time forward; everything due on the way happens.
    pub fn advance(&self, to: Timestamp) {
        let to = to.max(self.now());
        self.estate.advance(to.0);
        self.time.store(to.0, Ordering::SeqCst);
    }

    /// The network to both twins, without sockets.
    pub fn network(&self) -> InProcess {
        let at = self.twins.credentials();
        let environments = self.estate.environments();
        environments
            .iter()
            .fold(InProcess::new(), |all, url| all.route(host(url), self.estate.dynamics(url)))
            .route(host(&at.login_url), self.estate.entra())
            .route(host(&at.shipbob_url), self.estate.shipbob())
            .route(host(&at.shipbob_auth_url), self.estate.shipbob_auth())
    }

    /// Where and who.
    pub fn remotes(&self, shipbob_per_minute: Option<u32>) -> Remotes {
        let at = self.twins.credentials();
        Remotes {
            dynamics_url: at.dynamics_url.clone(),
            authority: format!("{}/{}/oauth2/v2.0/token", at.login_url, at.tenant_id),
            client_id: at.client_id.clone(),
            client_secret: at.client_secret.clone(),
            certificate: None,
            shipbob_url: at.shipbob_url.clone(),
            shipbob_version: "2026-01".to_owned(),
            shipbob_token: if self.oauth { String::new() } else { at.pat.clone() },
            shipbob_app: self.oauth.then(|| AppConfig {
                auth: at.shipbob_auth_url.clone(),
                client_id: at.app_id.clone(),
                client_secret: at.app_secret.clone().into(),
                redirect_uri: self.callback.clone(),
                integration_name: format!("F&O connector{}", self.beside()),
                scope: match self.twins.mapping().products {
                    Some(_) => format!("{} products_write", shipbob::oauth::SCOPES),
                    None => shipbob::oauth::SCOPES.to_owned(),
                },
                pkce: true,
                user_agent: wiring::USER_AGENT.to_owned(),
            }),
            shipbob_per_minute,
            dynamics_deadline: Span::seconds(120),
            shipbob_deadline: Span::seconds(30),
        }
    }
}

impl World {
    /// Tells channels of one account apart.
    fn beside(&self) -> String {
        if self.estate.entities().len() < 2 {
            return String::new();
        }
        format!(" {}", self.twins.credentials().company)
    }
}

fn host(url: &str) -> &str {
    url.split("://").nth(1).unwrap_or(url).trim_end_matches('/')
}

/// The scope every rig uses.
pub fn scope() -> Scope {
    wiring::scope("demo", "demo")
}

/// Writes what `serve` would have written at its first start.
pub async fn prepare(store: &Store, settings: &Settings, at: Timestamp) -> Result<(), StoreError> {
    let scope = scope();
    let mut txn = store.begin("rig.prepare").await?;
    txn.organisation_put(&scope.organisation, "Demo", at).await?;
    let new = NewConnection {
        name: "Contoso US".to_owned(),
        company: settings.company.as_str().to_owned(),
        channel_id: settings.channel.0,
    };
    txn.connection_put(&scope, &new, at).await?;
    txn.connection_cut_off(&scope, settings.cut_off).await?;
    first_version(&mut txn, &scope, settings, at).await?;
    txn.commit().await
}

/// The settings as their first version, with their document.
async fn first_version(
    txn: &mut Txn,
    scope: &Scope,
    settings: &Settings,
    at: Timestamp,
) -> Result<(), StoreError> {
    if txn.settings(scope).await?.is_some() {
        return Ok(());
    }
    // What cannot be written in JSON is not in settings.
    let json = serde_json::to_string(settings).unwrap_or_default();
    let text = crate::config::document::write(settings);
    let new = NewSettings {
        document: &json,
        text: text.as_deref(),
        origin: SettingsOrigin::File,
        who: "rig",
        reason: "the world says so",
    };
    txn.settings_change(scope, 0, &new, at).await.map(|_| ())
}

/// One life of the connector: from start to stop or crash.
pub struct Rig {
    /// The world it runs in.
    pub world: World,
    /// Its engine.
    pub engine: Arc<Engine>,
    /// Its gates.
    pub gates: Gates,
    intake: Arc<WebhookIntake>,
    connect: Option<Connect>,
    committer: tokio::task::JoinHandle<()>,
}

/// What a life is started with.
pub struct Start {
    /// Where it keeps everything.
    pub store: Store,
    /// How it speaks; usually [`World::network`], perhaps with faults around it.
    pub network: Arc<dyn Transport>,
    /// What a person decided.
    pub settings: Settings,
    /// Webhooks are subscribed and delivered.
    pub webhooks: bool,
    /// Calls a minute.
    pub shipbob_per_minute: Option<u32>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Passes of the engine.
    pub steps: u64,
    /// Virtual time it took.
    pub took: Span,
}

impl Rig {
    /// Starts a life in `world`.
    pub fn start(world: &World, start: Start) -> Self {
        Self::start_as(world, start, |_| {})
    }

    /// Starts a life whose engine has other options than a lone one.
    pub fn start_as(world: &World, start: Start, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::new("rig");
        options.exclusive = true;
        options.lease = Span::hours(2);
        options.public_url = start.webhooks.then(|| "https://connector.example".to_owned());
        change(&mut options);
        let remotes = world.remotes(start.shipbob_per_minute);
        let (engine, gates) = wiring::engine(
            scope(),
            start.store.clone(),
            &start.network,
            &remotes,
            start.settings,
            world.clock(),
            options,
        );
        let connect =
            wiring::connect(&scope(), &start.store, &start.network, &remotes, &world.clock());
        let wake = Arc::new(Notify::new());
        let (intake, committer) = WebhookIntake::new(start.store, world.clock(), wake);
        #[expect(clippy::disallowed_methods, reason = "the rig supervises its own committer")]
        let committer = tokio::spawn(committer.run());
        let engine = Arc::new(engine);
        Self { world: world.clone(), engine, gates, intake, connect, committer }
    }

    /// Where its webhooks go.
    pub fn intake(&self) -> Arc<WebhookIntake> {
        Arc::clone(&self.intake)
    }

    /// The way into ShipBob for people, where there is an app.
    pub fn connect(&self) -> Option<Connect> {
        self.connect.clone()
    }

    /// When the engine says that ShipBob must be connected, a person does it. True when something
    /// was done.
    pub async fn person(&self) -> Result<bool, RigError> {
        person(&self.world, &self.engine, self.connect.as_ref()).await
    }

    /// Everything that can happen at this moment, without moving time.
    pub async fn settle_moment(&self) -> Result<(u64, Timestamp), RigError> {
        let mut steps = 0;
        loop {
            let delivered = deliver_webhooks(&self.world, &self.intake).await;
            let step = self.engine.step().await?;
            steps += 1;
            let connected = self.person().await?;
            if !step.worked && !delivered && !connected {
                return Ok((steps, step.next));
            }
            if steps > AT_ONCE {
                let what = self.engine.open_work().await?;
                let what = format!("works without end at one moment; {what}");
                return Err(RigError::NotQuiet { days: 0, what });
            }
        }
    }

    /// Hands what ShipBob sends now to the intake; false when there was nothing.
    pub async fn deliver_webhooks(&self) -> bool {
        deliver_webhooks(&self.world, &self.intake).await
    }

    /// Runs until neither side has anything left to do, at most `limit` of virtual time.
    pub async fn run_to_quiet(&self, limit: Span) -> Result<Run, RigError> {
        let began = self.world.now();
        let mut steps = 0;
        let mut quiet_since: Option<Timestamp> = None;
        loop {
            let (n, next) = self.settle_moment().await?;
            steps += n;
            let now = self.world.now();
            let twin = self.world.next_event();
            if twin.is_none() && self.engine.quiet().await? {
                // Polls of both systems must find nothing new before it is over.
                let since = *quiet_since.get_or_insert(now);
                if now.since(since) > PATIENCE {
                    return Ok(Run { steps, took: now.since(began) });
                }
            } else {
                quiet_since = None;
            }
            if now.since(began) > limit {
                return Err(self.not_quiet(limit).await);
            }
            let at = twin.map_or(next, |t| t.min(next)).max(now + Span(1));
            self.world.advance(at);
        }
    }

    async fn not_quiet(&self, limit: Span) -> RigError {
        let open = match self.engine.open_work().await {
            Ok(words) => words,
            Err(error) => error.to_string(),
        };
        let days = limit.0 / Span::days(1).0;
        let next = self.world.estate.next_event_words();
        RigError::NotQuiet { days, what: format!("{open}; the twins' next event: {next}") }
    }

    /// Stops this life; the world goes on.
    pub fn stop(self) {
        self.committer.abort();
    }
}

/// When the engine says that ShipBob must be connected, a person does it.
async fn person(
    world: &World,
    engine: &Engine,
    connect: Option<&Connect>,
) -> Result<bool, RigError> {
    let Some(connect) = connect else { return Ok(false) };
    let asked = {
        let status = engine.status();
        let status = status.lock().unwrap_or_else(PoisonError::into_inner);
        status.shipbob.reconnect.is_some()
    };
    if !asked || connect.grants().await?.is_none() {
        return Ok(false);
    }
    Ok(browser::approve(&world.network(), connect).await?)
}

/// Hands due webhooks of the world to the intake; true when there were any.
pub async fn deliver_webhooks(world: &World, intake: &WebhookIntake) -> bool {
    let due = world.estate.take_webhooks();
    let some = !due.is_empty();
    for (twins, hook) in due {
        let token = hook.url.rsplit('/').next().unwrap_or_default().to_owned();
        let mut headers = http::HeaderMap::new();
        for (name, value) in &hook.headers {
            let name = http::HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, http::HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        let status = match intake.accept(&token, &headers, &hook.body).await {
            Accept::Stored => Some(204),
            Accept::Refused { status, .. } => Some(status),
            Accept::Unavailable => Some(503),
        };
        twins.webhook_result(hook.attempt_id, status);
    }
    some
}

/// The cut-off of a twin world, before its start: its ordinary orders are created after it, the
/// ones pasted by hand before it.
pub const CUT_OFF_BEFORE: Span = Span::hours(6);

/// More passes than any moment of a world needs: somebody works in circles.
const AT_ONCE: u64 = 100_000;

/// Both polls and a look at the watch list fit into this.
const PATIENCE: Span = Span::minutes(40);

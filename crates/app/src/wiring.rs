//! From configuration to running parts: clients, gates, engine.

use domain::ids::{CentreId, ChannelId, Company, ConnectionId, OrganisationId, Scope};
use domain::mapping::Mapping;
use domain::operation::Settle;
use domain::settings::{
    CarrierMap, External, Profile, Schedule, ServiceIdSpace, Settings, WarehouseMap,
};
use domain::time::{Span, Timestamp};
use dynamics::{Certificate, ClientSecret, Credential, Dynamics};
use engine::{Engine, Options, Parts};
use futures::future::BoxFuture;
use shipbob::oauth::{App, AppConfig};
use shipbob::{ShipBob, Token};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Store;
use transport::gate::{Adaptive, Clock, Gate, Shared};
use transport::{Request, Response, Transport, TransportError};

/// What both remotes are told about us.
pub const USER_AGENT: &str = concat!("ml-connector/", env!("CARGO_PKG_VERSION"));

/// Addresses and credentials of one connection, in plain text: short-lived, never stored, never
/// shown.
pub struct Remotes {
    /// Base URL of F&O.
    pub dynamics_url: String,
    /// Token URL of Entra.
    pub authority: String,
    /// Client id of the app registration.
    pub client_id: String,
    /// Its secret; empty when there is a certificate, or when the vault holds the credential.
    pub client_secret: String,
    /// Certificate and key instead of a secret.
    pub certificate: Option<Arc<Certificate>>,
    /// Base URL of ShipBob.
    pub shipbob_url: String,
    /// Version segment of ShipBob's API.
    pub shipbob_version: String,
    /// Personal access token; empty when there is an app, or when the vault holds it.
    pub shipbob_token: String,
    /// The app a merchant lets in.
    pub shipbob_app: Option<AppConfig>,
    /// Calls a minute of the ShipBob account; none = no limit (twins only).
    pub shipbob_per_minute: Option<u32>,
    /// Longest time one F&O request may take.
    pub dynamics_deadline: Span,
    /// Longest time one ShipBob request may take.
    pub shipbob_deadline: Span,
}

/// Cuts every deadline of a client to what a person configured.
struct Patience {
    inner: Arc<dyn Transport>,
    longest: Span,
}

impl Transport for Patience {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        request.deadline = request.deadline.min(self.longest);
        self.inner.send(request)
    }
}

/// The longest a whole F&O operation takes when one request takes `deadline`: a token, a request
/// that is answered 401, another token, the request again.
pub fn dynamics_bound(deadline: Span) -> Span {
    let token = deadline.min(Span::seconds(30));
    Span((deadline.0 + token.0) * 2)
}

/// The app of a connection, if it has one.
pub fn app(transport: &Arc<dyn Transport>, remotes: &Remotes) -> Option<App> {
    let longest = remotes.shipbob_deadline;
    let patient = Arc::new(Patience { inner: Arc::clone(transport), longest });
    remotes.shipbob_app.clone().map(|config| App::new(patient, config))
}

/// The way into ShipBob for people, if the connection has an app.
pub fn connect(
    scope: &Scope,
    store: &Store,
    transport: &Arc<dyn Transport>,
    remotes: &Remotes,
    clock: &Clock,
) -> Option<engine::Connect> {
    let app = app(transport, remotes)?;
    Some(engine::Connect::new(store.clone(), scope.clone(), app, Arc::clone(clock)))
}

fn credential(remotes: &Remotes) -> Credential {
    match &remotes.certificate {
        Some(certificate) => Credential::Certificate(Arc::clone(certificate)),
        None => ClientSecret::new(remotes.client_secret.clone()).into(),
    }
}

/// The gates of one connection, kept apart for the console.
#[derive(Clone)]
pub struct Gates {
    /// Of the F&O environment.
    pub dynamics: Arc<Shared<Adaptive>>,
    /// Of the ShipBob account.
    pub shipbob: Arc<Shared<Gate>>,
}

fn gates(remotes: &Remotes, clock: &Clock) -> Gates {
    let gate = match remotes.shipbob_per_minute {
        Some(limit) => Gate::new(limit),
        None => Gate::unlimited(),
    };
    Gates {
        dynamics: Arc::new(Shared::new(Adaptive::new(), Arc::clone(clock))),
        shipbob: Arc::new(Shared::new(gate, Arc::clone(clock))),
    }
}

/// Both clients behind gates of their own, for a single question.
pub fn clients(
    transport: &Arc<dyn Transport>,
    remotes: &Remotes,
    settings: &Settings,
    clock: &Clock,
) -> (Dynamics, ShipBob) {
    clients_behind(&gates(remotes, clock), transport, remotes, settings)
}

fn clients_behind(
    gates: &Gates,
    transport: &Arc<dyn Transport>,
    remotes: &Remotes,
    settings: &Settings,
) -> (Dynamics, ShipBob) {
    let patient = |longest| Arc::new(Patience { inner: Arc::clone(transport), longest });
    let dynamics = Dynamics::new(
        patient(remotes.dynamics_deadline),
        gates.dynamics.clone(),
        dynamics::Config {
            base: remotes.dynamics_url.clone(),
            authority: remotes.authority.clone(),
            client_id: remotes.client_id.clone(),
            scope: format!("{}/.default", remotes.dynamics_url.trim_end_matches('/')),
            company: settings.company.clone(),
            page: 1_000,
            user_agent: USER_AGENT.to_owned(),
        },
        credential(remotes),
    );
    let shipbob = ShipBob::new(
        patient(remotes.shipbob_deadline),
        gates.shipbob.clone(),
        shipbob::Config {
            base: remotes.shipbob_url.clone(),
            version: remotes.shipbob_version.clone(),
            channel: settings.channel,
            user_agent: USER_AGENT.to_owned(),
        },
        Token::new(&remotes.shipbob_token),
    );
    (dynamics, shipbob)
}

/// Wires one engine.
pub fn engine(
    scope: Scope,
    store: Store,
    transport: &Arc<dyn Transport>,
    remotes: &Remotes,
    settings: Settings,
    clock: Clock,
    mut options: Options,
) -> (Engine, Gates) {
    let accepted = std::mem::take(&mut options.setup.accepted);
    options.setup = setup(remotes, options.public_url.clone());
    options.setup.accepted = accepted;
    options.shipbob_deadline = remotes.shipbob_deadline;
    options.dynamics_deadline = dynamics_bound(remotes.dynamics_deadline);
    let gates = gates(remotes, &clock);
    let (dynamics, shipbob) = clients_behind(&gates, transport, remotes, &settings);
    let parts = Parts {
        scope,
        store,
        dynamics,
        shipbob,
        app: app(transport, remotes),
        dynamics_gate: gates.dynamics.clone(),
        shipbob_gate: gates.shipbob.clone(),
        settings,
        clock,
        options,
    };
    (Engine::new(parts), gates)
}

/// What the doctor is told beside the settings.
pub fn setup(remotes: &Remotes, public_url: Option<String>) -> domain::doctor::Setup {
    domain::doctor::Setup {
        dynamics_url: remotes.dynamics_url.clone(),
        shipbob_url: remotes.shipbob_url.clone(),
        shipbob_version: remotes.shipbob_version.clone(),
        public_url,
        ..domain::doctor::Setup::default()
    }
}

/// The scope of an installation with one connection.
pub fn scope(organisation: &str, connection: &str) -> Scope {
    Scope {
        organisation: OrganisationId::new(organisation),
        connection: ConnectionId::new(connection),
    }
}

/// The centres of a warehouse of the twins.
fn centres_of(warehouse: &twins::WarehouseRow) -> Mapping {
    if warehouse.network.is_empty() {
        return Mapping::Pinned(CentreId(warehouse.centre_id));
    }
    Mapping::Network(warehouse.network.iter().copied().map(CentreId).collect())
}

/// Settings that fit the twins' world.
pub fn twin_settings(mapping: &twins::Mapping, cut_off: Timestamp) -> Settings {
    Settings {
        version: 1,
        company: Company::new(mapping.company.as_str()),
        channel: ChannelId(mapping.channel_id),
        cut_off: Some(cut_off),
        released_when: BTreeSet::from(["Confirmation".to_owned(), "PickingList".to_owned()]),
        warehouses: mapping
            .warehouses
            .iter()
            .map(|w| WarehouseMap {
                warehouse: w.warehouse.into(),
                mapping: centres_of(w),
                profile: if mapping.external { Profile::External } else { Profile::Plain },
            })
            .collect(),
        methods: mapping
            .modes
            .iter()
            .map(|(mode, method)| ((*mode).to_owned(), (*method).to_owned()))
            .collect(),
        carriers: mapping
            .carriers
            .iter()
            .map(|c| CarrierMap {
                shipbob_carrier: c.shipbob_carrier.to_owned(),
                shipbob_service: c.shipbob_service.to_owned(),
                carrier: c.dynamics_carrier.to_owned(),
                service: c.dynamics_service.to_owned(),
            })
            .collect(),
        each_units: mapping
            .units
            .iter()
            .filter(|u| u.each == Some(1))
            .map(|u| u.unit.to_lowercase())
            .collect(),
        countries: BTreeMap::new(),
        home_countries: BTreeSet::from(["US".to_owned()]),
        batch_pool: Some(mapping.pool.to_owned()),
        write_carrier: true,
        external: External::default(),
        shipping_service_id: match mapping.service_ids {
            "method-id" => ServiceIdSpace::MethodId,
            "service-level-id" => ServiceIdSpace::ServiceLevelId,
            _ => ServiceIdSpace::Unknown,
        },
        schedule: Schedule::default(),
        settle: Settle::default(),
    }
}

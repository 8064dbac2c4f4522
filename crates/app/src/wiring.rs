//! From configuration to running parts: clients, gates, engine.

use domain::charge::{Charges, Negative, Package};
use domain::custom_call::{CallKind, CallMethod, ChargeCall, CustomCall, LookUp, Success};
use domain::doctor::Entrance;
use domain::ids::{CentreId, ChannelId, Company, ConnectionId, OrganisationId, Scope};
use domain::inbound::Returns;
use domain::mapping::Mapping;
use domain::operation::Settle;
use domain::product_settings::{KitMode, Products};
use domain::settings::{
    Billing, CarrierMap, CostWriteBack, External, Profile, Schedule, ServiceIdSpace, Settings,
    WarehouseMap,
};
use domain::time::{Span, Timestamp};
use domain::whs::{AfterSlip, ReleasedUnit, Whs};
use dynamics::{Certificate, ClientSecret, Credential, Dynamics, Quiet};
use engine::{Engine, Options, Parts};
use futures::future::BoxFuture;
use shipbob::oauth::{App, AppConfig};
use shipbob::{ShipBob, Token};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::Store;
use transport::gate::{Adaptive, Clock, Gate, Limiter, Shared};
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

/// How one connection reaches its gates: alone, or at a table with others.
#[derive(Clone)]
pub struct Limiters {
    /// Of the F&O environment.
    pub dynamics: Arc<dyn Limiter>,
    /// Of the ShipBob account.
    pub shipbob: Arc<dyn Limiter>,
    /// Of the application in Entra.
    pub entra: Quiet,
}

impl From<&Gates> for Limiters {
    fn from(gates: &Gates) -> Self {
        let (dynamics, shipbob) = (gates.dynamics.clone(), gates.shipbob.clone());
        Self { dynamics, shipbob, entra: Quiet::default() }
    }
}

/// Gates of one environment and one account.
pub fn gates(remotes: &Remotes, clock: &Clock) -> Gates {
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
    clients_behind(&Limiters::from(&gates(remotes, clock)), transport, remotes, settings)
}

/// Both clients behind these gates, for whoever must ask them, too.
pub fn clients_of(
    gates: &Gates,
    transport: &Arc<dyn Transport>,
    remotes: &Remotes,
    settings: &Settings,
) -> (Dynamics, ShipBob) {
    clients_behind(&Limiters::from(gates), transport, remotes, settings)
}

fn clients_behind(
    limiters: &Limiters,
    transport: &Arc<dyn Transport>,
    remotes: &Remotes,
    settings: &Settings,
) -> (Dynamics, ShipBob) {
    let patient = |longest| Arc::new(Patience { inner: Arc::clone(transport), longest });
    let dynamics = Dynamics::new(
        patient(remotes.dynamics_deadline),
        limiters.dynamics.clone(),
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
    )
    .listening(limiters.entra.clone());
    let shipbob = ShipBob::new(
        patient(remotes.shipbob_deadline),
        limiters.shipbob.clone(),
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
    options: Options,
) -> (Engine, Gates) {
    let gates = gates(remotes, &clock);
    let limiters = Limiters::from(&gates);
    let engine =
        engine_behind(&limiters, scope, store, transport, remotes, settings, clock, options);
    (engine, gates)
}

/// Wires one engine behind gates that others may share.
#[expect(clippy::too_many_arguments, reason = "wiring takes everything once")]
pub fn engine_behind(
    limiters: &Limiters,
    scope: Scope,
    store: Store,
    transport: &Arc<dyn Transport>,
    remotes: &Remotes,
    settings: Settings,
    clock: Clock,
    mut options: Options,
) -> Engine {
    let accepted = std::mem::take(&mut options.setup.accepted);
    options.setup = setup(remotes, options.public_url.clone());
    options.setup.accepted = accepted;
    options.shipbob_deadline = remotes.shipbob_deadline;
    options.dynamics_deadline = dynamics_bound(remotes.dynamics_deadline);
    let (dynamics, shipbob) = clients_behind(limiters, transport, remotes, &settings);
    let parts = Parts {
        scope,
        store,
        dynamics,
        shipbob,
        app: app(transport, remotes),
        dynamics_gate: limiters.dynamics.clone(),
        shipbob_gate: limiters.shipbob.clone(),
        settings,
        read_document: crate::config::document::reading,
        clock,
        options,
    };
    Engine::new(parts)
}

/// What the doctor is told beside the settings.
pub fn setup(remotes: &Remotes, public_url: Option<String>) -> domain::doctor::Setup {
    domain::doctor::Setup {
        dynamics_url: remotes.dynamics_url.clone(),
        shipbob_url: remotes.shipbob_url.clone(),
        shipbob_version: remotes.shipbob_version.clone(),
        entrance: match (&remotes.shipbob_app, remotes.shipbob_token.as_str()) {
            (None, _) => Entrance::Token,
            (Some(_), "") => Entrance::NotConnected,
            (Some(_), _) => Entrance::App,
        },
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

/// What warehouse management of the twins means by a released quantity.
fn twin_whs(row: Option<&twins::WhsRow>) -> Whs {
    let mut whs = Whs::default();
    if row.is_some_and(|r| r.released_in_sales_unit) {
        whs.released_quantity_in = ReleasedUnit::Sales;
    }
    if row.is_some_and(|r| r.released_falls) {
        whs.released_quantity_after_slip = AfterSlip::Falls;
    }
    whs
}

fn twin_call(row: &twins::CallRow) -> CustomCall {
    let (pointer, equals) = row.success.unzip();
    CustomCall {
        kind: if row.kind == "action" { CallKind::Action } else { CallKind::Service },
        path: row.path.to_owned(),
        method: CallMethod::Post,
        body: row.body.to_owned(),
        success: Success {
            status: BTreeSet::from([200]),
            pointer: pointer.map(str::to_owned),
            equals: equals.map(serde_json::Value::Bool),
        },
        look_up: LookUp {
            set: row.look_up.0.to_owned(),
            filter: row.look_up.1.to_owned(),
            field: None,
            equals: None,
        },
        refuses_duplicates: row.refuses_duplicates,
        entity: row.entity.map(str::to_owned),
    }
}

/// Looks at a simulated ShipBob's billing more often: its weeks are short.
fn twin_billing() -> Billing {
    Billing { every_minutes: 10, ..Billing::default() }
}

/// Looks at the returns of a simulated ShipBob more often, and has them recorded by the call its F&O has.
fn twin_returns() -> Returns {
    let record = CustomCall {
        kind: CallKind::Service,
        path: "/api/services/ContosoFulfilment/Returns/record".to_owned(),
        method: CallMethod::Post,
        body: r#"{"_request": {"DataAreaId": "{company}", "ReturnId": "{return}", "SalesId": "{order}", "CompletedDate": "{completed_date}",
            "Lines": [{"Sku": "{line.sku}", "Restocked": "{line.restocked}", "Quarantined": "{line.quarantined}",
            "Disposed": "{line.disposed}"}]}}"#
            .to_owned(),
        success: Success {
            status: BTreeSet::from([200]),
            pointer: Some("/Success".to_owned()),
            equals: Some(serde_json::Value::Bool(true)),
        },
        look_up: LookUp {
            set: "SalesOrderHeaderDocumentAttachmentsV2".to_owned(),
            filter: "dataAreaId eq '{company}' and SalesOrderNumber eq '{order}' and AttachmentDescription eq 'Return record {return}'"
                .to_owned(),
            field: None,
            equals: None,
        },
        refuses_duplicates: false,
        entity: None,
    };
    Returns { every_minutes: 10, note: true, record: Some(record), ..Returns::default() }
}

/// Charges as somebody would set them up for the twins, who has tried negative ones.
pub fn twin_charges(twins: &twins::Twins) -> Charges {
    let (manifest, header, project) = twins.data_project();
    Charges {
        code: "SBCOST".to_owned(),
        codes: BTreeMap::from([("Shipping".to_owned(), "SBFREIGHT".to_owned())]),
        currency: "USD".to_owned(),
        negative: Negative::Write,
        first_line: 900,
        last_line: 999,
        package: Package {
            definition_group: project.to_owned(),
            manifest,
            header,
            ..Package::default()
        },
        ..Charges::default()
    }
}

/// Costs become charges of their orders, where the flow billing is on.
pub fn write_charges(settings: &mut Settings, twins: &twins::Twins) {
    if let Some(billing) = &mut settings.billing {
        billing.write_back = CostWriteBack::Package;
        billing.charges = Some(twin_charges(twins));
    }
}

/// Costs become charges by the call the twins' F&O has, where the flow billing is on.
pub fn call_charges(settings: &mut Settings, twins: &twins::Twins) {
    write_charges(settings, twins);
    let Some(billing) = &mut settings.billing else { return };
    billing.write_back = CostWriteBack::Call;
    if let Some(charges) = &mut billing.charges {
        charges.package = Package::default();
        charges.call = Some(twin_charge_call());
    }
}

fn twin_charge_call() -> ChargeCall {
    ChargeCall {
        kind: CallKind::Service,
        path: "/api/services/ContosoFulfilment/OrderCharges/set".to_owned(),
        method: CallMethod::Post,
        body: r#"{"_request": {"DataAreaId": "{company}", "SalesId": "{order}", "LineNum": "{line}", "ChargeCode": "{code}",
            "Amount": "{amount}", "CurrencyCode": "{currency}", "Description": "{description}", "Reference": "{reference}",
            "Keep": "{keep}"}}"#
            .to_owned(),
        success: Success {
            status: BTreeSet::from([200]),
            pointer: Some("/Success".to_owned()),
            equals: Some(serde_json::Value::Bool(true)),
        },
    }
}

/// Settings that fit the twins' world.
pub fn twin_settings(mapping: &twins::Mapping, cut_off: Timestamp) -> Settings {
    Settings {
        version: 1,
        company: Company::new(mapping.company.as_str()),
        channel: ChannelId(mapping.channel_id),
        cut_off: Some(cut_off),
        released_when: BTreeSet::from(["Confirmation".to_owned(), "PickingList".to_owned()]),
        filters: domain::order_filter::OrderFilters::default(),
        warehouses: mapping
            .warehouses
            .iter()
            .map(|w| WarehouseMap {
                warehouse: w.warehouse.into(),
                mapping: centres_of(w),
                profile: match (&mapping.whs, mapping.external) {
                    (Some(_), _) => Profile::Whs,
                    (None, true) => Profile::External,
                    (None, false) => Profile::Plain,
                },
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
        whs: twin_whs(mapping.whs.as_ref()),
        custom_call: mapping.whs.as_ref().and_then(|w| w.call.as_ref()).map(twin_call),
        inventory: None,
        products: mapping.products.as_ref().map(twin_products),
        shipping_service_id: match mapping.service_ids {
            "method-id" => ServiceIdSpace::MethodId,
            "service-level-id" => ServiceIdSpace::ServiceLevelId,
            _ => ServiceIdSpace::Unknown,
        },
        billing: mapping.billing.then(twin_billing),
        returns: mapping.returns.then(twin_returns),
        reconcile: None,
        schedule: Schedule::default(),
        settle: Settle::default(),
    }
}

/// Products as somebody would set them up for the twins; compared often, because their days are short.
fn twin_products(rows: &twins::ProductRows) -> Products {
    let symbols = rows.symbols.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
    let kit =
        |parts: &[(&str, u32)]| parts.iter().map(|(sku, n)| ((*sku).to_owned(), *n)).collect();
    Products {
        master_weight_unit: rows.weight_unit.to_owned(),
        master_length_unit: rows.length_unit.to_owned(),
        symbols: symbols.collect(),
        kit_mode: KitMode::Bundle,
        kits: rows.kits.iter().map(|(sku, parts)| (sku.clone(), kit(parts))).collect(),
        poll_seconds: 600,
        compare_seconds: 900,
        ..Products::default()
    }
}

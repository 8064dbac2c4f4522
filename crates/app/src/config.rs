//! The configuration file: TOML, secrets as `${ENVIRONMENT}`, unknown keys refused.

mod check;
pub mod document;
mod installation;
pub mod inventory;
mod package;
mod retention;
mod settings;

pub(crate) use installation::slug;
pub use installation::{AccessConfig, Installation};

use domain::custom_call::CustomCall;
use domain::ids::Scope;
use domain::order_filter::OrderFilters;
pub use retention::RetentionConfig;

use domain::operation::Settle;
use domain::product_settings::Products;
use domain::settings::{Billing, External, Profile, Schedule, ServiceIdSpace};
use domain::timetable::Timetables;
use domain::whs::Whs;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Configuration files are small; anything larger is a mistake.
const MAX_BYTES: u64 = 1024 * 1024;

/// The commented reference, printed by `config reference` and held against this module by a test.
pub const REFERENCE: &str = include_str!("config_reference.toml");

/// Where ShipBob sends people back to.
pub const CALLBACK: &str = "/connect/shipbob/callback";

/// A file as one of its connections sees it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where people and ShipBob reach us.
    pub server: Server,
    /// Where everything is kept.
    pub store: StoreConfig,
    /// How long closed things are kept.
    pub retention: RetentionConfig,
    /// The connection.
    pub connection: ConnectionConfig,
    /// Whose rows.
    pub scope: Scope,
}

/// `[server]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address to listen on; loopback unless told otherwise.
    pub listen: String,
    /// Address under which ShipBob reaches us; empty = polls only.
    pub public_url: String,
    /// Token people log in with; empty = one is made and printed at start.
    pub access_token: Hidden,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: String::new(),
            access_token: Hidden::default(),
        }
    }
}

/// `[store]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite://file` or `postgres://…`.
    pub url: Hidden,
    /// 32 random bytes in base64.
    pub master_key: Hidden,
}

/// `[connection]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionConfig {
    /// Name people see.
    #[serde(default)]
    pub name: String,
    /// Id its rows are kept under; empty = made of the name, `default` for an only connection.
    #[serde(default)]
    pub id: String,
    /// Whose it is; empty = `default`.
    #[serde(default)]
    pub organisation: String,
    /// Allow a sandbox beside a production system.
    #[serde(default)]
    pub override_pairing: bool,
    /// F&O legal entity.
    pub company: String,
    /// ShipBob channel that owns our orders.
    pub channel: i64,
    /// Nothing released before this is sent unless ticked; empty = nothing goes out.
    #[serde(default)]
    pub cut_off: String,
    /// Document statuses that mean "released".
    #[serde(default = "released_when")]
    pub released_when: BTreeSet<String>,
    /// Extra OData filters, by profile.
    #[serde(default)]
    pub filters: OrderFilters,
    /// Unit symbols that mean one piece.
    pub each_units: BTreeSet<String>,
    /// Countries (ISO alpha-2) shipped to without customs value.
    pub home_countries: BTreeSet<String>,
    /// Pool the packing-slip batch selects on.
    #[serde(default)]
    pub batch_pool: String,
    /// Write carrier and service on the order.
    #[serde(default = "yes")]
    pub write_carrier: bool,
    /// Lines of the doctor that may fail: they warn instead.
    #[serde(default)]
    pub accepted: BTreeSet<String>,
    /// Externally managed warehouses.
    #[serde(default)]
    pub external: External,
    /// Warehouses with warehouse management inside F&O.
    #[serde(default)]
    pub whs: Whs,
    /// Tier 3: the customer's own call.
    pub custom_call: Option<CustomCall>,
    /// Comparing stock; without it the flow is off.
    #[serde(default)]
    pub inventory: Option<inventory::InventoryConfig>,
    /// F&O's products become ShipBob's; without it the flow is off.
    pub products: Option<Products>,
    /// Which id an update of a shipping method is said with.
    #[serde(default)]
    pub shipping_service_id: ServiceIdSpace,
    /// The flow *billing*; without the section it is off.
    pub billing: Option<Billing>,
    /// What comes back to ShipBob; without the section nothing of it is read.
    pub returns: Option<domain::inbound::Returns>,
    /// The daily reconciliation; without the section it is made only when asked for.
    pub reconcile: Option<domain::reconcile::Reconcile>,
    /// F&O.
    pub dynamics: DynamicsConfig,
    /// ShipBob.
    pub shipbob: ShipBobConfig,
    /// Warehouses ↔ centres.
    pub warehouses: Vec<WarehouseConfig>,
    /// Delivery mode → shipping method.
    pub methods: BTreeMap<String, String>,
    /// Carriers.
    #[serde(default)]
    pub carriers: Vec<CarrierConfig>,
    /// F&O country id → ISO alpha-2, where F&O's table is not enough.
    #[serde(default)]
    pub countries: BTreeMap<String, String>,
    /// Polls and patience.
    #[serde(default)]
    pub schedule: ScheduleConfig,
}

fn released_when() -> BTreeSet<String> {
    BTreeSet::from(["Confirmation".to_owned(), "PickingList".to_owned()])
}

fn yes() -> bool {
    true
}

/// `[connection.dynamics]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DynamicsConfig {
    /// `https://` and the full host of the environment.
    pub url: String,
    /// Token URL of Entra.
    pub authority: String,
    /// Client id of the app registration.
    pub client_id: String,
    /// Its secret; empty when there is a certificate, or when `connect dynamics` sealed one.
    #[serde(default)]
    pub client_secret: Hidden,
    /// PEM file with certificate and private key instead of the secret.
    #[serde(default)]
    pub certificate_file: String,
    /// Longest time a call may take, seconds.
    #[serde(default = "dynamics_deadline")]
    pub deadline_seconds: i64,
}

fn dynamics_deadline() -> i64 {
    120
}

/// `[connection.shipbob]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShipBobConfig {
    /// `https://api.shipbob.com` or the sandbox.
    pub url: String,
    /// Name of the account where several connections share one: they share its rate budget.
    #[serde(default)]
    pub account: String,
    /// API version: first segment of every path.
    #[serde(default = "version")]
    pub version: String,
    /// Personal access token; empty with `oauth`, or when `connect shipbob --token` sealed one.
    #[serde(default)]
    pub token: Hidden,
    /// The app a merchant lets in, instead of a token.
    pub oauth: Option<OAuthConfig>,
    /// Calls a minute of the account; 0 = no limit (twins only).
    #[serde(default = "per_minute")]
    pub calls_per_minute: u32,
    /// Longest time a call may take, seconds.
    #[serde(default = "shipbob_deadline")]
    pub deadline_seconds: i64,
}

/// `[connection.shipbob.oauth]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthConfig {
    /// Client id of the OAuth app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Hidden,
    /// Auth host; empty = the one that belongs to `url`.
    #[serde(default)]
    pub auth_url: String,
    /// A registered redirect address; empty = our callback under `server.public_url`.
    #[serde(default)]
    pub redirect_url: String,
    /// Names the channel the merchant gets.
    #[serde(default = "integration_name")]
    pub integration_name: String,
    /// Scopes, separated by spaces.
    #[serde(default = "scope")]
    pub scope: String,
    /// Send PKCE.
    #[serde(default = "yes")]
    pub pkce: bool,
}

fn integration_name() -> String {
    "F&O connector".to_owned()
}

fn scope() -> String {
    shipbob::oauth::SCOPES.to_owned()
}

fn version() -> String {
    "2026-01".to_owned()
}

fn per_minute() -> u32 {
    150
}

fn shipbob_deadline() -> i64 {
    30
}

/// `[[connection.warehouses]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarehouseConfig {
    /// F&O warehouse.
    pub warehouse: String,
    /// ShipBob location id: the one centre every order asks for.
    pub centre: Option<i64>,
    /// Or the ids of which ShipBob chooses.
    pub centres: Option<Vec<i64>>,
    /// `plain`, `external` or `whs`.
    pub profile: Profile,
}

/// `[[connection.carriers]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierConfig {
    /// ShipBob `carrier`.
    pub shipbob_carrier: String,
    /// ShipBob `carrier_service`.
    pub shipbob_service: String,
    /// F&O carrier id.
    pub carrier: String,
    /// F&O service id.
    pub service: String,
}

/// `[connection.schedule]`, all in seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleConfig {
    /// Between polls of F&O.
    pub dynamics_poll: i64,
    /// Between polls of ShipBob.
    pub shipbob_poll: i64,
    /// Between reads by key of open orders.
    pub watch: i64,
    /// How far a poll looks back behind its cursor.
    pub overlap: i64,
    /// A shipped order not slipped after this is a hold.
    pub not_slipped_after: i64,
    /// Worst time a lost ShipBob write may still appear.
    pub shipbob_settle: i64,
    /// Worst time a lost F&O write may still appear.
    pub dynamics_settle: i64,
    /// A silent node's connections are taken over after this.
    pub lease: i64,
    /// Both live contracts are compared once in so long, counted from midnight UTC; 0 = never.
    pub drift: i64,
    /// Timetables and quiet hours of single flows.
    pub flows: Timetables,
}

impl Default for ScheduleConfig {
    fn default() -> Self {
        let (schedule, settle) = (Schedule::default(), Settle::default());
        Self {
            dynamics_poll: schedule.dynamics_poll.as_seconds(),
            shipbob_poll: schedule.shipbob_poll.as_seconds(),
            watch: schedule.watch.as_seconds(),
            overlap: schedule.overlap.as_seconds(),
            not_slipped_after: schedule.not_slipped_after.as_seconds(),
            shipbob_settle: settle.shipbob.as_seconds(),
            dynamics_settle: settle.dynamics.as_seconds(),
            lease: 330,
            drift: 86_400,
            flows: Timetables::default(),
        }
    }
}

/// Text that is never shown: not in errors, not in logs.
#[derive(Default, Deserialize, Clone)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(hidden)")
    }
}

/// What is wrong with a file, and where.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{file} cannot be read: {why}")]
    Unreadable {
        /// Path as given.
        file: String,
        /// The system's words.
        why: String,
    },
    /// It cannot be understood.
    #[error("{place}: {why}")]
    Invalid {
        /// Key, or line.
        place: String,
        /// What to do.
        why: String,
    },
}

fn invalid(place: &str, why: impl Into<String>) -> ConfigError {
    ConfigError::Invalid { place: place.to_owned(), why: why.into() }
}

impl Config {
    /// Reads a file with one connection.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Installation::load(path)?.one(None)
    }

    /// Reads text with one connection; `environment` answers `${NAME}`.
    pub fn parse(
        text: &str,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        Installation::parse(text, environment)?.one(None)
    }
}

/// Replaces `${NAME}` in every text of the file.
fn fill(
    value: &mut toml::Value,
    place: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(), ConfigError> {
    match value {
        toml::Value::String(text) => {
            if let Some(name) = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')) {
                *text = environment(name).ok_or_else(|| {
                    invalid(place, format!("the environment has no {name}: set it"))
                })?;
            }
        }
        toml::Value::Array(items) => {
            for (n, item) in items.iter_mut().enumerate() {
                fill(item, &format!("{place}[{n}]"), environment)?;
            }
        }
        toml::Value::Table(table) => {
            for (key, item) in table.iter_mut() {
                let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                fill(item, &place, environment)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn environment(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "configuration reads the environment once")]
    std::env::var(name).ok()
}

//! What a world is made from. The same configuration and the same requests give the same world.

use super::breaks::Break;
use super::fate::Fate;
use super::faults::FaultPlan;
use super::plant::Plant;
use super::tenant::Tenant;

/// How much the network and the servers misbehave.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FaultLevel {
    /// Everything answers at once and truthfully.
    #[default]
    None,
    /// About 3 % of requests are disturbed.
    Light,
    /// About 15 % of requests are disturbed.
    Heavy,
    /// Exactly what the plan says.
    Custom(FaultPlan),
}

impl FaultLevel {
    /// `none`, `light` or `heavy`.
    #[must_use]
    pub fn named(name: &str) -> Option<FaultLevel> {
        match name {
            "none" => Some(FaultLevel::None),
            "light" => Some(FaultLevel::Light),
            "heavy" => Some(FaultLevel::Heavy),
            _ => None,
        }
    }

    /// The inverse of [`FaultLevel::named`]; `custom` for a plan.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            FaultLevel::None => "none",
            FaultLevel::Light => "light",
            FaultLevel::Heavy => "heavy",
            FaultLevel::Custom(_) => "custom",
        }
    }
}

/// Everything that decides what a world is like.
#[derive(Clone, Debug)]
pub struct TwinConfig {
    /// Key of every decision.
    pub seed: u64,
    /// Sales orders in the F&O database.
    pub orders: u32,
    pub tenant: Tenant,
    pub faults: FaultLevel,
    /// World time at the start, micros since 1970.
    pub start_micros: i64,
    /// Divides every delay of warehouse and F&O life; 1 = real durations.
    pub pace: u32,
    /// ShipBob calls per sliding minute and token; `None` = unlimited.
    pub shipbob_per_minute: Option<u32>,
    /// Orders already typed into ShipBob by hand before the cut-off.
    pub pasted: u32,
    /// Releases are spread over this many seconds from the start; 0 = all released at the start.
    pub release_span_secs: i64,
    /// Products beyond the usual items that F&O has released, awkward ones among them; 0 = nobody cares about
    /// products.
    pub skus: u32,
    /// Where in the table of awkward products they begin.
    pub first_sku: u32,
    /// New orders keep coming after the first `orders`.
    pub stream_forever: bool,
    /// The ShipBob warehouses are externally managed: released by shipment order requests.
    pub external: bool,
    /// The stock of the first warehouse is spread over several centres, of which ShipBob chooses.
    pub network: bool,
    /// The ShipBob warehouses have warehouse management inside F&O, released order by order.
    pub whs: bool,
    /// The customer has a call of his own that posts packing slips (only with `whs`).
    pub tier3: bool,
    /// Goods move besides our orders: other channels, receipts, transfers, losses; and F&O's stock differs at the start.
    pub stock: bool,
    /// ShipBob charges what left, and closes weekly invoices.
    pub billing: bool,
    /// Some of what left comes back, and suppliers send goods; the customer records returns by a call of his own.
    pub returns: bool,
    /// F&O invoices no order by itself.
    pub never_invoiced: bool,
    /// Legal entity (`dataAreaId`).
    pub company: String,
    /// The ShipBob channel the connector of this legal entity writes.
    pub channel: i64,
    /// Which ShipBob account: a number of its own per merchant. Ids of orders and shipments never meet.
    pub account: u32,
    /// Key of the Entra application and its tokens: the same for the legal entities of one
    /// environment; `None` = the seed.
    pub environment: Option<u64>,
    /// Scheme and host of F&O, the audience of its tokens.
    pub dynamics_url: String,
    /// Scheme and host of ShipBob's auth host, the issuer of its tokens.
    pub shipbob_auth_url: String,
    /// The merchant lets the connector in as an app; there is no personal access token.
    pub oauth: bool,
    /// Certificate (DER) registered for the Entra application; `None` = a secret only.
    pub entra_certificate: Option<Vec<u8>>,
    /// Scopes of the ShipBob token; `None` = all.
    pub shipbob_scopes: Option<Vec<String>>,
    /// What is wrong with the tenant; normally nothing.
    pub breaks: Vec<Break>,
    /// The first orders, chosen instead of dealt: (category as in [`crate::OrderTruth`], fate). The
    /// rest, up to `orders`, is dealt. Unknown categories count as `ordinary`.
    pub cast: Vec<(&'static str, Fate)>,
    /// A world that is ready to go live but for so many problems of these kinds; `None` = an ordinary world. It has
    /// ordinary orders only, all released, and `skus` > 0 means no more than that the flow products is on.
    pub plants: Option<Vec<(Plant, u32)>>,
}

impl Default for TwinConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            orders: 300,
            tenant: Tenant::standard(),
            faults: FaultLevel::None,
            // 2026-11-23T09:00:00Z, a Monday.
            start_micros: 1_795_424_400_000_000,
            pace: 1,
            shipbob_per_minute: Some(150),
            pasted: 0,
            release_span_secs: 0,
            skus: 0,
            first_sku: 0,
            stream_forever: false,
            external: false,
            network: false,
            whs: false,
            tier3: false,
            stock: false,
            billing: false,
            returns: false,
            never_invoiced: false,
            company: "usmf".to_owned(),
            channel: super::mapping::WRITE_CHANNEL,
            account: 0,
            environment: None,
            dynamics_url: "https://usmf-twin.sandbox.operations.dynamics.com".to_owned(),
            shipbob_auth_url: "https://authstage.shipbob.com".to_owned(),
            oauth: false,
            entra_certificate: None,
            shipbob_scopes: None,
            breaks: Vec::new(),
            cast: Vec::new(),
            plants: None,
        }
    }
}

impl TwinConfig {
    /// Key of the Entra application and of the tokens it gets.
    pub(crate) fn entrance(&self) -> u64 {
        self.environment.unwrap_or(self.seed)
    }

    /// Places of its products in the endless table.
    pub(crate) fn sku_places(&self) -> std::ops::Range<u32> {
        let skus = if self.plants.is_some() { 0 } else { self.skus };
        self.first_sku..self.first_sku.saturating_add(skus)
    }

    /// A delay of warehouse or F&O life at this world's pace: never below one millisecond, so that
    /// anything periodic always moves time forward.
    pub(crate) fn paced(&self, micros: i64) -> i64 {
        let pace = i64::from(self.pace.max(1));
        (micros / pace).max(1_000)
    }
}

/// What a client needs to talk to the twins. The values open nothing but a simulation.
#[derive(Clone, Debug)]
pub struct TwinCredentials {
    /// Entra tenant id.
    pub tenant_id: String,
    pub client_id: String,
    pub client_secret: String,
    /// Scheme and host of the token endpoint.
    pub login_url: String,
    /// Scheme and host of F&O.
    pub dynamics_url: String,
    pub company: String,
    /// Scheme and host of ShipBob.
    pub shipbob_url: String,
    /// Scheme and host of ShipBob's auth host.
    pub shipbob_auth_url: String,
    /// Client id of the ShipBob app.
    pub app_id: String,
    /// Its secret.
    pub app_secret: String,
    /// ShipBob personal access token.
    pub pat: String,
    /// The channel this token may write.
    pub channel_id: i64,
    /// Number of the ShipBob account.
    pub account: u32,
}

/// One line that starts the same world again.
#[must_use]
pub fn replay_line(config: &TwinConfig) -> String {
    use std::fmt::Write as _;
    let mut line = format!(
        "ml-connector twins --seed {} --orders {} --tenant {} --faults {} --pace {} --pasted {} --release-span {} --start {}",
        config.seed,
        config.orders,
        config.tenant.name,
        config.faults.name(),
        config.pace,
        config.pasted,
        config.release_span_secs,
        config.start_micros,
    );
    // Writing to a String cannot fail.
    let _ = match config.shipbob_per_minute {
        Some(limit) => write!(line, " --shipbob-per-minute {limit}"),
        None => write!(line, " --shipbob-per-minute unlimited"),
    };
    if config.external {
        line.push_str(" --profile external");
    }
    if config.network {
        line.push_str(" --mapping network");
    }
    if config.whs {
        line.push_str(if config.tier3 { " --profile whs" } else { " --profile whs --no-tier3" });
    }
    if config.stock {
        line.push_str(" --stock");
    }
    if config.skus > 0 {
        let _ = write!(line, " --skus {}", config.skus);
    }
    if config.billing {
        line.push_str(" --billing");
    }
    if config.returns {
        line.push_str(" --returns");
    }
    if config.stream_forever {
        line.push_str(" --stream");
    }
    if let Some(plants) = &config.plants {
        let all: Vec<String> =
            plants.iter().map(|(kind, n)| format!("{}={n}", kind.name())).collect();
        let _ = write!(
            line,
            " --plant {}",
            if all.is_empty() { "none".to_owned() } else { all.join(",") }
        );
    }
    let names: Vec<&str> = config.breaks.iter().map(|one| one.name()).collect();
    if !names.is_empty() {
        let _ = write!(line, " --break {}", names.join(","));
    }
    line
}

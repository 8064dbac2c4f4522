//! F&O as a strict simulator: token endpoint, OData under `/data`, metadata under `/metadata`, and the life that goes
//! on by itself. Owns the F&O database; knows nothing of ShipBob.

mod address;
mod adjust;
mod assertion;
mod auth;
mod available;
mod batch;
mod broken;
mod charge_service;
pub(crate) mod charges;
mod db;
pub(crate) mod dmf;
mod documents;
mod edmx;
mod external;
mod filter;
mod hands;
mod life;
mod masters;
mod meta;
mod orders;
pub(crate) mod plant;
mod products;
mod project;
mod query;
mod read;
mod recorded;
mod refusal;
pub(crate) mod rows;
mod service;
mod services;
mod sets;
mod slips;
pub(crate) mod stock;
pub(crate) mod value;
mod whs;
mod write;
mod zip;

use std::borrow::Cow;
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

pub use available::AvailableTruth;
pub(crate) use available::told as available;
pub(crate) use hands::{act, leave_open};
pub(crate) use life::{LifeEvent, live, start};
pub(crate) use project::project;
pub(crate) use recorded::of_return;
pub(crate) use service::handle;
pub(crate) use stock::plan_registration;
pub(crate) use whs::RELEASED_MORE;

use auth::Registration;
use db::Database;

use crate::clerk::Act;
use crate::seed::SeedWorld;
use crate::seed::orders::{FIRST_REC_ID, build};
use crate::world::World;
use crate::world::chance::Chance;
use crate::world::config::{TwinConfig, TwinCredentials};
use crate::world::exchange::{TwinRequest, TwinResponse};

/// Company of the service user: a query without `cross-company` sees nothing else.
const DEFAULT_COMPANY: &str = "dat";
/// Record ids of everything that is written while the world runs start here.
const RUNTIME_REC_IDS: i64 = FIRST_REC_ID + 1_000_000_000;

/// All state of F&O.
pub(crate) struct State {
    pub(crate) db: Database,
    registration: Registration,
    /// Orders the packing-slip batch would pick up.
    waiting: BTreeSet<u32>,
    /// The next run of that batch is scheduled.
    batch_planned: bool,
    /// The next run of the message processor is scheduled.
    processor_planned: bool,
    /// Stock besides the tables.
    pub(crate) book: stock::Book,
    /// What the clerk did to which order: he does nothing twice.
    acted: BTreeSet<(u32, Act)>,
    /// Data packages.
    imports: dmf::Imports,
    /// Ids of client assertions that were accepted.
    assertions: BTreeSet<String>,
}

impl State {
    /// The database before anything is released.
    pub(crate) fn new(config: &TwinConfig, seed: &SeedWorld) -> Self {
        let skus = config.sku_places();
        let mut tables = masters::tables(seed.company, config.external, config.whs, skus);
        tables.extend(stock::tables(seed.company, config));
        tables.extend(charges::tables(seed.company));
        broken::spoil(config, &mut tables);
        let mut db = Database::new(RUNTIME_REC_IDS, tables);
        for (meant, index) in seed.all().iter().zip(0_u32..) {
            db.insert_order(build(seed, meant, index));
        }
        // Another company uses the same numbers.
        for (meant, index) in seed.all().iter().zip(0_u32..).take(3) {
            let mut order = build(seed, meant, index);
            order.company = if seed.company == "demf" { "frrt" } else { "demf" };
            order.rec_id += RUNTIME_REC_IDS;
            order.document = "Confirmation";
            for line in &mut order.lines {
                line.rec_id += RUNTIME_REC_IDS;
                line.lot = format!("DE-{}", line.lot);
            }
            db.insert_foreign(order);
        }
        broken::leave_waiting(&mut db, config, seed);
        Self {
            db,
            registration: Registration::of(Chance::new(config.entrance())),
            waiting: BTreeSet::new(),
            batch_planned: false,
            processor_planned: false,
            book: stock::Book::default(),
            acted: BTreeSet::new(),
            imports: dmf::Imports::default(),
            assertions: BTreeSet::new(),
        }
    }
}

/// Name of the endpoint for counters and faults, e.g. `PATCH SalesOrderLines`.
pub(crate) fn endpoint(request: &TwinRequest) -> Cow<'static, str> {
    if request.path.starts_with(dmf::BLOBS) {
        return Cow::Borrowed("PUT blob");
    }
    if let Some(action) = request.path.strip_prefix(dmf::ACTIONS) {
        return Cow::Owned(format!("{} {action}", request.method));
    }
    let path = request.path.strip_prefix("/data").unwrap_or(&request.path).trim_start_matches('/');
    let name = path.split(['(', '/']).next().unwrap_or_default();
    let known = name.is_empty()
        || name.starts_with('$')
        || name == "metadata"
        || name == "api"
        || sets::named(name).is_some();
    let name = if known { name } else { "unknown" };
    Cow::Owned(format!("{} {name}", request.method))
}

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(crate) fn token(world: &mut World, request: &TwinRequest) -> TwinResponse {
    auth::token(world, request)
}

/// Each legal entity has rows of its own in this set.
pub(crate) fn per_company(set: &str) -> bool {
    sets::named(set).is_some_and(|set| set.keys.contains(&"dataAreaId"))
}

/// A request for a token asks the tenant of this environment.
pub(crate) fn is_client(world: &World, request: &TwinRequest) -> bool {
    let tenant = request.path.trim_start_matches('/').split('/').next();
    tenant == Some(world.dynamics.registration.tenant.as_str())
}

/// Request ids of a sales order, in the order they were made.
pub(crate) fn requests_of(world: &World, order_number: &str) -> Vec<String> {
    let db = &world.dynamics.db;
    let index = world.seed.index_of(order_number);
    let requests = index.into_iter().flat_map(|index| db.requests_of(index));
    requests.map(|request| request.id.clone()).collect()
}

/// The sales order a number at ShipBob stands for: where the client does not know it, it shows the request instead.
pub(crate) fn sales_order(world: &World, shown: &str) -> Option<String> {
    let request = world.dynamics.db.request(shown)?;
    world.seed.at(request.order).map(|meant| meant.number.clone())
}

/// What a client must be configured with.
pub(crate) fn credentials(
    world: &World,
    pat: String,
    (app_id, app_secret): (String, String),
) -> TwinCredentials {
    let registration = &world.dynamics.registration;
    TwinCredentials {
        tenant_id: registration.tenant.clone(),
        client_id: registration.client.clone(),
        client_secret: registration.secret.clone(),
        login_url: "https://login.microsoftonline.com".to_owned(),
        dynamics_url: world.config.dynamics_url.clone(),
        company: world.config.company.clone(),
        shipbob_url: "https://sandbox-api.shipbob.com".to_owned(),
        shipbob_auth_url: world.config.shipbob_auth_url.clone(),
        app_id,
        app_secret,
        pat,
        channel_id: world.config.channel,
        account: world.config.account,
    }
}

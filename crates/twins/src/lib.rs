//! F&O and ShipBob as strict simulators with state, rules, background life, a fault plan and a ledger.
//!
//! A pair of twins is one [`Twins`]: axum routers over one in-memory world. The world's behaviour depends
//! only on its [`TwinConfig`], the requests it gets and the calls of [`Twins::advance`]; it reads no clock,
//! no random source and no file. The twins use none of the connector's crates: a misspelt field would
//! otherwise agree with itself.
//!
//! In one process, time jumps: `while let Some(at) = twins.next_event() { twins.advance(at); … }`.
//! As a process of their own, the wall clock is mapped to `advance(now)` every few milliseconds.

mod clerk;
mod damage;
mod fo;
mod seed;
mod shipbob;
mod world;

use std::sync::Arc;

use axum::Router;

pub use fo::AvailableTruth;
pub use fo::charges::ChargeTruth;
pub use shipbob::{Billed, BilledInvoice, BilledLine, OutgoingWebhook, ReturnTruth};
pub use world::breaks::{Break, breaks};
pub use world::config::{FaultLevel, TwinConfig, TwinCredentials, replay_line};
pub use world::estate::Estate;
pub use world::fate::Fate;
pub use world::faults::{Fault, FaultPlan, RequestMatcher, WebhookFault};
pub use world::ledger::{EndpointCount, Entry, LedgerSnapshot, System, effect};
pub use world::mapping::{
    CallRow, CarrierRow, Mapping, ProductRows, UnitRow, WarehouseRow, WhsRow,
};
pub use world::plant::{Plant, Planted, plants};
pub use world::projection::{
    DynamicsProjection, LineProjection, OrderProjection, ProductProjection, Projection,
    RacingProjection, ReferenceProjection, ShipmentProjection,
};
pub use world::stock::StockTruth;
pub use world::tenant::{Tenant, tenants};
pub use world::truth::{OrderTruth, Outcome, ProductTruth, Truth};

use world::Shared;
use world::front::{Door, router};

/// One F&O, one ShipBob and the people and parcels between them. Cheap to clone; clones share one world.
#[derive(Clone)]
pub struct Twins {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Twins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Twins").finish_non_exhaustive()
    }
}

impl Twins {
    /// Builds the seed world of `config`.
    #[must_use]
    pub fn new(config: TwinConfig) -> Self {
        Self { shared: Arc::new(Shared::new(config)) }
    }

    /// The token endpoint: `POST /{tenant}/oauth2/v2.0/token`.
    pub fn entra(&self) -> Router {
        router(Arc::clone(&self.shared), Door::Entra)
    }

    /// F&O: `/data/…` and `/metadata/…`.
    pub fn dynamics(&self) -> Router {
        router(Arc::clone(&self.shared), Door::Dynamics)
    }

    /// ShipBob: `/2026-01/…`.
    pub fn shipbob(&self) -> Router {
        router(Arc::clone(&self.shared), Door::ShipBob)
    }

    /// ShipBob's auth host: `/connect/authorize`, `/connect/token`.
    pub fn shipbob_auth(&self) -> Router {
        router(Arc::clone(&self.shared), Door::ShipBobAuth)
    }

    /// The merchant throws every installed app out: its tokens stop to work.
    pub fn remove_apps(&self) {
        shipbob::remove_apps(&mut self.shared.lock());
    }

    /// `GET /_twin/ledger`, `/_twin/projection`, `/_twin/truth`, `/_twin/status`, `POST /_twin/faults`.
    pub fn control(&self) -> Router {
        router(Arc::clone(&self.shared), Door::Control)
    }

    /// World time, micros since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.shared.lock().now
    }

    /// Runs all events due up to `to_micros`, in order. Time never goes back.
    pub fn advance(&self, to_micros: i64) {
        self.shared.lock().advance(to_micros);
    }

    /// When the next thing happens by itself (life, late effect, webhook attempt); `None` = nothing ever
    /// will. It stays in the past as long as due webhooks are not taken.
    #[must_use]
    pub fn next_event(&self) -> Option<i64> {
        self.shared.lock().next_event()
    }

    /// What happens next by itself, for messages.
    #[must_use]
    pub fn next_event_words(&self) -> String {
        self.shared.lock().next_words()
    }

    /// Webhook deliveries due now. Each must be answered with [`Twins::webhook_result`]; one that never is
    /// counts as failed 15 seconds later.
    #[must_use]
    pub fn take_webhooks(&self) -> Vec<OutgoingWebhook> {
        shipbob::take_webhooks(&mut self.shared.lock())
    }

    /// The answer to a delivery: its HTTP status, `None` = no answer. Drives retries and auto-disable.
    pub fn webhook_result(&self, attempt_id: u64, status: Option<u16>) {
        shipbob::webhook_result(&mut self.shared.lock(), attempt_id, status);
    }

    /// Every accepted effect, and request counters per system and endpoint.
    #[must_use]
    pub fn ledger(&self) -> LedgerSnapshot {
        self.shared.lock().ledger.snapshot()
    }

    /// The canonical picture of what happened; equal for every right run of one world.
    #[must_use]
    pub fn projection(&self) -> Projection {
        self.shared.lock().projection()
    }

    /// Everything ShipBob charged, and the invoices it stands on.
    #[must_use]
    pub fn billed(&self) -> Billed {
        shipbob::billed(&self.shared.lock())
    }

    /// Every charge on sales orders as it stands in F&O.
    #[must_use]
    pub fn charges(&self) -> Vec<ChargeTruth> {
        fo::charges::all(&self.shared.lock())
    }

    /// Somebody changes what a charge code posts on the debit side; false when there is no such code.
    pub fn repost_charge_code(&self, code: &str, debit: &'static str) -> bool {
        fo::charges::repost(&mut self.shared.lock(), code, debit)
    }

    /// Somebody leaves an order open on the screen until that moment (micros); false when there is no such order.
    pub fn leave_open(&self, order_number: &str, until: i64) -> bool {
        fo::leave_open(&mut self.shared.lock(), order_number, until)
    }

    /// Somebody deletes the job history of data management: no execution is known any more, and what was under way ends
    /// without a word. How many there were.
    pub fn forget_imports(&self) -> usize {
        fo::dmf::forget(&mut self.shared.lock())
    }

    /// `Manifest.xml` and `PackageHeader.xml` of a package exported from the customer's data project, and its name.
    #[must_use]
    pub fn data_project(&self) -> (String, String, &'static str) {
        let (manifest, header) = fo::dmf::exported();
        (manifest, header, fo::dmf::PROJECT)
    }

    /// What the world intended for each sales order.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.shared.lock().truth()
    }

    /// Returns as they stand, with what F&O was told of them.
    #[must_use]
    pub fn returns(&self) -> Vec<ReturnTruth> {
        shipbob::returns(&self.shared.lock())
    }

    /// What was planted, in the order of planting.
    #[must_use]
    pub fn planted(&self) -> Vec<Planted> {
        self.shared.lock().planted.clone()
    }

    /// What is true of stock now.
    #[must_use]
    pub fn stock(&self) -> Vec<StockTruth> {
        world::stock::truth(&self.shared.lock())
    }

    /// What the customer's service was told is available, beside what is.
    #[must_use]
    pub fn available(&self) -> Vec<AvailableTruth> {
        fo::available(&self.shared.lock())
    }

    /// The warehouse counts a shelf now and finds pieces more, or less; false where there is no such shelf.
    pub fn recount_shelf(&self, sku: &str, centre: i64, pieces: i64) -> bool {
        shipbob::stock::recount(&mut self.shared.lock(), sku, centre, pieces)
    }

    /// Numbers of counting journals that have lines and are not posted.
    #[must_use]
    pub fn open_journals(&self) -> Vec<String> {
        fo::stock::unposted(&self.shared.lock())
    }

    /// A person posts a counting journal as it stands.
    pub fn post_journal(&self, number: &str) -> bool {
        fo::stock::post(&mut self.shared.lock(), number, "hand")
    }

    /// What a client must be configured with.
    #[must_use]
    pub fn credentials(&self) -> TwinCredentials {
        let world = self.shared.lock();
        fo::credentials(&world, shipbob::pat(&world), shipbob::app(&world))
    }

    /// The mapping between the two systems, as plain tables.
    #[must_use]
    pub fn mapping(&self) -> Mapping {
        let world = self.shared.lock();
        let config = &world.config;
        let whs = config.whs.then(|| WhsRow::in_tenant(&config.tenant, config.tier3));
        let mapping = Mapping::in_tenant(config).networked(config.network);
        let mapping = match world::plant::products(config) {
            Some(on) => mapping.planted(on, &world.planted),
            None => mapping.with_products(config.sku_places()),
        };
        Mapping { whs, billing: config.billing, returns: config.returns, ..mapping }
    }

    /// Ids of the shipment order requests of a sales order, oldest first.
    #[must_use]
    pub fn requests_of(&self, order_number: &str) -> Vec<String> {
        fo::requests_of(&self.shared.lock(), order_number)
    }

    /// Changes the disturbances from the next request on.
    pub fn set_faults(&self, level: FaultLevel) {
        self.shared.lock().faults.set(level);
    }
}

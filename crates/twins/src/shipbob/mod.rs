//! ShipBob as a strict simulator of its REST API `2026-01`: orders, shipments, catalogue, webhooks.
//!
//! Owns what ShipBob accepts, what its warehouse then does (`life`) and what it tells the outside. Refuses to
//! know F&O: a sales order is only the `order_number` text and the fate the seed gives it.

mod actions;
mod address;
mod auth;
mod billing;
mod cancel;
mod catalogue;
mod consent;
mod create;
mod edit;
mod errors;
mod hooks;
mod inbound;
mod life;
mod lines;
mod list;
mod parcel;
pub(crate) mod plant;
mod products;
mod project;
mod query;
mod render;
mod route;
mod routing;
mod script;
mod service;
mod simulate;
mod state;
pub(crate) mod stock;
mod strict;
mod subscriptions;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use auth::{endpoint as auth_endpoint, handle as auth};
pub use billing::{Billed, BilledInvoice, BilledLine};
pub(crate) use billing::{billed, misprint};
pub(crate) use hooks::{next_webhook, take_webhooks, webhook_result};
pub use inbound::ReturnTruth;
pub(crate) use inbound::truth as returns;
pub(crate) use life::live;
pub(crate) use project::project;
pub(crate) use route::{channel_of, endpoint, handle};
pub(crate) use state::State;

use crate::world::World;
use crate::world::exchange::TwinRequest;

/// A webhook delivery to make: `POST` exactly this, answer with `Twins::webhook_result`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingWebhook {
    /// Names this attempt.
    pub attempt_id: u64,
    pub url: String,
    /// Signed, with `content-type` and `x-webhook-topic`.
    pub headers: Vec<(String, String)>,
    /// The bytes that were signed.
    pub body: Vec<u8>,
}

/// What ShipBob does by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LifeEvent {
    /// The next step in the life of a shipment.
    Step(usize),
    /// A simulated action of the sandbox is due.
    Simulate(usize),
    /// Goods move besides our orders.
    Stock(stock::Turn),
    /// Somebody acts on a variant.
    Product(usize, products::Touch),
    /// Something happens to what was charged.
    Billing(billing::BillingEvent),
    /// Something comes in.
    Inbound(inbound::InboundEvent),
}

/// Types the pasted orders in.
pub(crate) fn start(world: &mut World) {
    subscriptions::leave_disabled(world);
    stock::start(world);
    inbound::start(world);
    for pasted in world.seed.pasted() {
        create::paste(world, &pasted);
    }
}

/// The personal access token this twin accepts.
pub(crate) fn pat(world: &World) -> String {
    let own = world.shipbob.tokens.iter().find(|(_, channel)| *channel == world.config.channel);
    own.map(|(token, _)| token.clone()).unwrap_or_default()
}

/// Client id and secret of the app that may be installed.
pub(crate) fn app(world: &World) -> (String, String) {
    world.shipbob.auth.app()
}

/// A request to the auth host comes from the app of this account.
pub(crate) fn is_app(world: &World, request: &TwinRequest) -> bool {
    let wanted = format!("client_id={}", app(world).0);
    request.query.contains(&wanted) || String::from_utf8_lossy(&request.body).contains(&wanted)
}

/// The merchant throws every installed app out.
pub(crate) fn remove_apps(world: &mut World) {
    world.shipbob.auth.remove_all();
}

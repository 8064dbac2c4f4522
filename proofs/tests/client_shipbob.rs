//! The ShipBob client against the ShipBob twin, in one process.
//!
//! Goal: what the client says is what a strict server takes, and what the client concludes is what really happened.
//! Method: the twin's ledger and its lists are asked for the truth, never the client's own words.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test: it stops at the first wrong answer"
)]

#[path = "client_shipbob/calls.rs"]
mod calls;
#[path = "client_shipbob/doubt.rs"]
mod doubt;
#[path = "client_shipbob/hooks.rs"]
mod hooks;
#[path = "client_shipbob/pace.rs"]
mod pace;

use domain::ids::{CentreId, ChannelId, ReferenceId};
use domain::operation::{CreateLine, CreateOrder};
use domain::time::Timestamp;
use domain::warehouse::Recipient;
use shipbob::{Config, ShipBob, Token};
use std::sync::Arc;
use transport::InProcess;
use transport::gate::{Clock, Gate, Limiter, NoLimit, Shared};
use twins::{Tenant, TwinConfig, Twins};

/// A twin and a client that talks to it.
struct Pair {
    twins: Twins,
    client: ShipBob,
}

fn config() -> TwinConfig {
    TwinConfig { orders: 20, shipbob_per_minute: None, ..TwinConfig::default() }
}

fn tenant(name: &str) -> TwinConfig {
    TwinConfig { tenant: Tenant::named(name).expect("a tenant"), ..config() }
}

fn pair(config: TwinConfig) -> Pair {
    let twins = Twins::new(config);
    let client = client(&twins, Arc::new(NoLimit), None);
    Pair { twins, client }
}

fn client(twins: &Twins, limiter: Arc<dyn Limiter>, token: Option<&str>) -> ShipBob {
    let credentials = twins.credentials();
    let host = credentials.shipbob_url.split_once("://").expect("a URL").1.to_owned();
    let transport = InProcess::new().route(&host, twins.shipbob());
    let config = Config {
        base: credentials.shipbob_url.clone(),
        version: "2026-01".to_owned(),
        channel: ChannelId(credentials.channel_id),
        user_agent: "proof/1".to_owned(),
    };
    let token = Token::new(token.unwrap_or(&credentials.pat));
    ShipBob::new(Arc::new(transport), limiter, config, token)
}

fn clock(twins: &Twins) -> Clock {
    let twins = twins.clone();
    Arc::new(move || Timestamp(twins.now()))
}

fn gate(twins: &Twins, per_minute: u32) -> Arc<Shared<Gate>> {
    Arc::new(Shared::new(Gate::new(per_minute), clock(twins)))
}

fn order(reference: &str) -> CreateOrder {
    CreateOrder {
        reference: ReferenceId::from(reference),
        order_number: format!("SO of {reference}"),
        recipient: Recipient {
            name: "Jürgen \"Jo\" O'Brien".to_owned(),
            address1: "Weg 1, Hof/2".to_owned(),
            city: "Łódź".to_owned(),
            zip: "90-001".to_owned(),
            country: "PL".to_owned(),
            ..Recipient::default()
        },
        method: "Standard".to_owned(),
        centre: Some(CentreId(1)),
        choice: std::collections::BTreeSet::new(),
        kits: std::collections::BTreeMap::new(),
        purchase_date: Some("2026-11-20T08:00:00Z".to_owned()),
        lines: vec![CreateLine {
            sku: "A0001".to_owned(),
            name: "Coffee beans".to_owned(),
            quantity: 2,
            external_line_id: 1,
            unit_price: Some("14.50".parse().expect("a decimal")),
        }],
    }
}

fn references(n: std::ops::Range<u32>) -> Vec<ReferenceId> {
    n.map(|n| ReferenceId::new(format!("usmf-X-{n:05}-1-1"))).collect()
}

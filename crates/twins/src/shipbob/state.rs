//! What ShipBob keeps: orders, shipments and the indexes its hot endpoints need.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde_json::{Number, Value, json};

use super::auth::Desk;
use super::billing::Books;
use super::catalogue::Catalogue;
use super::hooks::Hooks;
use super::inbound::Docks;
use super::script::Step;
use super::simulate::Simulation;
use super::window::Window;
use crate::world::breaks::Break;
use crate::world::chance::Chance;
use crate::world::config::TwinConfig;
use crate::world::queue::EventKey;

/// First order id; orders count up from here.
const FIRST_ORDER: i64 = 301_000_000;
/// First shipment id; shipments count up from here.
const FIRST_SHIPMENT: i64 = 391_000_000;

/// Between the ids of two accounts.
const APART: i64 = 2_000_000;

/// Scopes a full token has.
const ALL_SCOPES: &[&str] = &[
    "channels_read",
    "orders_read",
    "orders_write",
    "fulfillments_read",
    "products_read",
    "products_write",
    "inventory_read",
    "inventory_write",
    "locations_read",
    "webhooks_read",
    "webhooks_write",
    "billing_read",
    "returns_read",
    "receiving_read",
    "tracking_read",
];

/// Status of a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    ImportReview,
    Processing,
    OnHold,
    Exception,
    LabeledCreated,
    Completed,
    Cancelled,
    CleanSweeped,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Status::ImportReview => "ImportReview",
            Status::Processing => "Processing",
            Status::OnHold => "OnHold",
            Status::Exception => "Exception",
            Status::LabeledCreated => "LabeledCreated",
            Status::Completed => "Completed",
            Status::Cancelled => "Cancelled",
            Status::CleanSweeped => "CleanSweeped",
        }
    }
}

/// One status detail.
#[derive(Clone, Debug)]
pub(super) struct Detail {
    pub(super) id: i64,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) messages: Vec<String>,
}

/// One line of an order as it was sent.
#[derive(Clone, Debug)]
pub(super) struct OrderLine {
    /// Index into the catalogue.
    pub(super) product: usize,
    pub(super) reference_id: String,
    pub(super) sku: Option<String>,
    pub(super) quantity: i64,
    pub(super) unit_price: Option<Number>,
    pub(super) external_line_id: Option<i64>,
    pub(super) gtin: Option<String>,
    pub(super) upc: Option<String>,
    pub(super) unit: Option<String>,
}

pub(super) struct Order {
    pub(super) id: i64,
    pub(super) channel: i64,
    pub(super) reference_id: String,
    /// The sales order the world means by it.
    pub(super) order_number: String,
    /// The number as the client gave it.
    pub(super) shown: String,
    /// Whether the client gave a number (otherwise it is the reference).
    pub(super) created_at: i64,
    /// Latest change of any of its shipments.
    pub(super) updated_at: i64,
    pub(super) shipping_method: String,
    pub(super) location_id: Option<i64>,
    /// The body as accepted: recipient, tags, terms and the rest are answered from here.
    pub(super) body: Value,
    pub(super) lines: Vec<OrderLine>,
    /// Indexes of its shipments, in the order they came to be.
    pub(super) shipments: Vec<usize>,
    /// Typed in by hand: no cancel webhook.
    pub(super) by_hand: bool,
    pub(super) fate: crate::world::fate::Fate,
    /// `order.shipped` was fired for the order as a whole.
    pub(super) announced: bool,
    /// Times at which the rest of the world was told.
    pub(super) told_picked: bool,
    pub(super) told_shipped: bool,
}

/// What a shipment holds of one order line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    /// Index into the order's lines.
    pub(super) line: usize,
    pub(super) quantity: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Tracking {
    pub(super) carrier: &'static str,
    pub(super) service: &'static str,
    pub(super) number: Option<String>,
}

pub(super) struct Log {
    pub(super) at: i64,
    pub(super) id: i64,
    pub(super) name: &'static str,
}

pub(super) struct Shipment {
    pub(super) id: i64,
    /// Index of its order.
    pub(super) order: usize,
    /// 0, 1, … in the order fate makes them.
    pub(super) ordinal: u32,
    pub(super) status: Status,
    pub(super) details: Vec<Detail>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    pub(super) tracking_at: Option<i64>,
    pub(super) labelled_at: Option<i64>,
    pub(super) delivered_at: Option<i64>,
    pub(super) location: i64,
    pub(super) contents: Vec<Content>,
    pub(super) tracking: Option<Tracking>,
    /// Every number it ever had.
    pub(super) numbers: Vec<String>,
    /// Cents.
    pub(super) invoice: Option<i64>,
    pub(super) uploaded: bool,
    pub(super) picked: bool,
    /// Recipient after `:updateAddress`.
    pub(super) recipient: Option<Value>,
    /// Method after `:bulkUpdateShippingService`.
    pub(super) method: Option<String>,
    pub(super) logs: Vec<Log>,
    /// What is still to come: delay after the previous step (micros, already paced) and step.
    pub(super) script: VecDeque<(i64, Step)>,
    /// The scheduled next step.
    pub(super) pending: Option<EventKey>,
    /// How many messages of it were made, for their keys.
    pub(super) messages: u32,
}

/// All of ShipBob for one merchant.
pub(crate) struct State {
    /// Personal access tokens, each with the channel it writes.
    pub(super) tokens: Vec<(String, i64)>,
    /// Number of the account among those of ShipBob.
    account: i64,
    /// Apps a merchant lets in, and their tokens.
    pub(super) auth: Desk,
    /// The channel the caller of the moment may write.
    pub(super) own_channel: i64,
    pub(super) scopes: BTreeSet<String>,
    pub(super) window: Window,
    pub(super) orders: Vec<Order>,
    pub(super) shipments: Vec<Shipment>,
    /// Orders by reference, all channels.
    pub(super) by_reference: HashMap<String, Vec<usize>>,
    /// How many orders of a channel of ours have this number.
    pub(super) by_number: HashMap<(i64, String), u32>,
    /// (latest change, order).
    pub(super) by_update: BTreeSet<(i64, usize)>,
    pub(super) catalogue: Catalogue,
    pub(super) hooks: Hooks,
    pub(super) simulations: Vec<Simulation>,
    pub(crate) stock: super::stock::Stock,
    pub(super) books: Books,
    pub(super) docks: Docks,
}

impl State {
    pub(crate) fn new(config: &TwinConfig) -> Self {
        let chance = Chance::new(config.seed);
        let mut scopes: BTreeSet<String> = match &config.shipbob_scopes {
            Some(scopes) => scopes.iter().cloned().collect(),
            None => ALL_SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        for one in &config.breaks {
            if let Break::NoScope(scope) = one {
                scopes.remove(*scope);
            }
        }
        Self {
            auth: Desk::new(config),
            own_channel: config.channel,
            tokens: vec![(chance.hex("pat", "", 64).to_uppercase(), config.channel)],
            account: i64::from(config.account),
            scopes,
            window: Window::new(config.shipbob_per_minute),
            orders: Vec::new(),
            shipments: Vec::new(),
            by_reference: HashMap::new(),
            by_number: HashMap::new(),
            by_update: BTreeSet::new(),
            catalogue: Catalogue::new(config.start_micros, config.sku_places()),
            hooks: Hooks::default(),
            simulations: Vec::new(),
            stock: super::stock::Stock::default(),
            books: Books::default(),
            docks: Docks::default(),
        }
    }

    /// Another legal entity sells through this account, with a channel and a token of its own.
    pub(crate) fn join(&mut self, config: &TwinConfig) {
        let token = Chance::new(config.seed).hex("pat", "", 64).to_uppercase();
        self.tokens.push((token, config.channel));
        self.auth.join(config);
    }

    /// The channels connectors write.
    pub(super) fn channels(&self) -> impl Iterator<Item = i64> {
        self.tokens.iter().map(|(_, channel)| *channel)
    }

    /// The channel of a personal access token.
    pub(super) fn channel_of_pat(&self, token: &str) -> Option<i64> {
        self.tokens.iter().find(|(known, _)| known == token).map(|(_, channel)| *channel)
    }

    /// Id of the first order of this account.
    pub(super) fn first_order(&self) -> i64 {
        FIRST_ORDER + self.account * APART
    }

    /// Id of the first shipment of this account.
    pub(super) fn first_shipment(&self) -> i64 {
        FIRST_SHIPMENT + self.account * APART
    }

    /// Counters for `/_twin/status`.
    pub(crate) fn counts(&self) -> Value {
        let mut statuses = std::collections::BTreeMap::<&str, u64>::new();
        for shipment in &self.shipments {
            *statuses.entry(shipment.status.name()).or_default() += 1;
        }
        json!({
            "orders": self.orders.len(),
            "shipments": statuses,
            "webhooks_pending": self.hooks.pending(),
        })
    }

    pub(super) fn order_index(&self, id: i64) -> Option<usize> {
        let index = usize::try_from(id.checked_sub(self.first_order())?).ok()?;
        (index < self.orders.len()).then_some(index)
    }

    pub(super) fn shipment_index(&self, id: i64) -> Option<usize> {
        let index = usize::try_from(id.checked_sub(self.first_shipment())?).ok()?;
        (index < self.shipments.len()).then_some(index)
    }

    /// The shipments of an order, in order of ordinal.
    pub(super) fn shipments_of(&self, order: &Order) -> impl Iterator<Item = &Shipment> {
        order.shipments.iter().filter_map(|index| self.shipments.get(*index))
    }

    /// Every shipment is cancelled.
    pub(super) fn is_cancelled(&self, order: &Order) -> bool {
        self.shipments_of(order).all(|shipment| shipment.status == Status::Cancelled)
    }

    /// Marks a shipment as changed at `now`.
    pub(super) fn touch(&mut self, shipment: usize, now: i64) {
        let Some(shipment) = self.shipments.get_mut(shipment) else { return };
        shipment.updated_at = now;
        let index = shipment.order;
        if let Some(order) = self.orders.get_mut(index) {
            self.by_update.remove(&(order.updated_at, index));
            order.updated_at = now;
            self.by_update.insert((now, index));
        }
    }
}

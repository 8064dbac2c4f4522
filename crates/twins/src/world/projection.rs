//! The canonical picture of what happened: equal for every right run of one world.
//!
//! No timestamps, no generated ids, no counts of slips or attempts; everything sorted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The whole picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Projection {
    /// By sales order number; includes ShipBob orders whose number is not ours.
    pub orders: BTreeMap<String, OrderProjection>,
    /// Orders that race a cancel against picking: only "either, never both" can be asked of them.
    pub racing: BTreeMap<String, RacingProjection>,
    /// ShipBob's catalogue by SKU, where products are asked for.
    pub products: BTreeMap<String, ProductProjection>,
}

/// One SKU at ShipBob.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProductProjection {
    /// How often it was made through the API.
    pub made: u32,
    pub name: String,
    pub active: bool,
    pub bundle: bool,
    /// SKUs of the same product, its own among them.
    pub together: BTreeSet<String>,
    /// Hundredths of an ounce.
    pub ounces_100: i64,
    /// Hundredths of an inch.
    pub inches_100: Option<[i64; 3]>,
    pub barcodes: BTreeSet<String>,
    /// Tariff code, origin, text.
    pub customs: [String; 3],
}

/// One sales order on both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OrderProjection {
    /// ShipBob orders with this order number, by `channel/reference_id`.
    pub references: BTreeMap<String, ReferenceProjection>,
    /// `None` when F&O does not know the order.
    pub dynamics: Option<DynamicsProjection>,
}

/// All ShipBob orders of one reference in one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReferenceProjection {
    /// More than one only where a cancelled order frees its reference, or where something went wrong.
    pub times_created: u32,
    pub lines: Vec<LineProjection>,
    /// Hash of the recipient as sent.
    pub recipient: String,
    pub location_id: Option<i64>,
    pub shipping_method: String,
    pub cancelled: bool,
    /// In the order fate made them.
    pub shipments: Vec<ShipmentProjection>,
}

/// One line as sent to ShipBob.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LineProjection {
    pub sku: String,
    pub quantity: i64,
    pub external_line_id: Option<i64>,
    /// As decimal text.
    pub unit_price: Option<String>,
}

/// One shipment in its present state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShipmentProjection {
    pub status: String,
    /// Names of the status details, sorted.
    pub details: BTreeSet<String>,
    pub location_id: i64,
    pub carrier: Option<String>,
    /// Every number it ever had.
    pub tracking: BTreeSet<String>,
    /// Shipped quantity per SKU of the order line.
    pub quantities: BTreeMap<String, i64>,
    /// As decimal text.
    pub invoice_amount: Option<String>,
    /// Net of all fee lines per currency, as decimal text; empty where nothing is billed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub billed: BTreeMap<String, String>,
    /// Hash of the recipient this parcel goes to.
    pub recipient: String,
    /// Hash of the first line of its address.
    pub street: String,
    /// Method it goes by.
    pub method: String,
}

/// One sales order in F&O.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DynamicsProjection {
    pub status: String,
    pub carrier: Option<String>,
    pub carrier_service: Option<String>,
    pub delivery_mode: Option<String>,
    pub pool: Option<String>,
    /// Slipped quantity per line, as decimal text, by line key.
    pub slipped: BTreeMap<String, String>,
    /// Deliver-now quantity per line, as decimal text, by line key.
    pub deliver_now: BTreeMap<String, String>,
    /// Tracking numbers on all its slips.
    pub tracking: BTreeSet<String>,
    /// Notes, normalised: no ids, no times.
    pub notes: BTreeSet<String>,
    /// Ordered quantity per line, as decimal text, by line key; nothing of what is cancelled.
    pub ordered: BTreeMap<String, String>,
    /// Pieces ordered per SKU.
    pub pieces: BTreeMap<String, i64>,
    /// Hash of the street as F&O has it now.
    pub street: String,
    /// Anything else worth comparing.
    pub extra: BTreeMap<String, String>,
}

/// An order that races a cancel against picking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RacingProjection {
    /// Every ShipBob order of it is cancelled.
    pub cancelled_at_shipbob: bool,
    /// A shipment of it left the warehouse.
    pub shipped: bool,
    pub details: OrderProjection,
}

/// Short hash of a text; the projection holds no address.
pub(crate) fn hashed(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(16);
    for byte in Sha256::digest(text.as_bytes()).iter().take(8) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

impl Projection {
    /// SHA-256 of the canonical JSON of `orders` (racing orders left out), in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        use std::fmt::Write as _;
        // Maps with text keys and plain values always serialise.
        let text = if self.products.is_empty() {
            serde_json::to_vec(&self.orders).unwrap_or_default()
        } else {
            serde_json::to_vec(&(&self.orders, &self.products)).unwrap_or_default()
        };
        let mut out = String::with_capacity(64);
        for byte in Sha256::digest(&text) {
            // Writing to a String cannot fail.
            let _ = write!(out, "{byte:02x}");
        }
        out
    }

    /// Moves racing orders apart; called last.
    pub(crate) fn set_apart(&mut self, racing: impl Fn(&str) -> bool) {
        let names: Vec<String> = self.orders.keys().filter(|name| racing(name)).cloned().collect();
        for name in names {
            if let Some(details) = self.orders.remove(&name) {
                let ours = details.references.values();
                let cancelled =
                    !details.references.is_empty() && ours.clone().all(|one| one.cancelled);
                let left = |shipment: &ShipmentProjection| shipment.status == "Completed";
                let shipped = ours.clone().any(|one| one.shipments.iter().any(left));
                self.racing.insert(
                    name,
                    RacingProjection { cancelled_at_shipbob: cancelled, shipped, details },
                );
            }
        }
    }
}

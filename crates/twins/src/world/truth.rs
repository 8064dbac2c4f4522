//! What the world intended for each sales order: for proofs and the demo, never for a client.

use serde::Serialize;

use super::fate::Fate;

/// What a right connector does with a sales order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It becomes one ShipBob order per group.
    Sent,
    /// It waits for a person; the cause in words of the seed (`unmapped-mode`, `unknown-sku`, …).
    Held(String),
    /// It is not for ShipBob; the reason in words of the seed.
    Ignored(String),
}

/// One sales order as the world meant it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderTruth {
    pub order_number: String,
    /// Category of the seed (`ordinary`, `two-warehouses`, …).
    pub category: String,
    pub outcome: Outcome,
    /// What the warehouse does to its first ShipBob order; only meaningful when the order is sent.
    pub fate: Fate,
    /// Its projection may differ between two right runs.
    pub racing: bool,
}

/// One SKU as the world means it to stand at ShipBob in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProductTruth {
    pub sku: String,
    /// F&O item.
    pub item: String,
    /// How often it is made through the API.
    pub made: u32,
    /// Hundredths of an ounce; none = not judged.
    pub ounces_100: Option<i64>,
    /// Hundredths of an inch: length, width, height; none = not judged.
    pub inches_100: Option<[i64; 3]>,
    /// Cause of the hold a person must see.
    pub held: Option<String>,
}

/// All sales orders, by number, and all SKUs a right connector cares about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    pub orders: Vec<OrderTruth>,
    pub products: Vec<ProductTruth>,
}

impl Truth {
    /// The entry of one sales order.
    #[must_use]
    pub fn order(&self, order_number: &str) -> Option<&OrderTruth> {
        self.orders.iter().find(|order| order.order_number == order_number)
    }
}

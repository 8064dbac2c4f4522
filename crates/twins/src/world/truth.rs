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

/// All sales orders, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    pub orders: Vec<OrderTruth>,
}

impl Truth {
    /// The entry of one sales order.
    #[must_use]
    pub fn order(&self, order_number: &str) -> Option<&OrderTruth> {
        self.orders.iter().find(|order| order.order_number == order_number)
    }
}

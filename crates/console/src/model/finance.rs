//! Facts of the page *Finance*: what ShipBob charged, whether it adds up, and what to claim.

use super::At;
use serde::Serialize;

/// One invoice of ShipBob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvoiceLine {
    /// ShipBob's id.
    pub id: i64,
    /// Its date, `2026-11-23`.
    pub date: String,
    /// Its type as ShipBob writes it.
    pub kind: String,
    /// Its total.
    pub amount: String,
    /// Its currency.
    pub currency: String,
    /// Transactions on it.
    pub lines: usize,
    /// They add up to it; none before that was looked at.
    pub balanced: Option<bool>,
    /// Their sum in the currency of the invoice.
    pub sum: String,
    /// What the invoice has beyond it.
    pub difference: String,
    /// Why it does not balance, where that is known.
    pub why: String,
}

/// One fee line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChargeLine {
    /// ShipBob's id.
    pub id: String,
    /// When it was charged, `2026-11-23`.
    pub date: String,
    /// What it adds to what is owed.
    pub amount: String,
    /// Its currency.
    pub currency: String,
    /// The fee.
    pub fee: String,
    /// Charge, Refund, Credit, …
    pub kind: String,
    /// What it is tied to: shipment, order, return, receipt, storage or none.
    pub tie: &'static str,
    /// The reference ShipBob gives.
    pub reference: String,
    /// The order it belongs to, where we know one.
    pub order: Option<String>,
    /// The invoice it stands on.
    pub invoice: Option<i64>,
}

/// What one shipment cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CostLine {
    /// The order.
    pub order: String,
    /// ShipBob's shipment id.
    pub shipment: i64,
    /// Net of refunds and credits.
    pub billed: String,
    /// What ShipBob told with the shipment.
    pub told: String,
    /// What is odd about it, in words.
    pub findings: Vec<String>,
    /// ShipBob takes claims until then.
    pub claim_until: Option<At>,
    /// Claims are still taken.
    pub claimable: bool,
    /// Why it cannot be booked on the order any more: invoiced, cancelled, gone; empty when it can.
    pub closed: String,
    /// Its charges on the order and what became of each, where costs are written as such.
    pub charges: Vec<String>,
    /// When it was first known.
    pub since: At,
}

/// The page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FinanceFacts {
    /// Newest first.
    pub invoices: Vec<InvoiceLine>,
    /// Shipments with something odd about their cost.
    pub findings: Vec<CostLine>,
    /// Shipments whose order is closed in Dynamics.
    pub closed: Vec<CostLine>,
    /// Charges of shipments no order of ours has.
    pub unmatched: Vec<ChargeLine>,
}

/// One invoice with everything on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvoiceFacts {
    /// The invoice.
    pub invoice: InvoiceLine,
    /// Sums per tie.
    pub tied: Vec<(&'static str, String)>,
    /// Its transactions.
    pub charges: Vec<ChargeLine>,
}

/// What one order cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OrderCosts {
    /// Per shipment.
    pub shipments: Vec<CostLine>,
    /// Every fee line of them.
    pub charges: Vec<ChargeLine>,
}

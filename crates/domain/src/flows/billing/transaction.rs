//! Transactions and invoices as ShipBob tells them, and what a transaction is tied to.

use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A plain date: midnight UTC of `2026-11-23` (a time behind it is cut off).
pub fn day(text: &str) -> Option<Timestamp> {
    let date = text.trim().get(..10)?;
    Timestamp::parse(&format!("{date}T00:00:00Z"))
}

/// One fee line of ShipBob. One shipment has several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Transaction {
    /// `transaction_id`: unique per fee line.
    pub id: String,
    /// As written, with its sign.
    pub amount: Decimal,
    /// Currency code, upper case; empty when ShipBob names none.
    pub currency: String,
    /// `charge_date`.
    pub charged: Option<Timestamp>,
    /// The invoice it stands on; none until the week closes.
    pub invoice: Option<i64>,
    /// `invoice_type` as written.
    pub invoice_type: String,
    /// `transaction_fee`.
    pub fee: String,
    /// `transaction_type` as written.
    pub kind: String,
    /// `reference_id`.
    pub reference: String,
    /// `reference_type` as written.
    pub reference_type: String,
    /// `fulfillment_center` as written.
    pub centre: String,
    /// Sum of `taxes[].tax_amount`, as written.
    pub taxes: Decimal,
    /// `additional_details.TrackingId`.
    pub tracking: String,
    /// `additional_details.TicketReference`.
    pub ticket: String,
}

/// What a transaction belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tie {
    /// A shipment, by its id.
    Shipment,
    /// An order, by the tracking number of one of its parcels.
    Order,
    /// A return.
    Return,
    /// A receipt (inbound shipment).
    Receipt,
    /// Storage of goods in a centre.
    Storage,
    /// None of these.
    None,
}

impl Tie {
    /// Word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shipment => "shipment",
            Self::Order => "order",
            Self::Return => "return",
            Self::Receipt => "receipt",
            Self::Storage => "storage",
            Self::None => "none",
        }
    }
}

impl Transaction {
    /// A refund or a credit: it lowers what is owed, whatever sign ShipBob writes it with. A credit
    /// that is taken back is counted as written.
    pub fn lowers(&self) -> bool {
        let is = |word: &str| self.kind.eq_ignore_ascii_case(word);
        (is("Refund") || is("Credit")) && !self.fee.eq_ignore_ascii_case("Credit Reversal")
    }

    /// What it adds to what is owed.
    pub fn value(&self, taxes_on_top: bool) -> Decimal {
        let signed = |part: Decimal| if self.lowers() { -part.abs() } else { part };
        let taxes = if taxes_on_top { signed(self.taxes) } else { Decimal::ZERO };
        signed(self.amount).saturating_add(taxes)
    }

    /// A cost of the merchant. Payments and corrections of the balance are not.
    pub fn is_cost(&self) -> bool {
        !["Payment", "BalanceAdjustment"].iter().any(|k| self.kind.eq_ignore_ascii_case(k))
    }

    /// What it belongs to.
    pub fn tie(&self) -> Tie {
        let kind = self.reference_type.to_ascii_lowercase();
        match kind.as_str() {
            "shipment" => Tie::Shipment,
            "return" => Tie::Return,
            "wro" => Tie::Receipt,
            _ if !self.tracking.is_empty() => Tie::Order,
            _ if self.invoice_type.eq_ignore_ascii_case("WarehouseStorage") => Tie::Storage,
            "fc" if self.names_a_place() => Tie::Storage,
            _ => Tie::None,
        }
    }

    /// `{centre}-{inventory id}-{location type}`.
    fn names_a_place(&self) -> bool {
        let mut parts = self.reference.rsplitn(3, '-');
        let kind = parts.next().is_some_and(|p| !p.is_empty());
        kind && parts.next().is_some_and(|p| p.parse::<i64>().is_ok()) && parts.next().is_some()
    }
}

/// One invoice of ShipBob.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// `invoice_id`.
    pub id: i64,
    /// `invoice_date`.
    pub date: Option<Timestamp>,
    /// `invoice_type` as written.
    pub kind: String,
    /// Its total, as written.
    pub amount: Decimal,
    /// Currency code, upper case.
    pub currency: String,
}

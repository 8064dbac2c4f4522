//! What one shipment cost, and what about it a person may want to claim.

use super::transaction::Transaction;
use crate::ids::ShipmentId;
use crate::settings::Billing;
use crate::time::{Span, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is odd about the cost of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    /// Billed more than ShipBob said with the shipment.
    Above(Decimal),
    /// Billed less than ShipBob said with the shipment.
    Below(Decimal),
    /// The same fee, amount and day more than once.
    Duplicate(String),
    /// Charged in a currency that is not the one of the settings.
    OtherCurrency(String),
    /// More was given back than charged, in that currency.
    RefundAboveCharge(String),
}

impl Finding {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Above(by) => {
                format!("billed {} more than told with the shipment", by.normalize())
            }
            Self::Below(by) => {
                format!("billed {} less than told with the shipment", by.normalize())
            }
            Self::Duplicate(fee) => format!("{fee} charged more than once on one day"),
            Self::OtherCurrency(code) if code.is_empty() => "charged without a currency".to_owned(),
            Self::OtherCurrency(code) => format!("charged in {code}"),
            Self::RefundAboveCharge(code) => format!("more {code} given back than charged"),
        }
    }
}

/// Why a cost cannot become a charge of its order any more: finance books it by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlreadyClosed {
    /// The sales order is invoiced.
    Invoiced,
    /// The sales order is cancelled.
    Cancelled,
    /// F&O does not have the order any more.
    Gone,
}

impl AlreadyClosed {
    /// Stable name for SQL and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoiced => "invoiced",
            Self::Cancelled => "cancelled",
            Self::Gone => "gone",
        }
    }
}

/// What became of one charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChargeState {
    /// F&O is read first.
    Waiting,
    /// It is on its way.
    Sending,
    /// It stands on the order with this amount.
    Written,
    /// It waits for a person.
    Held,
    /// The order takes no charges any more: the finance list.
    Closed,
}

impl ChargeState {
    /// Word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Written => "on the order",
            Self::Held => "held",
            Self::Closed => "too late",
        }
    }
}

/// What a shipment cost under one charge code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChargeLine {
    /// Charge code.
    pub code: String,
    /// Net of refunds and credits.
    pub amount: Decimal,
    /// Its currency.
    pub currency: String,
    /// What became of it.
    pub state: ChargeState,
}

/// What ShipBob charged for one shipment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShipmentCost {
    /// Which.
    pub shipment: ShipmentId,
    /// Net of refunds and credits, per currency.
    pub billed: BTreeMap<String, Decimal>,
    /// What ShipBob said with the shipment, where it did.
    pub told: Option<(Decimal, String)>,
    /// What is odd about it, sorted.
    pub findings: Vec<Finding>,
    /// ShipBob takes claims until then.
    pub claim_until: Option<Timestamp>,
    /// It cannot be booked on the order any more.
    pub closed: Option<AlreadyClosed>,
    /// Charges of the order, where costs are written as such.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<ChargeLine>,
}

/// Adds up the transactions of one shipment; in whatever order and however often they are given.
/// None when nothing was charged yet: 0 is never final.
pub fn cost_of(
    shipment: ShipmentId,
    charges: &[&Transaction],
    told: Option<(Decimal, String)>,
    settings: &Billing,
) -> Option<ShipmentCost> {
    let own: BTreeMap<&str, &Transaction> =
        charges.iter().filter(|t| t.is_cost()).map(|t| (t.id.as_str(), *t)).collect();
    if own.is_empty() {
        return None;
    }
    let mut billed: BTreeMap<String, Decimal> = BTreeMap::new();
    for one in own.values() {
        let sum = billed.entry(one.currency.clone()).or_default();
        *sum = sum.saturating_add(one.value(settings.taxes_on_top));
    }
    let mut findings: Vec<Finding> = duplicates(own.values().copied())
        .into_iter()
        .map(|t| Finding::Duplicate(t.fee.clone()))
        .collect();
    for (currency, sum) in &billed {
        if *currency != settings.currency {
            findings.push(Finding::OtherCurrency(currency.clone()));
        }
        if sum.is_sign_negative() && !sum.is_zero() {
            findings.push(Finding::RefundAboveCharge(currency.clone()));
        }
    }
    // An amount without a currency can be held against nothing.
    if let Some((amount, currency)) = told.as_ref().filter(|(_, code)| !code.is_empty()) {
        let sum = billed.get(&currency.to_uppercase()).copied().unwrap_or_default();
        let by = sum.saturating_sub(*amount);
        if by > settings.tolerance {
            findings.push(Finding::Above(by));
        } else if -by > settings.tolerance {
            findings.push(Finding::Below(-by));
        }
    }
    findings.sort();
    findings.dedup();
    let first = own.values().filter_map(|t| t.charged).min();
    let claim_until = first.map(|at| at + Span::days(settings.claim_days));
    Some(ShipmentCost {
        shipment,
        billed,
        told,
        findings,
        claim_until,
        closed: None,
        charges: Vec::new(),
    })
}

/// Charges that look like an earlier one: same reference, fee, amount, currency and day.
pub fn duplicates<'a>(all: impl IntoIterator<Item = &'a Transaction>) -> Vec<&'a Transaction> {
    let mut seen = BTreeMap::new();
    for one in all.into_iter().filter(|t| t.kind.eq_ignore_ascii_case("Charge")) {
        let like = (&one.reference, &one.fee, one.amount.normalize(), &one.currency, one.charged);
        seen.entry(like).or_insert_with(BTreeMap::new).insert(one.id.as_str(), one);
    }
    seen.into_values().flat_map(|same| same.into_values().skip(1)).collect()
}

/// The line of the note: `12.34 USD`, several currencies with a plus between them.
pub fn cost_line(billed: &BTreeMap<String, Decimal>) -> String {
    let parts: Vec<String> = billed
        .iter()
        .map(|(currency, sum)| match currency.as_str() {
            "" => format!("{} (no currency)", sum.normalize()),
            code => format!("{} {code}", sum.normalize()),
        })
        .collect();
    parts.join(" + ")
}

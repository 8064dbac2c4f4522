//! The internal note of one shipment: what a person in F&O reads, and what we read back.
//!
//! The text carries every tracking number the parcel ever had; a corrected one is marked, never
//! deleted, so the note itself is our memory of them after a restore.

use super::view::{Share, View};
use crate::ids::ShipmentId;
use crate::warehouse::Shipment;
use rust_decimal::Decimal;
use std::fmt::Write as _;

const NUMBER: &str = "Tracking: ";
const REPLACED: &str = "Replaced tracking: ";

/// `AttachmentDescription`: how the note is found again.
pub(super) fn description(shipment: ShipmentId) -> String {
    format!("ShipBob shipment {shipment}")
}

/// The state of a parcel in the words of the note.
pub(super) fn state(shipment: &Shipment) -> &'static str {
    if shipment.dead() {
        "cancelled"
    } else if shipment.is_delivered() {
        "delivered"
    } else if shipment.left() && shipment.detail("DeliveryException") {
        "delivery exception"
    } else if shipment.left() {
        "shipped"
    } else {
        "label printed"
    }
}

/// The whole text, from the shipment and the text F&O has now.
pub(super) fn text(
    shipment: &Shipment,
    shares: &[Share],
    view: &View<'_>,
    existing: Option<&str>,
) -> String {
    let mut out = format!("ShipBob shipment {}: {}\n", shipment.id, state(shipment));
    let tracking = shipment.tracking.clone().unwrap_or_default();
    let carrier = format!("{} {}", tracking.carrier, tracking.service);
    let carrier = if carrier.trim().is_empty() { "not yet known" } else { carrier.trim() };
    let _ = writeln!(out, "Carrier: {carrier}");
    let number = shipment.number();
    let _ = writeln!(out, "{NUMBER}{}", number.unwrap_or("not yet known"));
    for old in numbers(existing.unwrap_or_default()) {
        if Some(old.as_str()) != number {
            let _ = writeln!(out, "{REPLACED}{old}");
        }
    }
    if !tracking.url.is_empty() {
        let _ = writeln!(out, "Link: {}", tracking.url);
    }
    for (sequence, eaches) in shares {
        let Some(line) = view.line(*sequence) else { continue };
        let _ = writeln!(out, "Line {sequence}: {} x {eaches}", line.line.sku);
    }
    if let Some(amount) = shipment.invoice_amount.filter(|a| *a > Decimal::ZERO) {
        let currency = &shipment.invoice_currency;
        let _ = writeln!(out, "Shipping charge: {} {currency}", amount.normalize());
    }
    out.trim_end().to_owned()
}

/// Every tracking number a note names, current first.
pub(super) fn numbers(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        let number = line.strip_prefix(NUMBER).or_else(|| line.strip_prefix(REPLACED));
        if let Some(n) = number.map(str::trim).filter(|n| !n.is_empty() && *n != "not yet known") {
            if !found.iter().any(|f| f == n) {
                found.push(n.to_owned());
            }
        }
    }
    found
}

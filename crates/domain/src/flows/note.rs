//! The internal note of one shipment: what a person in F&O reads, and what we read back.
//!
//! The text carries every tracking number the parcel ever had; a corrected one is marked, never
//! deleted, so the note itself is our memory of them after a restore.

use super::view::{Ours, Share, View};
use crate::address::clean;
use crate::ids::ShipmentId;
use crate::warehouse::Shipment;
use rust_decimal::Decimal;
use std::fmt::Write as _;

const NUMBER: &str = "Tracking: ";
const REPLACED: &str = "Replaced tracking: ";
const UNKNOWN: &str = "not yet known";

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
    let tracking = shipment.tracking.as_ref();
    let carrier = tracking.map(|t| clean(&format!("{} {}", t.carrier, t.service)));
    let carrier = carrier.filter(|c| !c.is_empty()).unwrap_or_else(|| UNKNOWN.to_owned());
    let _ = writeln!(out, "Carrier: {carrier}");
    let number = shipment.number().map(clean);
    let _ = writeln!(out, "{NUMBER}{}", number.as_deref().unwrap_or(UNKNOWN));
    for old in numbers(existing.unwrap_or_default()) {
        if Some(&old) != number.as_ref() {
            let _ = writeln!(out, "{REPLACED}{old}");
        }
    }
    if let Some(url) = tracking.map(|t| clean(&t.url)).filter(|u| !u.is_empty()) {
        let _ = writeln!(out, "Link: {url}");
    }
    if let Some(centre) = shipment.centre.filter(|_| chosen(shipment, view)) {
        let name = clean(&shipment.centre_name);
        let from = if name.is_empty() { centre.to_string() } else { format!("{centre}, {name}") };
        let _ = writeln!(out, "Centre: {from}");
    }
    for (sequence, eaches) in shares {
        let Some(line) = view.line(*sequence) else { continue };
        let sku = clean(&line.line.sku);
        let _ = match eaches {
            0 => writeln!(out, "Line {sequence}: {sku} (parts)"),
            n => writeln!(out, "Line {sequence}: {sku} x {n}"),
        };
    }
    if let Some(amount) = shipment.invoice_amount.filter(|a| *a > Decimal::ZERO) {
        let currency = clean(&shipment.invoice_currency);
        let _ = writeln!(out, "Shipping charge: {} {currency}", amount.normalize());
    }
    out.trim_end().to_owned()
}

/// ShipBob chose the centre: the order does not say where it leaves from, so the note does.
/// Asked of the order as a whole: a parcel that was sent again carries nothing that is on a line.
fn chosen(shipment: &Shipment, view: &View<'_>) -> bool {
    let holds = |one: &&Ours<'_>| one.shipments.iter().any(|s| s.id == shipment.id);
    let network = |sequence| view.line(sequence).is_some_and(|line| line.network);
    let one = view.ours.iter().find(holds).filter(|_| !shipment.dead());
    one.is_some_and(|one| one.sequences().any(network))
}

/// The text stands in F&O, which may write line ends its own way.
pub(super) fn same(there: &str, text: &str) -> bool {
    there.lines().map(str::trim_end).eq(text.lines().map(str::trim_end)) || there.trim_end() == text
}

/// Every tracking number a note names, current first.
pub(super) fn numbers(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        let number = line.strip_prefix(NUMBER).or_else(|| line.strip_prefix(REPLACED));
        let number = number.map(str::trim).filter(|n| !n.is_empty() && *n != UNKNOWN);
        found.extend(number.filter(|n| !found.iter().any(|f| f == n)).map(str::to_owned));
    }
    found
}

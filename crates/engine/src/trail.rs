//! Sentences a clerk understands, for everything that changed.

use domain::custom_call::{ShipmentCall, TellAvailable};
use domain::edit::Change;
use domain::operation::Operation;
use domain::time::Timestamp;
use store::TrailEntry;

/// Who the engine is in the trail.
pub(crate) const ENGINE: &str = "ml-connector";

pub(crate) fn entry(
    at: Timestamp,
    who: &str,
    what: &str,
    subject: &str,
    why: String,
) -> TrailEntry {
    TrailEntry {
        at,
        who: who.to_owned(),
        what: what.to_owned(),
        subject: Some(subject.to_owned()),
        before: None,
        after: None,
        why: Some(why),
        settings_version: 0,
        request_id: None,
    }
}

pub(crate) fn recovered(at: Timestamp, holder: &str, n: usize) -> TrailEntry {
    let why = format!(
        "{holder} took over; {n} call(s) of the last owner are in doubt and are looked up first."
    );
    TrailEntry { subject: None, ..entry(at, ENGINE, "recovered", "", why) }
}

fn changed(change: &Change) -> String {
    match change {
        Change::Address(_) => "New address".to_owned(),
        Change::Lines { items, .. } => {
            let list = items.iter().map(|i| format!("{} of {}", i.quantity, i.sku));
            format!("New quantities ({})", list.collect::<Vec<_>>().join(", "))
        }
        Change::Method { method, .. } => format!("Method \"{method}\""),
    }
}

/// What a delivery is, in a few words.
pub(crate) fn about(operation: &Operation) -> String {
    match operation {
        Operation::CreateOrder(c) => {
            format!("Order {} with {} line(s) to ShipBob", c.reference, c.lines.len())
        }
        Operation::CancelOrder { reference, .. } => format!("Cancel {reference} at ShipBob"),
        Operation::EditShipment(e) => {
            let what = changed(&e.change);
            format!("{what} for shipment {} of {} at ShipBob", e.shipment, e.reference)
        }
        Operation::CreateProduct(new) => {
            let skus: Vec<&str> = new.variants.iter().map(|v| v.sku.as_str()).collect();
            format!("Product \"{}\" with SKU {} to ShipBob", new.name, skus.join(", "))
        }
        Operation::AddVariants { product, variants } => {
            let skus: Vec<&str> = variants.iter().map(|v| v.sku.as_str()).collect();
            format!("SKU {} added to product {product} at ShipBob", skus.join(", "))
        }
        Operation::UpdateProduct { variants, .. } => {
            let skus: Vec<&str> = variants.iter().map(|v| v.sku.as_str()).collect();
            format!("New values of SKU {} at ShipBob", skus.join(", "))
        }
        Operation::AckTracking { shipment } => {
            format!("Tell ShipBob that tracking of shipment {shipment} was taken")
        }
        Operation::WriteNote { description, existing, .. } => {
            let verb = if existing.is_some() { "Update" } else { "Write" };
            format!("{verb} note \"{description}\" in Dynamics")
        }
        Operation::SetDeliverNow { lines, pool, .. } => {
            let pool = pool.as_ref().map(|(p, _)| format!(", pool {p}")).unwrap_or_default();
            let lines: Vec<String> =
                lines.iter().map(|l| format!("{} = {}", l.lot, l.quantity.normalize())).collect();
            format!("Quantities to deliver in Dynamics: {}{pool}", lines.join(", "))
        }
        Operation::SetCarrier { carrier, service, .. } => {
            format!("Carrier {carrier} {service} on the order in Dynamics")
        }
        Operation::AddTracking { slip, number, .. } => {
            format!("Tracking {number} on packing slip {slip} in Dynamics")
        }
        Operation::AnswerRequest { request, status, .. } => {
            format!("Request {request} answered in Dynamics: {status}")
        }
        Operation::CreateJournal(new) => {
            format!("Counting journal \"{}\" for warehouse {}", new.token, new.warehouse)
        }
        Operation::WriteJournalLines(new) => {
            format!("{} line(s) in counting journal {}", new.lines.len(), new.journal)
        }
        Operation::AdjustStock(new) => format!(
            "{} stock adjustment(s) \"{}\" for warehouse {}",
            new.lines.len(),
            new.token,
            new.warehouse
        ),
        Operation::TellAvailable(call) => told(call),
        Operation::UpdateShipment(update) => {
            format!("Shipment update {} of request {} to Dynamics", update.update, update.request)
        }
        Operation::CustomCall(call) => called(call),
        Operation::WriteCharge(new) => format!(
            "Charge {} of {} {} for shipment {} on the order in Dynamics",
            new.code, new.amount, new.currency, new.shipment
        ),
    }
}

fn called(call: &ShipmentCall) -> String {
    match call.returned {
        Some(id) => format!("Custom call {} for return {id} to Dynamics", call.path),
        None => format!("Custom call {} for shipment {} to Dynamics", call.path, call.shipment),
    }
}

fn told(tell: &TellAvailable) -> String {
    format!("{} available quantity(s) to Dynamics by {}", tell.lines, tell.call.path)
}

//! The costs of one order: which transactions belong to which of its shipments.

use super::cost::{AlreadyClosed, ShipmentCost, cost_of};
use super::transaction::{Tie, Transaction};
use crate::flows::draft::Draft;
use crate::flows::view::View;
use crate::flows::{fulfilment, note};
use crate::sales::{DocumentStatus, SalesOrder, SalesStatus};
use crate::warehouse::Shipment;
use std::collections::{BTreeMap, BTreeSet};

/// The costs of every shipment of which ShipBob charged something. `owner` is the sales order as
/// F&O has it, also for a request.
pub(in crate::flows) fn costs(
    draft: &Draft<'_>,
    view: &View<'_>,
    owner: Option<&SalesOrder>,
) -> Vec<ShipmentCost> {
    let Some(settings) = &draft.settings.billing else { return Vec::new() };
    let closed = closed(draft, owner);
    let mut found: BTreeMap<_, ShipmentCost> = BTreeMap::new();
    for shipment in view.ours.iter().flat_map(|one| &one.shipments) {
        let numbers = owner.map(|o| fulfilment::numbers_of(o, shipment)).unwrap_or_default();
        let own = charges_of(&draft.facts.charges, shipment, &numbers);
        let told = shipment.invoice_amount.map(|a| (a, shipment.invoice_currency.clone()));
        if let Some(cost) = cost_of(shipment.id, &own, told, settings) {
            found.insert(shipment.id, ShipmentCost { closed, ..cost });
        }
    }
    found.into_values().collect()
}

/// The note of this shipment is about to say another cost: F&O must have been read just now, so
/// that what a person wrote there since is seen.
pub(in crate::flows) fn restates(draft: &Draft<'_>, shipment: &Shipment) -> bool {
    draft.plan.costs.iter().any(|cost| cost.shipment == shipment.id)
}

/// Tracking numbers the notes of an order name, also those that were replaced.
pub fn told_numbers(order: &SalesOrder) -> BTreeSet<String> {
    order.notes.iter().flat_map(|n| note::numbers(&n.text)).collect()
}

/// By its id, or by one of its tracking numbers.
pub(super) fn charges_of<'a>(
    all: &'a [Transaction],
    shipment: &Shipment,
    numbers: &BTreeSet<String>,
) -> Vec<&'a Transaction> {
    let id = shipment.id.to_string();
    let number = shipment.number();
    all.iter()
        .filter(|t| match t.tie() {
            Tie::Shipment => t.reference == id,
            Tie::Order => number == Some(t.tracking.as_str()) || numbers.contains(&t.tracking),
            _ => false,
        })
        .collect()
}

fn closed(draft: &Draft<'_>, owner: Option<&SalesOrder>) -> Option<AlreadyClosed> {
    let Some(order) = owner else {
        // Of a request the order may be unknown; of an order it was read and is gone.
        let read = draft.facts.request.is_none() && draft.facts.sales.is_some();
        return read.then_some(AlreadyClosed::Gone);
    };
    let invoiced =
        order.status == SalesStatus::Invoiced || order.document_status == DocumentStatus::Invoice;
    if invoiced {
        Some(AlreadyClosed::Invoiced)
    } else if order.status == SalesStatus::Canceled {
        Some(AlreadyClosed::Cancelled)
    } else {
        None
    }
}

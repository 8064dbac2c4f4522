//! Progress of an order in each system, as a short line of steps.

use crate::model::{At, DeliveryLine, OrderFacts};
use crate::tone::Tone;
use domain::plan::DeliveryState;
use domain::sales::{SalesOrder, SalesStatus};
use domain::warehouse::{Shipment, ShipmentStatus};
use serde::Serialize;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What.
    pub label: String,
    /// When, where known.
    pub at: Option<At>,
    /// `Plain` = not yet.
    pub tone: Tone,
}

fn step(label: impl Into<String>, at: Option<At>, reached: bool) -> Step {
    Step { label: label.into(), at, tone: if reached { Tone::Ok } else { Tone::Plain } }
}

/// Released → tracking written → packing slip → invoiced.
pub(super) fn dynamics(facts: &OrderFacts) -> Vec<Step> {
    let row = &facts.row;
    let Some(read) = &facts.sales else {
        return vec![step("Released", row.released, row.released.is_some())];
    };
    let Some(order) = &read.order else {
        return vec![
            step("Released", row.released, row.released.is_some()),
            Step { label: "Gone from Dynamics".to_owned(), at: None, tone: Tone::Attention },
        ];
    };
    let mut steps = vec![step("Released", row.released, row.released.is_some())];
    if order.status == SalesStatus::Canceled {
        steps.push(Step { label: "Cancelled".to_owned(), at: row.cancelled, tone: Tone::Plain });
        return steps;
    }
    steps.push(tracking(facts, order));
    steps.push(slips(order));
    steps.push(step("Invoiced", None, order.status == SalesStatus::Invoiced));
    steps
}

/// Numbers that stand in a note on the order, as last read or as we wrote it since.
fn tracking(facts: &OrderFacts, order: &SalesOrder) -> Step {
    let row = &facts.row;
    if row.written.is_some() {
        return step("Tracking written", row.written, true);
    }
    let parcels = facts.warehouse.iter().flat_map(|seen| &seen.order.shipments);
    let numbered: Vec<&Shipment> = parcels.filter(|s| !s.dead() && s.number().is_some()).collect();
    let written = numbered.iter().filter(|s| {
        let number = s.number().unwrap_or_default();
        let noted = order.notes.iter().any(|note| note.text.contains(number));
        noted || facts.deliveries.iter().any(|d| is_note_of(d, &s.id.to_string()))
    });
    counted("Tracking written", written.count(), numbered.len(), None)
}

fn is_note_of(delivery: &DeliveryLine, shipment: &str) -> bool {
    delivery.operation == "write-note"
        && delivery.state == DeliveryState::Done
        && delivery.words.contains(shipment)
}

fn slips(order: &SalesOrder) -> Step {
    let last = order.slips.last();
    let label = match (order.slips.len(), last) {
        (0, _) | (_, None) => "Packing slip".to_owned(),
        (1, Some(slip)) => format!("Packing slip {}", slip.id),
        (n, Some(_)) => format!("{n} packing slips"),
    };
    step(label, last.map(|slip| At(slip.created)), last.is_some())
}

/// Accepted → labelled → shipped → delivered, counted over parcels.
pub(super) fn shipbob(facts: &OrderFacts) -> Vec<Step> {
    let row = &facts.row;
    let live: Vec<_> = facts.warehouse.iter().filter(|seen| !seen.order.cancelled()).collect();
    if live.is_empty() && !facts.warehouse.is_empty() {
        return vec![
            step("Accepted", row.accepted, row.accepted.is_some()),
            Step { label: "Cancelled".to_owned(), at: row.cancelled, tone: Tone::Plain },
        ];
    }
    let parcels: Vec<&Shipment> =
        live.iter().flat_map(|seen| &seen.order.shipments).filter(|s| !s.dead()).collect();
    let labelled = parcels.iter().filter(|s| s.labelled()).count();
    let left = parcels.iter().filter(|s| s.left()).count();
    let delivered = parcels.iter().filter(|s| s.is_delivered()).count();
    let all = parcels.len();
    let mut steps = vec![step("Accepted", row.accepted, row.accepted.is_some())];
    let stuck = parcels
        .iter()
        .find(|s| matches!(s.status, ShipmentStatus::Exception | ShipmentStatus::OnHold));
    if let Some(stuck) = stuck {
        let label = if stuck.status == ShipmentStatus::OnHold { "On hold" } else { "Exception" };
        steps.push(Step {
            label: label.to_owned(),
            at: stuck.last_update.map(At),
            tone: Tone::Attention,
        });
    }
    let labelled_at = parcels.iter().filter(|s| s.labelled()).filter_map(|s| s.fulfilled).min();
    steps.push(counted("Labelled", labelled, all, labelled_at.map(At)));
    steps.push(counted("Shipped", left, all, row.shipped));
    let delivered_at = parcels.iter().filter_map(|s| s.delivered).max();
    steps.push(counted("Delivered", delivered, all, delivered_at.map(At)));
    steps
}

fn counted(word: &str, reached: usize, all: usize, at: Option<At>) -> Step {
    let label =
        if reached > 0 && all > 1 { format!("{word} {reached} of {all}") } else { word.to_owned() };
    let tone = match reached {
        0 => Tone::Plain,
        n if n < all => Tone::Wait,
        _ => Tone::Ok,
    };
    Step { label, at: if reached > 0 { at } else { None }, tone }
}

//! One note per shipment, from the label on, kept current in place.

use crate::disposition::HoldReason;
use crate::flows::draft::{Draft, digest};
use crate::flows::restated::{last_written, next_key};
use crate::flows::view::{Share, View};
use crate::flows::{billing, external, note};
use crate::operation::{Flow, Operation};
use crate::plan::Need;
use crate::sales::{Note, SalesOrder};
use crate::time::Timestamp;
use crate::warehouse::Shipment;
use std::collections::BTreeSet;

/// Namespace of the `DocumentId`s we offer F&O (any fixed UUID; never change it).
const NOTES: uuid::Uuid = uuid::Uuid::from_u128(0x6d6c_2d63_6f6e_4e65_8374_6f72_6e6f_7465);

pub(in crate::flows) fn write(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    for one in &view.ours {
        for parcel in &one.parcels {
            write_one(draft, view, order, parcel.shipment, &parcel.shares);
        }
        for shipment in one.shipments.iter().filter(|s| s.dead()) {
            write_one(draft, view, order, shipment, &[]);
        }
    }
}

fn write_one(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    shipment: &Shipment,
    shares: &[Share],
) {
    let existing = note_of(order, shipment);
    let base = format!("note:{}:", shipment.id);
    let begins = shipment.left() || (shipment.labelled() && shipment.number().is_some());
    let begun =
        existing.is_some() || draft.facts.deliveries.iter().any(|d| d.key.starts_with(&base));
    if !begins && !begun {
        return;
    }
    if draft.facts.capabilities.note_write == Some(false) {
        draft.hold(Flow::Fulfilment, note_read_only());
        return;
    }
    let cost = draft.plan.costs.iter().find(|c| c.shipment == shipment.id);
    let text = note::text(shipment, shares, view, existing.map(|n| n.text.as_str()), cost);
    if existing.is_some_and(|n| note::same(&n.text, &text)) {
        return;
    }
    let wanted = Wanted {
        base,
        description: note::description(shipment.id),
        seed: format!("{}/{}/{}", draft.settings.company, order.number, shipment.id),
        text,
        // Costs come weeks after the last look at the order.
        late: billing::restates(draft, shipment),
        why: format!("Shipment {}: {}.", shipment.id, note::state(shipment)),
    };
    keep(draft, order, existing, wanted);
}

/// A note that is to stand on an order.
pub(in crate::flows) struct Wanted {
    /// What the keys of its writes begin with.
    pub(in crate::flows) base: String,
    /// `AttachmentDescription`: how it is found again.
    pub(in crate::flows) description: String,
    /// What its `DocumentId` is made from.
    pub(in crate::flows) seed: String,
    /// The whole text; another one than there is.
    pub(in crate::flows) text: String,
    /// It may come long after the last look at the order: F&O is read again first.
    pub(in crate::flows) late: bool,
    /// Why, for the trail.
    pub(in crate::flows) why: String,
}

/// Writes the note, or patches the one that is there.
pub(in crate::flows) fn keep(
    draft: &mut Draft<'_>,
    order: &SalesOrder,
    existing: Option<&Note>,
    note: Wanted,
) {
    let Wanted { base, description, seed, text, late, why } = note;
    let wanted = format!("{base}{}", digest(&text));
    let last = last_written(draft, &base);
    if last.is_some_and(|d| d.key.starts_with(&wanted)) {
        // Written, and since then left alone or edited by a person, whose words we keep.
        return;
    }
    if late && !draft.sales_are_fresh() {
        draft.need(Need::Sales);
        return;
    }
    let read = draft.facts.sales.as_ref().map_or(Timestamp::MIN, |r| r.read_began);
    if last.is_some_and(|d| d.since >= read) {
        // F&O has a newer note than the one we see: its key and its numbers are needed.
        draft.need(Need::Sales);
        return;
    }
    // Two notes of one shipment would be the price of impatience.
    let Some(key) = next_key(draft, &base, wanted) else { return };
    let operation = Operation::WriteNote {
        order: order.number.clone(),
        description,
        text,
        existing: existing.map(|n| (n.document_id.clone(), n.etag.clone())),
        document_id: uuid::Uuid::new_v5(&NOTES, seed.as_bytes()).to_string(),
    };
    draft.wish(key, operation, why);
}

/// The note of a shipment; where there are two by accident, always the same one.
pub(in crate::flows) fn note_of<'o>(
    order: &'o SalesOrder,
    shipment: &Shipment,
) -> Option<&'o Note> {
    described(order, &note::description(shipment.id))
}

/// The note of that description; where there are two by accident, always the same one.
pub(in crate::flows) fn described<'o>(
    order: &'o SalesOrder,
    description: &str,
) -> Option<&'o Note> {
    let own = order.notes.iter().filter(|n| n.description.trim() == description);
    own.min_by(|a, b| a.document_id.cmp(&b.document_id))
}

/// Every tracking number the shipment ever had, as far as its note remembers.
pub(in crate::flows) fn numbers_of(order: &SalesOrder, shipment: &Shipment) -> BTreeSet<String> {
    let told = note_of(order, shipment).map(|n| note::numbers(&n.text)).unwrap_or_default();
    told.into_iter().chain(shipment.number().map(str::to_owned)).collect()
}

pub(in crate::flows) fn note_read_only() -> HoldReason {
    HoldReason::new(
        "note-read-only",
        "note",
        "",
        "Dynamics does not let us write notes on sales orders.",
        "Give the service user the right to sales order attachments; this closes by itself.",
    )
}

/// The note in F&O names the number, or the last one written after our last read does.
pub(in crate::flows) fn written(
    draft: &Draft<'_>,
    view: &View<'_>,
    shipment: &Shipment,
    number: &str,
) -> bool {
    if let Some(told) = external::told(draft) {
        return told;
    }
    let Some(order) = view.order else { return false };
    let existing = note_of(order, shipment);
    if existing.is_some_and(|n| note::numbers(&n.text).iter().any(|have| have == number)) {
        return true;
    }
    let Some(parcel) = view.parcels().find(|p| p.shipment.id == shipment.id) else { return false };
    let cost = draft.plan.costs.iter().find(|c| c.shipment == shipment.id);
    let there = existing.map(|n| n.text.as_str());
    let text = note::text(shipment, &parcel.shares, view, there, cost);
    let base = format!("note:{}:", shipment.id);
    let wanted = format!("{base}{}", digest(&text));
    last_written(draft, &base).is_some_and(|d| d.key.starts_with(&wanted))
}

//! ShipBob → F&O: what left, by whom, under which number; and what a person must look at.

use super::draft::{Draft, digest};
use super::note;
use super::view::{LineView, Ours, Share, View};
use crate::disposition::HoldReason;
use crate::ids::PackingSlipId;
use crate::operation::{DeliverNow, Flow, Operation};
use crate::plan::{DeliveryState, Need};
use crate::sales::{SalesOrder, SalesStatus};
use crate::settings::{CarrierMap, Settings};
use crate::time::Timestamp;
use crate::units;
use crate::warehouse::{Shipment, ShipmentStatus};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Namespace of the `DocumentId`s we offer F&O (any fixed UUID; never change it).
const NOTES: uuid::Uuid = uuid::Uuid::from_u128(0x6d6c_2d63_6f6e_4e65_8374_6f72_6e6f_7465);

pub(super) fn plan(draft: &mut Draft<'_>, view: &View<'_>) {
    for one in &view.ours {
        shipment_holds(draft, one);
        goods_holds(draft, one);
    }
    let Some(order) = view.order else { return };
    for one in &view.ours {
        for (shipment, shares) in &one.shares {
            write_note(draft, view, order, shipment, shares);
        }
        for shipment in one.order.shipments.iter().filter(|s| s.dead()) {
            write_note(draft, view, order, shipment, &[]);
        }
    }
    set_deliver_now(draft, view, order);
    set_carrier(draft, view, order);
    add_tracking(draft, view, order);
    acknowledge(draft, view);
    not_slipped(draft, view, order);
}

/// ShipBob says that a parcel waits for a person.
fn shipment_holds(draft: &mut Draft<'_>, one: &Ours<'_>) {
    for s in &one.order.shipments {
        let detail = s.details.first().map_or("", |d| d.name.as_str());
        let words = s.details.first().map_or("", |d| d.description.as_str());
        let words = if words.is_empty() { detail } else { words };
        let (cause, reason, fix) = match &s.status {
            ShipmentStatus::OnHold => (
                "shipbob-on-hold",
                format!("ShipBob holds shipment {}: {words}.", s.id),
                "Clear the hold at ShipBob; this closes by itself.",
            ),
            ShipmentStatus::Exception => (
                "shipbob-exception",
                format!("ShipBob cannot ship {}: {words}.", s.id),
                "Send stock or correct the product at ShipBob; this closes by itself.",
            ),
            ShipmentStatus::CleanSweeped => (
                "shipbob-cleared",
                format!("ShipBob cleared shipment {} in bulk; it will probably not ship.", s.id),
                "Ask ShipBob what happened to it; then dismiss this.",
            ),
            ShipmentStatus::Other(status) => (
                "shipbob-status-unknown",
                format!("Shipment {} has the status \"{status}\", which we do not know.", s.id),
                "Look at the shipment at ShipBob; tell us what the status means.",
            ),
            ShipmentStatus::Completed if s.detail("DeliveryException") && !s.is_delivered() => (
                "delivery-exception",
                format!("The carrier reports a problem with shipment {}.", s.id),
                "Ask the carrier; this closes by itself when the parcel is delivered.",
            ),
            ShipmentStatus::Cancelled if one.live() => (
                "shipment-cancelled",
                format!("Shipment {} was cancelled, the rest of the order was not.", s.id),
                "Cancel the rest of the line in Dynamics, or let ShipBob ship it again; then dismiss this.",
            ),
            _ => continue,
        };
        let hold = HoldReason::new(cause, "shipment", &s.id.to_string(), &reason, fix);
        draft.hold(Flow::Fulfilment, hold);
    }
}

/// What left does not add up with what was ordered.
fn goods_holds(draft: &mut Draft<'_>, one: &Ours<'_>) {
    for (sku, n) in &one.excess {
        draft.hold(
            Flow::Fulfilment,
            HoldReason::new(
                "shipped-too-much",
                "quantity",
                sku,
                &format!("ShipBob shipped {n} of {sku} more than ordered on {}.", one.order.id),
                "A re-ship or a picking error: it is not put on a packing slip. Settle it, then dismiss this.",
            ),
        );
    }
    for (sku, n) in &one.odd_parts {
        draft.hold(
            Flow::Fulfilment,
            HoldReason::new(
                "kit-incomplete",
                "quantity",
                sku,
                &format!("{n} part(s) of kit {sku} were shipped that make no whole kit."),
                "Ask ShipBob which parts are missing; only whole kits are put on the packing slip.",
            ),
        );
    }
    if !one.finished() || !one.live() {
        return;
    }
    for product in &one.order.products {
        let Some(sequence) = product.external_line_id else { continue };
        let shares = one.shares.iter().filter(|(s, _)| s.left()).flat_map(|(_, shares)| shares);
        let shipped: i64 = shares.filter(|(q, _)| *q == sequence).map(|(_, n)| n).sum();
        if shipped < product.quantity && one.order.shipments.iter().any(Shipment::left) {
            draft.hold(
                Flow::Fulfilment,
                HoldReason::new(
                    "short-shipped",
                    &format!("line {sequence}"),
                    &format!("{shipped} of {}", product.quantity),
                    &format!("ShipBob shipped {shipped} of {} {}.", product.quantity, product.sku),
                    "Cancel the rest of the line in Dynamics, or order the rest anew; then dismiss this.",
                ),
            );
        }
    }
}

/// One note per shipment, from the label on, kept current in place.
fn write_note(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    shipment: &Shipment,
    shares: &[Share],
) {
    let description = note::description(shipment.id);
    let existing = order.notes.iter().find(|n| n.description == description);
    let begins = shipment.left() || (shipment.labelled() && shipment.number().is_some());
    let base = format!("note:{}:", shipment.id);
    let mine = || draft.facts.deliveries.iter().filter(|d| d.key.starts_with(&base));
    if !begins && existing.is_none() && mine().next().is_none() {
        return;
    }
    if draft.facts.capabilities.note_write == Some(false) {
        draft.hold(Flow::Fulfilment, note_read_only());
        return;
    }
    let text = note::text(shipment, shares, view, existing.map(|n| n.text.as_str()));
    if existing.is_some_and(|n| n.text.trim_end() == text) {
        return;
    }
    let written: Vec<_> = mine().filter(|d| d.state == DeliveryState::Done).collect();
    let wanted = format!("{base}{}", digest(&text));
    let last = written.iter().max_by_key(|d| d.since);
    if last.is_some_and(|d| d.key.starts_with(&wanted)) {
        // Written, and since then left alone or edited by a person, whose words we keep.
        return;
    }
    let read = draft.facts.sales.as_ref().map_or(Timestamp::MIN, |r| r.read_began);
    if last.is_some_and(|d| d.since >= read) {
        // F&O has a newer note than the one we see: its key and its numbers are needed.
        draft.need(Need::Sales);
        return;
    }
    let again = written.iter().filter(|d| d.key.starts_with(&wanted)).count();
    let key = if again == 0 { wanted } else { format!("{wanted}#{again}") };
    let seed = format!("{}/{}/{}", draft.settings.company, order.number, shipment.id);
    let operation = Operation::WriteNote {
        order: order.number.clone(),
        description,
        text,
        existing: existing.map(|n| (n.document_id.clone(), n.etag.clone())),
        document_id: uuid::Uuid::new_v5(&NOTES, seed.as_bytes()).to_string(),
    };
    draft.wish(key, operation, format!("Shipment {}: {}.", shipment.id, note::state(shipment)));
}

fn note_read_only() -> HoldReason {
    HoldReason::new(
        "note-read-only",
        "note",
        "",
        "Dynamics does not let us write notes on sales orders.",
        "Give the service user the right to sales order attachments, then press Retry.",
    )
}

/// Quantities the packing-slip batch may post: exactly what left and is not yet slipped.
fn set_deliver_now(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let mut lines = Vec::new();
    let mut positive = false;
    let settings = draft.settings;
    for line in view.lines.iter().filter(|l| l.sent() || would_be_slipped(settings, view, l)) {
        let target = deliver_now_target(draft, line).unwrap_or_default();
        positive |= target > Decimal::ZERO;
        if line.line.remaining > Decimal::ZERO && line.line.deliver_now != target {
            lines.push(DeliverNow {
                lot: line.line.lot.clone(),
                quantity: target,
                etag: line.line.etag.clone(),
            });
        }
    }
    if order.status != SalesStatus::Backorder {
        return;
    }
    let pool = draft
        .settings
        .batch_pool
        .clone()
        .filter(|p| positive && !order.pool.eq_ignore_ascii_case(p))
        .filter(|_| draft.facts.capabilities.pool_edit != Some(false));
    if lines.is_empty() && pool.is_none() {
        return;
    }
    if draft.facts.capabilities.deliver_now_edit == Some(false) {
        if positive {
            draft.hold(Flow::Fulfilment, deliver_now_read_only());
        }
        return;
    }
    let targets: Vec<String> =
        lines.iter().map(|l| format!("{}={}", l.lot, l.quantity.normalize())).collect();
    let etags: Vec<&str> = lines.iter().map(|l| l.etag.as_str()).collect();
    let wanted = format!("deliver:{}:{}", order.number, digest(&targets.join(";")));
    let key = format!("{wanted}:{}", digest(&format!("{}|{}", etags.join(";"), order.etag)));
    let tries = draft
        .facts
        .deliveries
        .iter()
        .filter(|d| d.state == DeliveryState::Done && d.key.starts_with(&wanted))
        .count();
    if tries >= STUBBORN && !draft.done(&key) && retry_is_older(draft, &wanted) {
        draft.hold(Flow::Fulfilment, does_not_stick(&targets.join(", ")));
        return;
    }
    let why = if positive { "Goods left ShipBob." } else { "ShipBob has the order." };
    let operation = Operation::SetDeliverNow {
        order: order.number.clone(),
        lines,
        pool: pool.map(|p| (p, order.etag.clone())),
    };
    draft.wish(key, operation, format!("{why} Quantities to deliver: {}.", targets.join(", ")));
}

/// Goods of our warehouses that are not at ShipBob (held, or not yet sent): the batch looks at the
/// whole order, and F&O offers it the full remainder of every line.
fn would_be_slipped(settings: &Settings, view: &View<'_>, line: &LineView<'_>) -> bool {
    let l = line.line;
    view.lines.iter().any(LineView::sent)
        && l.stocked
        && !l.direct_delivery
        && settings.warehouse(&l.warehouse).is_some()
}

/// A write that did not stick this often is a hold.
const STUBBORN: usize = 5;

fn retry_is_older(draft: &Draft<'_>, wanted: &str) -> bool {
    let last = draft.facts.deliveries.iter().filter(|d| d.key.starts_with(wanted));
    let last = last.map(|d| d.since).max();
    draft.facts.decisions.retry.is_none_or(|at| last.is_some_and(|l| l >= at))
}

fn does_not_stick(value: &str) -> HoldReason {
    HoldReason::new(
        "write-does-not-stick",
        "deliver now",
        value,
        "Dynamics accepted the quantity to deliver several times, but shows another one.",
        "Somebody or a customisation changes it back: find out who, then press Retry.",
    )
}

fn deliver_now_read_only() -> HoldReason {
    HoldReason::new(
        "deliver-now-read-only",
        "deliver now",
        "",
        "Dynamics does not let us set the quantity to deliver; goods have left ShipBob.",
        "Post the packing slip by hand as the note says, or make SalesDeliverNow editable.",
    )
}

/// Σ shipped − slipped, in whole sales units; none where it cannot be counted.
fn deliver_now_target(draft: &mut Draft<'_>, line: &LineView<'_>) -> Option<Decimal> {
    let factor = line.factor?;
    let (shipped, odd) = units::to_units(line.shipped, factor);
    if odd != 0 {
        draft.hold(
            Flow::Fulfilment,
            HoldReason::new(
                "partial-unit",
                &format!("line {}", line.line.sequence),
                &format!("{} pieces", line.shipped),
                &format!(
                    "{} pieces of {} were shipped, which is no whole number of {} of {}.",
                    line.shipped,
                    line.line.sku,
                    line.line.unit,
                    factor.normalize()
                ),
                "Only whole units go on the packing slip. Wait for the rest, or change the unit of the line.",
            ),
        );
    }
    let open = (shipped - line.slipped).max(Decimal::ZERO);
    if open > line.line.remaining.max(Decimal::ZERO) {
        draft.hold(
            Flow::Fulfilment,
            HoldReason::new(
                "shipped-not-open",
                &format!("line {}", line.line.sequence),
                &open.normalize().to_string(),
                "Goods left ShipBob for a line that is no longer open in Dynamics.",
                "Restore the line in Dynamics so that its packing slip can be posted, or settle it; then dismiss this.",
            ),
        );
    }
    Some(open.min(line.line.remaining.max(Decimal::ZERO)))
}

/// Carrier and service on the header, once nothing is left to edit: writing them can re-default
/// the delivery mode, which must not look like a customer's edit.
fn set_carrier(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let live: Vec<&Ours<'_>> = view.ours.iter().filter(|o| o.live()).collect();
    let alive =
        || live.iter().flat_map(|o| &o.order.shipments).filter(|s| !s.dead()).collect::<Vec<_>>();
    let settled = !live.is_empty() && alive().iter().all(|s| s.labelled());
    let first = alive().into_iter().filter(|s| s.number().is_some()).min_by_key(|s| s.id);
    let (true, Some(tracking)) = (settled, first.and_then(|s| s.tracking.as_ref())) else { return };
    if !draft.settings.write_carrier || draft.facts.capabilities.carrier_edit == Some(false) {
        return;
    }
    let fits = |m: &&CarrierMap| {
        m.shipbob_carrier.eq_ignore_ascii_case(&tracking.carrier)
            && m.shipbob_service.eq_ignore_ascii_case(&tracking.service)
    };
    let Some(map) = draft.settings.carriers.iter().find(fits).cloned() else {
        draft.hold(
            Flow::Fulfilment,
            HoldReason::new(
                "carrier-unmapped",
                "carrier",
                &format!("{} / {}", tracking.carrier, tracking.service),
                "The carrier is not mapped to one of Dynamics; it stands in the note only.",
                "Map it under [[carriers]] in the settings; the order is updated by itself then.",
            ),
        );
        return;
    };
    let pair = (map.carrier.clone(), map.service.clone());
    if order.carrier == pair.0 && order.carrier_service == pair.1 {
        return;
    }
    if !draft.facts.carrier_services.contains(&pair) {
        draft.hold(
            Flow::Fulfilment,
            HoldReason::new(
                "carrier-unknown-in-dynamics",
                "carrier",
                &format!("{} / {}", pair.0, pair.1),
                "Dynamics has no such carrier and service.",
                "Create it in Dynamics, or correct [[carriers]] in the settings.",
            ),
        );
        return;
    }
    if !matches!(order.status, SalesStatus::Backorder | SalesStatus::Delivered) {
        return;
    }
    let key = format!("carrier:{}:{}:{}", order.number, pair.0, pair.1);
    let operation = Operation::SetCarrier {
        order: order.number.clone(),
        carrier: pair.0,
        service: pair.1,
        etag: order.etag.clone(),
    };
    draft.wish(key, operation, "All parcels are labelled; the carrier is known.");
}

/// Tracking numbers on the packing slips that carry the parcel's goods.
fn add_tracking(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    if draft.facts.capabilities.tracking_insert == Some(false) {
        return;
    }
    for (slip, shipment) in slips_of_shipments(view, order) {
        let Some(number) = shipment.number() else { continue };
        let there = order.tracking.iter().any(|t| t.slip == slip && t.number == number);
        let Some(date) = order.slips.iter().find(|s| s.id == slip).map(|s| &s.delivery_date) else {
            continue;
        };
        if there {
            continue;
        }
        let operation = Operation::AddTracking {
            order: order.number.clone(),
            slip: slip.clone(),
            delivery_date: date.clone(),
            number: number.to_owned(),
            url: shipment.tracking.as_ref().map(|t| t.url.clone()).unwrap_or_default(),
        };
        let key = format!("track:{}:{slip}:{number}", order.number);
        draft.wish(key, operation, format!("Packing slip {slip} is posted."));
    }
}

/// First shipped, first slipped, per line: which slip carries goods of which shipment.
fn slips_of_shipments<'a>(
    view: &View<'a>,
    order: &SalesOrder,
) -> Vec<(PackingSlipId, &'a Shipment)> {
    let mut slips: Vec<_> = order.slips.iter().collect();
    slips.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    let mut left: Vec<(&'a Shipment, &[Share])> = view
        .ours
        .iter()
        .flat_map(|o| &o.shares)
        .filter(|(s, _)| s.left())
        .map(|(s, shares)| (*s, shares.as_slice()))
        .collect();
    left.sort_by_key(|(s, _)| (s.fulfilled.unwrap_or(s.created), s.id));
    let mut pairs: BTreeMap<(PackingSlipId, i64), &'a Shipment> = BTreeMap::new();
    for line in &view.lines {
        let Some(factor) = line.factor else { continue };
        // Slips from before our time come first on the scale, below zero.
        let mut slip_at = -(line.baseline * factor);
        for slip in &slips {
            let own = slip.lines.iter().filter(|(lot, _)| *lot == line.line.lot);
            let quantity: Decimal = own.map(|(_, q)| *q * factor).sum();
            let (from, to) = (slip_at, slip_at + quantity);
            slip_at = to;
            let mut at = Decimal::ZERO;
            for (shipment, shares) in &left {
                let own = shares.iter().filter(|(q, _)| *q == line.line.sequence);
                let n = Decimal::from(own.map(|(_, n)| *n).sum::<i64>());
                let (a, b) = (at, at + n);
                at = b;
                if a.max(from) < b.min(to) {
                    pairs.insert((slip.id.clone(), shipment.id.0), shipment);
                }
            }
        }
    }
    pairs.into_iter().map(|((slip, _), shipment)| (slip, shipment)).collect()
}

/// Tells ShipBob that the number stands in F&O. Other tools may flip the flag; it is a courtesy.
fn acknowledge(draft: &mut Draft<'_>, view: &View<'_>) {
    let mut wishes = BTreeSet::new();
    for shipment in view.ours.iter().flat_map(|o| &o.order.shipments) {
        let Some(number) = shipment.number() else { continue };
        let done = shipment.tracking_uploaded
            || draft.facts.kept.acknowledged.contains_key(&shipment.id.0);
        if !done && !shipment.dead() && written(draft, view, shipment, number) {
            wishes.insert(shipment.id);
        }
    }
    for shipment in wishes {
        let key = format!("ack:{shipment}");
        draft.wish(key, Operation::AckTracking { shipment }, "The number stands in Dynamics.");
    }
}

/// The note in F&O names the number, or was written after the last read.
pub(super) fn written(
    draft: &Draft<'_>,
    view: &View<'_>,
    shipment: &Shipment,
    number: &str,
) -> bool {
    let description = note::description(shipment.id);
    let notes = view.order.map(|o| o.notes.as_slice()).unwrap_or_default();
    let seen = notes.iter().filter(|n| n.description == description);
    if seen.into_iter().any(|n| note::numbers(&n.text).iter().any(|have| have == number)) {
        return true;
    }
    let Some((_, shares)) =
        view.ours.iter().flat_map(|o| &o.shares).find(|(s, _)| s.id == shipment.id)
    else {
        return false;
    };
    let key = format!("note:{}:{}", shipment.id, digest(&note::text(shipment, shares, view, None)));
    draft.done(&key)
}

/// Shipped, but the customer's batch has posted no packing slip for hours.
fn not_slipped(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let open = view.lines.iter().any(|l| {
        l.factor.is_some_and(|f| units::to_units(l.shipped, f).0 > l.slipped)
            && l.line.remaining > Decimal::ZERO
    });
    let last = view
        .ours
        .iter()
        .flat_map(|o| &o.order.shipments)
        .filter(|s| s.left())
        .filter_map(|s| s.fulfilled.or(s.last_update))
        .max();
    let (true, Some(last)) = (open, last) else { return };
    let due = last + draft.settings.schedule.not_slipped_after;
    if draft.facts.now < due {
        draft.plan_at(due);
        return;
    }
    let pool = draft.settings.batch_pool.clone().unwrap_or_else(|| "any".to_owned());
    draft.hold(
        Flow::Fulfilment,
        HoldReason::new(
            "not-slipped",
            "packing slip",
            order.number.as_str(),
            &format!("Goods left ShipBob on {}, but no packing slip was posted.", last.date()),
            &format!(
                "Check the batch job \"Post packing slip\" in Dynamics: quantity Deliver now, query on pool {pool} and the ShipBob warehouses; also stock and open period."
            ),
        ),
    );
}

//! Tier 3: the customer's own call that posts what left a warehouse with warehouse management. F&O posts no packing slip
//! for it by itself. One call per shipment, of what no slip carries yet; the note comes before it and stays.

use super::deliver::{partial_unit, shipped_not_open, unslipped_since};
use crate::custom_call::{CallFields, CallLine, CustomCall};
use crate::disposition::HoldReason;
use crate::flows::draft::{Draft, digest};
use crate::flows::view::{LineView, Ours, Parcel, View};
use crate::operation::{Flow, Operation};
use crate::plan::{DeliveryState, Need};
use crate::sales::SalesOrder;
use crate::units;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Eaches and sales units of a line that one parcel is to be told with.
type Shares = BTreeMap<i64, Vec<(i32, Decimal, i64)>>;

pub(super) fn send(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let lines: Vec<&LineView<'_>> = view
        .lines
        .iter()
        .filter(|l| draft.settings.is_whs(&l.line.warehouse) && l.sent())
        .collect();
    if lines.is_empty() {
        return;
    }
    let Some(call) = draft.settings.custom_call.as_ref() else {
        if lines.iter().any(|l| l.shipped > 0 && !l.unslipped().is_zero()) {
            draft.reason(
                "Goods left a warehouse with warehouse management: Dynamics posts no packing slip by itself; the note says what left.",
            );
        }
        return;
    };
    if !view.release.is_yes() {
        // Goods that left although their release was taken back are a person's business.
        draft.reason("Nothing is posted in Dynamics while the order is not released.");
        return;
    }
    let left = left(view);
    let mut shares = Shares::new();
    for line in lines {
        share(draft, line, &left, &mut shares);
    }
    for (one, parcel) in left {
        if let Some(rows) = shares.get(&parcel.shipment.id.0) {
            wish(draft, view, order, call, (one, parcel, rows));
        }
    }
}

/// What left and may be posted, oldest first.
fn left<'v, 'a>(view: &'v View<'a>) -> Vec<(&'v Ours<'a>, &'v Parcel<'a>)> {
    let all = view.ours.iter().flat_map(|o| o.parcels.iter().map(move |p| (o, p)));
    let mut left: Vec<_> = all.filter(|(_, p)| p.shipment.left() && !p.withheld).collect();
    left.sort_by_key(|(_, p)| (p.shipment.fulfilled.unwrap_or(p.shipment.created), p.shipment.id));
    left
}

fn prefix(parcel: &Parcel<'_>) -> String {
    format!("call:{}:", parcel.shipment.id)
}

fn told(draft: &Draft<'_>, parcel: &Parcel<'_>) -> bool {
    let base = prefix(parcel);
    let done = draft.facts.deliveries.iter().filter(|d| d.state == DeliveryState::Done);
    done.into_iter().any(|d| d.key.starts_with(&base))
}

/// What each parcel is to be told of one line: whole sales units, less what slips carry that no call of ours explains
/// (posted by hand, or by a call this database has forgotten), never more than is open.
fn share(
    draft: &mut Draft<'_>,
    line: &LineView<'_>,
    left: &[(&Ours<'_>, &Parcel<'_>)],
    shares: &mut Shares,
) {
    let Some(factor) = line.factor else { return };
    let sequence = line.line.sequence;
    let mut at = 0_i64;
    let mut rows = Vec::new();
    let mut done = Decimal::ZERO;
    for (_, parcel) in left {
        let own = parcel.shares.iter().find(|(s, _)| *s == sequence).map_or(0, |(_, n)| *n);
        let end = at.saturating_add(own);
        let before = units::to_units(at, factor).0;
        let told_units = units::to_units(end, factor).0.saturating_sub(before);
        at = end;
        if told(draft, parcel) {
            done = done.saturating_add(told_units);
        } else if told_units > Decimal::ZERO {
            rows.push((parcel.shipment.id.0, told_units, own));
        }
    }
    let odd = units::to_units(at, factor).1;
    let mut free = line.slipped.saturating_sub(done).max(Decimal::ZERO);
    // Told, and no slip shows it yet: it is still part of the remainder.
    let pending = done.saturating_sub(line.slipped).max(Decimal::ZERO);
    let mut open = line.line.remaining.saturating_sub(pending).max(Decimal::ZERO);
    if odd > 0 && !line.coming && line.line.remaining > Decimal::ZERO {
        draft.hold(Flow::Fulfilment, partial_unit(line, odd, factor));
    }
    let mut missing = Decimal::ZERO;
    for (shipment, told_units, own) in rows {
        let covered = free.min(told_units);
        free = free.saturating_sub(covered);
        let wanted = told_units.saturating_sub(covered);
        let quantity = wanted.min(open);
        open = open.saturating_sub(quantity);
        missing = missing.saturating_add(wanted.saturating_sub(quantity));
        if quantity > Decimal::ZERO {
            let whole = quantity == told_units;
            let pieces = if whole { own } else { in_pieces(quantity, factor).unwrap_or(own) };
            shares.entry(shipment).or_default().push((sequence, quantity, pieces));
        }
    }
    if missing > Decimal::ZERO {
        draft.hold(Flow::Fulfilment, shipped_not_open(line, missing));
    }
}

fn in_pieces(quantity: Decimal, factor: Decimal) -> Option<i64> {
    units::exact_eaches(quantity, factor)
}

type Told<'t, 'a> = (&'t Ours<'a>, &'t Parcel<'a>, &'t [(i32, Decimal, i64)]);

fn wish(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    call: &CustomCall,
    (one, parcel, rows): Told<'_, '_>,
) {
    let shipment = parcel.shipment;
    if call.needs_tracking() && shipment.number().is_none() {
        draft.reason(format!(
            "Shipment {} has no tracking number yet: its call waits.",
            shipment.id
        ));
        return;
    }
    let lines: Vec<CallLine> = rows
        .iter()
        .filter_map(|(sequence, quantity, pieces)| {
            let line = view.line(*sequence)?.line;
            Some(CallLine {
                number: *sequence,
                lot: line.lot.as_str().to_owned(),
                item: line.item.clone(),
                sku: line.sku.clone(),
                quantity: *quantity,
                unit: line.unit.clone(),
                pieces: *pieces,
                warehouse: line.warehouse.as_str().to_owned(),
            })
        })
        .collect();
    let first = rows.first().and_then(|(s, ..)| view.line(*s)).map(|l| l.line.warehouse.clone());
    let tracking = shipment.tracking.clone().unwrap_or_default();
    let fields = CallFields {
        company: draft.settings.company.clone(),
        order: order.number.clone(),
        shipment: shipment.id,
        reference: one.order.reference.clone(),
        warehouse: first.unwrap_or_else(|| "".into()),
        carrier: tracking.carrier,
        service: tracking.service,
        tracking: tracking.number.trim().to_owned(),
        url: tracking.url,
        shipped: shipment.fulfilled.or(shipment.last_update).unwrap_or(shipment.created),
    };
    let Some(ready) = call.fill(&fields, &lines) else { return };
    let base = prefix(parcel);
    let key = format!("{base}{}", digest(&ready.body));
    let other = |d: &crate::plan::KnownDelivery| {
        matches!(d.state, DeliveryState::InFlight | DeliveryState::InDoubt)
            && d.key.starts_with(&base)
            && d.key != key
    };
    if draft.facts.deliveries.iter().any(other) {
        // Nobody knows yet what became of it: that decides.
        return;
    }
    if draft.delivery(&key).is_none() && !draft.sales_are_fresh() {
        // What is posted is told from what F&O says now.
        draft.need(Need::Sales);
        return;
    }
    let words: Vec<String> = lines
        .iter()
        .map(|l| format!("{} {} of {}", l.quantity.normalize(), l.unit, l.sku))
        .collect();
    let why = format!("Shipment {} left ShipBob: {}.", shipment.id, words.join(", "));
    draft.wish(key, Operation::CustomCall(ready), why);
}

/// Shipped, the call should have posted it, and for hours there is no slip. Without a call nobody expects one.
pub(super) fn not_slipped(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    if draft.settings.custom_call.is_none() || !view.release.is_yes() {
        return;
    }
    let lines = view.lines.iter().filter(|l| draft.settings.is_whs(&l.line.warehouse));
    let lines = lines.filter(|l| !l.line.remaining.is_zero());
    let Some(since) = lines.filter_map(|l| unslipped_since(view, l)).min() else { return };
    let due = since + draft.settings.schedule.not_slipped_after;
    if draft.facts.now < due {
        draft.plan_at(due);
        return;
    }
    draft.hold(
        Flow::Fulfilment,
        HoldReason::new(
            "not-slipped",
            "packing slip",
            order.number.as_str(),
            &format!("Goods left ShipBob on {}, but no packing slip was posted.", since.date()),
            "Dynamics posts none by itself for a warehouse with warehouse management: look at what became of the custom call of this order, mend what it names, or post the slip by hand as the note says.",
        ),
    );
}

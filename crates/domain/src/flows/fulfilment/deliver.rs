//! Quantities to deliver: what the customer's packing-slip batch may post.

use crate::disposition::HoldReason;
use crate::flows::draft::{Draft, digest};
use crate::flows::view::{LineView, Parcel, View};
use crate::operation::{DeliverNow, Flow, Operation};
use crate::plan::DeliveryState;
use crate::sales::{SalesOrder, SalesStatus};
use crate::settings::{Profile, Settings};
use crate::time::Timestamp;
use crate::units;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A write that did not stick this often is a hold: the first try and two read-backs.
const STUBBORN: usize = 3;

/// One line that shall read otherwise, and what stands for that wish in a key.
struct Targets {
    lines: Vec<DeliverNow>,
    names: Vec<String>,
    positive: bool,
}

/// Exactly what left and is not yet slipped; nothing of what has not left.
pub(super) fn set_quantities(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let Targets { lines, names, positive } = targets(draft, view, order);
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
    let wanted = format!("deliver:{}:{}:", order.number, digest(&names.join(";")));
    let etags: Vec<&str> = lines.iter().map(|l| l.etag.as_str()).collect();
    let key = format!("{wanted}{}", digest(&format!("{}|{}", etags.join(";"), order.etag)));
    if draft.delivery(&key).is_none() && does_not_stick(draft, &wanted) {
        draft.hold(Flow::Fulfilment, stubborn(&lines));
        return;
    }
    let words: Vec<String> =
        lines.iter().map(|l| format!("{}={}", l.lot, l.quantity.normalize())).collect();
    let why = if positive { "Goods left ShipBob." } else { "ShipBob has the order." };
    let why = format!("{why} Quantities to deliver: {}.", words.join(", "));
    let pool = pool.map(|p| (p, order.etag.clone()));
    let operation = Operation::SetDeliverNow { order: order.number.clone(), lines, pool };
    draft.wish(key, operation, why);
}

fn targets(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) -> Targets {
    let mut all = Targets { lines: Vec::new(), names: Vec::new(), positive: false };
    let settings = draft.settings;
    let batch_looks = batch_looks(settings, view, order);
    let may_be_slipped = |l: &&LineView<'_>| l.sent() || (batch_looks && offered(settings, l));
    // The batch posts nothing of a warehouse with warehouse management.
    let lines = view.lines.iter().filter(|l| !settings.is_whs(&l.line.warehouse));
    for line in lines.filter(may_be_slipped) {
        let target = target(draft, line, order).unwrap_or_default();
        all.positive |= target > Decimal::ZERO;
        if line.remaining > Decimal::ZERO && line.line.deliver_now != target {
            all.names.push(format!(
                "{}={} of {} after {}",
                line.line.lot,
                target.normalize(),
                line.remaining.normalize(),
                line.slipped.normalize()
            ));
            all.lines.push(DeliverNow {
                lot: line.line.lot.clone(),
                quantity: target,
                etag: line.line.etag.clone(),
            });
        }
    }
    all
}

/// The packing-slip batch looks at the whole order: because of lines that are at ShipBob, or
/// because the order is in its pool (as after a restore, before we know our own orders again).
fn batch_looks(settings: &Settings, view: &View<'_>, order: &SalesOrder) -> bool {
    let pool = settings.batch_pool.as_ref();
    let in_pool = pool.is_some_and(|p| order.pool.eq_ignore_ascii_case(p));
    let our_time = settings.cut_off.is_some_and(|cut_off| order.created >= cut_off);
    view.lines.iter().any(LineView::sent) || (in_pool && our_time)
}

/// Goods of our warehouses that are not at ShipBob (held, or not yet sent): F&O offers the batch
/// the full remainder of every line.
fn offered(settings: &Settings, line: &LineView<'_>) -> bool {
    let l = line.line;
    l.stocked && !l.direct_delivery && settings.warehouse_of(&l.warehouse, Profile::Plain).is_some()
}

/// The same wish was granted so often, with the line as it is now, and still F&O shows another
/// quantity; and nobody has asked to try again since.
fn does_not_stick(draft: &Draft<'_>, wanted: &str) -> bool {
    let granted = draft.facts.deliveries.iter().filter(|d| d.state == DeliveryState::Done);
    let tries: BTreeMap<&str, Timestamp> =
        granted.filter(|d| d.key.starts_with(wanted)).map(|d| (d.key.as_str(), d.since)).collect();
    let last = tries.values().max().copied();
    tries.len() >= STUBBORN && draft.facts.decisions.retry.is_none_or(|at| last >= Some(at))
}

fn stubborn(lines: &[DeliverNow]) -> HoldReason {
    let value: Vec<String> =
        lines.iter().map(|l| format!("{}={}", l.lot, l.quantity.normalize())).collect();
    HoldReason::new(
        "write-does-not-stick",
        "deliver now",
        &value.join(", "),
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
fn target(draft: &mut Draft<'_>, line: &LineView<'_>, order: &SalesOrder) -> Option<Decimal> {
    let factor = line.factor?;
    let (units, odd) = units::to_units(line.slippable, factor);
    if odd > 0 && !line.coming && line.remaining > Decimal::ZERO {
        draft.hold(Flow::Fulfilment, partial_unit(line, odd, factor));
    }
    let open = units.saturating_sub(line.slipped).max(Decimal::ZERO);
    if open > line.remaining && order.status != SalesStatus::Canceled {
        draft.hold(Flow::Fulfilment, shipped_not_open(line, open));
    }
    Some(open.min(line.remaining))
}

pub(super) fn shipped_not_open(line: &LineView<'_>, open: Decimal) -> HoldReason {
    HoldReason::new(
        "shipped-not-open",
        &format!("line {}", line.line.sequence),
        &open.normalize().to_string(),
        "Goods left ShipBob for a line that is no longer open in Dynamics.",
        "Restore the line in Dynamics so that its packing slip can be posted, or settle it; then dismiss this.",
    )
}

pub(super) fn partial_unit(line: &LineView<'_>, odd: i64, factor: Decimal) -> HoldReason {
    HoldReason::new(
        "partial-unit",
        &format!("line {}", line.line.sequence),
        &format!("{} pieces", line.slippable),
        &format!(
            "{} pieces of {} were shipped; {odd} of them make no whole {} of {}.",
            line.slippable,
            line.line.sku,
            line.line.unit,
            factor.normalize()
        ),
        "Only whole units go on the packing slip. Have the rest shipped, or change the unit of the line.",
    )
}

/// Shipped, but the customer's batch has posted no packing slip for hours.
pub(super) fn not_slipped(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let lines = view.lines.iter().filter(|l| !draft.settings.is_whs(&l.line.warehouse));
    let lines = lines.filter(|l| !l.remaining.is_zero());
    let Some(since) = lines.filter_map(|l| unslipped_since(view, l)).min() else {
        return;
    };
    let due = since + draft.settings.schedule.not_slipped_after;
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
            &format!("Goods left ShipBob on {}, but no packing slip was posted.", since.date()),
            &format!(
                "Check the batch job \"Post packing slip\" in Dynamics: quantity Deliver now, query on pool {pool} and the ShipBob warehouses; also stock and open period."
            ),
        ),
    );
}

/// When the oldest parcel left whose goods should be on a slip and are not.
pub(super) fn unslipped_since(view: &View<'_>, line: &LineView<'_>) -> Option<Timestamp> {
    let factor = line.factor?;
    if units::to_units(line.slippable, factor).0 <= line.slipped {
        return None;
    }
    let mut at = Decimal::ZERO;
    let mut left: Vec<&Parcel<'_>> =
        view.parcels().filter(|p| p.shipment.left() && !p.withheld).collect();
    left.sort_by_key(|p| (p.shipment.fulfilled.unwrap_or(p.shipment.created), p.shipment.id));
    for parcel in left {
        let own = parcel.shares.iter().filter(|(s, _)| *s == line.line.sequence);
        at = own.fold(at, |at, (_, n)| at.saturating_add(Decimal::from(*n)));
        if at > line.slipped.saturating_mul(factor) {
            return parcel.shipment.fulfilled.or(parcel.shipment.last_update);
        }
    }
    None
}

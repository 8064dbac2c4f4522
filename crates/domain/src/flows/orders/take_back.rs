//! Orders at ShipBob that F&O does not want (so) any more: cancelled while that is possible. Either
//! cancelled or shipped, never both, and F&O says which.

use super::edit::{self, Spread};
use crate::disposition::HoldReason;
use crate::flows::draft::Draft;
use crate::flows::view::{LineView, Ours, View};
use crate::operation::{Flow, Operation};
use crate::plan::{KeptChange, Need};
use crate::sales::{SalesOrder, SalesStatus};
use std::collections::BTreeMap;

/// F&O does not want the order at ShipBob (any more).
pub(super) fn all(draft: &mut Draft<'_>, view: &View<'_>, why: &str) {
    for one in view.live() {
        cancel(draft, view, one, "status", why);
    }
}

/// Cancels at ShipBob, or says that it is too late. What F&O wanted some time ago is no reason: a
/// restored database remembers orders as they were before their release.
fn cancel(draft: &mut Draft<'_>, view: &View<'_>, one: &Ours<'_>, field: &str, why: &str) {
    let over = one.finished() && (!one.picked() || view.slipped_all_of(one));
    if over {
        return;
    }
    let key = format!("cancel:{}", one.order.reference);
    if draft.delivery(&key).is_none() && !draft.sales_are_fresh() {
        draft.need(Need::Sales);
        return;
    }
    if one.picked() {
        draft.hold(Flow::Orders, cancel_too_late(one, field, why));
        return;
    }
    let operation =
        Operation::CancelOrder { order: one.order.id, reference: one.order.reference.clone() };
    draft.wish(key, operation, format!("{why} Cancel at ShipBob before it is picked."));
}

fn cancel_too_late(one: &Ours<'_>, field: &str, why: &str) -> HoldReason {
    HoldReason::new(
        "cancel-too-late",
        field,
        &one.order.id.to_string(),
        &format!("{why} ShipBob had already picked the order; it ships."),
        "Take the goods back as a return, or restore the order in Dynamics; then dismiss this.",
    )
}

/// Cancelled at ShipBob, and not by us: a person decides whether it is sent again.
pub(super) fn cancelled_by_shipbob(draft: &mut Draft<'_>, view: &View<'_>) {
    if !view.release.is_yes() || draft.facts.decisions.skip.is_some() {
        return;
    }
    let gone = |o: &&Ours<'_>| !o.live() && !o.cancelled_by_us && !o.retried;
    for one in view.ours.iter().filter(gone) {
        let lines = one.sequences().filter_map(|s| view.line(s));
        if lines
            .filter(|l| draft.settings.warehouse(&l.line.warehouse).is_some())
            .any(LineView::wants_more)
        {
            draft.hold(
                Flow::Orders,
                HoldReason::new(
                    "cancelled-at-shipbob",
                    "order",
                    &one.order.id.to_string(),
                    "The order was cancelled at ShipBob, not by Dynamics.",
                    "Cancel it in Dynamics too, or press Retry to send it again under a new reference.",
                ),
            );
        }
    }
}

/// ShipBob has an order under our reference which is not this order.
pub(in crate::flows) fn reference_taken(one: &Ours<'_>, field: &str) -> HoldReason {
    HoldReason::new(
        "reference-taken",
        field,
        &one.order.id.to_string(),
        &format!(
            "ShipBob order {} already has reference {}, with other {field}.",
            one.order.id, one.order.reference
        ),
        "Compare both orders. If it is the same order, dismiss this; if it is another one, cancel it at ShipBob or enter this order anew in Dynamics.",
    )
}

/// Orders at ShipBob that no longer say what F&O says: changed in place while possible, else cancelled
/// while possible and sent anew.
pub(super) fn changed_ones(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let mut surplus: BTreeMap<i32, i64> = view
        .lines
        .iter()
        .filter_map(|l| l.wanted().map(|w| (l.line.sequence, l.committed.saturating_sub(w))))
        .filter(|(_, n)| *n > 0)
        .collect();
    let mut as_sent = Vec::new();
    let late = &draft.facts.kept.too_late;
    let told = |o: &Ours<'_>| late.contains_key(o.order.reference.as_str());
    // We may learn of a change only after the goods have left; once invoiced it is over.
    let closed = order.status == SalesStatus::Invoiced;
    for one in view.live().filter(|o| !(o.finished() && closed) || told(o)) {
        match edit::judge(draft, view, order, one) {
            None => as_sent.push(one),
            Some(field) => {
                let why = format!("The {field} was changed in Dynamics or in the settings.");
                if take_back(draft, view, one, field, &why) {
                    spare(&mut surplus, one);
                } else {
                    as_sent.push(one);
                }
            }
        }
    }
    // What can still be changed first, the newest of them first.
    as_sent.reverse();
    as_sent.sort_by_key(|o| o.picked());
    let mut raises = edit::raises(draft, view);
    for one in as_sent {
        fit(draft, view, one, &mut surplus, &mut raises);
    }
}

/// Brings the quantities of one order to what F&O wants: by an update call, else by a cancel, else a
/// person is told. More than it holds is sent besides where it cannot be added.
fn fit(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    one: &Ours<'_>,
    surplus: &mut BTreeMap<i32, i64>,
    raises: &mut BTreeMap<i32, i64>,
) {
    // Goods that left for a line closed since are told by their own hold.
    let open = |s: i32| !one.finished() || view.line(s).is_some_and(|l| !l.closed());
    let reduced = one.sequences().find(|s| surplus.get(s).is_some_and(|n| *n > 0) && open(*s));
    let mut new: BTreeMap<i32, i64> = one.sequences().map(|s| (s, one.ordered(s))).collect();
    for (sequence, n) in &mut new {
        let less = surplus.get(sequence).copied().unwrap_or(0).clamp(0, *n);
        *n = n.saturating_sub(less).saturating_add(raises.get(sequence).copied().unwrap_or(0));
    }
    let same = new.iter().all(|(s, n)| one.ordered(*s) == *n);
    let fitted = if same || one.picked() {
        edit::Quantities::Anew
    } else {
        edit::quantities(draft, view, one, &new)
    };
    if let (edit::Quantities::Anew, Some(sequence)) = (&fitted, reduced) {
        let on_its_way = draft.under_way(&format!("lines:{}:", one.order.reference));
        let why = format!("Line {sequence} was reduced in Dynamics.");
        if !(one.picked() && on_its_way) {
            take_back(draft, view, one, "quantity", &why);
        }
        spare(surplus, one);
        return;
    }
    if matches!(fitted, edit::Quantities::Anew) {
        return;
    }
    spare(surplus, one);
    for sequence in new.keys() {
        if let Some(n) = raises.remove(sequence) {
            draft.adding.insert(*sequence, n);
        }
    }
}

/// What this order would have shipped is not shipped.
fn spare(surplus: &mut BTreeMap<i32, i64>, one: &Ours<'_>) {
    for sequence in one.sequences() {
        if let Some(n) = surplus.get_mut(&sequence) {
            *n = n.saturating_sub(one.committed(sequence));
        }
    }
}

/// True when it can still be cancelled.
fn take_back(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    one: &Ours<'_>,
    field: &str,
    why: &str,
) -> bool {
    if !one.picked() {
        cancel(draft, view, one, field, why);
        return true;
    }
    changed_after_pick(draft, one, field, why, &Spread::of(one, |_| false));
    false
}

/// Says which parcels ship as they were, and who must act. What was said stays said until the order is
/// put back. Once all has left, only the address is looked at anew: goods for a line that is not open
/// have their own hold, and carrier and warehouse may be put right in F&O because of what left.
pub(super) fn changed_after_pick(
    draft: &mut Draft<'_>,
    one: &Ours<'_>,
    field: &str,
    why: &str,
    spread: &Spread<'_>,
) {
    let reference = &one.order.reference;
    let said = draft.facts.kept.too_late.get(reference.as_str()).is_some_and(|f| f.contains(field));
    if one.finished() && !said && field != "address" {
        return;
    }
    if !said {
        let (reference, field) = (reference.clone(), field.to_owned());
        draft.plan.kept.push(KeptChange::TooLate { reference, field });
    }
    let mut which = String::new();
    for (shipments, words) in [
        (&spread.late, "was picked before and ships as it was"),
        (&spread.have, "has the change"),
        (&spread.open, "is not picked yet and does not have the change"),
    ] {
        for s in shipments.iter().filter(|_| one.alive().count() > 1) {
            which.push_str(&format!(" Shipment {} {words}.", s.id));
        }
    }
    draft.hold(
        Flow::Orders,
        HoldReason::new(
            "changed-after-pick",
            field,
            &one.order.id.to_string(),
            &format!("{why} ShipBob had already picked the order; it ships as it was.{which}"),
            "Whoever keeps the order in Dynamics must act: put it back to what was shipped, or settle it with the customer; then dismiss this.",
        ),
    );
}

//! Orders at ShipBob that F&O does not want (so) any more: cancelled while that is possible. Either
//! cancelled or shipped, never both, and F&O says which.

use crate::disposition::HoldReason;
use crate::flows::draft::Draft;
use crate::flows::ground::Ground;
use crate::flows::view::{LineView, Ours, View};
use crate::operation::{Flow, Operation};
use crate::plan::{DeliveryState, Need};
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

/// Orders at ShipBob that no longer say what F&O says: cancelled while possible, sent anew.
pub(super) fn changed_ones(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let mut surplus: BTreeMap<i32, i64> = view
        .lines
        .iter()
        .filter_map(|l| l.wanted().map(|w| (l.line.sequence, l.committed.saturating_sub(w))))
        .filter(|(_, n)| *n > 0)
        .collect();
    let mut as_sent = Vec::new();
    for one in view.live().filter(|o| !o.finished()) {
        match changed(draft, view, order, one) {
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
    // What can still be cancelled first, the newest of them first.
    as_sent.reverse();
    as_sent.sort_by_key(|o| o.picked());
    for one in as_sent {
        let reduced = one.sequences().find(|s| surplus.get(s).is_some_and(|n| *n > 0));
        if let Some(sequence) = reduced {
            let why = format!("Line {sequence} was reduced in Dynamics.");
            take_back(draft, view, one, "quantity", &why);
            spare(&mut surplus, one);
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
    draft.hold(
        Flow::Orders,
        HoldReason::new(
            "changed-after-pick",
            field,
            &one.order.id.to_string(),
            &format!("{why} ShipBob had already picked the order; it ships as it was."),
            "Put the order in Dynamics back to what was shipped, or settle it with the customer; then dismiss this.",
        ),
    );
    false
}

/// The first field of the projection we sent that F&O now wants otherwise. A new value that cannot
/// be sent at all is a hold: the order ships as it was until a person mends it.
fn changed(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    one: &Ours<'_>,
) -> Option<&'static str> {
    let sent = one.sent?;
    let mut unusable = Vec::new();
    for product in &sent.lines {
        let Some(line) = view.line(product.external_line_id) else { return Some("line") };
        if line.line.status == SalesStatus::Canceled {
            continue;
        }
        if !line.line.sku.eq_ignore_ascii_case(&product.sku) {
            return Some("item");
        }
        let ground = Ground::of(line.line, order);
        if ground.centre(draft) != sent.centre {
            return Some("warehouse");
        }
        match ground.mapped_method(draft) {
            Ok(method) if method != sent.method && !wrote_carrier(draft) => {
                return Some("delivery mode");
            }
            Err(hold) if !wrote_carrier(draft) => unusable.push(hold),
            _ => {}
        }
        match ground.recipient(draft, order) {
            Ok(recipient) if recipient != sent.recipient => return Some("address"),
            Err(hold) => unusable.push(hold),
            Ok(_) => {}
        }
    }
    if !one.picked() {
        unusable.into_iter().for_each(|h| draft.hold(Flow::Orders, h));
    }
    None
}

/// Writing the carrier can re-default the delivery mode: that is no customer's edit.
fn wrote_carrier(draft: &Draft<'_>) -> bool {
    draft.under_way("carrier:")
        || draft
            .facts
            .deliveries
            .iter()
            .any(|d| d.state == DeliveryState::Done && d.key.starts_with("carrier:"))
}

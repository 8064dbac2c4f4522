//! The state of an order in one word, one sentence, milestones and numbers to search by.

use super::draft::Draft;
use super::fulfilment::written;
use super::view::{LineView, Ours, View};
use crate::plan::Milestones;
use crate::sales::SalesStatus;
use crate::time::Timestamp;
use crate::warehouse::Shipment;

pub(super) fn write(draft: &mut Draft<'_>, view: &View<'_>) {
    numbers(draft, view);
    for one in &view.ours {
        draft.plan.links.push((one.order.reference.clone(), one.order.id));
    }
    let live: Vec<&Ours<'_>> = view.live().collect();
    let alive: Vec<&Shipment> = live.iter().flat_map(|o| &o.parcels).map(|p| p.shipment).collect();
    let left = alive.iter().filter(|s| s.left()).count();
    let delivered = alive.iter().filter(|s| s.is_delivered()).count();
    milestones(draft, view, &live, &alive);
    let gone = view.order.is_none_or(|o| o.status == SalesStatus::Canceled);
    let sending = draft.plan.deliveries.iter().any(|d| d.key.starts_with("create:"));
    let waiting = view.order.and_then(|_| view.release.why_not());
    let lost = !view.unseen.is_empty();
    let (status, sentence) = if live.is_empty() {
        if lost {
            ("sending", "ShipBob took it; waits to be seen there.".to_owned())
        } else if gone {
            ("cancelled", "Cancelled in Dynamics; nothing is at ShipBob.".to_owned())
        } else if let Some(why) = waiting {
            ("waiting", why)
        } else if !draft.plan.holds.is_empty() {
            ("held", "Waits for a person; nothing has been sent to ShipBob.".to_owned())
        } else if draft.waits_for_sku {
            ("waiting", "Released; waits for a SKU that is on its way to ShipBob.".to_owned())
        } else if sending || !draft.needs_nothing() {
            ("sending", "Released; on its way to ShipBob.".to_owned())
        } else if let Some(why) = &draft.facts.decisions.skip {
            ("skipped", format!("Skipped by a person: {why}"))
        } else {
            ("ignored", "Nothing on it ships from ShipBob now.".to_owned())
        }
    } else if !alive.is_empty() && delivered == alive.len() {
        ("delivered", parcels(delivered, alive.len(), "delivered"))
    } else if !alive.is_empty() && left == alive.len() {
        ("shipped", parcels(left, alive.len(), "shipped"))
    } else if left > 0 {
        ("part-shipped", parcels(left, alive.len(), "shipped"))
    } else {
        ("in-warehouse", "ShipBob has it and has not shipped it yet.".to_owned())
    };
    status.clone_into(&mut draft.plan.status);
    draft.plan.sentence = sentence;
    let unslipped = view.lines.iter().any(|l| l.sent() && !l.remaining.is_zero());
    let at_shipbob =
        !live.is_empty() && (delivered < alive.len() || alive.is_empty() || (unslipped && !gone));
    // A release that was not shown when it was read is shown by no further change.
    let hidden = |l: &LineView<'_>| l.unreleased && l.line.stocked && !l.closed();
    let unreleased = view.release.is_yes() && view.lines.iter().any(hidden);
    // What waits for a person or a read may be deleted in F&O, which no cursor shows.
    draft.plan.watch = at_shipbob
        || lost
        || unreleased
        || sending
        || draft.waits_for_sku
        || !draft.plan.holds.is_empty()
        || !draft.needs_nothing();
}

fn parcels(n: usize, of: usize, what: &str) -> String {
    match (n, of) {
        (1, 1) => format!("The parcel is {what}."),
        (n, of) if n == of => format!("All {n} parcels are {what}."),
        (n, of) => format!("{n} of {of} parcels are {what}."),
    }
}

fn milestones(draft: &mut Draft<'_>, view: &View<'_>, live: &[&Ours<'_>], alive: &[&Shipment]) {
    let left = |s: &&&Shipment| s.left();
    let stamp = |s: &Shipment| s.fulfilled.or(s.last_update).unwrap_or(s.created);
    let all_left = !alive.is_empty() && alive.iter().all(|s| s.left());
    let all_written =
        alive.iter().filter(left).all(|s| s.number().is_some_and(|n| written(draft, view, s, n)));
    let nowhere = live.is_empty() && view.unseen.is_empty() && !draft.under_way("create:");
    let cancelled = nowhere && view.order.is_none_or(|o| o.status == SalesStatus::Canceled);
    let released = view.order.filter(|_| view.release.is_yes());
    draft.plan.milestones = Milestones {
        released: released.map(|o| o.modified),
        accepted: live.iter().map(|o| o.order.created).min(),
        shipped: alive.iter().filter(left).map(|s| stamp(s)).min(),
        written: (all_left && all_written).then_some(draft.facts.now),
        delivered: (!alive.is_empty() && alive.iter().all(|s| s.is_delivered()))
            .then(|| alive.iter().map(|s| s.delivered.unwrap_or(stamp(s))).max())
            .flatten(),
        cancelled: cancelled.then_some(draft.facts.now).filter(|t| *t > Timestamp::MIN),
    };
}

fn numbers(draft: &mut Draft<'_>, view: &View<'_>) {
    let mut found: Vec<(&str, String)> = Vec::new();
    found.push(("order", draft.facts.number.as_str().to_owned()));
    if let Some(order) = view.order {
        found.push(("customer reference", order.customer_reference.clone()));
        found.extend(view.slips.iter().map(|s| ("packing slip", s.id.as_str().to_owned())));
    }
    for one in &view.ours {
        found.push(("reference", one.order.reference.as_str().to_owned()));
        found.push(("ShipBob order", one.order.id.to_string()));
        for s in &one.shipments {
            found.push(("shipment", s.id.to_string()));
            found.extend(s.number().map(|n| ("tracking", n.to_owned())));
        }
    }
    for one in &draft.facts.returns {
        found.push(("return", one.id.to_string()));
        found.push(("return reference", one.reference.clone()));
        found.push(("return tracking", one.tracking.clone()));
    }
    let named = found.into_iter().filter(|(_, n)| !n.is_empty());
    draft.plan.numbers = named.map(|(kind, n)| (kind.to_owned(), n)).collect();
}

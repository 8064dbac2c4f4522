//! What the world intended for each order, held against what came of it.

use std::collections::BTreeSet;

use twins::{Fate, OrderProjection, OrderTruth, Outcome, ReferenceProjection, ShipmentProjection};

use crate::verdict::Verdict;

/// Every order that did not end as the world intended, in words.
pub fn unmet(verdict: &Verdict) -> Vec<String> {
    let mut faults = verdict.unfinished();
    faults.extend(crate::edited::unmet(verdict));
    faults.extend(crate::products::unmet(verdict));
    for order in verdict.truth.orders.iter().filter(|order| !order.racing) {
        let Some(seen) = verdict.projection.orders.get(&order.order_number) else {
            if !order.category.eq("deleted") {
                faults.push(format!("{}: neither system knows it", order.order_number));
            }
            continue;
        };
        let nothing = BTreeSet::new();
        let holds = verdict.holds.get(&order.order_number).unwrap_or(&nothing);
        for words in of(order, seen, holds) {
            let OrderTruth { order_number, category, fate, .. } = order;
            faults.push(format!("{order_number} ({category}, {fate:?}): {words}; holds {holds:?}"));
        }
    }
    faults
}

fn of(order: &OrderTruth, seen: &OrderProjection, holds: &BTreeSet<String>) -> Vec<String> {
    let by_hand = order.category == "pasted";
    let sent = seen.references.len() - usize::from(by_hand && !seen.references.is_empty());
    match &order.outcome {
        Outcome::Ignored(why) if sent > 0 => vec![format!("sent although {why}")],
        Outcome::Ignored(_) => Vec::new(),
        Outcome::Held(cause) if sent > 0 => vec![format!("sent although {cause}")],
        Outcome::Held(cause) if !holds.contains(cause) => vec![format!("not held for {cause}")],
        Outcome::Held(_) => Vec::new(),
        Outcome::Sent if sent == 0 => vec!["never sent".to_owned()],
        Outcome::Sent => sent_rightly(order, seen, holds),
    }
}

fn sent_rightly(
    order: &OrderTruth,
    seen: &OrderProjection,
    holds: &BTreeSet<String>,
) -> Vec<String> {
    let mut faults = Vec::new();
    for (reference, one) in &seen.references {
        // A reference with k above 1 replaces an earlier one and has the plain fate.
        // So has what a request carries that was released again.
        let again = reference.strip_suffix("-r-1").is_some_and(|request| !request.ends_with('0'));
        let first = reference.ends_with("-1") && !again;
        let fate = if first { order.fate } else { Fate::Plain };
        faults.extend(warehouse(fate, one).map(|words| format!("{reference} {words}")));
    }
    let alive = seen.references.values().any(|one| !one.cancelled);
    let wanted = match order.category.as_str() {
        // The clerk took it back before anything left.
        "deleted" => false,
        "line-cancelled" | "released-again" => true,
        _ => !cancelled(order.fate),
    };
    if alive != wanted {
        let words =
            if wanted { "nothing of it lives at ShipBob" } else { "it lives on at ShipBob" };
        faults.push(words.to_owned());
    }
    if let Some(cause) = hold_of(order.fate).filter(|cause| !holds.contains(*cause)) {
        faults.push(format!("not held for {cause}"));
    }
    faults.extend(written_back(order, seen));
    faults
}

/// The order is to be cancelled at ShipBob, by whomever.
fn cancelled(fate: Fate) -> bool {
    matches!(fate, Fate::CancelEarly | Fate::DashboardCancelled | Fate::DashboardCancelledSilently)
}

/// The order never leaves the warehouse and nobody cancels it.
fn stuck(fate: Fate) -> bool {
    matches!(fate, Fate::OutOfStockStays | Fate::OnHoldStays | Fate::CleanSweeped)
}

/// The hold a person must find open at the end.
fn hold_of(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::DashboardCancelled | Fate::DashboardCancelledSilently => Some("cancelled-at-shipbob"),
        Fate::CancelLate => Some("cancel-too-late"),
        Fate::ShortNeverRest => Some("short-shipped"),
        Fate::CleanSweeped => Some("shipbob-cleared"),
        _ => None,
    }
}

/// What became of one ShipBob order, when it is not what its fate says.
fn warehouse(fate: Fate, one: &ReferenceProjection) -> Option<String> {
    if one.times_created != 1 {
        return Some(format!("was created {} times", one.times_created));
    }
    if matches!(fate, Fate::EditEarly | Fate::EditLate | Fate::EditRace) && one.cancelled {
        // What no update call can bring is cancelled and created anew.
        return None;
    }
    if one.cancelled != cancelled(fate) {
        let words = if one.cancelled { "was cancelled" } else { "was not cancelled" };
        return Some(words.to_owned());
    }
    let left = one.shipments.iter().filter(|s| s.status == "Completed").count();
    if cancelled(fate) || stuck(fate) {
        return (left > 0).then(|| format!("left in {left} shipment(s)"));
    }
    if left == 0 {
        return Some("never left".to_owned());
    }
    let shipments = match fate {
        Fate::Split | Fate::TwoParcels | Fate::Reshipped => 2,
        _ => 1,
    };
    (one.shipments.len() < shipments)
        .then(|| format!("has {} shipment(s) instead of {shipments}", one.shipments.len()))
}

/// F&O says what left: a note with the number, and slips of what can be slipped.
fn written_back(order: &OrderTruth, seen: &OrderProjection) -> Vec<String> {
    let Some(dynamics) = &seen.dynamics else { return Vec::new() };
    let mut faults = Vec::new();
    let left = |s: &&ShipmentProjection| s.status == "Completed";
    let shipments: Vec<_> = seen
        .references
        .values()
        .filter(|one| !one.cancelled)
        .flat_map(|one| one.shipments.iter().filter(left))
        .collect();
    let notes: String = dynamics.notes.iter().cloned().collect::<Vec<_>>().join("\n");
    for number in shipments.iter().flat_map(|s| &s.tracking) {
        // A number that was replaced may live on in the slip alone.
        if !notes.contains(number.as_str()) && order.fate != Fate::TrackingChanged {
            faults.push(format!("no note tells the number {number}"));
        }
    }
    if !shipments.is_empty() && dynamics.notes.is_empty() {
        faults.push("F&O has no note of what left".to_owned());
    }
    faults
}

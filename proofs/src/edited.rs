//! Orders a clerk changed after their release: the change is in what left, or a person is told; never both, never
//! neither.

use std::collections::{BTreeMap, BTreeSet};

use twins::{Fate, OrderProjection, OrderTruth, ShipmentProjection, effect};

use crate::verdict::Verdict;

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Came {
    /// What left is what F&O says.
    In,
    /// It left as it was, and a person is told.
    Told,
    /// Noticed after our own write of the carrier, which may change the delivery mode: it cannot be told apart.
    Hidden,
}

/// What became of one change, or what is wrong with it.
///
/// # Errors
/// In words.
pub fn came(verdict: &Verdict, order: &OrderTruth) -> Result<Came, String> {
    let number = &order.order_number;
    let racing = verdict.projection.racing.get(number).map(|one| &one.details);
    let seen = racing.or_else(|| verdict.projection.orders.get(number)).ok_or("nobody knows it")?;
    let nothing = BTreeSet::new();
    let holds = verdict.holds.get(number).unwrap_or(&nothing);
    // Goods that left for a line F&O has reduced since have a hold of their own.
    let told = holds.contains("changed-after-pick")
        || (order.category == "quantity-reduced" && holds.contains("shipped-not-open"));
    match (is_in(order, seen)?, told) {
        (true, false) => Ok(Came::In),
        (false, true) => Ok(Came::Told),
        (false, false) if order.category == "mode-changed" => Ok(Came::Hidden),
        (true, true) => Err(format!("the change is in, and a person is told {holds:?}")),
        (false, false) => Err(format!("the change is not in, and nobody is told {holds:?}")),
    }
}

fn is_in(order: &OrderTruth, seen: &OrderProjection) -> Result<bool, String> {
    let dynamics = seen.dynamics.as_ref().ok_or("F&O does not know it")?;
    let left = |s: &&ShipmentProjection| s.status == "Completed";
    let left: Vec<&ShipmentProjection> =
        seen.references.values().flat_map(|one| one.shipments.iter().filter(left)).collect();
    if left.is_empty() {
        return Err("nothing left".to_owned());
    }
    let mut pieces = BTreeMap::<&String, i64>::new();
    for (sku, quantity) in left.iter().flat_map(|s| &s.quantities) {
        *pieces.entry(sku).or_default() += quantity;
    }
    // What the clerk chose, not what stands in F&O: there our carrier may have changed it again.
    let first = seen.references.values().next().map(|one| one.shipping_method.as_str());
    let method = if first == Some("Expedited") { "2-Day" } else { "Expedited" };
    Ok(match order.category.as_str() {
        "address-changed" => left.iter().all(|s| s.street == dynamics.street),
        "mode-changed" => left.iter().all(|s| s.method == method),
        _ => pieces.into_iter().eq(dynamics.pieces.iter().map(|(sku, n)| (sku, *n))),
    })
}

/// Where warehouses are externally managed the request counts: what a clerk changes on the sales order after its release
/// changes no request (the shipment is locked until the update arrives), and a difference is refused by F&O itself.
fn by_request(verdict: &Verdict, order: &OrderTruth) -> bool {
    let seen = verdict.projection.orders.get(&order.order_number);
    seen.is_none_or(|one| one.references.keys().any(|reference| reference.contains("WHSR-")))
        && verdict.ledger.of(effect::REQUEST_MADE).any(|_| true)
}

/// Every change that did not end as it must.
pub(crate) fn unmet(verdict: &Verdict) -> Vec<String> {
    let mut faults = Vec::new();
    let fates = [Fate::EditEarly, Fate::EditLate, Fate::EditRace];
    let judged = |order: &&OrderTruth| fates.contains(&order.fate) && !by_request(verdict, order);
    for order in verdict.truth.orders.iter().filter(judged) {
        let raised = order.category == "quantity-raised";
        let words = match (came(verdict, order), order.fate) {
            (Err(words), _) => Some(words),
            (Ok(Came::In), Fate::EditLate) if !raised => Some("in although picked".to_owned()),
            (Ok(Came::Told | Came::Hidden), _) if raised => {
                Some("the rest was not sent".to_owned())
            }
            (Ok(Came::Told | Came::Hidden), Fate::EditEarly) => Some("not in".to_owned()),
            (Ok(_), _) => None,
        };
        let OrderTruth { order_number, category, fate, .. } = order;
        faults.extend(words.map(|w| format!("{order_number} ({category}, {fate:?}): {w}")));
    }
    faults
}

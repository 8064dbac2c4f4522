//! Warehouses with warehouse management: what is sent is never more than what was released, and what left is posted by
//! the customer's call once.

use std::collections::BTreeMap;

use twins::{LedgerSnapshot, OrderProjection, Projection, Truth, effect};

/// Orders of which more lives at ShipBob than F&O has released of a line, in pieces. Orders whose release was taken back
/// are left out where it came too late: what left, left.
pub(crate) fn over(projection: &Projection, truth: &Truth) -> Vec<String> {
    let mut found = Vec::new();
    for (number, order) in &projection.orders {
        let Some(dynamics) = &order.dynamics else { continue };
        let withdrawn = truth.order(number).is_some_and(|o| {
            ["unreleased", "quantity-reduced", "line-cancelled"].contains(&o.category.as_str())
        });
        if !dynamics.extra.contains_key("release") || withdrawn {
            continue;
        }
        for (line, sent) in sent(order) {
            let released = dynamics.extra.get(&format!("released {line}"));
            let released: i64 = released.and_then(|text| text.parse().ok()).unwrap_or(0);
            if sent > released {
                found.push(format!("{number} line {line}: {sent} sent, {released} released"));
            }
        }
    }
    found
}

/// Pieces per line in ShipBob orders that live.
fn sent(order: &OrderProjection) -> BTreeMap<i64, i64> {
    let mut sent = BTreeMap::new();
    for one in order.references.values().filter(|one| !one.cancelled) {
        for line in &one.lines {
            if let Some(id) = line.external_line_id {
                *sent.entry(id).or_default() += line.quantity;
            }
        }
    }
    sent
}

/// Shipments the customer's call posted more than once.
pub(crate) fn posted_twice(ledger: &LedgerSnapshot) -> Vec<String> {
    let mut times = BTreeMap::<String, u32>::new();
    for entry in ledger.of(effect::CALL_CARRIED_OUT) {
        let slip = entry.detail.get("slip").and_then(serde_json::Value::as_str).unwrap_or_default();
        let base = slip.split('-').next().unwrap_or_default();
        *times.entry(format!("{} {base}", entry.key)).or_default() += 1;
    }
    times
        .into_iter()
        .filter(|(_, n)| *n > 1)
        .map(|(what, n)| format!("{what}: {n} times"))
        .collect()
}

//! Warehouse management inside F&O: whether an order is released to its warehouse, and how much of a line.

use super::view::Release;
use crate::sales::{SalesLine, SalesOrder};
use crate::settings::Settings;
use crate::whs::RELEASE_STATUSES;
use rust_decimal::Decimal;

/// Which ways of release an order needs, by the warehouses of its lines.
fn ways(order: &SalesOrder, settings: &Settings) -> (bool, bool) {
    let whs = |l: &SalesLine| settings.is_whs(&l.warehouse);
    let other = |l: &SalesLine| !whs(l) && settings.warehouse(&l.warehouse).is_some();
    (order.lines.iter().any(whs), order.lines.iter().any(other))
}

/// What F&O says of an order with lines in such a warehouse; none for all others. Where lines of both kinds stand on one
/// order, either release is one: each line is judged by its own.
pub(super) fn release(order: &SalesOrder, settings: &Settings) -> Option<Release> {
    let (whs, other) = ways(order, settings);
    if !whs {
        return None;
    }
    let own = by_status(order, settings);
    if !other || own.is_yes() {
        return Some(own);
    }
    let documents = Release::by_documents(order, settings);
    Some(if documents.is_yes() || matches!(own, Release::No(_)) { documents } else { own })
}

fn by_status(order: &SalesOrder, settings: &Settings) -> Release {
    let status = order.warehouse_release.as_ref().map_or("", |r| r.status.as_str());
    if settings.whs.released_when.contains(status) {
        Release::Yes
    } else if status.is_empty() {
        Release::No("Its release to the warehouse has not been read from Dynamics.".to_owned())
    } else if RELEASE_STATUSES.contains(&status) {
        Release::No("Not released to the warehouse in Dynamics.".to_owned())
    } else {
        Release::Unclear { field: "release status", value: status.to_owned() }
    }
}

/// Released of a line and still open, in sales unit; none where nothing but its remainder decides. `slipped` is all that
/// was ever posted of it.
pub(super) fn released(
    line: &SalesLine,
    order: &SalesOrder,
    slipped: Decimal,
    settings: &Settings,
) -> Option<Decimal> {
    let (whs, other) = ways(order, settings);
    if !whs {
        return None;
    }
    if !settings.is_whs(&line.warehouse) {
        let yes = !other || Release::by_documents(order, settings).is_yes();
        return (!yes).then_some(Decimal::ZERO);
    }
    let released = order.warehouse_release.as_ref().filter(|_| by_status(order, settings).is_yes());
    let own = released.and_then(|r| r.line(line.lot.as_str()));
    Some(own.and_then(|l| settings.whs.open(l, slipped)).unwrap_or_default())
}

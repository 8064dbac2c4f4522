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

/// What is released of one line and still open.
pub(super) enum Released {
    /// Nothing but its remainder decides.
    Free,
    /// In sales unit.
    Known(Decimal),
    /// Its row was not shown: a set may lag behind, and it was never released before there is one. That is no reason to
    /// send anything, and none to take anything back.
    Unknown,
}

/// See [`Released`]. `slipped` is all that was ever posted of the line.
pub(super) fn released(
    line: &SalesLine,
    order: &SalesOrder,
    slipped: Decimal,
    settings: &Settings,
) -> Released {
    let (whs, other) = ways(order, settings);
    if !whs {
        return Released::Free;
    }
    if !settings.is_whs(&line.warehouse) {
        let yes = !other || Release::by_documents(order, settings).is_yes();
        return if yes { Released::Free } else { Released::Known(Decimal::ZERO) };
    }
    let release = order.warehouse_release.as_ref().filter(|_| by_status(order, settings).is_yes());
    let Some(release) = release else { return Released::Known(Decimal::ZERO) };
    let open = release.line(line.lot.as_str()).and_then(|l| settings.whs.open(l, slipped));
    open.map_or(Released::Unknown, Released::Known)
}

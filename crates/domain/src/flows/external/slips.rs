//! Packing slips of a request: posted by F&O's ordinary batch once the lines are picked.

use crate::disposition::HoldReason;
use crate::flows::draft::Draft;
use crate::flows::view::{Parcel, View};
use crate::operation::Flow;
use crate::request::{ShipmentRequest, UpdateStatus};
use crate::sales::{PackingSlip, SalesOrder};
use crate::time::{Span, Timestamp};
use crate::warehouse::Shipment;

/// A slip older than the shipment by more than clocks differ is not of it.
const CLOCKS: Span = Span::hours(1);

/// The slips that carry goods of the request: by the number we proposed, else by item, warehouse
/// and time.
pub(super) fn of<'o>(
    view: &View<'_>,
    request: Option<&ShipmentRequest>,
    owner: &'o SalesOrder,
) -> Vec<&'o PackingSlip> {
    let Some(request) = request else { return Vec::new() };
    let accepted = request.updates.iter().filter(|u| u.status == UpdateStatus::Accepted);
    let named: Vec<&str> = accepted.map(|u| u.slip.as_str()).filter(|s| !s.is_empty()).collect();
    let ours = owner.slips.iter().filter(|s| named.iter().any(|n| s.id.same_as(n)));
    let mut found: Vec<&PackingSlip> = ours.collect();
    if found.is_empty() && !named.is_empty() {
        let left = view.parcels().filter(|p| p.shipment.left());
        let first = left.map(|p| p.shipment.fulfilled.unwrap_or(p.shipment.created)).min();
        let late = |s: &&PackingSlip| first.is_some_and(|first| s.created + CLOCKS >= first);
        let other = |s: &PackingSlip| s.id.as_str().starts_with("SB");
        let mut slips: Vec<_> = owner.slips.iter().filter(late).collect();
        slips.retain(|s| {
            !other(s) && request.lines.iter().any(|l| carries(s, &l.sku, request, owner))
        });
        found = slips;
    }
    found.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    found
}

fn carries(slip: &PackingSlip, sku: &str, request: &ShipmentRequest, owner: &SalesOrder) -> bool {
    let warehouse = request.warehouse.as_str();
    let mut booked = owner.lines.iter().filter(|l| l.sku == sku && l.warehouse.same_as(warehouse));
    booked.any(|l| !slip.quantity(&l.lot).is_zero())
}

/// Which slip carries goods of which shipment.
pub(in crate::flows) fn of_shipments<'a>(
    view: &View<'a>,
    request: &ShipmentRequest,
    owner: &'a SalesOrder,
) -> Vec<(&'a PackingSlip, &'a Shipment)> {
    let left: Vec<&Parcel<'a>> =
        view.parcels().filter(|p| p.shipment.left() && !p.withheld).collect();
    let mut pairs = Vec::new();
    for slip in of(view, Some(request), owner) {
        for parcel in &left {
            let inside = |(sequence, _): &(i32, i64)| {
                view.line(*sequence).is_some_and(|l| carries(slip, &l.line.sku, request, owner))
            };
            if parcel.shares.iter().any(inside) {
                pairs.push((slip, parcel.shipment));
            }
        }
    }
    pairs
}

/// Told, and for hours nobody has processed it or posted the slip.
pub(super) fn overdue(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    request: &ShipmentRequest,
    owner: Option<&SalesOrder>,
) {
    let stamp = |p: &Parcel<'_>| p.shipment.fulfilled.or(p.shipment.last_update);
    let left = view.parcels().filter(|p| p.shipment.left());
    let Some(since) = left.filter_map(stamp).max().filter(|t| *t > Timestamp::MIN) else { return };
    let accepted = request.accepted().is_some();
    let waiting = request.updates.iter().any(|u| {
        matches!(
            u.status,
            UpdateStatus::Received | UpdateStatus::Receiving | UpdateStatus::Other(_)
        )
    });
    let slipped = owner.is_none_or(|o| !of(view, Some(request), o).is_empty());
    if (!accepted && !waiting) || (accepted && slipped) {
        return;
    }
    let due = since + draft.settings.schedule.not_slipped_after;
    if draft.facts.now < due {
        draft.plan_at(due);
        return;
    }
    let hold = if accepted { not_slipped(request, since) } else { not_processed(request, since) };
    draft.hold(Flow::Fulfilment, hold);
}

fn not_slipped(request: &ShipmentRequest, since: Timestamp) -> HoldReason {
    HoldReason::new(
        "not-slipped",
        "packing slip",
        request.id.as_str(),
        &format!("Goods left ShipBob on {}, but no packing slip was posted.", since.date()),
        "Check the batch job \"Post packing slip\" in Dynamics: quantity Picked, query on the externally managed warehouses; also stock and open period.",
    )
}

fn not_processed(request: &ShipmentRequest, since: Timestamp) -> HoldReason {
    HoldReason::new(
        "update-not-processed",
        "shipment update",
        request.id.as_str(),
        &format!("Goods left ShipBob on {}; Dynamics has not processed our update.", since.date()),
        "Start the automatic processing of the message queue \"External warehouse shipment order updates\" in Dynamics.",
    )
}

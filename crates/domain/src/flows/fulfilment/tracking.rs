//! Tracking numbers on packing slips, and the acknowledgement at ShipBob.

use super::notes::written;
use crate::flows::draft::Draft;
use crate::flows::view::{LineView, Parcel, View};
use crate::ids::PackingSlipId;
use crate::operation::Operation;
use crate::sales::{PackingSlip, SalesOrder};
use crate::warehouse::Shipment;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Tracking numbers on the packing slips that carry the parcel's goods.
pub(super) fn add(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    add_numbers(draft, order, slips_of_shipments(view));
}

/// The numbers of shipments on the slips that carry their goods.
pub(in crate::flows) fn add_numbers(
    draft: &mut Draft<'_>,
    order: &SalesOrder,
    pairs: Vec<(&PackingSlip, &Shipment)>,
) {
    if draft.facts.capabilities.tracking_insert == Some(false) {
        return;
    }
    for (slip, shipment) in pairs {
        let Some(number) = shipment.number() else { continue };
        if order.tracking.iter().any(|t| t.slip == slip.id && t.number == number) {
            continue;
        }
        let operation = Operation::AddTracking {
            order: order.number.clone(),
            slip: slip.id.clone(),
            delivery_date: slip.delivery_date.clone(),
            number: number.to_owned(),
            url: shipment.tracking.as_ref().map(|t| t.url.clone()).unwrap_or_default(),
        };
        let key = format!("track:{}:{}:{number}", order.number, slip.id);
        draft.wish(key, operation, format!("Packing slip {} is posted.", slip.id));
    }
}

type Pairs<'a> = BTreeMap<(PackingSlipId, i64), (&'a PackingSlip, &'a Shipment)>;

/// First shipped, first slipped, per line: which slip carries goods of which shipment.
pub(in crate::flows) fn slips_of_shipments<'a>(
    view: &View<'a>,
) -> Vec<(&'a PackingSlip, &'a Shipment)> {
    let mut left: Vec<&Parcel<'a>> =
        view.parcels().filter(|p| p.shipment.left() && !p.withheld).collect();
    left.sort_by_key(|p| (p.shipment.fulfilled.unwrap_or(p.shipment.created), p.shipment.id));
    let mut pairs = Pairs::new();
    for line in view.lines.iter().filter(|l| l.carried) {
        pair(view, line, &left, &mut pairs);
    }
    pairs.into_values().collect()
}

fn pair<'a>(view: &View<'a>, line: &LineView<'a>, left: &[&Parcel<'a>], pairs: &mut Pairs<'a>) {
    let Some(factor) = line.factor else { return };
    // Slips from before our time come first on the scale, below zero.
    let mut from = -line.baseline.saturating_mul(factor);
    for &slip in &view.slips {
        let to = from.saturating_add(slip.quantity(&line.line.lot).saturating_mul(factor));
        let mut at = Decimal::ZERO;
        for parcel in left {
            let own = parcel.shares.iter().find(|(s, _)| *s == line.line.sequence);
            let Some((_, n)) = own else { continue };
            let end = at.saturating_add(Decimal::from(*n));
            // Parts of a kit take no room of their own: they go with what follows.
            let overlap = if *n == 0 { from <= at && at < to } else { at.max(from) < end.min(to) };
            if overlap {
                pairs.insert((slip.id.clone(), parcel.shipment.id.0), (slip, parcel.shipment));
            }
            at = end;
        }
        from = to;
    }
}

/// Tells ShipBob that the number stands in F&O. Other tools may flip the flag; it is a courtesy.
pub(in crate::flows) fn acknowledge(draft: &mut Draft<'_>, view: &View<'_>) {
    let mut wishes = BTreeSet::new();
    for shipment in view.parcels().map(|p| p.shipment) {
        let Some(number) = shipment.number() else { continue };
        let done = shipment.tracking_uploaded
            || draft.facts.kept.acknowledged.contains_key(&shipment.id.0);
        if !done && written(draft, view, shipment, number) {
            wishes.insert(shipment.id);
        }
    }
    for shipment in wishes {
        let key = format!("ack:{shipment}");
        draft.wish(key, Operation::AckTracking { shipment }, "The number stands in Dynamics.");
    }
}

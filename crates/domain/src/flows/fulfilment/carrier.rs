//! Carrier and service on the order header.

use crate::disposition::HoldReason;
use crate::flows::draft::Draft;
use crate::flows::orders::{Demand, demand};
use crate::flows::view::{Ours, View};
use crate::operation::{Flow, Operation};
use crate::sales::{SalesOrder, SalesStatus};
use crate::settings::CarrierMap;
use crate::warehouse::{Shipment, Tracking};

/// Written once nothing is left to edit: it can re-default the delivery mode, which must neither
/// look like a customer's edit nor decide how a line travels that is not at ShipBob yet.
pub(super) fn set(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let open = matches!(order.status, SalesStatus::Backorder | SalesStatus::Delivered);
    let allowed =
        draft.settings.write_carrier && draft.facts.capabilities.carrier_edit != Some(false);
    if !open || !allowed || inherits_mode(draft, view) {
        return;
    }
    let Some(tracking) = first_label(view) else { return };
    let fits = |m: &&CarrierMap| {
        m.shipbob_carrier.trim().eq_ignore_ascii_case(tracking.carrier.trim())
            && m.shipbob_service.trim().eq_ignore_ascii_case(tracking.service.trim())
    };
    let Some(map) = draft.settings.carriers.iter().find(fits) else {
        draft.hold(Flow::Fulfilment, unmapped(tracking));
        return;
    };
    let there = order.carrier.eq_ignore_ascii_case(&map.carrier)
        && order.carrier_service.eq_ignore_ascii_case(&map.service);
    if there {
        return;
    }
    let pair = (map.carrier.clone(), map.service.clone());
    if !draft.facts.carrier_services.contains(&pair) {
        draft.hold(Flow::Fulfilment, unknown(&pair));
        return;
    }
    let key = format!("carrier:{}:{}:{}", order.number, pair.0, pair.1);
    let operation = Operation::SetCarrier {
        order: order.number.clone(),
        carrier: pair.0,
        service: pair.1,
        etag: order.etag.clone(),
    };
    draft.wish(key, operation, "All parcels are labelled; the carrier is known.");
}

/// A line still to be sent takes its delivery mode from the header.
fn inherits_mode(draft: &Draft<'_>, view: &View<'_>) -> bool {
    let waits = draft.facts.decisions.skip.is_none();
    let mut heirs = view.lines.iter().filter(|l| l.line.delivery_mode.trim().is_empty());
    waits && heirs.any(|l| !matches!(demand(draft, l), Demand::Nothing(_)))
}

/// Carrier data of the first parcel, once every parcel has a label.
fn first_label<'a>(view: &View<'a>) -> Option<&'a Tracking> {
    let orders: Vec<&Ours<'a>> = view.live().collect();
    let parcels: Vec<&'a Shipment> =
        orders.iter().flat_map(|o| &o.parcels).map(|p| p.shipment).collect();
    let begun = orders.iter().all(|o| !o.shipments.is_empty());
    if !begun || !parcels.iter().all(|s| s.labelled()) {
        return None;
    }
    let numbered = parcels.into_iter().filter(|s| s.number().is_some());
    numbered.min_by_key(|s| s.id).and_then(|s| s.tracking.as_ref())
}

fn unmapped(tracking: &Tracking) -> HoldReason {
    HoldReason::new(
        "carrier-unmapped",
        "carrier",
        &format!("{} / {}", tracking.carrier, tracking.service),
        "The carrier is not mapped to one of Dynamics; it stands in the note only.",
        "Map it under [[connection.carriers]] in the configuration; the order is updated by itself then.",
    )
}

fn unknown(pair: &(String, String)) -> HoldReason {
    HoldReason::new(
        "carrier-unknown-in-dynamics",
        "carrier",
        &format!("{} / {}", pair.0, pair.1),
        "Dynamics has no such carrier and service.",
        "Create it in Dynamics, or correct [[connection.carriers]] in the configuration.",
    )
}

//! What a person must look at: parcels that wait, and goods that do not add up.

use crate::disposition::HoldReason;
use crate::flows::draft::Draft;
use crate::flows::view::{LineView, Ours, View};
use crate::ids::{CentreId, ShipmentId};
use crate::mapping::Mapping;
use crate::operation::Flow;
use crate::settings::Profile;
use crate::warehouse::{Shipment, ShipmentStatus};

/// ShipBob says that a parcel waits for a person.
pub(super) fn shipments(draft: &mut Draft<'_>, view: &View<'_>, one: &Ours<'_>) {
    for s in &one.shipments {
        if let Some((cause, reason, fix)) = waits(view, one, s) {
            let hold = HoldReason::new(cause, "shipment", &s.id.to_string(), &reason, fix);
            draft.hold(Flow::Fulfilment, hold);
        }
    }
}

fn waits(
    view: &View<'_>,
    one: &Ours<'_>,
    s: &Shipment,
) -> Option<(&'static str, String, &'static str)> {
    let detail = s.details.first();
    let words = detail.map(|d| if d.description.is_empty() { &d.name } else { &d.description });
    let words = words.map_or("no reason given", |w| w.trim().trim_end_matches('.'));
    Some(match &s.status {
        ShipmentStatus::OnHold if one.live() => (
            "shipbob-on-hold",
            format!("ShipBob holds shipment {}: {words}.", s.id),
            "Clear the hold at ShipBob; this closes by itself.",
        ),
        ShipmentStatus::Exception if one.live() => (
            "shipbob-exception",
            format!("ShipBob cannot ship {}: {words}.", s.id),
            "Send stock or correct the product at ShipBob; this closes by itself.",
        ),
        ShipmentStatus::CleanSweeped => (
            "shipbob-cleared",
            format!("ShipBob cleared shipment {} in bulk; it will probably not ship.", s.id),
            "Ask ShipBob what happened to it; then dismiss this.",
        ),
        // "None" is documented and says nothing.
        ShipmentStatus::Other(status) if !status.is_empty() && status != "None" => (
            "shipbob-status-unknown",
            format!("Shipment {} has the status \"{status}\", which we do not know.", s.id),
            "Look at the shipment at ShipBob; tell us what the status means.",
        ),
        ShipmentStatus::Completed if s.detail("DeliveryException") && !s.is_delivered() => (
            "delivery-exception",
            format!("The carrier reports a problem with shipment {}.", s.id),
            "Ask the carrier; this closes by itself when the parcel is delivered.",
        ),
        ShipmentStatus::Cancelled if one.live() && lacks_goods(view, one) => (
            "shipment-cancelled",
            format!("Shipment {} was cancelled, the rest of the order was not.", s.id),
            "Cancel the rest of the line in Dynamics, or let ShipBob ship it again; this closes by itself then.",
        ),
        _ => return None,
    })
}

/// No other parcel carries the goods of a cancelled one, and F&O still wants them. Of an order that
/// is through, the short-shipped hold says so.
fn lacks_goods(view: &View<'_>, one: &Ours<'_>) -> bool {
    let through = one.finished() && one.left();
    let missing =
        |s: i32| one.packed(s) < one.ordered(s) && view.line(s).is_none_or(LineView::wants_more);
    !through && one.sequences().any(missing)
}

/// What left does not add up with what was ordered.
pub(super) fn goods(draft: &mut Draft<'_>, view: &View<'_>, one: &Ours<'_>) {
    for (sku, n) in &one.excess {
        draft.hold(
            Flow::Fulfilment,
            HoldReason::new(
                "shipped-too-much",
                "quantity",
                &format!("{n} of {sku}"),
                &format!("ShipBob shipped {n} of {sku} more than ordered on {}.", one.order.id),
                "A re-ship or a picking error: it is not put on a packing slip. Settle it, then dismiss this.",
            ),
        );
    }
    for parcel in &one.parcels {
        let Some((at, booked)) = &parcel.astray else { continue };
        let id = parcel.shipment.id;
        let hold = if parcel.shipment.left() {
            left_elsewhere(id, *at, booked)
        } else {
            routed_elsewhere(id, *at, booked)
        };
        draft.hold(Flow::Fulfilment, hold);
    }
    if one.finished() && one.live() && view.wants_more_of(one) {
        incomplete_kits(draft, one);
        shorts(draft, view, one);
    }
}

/// Held before the slip: it would take the goods out of the wrong warehouse.
pub(in crate::flows) fn left_elsewhere(
    shipment: ShipmentId,
    left: CentreId,
    booked: &Mapping,
) -> HoldReason {
    HoldReason::new(
        "left-elsewhere",
        "shipment",
        &shipment.to_string(),
        &format!("Shipment {shipment} left centre {left}; its lines are booked in {booked}."),
        "Change the warehouse of the lines in Dynamics to the one it left, or dismiss this to slip it where it is booked.",
    )
}

/// Told while it can still be moved back: once it has left, only the books can follow.
fn routed_elsewhere(shipment: ShipmentId, at: CentreId, booked: &Mapping) -> HoldReason {
    HoldReason::new(
        "routed-elsewhere",
        "shipment",
        &format!("{shipment} in centre {at}"),
        &format!(
            "ShipBob means to ship {shipment} from centre {at}; its lines are booked in {booked}."
        ),
        "Ask ShipBob to move it back, or change the warehouse of the lines in Dynamics; this closes by itself then. If it leaves from there, it waits before the packing slip.",
    )
}

fn incomplete_kits(draft: &mut Draft<'_>, one: &Ours<'_>) {
    for (sku, n) in &one.odd_parts {
        draft.hold(
            Flow::Fulfilment,
            HoldReason::new(
                "kit-incomplete",
                "quantity",
                sku,
                &format!("{n} part(s) of kit {sku} were shipped that make no whole kit."),
                "Ask ShipBob which parts are missing; only whole kits are put on the packing slip.",
            ),
        );
    }
}

fn shorts(draft: &mut Draft<'_>, view: &View<'_>, one: &Ours<'_>) {
    if !one.left() {
        return;
    }
    for sequence in one.sequences() {
        let short = one.shipped(sequence) < one.ordered(sequence);
        let line = view.line(sequence).filter(|l| short && l.wants_more());
        let Some(line) = line else { continue };
        draft.hold(Flow::Fulfilment, short_shipped(one, sequence, line, draft.profile()));
    }
}

/// Less left than was asked for. An update of a request that differs from the remainder of the
/// order would fail, so none is sent before a person has lowered it.
pub(in crate::flows) fn short_shipped(
    one: &Ours<'_>,
    sequence: i32,
    line: &LineView<'_>,
    profile: Profile,
) -> HoldReason {
    let (shipped, ordered) = (one.shipped(sequence), one.ordered(sequence));
    let fix = match profile {
        Profile::External => {
            "Lower the deliver remainder of the line in Dynamics to what was shipped (Update line > Deliver remainder), then dismiss this: the update is sent with what left."
        }
        Profile::Plain | Profile::Whs => {
            "Cancel the rest of the line in Dynamics, and order it anew if it is still wanted; or dismiss this."
        }
    };
    HoldReason::new(
        "short-shipped",
        &format!("line {sequence}"),
        &format!("{shipped} of {ordered}"),
        &format!("ShipBob shipped {shipped} of {ordered} {}.", line.line.sku),
        fix,
    )
}

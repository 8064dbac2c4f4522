//! F&O → ShipBob: which orders to create, and which to cancel because F&O wants something else.

mod create;
mod edit;
mod send;
mod take_back;

pub(super) use send::{Demand, demand};
pub(super) use take_back::reference_taken;

use super::draft::Draft;
use super::view::{Release, View};
use crate::disposition::HoldReason;
use crate::operation::Flow;
use crate::plan::KeptChange;

pub(super) fn plan(draft: &mut Draft<'_>, view: &View<'_>) {
    let late = view.ours.iter().filter_map(|o| o.came_late(draft.facts));
    draft.plan.kept.extend(late.map(|body| KeptChange::Sent(Box::new(body.clone()))));
    send::lost(draft, view);
    send::followed(draft, view);
    take_back::cancelled_by_shipbob(draft, view);
    for (one, field) in view.foreign.iter().filter(|(o, _)| o.live()) {
        draft.hold(Flow::Orders, reference_taken(one, field));
    }
    let Some(order) = view.order else {
        draft.reason("Dynamics has no such order any more.");
        take_back::all(draft, view, "The order was deleted in Dynamics.");
        return;
    };
    match &view.release {
        Release::Yes => {
            take_back::changed_ones(draft, view, order);
            send::missing(draft, view, order);
        }
        Release::No(why) => {
            draft.reason(why.clone());
            take_back::all(draft, view, why);
        }
        Release::Unclear { field, value } => {
            draft.reason(view.release.why_not().unwrap_or_default());
            if view.live().any(|o| !o.finished()) {
                draft.hold(Flow::Orders, status_unknown(field, value));
            }
        }
    }
}

fn status_unknown(field: &str, value: &str) -> HoldReason {
    HoldReason::new(
        "status-unknown",
        field,
        value,
        &format!("The {field} \"{value}\" is not known to us, and ShipBob has the order."),
        "Cancel the order in Dynamics if it is not to be shipped; else dismiss this and tell us what the status means.",
    )
}

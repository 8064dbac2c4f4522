//! Small builders, and a pure model of both remotes.

pub(crate) mod build;
mod life;
mod release;
mod world;

pub(crate) use build::{
    absent_proof, address, at, catalogue, conversion, custom_call, line, network, parcel, pieces,
    sales_order, settings,
};
pub(crate) use world::World;

use domain::plan::Plan;

/// Causes of the holds of a plan, in order.
pub(crate) fn causes(plan: &Plan) -> Vec<&str> {
    plan.holds.iter().map(|h| h.reason.cause.as_str()).collect()
}

/// The hold of that cause.
#[track_caller]
pub(crate) fn hold<'p>(plan: &'p Plan, cause: &str) -> &'p domain::disposition::HoldReason {
    let found = plan.holds.iter().find(|h| h.reason.cause == cause);
    let Some(found) = found else { panic!("no hold {cause} among {:?}", causes(plan)) };
    assert!(!found.reason.reason.is_empty() && !found.reason.fix.is_empty());
    &found.reason
}

/// Names of the writes of a plan, in order.
pub(crate) fn writes(plan: &Plan) -> Vec<&'static str> {
    plan.deliveries.iter().map(|d| d.operation.name()).collect()
}

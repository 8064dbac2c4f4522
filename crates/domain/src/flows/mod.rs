//! Facts to plan. One sales order is one subject: both flows look at the same facts, so that what
//! ShipBob did and what F&O wants are never judged from different moments.

pub mod billing;
mod draft;
mod external;
mod fulfilment;
mod ground;
pub mod inventory;
mod note;
mod orders;
pub mod products;
mod restated;
mod returns;
pub mod standing;
mod summary;
mod view;
mod whs;

pub use fulfilment::TOLD_AFTER;

use crate::plan::{Need, OrderFacts, Plan};
use crate::request;
use crate::sales::SalesOrder;
use crate::settings::Settings;
use draft::Draft;
use view::{Release, View};

/// What to do about one sales order or one request. Total: bad data is a hold, nothing to do is an empty plan
/// with a reason.
pub fn plan_order(facts: &OrderFacts, settings: &Settings) -> Plan {
    if let Some(read) = &facts.request {
        return external::plan(facts, read, settings);
    }
    if request::id_of(facts.number.as_str()).is_some() {
        return external::unread(facts, settings);
    }
    let mut draft = Draft::new(facts, settings);
    match &facts.sales {
        None => {
            draft.need(Need::Sales);
            draft.reason("The order has not been read from Dynamics yet.");
        }
        Some(read) => {
            let view = View::new(facts, settings, read.order.as_ref());
            draft.plan.costs = billing::costs(&draft, &view, view.order);
            orders::plan(&mut draft, &view);
            fulfilment::plan(&mut draft, &view);
            returns::plan(&mut draft, view.order);
            billing::charge(&mut draft, &view, view.order);
            fulfilment::tell_in_hands(&mut draft);
            summary::write(&mut draft, &view);
        }
    }
    draft.finish()
}

/// True when F&O has released the order (as a whole) to be shipped, or when one of its states is
/// unknown to us: what cannot be told must not count as "seen before its release".
pub fn is_released(order: &SalesOrder, settings: &Settings) -> bool {
    !matches!(Release::of(order, settings), Release::No(_))
}

//! Shipment order requests that do not wait for an answer any more. The service asks only for those that wait, and for what
//! was taken back lately: what somebody answered before is never found by itself. It is over, or a person's.

use super::Book;
use super::fate::Fate;
use crate::plan::{OrderFacts, Plan};
use crate::request::{RequestStatus, ShipmentRequest, ShipmentUpdate, UpdateStatus};
use crate::sales::SalesOrder;

/// Its sales order is not found.
pub(super) const WITHOUT_ORDER: &str = "request-without-order";

/// What is to be said of a request without sending anything.
pub(super) enum Past {
    /// Nothing is to be done, and why.
    Over(String),
    /// A person decides: id of the finding, and why.
    Person(&'static str, String),
}

/// None: it waits for an answer, or ShipBob has it under our reference, and is judged like an order.
/// `fate` is what the planner makes of it.
pub(super) fn past(facts: &OrderFacts, plan: &Plan, fate: Option<Fate>) -> Option<Past> {
    let request = facts.request.as_ref()?.request.as_ref()?;
    let owner = facts.sales.as_ref().and_then(|r| r.order.as_ref());
    if fate == Some(Fate::AtShipbob) || !plan.links.is_empty() {
        return None;
    }
    let planner = || plan.reasons.first().cloned().unwrap_or_default();
    match &request.status {
        RequestStatus::Sent => None,
        RequestStatus::Draft => Some(Past::Over(planner())),
        RequestStatus::Cancelled => Some(Past::Over("request cancelled in Dynamics".to_owned())),
        RequestStatus::Received | RequestStatus::Accepted => answered(request, owner, fate),
        RequestStatus::Failed | RequestStatus::Other(_) => {
            Some(Past::Person("request-status-unknown", planner()))
        }
    }
}

/// Somebody took it. Whether it has left is told by an accepted update, which leaves the planner nothing to send, or by
/// what is left to deliver of its sales order; a request itself has neither a date nor a quantity that left.
fn answered(
    request: &ShipmentRequest,
    owner: Option<&SalesOrder>,
    fate: Option<Fate>,
) -> Option<Past> {
    if fate.is_none() {
        let shipped = request.accepted().is_some();
        return shipped
            .then(|| Past::Over("request shipped already, told by an update".to_owned()));
    }
    if owner.is_some_and(|order| request.delivered_by(order)) {
        return Some(Past::Over("request delivered already in Dynamics".to_owned()));
    }
    let taken = match request.status {
        RequestStatus::Received => "Answered \"Received\" before",
        _ => "Answered \"Accepted\" before",
    };
    let over = |u: &&ShipmentUpdate| u.status != UpdateStatus::Accepted;
    if let Some(update) = request.updates.iter().rfind(over) {
        let became = match &update.status {
            UpdateStatus::Failed => "was refused",
            UpdateStatus::Cancelled => "was cancelled",
            _ => "is not processed yet",
        };
        let what = format!("{taken}; its shipment update {} {became}.", update.id);
        return Some(Past::Person("request-update-open", what));
    }
    let what = match owner {
        Some(order) => format!(
            "{taken}; no shipment update tells that it left, and {} has goods to deliver.",
            order.number
        ),
        None => format!(
            "{taken}; no shipment update tells that it left, and its sales order is not known."
        ),
    };
    Some(Past::Person("request-answered", what))
}

/// Its sales order is not known. One that waits has no date then: at the first look nobody can tell whether it was released
/// before the cut-off. True for such a one.
pub(super) fn undated(book: &mut Book, number: &str, facts: &OrderFacts) -> bool {
    let request = facts.request.as_ref().and_then(|r| r.request.as_ref());
    let known = facts.sales.as_ref().is_some_and(|r| r.order.is_some());
    let Some(request) = request.filter(|_| !known) else { return false };
    let waits = request.status == RequestStatus::Sent;
    let so = if waits { ", so that it has no date" } else { "" };
    let what = format!("None of the configured fields names its sales order{so}.");
    book.put(WITHOUT_ORDER, number, what);
    waits
}

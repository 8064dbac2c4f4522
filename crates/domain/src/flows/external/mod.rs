//! Externally managed warehouses: a shipment order request is planned like an order of its own,
//! answered when ShipBob has it, and told what left in one update.

mod slips;
mod update;

pub(super) use slips::of_shipments as slips_of_shipments;

use super::draft::{Draft, digest};
use super::view::{Release, View};
use super::{billing, fulfilment, orders, returns, summary};
use crate::disposition::HoldReason;
use crate::ids::RequestId;
use crate::operation::{Flow, Operation};
use crate::plan::{DeliveryState, Need, OrderFacts, Plan};
use crate::request::{RequestRead, RequestStatus, ShipmentRequest};
use crate::sales::SalesOrder;
use crate::settings::Settings;
use crate::time::Span;

/// A request that waits for another one is planned again after this.
const RIVAL_AGAIN: Span = Span::minutes(1);
/// An answer that did not stick this often is a hold.
const STUBBORN: usize = 3;

/// What to do about one request.
pub(super) fn plan(facts: &OrderFacts, read: &RequestRead, settings: &Settings) -> Plan {
    let mut draft = Draft::new(facts, settings);
    let owner = facts.sales.as_ref().and_then(|r| r.order.as_ref());
    let whole = !settings.external.partial_updates;
    let request = read.request.as_ref();
    let order = request.map(|r| r.as_order(&settings.company, owner, whole));
    let mut view = View::new(facts, settings, order.as_ref());
    if let Some(request) = request {
        view.release = release(&request.status);
    }
    draft.plan.costs = billing::costs(&draft, &view, owner);
    wait_for_rivals(&mut draft, &mut view);
    orders::plan(&mut draft, &view);
    if fulfilment::watch_goods(&mut draft, &view)
        && let Some(request) = request
    {
        answer(&mut draft, &view, request);
        match owner {
            Some(owner) => {
                fulfilment::write_notes(&mut draft, &view, owner);
                returns::plan(&mut draft, Some(owner));
            }
            None => draft.reason(UNKNOWN_ORDER),
        }
        update::send(&mut draft, &view, request);
        if let Some(owner) = owner {
            let pairs = slips::of_shipments(&view, request, owner);
            fulfilment::add_numbers(&mut draft, owner, pairs);
        }
        fulfilment::acknowledge(&mut draft, &view);
        slips::overdue(&mut draft, &view, request, owner);
    }
    billing::charge(&mut draft, &view, owner);
    fulfilment::tell_in_hands(&mut draft);
    summary::write(&mut draft, &view);
    name(&mut draft, &view, read, owner);
    draft.finish()
}

/// The request was never read.
pub(super) fn unread(facts: &OrderFacts, settings: &Settings) -> Plan {
    let mut draft = Draft::new(facts, settings);
    draft.need(Need::Sales);
    draft.reason("The request has not been read from Dynamics yet.");
    draft.finish()
}

const UNKNOWN_ORDER: &str = "The sales order of this request is not known: none of the configured fields of the request carries its number. Everything is done but the note and the tracking number on the packing slip.";

/// Whether the numbers of a request without a sales order stand in F&O; none when it has one.
pub(super) fn told(draft: &Draft<'_>) -> Option<bool> {
    let read = draft.facts.request.as_ref()?;
    let known = draft.facts.sales.as_ref().is_some_and(|r| r.order.is_some());
    (!known).then(|| read.request.as_ref().is_some_and(|r| r.accepted().is_some()))
}

pub(super) fn release(status: &RequestStatus) -> Release {
    let unclear =
        |value: &str| Release::Unclear { field: "request status", value: value.to_owned() };
    match status {
        RequestStatus::Sent | RequestStatus::Received | RequestStatus::Accepted => Release::Yes,
        RequestStatus::Draft => Release::No("Dynamics is still writing the request.".to_owned()),
        RequestStatus::Cancelled => Release::No("Cancelled in Dynamics.".to_owned()),
        // We never say so, and nobody says what it means for goods under way.
        RequestStatus::Failed => unclear("Failed"),
        RequestStatus::Other(other) => unclear(other),
    }
}

/// What was released anew is not sent while the goods of its cancelled predecessor may still leave.
fn wait_for_rivals(draft: &mut Draft<'_>, view: &mut View<'_>) {
    if !view.release.is_yes() || !view.ours.is_empty() || !view.unseen.is_empty() {
        return;
    }
    for rival in &draft.facts.rivals {
        let request = &rival.request;
        if !rival.picked {
            draft.plan_at(draft.facts.now + RIVAL_AGAIN);
            let why = format!("Waits until ShipBob has cancelled request {request} of the order.");
            view.release = Release::No(why);
            continue;
        }
        let hold = predecessor_ships(request);
        if !draft.facts.decisions.dismissed.contains(&hold.identity()) {
            draft.hold(Flow::Orders, hold);
            view.release = Release::No(format!("Request {request} of the order ships already."));
        }
    }
}

fn predecessor_ships(request: &RequestId) -> HoldReason {
    HoldReason::new(
        "predecessor-ships",
        "request",
        request.as_str(),
        &format!(
            "Request {request} of the same order was cancelled after ShipBob had picked it; it ships."
        ),
        "If its goods are those of this request, cancel this one in Dynamics; if both are wanted, dismiss this.",
    )
}

/// Tells F&O that ShipBob has the request; with a new version it asks again. One that ShipBob took and
/// somebody there cancelled since was taken all the same: its hold says the rest.
fn answer(draft: &mut Draft<'_>, view: &View<'_>, request: &ShipmentRequest) {
    let asks = matches!(request.status, RequestStatus::Sent | RequestStatus::Received);
    let taken = view.ours.iter().filter(|o| o.live() || !o.cancelled_by_us);
    let mut ids: Vec<String> = taken.map(|o| o.order.id.to_string()).collect();
    if !asks || ids.is_empty() || !view.release.is_yes() {
        return;
    }
    ids.sort();
    let wanted = format!("answer:{}:{}:", request.id, request.version);
    let key = format!("{wanted}{}", digest(&request.etag));
    let granted = draft.facts.deliveries.iter().filter(|d| d.state == DeliveryState::Done);
    let granted = granted.filter(|d| d.key.starts_with(&wanted)).count();
    if draft.delivery(&key).is_none() && granted >= STUBBORN {
        draft.hold(Flow::Orders, answer_does_not_stick(request));
        return;
    }
    let operation = Operation::AnswerRequest {
        request: request.id.clone(),
        status: "Accepted".to_owned(),
        message: format!("ShipBob order {}", ids.join(", ")),
        etag: request.etag.clone(),
    };
    draft.wish(key, operation, "ShipBob has the order.");
}

fn answer_does_not_stick(request: &ShipmentRequest) -> HoldReason {
    HoldReason::new(
        "write-does-not-stick",
        "request status",
        request.id.as_str(),
        "Dynamics took our answer to the request several times, but shows another one.",
        "Somebody or a customisation changes it back: find out who, then dismiss this.",
    )
}

/// What a person may search by, and when it was released.
fn name(draft: &mut Draft<'_>, view: &View<'_>, read: &RequestRead, owner: Option<&SalesOrder>) {
    let subject = draft.facts.number.as_str();
    let numbers = &mut draft.plan.numbers;
    numbers.retain(|(kind, number)| kind != "order" || number != subject);
    numbers.insert(0, ("request".to_owned(), read.id.as_str().to_owned()));
    if let Some(owner) = owner {
        numbers.insert(0, ("order".to_owned(), owner.number.as_str().to_owned()));
        numbers.extend(
            slips::of(view, read.request.as_ref(), owner)
                .into_iter()
                .map(|s| ("packing slip".to_owned(), s.id.as_str().to_owned())),
        );
    }
    draft.plan.milestones.released = view.release.is_yes().then_some(read.read_began);
}

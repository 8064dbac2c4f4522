//! From stored rows to what pages show.

use crate::model::{
    At, AttemptLine, DecisionLine, DeliveryLine, Found, HeldOrder, HoldGroup, HoldLine, OrderRow,
    OrderState, PendingCommand, PlanLine, TrailLine,
};
use domain::disposition::HoldReason;
use domain::edit::Change;
use domain::ids::{Company, SalesOrderNumber};
use domain::operation::{Operation, System};
use domain::plan::Plan;
use domain::request::RequestRead;
use domain::sales::OrderRead;
use std::collections::HashMap;
use store::read::HoldGroupRow;
use store::{AttemptRow, DecisionRow, Delivery, HoldRow, StoredPlan, SubjectRow, TrailRow};

fn at(time: domain::time::Timestamp) -> At {
    At(time)
}

/// How far an order is: what waits for a person first, then the farthest milestone.
pub(super) fn state(row: &SubjectRow) -> OrderState {
    let m = &row.milestones;
    if row.held {
        OrderState::Held
    } else if m.cancelled_at.is_some() {
        OrderState::Cancelled
    } else if m.delivered_at.is_some() {
        OrderState::Delivered
    } else if m.written_at.is_some() {
        OrderState::WrittenBack
    } else if m.shipped_at.is_some() {
        OrderState::Shipped
    } else if m.accepted_at.is_some() {
        OrderState::InShipBob
    } else {
        match row.status.as_str() {
            "skipped" => OrderState::Skipped,
            "ignored" => OrderState::NotForUs,
            "waiting" => OrderState::NotReleased,
            _ if m.released_at.is_some() => OrderState::Waiting,
            _ => OrderState::NotReleased,
        }
    }
}

pub(super) fn order_row(row: SubjectRow, ship_to: Option<String>) -> OrderRow {
    let m = row.milestones;
    let sentence = if row.sentence.is_empty() {
        "Seen; not looked at yet.".to_owned()
    } else {
        row.sentence.clone()
    };
    OrderRow {
        state: state(&row),
        held: row.held,
        status: row.status,
        sentence,
        ship_to,
        released: m.released_at.map(at),
        accepted: m.accepted_at.map(at),
        shipped: m.shipped_at.map(at),
        written: m.written_at.map(at),
        delivered: m.delivered_at.map(at),
        cancelled: m.cancelled_at.map(at),
        seen: At(row.seen_at),
        updated: At(row.updated_at),
        number: row.key,
    }
}

/// `Jürgen O'Neill, Köln DE`.
pub(super) fn ship_to(read: &OrderRead) -> Option<String> {
    let a = &read.order.as_ref()?.address;
    let country = if a.country_iso.is_empty() { &a.country } else { &a.country_iso };
    let place = [a.city.as_str(), country.as_str()];
    let place = place.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let both = [a.name.as_str(), place.as_str()];
    Some(both.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(", "))
        .filter(|text| !text.is_empty())
}

pub(super) fn hold(row: HoldRow) -> HoldLine {
    HoldLine {
        flow: row.flow,
        cause: row.cause,
        field: row.field,
        value: Some(row.value).filter(|value| !value.is_empty()),
        reason: row.reason,
        fix: row.fix,
        opened: At(row.opened_at),
        closed: row.closed_at.map(at),
        closed_by: row.closed_by,
    }
}

pub(super) fn group(row: HoldGroupRow) -> HoldGroup {
    HoldGroup {
        cause: row.cause,
        flow: row.flow,
        field: row.field,
        value: Some(row.value).filter(|value| !value.is_empty()),
        reason: row.reason,
        fix: row.fix,
        count: row.count,
        oldest: At(row.oldest),
        orders: row
            .subjects
            .into_iter()
            .map(|(number, since)| HeldOrder { number, since: At(since) })
            .collect(),
    }
}

pub(super) fn decision(row: DecisionRow) -> DecisionLine {
    // A dismissal is kept as a skip of one hold: its identity, a separator, the reason.
    let (kind, why) = match row.why.split_once('\u{1f}') {
        Some((_, why)) => ("dismiss", why.to_owned()),
        None => (row.kind.as_str(), row.why),
    };
    DecisionLine {
        kind: kind.to_owned(),
        why: Some(why).filter(|why| !why.is_empty()),
        who: row.who,
        at: At(row.at),
    }
}

/// The verb of a waiting command stands in its dedupe key: `operator:{request}:{verb}:…`.
pub(super) fn pending((key, arrived): (String, domain::time::Timestamp)) -> PendingCommand {
    let verb = key.split(':').nth(2).unwrap_or("act").to_owned();
    PendingCommand { verb, at: At(arrived) }
}

pub(super) fn plan(row: &StoredPlan) -> PlanLine {
    let told = row.outcome.as_deref().and_then(|json| serde_json::from_str::<Plan>(json).ok());
    let (mut reasons, mut writes, mut holds, mut sentence) =
        (Vec::new(), Vec::new(), Vec::new(), None);
    if let Some(plan) = told {
        reasons = plan.reasons;
        writes = plan
            .deliveries
            .into_iter()
            .map(|delivery| (delivery.operation.name().to_owned(), delivery.why))
            .collect();
        holds = plan.holds.into_iter().map(|hold| hold.reason.reason).collect();
        sentence = Some(plan.sentence);
    }
    PlanLine {
        id: row.id,
        made: At(row.made_at),
        settings_version: row.settings_version,
        sentence,
        reasons,
        writes,
        holds,
    }
}

pub(super) fn deliveries(rows: Vec<Delivery>, attempts: Vec<AttemptRow>) -> Vec<DeliveryLine> {
    let mut of: HashMap<i64, Vec<AttemptLine>> = HashMap::new();
    for row in attempts {
        of.entry(row.delivery_id).or_default().push(attempt(row));
    }
    let mut lines: Vec<DeliveryLine> = rows
        .into_iter()
        .map(|row| {
            let operation =
                row.body.as_deref().and_then(|body| serde_json::from_slice::<Operation>(body).ok());
            let mut attempts = of.remove(&row.id).unwrap_or_default();
            attempts.sort_by_key(|attempt| attempt.number);
            delivery(row, operation.as_ref(), attempts)
        })
        .collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.id));
    lines
}

fn delivery(
    row: Delivery,
    operation: Option<&Operation>,
    attempts: Vec<AttemptLine>,
) -> DeliveryLine {
    let system = match operation.map(Operation::system) {
        Some(System::ShipBob) => "shipbob",
        Some(System::Dynamics) => "dynamics",
        None => "",
    };
    DeliveryLine {
        id: row.id,
        words: operation.map_or_else(|| row.operation.clone(), words),
        operation: row.operation,
        system: system.to_owned(),
        state: row.state,
        key: row.business_key,
        created: At(row.created_at),
        updated: At(row.updated_at),
        not_before: Some(At(row.not_before)),
        outcome: row.outcome.and_then(outcome),
        attempts,
    }
}

/// What a delivery remembers, as far as it is meant for people: the reason of a hold, or words.
fn outcome(kept: String) -> Option<String> {
    match serde_json::from_str::<HoldReason>(&kept) {
        Ok(hold) => Some(hold.reason),
        Err(_) => Some(kept).filter(|kept| !kept.is_empty() && !kept.starts_with(['{', '['])),
    }
}

fn attempt(row: AttemptRow) -> AttemptLine {
    AttemptLine {
        number: row.number,
        started: At(row.started_at),
        ended: row.ended_at.map(at),
        disposition: row.disposition,
        detail: row.detail,
        status: row.status,
    }
}

fn changed(change: &Change) -> String {
    match change {
        Change::Address(_) => "the address".to_owned(),
        Change::Lines { .. } => "the quantities".to_owned(),
        Change::Method { method, .. } => format!("the method to “{method}”"),
    }
}

/// A write in plain words.
fn words(operation: &Operation) -> String {
    match operation {
        Operation::CreateOrder(create) => format!("Create the ShipBob order {}", create.reference),
        Operation::CancelOrder { order, .. } => format!("Cancel the ShipBob order {order}"),
        Operation::EditShipment(edit) => {
            format!("Change {} of shipment {} at ShipBob", changed(&edit.change), edit.shipment)
        }
        Operation::CreateProduct(new) => {
            let skus: Vec<&str> = new.variants.iter().map(|v| v.sku.as_str()).collect();
            format!("Make the product “{}” with SKU {} at ShipBob", new.name, skus.join(", "))
        }
        Operation::AddVariants { product, variants } => {
            let skus: Vec<&str> = variants.iter().map(|v| v.sku.as_str()).collect();
            format!("Add SKU {} to product {product} at ShipBob", skus.join(", "))
        }
        Operation::UpdateProduct { variants, .. } => {
            let skus: Vec<&str> = variants.iter().map(|v| v.sku.as_str()).collect();
            format!("Write new values of SKU {} to ShipBob", skus.join(", "))
        }
        Operation::AckTracking { shipment } => {
            format!("Tell ShipBob that the tracking of shipment {shipment} was taken over")
        }
        Operation::WriteNote { description, existing, .. } => {
            let verb = if existing.is_some() { "Update" } else { "Write" };
            format!("{verb} the note “{description}” in Dynamics")
        }
        Operation::SetDeliverNow { lines, .. } => {
            let targets: Vec<String> =
                lines.iter().map(|l| format!("{} of {}", l.quantity.normalize(), l.lot)).collect();
            format!("Set what the next packing slip delivers: {}", targets.join(", "))
        }
        Operation::SetCarrier { carrier, service, .. } => {
            format!("Set carrier {carrier} and service {service} in Dynamics")
        }
        Operation::AddTracking { slip, number, .. } => {
            format!("Put tracking {number} on packing slip {slip}")
        }
        Operation::AnswerRequest { request, .. } => {
            format!("Tell Dynamics that ShipBob has request {request}")
        }
        Operation::CreateJournal(new) => {
            format!("Open a counting journal for warehouse {} in Dynamics", new.warehouse)
        }
        Operation::WriteJournalLines(new) => {
            format!("Write {} counted line(s) into journal {}", new.lines.len(), new.journal)
        }
        Operation::AdjustStock(new) => {
            format!(
                "Adjust {} shelf(s) of warehouse {} in Dynamics",
                new.lines.len(),
                new.warehouse
            )
        }
        Operation::TellAvailable(call) => {
            format!("Tell Dynamics {} available quantity(s)", call.lines)
        }
        Operation::UpdateShipment(update) => {
            format!("Tell Dynamics what left for request {}", update.request)
        }
        Operation::CustomCall(call) if call.returned.is_some() => {
            let id = call.returned.unwrap_or_default();
            format!("Have {} record return {id}", call.path)
        }
        Operation::CustomCall(call) => {
            format!("Have {} post what left with shipment {}", call.path, call.shipment)
        }
        Operation::WriteCharge(new) => {
            format!("Charge {} {} on the order in Dynamics", new.amount, new.currency)
        }
    }
}

/// A request is shown in the form of an order.
pub(super) fn asked(key: &str, read: &RequestRead) -> OrderRead {
    let company = Company::new(String::new());
    OrderRead {
        number: SalesOrderNumber::new(key),
        order: read.request.as_ref().map(|request| request.as_order(&company, None, true)),
        read_began: read.read_began,
    }
}

pub(crate) fn trail(row: TrailRow) -> TrailLine {
    let entry = row.entry;
    let why = if row.erased { Some("Erased on request.".to_owned()) } else { entry.why };
    TrailLine {
        seq: row.seq,
        at: At(entry.at),
        who: entry.who,
        what: entry.what,
        subject: entry.subject,
        before: entry.before,
        after: entry.after,
        why,
        settings_version: entry.settings_version,
        request_id: entry.request_id,
        hash: row.hash,
    }
}

pub(super) fn found(entry: store::NumberEntry, subject: Option<&SubjectRow>) -> Found {
    Found {
        number: entry.number,
        kind: entry.kind,
        order: entry.subject,
        state: subject.map_or(OrderState::NotReleased, state),
        sentence: subject.map(|row| row.sentence.clone()).unwrap_or_default(),
    }
}

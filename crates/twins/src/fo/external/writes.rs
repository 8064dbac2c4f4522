//! What comes back through the API: answers, updates with their lines and dimensions, and the commit.

use rust_decimal::Decimal;
use serde_json::json;

use super::{Update, UpdateLine};
use crate::fo::db::Undo;
use crate::fo::documents::Made;
use crate::fo::refusal::Refusal;
use crate::fo::sets;
use crate::fo::value::EMPTY_DATE;
use crate::fo::write::{Desk, Member, Members, exists, not_editable, text, time};
use crate::world::ledger::effect;

const UPDATE: &str = "WHSEWOutboundShipmentOrderUpdateEntity";
const LINE: &str = "WHSEWOutboundShipmentOrderLineUpdateEntity";
const DIMENSION: &str = "WHSEWOutboundShipmentOrderLineInventDimUpdateEntity";

fn refuse(entity: &'static str, text: &str) -> Refusal {
    Refusal::Infolog { entity, text: format!("Error: {text}; Error: Update has been canceled.") }
}

fn member(members: &Members, name: &str) -> Option<&'static str> {
    members.iter().find_map(|(found, member)| match member {
        Member::Enum(member) if *found == name => Some(*member),
        _ => None,
    })
}

fn number(members: &Members, name: &str) -> Option<Decimal> {
    members.iter().find_map(|(found, member)| match member {
        Member::Number(number) if *found == name => Some(*number),
        _ => None,
    })
}

/// `PATCH OutboundShipmentOrderRequestStatus(…)`.
pub(crate) fn answer(desk: &mut Desk<'_>, id: &str, members: &Members) -> Result<(), Refusal> {
    let before = desk.db.request(id).cloned().ok_or(Refusal::NoRow)?;
    if before.status == "Cancelled" {
        let text = format!("Request {id} has been cancelled.");
        return Err(refuse("WHSEWOutboundShipmentOrderRequestStatusEntity", &text));
    }
    let index = before.order;
    if desk.keep_undo {
        desk.undo.push(Undo::Request(Box::new(before)));
    }
    let Some(request) = desk.db.request_mut(id) else { return Err(Refusal::NoRow) };
    if let Some(status) = member(members, "RequestStatus") {
        request.status = status;
    }
    if let Some(message) = text(members, "ResponseMessage") {
        message.clone_into(&mut request.message);
    }
    request.answer_version += 1;
    let detail = json!({"request": request.id, "status": request.status});
    desk.effect(effect::REQUEST_ANSWERED, index, detail);
    Ok(())
}

fn key(members: &Members) -> (String, String) {
    let field = |name: &str| text(members, name).unwrap_or_default().to_owned();
    (field("OutboundShipmentOrderUpdateId"), field("OutboundShipmentOrderOriginId"))
}

/// `POST OutboundShipmentOrderUpdates`.
pub(crate) fn create_update(desk: &mut Desk<'_>, members: &Members) -> Result<Made, Refusal> {
    let (id, origin) = key(members);
    if id.is_empty() || origin.is_empty() {
        return Err(refuse(UPDATE, "Field 'Update' must be filled in."));
    }
    if id.chars().count() > 20 {
        return Err(refuse(UPDATE, "The text in field 'Update' is longer than 20 characters."));
    }
    if member(members, "ProcessingStatus").is_some_and(|status| status != "Receiving") {
        return Err(refuse(UPDATE, "An update begins in status Receiving."));
    }
    if desk.db.update(&id).is_some() {
        return Err(exists(UPDATE, "External warehouse outbound shipment order updates", &id));
    }
    let rec_id = desk.db.rec_id();
    let field = |name: &str| text(members, name).unwrap_or_default().to_owned();
    desk.db.insert_update(Update {
        company: desk.company,
        id: id.clone(),
        origin,
        rec_id,
        rec_version: 1,
        slip: field("PackingSlipNumber"),
        date: time(members, "PackingSlipDocumentDate").unwrap_or(EMPTY_DATE),
        shipped: time(members, "ActualShippingDateTime").unwrap_or(EMPTY_DATE),
        transport: field("TransportationId"),
        status: "Receiving",
        lines: Vec::new(),
    });
    if desk.keep_undo {
        desk.undo.push(Undo::UpdateInserted(id.clone()));
    }
    Ok(Made::Update(id, None))
}

/// The update a line belongs to: it must be open.
fn opened(desk: &mut Desk<'_>, entity: &'static str, members: &Members) -> Result<String, Refusal> {
    let (id, origin) = key(members);
    let found = desk.db.update(&id).filter(|u| u.origin.eq_ignore_ascii_case(&origin)).cloned();
    let Some(before) = found else {
        return Err(refuse(entity, &format!("The update {id} of {origin} does not exist.")));
    };
    if before.status != "Receiving" {
        return Err(refuse(entity, &format!("The update {id} has been committed.")));
    }
    if desk.keep_undo {
        desk.undo.push(Undo::Update(Box::new(before)));
    }
    Ok(id)
}

/// `POST OutboundShipmentOrderLineUpdates`.
pub(crate) fn create_line(desk: &mut Desk<'_>, members: &Members) -> Result<Made, Refusal> {
    let id = opened(desk, LINE, members)?;
    let rec_id = desk.db.rec_id();
    let line_number = whole(members);
    let amount = |name: &str| number(members, name).unwrap_or_default();
    let line = UpdateLine {
        rec_id,
        number: line_number,
        ordered: amount("OrderedQuantity"),
        unit: text(members, "OrderedUnitSymbol").unwrap_or_default().to_owned(),
        picked: amount("TotalPickedQuantity"),
        shipped: amount("TotalShippedQuantity"),
        remaining: amount("RemainingQuantity"),
        dimension: None,
    };
    let Some(update) = desk.db.update_mut(&id) else { return Err(Refusal::NoRow) };
    if update.lines.iter().any(|l| l.number == line_number) {
        return Err(exists(LINE, "External warehouse outbound shipment order line updates", &id));
    }
    update.lines.push(line);
    Ok(Made::Update(id, Some(line_number)))
}

fn whole(members: &Members) -> i64 {
    use rust_decimal::prelude::ToPrimitive as _;
    number(members, "OrderLineNumber").and_then(|n| n.to_i64()).unwrap_or_default()
}

/// `POST OutboundShipmentOrderLineInventDimUpdates`.
pub(crate) fn create_dimension(desk: &mut Desk<'_>, members: &Members) -> Result<Made, Refusal> {
    let id = opened(desk, DIMENSION, members)?;
    let line_number = whole(members);
    let shipped = number(members, "ShippedQuantity").unwrap_or_default();
    let Some(update) = desk.db.update_mut(&id) else { return Err(Refusal::NoRow) };
    let Some(line) = update.lines.iter_mut().find(|l| l.number == line_number) else {
        return Err(refuse(
            DIMENSION,
            &format!("Line {line_number} of update {id} does not exist."),
        ));
    };
    if line.dimension.is_some() {
        let table = "External warehouse outbound shipment order line dimension updates";
        return Err(exists(DIMENSION, table, &id));
    }
    line.dimension = Some(shipped);
    Ok(Made::Update(id, Some(line_number)))
}

/// `POST OutboundShipmentOrderUpdates(…)/Complete`.
pub(crate) fn complete(desk: &mut Desk<'_>, id: &str) -> Result<(), Refusal> {
    if desk.tenant.no_complete {
        return Err(Refusal::NoRoute("Complete".to_owned()));
    }
    commit(desk, id)
}

/// `PATCH OutboundShipmentOrderUpdates(…)`: the commit where there is no action.
pub(crate) fn set_status(desk: &mut Desk<'_>, id: &str, members: &Members) -> Result<(), Refusal> {
    let set = sets::named("OutboundShipmentOrderUpdates").ok_or(Refusal::Forbidden)?;
    if !desk.tenant.no_complete {
        return Err(not_editable(set, "ProcessingStatus"));
    }
    match member(members, "ProcessingStatus") {
        Some("Received") => commit(desk, id),
        _ => Err(not_editable(set, "ProcessingStatus")),
    }
}

fn commit(desk: &mut Desk<'_>, id: &str) -> Result<(), Refusal> {
    let before = desk.db.update(id).cloned().ok_or(Refusal::NoRow)?;
    if before.status != "Receiving" {
        return Err(refuse(UPDATE, &format!("The update {id} has been committed.")));
    }
    let order = desk.db.request_of_origin(&before.origin).map(|request| request.order);
    let detail = json!({"update": before.id, "origin": before.origin, "lines": before.lines.len()});
    if desk.keep_undo {
        desk.undo.push(Undo::Update(Box::new(before)));
    }
    if let Some(update) = desk.db.update_mut(id) {
        update.status = "Received";
        update.rec_version += 1;
    }
    desk.effect(effect::UPDATE_RECEIVED, order.unwrap_or(u32::MAX), detail);
    Ok(())
}

//! `PUT shipment/{id}:updateAddress`: heals an invalid address, until the shipment is picked.

use serde_json::{Map, Value, json};

use super::script::{Author, Step};
use super::strict::{self, FILLED, Field, TEXT, optional, required};
use super::{edit, errors, life};
use crate::world::World;
use crate::world::calendar::MINUTE;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::fate::Fate;
use crate::world::ledger::effect;

const BODY: &[Field] = &[
    required("street_address1", FILLED),
    optional("street_address2", TEXT),
    required("city", FILLED),
    optional("state", TEXT),
    optional("zip_code", TEXT),
    optional("country_code", TEXT),
    optional("company_name", TEXT),
    optional("recipient_name", TEXT),
    optional("phone_number", TEXT),
    optional("email", TEXT),
];

pub(super) fn update(world: &mut World, request: &TwinRequest, shipment: usize) -> TwinResponse {
    let mut faults = errors::Faults::new();
    let Ok(body) = strict::object(&request.body) else {
        return errors::coded(400, "INVALID_PARAMETER", "The body is not a JSON object");
    };
    strict::check(&body, BODY, "", &mut faults);
    if let Some((field, messages)) = faults.first_key_value() {
        let message = format!("{field}: {}", messages.join(" "));
        return errors::coded(400, "VALIDATION_ERROR", &message);
    }
    if let Err(refusal) = edit::changeable(world, shipment) {
        return refusal.reply(world);
    }
    let Some(one) = world.shipbob.shipments.get(shipment) else {
        return errors::coded(400, "NOT_FOUND", "Shipment not found");
    };
    let (id, order) = (one.id, one.order);
    let invalid = one.details.iter().any(|detail| detail.name == "InvalidAddress");
    let old = match &one.recipient {
        Some(recipient) => recipient.clone(),
        None => recipient_of(world, shipment),
    };
    let new = renewed(&body, &old);
    if world.config.tenant.order_follows_edits
        && let Some(shown) = world.shipbob.orders.get_mut(order)
        && let Some(recipient) = shown.body.get_mut("recipient")
    {
        *recipient = new.clone();
    }
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.recipient = Some(new);
    }
    edit::done(world, shipment, effect::ADDRESS_UPDATED, &Map::new());
    if invalid {
        heal(world, shipment);
    } else {
        edit::go_on(world, shipment);
    }
    TwinResponse::json(200, &json!({"id": id, "is_success": true, "error": Value::Null}))
}

fn recipient_of(world: &World, shipment: usize) -> Value {
    let order = world.shipbob.shipments.get(shipment).map(|one| one.order);
    let order = order.and_then(|order| world.shipbob.orders.get(order));
    order.and_then(|order| order.body.get("recipient").cloned()).unwrap_or_default()
}

fn renewed(body: &Map<String, Value>, old: &Value) -> Value {
    let new = |name: &str, before: &str| {
        let given = body.get(name).filter(|value| !value.is_null());
        given.cloned().unwrap_or_else(|| old.pointer(before).cloned().unwrap_or_default())
    };
    json!({
        "name": new("recipient_name", "/name"),
        "email": new("email", "/email"),
        "phone_number": new("phone_number", "/phone_number"),
        "address": {
            "address1": new("street_address1", "/address/address1"),
            "address2": body.get("street_address2").cloned().unwrap_or_default(),
            "city": new("city", "/address/city"),
            "state": new("state", "/address/state"),
            "zip_code": new("zip_code", "/address/zip_code"),
            "country": new("country_code", "/address/country"),
            "company_name": new("company_name", "/address/company_name"),
        },
    })
}

/// The hold ends soon; a shipment that would have stayed goes on.
fn heal(world: &mut World, shipment: usize) {
    life::unschedule(world, shipment);
    let Some(about) = life::about(world, shipment) else { return };
    let key = format!("{}/{}", about.reference, about.ordinal);
    let soon = world.config.paced(5 * MINUTE);
    let author = Author { chance: world.chance, config: &world.config, key: &key };
    let mut script = std::collections::VecDeque::from([(soon, Step::Clear)]);
    author.add_from_pick(Fate::Plain, &mut script);
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.script = script;
    }
    life::schedule_next(world, shipment);
}

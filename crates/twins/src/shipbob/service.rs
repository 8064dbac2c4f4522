//! `PUT shipment:bulkUpdateShippingService`: another method for shipments that are not picked.
//!
//! Which of its ids ShipBob means is not documented: a tenant takes the id of a method, or that of a service level, or
//! (standard) none that this twin lists.

use serde_json::{Map, Value, json};

use super::edit::{self, Refusal};
use super::errors;
use super::strict::{self, FILLED, Field, I32, Kind, required};
use crate::world::World;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::effect;

const BODY: &[Field] = &[
    required("shipment_ids", Kind::Wholes { min: 1 }),
    required("requested_shipping_service_id", I32),
    required("reason", FILLED),
];

pub(super) fn update(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let mut faults = errors::Faults::new();
    let Ok(body) = strict::object(&request.body) else {
        return errors::coded(400, "INVALID_PARAMETER", "The body is not a JSON object");
    };
    strict::check(&body, BODY, "", &mut faults);
    if let Some((field, messages)) = faults.first_key_value() {
        let message = format!("{field}: {}", messages.join(" "));
        return errors::coded(400, "VALIDATION_ERROR", &message);
    }
    let id = body.get("requested_shipping_service_id").and_then(Value::as_i64).unwrap_or(0);
    let tenant = &world.config.tenant;
    let by = (tenant.service_is_method_id, tenant.service_is_level_id);
    let Some(method) = world.shipbob.catalogue.service(id, by) else {
        return errors::coded(400, "INVALID_PARAMETER", "The shipping service does not exist");
    };
    let ids = body.get("shipment_ids").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut results = Vec::new();
    for id in ids.iter().filter_map(Value::as_i64) {
        results.push(match one(world, id, &method) {
            Ok(()) => json!({"id": id, "is_success": true, "error": Value::Null}),
            Err(refusal) => refusal.result(),
        });
    }
    let total = results.len();
    let done = results.iter().filter(|one| one.get("is_success") == Some(&json!(true))).count();
    let summary = json!({"total": total, "successful": done, "failed": total - done});
    TwinResponse::json(200, &json!({"results": results, "summary": summary}))
}

fn one(world: &mut World, id: i64, method: &str) -> Result<(), Refusal> {
    let unknown = Refusal { id, code: "NOT_FOUND", message: "Shipment not found" };
    let shipment = world.shipbob.shipment_index(id).ok_or(unknown)?;
    edit::changeable(world, shipment)?;
    let mut order = None;
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.method = Some(method.to_owned());
        order = Some(one.order);
    }
    if world.config.tenant.order_follows_edits
        && let Some(order) = order.and_then(|order| world.shipbob.orders.get_mut(order))
    {
        method.clone_into(&mut order.shipping_method);
    }
    let detail = Map::from_iter([("method".to_owned(), json!(method))]);
    edit::done(world, shipment, effect::METHOD_UPDATED, &detail);
    edit::go_on(world, shipment);
    Ok(())
}

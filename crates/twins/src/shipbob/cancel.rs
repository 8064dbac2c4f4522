//! Cancelling: possible until a shipment is picked, judged shipment by shipment.

use serde_json::{Value, json};

use super::state::Status;
use super::strict::{self, Field, Kind, required};
use super::{errors, hooks, life, render, route};
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::{System, effect};
use crate::world::{Happening, World};

/// Cancels one shipment if it still can be. `Err` = why not.
fn try_cancel(world: &mut World, shipment: usize) -> Result<(), &'static str> {
    let Some(one) = world.shipbob.shipments.get(shipment) else {
        return Err("Shipment not found");
    };
    match one.status {
        Status::Cancelled => return Err("Shipment is already cancelled"),
        Status::CleanSweeped => return Err("Shipment is closed"),
        Status::LabeledCreated | Status::Completed => return Err("Shipment is already shipped"),
        Status::ImportReview | Status::Processing | Status::OnHold | Status::Exception => {}
    }
    if one.picked {
        return Err("Shipment is already picked");
    }
    cancel_shipment(world, shipment, "api", false);
    Ok(())
}

/// Cancels a shipment whatever its state. Only unpicked ones may come here.
pub(super) fn cancel_shipment(world: &mut World, shipment: usize, by: &str, silent: bool) {
    life::unschedule(world, shipment);
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.script.clear();
    }
    life::set(world, shipment, Status::Cancelled, None, Some((30, "Cancelled")));
    let Some(about) = life::about(world, shipment) else { return };
    let now = world.now;
    let reference = about.reference.clone();
    let detail = json!({"order_number": about.order_number, "shipment": about.ordinal, "by": by});
    world.ledger.record(now, System::ShipBob, effect::SHIPMENT_CANCELLED, reference, detail);
    let Some(order) = world.shipbob.orders.get(about.order) else { return };
    // No webhook for split, copied or hand-made orders.
    let quiet = silent || order.by_hand || order.shipments.len() > 1;
    let whole = world.shipbob.is_cancelled(order);
    let order_id = order.id;
    if !quiet {
        hooks::emit(world, shipment, "order.shipment.cancelled");
    }
    if whole {
        let detail = json!({"order_number": about.order_number, "by": by, "order_id": order_id});
        let entry = effect::ORDER_CANCELLED;
        world.ledger.record(now, System::ShipBob, entry, about.reference.clone(), detail);
        if about.ours {
            let (order_number, reference) = (about.order_number, about.reference);
            world.happened(&Happening::Cancelled { order_number, reference });
        }
    }
}

fn result(world: &World, shipment: usize, outcome: Result<(), &'static str>) -> Value {
    let id = world.shipbob.shipments.get(shipment).map(|one| one.id);
    json!({
        "shipment_id": id,
        "is_success": outcome.is_ok(),
        "action": "Cancel",
        "reason": outcome.err(),
    })
}

/// `POST order/{id}:cancel`: 200 even when nothing could be cancelled; look at `status`.
pub(super) fn order(world: &mut World, id: i64) -> TwinResponse {
    let index = world.shipbob.order_index(id);
    let Some((index, found)) =
        index.and_then(|index| Some((index, world.shipbob.orders.get(index)?)))
    else {
        return TwinResponse::empty(404);
    };
    if found.channel != world.config.channel {
        return errors::forbidden();
    }
    if world.shipbob.is_cancelled(found) {
        return errors::map(422, "", "The order is already cancelled");
    }
    let mut results = Vec::new();
    let mut cancelled = 0_usize;
    for shipment in found.shipments.clone() {
        let outcome = try_cancel(world, shipment);
        cancelled += usize::from(outcome.is_ok());
        results.push(result(world, shipment, outcome));
    }
    let status = if cancelled == results.len() {
        "Success"
    } else if cancelled == 0 {
        "Failure"
    } else {
        "PartialSuccess"
    };
    let order = world.shipbob.orders.get(index).map(|order| render::order(world, order));
    let body = json!({
        "order_id": id,
        "status": status,
        "canceled_shipment_results": results,
        "order": order,
    });
    TwinResponse::json(200, &body)
}

/// `POST shipment/{id}:cancel`: 422 when it cannot be.
pub(super) fn one(world: &mut World, shipment: usize) -> TwinResponse {
    match try_cancel(world, shipment) {
        Ok(()) => render::one_shipment(world, shipment),
        Err(reason) => errors::map(422, "", reason),
    }
}

const BATCH: &[Field] = &[required("shipment_ids", Kind::Wholes { min: 1 })];

/// `POST shipment:batchCancel`.
pub(super) fn batch(world: &mut World, request: &TwinRequest) -> TwinResponse {
    if let Err(refusal) = route::write_channel(world, request) {
        return refusal;
    }
    let body = match strict::object(&request.body) {
        Ok(body) => body,
        Err(faults) => return errors::fields(422, &faults),
    };
    let mut faults = errors::Faults::new();
    strict::check(&body, BATCH, "", &mut faults);
    if !faults.is_empty() {
        return errors::fields(422, &faults);
    }
    let ids = body.get("shipment_ids").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut results = Vec::new();
    for id in ids.iter().filter_map(Value::as_i64) {
        match world.shipbob.shipment_index(id) {
            Some(shipment) => {
                let outcome = try_cancel(world, shipment);
                results.push(result(world, shipment, outcome));
            }
            None => results.push(json!({
                "shipment_id": id,
                "is_success": false,
                "action": "Cancel",
                "reason": "Shipment not found",
            })),
        }
    }
    TwinResponse::json(200, &json!({"results": results}))
}

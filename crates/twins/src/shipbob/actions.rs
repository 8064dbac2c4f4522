//! `POST shipment:batchUpdateTrackingUpload`: the acknowledgement of tracking numbers.

use serde_json::{Value, json};

use super::script::Step;
use super::strict::{self, Field, Kind, required};
use super::{life, state::Shipment};
use crate::world::World;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::{System, effect};

const BODY: &[Field] = &[
    required("shipment_ids", Kind::Wholes { min: 1 }),
    required("is_tracking_uploaded", Kind::Flag),
];

/// Most ids in one call. The real limit is unknown; our side starts at 250.
const MOST: usize = 250;

pub(super) fn batch_upload(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let mut faults = super::errors::Faults::new();
    let Ok(body) = strict::object(&request.body) else {
        return TwinResponse::text(400, "The request body is not a JSON object");
    };
    strict::check(&body, BODY, "", &mut faults);
    if let Some((field, messages)) = faults.first_key_value() {
        return TwinResponse::text(400, &format!("{field}: {}", messages.join(" ")));
    }
    let uploaded = body.get("is_tracking_uploaded").and_then(Value::as_bool).unwrap_or(false);
    let ids = body.get("shipment_ids").and_then(Value::as_array).cloned().unwrap_or_default();
    if ids.len() > MOST {
        return TwinResponse::text(400, &format!("At most {MOST} shipments are accepted"));
    }
    let mut results = Vec::new();
    let mut successful = 0_usize;
    for id in ids.iter().filter_map(Value::as_i64) {
        let found = world.shipbob.shipment_index(id);
        match found {
            Some(shipment) => {
                acknowledge(world, shipment, uploaded);
                successful += 1;
                results.push(json!({"shipmentId": id, "isSuccess": true, "error": Value::Null}));
            }
            None => {
                let error = json!({"code": "NOT_FOUND", "message": "Shipment not found"});
                results.push(json!({"shipmentId": id, "isSuccess": false, "error": error}));
            }
        }
    }
    let total = results.len();
    let summary = json!({"total": total, "successful": successful, "failed": total.saturating_sub(successful)});
    TwinResponse::json(200, &json!({"results": results, "summary": summary}))
}

fn acknowledge(world: &mut World, shipment: usize, uploaded: bool) {
    let Some(about) = life::about(world, shipment) else { return };
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.uploaded = uploaded;
    }
    world.ledger.record(
        world.now,
        System::ShipBob,
        effect::TRACKING_ACKNOWLEDGED,
        about.reference,
        json!({"shipment": about.ordinal, "uploaded": uploaded}),
    );
    let waits = |one: &Shipment| {
        one.script.front().is_some_and(|(_, step)| *step == Step::AwaitAck) && one.pending.is_some()
    };
    if uploaded && world.shipbob.shipments.get(shipment).is_some_and(waits) {
        life::unschedule(world, shipment);
        life::advance(world, shipment);
    }
}

//! What the three edits of a shipment share: possible until it is picked, one shape of refusal, one way on.

use serde_json::{Map, Value, json};

use super::script::Step;
use super::state::{Shipment, Status};
use super::{errors, life};
use crate::world::World;
use crate::world::exchange::TwinResponse;
use crate::world::ledger::System;

/// A business rule said no.
pub(super) struct Refusal {
    pub(super) id: i64,
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

impl Refusal {
    /// 400 with code and message, or, in some tenants, a 200 that carries them.
    pub(super) fn reply(&self, world: &World) -> TwinResponse {
        if world.config.tenant.edit_refused_in_200 {
            return TwinResponse::json(200, &self.result());
        }
        errors::coded(400, self.code, self.message)
    }

    /// As one result.
    pub(super) fn result(&self) -> Value {
        let error = json!({"code": self.code, "message": self.message});
        json!({"id": self.id, "is_success": false, "error": error})
    }
}

/// Not picked, not closed.
pub(super) fn changeable(world: &World, shipment: usize) -> Result<(), Refusal> {
    let Some(one) = world.shipbob.shipments.get(shipment) else {
        return Err(Refusal { id: 0, code: "NOT_FOUND", message: "Shipment not found" });
    };
    let open = matches!(
        one.status,
        Status::ImportReview | Status::Processing | Status::OnHold | Status::Exception
    );
    if one.picked || !open {
        let message = "The shipment can no longer be changed";
        return Err(Refusal { id: one.id, code: "CONFLICT", message });
    }
    Ok(())
}

/// Moves the stamp and writes the ledger.
pub(super) fn done(
    world: &mut World,
    shipment: usize,
    effect: &'static str,
    more: &Map<String, Value>,
) {
    world.shipbob.touch(shipment, world.now);
    let Some(about) = life::about(world, shipment) else { return };
    let mut detail = more.clone();
    detail.insert("order_number".to_owned(), json!(about.order_number));
    detail.insert("shipment".to_owned(), json!(about.ordinal));
    let now = world.now;
    world.ledger.record(now, System::ShipBob, effect, about.reference, Value::Object(detail));
}

/// A shipment that waited for an edit waits no longer.
pub(super) fn go_on(world: &mut World, shipment: usize) {
    let waits = |one: &Shipment| {
        one.script.front().is_some_and(|(_, step)| *step == Step::AwaitEdit)
            && one.pending.is_some()
    };
    if world.shipbob.shipments.get(shipment).is_some_and(waits) {
        life::unschedule(world, shipment);
        life::advance(world, shipment);
    }
}

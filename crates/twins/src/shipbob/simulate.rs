//! `simulate/…`: the sandbox's way to make a shipment leave and arrive.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::script::Step;
use super::state::Status;
use super::strict::{self, Field, Kind, TEXT, absent_or, optional, required};
use super::{LifeEvent, errors, life};
use crate::world::calendar::{self, MINUTE};
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::{Event, World};

const MOST_ACTIONS: usize = 5;
const LONGEST_DELAY: i64 = 2_880;

const BODY: &[Field] = &[required("shipment_id", TEXT), required("simulation", Kind::Any)];
const ACTION: &[Field] = &[
    required("action", Kind::Literal(&["ShipOrder", "DeliverOrder"])),
    absent_or("delay", Kind::Whole { min: 0, max: i64::MAX }),
    optional("next", Kind::Any),
];

/// One simulation: actions still to come and how it went.
pub(super) struct Simulation {
    id: String,
    shipment: usize,
    actions: VecDeque<(i64, &'static str)>,
    action: &'static str,
    status: &'static str,
    at: i64,
    message: &'static str,
}

/// `POST simulate/shipment`.
pub(super) fn start(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let (shipment, actions) = match parse(world, request) {
        Ok(parsed) => parsed,
        Err(refusal) => return refusal,
    };
    let index = world.shipbob.simulations.len();
    let bytes: [u8; 16] = world.chance.bytes("simulation", &index.to_string());
    let id = uuid::Uuid::from_bytes(bytes).to_string();
    let first = actions.front().copied().unwrap_or((0, ""));
    world.shipbob.simulations.push(Simulation {
        id: id.clone(),
        shipment,
        actions,
        action: first.1,
        status: "Pending",
        at: world.now.saturating_add(first.0),
        message: "",
    });
    world.schedule_in(first.0, Event::ShipBob(LifeEvent::Simulate(index)));
    TwinResponse::json(200, &json!({"simulation_id": id, "message": "Simulation created"}))
}

type Parsed = (usize, VecDeque<(i64, &'static str)>);

fn parse(world: &World, request: &TwinRequest) -> Result<Parsed, TwinResponse> {
    let body = strict::object(&request.body).map_err(|faults| errors::fields(400, &faults))?;
    let mut faults = errors::Faults::new();
    strict::check(&body, BODY, "", &mut faults);
    let mut actions = VecDeque::new();
    let mut at = body.get("simulation");
    while let Some(action) = at.filter(|action| !action.is_null()) {
        let Some(action) = action.as_object() else {
            return Err(errors::map(400, "simulation", "an object is expected."));
        };
        strict::check(action, ACTION, "simulation", &mut faults);
        let ship = action.get("action").and_then(Value::as_str) == Some("ShipOrder");
        let delay = action.get("delay").and_then(Value::as_i64).unwrap_or(0).min(LONGEST_DELAY);
        actions.push_back((delay * MINUTE, if ship { "ShipOrder" } else { "DeliverOrder" }));
        if actions.len() > MOST_ACTIONS {
            return Err(errors::map(400, "simulation", "At most 5 actions can be chained."));
        }
        at = action.get("next");
    }
    if !faults.is_empty() {
        return Err(errors::fields(400, &faults));
    }
    let id = body.get("shipment_id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let shipment = id.and_then(|id| world.shipbob.shipment_index(id));
    match shipment {
        Some(shipment) => Ok((shipment, actions)),
        None => Err(errors::map(404, "shipment_id", "Shipment not found")),
    }
}

/// Runs the action that is due.
pub(super) fn run(world: &mut World, index: usize) {
    let Some(simulation) = world.shipbob.simulations.get_mut(index) else { return };
    let Some((_, action)) = simulation.actions.pop_front() else { return };
    let next = simulation.actions.front().copied();
    let shipment = simulation.shipment;
    let (status, message) = act(world, shipment, action);
    let now = world.now;
    if let Some(simulation) = world.shipbob.simulations.get_mut(index) {
        (simulation.action, simulation.status, simulation.message) = (action, status, message);
        simulation.at = now;
        if let Some((delay, action)) = next.filter(|_| status == "Success") {
            (simulation.action, simulation.status) = (action, "Pending");
            simulation.at = now.saturating_add(delay);
        }
    }
    if let Some((delay, _)) = next.filter(|_| status == "Success") {
        world.schedule_in(delay, Event::ShipBob(LifeEvent::Simulate(index)));
    }
}

fn act(world: &mut World, shipment: usize, action: &str) -> (&'static str, &'static str) {
    let Some(one) = world.shipbob.shipments.get(shipment) else {
        return ("Failed", "Shipment not found");
    };
    let steps: &[Step] = match (action, one.status) {
        (_, Status::OnHold | Status::Exception | Status::Cancelled | Status::CleanSweeped) => {
            return ("Failed", "The shipment is on hold, in exception or cancelled");
        }
        ("ShipOrder", Status::Completed) => return ("Skipped", "Already shipped"),
        ("ShipOrder", Status::LabeledCreated) => &[Step::Complete],
        ("ShipOrder", _) if one.picked => &[Step::Pack, Step::Label, Step::Complete],
        ("ShipOrder", Status::Processing) => &[Step::Pick, Step::Pack, Step::Label, Step::Complete],
        ("ShipOrder", _) => &[Step::Allocate, Step::Pick, Step::Pack, Step::Label, Step::Complete],
        (_, Status::Completed) if one.delivered_at.is_some() => {
            return ("Skipped", "Already delivered");
        }
        (_, Status::Completed) => &[Step::InTransit, Step::OutForDelivery, Step::Deliver],
        _ => return ("Failed", "The shipment has not left yet"),
    };
    // The simulation takes over from the warehouse.
    life::unschedule(world, shipment);
    for step in steps {
        if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
            one.script = VecDeque::from([(0, *step)]);
        }
        life::advance(world, shipment);
    }
    ("Success", "")
}

/// `GET simulate/status/{id}`.
pub(super) fn status(world: &World, request: &TwinRequest) -> TwinResponse {
    let id = request.path.rsplit('/').next().unwrap_or_default();
    let Some(found) = world.shipbob.simulations.iter().find(|one| one.id == id) else {
        return TwinResponse::empty(404);
    };
    let shipment = world.shipbob.shipments.get(found.shipment).map(|one| one.id.to_string());
    let time = calendar::offset_7(found.at.saturating_add(world.config.tenant.skew_micros()));
    let body = json!({
        "simulation_id": found.id,
        "entity_id": shipment,
        "entity_type": "Shipment",
        "simulation": {
            "action": found.action,
            "status": found.status,
            "schedule_time": time,
            "message": found.message,
            "next": Value::Null,
        },
    });
    TwinResponse::json(200, &body)
}

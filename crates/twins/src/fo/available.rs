//! A custom service of the customer (X++) that takes available quantities: absolute, per SKU and warehouse, all of one call
//! or none. Exists only where the world has a life of stock.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::stock::physical;
use crate::seed::stock::{PLACES, places, shelved};
use crate::shipbob::stock::fulfillable;
use crate::world::World;
use crate::world::calendar;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::{System, effect};

const PATH: &str = "/api/services/ContosoFulfilment/Availability/set";

/// One SKU in one warehouse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AvailableTruth {
    pub warehouse: String,
    pub sku: String,
    /// What the service was told last; `None` = nothing.
    pub told: Option<i64>,
    /// What may be promised now, over all centres of the warehouse.
    pub free: i64,
}

/// Answers the service; `None` for everything else.
pub(super) fn route(
    world: &mut World,
    request: &TwinRequest,
) -> Option<Result<TwinResponse, Refusal>> {
    let here = world.config.stock && request.path == PATH;
    here.then(|| set(world, request))
}

fn set(world: &mut World, request: &TwinRequest) -> Result<TwinResponse, Refusal> {
    if request.method != http::Method::POST {
        return Err(Refusal::Method);
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| Refusal::Invocation)?;
    let Some((company, as_of, lines)) = read(&body) else {
        let text = "The parameters do not agree with the operation.";
        return Ok(TwinResponse::json(400, &json!({"Message": text})));
    };
    let no = |why: String| Ok(TwinResponse::json(200, &json!({"Success": false, "Message": why})));
    if !company.eq_ignore_ascii_case(world.seed.company) {
        return no(format!("Legal entity {company} does not exist."));
    }
    let known = physical(world);
    for ((warehouse, sku), quantity) in &lines {
        if !known.contains_key(&(warehouse.clone(), sku.clone())) {
            return no(format!("Item {sku} is not kept in warehouse {warehouse}."));
        }
        if *quantity < 0 {
            return no(format!("Item {sku}: the quantity must not be negative."));
        }
    }
    for ((warehouse, sku), quantity) in lines {
        let detail = json!({"warehouse": warehouse, "quantity": quantity, "as_of": as_of});
        world.dynamics.book.available.insert((warehouse, sku.clone()), quantity);
        world.ledger.record(world.now, System::Dynamics, effect::AVAILABLE_TOLD, sku, detail);
    }
    Ok(TwinResponse::json(200, &json!({"Success": true, "Message": ""})))
}

type Line = ((String, String), i64);

/// Every member must be one of the contract, with its type.
fn read(body: &Value) -> Option<(String, String, Vec<Line>)> {
    let only = |value: &Value, names: &[&str]| {
        value.as_object().is_some_and(|of| of.keys().all(|name| names.contains(&name.as_str())))
    };
    let inner = body.get("_request").filter(|_| only(body, &["_request"]))?;
    if !only(inner, &["DataAreaId", "AsOf", "Lines"]) {
        return None;
    }
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let as_of = text(inner, "AsOf").filter(|at| calendar::parse(at).is_some())?;
    let mut lines = Vec::new();
    for line in inner.get("Lines")?.as_array()? {
        if !only(line, &["Sku", "Warehouse", "Qty"]) {
            return None;
        }
        let quantity: Decimal =
            line.get("Qty").filter(|q| q.is_number())?.to_string().parse().ok()?;
        let quantity = quantity.to_i64().filter(|_| quantity.fract().is_zero())?;
        lines.push(((text(line, "Warehouse")?, text(line, "Sku")?), quantity));
    }
    Some((text(inner, "DataAreaId")?, as_of, lines))
}

/// Every SKU both systems keep.
pub(crate) fn told(world: &World) -> Vec<AvailableTruth> {
    let free = fulfillable(world);
    let mut all = Vec::new();
    for sku in shelved() {
        for (warehouse, ..) in PLACES {
            let centres = places(world.config.network).filter(|(id, ..)| id == warehouse);
            let here = centres.filter_map(|(.., at)| free.get(&(sku.clone(), at)));
            let key = ((*warehouse).to_owned(), sku.clone());
            all.push(AvailableTruth {
                told: world.dynamics.book.available.get(&key).copied(),
                free: here.sum(),
                warehouse: key.0,
                sku: key.1,
            });
        }
    }
    all
}

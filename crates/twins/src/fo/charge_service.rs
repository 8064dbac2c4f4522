//! A custom service of the customer (X++) that sets one charge of a sales order. Exists only where the world has bills.

use serde_json::{Value, json};

use super::charges;
use super::dmf;
use super::refusal::Refusal;
use crate::world::World;
use crate::world::exchange::{TwinRequest, TwinResponse};

const PATH: &str = "/api/services/ContosoFulfilment/OrderCharges/set";
const MEMBERS: [&str; 9] = [
    "DataAreaId",
    "SalesId",
    "LineNum",
    "ChargeCode",
    "Amount",
    "CurrencyCode",
    "Description",
    "Reference",
    "Keep",
];

/// Answers the service; `None` for everything else.
pub(super) fn route(
    world: &mut World,
    request: &TwinRequest,
) -> Option<Result<TwinResponse, Refusal>> {
    let here = world.config.billing && request.path == PATH;
    here.then(|| set(world, request))
}

fn set(world: &mut World, request: &TwinRequest) -> Result<TwinResponse, Refusal> {
    if request.method != http::Method::POST {
        return Err(Refusal::Method);
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| Refusal::Invocation)?;
    let Some((company, cells)) = read(&body) else {
        let text = "The parameters do not agree with the operation.";
        return Ok(TwinResponse::json(400, &json!({"Message": text})));
    };
    let no = |why: String| Ok(TwinResponse::json(200, &json!({"Success": false, "Message": why})));
    if !company.eq_ignore_ascii_case(world.seed.company) {
        return no(format!("Legal entity {company} does not exist."));
    }
    let number = cells.first().map(String::as_str).unwrap_or_default();
    let order = world.dynamics.db.find(number).and_then(|index| world.dynamics.db.order(index));
    if order.is_some_and(|order| order.locked_until > world.now) {
        let text = "An exception occured when invoking the operation - An update conflict occurred due to another user process.";
        return Ok(TwinResponse::json(500, &json!({"Message": text})));
    }
    let (index, number, row) = match dmf::check(world, &cells) {
        Ok(row) => row,
        Err(why) => return no(format!("Sales order {number}: {why}")),
    };
    if world.config.tenant.charge_call_refuses_same && charges::stands(world, index, &row) {
        return no(format!("Sales order {number}: line {} is charged already.", row.line));
    }
    dmf::bring(world, index, number, row);
    Ok(TwinResponse::json(200, &json!({"Success": true, "Message": ""})))
}

/// Legal entity, and the row as an import would bring it. Every member must be one of the contract, with its type.
fn read(body: &Value) -> Option<(String, Vec<String>)> {
    let outer = body.as_object().filter(|of| of.len() == 1)?;
    let inner = outer.get("_request")?.as_object()?;
    if inner.len() != MEMBERS.len() || inner.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return None;
    }
    let text = |name: &str| inner.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| inner.get(name)?.as_number().map(ToString::to_string);
    text("Reference").filter(|reference| !reference.is_empty())?;
    let cells = vec![
        text("SalesId")?,
        number("LineNum")?,
        text("ChargeCode")?,
        "Fixed".to_owned(),
        number("Amount")?,
        text("CurrencyCode")?,
        text("Description")?,
        String::new(),
        String::new(),
        text("Keep")?,
    ];
    Some((text("DataAreaId")?, cells))
}

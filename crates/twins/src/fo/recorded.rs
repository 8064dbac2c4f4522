//! A custom service of the customer (X++) that records a completed return: it attaches a note of its own to the order. It
//! takes a second call for the same return, as customers' code does. Exists only where the world has returns.

use serde_json::{Value, json};
use uuid::Uuid;

use super::refusal::Refusal;
use super::rows::Note;
use crate::world::World;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::{System, effect};

const PATH: &str = "/api/services/ContosoFulfilment/Returns/record";

/// Description of what it attaches.
fn description(id: &str) -> String {
    format!("Return record {id}")
}

/// Answers the service; `None` for everything else.
pub(super) fn route(
    world: &mut World,
    request: &TwinRequest,
) -> Option<Result<TwinResponse, Refusal>> {
    let here = world.config.returns && request.path == PATH;
    here.then(|| record(world, request))
}

fn record(world: &mut World, request: &TwinRequest) -> Result<TwinResponse, Refusal> {
    if request.method != http::Method::POST {
        return Err(Refusal::Method);
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| Refusal::Invocation)?;
    let Some((company, id, order, text)) = told(&body) else {
        let text = "The parameters do not agree with the operation.";
        return Ok(TwinResponse::json(400, &json!({"Message": text})));
    };
    // What is not told runs in the default company of the user.
    let here = company.eq_ignore_ascii_case(world.seed.company);
    let Some(index) = world.dynamics.db.find(&order).filter(|_| here) else {
        let why = format!("Sales order {order} does not exist.");
        return Ok(TwinResponse::json(200, &json!({"Success": false, "Message": why})));
    };
    let sales_id = world.dynamics.db.order(index).map(|o| o.number.clone()).unwrap_or_default();
    let rec_id = world.dynamics.db.rec_id();
    let note = Note {
        company: world.seed.company,
        id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("record {rec_id}").as_bytes()),
        rec_id,
        rec_version: 1,
        order: index,
        sales_id: sales_id.clone(),
        description: description(&id),
        text,
        kind: "Note".to_owned(),
        restriction: "Internal",
        file_name: String::new(),
        file_type: String::new(),
    };
    world.dynamics.db.insert_note(note);
    let detail = json!({"return": id});
    world.ledger.record(world.now, System::Dynamics, effect::RETURN_RECORDED, sales_id, detail);
    Ok(TwinResponse::json(200, &json!({"Success": true, "Message": ""})))
}

/// Every member must be one of the contract, with its type.
fn told(body: &Value) -> Option<(String, String, String, String)> {
    const MEMBERS: [&str; 5] = ["DataAreaId", "ReturnId", "SalesId", "CompletedDate", "Lines"];
    const LINE: [&str; 4] = ["Sku", "Restocked", "Quarantined", "Disposed"];
    let outer = body.as_object().filter(|o| o.len() == 1)?;
    let members = outer.get("_request")?.as_object()?;
    if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return None;
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    text("CompletedDate").filter(|date| date.parse::<jiff::civil::Date>().is_ok())?;
    let mut lines = Vec::new();
    for line in members.get("Lines")?.as_array()? {
        let of = line.as_object()?;
        if of.keys().any(|name| !LINE.contains(&name.as_str())) {
            return None;
        }
        let pieces = |name: &str| of.get(name).and_then(Value::as_i64);
        let (restocked, disposed) = (pieces("Restocked")?, pieces("Disposed")?);
        let quarantined = pieces("Quarantined")?;
        let sku = of.get("Sku")?.as_str()?;
        lines.push(format!("{sku}: {restocked}/{quarantined}/{disposed}"));
    }
    let company = text("DataAreaId").unwrap_or_default();
    Some((company, text("ReturnId")?, text("SalesId")?, lines.join("\n")))
}

/// Texts of our notes of a return, and how often the service recorded it.
pub(crate) fn of_return(world: &World, order: Option<&str>, id: i64) -> (Vec<String>, usize) {
    let db = &world.dynamics.db;
    let Some(index) = order.and_then(|order| db.find(order)) else { return (Vec::new(), 0) };
    let ours = format!("ShipBob return {id}");
    let own = description(&id.to_string());
    let texts = db.notes_of(index).filter(|note| note.description == ours);
    let texts = texts.map(|note| note.text.clone()).collect();
    (texts, db.notes_of(index).filter(|note| note.description == own).count())
}

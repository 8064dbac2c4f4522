//! The customer's own call (X++): a custom service, or an action of an entity, that posts a packing slip of what it is
//! told. It takes a slip number of the caller. Exists only where the world says so.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::auth::Caller;
use super::refusal::Refusal;
use super::{life, slips};
use crate::world::World;
use crate::world::breaks::Break;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::{System, effect};

const GROUP: &str = "ContosoFulfilment";
const SERVICE: &str = "PackingSlips";
const OPERATION: &str = "post";
/// Address of the action.
const ACTION: &str = "/data/ContosoPackingSlips/Microsoft.Dynamics.DataEntities.post";
/// Its entity in the metadata.
const ENTITY: &str = "ContosoPackingSlip";

/// Why nothing was posted.
enum No {
    /// The code says so itself.
    Said(String),
    /// An X++ exception.
    Threw(String),
}

fn there(world: &World) -> bool {
    world.config.whs && world.config.tier3 && !world.broken(Break::CallMissing)
}

/// Answers what is the customer's own; `None` for everything else.
pub(super) fn route(
    world: &mut World,
    caller: Caller,
    request: &TwinRequest,
) -> Option<Result<TwinResponse, Refusal>> {
    if caller != Caller::Stranger
        && let Some(answer) = super::recorded::route(world, request)
            .or_else(|| super::available::route(world, request))
            .or_else(|| super::charge_service::route(world, request))
    {
        return Some(answer);
    }
    let there = there(world);
    let is_action = world.config.tenant.call_is_action;
    if let Some(path) = request.path.strip_prefix("/api/services") {
        return Some(if caller == Caller::Stranger {
            Err(Refusal::Forbidden)
        } else if there && !is_action {
            service(world, request, path)
        } else {
            Err(Refusal::NoRoute(request.path.clone()))
        });
    }
    if request.path != ACTION || !there || !is_action {
        return None;
    }
    Some(if caller == Caller::Stranger { Err(Refusal::Forbidden) } else { action(world, request) })
}

/// What `/metadata/PublicEntities` tells of the action's entity.
pub(super) fn described(world: &World, entity: &str) -> Option<Value> {
    let there = there(world) && world.config.tenant.call_is_action;
    (there && entity == ENTITY).then(|| {
        json!({
            "Name": ENTITY,
            "EntitySetName": "ContosoPackingSlips",
            "IsReadOnly": false,
            "ConfigurationEnabled": true,
            "Properties": [],
            "NavigationProperties": [],
            "Actions": [{"Name": OPERATION, "BindingKind": "BoundToEntitySet", "Parameters": []}],
        })
    })
}

fn service(world: &mut World, request: &TwinRequest, path: &str) -> Result<TwinResponse, Refusal> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let list = |key: &str, name: &str| Ok(TwinResponse::json(200, &json!({key: [{"Name": name}]})));
    let unknown = || Err(Refusal::NoRoute(request.path.clone()));
    let get = request.method == http::Method::GET;
    match parts.as_slice() {
        [] if get => list("ServiceGroups", GROUP),
        [GROUP] if get => list("Services", SERVICE),
        [GROUP, SERVICE] if get => list("Operations", OPERATION),
        [GROUP, SERVICE, OPERATION] if request.method == http::Method::POST => {
            let body: Value =
                serde_json::from_slice(&request.body).map_err(|_| Refusal::Invocation)?;
            let told = body.get("_request").and_then(Told::read);
            let Some(told) = told.filter(|_| body.as_object().is_some_and(|o| o.len() == 1)) else {
                let text = "The parameters do not agree with the operation.";
                return Ok(TwinResponse::json(400, &json!({"Message": text})));
            };
            Ok(match post(world, &told) {
                Ok(slip) => {
                    let body =
                        json!({"$id": "1", "Success": true, "PackingSlipId": slip, "Message": ""});
                    TwinResponse::json(200, &body)
                }
                Err(No::Said(why)) => {
                    let body =
                        json!({"$id": "1", "Success": false, "PackingSlipId": "", "Message": why});
                    TwinResponse::json(200, &body)
                }
                Err(No::Threw(why)) => {
                    let text = format!("An exception occured when invoking the operation - {why}");
                    TwinResponse::json(500, &json!({"Message": text}))
                }
            })
        }
        _ => unknown(),
    }
}

fn action(world: &mut World, request: &TwinRequest) -> Result<TwinResponse, Refusal> {
    if request.method != http::Method::POST {
        return Err(Refusal::Method);
    }
    let infolog =
        |text: String| Refusal::Infolog { entity: ENTITY, text: format!("Error: {text}") };
    if !request.query.contains("cross-company=true") {
        // The service user's default company has no such order.
        return Err(infolog("The sales order does not exist.".to_owned()));
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| Refusal::Invocation)?;
    let told = Told::read(&body).ok_or(Refusal::Invocation)?;
    match post(world, &told) {
        Ok(slip) => {
            let context = "$metadata#Edm.String";
            Ok(TwinResponse::json(200, &json!({"@odata.context": context, "value": slip})))
        }
        Err(No::Said(why) | No::Threw(why)) => Err(infolog(why)),
    }
}

/// The parameters.
struct Told {
    company: String,
    order: String,
    slip: String,
    lines: Vec<(String, Decimal)>,
}

impl Told {
    /// Every member must be one of the contract, with its type.
    fn read(value: &Value) -> Option<Told> {
        const MEMBERS: [&str; 6] =
            ["DataAreaId", "SalesId", "PackingSlipId", "ShipDate", "TrackingNumber", "Lines"];
        let members = value.as_object()?;
        if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
            return None;
        }
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        text("ShipDate").filter(|date| date.parse::<jiff::civil::Date>().is_ok())?;
        let line = |line: &Value| {
            let quantity: Decimal = line.get("Qty")?.as_number()?.to_string().parse().ok()?;
            Some((line.get("InventTransId")?.as_str()?.to_owned(), quantity))
        };
        let lines: Option<Vec<_>> = members.get("Lines")?.as_array()?.iter().map(line).collect();
        Some(Told {
            company: text("DataAreaId")?,
            order: text("SalesId")?,
            slip: text("PackingSlipId")?,
            lines: lines?,
        })
    }
}

fn post(world: &mut World, told: &Told) -> Result<String, No> {
    let threw = |why: String| Err(No::Threw(why));
    let said = |why: String| Err(No::Said(why));
    if !told.company.eq_ignore_ascii_case(&world.config.company) {
        return threw(format!("Company {} does not exist.", told.company));
    }
    let Some(index) = world.dynamics.db.find(&told.order) else {
        return threw(format!("Sales order {} does not exist.", told.order));
    };
    let Some(order) = world.dynamics.db.order(index) else {
        return threw(format!("Sales order {} does not exist.", told.order));
    };
    if order.locked_until > world.now {
        return threw("An update conflict occurred due to another user process.".to_owned());
    }
    let same =
        world.dynamics.db.slips_of(index).filter(|slip| slip.id.starts_with(&told.slip)).count();
    if same > 0 && !world.config.tenant.call_posts_twice {
        return said(format!("Packing slip {} has already been posted.", told.slip));
    }
    if order.stopped || order.status() != "Backorder" {
        return said(format!("Sales order {} cannot be delivered.", told.order));
    }
    let mut selected = Vec::new();
    for (lot, quantity) in &told.lines {
        let line = order.lines.iter().find(|line| line.lot.eq_ignore_ascii_case(lot));
        let Some(line) = line.filter(|line| line.status != "Canceled") else {
            return threw(format!("Lot {lot} is not open on sales order {}.", told.order));
        };
        if *quantity <= Decimal::ZERO || *quantity > line.remain {
            return said(format!(
                "Quantity {} of lot {lot} differs from the deliver remainder {}.",
                quantity.normalize(),
                line.remain.normalize()
            ));
        }
        selected.push((line.seq, *quantity));
    }
    if order.stock_lacks > 0 {
        world.dynamics.db.quietly(index, |order| order.stock_lacks -= 1);
        return threw("Physical on-hand is not sufficient.".to_owned());
    }
    let id = if same > 0 { format!("{}-{}", told.slip, same + 1) } else { told.slip.clone() };
    if !slips::post_these(world, index, &selected, "service", Some(id.clone())) {
        return said("There is nothing to post.".to_owned());
    }
    let detail = json!({"slip": id, "lines": selected.len()});
    world.ledger.record(
        world.now,
        System::Dynamics,
        effect::CALL_CARRIED_OUT,
        told.order.clone(),
        detail,
    );
    life::reconsider(world, index);
    Ok(id)
}

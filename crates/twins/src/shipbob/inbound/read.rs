//! `GET return`, `GET return/{id}`, `GET receiving`, `GET receiving/{id}`.

use serde_json::{Value, json};

use super::receiving::Wro;
use super::returns::{Back, Line, Stage};
use super::{FIRST_RECEIVING, FIRST_RETURN, number};
use crate::shipbob::query::Query;
use crate::shipbob::route::wanted_channel;
use crate::shipbob::{catalogue, errors};
use crate::world::World;
use crate::world::calendar::{self, DAY};
use crate::world::exchange::{TwinRequest, TwinResponse};

const RETURN_FILTERS: &[&str] = &[
    "Ids",
    "ReferenceIds",
    "Status",
    "TrackingNumbers",
    "OriginalShipmentIds",
    "StartDate",
    "EndDate",
    "CompletedStartDate",
    "CompletedEndDate",
    "SortOrder",
    "Cursor",
    "Limit",
];

const OTHER_RETURN_FILTERS: &[&str] = &[
    "FulfillmentCenterIds",
    "InventoryIds",
    "ReturnTypes",
    "ReturnActions",
    "StoreOrderIds",
    "Sortby",
];

const RECEIVING_FILTERS: &[&str] = &[
    "IDs",
    "Statuses",
    "PurchaseOrderNumbers",
    "InsertStartDate",
    "InsertEndDate",
    "CompletedStartDate",
    "CompletedEndDate",
    "Page",
    "Limit",
];

const STATUSES: &[&str] = &["AwaitingArrival", "Arrived", "Processing", "Completed", "Cancelled"];

const WRO_STATUSES: &[&str] = &[
    "Awaiting",
    "Processing",
    "Completed",
    "Cancelled",
    "Incomplete",
    "Arrived",
    "PartiallyArrived",
    "PartiallyArrivedAtHub",
    "ArrivedAtHub",
    "ProcessingAtHub",
    "InternalTransfer",
];

/// Longest page. The vendor's is not known; ours is shorter than what anybody asks.
const LONGEST: i64 = 60;

fn stamp(world: &World, at: i64) -> String {
    calendar::offset_7(at.saturating_add(world.config.tenant.skew_micros()))
}

fn inside(from: Option<i64>, to: Option<i64>, at: Option<i64>) -> bool {
    (from.is_none() && to.is_none())
        || at.is_some_and(|at| from.is_none_or(|f| at >= f) && to.is_none_or(|t| at <= t))
}

fn moment(world: &World, query: &Query, name: &str) -> Result<Option<i64>, TwinResponse> {
    let skew = world.config.tenant.skew_micros();
    Ok(query.moment(name)?.map(|at| at.saturating_sub(skew)))
}

fn literal(all: Option<&Vec<String>>, known: &[&str], name: &str) -> Result<(), TwinResponse> {
    let odd = all.and_then(|all| all.iter().find(|one| !known.contains(&one.as_str())));
    match odd {
        Some(odd) => {
            Err(errors::problem(400, "Bad Request", &format!("{name} '{odd}' is not valid")))
        }
        None => Ok(()),
    }
}

/// `GET return`: pages by number; body with addresses of the neighbours, headers besides.
pub(in crate::shipbob) fn returns(world: &World, request: &TwinRequest) -> TwinResponse {
    match listed_returns(world, request) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn listed_returns(world: &World, request: &TwinRequest) -> Result<TwinResponse, TwinResponse> {
    let query = Query::parse(request, RETURN_FILTERS, OTHER_RETURN_FILTERS)?;
    let page = query.whole("Cursor", 1, 1_000_000)?.unwrap_or(1);
    let limit = query.whole("Limit", 1, 250)?.unwrap_or(25).min(LONGEST);
    let ascending = match query.raw("SortOrder") {
        Some("Asc") => true,
        None | Some("Desc") => false,
        Some(other) => {
            let why = format!("SortOrder '{other}' is not valid");
            return Err(errors::problem(400, "Bad Request", &why));
        }
    };
    let (ids, references) = (query.numbers("Ids")?, query.list("ReferenceIds")?);
    let (statuses, numbers) = (query.list("Status")?, query.list("TrackingNumbers")?);
    literal(statuses.as_ref(), STATUSES, "Status")?;
    let shipments = query.numbers("OriginalShipmentIds")?;
    let (from, to) = (moment(world, &query, "StartDate")?, moment(world, &query, "EndDate")?);
    let done_from = moment(world, &query, "CompletedStartDate")?;
    let done_to = moment(world, &query, "CompletedEndDate")?;
    let channel = wanted_channel(request);
    let seen_until = world.now.saturating_sub(request.lag_micros);
    let holds = |(index, back): &(usize, &Back)| {
        let made = back.since(Stage::Awaiting);
        let shipment = back.shipment.and_then(|at| world.shipbob.shipments.get(at));
        made.is_some_and(|at| at <= seen_until)
            && channel.is_none_or(|channel| channel == back.channel)
            && ids.as_ref().is_none_or(|ids| ids.contains(&number(FIRST_RETURN, *index)))
            && references.as_ref().is_none_or(|all| all.contains(&reference(world, back)))
            && statuses.as_ref().is_none_or(|all| all.iter().any(|s| s == back.stage.name()))
            && numbers.as_ref().is_none_or(|all| all.contains(&tracking(world, back)))
            && shipments.as_ref().is_none_or(|all| shipment.is_some_and(|s| all.contains(&s.id)))
            && inside(from, to, made)
            && inside(done_from, done_to, back.since(Stage::Completed))
    };
    let all = world.shipbob.docks.returns.iter().enumerate().filter(holds);
    let mut found: Vec<usize> = all.map(|(index, _)| index).collect();
    if !ascending {
        found.reverse();
    }
    let (limit, page) = (usize::try_from(limit).unwrap_or(25), usize::try_from(page).unwrap_or(1));
    let pages = found.len().div_ceil(limit);
    let of = found.iter().skip((page - 1).saturating_mul(limit)).take(limit);
    let items: Vec<Value> = of.map(|index| shown_return(world, *index)).collect();
    let link = |at: usize| format!("/return?Cursor={at}&Limit={limit}");
    let body = json!({
        "items": items,
        "first": link(1),
        "prev": (page > 1).then(|| link(page - 1)),
        "next": (page < pages).then(|| link(page + 1)),
        "last": link(pages.max(1)),
    });
    Ok(TwinResponse::json(200, &body)
        .with("page-number", page.to_string())
        .with("page-size", limit.to_string())
        .with("total-count", found.len().to_string())
        .with("total-pages", pages.to_string()))
}

/// `GET return/{id}`.
pub(in crate::shipbob) fn one_return(world: &World, id: i64) -> TwinResponse {
    let index = id.checked_sub(FIRST_RETURN).and_then(|at| usize::try_from(at).ok());
    match index.filter(|at| *at < world.shipbob.docks.returns.len()) {
        Some(index) => TwinResponse::json(200, &shown_return(world, index)),
        None => errors::problem(404, "Not Found", &format!("Return {id} was not found")),
    }
}

fn reference(world: &World, back: &Back) -> String {
    format!("RMA-{}", world.chance.digits("rma", &back.key, 8))
}

fn tracking(world: &World, back: &Back) -> String {
    format!("92{}", world.chance.digits("tracking back", &back.key, 20))
}

/// A return as its GET shows it.
pub(super) fn shown_return(world: &World, index: usize) -> Value {
    let Some(back) = world.shipbob.docks.returns.get(index) else { return Value::Null };
    let shipment = back.shipment.and_then(|at| world.shipbob.shipments.get(at));
    let sent = shipment.and_then(|s| s.tracking.as_ref()).and_then(|t| t.number.clone());
    let named = back.story != super::returns::Story::Unnamed || sent.is_none();
    let since = |stage: Stage| back.since(stage).map(|at| stamp(world, at));
    let spaced = world.config.tenant.return_status_spaced;
    let status = match back.stage.name() {
        "AwaitingArrival" if spaced => "Awaiting Arrival",
        name => name,
    };
    let to_sender = back.story == super::returns::Story::ToSender;
    let history: Vec<Value> = back
        .stages
        .iter()
        .map(|(stage, at)| json!({"status": stage.name(), "timestamp": stamp(world, *at)}))
        .collect();
    json!({
        "id": number(FIRST_RETURN, index),
        "reference_id": reference(world, back),
        "store_order_id": Value::Null,
        "original_shipment_id": shipment.filter(|_| named).map(|s| s.id),
        "shipment_tracking_number": sent,
        "tracking_number": tracking(world, back),
        "status": status,
        "return_type": if to_sender { "ReturnToSender" } else { "Regular" },
        "customer_name": "Jördis O'Neil",
        "channel": {"id": back.channel, "name": catalogue::channel_name(world, back.channel)},
        "fulfillment_center": {"id": back.centre, "name": catalogue::location_name(back.centre)},
        "insert_date": since(Stage::Awaiting),
        "awaiting_arrival_date": since(Stage::Awaiting),
        "arrived_date": since(Stage::Arrived),
        "processing_date": since(Stage::Processing),
        "completed_date": since(Stage::Completed),
        "cancelled_date": since(Stage::Cancelled),
        "status_history": history,
        "inventory": back.lines.iter().map(|line| shown_line(world, line)).collect::<Vec<_>>(),
        "invoice": {"amount": Value::Null, "currency_code": Value::Null},
        "transactions": [],
    })
}

fn shown_line(world: &World, line: &Line) -> Value {
    let product = world.shipbob.catalogue.product(line.product);
    let taken: Vec<Value> = line
        .done
        .iter()
        .map(|done| {
            json!({
                "action": done.action,
                "quantity_processed": done.pieces,
                "action_reason": done.reason,
                "image_url": Value::Null,
            })
        })
        .collect();
    json!({
        "id": product.map(|p| p.inventory_id),
        "sku": product.map(|p| p.sku.clone()),
        "name": product.map(|p| p.name.clone()),
        "quantity": line.pieces,
        "barcodes": [],
        "lot_information": {"number": Value::Null, "expiration": Value::Null, "minimumShelfLife": Value::Null},
        "action_requested": {"action": "Restock", "action_type": "Default", "instructions": Value::Null},
        "action_taken": taken,
    })
}

/// `GET receiving`: a bare array, page numbers in headers.
pub(in crate::shipbob) fn receiving(world: &World, request: &TwinRequest) -> TwinResponse {
    match listed_receiving(world, request) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn listed_receiving(world: &World, request: &TwinRequest) -> Result<TwinResponse, TwinResponse> {
    let query =
        Query::parse(request, RECEIVING_FILTERS, &["FulfillmentCenterIds", "ExternalSync"])?;
    let page = usize::try_from(query.whole("Page", 1, 1_000_000)?.unwrap_or(1)).unwrap_or(1);
    let limit = query.whole("Limit", 1, 250)?.unwrap_or(50).min(LONGEST);
    let limit = usize::try_from(limit).unwrap_or(50);
    let ids = query.numbers("IDs")?;
    let (statuses, orders) = (query.list("Statuses")?, query.list("PurchaseOrderNumbers")?);
    literal(statuses.as_ref(), WRO_STATUSES, "Statuses")?;
    let from = moment(world, &query, "InsertStartDate")?;
    let to = moment(world, &query, "InsertEndDate")?;
    let done_from = moment(world, &query, "CompletedStartDate")?;
    let done_to = moment(world, &query, "CompletedEndDate")?;
    let seen_until = world.now.saturating_sub(request.lag_micros);
    let holds = |(index, one): &(usize, &Wro)| {
        let done = one.history.iter().find(|(status, _)| *status == "Completed").map(|(_, at)| *at);
        one.created_at <= seen_until
            && ids.as_ref().is_none_or(|ids| ids.contains(&number(FIRST_RECEIVING, *index)))
            && statuses.as_ref().is_none_or(|all| all.iter().any(|s| s == one.status))
            && orders.as_ref().is_none_or(|all| all.contains(&one.purchase_order))
            && inside(from, to, Some(one.created_at))
            && inside(done_from, done_to, done)
    };
    let all = world.shipbob.docks.receiving.iter().enumerate().filter(holds);
    let mut found: Vec<usize> = all.map(|(index, _)| index).collect();
    // Newest first, as the portal shows them.
    found.reverse();
    let pages = found.len().div_ceil(limit);
    let of = found.iter().skip((page - 1).saturating_mul(limit)).take(limit);
    let items: Vec<Value> = of.map(|index| shown_receiving(world, *index)).collect();
    let reply = TwinResponse::json(200, &Value::Array(items));
    if world.config.tenant.paging_headers_missing {
        return Ok(reply);
    }
    let reply = reply
        .with("page-number", page.to_string())
        .with("page-size", limit.to_string())
        .with("total-count", found.len().to_string())
        .with("total-pages", pages.to_string());
    Ok(if page < pages { reply.with("next-page", (page + 1).to_string()) } else { reply })
}

/// `GET receiving/{id}`.
pub(in crate::shipbob) fn one_receiving(world: &World, id: i64) -> TwinResponse {
    let index = id.checked_sub(FIRST_RECEIVING).and_then(|at| usize::try_from(at).ok());
    match index.filter(|at| *at < world.shipbob.docks.receiving.len()) {
        Some(index) => TwinResponse::json(200, &shown_receiving(world, index)),
        None => errors::problem(404, "Not Found", &format!("Receiving order {id} was not found")),
    }
}

/// A receiving order as its GET shows it.
pub(super) fn shown_receiving(world: &World, index: usize) -> Value {
    let Some(one) = world.shipbob.docks.receiving.get(index) else { return Value::Null };
    let history: Vec<Value> = one
        .history
        .iter()
        .enumerate()
        .map(|(id, (status, at))| json!({"id": id, "status": status, "timestamp": stamp(world, *at)}))
        .collect();
    let updated = one.history.last().map_or(one.created_at, |(_, at)| *at);
    let line = |line: &super::receiving::Line| {
        let product = world.shipbob.catalogue.product(line.product);
        json!({
            "inventory_id": product.map(|p| p.inventory_id),
            "sku": product.map(|p| p.sku.clone()),
            "expected_quantity": line.expected,
            "received_quantity": line.received,
            "stowed_quantity": line.stowed,
        })
    };
    json!({
        "id": number(FIRST_RECEIVING, index),
        "purchase_order_number": one.purchase_order,
        "status": one.status,
        "package_type": "Package",
        "box_packaging_type": "EverythingInOneBox",
        "expected_arrival_date": stamp(world, one.created_at + 5 * DAY),
        "insert_date": stamp(world, one.created_at),
        "last_updated_date": stamp(world, updated),
        "box_labels_uri": Value::Null,
        "external_sync_timestamp": Value::Null,
        "fulfillment_center": {"id": one.centre, "name": catalogue::location_name(one.centre)},
        "inventory_quantities": one.lines.iter().map(line).collect::<Vec<_>>(),
        "status_history": history,
    })
}

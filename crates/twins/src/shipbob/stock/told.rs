//! What ShipBob tells of its stock: levels, lots and the history of events.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Moved, Shelf};
use crate::shipbob::query::Query;
use crate::shipbob::state::Status;
use crate::shipbob::{catalogue, errors};
use crate::world::World;
use crate::world::calendar;
use crate::world::exchange::{TwinRequest, TwinResponse};

/// Events on one page.
const HISTORY_PAGE: usize = 250;
/// Longest range of a history query.
const RANGE: i64 = 90 * calendar::DAY;

/// Pieces promised to orders that are not picked yet, by shelf.
pub(super) fn committed(world: &World) -> BTreeMap<Shelf, i64> {
    let state = &world.shipbob;
    let mut sums = BTreeMap::new();
    let open =
        |status: Status| matches!(status, Status::Processing | Status::OnHold | Status::Exception);
    for one in state.shipments.iter().filter(|one| !one.picked && open(one.status)) {
        let Some(order) = state.orders.get(one.order) else { continue };
        for content in &one.contents {
            let Some(line) = order.lines.get(content.line) else { continue };
            *sums.entry((line.product, one.location)).or_default() += content.quantity;
        }
    }
    sums
}

/// `GET inventory-level/locations`: cursor pages of odd sizes; `next` is a path without the version.
pub(in crate::shipbob) fn levels(world: &World, request: &TwinRequest) -> TwinResponse {
    match listed(world, request, false) {
        Ok(reply) | Err(reply) => reply,
    }
}

/// `GET inventory-level/lots`: the same list; what is kept in no lot has an empty one.
pub(in crate::shipbob) fn lots(world: &World, request: &TwinRequest) -> TwinResponse {
    match listed(world, request, true) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn listed(world: &World, request: &TwinRequest, lots: bool) -> Result<TwinResponse, TwinResponse> {
    let simulated = ["InventoryIds", "IsActive", "IsDigital", "PageSize", "LocationId", "cursor"];
    let known = ["SearchBy", "SortBy", "LocationType"];
    let query = Query::parse(request, &simulated, &known)?;
    let size = usize::try_from(query.whole("PageSize", 1, 250)?.unwrap_or(100)).unwrap_or(100);
    let Some(start) = catalogue::cursor(&query) else {
        return Err(errors::map(400, "cursor", "The cursor is not valid."));
    };
    let ids = query.numbers("InventoryIds")?;
    query.flag("IsActive")?;
    let digital = query.flag("IsDigital")?.unwrap_or(false);
    let location = query.whole("LocationId", 0, i64::MAX)?;
    let committed = committed(world);
    let catalogue = &world.shipbob.catalogue;
    let all: Vec<usize> = (0..catalogue.len())
        .filter(|at| !digital && catalogue.product(*at).is_some_and(|p| p.components.is_empty()))
        .filter(|at| {
            let id = catalogue.product(*at).map(|p| p.inventory_id);
            ids.as_ref().is_none_or(|ids| id.is_some_and(|id| ids.contains(&id)))
        })
        .collect();
    let take = size.saturating_sub(start % 3).max(1);
    let items: Vec<Value> = all
        .iter()
        .skip(start)
        .take(take)
        .filter_map(|at| match lots {
            true => lot_item(world, *at, location, &committed),
            false => item(world, *at, location, &committed),
        })
        .collect();
    let next = catalogue::next_cursor(start, take.min(all.len().saturating_sub(start)), all.len());
    let part = if lots { "lots" } else { "locations" };
    let next =
        next.map(|cursor| format!("/Inventory-Level/{part}?Cursor={cursor}&PageSize={size}"));
    let body = json!({"items": items, "first": null, "last": null, "next": next, "prev": null});
    Ok(TwinResponse::json(200, &body))
}

fn item(
    world: &World,
    at: usize,
    location: Option<i64>,
    committed: &BTreeMap<Shelf, i64>,
) -> Option<Value> {
    let product = world.shipbob.catalogue.product(at)?;
    let stock = &world.shipbob.stock;
    let shelves = stock.on_hand.range((at, i64::MIN)..=(at, i64::MAX));
    let shelves = shelves.filter(|((_, centre), _)| location.is_none_or(|id| id == *centre));
    let shown = |((_, centre), on_hand): (&Shelf, &i64)| {
        let promised = committed.get(&(at, *centre)).copied().unwrap_or(0);
        json!({
            "location_id": centre,
            "name": catalogue::location_name(*centre),
            "on_hand_quantity": on_hand,
            "committed_quantity": promised,
            "fulfillable_quantity": on_hand - promised,
            "awaiting_quantity": stock.awaiting.get(&(at, *centre)).copied().unwrap_or(0),
            "internal_transfer_quantity": 0,
        })
    };
    Some(json!({
        "inventory_id": product.inventory_id,
        "name": product.name,
        "sku": product.sku,
        "locations": shelves.map(shown).collect::<Vec<_>>(),
    }))
}

/// Lots of one product: the older one holds what is left of the first half, promised pieces are taken from it first.
fn lot_item(
    world: &World,
    at: usize,
    location: Option<i64>,
    committed: &BTreeMap<Shelf, i64>,
) -> Option<Value> {
    let product = world.shipbob.catalogue.product(at)?;
    let stock = &world.shipbob.stock;
    let mut lots: Vec<Value> = Vec::new();
    if lotted(world, &product.sku) {
        for (nth, date) in ["2027-03-31T00:00:00Z", "2027-09-30T00:00:00Z"].into_iter().enumerate()
        {
            let shelves = stock.on_hand.range((at, i64::MIN)..=(at, i64::MAX));
            let mut places = Vec::new();
            let mut total = 0;
            for ((_, centre), on_hand) in shelves {
                if location.is_some_and(|id| id != *centre) {
                    continue;
                }
                let older = on_hand / 2;
                let pieces = if nth == 0 { older } else { on_hand - older };
                let promised = committed.get(&(at, *centre)).copied().unwrap_or(0);
                let first = promised.min(older).max(0);
                let promised = if nth == 0 { first } else { promised - first };
                total += pieces;
                places.push(json!({
                    "location_id": centre,
                    "name": catalogue::location_name(*centre),
                    "on_hand_quantity": pieces,
                    "committed_quantity": promised,
                    "fulfillable_quantity": pieces - promised,
                    "awaiting_quantity": 0,
                    "internal_transfer_quantity": 0,
                }));
            }
            lots.push(json!({
                "lot_number": format!("L{}-{nth}", product.inventory_id),
                "lot_date": date,
                "on_hand_quantity": total,
                "locations": places,
            }));
        }
    }
    Some(json!({
        "inventory_id": product.inventory_id,
        "name": product.name,
        "sku": product.sku,
        "lots": lots,
    }))
}

/// The SKU is kept in lots.
fn lotted(world: &World, sku: &str) -> bool {
    world.chance.per_mille("kept in lots", sku, 250)
}

/// `POST inventory/history:query`.
pub(in crate::shipbob) fn history(world: &World, request: &TwinRequest) -> TwinResponse {
    match told(world, request) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn told(world: &World, request: &TwinRequest) -> Result<TwinResponse, TwinResponse> {
    const FIELDS: &[&str] =
        &["facility_id", "event_category", "inventory_ids", "start_date", "end_date", "cursor"];
    let bad = |name: &str| errors::problem(400, "Bad Request", &format!("{name} is not valid"));
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| bad("body"))?;
    let object = body.as_object().ok_or_else(|| bad("body"))?;
    if let Some(name) = object.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(bad(name));
    }
    let query = Query::parse(request, &["cursor"], &[])?;
    let facility = object.get("facility_id").and_then(Value::as_i64);
    let facility =
        facility.filter(|id| catalogue::is_location(*id)).ok_or_else(|| bad("facility_id"))?;
    let moment = |name: &str| match object.get(name).and_then(Value::as_str) {
        None => Ok(None),
        Some(text) => calendar::parse(text).map(Some).ok_or_else(|| bad(name)),
    };
    let end = moment("end_date")?.unwrap_or(world.now);
    let start = moment("start_date")?.unwrap_or(end - RANGE);
    if end.saturating_sub(start) > RANGE {
        return Err(bad("start_date"));
    }
    let after = match query.whole("cursor", 0, i64::MAX)? {
        Some(id) => Some(id),
        None => object.get("cursor").and_then(Value::as_i64),
    };
    let seen_until = world.now.saturating_sub(request.lag_micros);
    let here = |one: &&Moved| {
        let at = |side: Option<(i64, i64)>| side.is_some_and(|(centre, _)| centre == facility);
        (at(one.from) || at(one.to))
            && after.is_none_or(|id| one.id > id)
            && (start..=end).contains(&one.at)
            && one.at <= seen_until
    };
    let mut found = world.shipbob.stock.history.iter().filter(here);
    let page: Vec<&Moved> = found.by_ref().take(HISTORY_PAGE).collect();
    let next = found.next().and(page.last()).map(|last| {
        format!(
            "https://sandbox-api.shipbob.com/2026-01/inventory/history:query?cursor={}",
            last.id
        )
    });
    let data: Vec<Value> = page.into_iter().map(|one| event(world, one)).collect();
    let body = json!({"data": data, "first": null, "last": null, "next": next, "prev": null});
    Ok(TwinResponse::json(200, &body))
}

fn event(world: &World, one: &Moved) -> Value {
    let product = world.shipbob.catalogue.product(one.product);
    let side = |side: Option<(i64, i64)>, sign: i64| match side {
        None => Value::Null,
        Some((centre, pieces)) => json!({
            "facility_id": centre,
            "location_id": 4_000 + centre,
            "lot_number": null,
            "expiration_date": null,
            "quantity_change": sign * pieces,
            "committed_quantity_change": 0,
            "sku": product.map(|p| p.sku.as_str()),
            "inventory_status": "Good",
        }),
    };
    json!({
        "inventory_audit_event_id": one.id,
        "inventory_id": product.map(|p| p.inventory_id),
        "event_category": one.category,
        "event_datetime": calendar::offset_7(one.at.saturating_add(world.config.tenant.skew_micros())),
        "shipbob_order_id": one.order,
        "additional_reference": one.reference.iter().map(|(key, value)| json!({"key": key, "value": value})).collect::<Vec<_>>(),
        "decrement": side(one.from, -1),
        "increment": side(one.to, 1),
    })
}

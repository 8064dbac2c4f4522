//! Stock per fulfilment centre and the history of its changes. What is on a shelf moves here and nowhere else, and
//! every move is an event: the sum of a shelf's events is the shelf.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::query::Query;
use super::state::Status;
use super::{LifeEvent, catalogue, errors};
use crate::seed::stock::{PLACES, Story, initial, places, shelved, story, story_inside};
use crate::world::calendar::{self, HOUR, MINUTE};
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::{System, effect};
use crate::world::mapping::WRITE_CHANNEL;
use crate::world::{Event, World};

/// First audit event.
const FIRST_EVENT: i64 = 88_000_000;
/// First order of the web shop.
const FIRST_FOREIGN: i64 = 555_000_000;
/// Events on one page.
const HISTORY_PAGE: usize = 250;
/// Longest range of a history query.
const RANGE: i64 = 90 * calendar::DAY;

/// A shelf: product and centre.
type Shelf = (usize, i64);

/// Something that happens to a shelf besides our orders.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    product: usize,
    centre: i64,
    story: Story,
    nth: u32,
}

/// One event of the history.
struct Moved {
    id: i64,
    at: i64,
    product: usize,
    category: &'static str,
    order: Option<i64>,
    /// Centre and pieces that left it.
    from: Option<(i64, i64)>,
    /// Centre and pieces that came.
    to: Option<(i64, i64)>,
    /// Type and value of what it refers to.
    reference: Option<(&'static str, String)>,
}

/// A pick for an order of ours.
pub(crate) struct Picked {
    pub(crate) order_number: String,
    pub(crate) sku: String,
    pub(crate) centre: i64,
    pub(crate) pieces: i64,
    /// Of the line's own SKU, not as a part of a kit.
    pub(crate) direct: bool,
}

/// All shelves.
#[derive(Default)]
pub(crate) struct Stock {
    on_hand: BTreeMap<Shelf, i64>,
    awaiting: BTreeMap<Shelf, i64>,
    history: Vec<Moved>,
    /// What our orders took.
    pub(crate) picked: Vec<Picked>,
    /// Told apart by cause: pieces other channels sold, net pieces that came from other centres, pieces stowed, and
    /// pieces found (lost ones are negative).
    pub(crate) sums: BTreeMap<(String, i64), Sums>,
}

/// Net moves of one shelf by cause.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) sold_elsewhere: i64,
    pub(crate) transferred_in: i64,
    pub(crate) stowed: i64,
    pub(crate) found: i64,
}

impl Stock {
    /// So many pieces lie there at the first moment.
    pub(super) fn lay(&mut self, product: usize, centre: i64, pieces: i64) {
        self.on_hand.insert((product, centre), pieces);
    }
}

/// Fills the shelves; in a world with stock life, plans what happens to them.
pub(super) fn start(world: &mut World) {
    for sku in shelved() {
        let Some(product) = world.shipbob.catalogue.by_sku(&sku) else { continue };
        for (_, _, centre) in places(world.config.network) {
            let pieces = initial(world.chance, &sku, centre);
            world.shipbob.stock.on_hand.insert((product, centre), pieces);
            if world.config.stock {
                plan(world, product, &sku, centre);
            }
        }
    }
}

fn plan(world: &mut World, product: usize, sku: &str, centre: i64) {
    let story = match PLACES.iter().any(|(.., home)| *home == centre) {
        true => story(world.chance, sku, centre),
        false => story_inside(world.chance, sku, centre),
    };
    let times = match story {
        Story::Quiet => 0,
        Story::OtherChannel => 3,
        Story::Registered | Story::Unregistered | Story::Transfer => 1,
        Story::Adjusted => 2,
    };
    for nth in 0..times {
        let key = format!("{sku}@{centre}/{nth}");
        let wait = world.chance.between("stock turn", &key, 30 * MINUTE, 30 * HOUR);
        let turn = Turn { product, centre, story, nth };
        let wait = world.config.paced(wait);
        world.schedule_in(wait, Event::ShipBob(LifeEvent::Stock(turn)));
    }
}

/// Somebody else moves goods.
pub(super) fn turn(world: &mut World, turn: Turn) {
    let Some(sku) = world.shipbob.catalogue.product(turn.product).map(|p| p.sku.clone()) else {
        return;
    };
    let key = format!("{sku}@{}/{}", turn.centre, turn.nth);
    let pieces = world.chance.between("stock pieces", &key, 1, 6);
    let here = Some((turn.centre, pieces));
    let place = (sku.clone(), turn.centre);
    let category = match turn.story {
        Story::Quiet => return,
        Story::OtherChannel => {
            let order =
                FIRST_FOREIGN + i64::try_from(world.shipbob.stock.history.len()).unwrap_or(0);
            moved(world, turn.product, "OrderPicked", Some(order), here, None);
            world.shipbob.stock.sums.entry(place).or_default().sold_elsewhere += pieces;
            "sold elsewhere"
        }
        Story::Registered | Story::Unregistered => {
            moved(world, turn.product, "ReceivingStow", None, None, here);
            world.shipbob.stock.sums.entry(place).or_default().stowed += pieces;
            if turn.story == Story::Registered {
                crate::fo::plan_registration(world, &sku, turn.centre, pieces);
            }
            "stowed"
        }
        Story::Transfer => {
            let other = if turn.centre == 1 { 2 } else { 1 };
            let there = Some((other, pieces));
            moved(world, turn.product, "InventoryFacilityUpdated", None, here, there);
            world.shipbob.stock.sums.entry(place).or_default().transferred_in -= pieces;
            world.shipbob.stock.sums.entry((sku.clone(), other)).or_default().transferred_in +=
                pieces;
            "transferred"
        }
        Story::Adjusted => {
            let lost = world.chance.per_mille("stock lost", &key, 700);
            let (from, to) = if lost { (here, None) } else { (None, here) };
            moved(world, turn.product, "InventoryAdjusted", None, from, to);
            world.shipbob.stock.sums.entry(place).or_default().found +=
                if lost { -pieces } else { pieces };
            "adjusted"
        }
    };
    let detail = json!({"centre": turn.centre, "how": category, "pieces": pieces});
    world.ledger.record(world.now, System::ShipBob, effect::STOCK_MOVED, sku, detail);
}

fn moved(
    world: &mut World,
    product: usize,
    category: &'static str,
    order: Option<i64>,
    from: Option<(i64, i64)>,
    to: Option<(i64, i64)>,
) {
    let at = world.now;
    let stock = &mut world.shipbob.stock;
    if let Some((centre, pieces)) = from {
        *stock.on_hand.entry((product, centre)).or_default() -= pieces;
    }
    if let Some((centre, pieces)) = to {
        *stock.on_hand.entry((product, centre)).or_default() += pieces;
    }
    let id = FIRST_EVENT + i64::try_from(stock.history.len()).unwrap_or(0);
    stock.history.push(Moved { id, at, product, category, order, from, to, reference: None });
}

/// Pieces of a return go back to their shelf.
pub(super) fn restock(world: &mut World, product: usize, centre: i64, pieces: i64, id: i64) {
    came(world, product, centre, pieces, ("InventoryRestocked", "Return", id.to_string()));
}

/// Pieces of a receiving order are stowed; its first box has the number 1.
pub(super) fn stow(world: &mut World, product: usize, centre: i64, pieces: i64, id: i64) {
    came(world, product, centre, pieces, ("ReceivingStow", "WroAndBox", format!("{id} 1")));
}

fn came(
    world: &mut World,
    product: usize,
    centre: i64,
    pieces: i64,
    (category, of, value): (&'static str, &'static str, String),
) {
    moved(world, product, category, None, None, Some((centre, pieces)));
    let sku = world.shipbob.catalogue.product(product).map(|p| p.sku.clone()).unwrap_or_default();
    let stock = &mut world.shipbob.stock;
    if let Some(last) = stock.history.last_mut() {
        last.reference = Some((of, value));
    }
    stock.sums.entry((sku, centre)).or_default().stowed += pieces;
}

/// Pieces turn out to be none.
pub(super) fn lose(world: &mut World, product: usize, centre: i64, pieces: i64) {
    moved(world, product, "InventoryAdjusted", None, Some((centre, pieces)), None);
    let sku = world.shipbob.catalogue.product(product).map(|p| p.sku.clone()).unwrap_or_default();
    world.shipbob.stock.sums.entry((sku, centre)).or_default().found -= pieces;
}

/// Somebody counts a shelf at once: pieces more, or less, than were thought. False where there is no such shelf.
pub(crate) fn recount(world: &mut World, sku: &str, centre: i64, pieces: i64) -> bool {
    let Some(product) = world.shipbob.catalogue.by_sku(sku) else { return false };
    if !world.shipbob.stock.on_hand.contains_key(&(product, centre)) || pieces == 0 {
        return false;
    }
    let (from, to) = match pieces {
        1.. => (None, Some((centre, pieces))),
        _ => (Some((centre, -pieces)), None),
    };
    moved(world, product, "InventoryAdjusted", None, from, to);
    let sums = &mut world.shipbob.stock.sums;
    sums.entry((sku.to_owned(), centre)).or_default().found += pieces;
    let detail = json!({"centre": centre, "how": "recounted", "pieces": pieces});
    world.ledger.record(world.now, System::ShipBob, effect::STOCK_MOVED, sku.to_owned(), detail);
    true
}

/// The goods of a shipment leave their shelf: bundles as their components.
pub(super) fn pick(world: &mut World, shipment: usize) {
    let Some(one) = world.shipbob.shipments.get(shipment) else { return };
    let Some(order) = world.shipbob.orders.get(one.order) else { return };
    let (location, order_id) = (one.location, order.id);
    let ours = order.channel == WRITE_CHANNEL || order.channel == world.shipbob.own_channel;
    let number = order.order_number.clone();
    let mut taken: Vec<(usize, String, i64, bool)> = Vec::new();
    let catalogue = &world.shipbob.catalogue;
    for content in &one.contents {
        let Some(line) = order.lines.get(content.line) else { continue };
        let Some(product) = catalogue.product(line.product) else { continue };
        if product.components.is_empty() {
            taken.push((line.product, product.sku.clone(), content.quantity, true));
        }
        for (sku, pieces) in &product.components {
            if let Some(part) = catalogue.by_sku(sku) {
                let pieces = content.quantity * i64::from(*pieces);
                taken.push((part, (*sku).to_owned(), pieces, false));
            }
        }
    }
    for (product, sku, pieces, direct) in taken {
        let from = Some((location, pieces));
        moved(world, product, "OrderPicked", Some(order_id), from, None);
        if ours {
            let order_number = number.clone();
            let picked = Picked { order_number, sku, centre: location, pieces, direct };
            world.shipbob.stock.picked.push(picked);
        } else {
            let sums = world.shipbob.stock.sums.entry((sku, location)).or_default();
            sums.sold_elsewhere += pieces;
        }
    }
}

/// Pieces promised to orders that are not picked yet, by shelf.
fn committed(world: &World) -> BTreeMap<Shelf, i64> {
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
pub(super) fn levels(world: &World, request: &TwinRequest) -> TwinResponse {
    match listed(world, request, false) {
        Ok(reply) | Err(reply) => reply,
    }
}

/// `GET inventory-level/lots`: the same list; what is kept in no lot has an empty one.
pub(super) fn lots(world: &World, request: &TwinRequest) -> TwinResponse {
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
pub(super) fn history(world: &World, request: &TwinRequest) -> TwinResponse {
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

/// On hand by SKU and centre.
pub(crate) fn shelves(world: &World) -> BTreeMap<(String, i64), i64> {
    let sku = |at: usize| world.shipbob.catalogue.product(at).map(|p| p.sku.clone());
    let all = world.shipbob.stock.on_hand.iter();
    all.filter_map(|((at, centre), pieces)| Some(((sku(*at)?, *centre), *pieces))).collect()
}

/// What may still be promised, by SKU and centre.
pub(crate) fn fulfillable(world: &World) -> BTreeMap<(String, i64), i64> {
    let promised = committed(world);
    let sku = |at: usize| world.shipbob.catalogue.product(at).map(|p| p.sku.clone());
    let all = world.shipbob.stock.on_hand.iter();
    let free = |shelf: &Shelf, pieces: i64| pieces - promised.get(shelf).copied().unwrap_or(0);
    all.filter_map(|(shelf, pieces)| Some(((sku(shelf.0)?, shelf.1), free(shelf, *pieces))))
        .collect()
}

/// When our first order of that number was accepted, and whether one of its orders is alive.
pub(crate) fn accepted(world: &World, order_number: &str) -> Option<(i64, bool)> {
    let state = &world.shipbob;
    let ours = state.orders.iter().filter(|order| {
        crate::fo::stock::sales_order(world, &order.order_number) == order_number
            && (order.channel == WRITE_CHANNEL || order.channel == state.own_channel)
    });
    let mut first = None::<i64>;
    let mut alive = false;
    for order in ours {
        first = Some(first.map_or(order.created_at, |at| at.min(order.created_at)));
        alive |= !state.is_cancelled(order);
    }
    first.map(|at| (at, alive))
}

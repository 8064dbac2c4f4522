//! Stock per fulfilment centre and the history of its changes. What is on a shelf moves here and nowhere else, and
//! every move is an event: the sum of a shelf's events is the shelf.

mod told;

use told::committed;
pub(super) use told::{history, levels, lots};

use std::collections::BTreeMap;

use serde_json::json;

use super::LifeEvent;
use crate::seed::stock::{PLACES, Story, initial, places, shelved, story, story_inside};
use crate::world::calendar::{HOUR, MINUTE};
use crate::world::ledger::{System, effect};
use crate::world::mapping::WRITE_CHANNEL;
use crate::world::{Event, World};

/// First audit event.
const FIRST_EVENT: i64 = 88_000_000;
/// First order of the web shop.
const FIRST_FOREIGN: i64 = 555_000_000;

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

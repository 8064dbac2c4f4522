//! Which centre a shipment leaves from when its order asked for none: ShipBob decides by stock, splits what does not
//! lie in one centre, and may move a shipment until it is picked.
//!
//! Keyed by seed and reference (stock: by SKU), so that nobody's timing decides anything.

use std::collections::VecDeque;

use serde_json::json;

use super::life;
use super::script::{Author, Step};
use super::state::{Content, Order, Status};
use crate::world::World;
use crate::world::calendar::MINUTE;
use crate::world::chance::Chance;
use crate::world::fate::Fate;
use crate::world::ledger::{System, effect};
use crate::world::mapping::NETWORK;

/// SKUs in a thousand that lie in one of two centres only.
const LACKING: u64 = 90;
/// Orders in a thousand for which half of a line lies elsewhere.
const SHORT: u64 = 60;
/// Orders in a thousand that are moved before the pick.
const MOVED: u64 = 180;

/// ShipBob chooses the centre of this order.
pub(super) fn is_free(world: &World, order: &Order) -> bool {
    world.config.network && order.location_id.is_none()
}

/// Where the shipment of a new order begins.
pub(super) fn begin(world: &World, asked: Option<i64>, reference: &str) -> i64 {
    let spread = world.config.network.then(|| world.chance.choose("centre", reference, &NETWORK));
    asked.or(spread.flatten().copied()).unwrap_or(1)
}

/// The other centre of the network.
pub(super) fn other(centre: i64) -> i64 {
    NETWORK.iter().copied().find(|one| *one != centre).unwrap_or(centre)
}

/// A centre outside of what was asked, and outside of the network.
pub(super) fn elsewhere(centre: i64) -> i64 {
    if centre == 2 { 1 } else { 2 }
}

/// The life of a first shipment; where ShipBob may choose, perhaps with a move.
pub(super) fn with_move(
    author: Author<'_>,
    fate: Fate,
    (asked, reference): (Option<i64>, &str),
) -> VecDeque<(i64, Step)> {
    let mut script = author.whole(fate);
    let free = author.config.network && asked.is_none();
    if free && fate == Fate::Plain && author.chance.per_mille("moved", reference, MOVED) {
        let delay = author.chance.between("move", reference, 10 * MINUTE, 20 * MINUTE);
        // After it was allocated, before it is picked.
        script.insert(1, (author.config.paced(delay), Step::Reroute));
    }
    script
}

fn lacks(chance: Chance, sku: &str, centre: i64) -> bool {
    let lot = chance.below("stocked", sku, 1_000);
    let place = NETWORK.iter().position(|one| *one == centre).unwrap_or(0);
    let place = u64::try_from(place).unwrap_or(0);
    (place * LACKING..(place + 1) * LACKING).contains(&lot)
}

/// What of a shipment does not lie where it was allocated.
fn missing(world: &World, shipment: usize) -> Vec<Content> {
    let Some(one) = world.shipbob.shipments.get(shipment) else { return Vec::new() };
    let Some(order) = world.shipbob.orders.get(one.order) else { return Vec::new() };
    let gone = |content: &&Content| {
        let line = order.lines.get(content.line);
        line.is_some_and(|line| lacks(world.chance, &line.reference_id, one.location))
    };
    let missing: Vec<Content> = one.contents.iter().filter(gone).copied().collect();
    let whole = one.contents.iter().find(|content| content.quantity > 1);
    match whole.filter(|_| missing.is_empty()) {
        Some(only) if world.chance.per_mille("short", &order.reference_id, SHORT) => {
            vec![Content { quantity: only.quantity / 2, ..*only }]
        }
        _ => missing,
    }
}

/// Splits an order that has no fate of its own over two centres where one lacks stock, or sends all of it from the
/// other.
pub(super) fn by_stock(world: &mut World, shipment: usize) {
    let order = world.shipbob.shipments.get(shipment).map(|one| one.order);
    let order = order.and_then(|order| world.shipbob.orders.get(order));
    if !order.is_some_and(|order| is_free(world, order) && order.fate == Fate::Plain) {
        return;
    }
    let there = missing(world, shipment);
    let Some(one) = world.shipbob.shipments.get_mut(shipment).filter(|_| !there.is_empty()) else {
        return;
    };
    let second = other(one.location);
    for moved in &there {
        for content in one.contents.iter_mut().filter(|content| content.line == moved.line) {
            content.quantity -= moved.quantity;
        }
    }
    one.contents.retain(|content| content.quantity > 0);
    if one.contents.is_empty() {
        one.contents = there;
        one.location = second;
        return;
    }
    life::part(world, shipment, there, second, false);
}

/// Moves a shipment to the other centre of the network, where that has what it needs. An order of one shipment only: what
/// was split for lack of stock cannot move.
pub(super) fn reroute(world: &mut World, shipment: usize) {
    let Some(about) = life::about(world, shipment) else { return };
    let Some(one) = world.shipbob.shipments.get(shipment) else { return };
    let Some(order) = world.shipbob.orders.get(one.order) else { return };
    let (from, to) = (one.location, other(one.location));
    let lacking = one.contents.iter().filter_map(|content| order.lines.get(content.line));
    let lacking = lacking.into_iter().any(|line| lacks(world.chance, &line.reference_id, to));
    if one.picked || one.status != Status::Processing || order.shipments.len() > 1 || lacking {
        return;
    }
    if world.config.tenant.reroute_replaces {
        replace(world, shipment, to);
    } else {
        if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
            one.location = to;
        }
        life::set(world, shipment, Status::Processing, None, None);
    }
    let detail = json!({
        "order_number": about.order_number, "shipment": about.ordinal, "from": from, "to": to,
    });
    world.ledger.record(
        world.now,
        System::ShipBob,
        effect::SHIPMENT_MOVED,
        about.reference,
        detail,
    );
}

/// The shipment is closed, and a new one takes its place and its future. No webhook tells it.
fn replace(world: &mut World, shipment: usize, to: i64) {
    let Some(one) = world.shipbob.shipments.get_mut(shipment) else { return };
    let (order, contents) = (one.order, one.contents.clone());
    let script = std::mem::take(&mut one.script);
    life::set(world, shipment, Status::Cancelled, None, None);
    let again = life::add_shipment(world, order, to, contents, script);
    life::inherit(world, shipment, again);
    life::set(world, again, Status::Processing, None, Some((2, "Allocated")));
}

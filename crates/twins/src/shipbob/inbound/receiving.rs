//! Receiving orders: announced, arrived (some at a hub first), counted, stowed, completed; some are split without a word,
//! some never come.

use serde_json::json;

use super::{FIRST_RECEIVING, InboundEvent, later, number, read};
use crate::shipbob::{hooks, stock};
use crate::world::World;
use crate::world::calendar::{DAY, HOUR};
use crate::world::ledger::{System, effect};

/// How many there are.
const ORDERS: u32 = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Story {
    Plain,
    /// By way of a hub.
    Hub,
    /// A part becomes another receiving order, which names no original.
    Split,
    /// Less comes than was announced.
    Short,
    Cancelled,
}

const STORIES: &[(u32, Story)] = &[
    (40, Story::Plain),
    (20, Story::Hub),
    (15, Story::Split),
    (15, Story::Short),
    (10, Story::Cancelled),
];

#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) product: usize,
    pub(super) expected: i64,
    pub(super) received: i64,
    pub(super) stowed: i64,
}

/// One receiving order.
#[derive(Clone, Debug)]
pub(super) struct Wro {
    pub(super) key: String,
    pub(super) purchase_order: String,
    pub(super) centre: i64,
    pub(super) story: Story,
    pub(super) status: &'static str,
    /// When each status began.
    pub(super) history: Vec<(&'static str, i64)>,
    pub(super) created_at: i64,
    pub(super) lines: Vec<Line>,
    messages: u32,
}

pub(super) fn start(world: &mut World) {
    for nth in 0..ORDERS {
        let wait = world.chance.between("wro", &nth.to_string(), HOUR, 8 * DAY);
        later(world, wait, InboundEvent::Ship(nth));
    }
}

pub(super) fn announce(world: &mut World, nth: u32) {
    let key = format!("wro/{nth}");
    let skus: Vec<String> = crate::seed::stock::shelved().collect();
    let mut lines: Vec<Line> = Vec::new();
    for at in 0..world.chance.between("wro lines", &key, 1, 3) {
        let of = format!("{key}/{at}");
        let sku = world.chance.choose("wro sku", &of, &skus);
        let Some(product) = sku.and_then(|sku| world.shipbob.catalogue.by_sku(sku)) else {
            continue;
        };
        let expected = world.chance.between("wro pieces", &of, 2, 60);
        if !lines.iter().any(|line| line.product == product) {
            lines.push(Line { product, expected, received: 0, stowed: 0 });
        }
    }
    let story = world.chance.weighted("wro story", &key, STORIES).copied().unwrap_or(Story::Plain);
    let purchase_order = format!("PO-{}", 4_000 + nth);
    make(world, key, purchase_order, 1 + i64::from(nth % 2), story, lines);
}

fn make(
    world: &mut World,
    key: String,
    purchase_order: String,
    centre: i64,
    story: Story,
    lines: Vec<Line>,
) {
    let index = world.shipbob.docks.receiving.len();
    let detail = json!({"id": number(FIRST_RECEIVING, index), "story": format!("{story:?}")});
    let now = world.now;
    world.ledger.record(now, System::ShipBob, effect::RECEIVING_ANNOUNCED, key.clone(), detail);
    world.shipbob.docks.receiving.push(Wro {
        key,
        purchase_order,
        centre,
        story,
        status: "Awaiting",
        history: vec![("Awaiting", now)],
        created_at: now,
        lines,
        messages: 0,
    });
    tell(world, index, "wro.created");
    wait(world, index);
}

fn wait(world: &mut World, index: usize) {
    let Some(one) = world.shipbob.docks.receiving.get(index) else { return };
    let key = format!("{}/{}", one.key, one.history.len());
    let delay = world.chance.between("wro stage", &key, 8 * HOUR, 4 * DAY);
    later(world, delay, InboundEvent::Receiving(index));
}

/// The next status.
fn next(one: &Wro) -> Option<&'static str> {
    Some(match (one.status, one.story) {
        ("Awaiting", Story::Cancelled) => "Cancelled",
        ("Awaiting", Story::Hub) => "ArrivedAtHub",
        ("ArrivedAtHub", _) => "ProcessingAtHub",
        ("ProcessingAtHub", _) => "InternalTransfer",
        ("Awaiting" | "InternalTransfer", _) => "Arrived",
        ("Arrived", _) => "Processing",
        ("Processing", _) => "Completed",
        _ => return None,
    })
}

pub(super) fn go_on(world: &mut World, index: usize) {
    let Some(one) = world.shipbob.docks.receiving.get(index) else { return };
    let Some(status) = next(one) else { return };
    let story = one.story;
    match status {
        "Arrived" if story == Story::Split => split(world, index),
        "Processing" => {
            count(world, index);
            stow(world, index, true);
        }
        "Completed" => stow(world, index, false),
        _ => {}
    }
    let now = world.now;
    let Some(one) = world.shipbob.docks.receiving.get_mut(index) else { return };
    one.status = status;
    one.history.push((status, now));
    let over = matches!(status, "Completed" | "Cancelled");
    tell(world, index, if status == "Completed" { "wro.completed" } else { "wro.updated" });
    if !over {
        wait(world, index);
    }
}

fn split(world: &mut World, index: usize) {
    let Some(one) = world.shipbob.docks.receiving.get_mut(index) else { return };
    let mut other = Vec::new();
    for line in one.lines.iter_mut().filter(|line| line.expected > 3) {
        let moved = line.expected / 2;
        line.expected -= moved;
        other.push(Line { expected: moved, ..line.clone() });
    }
    let (key, order, centre) = (format!("{}/b", one.key), one.purchase_order.clone(), one.centre);
    if !other.is_empty() {
        make(world, key, order, centre, Story::Plain, other);
    }
}

fn count(world: &mut World, index: usize) {
    let Some(one) = world.shipbob.docks.receiving.get_mut(index) else { return };
    for line in &mut one.lines {
        let lacks = if one.story == Story::Short { line.expected / 3 } else { 0 };
        line.received = line.expected - lacks;
    }
}

/// Half of it, or the rest.
fn stow(world: &mut World, index: usize, half: bool) {
    let Some(one) = world.shipbob.docks.receiving.get_mut(index) else { return };
    let centre = one.centre;
    let mut moved = Vec::new();
    for line in &mut one.lines {
        let open = line.received - line.stowed;
        let pieces = if half { open / 2 } else { open };
        if pieces > 0 {
            line.stowed += pieces;
            moved.push((line.product, pieces));
        }
    }
    for (product, pieces) in moved {
        stock::stow(world, product, centre, pieces, number(FIRST_RECEIVING, index));
    }
}

/// Only where such topics are taken.
fn tell(world: &mut World, index: usize, topic: &'static str) {
    let Some(one) = world.shipbob.docks.receiving.get_mut(index) else { return };
    one.messages += 1;
    let key = format!("wro/{}/{}", one.key, one.messages);
    let body = read::shown_receiving(world, index);
    hooks::emit_about(world, &key, topic, &body);
}

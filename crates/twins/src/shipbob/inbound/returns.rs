//! Returns: announced, arrived, processed in steps, completed, sometimes cancelled and sometimes corrected afterwards.

use serde::Serialize;
use serde_json::json;

use super::{FIRST_RETURN, InboundEvent, later, number, read};
use crate::shipbob::state::Content;
use crate::shipbob::{hooks, life, stock};
use crate::world::World;
use crate::world::calendar::{DAY, HOUR};
use crate::world::ledger::{System, effect};
use crate::world::mapping::OTHER_CHANNEL;

/// What becomes of a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Story {
    /// Comes, is counted, is done.
    Plain,
    /// The carrier brings it back.
    ToSender,
    /// Cancelled before it came.
    Cancelled,
    /// ShipBob names the tracking number of the shipment, but not the shipment.
    Unnamed,
    /// A piece is taken out of stock again after it was done.
    Corrected,
    /// Weeks on the way.
    Slow,
}

const STORIES: &[(u32, Story)] = &[
    (45, Story::Plain),
    (12, Story::ToSender),
    (12, Story::Cancelled),
    (10, Story::Unnamed),
    (13, Story::Corrected),
    (8, Story::Slow),
];

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Awaiting,
    Arrived,
    Processing,
    Completed,
    Cancelled,
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Stage::Awaiting => "AwaitingArrival",
            Stage::Arrived => "Arrived",
            Stage::Processing => "Processing",
            Stage::Completed => "Completed",
            Stage::Cancelled => "Cancelled",
        }
    }
}

/// Pieces of one disposition.
#[derive(Clone, Debug)]
pub(super) struct Done {
    pub(super) action: &'static str,
    pub(super) pieces: i64,
    pub(super) reason: &'static str,
}

/// One SKU of it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) product: usize,
    pub(super) pieces: i64,
    pub(super) done: Vec<Done>,
}

/// One return.
#[derive(Clone, Debug)]
pub(super) struct Back {
    pub(super) key: String,
    pub(super) shipment: Option<usize>,
    pub(super) channel: i64,
    pub(super) centre: i64,
    pub(super) story: Story,
    pub(super) stage: Stage,
    /// When each stage began.
    pub(super) stages: Vec<(Stage, i64)>,
    pub(super) lines: Vec<Line>,
    corrected: bool,
    messages: u32,
}

impl Back {
    pub(super) fn since(&self, stage: Stage) -> Option<i64> {
        self.stages.iter().find(|(of, _)| *of == stage).map(|(_, at)| *at)
    }
}

/// A return as it stands at the end, for whoever judges a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReturnTruth {
    pub id: i64,
    /// Sales order it belongs to, when it is one of our channel.
    pub order_number: Option<String>,
    pub status: String,
    /// SKU, pieces announced, restocked, quarantined, disposed.
    pub lines: Vec<(String, i64, i64, i64, i64)>,
    /// Texts of the notes F&O has of it.
    pub notes: Vec<String>,
    /// How often the customer's own call recorded it.
    pub records: usize,
}

pub(super) fn start(world: &mut World) {
    for nth in 0..4 {
        let wait = world.chance.between("stray", &nth.to_string(), HOUR, 6 * DAY);
        later(world, wait, InboundEvent::Stray(nth));
    }
}

/// Some of what left comes back, some of it in two boxes.
pub(super) fn left(world: &mut World, shipment: usize) {
    let Some(about) = life::about(world, shipment) else { return };
    let key = format!("{}/{}", about.reference, about.ordinal);
    for nth in 0..2 {
        let key = format!("{key}/{nth}");
        if world.chance.per_mille("comes back", &key, if nth == 0 { 330 } else { 60 }) {
            let wait = world.chance.between("back after", &key, DAY, 9 * DAY);
            later(world, wait, InboundEvent::Announce(shipment, nth));
        }
    }
}

pub(super) fn announce(world: &mut World, shipment: usize, nth: u32) {
    let Some(about) = life::about(world, shipment) else { return };
    let key = format!("{}/{}/{nth}", about.reference, about.ordinal);
    let Some(one) = world.shipbob.shipments.get(shipment) else { return };
    let Some(order) = world.shipbob.orders.get(one.order) else { return };
    let (channel, centre) = (order.channel, one.location);
    let mut lines: Vec<Line> = Vec::new();
    for content in &one.contents {
        for (product, most) in
            goods(world, order.lines.get(content.line).map(|l| l.product), *content)
        {
            let of = format!("{key}/{product}");
            // The second box has what the first had no room for: one piece.
            let pieces =
                if nth == 0 { world.chance.between("pieces back", &of, 1, most) } else { 1 };
            match lines.iter_mut().find(|line| line.product == product) {
                Some(line) => line.pieces += pieces,
                None => lines.push(Line { product, pieces, done: Vec::new() }),
            }
        }
    }
    let story = world.chance.weighted("return", &key, STORIES).copied().unwrap_or(Story::Plain);
    make(
        world,
        Back {
            key,
            shipment: Some(shipment),
            channel,
            centre,
            story,
            stage: Stage::Awaiting,
            stages: Vec::new(),
            lines,
            corrected: false,
            messages: 0,
        },
    );
}

/// What is in the box: never a bundle, always its parts.
fn goods(world: &World, product: Option<usize>, content: Content) -> Vec<(usize, i64)> {
    let catalogue = &world.shipbob.catalogue;
    let Some(at) = product else { return Vec::new() };
    let Some(one) = catalogue.product(at) else { return Vec::new() };
    if one.components.is_empty() {
        return vec![(at, content.quantity)];
    }
    let part =
        |(sku, n): &(String, u32)| Some((catalogue.by_sku(sku)?, content.quantity * i64::from(*n)));
    one.components.iter().filter_map(part).collect()
}

/// The web shop's, or of an order nobody knows any more.
pub(super) fn stray(world: &mut World, nth: u32) {
    let key = format!("stray/{nth}");
    let skus: Vec<String> = crate::seed::stock::shelved().collect();
    let Some(sku) = world.chance.choose("stray sku", &key, &skus).cloned() else { return };
    let Some(product) = world.shipbob.catalogue.by_sku(&sku) else { return };
    let pieces = world.chance.between("pieces back", &key, 1, 3);
    make(
        world,
        Back {
            key,
            shipment: None,
            channel: OTHER_CHANNEL,
            centre: 1 + i64::from(nth % 2),
            story: Story::Plain,
            stage: Stage::Awaiting,
            stages: Vec::new(),
            lines: vec![Line { product, pieces, done: Vec::new() }],
            corrected: false,
            messages: 0,
        },
    );
}

fn make(world: &mut World, mut back: Back) {
    back.stages.push((Stage::Awaiting, world.now));
    let index = world.shipbob.docks.returns.len();
    let detail = json!({"id": number(FIRST_RETURN, index), "story": format!("{:?}", back.story)});
    world.ledger.record(
        world.now,
        System::ShipBob,
        effect::RETURN_ANNOUNCED,
        back.key.clone(),
        detail,
    );
    world.shipbob.docks.returns.push(back);
    tell(world, index, "return.created");
    wait(world, index);
}

fn wait(world: &mut World, index: usize) {
    let Some(back) = world.shipbob.docks.returns.get(index) else { return };
    let key = format!("{}/{}", back.key, back.stages.len());
    let slow = back.story == Story::Slow && back.stage == Stage::Awaiting;
    let (low, high) = if slow { (20 * DAY, 40 * DAY) } else { (6 * HOUR, 3 * DAY) };
    let delay = world.chance.between("return stage", &key, low, high);
    later(world, delay, InboundEvent::Return(index));
}

pub(super) fn go_on(world: &mut World, index: usize) {
    let Some(back) = world.shipbob.docks.returns.get(index) else { return };
    match (back.stage, back.story) {
        (Stage::Awaiting, Story::Cancelled) => enter(world, index, Stage::Cancelled),
        (Stage::Awaiting, _) => enter(world, index, Stage::Arrived),
        (Stage::Arrived, _) => {
            process(world, index, true);
            enter(world, index, Stage::Processing);
        }
        (Stage::Processing, _) => {
            process(world, index, false);
            enter(world, index, Stage::Completed);
        }
        (Stage::Completed, Story::Corrected) if !back.corrected => correct(world, index),
        _ => {}
    }
}

fn enter(world: &mut World, index: usize, stage: Stage) {
    let now = world.now;
    let Some(back) = world.shipbob.docks.returns.get_mut(index) else { return };
    back.stage = stage;
    back.stages.push((stage, now));
    let again =
        stage != Stage::Cancelled && (stage != Stage::Completed || back.story == Story::Corrected);
    let done = stage == Stage::Completed;
    let key = back.key.clone();
    if done {
        world.ledger.record(now, System::ShipBob, effect::RETURN_COMPLETED, key, json!({}));
    }
    tell(world, index, if done { "return.completed" } else { "return.updated" });
    if again {
        wait(world, index);
    }
}

/// Looks at the first line, or at everything that is left.
fn process(world: &mut World, index: usize, first: bool) {
    let Some(back) = world.shipbob.docks.returns.get(index) else { return };
    let (key, centre) = (back.key.clone(), back.centre);
    let open = back.lines.iter().enumerate().filter(|(_, line)| line.done.is_empty());
    let open: Vec<(usize, usize, i64)> =
        open.map(|(at, line)| (at, line.product, line.pieces)).collect();
    // A single line is looked at when the return is done.
    let most = if first { open.len() / 2 } else { open.len() };
    for (at, product, pieces) in open.into_iter().take(most) {
        let of = format!("{key}/{product}");
        let bad = world.chance.between("damaged", &of, 0, pieces);
        let bad = if world.chance.per_mille("some damaged", &of, 400) { bad } else { 0 };
        let quarantine = world.chance.per_mille("quarantine", &of, 300);
        let mut done = Vec::new();
        if pieces > bad {
            done.push(Done { action: "Restock", pieces: pieces - bad, reason: "" });
            stock::restock(world, product, centre, pieces - bad, number(FIRST_RETURN, index));
        }
        if bad > 0 && quarantine {
            done.push(Done { action: "Quarantine", pieces: bad, reason: "Seal broken" });
        } else if bad > 0 {
            done.push(Done { action: "Dispose", pieces: bad, reason: "Damaged" });
        }
        let back = world.shipbob.docks.returns.get_mut(index);
        if let Some(line) = back.and_then(|back| back.lines.get_mut(at)) {
            line.done = done;
        }
    }
}

/// One restocked piece turns out to be broken.
fn correct(world: &mut World, index: usize) {
    let Some(back) = world.shipbob.docks.returns.get_mut(index) else { return };
    back.corrected = true;
    let centre = back.centre;
    let mut found = None;
    for line in &mut back.lines {
        let restocked = line.done.iter_mut().find(|d| d.action == "Restock" && d.pieces > 0);
        if let Some(restocked) = restocked {
            restocked.pieces -= 1;
            found = Some(line.product);
            line.done.retain(|done| done.pieces > 0);
            match line.done.iter_mut().find(|done| done.action == "Dispose") {
                Some(disposed) => disposed.pieces += 1,
                None => line.done.push(Done { action: "Dispose", pieces: 1, reason: "Damaged" }),
            }
            break;
        }
    }
    if let Some(product) = found {
        stock::lose(world, product, centre, 1);
        tell(world, index, "return.updated");
    }
}

fn tell(world: &mut World, index: usize, topic: &'static str) {
    let Some(back) = world.shipbob.docks.returns.get_mut(index) else { return };
    back.messages += 1;
    let key = format!("return/{}/{}", back.key, back.messages);
    let body = read::shown_return(world, index);
    hooks::emit_about(world, &key, topic, &body);
}

/// What a right client must have found in the end.
pub(crate) fn truth(world: &World) -> Vec<ReturnTruth> {
    let all = world.shipbob.docks.returns.iter().enumerate();
    let one = |(index, back): (usize, &Back)| {
        let id = number(FIRST_RETURN, index);
        let about = back.shipment.and_then(|shipment| life::about(world, shipment));
        let order_number = about.filter(|a| a.ours).map(|a| a.order_number);
        let sum = |line: &Line, action: &str| {
            line.done.iter().filter(|d| d.action == action).map(|d| d.pieces).sum()
        };
        let line = |line: &Line| {
            let sku = world.shipbob.catalogue.product(line.product).map(|p| p.sku.clone());
            let of = |action: &str| sum(line, action);
            (sku.unwrap_or_default(), line.pieces, of("Restock"), of("Quarantine"), of("Dispose"))
        };
        let (notes, records) = crate::fo::of_return(world, order_number.as_deref(), id);
        ReturnTruth {
            id,
            order_number,
            status: back.stage.name().to_owned(),
            lines: back.lines.iter().map(line).collect(),
            notes,
            records,
        }
    };
    all.map(one).collect()
}

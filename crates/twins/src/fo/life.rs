//! The life of F&O: releases, late commits, the customer's packing-slip batch, invoices, new orders.

use super::slips::{self, Poster};
use super::whs;
use super::{external, stock};
use crate::seed::category::Category;
use crate::seed::orders::build;
use crate::world::breaks::Break;
use crate::world::calendar::{DAY, MINUTE, SECOND};
use crate::world::fate::Fate;
use crate::world::ledger::{System, effect};
use crate::world::{Event, World};

/// The customer's packing-slip batch runs this often (before pace).
const BATCH_EVERY: i64 = 10 * MINUTE;
/// A running stream brings an order this often.
const STREAM_EVERY: i64 = 5 * SECOND;

/// What happens in F&O by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LifeEvent {
    /// The release of an order is committed, with an older stamp when the commit was slow.
    Release { index: u32, stamp: i64 },
    /// A stopped or credit-held order is freed.
    Free { index: u32 },
    /// An order is saved without any change.
    Restamp { index: u32, left: u8 },
    /// The packing-slip batch runs.
    SlipBatch,
    /// The message processor runs.
    Processor,
    /// The invoice of an order is posted.
    Invoice { index: u32 },
    /// The next order of a running stream.
    NewOrder,
    /// A receipt is registered: place of the item, centre, pieces.
    Register { place: usize, centre: i64, pieces: i64 },
    /// The customer's job posts counting journals.
    PostJournals,
    /// The two periodic tasks of external inventory adjustments run.
    Adjust,
    /// Weights of some products are corrected.
    CorrectWeights,
    /// An import of a data package goes on.
    Import { nth: usize, step: u8 },
    /// A charge of the customer's service is shown.
    ShowCharge,
}

/// Schedules the first events of F&O life. What was released before or at the start is released at once.
pub(crate) fn start(world: &mut World) {
    post_before(world);
    let releases: Vec<(u32, i64)> = world
        .seed
        .all()
        .iter()
        .zip(0_u32..)
        .filter_map(|(meant, index)| meant.released_at.map(|at| (index, at)))
        .collect();
    for (index, at) in releases {
        plan_release(world, index, at);
    }
    if world.config.skus > 0 {
        let after = world.config.paced(5 * 60 * MINUTE);
        world.schedule_in(after, Event::Dynamics(LifeEvent::CorrectWeights));
    }
    if world.config.stream_forever {
        let after = world.config.release_span_secs.max(0).saturating_mul(SECOND) + STREAM_EVERY;
        world.schedule_in(after, Event::Dynamics(LifeEvent::NewOrder));
    }
}

/// Slips of what was delivered before the world began, a day ago.
fn post_before(world: &mut World) {
    let clock = world.server_clock() - DAY;
    let delivered =
        |category| matches!(category, Category::PartlyDelivered | Category::FullyDelivered);
    let seed = world.seed.all().iter().zip(0_u32..);
    for (_, index) in seed.filter(|(meant, _)| delivered(meant.intent.category)) {
        slips::post_before(&mut world.dynamics.db, index, clock);
    }
}

/// A release is committed at once, or, for a few orders, up to four minutes after its stamp.
fn plan_release(world: &mut World, index: u32, at: i64) {
    let Some(number) = world.seed.at(index).map(|meant| meant.number.clone()) else { return };
    let slow =
        at >= world.config.start_micros && world.chance.per_mille("late commit", &number, 80);
    let delay = if slow {
        let micros = world.chance.between("late commit by", &number, 10 * SECOND, 240 * SECOND);
        world.config.paced(micros)
    } else {
        0
    };
    let stamp = at.saturating_add(world.config.tenant.skew_micros());
    if at.saturating_add(delay) <= world.now {
        release(world, index, stamp);
    } else {
        world.schedule_at(
            at.saturating_add(delay),
            Event::Dynamics(LifeEvent::Release { index, stamp }),
        );
    }
}

/// Runs one event at its moment.
pub(crate) fn live(world: &mut World, event: LifeEvent) {
    match event {
        LifeEvent::Release { index, stamp } => release(world, index, stamp),
        LifeEvent::Free { index } => {
            let clock = world.server_clock();
            world.dynamics.db.touch_order(index, clock, |order| {
                order.stopped = false;
                order.credit_hold = false;
            });
            external::release(world, index);
            whs::release(world, index);
            reconsider(world, index);
        }
        LifeEvent::Processor => external::run_processor(world),
        LifeEvent::Restamp { index, left } => restamp(world, index, left),
        LifeEvent::SlipBatch => slip_batch(world),
        LifeEvent::Invoice { index } => {
            let clock = world.server_clock();
            slips::invoice(&mut world.dynamics.db, index, clock);
        }
        LifeEvent::NewOrder => new_order(world),
        LifeEvent::Register { place, centre, pieces } => {
            stock::register(world, place, centre, pieces);
        }
        LifeEvent::PostJournals => stock::posting_job(world),
        LifeEvent::Adjust => super::adjust::tasks(world),
        LifeEvent::Import { nth, step } => super::dmf::go_on(world, nth, step),
        LifeEvent::ShowCharge => super::dmf::show_next(world),
        LifeEvent::CorrectWeights => super::products::correct_weights(world),
    }
}

fn release(world: &mut World, index: u32, stamp: i64) {
    let Some(meant) = world.seed.at(index) else { return };
    let (category, number) = (meant.intent.category, meant.number.clone());
    let picking = world.chance.per_mille("picking list", &number, 200);
    let document = match category {
        Category::Journal => "None",
        Category::PartlyDelivered | Category::FullyDelivered => "PackingSlip",
        _ if picking => "PickingList",
        _ => "Confirmation",
    };
    let db = &mut world.dynamics.db;
    if category == Category::AddressEdited {
        // The clerk corrects the address in the same second: two versions, one stamp.
        db.touch_order(index, stamp, |order| order.delivery.street.insert_str(0, "Suite 5, "));
    }
    db.touch_order(index, stamp, |order| order.document = document);
    let lines: Vec<i32> = db
        .order(index)
        .map(|order| order.lines.iter().map(|line| line.seq).collect())
        .unwrap_or_default();
    for seq in lines {
        db.touch_line(index, seq, stamp, |_| {});
    }
    // In a planted world what was planted is released.
    if world.config.plants.is_none() {
        external::release(world, index);
        whs::release_at(world, index, stamp);
    }
    match category {
        Category::StoppedThenFreed | Category::CreditThenFreed => {
            let wait = world.chance.between("freed", &number, 5 * MINUTE, 20 * MINUTE);
            let wait = world.config.paced(wait);
            world.schedule_in(wait, Event::Dynamics(LifeEvent::Free { index }));
        }
        Category::Restamped => plan_restamp(world, index, 3),
        _ => {}
    }
}

fn plan_restamp(world: &mut World, index: u32, left: u8) {
    let wait = world.chance.between("restamp", &format!("{index}/{left}"), MINUTE, 10 * MINUTE);
    let wait = world.config.paced(wait);
    world.schedule_in(wait, Event::Dynamics(LifeEvent::Restamp { index, left }));
}

fn restamp(world: &mut World, index: u32, left: u8) {
    let clock = world.server_clock();
    world.dynamics.db.touch_order(index, clock, |_| {});
    if left > 1 {
        plan_restamp(world, index, left - 1);
    }
}

/// Looks whether the packing-slip batch would pick the order up, and plans its next run.
pub(crate) fn reconsider(world: &mut World, index: u32) {
    let state = &mut world.dynamics;
    let selected = state
        .db
        .order(index)
        .is_some_and(|order| !slips::selected(order, Poster::Batch).is_empty());
    if selected {
        state.waiting.insert(index);
        plan_batch(world);
    } else {
        state.waiting.remove(&index);
    }
}

fn plan_batch(world: &mut World) {
    if world.dynamics.batch_planned || world.broken(Break::NoBatch) {
        return;
    }
    world.dynamics.batch_planned = true;
    let every = world.config.paced(BATCH_EVERY);
    let start = world.config.start_micros;
    let runs = (world.now - start).div_euclid(every) + 1;
    world.schedule_at(start + runs * every, Event::Dynamics(LifeEvent::SlipBatch));
}

/// Posts what its query selects. What lacks stock or is locked is left without a trace and tried again next time.
fn slip_batch(world: &mut World) {
    world.dynamics.batch_planned = false;
    let now = world.now;
    for index in std::mem::take(&mut world.dynamics.waiting) {
        let Some(order) = world.dynamics.db.order(index) else { continue };
        if order.locked_until > now {
            world.dynamics.waiting.insert(index);
            continue;
        }
        if order.stock_lacks > 0 {
            world.dynamics.db.quietly(index, |order| order.stock_lacks -= 1);
            world.dynamics.waiting.insert(index);
            continue;
        }
        slips::post(world, index, Poster::Batch);
        reconsider(world, index);
    }
    if !world.dynamics.waiting.is_empty() {
        plan_batch(world);
    }
}

/// Until an invoice, on top of the paced wait: whoever writes back within it finds an order that can still be edited,
/// so that what stands in F&O at the end does not depend on the pace. Not paced.
const BEFORE_INVOICE: i64 = 90 * MINUTE;

/// Most customers invoice some hours after the delivery is complete; never while the carrier is still to come.
pub(crate) fn plan_invoice(world: &mut World, index: u32) {
    if world.config.never_invoiced {
        return;
    }
    let key = index.to_string();
    let late = world.seed.at(index).is_some_and(|meant| meant.intent.fate == Fate::TrackingLate);
    if !late && world.chance.per_mille("invoiced", &key, 600) {
        let wait = world.chance.between("invoice after", &key, 120 * MINUTE, 480 * MINUTE);
        let wait = world.config.paced(wait).saturating_add(BEFORE_INVOICE);
        world.schedule_in(wait, Event::Dynamics(LifeEvent::Invoice { index }));
    }
}

fn new_order(world: &mut World) {
    let at = world.now;
    let index = world.seed.stream(at);
    if let Some(meant) = world.seed.at(index).cloned() {
        let order = build(&world.seed, &meant, index);
        world.dynamics.db.insert_order(order);
        if let Some(released_at) = meant.released_at {
            plan_release(world, index, released_at);
        }
    }
    world.schedule_in(STREAM_EVERY, Event::Dynamics(LifeEvent::NewOrder));
}

/// A person in F&O acts; the ledger remembers.
pub(crate) fn clerk_acts(world: &mut World, order_number: &str, what: &str) {
    let detail = serde_json::json!({"act": what});
    world.ledger.record(world.now, System::Dynamics, effect::CLERK_ACTED, order_number, detail);
}

//! The clerk of F&O: cancels, deletes, edits, adds, locks and posts by hand. Every act that must not race waits for
//! what happened at ShipBob, never for a time; the one that may race is named so.

use crate::fo;
use crate::seed::category::Category;
use crate::seed::story::Story;
use crate::world::calendar::{MINUTE, SECOND};
use crate::world::fate::Fate;
use crate::world::{Event, Happening, World};

/// What the clerk has decided to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClerkEvent {
    pub(crate) order_number: String,
    pub(crate) act: Act,
}

/// One act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// Cancels the whole order.
    Cancel,
    /// Cancels the last line.
    CancelLine,
    /// Deletes the order.
    Delete,
    /// Adds a line.
    AddLine,
    /// Opens the order for a minute.
    Open,
    /// Posts a slip of everything that remains.
    PostSlip,
    /// Sets deliver-now of the first line to one.
    SetDeliverNow,
    /// Moves the recipient to another street.
    ChangeAddress,
    /// Takes one unit off the first line that has more.
    Reduce,
    /// Puts two units on the first line.
    Raise,
    /// Chooses another delivery mode.
    ChangeMode,
    /// Takes the release to the warehouse back.
    Unrelease,
    /// Releases a little more to the warehouse.
    ReleaseMore,
    /// Releases all the rest to the warehouse.
    ReleaseRest,
}

/// What the clerk changes in an order of that category.
fn change(category: Category) -> Option<Act> {
    match category {
        Category::AddressChanged => Some(Act::ChangeAddress),
        Category::QuantityReduced => Some(Act::Reduce),
        Category::QuantityRaised => Some(Act::Raise),
        Category::ModeChanged => Some(Act::ChangeMode),
        _ => None,
    }
}

/// The clerk starts nothing by himself: releases and holds are part of F&O's own life.
pub(crate) fn start(_world: &mut World) {}

/// Runs one act at its moment.
pub(crate) fn live(world: &mut World, event: ClerkEvent) {
    let ClerkEvent { order_number, act } = event;
    fo::act(world, &order_number, act);
}

/// What happened at ShipBob (accepted, picked, shipped, cancelled).
pub(crate) fn notice(world: &mut World, happening: &Happening) {
    let (number, reference) = match happening {
        Happening::Accepted { order_number, reference, .. }
        | Happening::Picked { order_number, reference }
        | Happening::Shipped { order_number, reference }
        | Happening::Cancelled { order_number, reference } => (order_number, reference),
    };
    let Some(meant) = world.seed.of(number) else { return };
    let (category, fate) = (meant.intent.category, meant.intent.fate);
    if world.seed.fate_of_reference(number, reference) != Some(fate) {
        // A second ShipBob order of the same sales order: the clerk has done his part.
        return;
    }
    let story = world.seed.story(meant);
    let Some((act, delay)) = released(world, happening, story, fate, number)
        .or_else(|| decide(world, happening, category, fate, number))
    else {
        return;
    };
    let at = world.now.saturating_add(delay);
    let event = ClerkEvent { order_number: number.clone(), act };
    world.schedule_at(at, Event::Clerk(event));
}

/// What a warehouse with warehouse management is released with, or what is taken back of it.
fn released(
    world: &World,
    happening: &Happening,
    story: Story,
    fate: Fate,
    number: &str,
) -> Option<(Act, i64)> {
    let soon = || paced(world, number, 2 * MINUTE, 9 * MINUTE);
    match (story, happening) {
        (Story::Parts, Happening::Accepted { reference, .. }) => {
            let first = reference.ends_with("-1");
            Some((if first { Act::ReleaseMore } else { Act::ReleaseRest }, soon()))
        }
        (Story::Withdrawn | Story::Again, Happening::Accepted { picks_at, .. }) => match fate {
            Fate::CancelEarly => {
                Some((Act::Unrelease, paced(world, number, 2 * MINUTE, 15 * MINUTE)))
            }
            Fate::CancelRace => Some((Act::Unrelease, around(world, number, *picks_at))),
            _ => None,
        },
        (Story::Withdrawn, Happening::Picked { .. }) if fate == Fate::CancelLate => {
            Some((Act::Unrelease, paced(world, number, SECOND, 5 * MINUTE)))
        }
        (Story::Again, Happening::Cancelled { .. }) => Some((Act::ReleaseRest, soon())),
        _ => None,
    }
}

/// The act that answers a happening, and after how long (world micros).
fn decide(
    world: &World,
    happening: &Happening,
    category: Category,
    fate: Fate,
    number: &str,
) -> Option<(Act, i64)> {
    match happening {
        Happening::Accepted { picks_at, .. } => match (fate, category) {
            (_, Category::Deleted) => {
                Some((Act::Delete, paced(world, number, 2 * MINUTE, 9 * MINUTE)))
            }
            (_, Category::LineCancelled) => {
                Some((Act::CancelLine, paced(world, number, 2 * MINUTE, 9 * MINUTE)))
            }
            (_, Category::LineAdded) => {
                Some((Act::AddLine, paced(world, number, 2 * MINUTE, 9 * MINUTE)))
            }
            (Fate::CancelEarly, _) => {
                Some((Act::Cancel, paced(world, number, 2 * MINUTE, 15 * MINUTE)))
            }
            (Fate::CancelRace, _) => Some((Act::Cancel, around(world, number, *picks_at))),
            (Fate::EditEarly, edited) => {
                Some((change(edited)?, paced(world, number, 2 * MINUTE, 15 * MINUTE)))
            }
            (Fate::EditRace, edited) => Some((change(edited)?, around(world, number, *picks_at))),
            _ => None,
        },
        Happening::Picked { .. } => match (fate, category) {
            (Fate::CancelLate, _) => Some((Act::Cancel, paced(world, number, SECOND, 5 * MINUTE))),
            (Fate::EditLate, edited) => {
                Some((change(edited)?, paced(world, number, SECOND, 2 * MINUTE)))
            }
            (_, Category::OpenedByClerk) => Some((Act::Open, 0)),
            _ => None,
        },
        Happening::Shipped { .. } => match category {
            Category::SlipByHand => Some((Act::PostSlip, 0)),
            Category::DeliverNowByHand => Some((Act::SetDeliverNow, 0)),
            Category::OpenedByClerk => Some((Act::Open, 0)),
            _ => None,
        },
        Happening::Cancelled { .. } => None,
    }
}

/// Around the time of picking: mostly before it, as we need a while to notice.
fn around(world: &World, number: &str, picks_at: i64) -> i64 {
    let left = picks_at.saturating_sub(world.now).max(SECOND);
    world.chance.between("cancel race", number, left / 2, left + left / 4)
}

fn paced(world: &World, number: &str, low: i64, high: i64) -> i64 {
    world.config.paced(world.chance.between("clerk", number, low, high))
}

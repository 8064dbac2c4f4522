//! What comes into the centres: returns of what left, of other channels, and receiving orders. Their lives are keyed by the
//! shipment (or their number), so that they are the same in every right run; only what was done is stock.

mod read;
mod receiving;
mod returns;

pub(super) use read::{one_receiving, one_return, receiving, returns};
pub use returns::ReturnTruth;
pub(crate) use returns::truth;

use super::LifeEvent;
use crate::world::{Event, World};

/// First return id; returns count up from here.
const FIRST_RETURN: i64 = 2_610_000;
/// First receiving order.
const FIRST_RECEIVING: i64 = 871_000;

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InboundEvent {
    /// Somebody announces a return of this shipment; the nth.
    Announce(usize, u32),
    /// A return of no shipment of ours; the nth.
    Stray(u32),
    /// A return goes on.
    Return(usize),
    /// A supplier announces goods; the nth.
    Ship(u32),
    /// A receiving order goes on.
    Receiving(usize),
}

/// Everything that came in.
#[derive(Default)]
pub(super) struct Docks {
    returns: Vec<returns::Back>,
    receiving: Vec<receiving::Wro>,
}

/// Receiving orders and returns of other channels.
pub(super) fn start(world: &mut World) {
    if world.config.returns {
        returns::start(world);
        receiving::start(world);
    }
}

/// A shipment left: perhaps it comes back.
pub(super) fn left(world: &mut World, shipment: usize) {
    if world.config.returns {
        returns::left(world, shipment);
    }
}

/// Runs one event.
pub(super) fn live(world: &mut World, event: InboundEvent) {
    match event {
        InboundEvent::Announce(shipment, nth) => returns::announce(world, shipment, nth),
        InboundEvent::Stray(nth) => returns::stray(world, nth),
        InboundEvent::Return(index) => returns::go_on(world, index),
        InboundEvent::Ship(nth) => receiving::announce(world, nth),
        InboundEvent::Receiving(index) => receiving::go_on(world, index),
    }
}

fn later(world: &mut World, delay: i64, event: InboundEvent) {
    let delay = world.config.paced(delay);
    world.schedule_in(delay, Event::ShipBob(LifeEvent::Inbound(event)));
}

fn number(first: i64, index: usize) -> i64 {
    first + i64::try_from(index).unwrap_or(0)
}

//! What people do in F&O with their own hands, past the API and its checks.

use rust_decimal::Decimal;

use super::external;
use super::life::{clerk_acts, reconsider};
use super::slips::{self, Poster};
use super::whs;
use crate::clerk::Act;
use crate::seed::{catalogue, orders};
use crate::world::World;
use crate::world::calendar::MINUTE;
use crate::world::ledger::RAISED;

/// The clerk does it now. An order that is gone is left alone.
pub(crate) fn act(world: &mut World, order_number: &str, act: Act) {
    let Some(index) = world.dynamics.db.find(order_number) else { return };
    if act != Act::Open && !world.dynamics.acted.insert((index, act)) {
        return;
    }
    let done = match act {
        Act::Cancel => cancel(world, index),
        Act::CancelLine => cancel_line(world, index),
        Act::Delete => {
            world.dynamics.db.delete_order(index);
            external::restate(world, index);
            Some("deleted the order")
        }
        Act::AddLine => add_line(world, index),
        Act::Open => open(world, index),
        // What an external warehouse ships, nobody slips by hand: F&O has locked it.
        Act::PostSlip if world.config.external => None,
        Act::PostSlip => slips::post(world, index, Poster::Hand).then_some("posted a slip by hand"),
        Act::SetDeliverNow => set_deliver_now(world, index),
        Act::ChangeAddress => change_address(world, index),
        Act::Reduce => resize(world, index, -Decimal::ONE).then_some("reduced a quantity"),
        Act::Raise => resize(world, index, Decimal::TWO).then_some(RAISED),
        Act::ChangeMode => change_mode(world, index),
        Act::Unrelease => whs::take_back(world, index),
        Act::ReleaseMore => whs::release_more(world, index),
        Act::ReleaseRest => whs::release_rest(world, index),
    };
    if let Some(what) = done {
        clerk_acts(world, order_number, what);
        external::restate(world, index);
        whs::restate(world, index, act);
        reconsider(world, index);
    }
}

/// Cancels every line nothing was delivered of; a delivered order cannot be cancelled.
fn cancel(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    let db = &mut world.dynamics.db;
    let open: Vec<i32> = db
        .order(index)?
        .lines
        .iter()
        .filter(|line| line.status == "Backorder" && line.remain == line.quantity)
        .map(|line| line.seq)
        .collect();
    if open.is_empty() {
        return None;
    }
    for seq in open {
        cancel_one(world, index, seq, clock);
    }
    world.dynamics.db.touch_order(index, clock, |_| {});
    Some("cancelled the order")
}

fn cancel_one(world: &mut World, index: u32, seq: i32, clock: i64) {
    world.dynamics.db.touch_line(index, seq, clock, |line| {
        line.status = "Canceled";
        line.remain = Decimal::ZERO;
        line.deliver_now = Decimal::ZERO;
    });
}

/// The header's stamp does not move.
fn cancel_line(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    let order = world.dynamics.db.order(index)?;
    let last =
        order.lines.iter().rev().find(|line| line.status == "Backorder").map(|line| line.seq)?;
    if order.lines.len() < 2 {
        return None;
    }
    cancel_one(world, index, last, clock);
    Some("cancelled a line")
}

/// The header's stamp does not move.
fn add_line(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    let item = catalogue::item("A0014")?;
    let order = world.dynamics.db.order(index)?;
    let item = if order.lines.iter().any(|line| line.item == item.number) {
        catalogue::item("A0005")?
    } else {
        item
    };
    let mut line = orders::new_line(order, item, Decimal::TWO);
    line.stamp = super::value::whole_second(clock);
    line.created = line.stamp;
    world.dynamics.db.add_line(index, line);
    Some("added a line")
}

fn open(world: &mut World, index: u32) -> Option<&'static str> {
    let until = world.now.saturating_add(world.config.paced(MINUTE));
    world.dynamics.db.quietly(index, |order| order.locked_until = until.max(order.locked_until));
    Some("opened the order")
}

/// Somebody leaves the order open until then; false when there is no such order.
pub(crate) fn leave_open(world: &mut World, order_number: &str, until: i64) -> bool {
    let Some(index) = world.dynamics.db.find(order_number) else { return false };
    world.dynamics.db.quietly(index, |order| order.locked_until = until.max(order.locked_until));
    true
}

fn set_deliver_now(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    let line =
        world.dynamics.db.order(index)?.lines.iter().find(|line| line.remain >= Decimal::ONE)?;
    let seq = line.seq;
    world.dynamics.db.touch_line(index, seq, clock, |line| line.deliver_now = Decimal::ONE);
    Some("changed deliver-now by hand")
}

fn change_address(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    world.dynamics.db.order(index)?;
    world.dynamics.db.touch_order(index, clock, |order| {
        order.delivery.street.insert_str(0, "99 ");
    });
    Some("changed the address")
}

/// The header's stamp does not move. Nothing is taken off a line that would vanish.
fn resize(world: &mut World, index: u32, by: Decimal) -> bool {
    let clock = world.server_clock();
    let Some(order) = world.dynamics.db.order(index) else { return false };
    let fits = |line: &&crate::fo::rows::Line| {
        line.status == "Backorder"
            && line.remain == line.quantity
            && line.remain + by > Decimal::ZERO
    };
    let Some(seq) = order.lines.iter().find(fits).map(|line| line.seq) else { return false };
    world.dynamics.db.touch_line(index, seq, clock, |line| {
        line.quantity += by;
        line.remain += by;
        line.deliver_now = line.deliver_now.min(line.remain);
    });
    true
}

fn change_mode(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    let order = world.dynamics.db.order(index)?;
    let mode = if order.mode == "EXP" { "2DAY" } else { "EXP" };
    let lines: Vec<i32> = order.lines.iter().map(|line| line.seq).collect();
    world.dynamics.db.touch_order(index, clock, |order| mode.clone_into(&mut order.mode));
    for seq in lines {
        world.dynamics.db.touch_line(index, seq, clock, |line| mode.clone_into(&mut line.mode));
    }
    Some("changed the delivery mode")
}

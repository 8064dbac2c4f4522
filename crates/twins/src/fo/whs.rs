//! Warehouse management inside F&O: release to the warehouse, in parts, taken back, given again. The header's status and
//! the warehouse's own table move; the order lines do not. Nothing here posts a packing slip. Knows nothing of ShipBob.

use rust_decimal::Decimal;

use super::db::Database;
use super::rows::{Line, Order, Released};
use crate::clerk::Act;
use crate::seed::story::Story;
use crate::world::World;
use crate::world::tenant::Tenant;

/// Warehouses of ShipBob.
const MANAGED: [&str; 2] = ["SB01", "SB02"];

/// The clerk released more of an order that ShipBob has in part.
pub(crate) const RELEASED_MORE: &str = "released more to the warehouse";

fn may_be_released(order: &Order) -> bool {
    order.managed
        && order.sales_type == "Sales"
        && !order.stopped
        && !order.credit_hold
        && order.document != "None"
}

/// The warehouse can take the line.
fn releasable(line: &Line) -> bool {
    MANAGED.contains(&line.warehouse)
        && line.status != "Canceled"
        && line.stocked
        && !line.direct
        && !line.blocked
        && line.quantity > Decimal::ZERO
}

/// Released with the order, at a stamp of the past where the commit was slow.
pub(crate) fn release_at(world: &mut World, index: u32, stamp: i64) {
    let Some(meant) = world.seed.at(index) else { return };
    let parts = world.seed.story(meant) == Story::Parts;
    let wanted = |nth: usize, line: &Line| {
        let half = (line.quantity / Decimal::TWO).floor().max(Decimal::ONE);
        match (parts, nth) {
            (false, _) => line.quantity,
            (true, 0) => half.min(line.quantity),
            (true, _) => Decimal::ZERO,
        }
    };
    set(world, index, stamp, wanted);
}

/// Released by hand, all of it.
pub(crate) fn release(world: &mut World, index: u32) {
    let clock = world.server_clock();
    release_at(world, index, clock);
}

/// Raises what is released of every line to at least `wanted`.
fn set(
    world: &mut World,
    index: u32,
    clock: i64,
    wanted: impl Fn(usize, &Line) -> Decimal,
) -> bool {
    let Some(order) = world.dynamics.db.order(index).filter(|o| may_be_released(o)) else {
        return false;
    };
    let lines = order.lines.iter().filter(|line| releasable(line));
    let raised: Vec<(i32, Decimal)> = lines
        .enumerate()
        .map(|(nth, line)| (line.seq, wanted(nth, line), so_far(line)))
        .filter(|(_, wanted, now)| wanted > now)
        .map(|(seq, wanted, _)| (seq, wanted))
        .collect();
    let some = !raised.is_empty();
    for (seq, quantity) in raised {
        write(world, index, seq, clock, quantity);
    }
    status(world, index, clock);
    some
}

fn so_far(line: &Line) -> Decimal {
    line.released.as_ref().map(|row| row.quantity).unwrap_or_default()
}

fn write(world: &mut World, index: u32, seq: i32, clock: i64, quantity: Decimal) {
    let World { dynamics, config, .. } = world;
    dynamics.db.touch_released(index, seq, clock, |line, row| {
        row.quantity = quantity;
        row.shown = shown(&config.tenant, line, row);
    });
}

/// What this tenant tells of a released quantity.
fn shown(tenant: &Tenant, line: &Line, row: &Released) -> Decimal {
    let posted = if tenant.released_falls { line.quantity - line.remain } else { Decimal::ZERO };
    let open = (row.quantity - posted).max(Decimal::ZERO);
    if tenant.released_in_sales_unit { open } else { open * line.factor }
}

/// The status of the order follows its lines; its stamp moves only with it.
fn status(world: &mut World, index: u32, clock: i64) {
    let Some(order) = world.dynamics.db.order(index) else { return };
    let lines: Vec<&Line> = order.lines.iter().filter(|line| releasable(line)).collect();
    let status = if lines.iter().all(|line| so_far(line).is_zero()) {
        "Open"
    } else if lines.iter().all(|line| so_far(line) >= line.quantity) {
        "Released"
    } else {
        "PartialReleased"
    };
    if order.release != status {
        world.dynamics.db.touch_order(index, clock, |order| order.release = status);
    }
}

/// A little more of the first line that has more; of all lines where only that is left.
pub(crate) fn release_more(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    let first = world.dynamics.db.order(index)?.lines.iter().find(|line| releasable(line))?;
    let left = first.quantity - so_far(first);
    let some = if left > Decimal::ONE {
        let seq = first.seq;
        set(world, index, clock, |_, line| {
            if line.seq == seq { so_far(line) + Decimal::ONE } else { so_far(line) }
        })
    } else {
        set(world, index, clock, |_, line| line.quantity)
    };
    some.then_some(RELEASED_MORE)
}

/// Everything that is not released yet.
pub(crate) fn release_rest(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    set(world, index, clock, |_, line| line.quantity).then_some(RELEASED_MORE)
}

/// Takes the release back: what no slip carries.
pub(crate) fn take_back(world: &mut World, index: u32) -> Option<&'static str> {
    let clock = world.server_clock();
    let order = world.dynamics.db.order(index).filter(|order| order.managed)?;
    let released: Vec<(i32, Decimal)> = order
        .lines
        .iter()
        .filter(|line| line.status == "Backorder" && !so_far(line).is_zero())
        .map(|line| (line.seq, line.quantity - line.remain))
        .collect();
    if released.is_empty() {
        return None;
    }
    for (seq, posted) in released {
        write(world, index, seq, clock, posted);
    }
    status(world, index, clock);
    Some("took the release to the warehouse back")
}

/// The order changed by hand: no more is released than ordered, and what was put on a released order is released too.
pub(crate) fn restate(world: &mut World, index: u32, act: Act) {
    let clock = world.server_clock();
    let Some(order) = world.dynamics.db.order(index).filter(|order| order.managed) else { return };
    let over: Vec<(i32, Decimal)> = order
        .lines
        .iter()
        .filter(|line| line.released.is_some() && so_far(line) > line.quantity)
        .map(|line| (line.seq, line.quantity))
        .collect();
    for (seq, quantity) in over {
        write(world, index, seq, clock, quantity);
    }
    if matches!(act, Act::AddLine | Act::Raise) {
        release_rest(world, index);
    } else if !matches!(act, Act::Unrelease) {
        status(world, index, clock);
    }
}

/// A packing slip of a line was posted: where the tenant takes it off, its row moves.
pub(crate) fn posted(db: &mut Database, tenant: &Tenant, index: u32, seq: i32, clock: i64) {
    let line = db.order(index).and_then(|order| order.lines.iter().find(|line| line.seq == seq));
    if tenant.released_falls && line.is_some_and(|line| line.released.is_some()) {
        db.touch_released(index, seq, clock, |line, row| row.shown = shown(tenant, line, row));
    }
}

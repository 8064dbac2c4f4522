//! Posting of packing slips and invoices: what left, the remainder, the statuses.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::json;

use super::db::Database;
use super::rows::{Order, Slip, SlipLine};
use super::value::{noon, whole_second};
use super::whs;
use crate::seed::catalogue::sku;
use crate::world::World;
use crate::world::ledger::{System, effect};
use crate::world::tenant::Tenant;

/// Warehouses the customer's packing-slip batch selects.
const BATCH_WAREHOUSES: [&str; 2] = ["SB01", "SB02"];
/// The pool it selects.
const BATCH_POOL: &str = "SHIPBOB";

/// Who posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Poster {
    /// The batch: exactly deliver-now.
    Batch,
    /// A person: everything that remains.
    Hand,
}

/// What the batch's query selects of an order: (line, quantity). What an external warehouse picked goes on one slip per
/// shipment.
pub(crate) fn selected(order: &Order, poster: Poster) -> Vec<(i32, Decimal)> {
    let open = order.sales_type == "Sales" && order.status() == "Backorder";
    if let Some(picked) = order.picked.first() {
        return if open && !order.stopped { picked.lines.clone() } else { Vec::new() };
    }
    let in_pool = poster == Poster::Hand || order.pool.eq_ignore_ascii_case(BATCH_POOL);
    // The batch posts nothing of a warehouse with warehouse management.
    let left_out = order.managed && poster == Poster::Batch;
    if !open || !in_pool || order.stopped || left_out {
        return Vec::new();
    }
    let lines = order.lines.iter().filter(|line| {
        line.status == "Backorder"
            && line.stocked
            && !line.direct
            && !line.blocked
            && BATCH_WAREHOUSES.contains(&line.warehouse)
    });
    let quantity = |line: &super::rows::Line| match poster {
        Poster::Batch => line.deliver_now.min(line.remain),
        Poster::Hand => line.remain,
    };
    lines
        .map(|line| (line.seq, quantity(line)))
        .filter(|(_, quantity)| *quantity > Decimal::ZERO)
        .collect()
}

/// Posts a slip for what is selected; false when nothing is.
pub(crate) fn post(world: &mut World, index: u32, poster: Poster) -> bool {
    let selected = world.dynamics.db.order(index).map(|order| selected(order, poster));
    let by = if poster == Poster::Batch { "batch" } else { "hand" };
    post_these(world, index, &selected.unwrap_or_default(), by, None)
}

/// Posts a slip of these (line, quantity), under a number of the caller where he has one; false when there are none.
pub(crate) fn post_these(
    world: &mut World,
    index: u32,
    selected: &[(i32, Decimal)],
    by: &str,
    proposed: Option<String>,
) -> bool {
    let clock = world.server_clock();
    // What an external warehouse picked has left already.
    let gone = world.dynamics.db.order(index).is_some_and(|order| !order.picked.is_empty());
    let World { dynamics, config, .. } = world;
    let posted = (selected, proposed);
    let Some((slip, delivered)) =
        write_slip(&mut dynamics.db, &config.tenant, index, posted, clock)
    else {
        return false;
    };
    let lines: Vec<_> = slip
        .lines
        .iter()
        .map(|line| {
            let order_line = dynamics
                .db
                .order(index)
                .and_then(|order| order.lines.iter().find(|l| l.seq == line.seq));
            let sku = order_line
                .map_or_else(|| line.item.to_owned(), |line| sku(line.item, line.color, line.size));
            let each = (line.quantity * line.factor).ceil().to_i64().unwrap_or(0);
            json!({"line": line.seq, "sku": sku, "each": each})
        })
        .collect();
    let detail = json!({"slip": slip.id, "by": by, "lines": lines});
    let number = slip.sales_id.clone();
    let left: Vec<(i32, Decimal)> = slip.lines.iter().map(|l| (l.seq, l.quantity)).collect();
    dynamics.db.insert_slip(slip);
    if !gone {
        super::stock::deduct(world, index, &left);
    }
    world.ledger.record(world.now, System::Dynamics, effect::SLIP_POSTED, number, detail);
    if delivered {
        super::life::plan_invoice(world, index);
    }
    true
}

/// Changes the order and makes the slip; true = the order is now delivered in full.
fn write_slip(
    db: &mut Database,
    tenant: &Tenant,
    index: u32,
    (selected, told): (&[(i32, Decimal)], Option<String>),
    clock: i64,
) -> Option<(Slip, bool)> {
    let order = db.order(index)?;
    if selected.is_empty() {
        return None;
    }
    let nth = order.slips + 1;
    let proposed = order.picked.first().map(|picked| picked.slip.clone());
    let proposed = proposed.filter(|slip| !slip.is_empty() && !tenant.own_slip_numbers).or(told);
    for (seq, quantity) in selected {
        db.touch_line(index, *seq, clock, |line| {
            line.remain -= *quantity;
            line.deliver_now =
                if tenant.deliver_now_resets_to_remainder { line.remain } else { Decimal::ZERO };
            if line.remain.is_zero() {
                line.status = "Delivered";
            }
        });
        whs::posted(db, tenant, index, *seq, clock);
    }
    db.touch_order(index, clock, |order| {
        order.slips = nth;
        order.document = "PackingSlip";
        if !order.picked.is_empty() {
            order.picked.remove(0);
        }
    });
    let mut slip = slip(db, index, clock, selected)?;
    if let Some(proposed) = proposed {
        slip.id = proposed;
    }
    let delivered = db.order(index).is_some_and(|order| order.status() == "Delivered");
    Some((slip, delivered))
}

/// The slip of what was just delivered, numbered by the order's count of slips.
fn slip(db: &mut Database, index: u32, clock: i64, delivered: &[(i32, Decimal)]) -> Option<Slip> {
    let rec_id = db.rec_id();
    let mut lines = Vec::with_capacity(delivered.len());
    for (seq, quantity) in delivered {
        let (seq, quantity) = (*seq, *quantity);
        let rec_id = db.rec_id();
        let line = db.order(index)?.lines.iter().find(|line| line.seq == seq)?;
        lines.push(SlipLine {
            rec_id,
            seq,
            lot: line.lot.clone(),
            item: line.item,
            text: line.text.clone(),
            quantity,
            ordered: line.quantity,
            remain: line.remain,
            unit: line.unit,
            factor: line.factor,
        });
    }
    let order = db.order(index)?;
    Some(Slip {
        company: order.company,
        rec_id,
        id: format!("{}_{}", order.number, order.slips),
        order: index,
        sales_id: order.number.clone(),
        created: whole_second(clock),
        date: noon(clock),
        warehouse: order.warehouse,
        carrier: order.carrier.clone(),
        mode: order.mode.clone(),
        delivery_name: order.delivery.name.clone(),
        account: order.account.clone(),
        lines,
    })
}

/// The slip of what was delivered before the world began.
pub(crate) fn post_before(db: &mut Database, index: u32, clock: i64) {
    let Some(order) = db.order(index) else { return };
    let delivered: Vec<(i32, Decimal)> = order
        .lines
        .iter()
        .map(|line| (line.seq, line.quantity - line.remain))
        .filter(|(_, quantity)| *quantity > Decimal::ZERO)
        .collect();
    db.quietly(index, |order| order.slips = 1);
    if let Some(slip) = slip(db, index, clock, &delivered) {
        db.insert_slip(slip);
    }
}

/// Posts the invoice of everything delivered.
pub(crate) fn invoice(db: &mut Database, index: u32, clock: i64) {
    let Some(order) = db.order(index) else { return };
    let delivered: Vec<i32> =
        order.lines.iter().filter(|line| line.status == "Delivered").map(|line| line.seq).collect();
    if delivered.is_empty() {
        return;
    }
    for seq in delivered {
        db.touch_line(index, seq, clock, |line| line.status = "Invoiced");
    }
    db.touch_order(index, clock, |order| order.document = "Invoice");
}

//! What planted shipment order requests look like: answered, told, refused or taken back before anybody of us looked.

use crate::fo::external::{Update, UpdateLine};
use crate::fo::slips;
use crate::world::World;
use crate::world::calendar::DAY;
use crate::world::plant::Plant;
use rust_decimal::Decimal;

/// Plants it into the one request of an order; returns what it is known by, where that is not the order.
pub(crate) fn plant(world: &mut World, index: u32, kind: Plant) -> Option<String> {
    let id = world.dynamics.db.requests_of(index).next()?.id.clone();
    match kind {
        Plant::RequestCancelled => answer(world, &id, "Cancelled"),
        Plant::RequestFailed => answer(world, &id, "Failed"),
        Plant::RequestWithoutOrder => {
            if let Some(request) = world.dynamics.db.request_mut(&id) {
                request.reference.clear();
                request.line_reference.clear();
                request.purchase_order.clear();
            }
            return Some(id);
        }
        Plant::RequestShipped | Plant::RequestUpdateRefused => {
            answer(world, &id, "Accepted");
            let shipped = kind == Plant::RequestShipped;
            tell(world, &id, if shipped { "Accepted" } else { "Failed" });
            if shipped {
                deliver(world, index);
            }
        }
        Plant::RequestDelivered => {
            answer(world, &id, "Received");
            deliver(world, index);
        }
        _ => answer(world, &id, "Accepted"),
    }
    None
}

fn answer(world: &mut World, id: &str, status: &'static str) {
    if let Some(request) = world.dynamics.db.request_mut(id) {
        request.status = status;
        request.answer_version += 1;
        "EXTWMS".clone_into(&mut request.message);
    }
}

/// Another program told that all of it left.
fn tell(world: &mut World, id: &str, status: &'static str) {
    let start = world.config.start_micros;
    let db = &mut world.dynamics.db;
    let Some(request) = db.request(id).cloned() else { return };
    let lines = request.lines.iter().map(|line| UpdateLine {
        rec_id: line.rec_id,
        number: line.number,
        ordered: line.quantity,
        unit: line.unit.to_owned(),
        picked: line.quantity,
        shipped: line.quantity,
        remaining: Decimal::ZERO,
        dimension: Some(line.quantity),
    });
    let update = Update {
        company: request.company,
        id: request.id.replace("WHSR", "EXT"),
        origin: request.origin.clone(),
        rec_id: db.rec_id(),
        rec_version: 1,
        slip: request.id.replace("WHSR", "EXTPS"),
        date: start - DAY,
        shipped: start - DAY,
        transport: String::new(),
        status,
        lines: lines.collect(),
    };
    db.insert_update(update);
}

/// Its packing slip was posted a day ago; both stocks are those of after that.
fn deliver(world: &mut World, index: u32) {
    let clock = world.server_clock();
    let lines = world.dynamics.db.order(index).map(|order| order.lines.clone());
    let db = &mut world.dynamics.db;
    for line in lines.unwrap_or_default() {
        db.touch_line(index, line.seq, clock, |line| {
            line.remain = Decimal::ZERO;
            line.deliver_now = Decimal::ZERO;
            line.status = "Delivered";
        });
    }
    db.touch_order(index, clock, |order| order.document = "PackingSlip");
    slips::post_before(db, index, clock - DAY);
}

//! Externally managed warehouses: a release makes shipment order requests, the message processor takes the updates that
//! come back, and what it accepts is picked. Knows nothing of ShipBob.

mod processor;
mod writes;

pub(crate) use processor::{reconsider as reconsider_processor, run as run_processor};
pub(crate) use writes::{
    answer, complete, create_dimension, create_line, create_update, set_status,
};

use rust_decimal::Decimal;
use serde_json::json;

use super::rows::{Address, Line, Order, etag};
use crate::world::World;
use crate::world::ledger::{System, effect};

/// A shipment order request with its lines and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) company: &'static str,
    pub(crate) id: String,
    pub(crate) origin: String,
    pub(crate) rec_id: i64,
    /// Moves with the answer.
    pub(crate) answer_version: i64,
    pub(crate) order: u32,
    pub(crate) version: i64,
    pub(crate) warehouse: &'static str,
    pub(crate) mode: String,
    pub(crate) terms: &'static str,
    pub(crate) account: String,
    pub(crate) reference: String,
    pub(crate) line_reference: String,
    pub(crate) purchase_order: String,
    pub(crate) email: String,
    pub(crate) phone: String,
    pub(crate) consignee: Address,
    pub(crate) receiver: Address,
    pub(crate) status: &'static str,
    pub(crate) message: String,
    pub(crate) lines: Vec<RequestLine>,
}

/// One line of a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestLine {
    pub(crate) rec_id: i64,
    pub(crate) number: i64,
    /// The order line.
    pub(crate) seq: i32,
    pub(crate) item: &'static str,
    pub(crate) color: &'static str,
    pub(crate) size: &'static str,
    pub(crate) text: String,
    pub(crate) quantity: Decimal,
    pub(crate) unit: &'static str,
}

/// A shipment update as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    pub(crate) company: &'static str,
    pub(crate) id: String,
    pub(crate) origin: String,
    pub(crate) rec_id: i64,
    pub(crate) rec_version: i64,
    pub(crate) slip: String,
    pub(crate) date: i64,
    pub(crate) shipped: i64,
    pub(crate) transport: String,
    pub(crate) status: &'static str,
    pub(crate) lines: Vec<UpdateLine>,
}

/// One line of an update, with its dimensions.
#[derive(Clone, Debug)]
pub(crate) struct UpdateLine {
    pub(crate) rec_id: i64,
    pub(crate) number: i64,
    pub(crate) ordered: Decimal,
    pub(crate) unit: String,
    pub(crate) picked: Decimal,
    pub(crate) shipped: Decimal,
    pub(crate) remaining: Decimal,
    /// Shipped quantity by dimensions; `None` until that row came.
    pub(crate) dimension: Option<Decimal>,
}

impl Request {
    pub(crate) fn etag(&self) -> String {
        etag(&[(self.answer_version, self.rec_id)])
    }
}

impl Update {
    pub(crate) fn etag(&self) -> String {
        etag(&[(self.rec_version, self.rec_id)])
    }
}

/// Requests of one order: numbers are spread so that they do not depend on what happens when.
const IDS_PER_ORDER: u32 = 10;
/// Statuses of a request that is still alive.
const ALIVE: [&str; 3] = ["Sent", "Received", "Accepted"];

/// Releases to the warehouse what is not released yet: one request per warehouse, address and mode.
pub(crate) fn release(world: &mut World, index: u32) {
    if !world.config.external {
        return;
    }
    let Some(order) = world.dynamics.db.order(index).cloned() else { return };
    let good = order.sales_type == "Sales" && !order.stopped && !order.credit_hold;
    let confirmed = order.document != "None";
    if !good || !confirmed {
        return;
    }
    let mut groups: Vec<Vec<Line>> = Vec::new();
    for line in order.lines.iter().filter(|line| releasable(world, index, line)) {
        let same = |group: &&mut Vec<Line>| {
            group.first().is_some_and(|first| {
                first.warehouse == line.warehouse
                    && first.mode == line.mode
                    && first.delivery == line.delivery
            })
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(line.clone()),
            None => groups.push(vec![line.clone()]),
        }
    }
    for group in groups {
        create(world, &order, &group);
    }
}

fn releasable(world: &World, index: u32, line: &Line) -> bool {
    let requested = world.dynamics.db.requests_of(index).any(|request| {
        ALIVE.contains(&request.status) && request.lines.iter().any(|l| l.seq == line.seq)
    });
    ["SB01", "SB02"].contains(&line.warehouse)
        && line.status == "Backorder"
        && line.stocked
        && !line.direct
        && !line.blocked
        && line.remain > Decimal::ZERO
        && !requested
}

fn create(world: &mut World, order: &Order, lines: &[Line]) {
    let Some(first) = lines.first() else { return };
    let tenant = &world.config.tenant;
    let nth = u32::try_from(world.dynamics.db.requests_of(order.index).count()).unwrap_or(0);
    let number = (order.index + 1) * IDS_PER_ORDER + nth;
    let number_of = |shown: bool| if shown { order.number.clone() } else { String::new() };
    let db = &mut world.dynamics.db;
    let request_lines: Vec<RequestLine> =
        lines.iter().zip(1..).map(|(line, number)| of_line(db.rec_id(), line, number)).collect();
    let request = Request {
        company: order.company,
        id: format!("WHSR-{number:07}"),
        origin: format!("WHSO-{number:07}"),
        rec_id: db.rec_id(),
        answer_version: 1,
        order: order.index,
        version: 1,
        warehouse: first.warehouse,
        mode: if first.mode.is_empty() { order.mode.clone() } else { first.mode.clone() },
        terms: order.terms,
        account: order.account.clone(),
        reference: number_of(!tenant.order_number_hidden && !tenant.order_number_on_line),
        line_reference: number_of(tenant.order_number_on_line),
        purchase_order: order.reference.clone(),
        email: order.email.clone(),
        phone: order.phone.clone(),
        consignee: order.delivery.clone(),
        receiver: first.delivery.clone().unwrap_or_default(),
        status: "Sent",
        message: String::new(),
        lines: request_lines,
    };
    let detail = json!({"request": request.id, "version": 1, "lines": request.lines.len()});
    db.insert_request(request);
    let number = order.number.clone();
    world.ledger.record(world.now, System::Dynamics, effect::REQUEST_MADE, number, detail);
}

fn of_line(rec_id: i64, line: &Line, number: i64) -> RequestLine {
    RequestLine {
        rec_id,
        number,
        seq: line.seq,
        item: line.item,
        color: line.color,
        size: line.size,
        text: line.text.clone(),
        quantity: line.remain,
        unit: line.unit,
    }
}

/// The order changed by hand: requests that no longer say what it says are taken back, and said anew.
pub(crate) fn restate(world: &mut World, index: u32) {
    if !world.config.external {
        return;
    }
    let open = |line: &Line| line.status == "Backorder" && line.remain > Decimal::ZERO;
    let order = world.dynamics.db.order(index).cloned();
    let stands =
        |seq: i32| order.as_ref().is_some_and(|o| o.lines.iter().any(|l| l.seq == seq && open(l)));
    let ids: Vec<String> = world
        .dynamics
        .db
        .requests_of(index)
        .filter(|r| ALIVE.contains(&r.status) && !r.lines.iter().all(|l| stands(l.seq)))
        .map(|r| r.id.clone())
        .collect();
    for id in ids {
        let some =
            world.dynamics.db.request(&id).is_some_and(|r| r.lines.iter().any(|l| stands(l.seq)));
        if some && world.config.tenant.request_versions {
            let keep = |request: &mut Request| {
                request.lines.retain(|l| stands(l.seq));
                request.version += 1;
                request.answer_version += 1;
                request.status = "Sent";
            };
            change(world, &id, effect::REQUEST_MADE, keep);
        } else {
            let cancel = |request: &mut Request| {
                request.status = "Cancelled";
                request.answer_version += 1;
            };
            change(world, &id, effect::REQUEST_CANCELLED, cancel);
        }
    }
    release(world, index);
}

fn change(world: &mut World, id: &str, name: &'static str, change: impl FnOnce(&mut Request)) {
    let Some(request) = world.dynamics.db.request_mut(id) else { return };
    change(request);
    let detail = json!({"request": request.id, "version": request.version});
    let index = request.order;
    let number = world.seed.at(index).map(|meant| meant.number.clone()).unwrap_or_default();
    world.ledger.record(world.now, System::Dynamics, name, number, detail);
}

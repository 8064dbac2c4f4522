//! Stock in F&O: physical on-hand per warehouse, and counting journals with their posting job. Physical = what was there,
//! registered and counted, less what was deducted and picked: goods an external warehouse picked have left, a picking list alone takes
//! nothing.

mod journals;

pub(crate) use journals::{create_header, create_line, plan_posting, post, posting_job, unposted};

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::json;

use super::db::{Database, Undo};
use super::documents::Made;
use super::life::LifeEvent;
use super::refusal::Refusal;
use super::value::Cell;
use super::write::{Desk, Member, Members};
use crate::seed::catalogue::{ITEMS, sku};
use crate::seed::stock::{PLACES, blocked, difference, initial, places, warehouse_of};
use crate::world::calendar::HOUR;
use crate::world::chance::Chance;
use crate::world::config::TwinConfig;
use crate::world::ledger::{System, effect};
use crate::world::{Event, World};

/// Places of the tables in [`Database::plain`].
pub(crate) const ON_HAND: usize = 18;
pub(crate) const HEADERS: usize = 19;
pub(crate) const LINES: usize = 20;
pub(crate) const BY_STATUS: usize = 21;
pub(crate) const ADJUSTMENTS: usize = 22;
/// Inventory statuses of this company.
pub(crate) const AVAILABLE: &str = "Available";
pub(crate) const BLOCKED: &str = "Blocked";

/// Cells of a row on hand.
mod on_hand {
    pub(super) const WAREHOUSE: usize = 8;
    pub(super) const PHYSICAL: usize = 9;
    pub(super) const AVAILABLE: usize = 11;
    pub(super) const TOTAL: usize = 16;
    pub(super) const STATUS: usize = 19;
}

/// What left F&O's stock for an order.
pub(crate) struct Gone {
    pub(crate) order_number: String,
    pub(crate) warehouse: String,
    pub(crate) sku: String,
    pub(crate) pieces: i64,
    pub(crate) at: i64,
}

/// What is kept besides the tables.
#[derive(Default)]
pub(crate) struct Book {
    planned: bool,
    /// The next run of the jobs for external adjustments is planned.
    pub(super) adjusting: bool,
    pub(crate) gone: Vec<Gone>,
    /// Pieces counted in or out, and pieces registered, by warehouse and SKU.
    pub(crate) counted: BTreeMap<(String, String), i64>,
    pub(crate) registered: BTreeMap<(String, String), i64>,
    /// What the customer's service was told is available, by warehouse and SKU.
    pub(super) available: BTreeMap<(String, String), i64>,
    /// When a line of a journal was written last.
    touched: BTreeMap<String, i64>,
}

pub(super) fn t(text: &str) -> Cell {
    Cell::text(text)
}

pub(super) fn str_at(row: &[Cell], place: usize) -> &str {
    match row.get(place) {
        Some(Cell::Str(text)) => text,
        _ => "",
    }
}

pub(super) fn dec_at(row: &[Cell], place: usize) -> Decimal {
    match row.get(place) {
        Some(Cell::Dec(number)) => *number,
        _ => Decimal::ZERO,
    }
}

/// The tables of this part: on hand, headers, lines.
pub(crate) fn tables(company: &str, config: &TwinConfig) -> Vec<Vec<Vec<Cell>>> {
    let chance = Chance::new(config.seed);
    let mut rows = Vec::new();
    for item in ITEMS.iter().filter(|item| item.stocked()) {
        let sku = item.sku();
        for (warehouse, site, centre) in PLACES {
            let off = if config.stock { difference(chance, &sku, *centre) } else { 0 };
            let all = places(config.network).filter(|(id, ..)| id == warehouse);
            let there: i64 = all.map(|(.., at)| initial(chance, &sku, at)).sum();
            let physical = Decimal::from(there + off);
            let available = physical;
            rows.push(vec![
                t(company),
                t(item.number),
                t(item.color),
                t(""),
                t(item.size),
                t(""),
                t(""),
                t(site),
                t(warehouse),
                Cell::Dec(physical),
                Cell::Dec(Decimal::ZERO),
                Cell::Dec(available),
                Cell::Dec(Decimal::ZERO),
                Cell::Dec(Decimal::ZERO),
                Cell::Dec(Decimal::ZERO),
                Cell::Dec(Decimal::ZERO),
                Cell::Dec(available),
                t(item.name),
                Cell::yes(config.external),
            ]);
        }
    }
    let statuses = by_status(&rows, chance, config);
    vec![rows, Vec::new(), Vec::new(), statuses, Vec::new()]
}

/// The same goods by inventory status; only what warehouse management keeps has one.
fn by_status(on_hand: &[Vec<Cell>], chance: Chance, config: &TwinConfig) -> Vec<Vec<Cell>> {
    let mut all = Vec::new();
    for row in on_hand.iter().filter(|_| config.external || config.whs) {
        let (item, color, size) = dimensions(row, 1);
        let aside = blocked(chance, &sku(item, color, size), str_at(row, on_hand::WAREHOUSE));
        let rest = dec_at(row, on_hand::PHYSICAL) - Decimal::from(aside);
        for (status, pieces) in [(AVAILABLE, rest), (BLOCKED, Decimal::from(aside))] {
            if status == BLOCKED && pieces.is_zero() {
                continue;
            }
            let mut cells = row.clone();
            for place in [on_hand::PHYSICAL, on_hand::AVAILABLE, on_hand::TOTAL] {
                if let Some(cell) = cells.get_mut(place) {
                    *cell = Cell::Dec(pieces);
                }
            }
            cells.push(t(status));
            all.push(cells);
        }
    }
    all
}

/// Item, colour and size of a row whose item number stands at `first`.
pub(super) fn dimensions(row: &[Cell], first: usize) -> (&str, &str, &str) {
    (str_at(row, first), str_at(row, first + 1), str_at(row, first + 3))
}

pub(super) fn row_of(db: &Database, warehouse: &str, of: (&str, &str, &str)) -> Option<usize> {
    db.plain.get(ON_HAND)?.iter().position(|row| {
        str_at(row, on_hand::WAREHOUSE).eq_ignore_ascii_case(warehouse) && dimensions(row, 1) == of
    })
}

pub(super) fn change(db: &mut Database, row: usize, by: Decimal) {
    let Some(row) = db.plain.get_mut(ON_HAND).and_then(|rows| rows.get_mut(row)) else { return };
    add(row, by);
    let warehouse = str_at(row, on_hand::WAREHOUSE).to_owned();
    let (item, color, size) = dimensions(row, 1);
    let of = (item.to_owned(), color.to_owned(), size.to_owned());
    let available = db.plain.get_mut(BY_STATUS).and_then(|rows| {
        rows.iter_mut().find(|row| {
            str_at(row, on_hand::WAREHOUSE) == warehouse
                && dimensions(row, 1) == (of.0.as_str(), of.1.as_str(), of.2.as_str())
                && str_at(row, on_hand::STATUS) == AVAILABLE
        })
    });
    if let Some(row) = available {
        add(row, by);
    }
}

fn add(row: &mut [Cell], by: Decimal) {
    for place in [on_hand::PHYSICAL, on_hand::AVAILABLE, on_hand::TOTAL] {
        if let Some(Cell::Dec(number)) = row.get_mut(place) {
            *number += by;
        }
    }
}

pub(super) fn change_sku(db: &mut Database, warehouse: &str, wanted: &str, by: i64) {
    let place = db.plain.get(ON_HAND).and_then(|rows| {
        rows.iter().position(|row| {
            let (item, color, size) = dimensions(row, 1);
            str_at(row, on_hand::WAREHOUSE) == warehouse && sku(item, color, size) == wanted
        })
    });
    if let Some(place) = place {
        change(db, place, Decimal::from(by));
    }
}

/// Goods leave F&O's stock for lines of an order: (line, quantity in sales unit).
pub(crate) fn deduct(world: &mut World, index: u32, lines: &[(i32, Decimal)]) {
    let clock = world.server_clock();
    let now = world.now;
    let Some(order) = world.dynamics.db.order(index).cloned() else { return };
    for (seq, quantity) in lines {
        let Some(line) = order.lines.iter().find(|line| line.seq == *seq) else { continue };
        let pieces = (*quantity * line.factor).ceil().to_i64().unwrap_or(0);
        let sku = sku(line.item, line.color, line.size);
        change_sku(&mut world.dynamics.db, line.warehouse, &sku, -pieces);
        world.dynamics.book.gone.push(Gone {
            order_number: order.number.clone(),
            warehouse: line.warehouse.to_owned(),
            sku,
            pieces,
            at: now.min(clock),
        });
    }
}

/// A receipt is registered in F&O some hours after it was stowed.
pub(crate) fn plan_registration(world: &mut World, sku: &str, centre: i64, pieces: i64) {
    let wait = world.chance.between("registered after", &format!("{sku}@{centre}"), HOUR, 8 * HOUR);
    let wait = world.config.paced(wait);
    let Some(place) = ITEMS.iter().position(|item| item.sku() == sku) else { return };
    let event = LifeEvent::Register { place, centre, pieces };
    world.schedule_in(wait, Event::Dynamics(event));
}

/// Registers it.
pub(crate) fn register(world: &mut World, place: usize, centre: i64, pieces: i64) {
    let Some(item) = ITEMS.get(place) else { return };
    let Some(warehouse) = warehouse_of(centre, world.config.network) else { return };
    let sku = item.sku();
    change_sku(&mut world.dynamics.db, warehouse, &sku, pieces);
    let key = (warehouse.to_owned(), sku.clone());
    *world.dynamics.book.registered.entry(key).or_default() += pieces;
    let detail = json!({"warehouse": warehouse, "pieces": pieces});
    world.ledger.record(world.now, System::Dynamics, effect::STOCK_REGISTERED, sku, detail);
}

pub(super) fn refuse(entity: &'static str, text: &str) -> Refusal {
    Refusal::Infolog { entity, text: format!("Error: {text}; Error: Update has been canceled.") }
}

pub(super) fn number(members: &Members, name: &str) -> Option<Decimal> {
    members.iter().find_map(|(found, member)| match member {
        Member::Number(number) if *found == name => Some(*number),
        _ => None,
    })
}

pub(super) fn made(desk: &mut Desk<'_>, table: usize, row: Vec<Cell>) -> Made {
    let at = desk.db.plain.get_mut(table).map_or(0, |rows| {
        rows.push(row);
        rows.len() - 1
    });
    if desk.keep_undo {
        desk.undo.push(Undo::PlainInserted(table));
    }
    Made::Plain(table, at)
}

/// Physical on hand by warehouse and SKU.
pub(crate) fn physical(world: &World) -> BTreeMap<(String, String), i64> {
    let rows = world.dynamics.db.plain.get(ON_HAND).map(Vec::as_slice).unwrap_or_default();
    rows.iter()
        .map(|row| {
            let (item, color, size) = dimensions(row, 1);
            let key = (str_at(row, on_hand::WAREHOUSE).to_owned(), sku(item, color, size));
            (key, dec_at(row, on_hand::PHYSICAL).to_i64().unwrap_or(0))
        })
        .collect()
}

/// The sales order behind the number an order has at ShipBob: where the sales order was not known, that of its request.
pub(crate) fn sales_order(world: &World, number: &str) -> String {
    let request = world.dynamics.db.request(number).map(|request| request.order);
    let meant = request.and_then(|index| world.seed.at(index));
    meant.map_or_else(|| number.to_owned(), |meant| meant.number.clone())
}

//! Charges on sales orders: charge codes and what they post, and the table behind the read-back. Written by imports and
//! by the customer's own service.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Serialize;
use serde_json::json;

use super::value::Cell;
use crate::world::World;
use crate::world::ledger::{System, effect};

/// Places of the tables in [`super::db::Database::plain`].
const CODES: usize = 23;
const CHARGES: usize = 24;
/// Table id of sales orders in this environment.
const SALES_TABLE: i64 = 366;

/// Code, text, debit, credit.
const KNOWN: &[(&str, &str, &str, &str)] = &[
    ("SBCOST", "ShipBob fulfilment cost", "LedgerAccount", "LedgerAccount"),
    ("SBFREIGHT", "ShipBob freight cost", "LedgerAccount", "LedgerAccount"),
    ("FREIGHT", "Freight billed to the customer", "CustVend", "LedgerAccount"),
    ("HANDLING", "Handling", "LedgerAccount", "CustVend"),
    ("ITEMCOST", "On the item", "Item", "LedgerAccount"),
];

/// A charge as it stands on its order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ChargeTruth {
    /// Sales order number.
    pub order: String,
    /// Line number.
    pub line: i64,
    pub code: String,
    /// As decimal text.
    pub amount: String,
    pub currency: String,
    pub text: String,
    /// Its code posts to the customer.
    pub bills_customer: bool,
}

/// A charge that is brought.
pub(super) struct Row {
    pub(super) line: i64,
    pub(super) code: String,
    pub(super) amount: Decimal,
    pub(super) currency: String,
    pub(super) text: String,
    pub(super) keep: bool,
}

fn t(text: &str) -> Cell {
    Cell::text(text)
}

/// The tables of this part: codes, charges.
pub(crate) fn tables(company: &str) -> Vec<Vec<Vec<Cell>>> {
    let code = |(code, text, debit, credit): &(&str, &str, &'static str, &'static str)| {
        vec![t(company), t(code), t(text), Cell::Enum(debit), Cell::Enum(credit)]
    };
    vec![KNOWN.iter().map(code).collect(), Vec::new()]
}

pub(super) fn is_code(code: &str) -> bool {
    KNOWN.iter().any(|(known, ..)| known.eq_ignore_ascii_case(code))
}

/// Changes what a code posts on the debit side.
pub(crate) fn repost(world: &mut World, code: &str, debit: &'static str) -> bool {
    let rows = world.dynamics.db.plain.get_mut(CODES).map(Vec::as_mut_slice).unwrap_or_default();
    let row = rows.iter_mut().find(|row| text_at(row, 1).eq_ignore_ascii_case(code));
    match row.and_then(|row| row.get_mut(3)) {
        Some(cell) => {
            *cell = Cell::Enum(debit);
            true
        }
        None => false,
    }
}

/// The code bills the customer, as it posts now.
fn bills(world: &World, code: &str) -> bool {
    let rows = world.dynamics.db.plain.get(CODES).map(Vec::as_slice).unwrap_or_default();
    let row = rows.iter().find(|row| text_at(row, 1).eq_ignore_ascii_case(code));
    let ledger = |row: &Vec<Cell>, at| matches!(row.get(at), Some(Cell::Enum("LedgerAccount")));
    !row.is_some_and(|row| ledger(row, 3) && ledger(row, 4))
}

fn int_at(row: &[Cell], place: usize) -> i64 {
    match row.get(place) {
        Some(Cell::Int(number)) => *number,
        Some(Cell::Dec(number)) => number.to_i64().unwrap_or(0),
        _ => 0,
    }
}

fn text_at(row: &[Cell], place: usize) -> String {
    match row.get(place) {
        Some(Cell::Str(text)) => text.clone(),
        _ => String::new(),
    }
}

/// Writes a charge: order and line number are its key.
pub(super) fn upsert(world: &mut World, index: u32, number: &str, row: &Row) {
    let Some(record) = world.dynamics.db.order(index).map(|order| order.rec_id) else { return };
    let company = world.seed.company;
    let cells = vec![
        t(company),
        Cell::Int(record),
        Cell::Int(SALES_TABLE),
        Cell::Dec(Decimal::from(row.line)),
        t(&row.code),
        Cell::Enum("Fixed"),
        Cell::Dec(row.amount),
        t(&row.currency),
        t(&row.text),
        Cell::yes(row.keep),
    ];
    let bills = bills(world, &row.code);
    let Some(table) = world.dynamics.db.plain.get_mut(CHARGES) else { return };
    let there = table.iter_mut().find(|one| int_at(one, 1) == record && int_at(one, 3) == row.line);
    let new = there.is_none();
    match there {
        Some(one) => *one = cells,
        None => table.push(cells),
    }
    let detail = json!({
        "line": row.line, "code": row.code, "amount": row.amount.normalize().to_string(),
        "currency": row.currency, "text": row.text, "new": new, "bills_customer": bills,
    });
    world.ledger.record(world.now, System::Dynamics, effect::CHARGE_WRITTEN, number, detail);
}

/// A charge of that order stands exactly so.
pub(super) fn stands(world: &World, index: u32, row: &Row) -> bool {
    let Some(record) = world.dynamics.db.order(index).map(|order| order.rec_id) else {
        return false;
    };
    let rows = world.dynamics.db.plain.get(CHARGES).map(Vec::as_slice).unwrap_or_default();
    rows.iter().any(|one| {
        int_at(one, 1) == record
            && int_at(one, 3) == row.line
            && text_at(one, 4).eq_ignore_ascii_case(&row.code)
            && matches!(one.get(6), Some(Cell::Dec(amount)) if *amount == row.amount)
            && text_at(one, 7) == row.currency
            && text_at(one, 8) == row.text
    })
}

/// Every charge as it stands.
pub(crate) fn all(world: &World) -> Vec<ChargeTruth> {
    let db = &world.dynamics.db;
    let rows = db.plain.get(CHARGES).map(Vec::as_slice).unwrap_or_default();
    let mut found: Vec<ChargeTruth> = rows
        .iter()
        .map(|row| {
            let order = db.orders().iter().find(|order| order.rec_id == int_at(row, 1));
            let amount = match row.get(6) {
                Some(Cell::Dec(number)) => number.normalize().to_string(),
                _ => String::new(),
            };
            let code = text_at(row, 4);
            ChargeTruth {
                order: order.map(|order| order.number.clone()).unwrap_or_default(),
                line: int_at(row, 3),
                bills_customer: bills(world, &code),
                code,
                amount,
                currency: text_at(row, 7),
                text: text_at(row, 8),
            }
        })
        .collect();
    found.sort();
    found
}

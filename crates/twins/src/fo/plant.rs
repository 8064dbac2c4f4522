//! What planted problems look like in F&O's database.

mod requests;

use rust_decimal::Decimal;

pub(crate) use requests::plant as in_request;

use super::rows::{Line, Order};
use super::value::{Cell, whole_second};
use super::{external, masters, products, stock, whs};
use crate::world::World;
use crate::world::calendar::DAY;
use crate::world::plant::Plant;

/// Places of the tables in the order of [`super::masters::tables`].
const SERVICES: usize = 6;
const CONVERSIONS: usize = 11;
const DISTINCT: usize = 14;
const DIMENSIONS: usize = 15;
const BARCODES: usize = 16;
const MASTERS: usize = 17;

/// Items of the usual list that are awkward by themselves.
const AWKWARD: [&str; 2] = ["NEW-0001", "mix-case-1"];
/// Items ShipBob keeps on no shelf.
const NO_SHELF: [&str; 3] = ["NEW-0001", "mix-case-1", "KIT01"];
/// The usual item without a weight.
const WEIGHTLESS: &str = "A0010";

fn is(row: &[Cell], place: usize, text: &str) -> bool {
    matches!(row.get(place), Some(Cell::Str(found)) if found == text)
}

/// A text that lives as long as the program: rows borrow item numbers. One leak per planted product.
pub(crate) fn name(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// Takes out what is awkward by itself, and releases everything.
pub(crate) fn ready(world: &mut World) {
    let plain = &mut world.dynamics.db.plain;
    let mut keep = |table: usize, place: usize, gone: &[&str]| {
        if let Some(rows) = plain.get_mut(table) {
            rows.retain(|row| !gone.iter().any(|item| is(row, place, item)));
        }
    };
    keep(DISTINCT, 2, &AWKWARD);
    keep(stock::ON_HAND, 1, &NO_SHELF);
    keep(stock::BY_STATUS, 1, &NO_SHELF);
    for row in plain.get_mut(DIMENSIONS).into_iter().flatten() {
        if is(row, 0, WEIGHTLESS)
            && let Some(cell) = row.get_mut(9)
        {
            *cell = Cell::Dec(Decimal::ONE);
        }
    }
    let all = u32::try_from(world.dynamics.db.orders().len()).unwrap_or(0);
    let clock = world.server_clock();
    for index in 0..all {
        world.dynamics.db.touch_order(index, clock, |order| {
            if order.document == "None" {
                order.document = "Confirmation";
            }
        });
    }
}

/// Releases everything to warehouses that are released order by order, as it stands by now.
pub(crate) fn release_all(world: &mut World) {
    let all = u32::try_from(world.dynamics.db.orders().len()).unwrap_or(0);
    for index in 0..all {
        external::release(world, index);
        whs::release_rest(world, index);
    }
}

/// Where an order goes, in three letters.
pub(crate) fn country(world: &World, index: u32) -> &'static str {
    world.dynamics.db.order(index).map_or("", |order| order.delivery.country)
}

fn order(world: &mut World, index: u32, change: impl FnOnce(&mut Order)) {
    let clock = world.server_clock();
    world.dynamics.db.touch_order(index, clock, change);
}

fn lines(world: &mut World, index: u32, most: usize, change: impl Fn(&mut Line)) {
    let clock = world.server_clock();
    let seqs: Vec<i32> = world
        .dynamics
        .db
        .order(index)
        .map(|order| order.lines.iter().map(|line| line.seq).take(most).collect())
        .unwrap_or_default();
    for seq in seqs {
        world.dynamics.db.touch_line(index, seq, clock, |line| change(line));
    }
}

/// Plants it into an order; returns what it is known by, where that is not the order.
pub(crate) fn in_order(world: &mut World, index: u32, kind: Plant) -> Option<&'static str> {
    let start = world.config.start_micros;
    match kind {
        Plant::AddressNoPostalCode => order(world, index, |o| o.delivery.zip.clear()),
        Plant::AddressNoCity => order(world, index, |o| o.delivery.city.clear()),
        Plant::AddressNoStreet => order(world, index, |o| o.delivery.street.clear()),
        Plant::AddressNoState => order(world, index, |o| o.delivery.state.clear()),
        Plant::RecipientEmpty => order(world, index, |o| o.delivery.name.clear()),
        Plant::AddressTooLong => {
            order(world, index, |o| o.delivery.street = "Long Lane ".repeat(32))
        }
        Plant::AddressCountryUnknown => {
            order(world, index, |o| {
                o.delivery.country = "ATL";
                o.delivery.country_iso = "";
            });
            return Some("ATL");
        }
        Plant::MethodUnmapped => {
            order(world, index, |o| "EXP2".clone_into(&mut o.mode));
            lines(world, index, usize::MAX, |l| "EXP2".clone_into(&mut l.mode));
            return Some("EXP2");
        }
        Plant::WarehouseUnmapped => {
            order(world, index, |o| (o.site, o.warehouse) = ("1", "11"));
            lines(world, index, usize::MAX, |l| (l.site, l.warehouse) = ("1", "11"));
            return Some("11");
        }
        Plant::LineNotStocked => lines(world, index, 1, |l| l.stocked = false),
        Plant::LineDirectDelivery => lines(world, index, 1, |l| l.direct = true),
        Plant::LineBlocked => lines(world, index, 1, |l| l.blocked = true),
        Plant::OrderCreditHold => order(world, index, |o| o.credit_hold = true),
        Plant::OrderStopped => order(world, index, |o| o.stopped = true),
        Plant::QuantityFraction => lines(world, index, 1, |l| {
            l.quantity = Decimal::new(15, 1);
            l.remain = l.quantity;
            l.deliver_now = l.quantity;
        }),
        Plant::UnitUnknown => lines(world, index, 1, |l| l.unit = "crt"),
        Plant::PriceNotUsdAbroad => {
            order(world, index, |o| {
                let to = &mut o.delivery;
                "Köln".clone_into(&mut to.city);
                "50667".clone_into(&mut to.zip);
                to.state.clear();
                (to.country, to.country_iso) = ("DEU", "DE");
                "INTL".clone_into(&mut o.mode);
                o.currency = "EUR";
            });
            lines(world, index, usize::MAX, |l| "INTL".clone_into(&mut l.mode));
        }
        Plant::BeforeCutOff => order(world, index, |o| o.created = whole_second(start - 3 * DAY)),
        _ => {}
    }
    None
}

/// The unit a planted product is sold in.
pub(crate) fn unit(kind: Plant) -> &'static str {
    if matches!(kind, Plant::ConversionMissing | Plant::ConversionZero) { "box" } else { "ea" }
}

/// The first line of an order becomes one of this item.
pub(crate) fn sell(world: &mut World, index: u32, item: &'static str, unit: &'static str) {
    lines(world, index, 1, |line| {
        (line.item, line.color, line.size) = (item, "", "");
        line.unit = unit;
        line.factor = Decimal::ONE;
        line.text = format!("Planted product {item}");
    });
}

/// Weight and its unit.
fn weight(kind: Plant) -> (Decimal, &'static str) {
    match kind {
        Plant::WeightZero => (Decimal::ZERO, "oz"),
        Plant::WeightNegative => (Decimal::NEGATIVE_ONE, "oz"),
        Plant::WeightHuge => (Decimal::from(1_000_000_000), "g"),
        Plant::WeightUnitUnknown => (Decimal::ONE, "stone"),
        Plant::WeightConversionZero => (Decimal::TWO, "nil"),
        Plant::WeightConversionCyclic => (Decimal::TWO, "cya"),
        _ => (Decimal::from(8), "oz"),
    }
}

fn push(world: &mut World, table: usize, row: Vec<Cell>) {
    if let Some(rows) = world.dynamics.db.plain.get_mut(table) {
        rows.push(row);
    }
}

fn distinct(world: &mut World, number: &str, item: &str, colour: &str, catch_weight: bool) {
    let company = world.seed.company;
    let name = format!("Planted product {item}");
    let row = products::distinct_row(company, (number, item, &name, colour), catch_weight);
    push(world, DISTINCT, row);
}

/// A product of F&O that is right but for what is planted.
pub(crate) fn item(world: &mut World, item: &str, kind: Plant, nth: u32) {
    let company = world.seed.company;
    distinct(world, item, item, "", kind == Plant::LineCatchWeight);
    let none = ([Decimal::ZERO; 3], "");
    push(world, DIMENSIONS, products::dimension(item, none, weight(kind)));
    let customs = match kind {
        Plant::TariffCodeBad => ("12AB", "", ""),
        Plant::OriginUnmapped => ("", "ATL", ""),
        _ => ("", "", ""),
    };
    let nothing = (Decimal::ZERO, Decimal::ZERO, [Decimal::ZERO; 3]);
    let catch = kind == Plant::LineCatchWeight;
    let name = format!("Planted product {item}");
    push(world, MASTERS, products::item_master(company, item, &name, nothing, customs, catch));
    match kind {
        Plant::BarcodeDouble => {
            push(world, BARCODES, products::barcode(company, item, &format!("49{nth:011}")));
        }
        Plant::ConversionZero => {
            let how = masters::factor(0, 1, 1);
            push(world, CONVERSIONS, masters::conversion("box", "ea", Some(item), how));
        }
        _ => {}
    }
}

/// A coloured product and another one whose number is the same text; returns the SKU both come to.
pub(crate) fn double(world: &mut World, first: &'static str, nth: u32) -> String {
    let second = format!("{first}-Red");
    let company = world.seed.company;
    let number = format!("{first} : : : Red :");
    distinct(world, &number, first, "Red", false);
    let (none, usual) = (([Decimal::ZERO; 3], ""), weight(Plant::SkuDouble));
    push(world, DIMENSIONS, products::dimension(&number, none, usual));
    let nothing = (Decimal::ZERO, Decimal::ZERO, [Decimal::ZERO; 3]);
    let master = products::item_master(company, first, "Planted", nothing, ("", "", ""), false);
    push(world, MASTERS, master);
    item(world, &second, Plant::SkuDouble, nth);
    second
}

/// F&O says so much more (or less) than the shelf.
pub(crate) fn more(world: &mut World, warehouse: &str, sku: &str, by: i64) {
    stock::change_sku(&mut world.dynamics.db, warehouse, sku, by);
}

/// The first carrier service of F&O is gone; returns what it was. None when there is none any more.
pub(crate) fn drop_carrier(world: &mut World) -> Option<String> {
    let rows = world.dynamics.db.plain.get_mut(SERVICES)?;
    if rows.is_empty() {
        return None;
    }
    let row = rows.remove(0);
    match (row.get(1), row.get(2)) {
        (Some(Cell::Str(carrier)), Some(Cell::Str(service))) => {
            Some(format!("{carrier} / {service}"))
        }
        _ => None,
    }
}

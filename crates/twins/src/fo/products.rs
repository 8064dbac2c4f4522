//! Released products of F&O: distinct products, their dimensions, barcodes and item masters.

use std::ops::Range;

use rust_decimal::Decimal;

use super::value::Cell;
use crate::seed::catalogue::{ITEMS, Item};
use crate::seed::skus::{SkuKind, Spec, specs};
use crate::world::World;

type Rows = Vec<Vec<Cell>>;

/// Number of the table of dimensions.
const DIMENSIONS: usize = 15;

fn t(text: &str) -> Cell {
    Cell::text(text)
}

fn decimals(all: &[Decimal]) -> impl Iterator<Item = Cell> {
    all.iter().map(|one| Cell::Dec(*one))
}

/// One stocked distinct product: number, item, name, colour.
pub(super) fn distinct_row(
    company: &str,
    (number, item, name, colour): (&str, &str, &str, &str),
    catch_weight: bool,
) -> Vec<Cell> {
    let mut row =
        [company, number, item, name, "", colour, "", "", "", "", "ea", "ea"].map(t).to_vec();
    row.extend(decimals(&[Decimal::new(1_000, 2), Decimal::new(500, 2)]));
    row.extend([Cell::yes(true), Cell::yes(catch_weight), Cell::Enum("Item"), t("USD")]);
    row
}

/// Distinct products beyond the usual items.
pub(super) fn distinct(company: &str, skus: Range<u32>) -> Rows {
    let row = |spec: &Spec, colour: &str| {
        let names = (&*spec.number(colour), &*spec.item(), &*spec.name(colour), colour);
        let mut row = distinct_row(company, names, spec.kind == SkuKind::CatchWeight);
        let stocked = !matches!(spec.kind, SkuKind::NotStocked | SkuKind::Service);
        let kind = if spec.kind == SkuKind::Service { "Service" } else { "Item" };
        for (place, cell) in [(14, Cell::yes(stocked)), (16, Cell::Enum(kind))] {
            if let Some(at) = row.get_mut(place) {
                *at = cell;
            }
        }
        row
    };
    let all = specs(skus);
    all.flat_map(|spec| spec.colours().iter().map(|c| row(&spec, c)).collect::<Rows>()).collect()
}

/// Number, type, unit described, unit of length, of mass, of volume, depth, height, width, weight.
pub(super) fn dimension(
    number: &str,
    sides: ([Decimal; 3], &str),
    weight: (Decimal, &str),
) -> Vec<Cell> {
    let ([depth, width, height], length) = sides;
    let mut row = vec![t(number), Cell::Enum("Packing"), t("ea"), t(length), t(weight.1), t("")];
    row.extend(decimals(&[depth, height, width, weight.0]));
    row
}

pub(super) fn dimensions(skus: Range<u32>) -> Rows {
    let none = ([Decimal::ZERO; 3], "");
    let usual = ITEMS.iter().filter(|item| item.stocked()).map(|item: &Item| {
        dimension(&item.product_number(), none, (Decimal::new(item.ounces_100, 2), "oz"))
    });
    let mut rows: Rows = usual.collect();
    for spec in specs(skus) {
        for colour in spec.colours() {
            if let (Some(weight), Some(sides)) = (spec.weight(false), spec.sides()) {
                rows.push(dimension(&spec.number(colour), sides, weight));
            }
        }
    }
    rows
}

pub(super) fn barcodes(company: &str, skus: Range<u32>) -> Rows {
    let row = |spec: Spec| Some(barcode(company, &spec.number(""), &spec.barcode()?));
    specs(skus).filter_map(row).collect()
}

/// The barcode of one piece.
pub(super) fn barcode(company: &str, number: &str, code: &str) -> Vec<Cell> {
    let mut row = [company, number, "ea", "EAN13", code].map(t).to_vec();
    row.extend([Cell::yes(true), Cell::yes(true), Cell::yes(true), t(""), Cell::Dec(Decimal::ONE)]);
    row
}

pub(super) fn item_master(
    company: &str,
    number: &str,
    name: &str,
    measures: (Decimal, Decimal, [Decimal; 3]),
    (tariff, origin, text): (&str, &str, &str),
    catch_weight: bool,
) -> Vec<Cell> {
    let (net, tare, [depth, width, height]) = measures;
    let mut row = vec![t(company), t(number), t(number), t(name), t(name)];
    row.extend(decimals(&[net, tare, depth, width, height]));
    row.extend([t(tariff), t(""), t(origin), t(text), Cell::yes(catch_weight), t("ea")]);
    row
}

pub(super) fn masters(company: &str, skus: Range<u32>) -> Rows {
    let nothing = (Decimal::ZERO, Decimal::ZERO, [Decimal::ZERO; 3]);
    let mut rows = Rows::new();
    for item in ITEMS {
        if rows.iter().all(|row| !matches!(row.get(1), Some(Cell::Str(n)) if n == item.number)) {
            let name = item.name.split(',').next().unwrap_or_default();
            rows.push(item_master(company, item.number, name, nothing, ("", "", ""), false));
        }
    }
    rows.extend(specs(skus).map(|spec| {
        let name = format!("Product {}", spec.index + 1);
        let catch = spec.kind == SkuKind::CatchWeight;
        item_master(company, &spec.item(), &name, spec.master(), spec.customs(), catch)
    }));
    rows
}

/// Some weights are corrected while the world runs.
pub(super) fn correct_weights(world: &mut World) {
    let changed: Vec<(String, Decimal, &str)> = specs(world.config.sku_places())
        .filter(|spec| spec.kind == SkuKind::Heavier)
        .filter_map(|spec| spec.weight(true).map(|(weight, unit)| (spec.number(""), weight, unit)))
        .collect();
    let Some(table) = world.dynamics.db.plain.get_mut(DIMENSIONS) else { return };
    for (number, weight, unit) in changed {
        for row in table.iter_mut() {
            if matches!(row.first(), Some(Cell::Str(of)) if *of == number) {
                if let Some(cell) = row.get_mut(4) {
                    *cell = t(unit);
                }
                if let Some(cell) = row.get_mut(9) {
                    *cell = Cell::Dec(weight);
                }
            }
        }
    }
}

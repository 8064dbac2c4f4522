//! What F&O wants ShipBob to know of one distinct product, and what of it cannot be told.

use crate::address::clean;
use crate::disposition::HoldReason;
use crate::measure::{self, Kind, Scale, SymbolError, ValueError};
use crate::product::{Customs, Item, Master, Physical, ProductFacts, Released, Values};
use crate::product_settings::{MeasureSource, Products};
use crate::settings::Settings;
use rust_decimal::Decimal;

/// Names are for people; no limit of 2026-01 is documented, earlier versions took 2,000.
const MAX_NAME: usize = 300;

/// One distinct product, ready to be held against ShipBob.
pub(super) struct Wanted<'a> {
    pub(super) released: &'a Released,
    pub(super) sku: Option<String>,
    pub(super) values: Values,
    /// Nothing of it may be sent.
    pub(super) stopped: Vec<HoldReason>,
    /// Single values that are left out.
    pub(super) left_out: Vec<HoldReason>,
}

/// Why a product is none of ShipBob's business.
pub(super) fn excluded(one: &Released, master: Option<&Master>) -> Option<&'static str> {
    let catch = one.catch_weight.or(master.and_then(|m| m.catch_weight));
    match (one.service, catch, one.stocked) {
        (true, ..) => Some("a service"),
        (_, Some(true), _) => Some("a catch-weight product"),
        (_, _, Some(false)) => Some("not stocked"),
        _ => None,
    }
}

/// The barcode of one piece: the default one before others.
pub(super) fn piece_barcode<'a>(one: &'a Released, settings: &Settings) -> Option<&'a str> {
    let piece = |unit: &str| settings.each_units.contains(&unit.trim().to_lowercase());
    let single = |q: Decimal| q.is_zero() || q == Decimal::ONE;
    let mut codes: Vec<_> = one
        .barcodes
        .iter()
        .filter(|b| piece(&b.of_unit) && single(b.quantity) && !b.code.trim().is_empty())
        .collect();
    codes.sort_by_key(|b| (!b.default, &b.code));
    codes.first().map(|b| b.code.trim())
}

pub(super) fn wanted<'a>(
    one: &'a Released,
    item: &'a Item,
    facts: &ProductFacts,
    (settings, products): (&Settings, &Products),
) -> Wanted<'a> {
    let code = piece_barcode(one, settings);
    let sku = products.sku_of(one, code);
    let mut want = Wanted {
        released: one,
        values: Values { name: Some(name(one)), ..Values::default() },
        stopped: Vec::new(),
        left_out: Vec::new(),
        sku,
    };
    match &want.sku {
        None => want.stopped.push(no_sku(one)),
        Some(sku) => {
            if let Some(other) = item.sku_clashes.get(&sku.to_lowercase()) {
                want.stopped.push(sku_clash(sku, other));
            }
        }
    }
    let label = want.sku.clone().unwrap_or_else(|| one.key.clone());
    let measures = Measures { one, item, facts, settings, products, label: &label };
    match measures.ounces() {
        Ok(ounces) => want.values.ounces = Some(ounces),
        Err(hold) => want.left_out.push(hold),
    }
    match measures.inches() {
        Ok(inches) => want.values.inches = inches,
        Err(hold) => want.left_out.push(hold),
    }
    if let Some(code) = code {
        match item.barcode_clashes.get(&code.to_lowercase()) {
            Some(other) => want.left_out.push(barcode_clash(&label, code, other)),
            None => want.values.barcode = Some(code.to_owned()),
        }
    }
    if let Some(master) = &item.master {
        customs(&mut want, master, facts, &label);
    }
    want
}

fn name(one: &Released) -> String {
    let name: String = clean(&one.name).chars().take(MAX_NAME).collect();
    if name.is_empty() { one.key.clone() } else { name }
}

struct Measures<'a> {
    one: &'a Released,
    item: &'a Item,
    facts: &'a ProductFacts,
    settings: &'a Settings,
    products: &'a Products,
    label: &'a str,
}

impl Measures<'_> {
    /// Rows that describe one piece, in the order of the settings.
    fn rows(&self) -> impl Iterator<Item = &Physical> {
        let used = self.products.measures != MeasureSource::Master;
        let kinds = self.products.dimension_types.iter().filter(move |_| used);
        let piece =
            |p: &&Physical| self.settings.each_units.contains(&p.of_unit.trim().to_lowercase());
        kinds.flat_map(move |kind| {
            self.one
                .physical
                .iter()
                .filter(move |p| p.kind.eq_ignore_ascii_case(kind))
                .filter(piece)
        })
    }

    fn master(&self, unit: &str) -> Option<&Master> {
        let used = self.products.measures != MeasureSource::Dimensions && !unit.trim().is_empty();
        self.item.master.as_ref().filter(|_| used)
    }

    fn ounces(&self) -> Result<Decimal, HoldReason> {
        let unit = &self.products.master_weight_unit;
        let row = self.rows().find(|p| !p.weight.is_zero());
        let (value, unit) = match (row, self.master(unit)) {
            (Some(row), _) => (row.weight, row.mass_unit.as_str()),
            (None, Some(master)) => (master.net.saturating_add(master.tare), unit.as_str()),
            (None, None) => (Decimal::ZERO, ""),
        };
        if value.is_zero() {
            return Err(self.bad_value("weight", value, ValueError::Zero));
        }
        let scale = self.scale("weight", unit, Kind::Mass)?;
        measure::convert(value, scale).map_err(|e| self.bad_value("weight", value, e))
    }

    /// None when F&O says nothing at all: ShipBob measures what it receives.
    fn inches(&self) -> Result<Option<[Decimal; 3]>, HoldReason> {
        let some = |sides: &[Decimal; 3]| sides.iter().any(|s| !s.is_zero());
        let unit = &self.products.master_length_unit;
        let row = self.rows().find(|p| some(&p.sides));
        let master = self.master(unit).filter(|m| some(&m.sides));
        let (sides, unit) = match (row, master) {
            (Some(row), _) => (row.sides, row.length_unit.as_str()),
            (None, Some(master)) => (master.sides, unit.as_str()),
            (None, None) => return Ok(None),
        };
        let scale = self.scale("size", unit, Kind::Length)?;
        let mut inches = [Decimal::ZERO; 3];
        for (to, side) in inches.iter_mut().zip(sides) {
            *to = measure::convert(side, scale).map_err(|e| self.bad_value("size", side, e))?;
        }
        Ok(Some(inches))
    }

    fn scale(&self, field: &str, symbol: &str, kind: Kind) -> Result<Scale, HoldReason> {
        let known =
            measure::scale_of(symbol, kind, &self.products.symbols, &self.facts.conversions);
        known.map_err(|error| {
            let (cause, why) = match error {
                SymbolError::Missing => ("measure-unit-unknown", "has no unit"),
                SymbolError::Unknown => ("measure-unit-unknown", "has a unit nobody explains"),
                SymbolError::Cyclic => {
                    ("measure-unit-cyclic", "has a unit whose mapping runs in a circle")
                }
                SymbolError::Unusable => (
                    "measure-unit-unusable",
                    "has a unit whose conversion in Dynamics cannot be used",
                ),
                SymbolError::OtherKind => {
                    ("measure-unit-unknown", "has a unit that measures something else")
                }
            };
            HoldReason::new(
                cause,
                field,
                &format!("{}: {}", self.label, symbol.trim()),
                &format!(
                    "The {field} of {} {why} (\"{}\"); it is not sent.",
                    self.label,
                    symbol.trim()
                ),
                "Correct the unit in Dynamics, or map it in [connection.products.symbols].",
            )
        })
    }

    fn bad_value(&self, field: &str, value: Decimal, error: ValueError) -> HoldReason {
        let (cause, why) = match error {
            ValueError::Zero => ("measure-missing", "is zero or missing"),
            ValueError::Negative => ("measure-negative", "is below zero"),
            ValueError::TooMuch => ("measure-unbelievable", "is more than anybody ships"),
        };
        HoldReason::new(
            cause,
            field,
            &format!("{}: {}", self.label, value.normalize()),
            &format!(
                "The {field} of {} {why} ({}); it is not sent.",
                self.label,
                value.normalize()
            ),
            "Enter it in Dynamics with the product's physical dimensions; it is sent by itself then.",
        )
    }
}

fn customs(want: &mut Wanted<'_>, master: &Master, facts: &ProductFacts, label: &str) {
    let mut customs = Customs { description: clean(&master.customs), ..Customs::default() };
    let tariff: String = master.tariff.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
    let digits = tariff.chars().all(|c| c.is_ascii_digit()) && (6..=10).contains(&tariff.len());
    match (tariff.is_empty(), digits) {
        (true, _) => {}
        (_, true) => customs.tariff = tariff,
        _ => want.left_out.push(HoldReason::new(
            "tariff-code",
            "tariff code",
            &format!("{label}: {}", master.tariff),
            &format!(
                "The tariff code of {label} has not 6 to 10 digits (\"{}\"); it is not sent.",
                master.tariff
            ),
            "Correct the customs tariff code of the item in Dynamics.",
        )),
    }
    let origin = master.origin.trim().to_uppercase();
    match facts.countries.get(&origin) {
        Some(iso) => customs.origin.clone_from(iso),
        None if origin.is_empty() => {}
        None => want.left_out.push(HoldReason::new(
            "origin-unmapped",
            "origin",
            &format!("{label}: {origin}"),
            &format!("Country {origin}, the origin of {label}, has no ISO code; it is not sent."),
            "Add the ISO code of the country in Dynamics, or map it in [connection.countries].",
        )),
    }
    want.values.customs = Some(customs).filter(|c| !c.is_empty());
}

fn no_sku(one: &Released) -> HoldReason {
    HoldReason::new(
        "sku-missing",
        "sku",
        &one.key,
        &format!("The SKU rule of the settings finds no SKU for {}.", one.key),
        "Give the product what the rule asks for (a barcode, as a rule), or name its SKU under aliases.",
    )
}

fn sku_clash(sku: &str, other: &str) -> HoldReason {
    HoldReason::new(
        "sku-clash",
        "sku",
        sku,
        &format!("Product {other} in Dynamics would have the SKU {sku}, too; neither is sent."),
        "Give one of them another SKU under [connection.products.aliases], or rename it in Dynamics.",
    )
}

fn barcode_clash(label: &str, code: &str, other: &str) -> HoldReason {
    HoldReason::new(
        "barcode-clash",
        "barcode",
        &format!("{label}: {code}"),
        &format!("Product {other} has the barcode {code} of {label}, too; it is sent for neither."),
        "Correct the barcode of one of them in Dynamics.",
    )
}

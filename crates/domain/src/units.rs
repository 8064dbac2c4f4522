//! From sales units to eaches and back, exactly or not at all.

use crate::reference_data::UnitConversion;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeSet;

/// More eaches than this on one line is a typing error, and would not fit ShipBob's 32 bits.
pub const MAX_EACHES: i64 = 1_000_000;

/// How many eaches one `unit` of `product` is; none when nothing says so, or when rules contradict
/// each other.
///
/// The product's own rules win over the general ones, even when they cannot be used. One step
/// only, forwards (unit → each) before backwards (each → unit): chains are where wrong conversions
/// hide.
pub fn eaches_per_unit(
    product: &str,
    unit: &str,
    each_units: &BTreeSet<String>,
    conversions: &[UnitConversion],
) -> Option<Decimal> {
    let unit = unit.trim().to_lowercase();
    if unit.is_empty() {
        return None;
    }
    if each_units.contains(&unit) {
        return Some(Decimal::ONE);
    }
    let own = |c: &&UnitConversion| !product.is_empty() && c.product.eq_ignore_ascii_case(product);
    let general = |c: &&UnitConversion| c.product.is_empty();
    spoken(conversions.iter().filter(own), &unit, each_units)
        .or_else(|| spoken(conversions.iter().filter(general), &unit, each_units))
        .flatten()
}

/// What the rules say of the unit: nothing (`None`), nothing usable (`Some(None)`), or a factor.
fn spoken<'a>(
    rules: impl Iterator<Item = &'a UnitConversion>,
    unit: &str,
    each_units: &BTreeSet<String>,
) -> Option<Option<Decimal>> {
    let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
    for c in rules {
        let (from, to) = (c.from.trim().to_lowercase(), c.to.trim().to_lowercase());
        if from == unit && each_units.contains(&to) {
            forwards.push(ratio(c, c.numerator, c.denominator));
        } else if to == unit && each_units.contains(&from) {
            backwards.push(ratio(c, c.denominator, c.numerator));
        }
    }
    let said = if forwards.is_empty() { backwards } else { forwards };
    let first = *said.first()?;
    Some(first.filter(|_| said.iter().all(|f| *f == first)))
}

fn ratio(c: &UnitConversion, over: Decimal, under: Decimal) -> Option<Decimal> {
    if c.has_offset || over <= Decimal::ZERO || under <= Decimal::ZERO {
        return None;
    }
    over.checked_div(under).filter(|f| *f > Decimal::ZERO)
}

/// `quantity` sales units as eaches; none unless it is a whole, positive, sane number.
pub fn to_eaches(quantity: Decimal, factor: Decimal) -> Option<i64> {
    exact_eaches(quantity, factor).filter(|n| *n > 0)
}

/// As [`to_eaches`], but nothing at all is a number, too.
pub fn exact_eaches(quantity: Decimal, factor: Decimal) -> Option<i64> {
    let eaches = quantity.checked_mul(factor)?;
    if !eaches.fract().is_zero() || eaches < Decimal::ZERO {
        return None;
    }
    eaches.to_i64().filter(|n| *n <= MAX_EACHES)
}

/// Whole sales units in `eaches`, and the eaches left over.
pub fn to_units(eaches: i64, factor: Decimal) -> (Decimal, i64) {
    let all = Decimal::from(eaches);
    let units = if factor > Decimal::ZERO { all.checked_div(factor) } else { None };
    let Some(units) = units.map(|u| u.floor()) else { return (Decimal::ZERO, eaches) };
    let left = all.saturating_sub(units.saturating_mul(factor)).ceil();
    (units, left.to_i64().unwrap_or(eaches))
}

//! From sales units to eaches and back, exactly or not at all.

use crate::reference_data::UnitConversion;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeSet;

/// More eaches than this on one line is a typing error, and would not fit ShipBob's 32 bits.
pub const MAX_EACHES: i64 = 1_000_000;

/// How many eaches one `unit` of `product` is; none when nothing says so.
///
/// The product's own conversion wins over the general one. One step only, forwards or backwards:
/// chains are where wrong conversions hide.
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
    let own = |c: &&UnitConversion| c.product.eq_ignore_ascii_case(product);
    let general = |c: &&UnitConversion| c.product.is_empty();
    conversions
        .iter()
        .filter(own)
        .find_map(|c| factor(c, &unit, each_units))
        .or_else(|| conversions.iter().filter(general).find_map(|c| factor(c, &unit, each_units)))
}

fn factor(c: &UnitConversion, unit: &str, each_units: &BTreeSet<String>) -> Option<Decimal> {
    if c.has_offset || c.numerator <= Decimal::ZERO || c.denominator <= Decimal::ZERO {
        return None;
    }
    let (from, to) = (c.from.trim().to_lowercase(), c.to.trim().to_lowercase());
    if from == unit && each_units.contains(&to) {
        return c.numerator.checked_div(c.denominator);
    }
    if to == unit && each_units.contains(&from) {
        return c.denominator.checked_div(c.numerator);
    }
    None
}

/// `quantity` sales units as eaches; none unless it is a whole, positive, sane number.
pub fn to_eaches(quantity: Decimal, factor: Decimal) -> Option<i64> {
    let eaches = quantity.checked_mul(factor)?;
    if !eaches.fract().is_zero() || eaches <= Decimal::ZERO {
        return None;
    }
    eaches.to_i64().filter(|n| *n <= MAX_EACHES)
}

/// Whole sales units in `eaches`, and the eaches left over.
pub fn to_units(eaches: i64, factor: Decimal) -> (Decimal, i64) {
    if factor <= Decimal::ZERO {
        return (Decimal::ZERO, eaches);
    }
    let units = (Decimal::from(eaches) / factor).floor();
    let used = (units * factor).ceil().to_i64().unwrap_or(eaches);
    (units, eaches - used)
}

//! Weights to ounces and lengths to inches, exactly: whole-number ratios, one rounding at the end.
//!
//! The rounding rule is [`RULE`]. A symbol is one of ours, one a customer mapped to ours in the
//! settings, or one that F&O's own conversion brings to either in one step.

use crate::reference_data::UnitConversion;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// How every converted number is rounded, in words.
pub const RULE: &str = "half up to hundredths; more than nothing is at least 0.01";
/// Heavier than two tonnes is a typing error.
pub const MOST_OUNCES: i64 = 72_000;
/// Longer than 25 metres is a typing error.
pub const MOST_INCHES: i64 = 1_000;

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// To ounces.
    Mass,
    /// To inches.
    Length,
}

/// A unit whose size is fixed by definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Gram.
    Gram,
    /// Kilogram.
    Kilogram,
    /// Avoirdupois pound: 453.59237 g.
    Pound,
    /// Avoirdupois ounce: a sixteenth of a pound.
    Ounce,
    /// Millimetre.
    Millimetre,
    /// Centimetre.
    Centimetre,
    /// Metre.
    Metre,
    /// Inch: 25.4 mm.
    Inch,
    /// Foot: twelve inches.
    Foot,
}

impl Unit {
    /// Every unit with the symbol it has here.
    pub const ALL: [(&'static str, Self); 9] = [
        ("g", Self::Gram),
        ("kg", Self::Kilogram),
        ("lb", Self::Pound),
        ("oz", Self::Ounce),
        ("mm", Self::Millimetre),
        ("cm", Self::Centimetre),
        ("m", Self::Metre),
        ("in", Self::Inch),
        ("ft", Self::Foot),
    ];

    /// The unit of that symbol, letter case and surrounding spaces left aside.
    pub fn named(symbol: &str) -> Option<Self> {
        let symbol = plain(symbol);
        Self::ALL.iter().find(|(name, _)| *name == symbol).map(|(_, unit)| *unit)
    }

    /// What it measures.
    pub fn kind(self) -> Kind {
        match self {
            Self::Gram | Self::Kilogram | Self::Pound | Self::Ounce => Kind::Mass,
            _ => Kind::Length,
        }
    }

    /// One of it in ounces or inches, as a fraction of whole numbers.
    fn ratio(self) -> (i128, i128) {
        match self {
            Self::Gram => (1_600_000, 45_359_237),
            Self::Kilogram => (1_600_000_000, 45_359_237),
            Self::Pound => (16, 1),
            Self::Ounce | Self::Inch => (1, 1),
            Self::Millimetre => (5, 127),
            Self::Centimetre => (50, 127),
            Self::Metre => (5_000, 127),
            Self::Foot => (12, 1),
        }
    }
}

/// A symbol understood: so many of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// The unit.
    pub unit: Unit,
    numerator: Decimal,
    denominator: Decimal,
}

impl Scale {
    /// Just the unit.
    pub fn of(unit: Unit) -> Self {
        Self { unit, numerator: Decimal::ONE, denominator: Decimal::ONE }
    }
}

/// Why a symbol means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SymbolError {
    /// There is none.
    Missing,
    /// Neither we, nor the settings, nor a conversion of F&O know it.
    Unknown,
    /// The settings lead in a circle.
    Cyclic,
    /// F&O's conversion of it is zero, negative or has an offset.
    Unusable,
    /// It measures something else.
    OtherKind,
}

fn plain(symbol: &str) -> String {
    symbol.trim().to_lowercase()
}

/// Follows the customer's own symbols to one of ours.
fn mapped(symbol: &str, symbols: &BTreeMap<String, String>) -> Result<Option<Unit>, SymbolError> {
    let mut at = plain(symbol);
    let mut seen = BTreeSet::new();
    loop {
        let next = symbols.iter().find(|(name, _)| plain(name) == at).map(|(_, to)| plain(to));
        match next {
            // A mapping of a symbol to itself says nothing new.
            Some(next) if next != at => {
                if !seen.insert(at) {
                    return Err(SymbolError::Cyclic);
                }
                at = next;
            }
            _ => return Ok(Unit::named(&at)),
        }
    }
}

/// What a symbol means. The settings win over our own reading, both over F&O's conversions.
pub fn scale_of(
    symbol: &str,
    kind: Kind,
    symbols: &BTreeMap<String, String>,
    conversions: &[UnitConversion],
) -> Result<Scale, SymbolError> {
    if symbol.trim().is_empty() {
        return Err(SymbolError::Missing);
    }
    let right = |scale: Scale| match scale.unit.kind() == kind {
        true => Ok(scale),
        false => Err(SymbolError::OtherKind),
    };
    if let Some(unit) = mapped(symbol, symbols)? {
        return right(Scale::of(unit));
    }
    converted(&plain(symbol), symbols, conversions).and_then(right)
}

fn converted(
    symbol: &str,
    symbols: &BTreeMap<String, String>,
    conversions: &[UnitConversion],
) -> Result<Scale, SymbolError> {
    let mut met = false;
    for rule in conversions.iter().filter(|c| c.product.is_empty()) {
        let forwards = plain(&rule.from) == symbol;
        let (other, over, under) = match (forwards, plain(&rule.to) == symbol) {
            (true, _) => (&rule.to, rule.numerator, rule.denominator),
            (_, true) => (&rule.from, rule.denominator, rule.numerator),
            _ => continue,
        };
        met = true;
        let Some(unit) = mapped(other, symbols)? else { continue };
        if rule.has_offset || over <= Decimal::ZERO || under <= Decimal::ZERO {
            return Err(SymbolError::Unusable);
        }
        return Ok(Scale { unit, numerator: over, denominator: under });
    }
    Err(if met { SymbolError::Unusable } else { SymbolError::Unknown })
}

/// Why a number cannot be converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueError {
    /// Zero.
    Zero,
    /// Below zero.
    Negative,
    /// More than anybody ships.
    TooMuch,
}

/// A weight in ounces or a length in inches, by [`RULE`].
pub fn convert(value: Decimal, scale: Scale) -> Result<Decimal, ValueError> {
    if value.is_zero() {
        return Err(ValueError::Zero);
    }
    if value.is_sign_negative() {
        return Err(ValueError::Negative);
    }
    let most = match scale.unit.kind() {
        Kind::Mass => MOST_OUNCES,
        Kind::Length => MOST_INCHES,
    };
    let hundredths = hundredths(value.normalize(), scale).ok_or(ValueError::TooMuch)?;
    match i64::try_from(hundredths.max(1)) {
        Ok(n) if n <= most.saturating_mul(100) => Ok(Decimal::new(n, 2).normalize()),
        _ => Err(ValueError::TooMuch),
    }
}

/// None when the numbers do not fit 128 bits: then they are far beyond anything believable.
fn hundredths(value: Decimal, scale: Scale) -> Option<i128> {
    let (over, under) = scale.unit.ratio();
    let (by, per) = (scale.numerator.normalize(), scale.denominator.normalize());
    let ten = |n: u32| 10_i128.checked_pow(n);
    let above = value
        .mantissa()
        .checked_mul(by.mantissa())?
        .checked_mul(over)?
        .checked_mul(100)?
        .checked_mul(ten(per.scale())?)?;
    let below = per
        .mantissa()
        .checked_mul(under)?
        .checked_mul(ten(value.scale().checked_add(by.scale())?)?)?;
    let twice = below.checked_mul(2)?;
    above.checked_mul(2)?.checked_add(below)?.checked_div(twice)
}

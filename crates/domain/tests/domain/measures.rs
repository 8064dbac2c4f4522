//! Weights to ounces and lengths to inches.

use domain::measure::{
    Kind, MOST_INCHES, MOST_OUNCES, Scale, SymbolError, Unit, ValueError, convert, scale_of,
};
use domain::reference_data::UnitConversion;
use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

fn dec(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn symbols(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

fn rule(from: &str, to: &str, numerator: &str, denominator: &str) -> UnitConversion {
    UnitConversion {
        product: String::new(),
        from: from.to_owned(),
        to: to.to_owned(),
        numerator: dec(numerator),
        denominator: dec(denominator),
        has_offset: false,
    }
}

/// Grams or millimetres in one of the unit, and in one ounce or inch.
fn size(unit: Unit) -> (Decimal, Decimal) {
    let (ounce, inch) = (dec("28.349523125"), dec("25.4"));
    match unit {
        Unit::Gram => (Decimal::ONE, ounce),
        Unit::Kilogram => (dec("1000"), ounce),
        Unit::Pound => (dec("453.59237"), ounce),
        Unit::Ounce => (ounce, ounce),
        Unit::Millimetre => (Decimal::ONE, inch),
        Unit::Centimetre => (dec("10"), inch),
        Unit::Metre => (dec("1000"), inch),
        Unit::Inch => (inch, inch),
        Unit::Foot => (dec("304.8"), inch),
    }
}

fn unit() -> impl Strategy<Value = Unit> {
    proptest::sample::select(Unit::ALL.map(|(_, unit)| unit).to_vec())
}

proptest! {
    #[test]
    fn every_unit_is_exact_and_rounded_half_up_to_hundredths(
        unit in unit(),
        mantissa in 1_i64..10_000_000,
        scale in 0_u32..6,
    ) {
        let value = Decimal::new(mantissa, scale);
        let (one, target) = size(unit);
        let exact = value * one / target;
        let half_up = RoundingStrategy::MidpointAwayFromZero;
        let wanted = exact.round_dp_with_strategy(2, half_up).max(dec("0.01"));
        let most = match unit.kind() { Kind::Mass => MOST_OUNCES, Kind::Length => MOST_INCHES };
        let found = convert(value, Scale::of(unit));
        if wanted <= Decimal::from(most) {
            prop_assert_eq!(found, Ok(wanted.normalize()));
        } else {
            prop_assert_eq!(found, Err(ValueError::TooMuch));
        }
    }

    #[test]
    fn the_same_amount_in_another_unit_is_the_same(mantissa in 1_i64..1_000_000, scale in 0_u32..5) {
        let value = Decimal::new(mantissa, scale);
        for (small, large, n) in [
            (Unit::Gram, Unit::Kilogram, 1_000),
            (Unit::Ounce, Unit::Pound, 16),
            (Unit::Millimetre, Unit::Centimetre, 10),
            (Unit::Centimetre, Unit::Metre, 100),
            (Unit::Inch, Unit::Foot, 12),
        ] {
            let many = value * Decimal::from(n);
            prop_assert_eq!(convert(many, Scale::of(small)), convert(value, Scale::of(large)));
        }
    }

    #[test]
    fn more_is_never_less(unit in unit(), a in 1_i64..1_000_000, b in 1_i64..1_000_000) {
        let (low, high) = (a.min(b), a.max(b));
        let of = |n: i64| convert(Decimal::new(n, 3), Scale::of(unit));
        if let (Ok(low), Ok(high)) = (of(low), of(high)) {
            prop_assert!(low <= high);
        }
    }

    #[test]
    fn no_number_and_no_rule_can_make_it_fall_over(
        mantissa in any::<i128>(),
        scale in 0_u32..28,
        unit in unit(),
        numerator in any::<i64>(),
        denominator in any::<i64>(),
    ) {
        let big = mantissa >> 33;
        if let Ok(value) = Decimal::try_from_i128_with_scale(big, scale) {
            let _ = convert(value, Scale::of(unit));
            let conversion = UnitConversion {
                numerator: Decimal::from(numerator),
                denominator: Decimal::from(denominator),
                ..rule("x", "g", "1", "1")
            };
            if let Ok(scale) = scale_of("x", Kind::Mass, &BTreeMap::new(), &[conversion]) {
                let _ = convert(value, scale);
            }
        }
    }
}

#[test]
fn well_known_amounts() {
    for (value, unit, wanted) in [
        ("1", Unit::Kilogram, "35.27"),
        ("453.59237", Unit::Gram, "16"),
        ("1", Unit::Pound, "16"),
        ("2.54", Unit::Centimetre, "1"),
        ("1", Unit::Metre, "39.37"),
        ("0.5", Unit::Foot, "6"),
        ("123.4567890123456789", Unit::Gram, "4.35"),
        ("0.01", Unit::Gram, "0.01"),
    ] {
        assert_eq!(convert(dec(value), Scale::of(unit)), Ok(dec(wanted)), "{value} {unit:?}");
    }
}

#[test]
fn zero_negative_and_unbelievable_numbers_are_told_apart() {
    let grams = Scale::of(Unit::Gram);
    assert_eq!(convert(Decimal::ZERO, grams), Err(ValueError::Zero));
    assert_eq!(convert(dec("-0.5"), grams), Err(ValueError::Negative));
    assert_eq!(convert(dec("1000000000"), grams), Err(ValueError::TooMuch));
    assert_eq!(convert(Decimal::MAX, grams), Err(ValueError::TooMuch));
}

#[test]
fn symbols_are_read_in_any_letter_case_and_through_the_customers_own() {
    let of = |symbol: &str, map: &[(&str, &str)]| {
        scale_of(symbol, Kind::Mass, &symbols(map), &[]).map(|s| s.unit)
    };
    assert_eq!(of(" KG ", &[]), Ok(Unit::Kilogram));
    assert_eq!(of("LBS", &[("lbs", "lb")]), Ok(Unit::Pound));
    assert_eq!(of("kilo", &[("kilo", "kgs"), ("KGS", "kg")]), Ok(Unit::Kilogram));
    assert_eq!(of("g", &[("g", "g")]), Ok(Unit::Gram));
    assert_eq!(of("stone", &[]), Err(SymbolError::Unknown));
    assert_eq!(of("", &[]), Err(SymbolError::Missing));
    assert_eq!(of("cm", &[]), Err(SymbolError::OtherKind));
    assert_eq!(of("a", &[("a", "b"), ("b", "a")]), Err(SymbolError::Cyclic));
}

#[test]
fn a_symbol_only_dynamics_explains_is_converted_in_one_step() {
    let none = BTreeMap::new();
    let of = |rules: &[UnitConversion]| scale_of("tin", Kind::Mass, &none, rules);
    let value = |scale: Scale| convert(dec("2"), scale);
    assert_eq!(of(&[rule("tin", "g", "250", "1")]).map(value), Ok(Ok(dec("17.64"))));
    assert_eq!(of(&[rule("g", "tin", "1", "250")]).map(value), Ok(Ok(dec("17.64"))));
    assert_eq!(of(&[rule("tin", "g", "0", "1")]), Err(SymbolError::Unusable));
    assert_eq!(of(&[rule("tin", "g", "-1", "1")]), Err(SymbolError::Unusable));
    assert_eq!(of(&[rule("tin", "crate", "4", "1")]), Err(SymbolError::Unusable));
    let offset = UnitConversion { has_offset: true, ..rule("tin", "g", "250", "1") };
    assert_eq!(of(&[offset]), Err(SymbolError::Unusable));
}

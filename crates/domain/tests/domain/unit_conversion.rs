//! Sales units to eaches and back, exactly or not at all.

use crate::support::conversion;
use domain::reference_data::UnitConversion;
use domain::units::{MAX_EACHES, eaches_per_unit, exact_eaches, to_eaches, to_units};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

fn dec(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn factor(unit: &str, conversions: &[UnitConversion]) -> Option<Decimal> {
    let each = BTreeSet::from(["ea".to_owned(), "pcs".to_owned()]);
    eaches_per_unit("A", unit, &each, conversions)
}

#[test]
fn a_piece_is_a_piece_in_any_letter_case() {
    assert_eq!(factor("EA", &[]), Some(Decimal::ONE));
    assert_eq!(factor(" pcs ", &[]), Some(Decimal::ONE));
    assert_eq!(factor("box", &[]), None);
    assert_eq!(factor("", &[]), None);
}

#[test]
fn the_rule_of_the_product_wins_over_the_general_one() {
    let rules = [conversion("", "box", 6), conversion("B", "box", 4), conversion("A", "box", 12)];
    assert_eq!(factor("Box", &rules), Some(dec("12")));
    assert_eq!(factor("Box", &rules[..2]), Some(dec("6")));
}

#[test]
fn a_rule_works_backwards_too() {
    let back = UnitConversion {
        from: "ea".into(),
        to: "dz".into(),
        denominator: dec("12"),
        ..conversion("A", "x", 1)
    };
    assert_eq!(factor("dz", &[back]), Some(dec("12")));
}

#[test]
fn a_rule_that_cannot_be_used_is_no_reason_to_guess() {
    let bad: [fn(&mut UnitConversion); 4] = [
        |c| c.has_offset = true,
        |c| c.numerator = Decimal::ZERO,
        |c| c.denominator = Decimal::ZERO,
        |c| c.numerator = dec("-12"),
    ];
    for spoil in bad {
        let mut own = conversion("A", "box", 12);
        spoil(&mut own);
        assert_eq!(
            factor("box", &[own, conversion("", "box", 6)]),
            None,
            "the product's rule wins"
        );
    }
}

#[test]
fn rules_that_contradict_each_other_are_no_rule_in_any_order() {
    let mut rules = [conversion("A", "box", 12), conversion("A", "box", 10)];
    assert_eq!(factor("box", &rules), None);
    rules.reverse();
    assert_eq!(factor("box", &rules), None);
    assert_eq!(factor("box", &[rules[0].clone(), rules[0].clone()]), Some(dec("10")));
}

#[test]
fn chains_are_not_followed() {
    let to_box = UnitConversion { to: "box".into(), ..conversion("A", "pal", 40) };
    assert_eq!(factor("pal", &[to_box, conversion("A", "box", 12)]), None);
}

#[test]
fn only_whole_positive_sane_numbers_of_pieces_are_sent() {
    assert_eq!(to_eaches(dec("2"), dec("12")), Some(24));
    assert_eq!(to_eaches(dec("0.5"), dec("12")), Some(6));
    assert_eq!(to_eaches(dec("1.50"), dec("2.0")), Some(3));
    for bad in ["0", "-1", "1.5", "0.0001", "1000001", "79228162514264337593543950335"] {
        assert_eq!(to_eaches(dec(bad), Decimal::ONE), None, "{bad}");
    }
    assert_eq!(exact_eaches(Decimal::ZERO, Decimal::ONE), Some(0));
    let third = Decimal::ONE / Decimal::from(3);
    assert_eq!(to_eaches(dec("3"), third), None, "a third is never exact");
}

#[test]
fn pieces_left_over_are_told() {
    assert_eq!(to_units(30, dec("12")), (dec("2"), 6));
    assert_eq!(to_units(11, dec("12")), (dec("0"), 11));
    assert_eq!(to_units(3, dec("2.5")), (dec("1"), 1));
    assert_eq!(to_units(5, dec("2.5")), (dec("2"), 0));
    assert_eq!(to_units(1, dec("0.5")), (dec("2"), 0));
    for bad in ["0", "-1"] {
        assert_eq!(to_units(7, dec(bad)), (dec("0"), 7));
    }
}

proptest! {
    #[test]
    fn whole_units_survive_the_way_there_and_back(units in 1..10_000_i64, per in 1..100_i64) {
        let (units, per) = (Decimal::from(units), Decimal::from(per));
        let eaches = to_eaches(units, per).expect("whole");
        prop_assert_eq!(to_units(eaches, per), (units, 0));
    }

    #[test]
    fn never_more_units_than_pieces_allow(
        eaches in 0..=MAX_EACHES,
        mantissa in 1..10_000_000_i64,
        scale in 0..6_u32,
    ) {
        let per = Decimal::new(mantissa, scale);
        let (units, left) = to_units(eaches, per);
        prop_assert!(units * per <= Decimal::from(eaches));
        prop_assert!(left >= 0 && units.fract().is_zero());
        prop_assert!((units + Decimal::ONE) * per > Decimal::from(eaches));
    }

    #[test]
    fn extreme_numbers_never_panic(m in any::<i64>(), s in 0..=28_u32, e in any::<i64>()) {
        for per in [Decimal::new(m, s), Decimal::MAX, Decimal::MIN, Decimal::new(1, 28)] {
            let _ = (to_units(e, per), to_eaches(per, per), exact_eaches(Decimal::MAX, per));
        }
    }
}

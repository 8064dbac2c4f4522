//! Inventory: shelves that cannot be compared among shelves that can.

use domain::flows::inventory::{Moves, Shelf, State, Sums, compare};
use domain::reconcile::{ShelfSeen, Shelves};
use rust_decimal::Decimal;

fn shelf(on_hand: i64, physical: i64) -> Shelf {
    Shelf {
        on_hand: Some(on_hand),
        physical: Some(Decimal::from(physical)),
        each: Some(Decimal::ONE),
        moves: Moves::default(),
        sums: Sums::default(),
        moving: false,
        counted: false,
    }
}

/// Sums of the good ones do not change by a bad one that cannot be compared; every piece stays itemised.
fn stops_nothing(kind: &str, bad: &Shelf, state: State) {
    let good = [shelf(10, 10), shelf(5, 7), shelf(0, 0)];
    let sums = |all: &[Shelf]| {
        let mut sum = Shelves::default();
        for (n, one) in all.iter().enumerate() {
            let judged = compare(one);
            let on_hand = one.on_hand.unwrap_or_default();
            sum.add(&ShelfSeen { sku: format!("S{n}"), centre: 1, on_hand, judged });
        }
        sum.equation("")
    };
    let judged = compare(bad);
    assert_eq!(judged.state, state, "{kind}");
    let (alone, with) = (sums(&good), sums(&[good[0], good[1], good[2], *bad]));
    assert!(alone.itemised() && with.itemised(), "{kind}: {with:?}");
    for item in alone.items.iter().filter(|i| i.cause == "variance") {
        assert!(with.items.contains(item), "{kind}: {item:?} is gone");
    }
    if !matches!(state, State::Negative | State::Variance) {
        assert_eq!((alone.left, alone.right), (with.left, with.right), "{kind}");
    }
}

#[test]
fn less_than_nothing_on_hand_is_shown_and_not_counted() {
    stops_nothing("negative", &shelf(-3, 0), State::Negative);
}

#[test]
fn what_one_side_does_not_know_is_named() {
    stops_nothing("not in F&O", &Shelf { physical: None, ..shelf(4, 0) }, State::NotInDynamics);
    stops_nothing("not at ShipBob", &Shelf { on_hand: None, ..shelf(0, 4) }, State::NotAtShipbob);
}

#[test]
fn a_unit_nobody_can_count_is_named() {
    let third = Shelf {
        each: Some(Decimal::new(1, 1)),
        physical: Some(Decimal::new(33, 1)),
        ..shelf(4, 0)
    };
    stops_nothing("unit", &third, State::Unit);
    stops_nothing("unit", &Shelf { each: None, ..shelf(4, 4) }, State::Unit);
}

#[test]
fn a_shelf_that_moved_while_pages_were_read_waits() {
    stops_nothing("snapshot", &Shelf { moving: true, ..shelf(4, 9) }, State::Waits);
}

#[test]
fn numbers_beyond_belief_stay_numbers() {
    stops_nothing("huge", &Shelf { physical: Some(Decimal::MAX), ..shelf(4, 0) }, State::Unit);
    stops_nothing("billions", &shelf(4, 1_000_000_000), State::Variance);
}

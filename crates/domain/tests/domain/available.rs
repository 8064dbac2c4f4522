//! Available quantities: which are told, and what a description may say.

use domain::custom_call::{Available, AvailableLine, CallKind, CallMethod, MOST_ROWS, Success};
use domain::flows::inventory::{Free, Telling, to_tell};
use domain::ids::{Company, WarehouseId};
use domain::stock::{Inventory, ItemKey};
use domain::time::{Span, Timestamp};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

fn call() -> Available {
    Available {
        kind: CallKind::Service,
        path: "/api/services/A/B/set".to_owned(),
        method: CallMethod::Post,
        body: r#"{"Company": "{company}", "Lines": [{"Sku": "{line.sku}", "Where": "{line.warehouse}", "Qty": "{line.quantity}"}]}"#.to_owned(),
        success: Success { status: BTreeSet::from([200]), pointer: None, equals: None },
        rows: 100,
        all_days: 7,
    }
}

proptest! {
    #[test]
    fn never_more_than_there_is_and_never_twice(
        shown in prop::option::of(-1_000_i64..1_000_000_000),
        each in 1_i64..1_000,
        told in prop::option::of(prop::option::of(0_i64..1_000)),
    ) {
        let told = told.map(|told| told.map(Decimal::from));
        let free = Free { shown, told, each: Some(Decimal::from(each)) };
        let Some((pieces, quantity)) = to_tell(&free) else {
            // Silence means: never shown and never told, or told just that.
            let known = free.told.flatten();
            prop_assert!(shown.is_none() && free.told.is_none() || known.is_some());
            return Ok(());
        };
        prop_assert!(pieces >= 0 && quantity >= Decimal::ZERO);
        prop_assert!(pieces <= shown.unwrap_or(0).max(0));
        prop_assert!(quantity * Decimal::from(each) <= Decimal::from(pieces));
        prop_assert!(quantity * Decimal::from(each) > Decimal::from(pieces) - Decimal::new(1, 2));
        let again = Free { told: Some(Some(quantity)), ..free };
        prop_assert_eq!(to_tell(&again), None);
        // Nobody knows whether it was taken: told again.
        let unknown = Free { told: Some(None), ..again };
        prop_assert_eq!(to_tell(&unknown), Some((pieces, quantity)));
    }
}

#[test]
fn what_shipbob_shows_no_more_is_told_as_nothing_and_what_nobody_can_count_is_not_told() {
    let gone = Free { shown: None, told: Some(Some(Decimal::from(7))), each: Some(Decimal::ONE) };
    assert_eq!(to_tell(&gone), Some((0, Decimal::ZERO)));
    let unit = Free { shown: Some(3), told: None, each: None };
    assert_eq!(to_tell(&unit), None);
    let zero = Free { shown: Some(3), told: None, each: Some(Decimal::ZERO) };
    assert_eq!(to_tell(&zero), None);
}

#[test]
fn a_call_is_filled_with_exact_numbers() {
    let lines = [("A-1", 3), ("B \"2\"", 0)].map(|(sku, pieces)| AvailableLine {
        sku: sku.to_owned(),
        key: ItemKey { item: sku.to_owned(), ..ItemKey::default() },
        warehouse: WarehouseId::new("SB01"),
        centre: 1,
        unit: "ea".to_owned(),
        quantity: Decimal::new(pieces * 10, 1),
        pieces,
    });
    let at = Timestamp(1_795_000_000_000_000);
    let told = call().fill(&Company::new("usmf"), at, &lines).expect("a body");
    assert_eq!(told.lines, 2);
    assert_eq!(
        told.call.body,
        r#"{"Company":"usmf","Lines":[{"Qty":3,"Sku":"A-1","Where":"SB01"},{"Qty":0,"Sku":"B \"2\"","Where":"SB01"}]}"#
    );
}

#[test]
fn what_is_wrong_with_a_description_is_named() {
    assert_eq!(call().problems(), Vec::<String>::new());
    let bad = |spoil: fn(&mut Available)| {
        let mut call = call();
        spoil(&mut call);
        let inventory = Inventory { available: Some(call), ..Inventory::default() };
        inventory.problems().join("\n")
    };
    for (spoil, words) in [
        ((|c| c.path = "/data/x".to_owned()) as fn(&mut Available), "available.path"),
        (|c| c.body = c.body.replace("{company}", "usmf"), "{company}"),
        (|c| c.body = c.body.replace("{line.warehouse}", "SB01"), "{line.warehouse}"),
        (|c| c.body = c.body.replace("{line.sku}", "x"), "neither {line.sku} nor {line.item}"),
        (|c| c.body = c.body.replace("{line.quantity}", "5"), "no {line.quantity}"),
        (
            |c| c.body = c.body.replace("{line.quantity}", "{line.lot}"),
            "{line.lot}, which is no field",
        ),
        (|c| c.body = "[]".to_owned(), "must be a JSON object"),
        (|c| c.rows = 0, "rows must lie"),
        (|c| c.rows = MOST_ROWS + 1, "rows must lie"),
        (|c| c.success.status.clear(), "success.status"),
        (|c| c.success.pointer = Some("x".to_owned()), "pointer and equals together"),
    ] {
        assert!(bad(spoil).contains(words), "{words}: {}", bad(spoil));
    }
}

fn line(sku: &str, centre: i64) -> AvailableLine {
    AvailableLine {
        sku: sku.to_owned(),
        key: ItemKey::default(),
        warehouse: WarehouseId::new("SB01"),
        centre,
        unit: "ea".to_owned(),
        quantity: Decimal::ONE,
        pieces: 1,
    }
}

/// Whatever F&O answers: every line is tried until it is taken or refused alone, none is passed over, and it ends.
#[test]
fn a_refusal_is_narrowed_down_to_its_line_and_no_other_line_is_lost() {
    for bad in [Vec::new(), vec![0], vec![6], vec![3, 4], vec![0, 1, 2, 9]] {
        for throws in [false, true] {
            let all: Vec<AvailableLine> = (0..10).map(|n| line(&format!("A{n}"), 1)).collect();
            let call = call();
            let mut telling = Telling::begin(1, Timestamp(0), &call, None);
            telling.size = 8;
            let mut told = Vec::new();
            for _ in 0..200 {
                let open = |l: &&AvailableLine| (l.sku.clone(), l.centre) > telling.at;
                let next: Vec<_> = all.iter().filter(open).take(telling.size).cloned().collect();
                if next.is_empty() {
                    break;
                }
                let spoilt = bad.iter().any(|n| next.iter().any(|l| l.sku == format!("A{n}")));
                telling.call = Some(next);
                match (spoilt, throws) {
                    (false, _) => told.extend(telling.taken(8).into_iter().map(|l| l.sku)),
                    (true, false) => telling.denied("no"),
                    (true, true) => telling.lost("500"),
                }
            }
            let wanted: Vec<String> =
                (0..10).filter(|n| !bad.contains(n)).map(|n| format!("A{n}")).collect();
            assert_eq!(told, wanted, "{bad:?}");
            let named: Vec<String> = telling.refused.iter().map(|(l, _)| l.clone()).collect();
            let bad: Vec<String> = bad.iter().map(|n| format!("A{n} in SB01")).collect();
            assert_eq!(named, bad);
            assert!(!telling.hopeless());
        }
    }
}

#[test]
fn everything_is_told_again_after_some_days_and_when_it_was_broken_off() {
    let call = call();
    let days = |n: i64| Timestamp(0) + Span::days(n);
    let mut first = Telling::begin(1, days(0), &call, None);
    assert!(first.all);
    // Broken off: again all of it.
    assert!(Telling::begin(2, days(1), &call, Some(&first)).all);
    first.done = Some(days(0));
    let second = Telling::begin(2, days(1), &call, Some(&first));
    assert!(!second.all && second.all_of == days(0));
    let eighth = Telling::begin(3, days(7), &call, Some(&second));
    assert!(eighth.all && eighth.all_of == days(7));
    let never = Available { all_days: 0, ..call };
    assert!(!Telling::begin(3, days(700), &never, Some(&second)).all);
}

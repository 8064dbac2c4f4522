//! Everything that can be wrong before goods move: a hold with the field and the fix, which stops
//! its group only and heals by itself.

use crate::support::{World, at, causes, conversion, hold, line, writes};
use domain::ids::CentreId;
use domain::reference_data::SkuFact;
use domain::sales::SalesStatus;
use domain::time::Span;
use rust_decimal::Decimal;

struct Case {
    cause: &'static str,
    field: &'static str,
    value: &'static str,
    spoil: fn(&mut World),
    mend: fn(&mut World),
}

const CASES: &[Case] = &[
    Case {
        cause: "quantity-fraction",
        field: "quantity",
        value: "1.5",
        spoil: |w| w.order_quantity(1, "1.5".parse().expect("a number")),
        mend: |w| w.order_quantity(1, Decimal::from(2)),
    },
    Case {
        cause: "quantity-fraction",
        field: "quantity",
        value: "1000001",
        spoil: |w| w.order_quantity(1, Decimal::from(1_000_001)),
        mend: |w| w.order_quantity(1, Decimal::from(1_000_000)),
    },
    Case {
        cause: "unit-unknown",
        field: "unit",
        value: "pal",
        spoil: |w| w.line(1).unit = "pal".into(),
        mend: |w| w.facts.conversions = vec![conversion("A", "PAL", 480)],
    },
    Case {
        cause: "sku-unknown",
        field: "item",
        value: "A",
        spoil: |w| {
            w.catalogue.remove("A");
        },
        mend: |w| {
            w.catalogue.insert("A".into(), crate::support::catalogue("A"));
            w.facts.skus.clear();
        },
    },
    Case {
        cause: "sku-case",
        field: "item",
        value: "A",
        spoil: |w| {
            let variants = vec!["a".to_owned()];
            let fact = SkuFact {
                exact: None,
                case_variants: variants,
                coming: false,
                part: None,
                read_began: at(1),
            };
            w.catalogue.insert("A".into(), fact);
        },
        mend: |w| {
            w.catalogue.insert("A".into(), crate::support::catalogue("A"));
            w.facts.skus.clear();
        },
    },
    Case {
        cause: "sku-inactive",
        field: "item",
        value: "A",
        spoil: |w| {
            w.catalogue.get_mut("A").and_then(|f| f.exact.as_mut()).expect("A").active = false
        },
        mend: |w| {
            w.catalogue.insert("A".into(), crate::support::catalogue("A"));
            w.facts.skus.clear();
        },
    },
    Case {
        cause: "method-unmapped",
        field: "delivery mode",
        value: "EXP2",
        spoil: |w| w.line(1).delivery_mode = "EXP2".into(),
        mend: |w| {
            w.settings.methods.insert("exp2".into(), "Expedited".into());
        },
    },
    Case {
        cause: "method-unknown-at-shipbob",
        field: "shipping method",
        value: "Expedited",
        spoil: |w| {
            w.line(1).delivery_mode = "EXP".into();
            w.facts.methods.retain(|m| m != "Expedited");
        },
        mend: |w| w.facts.methods.push("Expedited".into()),
    },
    Case {
        cause: "centre-closed",
        field: "centre",
        value: "centre 1",
        spoil: |w| {
            w.facts.closed.insert(CentreId(1));
        },
        mend: |w| w.facts.closed.clear(),
    },
    Case {
        cause: "country-unknown",
        field: "country",
        value: "XKX",
        spoil: |w| {
            w.order().address.country = "XKX".into();
            w.order().address.country_iso = String::new();
        },
        mend: |w| {
            w.settings.countries.insert("XKX".into(), "XK".into());
        },
    },
    Case {
        cause: "postcode-missing",
        field: "zip",
        value: "US",
        spoil: |w| w.order().address.zip = String::new(),
        mend: |w| w.order().address.zip = "62701".into(),
    },
    Case {
        cause: "before-cut-off",
        field: "released",
        value: "",
        spoil: |w| w.order().created = at(-5),
        mend: |w| w.facts.decisions.release = Some(w.now()),
    },
    Case {
        cause: "order-number-too-long",
        field: "order number",
        value: "",
        spoil: |w| {
            w.order().number = "S".repeat(400).as_str().into();
            w.facts.number = "S".repeat(400).as_str().into();
        },
        mend: |w| {
            w.order().number = "SO-1".into();
            w.facts.number = "SO-1".into();
        },
    },
];

#[test]
fn every_bad_value_is_a_hold_that_names_field_and_value_and_heals_when_it_is_mended() {
    for case in CASES {
        let mut w = World::of(1);
        (case.spoil)(&mut w);
        let plan = w.run();
        assert_eq!(causes(&plan), [case.cause]);
        let found = hold(&plan, case.cause);
        assert_eq!((found.field.as_str(), found.value.as_str()), (case.field, case.value));
        assert!(w.creates().is_empty(), "{}", case.cause);
        assert_eq!(plan.status, "held");
        assert!(plan.watch, "a held order may be deleted: it stays on the watch list");
        (case.mend)(&mut w);
        w.run_smoothly();
        assert_eq!(w.creates().len(), 1, "{} healed", case.cause);
    }
}

#[test]
fn everything_wrong_with_a_group_is_said_at_once() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.order().address.zip = String::new();
    w.order().delivery_mode = "EXP2".into();
    w.catalogue.remove("B");
    w.line(1).unit = "pal".into();
    let plan = w.run();
    let mut found = causes(&plan);
    found.sort_unstable();
    assert_eq!(found, ["method-unmapped", "postcode-missing", "sku-unknown", "unit-unknown"]);
}

#[test]
fn a_bad_group_does_not_stop_a_good_one() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.line(2).warehouse = "SB02".into();
    w.line(2).unit = "pal".into();
    let plan = w.run();
    assert_eq!(causes(&plan), ["unit-unknown"]);
    assert_eq!(w.creates().len(), 1);
    assert!(w.line(2).deliver_now.is_zero(), "nor may the batch slip what is held");
}

#[test]
fn a_bad_line_stops_its_whole_group() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.catalogue.remove("B");
    w.run();
    assert!(w.ledger.is_empty());
}

#[test]
fn a_line_of_quantity_zero_is_ignored_and_the_rest_goes() {
    let mut w = World::new(vec![line(1, "A", 0), line(2, "B", 1)]);
    w.run_smoothly();
    assert_eq!(w.creates()[0].lines.len(), 1);
}

#[test]
fn two_unknown_skus_are_two_holds_and_the_same_twice_is_one() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1), line(3, "A", 1)]);
    w.catalogue.clear();
    let plan = w.run();
    let values: Vec<_> = plan.holds.iter().map(|h| h.reason.value.as_str()).collect();
    assert_eq!(values, ["A", "B"]);
}

#[test]
fn two_lines_with_one_number_are_held_because_nothing_could_be_told_apart() {
    let mut w = World::new(vec![line(1, "A", 1), line(1, "B", 1)]);
    let plan = w.run();
    assert_eq!(causes(&plan), ["line-number-twice"]);
    assert!(w.ledger.is_empty());
}

#[test]
fn without_a_cut_off_nothing_is_sent_and_nothing_is_held() {
    let mut w = World::of(1);
    w.settings.cut_off = None;
    let plan = w.run();
    assert!(plan.holds.is_empty() && w.ledger.is_empty());
    assert!(plan.reasons.iter().any(|r| r.contains("cut-off")), "{:?}", plan.reasons);
}

#[test]
fn an_older_order_seen_unreleased_after_the_cut_off_goes_by_itself() {
    let mut w = World::of(1);
    w.order().created = at(-500);
    w.facts.kept.last_unreleased = Some(at(-1));
    assert_eq!(causes(&w.run()), ["before-cut-off"]);
    w.facts.kept.last_unreleased = Some(at(0));
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn an_order_created_at_the_cut_off_goes() {
    let mut w = World::of(1);
    w.order().created = at(0);
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn an_unknown_status_sends_nothing_and_takes_nothing_back() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.order().status = SalesStatus::Other("Frozen".into());
    let plan = w.run();
    assert_eq!(causes(&plan), ["status-unknown"]);
    assert_eq!(w.count("cancel-order"), 0);
    w.ship(0, 0);
    assert_eq!(causes(&w.run()), [""; 0], "nothing is left to decide");
}

#[test]
fn a_refused_create_waits_for_retry_but_goes_by_itself_once_the_order_is_mended() {
    use domain::disposition::HoldReason;
    use domain::plan::{DeliveryState, KnownDelivery};
    let mut w = World::of(1);
    w.facts.skus = w.catalogue.clone();
    w.facts.kept.absent = crate::support::absent_proof(&[1], w.now());
    let key = w.plan().deliveries[0].key.clone();
    let reason = HoldReason::new("shipbob-refused", "order", "", "Bad zip.", "Mend it.");
    let state = DeliveryState::Held;
    w.facts.deliveries.push(KnownDelivery { key, state, since: w.now(), hold: Some(reason) });
    let plan = w.plan();
    assert_eq!((causes(&plan), writes(&plan)), (vec!["shipbob-refused"], vec![]));
    assert!(plan.kept.is_empty(), "nothing leaves, nothing is remembered");
    let mut retried = w.clone();
    retried.facts.decisions.retry = Some(w.now() + Span::seconds(1));
    assert_eq!(writes(&retried.plan()), ["create-order"]);
    w.order().address.zip = "62702".into();
    let plan = w.plan();
    assert_eq!((causes(&plan), writes(&plan)), (vec![], vec!["create-order"]));
}

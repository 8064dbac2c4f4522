//! F&O takes back what it released: either cancelled or shipped, never both, and F&O says which.

use crate::support::{World, causes, hold, line, writes};
use domain::plan::DeliveryState;
use domain::sales::SalesStatus;
use rust_decimal::Decimal;

type Change = fn(&mut World);

fn cancel_in_dynamics(w: &mut World) {
    w.order().status = SalesStatus::Canceled;
    for l in &mut w.order().lines {
        l.status = SalesStatus::Canceled;
        l.remaining = Decimal::ZERO;
    }
}

/// Every way in which F&O takes back a whole order.
const WAYS: &[(&str, Change)] = &[
    ("cancelled", cancel_in_dynamics),
    ("deleted", |w| w.facts.sales.as_mut().expect("read").order = None),
    ("stopped", |w| w.order().stopped = true),
    ("credit hold", |w| w.order().credit_hold = true),
    ("un-released", |w| w.order().document_status = domain::sales::DocumentStatus::None),
];

#[test]
fn taken_back_early_it_is_cancelled_at_shipbob() {
    for (way, take_back) in WAYS {
        let mut w = World::of(3);
        w.run_smoothly();
        take_back(&mut w);
        let plan = w.run_smoothly();
        assert_eq!(w.count("cancel-order"), 1, "{way}");
        assert!(w.at_shipbob(0).cancelled(), "{way}");
        assert_eq!(plan.milestones.cancelled.is_some(), ["cancelled", "deleted"].contains(way));
    }
}

#[test]
fn taken_back_late_it_ships_and_a_person_is_told() {
    for (way, take_back) in WAYS {
        let mut w = World::of(3);
        w.run_smoothly();
        w.pick(0, 0);
        take_back(&mut w);
        let plan = w.run();
        assert_eq!(causes(&plan), ["cancel-too-late"], "{way}");
        assert_eq!(w.count("cancel-order"), 0, "{way}");
        w.ship(0, 0);
        assert!(causes(&w.run()).contains(&"cancel-too-late"), "{way}: still true");
        assert!(!w.at_shipbob(0).cancelled());
    }
}

#[test]
fn stopping_an_order_that_is_shipped_and_slipped_is_nobodys_concern() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.ship(0, 0);
    w.run();
    w.batch();
    w.order().credit_hold = true;
    w.run_smoothly();
}

#[test]
fn an_unsent_create_is_not_wished_any_more_when_the_order_is_taken_back() {
    for (way, take_back) in WAYS {
        let mut w = World::of(3);
        w.facts.skus = w.catalogue.clone();
        w.facts.kept.absent = crate::support::absent_proof(&[1], w.now());
        assert_eq!(writes(&w.plan()), ["create-order"]);
        take_back(&mut w);
        let plan = w.plan();
        assert!(plan.deliveries.is_empty() && plan.needs.is_empty(), "{way}");
    }
}

#[test]
fn an_order_in_doubt_is_cancelled_as_soon_as_it_is_seen() {
    let mut w = World::of(3);
    w.lose_next_create = true;
    w.run();
    cancel_in_dynamics(&mut w);
    let plan = w.run();
    assert!(plan.milestones.cancelled.is_none(), "nobody knows yet");
    w.resolve_doubts();
    let plan = w.run_smoothly();
    assert!(w.at_shipbob(0).cancelled() && plan.milestones.cancelled.is_some());
}

#[test]
fn restored_after_our_cancel_it_is_sent_under_the_next_reference() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.order().stopped = true;
    w.run_smoothly();
    w.order().stopped = false;
    w.run_smoothly();
    assert_eq!(w.creates()[1].reference.as_str(), "usmf-SO-1-1-2");
    assert_eq!(w.creates()[1].lines[0].quantity, 3);
}

/// Every change that no update call can bring: the field that is named, and the change.
const CHANGES: &[(&str, Change)] = &[
    ("address", |w| {
        w.order().address.country_iso = "CA".into();
        w.order().address.country = "CAN".into();
    }),
    ("delivery mode", |w| w.order().delivery_mode = "EXP".into()),
    ("warehouse", |w| w.line(1).warehouse = "SB02".into()),
    ("item", |w| {
        w.line(1).sku = "B".into();
        w.catalogue.insert("B".into(), crate::support::catalogue("B"));
    }),
];

#[test]
fn changed_before_the_pick_it_is_cancelled_and_sent_anew() {
    for (field, change) in CHANGES {
        let mut w = World::of(3);
        w.run_smoothly();
        change(&mut w);
        let plan = w.run_smoothly();
        assert_eq!(w.count("cancel-order"), 1, "{field}");
        assert_eq!(w.creates().len(), 2, "{field}");
        assert_eq!(plan.status, "in-warehouse");
        assert!(w.facts.warehouse[0].order.cancelled() && !w.facts.warehouse[1].order.cancelled());
    }
}

#[test]
fn changed_after_the_pick_it_ships_as_it_was_and_a_person_is_told() {
    for (field, change) in CHANGES {
        let mut w = World::of(3);
        w.run_smoothly();
        w.pick(0, 0);
        change(&mut w);
        let plan = w.run();
        assert_eq!(hold(&plan, "changed-after-pick").field, *field);
        assert_eq!((w.count("cancel-order"), w.creates().len()), (0, 1), "{field}");
    }
}

#[test]
fn a_re_stamped_order_is_not_an_edit() {
    let mut w = World::of(3);
    w.run_smoothly();
    let before = w.ledger.len();
    w.order().modified = w.now();
    w.order().etag = "other".into();
    w.line(1).etag = "other".into();
    w.line(1).modified = w.now();
    w.run_smoothly();
    assert_eq!(w.ledger.len(), before);
}

#[test]
fn a_cancelled_line_takes_its_order_along_and_the_rest_is_sent_anew() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.run_smoothly();
    w.order_quantity(2, Decimal::ZERO);
    w.run_smoothly();
    let again = w.creates()[1];
    assert_eq!(again.reference.as_str(), "usmf-SO-1-1-2");
    assert_eq!(again.lines.len(), 1);
}

#[test]
fn a_blocked_line_is_taken_back_and_goes_again_when_it_is_freed() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.run_smoothly();
    w.line(2).blocked = true;
    w.run_smoothly();
    assert_eq!((w.creates().len(), w.count("cancel-order")), (2, 1));
    w.line(2).blocked = false;
    w.run_smoothly();
    assert_eq!(w.creates()[2].reference.as_str(), "usmf-SO-1-2-1");
}

#[test]
fn a_deleted_line_takes_its_order_along() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.run_smoothly();
    w.order().lines.remove(0);
    w.run_smoothly();
    assert_eq!(w.creates()[1].lines[0].sku, "B");
}

#[test]
fn a_reduction_is_taken_from_the_order_that_can_still_be_cancelled() {
    let mut w = World::of(10);
    w.run_smoothly();
    w.refuses_edits = true;
    w.order_quantity(1, Decimal::from(12));
    w.run_smoothly();
    // The second, of two pieces, is picked first.
    w.pick(1, 0);
    w.order_quantity(1, Decimal::from(9));
    w.run_smoothly();
    assert!(w.facts.warehouse[0].order.cancelled());
    assert_eq!(w.creates()[2].lines[0].quantity, 7);
}

#[test]
fn an_address_that_cannot_be_sent_is_a_hold_and_no_reason_to_cancel() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.order().address.zip = String::new();
    assert_eq!(causes(&w.run()), ["postcode-missing"]);
    assert_eq!(w.count("cancel-order"), 0);
    w.order().address.zip = "62702".into();
    w.run_smoothly();
    assert_eq!((w.creates().len(), w.count("update-address")), (1, 1));
}

#[test]
fn the_mode_that_our_carrier_write_re_defaulted_is_no_customers_edit() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.label(0, 0, "1Z9");
    w.run_smoothly();
    assert_eq!(w.count("set-carrier"), 1);
    w.order().delivery_mode = "EXP".into();
    w.run_smoothly();
}

#[test]
fn the_carrier_waits_while_a_line_would_inherit_the_mode_it_re_defaults() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.line(2).warehouse = "SB02".into();
    w.catalogue.remove("B");
    w.run();
    w.label(0, 0, "1Z9");
    w.run();
    assert_eq!(w.count("set-carrier"), 0);
    w.line(2).delivery_mode = "STD".into();
    w.run();
    assert_eq!(w.count("set-carrier"), 1);
}

#[test]
fn a_cancel_that_came_too_late_closes_its_refusal_and_says_so() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.order().stopped = true;
    // Picked between our read and our cancel.
    let key = w.plan().deliveries[0].key.clone();
    w.pick(0, 0);
    let (state, since) = (DeliveryState::Refused, w.now());
    w.facts.deliveries.push(domain::plan::KnownDelivery { key, state, since, hold: None });
    assert_eq!(causes(&w.run()), ["cancel-too-late"]);
}

#[test]
fn a_half_cancelled_order_is_never_cancelled_and_shipped_at_once() {
    // ShipBob cancelled one parcel; the other had left.
    let mut w = World::of(4);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.ship(0, 0);
    w.at_shipbob(0).status = "Cancelled".into();
    w.parcel(0, 1).status = domain::warehouse::ShipmentStatus::Cancelled;
    w.run();
    assert_eq!(w.creates().len(), 1, "what left is not sent again");
    assert!(!w.at_shipbob(0).cancelled());
    w.batch();
    let plan = w.run();
    assert_eq!(hold(&plan, "short-shipped").value, "2 of 4");
}

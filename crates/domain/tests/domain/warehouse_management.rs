//! Profile *WHS inside*: the release in F&O decides how much, k grows with it, and F&O posts no slip by itself.

use crate::support::{World, causes, hold, line, writes};
use domain::operation::{Operation, Protection, Repeat, System};
use domain::plan::{DeliveryState, KnownDelivery};
use domain::sales::SalesStatus;
use domain::time::Span;
use domain::whs::{AfterSlip, ReleasedUnit};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn references(w: &World) -> Vec<String> {
    w.creates().iter().map(|c| c.reference.as_str().to_owned()).collect()
}

#[test]
fn nothing_is_sent_before_the_release() {
    let mut w = World::of(5).managed(true);
    let plan = w.run_smoothly();
    assert!(w.creates().is_empty());
    assert_eq!(plan.status, "waiting");
    assert!(plan.sentence.contains("Not released to the warehouse"), "{}", plan.sentence);
}

#[test]
fn each_part_that_is_released_goes_under_the_next_reference() {
    let mut w = World::of(5).managed(true);
    for (released, sent) in [(2, 2), (3, 3), (5, 5)] {
        w.release(1, released);
        w.run_smoothly();
        assert_eq!(w.at_shipbob_of(1), sent);
    }
    assert_eq!(references(&w), ["usmf-SO-1-1-1", "usmf-SO-1-1-2", "usmf-SO-1-1-3"]);
    assert!(w.edits().is_empty(), "a release is never an edit of another one");
}

#[test]
fn a_release_that_is_taken_back_is_cancelled_and_given_again_under_the_next_reference() {
    let mut w = World::of(5).managed(true);
    w.release(1, 5);
    w.run_smoothly();
    w.release(1, 0);
    w.run_smoothly();
    assert_eq!((w.count("cancel-order"), w.at_shipbob_of(1)), (1, 0));
    w.release(1, 4);
    w.run_smoothly();
    assert_eq!(w.at_shipbob_of(1), 4);
    assert_eq!(references(&w).last().map(String::as_str), Some("usmf-SO-1-1-2"));
}

#[test]
fn a_cancel_that_came_twice_and_was_refused_the_second_time_is_ours_all_the_same() {
    let mut w = World::of(5).managed(true);
    w.release(1, 5);
    w.run_smoothly();
    w.cancel_in_dashboard(0);
    let key = "cancel:usmf-SO-1-1-1".to_owned();
    let since = w.facts.now;
    w.facts.deliveries.push(KnownDelivery {
        key,
        state: DeliveryState::Refused,
        since,
        hold: None,
    });
    w.release(1, 0);
    w.run_smoothly();
    w.release(1, 5);
    w.run_smoothly();
    assert_eq!(references(&w).last().map(String::as_str), Some("usmf-SO-1-1-2"));
}

#[test]
fn what_was_picked_before_the_release_was_taken_back_ships_and_a_person_is_told() {
    let mut w = World::of(5).managed(true);
    w.release(1, 5);
    w.run_smoothly();
    w.pick(0, 0);
    w.release(1, 0);
    let plan = w.run();
    assert!(hold(&plan, "cancel-too-late").reason.contains("Not released to the warehouse"));
    w.ship(0, 0);
    w.run();
    assert_eq!((w.count("cancel-order"), w.count("custom-call")), (0, 0), "never both");
}

#[test]
fn a_reduced_release_reduces_what_is_not_picked_yet() {
    let mut w = World::of(5).managed(true);
    w.release(1, 5);
    w.run_smoothly();
    w.release(1, 3);
    w.run_smoothly();
    assert_eq!(w.edits().len(), 1);
}

#[test]
fn a_row_that_is_not_shown_sends_nothing_and_takes_nothing_back() {
    let mut w = World::of(5).managed(true);
    w.release(1, 3);
    w.run_smoothly();
    let lines = std::mem::take(&mut w.order().warehouse_release.as_mut().expect("release").lines);
    w.pass(Span::minutes(1));
    w.run_smoothly();
    assert_eq!((w.at_shipbob_of(1), w.count("cancel-order"), w.edits().len()), (3, 0, 0));
    w.order().warehouse_release.as_mut().expect("release").lines = lines;
    w.release(1, 5);
    w.run_smoothly();
    assert_eq!(w.at_shipbob_of(1), 5);
}

#[test]
fn a_status_nobody_knows_sends_nothing_and_takes_nothing_back() {
    let mut w = World::of(5).managed(true);
    w.release(1, 5);
    w.run_smoothly();
    w.order().warehouse_release.as_mut().expect("a release").status = "Blended".into();
    w.pass(Span::minutes(1));
    let plan = w.run();
    assert_eq!(causes(&plan), ["status-unknown"]);
    assert_eq!(w.count("cancel-order"), 0);
}

#[test]
fn released_pieces_of_a_box_are_boxes_unless_a_setting_says_otherwise() {
    let boxes = |unit| {
        let mut w = World::of(3);
        w.line(1).unit = "box".into();
        w.facts.conversions = vec![crate::support::conversion("A", "box", 6)];
        let mut w = w.managed(true);
        w.settings.whs.released_quantity_in = unit;
        w
    };
    let mut inventory = boxes(ReleasedUnit::Inventory);
    inventory.release(1, 6);
    inventory.run_smoothly();
    assert_eq!(inventory.at_shipbob_of(1), 6);
    let mut sales = boxes(ReleasedUnit::Sales);
    sales.release(1, 2);
    sales.run_smoothly();
    assert_eq!(sales.at_shipbob_of(1), 12);
}

#[test]
fn the_call_posts_what_left_once_and_nobody_sets_deliver_now() {
    let mut w = World::of(5).managed(true);
    w.release(1, 3);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w.release(1, 5);
    w.run_smoothly();
    w.ship(1, 0);
    let plan = w.run_smoothly();
    assert_eq!(w.count("custom-call"), 2);
    assert_eq!(w.slipped("L1"), Decimal::from(5));
    assert_eq!((w.count("set-deliver-now"), w.count("add-tracking")), (0, 2));
    assert!(writes(&plan).is_empty());
}

#[test]
fn without_a_call_the_note_tells_and_no_slip_is_expected() {
    let mut w = World::of(5).managed(false);
    w.release(1, 5);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w.pass(Span::days(9));
    let plan = w.run_smoothly();
    assert_eq!((w.count("write-note"), w.count("set-deliver-now")), (1, 0));
    assert!(plan.reasons.iter().any(|r| r.contains("posts no packing slip by itself")));
}

#[test]
fn a_call_that_leaves_no_slip_is_a_hold_that_is_true_of_such_a_warehouse() {
    let mut w = World::of(5).managed(true);
    w.release(1, 5);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    let slip = w.order().slips.pop().expect("posted");
    w.line(1).remaining = slip.lines[0].1;
    w.line(1).status = SalesStatus::Backorder;
    w.order().status = SalesStatus::Backorder;
    w.pass(Span::days(2));
    let plan = w.run();
    let hold = hold(&plan, "not-slipped");
    assert!(hold.fix.contains("custom call") && !hold.fix.contains("Deliver now"), "{}", hold.fix);
    assert_eq!(w.count("custom-call"), 1, "it is not made twice");
}

#[test]
fn what_a_person_slipped_by_hand_is_not_posted_again() {
    let mut w = World::of(5).managed(true);
    w.release(1, 5);
    w.run_smoothly();
    w.post(&[(1, Decimal::from(5))]);
    w.ship(0, 0);
    w.run_smoothly();
    assert_eq!(w.count("custom-call"), 0);
}

#[test]
fn a_forgotten_call_is_known_by_its_slip() {
    let mut w = World::of(5).managed(true);
    w.release(1, 5);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w.facts.deliveries.retain(|d| !d.key.starts_with("call:"));
    w.run_smoothly();
    assert_eq!(w.count("custom-call"), 1);
}

#[test]
fn a_slip_taken_off_the_released_quantity_is_no_smaller_release_where_the_setting_says_so() {
    let mut w = World::of(5).managed(true);
    w.settings.whs.released_quantity_after_slip = AfterSlip::Falls;
    w.release(1, 3);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w.release(1, 0);
    w.order().warehouse_release.as_mut().expect("a release").status = "PartialReleased".into();
    w.run_smoothly();
    w.release(1, 2);
    w.run_smoothly();
    assert_eq!(w.at_shipbob_of(1), 5);
}

#[test]
fn one_order_may_have_lines_of_both_kinds_of_warehouses() {
    let mut w = World::new(vec![line(1, "A", 2), line(2, "B", 3)]);
    w.line(2).warehouse = "SB02".into();
    let mut w = w.managed(true);
    w.run_smoothly();
    assert_eq!((w.at_shipbob_of(1), w.at_shipbob_of(2)), (0, 3));
    w.release(1, 2);
    w.run_smoothly();
    assert_eq!((w.at_shipbob_of(1), w.at_shipbob_of(2)), (2, 3));
}

#[test]
fn a_custom_call_declares_how_it_is_repeated() {
    let mut w = World::of(1).managed(true);
    w.release(1, 1);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    let call = w.ledger.iter().find(|o| matches!(o, Operation::CustomCall(_))).expect("a call");
    assert_eq!((call.system(), call.repeat()), (System::Dynamics, Repeat::LookUp));
    assert_eq!(call.protection(), Protection::UniqueAtRemote);
    let Operation::CustomCall(ready) = call else { unreachable!() };
    let taken = domain::custom_call::ShipmentCall { refuses_duplicates: false, ..ready.clone() };
    assert_eq!(Operation::CustomCall(taken).protection(), Protection::Absolute);
}

/// What a clerk and the warehouse do.
#[derive(Debug, Clone)]
enum Step {
    Release(i64),
    Ship(usize),
    Pick(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..9_i64).prop_map(Step::Release),
        2 => (0..4_usize).prop_map(Step::Ship),
        1 => (0..4_usize).prop_map(Step::Pick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Never more is sent than released at that time, k only grows, nothing is both cancelled and posted, and no slip
    /// carries more than left.
    #[test]
    fn releases_are_conserved(steps in proptest::collection::vec(step(), 1..12)) {
        let mut w = World::of(8).managed(true);
        let mut last_k = 0;
        for step in steps {
            let (before, orders) = (w.at_shipbob_of(1), w.creates().len());
            let mut released = None;
            match step {
                Step::Release(n) => {
                    let slipped = w.slipped("L1");
                    let n = n.min(8).max(i64::try_from(slipped).unwrap_or(0));
                    w.release(1, n);
                    released = Some(n);
                }
                Step::Ship(o) | Step::Pick(o) => {
                    let open = w.facts.warehouse.get(o).is_some_and(|s| {
                        !s.order.cancelled() && s.order.shipments.iter().all(|p| !p.left() && !p.dead())
                    });
                    if open && matches!(step, Step::Ship(_)) {
                        w.ship(o, 0);
                    } else if open {
                        w.pick(o, 0);
                    }
                }
            }
            w.run();
            if let Some(released) = released.filter(|_| w.creates().len() > orders) {
                prop_assert!(w.at_shipbob_of(1) <= released.max(before));
            }
            for create in &w.creates()[orders..] {
                let k: u32 = create.reference.as_str().rsplit('-').next().unwrap_or("0").parse().unwrap_or(0);
                prop_assert!(k > last_k, "k {k} after {last_k}");
                last_k = k;
            }
            let left = w.left(1);
            prop_assert!(w.slipped("L1") <= left);
        }
    }
}

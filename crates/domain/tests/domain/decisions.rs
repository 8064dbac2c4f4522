//! What people decide: release, skip, retry, dismiss.

use crate::support::{World, at, causes, hold, line, writes};
use domain::disposition::HoldReason;
use domain::operation::Operation;
use domain::plan::{DeliveryState, KnownDelivery};
use domain::time::Span;

#[test]
fn a_ticked_order_from_before_the_cut_off_is_sent() {
    let mut w = World::of(1);
    w.order().created = at(-5);
    w.facts.decisions.release = Some(at(3));
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn a_skipped_order_is_never_sent_and_says_who_skipped_it() {
    let mut w = World::of(1);
    w.facts.decisions.skip = Some("shipped by hand".into());
    let plan = w.run_smoothly();
    assert!(w.ledger.is_empty());
    assert_eq!(plan.status, "skipped");
    assert!(plan.sentence.contains("shipped by hand"));
}

#[test]
fn what_is_at_shipbob_already_is_written_back_although_the_rest_is_skipped() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.order().lines.push(line(2, "B", 1));
    w.facts.decisions.skip = Some("no B".into());
    w.ship(0, 0);
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
    assert_eq!(w.count("write-note"), 1);
    assert!(w.line(2).deliver_now.is_zero());
}

#[test]
fn an_order_cancelled_at_shipbob_waits_for_a_person_and_retry_sends_it_again() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.cancel_in_dashboard(0);
    let plan = w.run();
    assert_eq!(causes(&plan), ["cancelled-at-shipbob"]);
    assert_eq!(w.creates().len(), 1);
    w.pass(Span::minutes(1));
    w.facts.decisions.retry = Some(w.now());
    w.run_smoothly();
    let references: Vec<_> = w.creates().iter().map(|c| c.reference.as_str().to_owned()).collect();
    assert_eq!(references, ["usmf-SO-1-1-1", "usmf-SO-1-1-2"]);
    assert_eq!(w.creates()[1].lines[0].quantity, 3);
}

#[test]
fn a_retry_counts_although_the_clock_of_shipbob_is_ten_minutes_ahead() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.cancel_in_dashboard(0);
    let ahead = w.now() + Span::minutes(10);
    w.facts.warehouse[0].order.shipments[0].last_update = Some(ahead);
    w.facts.warehouse[0].read_began = w.now();
    w.run();
    w.pass(Span::minutes(1));
    w.facts.decisions.retry = Some(w.now());
    w.run();
    assert_eq!(w.creates().len(), 2);
}

#[test]
fn what_was_sent_again_needs_no_second_retry() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.cancel_in_dashboard(0);
    w.run();
    w.pass(Span::minutes(1));
    w.facts.decisions.retry = Some(w.now());
    w.run_smoothly();
    w.pass(Span::minutes(5));
    w.facts.decisions.retry = None;
    w.run_smoothly();
}

#[test]
fn an_order_cancelled_at_shipbob_is_settled_when_f_and_o_cancels_the_line_too() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.line(2).warehouse = "SB02".into();
    w.run_smoothly();
    w.cancel_in_dashboard(1);
    assert_eq!(causes(&w.run()), ["cancelled-at-shipbob"]);
    w.order_quantity(2, 0.into());
    w.run_smoothly();
}

#[test]
fn a_dismissed_hold_stays_away_until_its_value_changes() {
    let mut w = World::of(1);
    w.line(1).unit = "pal".into();
    let plan = w.run();
    let identity = hold(&plan, "unit-unknown").identity();
    w.facts.decisions.dismissed.insert(identity);
    assert!(w.run().holds.is_empty());
    assert!(w.creates().is_empty(), "dismissing sends nothing");
    w.line(1).unit = "cont".into();
    assert_eq!(causes(&w.run()), ["unit-unknown"]);
}

#[test]
fn a_write_that_was_refused_keeps_its_hold_until_somebody_retries() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.ship(0, 0);
    let plan = w.plan();
    let note = plan.deliveries.iter().find(|d| d.operation.name() == "write-note");
    let key = note.expect("a note").key.clone();
    let reason = HoldReason::new("dynamics-refused", "write-note", "", "No.", "Mend it.");
    let (state, since) = (DeliveryState::Held, w.now());
    w.facts.deliveries.push(KnownDelivery { key, state, since, hold: Some(reason) });
    let plan = w.plan();
    assert_eq!(causes(&plan), ["dynamics-refused"]);
    assert!(!writes(&plan).contains(&"write-note"));
    w.facts.decisions.retry = Some(since + Span::seconds(1));
    assert!(writes(&w.plan()).contains(&"write-note"));
}

#[test]
fn regression_a_refused_write_nobody_wants_any_more_has_no_hold() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.ship(0, 0);
    let plan = w.plan();
    let note = plan.deliveries.iter().find(|d| d.operation.name() == "write-note");
    let key = note.expect("a note").key.clone();
    let reason = HoldReason::new("dynamics-refused", "write-note", "", "No.", "Mend it.");
    let (state, since) = (DeliveryState::Held, w.now());
    w.facts.deliveries.push(KnownDelivery { key, state, since, hold: Some(reason) });
    w.deliver(0, 0);
    let plan = w.run_smoothly();
    assert_eq!(plan.status, "delivered");
}

#[test]
fn a_write_refused_without_a_reason_is_a_hold_all_the_same() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.order().stopped = true;
    let plan = w.plan();
    assert!(matches!(plan.deliveries[0].operation, Operation::CancelOrder { .. }));
    let key = plan.deliveries[0].key.clone();
    let (state, since) = (DeliveryState::Refused, w.now());
    w.facts.deliveries.push(KnownDelivery { key, state, since, hold: None });
    assert_eq!(causes(&w.plan()), ["write-refused"]);
    w.pick(0, 0);
    assert_eq!(causes(&w.plan()), ["cancel-too-late"]);
}

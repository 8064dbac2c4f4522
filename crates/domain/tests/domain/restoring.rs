//! Our database is lost or old: both remotes know more than we do. Everything is adopted, nothing
//! is shipped twice, and what only looks like ours is left alone.

use crate::support::{World, causes, hold, line};
use domain::ids::ChannelId;
use domain::time::Span;
use rust_decimal::Decimal;

/// An order at ShipBob, and no memory of it.
fn forgotten() -> World {
    let mut w = World::new(vec![line(1, "A", 3), line(2, "B", 2)]);
    w.run_smoothly();
    w.forget_everything();
    w
}

#[test]
fn an_order_shipbob_has_is_adopted_and_not_sent_again() {
    let mut w = forgotten();
    let plan = w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
    assert_eq!(plan.status, "in-warehouse");
}

#[test]
fn orders_of_any_k_are_found_again() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.refuses_edits = true;
    for street in ["2 New Street", "3 New Street"] {
        w.order().address.street = street.into();
        w.run_smoothly();
    }
    w.forget_everything();
    w.run();
    assert_eq!((w.creates().len(), w.facts.warehouse.len()), (3, 3));
}

#[test]
fn an_order_named_after_a_line_that_is_gone_is_found_again() {
    let mut w = World::new(vec![line(1, "A", 3), line(2, "B", 2)]);
    w.run_smoothly();
    w.forget_everything();
    w.order().lines.remove(0);
    w.run();
    assert_eq!(w.creates().len(), 1, "line 2 was sent in the order named after line 1");
}

#[test]
fn goods_slipped_before_our_first_order_are_not_counted_as_ours() {
    let mut w = World::of(10);
    w.post(&[(1, Decimal::from(4))]);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w.forget_everything();
    w.run();
    assert_eq!(w.creates().len(), 1);
    assert_eq!(w.line(1).deliver_now, Decimal::from(6));
    w.batch();
    w.run_smoothly();
}

#[test]
fn everything_written_before_is_not_written_again() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.ship(0, 0);
    w.run();
    w.batch();
    w.run_smoothly();
    let before = w.ledger.len();
    w.forget_everything();
    // Everything is slipped: nothing is to be sent, so nothing is looked up; the poll shows it.
    let seen = std::mem::take(&mut w.hidden);
    w.facts.warehouse = seen;
    w.run_smoothly();
    let again: Vec<_> = w.ledger[before..].iter().map(domain::operation::Operation::name).collect();
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn our_reference_with_other_goods_is_held_and_neither_shipped_nor_cancelled() {
    let mut w = forgotten();
    // F&O was restored, too, and gave the number to another order.
    w.line(1).sku = "B".into();
    w.order().lines.remove(1);
    let plan = w.run();
    let taken = hold(&plan, "reference-taken");
    assert_eq!(taken.field, "quantities");
    assert_eq!((w.creates().len(), w.count("cancel-order")), (1, 0));
}

#[test]
fn our_reference_with_another_recipient_is_held() {
    let mut w = forgotten();
    w.order().address.name = "Somebody Else".into();
    assert_eq!(hold(&w.run(), "reference-taken").field, "recipient");
}

#[test]
fn our_reference_in_another_channel_is_held() {
    let mut w = forgotten();
    w.hidden[0].order.channel = Some(ChannelId(1));
    assert_eq!(hold(&w.run(), "reference-taken").field, "channel");
}

#[test]
fn a_recipient_shipbob_has_tidied_is_still_ours() {
    let mut w = forgotten();
    w.hidden[0].order.recipient.name = "JANE DOE.".into();
    w.hidden[0].order.recipient.state = "Illinois".into();
    w.run_smoothly();
}

#[test]
fn a_person_may_say_that_it_is_the_same_order() {
    let mut w = forgotten();
    w.order().address.name = "Jane D.".into();
    let identity = hold(&w.run(), "reference-taken").identity();
    w.facts.decisions.dismissed.insert(identity);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    assert_eq!(w.line(1).deliver_now, Decimal::from(3));
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn a_stranger_cancelled_at_shipbob_makes_room() {
    let mut w = forgotten();
    w.order().address.name = "Somebody Else".into();
    w.run();
    w.cancel_in_dashboard(0);
    w.run_smoothly();
    assert_eq!(w.creates()[1].reference.as_str(), "usmf-SO-1-1-2");
}

#[test]
fn goods_of_a_stranger_are_not_slipped_on_this_order() {
    let mut w = forgotten();
    w.order().address.name = "Somebody Else".into();
    w.run();
    w.ship(0, 0);
    assert_eq!(causes(&w.run()), ["reference-taken"]);
    assert!(w.order().notes.is_empty());
}

#[test]
fn an_order_without_line_numbers_is_tied_to_its_lines_by_sku() {
    let mut w = forgotten();
    for p in &mut w.hidden[0].order.products {
        p.external_line_id = None;
    }
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
    let mut known = World::of(3);
    known.run_smoothly();
    known.at_shipbob(0).products[0].external_line_id = None;
    known.run_smoothly();
    known.ship(0, 0);
    known.run_smoothly();
    assert_eq!(known.line(1).deliver_now, Decimal::from(3));
}

#[test]
fn a_reply_without_products_is_filled_from_what_was_sent() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.at_shipbob(0).products.clear();
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn orders_of_others_are_not_ours() {
    let mut w = World::of(3);
    w.run_smoothly();
    for (id, reference) in [(900, "man-1"), (901, "usmf-SO-11-1-1"), (902, "usmf-SO-1-1-01")] {
        let mut other = w.facts.warehouse[0].clone();
        other.order.id.0 = id;
        other.order.reference = reference.into();
        w.facts.warehouse.push(other);
    }
    let plan = w.run_smoothly();
    assert_eq!(plan.links.len(), 1);
    w.pass(Span::days(1));
    w.run_smoothly();
}

/// A restored database may remember the order as it was before its release.
#[test]
fn nothing_is_taken_back_for_what_dynamics_said_some_time_ago() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.forget_everything();
    w.run_smoothly();
    let released = w.order().document_status.clone();
    w.order().document_status = domain::sales::DocumentStatus::None;
    let old = w.facts.now - Span::hours(1);
    w.facts.sales.as_mut().expect("read").read_began = old;
    let plan = w.plan();
    assert_eq!(plan.needs, [domain::plan::Need::Sales]);
    assert!(!plan.deliveries.iter().any(|d| d.key.starts_with("cancel:")), "{:?}", plan.deliveries);
    w.order().document_status = released;
    w.answer(&plan.needs);
    w.run_smoothly();
    assert_eq!(w.count("cancel-order"), 0);
}

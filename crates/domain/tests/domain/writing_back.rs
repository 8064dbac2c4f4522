//! Notes, quantities to deliver, carrier, tracking, acknowledgement, milestones.

use crate::support::{World, causes, hold, line, writes};
use domain::operation::Operation;
use domain::sales::SalesStatus;
use domain::time::Span;
use rust_decimal::Decimal;

fn shipped() -> World {
    let mut w = World::of(3);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w
}

fn note(w: &mut World) -> String {
    let notes = &w.order().notes;
    assert_eq!(notes.len(), 1, "one note per shipment");
    notes[0].text.clone()
}

#[test]
fn the_note_is_written_with_the_label_and_updated_in_place_until_delivery() {
    let mut w = World::of(3);
    w.run_smoothly();
    assert!(w.order().notes.is_empty());
    w.pick(0, 0);
    w.run_smoothly();
    assert!(w.order().notes.is_empty());
    w.label(0, 0, "1Z9");
    w.run_smoothly();
    let text = note(&mut w);
    let expected = "ShipBob shipment 102: label printed\nCarrier: UPS Ground\nTracking: 1Z9\n\
        Link: https://track.example/1Z9\nLine 1: A x 3";
    assert_eq!(text, expected);
    w.ship(0, 0);
    w.run_smoothly();
    assert!(note(&mut w).starts_with("ShipBob shipment 102: shipped\n"));
    w.deliver(0, 0);
    w.run_smoothly();
    assert!(note(&mut w).starts_with("ShipBob shipment 102: delivered\n"));
}

#[test]
fn a_label_without_a_number_waits_for_the_number_or_the_departure() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.label(0, 0, "");
    w.run_smoothly();
    assert!(w.order().notes.is_empty());
    w.parcel(0, 0).status = domain::warehouse::ShipmentStatus::Completed;
    w.run_smoothly();
    assert!(note(&mut w).contains("Tracking: not yet known"));
    w.label(0, 0, "1Z9");
    w.parcel(0, 0).status = domain::warehouse::ShipmentStatus::Completed;
    w.run_smoothly();
    assert!(note(&mut w).contains("Tracking: 1Z9"));
}

#[test]
fn a_changed_number_is_appended_and_the_old_one_marked() {
    let mut w = shipped();
    for number in ["1ZNEW", "1ZNEWER"] {
        w.parcel(0, 0).tracking.as_mut().expect("labelled").number = number.into();
        w.run_smoothly();
    }
    let text = note(&mut w);
    for part in ["Tracking: 1ZNEWER\n", "Replaced tracking: 1ZNEW\n", "Replaced tracking: 1Z102\n"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_number_that_comes_back_is_not_marked_as_replaced() {
    let mut w = shipped();
    for number in ["1ZNEW", "1Z102", "1ZNEW"] {
        w.parcel(0, 0).tracking.as_mut().expect("labelled").number = number.into();
        w.run_smoothly();
        assert!(note(&mut w).contains(&format!("\nTracking: {number}\n")));
    }
}

#[test]
fn a_late_charge_is_added_to_the_note() {
    let mut w = shipped();
    w.parcel(0, 0).invoice_amount = Some("8.450".parse().expect("money"));
    w.parcel(0, 0).invoice_currency = "USD".into();
    w.run_smoothly();
    assert!(note(&mut w).ends_with("Shipping charge: 8.45 USD"));
}

#[test]
fn a_note_a_person_edited_or_deleted_is_left_alone_until_there_is_news() {
    let mut w = shipped();
    w.order().notes[0].text.push_str("\nCalled the customer.");
    w.run_smoothly();
    assert!(note(&mut w).ends_with("Called the customer."));
    w.order().notes.clear();
    w.run_smoothly();
    assert!(w.order().notes.is_empty());
    w.deliver(0, 0);
    w.run_smoothly();
    assert_eq!(w.order().notes.len(), 1);
}

#[test]
fn line_ends_of_windows_are_no_news() {
    let mut w = shipped();
    let before = w.count("write-note");
    let text = w.order().notes[0].text.replace('\n', "\r\n");
    w.order().notes[0].text = format!("{text}\r\n");
    w.facts.deliveries.clear();
    w.run_smoothly();
    assert_eq!(w.count("write-note"), before);
}

#[test]
fn a_second_note_is_not_begun_while_the_first_is_in_doubt() {
    use domain::plan::DeliveryState;
    let mut w = World::of(3);
    w.run_smoothly();
    w.label(0, 0, "1Z9");
    let plan = w.plan();
    let key = plan.deliveries[0].key.clone();
    assert!(key.starts_with("note:102:"));
    let (state, since) = (DeliveryState::InDoubt, w.now());
    w.facts.deliveries.push(domain::plan::KnownDelivery { key, state, since, hold: None });
    w.ship(0, 0);
    let names = writes(&w.plan());
    assert!(!names.contains(&"write-note"), "{names:?}");
}

#[test]
fn a_note_newer_than_our_read_is_read_before_it_is_changed() {
    let mut w = shipped();
    w.order().notes.clear();
    let read = w.facts.sales.as_mut().expect("read");
    read.read_began = read.read_began - Span::hours(1);
    w.deliver(0, 0);
    let plan = w.plan();
    assert_eq!(plan.needs, [domain::plan::Need::Sales]);
    assert!(!writes(&plan).contains(&"write-note"));
}

#[test]
fn notes_that_may_not_be_written_are_a_hold() {
    let mut w = World::of(3);
    w.facts.capabilities.note_write = Some(false);
    w.run_smoothly();
    w.ship(0, 0);
    assert_eq!(causes(&w.run()), ["note-read-only"]);
    assert_eq!(w.line(1).deliver_now, Decimal::from(3), "the slip does not wait for the note");
    w.facts.capabilities.note_write = Some(true);
    w.run_smoothly();
}

#[test]
fn shipped_goods_are_offered_to_the_batch_and_nothing_else() {
    let mut w = World::new(vec![line(1, "A", 3), line(2, "B", 2)]);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.ship(0, 1);
    w.run_smoothly();
    let now = |w: &mut World| (w.line(1).deliver_now, w.line(2).deliver_now);
    assert_eq!(now(&mut w), (Decimal::ONE, Decimal::ONE));
    assert_eq!(w.order().pool, "SHIPBOB");
    w.batch();
    w.run_smoothly();
    assert_eq!(now(&mut w), (Decimal::ZERO, Decimal::ZERO));
}

#[test]
fn what_f_and_o_resets_to_the_remainder_is_zeroed_again() {
    let mut w = World::of(6);
    w.deliver_now_resets = true;
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w.batch();
    w.run_smoothly();
    assert_eq!((w.line(1).remaining, w.line(1).deliver_now), (Decimal::from(3), Decimal::ZERO));
}

#[test]
fn a_quantity_that_does_not_stick_is_a_hold_after_two_read_backs() {
    let mut w = shipped();
    let mut written = 0;
    for _ in 0..6 {
        w.line(1).deliver_now = Decimal::ONE;
        w.line(1).etag.push('!');
        let plan = w.run();
        if !plan.holds.is_empty() {
            assert_eq!(causes(&plan), ["write-does-not-stick"]);
            break;
        }
        written += 1;
    }
    assert_eq!(written, 2, "after the first write, two more");
    w.pass(Span::minutes(1));
    w.facts.decisions.retry = Some(w.now());
    w.run_smoothly();
    assert_eq!(w.line(1).deliver_now, Decimal::from(3));
}

#[test]
fn a_clerk_who_changes_deliver_now_once_is_corrected() {
    let mut w = shipped();
    w.line(1).deliver_now = Decimal::ONE;
    w.line(1).etag.push('!');
    w.run_smoothly();
    assert_eq!(w.line(1).deliver_now, Decimal::from(3));
}

#[test]
fn deliver_now_that_may_not_be_written_is_a_hold_only_once_goods_left() {
    let mut w = World::of(3);
    w.facts.capabilities.deliver_now_edit = Some(false);
    w.run_smoothly();
    w.ship(0, 0);
    assert_eq!(causes(&w.run()), ["deliver-now-read-only"]);
    w.post(&[(1, Decimal::from(3))]);
    w.run_smoothly();
}

#[test]
fn without_a_pool_or_the_right_to_it_quantities_are_set_alone() {
    for unset in [
        |w: &mut World| w.settings.batch_pool = None,
        |w: &mut World| {
            w.facts.capabilities.pool_edit = Some(false);
        },
    ] {
        let mut w = World::of(3);
        unset(&mut w);
        w.run_smoothly();
        w.ship(0, 0);
        w.run_smoothly();
        assert!(w.order().pool.is_empty());
        assert_eq!(w.line(1).deliver_now, Decimal::from(3));
    }
}

#[test]
fn tracking_goes_to_the_slip_that_carries_the_goods_first_in_first_out() {
    let mut w = World::of(4);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.ship(0, 0);
    w.run();
    w.batch();
    w.ship(0, 1);
    w.run();
    w.batch();
    w.run_smoothly();
    let pairs: Vec<_> =
        w.order().tracking.iter().map(|t| (t.slip.as_str().to_owned(), t.number.clone())).collect();
    let expected = [("SO-1_1", "1Z102"), ("SO-1_2", "1Z103")];
    assert_eq!(pairs, expected.map(|(s, n)| (s.to_owned(), n.to_owned())));
}

#[test]
fn a_slip_from_before_our_time_gets_no_tracking() {
    let mut w = World::of(5);
    w.post(&[(1, Decimal::from(2))]);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    assert_eq!(w.count("add-tracking"), 0);
    w.batch();
    w.run_smoothly();
    assert_eq!(w.order().tracking.len(), 1);
    assert_eq!(w.order().tracking[0].slip.as_str(), "SO-1_2");
}

#[test]
fn a_number_changed_after_the_slip_is_added_and_none_is_taken_away() {
    let mut w = shipped();
    w.batch();
    w.run_smoothly();
    w.parcel(0, 0).tracking.as_mut().expect("labelled").number = "1ZNEW".into();
    w.run_smoothly();
    let numbers: Vec<_> = w.order().tracking.iter().map(|t| t.number.clone()).collect();
    assert_eq!(numbers, ["1Z102", "1ZNEW"]);
}

#[test]
fn where_tracking_cannot_be_inserted_the_note_carries_it_alone() {
    let mut w = World::of(3);
    w.facts.capabilities.tracking_insert = Some(false);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w.batch();
    let plan = w.run_smoothly();
    assert_eq!(w.count("add-tracking"), 0);
    assert!(plan.milestones.written.is_some());
}

#[test]
fn shipbob_is_told_once_that_the_number_stands_in_f_and_o() {
    let mut w = shipped();
    assert_eq!(w.count("ack-tracking"), 1);
    w.parcel(0, 0).tracking_uploaded = false; // another tool flips the flag
    w.run_smoothly();
    assert_eq!(w.count("ack-tracking"), 1);
}

#[test]
fn the_carrier_is_written_once_everything_is_labelled() {
    let mut w = World::of(4);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.label(0, 0, "1Z1");
    w.run_smoothly();
    assert_eq!(w.count("set-carrier"), 0);
    w.label(0, 1, "1Z2");
    w.run_smoothly();
    let order = w.order();
    assert_eq!((order.carrier.as_str(), order.carrier_service.as_str()), ("UPS", "GROUND"));
}

#[test]
fn an_unmapped_carrier_is_a_hold_and_stands_in_the_note() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.label(0, 0, "1Z1");
    w.parcel(0, 0).tracking.as_mut().expect("labelled").carrier = "OnTrac".into();
    let plan = w.run();
    assert_eq!(causes(&plan), ["carrier-unmapped"]);
    assert_eq!(hold(&plan, "carrier-unmapped").value, "OnTrac / Ground");
    assert!(note(&mut w).contains("Carrier: OnTrac Ground"));
    w.ship(0, 0);
    w.run();
    assert_eq!(w.line(1).deliver_now, Decimal::from(3), "only the carrier waits");
    w.order().status = SalesStatus::Invoiced;
    w.line(1).remaining = Decimal::ZERO;
    w.line(1).status = SalesStatus::Invoiced;
    assert!(!causes(&w.run()).contains(&"carrier-unmapped"), "too late to be written");
}

#[test]
fn a_carrier_f_and_o_does_not_know_is_a_hold() {
    let mut w = World::of(3);
    w.facts.carrier_services.clear();
    w.run_smoothly();
    w.label(0, 0, "1Z1");
    assert_eq!(causes(&w.run()), ["carrier-unknown-in-dynamics"]);
}

#[test]
fn a_carrier_is_not_written_where_that_is_switched_off_or_not_possible() {
    for off in [
        |w: &mut World| w.settings.write_carrier = false,
        |w: &mut World| {
            w.facts.capabilities.carrier_edit = Some(false);
        },
    ] {
        let mut w = World::of(3);
        off(&mut w);
        w.run_smoothly();
        w.ship(0, 0);
        w.run_smoothly();
        assert_eq!(w.count("set-carrier"), 0);
    }
}

#[test]
fn shipped_and_not_slipped_for_a_day_is_a_hold_that_says_what_to_check() {
    let mut w = shipped();
    let left = w.parcel(0, 0).fulfilled.expect("left");
    let plan = w.plan();
    assert_eq!(plan.plan_at, Some(left + Span::hours(24)));
    w.facts.now = left + Span::hours(24);
    let plan = w.run();
    assert_eq!(causes(&plan), ["not-slipped"]);
    assert!(hold(&plan, "not-slipped").fix.contains("SHIPBOB"));
    w.batch();
    w.run_smoothly();
}

#[test]
fn regression_a_second_parcel_does_not_buy_the_first_another_day() {
    let mut w = World::of(4);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.ship(0, 0);
    w.pass(Span::hours(25));
    w.ship(0, 1);
    assert_eq!(causes(&w.run()), ["not-slipped"]);
}

#[test]
fn every_number_a_person_may_hold_finds_the_order() {
    let mut w = shipped();
    w.batch();
    let plan = w.run_smoothly();
    let numbers: Vec<&str> = plan.numbers.iter().map(|(_, n)| n.as_str()).collect();
    for number in ["SO-1", "PO-77", "SO-1_1", "usmf-SO-1-1-1", "101", "102", "1Z102"] {
        assert!(numbers.contains(&number), "{number} in {numbers:?}");
    }
}

#[test]
fn an_order_tells_its_state_in_one_word() {
    let mut w = World::of(4);
    w.parcels_per_order = 2;
    w.order().document_status = domain::sales::DocumentStatus::None;
    let mut words = vec![w.run().status];
    w.order().document_status = domain::sales::DocumentStatus::Confirmation;
    words.push(w.plan().status);
    words.push(w.run().status);
    w.ship(0, 0);
    words.push(w.run().status);
    w.ship(0, 1);
    words.push(w.run().status);
    w.deliver(0, 0);
    w.deliver(0, 1);
    words.push(w.run().status);
    let expected = ["waiting", "sending", "in-warehouse", "part-shipped", "shipped", "delivered"];
    assert_eq!(words, expected);
}

#[test]
fn a_delivered_order_stays_on_the_watch_list_until_it_is_slipped() {
    let mut w = shipped();
    w.deliver(0, 0);
    assert!(w.run_smoothly().watch);
    w.batch();
    assert!(!w.run_smoothly().watch);
}

#[test]
fn milestones_are_the_times_of_the_remotes() {
    let mut w = shipped();
    let accepted = w.at_shipbob(0).created;
    let left = w.parcel(0, 0).fulfilled;
    w.deliver(0, 0);
    let delivered = w.parcel(0, 0).delivered;
    let m = w.run_smoothly().milestones;
    assert_eq!((m.accepted, m.shipped, m.delivered), (Some(accepted), left, delivered));
    assert!(m.released.is_some() && m.written.is_some() && m.cancelled.is_none());
}

#[test]
fn every_write_declares_its_system_and_its_repetition() {
    let mut w = shipped();
    w.batch();
    w.run_smoothly();
    let names: std::collections::BTreeSet<_> = w.ledger.iter().map(Operation::name).collect();
    let expected = [
        "ack-tracking",
        "add-tracking",
        "create-order",
        "set-carrier",
        "set-deliver-now",
        "write-note",
    ];
    assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
}

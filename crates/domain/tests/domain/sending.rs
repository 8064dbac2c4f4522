//! What is sent to ShipBob, and in how many orders.

use crate::support::{World, at, catalogue, causes, conversion, line, writes};
use domain::ids::CentreId;
use domain::plan::{DeliveryState, Need};
use domain::sales::{DocumentStatus, SalesStatus};
use domain::settings::Profile;
use domain::time::Span;
use domain::warehouse::CatalogueItem;
use rust_decimal::Decimal;

#[test]
fn a_released_order_is_sent_once_with_everything_shipbob_needs() {
    let mut w = World::new(vec![line(1, "A", 3), line(2, "B", 1)]);
    let plan = w.run_smoothly();
    assert_eq!(plan.status, "in-warehouse");
    let creates = w.creates();
    assert_eq!(creates.len(), 1);
    let sent = creates[0];
    assert_eq!(sent.reference.as_str(), "usmf-SO-1-1-1");
    assert_eq!(sent.order_number, "SO-1");
    assert_eq!(sent.method, "Standard");
    assert_eq!(sent.centre, Some(CentreId(1)));
    assert_eq!(sent.recipient.country, "US");
    assert_eq!(sent.purchase_date.as_deref(), Some("2026-11-23T00:01:00Z"));
    let lines: Vec<_> = sent.lines.iter().map(|l| (l.external_line_id, l.quantity)).collect();
    assert_eq!(lines, [(1, 3), (2, 1)]);
    assert!(sent.lines.iter().all(|l| l.unit_price.is_none()), "no customs value at home");
}

#[test]
fn deliver_now_is_zero_as_soon_as_shipbob_has_the_order() {
    let mut w = World::of(3);
    w.run_smoothly();
    assert!(w.line(1).deliver_now.is_zero());
    assert!(w.order().pool.is_empty(), "the batch must not look at it yet");
}

#[test]
fn every_next_reference_is_proved_absent_before_the_first_create() {
    let mut w = World::new(vec![line(1, "A", 3), line(4, "B", 1)]);
    w.facts.skus = w.catalogue.clone();
    let plan = w.plan();
    assert_eq!(writes(&plan), [""; 0]);
    let references: Vec<_> = ["1", "2", "3", "4"].map(|s| format!("usmf-SO-1-{s}-1")).into();
    let [Need::References(asked)] = plan.needs.as_slice() else { panic!("{:?}", plan.needs) };
    let asked: Vec<_> = asked.iter().map(|r| r.as_str().to_owned()).collect();
    assert_eq!(asked, references, "line 2 and 3 may have been deleted since");
}

#[test]
fn a_proof_of_absence_is_believed_for_ten_minutes() {
    let mut w = World::of(3);
    w.facts.skus = w.catalogue.clone();
    w.facts.kept.absent = crate::support::absent_proof(&[1], w.now());
    assert_eq!(writes(&w.plan()), ["create-order"]);
    w.pass(Span::minutes(11));
    assert!(w.plan().deliveries.is_empty());
    assert!(!w.plan().needs.is_empty());
}

#[test]
fn a_create_names_how_fresh_its_facts_must_be() {
    let mut w = World::of(3);
    w.facts.skus = w.catalogue.clone();
    w.facts.kept.absent = crate::support::absent_proof(&[1], w.now());
    let read = w.facts.sales.as_ref().map(|r| r.read_began).expect("read");
    assert_eq!(w.plan().deliveries[0].fresh_until, Some(read + Span::seconds(60)));
}

#[test]
fn lines_of_two_warehouses_two_modes_and_two_addresses_travel_apart() {
    let mut w =
        World::new(vec![line(1, "A", 1), line(2, "B", 1), line(3, "C", 1), line(4, "D", 1)]);
    w.line(2).warehouse = "sb02".into();
    w.line(3).delivery_mode = "exp".into();
    let mut elsewhere = crate::support::address();
    elsewhere.street = "2 Other Street".into();
    w.line(4).address = elsewhere;
    w.run_smoothly();
    let sent: Vec<_> = w
        .creates()
        .iter()
        .map(|c| (c.reference.as_str(), c.centre, c.method.as_str(), c.recipient.address1.as_str()))
        .collect();
    let (one, two) = (Some(CentreId(1)), Some(CentreId(2)));
    assert_eq!(sent.len(), 4);
    assert!(sent.contains(&("usmf-SO-1-1-1", one, "Standard", "1 Main Street")));
    assert!(sent.contains(&("usmf-SO-1-2-1", two, "Standard", "1 Main Street")));
    assert!(sent.contains(&("usmf-SO-1-3-1", one, "Expedited", "1 Main Street")));
    assert!(sent.contains(&("usmf-SO-1-4-1", one, "Standard", "2 Other Street")));
}

#[test]
fn a_line_that_repeats_the_header_address_in_other_white_space_travels_with_the_rest() {
    let mut w = World::new(vec![line(1, "A", 1), line(2, "B", 1)]);
    let mut same = crate::support::address();
    same.name = " Jane  Doe ".into();
    same.city = "Springfield ".into();
    w.line(2).address = same;
    w.line(2).delivery_mode = "std".into();
    w.line(2).warehouse = "sb01".into();
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn boxes_are_sent_as_pieces() {
    let mut w = World::of(2);
    w.line(1).unit = "Box".into();
    w.facts.conversions = vec![conversion("A", "box", 12)];
    w.run_smoothly();
    assert_eq!(w.creates()[0].lines[0].quantity, 24);
}

#[test]
fn only_the_rest_of_a_partly_delivered_line_is_sent() {
    let mut w = World::of(10);
    w.post(&[(1, Decimal::from(4))]);
    w.run_smoothly();
    assert_eq!(w.creates()[0].lines[0].quantity, 6);
    w.ship(0, 0);
    w.run_smoothly();
    assert_eq!(w.line(1).deliver_now, Decimal::from(6));
}

#[test]
fn goods_slipped_by_hand_before_the_order_was_sent_are_not_sent() {
    // Planned with ten open; four are delivered by hand before the create leaves.
    let mut w = World::of(10);
    w.facts.skus = w.catalogue.clone();
    w.facts.kept.absent = crate::support::absent_proof(&[1], w.now());
    w.facts.kept.baseline.insert("L1".into(), Decimal::ZERO);
    w.post(&[(1, Decimal::from(4))]);
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
    assert_eq!(w.creates()[0].lines[0].quantity, 6);
}

#[test]
fn a_slip_posted_between_the_reads_of_lines_and_slips_sends_nothing_twice() {
    let mut w = World::of(10);
    w.run_smoothly();
    w.ship(0, 0);
    w.run();
    w.batch();
    // The line as it was read a moment before its slip.
    let line = w.line(1);
    line.remaining = Decimal::from(10);
    line.status = SalesStatus::Backorder;
    w.run();
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn an_increased_line_is_sent_again_for_the_difference_only() {
    let mut w = World::of(10);
    w.run_smoothly();
    w.pick(0, 0);
    w.order_quantity(1, Decimal::from(12));
    w.run_smoothly();
    let sent: Vec<_> = w
        .creates()
        .iter()
        .map(|c| (c.reference.as_str().to_owned(), c.lines[0].quantity))
        .collect();
    assert_eq!(sent, [("usmf-SO-1-1-1".to_owned(), 10), ("usmf-SO-1-1-2".to_owned(), 2)]);
}

#[test]
fn a_line_added_later_is_sent_alone() {
    let mut w = World::of(10);
    w.run_smoothly();
    w.order().lines.push(line(2, "B", 1));
    w.catalogue.insert("B".into(), catalogue("B"));
    w.run_smoothly();
    assert_eq!(w.creates()[1].reference.as_str(), "usmf-SO-1-2-1");
    assert_eq!(w.creates()[1].lines.len(), 1);
}

#[test]
fn a_line_with_a_lower_number_is_not_a_reason_to_send_goods_in_doubt_again() {
    // The create of line 2 is in doubt; then line 1 appears and would rename the group.
    let mut w = World::new(vec![line(2, "A", 3)]);
    w.lose_next_create = true;
    w.run();
    assert_eq!(w.facts.deliveries[0].state, DeliveryState::InDoubt);
    w.order().lines.insert(0, line(1, "B", 1));
    w.catalogue.insert("B".into(), catalogue("B"));
    w.run();
    assert_eq!(w.creates().len(), 1, "nothing new while the first is in doubt");
    w.resolve_doubts();
    w.run_smoothly();
    let second = &w.creates()[1].lines;
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].sku, "B");
}

#[test]
fn what_shipbob_took_and_does_not_show_is_counted_and_looked_for() {
    let mut w = World::of(3);
    w.run_smoothly();
    let lost = w.facts.warehouse.remove(0);
    w.order().lines.push(line(2, "B", 1));
    w.catalogue.insert("B".into(), catalogue("B"));
    let plan = w.run();
    assert_eq!(causes(&plan), ["order-missing-at-shipbob"]);
    assert!(plan.plan_at.is_some() && plan.watch);
    let quantities: Vec<_> = w.creates().iter().map(|c| c.lines[0].sku.clone()).collect();
    assert_eq!(quantities, ["A", "B"], "A was not sent again");
    w.facts.warehouse.push(lost);
    w.run_smoothly();
}

#[test]
fn abroad_a_customs_value_per_piece_is_sent_in_dollars_only() {
    for (currency, value) in [("USD", Some("0.83")), ("EUR", None)] {
        let mut w = World::of(2);
        w.line(1).unit = "box".into();
        w.facts.conversions = vec![conversion("A", "box", 12)];
        w.order().address.country = "CAN".into();
        w.order().address.country_iso = "CA".into();
        currency.clone_into(&mut w.order().currency);
        w.run_smoothly();
        let sent = w.creates()[0].lines[0].unit_price;
        assert_eq!(sent, value.map(|v| v.parse().expect("a price")), "{currency}");
    }
}

#[test]
fn nothing_is_sent_of_lines_that_are_not_for_a_warehouse_of_shipbob() {
    let lines = vec![
        line(1, "A", 1),
        line(2, "B", 1),
        line(3, "C", 1),
        line(4, "D", 1),
        line(5, "E", 1),
        line(6, "F", 0),
        line(7, "G", -2),
        line(8, "H", 1),
    ];
    let mut w = World::new(lines);
    w.line(2).warehouse = "11".into();
    w.line(3).blocked = true;
    w.line(4).stocked = false;
    w.line(5).direct_delivery = true;
    w.line(8).status = SalesStatus::Canceled;
    let plan = w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
    assert_eq!(w.creates()[0].lines.len(), 1);
    for sequence in 2..=8 {
        let named = |r: &String| r.starts_with(&format!("Line {sequence}: "));
        assert!(plan.reasons.iter().any(named), "line {sequence}: {:?}", plan.reasons);
    }
}

#[test]
fn an_order_waits_until_it_is_released() {
    let mut w = World::of(1);
    let plans = [
        {
            w.order().document_status = DocumentStatus::None;
            w.run_smoothly()
        },
        {
            w.order().document_status = DocumentStatus::Confirmation;
            w.order().stopped = true;
            w.run_smoothly()
        },
        {
            w.order().stopped = false;
            w.order().credit_hold = true;
            w.run_smoothly()
        },
        {
            w.order().credit_hold = false;
            w.order().sales_type = "Journal".into();
            w.run_smoothly()
        },
        {
            w.order().sales_type = "Sales".into();
            w.order().status = SalesStatus::Canceled;
            w.run_smoothly()
        },
        {
            w.order().status = SalesStatus::Other("Frozen".into());
            w.run_smoothly()
        },
        {
            w.order().status = SalesStatus::Backorder;
            w.order().document_status = DocumentStatus::Other("Quotation".into());
            w.run_smoothly()
        },
    ];
    assert!(w.ledger.is_empty());
    assert!(plans.iter().all(|p| !p.reasons.is_empty()), "says why");
    w.order().document_status = DocumentStatus::PickingList;
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn a_later_document_is_a_release_too() {
    for status in [DocumentStatus::PickingList, DocumentStatus::PackingSlip] {
        let mut w = World::of(1);
        w.order().document_status = status;
        w.run_smoothly();
        assert_eq!(w.creates().len(), 1);
    }
}

#[test]
fn an_order_never_read_asks_for_the_read_and_nothing_else() {
    let mut w = World::of(1);
    w.facts.sales = None;
    let plan = w.plan();
    assert_eq!(plan.needs, [Need::Sales]);
    assert!(plan.deliveries.is_empty());
}

#[test]
fn a_kit_is_sent_under_its_own_sku() {
    let mut w = World::of(2);
    let kit = CatalogueItem {
        bundle: true,
        inventory_id: None,
        components: vec![(7, 1), (8, 2)],
        ..catalogue("A").exact.expect("known")
    };
    w.catalogue.get_mut("A").expect("A").exact = Some(kit);
    w.run_smoothly();
    assert_eq!(w.creates()[0].lines[0].sku, "A");
    assert_eq!(w.creates()[0].lines[0].quantity, 2);
}

#[test]
fn an_order_waiting_for_its_turn_keeps_its_key_and_takes_an_edit_along() {
    let mut w = World::of(3);
    w.facts.skus = w.catalogue.clone();
    w.facts.kept.absent = crate::support::absent_proof(&[1], at(2));
    let (first, same) = (w.plan().deliveries, w.plan().deliveries);
    assert_eq!(first[0].key, same[0].key);
    w.order().address.street = "9 New Street".into();
    let edited = w.plan().deliveries;
    assert_ne!(first[0].key, edited[0].key, "the unsent wish is replaced");
}

#[test]
fn what_a_filter_leaves_out_is_not_sent_and_what_was_sent_stays() {
    let mut w = World::of(3);
    w.settings.filters.plain = "SalesOrderOriginCode eq 'WEB'".to_owned();
    w.order().left_out.insert(Profile::Plain);
    let plan = w.run_smoothly();
    assert_eq!((plan.status.as_str(), w.creates().len()), ("ignored", 0));
    w.order().left_out.clear();
    assert_eq!(w.run_smoothly().status, "in-warehouse");
    w.order().left_out.insert(Profile::Plain);
    let plan = w.run_smoothly();
    assert_eq!((plan.status.as_str(), w.creates().len()), ("in-warehouse", 1));
    assert!(plan.deliveries.iter().all(|d| !d.key.starts_with("cancel:")), "{plan:?}");
    w.settings.filters.plain.clear();
    let mut free = World::of(3);
    free.order().left_out.insert(Profile::Plain);
    assert_eq!(free.run_smoothly().status, "in-warehouse", "a filter that is gone counts no more");
}

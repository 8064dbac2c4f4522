//! F&O changes what it released: put right in place until the pick, afterwards a person is told.

use crate::support::{World, causes, hold, line};
use domain::edit::Change;
use domain::operation::{Operation, Protection, Repeat};
use domain::plan::{DeliveryState, Kept};
use domain::sales::SalesStatus;
use domain::time::Span;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

type Edit = fn(&mut World);

/// Every change an update call can bring: the field a hold names, the write, and the change.
const EDITS: &[(&str, &str, Edit)] = &[
    ("address", "update-address", |w| w.order().address.street = "9 New Street".into()),
    ("address", "update-address", |w| w.order().email = "new@example.org".into()),
    ("delivery mode", "update-method", |w| w.order().delivery_mode = "EXP".into()),
    ("quantity", "update-lines", |w| w.order_quantity(1, Decimal::from(2))),
];

/// A world in which somebody has found out which id names a shipping service.
fn world(lines: Vec<domain::sales::SalesLine>) -> World {
    let mut w = World::new(lines);
    let services = [("Standard".to_owned(), 2), ("Expedited".to_owned(), 3)];
    w.facts.services = BTreeMap::from(services);
    w
}

fn sent() -> World {
    let mut w = world(vec![line(1, "A", 3)]);
    w.run_smoothly();
    w
}

#[test]
fn a_change_before_the_pick_is_one_update_and_nothing_else() {
    for (field, write, edit) in EDITS {
        let mut w = sent();
        let before = w.ledger.len();
        edit(&mut w);
        let plan = w.run_smoothly();
        assert_eq!(w.count(write), 1, "{field}");
        let others = w.ledger[before..].iter().map(Operation::name).filter(|n| n != write);
        // The line was touched: its quantity to deliver is looked after as ever.
        let others: Vec<_> = others.filter(|n| *n != "set-deliver-now").collect();
        assert!(others.is_empty(), "{field}: {others:?}");
        assert_eq!((w.creates().len(), plan.status.as_str()), (1, "in-warehouse"), "{field}");
    }
}

#[test]
fn a_change_after_the_pick_is_a_hold_that_names_field_and_person() {
    for (field, _, edit) in EDITS {
        let mut w = sent();
        w.pick(0, 0);
        edit(&mut w);
        let plan = w.run();
        let found = hold(&plan, "changed-after-pick");
        assert_eq!(found.field, *field);
        assert!(found.fix.contains("must act"), "{}", found.fix);
        assert!(w.edits().is_empty() && w.creates().len() == 1, "{field}");
    }
}

#[test]
fn the_hold_stays_after_the_goods_have_left_and_closes_when_the_order_is_put_back() {
    for (field, _, edit) in EDITS {
        let mut w = sent();
        w.pick(0, 0);
        let before = w.order().clone();
        edit(&mut w);
        w.run();
        w.ship(0, 0);
        let plan = w.run();
        assert!(causes(&plan).contains(&"changed-after-pick"), "{field}: {:?}", plan.holds);
        let old = w.order();
        old.address = before.address;
        old.email = before.email;
        old.delivery_mode = before.delivery_mode;
        old.lines.iter_mut().zip(before.lines).for_each(|(now, then)| {
            (now.ordered, now.remaining) = (then.ordered, then.remaining);
        });
        assert!(!causes(&w.run()).contains(&"changed-after-pick"), "{field}");
    }
}

#[test]
fn a_change_that_raced_the_pick_is_read_again_and_told() {
    for (field, write, edit) in EDITS {
        let mut w = sent();
        edit(&mut w);
        // ShipBob picked it; we have not seen that yet when it refuses.
        let key = w.plan().deliveries[0].key.clone();
        w.pass(Span::seconds(5));
        let (state, since) = (DeliveryState::Refused, w.now());
        w.facts.deliveries.push(domain::plan::KnownDelivery { key, state, since, hold: None });
        let plan = w.plan();
        let needs_read = |n: &domain::plan::Need| matches!(n, domain::plan::Need::Orders(_));
        assert!(plan.needs.iter().any(needs_read), "{field} ({write}): {:?}", plan.needs);
        w.pick(0, 0);
        let plan = w.run();
        assert_eq!(hold(&plan, "changed-after-pick").field, *field);
        assert_eq!(w.count("cancel-order"), 0, "{field}");
    }
}

#[test]
fn what_shipbob_refuses_is_cancelled_and_sent_anew() {
    for (field, write, edit) in EDITS {
        let mut w = sent();
        w.refuses_edits = true;
        edit(&mut w);
        w.run_smoothly();
        assert_eq!((w.count(write), w.count("cancel-order")), (1, 1), "{field}");
        assert_eq!(w.creates().len(), 2, "{field}");
    }
}

#[test]
fn a_method_is_cancelled_and_sent_anew_while_nobody_knows_its_id() {
    let mut w = sent();
    w.facts.services.clear();
    w.order().delivery_mode = "EXP".into();
    w.run_smoothly();
    assert_eq!((w.edits().len(), w.count("cancel-order"), w.creates().len()), (0, 1, 2));
}

#[test]
fn a_change_and_its_way_back_are_three_writes_of_their_own() {
    let mut w = sent();
    for street in ["9 New Street", "1 Main Street", "9 New Street"] {
        w.order().address.street = street.into();
        w.run_smoothly();
    }
    assert_eq!(w.count("update-address"), 3);
    let keys: std::collections::BTreeSet<_> = w.facts.deliveries.iter().map(|d| &d.key).collect();
    assert_eq!(keys.len(), w.facts.deliveries.len());
}

#[test]
fn our_own_update_is_nobodys_edit() {
    for (field, _, edit) in EDITS {
        let mut w = sent();
        edit(&mut w);
        w.run_smoothly();
        let writes = w.ledger.len();
        w.order().modified = w.now();
        w.order().etag = "other".into();
        w.run_smoothly();
        w.ship(0, 0);
        w.run();
        assert_eq!(w.edits().len(), 1, "{field}");
        assert!(w.ledger.len() > writes, "the parcel is written back");
        assert!(!causes(&w.plan()).contains(&"changed-after-pick"), "{field}");
    }
}

#[test]
fn while_an_edit_is_in_doubt_nothing_else_is_made_of_it() {
    for (field, _, edit) in EDITS {
        let mut w = sent();
        w.lose_next_edit = true;
        edit(&mut w);
        w.run();
        // Picked with the change, which nobody has confirmed yet.
        w.pick(0, 0);
        let plan = w.run();
        assert!(plan.holds.is_empty(), "{field}: {:?}", plan.holds);
        w.find_lost_edits();
        w.run_smoothly();
        assert_eq!((w.edits().len(), w.creates().len()), (1, 1), "{field}");
    }
}

#[test]
fn a_raise_goes_into_the_shipment_and_after_the_pick_into_another_order() {
    let mut w = sent();
    w.order_quantity(1, Decimal::from(5));
    w.run_smoothly();
    assert_eq!((w.count("update-lines"), w.creates().len()), (1, 1));
    w.pick(0, 0);
    w.order_quantity(1, Decimal::from(6));
    w.run_smoothly();
    assert_eq!((w.count("update-lines"), w.creates().len()), (1, 2));
    let again = w.creates()[1];
    assert_eq!((again.reference.as_str(), again.lines[0].quantity), ("usmf-SO-1-1-2", 1));
}

#[test]
fn a_raise_that_is_refused_goes_out_besides() {
    let mut w = sent();
    w.refuses_edits = true;
    w.order_quantity(1, Decimal::from(5));
    w.run_smoothly();
    assert_eq!((w.count("cancel-order"), w.creates().len()), (0, 2));
    assert_eq!(w.creates()[1].lines[0].quantity, 2);
}

#[test]
fn a_raise_in_doubt_is_not_sent_besides() {
    let mut w = sent();
    w.lose_next_edit = true;
    w.order_quantity(1, Decimal::from(5));
    w.run();
    w.pick(0, 0);
    w.run();
    assert_eq!(w.creates().len(), 1);
    w.find_lost_edits();
    w.run_smoothly();
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn one_line_down_and_one_up_is_one_full_list() {
    let mut w = world(vec![line(1, "A", 3), line(2, "B", 3)]);
    w.run_smoothly();
    w.order_quantity(1, Decimal::from(1));
    w.order_quantity(2, Decimal::from(4));
    w.run_smoothly();
    let edits = w.edits();
    let [edit] = &edits[..] else { panic!("{edits:?}") };
    let Change::Lines { items, lines } = &edit.change else { panic!("{edit:?}") };
    let quantities: Vec<_> = items.iter().map(|i| (i.sku.as_str(), i.quantity)).collect();
    assert_eq!(quantities, [("A", 1), ("B", 4)]);
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_line_that_vanishes_or_a_kit_that_shrinks_is_no_matter_for_an_update() {
    let mut w = world(vec![line(1, "A", 3), line(2, "B", 3)]);
    w.run_smoothly();
    w.line(2).status = SalesStatus::Canceled;
    w.line(2).remaining = Decimal::ZERO;
    w.run_smoothly();
    assert_eq!((w.edits().len(), w.count("cancel-order"), w.creates().len()), (0, 1, 2));
    let mut w = world(vec![line(1, "K", 3)]);
    let kit = w.catalogue.get_mut("K").and_then(|f| f.exact.as_mut()).expect("known");
    (kit.bundle, kit.components) = (true, vec![(7, 2)]);
    w.run_smoothly();
    w.order_quantity(1, Decimal::from(2));
    w.run_smoothly();
    assert_eq!((w.edits().len(), w.count("cancel-order"), w.creates().len()), (0, 1, 2));
}

#[test]
fn a_line_added_after_the_release_goes_out_in_an_order_of_its_own() {
    let mut w = sent();
    let mut more = line(2, "B", 1);
    more.lot = "L2".into();
    w.order().lines.push(more);
    w.catalogue.insert("B".into(), crate::support::catalogue("B"));
    w.run_smoothly();
    assert_eq!((w.edits().len(), w.creates().len()), (0, 2));
    assert_eq!(w.creates()[1].reference.as_str(), "usmf-SO-1-2-1");
}

#[test]
fn goods_moved_to_another_order_are_taken_off_here() {
    // Part of a line: an update. The other order is a subject of its own and sends what it holds.
    let mut w = world(vec![line(1, "A", 3), line(2, "B", 1)]);
    w.run_smoothly();
    w.order_quantity(1, Decimal::from(1));
    w.run_smoothly();
    assert_eq!((w.count("update-lines"), w.creates().len()), (1, 1));
    // A whole line: cancelled and sent anew without it.
    w.order().lines.remove(0);
    w.run_smoothly();
    assert_eq!((w.count("cancel-order"), w.creates().len()), (1, 2));
    assert_eq!(w.creates()[1].lines[0].sku, "B");
}

#[test]
fn lines_that_part_ways_are_sent_anew() {
    let mut w = world(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.run_smoothly();
    w.line(2).delivery_mode = "EXP".into();
    w.run_smoothly();
    assert_eq!((w.edits().len(), w.count("cancel-order"), w.creates().len()), (0, 1, 3));
}

#[test]
fn of_two_parcels_each_gets_the_new_address() {
    let mut w = world(vec![line(1, "A", 4)]);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.order().address.street = "9 New Street".into();
    w.run_smoothly();
    assert_eq!(w.count("update-address"), 2);
    let sent = w.facts.kept.sent.values().next().expect("one");
    assert_eq!(sent.recipient.address1, "9 New Street");
}

#[test]
fn of_two_parcels_one_picked_the_other_gets_it_and_the_hold_says_which_is_which() {
    let mut w = world(vec![line(1, "A", 4)]);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.pick(0, 0);
    w.order().address.street = "9 New Street".into();
    let plan = w.run();
    assert_eq!(w.count("update-address"), 1);
    let (picked, open) = (w.parcel(0, 0).id, w.parcel(0, 1).id);
    let words = hold(&plan, "changed-after-pick").reason.clone();
    assert!(words.contains(&format!("Shipment {picked} was picked")), "{words}");
    assert!(words.contains(&format!("Shipment {open} has the change")), "{words}");
    let sent = w.facts.kept.sent.values().next().expect("one");
    assert_eq!(sent.recipient.address1, "1 Main Street", "the order as a whole was not changed");
}

#[test]
fn a_cancel_comes_before_an_edit() {
    let mut w = sent();
    w.order().address.street = "9 New Street".into();
    w.order().status = SalesStatus::Canceled;
    w.run_smoothly();
    assert_eq!((w.edits().len(), w.count("cancel-order")), (0, 1));
}

#[test]
fn after_a_restore_an_edit_that_was_made_is_not_made_again() {
    let mut w = sent();
    w.order().address.street = "9 New Street".into();
    let older = w.facts.kept.clone();
    w.run_smoothly();
    let ledger = w.ledger.len();
    w.facts.kept = older;
    w.facts.deliveries.retain(|d| d.key.starts_with("create:"));
    w.run_smoothly();
    assert_eq!(w.ledger.len(), ledger);
    // Not even the order itself is known: its shipments tell that it is ours.
    w.facts.kept = Kept::default();
    w.facts.deliveries.clear();
    w.run_smoothly();
    assert_eq!(w.ledger.len(), ledger);
}

#[test]
fn after_a_restore_what_was_raised_is_not_sent_twice() {
    let mut w = sent();
    let older = w.facts.kept.clone();
    w.order_quantity(1, Decimal::from(5));
    w.run_smoothly();
    w.pick(0, 0);
    w.facts.kept = older;
    w.facts.deliveries.retain(|d| d.key.starts_with("create:"));
    let plan = w.run();
    assert_eq!(causes(&plan), ["shipments-hold-more"]);
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn after_a_restore_what_was_reduced_is_adopted_as_it_is() {
    let mut w = sent();
    w.order_quantity(1, Decimal::from(2));
    w.run_smoothly();
    w.pick(0, 0);
    w.facts.kept = Kept::default();
    w.facts.deliveries.clear();
    w.run_smoothly();
    w.ship(0, 0);
    w.run();
    assert_eq!((w.creates().len(), w.edits().len()), (1, 1));
}

#[test]
fn an_edit_is_absolute_and_read_back() {
    let mut w = sent();
    w.order().address.street = "9 New Street".into();
    let operation = w.plan().deliveries[0].operation.clone();
    assert!(matches!(operation, Operation::EditShipment(_)));
    assert_eq!(operation.repeat(), Repeat::ReadBack);
    assert_eq!(operation.protection(), Protection::Absolute);
}

//! From shipments to lines: splits, shortages, excess, kits, boxes.

use crate::support::{World, catalogue, causes, conversion, hold, line, pieces};
use domain::ids::CentreId;
use domain::warehouse::{CatalogueItem, ShipmentStatus, ShippedItem, ShippedProduct};
use rust_decimal::Decimal;

/// A is a kit of one piece 7 and two pieces 8.
fn kits(n: i64) -> World {
    let mut w = World::of(n);
    let kit = CatalogueItem {
        bundle: true,
        inventory_id: None,
        components: vec![(7, 1), (8, 2)],
        ..catalogue("A").exact.expect("known")
    };
    w.catalogue.get_mut("A").expect("A").exact = Some(kit);
    w.run_smoothly();
    w
}

fn parts(sku: &str, items: &[(i64, i64)]) -> ShippedProduct {
    let item = |(inventory_id, quantity): &(i64, i64)| ShippedItem {
        inventory_id: *inventory_id,
        quantity: *quantity,
    };
    ShippedProduct { sku: sku.into(), items: items.iter().map(item).collect() }
}

fn boxes(n: i64, pieces: i64) -> World {
    let mut w = World::of(n);
    w.line(1).unit = "box".into();
    w.facts.conversions = vec![conversion("A", "box", pieces)];
    w.run_smoothly();
    w
}

fn deliver_now(w: &mut World) -> Decimal {
    w.line(1).deliver_now
}

#[test]
fn a_split_order_is_slipped_parcel_by_parcel() {
    let mut w = World::of(5);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::from(3));
    w.batch();
    w.ship(0, 1);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::from(2));
    w.batch();
    w.run_smoothly();
    assert!(w.line(1).remaining.is_zero());
}

#[test]
fn short_shipped_is_a_hold_that_heals_when_the_rest_is_cancelled() {
    let mut w = World::of(10);
    w.run_smoothly();
    w.parcel(0, 0).products = vec![pieces("A", 8)];
    w.ship(0, 0);
    let plan = w.run();
    assert_eq!(causes(&plan), ["short-shipped"]);
    let short = hold(&plan, "short-shipped");
    assert_eq!((short.field.as_str(), short.value.as_str()), ("line 1", "8 of 10"));
    assert_eq!(deliver_now(&mut w), Decimal::from(8));
    assert_eq!(w.creates().len(), 1, "the rest is not sent by itself");
    w.batch();
    assert_eq!(causes(&w.run()), ["short-shipped"]);
    w.order_quantity(1, Decimal::from(8));
    w.run_smoothly();
}

#[test]
fn ten_of_a_box_of_twelve_is_a_hold_and_nothing_is_slipped() {
    let mut w = boxes(1, 12);
    w.parcel(0, 0).products = vec![pieces("A", 10)];
    w.ship(0, 0);
    let plan = w.run();
    assert_eq!(causes(&plan), ["short-shipped", "partial-unit"]);
    assert_eq!(hold(&plan, "partial-unit").value, "10 pieces");
    assert!(deliver_now(&mut w).is_zero());
    assert_eq!(w.order().notes.len(), 1, "tracking is written all the same");
    // The clerk sells pieces instead.
    let l = w.line(1);
    l.unit = "ea".into();
    l.ordered = Decimal::from(10);
    l.remaining = Decimal::from(10);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::from(10));
}

#[test]
fn whole_boxes_are_slipped_and_the_open_one_is_held() {
    let mut w = boxes(3, 12);
    w.parcel(0, 0).products = vec![pieces("A", 30)];
    w.ship(0, 0);
    assert!(causes(&w.run()).contains(&"partial-unit"));
    assert_eq!(deliver_now(&mut w), Decimal::from(2));
}

#[test]
fn a_box_split_over_two_parcels_waits_for_the_second_without_a_hold() {
    let mut w = World::of(1);
    w.line(1).unit = "box".into();
    w.facts.conversions = vec![conversion("A", "box", 12)];
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    assert!(deliver_now(&mut w).is_zero());
    w.ship(0, 1);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::ONE);
}

#[test]
fn excess_is_held_and_never_slipped() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.parcel(0, 0).products = vec![pieces("A", 5), pieces("Z", 1)];
    w.ship(0, 0);
    let plan = w.run();
    assert_eq!(causes(&plan), ["shipped-too-much", "shipped-too-much"]);
    assert_eq!(plan.holds[0].reason.value, "2 of A");
    assert_eq!(plan.holds[1].reason.value, "1 of Z");
    assert_eq!(deliver_now(&mut w), Decimal::from(3));
}

#[test]
fn a_re_ship_gets_its_note_and_no_second_slip() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.ship(0, 0);
    w.run();
    w.batch();
    w.run_smoothly();
    let mut again = w.parcel(0, 0).clone();
    again.id.0 += 500;
    again.tracking.as_mut().expect("labelled").number = "1ZAGAIN".into();
    again.fulfilled = Some(w.now());
    again.tracking_uploaded = false;
    w.at_shipbob(0).shipments.push(again);
    let plan = w.run();
    assert_eq!(causes(&plan), ["shipped-too-much"]);
    assert_eq!(w.order().notes.len(), 2);
    assert_eq!(w.count("add-tracking"), 1);
    assert!(w.creates().len() == 1 && w.line(1).remaining.is_zero());
}

#[test]
fn goods_that_left_come_before_goods_that_are_only_planned() {
    let mut w = World::of(4);
    w.parcels_per_order = 2;
    w.run_smoothly();
    // The second parcel takes everything and leaves first; the first is still planned.
    w.parcel(0, 1).products = vec![pieces("A", 4)];
    w.ship(0, 1);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::from(4));
}

#[test]
fn two_lines_of_one_item_are_filled_in_creation_order() {
    let mut w = World::new(vec![line(2, "A", 3), line(1, "A", 2)]);
    w.run_smoothly();
    w.parcel(0, 0).products = vec![pieces("A", 4)];
    w.ship(0, 0);
    w.run();
    assert_eq!(w.line(1).deliver_now, Decimal::from(2));
    assert_eq!(w.line(2).deliver_now, Decimal::from(2));
}

#[test]
fn kits_shipped_whole_are_slipped_whole() {
    let mut w = kits(2);
    w.ship(0, 0);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::from(2));
    w.batch();
    let plan = w.run_smoothly();
    assert_eq!(plan.status, "shipped");
}

#[test]
fn a_partial_kit_is_a_hold_and_only_whole_kits_are_slipped() {
    let mut w = kits(2);
    w.parcel(0, 0).products = vec![parts("A", &[(7, 2), (8, 3)])];
    w.ship(0, 0);
    let plan = w.run();
    assert_eq!(causes(&plan), ["kit-incomplete", "short-shipped"]);
    assert!(hold(&plan, "kit-incomplete").reason.starts_with("2 part(s)"));
    assert_eq!(deliver_now(&mut w), Decimal::ONE);
}

#[test]
fn a_kit_in_two_parcels_is_complete_when_the_second_has_left() {
    let mut w = kits(1);
    let mut second = w.parcel(0, 0).clone();
    second.id.0 += 1;
    second.products = vec![parts("A", &[(8, 2)])];
    w.parcel(0, 0).products = vec![parts("A", &[(7, 1)])];
    w.at_shipbob(0).shipments.push(second);
    w.ship(0, 0);
    w.run_smoothly();
    assert!(deliver_now(&mut w).is_zero());
    w.ship(0, 1);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::ONE);
    w.batch();
    w.run_smoothly();
    assert_eq!(w.order().tracking.len(), 2, "both numbers stand on the slip");
    assert!(w.order().notes[0].text.contains("Line 1: A (parts)"), "{}", w.order().notes[0].text);
}

#[test]
fn a_kit_kept_assembled_counts_by_itself() {
    let mut w = kits(2);
    let fact = w.catalogue.get_mut("A").and_then(|f| f.exact.as_mut()).expect("A");
    fact.inventory_id = Some(99);
    w.facts.skus = w.catalogue.clone();
    w.parcel(0, 0).products = vec![parts("A", &[(99, 2)])];
    w.ship(0, 0);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::from(2));
}

#[test]
fn a_kit_shipbob_does_not_explain_is_not_counted_at_all() {
    let mut w = kits(1);
    let fact = w.catalogue.get_mut("A").and_then(|f| f.exact.as_mut()).expect("A");
    fact.components.clear();
    w.facts.skus = w.catalogue.clone();
    w.ship(0, 0);
    let plan = w.run();
    assert!(causes(&plan).contains(&"kit-incomplete"), "{:?}", causes(&plan));
    assert!(deliver_now(&mut w).is_zero());
}

#[test]
fn regression_a_kit_whose_catalogue_entry_has_aged_is_read_again_and_not_guessed() {
    let mut w = kits(5);
    w.parcel(0, 0).products = vec![parts("A", &[(7, 1), (8, 2)])];
    w.ship(0, 0);
    w.facts.skus.clear();
    let plan = w.plan();
    assert!(!plan.needs.is_empty() && plan.deliveries.is_empty(), "{:?}", plan.deliveries);
    w.run();
    assert_eq!(deliver_now(&mut w), Decimal::ONE);
}

#[test]
fn goods_that_left_another_centre_are_held_before_the_slip() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.parcel(0, 0).centre = Some(CentreId(2));
    w.ship(0, 0);
    let plan = w.run();
    assert_eq!(causes(&plan), ["left-elsewhere"]);
    assert!(deliver_now(&mut w).is_zero());
    assert_eq!(w.order().notes.len(), 1, "tracking is written all the same");
    let mut moved = w.clone();
    moved.line(1).warehouse = "SB02".into();
    moved.run_smoothly();
    assert_eq!(deliver_now(&mut moved), Decimal::from(3), "booked where it left");
    let identity = hold(&plan, "left-elsewhere").identity();
    w.facts.decisions.dismissed.insert(identity);
    w.run_smoothly();
    assert_eq!(deliver_now(&mut w), Decimal::from(3), "a person said so");
}

#[test]
fn a_parcel_moved_elsewhere_before_it_left_is_a_hold_that_closes_when_it_is_moved_back() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.parcel(0, 0).centre = Some(CentreId(2));
    let plan = w.run();
    assert_eq!(causes(&plan), ["routed-elsewhere"]);
    assert!(hold(&plan, "routed-elsewhere").reason.contains("from centre 2"), "{:?}", plan.holds);
    w.parcel(0, 0).centre = Some(CentreId(1));
    w.run_smoothly();
}

#[test]
fn a_line_closed_after_its_goods_left_is_a_hold() {
    let mut w = World::of(3);
    w.run_smoothly();
    w.ship(0, 0);
    w.run();
    w.order_quantity(1, Decimal::ONE);
    let plan = w.run();
    assert_eq!(causes(&plan), ["shipped-not-open"]);
    assert!(deliver_now(&mut w) <= Decimal::ONE);
}

#[test]
fn a_parcel_that_waits_at_shipbob_is_a_hold_that_heals_by_itself() {
    let table = [
        (ShipmentStatus::OnHold, "shipbob-on-hold"),
        (ShipmentStatus::Exception, "shipbob-exception"),
        (ShipmentStatus::Other("Teleported".into()), "shipbob-status-unknown"),
        (ShipmentStatus::CleanSweeped, "shipbob-cleared"),
    ];
    for (status, cause) in table {
        let mut w = World::of(1);
        w.run_smoothly();
        w.parcel(0, 0).status = status;
        let plan = w.run();
        assert_eq!(causes(&plan), [cause]);
        assert_eq!(plan.holds[0].reason.value, "102");
        assert_eq!(w.creates().len(), 1, "never sent again by itself");
        w.parcel(0, 0).status = ShipmentStatus::Processing;
        w.run_smoothly();
    }
}

#[test]
fn a_status_that_says_nothing_is_not_a_hold() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.parcel(0, 0).status = ShipmentStatus::Other("None".into());
    w.run_smoothly();
}

#[test]
fn a_carrier_exception_is_a_hold_until_the_parcel_is_delivered() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.ship(0, 0);
    w.parcel(0, 0).details = vec![domain::warehouse::StatusDetail {
        id: Some(204),
        name: "DeliveryException".into(),
        description: String::new(),
    }];
    assert_eq!(causes(&w.run()), ["delivery-exception"]);
    assert!(w.order().notes[0].text.contains("delivery exception"));
    w.deliver(0, 0);
    w.run_smoothly();
}

#[test]
fn a_cancelled_parcel_is_a_hold_until_other_parcels_carry_its_goods() {
    let mut w = World::of(4);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w.parcel(0, 0).status = ShipmentStatus::Cancelled;
    assert_eq!(causes(&w.run()), ["shipment-cancelled"]);
    let mut other = w.parcel(0, 1).clone();
    other.id.0 += 1;
    w.at_shipbob(0).shipments.push(other);
    w.run_smoothly();
}

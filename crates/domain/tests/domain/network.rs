//! Warehouses that lie in several centres of which ShipBob chooses: what is sent, what may leave from
//! where, and what a change of the mapping means for orders on their way.

use crate::support::{World, causes, hold, line, network, settings};
use domain::ids::CentreId;
use domain::mapping::Mapping;
use domain::settings::WarehouseMap;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// SB01 is a network of centres 1 and 3, SB02 is pinned to centre 2.
fn spread(lines: Vec<domain::sales::SalesLine>) -> World {
    let mut w = World::new(lines);
    w.settings.warehouses[0].mapping = network(&[1, 3]);
    w
}

fn sent() -> World {
    let mut w = spread(vec![line(1, "A", 4)]);
    w.parcels_per_order = 2;
    w.run_smoothly();
    w
}

fn pinned_to(w: &mut World, centre: i64) {
    w.settings.warehouses[0].mapping = Mapping::Pinned(CentreId(centre));
}

#[test]
fn an_order_of_a_network_asks_for_no_centre_and_one_of_a_pinned_warehouse_for_its_own() {
    let mut w = spread(vec![line(1, "A", 1), line(2, "B", 1)]);
    w.line(2).warehouse = "SB02".into();
    w.run_smoothly();
    let asked: Vec<_> = w.creates().iter().map(|c| (c.centre, c.choice.len())).collect();
    assert_eq!(asked, [(None, 2), (Some(CentreId(2)), 0)]);
}

#[test]
fn parcels_from_several_centres_of_the_set_are_slipped_and_their_notes_name_the_centre() {
    let mut w = sent();
    w.parcel(0, 1).centre_name = "Bethlehem (PA)".into();
    for p in 0..2 {
        w.ship(0, p);
        w.run();
        w.batch();
    }
    w.run_smoothly();
    assert!(w.order().lines.iter().all(|l| l.remaining.is_zero()));
    let texts: Vec<&str> = w.order().notes.iter().map(|n| n.text.as_str()).collect();
    let named = |text: &str| texts.iter().any(|t| t.lines().any(|line| line == text));
    assert!(named("Centre: 1") && named("Centre: 3, Bethlehem (PA)"), "{texts:?}");
}

#[test]
fn the_note_of_a_pinned_warehouse_names_no_centre() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    assert!(!w.order().notes[0].text.contains("Centre"), "{}", w.order().notes[0].text);
}

#[test]
fn a_parcel_moved_inside_the_set_is_nothing_to_wait_for() {
    let mut w = sent();
    let before = w.ledger.len();
    w.parcel(0, 0).centre = Some(CentreId(3));
    w.run_smoothly();
    assert_eq!(w.ledger.len(), before, "nothing is to be done about it");
}

#[test]
fn a_parcel_of_a_centre_outside_of_the_set_is_held_before_the_slip_with_its_tracking_written() {
    let mut w = sent();
    w.parcel(0, 0).centre = Some(CentreId(2));
    assert_eq!(causes(&w.run()), ["routed-elsewhere"]);
    w.ship(0, 0);
    let plan = w.run();
    let left = hold(&plan, "left-elsewhere");
    assert!(left.reason.contains("left centre 2") && left.reason.contains("centres 1, 3"));
    assert_eq!(w.order().notes.len(), 1, "tracking is written all the same");
    w.batch();
    assert!(w.order().slips.is_empty(), "not out of the wrong warehouse");
    w.ship(0, 1);
    w.run();
    w.batch();
    assert_eq!(w.line(1).remaining, Decimal::from(2), "the other parcel is slipped");
}

#[test]
fn a_shipment_whose_centre_shipbob_does_not_name_yet_waits_for_nobody() {
    let mut w = sent();
    w.parcel(0, 0).centre = None;
    w.run_smoothly();
}

#[test]
fn a_mapping_that_still_covers_where_an_order_was_sent_for_tears_nothing_apart() {
    // Pinned becomes a network, a network grows, shrinks, becomes pinned.
    let mut w = World::of(2);
    w.run_smoothly();
    for centres in [&[1, 3][..], &[1, 3, 4], &[1]] {
        w.settings.warehouses[0].mapping = network(centres);
        w.run_smoothly();
        assert_eq!((w.creates().len(), w.count("cancel-order")), (1, 0), "{centres:?}");
    }
    let mut w = sent();
    for p in 0..2 {
        w.parcel(0, p).centre = Some(CentreId(1));
    }
    pinned_to(&mut w, 1);
    w.run_smoothly();
    assert_eq!((w.creates().len(), w.count("cancel-order")), (1, 0));
}

#[test]
fn lines_moved_to_a_warehouse_of_other_centres_are_cancelled_and_sent_anew() {
    let mut pinned = sent();
    pinned.line(1).warehouse = "SB02".into();
    pinned.run_smoothly();
    assert_eq!(pinned.count("cancel-order"), 1);
    assert_eq!(pinned.creates().last().and_then(|c| c.centre), Some(CentreId(2)));

    let mut other = sent();
    other.settings.warehouses[1].mapping = network(&[2, 4]);
    other.line(1).warehouse = "SB02".into();
    other.run_smoothly();
    assert_eq!(other.count("cancel-order"), 1, "two networks are two places");
    assert_eq!(other.creates().len(), 2);
}

#[test]
fn a_centre_in_two_warehouses_and_an_empty_set_are_refused_by_name() {
    let mut settings = settings();
    settings.warehouses[0].mapping = network(&[1, 2]);
    let problems = settings.problems();
    let [shared] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(shared.contains("centre 2") && shared.contains("SB01 and SB02"), "{shared}");
    settings.warehouses[0].mapping = network(&[]);
    let problems = settings.problems();
    let [empty] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(empty.contains("SB01") && empty.contains("empty"), "{empty}");
}

#[test]
fn a_mapping_is_kept_under_the_key_the_configuration_writes() {
    let kept = |mapping: Mapping| {
        let map = WarehouseMap { mapping, ..settings().warehouses[0].clone() };
        let json = serde_json::to_value(&map).expect("plain data");
        assert_eq!(serde_json::from_value::<WarehouseMap>(json.clone()).expect("the same"), map);
        json
    };
    // As it was kept before there were networks.
    assert_eq!(kept(Mapping::Pinned(CentreId(1)))["centre"], 1);
    assert_eq!(kept(network(&[3, 1]))["centres"], serde_json::json!([1, 3]));
}

proptest! {
    /// Goal: an order of a network is held for its centre exactly when some parcel of it is outside of
    /// the set, and the held parcels are never on a slip.
    #[test]
    fn held_for_its_centre_is_what_is_outside_of_the_set_and_nothing_else(
        centres in proptest::collection::btree_set(1..6_i64, 1..4),
        places in proptest::collection::vec(1..6_i64, 1..4),
        leave in proptest::collection::vec(any::<bool>(), 3),
    ) {
        let pieces = i64::try_from(places.len()).expect("few");
        let mut w = World::new(vec![line(1, "A", pieces)]);
        w.settings.warehouses.truncate(1);
        w.settings.warehouses[0].mapping = network(&centres.iter().copied().collect::<Vec<_>>());
        w.parcels_per_order = places.len();
        w.run_smoothly();
        for (p, place) in places.iter().enumerate() {
            w.parcel(0, p).centre = Some(CentreId(*place));
            if leave[p] {
                w.ship(0, p);
            }
        }
        let plan = w.run();
        let outside = |left: bool| {
            let parcels = places.iter().zip(&leave);
            parcels.filter(|(place, leaves)| **leaves == left && !centres.contains(place)).count()
        };
        let held = |cause: &str| causes(&plan).iter().filter(|c| **c == cause).count();
        prop_assert_eq!(held("left-elsewhere"), outside(true));
        prop_assert_eq!(held("routed-elsewhere"), outside(false));
        w.batch();
        let inside = places.iter().zip(&leave).filter(|(p, l)| **l && centres.contains(p)).count();
        let open = Decimal::from(pieces) - w.line(1).remaining;
        prop_assert_eq!(open, Decimal::from(inside));
    }
}

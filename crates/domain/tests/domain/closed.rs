//! Mapped centres that are not active.

use crate::support::{World, causes, line, network, settings};
use domain::ids::CentreId;
use domain::reference_data::ShipBobReference;
use std::collections::BTreeSet;

fn set(ids: &[i64]) -> BTreeSet<CentreId> {
    ids.iter().copied().map(CentreId).collect()
}

#[test]
fn a_network_ships_as_long_as_one_of_its_centres_is_active() {
    let mut w = World::of(1);
    w.settings.warehouses[0].mapping = network(&[1, 3]);
    w.facts.closed = set(&[1, 3]);
    assert_eq!(causes(&w.run()), ["centre-closed"]);
    assert!(w.creates().is_empty());
    w.facts.closed = set(&[1]);
    assert_eq!(causes(&w.run_smoothly()), [""; 0]);
    assert_eq!(w.creates().len(), 1);
}

#[test]
fn a_closed_centre_of_one_warehouse_holds_no_line_of_another() {
    let mut two = line(2, "B", 1);
    two.warehouse = "SB02".into();
    let mut w = World::new(vec![line(1, "A", 1), two]);
    w.facts.closed = set(&[2]);
    assert_eq!(causes(&w.run()), ["centre-closed"]);
    let centres: Vec<_> = w.creates().iter().map(|create| create.centre).collect();
    assert_eq!(centres, [Some(CentreId(1))]);
}

#[test]
fn what_was_sent_before_its_centre_closed_goes_its_way() {
    let mut w = World::of(1);
    w.run_smoothly();
    w.facts.closed = set(&[1]);
    w.ship(0, 0);
    assert_eq!(causes(&w.run_smoothly()), [""; 0]);
    assert_eq!((w.creates().len(), w.count("cancel-order")), (1, 0));
    assert!(w.count("write-note") > 0, "what left is written back");
}

#[test]
fn settings_may_not_begin_with_a_closed_centre_but_may_keep_one() {
    let before = settings();
    let centres = vec![(CentreId(1), "Cicero".to_owned())];
    let sb = ShipBobReference { centres, ..ShipBobReference::default() };
    assert_eq!(sb.closed(&before), set(&[2]));
    let mut new = before.clone();
    assert_eq!(sb.closed_anew(&new, &before), set(&[]), "it closed while it was mapped");
    new.warehouses[0].mapping = network(&[1, 7]);
    assert_eq!(sb.closed_anew(&new, &before), set(&[7]));
}

//! Orders that ask for no centre: ShipBob chooses, splits and moves, by seed and order alone.

use serde_json::{Value, json};
use twins::{Tenant, TwinConfig, effect};

use crate::harness::{Client, MINUTE, client, config, order, with};

fn network() -> TwinConfig {
    // With this seed both products of an order lie in both centres.
    TwinConfig { seed: 5, network: true, shipbob_per_minute: None, ..config() }
}

fn free(n: u32) -> Value {
    with(order(&format!("free-{n}")), "location_id", Value::Null)
}

/// Centre and contents of every shipment of every order.
fn places(shipbob: &Client) -> Vec<(String, Vec<(i64, i64)>)> {
    let projection = shipbob.twins.projection();
    let references = projection.orders.into_values().flat_map(|order| order.references);
    let shipments = references.map(|(key, one)| {
        let all = one.shipments.iter().filter(|s| s.status == "Completed");
        (key, all.map(|s| (s.location_id, s.quantities.values().sum())).collect())
    });
    shipments.collect()
}

#[test]
fn an_order_that_asks_for_a_centre_leaves_from_there_and_one_that_does_not_from_the_network() {
    let shipbob = client(network());
    for n in 0..40 {
        shipbob.create(&free(n));
    }
    shipbob.create(&with(order("asks"), "location_id", json!(2)));
    shipbob.run_to_quiet();
    let places = places(&shipbob);
    for (key, shipments) in &places {
        let centres: Vec<i64> = shipments.iter().map(|(centre, _)| *centre).collect();
        let wanted: &[i64] = if key.ends_with("asks") { &[2] } else { &[1, 3] };
        assert!(centres.iter().all(|centre| wanted.contains(centre)), "{key}: {centres:?}");
        assert_eq!(shipments.iter().map(|(_, n)| n).sum::<i64>(), 14, "{key}: {shipments:?}");
    }
    let used = |centre: i64| places.iter().any(|(_, all)| all.iter().any(|(at, _)| *at == centre));
    assert!(used(1) && used(3), "{places:?}");
    assert!(places.iter().any(|(_, shipments)| shipments.len() == 2), "nothing was split");
    let moved = shipbob.twins.ledger().of(effect::SHIPMENT_MOVED).count();
    assert!((1..20).contains(&moved), "{moved} of 40 were moved");
}

#[test]
fn what_does_not_lie_in_the_chosen_centre_leaves_from_the_other() {
    // With this seed the second product lies in centre 1 only.
    let shipbob = client(TwinConfig { seed: 6, ..network() });
    for n in 0..20 {
        shipbob.create(&free(n));
    }
    shipbob.run_to_quiet();
    let projection = shipbob.twins.projection();
    let orders = projection.orders.values().flat_map(|order| order.references.values());
    let mut split = 0;
    for shipment in orders.clone().flat_map(|one| &one.shipments) {
        let scarce = shipment.quantities.contains_key("A0003");
        assert!(!scarce || shipment.location_id == 1, "{shipment:?}");
    }
    for one in orders {
        split += usize::from(one.shipments.len() == 2);
    }
    assert!((1..20).contains(&split), "{split} of 20 were split");
}

#[test]
fn what_shipbob_chooses_does_not_depend_on_when_it_is_asked() {
    let (at_once, in_turn) = (client(network()), client(network()));
    for n in 0..20 {
        at_once.create(&free(n));
    }
    for n in (0..20).rev() {
        in_turn.create(&free(n));
        in_turn.pass(7 * MINUTE);
    }
    at_once.run_to_quiet();
    in_turn.run_to_quiet();
    assert_eq!(places(&at_once), places(&in_turn));
}

#[test]
fn a_tenant_says_when_a_centre_is_named_and_what_a_move_does() {
    let of = |name: &str| {
        let tenant = Tenant::named(name).expect("a tenant profile");
        client(TwinConfig { tenant, ..network() })
    };
    let standard = of("standard").create(&free(1));
    assert!(standard["shipments"][0]["location"]["id"].is_i64(), "{standard}");
    let late = of("network-centre-late");
    let created = late.create(&free(1));
    assert!(created["shipments"][0].get("location").is_none(), "{created}");
    let pinned = late.create(&order("pinned"));
    assert_eq!(pinned["shipments"][0]["location"]["id"], 1);
    let replaced = of("network-reroute-replaces");
    for n in 0..40 {
        replaced.create(&free(n));
    }
    replaced.run_to_quiet();
    let ledger = replaced.twins.ledger();
    let moved: Vec<&str> = ledger.of(effect::SHIPMENT_MOVED).map(|e| e.key.as_str()).collect();
    assert!(!moved.is_empty());
    for reference in moved {
        let shipments = replaced.order(reference)["shipments"].clone();
        let states: Vec<&str> = shipments
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|s| s["status"].as_str())
            .collect();
        assert_eq!(states, ["Cancelled", "Completed"], "{reference}");
    }
}

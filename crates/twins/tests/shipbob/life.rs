//! The warehouse: what becomes of orders, and that it does not depend on us.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use twins::{Fate, FaultLevel, Outcome, ReferenceProjection, TwinConfig, Twins, effect};

use crate::harness::{Client, DAY, MINUTE, client, config, order, with};

/// One sales order number per fate.
fn one_of_each(twins: &Twins) -> BTreeMap<Fate, String> {
    let mut found = BTreeMap::new();
    for order in twins.truth().orders {
        if order.category == "ordinary" && order.outcome == Outcome::Sent {
            found.entry(order.fate).or_insert(order.order_number);
        }
    }
    found
}

fn of(number: &str) -> Value {
    with(order(&format!("usmf-{number}-1-1")), "order_number", json!(number))
}

fn reference(shipbob: &Client, number: &str) -> ReferenceProjection {
    let projection = shipbob.twins.projection();
    let racing = projection.racing.get(number).map(|racing| &racing.details);
    let order = projection.orders.get(number).or(racing).expect("the order is projected");
    order.references[&format!("318301/usmf-{number}-1-1")].clone()
}

fn world() -> TwinConfig {
    TwinConfig { orders: 300, shipbob_per_minute: None, ..config() }
}

#[test]
fn every_fate_occurs_among_three_hundred_orders() {
    for seed in [1, 2, 3, 2026] {
        let twins = Twins::new(TwinConfig { seed, ..world() });
        let found = one_of_each(&twins);
        for fate in Fate::all() {
            let elsewhere = twins.truth().orders.iter().any(|order| order.fate == fate);
            assert!(found.contains_key(&fate) || elsewhere, "{fate:?} with seed {seed}");
        }
    }
}

/// How the shipments of an order end: (status, details, number of tracking numbers, sum of quantities).
fn ends(reference: &ReferenceProjection) -> Vec<(String, String, usize, i64)> {
    let all = reference.shipments.iter().map(|one| {
        let details: Vec<&str> = one.details.iter().map(String::as_str).collect();
        let sum = one.quantities.values().sum();
        (one.status.clone(), details.join(" "), one.tracking.len(), sum)
    });
    all.collect()
}

#[test]
fn every_fate_ends_as_it_is_meant() {
    let shipbob = client(world());
    let found = one_of_each(&shipbob.twins);
    for number in found.values() {
        shipbob.create(&of(number));
    }
    shipbob.run_to_quiet();
    let end = |status: &str, detail: &str, numbers: usize, sum: i64| {
        (status.to_owned(), detail.to_owned(), numbers, sum)
    };
    let delivered = |sum: i64| end("Completed", "Delivered", 1, sum);
    for (fate, number) in &found {
        let seen = reference(&shipbob, number);
        let wanted = match fate {
            Fate::Split | Fate::TwoParcels => vec![delivered(12), delivered(2)],
            Fate::ShortNeverRest => vec![delivered(8)],
            Fate::TenOfTwelve => vec![delivered(12)],
            Fate::OutOfStockStays => vec![end("Exception", "OutOfStock", 0, 14)],
            Fate::OnHoldStays => {
                assert_eq!(seen.shipments[0].status, "OnHold");
                continue;
            }
            Fate::DashboardCancelled | Fate::DashboardCancelledSilently => {
                assert!(seen.cancelled);
                vec![end("Cancelled", "", 0, 14)]
            }
            Fate::ReturnedToSender => vec![end("Completed", "DeliveryException", 1, 14)],
            Fate::Reshipped => vec![end("Completed", "DeliveryException", 1, 14), delivered(14)],
            Fate::TrackingChanged => vec![end("Completed", "Delivered", 2, 14)],
            Fate::CleanSweeped => vec![end("CleanSweeped", "", 0, 14)],
            _ => vec![delivered(14)],
        };
        assert_eq!(ends(&seen), wanted, "{fate:?}");
        let elsewhere = if *fate == Fate::ElsewhereCentre { 2 } else { 1 };
        assert_eq!(seen.shipments[0].location_id, elsewhere, "{fate:?}");
        let billed = seen.shipments[0].invoice_amount.is_some();
        let left = seen.shipments[0].status == "Completed";
        assert_eq!(billed, left && *fate != Fate::InvoiceNever, "{fate:?}");
    }
}

#[test]
fn a_carrier_belongs_to_the_sales_order() {
    let shipbob = client(world());
    let found = one_of_each(&shipbob.twins);
    for number in found.values() {
        shipbob.create(&of(number));
    }
    shipbob.run_to_quiet();
    for number in found.values() {
        let seen = reference(&shipbob, number);
        let carriers: Vec<_> =
            seen.shipments.iter().filter_map(|one| one.carrier.clone()).collect();
        assert!(carriers.windows(2).all(|two| two[0] == two[1]), "{number}: {carriers:?}");
    }
}

/// Creates an order as a careful client does: after any doubt it looks before it repeats.
fn insist(shipbob: &Client, number: &str) {
    for _ in 0..200 {
        let reply = shipbob.post("order", &of(number));
        if reply.status == 201 || reply.status == 422 {
            return;
        }
        shipbob.pass(61_000_000);
        let path = format!("order?ReferenceIds=usmf-{number}-1-1");
        let found = shipbob.get(&path);
        let bytes = found.bytes.unwrap_or_default();
        let list: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if found.status == 200 && list.as_array().is_some_and(|list| !list.is_empty()) {
            return;
        }
    }
    panic!("{number} was never accepted");
}

fn references(twins: &Twins) -> BTreeMap<String, BTreeMap<String, ReferenceProjection>> {
    let orders = twins.projection().orders;
    orders.into_iter().map(|(number, order)| (number, order.references)).collect()
}

#[test]
fn neither_timing_nor_order_nor_faults_change_what_becomes_of_orders() {
    let numbers: Vec<String> = {
        let twins = Twins::new(world());
        let all = twins.truth().orders;
        all.into_iter()
            .filter(|one| one.outcome == Outcome::Sent)
            .map(|one| one.order_number)
            .collect()
    };
    let plain = |number: &&String| number.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let numbers: Vec<&String> = numbers.iter().filter(plain).take(120).collect();
    let clean = client(world());
    for number in &numbers {
        clean.create(&of(number));
    }
    clean.run_to_quiet();
    let disturbed = client(TwinConfig { faults: FaultLevel::Heavy, pace: 37, ..world() });
    for number in numbers.iter().rev() {
        insist(&disturbed, number);
        disturbed.pass(7 * MINUTE);
    }
    disturbed.run_to_quiet();
    assert_eq!(references(&clean.twins), references(&disturbed.twins));
    assert!(disturbed.twins.ledger().created_more_than_once().is_empty());
    assert!(disturbed.twins.ledger().alive_twice().is_empty());
}

#[test]
fn the_same_configuration_and_requests_give_the_same_ledger() {
    let run = || {
        let shipbob = client(TwinConfig { faults: FaultLevel::Heavy, ..world() });
        let found = one_of_each(&shipbob.twins);
        for number in found.values() {
            insist(&shipbob, number);
        }
        shipbob.run_to_quiet();
        let ledger = serde_json::to_string(&shipbob.twins.ledger()).unwrap();
        (ledger, shipbob.twins.projection().sha256())
    };
    assert_eq!(run(), run());
}

#[test]
fn an_order_that_waits_for_its_cancel_is_not_picked_before() {
    let shipbob = client(world());
    let found = one_of_each(&shipbob.twins);
    let number = &found[&Fate::CancelEarly];
    let id = shipbob.create(&of(number))["id"].clone();
    shipbob.twins.advance(shipbob.twins.now() + DAY / 2);
    let reply = shipbob.post(&format!("order/{id}:cancel"), &Value::Null).json();
    assert_eq!(reply["status"], "Success");
    let start = shipbob.twins.now();
    shipbob.run_to_quiet();
    assert!(shipbob.twins.now() < start + DAY / 4, "what waited is withdrawn");
}

#[test]
fn the_second_order_of_a_number_is_plain() {
    let shipbob = client(world());
    let found = one_of_each(&shipbob.twins);
    let number = &found[&Fate::OutOfStockStays];
    shipbob.create(&of(number));
    let second = with(of(number), "reference_id", json!("again"));
    shipbob.create(&second);
    shipbob.run_to_quiet();
    assert_eq!(shipbob.order(&format!("usmf-{number}-1-1"))["status"], "Exception");
    assert_eq!(shipbob.order("again")["status"], "Fulfilled");
}

#[test]
fn an_acknowledged_number_is_replaced_soon() {
    let shipbob = client(world());
    let found = one_of_each(&shipbob.twins);
    let number = &found[&Fate::TrackingChanged];
    let name = format!("usmf-{number}-1-1");
    shipbob.create(&of(number));
    let shipped = shipbob.run_until(&name, |order| order["status"] == "Fulfilled");
    let shipment = &shipped["shipments"][0];
    let old = shipment["tracking"]["tracking_number"].clone();
    let body = json!({"shipment_ids": [shipment["id"]], "is_tracking_uploaded": true});
    shipbob.post("shipment:batchUpdateTrackingUpload", &body);
    let start = shipbob.twins.now();
    let changed = shipbob
        .run_until(&name, |order| order["shipments"][0]["tracking"]["tracking_number"] != old);
    assert!(shipbob.twins.now() < start + 3 * 60 * MINUTE);
    assert!(changed["shipments"][0]["tracking"]["tracking_number"].is_string());
}

#[test]
fn a_corrected_address_ends_the_hold() {
    let shipbob = client(world());
    let found = one_of_each(&shipbob.twins);
    let number = &found[&Fate::InvalidAddressResolved];
    let name = format!("usmf-{number}-1-1");
    shipbob.create(&of(number));
    let held = shipbob.run_until(&name, |order| order["shipments"][0]["status"] == "OnHold");
    let shipment = &held["shipments"][0];
    let detail = &shipment["status_details"][0];
    assert_eq!(detail["name"], "InvalidAddress");
    assert!(detail["extra_information"]["validation_messages"].is_array());
    let id = &shipment["id"];
    let path = format!("shipment/{id}:updateAddress");
    let body = json!({"street_address1": "1 Main St", "city": "Cicero", "state": "IL", "country_code": "US"});
    assert_eq!(shipbob.call("PUT", &path, Some(&body)).json()["is_success"], true);
    let wrong = json!({"address1": "1 Main St"});
    assert_eq!(shipbob.call("PUT", &path, Some(&wrong)).status, 400);
    let done = shipbob.run_until(&name, |order| order["status"] == "Fulfilled");
    assert_eq!(done["shipments"][0]["recipient"]["address"]["address1"], "1 Main St");
    let reply = shipbob.call("PUT", &path, Some(&body));
    assert_eq!(reply.json()["code"], "CONFLICT", "too late");
}

#[test]
fn simulated_shipments_leave_and_arrive() {
    let shipbob = client(config());
    let made = shipbob.create(&order("r"));
    let id = made["shipments"][0]["id"].to_string();
    let body = json!({
        "shipment_id": id,
        "simulation": {"action": "ShipOrder", "next": {"action": "DeliverOrder", "delay": 10}},
    });
    let started = shipbob.post("simulate/shipment", &body).json();
    let path = format!("simulate/status/{}", started["simulation_id"].as_str().unwrap());
    shipbob.pass(MINUTE);
    assert_eq!(shipbob.order("r")["status"], "Fulfilled");
    assert_eq!(shipbob.ok(&path)["simulation"]["status"], "Pending");
    shipbob.pass(10 * MINUTE);
    assert_eq!(shipbob.order("r")["shipments"][0]["status_details"][0]["name"], "Delivered");
    assert_eq!(shipbob.ok(&path)["simulation"]["status"], "Success");
    let shipped = shipbob.twins.ledger();
    assert_eq!(shipped.of(effect::SHIPMENT_SHIPPED).count(), 1);
}

#[test]
fn one_long_jump_is_the_same_as_many_short_ones() {
    let run = |jump: Option<i64>| {
        let shipbob = client(world());
        for number in one_of_each(&shipbob.twins).values() {
            shipbob.create(&of(number));
        }
        match jump {
            Some(to) => shipbob.twins.advance(to),
            None => shipbob.run_to_quiet(),
        }
        let ledger = serde_json::to_string(&shipbob.twins.ledger().entries).unwrap();
        (shipbob.twins.now(), ledger, shipbob.twins.next_event())
    };
    let stepped = run(None);
    assert_eq!(run(Some(stepped.0)), stepped);
}

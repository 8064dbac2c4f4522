//! Creating and cancelling.

use serde_json::{Value, json};
use twins::{TwinConfig, effect};

use crate::harness::{HOUR, MINUTE, client, config, order, tenant, with};

#[test]
fn a_fresh_order_is_in_import_review_and_has_a_shipment() {
    let shipbob = client(config());
    let made = shipbob.create(&order("usmf-SO-1-1-1"));
    assert_eq!(made["status"], "ImportReview");
    assert_eq!(made["channel"]["id"], 318_301);
    assert_eq!(made["shipments"][0]["status"], "ImportReview");
    assert_eq!(made["shipments"][0]["location"]["name"], "Cicero (IL)");
    assert_eq!(made["products"][0]["unit_price"], 14.5);
    assert!(made["created_date"].as_str().unwrap().ends_with("0+00:00"));
    assert!(made["shipments"][0]["tracking"].is_null());
}

#[test]
fn a_duplicate_reference_is_refused() {
    let shipbob = client(config());
    shipbob.create(&order("r"));
    let reply = shipbob.post("order", &order("r"));
    assert_eq!(reply.status, 422);
    assert_eq!(reply.json(), json!({"": ["Cannot insert order with existing ReferenceId"]}));
    assert!(shipbob.twins.ledger().created_more_than_once().is_empty());
}

#[test]
fn a_duplicate_reference_is_refused_in_other_words() {
    let shipbob = tenant("duplicate-body-b");
    shipbob.create(&order("r"));
    let reply = shipbob.post("order", &order("r"));
    assert_eq!(reply.status, 422);
    assert!(reply.json()["errors"].is_array());
}

#[test]
fn a_cancelled_order_keeps_its_reference_unless_the_tenant_frees_it() {
    for (name, status) in [("standard", 422), ("reference-freed", 201)] {
        let shipbob = tenant(name);
        let id = shipbob.create(&order("r"))["id"].clone();
        assert_eq!(shipbob.post(&format!("order/{id}:cancel"), &Value::Null).status, 200);
        assert_eq!(shipbob.post("order", &order("r")).status, status, "{name}");
    }
}

#[test]
fn a_missing_or_foreign_channel_is_refused() {
    let mut shipbob = client(config());
    shipbob.channel = None;
    assert_eq!(shipbob.post("order", &order("r")).status, 400);
    shipbob.channel = Some("318302".to_owned());
    assert_eq!(shipbob.post("order", &order("r")).status, 403);
    shipbob.channel = Some("7".to_owned());
    assert_eq!(shipbob.post("order", &order("r")).status, 400);
}

#[test]
fn a_wrong_token_is_refused() {
    let mut shipbob = client(config());
    shipbob.token.push('x');
    assert_eq!(shipbob.get("order").status, 401);
}

#[test]
fn a_token_without_order_scopes_gets_500_on_reads_and_403_on_writes() {
    let scopes = Some(vec!["channels_read".to_owned()]);
    let shipbob = client(TwinConfig { shipbob_scopes: scopes, ..config() });
    assert_eq!(shipbob.get("channel").status, 200);
    assert_eq!(shipbob.get("order").status, 500);
    assert_eq!(shipbob.post("order", &order("r")).status, 403);
}

#[test]
fn what_the_contract_does_not_know_is_refused() {
    let shipbob = client(config());
    let cases = [
        (with(order("r"), "colour", json!("red")), "colour"),
        (with(order("r"), "type", json!("dtc")), "type"),
        (with(order("r"), "sales_channel", json!("d365")), "sales_channel"),
        (with(order("r"), "products", json!([])), "products"),
        (with(order("r"), "shipping_method", json!("")), "shipping_method"),
        (with(order("r"), "purchase_date", json!("yesterday")), "purchase_date"),
        (with(order(&"r".repeat(301)), "order_number", json!("n")), "reference_id"),
        (with(order("r"), "location_id", json!("1")), "location_id"),
        (with(order("r"), "gift_message", json!("x".repeat(501))), "gift_message"),
    ];
    for (body, field) in cases {
        let reply = shipbob.post("order", &body);
        assert_eq!(reply.status, 400, "{field}");
        assert!(reply.json()[field].is_array(), "{field}: {}", reply.json());
    }
    let nested = |path: &str, value: Value| {
        let mut body = order("r");
        *body.pointer_mut(path).unwrap() = value;
        shipbob.post("order", &body)
    };
    let reply = nested("/recipient/address/city", Value::Null);
    assert!(reply.json()["recipient.address.city"].is_array(), "{}", reply.json());
    let reply = nested("/products/0/quantity", json!(1.5));
    assert!(reply.json()["products[0].quantity"].is_array(), "{}", reply.json());
    let reply = nested("/products/1", json!({"reference_id": "A0001", "quantity": 1}));
    assert!(reply.json()["products[1].name"].is_array(), "{}", reply.json());
    assert_eq!(shipbob.call("POST", "order", None).status, 400);
    assert_eq!(shipbob.twins.ledger().of(effect::ORDER_CREATED).count(), 0);
}

#[test]
fn an_unknown_location_is_a_business_error() {
    let shipbob = client(config());
    assert_eq!(shipbob.post("order", &with(order("r"), "location_id", json!(9))).status, 422);
}

#[test]
fn an_unknown_sku_becomes_a_product_and_an_exception() {
    let shipbob = client(config());
    let products = json!([{"reference_id": "TYPO-1", "name": "?", "quantity": 1}]);
    shipbob.create(&with(order("r"), "products", products));
    shipbob.run_to_quiet();
    let order = shipbob.order("r");
    assert_eq!(order["status"], "Exception");
    assert_eq!(order["shipments"][0]["status_details"][0]["name"], "UnknownSku");
    let made = shipbob.ok("product?SKU=TYPO-1");
    assert_eq!(made["items"][0]["variants"][0]["inventory"]["on_hand_qty"], 0);
    assert_eq!(shipbob.twins.ledger().of(effect::PRODUCT_AUTO_CREATED).count(), 1);
}

#[test]
fn an_unknown_method_silently_becomes_standard() {
    let shipbob = client(config());
    shipbob.create(&with(order("r"), "shipping_method", json!("Dragon")));
    let methods = shipbob.ok("shipping-method");
    let found = methods.as_array().unwrap().iter().find(|method| method["name"] == "Dragon");
    assert_eq!(found.unwrap()["service_level"]["name"], "Standard");
    assert_eq!(shipbob.twins.ledger().of(effect::METHOD_AUTO_CREATED).count(), 1);
}

#[test]
fn a_cancel_wins_until_picking_and_never_after() {
    let shipbob = client(config());
    let early = shipbob.create(&order("early"))["id"].clone();
    let late = shipbob.create(&order("late"))["id"].clone();
    let reply = shipbob.post(&format!("order/{early}:cancel"), &Value::Null).json();
    assert_eq!(reply["status"], "Success");
    assert_eq!(reply["order"]["status"], "Cancelled");
    shipbob.pass(3 * HOUR);
    let reply = shipbob.post(&format!("order/{late}:cancel"), &Value::Null);
    assert_eq!(reply.status, 200, "a refusal still answers 200");
    let reply = reply.json();
    assert_eq!(reply["status"], "Failure");
    assert_eq!(reply["canceled_shipment_results"][0]["is_success"], false);
    let shipment = reply["order"]["shipments"][0]["id"].clone();
    assert_eq!(shipbob.post(&format!("shipment/{shipment}:cancel"), &Value::Null).status, 422);
    let again = shipbob.post(&format!("order/{early}:cancel"), &Value::Null);
    assert_eq!(again.status, 422);
    shipbob.run_to_quiet();
    assert_eq!(shipbob.order("early")["status"], "Cancelled");
    assert_eq!(shipbob.order("late")["status"], "Fulfilled");
    assert!(shipbob.twins.ledger().cancelled_and_shipped().is_empty());
}

#[test]
fn many_shipments_are_cancelled_in_one_call() {
    let shipbob = client(config());
    let id = shipbob.create(&order("r"))["shipments"][0]["id"].clone();
    let reply = shipbob.post("shipment:batchCancel", &json!({"shipment_ids": [id, 5]})).json();
    assert_eq!(reply["results"][0]["is_success"], true);
    assert_eq!(reply["results"][1]["is_success"], false);
    assert_eq!(shipbob.post("shipment:batchCancel", &json!({"shipment_ids": []})).status, 422);
}

#[test]
fn the_rate_window_closes_and_opens_again() {
    let shipbob = client(TwinConfig { shipbob_per_minute: Some(3), ..config() });
    assert_eq!(shipbob.get("channel").header("x-remaining-calls"), Some("2"));
    shipbob.get("channel");
    shipbob.get("channel");
    let reply = shipbob.get("channel");
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("x-retry-after"), Some("60"));
    assert_eq!(reply.header("x-remaining-calls"), Some("0"));
    let text = "Rate limit is exceeded. Try again in 60 seconds.";
    assert_eq!(reply.json(), json!({"statusCode": 429, "message": text}));
    shipbob.pass(30 * crate::harness::SECOND);
    assert_eq!(shipbob.get("channel").status, 429);
    shipbob.pass(MINUTE);
    assert_eq!(shipbob.get("channel").status, 200);
    let ledger = shipbob.twins.ledger();
    assert_eq!(ledger.throttled(twins::System::ShipBob), 2);
    assert_eq!(ledger.undercut[&twins::System::ShipBob], 1);
}

#[test]
fn paths_are_singular_versioned_and_plain() {
    let shipbob = client(config());
    assert_eq!(shipbob.get("orders").status, 404);
    assert_eq!(shipbob.get("order/x").status, 400);
    assert_eq!(shipbob.get("order/1").status, 404);
    assert_eq!(shipbob.get("inventory-level").status, 501);
    let id = shipbob.create(&order("r"))["id"].clone();
    assert_eq!(shipbob.post(&format!("order/{id}%3Acancel"), &Value::Null).status, 404);
}

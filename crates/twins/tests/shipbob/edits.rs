//! Changes of shipments: strict, refused after the pick, seen by whoever reads, and in the ledger.

use serde_json::{Value, json};
use twins::effect;

use crate::harness::{Client, MINUTE, Reply, client, config, order, tenant};

fn made(shipbob: &Client) -> (i64, Value) {
    let made = shipbob.create(&order("r"));
    (made["shipments"][0]["id"].as_i64().unwrap(), made)
}

fn address() -> Value {
    json!({
        "recipient_name": "Jörg O'Neill", "company_name": "", "street_address1": "7 Elsewhere Road",
        "street_address2": "", "city": "Metropolis", "state": "NY", "zip_code": "10001",
        "country_code": "US", "email": "", "phone_number": "",
    })
}

fn items(shipbob: &Client, id: i64, quantities: &[i64]) -> Value {
    let held = shipbob.ok(&format!("shipment/{id}:getLineItems"));
    let held = held.as_array().unwrap();
    let item =
        |(one, n): (&Value, &i64)| json!({"inventory_id": one["inventory_id"], "quantity": n});
    json!({"items": held.iter().zip(quantities).map(item).collect::<Vec<_>>()})
}

fn service(id: i64, service: i64) -> Value {
    json!({"shipment_ids": [id], "requested_shipping_service_id": service, "reason": "test"})
}

fn put_address(shipbob: &Client, id: i64, body: &Value) -> Reply {
    shipbob.call("PUT", &format!("shipment/{id}:updateAddress"), Some(body))
}

fn post_lines(shipbob: &Client, id: i64, body: &Value) -> Reply {
    shipbob.post(&format!("shipment/{id}:updateLineItems"), body)
}

fn put_service(shipbob: &Client, body: &Value) -> Reply {
    shipbob.call("PUT", "shipment:bulkUpdateShippingService", Some(body))
}

fn picked(shipbob: &Client) -> Value {
    shipbob.run_until("r", |order| order["shipments"][0]["status_details"][0]["name"] == "Picked")
}

#[test]
fn a_new_address_is_shown_by_the_shipment_and_kept_by_what_ships() {
    let shipbob = client(config());
    let (id, before) = made(&shipbob);
    let reply = put_address(&shipbob, id, &address());
    assert_eq!((reply.status, reply.json()["is_success"].clone()), (200, json!(true)));
    let now = shipbob.order("r");
    assert_eq!(now["shipments"][0]["recipient"]["address"]["address1"], "7 Elsewhere Road");
    assert_eq!(now["recipient"], before["recipient"], "the order shows what it was created with");
    assert_eq!(shipbob.twins.ledger().of(effect::ADDRESS_UPDATED).count(), 1);
    let mine = |shipbob: &Client| {
        let orders = shipbob.twins.projection().orders;
        orders["r"].references.values().next().unwrap().shipments[0].clone()
    };
    let street = mine(&shipbob).street;
    shipbob.run_to_quiet();
    assert_eq!((mine(&shipbob).status.as_str(), mine(&shipbob).street), ("Completed", street));
}

#[test]
fn quantities_change_by_the_full_list_only() {
    let shipbob = client(config());
    let (id, _) = made(&shipbob);
    let good = items(&shipbob, id, &[10, 2]);
    let reply = post_lines(&shipbob, id, &good).json();
    assert_eq!(reply["shipment_line_items"][0]["previous_value"], "12");
    assert_eq!(reply["shipment_line_items"].as_array().map(Vec::len), Some(1));
    let now = shipbob.order("r");
    let held =
        |n: usize| now["shipments"][0]["products"][n]["inventory_items"][0]["quantity"].clone();
    assert_eq!((held(0), held(1)), (json!(10), json!(2)));
    assert_eq!(now["products"][0]["quantity"], 12, "the order shows what it was created with");
    for (what, body) in [
        ("not complete", items(&shipbob, id, &[10])),
        ("nothing of it", items(&shipbob, id, &[10, 0])),
        ("less than nothing", items(&shipbob, id, &[10, -1])),
        ("an unknown item", json!({"items": [{"inventory_id": 1, "quantity": 1}]})),
        ("no list", json!({"items": []})),
        ("no quantity", json!({"items": [{"inventory_id": 1}]})),
        ("an unknown member", json!({"items": [{"inventory_id": 1, "quantity": 1, "sku": "x"}]})),
    ] {
        let reply = post_lines(&shipbob, id, &body);
        assert_eq!(
            (reply.status, reply.json()["code"].clone()),
            (400, json!("VALIDATION_ERROR")),
            "{what}"
        );
    }
    assert_eq!(shipbob.twins.ledger().of(effect::LINES_UPDATED).count(), 1);
}

#[test]
fn a_service_is_named_by_the_ids_of_the_tenant_and_by_no_others() {
    // Method 3 is Expedited; service level 3 is 2-Day: taken for the other it is another method.
    for (name, method) in [("service-is-method-id", "Expedited"), ("service-is-level-id", "2-Day")]
    {
        let shipbob = tenant(name);
        let (id, _) = made(&shipbob);
        let reply = put_service(&shipbob, &service(id, 3)).json();
        assert_eq!(reply["results"][0], json!({"id": id, "is_success": true, "error": null}));
        assert_eq!(reply["summary"], json!({"total": 1, "successful": 1, "failed": 0}));
        assert_eq!(shipbob.order("r")["shipments"][0]["ship_option"], method, "{name}");
        assert_eq!(put_service(&shipbob, &service(id, 99)).json()["code"], "INVALID_PARAMETER");
        let reply = put_service(&shipbob, &service(1, 3)).json();
        assert_eq!(reply["results"][0]["error"]["code"], "NOT_FOUND");
    }
    let shipbob = client(config());
    let (id, _) = made(&shipbob);
    assert_eq!(put_service(&shipbob, &service(id, 3)).status, 400, "nobody knows which id");
    assert_eq!(
        put_service(&shipbob, &json!({"shipment_ids": [id]})).json()["code"],
        "VALIDATION_ERROR"
    );
}

#[test]
fn after_the_pick_every_edit_is_refused_and_nothing_changes() {
    for (name, status) in [("service-is-method-id", 400), ("edit-refused-in-200", 200)] {
        let shipbob = tenant(name);
        let (id, _) = made(&shipbob);
        let before = picked(&shipbob);
        let lines = items(&shipbob, id, &[1, 1]);
        for reply in [put_address(&shipbob, id, &address()), post_lines(&shipbob, id, &lines)] {
            assert_eq!(reply.status, status, "{name}");
            let body = reply.json();
            let error = if status == 200 { body["error"].clone() } else { body };
            assert_eq!(error["code"], "CONFLICT", "{name}");
        }
        if status == 400 {
            let reply = put_service(&shipbob, &service(id, 3));
            assert_eq!(reply.json()["results"][0]["error"]["code"], "CONFLICT");
        }
        assert_eq!(shipbob.order("r"), before, "{name}");
        let ledger = shipbob.twins.ledger();
        for kind in [effect::ADDRESS_UPDATED, effect::LINES_UPDATED, effect::METHOD_UPDATED] {
            assert_eq!(ledger.of(kind).count(), 0, "{name}: {kind}");
        }
    }
}

#[test]
fn in_some_tenants_the_order_follows() {
    let shipbob = tenant("order-follows-edits");
    let (id, _) = made(&shipbob);
    put_address(&shipbob, id, &address());
    let lines = items(&shipbob, id, &[10, 2]);
    post_lines(&shipbob, id, &lines);
    let now = shipbob.order("r");
    assert_eq!(now["recipient"]["address"]["city"], "Metropolis");
    assert_eq!(now["products"][0]["quantity"], 10);
}

#[test]
fn an_edit_moves_the_stamp_and_unknown_shipments_have_their_own_words() {
    let shipbob = client(config());
    let (id, before) = made(&shipbob);
    shipbob.pass(MINUTE / 4);
    put_address(&shipbob, id, &address());
    let stamp = |order: &Value| order["shipments"][0]["last_update_at"].clone();
    assert_ne!(stamp(&shipbob.order("r")), stamp(&before));
    let lines = json!({"items": [{"inventory_id": 1, "quantity": 1}]});
    for (reply, status) in [
        (put_address(&shipbob, 1, &address()), 400),
        (post_lines(&shipbob, 1, &lines), 400),
        (shipbob.get("shipment/1:getLineItems"), 404),
    ] {
        assert_eq!((reply.status, reply.json()["code"].clone()), (status, json!("NOT_FOUND")));
    }
}

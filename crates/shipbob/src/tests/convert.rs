use crate::{convert, wire};
use domain::ids::{CentreId, ChannelId, ShipmentId};
use domain::time::Timestamp;
use domain::warehouse::{ShipmentStatus, WarehouseOrder};
use proptest::prelude::*;

fn order(body: &str) -> Option<WarehouseOrder> {
    serde_json::from_str::<wire::Order>(body).ok().and_then(convert::order)
}

#[test]
fn a_full_order_is_read() {
    let order = order(
        r#"{"id":100,"reference_id":"r","order_number":"SO-1","status":"Processing",
        "channel":{"id":77,"name":"x"},"created_date":"2025-02-19T03:14:23.7565958+00:00",
        "recipient":{"name":"N","address":{"address1":"a","city":"c","country":"US","zip_code":12345},"email":null},
        "shipping_method":"Standard",
        "products":[{"id":1,"reference_id":"A","quantity":2,"external_line_id":3},{"sku":"B","quantity":"4"}],
        "shipments":[
          {"id":390000002,"status":"SomethingNew","tracking":null,"status_details":null,"products":null},
          {"id":"390000001","status":"Completed","last_update_at":"2025-02-20T00:00:00",
           "status_details":[{"id":203,"name":"Delivered","description":"d","extra_information":{"validation_messages":["secret"]}}],
           "location":{"id":1,"name":"Cicero"},"delivery_date":"2025-02-21T01:00:00Z",
           "tracking":{"carrier":"UPS","carrier_service":"Ground","tracking_number":" 1Z9 ","tracking_url":null},
           "products":[{"reference_id":"A","inventory_items":[{"id":5,"quantity":2},{"id":6,"quantity":1.0}]}],
           "invoice_amount":10.10,"invoice_currency_code":"USD","is_tracking_uploaded":true,"zone":{"x":[1]}}]}"#,
    )
    .expect("an order");
    assert_eq!(order.channel, Some(ChannelId(77)));
    assert_eq!(order.created.to_rfc3339(), "2025-02-19T03:14:23.756595Z");
    assert_eq!(order.recipient.zip, "12345");
    assert_eq!((order.products[0].sku.as_str(), order.products[0].quantity), ("A", 2));
    assert_eq!((order.products[1].sku.as_str(), order.products[1].quantity), ("B", 4));
    let [first, second] = &order.shipments[..] else { panic!("two shipments") };
    assert_eq!(first.id, ShipmentId(390_000_001), "oldest id first");
    assert!(first.is_delivered());
    assert_eq!(first.number(), Some("1Z9"));
    assert_eq!(first.centre, Some(CentreId(1)));
    assert_eq!(first.invoice_amount.map(|a| a.to_string()).as_deref(), Some("10.10"));
    assert_eq!(first.products[0].items[1].quantity, 1);
    assert!(first.tracking_uploaded);
    assert_eq!(order.last_update().to_rfc3339(), "2025-02-20T00:00:00Z");
    assert_eq!(second.status, ShipmentStatus::Other("SomethingNew".to_owned()));
    assert!(second.tracking.is_none());
    assert!(!format!("{order:?}").contains("secret"));
}

#[test]
fn money_keeps_its_digits() {
    for (text, value) in [
        ("0.1", Some("0.1")),
        ("12.50", Some("12.50")),
        ("1234567890.123456789", Some("1234567890.123456789")),
        ("1.25e2", Some("125")),
        ("\"7.30\"", Some("7.30")),
        ("null", None),
        ("\"much\"", None),
        ("[1]", None),
    ] {
        let body = format!(r#"{{"id":1,"shipments":[{{"id":2,"invoice_amount":{text}}}]}}"#);
        let order = order(&body).expect("an order");
        let amount = order.shipments[0].invoice_amount.map(|a| a.to_string());
        assert_eq!(amount.as_deref(), value, "{text}");
    }
}

#[test]
fn an_order_with_nothing_but_an_id_is_an_order() {
    for body in [
        r#"{"id":1}"#,
        r#"{"id":1,"reference_id":null,"shipments":null,"recipient":null,"channel":null,"products":null}"#,
        r#"{"id":"1","created_date":"yesterday","status":7}"#,
    ] {
        let order = order(body).expect("an order");
        assert_eq!(order.created, Timestamp::MIN);
        assert!(order.shipments.is_empty() && order.reference.is_empty());
    }
}

#[test]
fn what_has_no_id_is_not_an_order() {
    for body in [
        "{}",
        r#"{"id":null}"#,
        r#"{"id":[]}"#,
        r#"{"id":1.5}"#,
        r#"{"id":1,"shipments":[{}]}"#,
        "[]",
        "7",
    ] {
        assert!(order(body).is_none(), "{body}");
    }
}

#[test]
fn scopes_are_split_however_they_come() {
    for scopes in [
        r#"["orders_read orders_write"]"#,
        r#"["orders_read","orders_write"]"#,
        r#""orders_write orders_read""#,
    ] {
        let body = format!(r#"{{"id":1,"name":"n","scopes":{scopes}}}"#);
        let wire: wire::Channel = serde_json::from_str(&body).expect("a channel");
        let channel = convert::channel(wire).expect("an id");
        assert_eq!(channel.scopes.len(), 2, "{scopes}");
        assert!(channel.writes());
    }
    let wire: wire::Channel = serde_json::from_str(r#"{"id":1,"scopes":null}"#).expect("a channel");
    assert!(!convert::channel(wire).expect("an id").writes());
}

proptest! {
    /// Whatever JSON comes: no panic, and an unknown field changes nothing.
    #[test]
    fn no_json_breaks_the_reader(text in "\\PC{0,200}", id in any::<i64>(), n in any::<f64>()) {
        let _ = order(&text);
        let value = serde_json::json!({"id": id, "status": n, "shipments": [{"id": 1, "delivery_date": n, "new": text}], text.as_str(): n});
        if !["reference_id", "order_number", "channel", "created_date", "recipient", "products", "shipments", "shipping_method", "id", "status"].contains(&text.as_str()) {
            let order = order(&value.to_string());
            prop_assert!(order.is_some());
        }
    }
}

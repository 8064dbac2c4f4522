use crate::webhook::{BODY_LIMIT, Hint, hints};
use domain::ids::{ChannelId, ReferenceId, ShipBobOrderId, ShipmentId};
use proptest::prelude::*;

fn order(id: i64) -> Hint {
    Hint { order: ShipBobOrderId(id), shipment: None, reference: None, channel: None }
}

#[test]
fn both_payload_readings_and_a_wrapper_give_the_order() {
    let shipment = Hint { shipment: Some(ShipmentId(8)), ..order(5) };
    for (topic, body, wanted) in [
        ("order.shipped", r#"{"id":5,"shipments":[]}"#, vec![order(5)]),
        ("order.shipped", r#"{"id":5,"shipments":null}"#, vec![order(5)]),
        ("order.shipped", r#"{"id":8,"order_id":5,"reference_id":"x"}"#, vec![shipment.clone()]),
        (
            "order.shipped",
            r#"{"data":{"id":"8","order_id":"5","tracking":null}}"#,
            vec![shipment.clone()],
        ),
        (
            "order.shipment.delivered",
            r#"[{"id":8,"order_id":5},{"id":8,"order_id":5}]"#,
            vec![shipment],
        ),
        (
            "order.shipment.tracking_received",
            r#"{"order_id":5,"reference_id":"r"}"#,
            vec![order(5)],
        ),
        ("return.created", r#"{"id":5,"reference_id":"r"}"#, vec![]),
        ("billing.charge.created", r#"{"transaction_id":"01"}"#, vec![]),
    ] {
        assert_eq!(hints(topic, body.as_bytes()), Ok(wanted), "{topic} {body}");
    }
    let full = br#"{"id":5,"reference_id":"r","channel":{"id":77},"shipments":[{"id":8}]}"#;
    let found = hints("order.shipped", full).expect("an order");
    assert_eq!(found[0].reference.as_ref().map(ReferenceId::as_str), Some("r"));
    assert_eq!(found[0].channel, Some(ChannelId(77)));
}

#[test]
fn garbage_is_an_error_in_words() {
    for body in [
        "",
        "x",
        "null",
        "7",
        "\"text\"",
        "{}",
        "[]",
        r#"{"id":5}"#,
        r#"{"id":0,"shipments":[]}"#,
        r#"{"id":-4,"shipments":[]}"#,
        r#"{"order_id":null,"id":1}"#,
        r#"{"id":5,"shipme"#,
        "<html>",
        r#"{"data":{"data":{"data":{"data":{"order_id":1}}}}}"#,
        "\u{0}",
    ] {
        let error = hints("order.shipped", body.as_bytes()).expect_err(body);
        assert!(error.len() > 10, "{error}");
    }
    assert!(hints("order.shipped", &vec![b' '; BODY_LIMIT + 1]).is_err());
    assert!(hints("order.shipped", b"\xff\xfe").is_err());
}

proptest! {
    #[test]
    fn no_body_breaks_the_reader(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = hints("order.shipped", &body);
    }
}

use super::*;
use crate::time::Timestamp;
use rust_decimal::Decimal;

fn call() -> CustomCall {
    CustomCall {
        kind: CallKind::Service,
        path: "/api/services/ContosoGroup/Slips/post".to_owned(),
        method: CallMethod::Post,
        body: r#"{"_request": {"Company": "{company}", "SalesId": "{order}", "Number": "{slip}", "Text": "ShipBob {shipment}, {tracking}",
            "Lines": [{"Lot": "{line.lot}", "Qty": "{line.quantity}"}], "Tags": ["a", 1, null]}}"#
            .to_owned(),
        success: Success {
            status: BTreeSet::from([200]),
            pointer: Some("/Success".to_owned()),
            equals: Some(serde_json::Value::Bool(true)),
        },
        look_up: LookUp {
            set: "CustPackingSlipJourBiEntities".to_owned(),
            filter: "dataAreaId eq '{company}' and SalesId eq '{order}' and PackingSlipId eq '{slip}'"
                .to_owned(),
            field: None,
            equals: None,
        },
        refuses_duplicates: false,
        entity: None,
    }
}

fn fields() -> CallFields {
    CallFields {
        company: "usmf".into(),
        order: "O'Brien/1".into(),
        shipment: ShipmentId(901),
        reference: "usmf-O'Brien/1-1-1".into(),
        warehouse: "SB01".into(),
        carrier: "UPS".to_owned(),
        service: "Ground".to_owned(),
        tracking: "1Z\"9".to_owned(),
        url: String::new(),
        shipped: Timestamp::parse("2026-11-23T10:00:00Z").unwrap(),
    }
}

fn line(number: i32, quantity: Decimal) -> CallLine {
    CallLine {
        number,
        lot: format!("L{number}"),
        item: "A".to_owned(),
        sku: "A-RED".to_owned(),
        quantity,
        unit: "box".to_owned(),
        pieces: 6,
        warehouse: "SB01".to_owned(),
    }
}

#[test]
fn a_body_is_filled_by_type_and_its_list_is_repeated_per_line() {
    let lines = [line(1, Decimal::new(25, 1)), line(2, Decimal::from(3))];
    let made = call().fill(&fields(), &lines).unwrap();
    let body: serde_json::Value = serde_json::from_str(&made.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"_request": {"Company": "usmf", "SalesId": "O'Brien/1", "Number": "SB901",
            "Text": "ShipBob 901, 1Z\"9", "Tags": ["a", 1, null],
            "Lines": [{"Lot": "L1", "Qty": 2.5}, {"Lot": "L2", "Qty": 3}]}})
    );
    assert!(made.body.contains("\"Qty\":2.5"), "{}", made.body);
    assert_eq!(
        made.look_up.filter,
        "dataAreaId eq 'usmf' and SalesId eq 'O''Brien/1' and PackingSlipId eq 'SB901'"
    );
    assert_eq!(call().problems(), Vec::<String>::new());
    assert!(call().needs_tracking());
}

#[test]
fn what_is_no_field_is_refused_by_name() {
    let bad = |change: fn(&mut CustomCall)| {
        let mut one = call();
        change(&mut one);
        one.problems().join("; ")
    };
    let body = bad(|c| c.body = r#"{"a": "{customer}", "l": ["{line.lot}"]}"#.to_owned());
    assert!(body.contains("{customer}") && body.contains("tracking"), "{body}");
    let line = bad(|c| c.body = r#"{"a": "{line.lot}", "l": ["{line.lot}"]}"#.to_owned());
    assert!(line.contains("outside a list"), "{line}");
    let none = bad(|c| c.body = r#"{"a": "{order}"}"#.to_owned());
    assert!(none.contains("names no line"), "{none}");
    assert!(none.contains("body does not name the legal entity"), "{none}");
    assert!(bad(|c| c.body = "{".to_owned()).contains("not JSON"));
    assert!(bad(|c| c.body = r#"{"{order}": ["{line.lot}"]}"#.to_owned()).contains("member name"));
    let filter = bad(|c| c.look_up.filter = "SalesId eq '{order}'".to_owned());
    assert!(filter.contains("two shipments") && filter.contains("legal entity"), "{filter}");
    let open = bad(|c| c.look_up.filter = "Id eq {shipment}".to_owned());
    assert!(open.contains("single quotes"), "{open}");
    assert!(bad(|c| c.success.status.clear()).contains("success.status"));
    assert!(bad(|c| c.success.equals = None).contains("together"));
    assert!(bad(|c| c.look_up.set = "A/B".to_owned()).contains("look_up.set"));
}

#[test]
fn the_token_goes_only_to_services_and_actions_of_the_host() {
    let path = |kind, path: &str| CustomCall { kind, path: path.to_owned(), ..call() }.problems();
    let action = "/data/Slips/Microsoft.Dynamics.DataEntities.post";
    assert!(path(CallKind::Action, action).is_empty());
    for bad in [
        "https://evil.example/api/services/a/b/c",
        "/api/services/a/b",
        "/api/services/a/b/../c",
        "/api/services/a/b/c?x=1",
        "/api/services//b/c",
        "@evil/api/services/a/b/c",
        action,
    ] {
        assert!(!path(CallKind::Service, bad).is_empty(), "{bad}");
    }
    for bad in ["/data/SalesOrderLines('1')", "/data/$batch", "/data/a/b", "/data/a/b.c", "//a/b"] {
        assert!(!path(CallKind::Action, bad).is_empty(), "{bad}");
    }
}

#[test]
fn only_the_described_answer_is_success() {
    let success = call().success;
    let yes = serde_json::json!({"Success": true});
    assert!(success.says_done(200, Some(&yes)));
    assert!(!success.says_done(201, Some(&yes)));
    assert!(!success.says_done(200, Some(&serde_json::json!({"Success": "true"}))));
    assert!(!success.says_done(200, None));
    let posted = LookUp {
        field: Some("Status".to_owned()),
        equals: Some("Posted".into()),
        ..call().look_up
    };
    assert!(posted.tells(&serde_json::json!({"Status": "Posted"})));
    assert!(!posted.tells(&serde_json::json!({"Status": "Waiting"})));
    assert!(call().look_up.tells(&serde_json::json!({})));
}

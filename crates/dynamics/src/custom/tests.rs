use super::*;
use domain::custom_call::Success;
use std::collections::BTreeSet;

fn call() -> ShipmentCall {
    ShipmentCall {
        order: "SO-1".into(),
        shipment: domain::ids::ShipmentId(1),
        kind: CallKind::Service,
        path: "/api/services/A/B/c".to_owned(),
        body: "{}".to_owned(),
        success: Success {
            status: BTreeSet::from([200]),
            pointer: Some("/Success".to_owned()),
            equals: Some(Value::Bool(true)),
        },
        look_up: LookUp {
            set: "A".to_owned(),
            filter: "a eq 'b'".to_owned(),
            field: None,
            equals: None,
        },
        refuses_duplicates: true,
        returned: None,
    }
}

fn judged(status: u16, kind: &str, body: &str) -> WriteReply {
    let mut reply = Response::new(status, body.to_owned());
    let kind = http::HeaderValue::from_str(kind).unwrap();
    reply.headers.insert("content-type", kind);
    judge(&call().success, &reply, Timestamp(0))
}

const JSON: &str = "application/json; charset=utf-8";

#[test]
fn only_the_configured_answer_is_done() {
    assert_eq!(judged(200, JSON, r#"{"Success": true}"#), WriteReply::Done);
    for (status, kind, body) in [
        (200, JSON, r#"{"Success": false, "Message": "posted before"}"#),
        (200, JSON, r#"{"Ok": true}"#),
        (400, JSON, r#"{"Message": "no"}"#),
        (404, JSON, ""),
    ] {
        let reply = judged(status, kind, body);
        assert!(matches!(reply, WriteReply::Refused { .. }), "{status} {body}: {reply:?}");
    }
}

#[test]
fn what_may_have_happened_is_in_doubt() {
    for (status, kind, body) in [
        (200, JSON, r#"{"Success": tr"#),
        (200, "text/html", "<html>"),
        (404, "text/html", "<html>"),
        (408, JSON, r#"{"Message": "slow"}"#),
        (500, JSON, r#"{"Message": "An exception occured"}"#),
        (504, "text/html", "<html>"),
    ] {
        let reply = judged(status, kind, body);
        assert!(matches!(reply, WriteReply::InDoubt { .. }), "{status} {body}: {reply:?}");
    }
}

#[test]
fn the_words_of_the_service_reach_a_person_and_html_does_not() {
    let words = |reply: WriteReply| match reply {
        WriteReply::Refused { why } | WriteReply::InDoubt { why } => why,
        other => panic!("{other:?}"),
    };
    let said = words(judged(200, JSON, r#"{"Success": false, "Message": "posted before"}"#));
    assert!(said.contains("posted before"), "{said}");
    let thrown = words(judged(500, JSON, r#"{"Message": "No stock"}"#));
    assert!(thrown.contains("No stock"), "{thrown}");
    assert!(!words(judged(504, "text/html", "<html>secret</html>")).contains("secret"));
}

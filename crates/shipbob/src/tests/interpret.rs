use super::{json, lost, not_sent, wanted, with_header};
use crate::interpret;
use crate::reply::{CallError, CancelReply, CreateReply, Failure};
use domain::ids::{ShipBobOrderId, ShipmentId};
use domain::time::Span;
use transport::TransportError;

const HTML: &str = "<html><title>502 Bad Gateway</title>cloudflare</html>";
const GOOD: &str = r#"{"id":5,"reference_id":"usmf-SO-1-1-1","status":"ImportReview"}"#;

fn create_kind(reply: &CreateReply) -> &'static str {
    match reply {
        CreateReply::Created(_) => "created",
        CreateReply::Duplicate { sure: true, .. } => "duplicate",
        CreateReply::Duplicate { .. } => "maybe duplicate",
        CreateReply::Refused { .. } => "refused",
        CreateReply::Failed(Failure::NoAccess { .. }) => "no access",
        CreateReply::Failed(Failure::Throttled { .. }) => "throttled",
        CreateReply::Failed(Failure::Later { .. }) => "later",
        CreateReply::Failed(Failure::InDoubt { .. }) => "in doubt",
        CreateReply::Failed(Failure::Crashed) => "crashed",
    }
}

#[test]
fn every_reply_to_a_create_has_one_meaning() {
    for (status, body, meaning) in [
        (201, GOOD, "created"),
        (200, GOOD, "created"),
        (201, r#"{"id":"5","reference_id":"usmf-SO-1-1-1","new":{"a":[1]}}"#, "created"),
        (201, r#"{"id":5,"reference_id":"somebody-else"}"#, "in doubt"),
        (201, r#"{"reference_id":"usmf-SO-1-1-1"}"#, "in doubt"),
        (201, r#"{"id":null,"reference_id":"usmf-SO-1-1-1"}"#, "in doubt"),
        (201, r#"{"id":5}"#, "in doubt"),
        (201, "", "in doubt"),
        (201, "{}", "in doubt"),
        (201, "[]", "in doubt"),
        (201, "null", "in doubt"),
        (201, "true", "in doubt"),
        (201, r#"{"id":5,"reference_id":"usmf-SO-1-"#, "in doubt"),
        (201, HTML, "in doubt"),
        (202, r#"{"accepted":true}"#, "in doubt"),
        (204, "", "in doubt"),
        (302, "", "in doubt"),
        (400, r#"{"Recipient.Address.Country":["not known"]}"#, "refused"),
        (400, HTML, "refused"),
        (401, "", "no access"),
        (403, "", "no access"),
        (404, "", "refused"),
        (408, "", "in doubt"),
        (409, "", "maybe duplicate"),
        (413, "", "refused"),
        (422, r#"{"":["Cannot insert order with existing ReferenceId"]}"#, "duplicate"),
        (422, r#"{"errors":["An order with this reference already exists"]}"#, "duplicate"),
        (422, r#"{"errors":["The product is not active"]}"#, "maybe duplicate"),
        (422, "", "maybe duplicate"),
        (429, r#"{"message":"Try again in 25 seconds."}"#, "throttled"),
        (500, r#"{"":["An unexpected database error occurred"]}"#, "in doubt"),
        (502, HTML, "in doubt"),
        (503, "", "in doubt"),
        (504, HTML, "in doubt"),
    ] {
        let reply = interpret::create(&wanted(), json(status, body));
        assert_eq!(create_kind(&reply), meaning, "{status} {body}");
    }
    assert_eq!(create_kind(&interpret::create(&wanted(), lost())), "in doubt");
    assert_eq!(create_kind(&interpret::create(&wanted(), not_sent())), "later");
    let big = Err(TransportError::TooLarge { limit: 1 });
    assert_eq!(create_kind(&interpret::create(&wanted(), big)), "in doubt");
    let crashed = interpret::create(&wanted(), Err(TransportError::Crashed));
    assert_eq!(crashed, CreateReply::Failed(Failure::Crashed));
}

#[test]
fn the_words_of_a_refusal_hold_no_personal_data() {
    let body = r#"{"Recipient":["Zoë O'Brien at 12 Rue de la Paix, 75002 Paris <zoe@example.org> cannot be reached"]}"#;
    for status in [400, 401, 422, 500] {
        let text = format!("{:?}", interpret::create(&wanted(), json(status, body)));
        for private in ["Zoë", "Rue de la Paix", "75002", "Paris", "zoe@"] {
            assert!(!text.contains(private), "{status}: {text}");
        }
        assert!(text.contains("cannot be reached"), "{text}");
    }
}

#[test]
fn every_reply_to_a_cancel_has_one_meaning() {
    let both = |status: &str, one: bool, two: bool| {
        format!(
            r#"{{"order_id":9,"status":"{status}","canceled_shipment_results":[
                {{"shipment_id":1,"is_success":{one},"reason":null}},
                {{"shipment_id":2,"is_success":{two},"reason":"Shipment is already picked"}}]}}"#
        )
    };
    let partly = CancelReply::Partly {
        cancelled: vec![ShipmentId(1)],
        kept: vec![(ShipmentId(2), "Shipment is already picked".to_owned())],
    };
    let meaning = |status, body: &str| interpret::cancel(ShipBobOrderId(9), json(status, body));
    assert_eq!(meaning(200, &both("Success", true, true)), CancelReply::Cancelled);
    assert_eq!(meaning(200, r#"{"order_id":9,"status":"Success"}"#), CancelReply::Cancelled);
    assert_eq!(meaning(200, &both("PartialSuccess", true, false)), partly);
    assert_eq!(meaning(200, &both("Success", true, false)), partly, "the results are believed");
    assert!(matches!(meaning(200, &both("Failure", false, false)), CancelReply::TooLate { .. }));
    assert!(matches!(meaning(200, r#"{"status":"Failure"}"#), CancelReply::TooLate { .. }));
    for doubtful in [
        both("Success", false, false),
        both("PartialSuccess", true, true),
        both("Later", true, true),
        r#"{"order_id":10,"status":"Success"}"#.to_owned(),
        r#"{"order_id":9}"#.to_owned(),
        r#"{"status":"Success","canceled_shipment_results":[{"is_success":true}]}"#.to_owned(),
        r#"{"status":"Success","canceled_shipment_results":[{"shipment_id":1}]}"#.to_owned(),
        "{}".to_owned(),
        String::new(),
        HTML.to_owned(),
        "[]".to_owned(),
        r#"{"order_id":9,"status":"Succ"#.to_owned(),
    ] {
        let reply = meaning(200, &doubtful);
        assert!(
            matches!(reply, CancelReply::Failed(Failure::InDoubt { .. })),
            "{doubtful}: {reply:?}"
        );
    }
    assert_eq!(meaning(404, ""), CancelReply::Gone);
    assert!(matches!(meaning(422, ""), CancelReply::TooLate { .. }));
    assert!(matches!(meaning(400, ""), CancelReply::Refused { status: 400, .. }));
    assert!(matches!(meaning(403, ""), CancelReply::Failed(Failure::NoAccess { status: 403, .. })));
    assert!(matches!(meaning(500, HTML), CancelReply::Failed(Failure::InDoubt { .. })));
    let reply = interpret::cancel(ShipBobOrderId(9), not_sent());
    assert!(matches!(reply, CancelReply::Failed(Failure::Later { .. })));
    let reply = interpret::cancel(ShipBobOrderId(9), lost());
    assert!(matches!(reply, CancelReply::Failed(Failure::InDoubt { .. })));
}

#[test]
fn a_throttled_call_carries_the_servers_wait_or_none() {
    for (reply, wait) in [
        (with_header(json(429, ""), "x-retry-after", "25"), Some(Span::seconds(25))),
        (json(429, r#"{"message":"Try again in 9 seconds."}"#), Some(Span::seconds(9))),
        (json(429, ""), None),
        (json(429, HTML), None),
    ] {
        assert_eq!(
            interpret::create(&wanted(), reply.clone()),
            CreateReply::Failed(Failure::Throttled { after: wait })
        );
        let read = interpret::read(reply).map(|_| ());
        assert_eq!(read, Err(CallError::Throttled { after: wait }));
    }
}

#[test]
fn every_reply_to_a_read_has_one_meaning() {
    let read = |reply| interpret::read(reply).map(|r| r.status);
    assert_eq!(read(json(200, "[]")), Ok(200));
    assert!(matches!(read(json(401, "")), Err(CallError::NoAccess { status: 401, .. })));
    assert!(matches!(read(json(403, HTML)), Err(CallError::NoAccess { status: 403, .. })));
    assert!(matches!(read(json(400, "")), Err(CallError::Refused { status: 400, .. })));
    assert!(matches!(read(json(301, "")), Err(CallError::Refused { status: 301, .. })));
    for status in [408, 500, 502, 503, 504, 520] {
        let reply = read(json(status, HTML));
        assert!(matches!(reply, Err(CallError::Unavailable { .. })), "{status}");
    }
    assert!(matches!(read(lost()), Err(CallError::Unavailable { .. })));
    assert!(matches!(read(not_sent()), Err(CallError::Unavailable { .. })));
    assert_eq!(read(Err(TransportError::Crashed)), Err(CallError::Crashed));
    let big = read(Err(TransportError::TooLarge { limit: 1 }));
    assert!(matches!(big, Err(CallError::Malformed { .. })));
}

#[test]
fn a_missing_scope_that_answers_500_is_named() {
    let body = r#"{"":["An unexpected database error occurred. Please try again later"]}"#;
    let error = interpret::read(json(500, body)).expect_err("500");
    assert!(error.to_string().contains("missing scope"), "{error}");
}

#[test]
fn another_page_is_told_by_headers_else_by_a_full_page() {
    let more = |headers: &[(&'static str, &str)], page, n| {
        let mut reply = json(200, "[]");
        for (name, value) in headers {
            reply = with_header(reply, name, value);
        }
        interpret::more(&reply.expect("made above"), page, n)
    };
    assert!(more(&[("total-pages", "3")], 2, 250));
    assert!(!more(&[("total-pages", "3")], 3, 250));
    assert!(more(&[("next-page", "2")], 1, 17));
    assert!(!more(&[("next-page", "")], 1, 250));
    assert!(more(&[], 1, 250));
    assert!(more(&[], 1, 100), "a server that caps the page below what we ask for");
    assert!(!more(&[], 1, 249));
    assert!(!more(&[("total-pages", "9")], 1, 0), "an empty page ends every list");
}

#[test]
fn a_list_is_an_array_or_a_page_and_nothing_else() {
    let entries = |body: &str| {
        let reply = json(200, body).expect("made here");
        interpret::entries(&reply).map(|e| (e.items.len(), e.next))
    };
    assert_eq!(entries(" [1,2]"), Ok((2, None)));
    assert_eq!(entries(r#"{"items":[1],"next":"abc"}"#), Ok((1, Some("abc".to_owned()))));
    assert_eq!(entries(r#"{"items":[],"next":null}"#), Ok((0, None)));
    for bad in ["", "{}", "null", "7", HTML, "[1,", r#"{"items":null}"#, r#"{"items":7}"#] {
        assert!(matches!(entries(bad), Err(CallError::Malformed { .. })), "{bad}");
    }
}

#[test]
fn an_acknowledgement_answers_for_each_shipment() {
    let reply = json(
        200,
        r#"{"results":[{"shipmentId":2,"isSuccess":true},
            {"shipment_id":1,"is_success":false,"error":{"code":"NOT_FOUND","message":"no such"}},
            {"shipmentId":9,"isSuccess":true}],"summary":{}}"#,
    )
    .expect("made here");
    let results = interpret::acknowledged(&[ShipmentId(1), ShipmentId(2), ShipmentId(3)], &reply);
    let results = results.expect("a known shape");
    assert_eq!(results[0], (ShipmentId(1), Err("NOT_FOUND no such".to_owned())));
    assert_eq!(results[1], (ShipmentId(2), Ok(())));
    assert!(results[2].1.is_err());
    for bad in ["", "{}", "[]", r#"{"results":null}"#, HTML] {
        let reply = json(200, bad).expect("made here");
        let result = interpret::acknowledged(&[ShipmentId(1)], &reply);
        assert!(matches!(result, Err(CallError::Malformed { .. })), "{bad}");
    }
}

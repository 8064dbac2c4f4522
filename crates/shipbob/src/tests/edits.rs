use super::{client, json, lost, not_sent, wanted, with_header};
use crate::edited::{Form, edited};
use crate::reply::{EditReply, Failure};
use domain::edit::{Change, EditItem, ShipmentEdit};
use domain::ids::{ShipBobOrderId, ShipmentId};
use domain::time::{Span, Timestamp};
use transport::{Method, TransportError};

const HTML: &str = "<html><title>502 Bad Gateway</title>cloudflare</html>";

fn kind(reply: &EditReply) -> &'static str {
    match reply {
        EditReply::Done => "done",
        EditReply::Refused { .. } => "refused",
        EditReply::Unsure { .. } => "unsure",
        EditReply::Failed(Failure::NoAccess { .. }) => "no access",
        EditReply::Failed(Failure::Throttled { .. }) => "throttled",
        EditReply::GateClosed { .. } => "gate closed",
        EditReply::Failed(Failure::Later { .. }) => "later",
        EditReply::Failed(Failure::InDoubt { .. }) => "in doubt",
        EditReply::Failed(Failure::Crashed) => "crashed",
    }
}

#[test]
fn every_reply_to_an_edit_has_one_meaning() {
    let refusal = |code: &str| format!(r#"{{"code":"{code}","message":"no"}}"#);
    let inside = |code: &str| {
        format!(r#"{{"id":7,"is_success":false,"error":{{"code":"{code}","message":"no"}}}}"#)
    };
    for (status, body, meaning) in [
        (200, r#"{"id":7,"is_success":true,"error":null}"#.to_owned(), "done"),
        (200, r#"{"id":"7","is_success":"true","new":[{}]}"#.to_owned(), "done"),
        (200, r#"{"id":8,"is_success":true}"#.to_owned(), "in doubt"),
        (200, r#"{"is_success":true}"#.to_owned(), "in doubt"),
        (200, r#"{"id":7}"#.to_owned(), "in doubt"),
        (200, r#"{"id":7,"is_success":false}"#.to_owned(), "unsure"),
        (200, inside("CONFLICT"), "refused"),
        (200, inside("REPROCESSING_ERROR"), "unsure"),
        (200, String::new(), "in doubt"),
        (200, "[]".to_owned(), "in doubt"),
        (200, "null".to_owned(), "in doubt"),
        (200, HTML.to_owned(), "in doubt"),
        (200, r#"{"id":7,"is_succ"#.to_owned(), "in doubt"),
        (202, r#"{"accepted":true}"#.to_owned(), "in doubt"),
        (204, String::new(), "in doubt"),
        (302, String::new(), "in doubt"),
        (400, refusal("INVALID_PARAMETER"), "refused"),
        (400, refusal("VALIDATION_ERROR"), "refused"),
        (400, refusal("NOT_FOUND"), "refused"),
        (400, refusal("CONFLICT"), "refused"),
        (409, refusal("CONFLICT"), "refused"),
        // Something may have been changed before these were said.
        (400, refusal("DATABASE_UPDATE_ERROR"), "unsure"),
        (400, refusal("REPROCESSING_ERROR"), "unsure"),
        (400, refusal("DEALLOCATE_ERROR"), "unsure"),
        (400, refusal("SOMETHING_NEW"), "unsure"),
        (400, "{}".to_owned(), "unsure"),
        (400, String::new(), "unsure"),
        (400, HTML.to_owned(), "unsure"),
        (404, String::new(), "unsure"),
        (422, r#"{"":["no"]}"#.to_owned(), "unsure"),
        (401, String::new(), "no access"),
        (403, HTML.to_owned(), "no access"),
        (408, String::new(), "in doubt"),
        (429, String::new(), "throttled"),
        (500, refusal("CONFLICT"), "in doubt"),
        (502, HTML.to_owned(), "in doubt"),
        (504, String::new(), "in doubt"),
    ] {
        let reply = edited(ShipmentId(7), Form::One, None, json(status, &body));
        assert_eq!(kind(&reply), meaning, "{status} {body}: {reply:?}");
    }
    let plain = |outcome| edited(ShipmentId(7), Form::One, None, outcome);
    assert_eq!(kind(&plain(lost())), "in doubt");
    assert_eq!(kind(&plain(not_sent())), "later");
    assert_eq!(plain(Err(TransportError::Crashed)), EditReply::Failed(Failure::Crashed));
    let throttled = with_header(json(429, ""), "x-retry-after", "25");
    assert_eq!(
        plain(throttled),
        EditReply::Failed(Failure::Throttled { after: Some(Span::seconds(25)) })
    );
}

#[test]
fn of_many_results_only_ours_counts() {
    let one = |id: i64, good: bool| {
        format!(r#"{{"id":{id},"is_success":{good},"error":{{"code":"CONFLICT"}}}}"#)
    };
    let many = |list: &str| format!(r#"{{"results":[{list}],"summary":{{"total":1}}}}"#);
    for (body, meaning) in [
        (many(&format!("{},{}", one(8, false), one(7, true))), "done"),
        (many(&format!("{},{}", one(8, true), one(7, false))), "refused"),
        (many(&one(8, true)), "in doubt"),
        (many(""), "in doubt"),
        (r#"{"results":null,"summary":{"successful":1}}"#.to_owned(), "in doubt"),
        (r#"{"summary":{"total":1,"successful":1,"failed":0}}"#.to_owned(), "in doubt"),
    ] {
        let reply = edited(ShipmentId(7), Form::Many, None, json(200, &body));
        assert_eq!(kind(&reply), meaning, "{body}");
    }
}

#[test]
fn the_words_of_a_refused_address_hold_no_personal_data() {
    let body = r#"{"code":"VALIDATION_ERROR","message":"Zoë O'Brien, 12 Rue de la Paix, 75002 Paris: unreachable"}"#;
    let person = wanted().recipient;
    let reply = edited(ShipmentId(7), Form::One, Some(&person), json(400, body));
    let text = format!("{reply:?}");
    for private in ["Zoë", "Rue de la Paix", "75002", "Paris"] {
        assert!(!text.contains(private), "{text}");
    }
    assert!(text.contains("unreachable"), "{text}");
}

fn edit(change: Change) -> ShipmentEdit {
    let reference = "usmf-SO-1-1-1".into();
    let (order, shipment) = (ShipBobOrderId(5), ShipmentId(7));
    ShipmentEdit { order, reference, shipment, whole: true, change }
}

fn lines() -> ShipmentEdit {
    let item = |inventory_id, sku: &str, quantity| EditItem {
        inventory_id,
        sku: sku.to_owned(),
        quantity,
    };
    edit(Change::Lines { items: vec![item(1, "A", 2), item(2, "B", 5)], lines: Vec::new() })
}

const DONE: &str = r#"{"id":7,"is_success":true}"#;
const HELD: &str = r#"[{"inventory_id":1,"quantity":3,"product_variant":{"sku":"a"}},
    {"inventory_id":2,"quantity":5,"lot":{"selection_method":"ShipbobChooses"}}]"#;

#[tokio::test]
async fn each_change_is_the_documented_call_with_everything_said() {
    let (client, script) =
        client(vec![json(200, DONE), json(200, r#"{"results":[{"id":7,"is_success":true}]}"#)]);
    let to = wanted().recipient;
    assert_eq!(client.edit_shipment(&edit(Change::Address(to))).await, EditReply::Done);
    let method = Change::Method { method: "Expedited".to_owned(), service: 3 };
    assert_eq!(client.edit_shipment(&edit(method)).await, EditReply::Done);
    let seen = script.seen.lock().expect("unpoisoned");
    let [address, service] = &seen[..] else { panic!("two requests") };
    assert_eq!(address.method, Method::Put);
    assert_eq!(address.url, "https://api.example/2026-01/shipment/7:updateAddress");
    let body: serde_json::Value = serde_json::from_slice(&address.body).expect("JSON");
    assert_eq!(body["street_address1"], "12 Rue de la Paix");
    assert_eq!(body["company_name"], "", "an empty part is said, so that it empties the old one");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(10));
    assert_eq!(service.url, "https://api.example/2026-01/shipment:bulkUpdateShippingService");
    let body: serde_json::Value = serde_json::from_slice(&service.body).expect("JSON");
    assert_eq!(body["shipment_ids"], serde_json::json!([7]));
    assert_eq!(body["requested_shipping_service_id"], 3);
}

#[tokio::test]
async fn quantities_are_read_first_and_sent_as_a_full_list() {
    let (client, script) = client(vec![json(200, HELD), json(200, DONE)]);
    assert_eq!(client.edit_shipment(&lines()).await, EditReply::Done);
    let seen = script.seen.lock().expect("unpoisoned");
    let [read, write] = &seen[..] else { panic!("two requests") };
    assert_eq!((read.method, write.method), (Method::Get, Method::Post));
    assert_eq!(read.url, "https://api.example/2026-01/shipment/7:getLineItems");
    let body: serde_json::Value = serde_json::from_slice(&write.body).expect("JSON");
    assert_eq!(body["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["items"][0]["quantity"], 2);
}

#[tokio::test]
async fn what_the_shipment_holds_decides_whether_anything_is_sent() {
    let held = |a: &str, b: &str| format!("[{a},{b}]");
    let (a, b) = (r#"{"inventory_id":1,"quantity":3}"#, r#"{"inventory_id":2,"quantity":5}"#);
    for (what, list, meaning) in [
        ("as wanted", held(r#"{"inventory_id":1,"quantity":2}"#, b), "done"),
        ("another item", held(a, r#"{"inventory_id":3,"quantity":5}"#), "refused"),
        ("one less", format!("[{a}]"), "refused"),
        ("one twice", held(a, a), "refused"),
        (
            "another product",
            held(r#"{"inventory_id":1,"quantity":3,"product_variant":{"sku":"Z"}}"#, b),
            "refused",
        ),
        (
            "a lot somebody chose",
            held(r#"{"inventory_id":1,"quantity":3,"lot":{"selection_method":"Specific"}}"#, b),
            "refused",
        ),
        ("nothing", "[]".to_owned(), "refused"),
        ("unreadable", held(a, r#"{"quantity":5}"#), "refused"),
        ("no list", "{}".to_owned(), "later"),
    ] {
        let (client, script) = client(vec![json(200, &list)]);
        let reply = client.edit_shipment(&lines()).await;
        assert_eq!(kind(&reply), meaning, "{what}: {reply:?}");
        assert_eq!(script.urls().len(), 1, "{what}: nothing is sent");
    }
    for (read, meaning) in [
        (json(404, r#"{"code":"NOT_FOUND"}"#), "refused"),
        (json(401, ""), "no access"),
        (json(429, ""), "throttled"),
        (json(503, HTML), "later"),
        (lost(), "later"),
        (not_sent(), "later"),
        (Err(TransportError::Crashed), "crashed"),
    ] {
        let (client, _) = client(vec![read]);
        assert_eq!(kind(&client.edit_shipment(&lines()).await), meaning);
    }
}

#[tokio::test]
async fn a_gate_that_closes_after_the_read_changes_nothing() {
    let (client, script) = client(vec![json(200, HELD)]);
    *script.permits.lock().expect("unpoisoned") = Some(0);
    let reply = client.edit_shipment(&lines()).await;
    assert_eq!(reply, EditReply::GateClosed { until: Timestamp(5) });
}

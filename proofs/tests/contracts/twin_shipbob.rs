//! The ShipBob twin against our book and the vendor's documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use toml::Table;

use crate::book::{Field, SHIPBOB, fields, read, table, tables, text, texts};
use crate::none;
use crate::twin::{Pair, Reply};
use crate::vendor::OpenApi;

const DAY: i64 = 86_400_000_000;

/// Fields we read that this twin never says; each with its reason.
const UNSERVED: &[(&str, &str)] = &[
    ("BundleComponent.variant_sku", "the twin names components by id only, the harder reading"),
    ("MergedChild.variant_id", "nothing is merged in this talk"),
];

fn order(reference: &str, number: &str, line: i64) -> Value {
    json!({
        "reference_id": reference, "order_number": number, "type": "DTC",
        "shipping_method": "Standard",
        "recipient": { "name": "Ana Example", "email": "ana@example.com", "phone_number": "555-0100",
            "address": { "address1": "1 Main Street", "address2": "Floor 2", "company_name": "Example",
                "city": "Boise", "state": "ID", "country": "US", "zip_code": "83702" } },
        "products": [{ "reference_id": "A0001", "name": "Coffee", "quantity": 2,
            "external_line_id": line, "unit_price": 9.5 }],
    })
}

/// Everything the twin said, by the name of the call in the book.
struct Talk {
    said: Vec<(&'static str, Reply)>,
    /// Topic, header names and body of each webhook.
    hooks: Vec<(String, BTreeSet<String>, Value)>,
}

/// Creates orders, lets them live for days, and makes every call of the book on the way.
async fn talk(pair: &Pair, sb: &Table) -> Talk {
    let mut said = Vec::new();
    let topics: Vec<String> = texts(sb, "webhook.topics").into_iter().collect();
    let hook = json!({ "url": "https://example.com/hook", "topics": topics, "description": "d" });
    let made = pair.sb("POST", "webhook", false, &hook.to_string()).await;
    let hook_id = made.body["id"].as_str().unwrap_or_default().to_owned();
    said.push(("create webhook", made));
    let mut ids = Vec::new();
    for n in 1..=40 {
        let number = format!("SO-{n:06}");
        let body = order(&format!("usmf-{number}-1-1"), &number, 1).to_string();
        let made = pair.sb("POST", "order", true, &body).await;
        ids.push(made.body["id"].as_i64().unwrap_or_default());
        said.push(("create order", made));
    }
    pair.pass(1_000_000);
    let first = ids.first().copied().unwrap_or_default();
    said.push(("cancel order", pair.sb("POST", &format!("order/{first}:cancel"), false, "").await));
    edits(pair, &mut said).await;
    let mut hooks = Vec::new();
    for sent in pair.pass(4 * DAY) {
        let header = |name: &str| {
            let found = sent.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
            found.map(|(_, v)| v.clone()).unwrap_or_default()
        };
        let names = sent.headers.iter().map(|(n, _)| n.to_lowercase()).collect();
        let body = serde_json::from_slice(&sent.body).unwrap_or_default();
        hooks.push((header(text(sb, "webhook.headers.topic")), names, body));
    }
    products(pair, &mut said).await;
    let list = pair.sb("GET", "order?Limit=250&SortOrder=Oldest", true, "").await;
    let shipments: Vec<i64> = list
        .body
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|order| order["shipments"].as_array().cloned().unwrap_or_default())
        .filter_map(|shipment| shipment["id"].as_i64())
        .collect();
    said.push(("list orders", list));
    let ack = json!({ "shipment_ids": shipments, "is_tracking_uploaded": true }).to_string();
    let path = "shipment:batchUpdateTrackingUpload";
    said.push(("acknowledge tracking", pair.sb("POST", path, false, &ack).await));
    let unknown = json!({ "shipment_ids": [1], "is_tracking_uploaded": true }).to_string();
    said.push(("acknowledge tracking", pair.sb("POST", path, false, &unknown).await));
    for (name, path) in [
        ("list channels", "channel"),
        ("list shipping methods", "shipping-method"),
        ("list locations", "location"),
        ("list products", "product?PageSize=250"),
        ("list webhooks", "webhook"),
    ] {
        said.push((name, pair.sb("GET", path, false, "").await));
    }
    bills(pair, &mut said).await;
    let path = "return?Limit=100&SortOrder=Asc&Cursor=1";
    said.push(("list returns", pair.sb("GET", path, false, "").await));
    let path = "receiving?Limit=100&Page=1";
    said.push(("list receiving orders", pair.sb("GET", path, false, "").await));
    let path = format!("webhook/{hook_id}");
    said.push(("delete webhook", pair.sb("DELETE", &path, false, "").await));
    Talk { said, hooks }
}

/// A product, a second variant of it, and a change.
async fn products(pair: &Pair, said: &mut Vec<(&'static str, Reply)>) {
    let variant = |sku: &str| {
        json!({ "sku": sku, "name": sku, "weight": 12.5,
            "dimension": { "length": 3, "width": 2, "height": 1.25 },
            "barcodes": [{ "value": "4000000000001" }],
            "customs": { "description": "Tableware", "hs_tariff_code": "691200",
                "country_code_of_origin": "DE" } })
    };
    let body = json!({ "name": "Tee", "type_id": 1, "variants": [variant("TEE-1")] });
    let made = pair.sb("POST", "product", false, &body.to_string()).await;
    let (product, id) = (made.body["id"].clone(), made.body["variants"][0]["id"].clone());
    said.push(("create product", made));
    let path = format!("product/{product}/variants");
    let body = json!([variant("TEE-2")]).to_string();
    said.push(("add variants", pair.sb("POST", &path, false, &body).await));
    let body = json!({ "name": "Tee, new", "variants": [{ "id": id, "weight": 13 }] }).to_string();
    let path = format!("product/{product}");
    said.push(("update product", pair.sb("PATCH", &path, false, &body).await));
}

/// What was charged since, and the invoices of the weeks that closed.
async fn bills(pair: &Pair, said: &mut Vec<(&'static str, Reply)>) {
    let asked = json!({ "from_date": "2026-11-20T00:00:00Z", "to_date": "2026-12-20T00:00:00Z",
        "page_size": 40, "sort_order": "Ascending" });
    let path = "transactions:query";
    let first = pair.sb("POST", path, false, &asked.to_string()).await;
    let next = first.body["next"].as_str().unwrap_or_default().to_owned();
    said.push(("query transactions", first));
    let path = format!("transactions:query?Cursor={next}");
    said.push(("query transactions", pair.sb("POST", &path, false, "").await));
    let invoices = pair.sb("GET", "invoices?PageSize=2&SortOrder=Ascending", false, "").await;
    let id = invoices.body["items"][0]["invoice_id"].as_i64().unwrap_or_default();
    said.push(("list invoices", invoices));
    let path = format!("invoices/{id}/transactions?PageSize=3");
    said.push(("list invoice transactions", pair.sb("GET", &path, false, "").await));
}

/// The edits of a shipment that is not picked; one of them is refused for its shipment alone.
async fn edits(pair: &Pair, said: &mut Vec<(&'static str, Reply)>) {
    let body = order("usmf-SO-000041-1-1", "SO-000041", 1).to_string();
    let made = pair.sb("POST", "order", true, &body).await;
    let id = made.body["shipments"][0]["id"].as_i64().unwrap_or_default();
    let address = json!({ "street_address1": "2 Main Street", "city": "Boise" }).to_string();
    let path = format!("shipment/{id}:updateAddress");
    said.push(("update shipment address", pair.sb("PUT", &path, false, &address).await));
    let path = format!("shipment/{id}:getLineItems");
    let held = pair.sb("GET", &path, false, "").await;
    let item = json!({ "inventory_id": held.body[0]["inventory_id"], "quantity": 5 });
    said.push(("read line items", held));
    let path = format!("shipment/{id}:updateLineItems");
    let items = json!({ "items": [item] }).to_string();
    said.push(("update line items", pair.sb("POST", &path, false, &items).await));
    let service =
        json!({ "shipment_ids": [id, 1], "requested_shipping_service_id": 3, "reason": "r" });
    let path = "shipment:bulkUpdateShippingService";
    let reply = pair.sb("PUT", path, false, &service.to_string()).await;
    said.push(("update shipping service", reply));
}

fn call<'a>(sb: &'a Table, name: &str) -> &'a Table {
    let found = tables(sb, "call").into_iter().find(|call| text(call, "name") == name);
    found.unwrap_or_else(|| panic!("contracts/shipbob.toml has no call {name}"))
}

fn each(value: &Value, list: bool) -> Vec<&Value> {
    match value {
        Value::Array(rows) if list => rows.iter().collect(),
        Value::Null => Vec::new(),
        _ => vec![value],
    }
}

/// Collects per object of the book the fields that were served, and values of a wrong type.
fn seen(
    sb: &Table,
    object: &str,
    value: &Value,
    found: &mut BTreeMap<String, BTreeSet<String>>,
    faults: &mut BTreeSet<String>,
) {
    for (name, field) in fields(sb, object) {
        let Some(child) = value.get(&name) else { continue };
        found.entry(object.to_owned()).or_default().insert(name.clone());
        for child in each(child, field.list) {
            let members = texts(sb, &format!("enum.{}.members", field.of));
            let right = match field.of.as_str() {
                "string" | "datetime" => child.is_string(),
                "int32" | "int64" => child.is_i64(),
                "number" => child.is_number(),
                "bool" => child.is_boolean(),
                _ if !members.is_empty() => child.as_str().is_some_and(|m| members.contains(m)),
                of => {
                    seen(sb, of, child, found, faults);
                    child.is_object()
                }
            };
            if !right {
                faults.insert(format!("{object}.{name} is no {}: {child}", field.of));
            }
        }
    }
}

#[tokio::test]
async fn every_call_of_the_book_is_answered_with_its_fields() {
    let sb = read(SHIPBOB);
    let pair = Pair::start().await;
    let talk = talk(&pair, &sb).await;
    let (mut found, mut faults) = (BTreeMap::new(), BTreeSet::new());
    for (name, reply) in &talk.said {
        let call = call(&sb, name);
        let success = call.get("success").and_then(toml::Value::as_array);
        let status = i64::from(reply.status);
        if !success.into_iter().flatten().any(|s| s.as_integer() == Some(status)) {
            faults.insert(format!("{name}: {status} {}", reply.body));
        }
        let response = text(call, "response");
        if !response.is_empty() {
            let field = Field::parse(response);
            for value in each(&reply.body, field.list) {
                seen(&sb, &field.of, value, &mut found, &mut faults);
            }
        }
    }
    let asked: BTreeSet<&str> = talk.said.iter().map(|(name, _)| *name).collect();
    for call in tables(&sb, "call") {
        if !asked.contains(text(call, "name")) {
            faults.insert(format!("{}: nobody asked the twin", text(call, "name")));
        }
    }
    for (object, body) in table(&sb, "object") {
        if body.get("sent").is_some() {
            continue;
        }
        let none = BTreeSet::new();
        let served = found.get(object).unwrap_or(&none);
        for (name, _) in fields(&sb, object).iter().filter(|(name, _)| !served.contains(*name)) {
            let at = format!("{object}.{name}");
            if !UNSERVED.iter().any(|(known, _)| *known == at) {
                faults.insert(format!("{at}: never served"));
            }
        }
    }
    none(&faults.into_iter().collect::<Vec<_>>());
}

/// Members the vendor's component does not have.
fn strangers(
    vendor: &OpenApi,
    component: &str,
    value: &Value,
    at: &str,
    out: &mut BTreeSet<String>,
) {
    let properties = vendor.properties(component);
    for (name, child) in value.as_object().into_iter().flatten() {
        match properties.get(name) {
            None => {
                out.insert(format!("{at}: {component} has no {name}"));
            }
            Some(property) => {
                for child in each(child, property.list) {
                    let members = vendor.members(&property.of);
                    let known = child.as_str().is_none_or(|text| members.contains(text));
                    if !members.is_empty() && !known {
                        out.insert(format!("{at}: {component}.{name} is never {child}"));
                    }
                    if !vendor.properties(&property.of).is_empty() {
                        strangers(vendor, &property.of, child, at, out);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn everything_the_twin_says_is_in_the_vendors_document() {
    let Some(vendor) = OpenApi::read("shipbob-2026-01.constraints.openapi.json") else { return };
    let sb = read(SHIPBOB);
    let pair = Pair::start().await;
    let talk = talk(&pair, &sb).await;
    let mut faults = BTreeSet::new();
    for (name, reply) in &talk.said {
        let call = call(&sb, name);
        let field = Field::parse(text(call, "response"));
        let schema = text(&sb, &format!("object.{}.schema", field.of)).to_owned();
        for value in each(&reply.body, field.list).into_iter().filter(|_| !schema.is_empty()) {
            strangers(&vendor, &schema, value, name, &mut faults);
        }
    }
    for (topic, _, body) in &talk.hooks {
        let order = body.get("shipments").is_some();
        let schema = if order { "Orders.OrderViewModel" } else { "Orders.ShipmentViewModel" };
        strangers(&vendor, schema, body, topic, &mut faults);
    }
    none(&faults.into_iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn webhooks_carry_the_headers_and_topics_of_the_book() {
    let sb = read(SHIPBOB);
    let pair = Pair::start().await;
    let talk = talk(&pair, &sb).await;
    let topics = texts(&sb, "webhook.topics");
    let came: BTreeSet<String> = talk.hooks.iter().map(|(topic, _, _)| topic.clone()).collect();
    assert!(came.is_subset(&topics), "topics the book does not know: {came:?}");
    assert!(came.len() >= 3, "too few topics came to prove anything: {came:?}");
    for (_, names, _) in &talk.hooks {
        for (_, header) in table(&sb, "webhook.headers") {
            assert!(names.contains(header.as_str().unwrap_or_default()), "no {header}: {names:?}");
        }
    }
}

#[tokio::test]
async fn the_twin_refuses_what_the_book_forbids() {
    let pair = Pair::start().await;
    let good = order("usmf-SO-000001-1-1", "SO-000001", 1);
    let change = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body.to_string()
    };
    for (what, channel, body, status) in [
        ("no channel", false, good.to_string(), 400),
        ("an unknown field", true, change("referenceId", json!("x")), 400),
        ("an unknown member", true, change("type", json!("Retail")), 400),
        ("a long reference", true, change("reference_id", json!("x".repeat(301))), 400),
        ("no products", true, change("products", json!([])), 400),
        ("nothing wrong", true, good.to_string(), 201),
        ("the reference again", true, good.to_string(), 422),
    ] {
        let reply = pair.sb("POST", "order", channel, &body).await;
        assert_eq!(reply.status, status, "{what}: {}", reply.body);
    }
}

#[tokio::test]
async fn the_twin_limits_calls_as_the_book_says() {
    let sb = read(SHIPBOB);
    let limit = table(&sb, "limit.calls");
    let calls = limit.get("calls").and_then(toml::Value::as_integer).unwrap_or_default();
    let pair = Pair::limited().await;
    let mut last = pair.sb("GET", "channel", false, "").await;
    assert!(last.has(text(limit, "remaining_header")));
    for _ in 0..calls {
        last = pair.sb("GET", "channel", false, "").await;
    }
    assert_eq!(
        i64::from(last.status),
        limit.get("status").and_then(toml::Value::as_integer).unwrap_or_default()
    );
    assert!(last.has(text(limit, "retry_header")), "{:?}", last.headers);
    for (name, _) in table(limit, "body") {
        assert!(last.body.get(name).is_some(), "{name}: {}", last.body);
    }
}

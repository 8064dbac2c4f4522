//! Lists, filters, pages, catalogue.

use serde_json::json;
use twins::{Fault, FaultLevel, FaultPlan, RequestMatcher, System, TwinConfig};

use crate::harness::{MINUTE, SECOND, client, config, order, tenant, with};

#[test]
fn references_are_listed_with_literal_commas_only() {
    let shipbob = client(config());
    shipbob.create(&order("a"));
    shipbob.create(&order("b"));
    let found = shipbob.ok("order?ReferenceIds=a,b,c");
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!(found[0]["reference_id"], "b", "newest first");
    assert_eq!(shipbob.ok("order?ReferenceIds=a%2Cb"), json!([]));
    assert_eq!(shipbob.get("order?IDs=1%2C2").status, 400);
}

#[test]
fn pages_are_told_in_headers() {
    let shipbob = client(config());
    for n in 0..5 {
        shipbob.create(&order(&format!("r{n}")));
    }
    let reply = shipbob.get("order?Page=1&Limit=2&SortOrder=Oldest");
    assert_eq!(reply.json()[0]["reference_id"], "r0");
    assert_eq!(reply.header("total-count"), Some("5"));
    assert_eq!(reply.header("total-pages"), Some("3"));
    assert_eq!(reply.header("next-page"), Some("2"));
    let reply = shipbob.get("order?Page=3&Limit=2&SortOrder=Oldest");
    assert_eq!(reply.json().as_array().unwrap().len(), 1);
    assert_eq!(reply.header("next-page"), None);
    assert_eq!(shipbob.get("order?Limit=251").status, 400);
    assert_eq!(shipbob.get("order?Page=0").status, 400);
}

#[test]
fn page_headers_can_be_missing() {
    let shipbob = tenant("paging-headers-missing");
    assert_eq!(shipbob.get("order").header("total-count"), None);
}

#[test]
fn an_unknown_parameter_is_refused_instead_of_ignored() {
    let shipbob = client(config());
    assert_eq!(shipbob.get("order?Status=Processing").status, 400);
    assert_eq!(shipbob.get("order?lastupdatestartdate=2026-11-23T00:00:00Z").status, 200);
    assert_eq!(shipbob.get("order?LastUpdateStartDate=monday").status, 400);
    assert_eq!(shipbob.get("product?Search=a").status, 501);
}

#[test]
fn a_window_of_updates_holds_what_changed_in_it() {
    let shipbob = client(config());
    shipbob.create(&order("old"));
    shipbob.pass(10 * MINUTE);
    let before = shipbob.twins.now();
    shipbob.pass(20 * 60 * MINUTE);
    shipbob.create(&order("new"));
    let stamp = |at: i64| jiff::Timestamp::from_microsecond(at).unwrap().to_string();
    let path = format!("order?LastUpdateStartDate={}&SortOrder=Oldest", stamp(before));
    let found = shipbob.ok(&path);
    assert_eq!(found.as_array().unwrap().len(), 2, "the old one moved since: {found}");
    let path = format!("order?StartDate={}", stamp(before));
    assert_eq!(shipbob.ok(&path).as_array().unwrap().len(), 1);
    let path = format!("order?LastUpdateEndDate={}", stamp(before - 20 * MINUTE));
    assert_eq!(shipbob.ok(&path), json!([]));
}

#[test]
fn tracking_filters_agree_with_the_shipments() {
    let shipbob = client(config());
    shipbob.create(&order("r"));
    assert_eq!(shipbob.ok("order?HasTracking=true"), json!([]));
    let done = shipbob.run_until("r", |order| order["status"] == "Fulfilled");
    assert_eq!(shipbob.ok("order?HasTracking=true").as_array().unwrap().len(), 1);
    assert_eq!(shipbob.ok("order?IsTrackingUploaded=false").as_array().unwrap().len(), 1);
    let body =
        json!({"shipment_ids": [done["shipments"][0]["id"], 1], "is_tracking_uploaded": true});
    let reply = shipbob.post("shipment:batchUpdateTrackingUpload", &body).json();
    assert_eq!(reply["summary"], json!({"total": 2, "successful": 1, "failed": 1}));
    assert_eq!(reply["results"][0]["isSuccess"], true);
    assert_eq!(shipbob.ok("order?IsTrackingUploaded=false"), json!([]));
    assert_eq!(shipbob.order("r")["shipments"][0]["is_tracking_uploaded"], true);
}

#[test]
fn a_tenant_answers_500_to_has_tracking() {
    let shipbob = tenant("tracking-500");
    assert_eq!(shipbob.get("order?HasTracking=true").status, 500);
    assert_eq!(shipbob.get("order?HasTracking=false").status, 200);
}

#[test]
fn other_channels_are_seen_without_the_filter() {
    let mut shipbob = client(TwinConfig { pasted: 3, ..config() });
    assert_eq!(shipbob.ok("order"), json!([]));
    shipbob.channel = None;
    let all = shipbob.ok("order");
    assert_eq!(all.as_array().unwrap().len(), 3);
    assert_eq!(all[0]["channel"]["id"], 318_302);
    assert!(all[0]["order_number"].as_str().unwrap().starts_with("SO-"));
}

#[test]
fn a_lagging_list_misses_what_is_fresh() {
    let lag = Fault::Lag { micros: 10 * SECOND };
    let matcher = RequestMatcher::endpoint(System::ShipBob, "GET order");
    let plan = FaultPlan::scripted(vec![(matcher, 1, lag)]);
    let shipbob = client(TwinConfig { faults: FaultLevel::Custom(plan), ..config() });
    shipbob.create(&order("r"));
    assert_eq!(shipbob.ok("order?ReferenceIds=r"), json!([]));
    assert_eq!(shipbob.ok("order?ReferenceIds=r").as_array().unwrap().len(), 1);
}

#[test]
fn single_reads_find_what_the_list_shows() {
    let shipbob = client(config());
    let made = shipbob.create(&order("r"));
    let (id, shipment) = (&made["id"], &made["shipments"][0]["id"]);
    assert_eq!(shipbob.ok(&format!("order/{id}")), shipbob.order("r"));
    assert_eq!(shipbob.ok(&format!("shipment/{shipment}"))["order_id"], *id);
    assert_eq!(shipbob.ok(&format!("order/{id}/shipment"))[0]["id"], *shipment);
    assert_eq!(shipbob.ok(&format!("order/{id}/shipment/{shipment}"))["id"], *shipment);
    let log = shipbob.ok(&format!("shipment/{shipment}/timeline"));
    assert_eq!(log[0]["log_type_name"], "Inserted");
    assert_eq!(shipbob.ok(&format!("order/{id}/shipment/{shipment}/logs")), log);
}

#[test]
fn products_are_found_by_any_of_many_skus() {
    let shipbob = client(config());
    let found = shipbob.ok("product?SKU=any:A0001,a0003,NOPE&PageSize=250");
    let skus: Vec<&str> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["variants"][0]["sku"].as_str().unwrap())
        .collect();
    assert_eq!(skus, ["A0001", "A0003"], "letter case is not compared");
    let encoded = shipbob.ok("product?SKU=any%3AA0001%2CA0003");
    assert_eq!(encoded["items"], json!([]), "an encoded list is one strange SKU");
}

#[test]
fn product_pages_are_odd_and_next_has_no_version() {
    let shipbob = client(config());
    let mut seen = Vec::new();
    let mut path = "product?PageSize=5".to_owned();
    loop {
        let page = shipbob.ok(&path);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        assert!(next.starts_with("/Product?cursor="), "{next}");
        path = next.replacen("/Product", "product", 1);
    }
    let all = shipbob.ok("product?PageSize=250");
    let all: Vec<_> =
        all["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    assert_eq!(seen, all);
    assert!(all.len() > 20);
    assert_eq!(shipbob.get("product?cursor=nonsense").status, 400);
}

#[test]
fn places_and_channels_are_listed() {
    let shipbob = client(config());
    assert_eq!(shipbob.ok("location")[0]["id"], 1);
    assert_eq!(shipbob.ok("fulfillment-center")[1]["name"], "Moreno Valley (CA)");
    let page = shipbob.ok("channel?RecordsPerPage=2");
    let next = page["next"].as_str().unwrap();
    let cursor = next.split("Cursor=").nth(1).unwrap();
    let rest = shipbob.ok(&format!("channel?RecordsPerPage=2&Cursor={cursor}"));
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    let writable =
        |channel: &&serde_json::Value| channel["scopes"].to_string().contains("orders_write");
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.iter().find(writable).unwrap()["id"], 318_301);
    assert!(shipbob.ok("shipping-method?Limit=250").as_array().unwrap().len() >= 4);
}

#[test]
fn a_bundle_ships_as_its_components() {
    let shipbob = client(config());
    let products = json!([{"reference_id": "KIT01", "name": "Kit", "quantity": 2}]);
    let made = shipbob.create(&with(order("r"), "products", products));
    let product = &made["shipments"][0]["products"][0];
    assert_eq!(product["reference_id"], "KIT01");
    let parts = product["inventory_items"].as_array().unwrap();
    assert_eq!(parts.len(), 3);
    assert_eq!(parts[1]["quantity"], 4);
}

#[test]
fn a_skewed_clock_shows_in_dates_and_stamps() {
    let shipbob = tenant("clock-skew");
    let reply = shipbob.post("order", &order("r"));
    assert_eq!(reply.header("date"), Some("Mon, 23 Nov 2026 09:10:00 GMT"));
    assert_eq!(reply.json()["created_date"], "2026-11-23T09:10:00.0000000+00:00");
    let found = shipbob.ok("order?StartDate=2026-11-23T09:05:00Z");
    assert_eq!(found.as_array().unwrap().len(), 1);
}

use super::{client, json, lost, not_sent, wanted, with_header};
use crate::reply::{CallError, CreateReply, Failure};
use crate::webhook::{TOPICS, WANTED_TOPICS, WebhookSecret};
use domain::ids::{CentreId, ReferenceId, ShipBobOrderId, ShipmentId};
use domain::time::Timestamp;
use transport::Method;

fn order(id: i64, reference: &str) -> String {
    format!(r#"{{"id":{id},"reference_id":"{reference}","shipments":[]}}"#)
}

#[tokio::test]
async fn a_create_carries_token_channel_and_user_agent_and_is_sent_once() {
    let (client, script) = client(vec![json(201, &order(5, "usmf-SO-1-1-1"))]);
    assert!(matches!(client.create_order(&wanted()).await, CreateReply::Created(_)));
    let seen = script.seen.lock().expect("unpoisoned");
    let [request] = &seen[..] else { panic!("one request") };
    assert_eq!(request.method, Method::Post);
    assert_eq!(request.url, "https://api.example/2026-01/order");
    let header = |name: &str| {
        request.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    };
    assert_eq!(header("authorization"), Some("Bearer s3cret"));
    assert_eq!(header("shipbob_channel_id"), Some("77"));
    assert_eq!(header("user-agent"), Some("test/1"));
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(*script.finished.lock().expect("unpoisoned"), 1);
}

#[tokio::test]
async fn no_call_is_repeated_by_the_client() {
    let (client, script) = client(vec![lost(), not_sent(), json(503, ""), json(429, "")]);
    assert!(matches!(
        client.create_order(&wanted()).await,
        CreateReply::Failed(Failure::InDoubt { .. })
    ));
    assert!(matches!(
        client.create_order(&wanted()).await,
        CreateReply::Failed(Failure::Later { .. })
    ));
    assert!(client.orders(&[ShipBobOrderId(1)]).await.is_err());
    assert!(client.cancel_order(ShipBobOrderId(1)).await != crate::CancelReply::Cancelled);
    assert_eq!(script.urls().len(), 4);
    assert_eq!(*script.finished.lock().expect("unpoisoned"), 4);
    assert_eq!(script.urls()[3], "https://api.example/2026-01/order/1:cancel");
}

#[tokio::test]
async fn a_look_up_asks_in_lists_follows_pages_and_returns_only_what_was_asked() {
    let full: Vec<String> = (0..50).map(|n| order(n + 1, &format!("r-{n}"))).collect();
    let page_1 = format!("[{}]", full.join(","));
    let page_2 = format!("[{},{}]", order(51, "r-50"), order(52, "not asked for"));
    let (client, script) = client(vec![json(200, &page_1), json(200, &page_2)]);
    let references: Vec<ReferenceId> =
        (0..60).map(|n| ReferenceId::new(format!("r-{n}"))).collect();
    let found = client.find_by_reference(&references).await.expect("found");
    assert_eq!(found.len(), 51);
    let urls = script.urls();
    assert!(urls[0].contains("Limit=250&ReferenceIds=r-0,r-1,"), "{}", urls[0]);
    assert!(urls[1].ends_with("&Page=2"), "{}", urls[1]);
}

#[tokio::test]
async fn an_unreadable_entry_is_never_taken_for_an_absence() {
    let (client, _) = client(vec![json(200, r#"[{"reference_id":"r-1"}]"#)]);
    let result = client.find_by_reference(&["r-1".into()]).await;
    assert!(matches!(result, Err(CallError::Malformed { .. })), "{result:?}");
}

#[tokio::test]
async fn a_server_that_repeats_a_full_page_does_not_trap_us() {
    let page: Vec<String> = (0..50).map(|n| order(n + 1, &format!("r-{n}"))).collect();
    let page = format!("[{}]", page.join(","));
    let reply = || with_header(json(200, &page), "total-pages", "99");
    let (client, script) = client(vec![reply(), reply()]);
    let references: Vec<ReferenceId> =
        (0..50).map(|n| ReferenceId::new(format!("r-{n}"))).collect();
    assert_eq!(client.find_by_reference(&references).await.expect("found").len(), 50);
    assert_eq!(script.urls().len(), 2);
}

#[tokio::test]
async fn only_the_first_request_of_a_call_is_free_of_the_gate() {
    let references: Vec<ReferenceId> =
        (0..150).map(|n| ReferenceId::new(format!("r-{n}"))).collect();
    let (client, script) = client(vec![json(200, "[]"), json(200, "[]")]);
    *script.permits.lock().expect("unpoisoned") = Some(0);
    let result = client.find_by_reference(&references).await;
    assert_eq!(result, Err(CallError::GateClosed { until: Timestamp(5) }));
    assert_eq!(script.urls().len(), 1);
}

#[tokio::test]
async fn a_permission_that_is_not_needed_is_given_back() {
    let (client, script) = client(vec![]);
    assert_eq!(client.find_by_reference(&[]).await, Ok(vec![]));
    assert_eq!(client.orders(&[]).await, Ok(vec![]));
    assert_eq!(client.ack_tracking(&[]).await, Ok(vec![]));
    assert_eq!(client.products(&[]).await, Ok(vec![]));
    assert_eq!(*script.finished.lock().expect("unpoisoned"), 4);
}

#[tokio::test]
async fn a_look_at_all_channels_names_none() {
    let (client, script) = client(vec![json(200, "[]"), json(200, "[]")]);
    let at = Timestamp::parse("2026-11-23T09:00:00Z").expect("a time");
    client.poll_all_channels(at, at, 1).await.expect("a page");
    client.poll_orders(at, at, 1).await.expect("a page");
    let seen = script.seen.lock().expect("unpoisoned");
    let named: Vec<bool> =
        seen.iter().map(|r| r.headers.iter().any(|(n, _)| *n == "shipbob_channel_id")).collect();
    assert_eq!(named, [false, true]);
}

#[tokio::test]
async fn a_poll_page_rounds_its_window_outwards_and_counts_what_it_cannot_read() {
    let body = format!("[{},{},7]", order(1, "a"), r#"{"id":null}"#);
    let reply = with_header(json(200, &body), "date", "Mon, 23 Nov 2026 10:00:00 GMT");
    let (client, script) = client(vec![reply]);
    let from = Timestamp::parse("2026-11-23T09:00:00.9Z").expect("a time");
    let to = Timestamp::parse("2026-11-23T09:30:00.1Z").expect("a time");
    let page = client.poll_orders(from, to, 2).await.expect("a page");
    assert_eq!((page.orders.len(), page.unreadable, page.more), (1, 2, false));
    assert_eq!(
        page.server_date.map(Timestamp::to_rfc3339).as_deref(),
        Some("2026-11-23T10:00:00Z")
    );
    assert_eq!(
        script.urls(),
        ["https://api.example/2026-01/order?LastUpdateStartDate=2026-11-23T09:00:00Z\
          &LastUpdateEndDate=2026-11-23T09:30:01Z&SortOrder=Oldest&Limit=250&Page=2"]
    );
}

#[tokio::test]
async fn a_probe_reads_channels_centres_and_methods() {
    let (client, script) = client(vec![
        json(
            200,
            r#"{"items":[{"id":1,"name":"Default","scopes":["orders_read"]}],"next":"/channel?Cursor=x"}"#,
        ),
        json(
            200,
            r#"{"items":[{"id":77,"name":"Ours","scopes":["orders_write orders_read"]}],"next":null}"#,
        ),
        json(
            200,
            r#"[{"id":1,"name":"Cicero (IL)","is_active":true},{"id":2,"name":"Old","is_active":false}]"#,
        ),
        json(
            200,
            r#"[{"id":1,"name":"Standard","active":true},{"id":2,"name":"Gone","active":false},{"id":3,"name":"2-Day"}]"#,
        ),
    ]);
    let reference = client.probe().await.expect("a reference");
    assert_eq!(reference.channels.iter().filter(|c| c.writes()).count(), 1);
    assert_eq!(reference.centres, [(CentreId(1), "Cicero (IL)".to_owned())]);
    assert_eq!(
        reference.methods.iter().map(String::as_str).collect::<Vec<_>>(),
        ["2-Day", "Standard"]
    );
    assert!(script.urls()[1].ends_with("RecordsPerPage=50&Cursor=x"));
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error_not_an_endless_loop() {
    let page = || json(200, r#"{"items":[{"id":1}],"next":"same"}"#);
    let (client, script) = client(vec![page(), page()]);
    let result = client.subscriptions().await;
    assert!(matches!(result, Err(CallError::Malformed { .. })), "{result:?}");
    assert_eq!(script.urls().len(), 2);
}

#[tokio::test]
async fn products_are_found_with_their_case_variants_and_components() {
    let (client, script) = client(vec![
        json(
            200,
            r#"{"items":[
              {"id":1,"type":"Regular","variants":[{"id":11,"sku":"LAMP-1","status":"Active","inventory":{"inventory_id":901}},
                                                    {"id":12,"sku":"LAMP-2","status":"Active"}]},
              {"id":2,"type":"Regular","variants":[{"id":13,"sku":"lamp-1","status":"Inactive","inventory":{"inventory_id":902}}]},
              {"id":3,"type":"Bundle","variants":[{"id":14,"sku":"KIT","status":"Active",
                 "bundle_definition":[{"variant_id":11,"variant_sku":"LAMP-1","quantity":2},{"variant_id":15,"variant_sku":"BULB","quantity":4}]}]}],
             "next":null}"#,
        ),
        json(
            200,
            r#"{"items":[{"id":4,"variants":[{"id":15,"sku":"BULB","inventory":{"inventory_id":905}}]}],"next":""}"#,
        ),
    ]);
    let items = client.products(&["LAMP-1".to_owned(), "KIT".to_owned()]).await.expect("items");
    let skus: Vec<(&str, bool)> = items.iter().map(|i| (i.sku.as_str(), i.active)).collect();
    assert_eq!(skus, [("KIT", true), ("LAMP-1", true), ("lamp-1", false)]);
    assert!(items[0].bundle);
    assert_eq!(items[0].components, [(901, 2), (905, 4)]);
    let urls = script.urls();
    assert!(urls[0].ends_with("product?PageSize=250&SKU=any:LAMP-1,KIT"), "{}", urls[0]);
    assert!(urls[1].ends_with("SKU=any:BULB"), "{}", urls[1]);
}

#[tokio::test]
async fn half_a_recipe_is_no_recipe() {
    let kit = r#"{"items":[{"type":"Bundle","variants":[{"id":14,"sku":"KIT",
        "bundle_definition":[{"variant_id":11,"quantity":2}]}]}],"next":null}"#;
    let (client, script) = client(vec![json(200, kit), json(200, r#"{"items":[]}"#)]);
    let items = client.products(&["KIT".to_owned()]).await.expect("items");
    assert!(items[0].bundle && items[0].components.is_empty());
    assert!(script.urls()[1].ends_with("product?VariantId=11"));
}

#[tokio::test]
async fn an_acknowledgement_is_cut_into_batches() {
    let ids: Vec<ShipmentId> = (1..=251).map(ShipmentId).collect();
    let all: Vec<String> =
        ids.iter().map(|id| format!(r#"{{"shipmentId":{id},"isSuccess":true}}"#)).collect();
    let reply = format!(r#"{{"results":[{}]}}"#, all.join(","));
    let (client, script) = client(vec![json(200, &reply), json(200, &reply)]);
    let results = client.ack_tracking(&ids).await.expect("results");
    assert!(results.len() == 251 && results.iter().all(|(_, r)| r.is_ok()));
    let seen = script.seen.lock().expect("unpoisoned");
    assert_eq!(seen[1].body.as_ref(), br#"{"shipment_ids":[251],"is_tracking_uploaded":true}"#);
}

#[tokio::test]
async fn a_refused_topic_does_not_fail_the_subscription() {
    let (client, script) = client(vec![
        json(422, r#"{"value":"Unknown topic"}"#),
        json(201, r#"{"id":"123","secret":"x"}"#),
    ]);
    let secret = WebhookSecret::from_random([1; 24]);
    let id = client.subscribe("https://me.example/x", &TOPICS, &WANTED_TOPICS, &secret).await;
    assert_eq!(id.as_deref(), Ok("123"));
    let seen = script.seen.lock().expect("unpoisoned");
    let second = String::from_utf8_lossy(&seen[1].body).into_owned();
    assert!(!second.contains("tracking.updated") && second.contains("order.shipped"), "{second}");
}

#[tokio::test]
async fn removing_a_subscription_that_is_gone_is_done() {
    let (client, script) = client(vec![json(404, ""), json(204, ""), json(500, "")]);
    assert_eq!(client.unsubscribe("a/b").await, Ok(()));
    assert_eq!(client.unsubscribe("1").await, Ok(()));
    assert!(client.unsubscribe("1").await.is_err());
    assert!(script.urls()[0].ends_with("/webhook/a%2Fb"));
}

use serde_json::{Value, json};

use crate::client::{Client, NS, config};

const MINUTE: i64 = 60_000_000;

/// Sets deliver-now of every line and puts the order into the batch's pool.
async fn ready(client: &Client, number: &str, quantity: impl Fn(&Value) -> Value) {
    let row = client.header(number).await;
    for line in row["SalesOrderLines"].as_array().expect("lines") {
        let lot = line["InventoryLotId"].as_str().expect("lot");
        let key = format!(
            "/data/SalesOrderLines(dataAreaId='usmf',InventoryLotId='{lot}')?cross-company=true"
        );
        let reply = client.patch(&key, None, json!({"SalesDeliverNow": quantity(line)})).await;
        assert_eq!(reply.status, 204, "{}", reply.text());
    }
    let key = format!(
        "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='{number}')?cross-company=true"
    );
    assert_eq!(client.patch(&key, None, json!({"SalesOrderPoolId": "SHIPBOB"})).await.status, 204);
}

fn run_for(client: &Client, micros: i64) {
    let end = client.twins.now() + micros;
    while let Some(at) = client.twins.next_event().filter(|at| *at <= end) {
        client.twins.advance(at);
    }
    client.twins.advance(end);
}

#[tokio::test]
async fn the_batch_posts_exactly_deliver_now_and_then_tracking_can_be_written() {
    let client = Client::standard().await;
    let number = client.ordinary();
    ready(&client, &number, |line| line["OrderedSalesQuantity"].clone()).await;
    assert!(client.bi("CustPackingSlipJourBiEntities", &number).await.is_empty());
    run_for(&client, 11 * MINUTE);
    let slip = client.bi("CustPackingSlipJourBiEntities", &number).await[0].clone();
    assert_eq!(slip["PackingSlipId"], format!("{number}_1"));
    let lines = client.bi("SalesLineBiEntities", &number).await;
    assert!(
        lines
            .iter()
            .all(|line| line["RemainSalesPhysical"] == 0 && line["SalesStatus"] == "Delivered")
    );
    let table = client.bi("SalesTableBiEntities", &number).await[0].clone();
    assert_eq!(
        (&table["DocumentStatus"], &table["SalesStatus"]),
        (&json!("PackingSlip"), &json!("Delivered"))
    );

    let tracking = json!({"dataAreaId": "usmf", "SalesOrderNumber": number, "PackingSlipNumber": slip["PackingSlipId"],
        "DeliveryDate": slip["DeliveryDate"], "TrackingNumber": "1Z999", "TrackingURL": "https://example.com"});
    let set = "/data/PackingSlipTrackingInformation";
    assert_eq!(client.post(set, tracking.clone()).await.status, 201);
    assert!(client.post(set, tracking.clone()).await.text().contains("The record already exists."));
    let mut second = tracking.clone();
    second["TrackingNumber"] = json!("1Z998");
    assert_eq!(client.post(set, second).await.status, 201);
    let mut lost = tracking;
    lost["PackingSlipNumber"] = json!("nowhere_1");
    assert_eq!(client.post(set, lost).await.status, 400);
    let dynamics =
        client.twins.projection().orders[&number].dynamics.clone().expect("F&O knows it");
    assert_eq!(dynamics.tracking.len(), 2);
}

#[tokio::test]
async fn after_a_part_slip_deliver_now_is_zero_or_the_remainder_as_the_tenant_has_it() {
    for (tenant, expected) in [("standard", 0), ("deliver-now-resets-to-remainder", 11)] {
        let client = Client::new(config(tenant)).await;
        let number = client.of_category("partly-delivered");
        ready(&client, &number, |line| json!(i64::from(line["LineCreationSequenceNumber"] == 1)))
            .await;
        run_for(&client, 10 * MINUTE);
        let lines = client.bi("SalesLineBiEntities", &number).await;
        let (remain, now) =
            (lines[0]["RemainSalesPhysical"].as_i64(), lines[0]["SalesDeliverNow"].as_i64());
        assert_eq!((remain, now), (Some(2), Some(if expected == 0 { 0 } else { 2 })), "{tenant}");
    }
}

#[tokio::test]
async fn without_the_pool_or_without_stock_the_batch_leaves_no_trace() {
    let client = Client::standard().await;
    let number = client.ordinary();
    let lines = client.bi("SalesLineBiEntities", &number).await;
    assert!(lines[0]["SalesDeliverNow"].as_i64() > Some(0));
    run_for(&client, 30 * MINUTE);
    assert!(client.bi("CustPackingSlipJourBiEntities", &number).await.is_empty());

    let late = client.of_category("stock-late");
    ready(&client, &late, |line| line["OrderedSalesQuantity"].clone()).await;
    run_for(&client, 11 * MINUTE);
    assert!(client.bi("CustPackingSlipJourBiEntities", &late).await.is_empty());
    run_for(&client, 30 * MINUTE);
    assert_eq!(client.bi("CustPackingSlipJourBiEntities", &late).await.len(), 1);
}

#[tokio::test]
async fn releases_spread_over_the_span_and_some_commit_late_with_an_older_stamp() {
    let client =
        Client::new(twins::TwinConfig { release_span_secs: 3_600, ..config("standard") }).await;
    let released = format!(
        "/data/SalesTableBiEntities/$count?cross-company=true&$filter=dataAreaId eq 'usmf' and DocumentStatus ne {NS}.DocumentStatus'None'"
    );
    let count = |text: String| text.parse::<usize>().expect("a number");
    let first = count(client.get(&released).await.text());
    run_for(&client, 30 * MINUTE);
    let half = count(client.get(&released).await.text());
    let newest = client.get("/data/SalesTableBiEntities?cross-company=true&$select=SysModifiedDateTime&$orderby=SysModifiedDateTime desc&$top=1").await.rows()[0]["SysModifiedDateTime"].clone();
    run_for(&client, 40 * MINUTE);
    let all = count(client.get(&released).await.text());
    assert!(first < half && half < all, "{first} {half} {all}");
    let older = count(
        client
            .get(&format!(
                "{released} and SysModifiedDateTime le {}",
                newest.as_str().expect("stamp")
            ))
            .await
            .text(),
    );
    assert!(older > half, "no release was committed late: {older} {half}");
}

#[tokio::test]
async fn stopped_orders_are_freed_and_restamped_ones_move_without_a_change() {
    let client = Client::standard().await;
    let stopped = client.of_category("stopped-then-freed");
    let restamped = client.of_category("restamped");
    assert_eq!(client.bi("SalesTableBiEntities", &stopped).await[0]["MCROrderStopped"], "Yes");
    let before = client.bi("SalesTableBiEntities", &restamped).await[0].clone();
    run_for(&client, 40 * MINUTE);
    assert_eq!(client.bi("SalesTableBiEntities", &stopped).await[0]["MCROrderStopped"], "No");
    let after = client.bi("SalesTableBiEntities", &restamped).await[0].clone();
    assert_eq!(
        after["SysRecVersion"].as_i64(),
        before["SysRecVersion"].as_i64().map(|version| version + 3)
    );
}

#[tokio::test]
async fn when_nothing_is_asked_of_it_the_world_becomes_quiet() {
    let client = Client::standard().await;
    run_for(&client, 20 * 24 * 60 * MINUTE);
    assert_eq!(client.twins.next_event(), None);
}

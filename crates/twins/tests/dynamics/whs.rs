//! Warehouse management inside F&O: releases and their stamps, and every no of the customer's own call.

use serde_json::{Value, json};

use crate::client::{Client, config};

const HOUR: i64 = 3_600_000_000;
const CALL: &str = "/api/services/ContosoFulfilment/PackingSlips/post";

async fn world(tenant: &str) -> Client {
    let mut config = config(tenant);
    config.whs = true;
    config.tier3 = true;
    let client = Client::new(config).await;
    client.twins.advance(client.twins.now() + HOUR / 6);
    client
}

async fn rows(client: &Client, set: &str, filter: &str) -> Vec<Value> {
    let target =
        format!("/data/{set}?cross-company=true&$filter=dataAreaId eq 'usmf' and {filter}");
    client.get(&target).await.rows()
}

/// An order released as a whole, with its lines and their rows of the warehouse's table.
async fn released(client: &Client) -> (String, Vec<Value>) {
    for order in client.twins.truth().orders.iter().filter(|o| o.category == "ordinary") {
        let filter = format!("SalesId eq '{}'", order.order_number);
        let header = rows(client, "SalesTableBiEntities", &filter).await;
        if header.first().is_some_and(|h| h["ReleaseStatus"] == "Released") {
            return (
                order.order_number.clone(),
                rows(client, "SalesLineBiEntities", &filter).await,
            );
        }
    }
    panic!("nothing is released");
}

fn body(order: &str, slip: &str, lines: &[(String, i64)]) -> Value {
    let lines: Vec<Value> =
        lines.iter().map(|(lot, n)| json!({"InventTransId": lot, "Qty": n})).collect();
    json!({"_request": {"DataAreaId": "usmf", "SalesId": order, "PackingSlipId": slip, "ShipDate": "2026-11-23",
        "TrackingNumber": "1Z", "Lines": lines}})
}

fn lot(line: &Value) -> String {
    line["InventTransId"].as_str().expect("a lot").to_owned()
}

#[tokio::test]
async fn released_quantities_stand_in_a_table_of_their_own_and_in_the_inventory_unit() {
    for (tenant, inventory) in [("standard", true), ("whs-released-in-sales-unit", false)] {
        let client = world(tenant).await;
        let (_, lines) = released(&client).await;
        for line in &lines {
            let filter = format!("InventTransId eq '{}'", lot(line));
            let row = rows(&client, "WHSSalesLineBiEntities", &filter).await.remove(0);
            let of = if inventory { "QtyOrdered" } else { "SalesQty" };
            assert_eq!(row["ReleasedQty"], line[of], "{tenant}");
            assert_ne!(row["SourceKey"], line["SourceKey"]);
        }
    }
}

#[tokio::test]
async fn a_part_is_released_first_and_its_order_says_so() {
    let client = world("standard").await;
    let parts = client.twins.truth().orders;
    let parts: Vec<_> = parts.iter().filter(|o| o.category == "released-in-parts").collect();
    assert!(parts.len() > 10);
    let mut partial = 0;
    for order in parts {
        let filter = format!("SalesId eq '{}'", order.order_number);
        let header = rows(&client, "SalesTableBiEntities", &filter).await.remove(0);
        partial += u32::from(header["ReleaseStatus"] == "PartialReleased");
    }
    assert!(partial > 10, "only {partial}");
}

#[tokio::test]
async fn the_batch_posts_nothing_even_when_it_is_told_to() {
    let client = world("standard").await;
    let (number, lines) = released(&client).await;
    for line in &lines {
        let target = format!(
            "/data/SalesOrderLines(dataAreaId='usmf',InventoryLotId='{}')?cross-company=true",
            lot(line)
        );
        assert_eq!(client.patch(&target, None, json!({"SalesDeliverNow": 1})).await.status, 204);
    }
    let header = format!(
        "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='{number}')?cross-company=true"
    );
    let pool = client.patch(&header, None, json!({"SalesOrderPoolId": "SHIPBOB"})).await;
    assert_eq!(pool.status, 204);
    client.twins.advance(client.twins.now() + HOUR);
    let slips =
        rows(&client, "CustPackingSlipJourBiEntities", &format!("SalesId eq '{number}'")).await;
    assert_eq!(slips, Vec::<Value>::new());
}

#[tokio::test]
async fn the_call_posts_under_our_number_and_refuses_what_it_posted() {
    let client = world("standard").await;
    let (number, lines) = released(&client).await;
    let told = body(&number, "SB1", &[(lot(&lines[0]), 1)]);
    let first = client.post(CALL, told.clone()).await;
    assert_eq!((first.status, &first.json()["Success"]), (200, &json!(true)));
    let filter = format!("SalesId eq '{number}' and PackingSlipId eq 'SB1'");
    assert_eq!(rows(&client, "CustPackingSlipJourBiEntities", &filter).await.len(), 1);
    let again = client.post(CALL, told).await;
    assert_eq!((again.status, &again.json()["Success"]), (200, &json!(false)));
    let much = client.post(CALL, body(&number, "SB2", &[(lot(&lines[0]), 1_000)])).await;
    assert_eq!((much.status, &much.json()["Success"]), (200, &json!(false)));
    assert_eq!(client.post(CALL, body("SO-NONE", "SB3", &[])).await.status, 500, "X++ throws");
    assert_eq!(client.post(CALL, json!({"request": {}})).await.status, 400, "another parameter");
    let get = client.get("/api/services/ContosoFulfilment/PackingSlips").await;
    assert!(get.text().contains("post"), "{}", get.text());
    assert_eq!(client.post("/api/services/Contoso/Other/post", json!({})).await.status, 404);
}

#[tokio::test]
async fn another_tenants_call_posts_again_and_another_is_an_action() {
    let client = world("whs-call-posts-twice").await;
    for order in client.twins.truth().orders.iter().filter(|o| o.category == "ordinary") {
        let filter = format!("SalesId eq '{}'", order.order_number);
        let lines = rows(&client, "SalesLineBiEntities", &filter).await;
        let enough = lines.iter().find(|l| l["RemainSalesPhysical"].as_i64() > Some(1));
        let Some(line) = enough else { continue };
        let told = body(&order.order_number, "SB1", &[(lot(line), 1)]);
        for _ in 0..2 {
            assert_eq!(client.post(CALL, told.clone()).await.json()["Success"], json!(true));
        }
        assert_eq!(rows(&client, "CustPackingSlipJourBiEntities", &filter).await.len(), 2);
        break;
    }
    let client = world("whs-call-is-action").await;
    let (number, lines) = released(&client).await;
    let told = body(&number, "SB1", &[(lot(&lines[0]), 1)])["_request"].clone();
    assert_eq!(client.post(CALL, told.clone()).await.status, 404, "no such service");
    let action = "/data/ContosoPackingSlips/Microsoft.Dynamics.DataEntities.post";
    assert_eq!(client.post(action, told.clone()).await.status, 400, "without cross-company");
    let done = client.post(&format!("{action}?cross-company=true"), told.clone()).await;
    assert_eq!((done.status, &done.json()["value"]), (200, &json!("SB1")), "{}", done.text());
    let again = client.post(&format!("{action}?cross-company=true"), told).await;
    assert!(again.status == 400 && again.text().contains("Infolog"), "{}", again.text());
}

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::client::{Client, config};

const HOUR: i64 = 3_600_000_000;

/// Sends an order to ShipBob as the connector would: one group, all lines in pieces.
async fn send(client: &Client, number: &str) -> Value {
    let row = client.header(number).await;
    let products: Vec<Value> = row["SalesOrderLines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| {
            let sku = [&line["ItemNumber"], &line["ProductColorId"], &line["ProductSizeId"]]
                .into_iter()
                .filter_map(Value::as_str)
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("-");
            json!({"reference_id": sku, "name": sku, "quantity": line["OrderedSalesQuantity"], "external_line_id": line["LineCreationSequenceNumber"]})
        })
        .collect();
    let body = json!({
        "reference_id": format!("usmf-{number}-1-1"), "order_number": number, "type": "DTC", "shipping_method": "Standard",
        "location_id": 1, "recipient": {"name": "Ada", "address": {"address1": "1 Oak Street", "city": "Austin", "state": "TX", "zip_code": "78701", "country": "US"}},
        "products": products,
    });
    let credentials = client.twins.credentials();
    let request = Request::post("/2026-01/order")
        .header("authorization", format!("Bearer {}", credentials.pat))
        .header("shipbob_channel_id", credentials.channel_id.to_string())
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("request");
    let response = client.twins.shipbob().oneshot(request).await.expect("reply");
    assert_eq!(response.status(), 201);
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("body");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn run_for(client: &Client, micros: i64) {
    let end = client.twins.now() + micros;
    while let Some(at) = client.twins.next_event().filter(|at| *at <= end) {
        client.twins.advance(at);
    }
    client.twins.advance(end);
}

fn of_fate(client: &Client, fate: twins::Fate) -> String {
    let truth = client.twins.truth();
    let found =
        truth.orders.iter().find(|order| order.fate == fate && order.category == "ordinary");
    found.expect("an order of that fate").order_number.clone()
}

#[tokio::test]
async fn the_clerk_cancels_early_once_shipbob_has_accepted_and_not_before() {
    let client = Client::standard().await;
    let number = of_fate(&client, twins::Fate::CancelEarly);
    run_for(&client, HOUR);
    assert_eq!(client.header(&number).await["SalesOrderStatus"], "Backorder");
    send(&client, &number).await;
    run_for(&client, HOUR);
    assert_eq!(client.header(&number).await["SalesOrderStatus"], "Canceled");
    let lines = client.bi("SalesLineBiEntities", &number).await;
    assert!(
        lines.iter().all(|line| line["RemainSalesPhysical"] == 0 && line["SalesDeliverNow"] == 0)
    );
}

#[tokio::test]
async fn the_clerk_cancels_late_only_after_picking() {
    let client = Client::standard().await;
    let number = of_fate(&client, twins::Fate::CancelLate);
    send(&client, &number).await;
    run_for(&client, HOUR / 4);
    assert_eq!(client.header(&number).await["SalesOrderStatus"], "Backorder");
    run_for(&client, 5 * HOUR);
    assert_eq!(client.header(&number).await["SalesOrderStatus"], "Canceled");
    let ledger = client.twins.ledger();
    let at = |effect: &str| {
        ledger.of(effect).find(|entry| entry.key.contains(&number)).map(|entry| entry.at)
    };
    assert!(at(twins::effect::SHIPMENT_PICKED) <= at(twins::effect::CLERK_ACTED));
}

#[tokio::test]
async fn a_deleted_order_is_in_no_set_any_more() {
    let client = Client::standard().await;
    let number = client.of_category("deleted");
    send(&client, &number).await;
    run_for(&client, HOUR);
    assert!(client.bi("SalesTableBiEntities", &number).await.is_empty());
    assert!(client.bi("SalesLineBiEntities", &number).await.is_empty());
    assert!(client.twins.projection().orders[&number].dynamics.is_none());
}

#[tokio::test]
async fn lines_are_added_and_cancelled_once_without_moving_the_header() {
    let client = Client::standard().await;
    let (added, cancelled) =
        (client.of_category("line-added"), client.of_category("line-cancelled"));
    let header = client.bi("SalesTableBiEntities", &added).await;
    let lines = client.bi("SalesLineBiEntities", &added).await.len();
    send(&client, &added).await;
    send(&client, &cancelled).await;
    run_for(&client, 3 * HOUR);
    assert_eq!(client.bi("SalesLineBiEntities", &added).await.len(), lines + 1);
    assert_eq!(client.bi("SalesTableBiEntities", &added).await, header);
    let states = client.bi("SalesLineBiEntities", &cancelled).await;
    let states: Vec<&Value> = states.iter().map(|line| &line["SalesStatus"]).collect();
    assert_eq!(states, ["Backorder", "Canceled"]);
    assert_eq!(client.header(&cancelled).await["SalesOrderStatus"], "Backorder");
}

#[tokio::test]
async fn an_order_the_clerk_has_open_is_locked_for_a_minute() {
    let client = Client::standard().await;
    let number = client.of_category("opened-by-clerk");
    send(&client, &number).await;
    let acted = |client: &Client| client.twins.ledger().of(twins::effect::CLERK_ACTED).count();
    while acted(&client) == 0 {
        client.twins.advance(client.twins.next_event().expect("an event"));
    }
    let key = format!(
        "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='{number}')?cross-company=true"
    );
    let body = json!({"SalesOrderPoolId": "SHIPBOB"});
    let reply = client.patch(&key, None, body.clone()).await;
    assert!(reply.text().contains("An update conflict occurred"), "{}", reply.text());
    client.twins.advance(client.twins.now() + 61_000_000);
    assert_eq!(client.patch(&key, None, body).await.status, 204);
}

#[tokio::test]
async fn a_slip_posted_by_hand_takes_all_that_remains() {
    let client = Client::new(twins::TwinConfig { pace: 60, ..config("standard") }).await;
    let number = client.of_category("slip-by-hand");
    send(&client, &number).await;
    run_for(&client, HOUR);
    let lines = client.bi("SalesLineBiEntities", &number).await;
    assert!(lines.iter().all(|line| line["RemainSalesPhysical"] == 0));
    assert_eq!(client.bi("CustPackingSlipJourBiEntities", &number).await.len(), 1);
    assert!(client.twins.ledger().slips_over_shipped().is_empty());
}

//! Breaks, as a client without our clients meets them.

use super::client::{Client, config};
use twins::{Break, TwinConfig};

async fn broken(name: &str) -> Client {
    let breaks = vec![Break::named(name).expect("a break")];
    Client::new(TwinConfig { breaks, ..config("standard") }).await
}

const HEADERS: &str =
    "/data/SalesOrderHeadersV2?cross-company=true&$top=1&$select=SalesOrderNumber";
const LINES: &str = "/data/SalesOrderLines?cross-company=true&$top=1&$select=InventoryLotId";

#[tokio::test]
async fn a_missing_right_closes_its_set_and_no_other() {
    let client = broken("no-right-headers").await;
    assert_eq!(client.get(HEADERS).await.status, 403);
    assert_eq!(client.get(LINES).await.status, 200);
}

#[tokio::test]
async fn an_unmapped_application_reads_metadata_and_no_row() {
    let client = broken("app-unmapped").await;
    assert_eq!(client.get(HEADERS).await.status, 403);
    assert_eq!(client.get("/data/$metadata").await.status, 200);
}

#[tokio::test]
async fn a_field_that_is_gone_is_neither_answered_nor_told() {
    let client = broken("field-gone").await;
    let gone = format!("{HEADERS},CustomersOrderReference");
    assert_eq!(client.get(&gone).await.status, 400);
    assert_eq!(client.get(HEADERS).await.status, 200);
    let told = "/metadata/PublicEntities('SalesOrderHeaderV2')";
    let told = client.get(told).await.text();
    assert!(!told.contains("CustomersOrderReference") && told.contains("SalesOrderPoolId"));
}

#[tokio::test]
async fn without_a_batch_an_order_waits_in_the_pool_for_ever() {
    let client = broken("no-batch").await;
    let waits = "/data/SalesTableBiEntities?cross-company=true&$filter=SalesPoolId eq 'SHIPBOB'&$select=SalesId";
    let orders = client.get(waits).await.rows();
    assert_eq!(orders.len(), 1, "{orders:?}");
    client.twins.advance(client.twins.now() + 86_400_000_000);
    let again = client.get(waits).await.rows();
    assert_eq!(orders, again);
}

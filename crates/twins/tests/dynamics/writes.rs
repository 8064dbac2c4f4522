use serde_json::{Value, json};

use crate::client::{Client, config};

async fn line_key(client: &Client, number: &str) -> (String, Value) {
    let line = client.header(number).await["SalesOrderLines"][0].clone();
    let lot = line["InventoryLotId"].as_str().expect("lot").to_owned();
    (
        format!(
            "/data/SalesOrderLines(dataAreaId='usmf',InventoryLotId='{lot}')?cross-company=true"
        ),
        line,
    )
}

fn header_key(number: &str) -> String {
    format!(
        "/data/SalesOrderHeadersV2(dataAreaId='usmf',SalesOrderNumber='{number}')?cross-company=true"
    )
}

#[tokio::test]
async fn a_stale_etag_is_refused_and_a_fresh_one_accepted() {
    let client = Client::standard().await;
    let (key, line) = line_key(&client, &client.ordinary()).await;
    let etag = line["@odata.etag"].as_str().expect("etag");
    assert_eq!(client.patch(&key, Some(etag), json!({"SalesDeliverNow": 0})).await.status, 204);
    assert_eq!(client.patch(&key, Some(etag), json!({"SalesDeliverNow": 1})).await.status, 412);
    assert_eq!(client.patch(&key, Some("*"), json!({"SalesDeliverNow": 1})).await.status, 204);
    let tolerant = Client::new(config("etag-ignored")).await;
    let (key, line) = line_key(&tolerant, &tolerant.ordinary()).await;
    let etag = line["@odata.etag"].as_str().expect("etag");
    assert_eq!(tolerant.patch(&key, Some(etag), json!({"SalesDeliverNow": 0})).await.status, 204);
    assert_eq!(tolerant.patch(&key, Some(etag), json!({"SalesDeliverNow": 1})).await.status, 204);
}

#[tokio::test]
async fn deliver_now_is_bounded_by_the_remainder_and_moves_only_the_line() {
    let client = Client::standard().await;
    let number = client.ordinary();
    let (key, _) = line_key(&client, &number).await;
    let before = client.bi("SalesTableBiEntities", &number).await;
    client.twins.advance(client.twins.now() + 1_500_000);
    let refused = client.patch(&key, None, json!({"SalesDeliverNow": 1000})).await;
    assert_eq!(refused.status, 400);
    let message =
        refused.json()["error"]["innererror"]["message"].as_str().expect("message").to_owned();
    assert!(message.contains("Infolog: Error: Deliver now quantity"), "{message}");
    assert_eq!(client.patch(&key, None, json!({"SalesDeliverNow": 1})).await.status, 204);
    assert_eq!(client.bi("SalesTableBiEntities", &number).await, before);
    let line = client.bi("SalesLineBiEntities", &number).await[0].clone();
    assert_eq!(line["SalesDeliverNow"], 1);
    assert_ne!(line["SysModifiedDateTime"], before[0]["SysModifiedDateTime"]);
}

#[tokio::test]
async fn carriers_services_and_pools_must_exist() {
    let client = Client::standard().await;
    let number = client.ordinary();
    let key = header_key(&number);
    for body in [
        json!({"ShippingCarrierId": "ONTRAC"}),
        json!({"ShippingCarrierId": "UPS", "ShippingCarrierServiceId": "EXPRESS"}),
        json!({"SalesOrderPoolId": "NOPE"}),
        json!({"SalesOrderStatus": "Delivered"}),
        json!({"SalesOrderLines": []}),
        json!({"NoSuchField": 1}),
        json!({"ShippingCarrierId": 7}),
    ] {
        assert_eq!(client.patch(&key, None, body.clone()).await.status, 400, "{body}");
    }
    let body = json!({"ShippingCarrierId": "UPS", "ShippingCarrierServiceId": "2DAY", "SalesOrderPoolId": "SHIPBOB"});
    let mode = client.header(&number).await["DeliveryModeCode"].clone();
    assert_eq!(client.patch(&key, None, body).await.status, 204);
    let row = client.header(&number).await;
    assert_eq!(
        (&row["ShippingCarrierServiceId"], &row["DeliveryModeCode"]),
        (&json!("2DAY"), &mode)
    );
}

#[tokio::test]
async fn a_carrier_write_redefaults_the_mode_where_the_tenant_does_that() {
    let client = Client::new(config("carrier-redefaults-mode")).await;
    let number = client.ordinary();
    let body = json!({"ShippingCarrierId": "DHL", "ShippingCarrierServiceId": "EXPRESS"});
    assert_eq!(client.patch(&header_key(&number), None, body).await.status, 204);
    assert_eq!(client.header(&number).await["DeliveryModeCode"], "INTL");
}

#[tokio::test]
async fn tenants_close_fields_and_sets() {
    let client = Client::new(config("pool-read-only")).await;
    let reply = client
        .patch(&header_key(&client.ordinary()), None, json!({"SalesOrderPoolId": "SHIPBOB"}))
        .await;
    assert_eq!(reply.status, 400);
    let client = Client::new(config("deliver-now-read-only")).await;
    let (key, _) = line_key(&client, &client.ordinary()).await;
    assert_eq!(client.patch(&key, None, json!({"SalesDeliverNow": 0})).await.status, 400);
    let client = Client::new(config("tracking-read-only")).await;
    let reply =
        client.post("/data/PackingSlipTrackingInformation", json!({"dataAreaId": "usmf"})).await;
    assert!(reply.text().contains("read-only"), "{}", reply.text());
    let reply = client
        .patch(
            "/data/SalesTableBiEntities(dataAreaId='usmf',SalesId='x')?cross-company=true",
            None,
            json!({}),
        )
        .await;
    assert!(reply.text().contains("read-only"), "{}", reply.text());
}

fn note(number: &str, id: &str) -> Value {
    json!({"dataAreaId": "usmf", "SalesOrderNumber": number, "DocumentId": id, "DocumentAttachmentTypeCode": "Note",
        "AccessRestriction": "Internal", "AttachmentDescription": "ShipBob shipment 901", "Notes": "shipped, UPS Ground"})
}

const ID: &str = "8c1b6a5e-37a9-5c0b-9a52-2f0f6d0e0a01";
const NOTES: &str = "/data/SalesOrderHeaderDocumentAttachmentsV2";

#[tokio::test]
async fn a_note_keeps_our_id_and_the_second_one_exists_already() {
    let client = Client::standard().await;
    let number = client.ordinary();
    let made = client.post(NOTES, note(&number, ID)).await;
    assert_eq!((made.status, made.json()["DocumentId"].as_str()), (201, Some(ID)));
    let again = client.post(NOTES, note(&number, ID)).await;
    assert!(again.text().contains("The record already exists."), "{}", again.text());
    let key = format!("{NOTES}(dataAreaId='usmf',DocumentId={ID})?cross-company=true");
    let etag = made.json()["@odata.etag"].as_str().expect("etag").to_owned();
    assert_eq!(client.patch(&key, Some(&etag), json!({"Notes": "delivered"})).await.status, 204);
    assert_eq!(client.patch(&key, Some(&etag), json!({"Notes": "older"})).await.status, 412);
    let found = client.get(&format!("{NOTES}?cross-company=true&$filter=dataAreaId eq 'usmf' and SalesOrderNumber eq '{number}' and AttachmentDescription eq 'ShipBob shipment 901'")).await.rows();
    assert_eq!(found[0]["Notes"], "delivered");
    let ledger = client.twins.ledger();
    assert_eq!(
        (
            ledger.of(twins::effect::NOTE_WRITTEN).count(),
            ledger.of(twins::effect::NOTE_PATCHED).count()
        ),
        (1, 1)
    );
    assert!(ledger.duplicate_notes().is_empty());
}

#[tokio::test]
async fn where_ids_are_assigned_the_same_note_can_be_written_twice() {
    let client = Client::new(config("note-id-assigned")).await;
    let number = client.ordinary();
    let first = client.post(NOTES, note(&number, ID)).await;
    assert_eq!(first.status, 201);
    assert_ne!(first.json()["DocumentId"], ID);
    assert_eq!(client.post(NOTES, note(&number, ID)).await.status, 201);
    assert_eq!(client.twins.ledger().duplicate_notes().len(), 1);
}

#[tokio::test]
async fn a_note_needs_an_order_a_type_and_a_short_description() {
    let client = Client::standard().await;
    let number = client.ordinary();
    let mut bodies = vec![
        note("SO-404", ID),
        note(&number, "no guid"),
        note(&number, ID),
        note(&number, ID),
        note(&number, ID),
    ];
    bodies[2]["DocumentAttachmentTypeCode"] = json!("Memo");
    bodies[3]["AttachmentDescription"] = json!("x".repeat(61));
    bodies[4]["AccessRestriction"] = json!("internal");
    for body in bodies {
        assert_eq!(client.post(NOTES, body.clone()).await.status, 400, "{body}");
    }
    let mut foreign = note(&number, ID);
    foreign.as_object_mut().expect("object").remove("dataAreaId");
    assert_eq!(client.post(NOTES, foreign).await.status, 400);
    assert_eq!(client.twins.ledger().of(twins::effect::NOTE_WRITTEN).count(), 0);
}

#[tokio::test]
async fn orders_are_not_created_through_this_door() {
    let client = Client::standard().await;
    let body = json!({"dataAreaId": "usmf", "OrderingCustomerAccountNumber": "US-001"});
    assert_eq!(client.post("/data/SalesOrderHeadersV2", body).await.status, 403);
    let key = header_key(&client.ordinary());
    assert_eq!(client.send("DELETE", &key, &[], Vec::new()).await.status, 403);
    assert_eq!(client.send("PUT", &key, &[], b"{}".to_vec()).await.status, 405);
}

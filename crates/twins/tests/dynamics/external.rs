//! Externally managed warehouses: requests, answers, updates, and every no of the message processor.

use serde_json::{Value, json};

use crate::client::{Client, NS, config};

const HOUR: i64 = 3_600_000_000;

async fn world(tenant: &str) -> Client {
    let mut config = config(tenant);
    config.external = true;
    let client = Client::new(config).await;
    // The slowest release is committed after four minutes.
    client.twins.advance(client.twins.now() + HOUR / 6);
    client
}

async fn rows(client: &Client, set: &str, filter: &str) -> Vec<Value> {
    let target = format!("/data/{set}?cross-company=true&$filter=dataAreaId eq 'usmf'{filter}");
    client.get(&target).await.rows()
}

/// The request of an ordinary order with its lines.
async fn request(client: &Client) -> (Value, Vec<Value>) {
    let number = client.ordinary();
    let found = rows(client, "OutboundShipmentOrderRequests", "").await;
    let mine = found.into_iter().find(|r| r["ConsigneeReference"] == number.as_str());
    let mine = mine.expect("the request of the order");
    let id = mine["OutboundShipmentOrderRequestId"].as_str().expect("id").to_owned();
    let filter = format!(" and OutboundShipmentOrderRequestId eq '{id}'");
    (mine, rows(client, "OutboundShipmentOrderLineRequests", &filter).await)
}

fn key(id: &str, origin: &str) -> Value {
    json!({"dataAreaId": "usmf", "OutboundShipmentOrderUpdateId": id, "OutboundShipmentOrderOriginId": origin})
}

fn with(mut body: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("members") {
        body[name] = value.clone();
    }
    body
}

/// What an update says otherwise than it should.
#[derive(Default)]
struct Odd {
    short: bool,
    no_lines: bool,
    no_dimensions: bool,
}

/// Sends an update of everything the lines ask for, and commits it.
async fn tell(client: &Client, id: &str, origin: &str, lines: &[Value], odd: Odd) {
    let header = with(key(id, origin), &json!({"PackingSlipNumber": "SB1"}));
    let set = "/data/OutboundShipmentOrderUpdates?cross-company=true";
    assert_eq!(client.post(set, header).await.status, 201);
    for line in lines.iter().filter(|_| !odd.no_lines) {
        let ordered = line["OrderedQuantity"].as_i64().expect("whole");
        let shipped = if odd.short { ordered - 1 } else { ordered };
        let number = json!({"OrderLineNumber": line["OrderLineNumber"]});
        let body = with(
            with(key(id, origin), &number),
            &json!({"OrderedQuantity": ordered, "OrderedUnitSymbol": line["OrderedUnitSymbol"],
                "TotalPickedQuantity": shipped, "TotalShippedQuantity": shipped,
                "RemainingQuantity": ordered - shipped}),
        );
        let set = "/data/OutboundShipmentOrderLineUpdates?cross-company=true";
        assert_eq!(client.post(set, body).await.status, 201);
        if odd.no_dimensions {
            continue;
        }
        let body = with(
            with(key(id, origin), &number),
            &json!({"ShippedQuantity": shipped, "PickedQuantity": shipped,
                "UnitSymbol": line["OrderedUnitSymbol"]}),
        );
        let set = "/data/OutboundShipmentOrderLineInventDimUpdates?cross-company=true";
        assert_eq!(client.post(set, body).await.status, 201);
    }
    assert_eq!(client.post(&complete(id, origin), json!({})).await.status, 204);
}

fn row(id: &str, origin: &str) -> String {
    format!(
        "/data/OutboundShipmentOrderUpdates(dataAreaId='usmf',OutboundShipmentOrderUpdateId='{id}',OutboundShipmentOrderOriginId='{origin}')"
    )
}

fn complete(id: &str, origin: &str) -> String {
    format!("{}/{NS}.Complete?cross-company=true", row(id, origin))
}

/// How the processor judged it, and why not.
async fn judged(client: &Client, id: &str) -> (String, String) {
    client.twins.advance(client.twins.now() + HOUR);
    let ledger = client.twins.ledger();
    let mut all = ledger.entries.iter().rev();
    let entry = all.find(|e| e.effect.starts_with("shipment update ") && e.detail["update"] == id);
    let entry = entry.expect("a judgement");
    (entry.effect.to_owned(), entry.detail["why"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_whole_update_is_accepted_and_slipped_under_the_number_it_proposes() {
    let client = world("standard").await;
    let (request, lines) = request(&client).await;
    let origin = request["OutboundShipmentOrderOriginId"].as_str().expect("origin");
    tell(&client, "SB-1", origin, &lines, Odd::default()).await;
    assert_eq!(judged(&client, "SB-1").await.0, "shipment update accepted");
    let slips = client.bi("CustPackingSlipJourBiEntities", &client.ordinary()).await;
    assert_eq!(slips[0]["PackingSlipId"], "SB1");
    tell(&client, "SB-2", origin, &lines, Odd::default()).await;
    let (name, why) = judged(&client, "SB-2").await;
    assert_eq!(name, "shipment update failed");
    assert!(why.contains("already been processed"), "{why}");
}

#[tokio::test]
async fn the_processor_says_no_with_a_reason() {
    let client = world("standard").await;
    let (request, lines) = request(&client).await;
    let origin = request["OutboundShipmentOrderOriginId"].as_str().expect("origin");
    let cases = [
        ("SB-1", origin, Odd { short: true, ..Odd::default() }, "deliver remainder"),
        ("SB-2", origin, Odd { no_lines: true, ..Odd::default() }, "no lines"),
        ("SB-3", origin, Odd { no_dimensions: true, ..Odd::default() }, "no dimensions"),
        ("SB-4", "WHSO-NONE", Odd::default(), "does not exist"),
    ];
    for (id, origin, odd, wanted) in cases {
        tell(&client, id, origin, &lines, odd).await;
        let (name, why) = judged(&client, id).await;
        assert_eq!(name, "shipment update failed", "{id}");
        assert!(why.contains(wanted), "{id}: {why}");
    }
}

#[tokio::test]
async fn an_id_is_taken_once_and_nothing_is_added_after_the_commit() {
    let client = world("standard").await;
    let (request, lines) = request(&client).await;
    let origin = request["OutboundShipmentOrderOriginId"].as_str().expect("origin");
    tell(&client, "SB-1", origin, &lines, Odd::default()).await;
    let set = "/data/OutboundShipmentOrderUpdates?cross-company=true";
    let twice = client.post(set, key("SB-1", origin)).await;
    assert_eq!(twice.status, 400);
    assert!(twice.text().contains("record already exists"), "{}", twice.text());
    let line = with(key("SB-1", origin), &json!({"OrderLineNumber": 99}));
    let late = client.post("/data/OutboundShipmentOrderLineUpdates?cross-company=true", line).await;
    assert_eq!(late.status, 400);
    assert_eq!(client.post(&complete("SB-1", origin), json!({})).await.status, 400);
}

#[tokio::test]
async fn a_tenant_commits_by_the_action_or_by_the_status_never_by_both() {
    let received = json!({"ProcessingStatus": "Received"});
    for (tenant, action, patch) in [("standard", 204, 400), ("external-no-complete", 404, 204)] {
        let client = world(tenant).await;
        let (request, _) = request(&client).await;
        let origin = request["OutboundShipmentOrderOriginId"].as_str().expect("origin");
        let set = "/data/OutboundShipmentOrderUpdates?cross-company=true";
        assert_eq!(client.post(set, key("SB-1", origin)).await.status, 201);
        let target = format!("{}?cross-company=true", row("SB-1", origin));
        assert_eq!(client.patch(&target, None, received.clone()).await.status, patch, "{tenant}");
        assert_eq!(client.post(set, key("SB-2", origin)).await.status, 201);
        let reply = client.post(&complete("SB-2", origin), json!({})).await;
        assert_eq!(reply.status, action, "{tenant}");
    }
}

#[tokio::test]
async fn a_plain_world_has_no_requests() {
    let client = Client::standard().await;
    assert!(rows(&client, "OutboundShipmentOrderRequests", "").await.is_empty());
}

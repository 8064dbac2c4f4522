//! Webhooks: made, signed, retried, disabled, disturbed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use twins::{Fate, FaultLevel, FaultPlan, OutgoingWebhook, TwinConfig, WebhookFault, effect};

use crate::harness::{Client, DAY, HOUR, MINUTE, SECOND, client, config, order, tenant, with};

const TOPICS: [&str; 5] = [
    "order.shipped",
    "order.shipment.delivered",
    "order.shipment.exception",
    "order.shipment.on_hold",
    "order.shipment.cancelled",
];

fn subscribe(shipbob: &Client) -> Value {
    let body = json!({"url": "http://127.0.0.1:1/hook", "topics": TOPICS});
    let reply = shipbob.post("webhook", &body);
    assert_eq!(reply.status, 201);
    reply.json()
}

fn header<'a>(webhook: &'a OutgoingWebhook, name: &str) -> &'a str {
    let found = webhook.headers.iter().find(|(known, _)| known == name);
    &found.unwrap_or_else(|| panic!("no {name}")).1
}

fn body(webhook: &OutgoingWebhook) -> Value {
    serde_json::from_slice(&webhook.body).unwrap()
}

/// Runs to quiet, answering every delivery with `status`, and returns what was sent with its time.
fn listen(shipbob: &Client, status: impl Fn(usize) -> Option<u16>) -> Vec<(i64, OutgoingWebhook)> {
    let mut heard = Vec::new();
    while let Some(at) = shipbob.twins.next_event() {
        shipbob.twins.advance(at);
        for webhook in shipbob.twins.take_webhooks() {
            shipbob.twins.webhook_result(webhook.attempt_id, status(heard.len()));
            heard.push((shipbob.twins.now(), webhook));
        }
    }
    heard
}

fn topics(heard: &[(i64, OutgoingWebhook)]) -> Vec<&str> {
    heard.iter().map(|(_, webhook)| header(webhook, "x-webhook-topic")).collect()
}

#[test]
fn a_plain_order_is_announced_and_delivered_with_a_signature() {
    let shipbob = client(config());
    let secret = subscribe(&shipbob)["secret"].as_str().unwrap().to_owned();
    shipbob.create(&order("r"));
    let heard = listen(&shipbob, |_| Some(204));
    assert_eq!(topics(&heard), ["order.shipped", "order.shipment.delivered"]);
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    for (at, webhook) in &heard {
        let (id, stamp) = (header(webhook, "webhook-id"), header(webhook, "webhook-timestamp"));
        assert!(id.starts_with("msg_"));
        assert_eq!(stamp, (at / SECOND).to_string());
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{id}.{stamp}.").as_bytes());
        mac.update(&webhook.body);
        let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(header(webhook, "webhook-signature"), wanted);
    }
    let shipped = body(&heard[0].1);
    assert_eq!(shipped["shipments"][0]["status"], "LabeledCreated");
    assert!(shipped["shipments"][0]["tracking"]["tracking_number"].is_string());
    assert_eq!(body(&heard[1].1)["order_id"], shipped["id"]);
}

#[test]
fn in_another_tenant_every_body_is_a_shipment() {
    let shipbob = tenant("payload-shipment");
    subscribe(&shipbob);
    shipbob.create(&order("r"));
    let heard = listen(&shipbob, |_| Some(200));
    assert!(body(&heard[0].1)["order_id"].is_i64());
}

#[test]
fn without_hooks_nothing_is_ever_sent() {
    let shipbob = tenant("hooks-off");
    subscribe(&shipbob);
    shipbob.create(&order("r"));
    assert_eq!(listen(&shipbob, |_| Some(200)), []);
    assert_eq!(shipbob.order("r")["status"], "Fulfilled");
}

#[test]
fn a_failed_delivery_is_retried_eight_times_with_the_same_id_and_stamp() {
    for (name, renewed) in [("standard", false), ("stamp-per-attempt", true)] {
        let shipbob = tenant(name);
        subscribe(&shipbob);
        shipbob.create(&order("r"));
        let heard = listen(&shipbob, |_| Some(302));
        let first = header(&heard[0].1, "webhook-id").to_owned();
        let mine: Vec<_> =
            heard.iter().filter(|(_, one)| header(one, "webhook-id") == first).collect();
        let waits: Vec<i64> = mine.windows(2).map(|two| two[1].0 - two[0].0).collect();
        let wanted =
            [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];
        assert_eq!(waits, wanted, "{name}");
        let stamp = |one: &OutgoingWebhook| header(one, "webhook-timestamp").to_owned();
        assert_eq!(stamp(&mine[0].1) != stamp(&mine[7].1), renewed, "{name}");
    }
}

#[test]
fn a_receiver_that_never_answers_has_failed() {
    let shipbob = client(config());
    subscribe(&shipbob);
    shipbob.create(&order("r"));
    while shipbob.twins.take_webhooks().is_empty() {
        shipbob.twins.advance(shipbob.twins.next_event().unwrap());
    }
    let taken = shipbob.twins.now();
    assert_eq!(shipbob.twins.next_event(), Some(taken + 15 * SECOND));
    shipbob.twins.advance(taken + 15 * SECOND);
    assert_eq!(shipbob.twins.take_webhooks().len(), 0, "the retry waits its five seconds");
    shipbob.twins.advance(taken + 20 * SECOND);
    assert_eq!(shipbob.twins.take_webhooks().len(), 1);
    assert_eq!(shipbob.twins.ledger().of(effect::WEBHOOK_FAILED).count(), 1);
}

#[test]
fn a_subscription_that_fails_for_five_days_is_disabled() {
    let shipbob = client(config());
    let id = subscribe(&shipbob)["id"].clone();
    let start = shipbob.twins.now();
    let mut nth = 0;
    while shipbob.twins.now() < start + 9 * DAY {
        nth += 1;
        shipbob.create(&order(&format!("r{nth}")));
        let until = shipbob.twins.now() + 12 * HOUR;
        while let Some(at) = shipbob.twins.next_event().filter(|at| *at <= until) {
            shipbob.twins.advance(at);
            for webhook in shipbob.twins.take_webhooks() {
                shipbob.twins.webhook_result(webhook.attempt_id, Some(500));
            }
        }
        shipbob.twins.advance(until);
    }
    let listed = shipbob.ok("webhook");
    assert_eq!(listed["items"][0]["id"], id);
    assert_eq!(listed["items"][0]["enabled"], false);
    assert!(listed["items"][0].get("secret").is_none());
    let ledger = shipbob.twins.ledger();
    let disabled = ledger.of(effect::SUBSCRIPTION_DISABLED).next().unwrap().at;
    assert!(ledger.of(effect::WEBHOOK_SENT).all(|entry| entry.at <= disabled));
}

#[test]
fn a_deleted_subscription_hears_nothing_more() {
    let shipbob = client(config());
    let id = subscribe(&shipbob)["id"].as_str().unwrap().to_owned();
    shipbob.create(&order("r"));
    assert_eq!(shipbob.call("DELETE", &format!("webhook/{id}"), None).status, 204);
    assert_eq!(shipbob.call("DELETE", &format!("webhook/{id}"), None).status, 404);
    assert_eq!(listen(&shipbob, |_| Some(200)), []);
    assert_eq!(shipbob.ok("webhook")["items"], json!([]));
}

#[test]
fn wrong_subscriptions_are_refused() {
    let shipbob = client(config());
    let post = |body: Value| shipbob.post("webhook", &body).status;
    let hook = "https://example.com/hook";
    assert_eq!(post(json!({"url": "http://example.com/hook", "topics": ["order.shipped"]})), 422);
    assert_eq!(post(json!({"url": hook, "topics": ["order.shipment.tracking.updated"]})), 422);
    assert_eq!(post(json!({"url": hook, "topics": ["order_shipped"]})), 422);
    assert_eq!(post(json!({"url": hook, "topics": []})), 400);
    assert_eq!(post(json!({"subscription_url": hook, "topic": "order.shipped"})), 400);
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let own = json!({"url": hook, "topics": ["order.shipped"], "secret": secret});
    assert_eq!(shipbob.post("webhook", &own).json()["secret"], secret);
    let short = json!({"url": hook, "topics": ["order.shipped"], "secret": "whsec_short"});
    assert_eq!(post(short), 422);
}

fn number_of(shipbob: &Client, fate: Fate) -> String {
    let orders = shipbob.twins.truth().orders;
    let found = orders.into_iter().find(|one| one.fate == fate && one.category == "ordinary");
    found.unwrap().order_number
}

fn with_fate(tenant_name: &str, fate: Fate) -> Client {
    let tenant = twins::Tenant::named(tenant_name).unwrap();
    let shipbob = client(TwinConfig { orders: 300, tenant, ..config() });
    subscribe(&shipbob);
    let number = number_of(&shipbob, fate);
    shipbob.create(&with(order("r"), "order_number", json!(number)));
    shipbob
}

#[test]
fn a_split_order_is_announced_per_shipment_or_once() {
    for (name, times) in [("standard", 2), ("shipped-once", 1)] {
        let shipbob = with_fate(name, Fate::Split);
        let heard = listen(&shipbob, |_| Some(200));
        let shipped = topics(&heard).into_iter().filter(|topic| *topic == "order.shipped").count();
        assert_eq!(shipped, times, "{name}");
    }
}

#[test]
fn cancels_in_the_dashboard_are_told_unless_silent() {
    for (fate, told) in
        [(Fate::DashboardCancelled, true), (Fate::DashboardCancelledSilently, false)]
    {
        let shipbob = with_fate("standard", fate);
        let heard = listen(&shipbob, |_| Some(200));
        assert_eq!(topics(&heard).contains(&"order.shipment.cancelled"), told, "{fate:?}");
        assert_eq!(shipbob.order("r")["status"], "Cancelled");
    }
}

#[test]
fn troubles_are_told_with_their_details() {
    let shipbob = with_fate("standard", Fate::OutOfStockResolved);
    let heard = listen(&shipbob, |_| Some(200));
    assert_eq!(topics(&heard)[0], "order.shipment.exception");
    assert_eq!(body(&heard[0].1)["status_details"][0]["name"], "OutOfStock");
    let shipbob = with_fate("standard", Fate::InvalidAddressResolved);
    let heard = listen(&shipbob, |_| Some(200));
    assert_eq!(topics(&heard)[0], "order.shipment.on_hold");
}

#[test]
fn messages_can_be_lost_doubled_and_late() {
    let run = |fault: WebhookFault| {
        let webhooks = vec![("order.shipped".to_owned(), 1, fault)];
        let plan = FaultPlan { requests: Vec::new(), webhooks };
        let shipbob = client(TwinConfig { faults: FaultLevel::Custom(plan), ..config() });
        subscribe(&shipbob);
        shipbob.create(&order("r"));
        listen(&shipbob, |_| Some(200))
    };
    assert_eq!(topics(&run(WebhookFault::Lose)), ["order.shipment.delivered"]);
    let twice = run(WebhookFault::Duplicate);
    assert_eq!(twice.len(), 3);
    assert_eq!(header(&twice[0].1, "webhook-id"), header(&twice[1].1, "webhook-id"));
    let late = run(WebhookFault::Delay { micros: 20 * DAY });
    assert_eq!(topics(&late), ["order.shipment.delivered", "order.shipped"]);
}

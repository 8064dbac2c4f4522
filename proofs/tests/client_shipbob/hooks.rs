//! Subscriptions and webhooks as the twin sends them.

use super::{Pair, order, pair, tenant};
use http::{HeaderMap, HeaderName, HeaderValue};
use shipbob::CreateReply;
use shipbob::webhook::{self, TOPICS, WANTED_TOPICS, WebhookSecret};
use std::collections::BTreeSet;

const URL: &str = "https://connector.example/hooks/unguessable";
const HOUR: i64 = 3_600_000_000;

fn secret() -> WebhookSecret {
    WebhookSecret::from_random([9; 24])
}

async fn subscribed(name: &str) -> Pair {
    let pair = pair(tenant(name));
    let id = pair.client.subscribe(URL, &TOPICS, &WANTED_TOPICS, &secret()).await.expect("an id");
    let listed = pair.client.subscriptions().await.expect("a list");
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0].id, listed[0].url.as_str(), listed[0].enabled), (&id, URL, true));
    let topics: BTreeSet<&str> = listed[0].topics.iter().map(String::as_str).collect();
    assert_eq!(topics, BTreeSet::from(TOPICS), "the refused topic is left out");
    pair
}

#[tokio::test]
async fn every_webhook_of_a_life_verifies_and_points_at_its_order() {
    for name in ["standard", "payload-shipment", "stamp-per-attempt", "shipped-once"] {
        let pair = subscribed(name).await;
        let mut ours = BTreeSet::new();
        for n in 0..20 {
            let reply = pair.client.create_order(&order(&format!("usmf-X-{n}-1-1"))).await;
            let CreateReply::Created(made) = reply else { panic!("{reply:?}") };
            ours.insert(made.id);
        }
        let mut pointed = BTreeSet::new();
        for _ in 0..24 * 6 {
            pair.twins.advance(pair.twins.now() + HOUR);
            for sent in pair.twins.take_webhooks() {
                assert_eq!(sent.url, URL);
                let mut headers = HeaderMap::new();
                for (name, value) in &sent.headers {
                    let name: HeaderName = name.parse().expect("a header name");
                    headers.insert(name, HeaderValue::from_str(value).expect("a header value"));
                }
                let old = WebhookSecret::from_random([1; 24]);
                let verified = webhook::verify(&[old, secret()], &headers, &sent.body);
                let verified = verified.expect("a right signature");
                assert_eq!(verified.which_secret, 1);
                assert!(TOPICS.contains(&verified.topic.as_str()));
                let mut changed = sent.body.clone();
                changed.push(b' ');
                assert!(webhook::verify(&[secret()], &headers, &changed).is_err());
                let hints = webhook::hints(&verified.topic, &sent.body).expect("hints");
                assert_eq!(hints.len(), 1);
                assert!(ours.contains(&hints[0].order), "{hints:?}");
                pointed.insert(hints[0].order);
                pair.twins.webhook_result(sent.attempt_id, Some(204));
            }
        }
        assert_eq!(pointed, ours, "{name}: each order was pointed at");
    }
}

#[tokio::test]
async fn a_removed_subscription_is_gone_and_removing_it_again_is_done() {
    let pair = subscribed("standard").await;
    let id = pair.client.subscriptions().await.expect("a list")[0].id.clone();
    assert_eq!(pair.client.unsubscribe(&id).await, Ok(()));
    assert_eq!(pair.client.subscriptions().await, Ok(vec![]));
    assert_eq!(pair.client.unsubscribe(&id).await, Ok(()));
}

//! What arrives at the webhook address, ShipBob's or not.

use crate::{LIFE, clean, setup, told, unharmed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::Accept;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue};
use proofs::{Life, Scene};
use sha2::Sha256;
use store::SecretSystem;
use twins::OutgoingWebhook;

/// A message as somebody posts it.
struct Post {
    token: String,
    id: String,
    seconds: i64,
    body: Vec<u8>,
    signature: Option<String>,
}

impl Post {
    /// The message ShipBob sent.
    fn genuine(hook: &OutgoingWebhook) -> Self {
        let header = |name: &str| {
            let found = hook.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).expect("a header of the standard")
        };
        Self {
            token: hook.url.rsplit('/').next().expect("an address").to_owned(),
            id: header("webhook-id"),
            seconds: header("webhook-timestamp").parse().expect("seconds"),
            body: hook.body.clone(),
            signature: Some(header("webhook-signature")),
        }
    }

    /// Another message of the same content, signed with `secret`.
    fn signed(hook: &OutgoingWebhook, id: &str, secret: &[u8], change: fn(&mut Self)) -> Self {
        let mut post = Self::genuine(hook);
        post.id = format!("{id}-{}", post.id);
        change(&mut post);
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
        mac.update(format!("{}.{}.", post.id, post.seconds).as_bytes());
        mac.update(&post.body);
        post.signature = Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
        post
    }

    async fn to(&self, life: &Life) -> Accept {
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, value: &str| {
            let value = HeaderValue::from_str(value).expect("a header value");
            headers.insert(HeaderName::from_static(name), value);
        };
        put("webhook-id", &self.id);
        put("webhook-timestamp", &self.seconds.to_string());
        put("x-webhook-topic", "order.shipped");
        if let Some(signature) = &self.signature {
            put("webhook-signature", signature);
        }
        life.rig.intake().accept(&self.token, &headers, &self.body).await
    }
}

async fn secret(life: &Life) -> Vec<u8> {
    let mut reader = life.store.read().await.expect("a database that answers");
    let scope = app::rig::scope();
    let found = reader.secret(&scope, SecretSystem::Webhook, "signing").await.expect("a vault");
    let (secret, _) = found.expect("the signing secret");
    STANDARD.decode(secret.expose().trim_start_matches("whsec_")).expect("base64")
}

async fn waiting(life: &Life) -> i64 {
    let mut reader = life.store.read().await.expect("a database that answers");
    reader.inbox_waiting(&app::rig::scope()).await.expect("an inbox").0
}

fn refused(answer: &Accept, wanted: u16) {
    assert!(matches!(answer, Accept::Refused { status, .. } if *status == wanted), "{answer:?}");
}

/// Posts everything bad that can be made of one message of ShipBob, and then the message itself, twice.
async fn post_everything(life: &Life, hook: &OutgoingWebhook) -> u16 {
    let key = secret(life).await;
    let genuine = Post::genuine(hook);
    let with = |change: fn(&mut Post)| {
        let mut post = Post::genuine(hook);
        change(&mut post);
        post
    };
    refused(&with(|p| p.token = "nobody".to_owned()).to(life).await, 404);
    refused(&with(|p| p.signature = None).to(life).await, 401);
    refused(&with(|p| p.signature = Some("v1,%%%".to_owned())).to(life).await, 401);
    refused(&with(|p| p.body = b"garbage".to_vec()).to(life).await, 401);
    refused(&with(|p| p.body = vec![0xff, 0xfe, 0x80]).to(life).await, 401);
    refused(&with(|p| p.body = vec![b'x'; 1024 * 1024 + 1]).to(life).await, 413);
    refused(&with(|p| p.seconds += 1).to(life).await, 401);
    refused(&Post::signed(hook, "other", b"another secret", |_| {}).to(life).await, 401);

    let posts = [
        Post::signed(hook, "garbage", &key, |p| p.body = b"{\"id\": \"?".to_vec()),
        Post::signed(hook, "bytes", &key, |p| p.body = vec![0xff, 0xfe, 0x80]),
        Post::signed(hook, "deep", &key, |p| p.body = vec![b'['; 100_000]),
        Post::signed(hook, "stranger", &key, |p| {
            p.body = br#"{"id": 999999999, "shipments": []}"#.to_vec()
        }),
        Post::signed(hook, "old", &key, |p| p.seconds -= 10 * 3_600),
        Post::signed(hook, "older", &key, |p| p.seconds -= 40 * 3_600),
        Post::signed(hook, "early", &key, |p| p.seconds += 3_600),
    ];
    for post in &posts {
        assert_eq!(post.to(life).await, Accept::Stored, "{}", post.id);
    }
    let before = waiting(life).await;
    assert_eq!(genuine.to(life).await, Accept::Stored);
    assert_eq!(waiting(life).await, before + 1, "stored");
    assert_eq!(genuine.to(life).await, Accept::Stored);
    assert_eq!(waiting(life).await, before + 1, "stored once");
    204
}

#[tokio::test]
async fn bad_webhooks_do_no_harm_and_good_ones_count_once() {
    let clean = clean().await;
    let scene = Scene::new(setup()).await;
    let life = scene.start().await;
    let twins = scene.world.twins.clone();
    let mut posted = 0;
    while posted < 12 {
        let due = twins.take_webhooks();
        for hook in due {
            let status = post_everything(&life, &hook).await;
            twins.webhook_result(hook.attempt_id, Some(status));
            posted += 1;
        }
        life.moment().await.expect("a life without faults");
    }
    let run = life.run(LIFE).await;
    life.stop().await;
    assert!(run.is_ok(), "{run:?}; replay: {}", scene.setup.replay());
    let trail = unharmed(&scene, &clean).await;
    for words in [
        "A webhook was refused (the signature matches no secret of this address)",
        "A webhook was refused (no webhook-signature header)",
        "A webhook was refused (the body is larger than 1 MiB)",
        "could not be read",
        "ShipBob order(s) named by webhooks are not ours",
        "older than 36 hours or ahead of our clock",
    ] {
        told(&trail, words);
    }
}

#[tokio::test]
async fn webhooks_that_cannot_be_stored_come_again() {
    let clean = clean().await;
    let scene = Scene::new(setup()).await;
    let faults = proofs::Disturbed::new(|step| match step.name {
        "intake.webhooks" if step.number % 2 == 0 => store::FaultAction::Error,
        _ => store::FaultAction::Proceed,
    });
    let faults = std::sync::Arc::new(faults);
    let life = scene
        .start_with(proofs::Faults {
            store: Some(std::sync::Arc::clone(&faults) as _),
            network: None,
        })
        .await;
    let run = life.run(LIFE).await;
    life.stop().await;
    assert!(run.is_ok(), "{run:?}; replay: {}", scene.setup.replay());
    assert!(!faults.hits().is_empty(), "some could not be stored");
    unharmed(&scene, &clean).await;
}

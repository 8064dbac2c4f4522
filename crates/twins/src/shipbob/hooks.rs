//! Webhooks: messages made from what happens, signed, delivered at least once, retried, disabled.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{OutgoingWebhook, life, render};
use crate::world::World;
use crate::world::calendar::{DAY, HOUR, MINUTE, SECOND};
use crate::world::faults::WebhookFault;
use crate::world::ledger::{System, effect};

/// Wait before the 2nd, 3rd, … attempt, each after the failure before it. Not paced.
const RETRIES: &[i64] =
    &[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];
/// A receiver that has not answered by then has failed.
const PATIENCE: i64 = 15 * SECOND;
/// An endpoint that fails for so long is disabled.
const DISABLED_AFTER: i64 = 5 * DAY;

/// A subscription.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) topics: Vec<String>,
    pub(super) description: Option<String>,
    pub(super) secret: String,
    pub(super) enabled: bool,
    pub(super) created_at: i64,
    /// First failure since the last success.
    failing_since: Option<i64>,
}

impl Subscription {
    pub(super) fn new(id: String, url: String, topics: Vec<String>, secret: String) -> Self {
        Self {
            id,
            url,
            topics,
            description: None,
            secret,
            enabled: true,
            created_at: 0,
            failing_since: None,
        }
    }
}

/// One message to one subscription.
#[derive(Clone, Debug)]
struct Message {
    subscription: String,
    webhook_id: String,
    topic: &'static str,
    body: Vec<u8>,
    /// When the first attempt was made.
    first_sent: Option<i64>,
    /// Attempts made.
    attempts: usize,
}

/// Subscriptions and messages on their way.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) made: u64,
    /// By (due, sequence).
    waiting: BTreeMap<(i64, u64), Message>,
    /// By attempt id: (deadline, message).
    flying: BTreeMap<u64, (i64, Message)>,
    sequence: u64,
    attempts: u64,
}

impl Hooks {
    pub(super) fn pending(&self) -> usize {
        self.waiting.len() + self.flying.len()
    }

    fn put(&mut self, due: i64, message: Message) {
        self.sequence += 1;
        self.waiting.insert((due, self.sequence), message);
    }

    /// Drops everything on its way to a subscription that is gone or disabled.
    pub(super) fn drop_messages(&mut self, subscription: &str) {
        self.waiting.retain(|_, message| message.subscription != subscription);
    }
}

/// When the next delivery is due or the next unanswered one is given up.
pub(crate) fn next_webhook(world: &World) -> Option<i64> {
    let hooks = &world.shipbob.hooks;
    let due = hooks.waiting.first_key_value().map(|((due, _), _)| *due);
    // Deadlines grow with attempt ids.
    let given_up = hooks.flying.first_key_value().map(|(_, (deadline, _))| *deadline);
    [due, given_up].into_iter().flatten().min()
}

/// Makes the messages for something that happened to a shipment.
pub(super) fn emit(world: &mut World, shipment: usize, topic: &'static str) {
    if world.config.tenant.hooks_off {
        return;
    }
    let wanted = |one: &&Subscription| one.enabled && one.topics.iter().any(|of| of == topic);
    let receivers: Vec<String> =
        world.shipbob.hooks.subscriptions.iter().filter(wanted).map(|one| one.id.clone()).collect();
    let Some(about) = life::about(world, shipment) else { return };
    let Some(one) = world.shipbob.shipments.get_mut(shipment) else { return };
    one.messages += 1;
    let key = format!("{}/{}/{topic}/{}", about.reference, about.ordinal, one.messages);
    if receivers.is_empty() {
        return;
    }
    let body = payload(world, shipment, topic);
    tell(world, &key, topic, receivers, &body);
}

/// Makes the messages for something else that happened; `key` names it.
pub(super) fn emit_about(world: &mut World, key: &str, topic: &'static str, body: &Value) {
    if world.config.tenant.hooks_off {
        return;
    }
    let wanted = |one: &&Subscription| one.enabled && one.topics.iter().any(|of| of == topic);
    let receivers: Vec<String> =
        world.shipbob.hooks.subscriptions.iter().filter(wanted).map(|one| one.id.clone()).collect();
    tell(world, &format!("{key}/{topic}"), topic, receivers, body);
}

fn tell(world: &mut World, key: &str, topic: &'static str, receivers: Vec<String>, body: &Value) {
    let body = body.to_string().into_bytes();
    for receiver in receivers {
        let key = format!("{key}/{receiver}");
        let message = Message {
            webhook_id: format!("msg_{}", world.chance.hex("webhook-id", &key, 27)),
            subscription: receiver,
            topic,
            body: body.clone(),
            first_sent: None,
            attempts: 0,
        };
        send(world, &key, message);
    }
}

fn send(world: &mut World, key: &str, message: Message) {
    let now = world.now;
    match world.faults.webhook(world.chance, message.topic, key) {
        None => world.shipbob.hooks.put(now, message),
        Some(WebhookFault::Lose) => {
            let detail = json!({"topic": message.topic});
            let id = message.webhook_id;
            world.ledger.record(now, System::ShipBob, effect::WEBHOOK_LOST, id, detail);
        }
        Some(WebhookFault::Duplicate) => {
            world.shipbob.hooks.put(now, message.clone());
            world.shipbob.hooks.put(now, message);
        }
        Some(WebhookFault::Delay { micros }) => {
            let (id, detail) = (message.webhook_id.clone(), json!({"micros": micros}));
            world.ledger.record(now, System::ShipBob, effect::WEBHOOK_DELAYED, id, detail);
            world.shipbob.hooks.put(now.saturating_add(micros), message);
        }
    }
}

/// The order for `order.shipped`, the shipment for everything else.
fn payload(world: &World, shipment: usize, topic: &str) -> Value {
    let Some(one) = world.shipbob.shipments.get(shipment) else { return Value::Null };
    if topic == "order.shipped" && !world.config.tenant.payload_shipment {
        let order = world.shipbob.orders.get(one.order);
        return order.map_or(Value::Null, |order| render::order(world, order));
    }
    render::shipment(world, one)
}

/// Hands out what is due.
pub(crate) fn take_webhooks(world: &mut World) -> Vec<OutgoingWebhook> {
    give_up(world);
    let mut out = Vec::new();
    loop {
        let first = world.shipbob.hooks.waiting.first_key_value().map(|(key, _)| *key);
        let Some(key) = first.filter(|(due, _)| *due <= world.now) else { break };
        let Some(message) = world.shipbob.hooks.waiting.remove(&key) else { break };
        out.extend(fly(world, message));
    }
    out
}

fn fly(world: &mut World, mut message: Message) -> Option<OutgoingWebhook> {
    let now = world.now;
    let per_attempt = world.config.tenant.stamp_per_attempt;
    let skew = world.config.tenant.skew_micros();
    let hooks = &mut world.shipbob.hooks;
    let to = hooks.subscriptions.iter().find(|one| one.id == message.subscription)?;
    if !to.enabled {
        return None;
    }
    let first = *message.first_sent.get_or_insert(now);
    let stamped = if per_attempt { now } else { first };
    let seconds = stamped.saturating_add(skew).div_euclid(SECOND).to_string();
    let signature = sign(&to.secret, &message.webhook_id, &seconds, &message.body);
    let url = to.url.clone();
    message.attempts += 1;
    hooks.attempts += 1;
    let attempt_id = hooks.attempts;
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", &message.webhook_id),
        ("webhook-timestamp", &seconds),
        ("webhook-signature", &signature),
        ("x-webhook-topic", message.topic),
        ("user-agent", "ShipBob-Webhooks/1.0"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let detail = json!({"topic": message.topic, "attempt": message.attempts});
    let id = message.webhook_id.clone();
    world.ledger.record(now, System::ShipBob, effect::WEBHOOK_SENT, id, detail);
    let body = message.body.clone();
    world.shipbob.hooks.flying.insert(attempt_id, (now.saturating_add(PATIENCE), message));
    Some(OutgoingWebhook { attempt_id, url, headers, body })
}

/// `v1,<base64 of HMAC-SHA256 over id.timestamp.body>`; the key is the decoded secret.
pub(super) fn sign(secret: &str, id: &str, seconds: &str, body: &[u8]) -> String {
    let key = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = STANDARD.decode(key).unwrap_or_default();
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(seconds.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// The receiver's answer to an attempt. Unknown or late answers are ignored.
pub(crate) fn webhook_result(world: &mut World, attempt_id: u64, status: Option<u16>) {
    give_up(world);
    if let Some((_, message)) = world.shipbob.hooks.flying.remove(&attempt_id) {
        settle(world, message, status);
    }
}

/// Settles the attempts nobody answered in time.
fn give_up(world: &mut World) {
    while let Some((attempt, (deadline, _))) = world.shipbob.hooks.flying.first_key_value() {
        if *deadline > world.now {
            return;
        }
        let attempt = *attempt;
        if let Some((_, message)) = world.shipbob.hooks.flying.remove(&attempt) {
            settle(world, message, None);
        }
    }
}

fn settle(world: &mut World, message: Message, status: Option<u16>) {
    let now = world.now;
    let id = message.webhook_id.clone();
    let success = status.is_some_and(|status| (200..300).contains(&status));
    let hooks = &mut world.shipbob.hooks;
    let to = hooks.subscriptions.iter_mut().find(|one| one.id == message.subscription);
    let Some(to) = to else { return };
    if success {
        to.failing_since = None;
        let entry = effect::WEBHOOK_ACKNOWLEDGED;
        world.ledger.record(now, System::ShipBob, entry, id, Value::Null);
        return;
    }
    let since = *to.failing_since.get_or_insert(now);
    let receiver = to.id.clone();
    let disable = to.enabled && now.saturating_sub(since) >= DISABLED_AFTER;
    if disable {
        to.enabled = false;
    }
    let enabled = to.enabled;
    let detail = json!({"status": status, "attempt": message.attempts});
    world.ledger.record(now, System::ShipBob, effect::WEBHOOK_FAILED, id, detail);
    if disable {
        world.shipbob.hooks.drop_messages(&receiver);
        let entry = effect::SUBSCRIPTION_DISABLED;
        world.ledger.record(now, System::ShipBob, entry, receiver, Value::Null);
    }
    let wait = message.attempts.checked_sub(1).and_then(|nth| RETRIES.get(nth));
    if let Some(wait) = wait.filter(|_| enabled) {
        world.shipbob.hooks.put(now.saturating_add(*wait), message);
    }
}

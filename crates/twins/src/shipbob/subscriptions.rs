//! `webhook`: creating, listing and deleting subscriptions. There is no update and no enable.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::catalogue::{cursor, next_cursor};
use super::errors;
use super::hooks::Subscription;
use super::query::Query;
use super::strict::{self, FILLED, Field, Kind, TEXT, optional, required};
use crate::world::World;
use crate::world::breaks::Break;
use crate::world::calendar;
use crate::world::exchange::{TwinRequest, TwinResponse, decode};
use crate::world::ledger::{System, effect};

const BODY: &[Field] = &[
    required("url", FILLED),
    required("topics", Kind::Texts { min: 1 }),
    optional("description", TEXT),
    optional("secret", TEXT),
];

/// The topics of this version; anything else is a 422.
const TOPICS: &[&str] = &[
    "order.shipped",
    "order.shipment.delivered",
    "order.shipment.exception",
    "order.shipment.on_hold",
    "order.shipment.cancelled",
    "return.created",
    "return.updated",
    "return.completed",
    "billing.charge.created",
    "billing.refund.created",
    "billing.credit.created",
];

/// Topics of later versions, which one tenant's version takes as well.
const LATER: &[&str] = &["wro.created", "wro.updated", "wro.completed"];

fn unprocessable(message: &str) -> TwinResponse {
    errors::aspnet(422, "UnprocessableEntity", message)
}

/// `POST webhook`.
pub(super) fn create(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let body = match checked(world, request) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let topics: Vec<String> = body
        .get("topics")
        .and_then(Value::as_array)
        .map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    world.shipbob.hooks.made += 1;
    let nth = world.shipbob.hooks.made.to_string();
    let made = || {
        let bytes: [u8; 24] = world.chance.bytes("secret", &nth);
        format!("whsec_{}", STANDARD.encode(bytes))
    };
    let secret = text("secret").unwrap_or_else(made);
    let id = world.chance.digits("subscription", &nth, 12);
    let mut subscription =
        Subscription::new(id.clone(), text("url").unwrap_or_default(), topics, secret.clone());
    subscription.description = text("description");
    subscription.created_at = world.now;
    let mut reply = shown(world, &subscription);
    if let Value::Object(reply) = &mut reply {
        reply.remove("enabled");
        reply.insert("secret".to_owned(), Value::String(secret));
    }
    let detail = json!({"topics": subscription.topics});
    world.shipbob.hooks.subscriptions.push(subscription);
    let entry = effect::SUBSCRIPTION_CREATED;
    world.ledger.record(world.now, System::ShipBob, entry, id, detail);
    TwinResponse::json(201, &reply)
}

fn checked(world: &World, request: &TwinRequest) -> Result<Map<String, Value>, TwinResponse> {
    let Ok(body) = strict::object(&request.body) else {
        return Err(errors::aspnet(400, "BadRequest", "The body is not a JSON object"));
    };
    let mut faults = errors::Faults::new();
    strict::check(&body, BODY, "", &mut faults);
    if let Some((field, messages)) = faults.first_key_value() {
        let message = format!("{field}: {}", messages.join(" "));
        return Err(errors::aspnet(400, "BadRequest", &message));
    }
    let url = body.get("url").and_then(Value::as_str).unwrap_or_default();
    if !is_allowed(url) {
        return Err(unprocessable("The url must be an absolute https address"));
    }
    let topics = body.get("topics").and_then(Value::as_array).cloned().unwrap_or_default();
    let later = world.config.tenant.wro_topics;
    let taken = |topic: &str| TOPICS.contains(&topic) || (later && LATER.contains(&topic));
    let known = |topic: &&Value| topic.as_str().is_some_and(taken);
    if let Some(unknown) = topics.iter().find(|topic| !known(topic)) {
        return Err(unprocessable(&format!("Unknown topic {unknown}")));
    }
    let secret = body.get("secret").and_then(Value::as_str);
    if secret.is_some_and(|secret| !is_secret(secret)) {
        return Err(unprocessable("The secret does not match ^whsec_[a-zA-Z0-9+/]{32}$"));
    }
    Ok(body)
}

/// A subscription of the connector that has failed for days, where that is broken.
pub(super) fn leave_disabled(world: &mut World) {
    if !world.broken(Break::SubscriptionDisabled) {
        return;
    }
    let topics = TOPICS.iter().take(5).map(|topic| (*topic).to_owned()).collect();
    let url = "https://connector.example/hooks/gone".to_owned();
    let id = world.chance.digits("subscription", "disabled", 12);
    let secret =
        format!("whsec_{}", STANDARD.encode(world.chance.bytes::<24>("secret", "disabled")));
    let mut one = Subscription::new(id, url, topics, secret);
    one.description = Some("ml-connector".to_owned());
    one.enabled = false;
    one.created_at = world.now;
    world.shipbob.hooks.subscriptions.push(one);
}

/// HTTPS; plain HTTP only on this machine.
fn is_allowed(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    let here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

fn is_secret(secret: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    secret.strip_prefix("whsec_").is_some_and(|key| key.len() == 32 && key.chars().all(plain))
}

fn shown(world: &World, one: &Subscription) -> Value {
    let created = one.created_at.saturating_add(world.config.tenant.skew_micros());
    json!({
        "id": one.id,
        "url": one.url,
        "topics": one.topics,
        "description": one.description,
        "enabled": one.enabled && !world.broken(Break::SubscriptionDisabled),
        "created_at": calendar::offset_7(created),
    })
}

/// `GET webhook`: never with the secret; `next` is a bare token.
pub(super) fn list(world: &World, request: &TwinRequest) -> TwinResponse {
    let parsed = Query::parse(request, &["RecordsPerPage", "Cursor"], &[])
        .and_then(|query| Ok((query.whole("RecordsPerPage", 1, 250)?, cursor(&query))));
    let (per_page, start) = match parsed {
        Ok((per_page, Some(start))) => (per_page.unwrap_or(50), start),
        Ok((_, None)) => return errors::map(400, "Cursor", "The cursor is not valid."),
        Err(refusal) => return refusal,
    };
    let per_page = usize::try_from(per_page).unwrap_or(50);
    let all = &world.shipbob.hooks.subscriptions;
    let items: Vec<Value> =
        all.iter().skip(start).take(per_page).map(|one| shown(world, one)).collect();
    let next = next_cursor(start, items.len(), all.len());
    TwinResponse::json(200, &json!({"items": items, "next": next, "prev": Value::Null}))
}

/// `DELETE webhook/{id}`.
pub(super) fn delete(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let id = decode(request.path.rsplit('/').next().unwrap_or_default());
    let hooks = &mut world.shipbob.hooks;
    let before = hooks.subscriptions.len();
    hooks.subscriptions.retain(|one| one.id != id);
    if hooks.subscriptions.len() == before {
        return TwinResponse::empty(404);
    }
    hooks.drop_messages(&id);
    let entry = effect::SUBSCRIPTION_DELETED;
    world.ledger.record(world.now, System::ShipBob, entry, id, Value::Null);
    TwinResponse::empty(204)
}

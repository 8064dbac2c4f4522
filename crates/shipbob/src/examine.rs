//! The doctor's look at an account, and drift's look at its answers. Reads only; every answer is
//! kept, none ends the look unless the rest would say the same.

use crate::client::ShipBob;
use crate::query::Url;
use crate::send::Channel;
use crate::webhook::TOPICS;
use crate::{convert, interpret, wire};
use domain::doctor::{Access, Hook, ShipBobFacts};
use domain::drift::{ShipBobContract, ShipBobLive};
use domain::ids::CentreId;
use domain::operation::Lane;
use domain::time::Timestamp;
use serde_json::Value;
use transport::{Method, Response};

/// The name our subscriptions carry at ShipBob.
const OURS: &str = "ml-connector";

/// A location as the doctor sees it.
struct Centre {
    id: CentreId,
    name: String,
    active: bool,
    closed: Option<&'static str>,
}

fn centre(wire: wire::Named) -> Option<Centre> {
    let closed = if wire.access_granted.flag() == Some(false) {
        Some("ShipBob grants this account no access to it")
    } else if wire.is_shipping_enabled.flag() == Some(false) {
        Some("nothing ships from it")
    } else {
        None
    };
    let active = wire.is_active.flag() != Some(false);
    Some(Centre { id: CentreId(wire.id.whole()?), name: wire.name.or_empty(), active, closed })
}

/// Lists drift looks into, and the object each holds.
const LISTS: [(&str, &str); 4] = [
    ("order", "Order"),
    ("channel", "Channel"),
    ("location", "Location"),
    ("shipping-method", "ShippingMethod"),
];

impl ShipBob {
    /// Looks at everything orders and fulfilment need. `step` hears what is done next.
    pub async fn examine(&self, now: Timestamp, step: &(dyn Fn(&str) + Sync)) -> ShipBobFacts {
        let mut facts = ShipBobFacts::default();
        step("ShipBob: channels");
        let url = self.url("channel").with("RecordsPerPage", "250");
        let reply = self.look(&mut facts, "channels_read", url, Channel::None, now).await;
        facts.channels = list(reply.as_ref(), convert::channel);
        let through = |access: Option<&Access>| {
            matches!(
                access,
                Some(
                    Access::Good
                        | Access::Denied { .. }
                        | Access::Absent { .. }
                        | Access::Failed { .. }
                )
            )
        };
        if !through(facts.scopes.get("channels_read")) {
            return facts;
        }
        step("ShipBob: orders");
        let url = self.url("order").with("Page", "1").with("Limit", "1");
        self.look(&mut facts, "orders_read", url, Channel::Ours, now).await;
        step("ShipBob: products");
        let url = self.url("product").with("PageSize", "1");
        self.look(&mut facts, "products_read", url, Channel::None, now).await;
        step("ShipBob: fulfilment centres");
        let url = self.url("location");
        let reply = self.look(&mut facts, "locations_read", url, Channel::None, now).await;
        let centres = list(reply.as_ref(), centre);
        let active = centres.map(|all| all.into_iter().filter(|one| one.active));
        facts.centres = active.map(|all| {
            all.map(|one| {
                facts.closed_centres.extend(one.closed.map(|why| (one.id, why)));
                (one.id, one.name)
            })
            .collect()
        });
        step("ShipBob: shipping methods");
        let url = self.url("shipping-method").with("Limit", "250");
        // Which scope this call needs is not published: its answer is no proof of one.
        let reply = self.look(&mut facts, "", url, Channel::None, now).await;
        facts.scopes.remove("");
        facts.methods = list(reply.as_ref(), |wire: wire::Named| {
            Some((wire.active.flag() != Some(false), wire.name.text()?))
        })
        .map(|all| all.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect());
        step("ShipBob: webhook subscriptions");
        let url = self.url("webhook").with("RecordsPerPage", "250");
        let reply = self.look(&mut facts, "webhooks_read", url, Channel::None, now).await;
        facts.hooks = list(reply.as_ref(), hook);
        facts
    }

    /// Asks one entry of each list the switched-on flows read; nothing when the account could not be entered.
    pub async fn examine_scopes(
        &self,
        now: Timestamp,
        scopes: &[&str],
        facts: &mut ShipBobFacts,
        step: &(dyn Fn(&str) + Sync),
    ) {
        if !facts.scopes.contains_key("orders_read") {
            return;
        }
        for scope in scopes {
            let url = match *scope {
                "inventory_read" => self.url("inventory-level/locations").with("PageSize", "1"),
                "returns_read" => self.url("return").with("Limit", "1"),
                "receiving_read" => self.url("receiving").with("Limit", "1"),
                _ => continue,
            };
            step(&format!("ShipBob: what {scope} opens"));
            self.look(facts, scope, url, Channel::None, now).await;
        }
    }

    /// Topics the connector subscribes to.
    pub fn topics() -> Vec<String> {
        TOPICS.iter().map(|topic| (*topic).to_owned()).collect()
    }

    /// One page of every list, and which fields and literals of the contract it shows.
    pub async fn live_contract(
        &self,
        contract: &ShipBobContract,
        step: &(dyn Fn(&str) + Sync),
    ) -> ShipBobLive {
        let mut live = ShipBobLive::default();
        for (path, object) in LISTS {
            step(&format!("ShipBob: {path}"));
            let (url, channel) = match path {
                "order" => {
                    let url = self.url(path).with("Page", "1").with("Limit", "250");
                    // Every channel of the account: the more answers, the more is compared.
                    (url.with("SortOrder", "Newest"), Channel::None)
                }
                "channel" => (self.url(path).with("RecordsPerPage", "250"), Channel::None),
                "shipping-method" => (self.url(path).with("Limit", "250"), Channel::None),
                _ => (self.url(path), Channel::None),
            };
            match self.answer(url, channel).await {
                Ok(reply) if reply.is_success() => {
                    let items: Option<Vec<Value>> = interpret::entries(&reply).ok().map(|e| {
                        let read =
                            e.items.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok());
                        read.collect()
                    });
                    match items {
                        Some(items) => {
                            items.iter().for_each(|item| seen(&mut live, contract, object, item));
                        }
                        None => _ = live.unread.insert(path.to_owned(), "no list".to_owned()),
                    }
                }
                Ok(reply) => {
                    live.unread.insert(path.to_owned(), format!("status {}", reply.status));
                }
                Err(access) => _ = live.unread.insert(path.to_owned(), words(&access)),
            }
        }
        live
    }

    /// One call of the look; its reply when it is a success.
    async fn look(
        &self,
        facts: &mut ShipBobFacts,
        scope: &str,
        url: Url,
        channel: Channel,
        now: Timestamp,
    ) -> Option<Response> {
        let (access, reply) = match self.answer(url, channel).await {
            Ok(reply) => (access(&reply), Some(reply)),
            Err(access) => (access, None),
        };
        if let Some(reply) = &reply {
            let left = reply.header("x-remaining-calls").and_then(|n| n.trim().parse().ok());
            facts.remaining = [facts.remaining, left].into_iter().flatten().min();
            facts.clock = facts.clock.or(reply.server_date().map(|theirs| (theirs, now)));
        }
        let good = access == Access::Good;
        facts.scopes.insert(scope.to_owned(), access);
        reply.filter(|_| good)
    }

    async fn answer(&self, url: Url, channel: Channel) -> Result<Response, Access> {
        let request = self.request(Method::Get, url, channel, "examine");
        if self.inner.limiter.may_send(Lane::Background).is_err() {
            return Err(Access::OwnLimit);
        }
        self.exchange(request).await.map_err(|error| Access::Away { why: error.to_string() })
    }
}

fn words(access: &Access) -> String {
    match access {
        Access::Away { why } => why.clone(),
        _ => "our own rate limit is reached".to_owned(),
    }
}

fn access(reply: &Response) -> Access {
    let status = reply.status;
    match status {
        200..300 if reply.is_json() => Access::Good,
        401 | 403 => Access::Denied { status },
        404 => Access::Absent { status },
        429 => Access::Throttled,
        400..500 => Access::Failed { status },
        500.. if reply.is_json() => Access::Failed { status },
        _ => Access::Away { why: format!("{status} without JSON") },
    }
}

fn list<W, T>(reply: Option<&Response>, convert: impl Fn(W) -> Option<T>) -> Option<Vec<T>>
where
    W: for<'de> serde::Deserialize<'de>,
{
    let entries = interpret::entries(reply?).ok()?;
    let items = entries.items.iter().filter_map(|raw| serde_json::from_str(raw.get()).ok());
    Some(items.filter_map(convert).collect())
}

fn hook(wire: wire::Webhook) -> Option<Hook> {
    Some(Hook {
        url: wire.url.or_empty(),
        topics: wire.topics.into_iter().filter_map(wire::Scalar::text).collect(),
        enabled: wire.enabled.flag().unwrap_or(true),
        named: wire.description.text().is_some_and(|text| text == OURS),
    })
}

/// Walks an answer along the contract: which fields are there, which literals stand in enums.
fn seen(live: &mut ShipBobLive, contract: &ShipBobContract, object: &str, value: &Value) {
    let (Some(fields), Value::Object(here)) = (contract.objects.get(object), value) else { return };
    *live.counted.entry(object.to_owned()).or_default() += 1;
    for (field, kind) in fields {
        let Some(value) = here.get(field) else { continue };
        live.fields.entry(object.to_owned()).or_default().insert(field.clone());
        let kind = kind.split_whitespace().next().unwrap_or_default();
        let inner = kind.trim_start_matches('[').trim_end_matches(']');
        let many = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for one in many {
            if let (true, Value::String(text)) = (contract.enums.contains_key(inner), one) {
                live.literals.entry(inner.to_owned()).or_default().insert(text.clone());
            }
            seen(live, contract, inner, one);
        }
    }
}

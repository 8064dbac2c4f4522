//! A client without manners: builds requests by hand, so that it can also be wrong.

use futures::executor::block_on;
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use twins::{FaultLevel, Tenant, TwinConfig, Twins};

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) struct Client {
    pub(crate) twins: Twins,
    pub(crate) token: String,
    pub(crate) channel: Option<String>,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// `None` = the connection broke inside the body.
    pub(crate) bytes: Option<Vec<u8>>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        let bytes = self.bytes.as_ref().expect("the body broke off");
        serde_json::from_slice(bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A small quiet world.
pub(crate) fn config() -> TwinConfig {
    TwinConfig { orders: 0, faults: FaultLevel::None, ..TwinConfig::default() }
}

pub(crate) fn client(config: TwinConfig) -> Client {
    let twins = Twins::new(config);
    let credentials = twins.credentials();
    Client { token: credentials.pat, channel: Some(credentials.channel_id.to_string()), twins }
}

pub(crate) fn tenant(name: &str) -> Client {
    client(TwinConfig { tenant: Tenant::named(name).unwrap(), ..config() })
}

impl Client {
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/2026-01/{path}"))
            .header("authorization", format!("Bearer {}", self.token));
        if let Some(channel) = &self.channel {
            request = request.header("shipbob_channel_id", channel);
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let request = request.body(axum::body::Body::from(body)).unwrap();
        block_on(async {
            let reply = self.twins.shipbob().oneshot(request).await.unwrap();
            let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
            let bytes = axum::body::to_bytes(reply.into_body(), usize::MAX).await;
            Reply { status, headers, bytes: bytes.ok().map(|bytes| bytes.to_vec()) }
        })
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.call("GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path, Some(body))
    }

    pub(crate) fn ok(&self, path: &str) -> Value {
        let reply = self.get(path);
        assert_eq!(reply.status, 200, "{path}: {:?}", reply.bytes.map(String::from_utf8));
        reply.json()
    }

    /// Creates an order and returns it.
    pub(crate) fn create(&self, body: &Value) -> Value {
        let reply = self.post("order", body);
        assert_eq!(reply.status, 201, "{:?}", reply.bytes.map(String::from_utf8));
        reply.json()
    }

    /// The order of a reference as the list shows it.
    pub(crate) fn order(&self, reference: &str) -> Value {
        let all = self.ok(&format!("order?ReferenceIds={reference}"));
        assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
        all[0].clone()
    }

    pub(crate) fn pass(&self, micros: i64) {
        self.twins.advance(self.twins.now() + micros);
    }

    /// Jumps from event to event until nothing happens by itself, acknowledging every webhook.
    pub(crate) fn run_to_quiet(&self) {
        let mut steps = 0;
        while let Some(at) = self.twins.next_event() {
            self.twins.advance(at);
            for webhook in self.twins.take_webhooks() {
                self.twins.webhook_result(webhook.attempt_id, Some(200));
            }
            steps += 1;
            assert!(steps < 1_000_000, "the world never becomes quiet");
        }
    }

    /// Advances until the predicate holds for the order.
    pub(crate) fn run_until(&self, reference: &str, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let order = self.order(reference);
            if holds(&order) {
                return order;
            }
            let at = self.twins.next_event().expect("it never came true");
            self.twins.advance(at);
            for webhook in self.twins.take_webhooks() {
                self.twins.webhook_result(webhook.attempt_id, Some(200));
            }
        }
    }
}

/// A right order: two known products to an address at home.
pub(crate) fn order(reference: &str) -> Value {
    json!({
        "reference_id": reference,
        "order_number": reference,
        "shipping_method": "Standard",
        "type": "DTC",
        "location_id": 1,
        "recipient": {
            "name": "Jörg O'Neill",
            "address": {
                "address1": "100 Nowhere Blvd",
                "city": "Gotham City",
                "state": "NJ",
                "zip_code": "07093",
                "country": "US",
            },
        },
        "products": [
            {"reference_id": "A0001", "name": "Beans", "quantity": 12, "external_line_id": 1, "unit_price": 14.5},
            {"reference_id": "A0003", "name": "Dripper", "quantity": 2, "external_line_id": 2},
        ],
    })
}

pub(crate) fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

//! A pair of twins, asked like the real systems: plain HTTP, no code of the client.

use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use twins::{OutgoingWebhook, TwinConfig, TwinCredentials, Twins};

/// One reply.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn has(&self, header: &str) -> bool {
        self.headers.contains_key(header)
    }
}

pub(crate) struct Pair {
    twins: Twins,
    credentials: TwinCredentials,
    dynamics: Router,
    shipbob: Router,
    token: String,
}

impl Pair {
    /// A small world where a day passes in minutes, and a token for its F&O.
    pub(crate) async fn start() -> Self {
        Self::with(None).await
    }

    /// The same with ShipBob's own limit of calls.
    pub(crate) async fn limited() -> Self {
        Self::with(TwinConfig::default().shipbob_per_minute).await
    }

    async fn with(shipbob_per_minute: Option<u32>) -> Self {
        let pace = 60;
        // The standard tenant takes no id of a shipping service.
        let named = twins::Tenant::named("service-is-method-id");
        let tenant = named.unwrap_or_else(|| panic!("no such tenant profile"));
        let config = TwinConfig {
            orders: 40,
            pace,
            shipbob_per_minute,
            tenant,
            billing: true,
            returns: true,
            ..TwinConfig::default()
        };
        let twins = Twins::new(config);
        let (credentials, token) = (twins.credentials(), token(&twins).await);
        let (dynamics, shipbob) = (twins.dynamics(), twins.shipbob());
        Self { twins, credentials, dynamics, shipbob, token }
    }

    pub(crate) async fn fo(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut headers = vec![
            ("authorization", self.token.as_str()),
            ("accept", "application/json;odata.metadata=minimal"),
            ("odata-version", "4.0"),
            ("odata-maxversion", "4.0"),
        ];
        if !body.is_empty() && !more.iter().any(|(name, _)| *name == "content-type") {
            headers.push(("content-type", "application/json"));
        }
        headers.extend(more);
        let url = format!("{}{path}", self.credentials.dynamics_url);
        ask(&self.dynamics, method, &url, &headers, body.to_owned()).await
    }

    pub(crate) async fn fo_rows(&self, path: &str) -> Vec<Value> {
        let reply = self.fo("GET", path, &[], "").await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body["value"].as_array().cloned().unwrap_or_default()
    }

    /// `path` without the version; with the channel header unless `channel` is false.
    pub(crate) async fn sb(&self, method: &str, path: &str, channel: bool, body: &str) -> Reply {
        let token = format!("Bearer {}", self.credentials.pat);
        let id = self.credentials.channel_id.to_string();
        let mut headers = vec![("authorization", token.as_str())];
        if channel {
            headers.push(("shipbob_channel_id", &id));
        }
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        let url = format!("{}/2026-01/{path}", self.credentials.shipbob_url);
        ask(&self.shipbob, method, &url, &headers, body.to_owned()).await
    }

    /// Lets `micros` of the world's time pass, event by event, and takes every webhook as received.
    pub(crate) fn pass(&self, micros: i64) -> Vec<OutgoingWebhook> {
        let until = self.twins.now() + micros;
        let mut hooks = Vec::new();
        while let Some(at) = self.twins.next_event().filter(|at| *at <= until) {
            self.twins.advance(at);
            for hook in self.twins.take_webhooks() {
                self.twins.webhook_result(hook.attempt_id, Some(200));
                hooks.push(hook);
            }
        }
        self.twins.advance(until);
        hooks
    }

    /// Tokens live an hour of the world's time.
    pub(crate) async fn log_in(&mut self) {
        self.token = token(&self.twins).await;
    }
}

async fn token(twins: &Twins) -> String {
    let credentials = twins.credentials();
    let entra = format!("/{}/oauth2/v2.0/token", credentials.tenant_id);
    let scope = credentials.dynamics_url.replace(':', "%3A").replace('/', "%2F");
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope={scope}%2F.default",
        credentials.client_id, credentials.client_secret
    );
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let reply = ask(&twins.entra(), "POST", &entra, &kind, form).await;
    assert_eq!(reply.status, 200, "no token: {}", reply.body);
    format!("Bearer {}", reply.body["access_token"].as_str().unwrap_or_default())
}

async fn ask(
    router: &Router,
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Reply {
    let mut request = axum::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body)).unwrap_or_else(|e| panic!("{url}: {e}"));
    let answer = router.clone().oneshot(request).await.unwrap_or_else(|e| panic!("{url}: {e}"));
    let (parts, body) = answer.into_parts();
    let bytes = body.collect().await.unwrap_or_else(|e| panic!("{url}: {e}")).to_bytes();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Reply { status: parts.status.as_u16(), headers: parts.headers, body }
}

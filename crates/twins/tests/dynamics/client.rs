//! A bare client of the F&O twin: no connector code, so that both can be wrong independently.

use axum::body::Body;
use http::Request;
use serde_json::Value;
use tower::ServiceExt as _;
use twins::{FaultLevel, Tenant, TwinConfig, Twins};

pub(crate) const NS: &str = "Microsoft.Dynamics.DataEntities";

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn rows(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["value"].as_array().expect("value").clone()
    }
}

pub(crate) struct Client {
    pub(crate) twins: Twins,
    token: Option<String>,
    host: Option<&'static str>,
}

pub(crate) fn config(tenant: &str) -> TwinConfig {
    TwinConfig {
        seed: 7,
        orders: 300,
        tenant: Tenant::named(tenant).expect("tenant"),
        faults: FaultLevel::None,
        pasted: 3,
        ..TwinConfig::default()
    }
}

impl Client {
    pub(crate) async fn new(config: TwinConfig) -> Self {
        Self { twins: Twins::new(config), token: None, host: None }
    }

    /// A fresh token, unless a test brought its own.
    async fn token(&self) -> String {
        if let Some(token) = &self.token {
            return token.clone();
        }
        let credentials = self.twins.credentials();
        let scope = format!("{}/.default", credentials.dynamics_url);
        let reply = token(&self.twins, &credentials.client_id, &scope).await.json();
        reply["access_token"].as_str().expect("token").to_owned()
    }

    pub(crate) async fn standard() -> Self {
        Self::new(config("standard")).await
    }

    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn with_host(mut self, host: &'static str) -> Self {
        self.host = Some(host);
        self
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {}", self.token().await));
        if let Some(host) = self.host {
            request = request.header("host", host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("request");
        let response = self.twins.dynamics().oneshot(request).await.expect("reply");
        let status = response.status().as_u16();
        let content_type = response
            .headers()
            .get("content-type")
            .map_or("", |value| value.to_str().expect("text"))
            .to_owned();
        assert!(response.headers().contains_key("date"));
        let body =
            axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("body").to_vec();
        Reply { status, content_type, body }
    }

    /// `target` may hold spaces and quotes; they are encoded here.
    pub(crate) async fn get(&self, target: &str) -> Reply {
        self.send("GET", &encode(target), &[], Vec::new()).await
    }

    pub(crate) async fn patch(&self, target: &str, if_match: Option<&str>, body: Value) -> Reply {
        let headers: Vec<(&str, &str)> =
            if_match.map(|etag| ("if-match", etag)).into_iter().collect();
        self.send("PATCH", &encode(target), &headers, body.to_string().into_bytes()).await
    }

    pub(crate) async fn post(&self, target: &str, body: Value) -> Reply {
        let headers = [("content-type", "application/json")];
        self.send("POST", &encode(target), &headers, body.to_string().into_bytes()).await
    }

    pub(crate) async fn batch(&self, body: &str) -> Reply {
        let headers = [("content-type", "multipart/mixed; boundary=batch_a")];
        self.send("POST", "/data/$batch", &headers, body.as_bytes().to_vec()).await
    }

    /// The number of the first order of a category.
    pub(crate) fn of_category(&self, category: &str) -> String {
        let truth = self.twins.truth();
        let found = truth.orders.iter().find(|order| order.category == category);
        found.unwrap_or_else(|| panic!("no order of category {category}")).order_number.clone()
    }

    /// The first ordinary order with a plain fate.
    pub(crate) fn ordinary(&self) -> String {
        let truth = self.twins.truth();
        let plain = |order: &&twins::OrderTruth| {
            order.category == "ordinary" && order.fate == twins::Fate::Plain
        };
        truth.orders.iter().find(plain).expect("an ordinary order").order_number.clone()
    }

    pub(crate) async fn header(&self, number: &str) -> Value {
        let filter = format!(
            "dataAreaId eq 'usmf' and SalesOrderNumber eq '{}'",
            number.replace('\'', "''")
        );
        let rows = self.get(&format!("/data/SalesOrderHeadersV2?cross-company=true&$filter={filter}&$expand=SalesOrderLines")).await;
        rows.rows().into_iter().next().expect("the order")
    }

    pub(crate) async fn bi(&self, set: &str, number: &str) -> Vec<Value> {
        let filter = format!("dataAreaId eq 'usmf' and SalesId eq '{number}'");
        self.get(&format!("/data/{set}?cross-company=true&$filter={filter}")).await.rows()
    }
}

/// Percent-encodes what may not stand in a request target.
pub(crate) fn encode(target: &str) -> String {
    let mut out = String::new();
    for c in target.chars() {
        match c {
            ' ' => out.push_str("%20"),
            '"' => out.push_str("%22"),
            '#' => out.push_str("%23"),
            c if c.is_ascii() => out.push(c),
            c => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    out
}

pub(crate) async fn token(twins: &Twins, client: &str, scope: &str) -> Reply {
    let credentials = twins.credentials();
    token_with(twins, client, &credentials.client_secret, scope).await
}

pub(crate) async fn token_with(twins: &Twins, client: &str, secret: &str, scope: &str) -> Reply {
    let credentials = twins.credentials();
    let body = format!(
        "grant_type=client_credentials&client_id={client}&client_secret={secret}&scope={}",
        scope.replace(':', "%3A").replace('/', "%2F")
    );
    let request = Request::post(format!("/{}/oauth2/v2.0/token", credentials.tenant_id))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .expect("request");
    let response = twins.entra().oneshot(request).await.expect("reply");
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("body").to_vec();
    Reply { status, content_type: String::new(), body }
}

//! The console as a browser, a program and an attacker meet it: the real router over samples.

mod access;
mod api;
mod colours;
mod connect;
mod flows;
mod hall;
mod hooks;
mod html;
mod pages;
mod printed;
mod settings;
mod words;

use crate::sample::{NOW, Sample, TOKEN, World, state};
use crate::state::ConsoleState;
use axum::Router;
use axum::body::Body;
use domain::time::Timestamp;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tower::ServiceExt;

/// A running console, the sample behind it, and a clock that a test may turn.
struct Site {
    router: Router,
    sample: Arc<Sample>,
    clock: Arc<AtomicI64>,
    cookie: Option<String>,
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Site {
    fn new(world: World) -> Self {
        Self::with(world, |_| ())
    }

    fn with(world: World, change: impl FnOnce(&mut ConsoleState)) -> Self {
        let sample = Arc::new(Sample::new(world));
        let clock = Arc::new(AtomicI64::new(NOW.0));
        let mut given = state(Arc::clone(&sample));
        let now = Arc::clone(&clock);
        given.now = Arc::new(move || Timestamp(now.load(Ordering::Relaxed)));
        change(&mut given);
        Self { router: crate::router(given), sample, clock, cookie: None }
    }

    /// A site with an open session.
    async fn entered(world: World) -> Self {
        let mut site = Self::new(world);
        site.enter().await;
        site
    }

    async fn enter(&mut self) {
        let reply = self.get(&format!("/?token={TOKEN}")).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        let cookie = reply.header("set-cookie");
        self.cookie = cookie.split(';').next().map(str::to_owned);
    }

    async fn send(&self, mut request: Request<Body>) -> Reply {
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        let reply = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = reply.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form the way a browser does.
    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(pairs.join("&")))
            .unwrap();
        self.send(request).await
    }
}

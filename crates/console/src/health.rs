//! For machines: is the process alive, can it work, and how does it count.
//!
//! A remote system in trouble makes a part *not ok* and never the whole *not ready*: a restart
//! would not heal it.

use crate::guard;
use crate::state::{App, Inner};
use crate::status::{EngineSnapshot, SystemSnapshot};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(whole))
        .route("/health/ready", get(whole))
        .route("/health/live", get(live))
        .route("/metrics", get(metrics))
}

/// One part of the whole.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    name: &'static str,
    ok: bool,
    why: Option<String>,
}

/// The answer of `/health`.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    live: bool,
    ready: bool,
    version: String,
    parts: Vec<Part>,
}

pub(crate) async fn check(app: &Inner) -> Health {
    let database = app.given.books.alive().await.err().map(|error| error.to_string());
    let mut parts = vec![Part { name: "database", ok: database.is_none(), why: database }];
    let mut ready = parts.iter().all(|part| part.ok);
    let several = app.house().len() > 1;
    for one in app.house() {
        let engine = one.status.snapshot();
        let mine = [
            owner(&engine),
            system("dynamics", &engine.dynamics),
            system("shipbob", &engine.shipbob),
        ];
        ready &= mine.iter().take(1).all(|part| part.ok);
        // Anybody may ask: which connection it is has no place here where there are several.
        parts.extend(mine.into_iter().filter(|part| !several || !part.ok).map(|mut part| {
            part.why = part.why.filter(|_| !several).or(several.then(|| HIDDEN.to_owned()));
            part
        }));
    }
    Health { live: true, ready, version: app.given.status.snapshot().version, parts }
}

/// Instead of the cause, where it may be another organisation's.
const HIDDEN: &str = "one of the connections; its page System says more";

fn owner(engine: &EngineSnapshot) -> Part {
    let why = engine.owner.is_none().then(|| "no node owns this connection".to_owned());
    Part { name: "engine", ok: why.is_none(), why }
}

fn system(name: &'static str, system: &SystemSnapshot) -> Part {
    let why = system.trouble.as_ref().map(|t| format!("{} (since {})", t.why, t.since));
    Part { name, ok: why.is_none(), why }
}

async fn whole(State(app): State<App>) -> Response {
    let health = check(&app).await;
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health)).into_response()
}

async fn live() -> Response {
    Json(serde_json::json!({ "live": true })).into_response()
}

async fn metrics(State(app): State<App>, request: Request) -> Response {
    if !app.given.open_metrics && !guard::has_token(&app, &request) {
        return crate::api::problem(
            StatusCode::UNAUTHORIZED,
            "access-token",
            "send the access token: Authorization: Bearer …",
        );
    }
    let text = (app.given.metrics)();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

//! The door for business events of Dynamics: `POST /events/{path_token}`. Nothing signs them; the
//! unguessable path is the key, and what they say is only ever a hint to poll now.

use crate::hooks::answer_of;
use crate::state::App;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use http::StatusCode;

/// Longest body taken, in bytes: events are thin by the vendor's design.
pub(crate) const BODY_LIMIT: usize = 64 * 1024;
/// Longest path token looked at.
const TOKEN_LIMIT: usize = 128;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/events/{path_token}", post(take))
}

async fn take(State(app): State<App>, Path(path_token): Path<String>, body: Body) -> Response {
    if path_token.len() > TOKEN_LIMIT {
        return crate::hooks::answer("refused", StatusCode::NOT_FOUND, "no such event address");
    }
    let Ok(bytes) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        let words = "the body may have 64 KiB";
        return crate::hooks::answer("too_large", StatusCode::PAYLOAD_TOO_LARGE, words);
    };
    answer_of(app.given.webhook.event(&path_token, bytes).await)
}

//! The door for webhooks: `POST /hooks/{path_token}`. It limits the size and answers; whether a
//! message is genuine and where it is kept is decided by [`WebhookIntake`].

use crate::state::App;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, http};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, StatusCode, header};

/// Longest body taken, in bytes.
pub(crate) const BODY_LIMIT: usize = 1 << 20;
/// Longest path token looked at.
const TOKEN_LIMIT: usize = 128;

/// What became of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accept {
    /// Committed.
    Stored,
    /// Was committed before.
    Duplicate,
    /// Not genuine or not ours; `status` is a 4xx, `why` tells the sender's developer what to do.
    Refused {
        /// HTTP status.
        status: u16,
        /// Without secrets.
        why: String,
    },
    /// Cannot be kept now; the sender should try again.
    Unavailable,
}

/// Verifies and keeps webhooks. Answers [`Accept::Stored`] only after the commit.
pub trait WebhookIntake: Send + Sync {
    /// Takes one message exactly as received.
    fn accept(&self, path_token: &str, headers: &HeaderMap, body: Bytes) -> BoxFuture<'_, Accept>;

    /// Takes one business event of Dynamics.
    fn event(&self, path_token: &str, body: Bytes) -> BoxFuture<'_, Accept>;
}

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/hooks/{path_token}", post(take))
}

async fn take(
    State(app): State<App>,
    Path(path_token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if path_token.len() > TOKEN_LIMIT {
        return answer("refused", StatusCode::NOT_FOUND, "no such webhook address");
    }
    let Ok(bytes) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return answer("too_large", StatusCode::PAYLOAD_TOO_LARGE, "the body may have 1 MiB");
    };
    answer_of(app.given.webhook.accept(&path_token, &headers, bytes).await)
}

/// The reply to what became of a message.
pub(crate) fn answer_of(accept: Accept) -> Response {
    match accept {
        Accept::Stored => answer("stored", StatusCode::OK, "stored"),
        Accept::Duplicate => answer("duplicate", StatusCode::OK, "known already"),
        Accept::Refused { status, why } => {
            let status = StatusCode::from_u16(status)
                .ok()
                .filter(StatusCode::is_client_error)
                .unwrap_or(StatusCode::BAD_REQUEST);
            answer("refused", status, &why)
        }
        Accept::Unavailable => {
            let mut reply =
                answer("unavailable", StatusCode::SERVICE_UNAVAILABLE, "try again later");
            reply.headers_mut().insert(header::RETRY_AFTER, http::HeaderValue::from_static("30"));
            reply
        }
    }
}

pub(crate) fn answer(outcome: &'static str, status: StatusCode, words: &str) -> Response {
    metrics::counter!("console_webhooks_total", "outcome" => outcome).increment(1);
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], words.to_owned())
        .into_response()
}

//! The one HTTP seam. It owns how a request leaves and how a reply comes back: the real client
//! ([`HttpTransport`]), the in-process one ([`InProcess`]), fault points for proofs ([`Faulty`])
//! and the pure limiters ([`gate`]). It refuses to know what a request means, and it never
//! repeats one: repeating is decided by the engine, attempt by attempt.
//!
//! The invariant it keeps: [`TransportError::NotSent`] is only said when no byte of the request
//! can have reached the other side. Everything else is doubt ([`TransportError::Lost`]).
#![warn(missing_docs)]

mod faulty;
pub mod gate;
mod http_transport;
mod in_process;

pub use faulty::{FaultPoint, Faulty, SendFault};
pub use http_transport::{HttpOptions, HttpTransport, install_tls};
pub use in_process::InProcess;

use bytes::Bytes;
use domain::time::{Span, Timestamp};
use futures::future::BoxFuture;
use std::fmt;
use std::sync::Arc;

/// Replies larger than this many bytes (after decompression) are cut off and refused.
pub const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// HTTP methods the product uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Create or act.
    Post,
    /// Change in part.
    Patch,
    /// Replace.
    Put,
    /// Remove.
    Delete,
}

impl Method {
    /// As written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) fn to_http(self) -> http::Method {
        match self {
            Self::Get => http::Method::GET,
            Self::Post => http::Method::POST,
            Self::Patch => http::Method::PATCH,
            Self::Put => http::Method::PUT,
            Self::Delete => http::Method::DELETE,
        }
    }
}

/// One request, complete: nothing is added to it but `Host`, `Content-Length`, `User-Agent` and
/// `Accept-Encoding`.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Absolute URL, already encoded. It is sent letter by letter.
    pub url: String,
    /// Header names and values; may hold credentials, so they are never printed.
    pub headers: Vec<(String, String)>,
    /// Body; empty for none. May hold personal data, so it is never printed.
    pub body: Bytes,
    /// Longest time until the last byte of the reply.
    pub deadline: Span,
    /// Operation name for logs, metrics and fault points.
    pub label: &'static str,
}

impl Request {
    /// A request without headers and body and with a deadline of 30 s.
    pub fn new(method: Method, url: impl Into<String>, label: &'static str) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            deadline: Span::seconds(30),
            label,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body and its `content-type`.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// Sets the deadline.
    #[must_use]
    pub fn deadline(mut self, deadline: Span) -> Self {
        self.deadline = deadline;
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("label", &self.label)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// One reply, complete.
#[derive(Clone)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: http::HeaderMap,
    /// Body after decompression. May hold personal data, so it is never printed.
    pub body: Bytes,
}

impl Response {
    /// A reply made by hand, for tests and fault points.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: http::HeaderMap::new(), body: body.into() }
    }

    /// The first value of a header, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Status 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The reply calls itself JSON (`application/json`, `application/problem+json`, …).
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|v| v.to_ascii_lowercase().contains("json"))
    }

    /// The remote's own clock when it answered, where it says so (whole seconds).
    pub fn server_date(&self) -> Option<Timestamp> {
        self.header("date").and_then(Timestamp::parse_http_date)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why there is no reply. The words never hold a URL, a header or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No byte of the request has left: refused connection, unknown host, failed TLS handshake.
    #[error("not sent: {why}")]
    NotSent {
        /// The cause in words.
        why: String,
    },
    /// Bytes may have left: time-out, reset, reply cut. The effect may have happened.
    #[error("reply lost: {why}")]
    Lost {
        /// The cause in words.
        why: String,
    },
    /// The reply is larger than the limit. The effect may have happened.
    #[error("reply larger than {limit} bytes")]
    TooLarge {
        /// Largest allowed size in bytes.
        limit: usize,
    },
    /// A fault point stopped the process; said by [`Faulty`] in proofs only.
    #[error("stopped by a fault point")]
    Crashed,
}

/// Sends one request and returns its reply. Implementations do not retry, follow redirects or
/// keep cookies.
pub trait Transport: Send + Sync {
    /// Sends `request`. Dropping the future after its first poll leaves the effect in doubt.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        (**self).send(request)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        (**self).send(request)
    }
}

#[cfg(test)]
mod tests;

//! One request and one reply, as plain values.
//!
//! Both twins answer with a synchronous function `(&mut World, &TwinRequest) -> TwinResponse`. That is
//! what lets a late effect be replayed at its virtual moment, and keeps the lock away from every await.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

/// A request as it arrived. The path and query are still percent-encoded.
#[derive(Clone, Debug)]
pub(crate) struct TwinRequest {
    pub(crate) method: Method,
    /// Starts with `/`, without the query.
    pub(crate) path: String,
    /// Without the `?`; empty when there is none.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How far lists must lag behind the truth for this request (micros, normally 0): objects created
    /// later than `now - lag_micros` are missing from lists.
    pub(crate) lag_micros: i64,
    /// Replayed by a late effect: it was admitted (token, rate window) when it arrived.
    pub(crate) late: bool,
}

impl TwinRequest {
    /// A header as text; `None` when absent or not printable.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The token of `Authorization: Bearer …`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let value = self.header("authorization")?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// Query pairs in order, still encoded.
    pub(crate) fn raw_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }
}

/// Decodes percent-encoding and `+`; broken UTF-8 is replaced.
pub(crate) fn decode(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// How the body leaves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ReplyBody {
    Whole(Vec<u8>),
    /// The connection breaks before the first byte of the body.
    Aborted,
}

/// A reply before the front adds `Date`.
#[derive(Clone, Debug)]
pub(crate) struct TwinResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: ReplyBody,
}

impl TwinResponse {
    /// No body, no content type.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: ReplyBody::Whole(Vec::new()) }
    }

    /// `application/json; charset=utf-8`. Use [`TwinResponse::with`] for other headers.
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::bytes(status, "application/json; charset=utf-8", value.to_string().into_bytes())
    }

    pub(crate) fn html(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\r\n<html><head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body></html>\r\n"
        );
        Self::bytes(status, "text/html", page.into_bytes())
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        Self::bytes(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
    }

    pub(crate) fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: ReplyBody::Whole(body),
        }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body_len(&self) -> usize {
        match &self.body {
            ReplyBody::Whole(bytes) => bytes.len(),
            ReplyBody::Aborted => 0,
        }
    }
}

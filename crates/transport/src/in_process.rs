//! Requests answered inside this process by tower services, chosen by the URL's host. Proofs and
//! the demo run on it; a body that breaks off is a lost reply, as on a real connection.

use crate::{BODY_LIMIT, Request, Response, Transport, TransportError};
use bytes::{Bytes, BytesMut};
use futures::future::{BoxFuture, FutureExt};
use http_body_util::{BodyExt, Full};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::pin::pin;
use tower::{Service, ServiceExt};

type Answer = BoxFuture<'static, Result<Response, TransportError>>;
type Route = Box<dyn Fn(http::Request<Full<Bytes>>, usize) -> Answer + Send + Sync>;

/// Hosts and the services that answer for them.
pub struct InProcess {
    routes: BTreeMap<String, Route>,
    limit: usize,
}

impl Default for InProcess {
    fn default() -> Self {
        Self { routes: BTreeMap::new(), limit: BODY_LIMIT }
    }
}

impl InProcess {
    /// Knows no host yet: every request is [`TransportError::NotSent`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Largest reply in bytes.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Lets `service` answer for `authority` (`host` or `host:port`, as in the URL). An
    /// `axum::Router` is such a service.
    #[must_use]
    pub fn route<S, B>(mut self, authority: &str, service: S) -> Self
    where
        S: Service<http::Request<Full<Bytes>>, Response = http::Response<B>>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Error: Display,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Display,
    {
        let answer = move |request, limit| {
            let service = service.clone();
            async move {
                let response = service
                    .oneshot(request)
                    .await
                    .map_err(|e| TransportError::Lost { why: e.to_string() })?;
                read(response, limit).await
            }
            .boxed()
        };
        self.routes.insert(authority.to_ascii_lowercase(), Box::new(answer));
        self
    }
}

async fn read<B>(response: http::Response<B>, limit: usize) -> Result<Response, TransportError>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Display,
{
    let (parts, body) = response.into_parts();
    let mut body = pin!(body);
    let mut whole = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| TransportError::Lost { why: e.to_string() })?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + joined.len() + data.len() > limit {
            return Err(TransportError::TooLarge { limit });
        }
        if whole.is_empty() && joined.is_empty() {
            whole = data; // the usual single frame is passed on without a copy
        } else {
            if joined.is_empty() {
                joined.extend_from_slice(&whole);
                whole.clear();
            }
            joined.extend_from_slice(&data);
        }
    }
    let body = if joined.is_empty() { whole } else { joined.freeze() };
    Ok(Response { status: parts.status.as_u16(), headers: parts.headers, body })
}

fn convert(request: Request) -> Result<(String, http::Request<Full<Bytes>>), TransportError> {
    let refused = |why: String| TransportError::NotSent { why };
    let uri: http::Uri =
        request.url.parse().map_err(|e| refused(format!("{}: not a URL: {e}", request.label)))?;
    let authority = uri
        .authority()
        .map(|a| a.as_str().to_ascii_lowercase())
        .ok_or_else(|| refused(format!("{}: the URL names no host", request.label)))?;
    let mut builder = http::Request::builder()
        .method(request.method.to_http())
        .uri(uri)
        .header(http::header::HOST, &authority)
        .header(http::header::CONTENT_LENGTH, request.body.len());
    for (name, value) in &request.headers {
        builder = builder.header(name.as_str(), value.as_str());
    }
    let request = builder
        .body(Full::new(request.body))
        .map_err(|e| refused(format!("{}: not a request: {e}", request.label)))?;
    Ok((authority, request))
}

impl Transport for InProcess {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let (authority, request) = match convert(request) {
            Ok(done) => done,
            Err(e) => return futures::future::ready(Err(e)).boxed(),
        };
        match self.routes.get(&authority) {
            Some(route) => route(request, self.limit),
            None => {
                let why = format!("no service answers for {authority} in this process");
                futures::future::ready(Err(TransportError::NotSent { why })).boxed()
            }
        }
    }
}

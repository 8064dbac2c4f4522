//! The real client. The only place that knows reqwest: no redirects, no cookies, no retries (the
//! engine repeats, attempt by attempt), replies limited in size, a deadline per request.

use crate::{BODY_LIMIT, Request, Response, Transport, TransportError};
use bytes::{Bytes, BytesMut};
use futures::future::{BoxFuture, FutureExt};
use std::error::Error as _;
use std::time::Duration;

/// How the real client behaves for all its requests.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// `User-Agent`; the edges of both vendors want one.
    pub user_agent: String,
    /// Largest reply in bytes, after decompression.
    pub body_limit: usize,
    /// Longest time to open a connection, in seconds.
    pub connect_seconds: u64,
}

impl HttpOptions {
    /// 16 MiB per reply, 10 s to connect.
    pub fn new(user_agent: impl Into<String>) -> Self {
        Self { user_agent: user_agent.into(), body_limit: BODY_LIMIT, connect_seconds: 10 }
    }
}

/// The real client; keeps connections open between requests.
pub struct HttpTransport {
    client: reqwest::Client,
    limit: usize,
}

/// Installs the TLS provider of the process. The second call changes nothing.
pub fn install_tls() {
    // The error only says that a provider is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
}

impl HttpTransport {
    /// Builds the client. An error names what the machine lacks (usually root certificates).
    pub fn new(options: &HttpOptions) -> Result<Self, TransportError> {
        install_tls();
        let client = reqwest::Client::builder()
            .user_agent(&options.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .gzip(true)
            .connect_timeout(Duration::from_secs(options.connect_seconds))
            .build()
            .map_err(|e| TransportError::NotSent {
                why: format!("the HTTP client cannot start: {}", words(e)),
            })?;
        Ok(Self { client, limit: options.body_limit })
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let label = request.label;
        let micros = u64::try_from(request.deadline.0).unwrap_or(0);
        let mut builder = self
            .client
            .request(request.method.to_http(), &request.url)
            .timeout(Duration::from_micros(micros));
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if !request.body.is_empty() {
            builder = builder.body(request.body);
        } else if request.method == crate::Method::Post {
            // Some edges answer 411 to a POST that does not say its length.
            builder = builder.header(http::header::CONTENT_LENGTH, "0");
        }
        let mut reply = builder.send().await.map_err(|e| classify(label, e))?;
        let status = reply.status().as_u16();
        let headers = std::mem::take(reply.headers_mut());
        let body = self.read(label, reply).await?;
        Ok(Response { status, headers, body })
    }

    async fn read(
        &self,
        label: &str,
        mut reply: reqwest::Response,
    ) -> Result<Bytes, TransportError> {
        let mut body = BytesMut::new();
        loop {
            match reply.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.limit => {
                    return Err(TransportError::TooLarge { limit: self.limit });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body.freeze()),
                // The status line was here, so the request certainly left.
                Err(e) => {
                    return Err(TransportError::Lost {
                        why: format!("{label}: the reply broke off: {}", words(e)),
                    });
                }
            }
        }
    }
}

fn classify(label: &str, error: reqwest::Error) -> TransportError {
    let unsent = error.is_connect() || error.is_builder();
    let timeout = error.is_timeout();
    let why = format!("{label}: {}", words(error));
    if unsent {
        TransportError::NotSent { why }
    } else if timeout {
        TransportError::Lost { why: format!("{why} (no reply before the deadline)") }
    } else {
        TransportError::Lost { why }
    }
}

/// The error and its causes without the URL, which may hold numbers of orders.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.exchange(request).boxed()
    }
}

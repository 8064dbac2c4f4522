//! The client talking to the twins, with every request kept.

use std::sync::{Arc, Mutex};

use domain::time::Timestamp;
use futures::future::BoxFuture;
use percent_encoding::percent_decode_str;
use transport::gate::NoLimit;
use transport::{InProcess, Request, Response, Transport, TransportError};
use twins::{TwinConfig, TwinCredentials, Twins};

/// Answers from the twins and keeps what was asked.
pub(crate) struct Recorder {
    inner: InProcess,
    seen: Mutex<Vec<Request>>,
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.seen.lock().unwrap_or_else(|e| panic!("{e}")).push(request.clone());
        self.inner.send(request)
    }
}

/// A world, the clients of it, and the record of what they said.
pub(crate) struct Client {
    pub(crate) twins: Twins,
    pub(crate) credentials: TwinCredentials,
    pub(crate) dynamics: dynamics::Dynamics,
    pub(crate) shipbob: shipbob::ShipBob,
    recorder: Arc<Recorder>,
}

fn host(url: &str) -> &str {
    url.trim_start_matches("https://")
}

impl Client {
    pub(crate) fn start() -> Self {
        Self::start_in(TwinConfig::default())
    }

    /// In a world with these switches.
    pub(crate) fn start_in(config: TwinConfig) -> Self {
        let config = TwinConfig {
            orders: 40,
            pace: 60,
            shipbob_per_minute: None,
            billing: true,
            returns: true,
            ..config
        };
        let twins = Twins::new(config);
        let c = twins.credentials();
        let inner = InProcess::new()
            .route(host(&c.login_url), twins.entra())
            .route(host(&c.dynamics_url), twins.dynamics())
            .route(host(&c.shipbob_url), twins.shipbob());
        let recorder = Arc::new(Recorder { inner, seen: Mutex::default() });
        let agent = "ml-connector".to_owned();
        let dynamics = dynamics::Dynamics::new(
            recorder.clone(),
            Arc::new(NoLimit),
            dynamics::Config {
                base: c.dynamics_url.clone(),
                authority: format!("{}/{}/oauth2/v2.0/token", c.login_url, c.tenant_id),
                client_id: c.client_id.clone(),
                scope: format!("{}/.default", c.dynamics_url),
                company: c.company.as_str().into(),
                page: 10,
                user_agent: agent.clone(),
            },
            dynamics::ClientSecret::new(&c.client_secret),
        );
        let shipbob = shipbob::ShipBob::new(
            recorder.clone(),
            Arc::new(NoLimit),
            shipbob::Config {
                base: c.shipbob_url.clone(),
                version: "2026-01".to_owned(),
                channel: domain::ids::ChannelId(c.channel_id),
                user_agent: agent,
            },
            shipbob::Token::new(&c.pat),
        );
        Self { twins, credentials: c, dynamics, shipbob, recorder }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.twins.now())
    }

    /// Lets the world live for `micros`; webhooks are lost.
    pub(crate) fn pass(&self, micros: i64) {
        let until = self.twins.now() + micros;
        while let Some(at) = self.twins.next_event().filter(|at| *at <= until) {
            self.twins.advance(at);
            for hook in self.twins.take_webhooks() {
                self.twins.webhook_result(hook.attempt_id, Some(200));
            }
        }
        self.twins.advance(until);
    }

    /// What was said so far.
    pub(crate) fn said(&self) -> Vec<Said> {
        let seen = self.recorder.seen.lock().unwrap_or_else(|e| panic!("{e}"));
        seen.iter().map(Said::of).collect()
    }
}

/// One request, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) method: String,
    pub(crate) host: String,
    /// Decoded.
    pub(crate) path: String,
    /// Names and decoded values.
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Said {
    fn of(request: &Request) -> Self {
        let headers = request.headers.iter().map(|(n, v)| (n.to_lowercase(), v.clone())).collect();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        Self::new(request.method.as_str(), &request.url, headers, body)
    }

    fn new(method: &str, url: &str, headers: Vec<(String, String)>, body: String) -> Self {
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let rest = host(url);
        let (host, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let pair = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (plain(name), plain(value))
        };
        Self {
            method: method.to_owned(),
            host: host.to_owned(),
            path: plain(path),
            query: query.split('&').filter(|part| !part.is_empty()).map(pair).collect(),
            headers,
            body,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The requests inside a `$batch`.
    pub(crate) fn parts(&self) -> Vec<Self> {
        let lines: Vec<&str> = self.body.split("\r\n").collect();
        let starts = lines.iter().enumerate().filter_map(|(at, line)| {
            let (method, rest) = line.strip_suffix(" HTTP/1.1")?.split_once(' ')?;
            Some((at, method, rest))
        });
        starts
            .map(|(at, method, url)| {
                let head = lines[at + 1..].iter().take_while(|line| !line.is_empty());
                let headers: Vec<(String, String)> = head
                    .filter_map(|line| line.split_once(": "))
                    .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                    .collect();
                let body = lines[at + 2 + headers.len()..].iter();
                let body = body.take_while(|line| !line.starts_with("--"));
                let body = body.copied().collect::<Vec<_>>().join("\n").trim().to_owned();
                Self::new(method, url, headers, body)
            })
            .collect()
    }
}

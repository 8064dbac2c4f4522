//! A scripted F&O for the tests of this crate: hand-made replies, recorded requests, a limiter
//! that counts.

use crate::{ClientSecret, Config, Dynamics};
use bytes::Bytes;
use domain::ids::Company;
use domain::operation::Lane;
use domain::time::Timestamp;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex};
use transport::gate::{Limiter, Outcome};
use transport::{Request, Response, Transport, TransportError};

pub(crate) const NOW: Timestamp = Timestamp(1_900_000_000_000_000);
pub(crate) const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"abc"}"#;

pub(crate) type Reply = Result<Response, TransportError>;
type Answer = Box<dyn FnMut(&Request) -> Reply + Send>;

/// Answers token requests by itself and everything else from a script.
pub(crate) struct Script {
    pub(crate) seen: Mutex<Vec<Request>>,
    tokens: Mutex<VecDeque<Reply>>,
    answer: Mutex<Answer>,
}

impl Transport for Script {
    fn send(&self, request: Request) -> BoxFuture<'_, Reply> {
        let reply = if request.label == "dynamics.token" {
            let next = self.tokens.lock().unwrap().pop_front();
            next.unwrap_or_else(|| Ok(json(200, TOKEN)))
        } else {
            (self.answer.lock().unwrap())(&request)
        };
        self.seen.lock().unwrap().push(request);
        Box::pin(async move { reply })
    }
}

/// Counts permissions: those taken and those given back.
#[derive(Default)]
pub(crate) struct Counter {
    pub(crate) asked: Mutex<u32>,
    pub(crate) finished: Mutex<u32>,
    pub(crate) closed_until: Mutex<Option<Timestamp>>,
}

impl Limiter for Counter {
    fn may_send(&self, _: Lane) -> Result<(), Timestamp> {
        if let Some(at) = *self.closed_until.lock().unwrap() {
            return Err(at);
        }
        *self.asked.lock().unwrap() += 1;
        Ok(())
    }
    fn finished(&self, _: &Outcome) {
        *self.finished.lock().unwrap() += 1;
    }
}

pub(crate) struct Rig {
    pub(crate) script: Arc<Script>,
    pub(crate) counter: Arc<Counter>,
    pub(crate) dynamics: Dynamics,
}

impl Rig {
    /// `answer` gets every request to F&O.
    pub(crate) fn new(answer: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let script = Arc::new(Script {
            seen: Mutex::new(Vec::new()),
            tokens: Mutex::new(VecDeque::new()),
            answer: Mutex::new(Box::new(answer)),
        });
        let counter = Arc::new(Counter::default());
        let dynamics = Dynamics::new(
            Arc::clone(&script) as Arc<dyn Transport>,
            Arc::clone(&counter) as Arc<dyn Limiter>,
            config(),
            ClientSecret::new("s3cret~value"),
        );
        Self { script, counter, dynamics }
    }

    /// Every request to F&O gets the same `$batch` reply.
    pub(crate) fn batches(parts: Vec<String>) -> Self {
        Self::new(move |_| Ok(batch(&parts)))
    }

    pub(crate) fn token(self, reply: Reply) -> Self {
        self.script.tokens.lock().unwrap().push_back(reply);
        self
    }

    pub(crate) fn labels(&self) -> Vec<&'static str> {
        self.script.seen.lock().unwrap().iter().map(|r| r.label).collect()
    }

    pub(crate) fn bodies(&self, label: &str) -> Vec<String> {
        let seen = self.script.seen.lock().unwrap();
        seen.iter()
            .filter(|r| r.label == label)
            .map(|r| String::from_utf8(r.body.to_vec()).unwrap())
            .collect()
    }

    /// The engine asked once per call; all permissions must have come back.
    pub(crate) fn assert_balanced(&self, calls: u32) {
        let asked = calls + *self.counter.asked.lock().unwrap();
        assert_eq!(*self.counter.finished.lock().unwrap(), asked, "permissions answered");
    }
}

pub(crate) fn config() -> Config {
    Config {
        base: "https://env.operations.dynamics.com/".to_owned(),
        authority: "https://login.example/tenant/oauth2/v2.0/token".to_owned(),
        client_id: "client".to_owned(),
        scope: "https://env.operations.dynamics.com/.default".to_owned(),
        company: Company::new("usmf"),
        page: 3,
        user_agent: "test".to_owned(),
    }
}

pub(crate) fn run<F: Future>(future: F) -> F::Output {
    futures::executor::block_on(future)
}

pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    Response { status, headers: map, body: Bytes::from(body.to_owned()) }
}

pub(crate) fn json(status: u16, body: &str) -> Response {
    reply(status, &[("content-type", "application/json; charset=utf-8")], body)
}

pub(crate) fn html(status: u16) -> Response {
    reply(status, &[("content-type", "text/html")], "<html><body>Service unavailable</body></html>")
}

/// A `$batch` reply made of parts from [`part`] and [`change_set`].
pub(crate) fn batch(parts: &[String]) -> Response {
    let mut body = String::new();
    for part in parts {
        body.push_str("--batchresponse_1\r\n");
        body.push_str(part);
        body.push_str("\r\n");
    }
    body.push_str("--batchresponse_1--\r\n");
    reply(200, &[("content-type", "multipart/mixed; boundary=batchresponse_1")], &body)
}

/// One HTTP reply as a part.
pub(crate) fn part(status: u16, body: &str) -> String {
    part_with(status, &[("Content-Type", "application/json; odata.metadata=minimal")], body)
}

pub(crate) fn part_with(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!(
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nHTTP/1.1 {status} Some Words\r\n"
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text
}

/// A change set that was carried out.
pub(crate) fn change_set(parts: &[String]) -> String {
    let mut text =
        "Content-Type: multipart/mixed; boundary=\"changesetresponse_1\"\r\n\r\n".to_owned();
    for part in parts {
        text.push_str(&format!("--changesetresponse_1\r\n{part}\r\n"));
    }
    text.push_str("--changesetresponse_1--\r\n");
    text
}

pub(crate) fn rows(rows: &[&str]) -> String {
    format!("{{\"@odata.context\":\"x\",\"value\":[{}]}}", rows.join(","))
}

/// The usual error body, with the reason where F&O puts it.
pub(crate) fn infolog(words: &str) -> String {
    serde_json::json!({"error": {"code": "", "message": "An error has occurred.", "innererror": {
        "message": format!("Write failed for table row of type 'X'. Infolog: {words}"),
        "type": "Microsoft.Dynamics.Platform.Integration.Services.OData.AxODataWriteException",
        "stacktrace": "   at secret place"
    }}})
    .to_string()
}

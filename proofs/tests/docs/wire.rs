//! Reads every write off the wire of some lives: which fields went to which call.

use futures::future::BoxFuture;
use proofs::{Faults, LIFE, Scene, Setup};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use transport::{InProcess, Request, Response, Transport, TransportError};

/// (call, field): the label of a ShipBob call or the set of F&O, and the path inside the body.
pub(crate) type Seen = BTreeSet<(String, String)>;

/// Calls that write nothing of a flow.
const NO_FLOW: [&str; 4] = ["subscribe", "unsubscribe", "billing-transactions", "shipbob.token"];

struct Recorder {
    inner: InProcess,
    seen: Arc<Mutex<Seen>>,
}

impl Transport for Recorder {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.note(&request);
        self.inner.send(request)
    }
}

impl Recorder {
    fn note(&self, request: &Request) {
        let Ok(text) = std::str::from_utf8(&request.body) else { return };
        let mut seen = self.seen.lock().expect("one thread");
        if request.url.contains("/$batch") {
            batch(text, &mut seen);
        } else if let Ok(body) = serde_json::from_str::<Value>(text)
            && !NO_FLOW.contains(&request.label)
            && !request.url.contains("/query")
            && !request.url.contains(":query")
            && !request.label.starts_with("dynamics")
        {
            flat(request.label, "", &body, &mut seen);
        }
    }
}

/// The parts of a `$batch`: a request line, headers, a body of one line.
fn batch(text: &str, seen: &mut Seen) {
    let mut set = None;
    for line in text.lines() {
        let verb = line.split(' ').next().unwrap_or_default();
        if ["POST", "PATCH", "GET"].contains(&verb) {
            let path = line.split("/data/").nth(1).filter(|_| verb != "GET");
            set = path.and_then(|p| p.split(['(', ' ', '?']).next()).map(str::to_owned);
        } else if line.starts_with('{')
            && let (Some(set), Ok(body)) = (set.take(), serde_json::from_str::<Value>(line))
        {
            flat(&set, "", &body, seen);
        }
    }
}

fn flat(call: &str, path: &str, value: &Value, seen: &mut Seen) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flat(call, &path, member, seen);
            }
        }
        Value::Array(list) => {
            for one in list {
                match one {
                    Value::Object(_) => flat(call, &format!("{path}[]"), one, seen),
                    _ => drop(seen.insert((call.to_owned(), path.to_owned()))),
                }
            }
        }
        _ => drop(seen.insert((call.to_owned(), path.to_owned()))),
    }
}

/// Lives in worlds in which every write occurs.
pub(crate) async fn lived() -> Seen {
    let seen = Arc::new(Mutex::new(Seen::new()));
    for setup in [Setup::new(7, 150), Setup::new(5, 60).external()] {
        let scene = Scene::new(setup).await;
        let inner = scene.world.network();
        let network = Arc::new(Recorder { inner, seen: Arc::clone(&seen) });
        let life = scene.start_with(Faults { store: None, network: Some(network) }).await;
        life.run(LIFE).await.expect("a life that becomes quiet");
        life.stop().await;
    }
    Arc::try_unwrap(seen).map_or_else(
        |seen| seen.lock().expect("one thread").clone(),
        |seen| seen.into_inner().expect("one thread"),
    )
}

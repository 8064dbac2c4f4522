//! Reads every write off the wire of some lives: which fields went to which call.

use crate::fields::PACKAGE;
use app::stock::{settle, twin_adjustments, twin_inventory};
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
        let mut seen = self.seen.lock().expect("one thread");
        if let Some(columns) = columns(&request.body) {
            seen.extend(columns.map(|column| (PACKAGE.to_owned(), column.to_owned())));
            return;
        }
        let Ok(text) = std::str::from_utf8(&request.body) else { return };
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

/// Columns of the file of a data package: our zips are stored, so that its first line stands there as it is.
fn columns(body: &[u8]) -> Option<impl Iterator<Item = &str>> {
    let from = body.windows(17).position(|w| w == b"SALESORDERNUMBER,")?;
    let rest = body.get(from..)?;
    let line = rest.get(..rest.iter().position(|b| *b == b'\r')?)?;
    Some(std::str::from_utf8(line).ok()?.split(','))
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

fn stock(mut setup: Setup) -> Setup {
    setup.config.stock = true;
    setup
}

/// Charges are written while an order is open.
fn never_invoiced(mut setup: Setup) -> Setup {
    setup.config.never_invoiced = true;
    setup
}

/// Lives in worlds in which every write occurs.
pub(crate) async fn lived() -> Seen {
    let seen = Arc::new(Mutex::new(Seen::new()));
    for (setup, inventory) in [
        (Setup::new(7, 150), None),
        (Setup::new(5, 60).external(), None),
        (Setup::new(7, 12).skus(40), None),
        (stock(Setup::new(7, 12)), Some(twin_inventory())),
        (stock(Setup::new(7, 12).external()), Some(twin_adjustments())),
        (never_invoiced(Setup::new(5, 12).billing()), None),
    ] {
        let (charges, counted) = (setup.config.billing, inventory.is_some());
        let mut scene = Scene::new(setup).await;
        scene.settings.inventory = inventory;
        if charges {
            app::wiring::write_charges(&mut scene.settings, &scene.world.twins);
        }
        let inner = scene.world.network();
        let network = Arc::new(Recorder { inner, seen: Arc::clone(&seen) });
        let life = scene.start_with(Faults { store: None, network: Some(network) }).await;
        life.run(LIFE).await.expect("a life that becomes quiet");
        if counted {
            let nights = settle(&[&scene.world], &life.store, || life.rig.run_to_quiet(LIFE)).await;
            nights.expect("some nights");
        }
        life.stop().await;
    }
    Arc::try_unwrap(seen).map_or_else(
        |seen| seen.lock().expect("one thread").clone(),
        |seen| seen.into_inner().expect("one thread"),
    )
}

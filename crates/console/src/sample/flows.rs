//! Made-up flows: all on in most worlds, half of them in a new one.

use super::{World, ago};
use crate::model::{At, FlowFacts, Measure, PauseLine, Waiting};
use crate::status::FlowSnapshot;
use domain::operation::Flow;
use domain::time::Span;

/// What is on. A new world compares stock and reads bills, and has not begun with either.
fn on(world: World, flow: Flow) -> bool {
    world != World::New || !matches!(flow, Flow::Products | Flow::Returns)
}

/// Minutes since the last run.
fn minutes(flow: Flow) -> i64 {
    match flow {
        Flow::Orders => 0,
        Flow::Fulfilment => 4,
        Flow::Products => 12,
        Flow::Inventory => 460,
        Flow::Billing => 125,
        Flow::Returns => 22,
    }
}

/// Seconds until the next one.
fn seconds(flow: Flow) -> i64 {
    match flow {
        Flow::Orders => 12,
        Flow::Fulfilment => 191,
        Flow::Products => 2_880,
        Flow::Inventory => 58_733,
        Flow::Billing => 14_100,
        Flow::Returns => 480,
    }
}

/// Who stopped what.
pub(super) fn pauses(world: World) -> Vec<PauseLine> {
    if world != World::Paused {
        return Vec::new();
    }
    let why = "Count in Moreno Valley until Thursday, <ask Ada>";
    vec![PauseLine {
        flow: Some(Flow::Inventory),
        who: "Mara König".to_owned(),
        why: Some(why.to_owned()),
        since: ago(95),
    }]
}

/// What the engine says.
pub(super) fn snapshots(world: World) -> Vec<FlowSnapshot> {
    let refused = "ShipBob's billing: 403. Billing needs a token with billing_read";
    let of = |flow: Flow| {
        let paused = pauses(world).iter().any(|pause| pause.flow == Some(flow));
        let waits = world == World::Refused && flow == Flow::Returns;
        FlowSnapshot {
            flow,
            paused,
            last_run: None,
            next_run: (!paused && !waits).then(|| At(super::NOW + Span::seconds(seconds(flow)))),
            running: world == World::Calm && flow == Flow::Inventory,
            waits_for: waits.then(|| "ShipBob must be connected first".to_owned()),
            last_error: (world == World::Paused && flow == Flow::Billing)
                .then(|| (refused.to_owned(), ago(6))),
        }
    };
    Flow::ALL.into_iter().filter(|flow| on(world, *flow)).map(of).collect()
}

/// What the database says; `sends` are the writes of orders and of fulfilment.
pub(super) fn facts(world: World, (orders, fulfilment): (Waiting, Waiting)) -> Vec<FlowFacts> {
    let new = world == World::New;
    let busy = matches!(world, World::Busy | World::Paused);
    let of = |flow: Flow| {
        let to_write = match flow {
            Flow::Orders => orders,
            Flow::Fulfilment => fulfilment,
            Flow::Products if busy => Waiting { count: 3, oldest: Some(ago(2)) },
            _ => Waiting::default(),
        };
        let waits = match flow {
            _ if !busy => Vec::new(),
            Flow::Products => {
                vec![Measure::some(
                    2,
                    ("item waits for a person", "items wait for a person"),
                    "/holds",
                )]
            }
            Flow::Inventory => vec![
                Measure::some(1, ("journal to approve", "journals to approve"), "/stock"),
                Measure::some(1, ("shelf differs", "shelves differ"), "/stock"),
            ],
            Flow::Billing => {
                vec![Measure::some(1, ("invoice differs", "invoices differ"), "/finance")]
            }
            Flow::Returns => {
                vec![Measure::some(4, ("return is open", "returns are open"), "/returns")]
            }
            Flow::Orders | Flow::Fulfilment => Vec::new(),
        };
        // Orders and parcels are looked at in a new world, too; nothing else was.
        let read = !new || matches!(flow, Flow::Orders | Flow::Fulfilment);
        FlowFacts {
            flow,
            to_write,
            waits: waits.into_iter().flatten().collect(),
            last_run: read.then(|| At(ago(minutes(flow)).0 - Span::seconds(18))),
        }
    };
    Flow::ALL.into_iter().map(of).collect()
}

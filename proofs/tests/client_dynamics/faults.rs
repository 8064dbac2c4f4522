//! Disturbed calls: a read is right or an error; a write's reply never contradicts the ledger.

use crate::rig::{OVERLAP, Rig};
use domain::operation::Operation;
use domain::sales::SalesOrder;
use domain::time::{Span, Timestamp};
use dynamics::{CallError, ChangeCursors, WriteReply};
use std::collections::{BTreeSet, HashMap};
use twins::{Fault, FaultLevel, FaultPlan, RequestMatcher, System, TwinConfig, effect};

fn at_batch(nth: u32, fault: Fault) -> FaultLevel {
    let batch = RequestMatcher::endpoint(System::Dynamics, "$batch");
    FaultLevel::Custom(FaultPlan::scripted(vec![(batch, nth, fault)]))
}

const FAULTS: [Fault; 11] = [
    Fault::Throttle { seconds: Some(7) },
    Fault::Throttle { seconds: None },
    Fault::Failure { status: 500, html: false },
    Fault::Failure { status: 502, html: true },
    Fault::Failure { status: 503, html: true },
    Fault::Failure { status: 504, html: true },
    Fault::CutBody,
    Fault::LoseReply,
    Fault::Late { micros: 60_000_000, abort: true },
    Fault::Late { micros: 60_000_000, abort: false },
    Fault::Unauthorized,
];

#[tokio::test]
async fn a_disturbed_read_is_an_error_or_the_truth() {
    let clean = Rig::new(60);
    clean.pass(Span::seconds(1));
    let numbers = clean.numbers();
    let expected = clean.dynamics.read_orders(clean.now(), &numbers).await.expect("a read");
    for fault in FAULTS {
        let rig = Rig::new(60);
        rig.pass(Span::seconds(1));
        rig.twins.set_faults(at_batch(1, fault));
        let reads = rig.dynamics.read_orders(rig.now(), &numbers).await;
        match (fault, reads) {
            (Fault::Unauthorized, Ok(reads)) => assert_eq!(reads, expected),
            (Fault::Throttle { seconds }, Err(CallError::Throttled { after })) => {
                assert_eq!(after, seconds.map(|s| Span::seconds(i64::from(s))));
            }
            (Fault::CutBody, Err(CallError::Unavailable { .. } | CallError::Malformed { .. }))
            | (
                Fault::Failure { .. } | Fault::LoseReply | Fault::Late { .. },
                Err(CallError::Unavailable { .. }),
            ) => {}
            (fault, reads) => panic!("{fault:?}: {reads:?}"),
        }
        let again = rig.dynamics.read_orders(rig.now(), &numbers).await.expect("a read");
        assert_eq!(again, expected);
    }
}

fn notes(orders: &[SalesOrder], round: usize) -> Vec<Operation> {
    let note = |order: &SalesOrder| Operation::WriteNote {
        order: order.number.clone(),
        description: format!("ShipBob shipment {round}"),
        text: "text".to_owned(),
        existing: None,
        document_id: String::new(),
    };
    orders.iter().map(note).collect()
}

/// How often each (order in lower case, description) stands in the ledger.
fn written(rig: &Rig) -> HashMap<(String, String), usize> {
    let mut counts = HashMap::new();
    for entry in rig.twins.ledger().of(effect::NOTE_WRITTEN) {
        let description =
            entry.detail.get("description").and_then(|d| d.as_str()).unwrap_or_default();
        *counts.entry((entry.key.to_lowercase(), description.to_owned())).or_default() += 1;
    }
    counts
}

fn agree(rig: &Rig, orders: &[SalesOrder], round: usize, replies: &[WriteReply]) {
    let written = written(rig);
    for (order, reply) in orders.iter().zip(replies) {
        let key = (order.number.as_str().to_lowercase(), format!("ShipBob shipment {round}"));
        let count = written.get(&key).copied().unwrap_or_default();
        match reply {
            WriteReply::Done => assert_eq!(count, 1, "{}: done", order.number),
            WriteReply::InDoubt { .. } => assert!(count <= 1, "{}: in doubt", order.number),
            other => assert_eq!(count, 0, "{}: {other:?}", order.number),
        }
    }
}

async fn all(rig: &Rig) -> Vec<SalesOrder> {
    let reads = rig.dynamics.read_orders(rig.now(), &rig.numbers()).await.expect("a read");
    reads.read.into_iter().filter_map(|read| read.order).collect()
}

#[tokio::test]
async fn what_is_said_of_a_disturbed_write_agrees_with_the_ledger_also_after_it_settled() {
    for fault in FAULTS {
        let rig = Rig::new(30);
        rig.pass(Span::seconds(1));
        let orders = all(&rig).await;
        rig.twins.set_faults(at_batch(1, fault));
        let replies = rig.dynamics.write(rig.now(), &notes(&orders, 1)).await;
        assert_eq!(replies.len(), orders.len());
        let doubts = replies.iter().filter(|r| matches!(r, WriteReply::InDoubt { .. })).count();
        match fault {
            Fault::Throttle { .. } | Fault::Unauthorized => assert_eq!(doubts, 0),
            Fault::CutBody => assert!(doubts > 0 && doubts < replies.len(), "{doubts}"),
            _ => assert_eq!(doubts, replies.len(), "{fault:?}"),
        }
        rig.pass(Span::seconds(181));
        agree(&rig, &orders, 1, &replies);
    }
}

#[tokio::test]
async fn under_heavy_faults_no_reply_contradicts_the_ledger_and_everything_gets_through() {
    let mut doubts = 0;
    for seed in 1..=3 {
        let config = TwinConfig { seed, orders: 40, ..TwinConfig::default() };
        let rig = Rig::with(config, 50);
        rig.pass(Span::seconds(1));
        let orders = all(&rig).await;
        rig.twins.set_faults(FaultLevel::Heavy);
        let mut outcomes = Vec::new();
        for round in 0..40 {
            rig.pass(Span::seconds(40));
            let replies = rig.dynamics.write(rig.now(), &notes(&orders, round)).await;
            outcomes.push((round, replies));
        }
        rig.twins.set_faults(FaultLevel::None);
        rig.pass(Span::seconds(181));
        for (round, replies) in &outcomes {
            agree(&rig, &orders, *round, replies);
        }
        assert!(outcomes.iter().flat_map(|(_, r)| r).any(|r| *r == WriteReply::Done));
        doubts += outcomes
            .iter()
            .flat_map(|(_, r)| r)
            .filter(|r| matches!(r, WriteReply::InDoubt { .. }))
            .count();
    }
    assert!(doubts > 0);
}

#[tokio::test]
async fn a_sweep_under_heavy_faults_sees_what_a_clean_one_sees() {
    let mut found = Vec::new();
    for level in [FaultLevel::None, FaultLevel::Heavy] {
        let config = TwinConfig { orders: 80, ..TwinConfig::default() };
        let rig = Rig::with(config, 13);
        rig.pass(Span::minutes(10));
        rig.twins.set_faults(level);
        let mut cursors = ChangeCursors::start(Timestamp(rig.twins.now() - Span::days(30).0));
        let mut seen = BTreeSet::new();
        let mut rounds = 0;
        for _ in 0..400 {
            if let Ok(changes) = rig.dynamics.changes(rig.now(), &cursors, OVERLAP).await {
                cursors = changes.cursors;
                seen.extend(changes.rows.into_iter().map(|r| (r.set, r.order, r.key)));
                rounds += usize::from(!changes.more && changes.trouble.is_empty());
            }
            if rounds == 3 {
                break;
            }
        }
        assert_eq!(rounds, 3);
        found.push(seen);
    }
    assert!(!found[0].is_empty());
    assert_eq!(found[0], found[1]);
}

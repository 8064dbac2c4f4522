//! Under faults: no conclusion of the client is contradicted by what really happened.

use super::{Pair, config, order, pair, references};
use shipbob::{CallError, CancelReply, CreateReply, Failure};
use std::collections::{BTreeMap, BTreeSet};
use twins::{Fault, FaultLevel, FaultPlan, RequestMatcher, System, TwinConfig};

const SECOND: i64 = 1_000_000;

fn scripted(endpoint: &str, fault: Fault) -> TwinConfig {
    let plan =
        FaultPlan::scripted(vec![(RequestMatcher::endpoint(System::ShipBob, endpoint), 1, fault)]);
    TwinConfig { faults: FaultLevel::Custom(plan), ..config() }
}

async fn exists(pair: &Pair) -> bool {
    let found = pair.client.find_by_reference(&references(1..2)).await.expect("a look-up");
    !found.is_empty()
}

/// What the client says to one disturbed create, whether the order is there at once, and after a minute.
async fn disturbed(fault: Fault) -> (CreateReply, bool, bool) {
    let pair = pair(scripted("POST order", fault));
    let reply = pair.client.create_order(&order(references(1..2)[0].as_str())).await;
    let at_once = exists(&pair).await;
    pair.twins.advance(pair.twins.now() + 60 * SECOND);
    (reply, at_once, exists(&pair).await)
}

#[tokio::test]
async fn a_create_whose_effect_happened_unseen_is_in_doubt() {
    for fault in [Fault::CutBody, Fault::LoseReply] {
        let (reply, at_once, later) = disturbed(fault).await;
        assert!(
            matches!(reply, CreateReply::Failed(Failure::InDoubt { .. })),
            "{fault:?}: {reply:?}"
        );
        assert!(at_once && later);
    }
    for abort in [false, true] {
        let late = Fault::Late { micros: 30 * SECOND, abort };
        let (reply, at_once, later) = disturbed(late).await;
        assert!(matches!(reply, CreateReply::Failed(Failure::InDoubt { .. })), "{reply:?}");
        assert!(!at_once && later, "the effect appears inside the settle time");
    }
}

#[tokio::test]
async fn a_create_that_was_refused_without_effect_says_so_or_doubts() {
    let throttled = disturbed(Fault::Throttle { seconds: Some(7) }).await;
    let after = Some(domain::time::Span::seconds(7));
    assert_eq!(throttled, (CreateReply::Failed(Failure::Throttled { after }), false, false));
    let bare = disturbed(Fault::Throttle { seconds: None }).await;
    assert!(
        matches!(bare, (CreateReply::Failed(Failure::Throttled { .. }), false, false)),
        "{bare:?}"
    );
    let failed = disturbed(Fault::Failure { status: 503, html: true }).await;
    assert!(
        matches!(failed, (CreateReply::Failed(Failure::InDoubt { .. }), false, false)),
        "{failed:?}"
    );
    let refused = disturbed(Fault::Unauthorized).await;
    assert!(
        matches!(refused, (CreateReply::Failed(Failure::NoAccess { .. }), false, false)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_cancel_whose_effect_happened_unseen_is_in_doubt() {
    for fault in [Fault::CutBody, Fault::LoseReply] {
        let pair = pair(scripted(":cancel", fault));
        let CreateReply::Created(made) = pair.client.create_order(&order("usmf-X-1-1-1")).await
        else {
            panic!("undisturbed")
        };
        let reply = pair.client.cancel_order(made.id).await;
        assert!(
            matches!(reply, CancelReply::Failed(Failure::InDoubt { .. })),
            "{fault:?}: {reply:?}"
        );
        assert!(pair.client.orders(&[made.id]).await.expect("read")[0].cancelled());
    }
}

#[tokio::test]
async fn a_disturbed_read_is_never_an_empty_answer() {
    for fault in [
        Fault::CutBody,
        Fault::LoseReply,
        Fault::Failure { status: 500, html: false },
        Fault::Failure { status: 502, html: true },
        Fault::Throttle { seconds: None },
        Fault::Unauthorized,
    ] {
        let pair = pair(scripted("GET order", fault));
        let reply = pair.client.find_by_reference(&references(1..2)).await;
        assert!(reply.is_err(), "{fault:?}");
        assert_eq!(pair.client.find_by_reference(&references(1..2)).await, Ok(vec![]));
    }
}

/// Hundreds of creates, cancels and look-ups under heavy faults, then the truth.
#[tokio::test]
async fn no_conclusion_under_heavy_faults_is_wrong() {
    for seed in 1..=3 {
        let pair = pair(TwinConfig { seed, faults: FaultLevel::Heavy, ..config() });
        let all = references(0..250);
        let mut said: BTreeMap<String, CreateReply> = BTreeMap::new();
        let mut cancelled = BTreeMap::new();
        for (n, reference) in all.iter().enumerate() {
            let reply = pair.client.create_order(&order(reference.as_str())).await;
            if let (CreateReply::Created(made), true) = (&reply, n % 5 == 0) {
                cancelled.insert(made.id, pair.client.cancel_order(made.id).await);
            }
            said.insert(reference.as_str().to_owned(), reply);
            if n % 7 == 0 {
                let asked = &all[n.saturating_sub(40)..=n];
                match pair.client.find_by_reference(asked).await {
                    Ok(found) => assert!(found.iter().all(|o| asked.contains(&o.reference))),
                    Err(CallError::Refused { .. }) => panic!("faults are not refusals"),
                    Err(_) => {}
                }
            }
        }
        pair.twins.set_faults(FaultLevel::None);
        pair.twins.advance(pair.twins.now() + 61 * SECOND);
        let found = pair.client.find_by_reference(&all).await.expect("a quiet look-up");
        let there: BTreeSet<&str> = found.iter().map(|o| o.reference.as_str()).collect();
        let mut doubts = 0;
        for (reference, reply) in &said {
            let is_there = there.contains(reference.as_str());
            match reply {
                CreateReply::Created(_) => assert!(is_there, "{reference} was said to exist"),
                CreateReply::Failed(Failure::InDoubt { .. }) => doubts += 1,
                CreateReply::Duplicate { .. } => panic!("{reference} was created once"),
                other => assert!(!is_there, "{reference} exists after {other:?}"),
            }
        }
        assert!(doubts > 5, "the case must have occurred");
        for order in &found {
            match cancelled.get(&order.id) {
                None => assert!(!order.cancelled()),
                Some(CancelReply::Cancelled) => assert!(order.cancelled()),
                Some(CancelReply::Failed(Failure::InDoubt { .. })) => {}
                Some(other) => assert!(!order.cancelled(), "cancelled after {other:?}"),
            }
        }
        assert!(pair.twins.ledger().created_more_than_once().is_empty());
    }
}

//! The gate and the twin's own limiter: never refused, hardly ever idle.

use super::{client, config, gate, order, references};
use domain::operation::Lane;
use shipbob::{CreateReply, Failure};
use std::sync::Arc;
use transport::gate::Limiter;
use twins::{System, TwinConfig, Twins};

const MINUTE: i64 = 60_000_000;

/// Creates orders as fast as the gate allows; returns the time it took.
async fn burst(twins: &Twins, gate: Arc<dyn Limiter>, numbers: std::ops::Range<u32>) -> i64 {
    let client = client(twins, Arc::clone(&gate), None);
    let start = twins.now();
    for reference in references(numbers) {
        while let Err(at) = gate.may_send(Lane::Orders) {
            assert!(at.0 > twins.now());
            twins.advance(at.0);
        }
        // A call takes 100 ms, 40 of them on the way out.
        twins.advance(twins.now() + 40_000);
        let reply = client.create_order(&order(reference.as_str())).await;
        assert!(matches!(reply, CreateReply::Created(_)), "{reply:?}");
        twins.advance(twins.now() + 60_000);
    }
    twins.now() - start
}

#[tokio::test]
async fn a_burst_is_never_throttled_and_wastes_less_than_two_percent() {
    for name in ["standard", "rejected-calls-count"] {
        let twins = Twins::new(TwinConfig { shipbob_per_minute: Some(150), ..super::tenant(name) });
        let taken = burst(&twins, gate(&twins, 150), 0..900).await;
        assert_eq!(twins.ledger().throttled(System::ShipBob), 0);
        // 900 calls fill 6 windows; the last one opens after 5 minutes and takes 15 s one by one.
        let ideal = 5 * MINUTE + 150 * 100_000;
        assert!(ideal * 100 >= taken * 98, "{name}: {ideal} of {taken}");
    }
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_burst_is_not_throttled_either() {
    let twins = Twins::new(TwinConfig { shipbob_per_minute: Some(150), ..config() });
    burst(&twins, gate(&twins, 150), 0..100).await;
    burst(&twins, gate(&twins, 150), 100..400).await;
    assert_eq!(twins.ledger().throttled(System::ShipBob), 0);
}

#[tokio::test]
async fn a_429_is_obeyed_and_the_servers_time_is_never_undercut() {
    let twins = Twins::new(TwinConfig { shipbob_per_minute: Some(10), ..config() });
    let gate = gate(&twins, 150);
    let client = client(&twins, gate.clone(), None);
    let mut created = 0;
    let all = references(0..60);
    while created < all.len() {
        while let Err(at) = gate.may_send(Lane::Orders) {
            twins.advance(at.0);
        }
        match client.create_order(&order(all[created].as_str())).await {
            CreateReply::Created(_) => created += 1,
            CreateReply::Failed(Failure::Throttled { .. }) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(twins.ledger().undercut.values().all(|n| *n == 0), "{:?}", twins.ledger().undercut);
    assert!(
        twins.ledger().throttled(System::ShipBob) < 10,
        "x-remaining-calls teaches the true limit"
    );
}

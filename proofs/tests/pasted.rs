//! Orders that people had typed into ShipBob by hand before the connector came.
//!
//! Goal: none of them leaves twice, whatever the network does. Method: the ledger of the ShipBob twin counts.

use proofs::{Scene, Setup};
use twins::{FaultLevel, effect};

const PASTED: u32 = 40;

async fn none_leaves_twice(setup: Setup) {
    let scene = Scene::new(setup).await;
    let verdict = scene.proven().await;
    let pasted: Vec<&str> = verdict
        .truth
        .orders
        .iter()
        .filter(|order| order.category == "pasted")
        .map(|order| order.order_number.as_str())
        .collect();
    assert_eq!(pasted.len(), PASTED as usize, "replay: {}", scene.setup.replay());
    for number in pasted {
        let of_it = |effect: &'static str| {
            verdict
                .ledger
                .of(effect)
                .filter(|e| e.detail.get("order_number").is_some_and(|n| *n == number))
                .count()
        };
        assert_eq!(of_it(effect::ORDER_CREATED), 1, "{number}; replay: {}", scene.setup.replay());
        assert_eq!(
            of_it(effect::SHIPMENT_SHIPPED),
            1,
            "{number}; replay: {}",
            scene.setup.replay()
        );
        let held =
            verdict.holds.get(number).is_some_and(|causes| causes.contains("before-cut-off"));
        assert!(held, "{number} is not shown to a person; replay: {}", scene.setup.replay());
    }
}

#[tokio::test]
async fn an_order_pasted_by_hand_is_not_sent_again() {
    none_leaves_twice(Setup::new(31, 140).pasted(PASTED)).await;
}

#[tokio::test]
async fn an_order_pasted_by_hand_is_not_sent_again_on_a_bad_network() {
    none_leaves_twice(Setup::new(32, 140).pasted(PASTED).faults(FaultLevel::Heavy)).await;
}

//! Several connections in one installation.
//!
//! Goal: legal entities of one environment with the same order numbers, over ShipBob accounts of their own or a shared
//! one, end as each world intended - in a bad network too - and what happens to one connection does not touch another.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a proof stops at the first surprise"
)]

use domain::time::Span;
use proofs::{Scene, Setup, Several, Verdict};
use std::collections::BTreeSet;
use std::sync::Arc;
use transport::Transport;
use twins::{Estate, FaultLevel, effect};

#[path = "connections/away.rs"]
mod away;
#[path = "connections/nodes.rs"]
mod nodes;
#[path = "connections/organisations.rs"]
mod organisations;

/// Enough for what touches every order.
const FEW: u32 = 40;

async fn lives(seed: u64, orders: u32, entities: u32, accounts: u32) {
    let setup = Setup::new(seed, orders);
    let clean = Several::new(setup.clone(), entities, accounts).await.proven().await;
    let scene = Several::new(setup.faults(FaultLevel::Heavy), entities, accounts).await;
    let heavy = scene.proven().await;
    scene.assert_same(&clean, &heavy);
    same_numbers_apart(&heavy);
}

/// Both worlds have the same order numbers, and nothing of one stands in the other.
fn same_numbers_apart(verdicts: &[Verdict]) {
    let numbers = |v: &Verdict| -> BTreeSet<String> {
        v.truth.orders.iter().map(|order| order.order_number.clone()).collect()
    };
    let references = |v: &Verdict| -> BTreeSet<String> {
        let created = v.ledger.entries.iter().filter(|e| e.effect == effect::ORDER_CREATED);
        created.map(|entry| entry.key.clone()).collect()
    };
    let (one, other) = (&verdicts[0], &verdicts[1]);
    assert!(numbers(one).intersection(&numbers(other)).count() > 20, "the numbers must collide");
    assert_eq!(references(one).intersection(&references(other)).count(), 0);
    assert_ne!(one.sha(), other.sha(), "two worlds with the same orders would prove nothing");
}

#[tokio::test]
async fn two_legal_entities_with_two_accounts_end_as_intended_in_seed_1() {
    lives(1, FEW, 2, 2).await;
}

#[tokio::test]
async fn two_legal_entities_with_two_accounts_end_as_intended_in_seed_2() {
    lives(2, FEW, 2, 2).await;
}

#[tokio::test]
async fn two_legal_entities_that_share_an_account_end_as_intended_in_seed_3() {
    lives(3, FEW, 2, 1).await;
}

#[tokio::test]
async fn two_legal_entities_that_share_an_account_end_as_intended_in_seed_4() {
    lives(4, FEW, 2, 1).await;
}

#[tokio::test]
async fn three_legal_entities_over_two_accounts_end_as_intended() {
    lives(5, FEW, 3, 2).await;
}

/// A custom service that is not told the legal entity runs in the default company of the user.
#[tokio::test]
async fn what_left_is_posted_by_the_call_in_its_own_legal_entity() {
    let scene = Several::new(Setup::new(10, FEW).whs(), 2, 1).await;
    let verdicts = scene.proven().await;
    for verdict in &verdicts {
        let own: BTreeSet<String> = verdict
            .ledger
            .of(effect::NOTE_WRITTEN)
            .filter_map(|e| e.detail["description"].as_str()?.strip_prefix("ShipBob shipment "))
            .map(|id| format!("SB{id}"))
            .collect();
        let called = verdict.ledger.of(effect::CALL_CARRIED_OUT);
        let called: Vec<&str> = called.filter_map(|e| e.detail["slip"].as_str()).collect();
        assert!(called.len() > 10, "{called:?}");
        let strange: Vec<_> = called.iter().filter(|slip| !own.contains(**slip)).collect();
        assert!(strange.is_empty(), "slips of another legal entity: {strange:?}");
    }
}

#[tokio::test]
async fn a_shared_account_is_entered_as_two_apps() {
    let setup = Setup::new(6, FEW).oauth();
    let clean = Several::new(setup.clone(), 2, 1).await.proven().await;
    let scene = Several::new(setup.faults(FaultLevel::Heavy), 2, 1).await;
    scene.assert_same(&clean, &scene.proven().await);
}

#[tokio::test]
async fn a_connection_among_others_does_what_it_does_alone() {
    let setup = Setup::new(7, FEW);
    let alone = Scene::new(setup.clone()).await.proven().await;
    let among = Several::new(setup, 2, 2).await.proven().await;
    assert_eq!(alone.sha(), among[0].sha());
}

#[tokio::test]
async fn connections_of_two_environments_live_side_by_side() {
    let scene = two_environments(Setup::new(8, FEW)).await;
    same_numbers_apart(&scene.proven().await);
    assert_eq!(scene.start(&network(&scene), |_, _| {}).wired[0].cell.len(), 1);
}

/// Nothing is shared: two cells.
async fn two_environments(setup: Setup) -> Several {
    let mut configs = Estate::configs(&setup.config, 2, 2);
    "https://gbsi-twin.sandbox.operations.dynamics.com".clone_into(&mut configs[1].dynamics_url);
    configs[1].environment = Some(99);
    Several::of(setup, configs, " in two environments").await
}

#[tokio::test]
async fn a_shared_account_never_sees_more_calls_than_its_limit() {
    let scene = Several::new(Setup::new(9, FEW), 2, 1).await;
    let verdicts = scene.proven().await;
    for verdict in &verdicts {
        assert_eq!(verdict.ledger.throttled(twins::System::ShipBob), 0, "one gate for both");
        assert_eq!(verdict.ledger.undercut.values().sum::<u64>(), 0);
    }
}

fn network(scene: &Several) -> Arc<dyn Transport> {
    scene.network()
}

/// Longest life.
const LIFE: Span = Span::days(30);

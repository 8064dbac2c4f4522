//! A backup is restored: the database forgets orders that both systems know.
//!
//! Goal: everything is found again and adopted, nothing is created, shipped or noted twice, and at the end nobody can
//! see that anything happened. Method: the database file is copied while no life runs, and put back later.
#![expect(clippy::expect_used, reason = "a proof stops at the first surprise")]

use app::rig::World;
use domain::time::Span;
use proofs::{Scene, Setup, Verdict};
use std::collections::BTreeSet;
use std::path::PathBuf;
use twins::{Entry, Fate, FaultLevel, OrderTruth, effect};

const ORDERS: u32 = 180;
const BACKUP_AT: usize = 40;
const LOST: usize = 100;
/// Until a person has put a backup back. Longer than a server ever asks to wait: what the lost database was told is
/// forgotten with it, and nobody can obey that.
const AWAY: Span = Span::minutes(5);

fn setup(seed: u64) -> Setup {
    Setup::new(seed, ORDERS).released_over(Span::hours(2))
}

/// ShipBob orders made for the sales orders that are judged.
fn created(verdict: &Verdict) -> usize {
    let judged: BTreeSet<&str> =
        verdict.truth.orders.iter().map(|order| order.order_number.as_str()).collect();
    let of = |entry: &&Entry| {
        let number = entry.detail.get("order_number").and_then(|number| number.as_str());
        number.is_some_and(|number| judged.contains(number))
    };
    verdict.ledger.of(effect::ORDER_CREATED).filter(of).count()
}

/// Lives until ShipBob has accepted so many orders.
async fn until_created(scene: &Scene, orders: usize) {
    let life = scene.start().await;
    let twins = scene.world.twins.clone();
    let mut looked = scene.world.now();
    let enough = |world: &World| {
        // A look copies the whole ledger.
        let due = world.now().since(looked) >= Span::minutes(1);
        if due {
            looked = world.now();
        }
        due && twins.ledger().of(effect::ORDER_CREATED).count() >= orders
    };
    life.until(enough).await.expect("a life without faults");
    life.stop().await;
}

fn backup(scene: &Scene) -> PathBuf {
    let copy = scene.database().with_extension("backup");
    std::fs::copy(scene.database(), &copy).expect("a copy of the database");
    copy
}

fn restore(scene: &Scene, copy: &PathBuf) {
    for suffix in ["db-wal", "db-shm"] {
        let side = scene.database().with_extension(suffix);
        if side.exists() {
            std::fs::remove_file(side).expect("the newer database is thrown away");
        }
    }
    std::fs::copy(copy, scene.database()).expect("the old database is back");
    scene.world.advance(scene.world.now() + AWAY);
}

/// What a clerk changed when the goods were picked or about to be. A lost database cannot tell it from another order of
/// that number: it is held as *reference-taken* where the quantities say so, and never sent again. What he added is sent
/// besides, because a lost database does not know what was sent before.
fn changed_late(order: &OrderTruth) -> bool {
    matches!(order.fate, Fate::EditLate | Fate::EditRace) || order.category == "quantity-raised"
}

/// Lives to the end and is right; late changes are left out.
async fn judged(scene: &Scene) -> Verdict {
    scene.live().await;
    let verdict = scene.verdict().await.without(changed_late);
    scene.assert(&verdict);
    verdict
}

/// Works on a copy that is `LOST` orders old, and cannot be told apart from a life that lost nothing.
async fn forgets_a_hundred_orders(setup: Setup, wanted: &Verdict) {
    let scene = Scene::new(setup).await;
    until_created(&scene, BACKUP_AT).await;
    let copy = backup(&scene);
    until_created(&scene, BACKUP_AT + LOST).await;
    restore(&scene, &copy);
    let found = judged(&scene).await;
    scene.assert_same(wanted, &found);
    assert_eq!(created(&found), created(wanted), "replay: {}", scene.setup.replay());
}

#[tokio::test]
async fn a_restored_backup_adopts_a_hundred_orders_it_has_never_seen() {
    let clean = judged(&Scene::new(setup(41)).await).await;
    forgets_a_hundred_orders(setup(41), &clean).await;
    forgets_a_hundred_orders(setup(41).faults(FaultLevel::Heavy), &clean).await;
}

#[tokio::test]
async fn a_restored_backup_adopts_where_dynamics_assigns_note_ids() {
    let setup = setup(42).tenant("note-id-assigned");
    let clean = judged(&Scene::new(setup.clone()).await).await;
    forgets_a_hundred_orders(setup, &clean).await;
}

#[tokio::test]
async fn a_restored_backup_adopts_where_a_cancel_frees_the_reference() {
    let setup = setup(43).tenant("reference-freed");
    let clean = judged(&Scene::new(setup.clone()).await).await;
    forgets_a_hundred_orders(setup, &clean).await;
}

#[tokio::test]
async fn an_empty_database_adopts_a_world_that_has_come_to_its_end() {
    let scene = Scene::new(setup(44)).await;
    let copy = backup(&scene);
    let clean = judged(&scene).await;
    restore(&scene, &copy);
    let found = judged(&scene).await;
    scene.assert_same(&clean, &found);
    assert_eq!(created(&found), created(&clean), "replay: {}", scene.setup.replay());
    let notes = |v: &Verdict| v.ledger.of(effect::NOTE_WRITTEN).count();
    assert_eq!(notes(&found), notes(&clean), "no note is written again");
}

/// A lost database does not know who cancelled what was released again: a person is asked.
fn released_again(order: &OrderTruth) -> bool {
    order.category == "released-again"
}

#[tokio::test]
async fn a_forgotten_call_is_looked_up_where_the_customers_own_would_post_it_twice() {
    // Smaller than the others: every call is looked up besides.
    let (orders, backup_at, lost) = (70, 15, 40);
    let setup = Setup::new(45, orders).released_over(Span::hours(1)).whs();
    let setup = setup.tenant("whs-call-posts-twice");
    let clean = judged(&Scene::new(setup.clone()).await).await.without(released_again);
    let scene = Scene::new(setup.faults(FaultLevel::Heavy)).await;
    until_created(&scene, backup_at).await;
    let copy = backup(&scene);
    until_created(&scene, backup_at + lost).await;
    restore(&scene, &copy);
    scene.live().await;
    let found = scene.verdict().await.without(|o| changed_late(o) || released_again(o));
    scene.assert(&found);
    scene.assert_same(&clean, &found);
    let calls = found.ledger.of(effect::CALL_CARRIED_OUT).count();
    assert!(calls > lost / 2, "only {calls} calls");
}

//! The whole life of orders on both twins, in virtual time.
//!
//! Goal: every order of an awkward world ends as the world intended, and how the way there looked - webhooks or polls,
//! a fast or a slow warehouse, a good or a bad network - cannot be seen in what stands in both systems at the end.
//! Method: the same world is lived through several times; the projections of the twins' ledgers must be equal.

use domain::time::Span;
use proofs::{Scene, Setup, Verdict};
use twins::{Fate, FaultLevel};

/// Every category and every fate occurs in so many.
const ALL: u32 = 300;
/// Every fate occurs in so many, and most categories.
const SOME: u32 = 110;
/// Enough for what touches every order.
const FEW: u32 = 60;
/// At real durations a week of polls is long.
const REAL: u32 = 24;

async fn proven(setup: Setup) -> Verdict {
    Scene::new(setup).await.proven().await
}

/// Lives a world that must not be told apart from `wanted`.
async fn same(wanted: &Verdict, setup: Setup) -> Verdict {
    let scene = Scene::new(setup).await;
    let found = scene.proven().await;
    scene.assert_same(wanted, &found);
    found
}

#[tokio::test]
async fn every_order_of_a_clean_world_ends_as_the_world_intended() {
    let verdict = proven(Setup::new(7, ALL)).await;
    for fate in Fate::all() {
        let met = verdict.truth.orders.iter().any(|order| order.fate == fate);
        assert!(met, "no order had the fate {fate:?}");
    }
    let calls = |system| verdict.ledger.requests(system);
    println!(
        "{ALL} orders: {} calls to ShipBob, {} to F&O, 429s {}, {:?}, {}",
        calls(twins::System::ShipBob),
        calls(twins::System::Dynamics),
        verdict.ledger.throttled(twins::System::ShipBob),
        verdict.ledger.effects(),
        verdict.sha()
    );
    assert_eq!(verdict.ledger.throttled(twins::System::ShipBob), 0, "our gate keeps the limit");
}

#[tokio::test]
async fn every_order_of_a_world_with_heavy_faults_ends_as_the_world_intended() {
    let clean = proven(Setup::new(7, ALL)).await;
    same(&clean, Setup::new(7, ALL).faults(FaultLevel::Heavy)).await;
}

#[tokio::test]
async fn without_webhooks_the_end_is_the_same() {
    let clean = proven(Setup::new(11, SOME)).await;
    same(&clean, Setup::new(11, SOME).polls_only()).await;
    same(&clean, Setup::new(11, SOME).tenant("hooks-off")).await;
}

#[tokio::test]
async fn at_another_pace_the_end_is_the_same() {
    let clean = proven(Setup::new(12, FEW)).await;
    same(&clean, Setup::new(12, FEW).pace(60)).await;
    same(&clean, Setup::new(12, FEW).released_over(Span::hours(2))).await;
    same(&clean, Setup::new(12, FEW).unlimited()).await;
}

#[tokio::test]
async fn at_real_durations_the_end_is_the_same() {
    let clean = proven(Setup::new(13, REAL)).await;
    same(&clean, Setup::new(13, REAL).pace(1)).await;
}

async fn faults_leave_no_trace(seed: u64) {
    let clean = proven(Setup::new(seed, SOME)).await;
    same(&clean, Setup::new(seed, SOME).faults(FaultLevel::Heavy)).await;
}

#[tokio::test]
async fn faults_leave_no_trace_in_the_world_of_seed_1() {
    faults_leave_no_trace(1).await;
}

#[tokio::test]
async fn faults_leave_no_trace_in_the_world_of_seed_2() {
    faults_leave_no_trace(2).await;
}

#[tokio::test]
async fn faults_leave_no_trace_in_the_world_of_seed_3() {
    faults_leave_no_trace(3).await;
}

#[tokio::test]
async fn a_few_faults_leave_no_trace() {
    let clean = proven(Setup::new(5, FEW)).await;
    same(&clean, Setup::new(5, FEW).faults(FaultLevel::Light)).await;
}

#[tokio::test]
async fn faults_leave_no_trace_without_webhooks() {
    let clean = proven(Setup::new(4, SOME)).await;
    same(&clean, Setup::new(4, SOME).faults(FaultLevel::Heavy).polls_only()).await;
}

#[tokio::test]
async fn externally_managed_warehouses_are_told_what_left() {
    let clean = proven(Setup::new(31, SOME).external()).await;
    let told = |order: &twins::OrderTruth| {
        let plain = order.fate == twins::Fate::Plain && order.category == "ordinary";
        let seen = clean.projection.orders.get(&order.order_number);
        let dynamics = seen.and_then(|one| one.dynamics.as_ref());
        !plain || dynamics.is_some_and(|d| d.status == "Delivered" && !d.tracking.is_empty())
    };
    let silent: Vec<_> = clean.truth.orders.iter().filter(|o| !told(o)).collect();
    assert!(silent.is_empty(), "shipped, and not slipped with their numbers: {silent:#?}");
    same(&clean, Setup::new(31, SOME).external().faults(FaultLevel::Heavy)).await;
}

async fn released_to_the_warehouse(seed: u64, setup: fn(Setup) -> Setup) -> Verdict {
    let clean = proven(setup(Setup::new(seed, SOME))).await;
    same(&clean, setup(Setup::new(seed, SOME)).faults(FaultLevel::Heavy)).await;
    clean
}

/// What a plain order of that category came to in F&O.
fn of<'v>(verdict: &'v Verdict, category: &str) -> Vec<&'v twins::OrderProjection> {
    let orders = verdict.truth.orders.iter().filter(|o| o.category == category);
    let all = &verdict.projection.orders;
    orders.filter_map(|o| all.get(&o.order_number)).collect()
}

#[tokio::test]
async fn what_is_released_in_parts_goes_in_parts_and_the_customers_call_posts_it() {
    let clean = released_to_the_warehouse(41, Setup::whs).await;
    let parts = of(&clean, "released-in-parts");
    let many = parts.iter().filter(|o| o.references.len() > 1).count();
    assert!(many >= 3, "only {many} orders went in parts");
    let posted = |o: &&twins::OrderProjection| {
        let d = o.dynamics.as_ref();
        d.is_some_and(|d| d.status == "Delivered" && !d.tracking.is_empty() && !d.notes.is_empty())
    };
    assert!(parts.iter().all(posted), "{parts:#?}");
    assert!(clean.ledger.of(twins::effect::CALL_CARRIED_OUT).count() > 20);
    assert_eq!(clean.ledger.of(twins::effect::DELIVER_NOW_SET).count(), 0);
}

#[tokio::test]
async fn releases_of_a_second_world_leave_no_trace_of_faults() {
    released_to_the_warehouse(42, Setup::whs).await;
}

#[tokio::test]
async fn releases_of_a_third_world_leave_no_trace_of_faults() {
    let clean = released_to_the_warehouse(43, Setup::whs).await;
    same(&clean, Setup::new(43, SOME).whs().polls_only()).await;
}

#[tokio::test]
async fn without_a_call_the_note_tells_and_nobody_waits_for_a_slip() {
    let clean = released_to_the_warehouse(44, Setup::whs_without_call).await;
    let plain = of(&clean, "ordinary");
    let noted = plain.iter().filter_map(|o| o.dynamics.as_ref()).filter(|d| !d.notes.is_empty());
    assert!(noted.count() > 10);
    assert_eq!(clean.ledger.of(twins::effect::CALL_CARRIED_OUT).count(), 0);
    assert!(
        clean.holds.values().all(|causes| !causes.contains("not-slipped")),
        "{:?}",
        clean.holds
    );
}

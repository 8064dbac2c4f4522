//! Stock where one warehouse is several centres, where F&O keeps inventory statuses, and where differences are sent as
//! external inventory adjustments.
//!
//! Goal: as in `stock`: every shelf is explained or brought to F&O, and after some nights nothing is left, with and without
//! faults; and what only these warehouses have is seen: transfers inside a network are no difference, every status
//! counts once, no adjustment is sent twice.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a proof stops at the first surprise, and says how much it proved"
)]

#[path = "stock_modes/available.rs"]
mod available;

use app::stock::{rows, settle, twin_adjustments, twin_inventory, untrue};
use domain::stock::{Inventory, Mode};
use proofs::{LIFE, Scene, Setup};
use std::collections::{BTreeMap, BTreeSet};
use store::StockRow;
use twins::{FaultLevel, LedgerSnapshot as Ledger, effect};

const ORDERS: u32 = 40;

/// Lives until the world rests, then some nights; nothing may be untrue or left at the end.
async fn proven(setup: Setup, inventory: Inventory) -> (Vec<StockRow>, Ledger) {
    let mut setup = setup;
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    let writes = inventory.mode != Mode::Report;
    scene.settings.inventory = Some(inventory);
    let life = scene.start().await;
    life.run(LIFE).await.unwrap_or_else(|error| panic!("{error}\n{}", scene.setup.replay()));
    let nights = settle(&[&scene.world], &life.store, || life.rig.run_to_quiet(LIFE)).await;
    let nights = nights.unwrap_or_else(|error| panic!("{error}\n{}", scene.setup.replay()));
    let shown = rows(&life.store, &app::rig::scope()).await.expect("rows");
    let wrong = untrue(&scene.world.twins, &shown);
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), scene.setup.replay());
    if writes {
        let rest: Vec<_> =
            shown.iter().filter(|r| r.variance != 0 && r.state != "negative").collect();
        assert!(rest.is_empty(), "left after {nights} nights: {rest:#?}");
    }
    println!("{}: {nights} night(s), {} rows", scene.setup.replay(), shown.len());
    life.stop().await;
    let verdict = scene.verdict().await;
    scene.assert(&verdict);
    (shown, scene.world.twins.ledger())
}

/// Every adjustment that was sent is posted, and no SKU of a warehouse has two under way.
fn once(ledger: &Ledger) -> usize {
    let sent: Vec<&str> = ledger.of(effect::ADJUSTMENT_SENT).map(|e| e.key.as_str()).collect();
    let ids: BTreeSet<&str> = sent.iter().copied().collect();
    assert_eq!(sent.len(), ids.len(), "an adjustment was accepted twice");
    let posted: BTreeSet<&str> =
        ledger.of(effect::ADJUSTMENT_POSTED).map(|e| e.key.as_str()).collect();
    assert_eq!(ids, posted, "sent and never posted, or the reverse");
    assert!(ids.iter().all(|id| id.len() <= 20), "ids of at most 20 characters: {ids:?}");
    sent.len()
}

async fn network(seed: u64, faults: FaultLevel) {
    let setup = Setup::new(seed, ORDERS).network().faults(faults);
    let (shown, ledger) = proven(setup, twin_inventory()).await;
    let mut by_state: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for row in &shown {
        by_state.entry(row.state.as_str()).or_default().insert(row.centre);
    }
    assert_eq!(by_state.get("in-sum"), Some(&BTreeSet::from([3])), "{by_state:?}");
    let each = shown.iter().filter(|row| row.centre == 3).filter_map(|row| row.on_hand);
    assert!(each.sum::<i64>() > 0, "the second centre is not shown");
    assert!(ledger.of(effect::JOURNAL_POSTED).count() > 0, "nothing was counted");
    let inside = ledger
        .of(effect::STOCK_MOVED)
        .filter(|e| e.detail.get("how").is_some_and(|how| how == "transferred"))
        .filter(|e| e.detail.get("centre").is_some_and(|centre| centre == 3));
    assert!(inside.count() > 0, "nothing was moved inside the network");
}

#[tokio::test]
async fn a_network_is_compared_as_a_sum_and_shown_per_centre() {
    network(7, FaultLevel::None).await;
}

#[tokio::test]
async fn a_network_is_compared_as_a_sum_with_heavy_faults() {
    network(7, FaultLevel::Heavy).await;
    network(9, FaultLevel::Heavy).await;
}

#[tokio::test]
async fn external_warehouses_are_adjusted_and_nothing_is_left() {
    let setup = Setup::new(7, ORDERS).external();
    let (_, ledger) = proven(setup, twin_adjustments()).await;
    assert!(once(&ledger) > 0, "a world in which nothing was adjusted proves nothing");
}

/// The same with heavy faults.
async fn adjusted_once(seed: u64) {
    let setup = Setup::new(seed, ORDERS).external().faults(FaultLevel::Heavy);
    let (_, ledger) = proven(setup, twin_adjustments()).await;
    assert!(once(&ledger) > 0, "a world in which nothing was adjusted proves nothing");
}

#[tokio::test]
async fn external_warehouses_are_adjusted_once_with_heavy_faults_7() {
    adjusted_once(7).await;
}

#[tokio::test]
async fn external_warehouses_are_adjusted_once_with_heavy_faults_8() {
    adjusted_once(8).await;
}

#[tokio::test]
async fn adjustments_that_leave_their_set_are_recognised_by_the_stock() {
    let setup = Setup::new(7, ORDERS).external().tenant("external-adjustments-leave");
    let inventory = Inventory { adjustments_stay: false, ..twin_adjustments() };
    let (_, ledger) = proven(setup, inventory).await;
    assert!(once(&ledger) > 0, "a world in which nothing was adjusted proves nothing");
}

#[tokio::test]
async fn a_network_of_an_external_warehouse_is_adjusted_as_a_sum() {
    let setup = Setup::new(11, ORDERS).external().network();
    let (_, ledger) = proven(setup, twin_adjustments()).await;
    assert!(once(&ledger) > 0, "a world in which nothing was adjusted proves nothing");
}

#[tokio::test]
async fn where_inventory_statuses_are_kept_each_counts_once_and_nothing_is_written() {
    let report = Inventory { mode: Mode::Report, ..twin_inventory() };
    let (_, ledger) = proven(Setup::new(7, ORDERS).whs(), report).await;
    assert_eq!(ledger.of(effect::JOURNAL_MADE).count(), 0);
    let asked: BTreeSet<&str> =
        ledger.endpoints.values().flat_map(|of| of.keys()).map(String::as_str).collect();
    assert!(asked.iter().any(|name| name.contains("StatusesOnHand")), "{asked:?}");
}

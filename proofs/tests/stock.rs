//! Stock compared, explained and counted, in virtual time.
//!
//! Goal: whatever moves goods besides our orders, the difference of every shelf is explained to the piece or counted,
//! and after some nights nothing is left to count - with and without faults.
//! Method: worlds in which other channels sell, receipts come, pieces are lost and F&O was wrong from the start; the
//! twins know what is true, computed from what happened and not from the difference.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a proof stops at the first surprise, and says how much it proved"
)]

use app::stock::{rows, settle, twin_inventory, untrue};
use domain::time::Span;
use proofs::{LIFE, Scene, Setup};
use twins::FaultLevel;

const ORDERS: u32 = 60;

async fn scene(seed: u64, faults: FaultLevel) -> Scene {
    let mut setup = Setup::new(seed, ORDERS).faults(faults);
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.inventory = Some(twin_inventory());
    scene
}

/// Lives until the world rests, then some nights; what is not true at the end.
async fn proven(seed: u64, faults: FaultLevel) {
    let scene = scene(seed, faults).await;
    let life = scene.start().await;
    life.run(LIFE).await.unwrap_or_else(|error| panic!("{error}\n{}", scene.setup.replay()));
    let nights = settle(&[&scene.world], &life.store, || life.rig.run_to_quiet(LIFE)).await;
    let nights = nights.unwrap_or_else(|error| panic!("{error}\n{}", scene.setup.replay()));
    let shown = rows(&life.store, &app::rig::scope()).await.unwrap();
    let wrong = untrue(&scene.world.twins, &shown);
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), scene.setup.replay());
    let rest: Vec<_> = shown.iter().filter(|row| row.variance != 0).collect();
    assert!(rest.is_empty(), "left to count after {nights} nights: {rest:#?}");
    let ledger = scene.world.twins.ledger();
    let posted = ledger.of(twins::effect::JOURNAL_POSTED).count();
    let lines = ledger.of(twins::effect::JOURNAL_LINE).count();
    println!(
        "seed {seed} {faults:?}: {nights} nights, {posted} journals posted, {lines} lines",
        faults = scene.setup.config.faults.name()
    );
    assert!(posted > 0, "a world in which nothing was counted proves nothing");
    life.stop().await;
    let verdict = scene.verdict().await;
    scene.assert(&verdict);
}

#[tokio::test]
async fn every_shelf_is_explained_or_counted_in_a_clean_world() {
    proven(7, FaultLevel::None).await;
}

#[tokio::test]
async fn every_shelf_is_explained_or_counted_with_heavy_faults() {
    proven(7, FaultLevel::Heavy).await;
    proven(8, FaultLevel::Heavy).await;
}

#[tokio::test]
async fn without_the_section_nothing_is_asked() {
    let mut setup = Setup::new(3, 5);
    setup.config.stock = true;
    let scene = Scene::new(setup).await;
    let life = scene.start().await;
    life.run(Span::days(30)).await.unwrap();
    let ledger = scene.world.twins.ledger();
    let asked: Vec<&String> = ledger
        .endpoints
        .values()
        .flat_map(|of| of.keys())
        .filter(|name| name.contains("nventory") || name.contains("OnHand"))
        .collect();
    assert!(asked.is_empty(), "{asked:?}");
    life.stop().await;
}

//! Products, F&O → ShipBob: a whole life on both twins, judged by ShipBob's catalogue and ledger.
//!
//! Goal: each SKU is made once, with the ounces and inches the twins calculated for themselves; whatever cannot be sent
//! is a hold that names field, reason and fix, and stops nothing else; faults leave no trace. Orders wait for SKUs that
//! are on their way.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use proofs::{Scene, Setup, Verdict};
use store::{TrailFilter, TrailRow};
use twins::{FaultLevel, effect};

/// Every kind of product occurs twice.
const SKUS: u32 = 80;
/// Enough orders for one that needs an item ShipBob does not know.
const ORDERS: u32 = 60;

fn setup(seed: u64) -> Setup {
    Setup::new(seed, ORDERS).skus(SKUS)
}

async fn faults_leave_no_trace(seed: u64) -> Verdict {
    let clean = Scene::new(setup(seed)).await.proven().await;
    let scene = Scene::new(setup(seed).faults(FaultLevel::Heavy)).await;
    let heavy = scene.proven().await;
    scene.assert_same(&clean, &heavy);
    assert_eq!(clean.projection.products, heavy.projection.products);
    clean
}

#[tokio::test]
async fn every_sku_is_made_once_with_its_ounces_and_inches() {
    let verdict = Scene::new(setup(7)).await.proven().await;
    let made = verdict.truth.products.iter().filter(|p| p.made > 0).count();
    let calls = |name: &str| -> u64 {
        let all = verdict.ledger.endpoints.get(&twins::System::ShipBob);
        all.and_then(|all| all.get(name)).map_or(0, |one| one.requests)
    };
    println!(
        "{made} SKUs made with {} creates, {} reads, {} updates",
        calls("POST product"),
        calls("GET product"),
        calls("PATCH product/{id}")
    );
    assert!(made > 50, "only {made}");
    assert_eq!(verdict.ledger.throttled(twins::System::ShipBob), 0, "our gate keeps the limit");
}

#[tokio::test]
async fn faults_leave_no_trace_among_the_products_of_seed_1() {
    faults_leave_no_trace(1).await;
}

#[tokio::test]
async fn faults_leave_no_trace_among_the_products_of_seed_2() {
    faults_leave_no_trace(2).await;
}

#[tokio::test]
async fn faults_leave_no_trace_among_the_products_of_seed_3() {
    faults_leave_no_trace(3).await;
}

#[tokio::test]
async fn a_refusal_that_does_not_name_a_duplicate_makes_no_second_product() {
    let setup = setup(4).tenant("duplicate-body-b");
    let clean = Scene::new(setup.clone()).await.proven().await;
    let scene = Scene::new(setup.faults(FaultLevel::Heavy)).await;
    scene.assert_same(&clean, &scene.proven().await);
}

#[tokio::test]
async fn an_item_with_variants_is_one_product() {
    let setup = {
        let mut s = Setup::new(5, 1).skus(1);
        s.config.first_sku = 24;
        s
    };
    let verdict = Scene::new(setup).await.proven().await;
    let skus: Vec<&str> = verdict.truth.products.iter().map(|p| p.sku.as_str()).collect();
    assert_eq!(skus.len(), 3);
    for sku in &skus {
        let one = verdict.projection.products.get(*sku).expect("made");
        assert_eq!(one.together.iter().map(String::as_str).collect::<Vec<_>>(), skus);
    }
    let posts = verdict.ledger.endpoints.get(&twins::System::ShipBob);
    let posts = posts.and_then(|all| all.get("POST product")).map_or(0, |one| one.requests);
    assert_eq!(posts, 2, "one call for the item, one for the item the orders of the seed need");
}

async fn trail(scene: &Scene) -> Vec<TrailRow> {
    let store = scene.open(None).await;
    let mut reader = store.read().await.expect("a database that answers");
    let filter = TrailFilter::default();
    let rows = reader.trail(&app::rig::scope(), &filter, None, 20_000).await.expect("a trail");
    drop(reader);
    store.close().await;
    rows
}

#[tokio::test]
async fn an_order_waits_for_its_sku_instead_of_failing() {
    let mut setup = Setup::new(3, 2).skus(1);
    setup.config.cast = vec![("unknown-sku", twins::Fate::Plain), ("ordinary", twins::Fate::Plain)];
    let scene = Scene::new(setup).await;
    let verdict = scene.proven().await;
    let at = |what: &str, key: &str| {
        let found = verdict.ledger.of(what).find(|entry| entry.key.contains(key));
        found.map(|entry| entry.at).unwrap_or_else(|| panic!("no {what} of {key}"))
    };
    let order = verdict.truth.orders.iter().find(|o| o.category == "unknown-sku").expect("cast");
    let made = at(effect::PRODUCT_CREATED, "NEW-0001");
    assert!(at(effect::ORDER_CREATED, &order.order_number) > made);
    for row in trail(&scene).await {
        let of = row.entry.subject.as_deref() == Some(order.order_number.as_str());
        assert!(!(of && row.entry.what == "hold opened"), "asked a person: {:?}", row.entry.why);
    }
}

#[tokio::test]
async fn every_bad_product_is_a_hold_that_names_field_reason_and_fix() {
    let scene = Scene::new(setup(9)).await;
    let verdict = scene.proven().await;
    let store = scene.open(None).await;
    let mut reader = store.read().await.expect("a database that answers");
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for truth in verdict.truth.products.iter().filter(|p| p.held.is_some()) {
        let subject = domain::product::subject(&truth.item);
        for hold in reader.holds_open(&app::rig::scope(), &[subject]).await.expect("holds") {
            for (what, words) in
                [("field", &hold.field), ("reason", &hold.reason), ("fix", &hold.fix)]
            {
                assert!(!words.trim().is_empty(), "{} of {} has no {what}", hold.cause, truth.sku);
            }
            seen.insert(hold.cause, hold.reason);
        }
    }
    drop(reader);
    store.close().await;
    for cause in [
        "measure-missing",
        "measure-negative",
        "measure-unbelievable",
        "measure-unit-unknown",
        "measure-unit-cyclic",
        "barcode-clash",
        "sku-clash",
        "sku-case",
        "sku-inactive",
        "sku-gone",
        "tariff-code",
    ] {
        assert!(seen.contains_key(cause), "nothing was held for {cause}: {seen:?}");
    }
}

#[tokio::test]
async fn without_the_section_nothing_of_the_flow_is_asked_or_sent() {
    let verdict = Scene::new(Setup::new(7, 20)).await.proven().await;
    let all = verdict.ledger.endpoints.get(&twins::System::Dynamics).expect("calls");
    let feed = ["GET CDSReleasedDistinctProducts", "GET PhysicalProductDimensionDetails"];
    assert!(feed.iter().all(|name| !all.contains_key(*name)), "{:?}", all.keys());
    assert_eq!(verdict.ledger.of(effect::PRODUCT_CREATED).count(), 0);
}

//! The whole life of orders on both twins, in virtual time.

use app::rig::{Rig, Start, World, prepare};
use app::wiring::twin_settings;
use domain::time::{Span, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Durability, KeyRing, MasterKey, Store, StoreOptions, StoreUrl};
use twins::{Outcome, TwinConfig};

async fn open(dir: &tempfile::TempDir, keys: &KeyRing) -> Store {
    let url = StoreUrl::parse(&format!("sqlite://{}/t.db", dir.path().display())).unwrap();
    let mut options = StoreOptions::new(url, keys.clone());
    options.durability = Durability::Relaxed;
    Store::open(options).await.unwrap()
}

#[tokio::test]
async fn every_order_of_a_clean_world_ends_as_the_world_intended() {
    let config = TwinConfig { seed: 7, orders: std::env::var("N").map_or(60, |n| n.parse().unwrap()), pace: 20, ..TwinConfig::default() };
    let world = World::new(config);
    let dir = tempfile::tempdir().unwrap();
    let keys = KeyRing::new(MasterKey::generate().unwrap());
    let store = open(&dir, &keys).await;
    let settings = twin_settings(&world.twins.mapping(), world.now() - Span::hours(6));
    prepare(&store, &settings, world.now()).await.unwrap();
    let rig = Rig::start(
        &world,
        Start {
            store: store.clone(),
            network: Arc::new(world.network()),
            settings,
            webhooks: true,
            shipbob_per_minute: Some(150),
        },
    );
    let run = rig.run_to_quiet(Span::days(20)).await;
    println!("run: {run:?}");
    let ledger = world.twins.ledger();
    println!("{:?}", ledger.effects());
    println!("endpoints {:#?}", ledger.endpoints);
    println!("twice {:?} alive {:?} notes {:?} over {:?}", ledger.created_more_than_once(), ledger.alive_twice(), ledger.duplicate_notes(), ledger.slips_over_shipped());
    let mut reader = store.read().await.unwrap();
    let mut holds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let truth = world.twins.truth();
    let keys: Vec<String> = truth.orders.iter().map(|o| o.order_number.clone()).collect();
    for h in reader.holds_open(&app::rig::scope(), &keys).await.unwrap() {
        holds.entry(h.subject).or_default().push(h.cause);
    }
    for row in reader.subjects(&app::rig::scope(), &keys).await.unwrap() {
        let t = truth.order(&row.key).unwrap();
        println!("{} {} {:?} {:?} | {} | {:?}", row.key, t.category, t.outcome, t.fate, row.status, holds.get(&row.key));
        let _ = matches!(t.outcome, Outcome::Sent);
    }
    let p = world.twins.projection();
    for (k, o) in p.orders.iter().take(12) {
        println!("{k}: {}", serde_json::to_string(o).unwrap());
    }
    let _ = Timestamp::MIN;
    run.unwrap();
}

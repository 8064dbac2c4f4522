//! Stock in the report: read as the nightly flow reads it, warehouse by warehouse, and told as its first comparison tells it.

use super::{Looked, config, faults, fit, look};
use app::rig::scope;
use app::stock::{judged, rows};
use domain::flows::inventory::State;
use domain::settings::Profile;
use domain::stock::{Inventory, REPORT};
use domain::time::Span;
use engine::survey::Bounds;
use proofs::{Scene, Setup};
use std::collections::{BTreeMap, BTreeSet};
use twins::{System, TwinConfig};

const PLANTS: [(&str, u32); 4] = [
    ("stock-short-at-shipbob", 3),
    ("stock-extra-at-shipbob", 2),
    ("stock-negative", 1),
    ("stock-not-in-dynamics", 1),
];
/// Moments within which a world compares its stock.
const MOMENTS: usize = 20_000;
/// A shelf: SKU and warehouse.
type Shelf = (String, String);

fn of(config: TwinConfig, profile: Profile) -> TwinConfig {
    let (external, whs) = (profile == Profile::External, profile == Profile::Whs);
    TwinConfig { external, whs, tier3: whs, ..config }
}

fn asked(looked: &Looked, set: &str) -> bool {
    let ledger = looked.world.twins.ledger();
    let of = ledger.endpoints.get(&System::Dynamics).into_iter().flatten();
    of.map(|(name, _)| name).any(|name| name.split([' ', '/']).any(|part| part == set))
}

#[tokio::test]
async fn planted_differences_are_found_in_the_set_each_profile_keeps_its_stock_in() {
    for profile in [Profile::Plain, Profile::External, Profile::Whs] {
        for network in [false, true] {
            // The centres of a network are one shelf: what one of them lacks, another has.
            let plants: Vec<(&str, u32)> = PLANTS
                .into_iter()
                .filter(|(kind, _)| !network || *kind != "stock-negative")
                .collect();
            let config = of(config(51, &plants, false), profile);
            let looked = look(TwinConfig { network, ..config }).await;
            assert_eq!(faults(&looked), [""; 0], "{profile:?}, network {network}");
            let plain = profile == Profile::Plain;
            assert_eq!(asked(&looked, "WarehousesOnHandV2"), plain, "{profile:?}");
            assert_eq!(asked(&looked, "WarehouseInventoryStatusesOnHandV2"), !plain, "{profile:?}");
        }
    }
}

/// What the first comparison of the service says, in a world from which nothing is sent.
async fn first_comparison(scene: &Scene) -> BTreeMap<Shelf, (String, i64)> {
    let life = scene.start().await;
    let mut done = false;
    for _ in 0..MOMENTS {
        let mut reader = life.store.read().await.expect("a reader");
        let report = reader.observations(&scope(), REPORT, &[String::new()]).await;
        drop(reader);
        done = report.expect("a report or none").iter().any(|row| row.body.is_some());
        if done {
            break;
        }
        life.moment().await.expect("a quiet world");
    }
    assert!(done, "stock was never compared");
    let rows = rows(&life.store, &scope()).await.expect("rows");
    life.stop().await;
    let home = |centre| {
        let maps = &scene.settings.warehouses;
        let map = maps.iter().find(|m| m.mapping.home().0 == centre).expect("a home");
        map.warehouse.as_str().to_owned()
    };
    let mut found = BTreeMap::new();
    for row in rows {
        let Some(judged) = judged(&row) else { continue };
        // A product that is neither here nor there says nothing.
        let nowhere = row.on_hand.is_none() && row.physical.as_deref().is_none_or(|n| n == "0");
        if matches!(judged.state, State::Even | State::InSum) || nowhere {
            continue;
        }
        let key = (row.sku.clone(), home(row.centre));
        found.insert(key, (judged.state.word().to_owned(), judged.difference));
    }
    found
}

#[tokio::test]
async fn the_report_names_the_differences_the_first_nightly_comparison_names() {
    let available = || BTreeSet::from(["Available".to_owned()]);
    for (profile, statuses) in [
        (Profile::Plain, BTreeSet::new()),
        (Profile::External, BTreeSet::new()),
        (Profile::Whs, BTreeSet::new()),
        // What F&O keeps under another status does not count: only one of its two sets can tell.
        (Profile::External, available()),
        (Profile::Whs, available()),
    ] {
        let mut setup = Setup::new(52, 12);
        setup.config = of(TwinConfig { pace: 20, ..config(52, &PLANTS, false) }, profile);
        let blocked = !statuses.is_empty();
        let mut scene = Scene::new(setup).await;
        scene.settings.inventory = Some(Inventory { statuses, ..Inventory::default() });
        scene.settings.cut_off = Some(scene.world.now() + Span::days(30));
        let report = fit(&scene.world, &scene.settings, &Bounds::of(30)).await;
        let told: BTreeMap<Shelf, (String, i64)> = report
            .shelves
            .iter()
            .map(|s| ((s.sku.clone(), s.warehouse.to_string()), (s.state.clone(), s.difference)))
            .collect();
        let compared = first_comparison(&scene).await;
        assert_eq!(told, compared, "{profile:?}");
        let planted = scene.world.twins.planted().len();
        assert!(told.len() >= planted, "{profile:?}: {told:?}");
        assert_eq!(told.len() > planted, blocked, "{profile:?}: {told:?}");
    }
}

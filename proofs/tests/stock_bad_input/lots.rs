//! Lots and their expiry: shown as ShipBob shows them, and never a reason to count.

use super::paged::small;
use super::{Altered, Change, seen};
use app::stock::{ask, twin_inventory};
use domain::stock::{Inventory, Mode};
use proofs::{Faults, LIFE, Life, Scene, Setup};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use store::StockLotRow;
use transport::Transport;

/// SKU, centre, lot and expiry → pieces on hand, promised, free.
type Shown = BTreeMap<(String, i64, String, String), [i64; 3]>;

async fn scene() -> Scene {
    let mut setup = Setup::new(5, 0).polls_only();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.inventory =
        Some(Inventory { mode: Mode::Report, lots: true, ..twin_inventory() });
    scene
}

async fn night(scene: &Scene, change: Change) -> (Life, Arc<Altered>) {
    let network = small(scene, "lots", change);
    let shared = Arc::clone(&network) as Arc<dyn Transport>;
    let life = scene.start_with(Faults { network: Some(shared), ..Faults::default() }).await;
    life.run(LIFE).await.expect("a quiet end");
    (life, network)
}

async fn kept(life: &Life) -> Shown {
    let skus: BTreeSet<String> = seen(life).await.into_iter().map(|row| row.sku).collect();
    let mut all = Shown::new();
    let mut reader = life.store.read().await.expect("a database that answers");
    for sku in skus {
        let rows = reader.stock_lots_of(&app::rig::scope(), &sku).await.expect("lots");
        for StockLotRow { sku, centre, lot, expires, on_hand, committed, fulfillable } in rows {
            let twice = all.insert((sku, centre, lot, expires), [on_hand, committed, fulfillable]);
            assert!(twice.is_none(), "one lot has two rows");
        }
    }
    all
}

/// What a page says, read without any of our readers.
fn read(body: &str, into: &mut Shown) {
    let page: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    for item in page["items"].as_array().expect("items") {
        for lot in item["lots"].as_array().expect("lots") {
            for place in lot["locations"].as_array().expect("places") {
                let centre = place["location_id"].as_i64().expect("a centre");
                let key =
                    (text(&item["sku"]), centre, text(&lot["lot_number"]), text(&lot["lot_date"]));
                let pieces = ["on_hand_quantity", "committed_quantity", "fulfillable_quantity"];
                into.insert(key, pieces.map(|name| place[name].as_i64().expect("pieces")));
            }
        }
    }
}

#[tokio::test]
async fn every_lot_is_shown_with_its_expiry_as_shipbob_shows_it_and_changes_no_comparison() {
    let scene = scene().await;
    let told: Arc<Mutex<(usize, Shown)>> = Arc::default();
    let of = Arc::clone(&told);
    let (life, _) = night(
        &scene,
        Box::new(move |body| {
            let mut told = of.lock().expect("no panic while locked");
            told.0 += 1;
            read(body, &mut told.1);
            None
        }),
    )
    .await;
    let (pages, shown) = told.lock().expect("no panic while locked").clone();
    // Centres nobody mapped are not ours.
    let mapped: Shown =
        shown.into_iter().filter(|((_, centre, ..), _)| [1, 2].contains(centre)).collect();
    assert!(pages > 3 && mapped.len() > 8, "{pages} pages, {} lots prove nothing", mapped.len());
    assert_eq!(kept(&life).await, mapped);
    let dates: BTreeSet<&String> = mapped.keys().map(|(.., date)| date).collect();
    assert_eq!(dates.len(), 2, "{dates:?}");
    // The pieces of a SKU's lots are those of its shelf, by ShipBob's other list.
    let rows = seen(&life).await;
    for row in &rows {
        let lots = mapped.iter().filter(|((sku, at, ..), _)| *sku == row.sku && *at == row.centre);
        let lots: Vec<i64> = lots.map(|(_, [on_hand, ..])| *on_hand).collect();
        if !lots.is_empty() {
            assert_eq!(
                Some(lots.iter().sum::<i64>()),
                row.on_hand,
                "{} in {}",
                row.sku,
                row.centre
            );
        }
    }
    life.stop().await;
    // The same night without lots comes to the same verdicts.
    let mut plain = self::scene().await;
    plain.settings.inventory = Some(Inventory { mode: Mode::Report, ..twin_inventory() });
    let (other, _) = night(&plain, Box::new(|_| None)).await;
    let verdicts = |rows: Vec<store::StockRow>| -> Vec<(String, i64, String, i64)> {
        rows.into_iter().map(|row| (row.sku, row.centre, row.state, row.variance)).collect()
    };
    assert_eq!(verdicts(rows), verdicts(seen(&other).await));
    other.stop().await;
}

/// The lots of the first item that has any become these.
fn replaced(body: &str, lots: &serde_json::Value) -> Option<String> {
    let mut page: serde_json::Value = serde_json::from_str(body).ok()?;
    let items = page["items"].as_array_mut()?;
    let first =
        items.iter_mut().find(|item| item["lots"].as_array().is_some_and(|l| !l.is_empty()))?;
    first["lots"] = lots.clone();
    Some(page.to_string())
}

#[tokio::test]
async fn lots_without_number_or_date_or_with_less_than_nothing_stop_nothing_and_go_when_they_are_gone()
 {
    let scene = scene().await;
    let place = |pieces: i64| {
        serde_json::json!([{
            "location_id": 1, "name": "Cicero (IL)", "on_hand_quantity": pieces,
            "committed_quantity": 0, "fulfillable_quantity": pieces,
            "awaiting_quantity": 0, "internal_transfer_quantity": 0,
        }])
    };
    let odd = serde_json::json!([
        {"lot_number": null, "lot_date": null, "on_hand_quantity": 4, "locations": place(4)},
        {"lot_number": "", "lot_date": "2027-01-31T00:00:00Z", "on_hand_quantity": 3, "locations": place(3)},
        {"lot_number": "ODD", "lot_date": "never", "on_hand_quantity": -2, "locations": place(-2)},
        {"lot_number": "TWICE", "lot_date": null, "on_hand_quantity": 5, "locations": place(5)},
        {"lot_number": "TWICE", "lot_date": null, "on_hand_quantity": 6, "locations": place(6)},
    ]);
    let odd_once = Arc::new(Mutex::new(Some(odd)));
    let of = Arc::clone(&odd_once);
    let change: Change = Box::new(move |body| {
        let mut odd = of.lock().expect("no panic while locked");
        let changed = replaced(body, odd.as_ref()?)?;
        *odd = None;
        Some(changed)
    });
    let (life, _) = night(&scene, change).await;
    assert!(odd_once.lock().expect("no panic while locked").is_none(), "no page was altered");
    let strange = |shown: &Shown| -> BTreeMap<(String, String), i64> {
        let ours = |(_, _, lot, date): &(String, i64, String, String)| {
            ["ODD", "TWICE"].contains(&lot.as_str())
                || date.starts_with("2027-01-31")
                || lot.is_empty()
        };
        let odd = shown.iter().filter(|(key, _)| ours(key));
        odd.map(|((_, _, lot, date), [on_hand, ..])| ((lot.clone(), date.clone()), *on_hand))
            .collect()
    };
    let key = |lot: &str, date: &str| (lot.to_owned(), date.to_owned());
    let wanted = BTreeMap::from([
        (key("", "2027-01-31T00:00:00Z"), 3),
        (key("ODD", "never"), -2),
        (key("TWICE", ""), 11),
    ]);
    let first = kept(&life).await;
    assert_eq!(strange(&first), wanted);
    assert_eq!(super::trail(&life, "stock compared").await, 1, "a strange lot stopped the night");
    // The next night ShipBob shows none of them any more.
    ask(&life.store, &app::rig::scope(), "Mara", scene.world.now()).await.expect("asked");
    life.run(LIFE).await.expect("a quiet end");
    let second = kept(&life).await;
    assert_eq!(strange(&second), BTreeMap::new(), "what is gone is still shown");
    assert!(!second.is_empty());
    life.stop().await;
}

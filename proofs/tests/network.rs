//! Warehouses that lie in several centres of which ShipBob chooses.
//!
//! Goal: no order of such a warehouse asks for a centre, whatever leaves one of its centres is slipped with a note that
//! names it, what leaves another waits before its slip, and neither a bad network nor a tenant can be seen in the end.
//! Method: whole lives of a world in which SB01 is a network of centres 1 and 3 and SB02 is pinned to centre 2, judged by
//! the ledgers of the twins.

use domain::time::Span;
use proofs::{Scene, Setup, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use store::TrailFilter;
use twins::{Fate, FaultLevel, OrderTruth, ReferenceProjection, ShipmentProjection, effect};

/// Every fate occurs in so many, and moves and splits for lack of stock.
const SOME: u32 = 110;
/// Enough for what touches every order.
const FEW: u32 = 60;
/// Externally managed worlds take longer: each request is polled for its answers.
const EXTERNAL: u32 = 30;
/// The centres of SB01.
const SET: [i64; 2] = [1, 3];

fn left(one: &ReferenceProjection) -> impl Iterator<Item = &ShipmentProjection> {
    one.shipments.iter().filter(|shipment| shipment.status == "Completed")
}

/// The shipment is where its order may leave from.
fn inside(one: &ReferenceProjection, shipment: &ShipmentProjection) -> bool {
    one.location_id
        .map_or(SET.contains(&shipment.location_id), |asked| asked == shipment.location_id)
}

/// Everything in which one order is not treated as its mapping says.
fn unlike_its_mapping(verdict: &Verdict, order: &OrderTruth) -> Vec<String> {
    let Some(seen) = verdict.projection.orders.get(&order.order_number) else { return Vec::new() };
    let holds = verdict.holds.get(&order.order_number).cloned().unwrap_or_default();
    let notes: Vec<&str> =
        seen.dynamics.iter().flat_map(|d| &d.notes).map(String::as_str).collect();
    let ours = seen.references.iter().filter(|(key, _)| key.starts_with("318301/"));
    let mut faults = Vec::new();
    let mut outside = 0;
    for (key, one) in ours {
        if !matches!(one.location_id, None | Some(2)) {
            faults.push(format!("{key} asked for centre {:?}", one.location_id));
        }
        for shipment in left(one) {
            outside += usize::from(!inside(one, shipment));
            let named = format!(" centre={},", shipment.location_id);
            let numbers = shipment.tracking.iter();
            let told = numbers.clone().all(|number| {
                let mut of = notes.iter().filter(|note| note.contains(number.as_str()));
                of.any(|note| note.contains(&named)) == one.location_id.is_none()
            });
            if !told && order.fate != Fate::TrackingChanged && !notes.is_empty() {
                faults.push(format!(
                    "{key}: no note says centre {}: {notes:?}",
                    shipment.location_id
                ));
            }
        }
    }
    let held = holds.contains("left-elsewhere");
    if held != (outside > 0) {
        faults.push(format!("{outside} parcel(s) left elsewhere, holds {holds:?}"));
    }
    if outside > 0 && order.fate != Fate::ElsewhereCentre {
        faults.push(format!("{:?} left elsewhere", order.fate));
    }
    faults.into_iter().map(|words| format!("{}: {words}", order.order_number)).collect()
}

fn judged(verdict: &Verdict) {
    let orders = verdict.truth.orders.iter().filter(|order| !order.racing);
    let faults: Vec<String> = orders.flat_map(|o| unlike_its_mapping(verdict, o)).collect();
    assert!(faults.is_empty(), "{} fault(s):\n{}", faults.len(), faults.join("\n"));
}

/// Lives a world, and again with heavy faults.
async fn lives(setup: Setup) -> (Scene, Verdict) {
    let first = Scene::new(setup.clone()).await;
    let clean = first.proven().await;
    judged(&clean);
    let scene = Scene::new(setup.faults(FaultLevel::Heavy)).await;
    let heavy = scene.proven().await;
    scene.assert_same(&clean, &heavy);
    judged(&heavy);
    (first, clean)
}

/// Orders, by the centres their goods left.
fn centres(verdict: &Verdict) -> BTreeMap<String, BTreeSet<i64>> {
    let mut found: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for (number, order) in &verdict.projection.orders {
        for one in order.references.values().filter(|one| one.location_id.is_none()) {
            let of = found.entry(number.clone()).or_default();
            of.extend(left(one).map(|shipment| shipment.location_id));
        }
    }
    found
}

#[tokio::test]
async fn what_shipbob_chose_is_slipped_and_told_and_faults_leave_no_trace() {
    let (scene, clean) = lives(Setup::new(41, SOME).network()).await;
    let centres = centres(&clean);
    assert!(centres.values().any(|of| *of == BTreeSet::from([1])), "{centres:?}");
    assert!(centres.values().any(|of| *of == BTreeSet::from([3])), "{centres:?}");
    assert!(centres.values().any(|of| *of == BTreeSet::from(SET)), "{centres:?}");
    // Every move is told in the trail of its order.
    let moved: BTreeSet<String> = clean
        .ledger
        .of(effect::SHIPMENT_MOVED)
        .filter_map(|entry| entry.detail["order_number"].as_str().map(str::to_owned))
        .collect();
    assert!(!moved.is_empty(), "nothing was moved before its pick");
    let store = scene.open(None).await;
    let mut reader = store.read().await.expect("a database that answers");
    for order in &moved {
        let filter = TrailFilter { subject: Some(order.clone()), ..TrailFilter::default() };
        let rows = reader.trail(&app::rig::scope(), &filter, None, 500).await.expect("a trail");
        let told = rows.iter().any(|row| row.entry.what == "moved");
        assert!(told, "the trail of {order} does not say that it was moved");
    }
    drop(reader);
    store.close().await;
}

#[tokio::test]
async fn faults_leave_no_trace_in_the_network_of_seed_42() {
    lives(Setup::new(42, SOME).network()).await;
}

#[tokio::test]
async fn faults_leave_no_trace_in_the_network_of_seed_43() {
    lives(Setup::new(43, SOME).network()).await;
}

#[tokio::test]
async fn externally_managed_warehouses_may_be_networks_too() {
    lives(Setup::new(44, EXTERNAL).network().external()).await;
}

#[tokio::test]
async fn when_the_network_is_looked_at_decides_nothing() {
    let setup = Setup::new(45, FEW).network();
    let clean = Scene::new(setup.clone()).await.proven().await;
    for other in [
        setup.clone().polls_only(),
        setup.clone().pace(60),
        setup.clone().released_over(Span::hours(2)),
    ] {
        let scene = Scene::new(other).await;
        let found = scene.proven().await;
        scene.assert_same(&clean, &found);
        judged(&found);
    }
}

/// The same world with every warehouse pinned: all of it leaves centre 1 or 2, and no note speaks of centres.
#[tokio::test]
async fn pinned_warehouses_are_as_they_were() {
    let clean = Scene::new(Setup::new(41, FEW)).await.proven().await;
    for (number, order) in &clean.projection.orders {
        assert!(order.references.values().all(|one| one.location_id.is_some()), "{number}");
        let notes = order.dynamics.iter().flat_map(|d| &d.notes);
        assert!(notes.clone().all(|note| !note.contains("centre=")), "{number}");
    }
}

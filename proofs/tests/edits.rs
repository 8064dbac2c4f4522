//! What a clerk changes in F&O after the release, on its way to ShipBob.
//!
//! Goal: a change that comes before the pick is in what leaves; one that comes later is told to a person; around the
//! pick it is either, never both. Our own writes come back from neither side as somebody's edit. However the tenant
//! behaves and however bad the network is, the end is the same.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a proof stops at the first surprise, and says how much it proved"
)]

use std::collections::BTreeMap;

use proofs::{Came, Scene, Setup, Verdict, came};
use twins::{Fate, FaultLevel, effect};

type Cast = Vec<(&'static str, Fate)>;

/// Races, this many.
const RACES: usize = 200;

/// Every kind of change, and cancels, around the time of picking.
fn races() -> Cast {
    let kinds = [
        ("address-changed", Fate::EditRace),
        ("quantity-reduced", Fate::EditRace),
        ("ordinary", Fate::CancelRace),
        ("mode-changed", Fate::EditRace),
        ("quantity-raised", Fate::EditRace),
    ];
    kinds.into_iter().cycle().take(RACES).collect()
}

/// Every kind of change, before and after the pick. A late change of the mode cannot be told from our own write.
fn early_and_late() -> Cast {
    let kinds = [
        ("address-changed", Fate::EditEarly),
        ("quantity-reduced", Fate::EditEarly),
        ("quantity-raised", Fate::EditEarly),
        ("mode-changed", Fate::EditEarly),
        ("address-changed", Fate::EditLate),
        ("quantity-reduced", Fate::EditLate),
        ("quantity-raised", Fate::EditLate),
    ];
    kinds.into_iter().cycle().take(3 * kinds.len()).collect()
}

fn setup(seed: u64, cast: Cast) -> Setup {
    let mut setup = Setup::new(seed, u32::try_from(cast.len()).unwrap_or(0));
    setup.config.cast = cast;
    setup
}

/// How the changes ended, by category.
fn ends(verdict: &Verdict) -> BTreeMap<(String, Came), u32> {
    let mut ends = BTreeMap::new();
    for order in verdict.truth.orders.iter().filter(|order| order.category != "ordinary") {
        let came = came(verdict, order).expect("proved before");
        *ends.entry((order.category.clone(), came)).or_default() += 1;
    }
    ends
}

/// Nobody's edit is answered by an edit: F&O's own fields are left alone, and a change that is one write at ShipBob is
/// made once.
fn nothing_echoed(verdict: &Verdict, most: usize) {
    let ledger = &verdict.ledger;
    let own: Vec<_> = ledger.of("order header set").collect();
    assert!(own.is_empty(), "F&O got back what it said: {own:?}");
    for kind in [effect::ADDRESS_UPDATED, effect::LINES_UPDATED, effect::METHOD_UPDATED] {
        let mut times = BTreeMap::<String, usize>::new();
        for entry in ledger.of(kind) {
            let shipment =
                entry.detail.get("shipment").map(ToString::to_string).unwrap_or_default();
            *times.entry(format!("{} {shipment}", entry.key)).or_default() += 1;
        }
        let many: Vec<_> = times.iter().filter(|(_, n)| **n > most).collect();
        assert!(many.is_empty(), "{kind} more than {most} times: {many:?}");
    }
}

async fn raced(faults: FaultLevel, most: usize) -> Verdict {
    let verdict = Scene::new(setup(31, races()).faults(faults)).await.proven().await;
    nothing_echoed(&verdict, most);
    let ends = ends(&verdict);
    let cancels: Vec<_> = verdict
        .projection
        .racing
        .iter()
        .filter(|(number, _)| verdict.truth.order(number).is_some_and(|o| o.category == "ordinary"))
        .map(|(_, one)| one.cancelled_at_shipbob)
        .collect();
    let won = cancels.iter().filter(|cancelled| **cancelled).count();
    println!("{RACES} races: {won} of {} cancels won; {ends:?}", cancels.len());
    for category in ["address-changed", "quantity-reduced"] {
        for end in [Came::In, Came::Told] {
            assert!(ends.contains_key(&(category.to_owned(), end)), "no {category} came {end:?}");
        }
    }
    assert!(won > 0 && won < cancels.len(), "{won} of {} cancels won", cancels.len());
    verdict
}

#[tokio::test]
async fn two_hundred_edits_and_cancels_race_the_pick_and_each_is_either_in_or_told() {
    raced(FaultLevel::None, 1).await;
}

#[tokio::test]
async fn with_heavy_faults_each_is_either_in_or_told_too() {
    // A write nobody heard of may be made again; it is absolute.
    raced(FaultLevel::Heavy, 4).await;
}

/// Lives early and late changes in a tenant, clean and with heavy faults.
async fn in_tenant(tenant: &str) -> Verdict {
    let setup = setup(33, early_and_late()).tenant(tenant);
    let clean = Scene::new(setup.clone()).await.proven().await;
    nothing_echoed(&clean, 1);
    let scene = Scene::new(setup.faults(FaultLevel::Heavy)).await;
    let heavy = scene.proven().await;
    scene.assert_same(&clean, &heavy);
    clean
}

fn count(verdict: &Verdict, kind: &'static str) -> usize {
    verdict.ledger.of(kind).count()
}

#[tokio::test]
async fn in_the_standard_tenant_a_changed_method_is_created_anew() {
    let verdict = in_tenant("standard").await;
    assert_eq!(count(&verdict, effect::METHOD_UPDATED), 0);
    assert_eq!(count(&verdict, effect::ORDER_CANCELLED), 3, "one per changed mode");
    assert_eq!(count(&verdict, effect::ADDRESS_UPDATED), 3);
}

#[tokio::test]
async fn where_a_service_is_a_method_the_method_is_updated() {
    let verdict = in_tenant("service-is-method-id").await;
    assert_eq!(count(&verdict, effect::METHOD_UPDATED), 3);
    assert_eq!(count(&verdict, effect::ORDER_CANCELLED), 0);
}

#[tokio::test]
async fn where_a_service_is_a_level_the_method_is_updated() {
    let verdict = in_tenant("service-is-level-id").await;
    assert_eq!(count(&verdict, effect::METHOD_UPDATED), 3);
    assert_eq!(count(&verdict, effect::ORDER_CANCELLED), 0);
}

#[tokio::test]
async fn an_order_that_follows_its_edits_is_no_other_order() {
    in_tenant("order-follows-edits").await;
}

#[tokio::test]
async fn a_refusal_inside_a_200_is_a_refusal() {
    in_tenant("edit-refused-in-200").await;
}

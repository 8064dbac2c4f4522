//! The extra OData filter of each profile.
//!
//! Goal: what a filter does not select is left alone, the rest is as without it, in a bad network too; a filter F&O
//! refuses stops planning and is named; nothing of it is asked where there is none.

use std::collections::BTreeSet;

use domain::order_filter::OrderFilters;
use domain::settings::Profile;
use domain::time::Span;
use proofs::{Scene, Setup, Verdict};
use twins::{FaultLevel, effect};

/// Enough for both kinds of orders.
const ORDERS: u32 = 40;
/// The delivery mode that is left out.
const LEFT_OUT: &str = "2DAY";

async fn filtered(setup: Setup, profile: Profile, filter: &str) -> Verdict {
    let mut scene = Scene::new(setup).await;
    let mut filters = OrderFilters::default();
    match profile {
        Profile::Plain => &mut filters.plain,
        Profile::External => &mut filters.external,
        Profile::Whs => &mut filters.whs,
    }
    .push_str(filter);
    scene.settings.filters = filters;
    scene.live().await;
    let verdict = scene.verdict().await;
    let left_out = left_out(&verdict);
    assert!(left_out.len() > 2, "the filter leaves nothing out: {left_out:?}");
    assert!(left_out.len() < 30, "the filter leaves everything out: {left_out:?}");
    let sent: BTreeSet<&str> = sent(&verdict);
    let both: Vec<_> = left_out.iter().filter(|o| sent.contains(o.as_str())).collect();
    assert!(both.is_empty(), "sent although left out: {both:?}");
    let rest = verdict.without(|order| left_out.contains(&order.order_number));
    scene.assert(&rest);
    rest
}

/// Orders whose header has the mode that is left out.
fn left_out(verdict: &Verdict) -> BTreeSet<String> {
    let of = verdict.projection.orders.iter().filter(|(_, one)| {
        one.dynamics.as_ref().is_some_and(|d| d.delivery_mode.as_deref() == Some(LEFT_OUT))
    });
    of.map(|(number, _)| number.clone()).collect()
}

fn sent(verdict: &Verdict) -> BTreeSet<&str> {
    let created = verdict.ledger.of(effect::ORDER_CREATED);
    created.filter_map(|entry| entry.detail.get("order_number")?.as_str()).collect()
}

async fn in_profile(setup: Setup, profile: Profile, filter: &str) {
    let clean = filtered(setup.clone(), profile, filter).await;
    let heavy = filtered(setup.faults(FaultLevel::Heavy), profile, filter).await;
    assert_eq!(heavy.unlike(&clean), Vec::<String>::new());
}

#[tokio::test]
async fn orders_of_plain_warehouses_are_filtered_by_their_header() {
    in_profile(Setup::new(3, ORDERS), Profile::Plain, "DeliveryModeCode ne '2DAY'").await;
}

#[tokio::test]
async fn orders_released_to_a_warehouse_are_filtered_by_their_header() {
    in_profile(Setup::new(3, ORDERS).whs(), Profile::Whs, "not (DeliveryModeCode eq '2DAY')").await;
}

#[tokio::test]
async fn requests_of_external_warehouses_are_filtered_by_themselves() {
    in_profile(Setup::new(3, ORDERS).external(), Profile::External, "DlvModeId ne '2DAY'").await;
}

#[tokio::test]
async fn a_filter_of_another_profile_leaves_nothing_out() {
    let plain = Scene::new(Setup::new(3, ORDERS)).await.proven().await;
    let mut scene = Scene::new(Setup::new(3, ORDERS)).await;
    scene.settings.filters.whs = "DeliveryModeCode ne '2DAY'".to_owned();
    assert_eq!(scene.proven().await.sha(), plain.sha());
}

#[tokio::test]
async fn a_filter_that_dynamics_refuses_stops_planning_and_is_named() {
    for filter in ["NoSuchField eq 'x'", "DeliveryModeCode eq 5", "DeliveryModeCode"] {
        let mut scene = Scene::new(Setup::new(3, 5)).await;
        scene.settings.filters.plain = filter.to_owned();
        let life = scene.start().await;
        let began = scene.world.now();
        let lived = life.until(|world| world.now().since(began) > Span::minutes(30)).await;
        assert!(lived.is_ok(), "{lived:?}");
        let status = life.rig.engine.status();
        let problems = status.lock().map(|s| s.setting_problems.clone()).unwrap_or_default();
        life.stop().await;
        assert!(problems.iter().any(|why| why.contains("filters.plain")), "{filter}: {problems:?}");
        let verdict = scene.verdict().await;
        assert_eq!(sent(&verdict).len(), 0, "{filter}");
    }
}

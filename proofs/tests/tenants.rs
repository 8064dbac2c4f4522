//! Every tenant profile of the twins: each is a vendor fact nobody could tell us, switched the other way.
//!
//! Goal: in every tenant all orders end as the world intended, and a bad network leaves no trace there either.

#![expect(clippy::panic, reason = "a proof stops at the first surprise")]

use domain::time::Span;
use engine::{Target, Verb};
use proofs::{Act, Ordeal, Scene, Setup, Steps, Verdict};
use std::collections::BTreeSet;
use twins::{Fate, FaultLevel, tenants};

/// Every fate occurs in so many.
const ALL: u32 = 110;
/// Enough where the switch touches every order.
const FEW: u32 = 40;

async fn lives_in(tenant: &str, orders: u32) {
    let mut setup = Setup::new(21, orders).tenant(tenant);
    // What only externally managed warehouses meet is met in a world of them.
    if tenant.starts_with("external-") {
        setup = setup.external();
    }
    // What only a choice of centres meets is met where ShipBob has one.
    if tenant.starts_with("network-") {
        setup = setup.network();
    }
    if tenant.starts_with("whs-") {
        setup = setup.whs();
    }
    // After each slip F&O offers the rest of an order again. At the usual pace the batch comes as often as our poll, and in
    // a bad network nobody could take the rest back in time; the customer's batch runs every ten minutes.
    if tenant == "deliver-now-resets-to-remainder" {
        setup = setup.pace(2);
    }
    // Where the profile is about an app there must be one.
    setup.config.oauth = tenant == "refresh-grace";
    setup.config.billing = tenant == "refunds-positive";
    let clean = Scene::new(setup.clone()).await.proven().await;
    let scene = Scene::new(setup.faults(FaultLevel::Heavy)).await;
    let heavy = scene.proven().await;
    scene.assert_same(&clean, &heavy);
}

/// Nobody can tell which sales order a request belongs to: a person ticks what waited at the first look, everything is
/// told but the note, and a bad network leaves no trace.
async fn lives_unnamed(setup: Setup) -> Verdict {
    let scene = Scene::new(setup).await;
    let ids =
        (1..=FEW).flat_map(|order| (0..2).map(move |n| format!("WHSR-{:07}", order * 10 + n)));
    let at = scene.world.now() + Span::minutes(15);
    let acts = ids.map(|id| {
        let target = Target::Order(domain::request::subject(&id.as_str().into()));
        Act { at, verb: Verb::Release, target }
    });
    let acts: Vec<Act> = acts.collect();
    let steps = Steps::new(scene.world.clock(), Box::new(|_, _| None));
    let mut ordeal = Ordeal::new(scene, steps, Span::minutes(40), Span::days(30));
    ordeal.acts = acts;
    let (verdict, store) = ordeal.run().await.unwrap_or_else(|words| panic!("{words}"));
    store.close().await;
    // Which way a race went stands in a note, and there is none.
    let mut broken = verdict.broken();
    broken.retain(|words| !words.starts_with("race not decided"));
    assert_eq!(broken, Vec::<String>::new());
    assert_eq!(verdict.unfinished(), Vec::<String>::new());
    let plain =
        verdict.truth.orders.iter().filter(|o| o.fate == Fate::Plain && o.category == "ordinary");
    for order in plain {
        let seen = verdict.projection.orders.get(&order.order_number);
        let dynamics = seen.and_then(|one| one.dynamics.as_ref());
        let told = dynamics.is_some_and(|d| d.status == "Delivered" && d.notes.is_empty());
        assert!(told, "{}: {seen:?}", order.order_number);
    }
    verdict
}

#[tokio::test]
async fn requests_do_not_name_their_order() {
    let setup = Setup::new(21, FEW).tenant(UNNAMED).external();
    let clean = lives_unnamed(setup.clone()).await;
    let heavy = lives_unnamed(setup.faults(FaultLevel::Heavy)).await;
    assert_eq!(heavy.unlike(&clean), Vec::<String>::new());
}

/// The profile that is lived in by [`requests_do_not_name_their_order`].
const UNNAMED: &str = "external-order-hidden";
/// It concerns stock only, and is lived in by `stock_modes`.
const ADJUSTED: &str = "external-adjustments-leave";

/// Profiles that only flows of their own meet: `returns.rs` lives in the first two, `charges.rs` in the others.
const ELSEWHERE: [&str; 7] = [
    "return-status-spaced",
    "wro-topics",
    "charge-call-refuses-same",
    "charges-shown-late",
    "import-errors-empty",
    "import-never-ends",
    "import-own-ids",
];

macro_rules! tenants {
    ($($test:ident: $name:literal, $orders:expr;)*) => {
        const TESTED: &[&str] = &[$($name),*];
        $(
            #[tokio::test]
            async fn $test() {
                lives_in($name, $orders).await;
            }
        )*
    };
}

tenants! {
    standard: "standard", ALL;
    note_ids_are_assigned_by_dynamics: "note-id-assigned", ALL;
    tracking_of_slips_is_read_only: "tracking-read-only", FEW;
    deliver_now_resets_to_the_remainder: "deliver-now-resets-to-remainder", FEW;
    stale_etags_are_accepted: "etag-ignored", FEW;
    webhook_stamps_are_made_anew: "stamp-per-attempt", FEW;
    order_shipped_comes_once: "shipped-once", ALL;
    a_cancelled_order_frees_its_reference: "reference-freed", ALL;
    the_other_body_of_a_422: "duplicate-body-b", FEW;
    paging_headers_are_missing: "paging-headers-missing", FEW;
    has_tracking_answers_500: "tracking-500", FEW;
    every_webhook_body_is_a_shipment: "payload-shipment", FEW;
    rejected_calls_count: "rejected-calls-count", FEW;
    server_clocks_are_ten_minutes_ahead: "clock-skew", FEW;
    deliver_now_is_read_only: "deliver-now-read-only", FEW;
    the_pool_is_read_only: "pool-read-only", FEW;
    a_carrier_redefaults_the_mode: "carrier-redefaults-mode", ALL;
    there_are_no_webhooks: "hooks-off", FEW;
    updates_are_committed_by_their_status: "external-no-complete", FEW;
    lines_of_requests_name_their_order: "external-order-on-line", FEW;
    changed_releases_are_new_versions: "external-versions", ALL;
    packing_slips_have_numbers_of_their_own: "external-own-slip-number", FEW;
    parts_of_a_request_may_be_told: "external-partial-updates", FEW;
    released_quantities_are_in_the_sales_unit: "whs-released-in-sales-unit", ALL;
    slips_are_taken_off_the_released_quantity: "whs-released-falls", ALL;
    the_customers_call_posts_what_it_posted_before: "whs-call-posts-twice", ALL;
    the_customers_call_is_an_action: "whs-call-is-action", FEW;
    a_service_is_a_method: "service-is-method-id", FEW;
    a_service_is_a_level: "service-is-level-id", FEW;
    an_order_follows_its_edits: "order-follows-edits", FEW;
    an_edit_is_refused_in_a_200: "edit-refused-in-200", FEW;
    a_shipment_names_its_centre_late: "network-centre-late", FEW;
    a_moved_shipment_is_made_anew: "network-reroute-replaces", ALL;
    spent_refresh_tokens_work_for_a_minute: "refresh-grace", FEW;
    refunds_are_written_without_a_minus: "refunds-positive", FEW;
}

#[test]
fn every_tenant_profile_is_lived_in() {
    let names: Vec<&str> = tenants().into_iter().map(|(name, _)| name).collect();
    let tested: BTreeSet<&str> =
        TESTED.iter().copied().chain([UNNAMED, ADJUSTED]).chain(ELSEWHERE).collect();
    assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), tested);
}

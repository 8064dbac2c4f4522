//! Every tenant profile of the twins: each is a vendor fact nobody could tell us, switched the other way.
//!
//! Goal: in every tenant all orders end as the world intended, and a bad network leaves no trace there either.

use proofs::{Scene, Setup};
use twins::{FaultLevel, tenants};

/// Every fate occurs in so many.
const ALL: u32 = 110;
/// Enough where the switch touches every order.
const FEW: u32 = 40;

async fn lives_in(tenant: &str, orders: u32) {
    let mut setup = Setup::new(21, orders).tenant(tenant);
    // Where the profile is about an app there must be one.
    setup.config.oauth = tenant == "refresh-grace";
    let clean = Scene::new(setup.clone()).await.proven().await;
    let scene = Scene::new(setup.faults(FaultLevel::Heavy)).await;
    let heavy = scene.proven().await;
    scene.assert_same(&clean, &heavy);
}

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
    deliver_now_resets_to_the_remainder: "deliver-now-resets-to-remainder", ALL;
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
    spent_refresh_tokens_work_for_a_minute: "refresh-grace", FEW;
}

#[test]
fn every_tenant_profile_is_lived_in() {
    let names: Vec<&str> = tenants().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, TESTED);
}

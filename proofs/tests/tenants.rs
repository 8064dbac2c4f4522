//! Every tenant profile of the twins: each is a vendor fact nobody could tell us, switched the other way.
//!
//! Goal: in every tenant all orders end as the world intended, and a bad network leaves no trace there either.

use proofs::{Scene, Setup};
use twins::{FaultLevel, tenants};

const ORDERS: u32 = 110;

async fn lives_in(tenant: &str) {
    let setup = Setup::new(21, ORDERS).tenant(tenant);
    let clean = Scene::new(setup.clone()).await.proven().await;
    let scene = Scene::new(setup.faults(FaultLevel::Heavy)).await;
    let heavy = scene.proven().await;
    scene.assert_same(&clean, &heavy);
}

macro_rules! tenants {
    ($($test:ident: $name:literal,)*) => {
        const TESTED: &[&str] = &[$($name),*];
        $(
            #[tokio::test]
            async fn $test() {
                lives_in($name).await;
            }
        )*
    };
}

tenants! {
    standard: "standard",
    note_ids_are_assigned_by_dynamics: "note-id-assigned",
    tracking_of_slips_is_read_only: "tracking-read-only",
    deliver_now_resets_to_the_remainder: "deliver-now-resets-to-remainder",
    stale_etags_are_accepted: "etag-ignored",
    webhook_stamps_are_made_anew: "stamp-per-attempt",
    order_shipped_comes_once: "shipped-once",
    a_cancelled_order_frees_its_reference: "reference-freed",
    the_other_body_of_a_422: "duplicate-body-b",
    paging_headers_are_missing: "paging-headers-missing",
    has_tracking_answers_500: "tracking-500",
    every_webhook_body_is_a_shipment: "payload-shipment",
    rejected_calls_count: "rejected-calls-count",
    server_clocks_are_ten_minutes_ahead: "clock-skew",
    deliver_now_is_read_only: "deliver-now-read-only",
    the_pool_is_read_only: "pool-read-only",
    a_carrier_redefaults_the_mode: "carrier-redefaults-mode",
    there_are_no_webhooks: "hooks-off",
}

#[test]
fn every_tenant_profile_is_lived_in() {
    let names: Vec<&str> = tenants().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, TESTED);
}

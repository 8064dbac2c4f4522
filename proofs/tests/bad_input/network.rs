//! What networks and servers do to a call.

use crate::{clean, setup, told, unharmed};
use proofs::{Scene, Verdict};
use store::TrailRow;
use twins::{Fault, FaultLevel, FaultPlan, RequestMatcher, System};

/// One fault at the first, the second and the fifth request to every endpoint the clean run used.
fn everywhere(clean: &Verdict, fault: Fault, of: &[System]) -> FaultLevel {
    let mut requests = Vec::new();
    for (system, endpoints) in clean.ledger.endpoints.iter().filter(|(s, _)| of.contains(s)) {
        for endpoint in endpoints.keys() {
            for nth in [1, 2, 5] {
                requests.push((RequestMatcher::endpoint(*system, endpoint), nth, fault));
            }
        }
    }
    if of.contains(&System::Dynamics) {
        // Reads and writes of F&O share an endpoint.
        let mut writes = RequestMatcher::endpoint(System::Dynamics, "$batch");
        "changeset".clone_into(&mut writes.content);
        requests.extend([1, 2, 5].map(|nth| (writes.clone(), nth, fault)));
    }
    FaultLevel::Custom(FaultPlan::scripted(requests))
}

async fn bears(fault: Fault) -> Vec<TrailRow> {
    bears_of(fault, &[System::Entra, System::Dynamics, System::ShipBob]).await
}

async fn bears_of(fault: Fault, of: &[System]) -> Vec<TrailRow> {
    let clean = clean().await;
    let scene = Scene::new(setup().faults(everywhere(&clean, fault, of))).await;
    scene.live().await;
    unharmed(&scene, &clean).await
}

#[tokio::test]
async fn html_error_pages_do_no_harm() {
    let trail = bears(Fault::Failure { status: 502, html: true }).await;
    told(&trail, "ShipBob gave no usable answer");
    told(&trail, "Dynamics gave no usable answer");
}

#[tokio::test]
async fn server_errors_do_no_harm() {
    let trail = bears(Fault::Failure { status: 500, html: false }).await;
    told(&trail, "gave no usable answer");
}

#[tokio::test]
async fn truncated_json_does_no_harm() {
    let trail = bears(Fault::CutBody).await;
    told(&trail, "gave no usable answer");
    told(&trail, "looked up, not repeated");
}

#[tokio::test]
async fn lost_replies_do_no_harm() {
    let trail = bears(Fault::LoseReply).await;
    told(&trail, "found at ShipBob as order");
    told(&trail, "found in Dynamics, not repeated");
}

#[tokio::test]
async fn a_token_that_expires_on_the_way_does_no_harm() {
    bears_of(Fault::Unauthorized, &[System::Dynamics]).await;
}

#[tokio::test]
async fn a_429_with_a_time_is_obeyed() {
    let trail = bears(Fault::Throttle { seconds: Some(17) }).await;
    told(&trail, "asked us to wait");
}

#[tokio::test]
async fn a_429_without_a_time_does_no_harm() {
    let trail = bears(Fault::Throttle { seconds: None }).await;
    told(&trail, "asked us to wait");
}

#[tokio::test]
async fn an_effect_90_seconds_after_a_504_is_there_once() {
    let trail = bears(Fault::Late { micros: 90_000_000, abort: false }).await;
    told(&trail, "looked up, not repeated");
}

#[tokio::test]
async fn an_effect_90_seconds_after_we_hung_up_is_there_once() {
    let trail = bears(Fault::Late { micros: 90_000_000, abort: true }).await;
    told(&trail, "looked up, not repeated");
}

#[tokio::test]
async fn lists_that_lag_do_no_harm() {
    bears(Fault::Lag { micros: 20_000_000 }).await;
}

#[tokio::test]
async fn server_clocks_ten_minutes_off_do_no_harm() {
    let tenant = setup().tenant("clock-skew");
    let clean = Scene::new(tenant.clone()).await.proven().await;
    let scene = Scene::new(tenant).await;
    scene.live().await;
    told(&unharmed(&scene, &clean).await, "10 min ahead of");
}

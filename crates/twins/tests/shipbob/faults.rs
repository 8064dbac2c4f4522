//! Disturbances, and what they leave behind.

use serde_json::{Value, json};
use twins::{Fault, FaultLevel, FaultPlan, RequestMatcher, System, TwinConfig, effect};

use crate::harness::{Client, SECOND, client, config, order};

fn scripted(endpoint: &str, nth: u32, fault: Fault) -> Client {
    let matcher = RequestMatcher::endpoint(System::ShipBob, endpoint);
    let plan = FaultPlan::scripted(vec![(matcher, nth, fault)]);
    client(TwinConfig { faults: FaultLevel::Custom(plan), ..config() })
}

fn created(shipbob: &Client) -> usize {
    shipbob.twins.ledger().of(effect::ORDER_CREATED).count()
}

#[test]
fn a_scripted_throttle_hits_exactly_the_named_request() {
    let shipbob = scripted("POST order", 2, Fault::Throttle { seconds: Some(7) });
    assert_eq!(shipbob.post("order", &order("a")).status, 201);
    let reply = shipbob.post("order", &order("b"));
    assert_eq!((reply.status, reply.header("x-retry-after")), (429, Some("7")));
    assert_eq!(shipbob.post("order", &order("b")).status, 201);
    assert_eq!(created(&shipbob), 2);
}

#[test]
fn a_throttle_may_come_without_a_time() {
    let shipbob = scripted("POST order", 1, Fault::Throttle { seconds: None });
    let reply = shipbob.post("order", &order("a"));
    assert_eq!((reply.status, reply.header("x-retry-after")), (429, None));
}

#[test]
fn a_failure_has_no_effect() {
    for html in [true, false] {
        let shipbob = scripted("POST order", 1, Fault::Failure { status: 503, html });
        let reply = shipbob.post("order", &order("a"));
        assert_eq!(reply.status, 503);
        let text = String::from_utf8(reply.bytes.unwrap()).unwrap();
        assert_eq!(text.starts_with("<!DOCTYPE"), html);
        assert_eq!(created(&shipbob), 0);
    }
}

#[test]
fn a_lost_reply_has_its_effect() {
    let shipbob = scripted("POST order", 1, Fault::LoseReply);
    let reply = shipbob.post("order", &order("a"));
    assert!(reply.bytes.is_none(), "the body breaks off");
    assert_eq!(created(&shipbob), 1);
    assert_eq!(shipbob.post("order", &order("a")).status, 422);
}

#[test]
fn a_cut_body_has_its_effect_and_is_no_json() {
    let shipbob = scripted("POST order", 1, Fault::CutBody);
    let reply = shipbob.post("order", &order("a"));
    assert_eq!(reply.status, 201);
    assert!(serde_json::from_slice::<Value>(&reply.bytes.unwrap()).is_err());
    assert_eq!(created(&shipbob), 1);
}

#[test]
fn a_late_effect_appears_at_its_moment() {
    for abort in [true, false] {
        let late = Fault::Late { micros: 40 * SECOND, abort };
        let shipbob = scripted("POST order", 1, late);
        let reply = shipbob.post("order", &order("a"));
        assert_eq!(reply.bytes.is_none(), abort);
        assert!(abort || reply.status == 504);
        assert_eq!(shipbob.twins.next_event(), Some(shipbob.twins.now() + 40 * SECOND));
        shipbob.pass(39 * SECOND);
        assert_eq!(created(&shipbob), 0);
        shipbob.pass(SECOND);
        assert_eq!(created(&shipbob), 1);
        assert_eq!(shipbob.post("order", &order("a")).status, 422);
    }
}

#[test]
fn a_repeat_that_overtakes_the_late_effect_wins() {
    let shipbob = scripted("POST order", 1, Fault::Late { micros: 40 * SECOND, abort: false });
    shipbob.post("order", &order("a"));
    assert_eq!(shipbob.post("order", &order("a")).status, 201);
    shipbob.pass(60 * SECOND);
    assert_eq!(created(&shipbob), 1, "the late one is refused as a duplicate");
}

#[test]
fn heavy_faults_disturb_about_a_seventh_and_never_five_times_in_a_row() {
    let shipbob =
        client(TwinConfig { faults: FaultLevel::Heavy, shipbob_per_minute: None, ..config() });
    let mut run = 0;
    for n in 0..2_000 {
        let before = disturbed(&shipbob);
        shipbob.get("order?Limit=1");
        run = if disturbed(&shipbob) > before { run + 1 } else { 0 };
        assert!(run <= 4, "request {n}");
    }
    let share = disturbed(&shipbob);
    assert!((200..=400).contains(&share), "{share}");
}

fn disturbed(shipbob: &Client) -> u64 {
    let ledger = shipbob.twins.ledger();
    let endpoints = ledger.endpoints.get(&System::ShipBob);
    let count = endpoints.and_then(|all| all.get("GET order"));
    count.map_or(0, |count| count.disturbed.values().sum())
}

#[test]
fn faults_can_be_switched_off_from_outside() {
    let shipbob = scripted("POST order", 1, Fault::LoseReply);
    let request = http::Request::post("/_twin/faults")
        .body(axum::body::Body::from(json!({"level": "none"}).to_string()))
        .unwrap();
    let control = tower::ServiceExt::oneshot(shipbob.twins.control(), request);
    assert_eq!(futures::executor::block_on(control).unwrap().status(), 200);
    assert_eq!(shipbob.post("order", &order("a")).status, 201);
}

#[test]
fn the_control_api_shows_ledger_projection_truth_and_status() {
    let shipbob = client(config());
    shipbob.create(&order("a"));
    for path in ["ledger", "projection", "projection/sha256", "truth", "status"] {
        let request =
            http::Request::get(format!("/_twin/{path}")).body(axum::body::Body::empty()).unwrap();
        let control = tower::ServiceExt::oneshot(shipbob.twins.control(), request);
        let reply = futures::executor::block_on(control).unwrap();
        assert_eq!(reply.status(), 200, "{path}");
        let bytes = futures::executor::block_on(axum::body::to_bytes(reply.into_body(), 1 << 20));
        let value: Value = serde_json::from_slice(&bytes.unwrap()).unwrap();
        assert!(value.is_object());
    }
}

#[test]
fn a_late_effect_was_admitted_when_it_arrived() {
    let matcher = RequestMatcher::endpoint(System::ShipBob, "POST order");
    let late = Fault::Late { micros: 30 * SECOND, abort: false };
    let plan = FaultPlan::scripted(vec![(matcher, 1, late)]);
    let faults = FaultLevel::Custom(plan);
    let shipbob = client(TwinConfig { faults, shipbob_per_minute: Some(1), ..config() });
    assert_eq!(shipbob.post("order", &order("a")).status, 504);
    assert_eq!(shipbob.get("channel").status, 200);
    assert_eq!(shipbob.get("channel").status, 429, "the window is full");
    shipbob.pass(30 * SECOND);
    assert_eq!(created(&shipbob), 1);
}

#[test]
fn a_replay_line_names_what_makes_the_world() {
    let line = twins::replay_line(&TwinConfig { seed: 77, pasted: 4, ..config() });
    assert!(line.contains("--seed 77") && line.contains("--pasted 4"), "{line}");
    assert!(line.contains("--tenant standard") && line.contains("--faults none"), "{line}");
}

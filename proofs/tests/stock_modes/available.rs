//! Available quantities told to F&O by the customer's own call.
//!
//! Goal: after a comparison the customer's service knows of every SKU what ShipBob may still promise, and only what changed
//! is told; faults leave no trace; a line F&O refuses stops no other.

use app::stock::{ask, settle, twin_available, twin_inventory};
use domain::custom_call::AVAILABLE_SUBJECT;
use domain::stock::{Inventory, Mode};
use futures::future::BoxFuture;
use proofs::{Faults, LIFE, Life, Scene, Setup};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use transport::{Request, Response, Transport, TransportError};
use twins::{AvailableTruth, FaultLevel, Twins, effect};

/// What F&O should have been told, and was not.
fn untold(twins: &Twins) -> Vec<AvailableTruth> {
    let all = twins.available();
    assert!(all.len() > 20, "too few to prove anything");
    all.into_iter().filter(|one| one.told != Some(one.free.max(0))).collect()
}

fn told(scene: &Scene) -> usize {
    scene.world.twins.ledger().of(effect::AVAILABLE_TOLD).count()
}

async fn lived(setup: Setup) -> Vec<AvailableTruth> {
    let mut setup = setup;
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    let inventory = twin_inventory();
    scene.settings.inventory = Some(Inventory { available: Some(twin_available()), ..inventory });
    let life = scene.start().await;
    life.run(LIFE).await.unwrap_or_else(|error| panic!("{error}\n{}", scene.setup.replay()));
    let quiet = || life.rig.run_to_quiet(LIFE);
    settle(&[&scene.world], &life.store, quiet).await.expect("some nights");
    let wrong = untold(&scene.world.twins);
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", scene.setup.replay());
    // A night in which nothing moves tells nothing.
    let before = told(&scene);
    ask(&life.store, &scene.world.scope, "Mara", scene.world.now()).await.expect("asked");
    life.run(LIFE).await.expect("a quiet end");
    assert_eq!(told(&scene), before, "what F&O knows is told again");
    // One piece less: one line, and only that.
    let twins = &scene.world.twins;
    let sku = twins.available().into_iter().find(|a| a.warehouse == "SB01" && a.free > 1);
    let sku = sku.expect("a shelf with something on it").sku;
    assert!(twins.recount_shelf(&sku, 1, -1));
    scene.world.advance(scene.world.now() + domain::time::Span::minutes(10));
    ask(&life.store, &scene.world.scope, "Mara", scene.world.now()).await.expect("asked");
    life.run(LIFE).await.expect("a quiet end");
    let wrong = untold(twins);
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", scene.setup.replay());
    if scene.setup.config.faults == FaultLevel::None {
        assert_eq!(told(&scene), before + 1);
    }
    assert!(told(&scene) > before);
    life.stop().await;
    scene.assert(&scene.verdict().await);
    twins.available()
}

async fn clean_is_heavy(setup: Setup) {
    let clean = lived(setup.clone()).await;
    let heavy = lived(setup.faults(FaultLevel::Heavy)).await;
    assert_eq!(clean, heavy, "faults leave a trace");
}

#[tokio::test]
async fn what_may_be_promised_is_told_and_faults_leave_no_trace() {
    clean_is_heavy(Setup::new(7, 12)).await;
}

#[tokio::test]
async fn what_may_be_promised_is_told_and_faults_leave_no_trace_on_another_seed() {
    clean_is_heavy(Setup::new(23, 12)).await;
}

#[tokio::test]
async fn the_centres_of_a_network_are_told_as_a_sum_and_faults_leave_no_trace() {
    clean_is_heavy(Setup::new(11, 12).network()).await;
}

/// F&O answers a call that names the SKU in its own way.
struct Odd {
    inner: Arc<dyn Transport>,
    sku: &'static str,
    /// 0 = as it is.
    status: AtomicU16,
}

impl Transport for Odd {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let status = self.status.load(Ordering::Relaxed);
        let body = std::str::from_utf8(&request.body).unwrap_or_default();
        let named = body.contains(&format!("\"{}\"", self.sku)) || self.sku.is_empty();
        if request.label != "dynamics.call" || status == 0 || !named {
            return self.inner.send(request);
        }
        let body = r#"{"Success":false,"Message":"the item is blocked"}"#;
        let mut response = Response::new(status, body);
        let json = http::HeaderValue::from_static("application/json");
        response.headers.insert(http::header::CONTENT_TYPE, json);
        Box::pin(async move { Ok(response) })
    }
}

async fn odd(sku: &'static str, status: u16) -> (Scene, Life, Arc<Odd>) {
    let mut setup = Setup::new(5, 0).polls_only();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    let report = Inventory { mode: Mode::Report, ..twin_inventory() };
    scene.settings.inventory = Some(Inventory { available: Some(twin_available()), ..report });
    let inner: Arc<dyn Transport> = Arc::new(scene.world.network());
    let network = Arc::new(Odd { inner, sku, status: AtomicU16::new(status) });
    let shared = Arc::clone(&network) as Arc<dyn Transport>;
    let life = scene.start_with(Faults { network: Some(shared), ..Faults::default() }).await;
    life.run(LIFE).await.expect("a quiet end");
    // Compared once more when nothing moves any longer.
    scene.world.advance(scene.world.now() + domain::time::Span::minutes(10));
    ask(&life.store, &app::rig::scope(), "Mara", scene.world.now()).await.expect("asked");
    life.run(LIFE).await.expect("a quiet end");
    (scene, life, network)
}

async fn held(life: &Life) -> Vec<(String, String)> {
    let mut reader = life.store.read().await.expect("a database that answers");
    let subjects = [AVAILABLE_SUBJECT.to_owned()];
    let holds = reader.holds_open(&app::rig::scope(), &subjects).await.expect("holds");
    holds.into_iter().map(|hold| (hold.cause, hold.field)).collect()
}

async fn one_line_stops_no_other(status: u16) {
    let (scene, life, network) = odd("A0001", status).await;
    let left: Vec<String> = untold(&scene.world.twins).into_iter().map(|one| one.sku).collect();
    assert_eq!(left, ["A0001", "A0001"], "status {status}: one line in each warehouse");
    let hold = |warehouse| ("available-refused".to_owned(), format!("A0001 in {warehouse}"));
    let mut named = held(&life).await;
    named.sort();
    assert_eq!(named, [hold("SB01"), hold("SB02")]);
    // Mended in F&O: the next comparison tells it, and the hold is gone.
    network.status.store(0, Ordering::Relaxed);
    ask(&life.store, &app::rig::scope(), "Mara", scene.world.now()).await.expect("asked");
    life.run(LIFE).await.expect("a quiet end");
    assert_eq!(untold(&scene.world.twins), []);
    assert_eq!(held(&life).await, []);
    life.stop().await;
}

#[tokio::test]
async fn a_line_that_is_refused_is_found_named_and_stops_no_other() {
    one_line_stops_no_other(200).await;
}

#[tokio::test]
async fn a_line_that_makes_the_call_throw_is_found_named_and_stops_no_other() {
    one_line_stops_no_other(500).await;
}

#[tokio::test]
async fn a_call_nobody_may_make_is_one_hold_and_stops_no_comparison() {
    let (scene, life, network) = odd("", 403).await;
    assert_eq!(told(&scene), 0);
    let hold = ("available-refused".to_owned(), "custom call".to_owned());
    assert_eq!(held(&life).await, [hold]);
    let shown = app::stock::rows(&life.store, &app::rig::scope()).await.expect("rows");
    assert!(app::stock::untrue(&scene.world.twins, &shown).is_empty());
    network.status.store(0, Ordering::Relaxed);
    ask(&life.store, &app::rig::scope(), "Mara", scene.world.now()).await.expect("asked");
    life.run(LIFE).await.expect("a quiet end");
    assert_eq!(untold(&scene.world.twins), []);
    assert_eq!(held(&life).await, []);
    life.stop().await;
}

#[tokio::test]
async fn without_the_section_nothing_is_told() {
    let mut setup = Setup::new(5, 0).polls_only();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.inventory = Some(Inventory { mode: Mode::Report, ..twin_inventory() });
    let life = scene.start().await;
    life.run(LIFE).await.expect("a quiet end");
    assert_eq!(told(&scene), 0);
    let ledger = scene.world.twins.ledger();
    let asked = ledger.endpoints.values().flat_map(|of| of.keys());
    assert_eq!(asked.filter(|name| name.contains("Availability")).count(), 0);
    life.stop().await;
}

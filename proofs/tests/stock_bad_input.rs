//! Bad input to the flow inventory, by name.
//!
//! Goal: each kind is named for a person, counted never, and stops nothing else. Method: one night in a world in which a
//! reply is altered on its way, or does not come for hours.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a proof stops at the first surprise and says what it saw"
)]

#[path = "stock_bad_input/inactive.rs"]
mod inactive;
#[path = "stock_bad_input/lots.rs"]
mod lots;
#[path = "stock_bad_input/paged.rs"]
mod paged;

use app::stock::{approve_all, ask, journals, rows, say, twin_adjustments, twin_inventory};
use domain::stock::{Inventory, Mode};
use domain::time::Span;
use engine::{Target, Verb};
use futures::future::BoxFuture;
use proofs::{Faults, LIFE, Life, Scene, Setup};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{StockRow, TrailFilter};
use transport::{Request, Response, Transport, TransportError};

type Change = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The network, with some replies changed.
struct Altered {
    inner: Arc<dyn Transport>,
    label: &'static str,
    change: Change,
    /// No reply of that label comes while this is so.
    silent: AtomicBool,
}

impl Transport for Altered {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let meant = request.label == self.label;
        if meant && self.silent.load(Ordering::Relaxed) {
            return Box::pin(async { Err(TransportError::Lost { why: "time-out".to_owned() }) });
        }
        Box::pin(async move {
            let mut response = self.inner.send(request).await?;
            let text = std::str::from_utf8(&response.body).ok().filter(|_| meant);
            if let Some(changed) = text.and_then(|body| (self.change)(body)) {
                response.body = changed.into();
            }
            Ok(response)
        })
    }
}

async fn night(
    label: &'static str,
    change: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> (Scene, Life, Arc<Altered>) {
    let mut setup = Setup::new(5, 0).polls_only();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.inventory = Some(Inventory { mode: Mode::Report, ..twin_inventory() });
    let (life, altered) = with(&scene, label, Box::new(change)).await;
    (scene, life, altered)
}

async fn with(scene: &Scene, label: &'static str, change: Change) -> (Life, Arc<Altered>) {
    let inner: Arc<dyn Transport> = Arc::new(scene.world.network());
    let silent = AtomicBool::new(false);
    let altered = Arc::new(Altered { inner, label, change, silent });
    let network = Arc::clone(&altered) as Arc<dyn Transport>;
    let life = scene.start_with(Faults { network: Some(network), ..Faults::default() }).await;
    (life, altered)
}

async fn seen(life: &Life) -> Vec<StockRow> {
    rows(&life.store, &app::rig::scope()).await.expect("rows")
}

fn of<'a>(rows: &'a [StockRow], sku: &str, centre: i64) -> &'a StockRow {
    rows.iter().find(|row| row.sku == sku && row.centre == centre).expect("a row")
}

async fn trail(life: &Life, what: &str) -> usize {
    let mut reader = life.store.read().await.expect("a database that answers");
    let filter = TrailFilter::default();
    let rows = reader.trail(&app::rig::scope(), &filter, None, 500).await.expect("a trail");
    rows.iter().filter(|row| row.entry.what == what).count()
}

/// On hand of the first centre of the SKU A0001 becomes `to`.
fn on_hand(body: &str, to: &str) -> Option<String> {
    const FIELD: &str = "\"on_hand_quantity\":";
    let sku = body.find("\"sku\":\"A0001\"")?;
    let item = body.get(..sku)?.rfind("\"inventory_id\"")?;
    let place = item + body.get(item..)?.find(FIELD)? + FIELD.len();
    let digits = body.get(place..)?.find(|c: char| !c.is_ascii_digit() && c != '-')?;
    Some(format!("{}{to}{}", body.get(..place)?, body.get(place + digits..)?))
}

#[tokio::test]
async fn a_negative_shelf_is_shown_and_the_others_are_compared() {
    let (_scene, life, _) = night("levels", |body| on_hand(body, "-3")).await;
    life.run(LIFE).await.expect("a quiet end");
    let rows = seen(&life).await;
    let one = of(&rows, "A0001", 1);
    assert_eq!((one.on_hand, one.state.as_str()), (Some(-3), "negative"));
    assert!(rows.iter().filter(|row| row.state == "waits").count() == 0);
    life.stop().await;
}

#[tokio::test]
async fn quantities_of_sixteen_digits_are_compared_exactly() {
    let change = |body: &str| {
        body.contains("OnHandQuantity").then(|| {
            let place = body.find("\"OnHandQuantity\":").expect("a quantity") + 17;
            let end = body[place..].find(',').expect("more") + place;
            format!("{}1234567890.123457{}", &body[..place], &body[end..])
        })
    };
    let (_scene, life, _) = night("dynamics.stock", change).await;
    life.run(LIFE).await.expect("a quiet end");
    let rows = seen(&life).await;
    let odd: Vec<_> = rows.iter().filter(|row| row.state == "unit").collect();
    assert!(!odd.is_empty(), "no shelf has parts of a piece");
    let exact = odd.iter().any(|row| row.physical.as_deref() == Some("1234567890.123457"));
    assert!(exact, "{odd:?}");
    assert!(rows.iter().any(|row| row.state == "even" || row.state == "variance"));
    life.stop().await;
}

#[tokio::test]
async fn stock_in_a_centre_that_is_not_mapped_or_not_active_is_told_and_not_compared() {
    let change = |body: &str| Some(body.replace("\"location_id\":2,", "\"location_id\":77,"));
    let (_scene, life, _) = night("levels", change).await;
    life.run(LIFE).await.expect("a quiet end");
    let rows = seen(&life).await;
    assert!(rows.iter().all(|row| row.centre != 77), "an unknown centre has rows");
    let second: Vec<_> = rows.iter().filter(|row| row.centre == 2).collect();
    assert!(!second.is_empty() && second.iter().all(|row| row.variance == 0), "{second:?}");
    let mut reader = life.store.read().await.expect("a database that answers");
    let filter = TrailFilter::default();
    let told = reader.trail(&app::rig::scope(), &filter, None, 500).await.expect("a trail");
    drop(reader);
    let told = told.iter().any(|row| {
        row.entry.after.as_deref().unwrap_or_default().contains("mapped to no warehouse")
            || row.entry.why.as_deref().unwrap_or_default().contains("mapped to no warehouse")
    });
    assert!(told, "nobody says that pieces lie elsewhere");
    life.stop().await;
}

#[tokio::test]
async fn a_snapshot_that_grows_old_is_refused_and_read_again() {
    let (scene, life, network) = night("stock-history", |_| None).await;
    life.run(LIFE).await.expect("a quiet end");
    assert_eq!(trail(&life, "stock compared").await, 1);
    // Now the history does not come: what moved since the levels were read is not known.
    network.silent.store(true, Ordering::Relaxed);
    ask(&life.store, &app::rig::scope(), "Mara", scene.world.now()).await.expect("asked");
    let until = scene.world.now() + Span::hours(3);
    while scene.world.now() < until {
        life.moment().await.expect("a moment");
    }
    assert!(trail(&life, "stock is stale").await > 0, "an old snapshot was kept");
    assert_eq!(trail(&life, "stock compared").await, 1, "an old snapshot was compared");
    network.silent.store(false, Ordering::Relaxed);
    life.run(LIFE).await.expect("a quiet end");
    assert_eq!(trail(&life, "stock compared").await, 2);
    life.stop().await;
}

/// The unit of one item becomes one that F&O refuses in an adjustment.
fn odd_unit(body: &str, item: &str) -> Option<String> {
    const FIELD: &str = "\"InventoryUnitSymbol\":\"";
    let row = body.find(&format!("\"ItemNumber\":\"{item}\""))?;
    let place = row + body.get(row..)?.find(FIELD)? + FIELD.len();
    let length = body.get(place..)?.find('"')?;
    Some(format!("{}odd{}", body.get(..place)?, body.get(place + length..)?))
}

#[tokio::test]
async fn one_line_that_is_refused_stops_no_other_and_is_a_hold_that_names_its_sku() {
    let mut setup = Setup::new(5, 0).polls_only().external();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.each_units.insert("odd".to_owned());
    scene.settings.inventory = Some(Inventory { threshold: 1_000, ..twin_adjustments() });
    let differing = |truth: &twins::StockTruth| truth.variance != 0 && !truth.sku.contains('-');
    let bad = scene.world.twins.stock().into_iter().find(differing).expect("a difference").sku;
    let sku = bad.clone();
    let change: Change = Box::new(move |body| odd_unit(body, &sku));
    let (life, _) = with(&scene, "dynamics.stock", change).await;
    life.run(LIFE).await.expect("a quiet end");
    let scope = app::rig::scope();
    approve_all(&life.store, &scope, "Ada", scene.world.now()).await.expect("approved");
    life.run(LIFE).await.expect("a quiet end");
    let ledger = scene.world.twins.ledger();
    let sent: Vec<String> = ledger
        .of(twins::effect::ADJUSTMENT_SENT)
        .map(|entry| entry.detail["sku"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(!sent.is_empty(), "one refused line stopped all others");
    assert!(!sent.contains(&bad), "{bad} was refused");
    let open = journals(&life.store, &scope).await.expect("journals");
    let subjects: Vec<String> = open.iter().map(|one| format!("journal:{}", one.token)).collect();
    let mut reader = life.store.read().await.expect("a database that answers");
    let holds = reader.holds_open(&scope, &subjects).await.expect("holds");
    drop(reader);
    let named: Vec<(&str, &str)> =
        holds.iter().map(|hold| (hold.cause.as_str(), hold.field.as_str())).collect();
    assert!(named.iter().all(|one| *one == ("dynamics-refused", bad.as_str())), "{named:?}");
    assert!(!named.is_empty(), "nobody is told of {bad}");
    // A person gives it up: the rest of the journal goes on.
    let target = |token: &str| Target::Order(format!("journal:{token}"));
    for journal in &open {
        let now = scene.world.now();
        say(&life.store, &scope, Verb::Skip, target(&journal.token), "Ada", now)
            .await
            .expect("said");
    }
    life.run(LIFE).await.expect("a quiet end");
    let mut reader = life.store.read().await.expect("a database that answers");
    let holds = reader.holds_open(&scope, &subjects).await.expect("holds");
    drop(reader);
    assert!(holds.is_empty(), "{}", holds.len());
    life.stop().await;
}

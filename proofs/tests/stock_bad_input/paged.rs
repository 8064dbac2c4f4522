//! A snapshot that changes while it is paged.

use super::{Altered, seen};
use app::stock::{journals, settle, twin_inventory, untrue};
use domain::time::Span;
use futures::future::BoxFuture;
use proofs::{Faults, LIFE, Scene, Setup};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use transport::{Request, Response, Transport, TransportError};
use twins::{Twins, effect};

/// Lists of ShipBob come in pages of a few entries.
pub(super) struct SmallPages {
    pub(super) inner: Arc<dyn Transport>,
}

impl Transport for SmallPages {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        request.url = request.url.replace("PageSize=250", "PageSize=6");
        self.inner.send(request)
    }
}

/// After every page of levels, and after every page of on-hand, the warehouse finds a piece more: once on a shelf of the
/// first page, once on one of the last.
struct Restless {
    inner: SmallPages,
    twins: Twins,
    first: String,
    last: String,
    pages: AtomicUsize,
    /// It goes on so long.
    until: usize,
    moved: Mutex<BTreeMap<String, i64>>,
}

impl Transport for Restless {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let meant = ["levels", "dynamics.stock"].contains(&request.label);
        Box::pin(async move {
            let response = self.inner.send(request).await?;
            let nth = self.pages.load(Ordering::Relaxed);
            if meant && nth < self.until {
                self.pages.store(nth + 1, Ordering::Relaxed);
                let sku = if nth.is_multiple_of(2) { &self.first } else { &self.last };
                assert!(self.twins.recount_shelf(sku, 1, 1), "no shelf of {sku}");
                let mut moved = self.moved.lock().expect("no panic while locked");
                *moved.entry(sku.clone()).or_default() += 1;
            }
            Ok(response)
        })
    }
}

/// One line of one journal in the first warehouse for each.
fn counted_once(scene: &Scene, skus: &[String]) {
    let ledger = scene.world.twins.ledger();
    for sku in skus {
        let lines = ledger.of(effect::JOURNAL_LINE).filter(|line| line.detail["sku"] == **sku);
        let home = lines.filter(|line| line.detail["warehouse"] == "SB01").count();
        assert_eq!(home, 1, "{sku} is counted once, after it came to rest");
    }
}

#[tokio::test]
async fn a_shelf_that_moves_while_its_snapshot_is_paged_waits_and_is_counted_to_the_piece_later() {
    let mut setup = Setup::new(5, 0).polls_only();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.inventory = Some(twin_inventory());
    let twins = &scene.world.twins;
    let mut here: Vec<String> =
        twins.stock().into_iter().filter(|one| one.centre == 1).map(|one| one.sku).collect();
    here.sort();
    let (first, last) = (here.first().expect("a shelf"), here.last().expect("a shelf"));
    let skus = [first.clone(), last.clone()];
    let network = Arc::new(Restless {
        inner: SmallPages { inner: Arc::new(scene.world.network()) },
        twins: twins.clone(),
        first: first.clone(),
        last: last.clone(),
        pages: AtomicUsize::new(0),
        until: 8,
        moved: Mutex::default(),
    });
    let shared = Arc::clone(&network) as Arc<dyn Transport>;
    let life = scene.start_with(Faults { network: Some(shared), ..Faults::default() }).await;
    let night = scene.world.now() + Span::hours(24);
    while super::trail(&life, "stock compared").await == 0 && scene.world.now() < night {
        life.moment().await.expect("a moment");
    }
    assert_eq!(
        network.pages.load(Ordering::Relaxed),
        8,
        "too few pages were read to prove anything"
    );
    let rows = seen(&life).await;
    let waits: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.centre == 1 && row.state == "waits")
        .map(|row| row.sku.as_str())
        .collect();
    assert!(skus.iter().all(|sku| waits.contains(sku.as_str())), "{waits:?} wait, not {skus:?}");
    assert!(rows.iter().any(|row| row.state != "waits"), "everything waits");
    let scope = app::rig::scope();
    for journal in journals(&life.store, &scope).await.expect("journals") {
        let home = journal.warehouse.as_str() == "SB01";
        let drafted = journal.lines.iter().any(|line| home && skus.contains(&line.sku));
        assert!(!drafted, "{} counts a shelf that moved", journal.token);
    }
    // Some quiet nights later the twins say what is true, and it is in F&O once.
    let quiet = || life.rig.run_to_quiet(LIFE);
    settle(&[&life.rig.world], &life.store, quiet).await.expect("some nights");
    let wrong = untrue(&scene.world.twins, &seen(&life).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let moved = network.moved.lock().expect("no panic while locked").clone();
    assert_eq!(moved.values().sum::<i64>(), 8);
    for truth in scene.world.twins.stock() {
        assert_eq!(truth.variance, 0, "{truth:?}");
    }
    counted_once(&scene, &skus);
    life.stop().await;
}

/// The network of a scene in small pages, with one reply altered.
pub(super) fn small(scene: &Scene, label: &'static str, change: super::Change) -> Arc<Altered> {
    let inner = Arc::new(SmallPages { inner: Arc::new(scene.world.network()) });
    let silent = std::sync::atomic::AtomicBool::new(false);
    Arc::new(Altered { inner, label, change, silent })
}

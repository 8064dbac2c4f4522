//! What ShipBob charges, through the whole life of a world.
//!
//! Goal: every fee line ShipBob ever made is kept exactly once and as it stands at the end, every invoice adds up, and
//! the net cost of every shipment stands in the note of its order - however late charges, refunds and corrections come,
//! to whichever invoice they move, and however bad the network is (I11).
//! Method: the twin's own books are the truth; the projections of a clean and a disturbed life must be equal.
#![expect(clippy::print_stdout, reason = "a proof says what it saw")]

use proofs::{Scene, Setup, Verdict};
use twins::FaultLevel;

/// Every oddity of a bill occurs in so many.
const MANY: u32 = 120;
/// Enough for the usual ones.
const FEW: u32 = 40;

async fn lived(setup: Setup) -> (Scene, Verdict) {
    let scene = Scene::new(setup).await;
    let verdict = scene.proven().await;
    (scene, verdict)
}

async fn clean_is_heavy(seed: u64, orders: u32) {
    let (scene, clean) = lived(Setup::new(seed, orders).billing()).await;
    let books = scene.world.twins.billed();
    println!("seed {seed}: {} fee lines, {} invoices", books.lines.len(), books.invoices.len());
    assert!(books.invoices.len() > 3, "weeks closed");
    let (other, heavy) = lived(Setup::new(seed, orders).billing().faults(FaultLevel::Heavy)).await;
    other.assert_same(&clean, &heavy);
}

#[tokio::test]
async fn heavy_faults_change_no_cent_and_no_note() {
    clean_is_heavy(7, MANY).await;
}

#[tokio::test]
async fn heavy_faults_change_nothing_on_another_seed() {
    clean_is_heavy(31, FEW).await;
}

#[tokio::test]
async fn the_sign_a_refund_is_written_with_changes_nothing() {
    let (_, clean) = lived(Setup::new(31, FEW).billing()).await;
    let (other, found) = lived(Setup::new(31, FEW).billing().tenant("refunds-positive")).await;
    other.assert_same(&clean, &found);
}

#[tokio::test]
async fn the_awkward_bills_all_occur() {
    let (scene, verdict) = lived(Setup::new(7, MANY).billing()).await;
    let books = scene.world.twins.billed();
    assert!(books.lines.iter().any(|l| l.cents < 0), "a refund");
    assert!(books.lines.iter().any(|l| l.currency == "CAD"), "another currency");
    assert!(books.lines.iter().any(|l| l.shipment.is_none()), "storage and receipts");
    let billed = verdict.projection.orders.values().flat_map(|o| o.references.values());
    let sums: Vec<&String> =
        billed.flat_map(|r| &r.shipments).flat_map(|s| s.billed.values()).collect();
    assert!(sums.iter().any(|s| s.starts_with('-')), "more given back than charged");
    let store = scene.open(None).await;
    let scope = app::rig::scope();
    let mut reader = store.read().await.expect("a database that answers");
    let filter = |what: &str| store::TrailFilter {
        what: Some(what.to_owned()),
        ..store::TrailFilter::default()
    };
    for what in ["charged", "charge moved", "invoice changed", "invoice added up"] {
        let rows = reader.trail(&scope, &filter(what), None, 5).await.expect("a trail");
        assert!(!rows.is_empty(), "the trail never says: {what}");
    }
    let odd = reader.costs(&scope, store::CostList::Findings, 0, 500).await.expect("costs");
    for word in ["duplicate", "other-currency", "refund-above-charge", "\"above\"", "\"below\""] {
        assert!(odd.iter().any(|row| row.body.contains(word)), "no finding: {word}");
    }
    drop(reader);
    store.close().await;
}

#[tokio::test]
async fn a_token_that_may_not_read_bills_stops_no_order() {
    let mut setup = Setup::new(5, FEW).billing();
    let all = ["channels_read", "orders_read", "orders_write", "products_read", "locations_read"];
    let scopes = all.into_iter().chain(["webhooks_read", "webhooks_write", "fulfillments_read"]);
    setup.config.shipbob_scopes = Some(scopes.map(str::to_owned).collect());
    let scene = Scene::new(setup).await;
    scene.live().await;
    let mut verdict = scene.verdict().await;
    verdict.money.clear();
    scene.assert(&verdict);
    let store = scene.open(None).await;
    let filter = store::TrailFilter::default();
    let mut reader = store.read().await.expect("a database that answers");
    let rows = reader.trail(&app::rig::scope(), &filter, None, 10_000).await.expect("a trail");
    let told = rows.iter().filter_map(|row| row.entry.why.as_deref());
    assert!(told.into_iter().any(|why| why.contains("billing_read")), "nobody is told");
    drop(reader);
    store.close().await;
}

#[tokio::test]
async fn without_the_section_nothing_of_billing_is_asked() {
    let mut scene = Scene::new(Setup::new(5, 12).billing()).await;
    scene.settings.billing = None;
    scene.live().await;
    let verdict = scene.verdict().await;
    let asked = verdict.ledger.endpoints.get(&twins::System::ShipBob).expect("calls");
    let bills = asked.keys().filter(|name| name.contains("invoices") || name.contains("transact"));
    assert_eq!(bills.count(), 0, "asked without the section");
    let notes = verdict.projection.orders.values().filter_map(|o| o.dynamics.as_ref());
    assert!(notes.flat_map(|d| &d.notes).any(|n| n.contains("charges=")), "the estimate stays");
}

//! Costs of ShipBob as charges of their orders, imported as data packages, through the whole life of a world.
//!
//! Goal: the cost of each shipment stands on its order exactly once and as ShipBob's books say at the end, or it is told
//! why it does not; no code that could bill the consumer is ever written; and a bad network, a strange tenant or a lost
//! database change nothing of it (I11).
//! Method: the ledgers of both twins are the truth; projections of clean and disturbed lives must be equal.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a proof stops at the first surprise, and says what it saw"
)]

#[path = "charges/called.rs"]
mod called;
#[path = "charges/forgotten.rs"]
mod forgotten;

use app::report::Charged;
use domain::charge::Charges;
use domain::time::Span;
use proofs::{Scene, Setup, Verdict, scripted};
use std::collections::{BTreeMap, BTreeSet};
use twins::{Fault, FaultLevel, System, effect};

const ORDERS: u32 = 40;

fn setup(seed: u64) -> Setup {
    let mut setup = Setup::new(seed, ORDERS).billing();
    setup.config.never_invoiced = true;
    setup
}

async fn scene(setup: Setup) -> Scene {
    let mut scene = Scene::new(setup).await;
    app::wiring::write_charges(&mut scene.settings, &scene.world.twins);
    scene
}

fn charges_of(scene: &mut Scene) -> &mut Charges {
    let billing = scene.settings.billing.as_mut().expect("the flow is on");
    billing.charges.as_mut().expect("charges are written")
}

async fn charged(scene: &Scene) -> Charged {
    let store = scene.open(None).await;
    let found = Charged::of(&scene.world.twins, &store, &app::rig::scope()).await.expect("bills");
    store.close().await;
    found.expect("a world without charges proves nothing")
}

async fn lived(setup: Setup) -> (Scene, Verdict) {
    lived_in(scene(setup).await).await
}

async fn lived_in(scene: Scene) -> (Scene, Verdict) {
    let verdict = scene.proven().await;
    let found = charged(&scene).await;
    println!("{}: {}", scene.setup.replay(), found.words());
    assert!(found.shipments > 10, "too few to prove anything");
    (scene, verdict)
}

async fn clean_is_heavy(seed: u64) {
    let (_, clean) = lived(setup(seed)).await;
    let (other, heavy) = lived(setup(seed).faults(FaultLevel::Heavy)).await;
    other.assert_same(&clean, &heavy);
    assert_eq!(holds(&clean), holds(&heavy));
}

/// What is held; a cancel that races the pick may end either way.
fn holds(verdict: &Verdict) -> BTreeMap<&String, &BTreeSet<String>> {
    let races = |number: &str| verdict.truth.order(number).is_some_and(|order| order.racing);
    verdict.holds.iter().filter(|(number, _)| !races(number)).collect()
}

#[tokio::test]
async fn heavy_faults_charge_every_shipment_once() {
    clean_is_heavy(7).await;
}

#[tokio::test]
async fn heavy_faults_charge_every_shipment_once_on_another_seed() {
    clean_is_heavy(31).await;
}

#[tokio::test]
async fn heavy_faults_charge_every_shipment_once_on_a_third_seed() {
    clean_is_heavy(58).await;
}

/// I8: whichever call of a package is told to wait, nobody asks F&O earlier.
#[tokio::test]
async fn a_wait_asked_for_at_any_call_of_a_package_is_kept() {
    let calls = ["GetAzureWriteUrl", "PUT blob", "ImportFromPackage", "GetExecutionSummaryStatus"];
    for call in calls {
        let wait = Fault::Throttle { seconds: Some(120) };
        let waits =
            scripted(&[(System::Dynamics, call, 1, wait), (System::Dynamics, call, 3, wait)]);
        let mut setup = setup(31).faults(waits);
        setup.config.orders = 20;
        let (_, verdict) = lived(setup).await;
        assert!(verdict.ledger.throttled(System::Dynamics) > 0, "{call}: nobody was told to wait");
    }
}

#[tokio::test]
async fn what_the_documents_leave_open_changes_nothing() {
    let (_, clean) = lived(setup(31)).await;
    for tenant in ["import-own-ids", "import-errors-empty", "charges-shown-late"] {
        for level in [FaultLevel::None, FaultLevel::Heavy] {
            let (other, found) = lived(setup(31).tenant(tenant).faults(level)).await;
            other.assert_same(&clean, &found);
        }
    }
}

#[tokio::test]
async fn an_externally_managed_warehouse_is_charged_on_the_sales_order() {
    lived(setup(12).external()).await;
}

#[tokio::test]
async fn an_order_that_was_invoiced_meanwhile_goes_to_the_finance_list() {
    for level in [FaultLevel::None, FaultLevel::Heavy] {
        let mut setup = Setup::new(7, 80).billing().faults(level);
        setup.config.pace = 60;
        let mut scene = scene(setup).await;
        // The flow is turned on when the first invoices are posted: some stand before its first package, some beside it.
        let billing = scene.settings.billing.take();
        let life = scene.start().await;
        let begins = scene.world.now() + Span::minutes(98);
        life.until(|world| world.now() >= begins).await.expect("a life");
        life.stop().await;
        scene.settings.billing = billing;
        let (scene, _) = lived_in(scene).await;
        let found = charged(&scene).await;
        assert!(found.finance > 3, "no invoice came before a charge: {found:?}");
    }
}

#[tokio::test]
async fn a_code_that_bills_the_consumer_is_never_written() {
    for code in ["FREIGHT", "HANDLING", "ITEMCOST", "NOSUCH"] {
        let mut scene = scene(setup(31)).await;
        let charges = charges_of(&mut scene);
        charges.code = code.to_owned();
        charges.codes.clear();
        scene.live().await;
        let verdict = scene.verdict().await;
        assert_eq!(verdict.ledger.of(effect::CHARGE_WRITTEN).count(), 0, "{code}");
        assert_eq!(verdict.ledger.of(effect::IMPORT_STARTED).count(), 0, "{code}");
        let held = verdict.holds.values().filter(|causes| causes.contains("charge-code-unfit"));
        assert!(held.count() > 10, "{code}: nobody is told");
        // Everything else goes on: the cost stands in the note.
        assert_eq!(verdict.money, Vec::<String>::new(), "{code}");
    }
}

#[tokio::test]
async fn a_code_that_begins_to_bill_the_consumer_is_refused_before_its_use() {
    let scene = scene(setup(31)).await;
    let life = scene.start().await;
    // The reference data was read: the planner believes the code.
    life.until(|world| world.twins.ledger().of(effect::NOTE_WRITTEN).count() > 3)
        .await
        .expect("a life");
    assert_eq!(scene.world.twins.ledger().of(effect::CHARGE_WRITTEN).count(), 0);
    assert!(scene.world.twins.repost_charge_code("SBCOST", "CustVend"));
    life.run(Span::days(30)).await.expect("a life");
    life.stop().await;
    let verdict = scene.verdict().await;
    let written: Vec<_> = verdict.ledger.of(effect::CHARGE_WRITTEN).collect();
    assert!(written.iter().all(|one| one.detail["bills_customer"] == false), "{written:?}");
    assert!(written.iter().all(|one| one.detail["code"] == "SBFREIGHT"), "{written:?}");
    assert!(verdict.holds.values().any(|causes| causes.contains("charge-code-unfit")));
}

#[tokio::test]
async fn a_restored_backup_finds_its_charges_again() {
    let scene = scene(setup(7)).await;
    let copy = scene.database().with_extension("backup");
    std::fs::copy(scene.database(), &copy).expect("a copy of the database");
    scene.live().await;
    let before = scene.world.twins.ledger().of(effect::CHARGE_WRITTEN).count();
    let charges = scene.world.twins.charges();
    assert!(charges.len() > 10, "too few to prove anything");
    for suffix in ["db-wal", "db-shm"] {
        let side = scene.database().with_extension(suffix);
        if side.exists() {
            std::fs::remove_file(side).expect("the newer database is thrown away");
        }
    }
    std::fs::copy(&copy, scene.database()).expect("the old database is back");
    scene.world.advance(scene.world.now() + Span::minutes(5));
    scene.live().await;
    let after = scene.world.twins.ledger().of(effect::CHARGE_WRITTEN).count();
    assert_eq!(after, before, "what stands there is not imported again");
    assert_eq!(scene.world.twins.charges(), charges);
    let found = charged(&scene).await;
    assert!(found.shipments > 10, "nothing was adopted: {found:?}");
}

#[tokio::test]
async fn an_import_that_never_ends_is_a_persons_business() {
    let scene = scene(setup(31).tenant("import-never-ends")).await;
    let life = scene.start().await;
    let end = scene.world.now() + Span::days(4);
    life.until(|world| world.now() >= end).await.expect("a life");
    life.stop().await;
    let verdict = scene.verdict().await;
    assert_eq!(verdict.ledger.of(effect::IMPORT_STARTED).count(), 1, "imports do not overlap");
    assert_eq!(verdict.ledger.of(effect::IMPORT_OVERLAPPED).count(), 0);
    let endless = |causes: &&BTreeSet<String>| causes.contains("charge-import-endless");
    assert!(verdict.holds.values().any(|causes| endless(&causes)), "{:?}", verdict.holds);
    // Orders are not concerned.
    assert_eq!(verdict.broken(), Vec::<String>::new());
}

#[tokio::test]
async fn a_package_that_does_not_fit_its_project_is_held_and_stops_nothing_else() {
    let mut scene = scene(setup(31)).await;
    charges_of(&mut scene).package.header.push_str("<!-- another export -->");
    scene.live().await;
    let verdict = scene.verdict().await;
    assert_eq!(verdict.ledger.of(effect::CHARGE_WRITTEN).count(), 0);
    let held = verdict.holds.values().filter(|causes| causes.contains("charge-refused"));
    assert!(held.count() > 10, "{:?}", verdict.holds);
    assert_eq!(verdict.money, Vec::<String>::new(), "the notes are right");
}

#[tokio::test]
async fn a_fee_nobody_mapped_is_held_and_the_others_are_charged() {
    let mut scene = scene(setup(31)).await;
    charges_of(&mut scene).code.clear();
    scene.live().await;
    let verdict = scene.verdict().await;
    let written: Vec<_> = verdict.ledger.of(effect::CHARGE_WRITTEN).collect();
    assert!(!written.is_empty() && written.iter().all(|one| one.detail["code"] == "SBFREIGHT"));
    assert!(verdict.holds.values().any(|causes| causes.contains("charge-code-unmapped")));
}

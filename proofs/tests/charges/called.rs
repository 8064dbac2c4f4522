//! The same charges, written one by one by the customer's own call.
//!
//! Goal: the orders end as with packages; what has no clear answer is looked for among the charges and never sent twice; a
//! no is a hold; the way may be changed in the middle.

use super::{charged, charges_of, holds, lived_in, setup};
use domain::time::Span;
use proofs::{Scene, Setup, Verdict, scripted};
use std::collections::{BTreeMap, BTreeSet};
use twins::{Fault, FaultLevel, LedgerSnapshot, System, effect};

async fn scene(setup: Setup) -> Scene {
    let mut scene = Scene::new(setup).await;
    app::wiring::call_charges(&mut scene.settings, &scene.world.twins);
    scene
}

async fn lived(setup: Setup) -> (Scene, Verdict) {
    let (scene, verdict) = lived_in(scene(setup).await).await;
    assert_eq!(verdict.ledger.of(effect::IMPORT_STARTED).count(), 0, "nothing is imported");
    (scene, verdict)
}

async fn clean_is_heavy(seed: u64) {
    let (_, clean) = lived(setup(seed)).await;
    let (other, heavy) = lived(setup(seed).faults(FaultLevel::Heavy)).await;
    other.assert_same(&clean, &heavy);
    assert_eq!(holds(&clean), holds(&heavy));
    let (package, by_package) = super::lived(setup(seed)).await;
    package.assert_same(&clean, &by_package);
}

/// Charges that were written although they stood there already.
fn repeated(ledger: &LedgerSnapshot) -> Vec<String> {
    let mut last = BTreeMap::new();
    let mut found = Vec::new();
    for one in ledger.of(effect::CHARGE_WRITTEN) {
        let of = (one.key.clone(), one.detail.get("line").map(ToString::to_string));
        let mut told = one.detail.clone();
        told.as_object_mut().expect("members").remove("new");
        if last.insert(of, told.clone()) == Some(told) {
            found.push(format!("{}: {}", one.key, one.detail));
        }
    }
    found
}

#[tokio::test]
async fn heavy_faults_write_every_charge_once_by_a_call() {
    clean_is_heavy(7).await;
}

#[tokio::test]
async fn heavy_faults_write_every_charge_once_by_a_call_on_another_seed() {
    clean_is_heavy(31).await;
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_or_whose_effect_comes_late_is_not_made_again() {
    for tenant in ["standard", "charges-shown-late", "charge-call-refuses-same"] {
        let late = Fault::Late { micros: 50_000_000, abort: false };
        let (one, two) = (Fault::LoseReply, Fault::CutBody);
        let some = scripted(&[
            (System::Dynamics, "POST api", 1, one),
            (System::Dynamics, "POST api", 3, two),
            (System::Dynamics, "POST api", 5, late),
        ]);
        let (scene, verdict) = lived(setup(31).tenant(tenant).faults(some)).await;
        assert_eq!(repeated(&verdict.ledger), Vec::<String>::new(), "{tenant}");
        assert_eq!(charged(&scene).await.held, 0, "{tenant}");
    }
}

#[tokio::test]
async fn what_the_customers_service_leaves_open_changes_nothing() {
    let (_, clean) = lived(setup(31)).await;
    for tenant in ["charges-shown-late", "charge-call-refuses-same"] {
        let (other, found) = lived(setup(31).tenant(tenant).faults(FaultLevel::Heavy)).await;
        other.assert_same(&clean, &found);
    }
}

/// I8.
#[tokio::test]
async fn a_wait_the_call_asks_for_is_kept() {
    let wait = Fault::Throttle { seconds: Some(120) };
    let waits = scripted(&[
        (System::Dynamics, "POST api", 1, wait),
        (System::Dynamics, "POST api", 4, wait),
    ]);
    let (_, verdict) = lived(setup(31).faults(waits)).await;
    assert!(verdict.ledger.throttled(System::Dynamics) > 0, "nobody was told to wait");
    assert_eq!(repeated(&verdict.ledger), Vec::<String>::new());
}

#[tokio::test]
async fn an_order_that_was_invoiced_before_the_call_goes_to_the_finance_list() {
    let mut setup = Setup::new(7, 80).billing().faults(FaultLevel::Heavy);
    setup.config.pace = 60;
    let mut scene = scene(setup).await;
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

#[tokio::test]
async fn a_code_that_bills_the_consumer_is_never_sent_to_the_call() {
    for code in ["FREIGHT", "NOSUCH"] {
        let mut scene = scene(setup(31)).await;
        let charges = charges_of(&mut scene);
        charges.code = code.to_owned();
        charges.codes.clear();
        scene.live().await;
        let verdict = scene.verdict().await;
        assert_eq!(verdict.ledger.of(effect::CHARGE_WRITTEN).count(), 0, "{code}");
        assert!(verdict.holds.values().any(|causes| causes.contains("charge-code-unfit")));
        assert_eq!(verdict.money, Vec::<String>::new(), "{code}");
    }
}

#[tokio::test]
async fn a_call_that_says_no_is_held_and_stops_nothing_else() {
    // Another service than the body was written for, a legal entity it does not have, a service that is not there.
    for (from, to) in [
        ("\"Keep\"", "\"Kept\""),
        ("\"{company}\"", "\"{company}x\""),
        ("OrderCharges/set", "OrderCharges/put"),
    ] {
        let mut scene = scene(setup(31)).await;
        let call = charges_of(&mut scene).call.as_mut().expect("a call");
        call.body = call.body.replace(from, to);
        call.path = call.path.replace(from, to);
        scene.live().await;
        let verdict = scene.verdict().await;
        assert_eq!(verdict.ledger.of(effect::CHARGE_WRITTEN).count(), 0, "{to}");
        let refused = |causes: &&BTreeSet<String>| causes.contains("charge-refused");
        let held = verdict.holds.values().filter(refused).count();
        assert!(held > 10, "{to}: {:?}", verdict.holds);
        assert_eq!(verdict.money, Vec::<String>::new(), "{to}: the notes are right");
    }
}

#[tokio::test]
async fn the_way_charges_are_written_may_be_changed_in_the_middle() {
    let (_, clean) = lived(setup(31)).await;
    for call_first in [false, true] {
        let mut scene = super::scene(setup(31).faults(FaultLevel::Heavy)).await;
        let package = scene.settings.clone();
        app::wiring::call_charges(&mut scene.settings, &scene.world.twins);
        let call = scene.settings.clone();
        let (first, then) = if call_first { (call, package) } else { (package, call) };
        scene.settings = first;
        let life = scene.start().await;
        let some = |twins: &twins::Twins| twins.ledger().of(effect::CHARGE_WRITTEN).count() > 8;
        life.until(|world| some(&world.twins)).await.expect("a life");
        life.stop().await;
        scene.settings = then;
        scene.settings.version = 2;
        let (scene, found) = lived_in(scene).await;
        scene.assert_same(&clean, &found);
    }
}

//! The daily reconciliation on twin worlds, in virtual time.
//!
//! Goal: an undisturbed day agrees or is itemised to the last order; planted damage is found, all of it and nothing
//! else; a crash leaves no half certificate; neither system is written to.
//! Method: worlds are lived to the end, certificates of all their days are asked for as a person does, and what they
//! say is held against what was planted. The twins' ledgers say whether anything was written.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a proof stops at the first surprise"
)]
#![expect(clippy::print_stdout, reason = "a proof says what it saw")]

#[path = "reconcile/damage.rs"]
mod damage;
#[path = "reconcile/keeping.rs"]
mod keeping;

use app::rig::scope;
use domain::reconcile::{ASKED, Asked, Certificate, Grade, Item, KEPT, Sealed, TARGET};
use domain::time::{Span, Timestamp};
use engine::SOURCE;
use proofs::{LIFE, Life, Scene, Setup};
use std::collections::BTreeSet;
use store::{NewSignal, Store};
use twins::FaultLevel;

/// Asks for a day, as the console does.
async fn ask(store: &Store, now: Timestamp, day: &str) {
    let asked = Asked {
        who: "Mara".to_owned(),
        why: String::new(),
        day: day.to_owned(),
        request_id: format!("click{}{day}", now.0),
    };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: TARGET.to_owned(),
        target_key: day.to_owned(),
        dedupe_key: format!("operator:reconcile:{}", asked.request_id),
        body: Some(serde_json::to_vec(&asked).expect("a wish")),
        received_at: now,
        flagged: false,
    };
    let mut txn = store.begin("test.ask").await.expect("a transaction");
    txn.inbox_add_many(&scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

async fn kept(store: &Store, day: &str) -> Option<Sealed> {
    let mut reader = store.read().await.expect("a reader");
    let rows = reader.observations(&scope(), KEPT, &[day.to_owned()]).await.expect("rows");
    let body = rows.into_iter().next()?.body?;
    Some(serde_json::from_slice(&body).expect("a certificate"))
}

/// Days that are asked for and not done.
async fn asked(store: &Store) -> usize {
    let mut reader = store.read().await.expect("a reader");
    let rows = reader.observations(&scope(), ASKED, &[String::new()]).await.expect("rows");
    let waiting = reader.signals_of(&scope(), SOURCE, TARGET, "").await.expect("signals").len();
    let Some(body) = rows.into_iter().next().and_then(|row| row.body) else { return waiting };
    let days: Vec<Asked> = serde_json::from_slice(&body).expect("days");
    days.len() + waiting
}

/// Every day of a world so far.
fn days(scene: &Scene, from: Timestamp) -> Vec<String> {
    let mut days = Vec::new();
    let mut at = from;
    while at < scene.world.now() + Span::days(1) {
        days.push(at.date());
        at = at + Span::days(1);
    }
    days
}

/// Certificates of these days.
async fn reconciled(life: &Life, days: &[String]) -> Vec<Sealed> {
    let now = life.rig.world.now();
    for day in days {
        ask(&life.store, now, day).await;
    }
    let mut found = Vec::new();
    for _ in 0..20_000 {
        life.moment().await.expect("a moment");
        found.clear();
        for day in days {
            found.extend(kept(&life.store, day).await.filter(|s| s.certificate.made >= now));
        }
        if found.len() == days.len() && asked(&life.store).await == 0 {
            return found;
        }
    }
    panic!("{} of {} days were reconciled", found.len(), days.len());
}

/// Everything on certificates, with the equation it belongs to; each once.
fn items(all: &[Sealed]) -> Vec<(&str, &Item)> {
    let equations = all.iter().flat_map(|s| &s.certificate.equations);
    equations.flat_map(|e| e.items.iter().map(|i| (e.name.as_str(), i))).collect()
}

/// What needs a look: (equation, cause, order).
fn wrong(all: &[Sealed]) -> BTreeSet<(String, String, String)> {
    let found = items(all).into_iter().filter(|(_, i)| i.grade == Grade::Wrong);
    found.map(|(e, i)| (e.to_owned(), i.cause.clone(), i.order.clone())).collect()
}

fn well_formed(one: &Certificate) {
    for e in &one.equations {
        assert!(e.itemised(), "{} of {}: {}", e.name, one.day, one.text());
    }
    assert!(one.gaps.is_empty(), "{:?}", one.gaps);
}

/// Writes either system took so far.
fn writes(scene: &Scene) -> usize {
    scene.world.twins.ledger().entries.len()
}

/// A world lived to its end; every day of it agrees.
async fn lived_day(setup: Setup, name: &str) {
    let scene = Scene::new(setup).await;
    let from = scene.world.now();
    let life = scene.start().await;
    life.run(LIFE).await.expect("a life that becomes quiet");
    let before = writes(&scene);
    let all = reconciled(&life, &days(&scene, from)).await;
    assert_eq!(writes(&scene), before, "{name}: a reconciliation wrote something");
    let mut orders = 0;
    for sealed in &all {
        well_formed(&sealed.certificate);
        orders += sealed.certificate.orders;
        println!("{name}: {}", sealed.certificate.sentence());
        let faults = app::reconcile::check(&life.store, &scope(), sealed).await.expect("a trail");
        assert!(faults.is_empty(), "{faults:?}");
    }
    let found = wrong(&all);
    let told: Vec<String> = all.iter().map(|s| s.certificate.text()).collect();
    assert!(
        found.is_empty(),
        "{name}: {found:#?}\n{}\n{}",
        told.join("\n\n"),
        scene.setup.replay()
    );
    let equations = all.iter().flat_map(|s| &s.certificate.equations);
    let left = |name: &str| {
        let own = equations.clone().filter(|e| e.name == name);
        own.map(|e| e.left).sum::<rust_decimal::Decimal>()
    };
    let some = |name: &str| left(name) > 0.into();
    assert!(
        orders > 0 && some("orders") && some("notes") && some("tracking"),
        "{name}: nothing was compared"
    );
    life.stop().await;
    let verdict = scene.verdict().await;
    scene.assert(&verdict);
}

#[tokio::test]
async fn an_undisturbed_day_is_zero_or_itemised() {
    lived_day(Setup::new(7, 120), "plain").await;
}

#[tokio::test]
async fn so_is_a_day_with_heavy_faults() {
    lived_day(Setup::new(7, 60).faults(FaultLevel::Heavy), "heavy").await;
    lived_day(Setup::new(21, 60).faults(FaultLevel::Heavy), "heavy").await;
}

#[tokio::test]
async fn so_is_a_day_of_every_profile() {
    lived_day(Setup::new(5, 40).external(), "external").await;
    lived_day(Setup::new(5, 40).network(), "network").await;
    lived_day(Setup::new(5, 40).whs(), "whs").await;
}

#[tokio::test]
async fn so_is_a_day_with_bills() {
    lived_day(Setup::new(31, 40).billing(), "billing").await;
}

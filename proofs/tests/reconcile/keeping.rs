//! What is kept of a day, by whom it is asked for, and what a crash leaves.

use super::{ask, asked, kept, reconciled};
use app::reconcile::check;
use app::rig::scope;
use domain::reconcile::Reconcile;
use domain::time::Span;
use proofs::{Faults, LIFE, Scene, Setup};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{FaultAction, FaultPoint, StorePoint, TrailFilter};

/// Dies or fails at the commit of the certificate.
struct Dies(FaultAction, AtomicU32);

impl FaultPoint for Dies {
    fn hit(&self, step: &StorePoint) -> FaultAction {
        if step.name != "reconcile.keep" {
            return FaultAction::Proceed;
        }
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0
    }
}

#[tokio::test]
async fn a_crash_leaves_no_half_certificate_and_the_day_stays_asked_for() {
    let scene = Scene::new(Setup::new(3, 12)).await;
    let day = scene.world.now().date();
    scene.live().await;
    for action in [FaultAction::CrashBefore, FaultAction::Error, FaultAction::CrashAfter] {
        let dies = Arc::new(Dies(action, AtomicU32::new(0)));
        let faults = Faults { store: Some(Arc::<Dies>::clone(&dies)), network: None };
        let before = kept_day(&scene, &day).await;
        let life = scene.start_with(faults).await;
        ask(&life.store, scene.world.now(), &day).await;
        for _ in 0..400 {
            if life.moment().await.is_err() || dies.1.load(Ordering::SeqCst) > 1 {
                break;
            }
        }
        assert!(dies.1.load(Ordering::SeqCst) > 0, "the blow never fell");
        life.stop().await;
        let after = kept_day(&scene, &day).await;
        let store = scene.open(None).await;
        let told = told(&store).await;
        match action {
            FaultAction::CrashAfter => {
                assert_ne!(after, before, "it was kept");
                assert_eq!(asked(&store).await, 0);
            }
            _ => {
                assert_eq!(after, before, "{action:?}: nothing half is kept");
                assert_eq!(asked(&store).await, 1, "{action:?}: it stays asked for");
            }
        }
        let sealed = kept(&store, &day).await;
        assert_eq!(told, usize::from(sealed.is_some()), "as many entries as certificates");
        store.close().await;
    }
    // The next life finds nothing left to do; the certificate holds.
    let store = scene.open(None).await;
    let sealed = kept(&store, &day).await.expect("a certificate");
    assert_eq!(check(&store, &scope(), &sealed).await.expect("a trail"), Vec::<String>::new());
    store.close().await;
}

async fn kept_day(scene: &Scene, day: &str) -> Option<String> {
    let store = scene.open(None).await;
    let digest = kept(&store, day).await.map(|s| s.digest);
    store.close().await;
    digest
}

async fn told(store: &store::Store) -> usize {
    let filter = TrailFilter { what: Some("reconciled".to_owned()), ..TrailFilter::default() };
    let mut reader = store.read().await.expect("a reader");
    reader.trail(&scope(), &filter, None, 1_000).await.expect("a trail").len()
}

#[tokio::test]
async fn a_changed_certificate_does_not_verify() {
    let scene = Scene::new(Setup::new(4, 12)).await;
    let day = scene.world.now().date();
    let life = scene.start().await;
    life.run(LIFE).await.expect("a life that becomes quiet");
    let sealed = reconciled(&life, &[day]).await.remove(0);
    let faults = async |sealed: &domain::reconcile::Sealed| {
        check(&life.store, &scope(), sealed).await.expect("a trail")
    };
    assert_eq!(faults(&sealed).await, Vec::<String>::new());
    let text = serde_json::to_string_pretty(&sealed).expect("JSON");
    assert_eq!(serde_json::from_str::<domain::reconcile::Sealed>(&text).expect("JSON"), sealed);
    let mut other = sealed.clone();
    other.certificate.orders += 1;
    assert!(faults(&other).await.iter().any(|f| f.contains("was changed")));
    let forged = domain::reconcile::seal(other.certificate);
    assert!(faults(&forged).await.iter().any(|f| f.contains("No entry")));
    let mut moved = sealed.certificate.clone();
    moved.trail.hash = "0".repeat(64);
    let moved = domain::reconcile::seal(moved);
    assert!(faults(&moved).await.iter().any(|f| f.contains("another hash")));
    life.stop().await;
}

#[tokio::test]
async fn every_day_by_itself_and_only_where_the_section_stands() {
    for daily in [true, false] {
        let mut scene = Scene::new(Setup::new(6, 10)).await;
        scene.settings.reconcile = daily
            .then(|| Reconcile { zone: "America/New_York".to_owned(), ..Reconcile::default() });
        let life = scene.start().await;
        let end = scene.world.now() + Span::days(3);
        life.until(|world| world.now() >= end).await.expect("three days");
        let mut done = Vec::new();
        for n in 0..4 {
            let day = (end - Span::days(n)).date();
            done.extend(kept(&life.store, &day).await.map(|s| s.certificate));
        }
        println!("{:?}", done.iter().map(|c| (&c.day, &c.zone, c.made)).collect::<Vec<_>>());
        if daily {
            assert!(done.len() >= 3, "{}", done.len());
            for one in &done {
                assert_eq!(one.zone, "America/New_York");
                assert!(one.made >= one.to + Span::hours(2), "not before late rows are in");
                assert!(one.made < one.to + Span::hours(3), "in time");
            }
        } else {
            assert!(done.is_empty(), "nobody asked");
        }
        life.stop().await;
    }
}

#[tokio::test]
async fn what_is_no_day_is_refused_and_said() {
    let scene = Scene::new(Setup::new(6, 4)).await;
    let life = scene.start().await;
    for day in ["2026-02-30", "", "yesterday", "9999-99-99"] {
        ask(&life.store, scene.world.now(), day).await;
    }
    life.run(LIFE).await.expect("a life that becomes quiet");
    assert_eq!(asked(&life.store).await, 0);
    let filter =
        TrailFilter { what: Some("reconciliation refused".to_owned()), ..TrailFilter::default() };
    let mut reader = life.store.read().await.expect("a reader");
    let rows = reader.trail(&scope(), &filter, None, 10).await.expect("a trail");
    assert_eq!(rows.len(), 4);
    drop(reader);
    life.stop().await;
}

//! A centre that is mapped and has become inactive: what it has to ship and to store waits, and
//! nothing else does.

use super::{Change, seen, trail, with};
use app::stock::{approve_all, ask, settle, twin_inventory, untrue};
use domain::ids::CentreId;
use domain::time::Span;
use proofs::{LIFE, Life, Scene, Setup};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use twins::{Twins, effect};

/// Centre 2 is shown as inactive.
fn asleep(body: &str) -> Option<String> {
    let mut all: serde_json::Value = serde_json::from_str(body).ok()?;
    let two = all.as_array_mut()?.iter_mut().find(|centre| centre["id"] == 2)?;
    two["is_active"] = serde_json::Value::Bool(false);
    Some(all.to_string())
}

/// Orders that ask for the centre.
fn created(twins: &Twins, centre: i64) -> usize {
    let ledger = twins.ledger();
    ledger.of(effect::ORDER_CREATED).filter(|entry| entry.detail["centre"] == centre).count()
}

/// Warehouses of journals that were made or posted.
fn counted(twins: &Twins) -> Vec<String> {
    let ledger = twins.ledger();
    let posted = ledger.of(effect::JOURNAL_LINE);
    posted.map(|entry| entry.detail["warehouse"].to_string()).collect()
}

async fn held(life: &Life) -> usize {
    let scope = app::rig::scope();
    let mut reader = life.store.read().await.expect("a database that answers");
    let (keys, _) = reader.subjects_open(&scope, 500).await.expect("subjects");
    let holds = reader.holds_open(&scope, &keys).await.expect("holds");
    holds.iter().filter(|hold| hold.cause == "centre-closed").count()
}

fn named(life: &Life) -> bool {
    let status = life.rig.engine.status();
    let status = status.lock().expect("no panic while locked");
    assert!(status.setting_problems.is_empty(), "{:?}", status.setting_problems);
    status.closed_centres.contains(&CentreId(2))
}

#[tokio::test]
async fn a_mapped_centre_that_is_inactive_holds_its_orders_and_its_stock_and_nothing_else() {
    let mut setup = Setup::new(5, 40).polls_only();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.inventory = Some(twin_inventory());
    let inactive = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&inactive);
    let change: Change =
        Box::new(move |body| asleep(body).filter(|_| flag.load(Ordering::Relaxed)));
    let (life, _) = with(&scene, "locations", change).await;
    let scope = app::rig::scope();
    let twins = &scene.world.twins;
    ask(&life.store, &scope, "Mara", scene.world.now()).await.expect("asked");
    let until = scene.world.now() + Span::hours(6);
    let mut moments = 0;
    while scene.world.now() < until {
        life.moment().await.expect("a moment");
        moments += 1;
    }
    approve_all(&life.store, &scope, "Ada", scene.world.now()).await.expect("approved");
    let until = scene.world.now() + Span::hours(2);
    while scene.world.now() < until {
        life.moment().await.expect("a moment");
        moments += 1;
    }
    assert!(moments < 10_000, "{moments} passes came to nothing");
    // Everything else goes its way.
    assert!(named(&life), "nobody is told which centre is closed");
    assert!(created(twins, 1) > 0, "the other centre ships nothing");
    assert!(trail(&life, "stock compared").await > 0, "the other centre is not compared");
    // What is the centre's waits, and says why.
    assert_eq!(created(twins, 2), 0, "sent to a closed centre");
    assert!(held(&life).await > 0, "its orders say nothing");
    let rows = seen(&life).await;
    assert!(rows.iter().all(|row| (row.state == "closed") == (row.centre == 2)));
    assert!(!counted(twins).is_empty() && counted(twins).iter().all(|w| !w.contains("SB02")));
    // Opened again, nobody has to do anything: orders go their way, and every shelf is counted once.
    inactive.store(false, Ordering::Relaxed);
    life.run(LIFE).await.expect("a quiet end");
    assert!(!named(&life), "it is active again");
    assert!(created(twins, 2) > 0, "nothing was sent when it opened");
    assert_eq!(held(&life).await, 0, "still held");
    let quiet = || life.rig.run_to_quiet(LIFE);
    settle(&[&life.rig.world], &life.store, quiet).await.expect("some nights");
    let wrong = untrue(twins, &seen(&life).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(twins.stock().iter().all(|truth| truth.variance == 0));
    assert!(twins.ledger().of(effect::JOURNAL_POSTED).count() > 0);
    life.stop().await;
    scene.assert(&scene.verdict().await);
}

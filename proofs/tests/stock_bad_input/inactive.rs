//! Stock in a centre that is mapped and has become inactive.

use super::{Change, seen, trail, with};
use app::stock::{ask, settle, twin_inventory, untrue};
use domain::time::Span;
use proofs::{LIFE, Scene, Setup};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use twins::effect;

/// Centre 2 is shown as inactive.
fn asleep(body: &str) -> Option<String> {
    let mut all: serde_json::Value = serde_json::from_str(body).ok()?;
    let two = all.as_array_mut()?.iter_mut().find(|centre| centre["id"] == 2)?;
    two["is_active"] = serde_json::Value::Bool(false);
    Some(all.to_string())
}

#[tokio::test]
async fn stock_of_a_mapped_centre_that_is_inactive_is_not_counted_until_it_is_active_again() {
    let mut setup = Setup::new(5, 6).polls_only();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    scene.settings.inventory = Some(twin_inventory());
    let inactive = Arc::new(AtomicBool::new(true));
    let flag = Arc::clone(&inactive);
    let change: Change =
        Box::new(move |body| asleep(body).filter(|_| flag.load(Ordering::Relaxed)));
    let (life, _) = with(&scene, "locations", change).await;
    let scope = app::rig::scope();
    ask(&life.store, &scope, "Mara", scene.world.now()).await.expect("asked");
    let until = scene.world.now() + Span::minutes(40);
    let mut moments = 0;
    while scene.world.now() < until {
        life.moment().await.expect("a moment");
        moments += 1;
    }
    assert!(moments < 1_000, "{moments} passes came to nothing");
    // Nothing was counted on the word of a centre that is closed, and it is named.
    assert_eq!(trail(&life, "stock compared").await, 0, "an inactive centre was compared");
    assert!(seen(&life).await.iter().all(|row| row.variance == 0));
    assert_eq!(scene.world.twins.ledger().of(effect::JOURNAL_MADE).count(), 0);
    let named = || {
        let status = life.rig.engine.status();
        let problems = status.lock().expect("no panic while locked").setting_problems.clone();
        problems.iter().any(|why| why.contains("no active fulfilment centre 2"))
    };
    assert!(named(), "nobody is told which centre is closed");
    // Opened again, nobody has to do anything: orders go their way, and every shelf is counted once.
    inactive.store(false, Ordering::Relaxed);
    life.run(LIFE).await.expect("a quiet end");
    assert!(!named(), "it is active again");
    let quiet = || life.rig.run_to_quiet(LIFE);
    settle(&[&life.rig.world], &life.store, quiet).await.expect("some nights");
    let wrong = untrue(&scene.world.twins, &seen(&life).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(scene.world.twins.stock().iter().all(|truth| truth.variance == 0));
    assert!(scene.world.twins.ledger().of(effect::JOURNAL_POSTED).count() > 0);
    life.stop().await;
    scene.assert(&scene.verdict().await);
}

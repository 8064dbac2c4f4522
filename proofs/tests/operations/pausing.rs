//! Pause and resume.

use super::{ask, end, levels, sent_to_shipbob, trail, until};
use app::rig::scope;
use console::{Books, StoreBooks};
use domain::operation::Flow;
use domain::time::Span;
use engine::{Target, Verb};
use proofs::{Blow, Scene, Setup, Step, Steps};
use twins::{FaultLevel, effect};

const ORDERS: u32 = 30;

fn setup(seed: u64) -> Setup {
    Setup::new(seed, ORDERS).released_over(Span::minutes(40))
}

fn flow(word: &str) -> Target {
    Target::Flow(word.to_owned())
}

/// Paused in the middle of the releases for a quarter of an hour, then resumed.
async fn paused_in_mid_life(seed: u64, target: Target, level: FaultLevel) {
    let clean = Scene::new(setup(seed)).await;
    let wanted = clean.proven().await;
    let scene = clean.again(setup(seed).faults(level));
    let began = scene.world.now();
    let life = scene.start().await;
    until(&life, began + Span::minutes(10)).await;
    ask(&life.store, scene.world.now(), Verb::Pause, target.clone()).await;
    // What was under way when it was paused may still take effect.
    until(&life, began + Span::minutes(14)).await;
    let before = sent_to_shipbob(&scene.world);
    let notes = scene.world.twins.ledger().of(effect::NOTE_WRITTEN).count();
    until(&life, began + Span::minutes(25)).await;
    if target != flow("fulfilment") {
        assert_eq!(sent_to_shipbob(&scene.world), before, "a paused flow sends nothing");
    }
    if target != flow("orders") {
        let now = scene.world.twins.ledger().of(effect::NOTE_WRITTEN).count();
        assert_eq!(now, notes, "a paused flow writes nothing back");
    }
    ask(&life.store, scene.world.now(), Verb::Resume, target).await;
    let store = life.store.clone();
    life.run(Span::days(30)).await.expect("quiet");
    let told: Vec<String> = trail(&store, None)
        .await
        .into_iter()
        .filter(|row| row.entry.who == "Mara")
        .map(|row| format!("{}: {}", row.entry.what, row.entry.why.unwrap_or_default()))
        .collect();
    assert_eq!(told.len(), 2, "the trail says who stopped it and who let it go on: {told:?}");
    assert!(told.iter().all(|line| line.ends_with("asked by the proof")), "{told:?}");
    let found = end(&scene, life).await;
    clean.assert_same(&wanted, &found);
}

#[tokio::test]
async fn a_paused_orders_flow_sends_nothing_and_loses_nothing() {
    for level in levels() {
        paused_in_mid_life(51, flow("orders"), level).await;
    }
}

#[tokio::test]
async fn a_paused_fulfilment_flow_writes_nothing_and_loses_nothing() {
    for level in levels() {
        paused_in_mid_life(52, flow("fulfilment"), level).await;
    }
}

#[tokio::test]
async fn a_paused_connection_sends_nothing_and_loses_nothing() {
    for level in levels() {
        paused_in_mid_life(53, Target::Connection, level).await;
    }
}

#[tokio::test]
async fn what_is_paused_survives_a_restart_and_is_shown_with_who_and_why() {
    let scene = Scene::new(setup(54)).await;
    let began = scene.world.now();
    let life = scene.start().await;
    until(&life, began + Span::minutes(2)).await;
    ask(&life.store, scene.world.now(), Verb::Pause, flow("orders")).await;
    life.moment().await.expect("a moment");
    life.stop().await;
    let life = scene.start().await;
    let before = sent_to_shipbob(&scene.world);
    until(&life, began + Span::hours(1)).await;
    assert_eq!(sent_to_shipbob(&scene.world), before, "still paused after the restart");
    assert!(life.rig.engine.flow_paused(Flow::Orders));
    assert!(!life.rig.engine.flow_paused(Flow::Fulfilment));
    let facts = StoreBooks::new(life.store.clone(), scope()).connection().await.expect("facts");
    let pause = facts.pauses.first().expect("it is shown");
    assert_eq!((pause.flow, pause.who.as_str()), (Some(Flow::Orders), "Mara"));
    assert_eq!(pause.why.as_deref(), Some("asked by the proof"));
    ask(&life.store, scene.world.now(), Verb::Resume, flow("orders")).await;
    end(&scene, life).await;
}

/// A paused connection that has something to send must not keep the machine busy.
#[tokio::test]
async fn a_pause_costs_no_passes() {
    let scene = Scene::new(setup(55)).await;
    let began = scene.world.now();
    let life = scene.start().await;
    until(&life, began + Span::minutes(5)).await;
    ask(&life.store, scene.world.now(), Verb::Pause, flow("orders")).await;
    until(&life, began + Span::minutes(60)).await;
    let mut moments = 0;
    let from = scene.world.now();
    while scene.world.now() < from + Span::minutes(10) {
        life.moment().await.expect("a moment");
        moments += 1;
    }
    println!("{moments} moments in 10 minutes of pause");
    assert!(moments < 600, "{moments} moments in 10 minutes: it looks again and again");
}

/// The process dies around the commit that keeps a pause, and around the one that takes it back.
#[tokio::test]
async fn a_crash_around_a_pause_keeps_it_or_repeats_it() {
    for blow in [Blow::CrashBefore, Blow::CrashAfter] {
        let scene = Scene::new(Setup::new(56, 6)).await;
        let choose = move |life, step| match step {
            Step::Commit(_, "gather.commands") if life <= 2 => Some(blow),
            _ => None,
        };
        let steps = Steps::new(scene.world.clock(), Box::new(choose));
        let mut ordeal = proofs::Ordeal::new(scene, steps, Span::minutes(16), Span::days(20));
        let now = ordeal.scene.world.now();
        let act = |minutes, verb| proofs::Act {
            at: now + Span::minutes(minutes),
            verb,
            target: flow("orders"),
        };
        ordeal.acts = vec![act(1, Verb::Pause), act(30, Verb::Resume)];
        let (verdict, store) = ordeal.run().await.expect("lives");
        store.close().await;
        assert_eq!(ordeal.steps.lives(), 3, "it died twice");
        assert_eq!(verdict.faults(), Vec::<String>::new(), "{blow:?}");
    }
}

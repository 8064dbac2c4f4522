//! A change under crashes, errors and lost replies: in force whole or not at all, once, and told once.

use super::{answer, current, document, end, trail, until, wish, with};
use domain::time::Span;
use proofs::{Blow, Ordeal, Scene, Setup, Step, Steps};
use twins::FaultLevel;

/// A life in which a change is asked for in the middle, and the process stops before it was seen.
async fn asked() -> (Scene, String) {
    let scene = Scene::new(Setup::new(61, 4).pace(200).released_over(Span::minutes(20))).await;
    let life = scene.start().await;
    until(&life, scene.world.now() + Span::minutes(10)).await;
    let now = document(&life.store).await;
    let id =
        wish(&life.store, scene.world.now(), 1, with(&now, "watch = 900", "watch = 600")).await;
    life.stop().await;
    (scene, id)
}

/// Lives on with one blow; what is wrong at the end, and the steps.
async fn lived(at: Option<(usize, Blow)>) -> (Vec<String>, Vec<Step>) {
    let (scene, id) = asked().await;
    let count = std::sync::atomic::AtomicUsize::new(0);
    let choose = move |life, _| {
        let nth = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        at.filter(|(wanted, _)| life == 1 && nth == *wanted).map(|(_, blow)| blow)
    };
    let steps = Steps::new(scene.world.clock(), Box::new(choose));
    let ordeal = Ordeal::new(scene, steps, Span::minutes(50), Span::days(30));
    let (verdict, store) = match ordeal.run().await {
        Ok(end) => end,
        Err(error) => return (vec![error], Vec::new()),
    };
    let mut wrong = verdict.faults();
    let row = current(&store).await;
    if row.version != 2 || !row.text.unwrap_or_default().contains("watch = 600") {
        wrong.push(format!("version {} is in force", row.version));
    }
    let told = answer(&store, &id).await.and_then(|told| told.version);
    if told != Some(2) {
        wrong.push(format!("told: {told:?}"));
    }
    let entries: Vec<String> = trail(&store).await.into_iter().map(|row| row.entry.what).collect();
    if entries != ["settings changed"] {
        wrong.push(format!("the trail says {entries:?}"));
    }
    store.close().await;
    (wrong, ordeal.steps.seen())
}

#[tokio::test]
async fn a_change_survives_every_blow_at_every_step_whole() {
    let (wrong, steps) = lived(None).await;
    assert!(wrong.is_empty(), "undisturbed: {wrong:#?}");
    let change = steps.iter().position(|step| step.name() == "settings.change");
    let change = change.expect("the change is a step");
    let mut cases = Vec::new();
    for (nth, step) in steps.iter().enumerate().take(change + 3) {
        // Whatever comes long before has nothing to do with it.
        if nth + 6 < change {
            continue;
        }
        cases.extend([Blow::CrashBefore, Blow::CrashAfter, Blow::Error].map(|blow| (nth, blow)));
        if matches!(step, Step::Send(..)) {
            cases.push((nth, Blow::ReplyLost));
        }
    }
    let mut bad = Vec::new();
    for (nth, blow) in &cases {
        let (wrong, _) = lived(Some((*nth, *blow))).await;
        if !wrong.is_empty() {
            bad.push(format!("{:?} {blow:?}:\n    {}", steps.get(*nth), wrong.join("\n    ")));
        }
    }
    println!("{} cases around step {change} of {}", cases.len(), steps.len());
    assert!(cases.len() > 15, "too few steps to prove anything: {cases:?}");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn changes_in_a_bad_life_are_in_force_once_and_the_world_ends_as_intended() {
    for seed in [62, 63, 64] {
        let setup = Setup::new(seed, 30).released_over(Span::minutes(40));
        let scene = Scene::new(setup.faults(FaultLevel::Heavy)).await;
        let life = scene.start().await;
        let store = life.store.clone();
        for (version, (from, to)) in (1..).zip([
            ("watch = 900", "watch = 600"),
            ("overlap = 300", "overlap = 400"),
            ("write_carrier = true", "write_carrier = true # as before"),
        ]) {
            until(&life, scene.world.now() + Span::minutes(9)).await;
            let now = document(&store).await;
            let id = wish(&store, scene.world.now(), version, with(&now, from, to)).await;
            until(&life, scene.world.now() + Span::minutes(20)).await;
            let told = answer(&store, &id).await.expect("an answer within 20 minutes");
            assert_eq!(told.version, Some(version + 1), "{told:?}");
        }
        let back =
            wish(&store, scene.world.now(), 4, domain::settings_change::Wish::Back { version: 1 });
        let back = back.await;
        until(&life, scene.world.now() + Span::minutes(20)).await;
        assert_eq!(answer(&store, &back).await.expect("an answer").version, Some(5));
        end(&scene, life).await;
    }
}

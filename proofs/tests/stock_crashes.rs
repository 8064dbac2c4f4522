//! Stock under crashes: every kind of step of a comparison and of a counting journal fails in every way a process, a
//! database or a network can fail there. However it goes, nothing is counted twice and nothing is left to count.
//!
//! Method: a world without orders, in which F&O is wrong from the start and pieces are lost; journals are written without
//! a person. The first step of every name is struck once in every way; at the end the twins say what is true.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a proof stops at the first surprise and says what it saw"
)]

#[path = "stock_crashes/available.rs"]
mod available;

use app::stock::{rows, twin_adjustments, twin_inventory, untrue};
use domain::stock::Inventory;
use domain::time::Span;
use engine::{Target, Verb};
use proofs::{Act, Blow, Ordeal, Scene, Setup, Step, Steps, is_write};
use std::collections::BTreeSet;

const SHARDS: usize = 2;

/// How differences get to F&O.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Counting,
    Adjusting,
}

impl Way {
    fn ended(self) -> &'static str {
        match self {
            Self::Counting => twins::effect::JOURNAL_POSTED,
            Self::Adjusting => twins::effect::ADJUSTMENT_POSTED,
        }
    }
}

async fn scene(way: Way) -> Scene {
    let mut setup = Setup::new(21, 0).pace(200).polls_only();
    setup.config.stock = true;
    setup.config.external = way == Way::Adjusting;
    let mut scene = Scene::new(setup).await;
    let inventory = match way {
        Way::Counting => twin_inventory(),
        Way::Adjusting => twin_adjustments(),
    };
    scene.settings.inventory = Some(Inventory { threshold: 1_000, ..inventory });
    approved_before(&scene).await;
    scene
}

/// The warehouses were counted before: nobody is asked.
async fn approved_before(scene: &Scene) {
    let store = scene.open(None).await;
    let mut txn = store.begin("proof.first").await.expect("a transaction");
    for warehouse in ["SB01", "SB02"] {
        let name = format!("stock.first.{warehouse}");
        let at = scene.world.now();
        txn.cursor_put(&app::rig::scope(), &name, "proof", at).await.expect("a cursor");
    }
    txn.commit().await.expect("a commit");
    store.close().await;
}

/// Lives with one blow; what is wrong at the end, and the steps.
async fn lived(way: Way, at: Option<(Step, Blow)>) -> (Vec<String>, Vec<Step>) {
    let scene = scene(way).await;
    let choose = move |life, step| at.filter(|(s, _)| life == 1 && *s == step).map(|(_, b)| b);
    let steps = Steps::new(scene.world.clock(), Box::new(choose));
    let began = scene.world.now();
    let mut ordeal = Ordeal::new(scene, steps, Span::minutes(50), Span::hours(30));
    ordeal.acts = [3, 6]
        .map(|hours| Act {
            at: began + Span::hours(hours),
            verb: Verb::RunNow,
            target: Target::Flow("inventory".to_owned()),
        })
        .to_vec();
    let (verdict, store) = match ordeal.run().await {
        Ok(end) => end,
        Err(error) => return (vec![error], Vec::new()),
    };
    let shown = rows(&store, &app::rig::scope()).await.expect("rows");
    store.close().await;
    let twins = &ordeal.scene.world.twins;
    let mut wrong = untrue(twins, &shown);
    wrong.extend(twins.stock().into_iter().filter(|t| t.variance != 0).map(|t| format!("{t:?}")));
    wrong.extend(verdict.faults());
    if verdict.ledger.of(way.ended()).count() == 0 {
        wrong.push("nothing was counted".to_owned());
    }
    if at.is_some() && ordeal.steps.struck().is_empty() {
        wrong.push("the blow never fell".to_owned());
    }
    (wrong, ordeal.steps.seen())
}

/// The first step of every name that has to do with stock, struck in every way that makes a difference there.
fn cases(steps: &[Step]) -> Vec<(Step, Blow)> {
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for step in steps {
        let name = step.name();
        let ours = name.starts_with("stock")
            || ["dynamics.write", "dynamics.stock", "levels"].contains(&name)
            || name.starts_with("courier")
            || name.starts_with("resolve");
        if !ours || !names.insert(name) {
            continue;
        }
        all.push((*step, Blow::CrashAfter));
        all.push((*step, Blow::Error));
        if matches!(step, Step::Send(..)) {
            all.push((*step, Blow::ReplyLost));
        }
        if is_write(name) {
            all.push((*step, Blow::Late(Span::seconds(100))));
            all.push((*step, Blow::Repeat));
        }
    }
    // The second write is the lines: the header came first.
    let lines = steps.iter().filter(|s| s.name() == "dynamics.write").nth(2);
    for blow in [Blow::CrashAfter, Blow::ReplyLost, Blow::Late(Span::seconds(100)), Blow::Repeat] {
        all.extend(lines.map(|step| (*step, blow)));
    }
    all
}

async fn shard(way: Way, nth: usize) {
    let (wrong, steps) = lived(way, None).await;
    assert!(wrong.is_empty(), "undisturbed: {wrong:#?}");
    let all = cases(&steps);
    let mut bad = Vec::new();
    for (step, blow) in all.iter().skip(nth).step_by(SHARDS) {
        let (wrong, _) = lived(way, Some((*step, *blow))).await;
        if !wrong.is_empty() {
            bad.push(format!("{step:?} {blow:?}:\n    {}", wrong.join("\n    ")));
        }
    }
    println!(
        "stock crashes, {way:?}, shard {nth}: {} cases, {} differ",
        all.len() / SHARDS,
        bad.len()
    );
    assert!(all.len() > 30, "too few steps to prove anything: {all:?}");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[tokio::test]
async fn every_kind_of_step_of_stock_may_fail_0() {
    shard(Way::Counting, 0).await;
}

#[tokio::test]
async fn every_kind_of_step_of_stock_may_fail_1() {
    shard(Way::Counting, 1).await;
}

#[tokio::test]
async fn every_kind_of_step_of_adjustments_may_fail_0() {
    shard(Way::Adjusting, 0).await;
}

#[tokio::test]
async fn every_kind_of_step_of_adjustments_may_fail_1() {
    shard(Way::Adjusting, 1).await;
}

/// A person posts every journal the moment its lines stand there, before we know that they do.
#[tokio::test]
async fn a_journal_posted_by_hand_at_once_is_counted_once() {
    let scene = scene(Way::Counting).await;
    let life = scene.start().await;
    let ends = scene.world.now() + Span::hours(3);
    let mut posted = 0;
    while scene.world.now() < ends {
        for journal in scene.world.twins.open_journals() {
            posted += u32::from(scene.world.twins.post_journal(&journal));
        }
        life.moment().await.expect("a moment");
    }
    app::stock::settle(&[&life.rig.world], &life.store, || life.rig.run_to_quiet(Span::days(3)))
        .await
        .expect("some nights");
    let shown = rows(&life.store, &app::rig::scope()).await.expect("rows");
    let wrong = untrue(&scene.world.twins, &shown);
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(shown.iter().all(|row| row.variance == 0));
    assert!(posted > 0, "nobody posted anything");
    life.stop().await;
}

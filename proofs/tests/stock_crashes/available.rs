//! Available quantities under crashes: every kind of step of telling them fails once in every way. At the end F&O knows of
//! every SKU what may be promised: nothing is left untold, and no old figure stands where a newer one was told.

use app::stock::{twin_available, twin_inventory};
use domain::stock::{Inventory, Mode};
use domain::time::Span;
use engine::{Target, Verb};
use proofs::{Act, Blow, Ordeal, Scene, Setup, Step, Steps, is_write};
use std::collections::BTreeSet;

async fn lived(at: Option<(Step, Blow)>) -> (Vec<String>, Vec<Step>) {
    let mut setup = Setup::new(21, 0).pace(200).polls_only();
    setup.config.stock = true;
    let mut scene = Scene::new(setup).await;
    let report = Inventory { mode: Mode::Report, ..twin_inventory() };
    scene.settings.inventory = Some(Inventory { available: Some(twin_available()), ..report });
    let choose = move |life, step| at.filter(|(s, _)| life == 1 && *s == step).map(|(_, b)| b);
    let steps = Steps::new(scene.world.clock(), Box::new(choose));
    let began = scene.world.now();
    let mut ordeal = Ordeal::new(scene, steps, Span::minutes(50), Span::hours(30));
    // A second comparison while the first may still be told, and one when all is at rest.
    ordeal.acts = [Span::minutes(6), Span::hours(3)]
        .map(|after| Act {
            at: began + after,
            verb: Verb::RunNow,
            target: Target::Flow("inventory".to_owned()),
        })
        .to_vec();
    let (verdict, store) = match ordeal.run().await {
        Ok(end) => end,
        Err(error) => return (vec![error], Vec::new()),
    };
    store.close().await;
    let all = ordeal.scene.world.twins.available();
    let left = all.into_iter().filter(|one| one.told != Some(one.free.max(0)));
    let mut wrong: Vec<String> = left.map(|one| format!("{one:?}")).collect();
    wrong.extend(verdict.faults());
    if at.is_some() && ordeal.steps.struck().is_empty() {
        wrong.push("the blow never fell".to_owned());
    }
    (wrong, ordeal.steps.seen())
}

#[tokio::test]
async fn every_kind_of_step_of_telling_may_fail() {
    let (wrong, steps) = lived(None).await;
    assert!(wrong.is_empty(), "undisturbed: {wrong:#?}");
    let begun = steps.iter().position(|step| step.name() == "stock.tell").expect("it is told");
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for step in steps.iter().skip(begun) {
        let name = step.name();
        let ours = name.starts_with("stock.t")
            || name == "dynamics.call"
            || name == "stock.done"
            || name.starts_with("courier");
        if !ours || !names.insert(name) {
            continue;
        }
        cases.extend([(*step, Blow::CrashAfter), (*step, Blow::CrashBefore), (*step, Blow::Error)]);
        if is_write(name) {
            let late = Blow::Late(Span::seconds(100));
            cases.extend([(*step, Blow::ReplyLost), (*step, late), (*step, Blow::Repeat)]);
        }
    }
    let mut bad = Vec::new();
    for (step, blow) in &cases {
        let (wrong, _) = lived(Some((*step, *blow))).await;
        if !wrong.is_empty() {
            bad.push(format!("{step:?} {blow:?}:\n    {}", wrong.join("\n    ")));
        }
    }
    println!("telling: {} cases of {names:?}, {} differ", cases.len(), bad.len());
    assert!(names.contains("dynamics.call") && cases.len() > 15, "{names:?}");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

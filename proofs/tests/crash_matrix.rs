//! The crash matrix: one small world, disturbed at every numbered step – every commit, every send – in every way a
//! process, a database or a network can fail there. However it goes, the two remotes must end as if nothing had
//! happened.
//!
//! Left out, run with `ML_MATRIX=full`: what cannot be told apart from another case. A crash before a step finds the
//! same database and the same remotes as a crash after the step before it; a read has no effect, so that a crash after
//! it, a late one and a repeated one change nothing either. `ML_MATRIX=half` runs every second case.
//!
//! Every shard first lives the world undisturbed and counts its steps, then runs its share of the cases. One case
//! again: `ML_MATRIX_CASE=goods:send:17:late cargo nextest run -p proofs --test crash_matrix one_named_case`.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a proof stops at the first surprise, and says how much it proved"
)]

#[path = "crash_matrix/cases.rs"]
mod cases;

use cases::{Case, Extent, Tale, all_cases, lived, lived_together, told};
use domain::time::Span;
use proofs::{Blow, Ordeal, Scene, Step, Steps, Verdict, difference, scripted};
use std::collections::BTreeSet;
use twins::{Fate, Fault, System, effect};

/// As many tests as the cases of one tale are spread over, so that every core has some.
const SHARDS: usize = 3;

/// The first moment of a tale.
enum Told {
    Alone(Box<Scene>),
    Together,
}

impl Told {
    async fn of(tale: Tale) -> Self {
        match tale {
            Tale::Shared => Self::Together,
            _ => Self::Alone(Box::new(told(tale).await)),
        }
    }

    async fn lived(&self, case: Option<Case>) -> Result<(Vec<Verdict>, Vec<Step>), String> {
        match self {
            Self::Together => lived_together(case).await,
            Self::Alone(scene) => {
                let (verdict, steps) = lived(scene, case).await?;
                Ok((vec![verdict], steps))
            }
        }
    }
}

async fn shard(tale: Tale, nth: usize) {
    let told = Told::of(tale).await;
    let (wanted, steps) = told.lived(None).await.expect("an undisturbed life");
    let faults: Vec<String> = wanted.iter().flat_map(Verdict::faults).collect();
    assert!(faults.is_empty(), "undisturbed: {faults:#?}");
    let extent = Extent::asked();
    let whole = all_cases(tale, &steps, Extent::All).len();
    let cases = all_cases(tale, &steps, extent);
    let mine: Vec<Case> = cases.iter().skip(nth).step_by(SHARDS).copied().collect();
    let mut bad = Vec::new();
    for case in &mine {
        let words = told_apart(&told, &wanted, *case).await;
        if !words.is_empty() {
            let words = format!("{}\n    {}", case.replay(), words.join("\n    "));
            println!("{words}");
            bad.push(words);
        }
        if bad.len() >= 5 {
            break;
        }
    }
    let (commits, sends) = cases::count(&steps);
    println!(
        "crash matrix, {}, shard {nth} of {SHARDS}: {} runs of {} ({extent:?} of {whole} cases; {commits} commits, {sends} sends), {} differ",
        tale.name(),
        mine.len(),
        cases.len(),
        bad.len()
    );
    assert!(bad.is_empty(), "{} case(s) differ:\n{}", bad.len(), bad.join("\n"));
}

/// Everything in which a disturbed life differs from the undisturbed one, or is wrong.
async fn told_apart(told: &Told, wanted: &[Verdict], case: Case) -> Vec<String> {
    match told.lived(Some(case)).await {
        Ok((found, _)) => wanted.iter().zip(&found).flat_map(|(w, f)| apart(w, f)).collect(),
        Err(words) => vec![words],
    }
}

fn apart(wanted: &Verdict, found: &Verdict) -> Vec<String> {
    let mut words = found.faults();
    if found.sha() != wanted.sha() {
        words.extend(difference(&wanted.projection, &found.projection));
        if found.projection.products != wanted.projection.products {
            words.push("the products differ".to_owned());
        }
    }
    if found.holds != wanted.holds {
        words.push(format!("holds {:?} instead of {:?}", found.holds, wanted.holds));
    }
    words
}

macro_rules! shards {
    ($($name:ident $tale:ident $nth:literal)*) => { $(
        #[tokio::test]
        async fn $name() {
            shard(Tale::$tale, $nth).await;
        }
    )* };
}

shards! {
    every_step_of_goods_may_fail_0 Goods 0
    every_step_of_goods_may_fail_1 Goods 1
    every_step_of_goods_may_fail_2 Goods 2
    every_step_of_changes_may_fail_0 Changes 0
    every_step_of_changes_may_fail_1 Changes 1
    every_step_of_changes_may_fail_2 Changes 2
    every_step_of_external_may_fail_0 External 0
    every_step_of_external_may_fail_1 External 1
    every_step_of_external_may_fail_2 External 2
    every_step_of_trouble_may_fail_0 Trouble 0
    every_step_of_trouble_may_fail_1 Trouble 1
    every_step_of_trouble_may_fail_2 Trouble 2
    every_step_of_edits_may_fail_0 Edits 0
    every_step_of_edits_may_fail_1 Edits 1
    every_step_of_edits_may_fail_2 Edits 2
    every_step_of_network_may_fail_0 Network 0
    every_step_of_network_may_fail_1 Network 1
    every_step_of_network_may_fail_2 Network 2
    every_step_of_warehouse_may_fail_0 Warehouse 0
    every_step_of_warehouse_may_fail_1 Warehouse 1
    every_step_of_warehouse_may_fail_2 Warehouse 2
    every_step_of_products_may_fail_0 Products 0
    every_step_of_products_may_fail_1 Products 1
    every_step_of_products_may_fail_2 Products 2
    every_step_of_billing_may_fail_0 Billing 0
    every_step_of_billing_may_fail_1 Billing 1
    every_step_of_billing_may_fail_2 Billing 2
    every_step_of_entered_may_fail_0 Entered 0
    every_step_of_entered_may_fail_1 Entered 1
    every_step_of_entered_may_fail_2 Entered 2
    every_step_of_shared_may_fail_0 Shared 0
    every_step_of_shared_may_fail_1 Shared 1
    every_step_of_shared_may_fail_2 Shared 2
    every_step_of_returns_may_fail_0 Returns 0
    every_step_of_returns_may_fail_1 Returns 1
    every_step_of_returns_may_fail_2 Returns 2
    every_step_of_charges_may_fail_0 Charges 0
    every_step_of_charges_may_fail_1 Charges 1
    every_step_of_charges_may_fail_2 Charges 2
    every_step_of_called_charges_may_fail_0 Called 0
    every_step_of_called_charges_may_fail_1 Called 1
    every_step_of_called_charges_may_fail_2 Called 2
}

/// What the tale is for: something comes back, is noted once and recorded once.
#[tokio::test]
async fn the_tale_of_returns_meets_one_that_is_completed() {
    let scene = told(Tale::Returns).await;
    let (seen, _) = lived(&scene, None).await.expect("an undisturbed life");
    assert_eq!(seen.faults(), Vec::<String>::new());
    let recorded = seen.ledger.of(effect::RETURN_RECORDED).count();
    assert!(recorded > 0, "nothing came back");
    let notes = seen.projection.orders.values().filter_map(|o| o.dynamics.as_ref());
    let told = notes.flat_map(|d| &d.notes).filter(|note| note.starts_with("return "));
    assert!(told.count() >= recorded);
}

/// What the tale is for: a move, two centres of one order, and a centre outside of the set, told as holds and notes.
#[tokio::test]
async fn the_tale_of_a_network_meets_a_move_two_centres_and_one_outside() {
    let scene = told(Tale::Network).await;
    let (seen, _) = lived(&scene, None).await.expect("an undisturbed life");
    assert_eq!(seen.faults(), Vec::<String>::new());
    assert_eq!(seen.ledger.of(effect::SHIPMENT_MOVED).count(), 1);
    let of = |fate: Fate| {
        let order = seen.truth.orders.iter().find(|order| order.fate == fate).expect("the order");
        let references = seen.projection.orders[&order.order_number].references.values();
        let shipments = references.flat_map(|one| &one.shipments);
        shipments.map(|one| one.location_id).collect::<BTreeSet<_>>()
    };
    assert_eq!(of(Fate::Split), BTreeSet::from([1, 3]));
    assert_eq!(of(Fate::ElsewhereCentre), BTreeSet::from([2]));
    let causes: Vec<_> = seen.holds.values().flatten().collect();
    assert_eq!(causes, ["left-elsewhere"]);
}

#[tokio::test]
async fn one_named_case() {
    let Some(case) = Case::named() else { return };
    let told = Told::of(case.tale()).await;
    let (wanted, _) = told.lived(None).await.expect("an undisturbed life");
    let words = told_apart(&told, &wanted, case).await;
    assert!(words.is_empty(), "{}", words.join("\n"));
}

#[tokio::test]
async fn two_undisturbed_lives_are_the_same() {
    for tale in Tale::ALL {
        let told = Told::of(tale).await;
        let (one, steps) = told.lived(None).await.expect("an undisturbed life");
        let (two, again) = told.lived(None).await.expect("an undisturbed life");
        println!("{tale:?}: {:?} then {:?}", cases::count(&steps), cases::count(&again));
        println!("{:?}", cases::names(&steps));
        for (one, two) in one.iter().zip(&two) {
            assert_eq!(one.faults(), Vec::<String>::new());
            assert_eq!(one.sha(), two.sha());
            assert_eq!(one.holds, two.holds);
        }
    }
}

/// I8 across a crash: the process that heard "come again in two minutes" dies; the next one must not ask earlier.
#[tokio::test]
async fn a_wait_outlives_the_process_that_heard_it() {
    let tale = told(Tale::Goods).await;
    for (system, endpoint) in [(System::ShipBob, "POST order"), (System::Dynamics, "batch")] {
        let told_to_wait = Fault::Throttle { seconds: Some(120) };
        let setup = tale.setup.clone().faults(scripted(&[(system, endpoint, 3, told_to_wait)]));
        let scene = tale.again(setup);
        let choose = |life, step| match step {
            Step::Commit(_, "waits") if life == 1 => Some(Blow::CrashAfter),
            _ => None,
        };
        let steps = Steps::new(scene.world.clock(), Box::new(choose));
        let ordeal = Ordeal::new(scene, steps, Span::minutes(16), Span::hours(12));
        let (verdict, store) = ordeal.run().await.expect("two lives");
        store.close().await;
        assert_eq!(ordeal.steps.lives(), 2, "{system:?}: nobody was told to wait");
        assert_eq!(verdict.faults(), Vec::<String>::new(), "{system:?}");
    }
}

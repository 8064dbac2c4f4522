//! The crash matrix: one small world, disturbed at every numbered step – every commit, every send – in every way a
//! process, a database or a network can fail there. However it goes, the two remotes must end as if nothing had
//! happened.
//!
//! Every shard first lives the world undisturbed and counts its steps, then runs its share of the cases. One case
//! again: `ML_MATRIX_CASE=send:17:late cargo nextest run -p proofs --test crash_matrix one_named_case`.
#![expect(clippy::expect_used, reason = "a proof stops at the first surprise")]

#[path = "crash_matrix/cases.rs"]
mod cases;

use cases::{Case, all_cases, lived};
use proofs::difference;

/// As many tests as cases are spread over, so that every core has some.
const SHARDS: usize = 8;

async fn shard(nth: usize) {
    let (wanted, steps) = lived(None).await.expect("an undisturbed life");
    let faults = wanted.faults();
    assert!(faults.is_empty(), "undisturbed: {faults:#?}");
    let cases = all_cases(&steps);
    let mine: Vec<Case> = cases.iter().skip(nth).step_by(SHARDS).copied().collect();
    let mut bad = Vec::new();
    for case in &mine {
        let words = match lived(Some(*case)).await {
            Err(words) => vec![words],
            Ok((found, _)) => {
                let mut words = found.faults();
                if found.sha() != wanted.sha() {
                    words.extend(difference(&wanted.projection, &found.projection));
                }
                if found.holds != wanted.holds {
                    words.push(format!("holds {:?} instead of {:?}", found.holds, wanted.holds));
                }
                words
            }
        };
        if !words.is_empty() {
            bad.push(format!("{}\n    {}", case.replay(), words.join("\n    ")));
        }
        if bad.len() >= 5 {
            break;
        }
    }
    let (commits, sends) = cases::count(&steps);
    println!(
        "crash matrix, shard {nth} of {SHARDS}: {} runs of {} ({commits} commits, {sends} sends), {} differ",
        mine.len(),
        cases.len(),
        bad.len()
    );
    assert!(bad.is_empty(), "{} case(s) differ:\n{}", bad.len(), bad.join("\n"));
}

macro_rules! shards {
    ($($name:ident $nth:literal)*) => { $(
        #[tokio::test]
        async fn $name() {
            shard($nth).await;
        }
    )* };
}

shards! {
    every_step_may_fail_shard_0 0
    every_step_may_fail_shard_1 1
    every_step_may_fail_shard_2 2
    every_step_may_fail_shard_3 3
    every_step_may_fail_shard_4 4
    every_step_may_fail_shard_5 5
    every_step_may_fail_shard_6 6
    every_step_may_fail_shard_7 7
}

#[tokio::test]
async fn one_named_case() {
    let Some(case) = Case::named() else { return };
    let (wanted, steps) = lived(None).await.expect("an undisturbed life");
    let (commits, sends) = cases::count(&steps);
    println!("undisturbed: {commits} commits, {sends} sends, {:?}", wanted.holds);
    let (found, _) = lived(Some(case)).await.expect("a disturbed life");
    let faults = found.faults();
    let lines = difference(&wanted.projection, &found.projection);
    assert!(faults.is_empty() && lines.is_empty(), "{faults:#?}\n{}", lines.join("\n"));
    assert_eq!(found.holds, wanted.holds);
}

#[tokio::test]
async fn two_undisturbed_lives_are_the_same() {
    let (one, steps) = lived(None).await.expect("an undisturbed life");
    let (two, again) = lived(None).await.expect("an undisturbed life");
    println!("{:?} then {:?}", cases::count(&steps), cases::count(&again));
    println!("{:#?}", cases::names(&steps));
    assert_eq!(one.faults(), Vec::<String>::new());
    assert_eq!(one.sha(), two.sha());
    assert_eq!(one.holds, two.holds);
}

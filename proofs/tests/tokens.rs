//! Tokens of the ShipBob app, from the first connect through hours of refreshes.
//!
//! Goal (I5): a rotated refresh token is durable before it is used, nobody refreshes twice, and what a crash between
//! ShipBob's answer and our commit costs is said: a person connects again, and nothing else is lost. Method: one small
//! world over several hours, killed at every step of connect and refresh; the twin's ledger tells every refresh and
//! every spent token that came again.
#![expect(clippy::expect_used, reason = "a proof stops at the first surprise")]

#[path = "tokens/cases.rs"]
mod cases;
#[path = "tokens/hands.rs"]
mod hands;
#[path = "../../crates/dynamics/src/assertion/tests/known_to_all.rs"]
mod known_to_all;

use cases::{Case, cases, count, first_refresh, frozen, lived, told};
use domain::time::Span;
use proofs::{Scene, Setup, Turn, difference};
use twins::{FaultLevel, effect};

/// Enough for what touches every order.
const FEW: u32 = 40;

#[tokio::test]
async fn hours_as_an_app_end_like_hours_with_a_token() {
    let wanted = Scene::new(Setup::new(12, FEW)).await.proven().await;
    let scene = Scene::new(Setup::new(12, FEW).oauth()).await;
    let found = scene.proven().await;
    scene.assert_same(&wanted, &found);
    assert!(count(&found, effect::TOKEN_REFRESHED) >= 4, "hours need refreshes");
    assert_eq!(count(&found, effect::APP_INSTALLED), 1, "a person is asked once");
    assert_eq!(count(&found, effect::REFRESH_REUSED), 0);
}

#[tokio::test]
async fn a_bad_network_to_the_auth_host_leaves_no_trace_either() {
    let wanted = Scene::new(Setup::new(12, FEW)).await.proven().await;
    let scene = Scene::new(Setup::new(12, FEW).oauth().faults(FaultLevel::Heavy)).await;
    let found = scene.proven().await;
    scene.assert_same(&wanted, &found);
}

/// Everything that is wrong with a life that failed once at a step of connect or refresh.
async fn wrong_with(tale: &Scene, wanted: &proofs::Verdict, case: &Case) -> Vec<String> {
    let (found, told) = match lived(tale, Some(case.clone())).await {
        Ok((found, told, _)) => (found, told),
        Err(words) => return vec![words],
    };
    let mut words = found.faults();
    if found.sha() != wanted.sha() {
        words.extend(difference(&wanted.projection, &found.projection));
    }
    let grace = tale.setup.config.tenant.refresh_grace;
    let (reused, installed) =
        (count(&found, effect::REFRESH_REUSED), count(&found, effect::APP_INSTALLED));
    let costs = case.costs_a_reconnect() && !grace;
    let said = told.iter().filter(|what| *what == "reconnect needed").count();
    if case.connecting() {
        // The person may have to press once more; no refresh token is at stake.
        if reused > 0 || installed > 2 {
            words.push(format!("{reused} tokens reused, installed {installed} times"));
        }
    } else if costs {
        let doubted = told.iter().any(|what| what == "token in doubt");
        if said != 1 || !doubted || installed != 2 || reused != 1 {
            words.push(format!(
                "what the crash cost was not said: said {said}, doubted {doubted}, installed {installed}, reused {reused}"
            ));
        }
    } else if said > 0 || installed != 1 || (reused > 0 && !case.late()) {
        words.push(format!("said {said}, installed {installed}, reused {reused}: it cost nothing"));
    }
    words
}

async fn every_step(tenant: &str, nth: usize, of: usize) {
    let tale = told(tenant).await;
    let (wanted, _, steps) = lived(&tale, None).await.expect("an undisturbed life");
    assert_eq!(wanted.faults(), Vec::<String>::new());
    assert_eq!(count(&wanted, effect::APP_INSTALLED), 1);
    assert_eq!(count(&wanted, effect::REFRESH_REUSED), 0);
    let all = cases(&steps);
    assert!(all.len() > 30, "only {} cases", all.len());
    let mut faults = Vec::new();
    for case in all.iter().skip(nth).step_by(of) {
        let words = wrong_with(&tale, &wanted, case).await;
        if !words.is_empty() {
            faults.push(format!("{case:?}:\n    {}", words.join("\n    ")));
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n  {}", faults.len(), all.len(), faults.join("\n  "));
}

#[tokio::test]
async fn every_step_of_connect_and_refresh_may_fail_0() {
    every_step("standard", 0, 2).await;
}

#[tokio::test]
async fn every_step_of_connect_and_refresh_may_fail_1() {
    every_step("standard", 1, 2).await;
}

#[tokio::test]
async fn where_a_spent_token_works_for_a_minute_a_crash_costs_nothing() {
    every_step("refresh-grace", 0, 3).await;
}

/// The longest time between two refreshes of the ledger, and the shortest.
fn gaps(ledger: &twins::LedgerSnapshot) -> (Span, Span) {
    let at: Vec<i64> = ledger.of(effect::TOKEN_REFRESHED).map(|entry| entry.at).collect();
    let gaps: Vec<i64> = at.iter().zip(at.iter().skip(1)).map(|(a, b)| b - a).collect();
    let (most, least) = (gaps.iter().max(), gaps.iter().min());
    (Span(most.copied().unwrap_or(0)), Span(least.copied().unwrap_or(0)))
}

#[tokio::test]
async fn two_processes_over_one_database_never_refresh_twice() {
    let tale = told("standard").await;
    let scene = tale.again(tale.setup.clone());
    let ledger = hands::race(&scene, Span::hours(8)).await;
    let (most, least) = gaps(&ledger);
    assert!(ledger.of(effect::TOKEN_REFRESHED).count() >= 7, "eight hours need refreshes");
    assert_eq!(ledger.of(effect::REFRESH_REUSED).count(), 0);
    assert_eq!(ledger.of(effect::APP_INSTALLED).count(), 1);
    assert!(least >= Span::minutes(45), "two refreshes within {least:?}");
    assert!(most <= Span::minutes(61), "no refresh for {most:?}");
}

#[tokio::test]
async fn a_process_that_stands_still_in_a_refresh_is_succeeded_and_its_late_token_is_refused() {
    let tale = told("standard").await;
    let (wanted, _, steps) = lived(&tale, None).await.expect("an undisturbed life");
    for after in [false, true] {
        let (found, told, turns) =
            frozen(&tale, first_refresh(&steps), after).await.expect("two processes");
        assert_eq!(turns, [Turn::TakenOver, Turn::ZombieRefused], "after {after}");
        assert_eq!(found.faults(), Vec::<String>::new(), "after {after}");
        assert_eq!(found.sha(), wanted.sha(), "after {after}");
        // Before the answer the zombie's own call is the spent one, and costs nothing.
        let asked_again = usize::from(after);
        assert_eq!(count(&found, effect::REFRESH_REUSED), 1, "after {after}");
        assert_eq!(count(&found, effect::APP_INSTALLED), 1 + asked_again, "after {after}");
        let said = told.iter().filter(|what| *what == "reconnect needed").count();
        assert_eq!(said, asked_again, "after {after}");
        assert!(told.iter().any(|what| what == "token in doubt"), "after {after}");
    }
}

#[tokio::test]
async fn a_paused_connection_keeps_its_token_alive() {
    let ledger = hands::paused(&told("standard").await, Span::hours(40)).await;
    let (most, _) = gaps(&ledger);
    assert!(ledger.of(effect::TOKEN_REFRESHED).count() >= 40, "it slept");
    assert!(most <= Span::minutes(61), "no refresh for {most:?}");
}

#[tokio::test]
async fn an_app_that_is_removed_is_said_everywhere_and_a_reconnect_goes_on_without_a_restart() {
    hands::removed(&told("standard").await).await;
}

#[tokio::test]
async fn a_certificate_takes_over_from_a_wrong_secret_while_we_run() {
    hands::certificate().await;
}

#[tokio::test]
async fn answers_that_do_not_belong_to_the_last_begin_change_nothing() {
    hands::strangers(&told("standard").await).await;
}

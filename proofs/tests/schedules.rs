//! Flows by timetable and quiet hours, in virtual time.
//!
//! Goal: a timetable changes when things happen, never what becomes of an order; nothing of a flow is sent in its quiet
//! hours; what was missed is caught up once. Method: the same worlds with and without timetables, judged by the twins'
//! ledgers, with the times at which they took what was sent.

use domain::time::{Span, Timestamp};
use domain::timetable::Timetable;
use engine::{Command, SOURCE, Target, Verb};
use proofs::{Scene, Setup};
use store::NewSignal;
use twins::{FaultLevel, effect};

const MINUTE: i64 = 60_000_000;

fn hour(at: Timestamp) -> String {
    let minutes = (at.0 / MINUTE).rem_euclid(1_440);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Quiet from ten minutes after the start, for an hour.
fn quiet(began: Timestamp) -> (Vec<String>, Timestamp, Timestamp) {
    let whole = Timestamp(began.0 / MINUTE * MINUTE);
    let (from, to) = (whole + Span::minutes(10), whole + Span::minutes(70));
    (vec![format!("{}-{}", hour(from), hour(to))], from, to)
}

#[tokio::test]
async fn in_quiet_hours_nothing_of_a_flow_is_sent_and_everything_goes_out_afterwards() {
    for level in [FaultLevel::None, FaultLevel::Heavy] {
        let setup = Setup::new(81, 30).released_over(Span::minutes(50)).faults(level.clone());
        let mut scene = Scene::new(setup).await;
        let (hours, from, to) = quiet(scene.world.now());
        let table = Timetable { quiet: hours, ..Timetable::default() };
        scene.settings.schedule.flows.orders = Some(table.clone());
        scene.settings.schedule.flows.fulfilment = Some(table);
        let verdict = scene.proven().await;
        // What was on its way when they began may still arrive.
        let (from, grace) = (from.0, Span::minutes(4).0);
        let of = |kind| verdict.ledger.of(kind).map(|one| one.at).collect::<Vec<i64>>();
        for kind in [effect::ORDER_CREATED, effect::NOTE_WRITTEN] {
            let all = of(kind);
            let inside = all.iter().filter(|at| **at > from + grace && **at < to.0).count();
            let after = all.iter().filter(|at| **at >= to.0).count();
            println!(
                "{kind:?} {level:?}: {} before, {inside} inside, {after} after",
                all.len() - after
            );
            assert_eq!(inside, 0, "{kind:?} in quiet hours");
            assert!(after > 0, "{kind:?} after them");
        }
    }
}

#[tokio::test]
async fn a_cron_of_ten_minutes_changes_when_and_never_what() {
    let setup = Setup::new(82, 30).released_over(Span::minutes(40));
    let clean = Scene::new(setup.clone()).await;
    let wanted = clean.proven().await;
    let mut scene = clean.again(setup);
    let table = Timetable { cron: "*/10 * * * *".to_owned(), ..Timetable::default() };
    scene.settings.schedule.flows.orders = Some(table.clone());
    scene.settings.schedule.flows.fulfilment = Some(Timetable { jitter: 120, ..table });
    let life = scene.start().await;
    let began = scene.world.now();
    let mut polls = 0;
    let mut last = None;
    while scene.world.now() < began + Span::hours(2) {
        life.moment().await.expect("a life without faults");
        let status = life.rig.engine.status();
        let next = status.lock().expect("a status").dynamics.next_poll;
        if next != last {
            let at = next.expect("a next poll");
            assert_eq!(at.0 % (10 * MINUTE), 0, "at the times of the table: {at}");
            (polls, last) = (polls + 1, next);
        }
    }
    assert!((11..=14).contains(&polls), "{polls} polls in two hours");
    life.run(Span::days(30)).await.expect("quiet");
    life.stop().await;
    let found = scene.verdict().await;
    scene.assert(&found);
    clean.assert_same(&wanted, &found);
}

#[tokio::test]
async fn a_missed_run_is_caught_up_once_and_run_now_does_not_wait() {
    let mut scene = Scene::new(Setup::new(83, 6)).await;
    let table = Timetable { cron: "0 */6 * * *".to_owned(), ..Timetable::default() };
    scene.settings.schedule.flows.orders = Some(table);
    let next = |life: &proofs::Life| {
        let status = life.rig.engine.status();
        let status = status.lock().expect("a status");
        status.dynamics.next_poll
    };
    let life = scene.start().await;
    life.moment().await.expect("a moment");
    let first = next(&life).expect("the very first poll is made at once");
    life.stop().await;
    // Away for three of its times.
    scene.world.advance(first + Span::hours(13));
    let life = scene.start().await;
    let now = scene.world.now();
    life.moment().await.expect("a moment");
    let second = next(&life).expect("caught up");
    assert!(second > now && second.since(now) <= Span::hours(6), "once: {second} after {now}");
    life.until(|world| world.now() >= now + Span::hours(1)).await.expect("an hour");
    assert_eq!(next(&life), Some(second), "nothing is made up for twice");
    let at = scene.world.now();
    let command = Command {
        verb: Verb::RunNow,
        target: Target::Flow("orders".to_owned()),
        hold: None,
        why: None,
        who: "Mara".to_owned(),
        at,
        request_id: "runnow".to_owned(),
    };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: "flow".to_owned(),
        target_key: "orders".to_owned(),
        dedupe_key: "operator:runnow".to_owned(),
        body: serde_json::to_vec(&command).ok(),
        received_at: at,
        flagged: false,
    };
    let mut txn = life.store.begin("proof.now").await.expect("a transaction");
    txn.inbox_add_many(&app::rig::scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
    life.until(|world| world.now() >= at + Span::minutes(10)).await.expect("minutes");
    assert_eq!(next(&life), Some(second), "the table goes on as before");
    life.run(Span::days(30)).await.expect("quiet");
    life.stop().await;
    scene.assert(&scene.verdict().await);
}

//! The doctor and drift inside a running connector: asked for by a person, or due.

use domain::doctor::{Report, Verdict};
use domain::drift::DriftReport;
use domain::time::{Span, Timestamp};
use engine::{Command, SOURCE, Target, Verb};
use proofs::{Life, Scene, Setup};
use store::{NewSignal, TrailFilter};
use twins::Break;

fn setup(breaks: Vec<Break>) -> Setup {
    let mut setup = Setup::new(11, 3);
    setup.config.breaks = breaks;
    setup
}

pub(super) async fn ask(life: &Life, now: Timestamp, verb: Verb) {
    let command = Command {
        verb,
        target: Target::Connection,
        hold: None,
        why: None,
        who: "Ada".to_owned(),
        at: now,
        request_id: format!("click-{}", now.0),
    };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: "connection".to_owned(),
        target_key: String::new(),
        dedupe_key: format!("operator:{verb:?}:{}", now.0),
        body: Some(serde_json::to_vec(&command).expect("a command")),
        received_at: now,
        flagged: false,
    };
    let mut txn = life.store.begin("test.ask").await.expect("a transaction");
    txn.inbox_add_many(&app::rig::scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

pub(super) async fn kept<T: serde::de::DeserializeOwned>(life: &Life, kind: &str) -> Option<T> {
    let mut reader = life.store.read().await.expect("a reader");
    let rows = reader.observations(&app::rig::scope(), kind, &[String::new()]).await.expect("rows");
    let body = rows.into_iter().next()?.body?;
    Some(serde_json::from_slice(&body).expect("a report"))
}

async fn told(life: &Life, what: &str) -> Vec<String> {
    let mut reader = life.store.read().await.expect("a reader");
    let filter = TrailFilter::default();
    let rows = reader.trail(&app::rig::scope(), &filter, None, 200).await.expect("a trail");
    rows.into_iter().filter(|r| r.entry.what == what).filter_map(|r| r.entry.why).collect()
}

#[tokio::test]
async fn a_person_asks_for_the_doctor_and_the_owner_keeps_the_answer() {
    let scene = Scene::new(setup(vec![Break::CentreInactive])).await;
    let life = scene.start().await;
    assert_eq!(kept::<Report>(&life, domain::doctor::KEPT).await, None);
    ask(&life, scene.world.now(), Verb::Doctor).await;
    life.rig.settle_moment().await.expect("a moment");
    let report: Report = kept(&life, domain::doctor::KEPT).await.expect("a report is kept");
    let fails: Vec<&str> = report
        .findings
        .iter()
        .filter(|f| f.verdict == Verdict::Fail)
        .map(|f| f.id.as_str())
        .collect();
    assert_eq!(fails, ["sb.centre.1"]);
    assert_eq!(told(&life, "doctor").await, [report.sentence()]);
    assert_eq!(told(&life, "asked for the doctor").await.len(), 1);
}

#[tokio::test]
async fn the_contracts_are_compared_once_a_day_and_what_changed_is_in_the_trail() {
    let mut scene = Scene::new(setup(vec![Break::MemberNew])).await;
    scene.settings.schedule.drift = Span::days(1);
    let life = scene.start().await;
    life.rig.settle_moment().await.expect("a moment");
    let first: DriftReport = kept(&life, domain::drift::KEPT).await.expect("a report is kept");
    assert!(!first.quiet());
    let told_once = told(&life, "API drift").await;
    assert!(told_once.iter().any(|why| why.contains("DocumentStatus.Teleported")), "{told_once:?}");
    scene.world.advance(scene.world.now() + Span::hours(2));
    life.rig.settle_moment().await.expect("a moment");
    let same: DriftReport = kept(&life, domain::drift::KEPT).await.expect("a report is kept");
    assert_eq!(same.at, first.at, "compared twice on one day");
    scene.world.advance(scene.world.now() + Span::days(1));
    life.rig.settle_moment().await.expect("a moment");
    let next: DriftReport = kept(&life, domain::drift::KEPT).await.expect("a report is kept");
    assert!(next.at > first.at, "not compared on the next day");
}

//! The doctor of an app: nobody has let it in yet, and after somebody has.

use super::asked::{ask, kept};
use super::{Patient, troubled};
use domain::doctor::{Finding, Report, Verdict};
use engine::Verb;
use proofs::{Scene, Setup};
use twins::TwinConfig;

fn token(report: &Report) -> &Finding {
    report.findings.iter().find(|f| f.id == "sb.token").expect("a line about the token")
}

fn says_connect(report: &Report) {
    let line = token(report);
    assert_eq!(line.verdict, Verdict::Fail, "{line:?}");
    assert!(line.seen.contains("not connected yet") && !line.seen.contains("401"), "{line:?}");
    for way in ["Connect ShipBob", "ml-connector connect shipbob"] {
        assert!(line.fix.contains(way), "{way} is not named: {line:?}");
    }
}

#[tokio::test]
async fn an_app_that_was_never_connected_fails_exactly_its_line_and_is_told_to_connect() {
    let report =
        Patient::within(TwinConfig { oauth: true, ..TwinConfig::default() }).doctor().await;
    assert_eq!(troubled(&report), [("sb.token", Verdict::Fail)], "{report:#?}");
    says_connect(&report);
    assert!(!report.ready());
}

#[tokio::test]
async fn a_running_connector_says_it_until_a_person_connects_the_app() {
    let scene = Scene::new(Setup::new(11, 3).oauth()).await;
    let life = scene.start().await;
    ask(&life, scene.world.now(), Verb::Doctor).await;
    // Step by step: a moment of the rig would let a person connect it.
    for _ in 0..5 {
        life.rig.engine.step().await.expect("a step");
    }
    let before: Report = kept(&life, domain::doctor::KEPT).await.expect("a report is kept");
    says_connect(&before);
    life.rig.settle_moment().await.expect("a moment in which a person connects");
    scene.world.advance(scene.world.now() + domain::time::Span::seconds(5));
    ask(&life, scene.world.now(), Verb::Doctor).await;
    life.rig.settle_moment().await.expect("a moment");
    let after: Report = kept(&life, domain::doctor::KEPT).await.expect("a report is kept");
    assert!(after.at > before.at, "no new report");
    assert_eq!(token(&after).verdict, Verdict::Pass, "{:?}", token(&after));
}

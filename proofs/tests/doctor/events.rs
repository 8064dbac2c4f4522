//! Business events of F&O: hints to poll now.

use domain::time::Span;
use engine::Accept;
use engine::events::EVENT_LIMIT;
use proofs::{Life, Scene, Setup};

async fn address(life: &Life) -> String {
    let mut reader = life.store.read().await.expect("a reader");
    let rows = reader.webhooks(&app::rig::scope()).await.expect("rows");
    let row = rows.into_iter().find(|row| row.secret_current == store::BUSINESS_EVENTS);
    row.expect("an address for events").path_token
}

async fn waiting(life: &Life) -> i64 {
    let mut reader = life.store.read().await.expect("a reader");
    reader.inbox_waiting(&app::rig::scope()).await.expect("a count").0
}

/// As the reference shows one.
fn event(id: &str, company: &str, control: i64) -> Vec<u8> {
    format!(
        r#"{{"BusinessEventId":"SalesInvoicePostedBusinessEvent","BusinessEventLegalEntity":"{company}",
        "ContextRecordSubject":"","ControlNumber":{control},"EventId":"{id}",
        "EventTime":"/Date(1672408275000)/","MajorVersion":0,"MinorVersion":0,
        "ParentContextRecordSubjects":[],"InvoiceId":"CIV-000712"}}"#
    )
    .into_bytes()
}

#[tokio::test]
async fn an_event_makes_us_poll_now_and_the_same_event_does_it_once() {
    let scene = Scene::new(Setup::new(11, 3)).await;
    let life = scene.start().await;
    life.rig.settle_moment().await.expect("a moment");
    let (intake, token) = (life.rig.intake(), address(&life).await);
    let polled = || {
        let status = life.rig.engine.status();
        let status = status.lock().expect("a status");
        status.dynamics.last_good
    };
    // Ten seconds later no poll is due; the event brings one. A higher number came first: no matter.
    scene.world.advance(scene.world.now() + Span::seconds(10));
    let before = polled();
    for (id, control) in [("0F4A-1", 9), ("0F4A-2", 5), ("0F4A-1", 9)] {
        assert_eq!(intake.accept_event(&token, &event(id, "usmf", control)).await, Accept::Stored);
    }
    assert_eq!(waiting(&life).await, 2, "one signal per event id");
    life.rig.settle_moment().await.expect("a moment");
    assert_eq!(waiting(&life).await, 0);
    assert!(polled() > before, "no poll followed");
}

#[tokio::test]
async fn a_test_payload_is_answered_and_nothing_else_gets_in() {
    let scene = Scene::new(Setup::new(11, 3)).await;
    let life = scene.start().await;
    life.rig.settle_moment().await.expect("a moment");
    let (intake, token) = (life.rig.intake(), address(&life).await);
    let before = waiting(&life).await;
    assert_eq!(intake.accept_event(&token, b"{\"Test\":true}").await, Accept::Stored);
    let foreign = event("0F4A-3", "demf", 1);
    assert_eq!(intake.accept_event(&token, &foreign).await, Accept::Stored);
    let status = |accept: Accept| match accept {
        Accept::Refused { status, .. } => status,
        other => panic!("{other:?}"),
    };
    assert_eq!(status(intake.accept_event("guess", &event("a", "usmf", 1)).await), 404);
    assert_eq!(status(intake.accept_event(&token, b"<xml/>").await), 400);
    let huge = vec![b' '; EVENT_LIMIT + 1];
    assert_eq!(status(intake.accept_event(&token, &huge).await), 413);
    let headers = http::HeaderMap::new();
    assert_eq!(status(intake.accept(&token, &headers, b"{}").await), 401, "no webhook address");
    assert_eq!(waiting(&life).await, before, "something was stored");
}

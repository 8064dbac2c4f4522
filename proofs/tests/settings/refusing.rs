//! What is refused, and that nothing else comes of it.

use super::{answer, current, document, end, paused_life, trail, until, wish, with};
use app::rig::scope;
use domain::settings_change::{TARGET, Wish};
use domain::time::Span;
use engine::SOURCE;
use proofs::{Scene, Setup};
use store::NewSignal;
use twins::FaultLevel;

#[tokio::test]
async fn a_version_that_does_not_fit_the_live_systems_is_refused_and_the_old_one_goes_on() {
    for (from, to, words) in [
        ("centre = 1\n", "centre = 999999\n", "no active fulfilment centre 999999"),
        ("batch_pool = \"", "batch_pool = \"X", "no sales order pool"),
        ("channel = ", "channel = 1", "cannot become"),
        ("profile = \"plain\"", "profile = \"external\"", "not externally managed"),
    ] {
        let scene = Scene::new(Setup::new(51, 12)).await;
        let life = scene.start().await;
        let store = life.store.clone();
        until(&life, scene.world.now() + Span::minutes(2)).await;
        let now = document(&store).await;
        let from = if from.starts_with("centre") { first_centre(&now) } else { from.to_owned() };
        let id = wish(&store, scene.world.now(), 1, with(&now, &from, to)).await;
        until(&life, scene.world.now() + Span::minutes(1)).await;
        let told = answer(&store, &id).await.expect("an answer");
        assert_eq!(told.version, None, "{told:?}");
        assert!(told.problems.iter().any(|one| one.contains(words)), "{words}: {told:?}");
        assert!(told.document.is_some(), "a person can go on with what was refused");
        assert_eq!(current(&store).await.version, 1);
        assert_eq!(life.rig.engine.settings().version, 1, "the old one goes on");
        let rows = trail(&store).await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].entry.what, "settings refused");
        assert!(rows[0].entry.why.as_deref().unwrap_or("").contains(words));
        end(&scene, life).await;
    }
}

fn first_centre(document: &str) -> String {
    let line = document.lines().find(|line| line.starts_with("centre = ")).expect("a centre");
    format!("{line}\n")
}

#[tokio::test]
async fn of_two_people_who_edit_at_once_the_second_is_told_and_nothing_of_hers_is_mixed_in() {
    let (scene, life) = paused_life(52, 10, FaultLevel::None).await;
    let store = life.store.clone();
    let now = document(&store).await;
    let at = scene.world.now();
    let one = wish(&store, at, 1, with(&now, "watch = 900", "watch = 600")).await;
    let two = wish(&store, at, 1, with(&now, "overlap = 300", "overlap = 400")).await;
    until(&life, at + Span::minutes(1)).await;
    let (one, two) = (answer(&store, &one).await, answer(&store, &two).await);
    assert_eq!(one.expect("an answer").version, Some(2));
    let two = two.expect("an answer");
    assert_eq!(two.version, None);
    let words = two.problems.join(" ");
    assert!(
        words.contains("made from version 1") && words.contains("version 2 by Mara"),
        "{words}"
    );
    let now = document(&store).await;
    assert!(now.contains("watch = 600") && now.contains("overlap = 300"), "{now}");
    // From what is in force by now, it goes.
    let again =
        wish(&store, scene.world.now(), 2, with(&now, "overlap = 300", "overlap = 400")).await;
    until(&life, scene.world.now() + Span::minutes(1)).await;
    assert_eq!(answer(&store, &again).await.expect("an answer").version, Some(3));
    super::pause(&store, scene.world.now(), engine::Verb::Resume).await;
    end(&scene, life).await;
}

#[tokio::test]
async fn documents_that_cannot_be_meant_are_refused_by_name_and_stop_nothing() {
    let scene = Scene::new(Setup::new(53, 12)).await;
    let life = scene.start().await;
    let store = life.store.clone();
    until(&life, scene.world.now() + Span::minutes(2)).await;
    let good = document(&store).await;
    let cases = [
        (format!("{good}\nsurprise = 1\n"), "unknown field `surprise`"),
        (good.replace("watch = 900", "watch = \"often\""), "invalid type"),
        (format!("{good}# {}\n", "x".repeat(1024 * 1024)), "bytes; 262144 are the most"),
        (good.replace("watch = 900", "watch = 900\0"), "a nul byte"),
        (good.replace("watch = 900", "watch = 900 # \u{fffd}"), "UTF-8"),
        (good.replace("watch = 900", "watch = 0"), "between 1 second and 31 days"),
        (format!("{good}\n[connection.dynamics]\nurl = \"https://x\"\n"), "dynamics is no setting"),
        (
            good.replace("batch_pool = \"", "batch_pool = \"${HOME}\" # \""),
            "not filled from the environment",
        ),
        (String::new(), "[connection] is missing"),
        ("[connection".to_owned(), "line 1"),
        (good.clone(), "nothing differs"),
    ];
    for (text, words) in cases {
        let id = wish(&store, scene.world.now(), 1, Wish::Document { text }).await;
        until(&life, scene.world.now() + Span::seconds(10)).await;
        let told = answer(&store, &id).await.expect("an answer");
        assert_eq!(told.version, None, "{words}");
        assert!(told.problems.join(" ").contains(words), "{words}: {:?}", told.problems);
    }
    let none = wish(&store, scene.world.now(), 1, Wish::Back { version: 7 }).await;
    unreadable(&store, scene.world.now()).await;
    until(&life, scene.world.now() + Span::seconds(10)).await;
    let told = answer(&store, &none).await.expect("an answer");
    assert!(told.problems.join(" ").contains("no version 7"), "{told:?}");
    assert_eq!(current(&store).await.version, 1);
    end(&scene, life).await;
}

/// A signal nobody of ours writes.
async fn unreadable(store: &store::Store, at: domain::time::Timestamp) {
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: TARGET.to_owned(),
        target_key: String::new(),
        dedupe_key: "operator:settings:garbage".to_owned(),
        body: Some(b"\xff\xfe not JSON".to_vec()),
        received_at: at,
        flagged: false,
    };
    let mut txn = store.begin("proof.garbage").await.expect("a transaction");
    txn.inbox_add_many(&scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

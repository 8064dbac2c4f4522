//! The configuration file against the console.

use super::{current, document, trail, until, wish, with};
use app::rig::scope;
use app::settings::{at_start, file_says};
use domain::settings::Settings;
use domain::settings_change::Wish;
use domain::time::Span;
use proofs::{Scene, Setup};

#[tokio::test]
async fn the_file_is_followed_until_a_person_changes_the_settings_and_reported_afterwards() {
    let scene = Scene::new(Setup::new(71, 6)).await;
    let store = scene.open(None).await;
    let (at, file) = (scene.world.now(), scene.settings.clone());
    let start = at_start(&store, &scope(), file.clone(), at).await.expect("a start");
    assert_eq!((start.settings.version, start.unlike), (1, None), "the file says the same");

    let mut changed = file.clone();
    changed.schedule.watch = Span::minutes(11);
    let start = at_start(&store, &scope(), changed.clone(), at).await.expect("a start");
    assert_eq!((start.settings.version, start.unlike), (2, None), "a followed file is followed");
    let row = current(&store).await;
    assert_eq!((row.reason.as_str(), row.who.as_str()), ("file changed", "configuration"));
    store.close().await;

    // The owner tells of it; then a person changes something.
    let mut scene = scene;
    scene.settings = start.settings.clone();
    let life = scene.start().await;
    until(&life, scene.world.now() + Span::minutes(2)).await;
    let now = document(&life.store).await;
    wish(&life.store, scene.world.now(), 2, with(&now, "overlap = 300", "overlap = 400")).await;
    until(&life, scene.world.now() + Span::minutes(1)).await;
    let store = life.store.clone();
    assert_eq!(current(&store).await.version, 3);

    // The file as it was: nobody is told. Another one: told once, and not followed.
    let at = scene.world.now();
    let start = at_start(&store, &scope(), changed.clone(), at).await.expect("a start");
    assert_eq!((start.settings.version, start.unlike), (3, None));
    let mut other = changed;
    other.schedule.watch = Span::minutes(12);
    for _ in 0..2 {
        let start = at_start(&store, &scope(), other.clone(), at).await.expect("a start");
        assert_eq!(start.settings.version, 3, "the file is not followed any more");
        assert!(start.unlike.is_some_and(|why| why.contains("settings apply")), "it is reported");
        until(&life, scene.world.now() + Span::seconds(10)).await;
    }
    let mut reader = store.read().await.expect("a reader");
    let says = file_says(&mut reader, &scope()).await.expect("a read").expect("it is kept");
    drop(reader);
    assert!(says.text.contains("watch = 720"), "{}", says.text);
    let words: Vec<String> = trail(&store).await.into_iter().map(|row| row.entry.what).collect();
    let wanted = ["settings changed", "settings changed", "settings of the file not followed"];
    assert_eq!(words, wanted, "told once");

    // A person applies it; then both agree.
    wish(&store, scene.world.now(), 3, Wish::Document { text: says.text }).await;
    until(&life, scene.world.now() + Span::minutes(1)).await;
    let row = current(&store).await;
    assert_eq!(row.version, 4);
    let settings: Settings = serde_json::from_str(&row.document).expect("settings");
    assert_eq!(settings, Settings { version: 4, ..other.clone() });
    let start = at_start(&store, &scope(), other, scene.world.now()).await.expect("a start");
    assert_eq!((start.settings.version, start.unlike), (4, None));
    life.run(Span::days(30)).await.expect("quiet");
    life.stop().await;
}

#[tokio::test]
async fn a_file_that_turns_the_connection_into_another_one_is_refused() {
    let scene = Scene::new(Setup::new(72, 4)).await;
    let life = scene.start().await;
    until(&life, scene.world.now() + Span::minutes(1)).await;
    let now = document(&life.store).await;
    wish(&life.store, scene.world.now(), 1, with(&now, "overlap = 300", "overlap = 400")).await;
    until(&life, scene.world.now() + Span::minutes(1)).await;
    let mut other = scene.settings.clone();
    other.company = domain::ids::Company::new("zzzz");
    let why = at_start(&life.store, &scope(), other, scene.world.now()).await;
    let why = why.expect_err("it is another company").to_string();
    assert!(why.contains("zzzz") && why.contains("never becomes another one"), "{why}");
    life.run(Span::days(30)).await.expect("quiet");
    life.stop().await;
}

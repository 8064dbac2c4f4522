//! Settings changed in the middle of life: previewed, applied, put back, carried over, refused.
//!
//! Goal: what a preview says is what happens; a change is in force whole or not at all, however the process dies; what
//! does not fit is refused and the old version goes on; whatever people do, both systems end as the world intended.
//! Method: wishes go into the inbox as console and shell write them; plans, versions and trail are read from the
//! database, everything else from the twins' ledgers.
#![expect(clippy::expect_used, reason = "a proof stops at the first surprise")]

#[path = "settings/crashing.rs"]
mod crashing;
#[path = "settings/following.rs"]
mod following;
#[path = "settings/items.rs"]
mod items;
#[path = "settings/refusing.rs"]
mod refusing;

use app::rig::{World, scope};
use app::settings::{PREVIEWED, ask, promote, told};
use domain::flows::plan_order;
use domain::operation::Flow;
use domain::plan::Plan;
use domain::settings::Settings;
use domain::settings_change::{Asked, Told, Wish, plan_differs};
use domain::time::{Span, Timestamp};
use engine::{Command, SOURCE, Target, Verb};
use proofs::{Life, Scene, Setup, Verdict};
use store::{NewSignal, SettingsRow, Store, TrailFilter, TrailRow};
use twins::FaultLevel;

/// A wish of a person, based on a version.
async fn wish(store: &Store, at: Timestamp, based_on: i64, wish: Wish) -> String {
    let id = format!("click{based_on}x{}", digest_of(&wish));
    let why = "asked by the proof".to_owned();
    let asked = Asked { who: "Mara".to_owned(), why, at, id: id.clone(), based_on, wish };
    assert!(ask(store, &scope(), &asked).await.expect("a database that answers"), "asked twice");
    id
}

fn digest_of(wish: &Wish) -> String {
    domain::settings_change::digest(&serde_json::to_string(wish).expect("a wish"))
}

/// The version in force.
async fn current(store: &Store) -> SettingsRow {
    let mut reader = store.read().await.expect("a reader");
    reader.settings(&scope()).await.expect("settings").expect("the rig kept them")
}

async fn document(store: &Store) -> String {
    current(store).await.text.expect("the rig kept the document")
}

fn with(document: &str, from: &str, to: &str) -> Wish {
    let text = document.replace(from, to);
    assert_ne!(text, document, "{from} is not in the document");
    Wish::Document { text }
}

async fn answer(store: &Store, id: &str) -> Option<Told> {
    let mut reader = store.read().await.expect("a reader");
    let all = told(&mut reader, &scope()).await.expect("what was told");
    all.into_iter().find(|one| one.id == id)
}

async fn until(life: &Life, at: Timestamp) {
    life.until(|world: &World| world.now() >= at).await.expect("a life without faults of its own");
}

/// Entries of the trail about settings, oldest first.
async fn trail(store: &Store) -> Vec<TrailRow> {
    let mut reader = store.read().await.expect("a reader");
    let rows = reader.trail(&scope(), &TrailFilter::default(), None, 10_000).await;
    let mut rows = rows.expect("a trail");
    rows.retain(|row| row.entry.what.starts_with("settings"));
    rows.reverse();
    rows
}

async fn pause(store: &Store, at: Timestamp, verb: Verb) {
    let command = Command {
        verb,
        target: Target::Flow("orders".to_owned()),
        hold: None,
        why: None,
        who: "Mara".to_owned(),
        at,
        request_id: format!("pause{}", at.0),
    };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: "flow".to_owned(),
        target_key: "orders".to_owned(),
        dedupe_key: format!("operator:{}:{verb:?}", command.request_id),
        body: serde_json::to_vec(&command).ok(),
        received_at: at,
        flagged: false,
    };
    let mut txn = store.begin("proof.pause").await.expect("a transaction");
    txn.inbox_add_many(&scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

/// The plan stored last of an order, with the version of the settings it was made under.
async fn stored(store: &Store, order: &str) -> Option<(Plan, i64)> {
    let mut reader = store.read().await.expect("a reader");
    let id = reader.plans_of(&scope(), order, 1).await.expect("plans").first()?.id;
    let plan = reader.plan(&scope(), id).await.expect("a plan")?;
    let outcome = plan.outcome.expect("an outcome");
    Some((serde_json::from_str(&outcome).expect("a plan"), plan.settings_version))
}

/// What stands at both systems at the end.
async fn end(scene: &Scene, life: Life) -> Verdict {
    life.run(Span::days(30)).await.expect("a life that becomes quiet");
    let verdict = Verdict::read(&scene.world.twins, &life.store).await;
    life.stop().await;
    scene.assert(&verdict);
    verdict
}

/// A life with the orders flow paused, so that planned orders stay open.
async fn paused_life(seed: u64, orders: u32, level: FaultLevel) -> (Scene, Life) {
    let scene = Scene::new(Setup::new(seed, orders).faults(level)).await;
    let life = scene.start().await;
    pause(&life.store, scene.world.now(), Verb::Pause).await;
    until(&life, scene.world.now() + Span::minutes(3)).await;
    (scene, life)
}

#[tokio::test]
async fn a_change_is_previewed_applied_and_put_back_and_what_the_preview_said_happens() {
    let (scene, life) = paused_life(41, 40, FaultLevel::None).await;
    let (store, world) = (life.store.clone(), scene.world.clone());
    let first = document(&store).await;
    let method = scene.settings.methods.values().next().expect("a method").clone();
    let mode = scene.settings.methods.keys().next().expect("a mode").clone();
    // One mode loses its method, and expedited goods become the first method's.
    let line = format!("{mode} = \"{method}\"\n");
    let Wish::Document { text } = with(&first, &line, "") else { return };
    let proposed = app::config::document::read(&text).expect("a good document");
    let preview = life.rig.engine.preview(&proposed, PREVIEWED).await.expect("a preview");
    assert_eq!((preview.based_on, preview.misfits.len()), (1, 0));
    assert!(!preview.changes.is_empty(), "no order uses mode {mode}");
    assert!(preview.open >= 40 && preview.looked_at as i64 == preview.open, "{preview:?}");
    assert_eq!(current(&store).await.version, 1, "a preview changes nothing");
    let before: Vec<(String, Plan)> = plans(&store, &scene).await;

    let id = wish(&store, world.now(), 1, Wish::Document { text: text.clone() }).await;
    until(&life, world.now() + Span::seconds(20)).await;
    let told = answer(&store, &id).await.expect("an answer");
    assert_eq!((told.version, told.problems.len()), (Some(2), 0), "{told:?}");
    let row = current(&store).await;
    assert_eq!((row.version, row.text.as_deref()), (2, Some(text.as_str())));
    assert_eq!(life.rig.engine.settings().version, 2, "it is in force");
    assert_eq!(*life.rig.engine.settings(), Settings { version: 2, ..proposed });
    let mut differ = 0;
    for (order, old) in &before {
        let (now, version) = stored(&store, order).await.expect("a plan");
        match preview.changes.iter().find(|one| one.subject == *order) {
            Some(said) => {
                assert_eq!(plan_differs(&said.after, &now), Vec::<String>::new(), "{order}");
                assert_ne!(plan_differs(&said.before, &said.after), Vec::<String>::new());
                assert_eq!(version, 2, "{order} is planned under the new version");
                differ += 1;
            }
            None => {
                assert_eq!(plan_differs(old, &now), Vec::<String>::new(), "{order} was not named");
                assert_eq!(version, 1, "{order} keeps the version it was planned under");
            }
        }
    }
    assert_eq!(differ, preview.changes.len(), "every order named did change");

    let id = wish(&store, world.now(), 2, Wish::Back { version: 1 }).await;
    until(&life, world.now() + Span::seconds(20)).await;
    assert_eq!(answer(&store, &id).await.expect("an answer").version, Some(3));
    assert_eq!(document(&store).await, first, "version 3 says what version 1 said");
    for (order, old) in &before {
        let (now, _) = stored(&store, order).await.expect("a plan");
        assert_eq!(plan_differs(old, &now), Vec::<String>::new(), "{order} is as it was");
    }
    pause(&store, world.now(), Verb::Resume).await;
    let rows = trail(&store).await;
    let words: Vec<(&str, i64, &str)> = rows
        .iter()
        .map(|r| (r.entry.what.as_str(), r.entry.settings_version, r.entry.who.as_str()))
        .collect();
    assert_eq!(words, [("settings changed", 2, "Mara"), ("settings put back", 3, "Mara")]);
    assert!(rows.iter().all(|r| r.entry.why.as_deref().unwrap_or("").contains("asked by")));
    assert!(rows[0].entry.after.as_deref().unwrap_or("").contains("+0 -1 lines"), "{rows:?}");
    end(&scene, life).await;
    println!("{differ} of {} open orders changed as previewed", before.len());
}

/// Every order's last plan.
async fn plans(store: &Store, scene: &Scene) -> Vec<(String, Plan)> {
    let mut found = Vec::new();
    for order in scene.world.twins.truth().orders {
        if let Some((plan, version)) = stored(store, &order.order_number).await {
            assert_eq!(version, 1);
            found.push((order.order_number, plan));
        }
    }
    found
}

#[tokio::test]
async fn what_was_planned_before_a_change_keeps_its_version_and_the_trail_says_so() {
    let scene = Scene::new(Setup::new(43, 24).released_over(Span::minutes(30))).await;
    let life = scene.start().await;
    let (store, world) = (life.store.clone(), scene.world.clone());
    until(&life, world.now() + Span::minutes(15)).await;
    let now = document(&store).await;
    let id =
        wish(&store, world.now(), 1, with(&now, "dynamics_poll = 30", "dynamics_poll = 45")).await;
    until(&life, world.now() + Span::minutes(1)).await;
    assert_eq!(answer(&store, &id).await.expect("an answer").version, Some(2));
    life.run(Span::days(30)).await.expect("quiet");
    let mut reader = store.read().await.expect("a reader");
    let filter = TrailFilter::default();
    let mut rows = reader.trail(&scope(), &filter, None, 10_000).await.expect("a trail");
    rows.retain(|row| row.entry.why.as_deref().is_some_and(|why| why.starts_with("Order ")));
    let count = |version| rows.iter().filter(|r| r.entry.settings_version == version).count();
    println!("accepted under version 1: {}, under version 2: {}", count(1), count(2));
    assert!(count(1) > 0 && count(2) > 0, "orders were sent under both versions");
    assert_eq!(count(1) + count(2), rows.len(), "every write names the version of its plan");
    drop(reader);
    end(&scene, life).await;
}

#[tokio::test]
async fn an_exported_version_is_taken_over_elsewhere_only_when_its_environment_is_confirmed() {
    let (one, life) = paused_life(44, 10, FaultLevel::None).await;
    let store = life.store.clone();
    let now = document(&store).await;
    wish(&store, one.world.now(), 1, with(&now, "watch = 900", "watch = 600")).await;
    until(&life, one.world.now() + Span::seconds(20)).await;
    let row = current(&store).await;
    assert_eq!(row.version, 2);
    let text = row.text.expect("a document");
    let file = promote::export(&text, "Sandbox", 2, one.world.now()).expect("an export");
    for secret in ["client_secret", "token", "https://", "master_key", "authority"] {
        assert!(!file.contains(secret), "{secret} stands in the export");
    }
    pause(&store, one.world.now(), Verb::Resume).await;
    end(&one, life).await;

    let (two, life) = paused_life(45, 10, FaultLevel::None).await;
    let store = life.store.clone();
    let refused = promote::import(&file).expect_err("nobody has confirmed it");
    let words: Vec<String> = refused.iter().map(ToString::to_string).collect();
    let words = words.join("\n");
    for bound in ["confirmed", "channel", "centres.SB01", "methods."] {
        assert!(words.contains(bound), "{bound} is not named: {words}");
    }
    let confirmed = file.replace("confirmed = false", "confirmed = true");
    let made = promote::import(&confirmed).expect("a document");
    let id = wish(&store, two.world.now(), 1, Wish::Document { text: made }).await;
    until(&life, two.world.now() + Span::seconds(20)).await;
    let told = answer(&store, &id).await.expect("an answer");
    assert_eq!((told.version, told.problems), (Some(2), Vec::new()));
    assert_eq!(life.rig.engine.settings().schedule.watch, Span::minutes(10));
    pause(&store, two.world.now(), Verb::Resume).await;
    end(&two, life).await;
}

#[tokio::test]
async fn the_pure_planner_alone_decides_a_preview() {
    let (scene, life) = paused_life(46, 12, FaultLevel::None).await;
    let order = scene.world.twins.truth().orders.into_iter().next().expect("an order").order_number;
    let looked = life.rig.engine.dry_run(std::slice::from_ref(&order)).await.expect("a look");
    let (facts, plan) = looked.into_iter().next().expect("facts");
    assert_eq!(plan_order(&facts, &scene.settings), plan);
    assert!(life.rig.engine.flow_paused(Flow::Orders), "paused all the while");
    pause(&life.store, scene.world.now(), Verb::Resume).await;
    end(&scene, life).await;
}

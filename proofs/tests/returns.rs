//! What comes back to ShipBob and what suppliers send there, through the whole life of a world.
//!
//! Goal: every return and receiving order is kept as it stands at the end; a return of an order of ours has one note there,
//! with what was done with every piece, and one record of the customer's own call; however bad the network is, and with or
//! without webhooks.
//! Method: the twin's docks are the truth; the projections of a clean and a disturbed life must be equal.
#![expect(clippy::print_stdout, reason = "a proof says what it saw")]
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

use domain::inbound::{Kind, Receiving, Return};
use domain::time::{Span, Timestamp};
use engine::{Command, SOURCE, Target, Verb};
use proofs::{LIFE, Life, Scene, Setup, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use twins::{FaultLevel, ReturnTruth};

/// Every story of a return occurs in so many.
const MANY: u32 = 90;
/// Enough for the usual ones.
const FEW: u32 = 40;

/// What is kept, by id.
async fn kept(scene: &Scene) -> (BTreeMap<i64, Return>, BTreeMap<i64, Receiving>) {
    let store = scene.open(None).await;
    let mut reader = store.read().await.expect("a database that answers");
    let scope = app::rig::scope();
    let mut both = (BTreeMap::new(), BTreeMap::new());
    for kind in Kind::ALL {
        let rows = reader.inbound_page(&scope, kind.word(), "", i64::MAX, 5_000).await;
        for row in rows.expect("rows") {
            match kind {
                Kind::Return => {
                    both.0.insert(row.id, serde_json::from_str(&row.body).expect("a return"));
                }
                Kind::Receiving => {
                    both.1.insert(row.id, serde_json::from_str(&row.body).expect("an order"));
                }
            }
        }
    }
    drop(reader);
    store.close().await;
    both
}

/// What is not as the docks say.
fn wrong(truth: &ReturnTruth, kept: Option<&Return>, judged: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let Some(kept) = kept else { return vec!["not kept".to_owned()] };
    let lines: Vec<(String, i64, i64, i64, i64)> = kept
        .lines
        .iter()
        .map(|line| {
            let of = |action: &str| line.pieces(action);
            let sku = line.sku.clone();
            (sku, line.announced, of("Restock"), of("Quarantine"), of("Dispose"))
        })
        .collect();
    if (kept.status.as_str(), &lines) != (truth.status.as_str(), &truth.lines) {
        faults.push(format!("kept as {} {lines:?}", kept.status));
    }
    if !judged {
        return faults;
    }
    let noted = usize::from(truth.status != "Cancelled" || !truth.notes.is_empty());
    if truth.notes.len() != noted {
        faults.push(format!("{} notes", truth.notes.len()));
    }
    let note = truth.notes.join("\n");
    if truth.status == "Completed" {
        for (sku, pieces, restocked, quarantined, disposed) in &truth.lines {
            let line = note.lines().find(|line| line.starts_with(&format!("{sku} x {pieces}: ")));
            let told = |n: i64, action: &str| {
                n == 0 || line.is_some_and(|line| line.contains(&format!("{n} {action}")))
            };
            if !(told(*restocked, "Restock")
                && told(*quarantined, "Quarantine")
                && told(*disposed, "Dispose"))
            {
                faults.push(format!("the note says {line:?} of {sku}"));
            }
        }
    }
    let records = usize::from(truth.status == "Completed");
    if truth.records != records {
        faults.push(format!("recorded {} times", truth.records));
    }
    faults
}

async fn judge(scene: &Scene, verdict: &Verdict) -> Vec<ReturnTruth> {
    let returns = scene.world.twins.returns();
    let (kept, receiving) = kept(scene).await;
    assert_eq!(returns.len(), kept.len(), "returns kept");
    assert_eq!(receiving.len(), verdict.ledger.of(twins::effect::RECEIVING_ANNOUNCED).count());
    let mut faults = Vec::new();
    for truth in &returns {
        let order = truth.order_number.as_deref().and_then(|number| verdict.truth.order(number));
        let there = truth
            .order_number
            .as_ref()
            .and_then(|number| verdict.projection.orders.get(number))
            .is_some_and(|order| order.dynamics.is_some());
        let judged = order.is_some_and(|order| !order.racing) && there;
        for words in wrong(truth, kept.get(&truth.id), judged) {
            faults.push(format!("return {} of {:?}: {words}", truth.id, truth.order_number));
        }
    }
    if !faults.is_empty() {
        scene.story(&faults.join(" "), verdict).await;
    }
    assert!(faults.is_empty(), "{}\nreplay: {}", faults.join("\n"), scene.setup.replay());
    returns
}

async fn lived(setup: Setup) -> (Scene, Verdict, Vec<ReturnTruth>) {
    let scene = Scene::new(setup).await;
    let verdict = scene.proven().await;
    let returns = judge(&scene, &verdict).await;
    (scene, verdict, returns)
}

async fn clean_is_heavy(seed: u64, orders: u32) -> Vec<ReturnTruth> {
    let (_, clean, returns) = lived(Setup::new(seed, orders).returns()).await;
    println!("seed {seed}: {} returns", returns.len());
    let (other, heavy, _) =
        lived(Setup::new(seed, orders).returns().faults(FaultLevel::Heavy)).await;
    other.assert_same(&clean, &heavy);
    returns
}

#[tokio::test]
async fn heavy_faults_lose_and_double_no_return() {
    let returns = clean_is_heavy(7, MANY).await;
    let seen: BTreeSet<&str> = returns.iter().map(|one| one.status.as_str()).collect();
    assert!(seen.contains("Completed") && seen.contains("Cancelled"), "{seen:?}");
    let lines = || returns.iter().flat_map(|one| &one.lines);
    assert!(lines().any(|l| l.2 > 0) && lines().any(|l| l.3 > 0) && lines().any(|l| l.4 > 0));
    assert!(returns.iter().any(|one| one.order_number.is_none()), "of other channels, too");
}

#[tokio::test]
async fn heavy_faults_change_nothing_on_another_seed() {
    clean_is_heavy(31, FEW).await;
}

#[tokio::test]
async fn polls_alone_find_every_return() {
    let (_, clean, _) = lived(Setup::new(31, FEW).returns()).await;
    let (other, polled, _) = lived(Setup::new(31, FEW).returns().polls_only()).await;
    other.assert_same(&clean, &polled);
}

#[tokio::test]
async fn neither_blanks_in_a_status_nor_more_topics_change_anything() {
    let (_, clean, _) = lived(Setup::new(31, FEW).returns()).await;
    for tenant in ["return-status-spaced", "wro-topics", "paging-headers-missing"] {
        let (other, found, _) = lived(Setup::new(31, FEW).returns().tenant(tenant)).await;
        other.assert_same(&clean, &found);
    }
}

#[tokio::test]
async fn a_token_that_may_not_read_returns_stops_no_order() {
    let mut setup = Setup::new(5, FEW).returns();
    let all = ["channels_read", "orders_read", "orders_write", "products_read", "locations_read"];
    let scopes = all.into_iter().chain(["webhooks_read", "webhooks_write", "fulfillments_read"]);
    setup.config.shipbob_scopes = Some(scopes.map(str::to_owned).collect());
    let scene = Scene::new(setup).await;
    scene.live().await;
    let verdict = scene.verdict().await;
    scene.assert(&verdict);
    let store = scene.open(None).await;
    let mut reader = store.read().await.expect("a database that answers");
    let filter = store::TrailFilter::default();
    let rows = reader.trail(&app::rig::scope(), &filter, None, 10_000).await.expect("a trail");
    let told = rows.iter().filter_map(|row| row.entry.why.as_deref());
    assert!(told.into_iter().any(|why| why.contains("returns_read")), "nobody is told");
    drop(reader);
    store.close().await;
}

/// Asks for something of a flow, as the console does.
async fn ask(life: &Life, now: Timestamp, verb: Verb, flow: &str) {
    let command = Command {
        verb,
        target: Target::Flow(flow.to_owned()),
        hold: None,
        why: Some("asked by the proof".to_owned()),
        who: "Mara".to_owned(),
        at: now,
        request_id: format!("click{}", now.0),
    };
    let signal = store::NewSignal {
        source: SOURCE.to_owned(),
        target_kind: "flow".to_owned(),
        target_key: flow.to_owned(),
        dedupe_key: format!("operator:{}:{verb:?}", command.request_id),
        body: Some(serde_json::to_vec(&command).expect("a command")),
        received_at: now,
        flagged: false,
    };
    let mut txn = life.store.begin("test.ask").await.expect("a transaction");
    txn.inbox_add_many(&app::rig::scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

/// Calls ShipBob was asked for returns and receiving orders.
fn looks(scene: &Scene) -> u64 {
    let ledger = scene.world.twins.ledger();
    let asked = ledger.endpoints.get(&twins::System::ShipBob).into_iter().flatten();
    let inbound = asked.filter(|(name, _)| name.contains("return") || name.contains("receiving"));
    inbound.map(|(_, count)| count.requests).sum()
}

/// Paused before anything comes back and resumed when all has: meanwhile nothing of it is read, noted or recorded, and
/// everything else goes on. The end is as if nobody had paused anything.
#[tokio::test]
async fn a_pause_of_returns_stops_them_and_nothing_else() {
    let (_, clean, _) = lived(Setup::new(31, FEW).returns()).await;
    let scene = Scene::new(Setup::new(31, FEW).returns()).await;
    let life = scene.start().await;
    ask(&life, scene.world.now(), Verb::Pause, "returns").await;
    let begun = scene.world.now() + Span::minutes(10);
    life.until(|world| world.now() >= begun).await.expect("a beginning");
    let before = looks(&scene);
    life.run(LIFE).await.expect("a life that becomes quiet");
    assert_eq!(looks(&scene), before, "paused, and asked all the same");
    assert!(scene.world.twins.returns().iter().all(|one| one.notes.is_empty() && one.records == 0));
    assert!(!scene.world.twins.written_orders().is_empty(), "fulfilment goes on");
    ask(&life, scene.world.now(), Verb::Resume, "returns").await;
    let read = scene.world.now() + Span::hours(2);
    life.until(|world| world.now() >= read).await.expect("looks");
    life.run(LIFE).await.expect("a life that becomes quiet");
    assert!(looks(&scene) > before);
    let verdict = Verdict::read(&scene.world.twins, &life.store).await;
    life.stop().await;
    scene.assert(&verdict);
    judge(&scene, &verdict).await;
    scene.assert_same(&clean, &verdict);
}

#[tokio::test]
async fn without_the_section_nothing_of_it_is_asked_or_written() {
    let mut scene = Scene::new(Setup::new(5, 12).returns()).await;
    scene.settings.returns = None;
    scene.live().await;
    let verdict = scene.verdict().await;
    scene.assert(&verdict);
    let asked = verdict.ledger.endpoints.get(&twins::System::ShipBob).expect("calls");
    let inbound = asked.keys().filter(|name| name.contains("return") || name.contains("receiving"));
    assert_eq!(inbound.count(), 0, "asked without the section");
    assert!(scene.world.twins.returns().iter().all(|one| one.notes.is_empty() && one.records == 0));
}

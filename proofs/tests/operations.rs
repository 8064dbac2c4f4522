//! What operators do to a running connector: pause and resume, erase personal data, let old rows go, make a decision
//! again.
//!
//! Goal: whatever they do in the middle of life, both systems end as if they had done nothing, and nothing is lost.
//! Method: commands go into the inbox as the console writes them; the twins' ledgers are asked.
#![expect(clippy::expect_used, reason = "a proof stops at the first surprise")]

#[path = "operations/erasing.rs"]
mod erasing;
#[path = "operations/flows.rs"]
mod flows;
#[path = "operations/keeping.rs"]
mod keeping;
#[path = "operations/pausing.rs"]
mod pausing;
#[path = "operations/replaying.rs"]
mod replaying;
#[path = "operations/seeding.rs"]
mod seeding;

use app::rig::{World, scope};
use domain::time::Timestamp;
use engine::{Command, SOURCE, Target, Verb};
use proofs::{Life, Scene, Verdict};
use store::{NewSignal, Store, TrailFilter, TrailRow};
use twins::{FaultLevel, effect};

/// Puts a command into the inbox, as the console does.
async fn ask(store: &Store, now: Timestamp, verb: Verb, target: Target) {
    let (kind, key) = match &target {
        Target::Order(key) => ("order", key.clone()),
        Target::Flow(key) => ("flow", key.clone()),
        Target::Connection => ("connection", String::new()),
    };
    let command = Command {
        verb,
        target,
        hold: None,
        why: Some("asked by the proof".to_owned()),
        who: "Mara".to_owned(),
        at: now,
        request_id: format!("click{}", now.0),
    };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: kind.to_owned(),
        dedupe_key: format!("operator:{}:{verb:?}:{key}", command.request_id),
        target_key: key,
        body: Some(serde_json::to_vec(&command).expect("a command")),
        received_at: now,
        flagged: false,
    };
    let mut txn = store.begin("test.ask").await.expect("a transaction");
    txn.inbox_add_many(&scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

/// Lives on until a moment.
async fn until(life: &Life, at: Timestamp) {
    life.until(|world: &World| world.now() >= at).await.expect("a life without faults of its own");
}

/// The trail, oldest first, of one order or of all.
async fn trail(store: &Store, order: Option<&str>) -> Vec<TrailRow> {
    let filter = TrailFilter { subject: order.map(str::to_owned), ..TrailFilter::default() };
    let mut reader = store.read().await.expect("a reader");
    let mut rows = reader.trail(&scope(), &filter, None, 10_000).await.expect("a trail");
    rows.reverse();
    rows
}

/// What stands at both systems at the end.
async fn end(scene: &Scene, life: Life) -> Verdict {
    life.run(domain::time::Span::days(30)).await.expect("a life that becomes quiet");
    let verdict = Verdict::read(&scene.world.twins, &life.store).await;
    life.stop().await;
    scene.assert(&verdict);
    verdict
}

/// Writes ShipBob took for the orders flow so far.
fn sent_to_shipbob(world: &World) -> usize {
    let ledger = world.twins.ledger();
    let kinds = [effect::ORDER_CREATED, effect::ADDRESS_UPDATED, effect::LINES_UPDATED];
    kinds.into_iter().map(|kind| ledger.of(kind).count()).sum()
}

fn levels() -> [FaultLevel; 2] {
    [FaultLevel::None, FaultLevel::Heavy]
}

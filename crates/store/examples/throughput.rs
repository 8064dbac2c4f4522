//! How many orders per second this crate keeps: every row the engine writes from the first mark
//! to the finished delivery, in batches of 200, with full durability.
//!
//! `cargo run --release -p store --example throughput -- [orders] [sqlite://file | postgres://…]`
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement on a terminal")]

use domain::ids::{ConnectionId, OrganisationId, Scope};
use domain::time::{Span, Timestamp};
use std::time::Instant;
use store::*;

const BATCH: usize = 200;

fn at(n: usize) -> Timestamp {
    Timestamp(1_700_000_000_000_000 + i64::try_from(n).unwrap_or(0))
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let orders: usize = args.next().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let file = std::env::temp_dir().join(format!("throughput-{}.db", std::process::id()));
    let url = args.next().unwrap_or_else(|| format!("sqlite://{}", file.display()));
    let keys = KeyRing::new(MasterKey::generate()?);
    let store = Store::open(StoreOptions::new(StoreUrl::parse(&url)?, keys)).await?;
    let scope = Scope {
        organisation: OrganisationId::new("contoso"),
        connection: ConnectionId::new(format!("us-{}", std::process::id())),
    };
    let cell = Cell::of(&scope);
    let mut txn = store.begin("bench.lease").await?;
    let fence = txn.lease_take(&cell, "bench", 0, 0).await?.unwrap_or(Fence(1));
    txn.commit().await?;
    let began = Instant::now();
    let mut spent = [0.0; 3];
    for from in (0..orders).step_by(BATCH) {
        let keys: Vec<String> =
            (from..orders.min(from + BATCH)).map(|n| format!("SO-{n:08}")).collect();
        let steps = (Instant::now(), gather(&store, &scope, &keys, at(from)).await?);
        spent[0] += steps.0.elapsed().as_secs_f64();
        let steps = (Instant::now(), plan(&store, &scope, (&cell, fence), at(from)).await?);
        spent[1] += steps.0.elapsed().as_secs_f64();
        let steps = (Instant::now(), deliver(&store, &scope, (&cell, fence), at(from)).await?);
        spent[2] += steps.0.elapsed().as_secs_f64();
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{orders} orders in {seconds:.2} s: {:.0} orders/s", orders as f64 / seconds);
    println!("intake {:.2} s, plan {:.2} s, deliver {:.2} s", spent[0], spent[1], spent[2]);
    let mut read = store.read().await?;
    let report = read.trail_verify(&scope).await?;
    println!("trail: {} entries, broken: {:?}", report.entries, report.broken);
    drop(read);
    store.close().await;
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    Ok(())
}

/// A poll page: observations, marks and the cursor in one transaction.
async fn gather(store: &Store, scope: &Scope, keys: &[String], now: Timestamp) -> Result<()> {
    let mut txn = store.begin("bench.poll").await?;
    let reading = |key: &String| Observation {
        kind: "fo.order".to_owned(),
        key: key.clone(),
        person: Some(key.clone()),
        version: "1".to_owned(),
        stamp: now,
        read_began: now,
        body: Some(format!("{{\"number\":\"{key}\",{}}}", "\"line\":1,".repeat(120)).into_bytes()),
    };
    txn.observations_put(scope, keys.iter().map(reading).collect()).await?;
    txn.subjects_mark(scope, keys.to_vec(), 2, now).await?;
    txn.cursor_put(scope, "poll", "x", now).await?;
    txn.commit().await
}

async fn plan(
    store: &Store,
    scope: &Scope,
    (cell, fence): (&Cell, Fence),
    now: Timestamp,
) -> Result<()> {
    let mut txn = store.begin("bench.plan").await?;
    txn.guard(cell, fence).await?;
    let subjects = txn.subjects_take(scope, now, BATCH).await?;
    let keys: Vec<String> = subjects.iter().map(|s| s.key.clone()).collect();
    let seen = txn.observations(scope, "fo.order", &keys).await?;
    txn.deliveries_known(scope, &keys).await?;
    let new = seen.into_iter().map(|o| NewPlan {
        subject: o.key,
        made_at: now,
        settings_version: 1,
        facts: o.body.unwrap_or_default(),
        outcome: "{\"deliveries\":[\"create\"],\"reasons\":[\"released\"]}".repeat(4),
    });
    let new: Vec<NewPlan> = new.collect();
    let order: Vec<String> = new.iter().map(|p| p.subject.clone()).collect();
    let ids = txn.plans_put(scope, new).await?;
    let wanted = order.iter().zip(&ids).map(|(key, id)| NewDelivery {
        subject: key.clone(),
        plan_id: *id,
        seq: 0,
        business_key: format!("create:{key}"),
        operation: "CreateOrder".to_owned(),
        lane: 2,
        body: "{\"recipient\":{\"name\":\"x\"}}".repeat(20).into_bytes(),
        not_before: now,
        settle: Span::seconds(60),
    });
    txn.deliveries_put(scope, wanted.collect(), now).await?;
    let planned = keys.iter().map(|key| (key.clone(), "orders".to_owned())).collect();
    txn.holds_reconcile(scope, planned, vec![], "orders", now).await?;
    let number = |key: &String| NumberEntry {
        number: key.clone(),
        kind: "order".to_owned(),
        subject: key.clone(),
    };
    txn.numbers_put(scope, keys.iter().map(number).collect()).await?;
    let update = |s: &SubjectRow| SubjectUpdate {
        key: s.key.clone(),
        seen_marks: s.marks,
        status: "sending".to_owned(),
        sentence: "Released; on its way to ShipBob.".to_owned(),
        milestones: Milestones { released_at: Some(now), ..Milestones::default() },
        ..SubjectUpdate::default()
    };
    txn.subjects_update(scope, subjects.iter().map(update).collect(), now).await?;
    trail(&mut txn, scope, &keys, now).await?;
    txn.commit().await
}

async fn deliver(
    store: &Store,
    scope: &Scope,
    (cell, fence): (&Cell, Fence),
    now: Timestamp,
) -> Result<()> {
    let mut txn = store.begin("bench.claim").await?;
    txn.guard(cell, fence).await?;
    let lanes = [LaneLimit { lane: 2, max: BATCH }];
    let when = (now, now + Span::seconds(30));
    let claimed = txn.deliveries_claim(scope, fence, when, &lanes, BATCH).await?;
    txn.commit().await?;
    let mut txn = store.begin("bench.finish").await?;
    txn.guard(cell, fence).await?;
    let outcome = |d: &Delivery| Finish {
        id: d.id,
        attempt: d.attempt,
        next: Next::Done,
        disposition: "done".to_owned(),
        detail: None,
        status: Some(201),
        outcome: Some("ShipBob order 318450211".to_owned()),
    };
    txn.deliveries_finish(scope, fence, claimed.iter().map(outcome).collect(), now).await?;
    let link = |d: &Delivery| Link {
        kind: "order".to_owned(),
        local_key: d.business_key.clone(),
        remote_key: d.id.to_string(),
        at: now,
    };
    txn.links_put(scope, claimed.iter().map(link).collect()).await?;
    let keys: Vec<String> = claimed.into_iter().map(|d| d.subject).collect();
    txn.subjects_mark(scope, keys.clone(), 1, now).await?;
    let update = |key: &String| SubjectUpdate {
        key: key.clone(),
        seen_marks: 2,
        status: "in-warehouse".to_owned(),
        sentence: "ShipBob has it and has not shipped it yet.".to_owned(),
        milestones: Milestones { accepted_at: Some(now), ..Milestones::default() },
        watch_at: Some(now + Span::hours(1)),
        ..SubjectUpdate::default()
    };
    txn.subjects_update(scope, keys.iter().map(update).collect(), now).await?;
    trail(&mut txn, scope, &keys, now).await?;
    txn.commit().await
}

async fn trail(txn: &mut Txn, scope: &Scope, keys: &[String], now: Timestamp) -> Result<()> {
    let entry = |key: &String| TrailEntry {
        at: now,
        who: "orders".to_owned(),
        what: "order.sent".to_owned(),
        subject: Some(key.clone()),
        why: Some("Released in Dynamics; sent to ShipBob.".to_owned()),
        settings_version: 1,
        ..TrailEntry::default()
    };
    txn.trail_append(scope, keys.iter().map(entry).collect()).await.map(|_| ())
}

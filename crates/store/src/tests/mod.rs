//! Conformance: every public function, on SQLite and on PostgreSQL. A test runs the same body on
//! both databases; nothing here may ask which one it is.

mod billing;
mod catalogue;
mod concurrency;
mod connections;
mod deliveries;
mod differential;
mod disk;
mod faults;
mod flow;
mod inbound;
mod keeping;
mod pages;
mod tenants;
mod told;
mod vault;

use crate::testkit::{both, scope, seed};
use crate::*;
use domain::ids::Scope;
use domain::time::{Span, Timestamp};

/// Seconds after an arbitrary beginning.
fn t(seconds: i64) -> Timestamp {
    Timestamp(1_700_000_000_000_000) + Span::seconds(seconds)
}

/// An open store with the usual connection, on each database.
async fn stores() -> Vec<(testkit::TestDb, Store)> {
    let mut all = Vec::new();
    for db in both().await {
        let store = db.open().await;
        seed(&store, &scope()).await.unwrap();
        all.push((db, store));
    }
    all
}

fn delivery(subject: &str, plan_id: i64, seq: i64, key: &str, lane: i64) -> NewDelivery {
    NewDelivery {
        subject: subject.to_owned(),
        plan_id,
        seq,
        business_key: key.to_owned(),
        operation: "CreateOrder".to_owned(),
        lane,
        body: format!("body of {key}").into_bytes(),
        not_before: t(0),
        settle: Span::seconds(60),
    }
}

fn finish(delivery: &Delivery, next: Next) -> Finish {
    Finish {
        id: delivery.id,
        attempt: delivery.attempt,
        next,
        disposition: "tested".to_owned(),
        detail: Some("why".to_owned()),
        status: Some(200),
        outcome: None,
    }
}

const ALL_LANES: &[LaneLimit] =
    &[LaneLimit { lane: 0, max: 1000 }, LaneLimit { lane: 1, max: 1000 }];

/// Claims everything claimable at `t(now)`.
async fn claim(store: &Store, scope: &Scope, fence: Fence, now: i64) -> Vec<Delivery> {
    let mut txn = store.begin("claim").await.unwrap();
    let when = (t(now), t(now + 30));
    let claimed = txn.deliveries_claim(scope, fence, when, ALL_LANES, 1000).await.unwrap();
    txn.commit().await.unwrap();
    claimed
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

//! Somebody deletes the job history of data management while charges are under way.

use super::{charged, scene, setup};
use engine::{Command, SOURCE, Target, Verb};
use proofs::Life;
use std::collections::{BTreeMap, BTreeSet};
use store::NewSignal;
use twins::{Twins, effect};

fn count(twins: &Twins, what: &str) -> usize {
    twins.ledger().of(what).count()
}

/// A person presses Retry, as the console asks.
async fn retry(life: &Life, order: &str) {
    let now = life.rig.world.now();
    let command = Command {
        verb: Verb::Retry,
        target: Target::Order(order.to_owned()),
        hold: None,
        why: None,
        who: "Mara".to_owned(),
        at: now,
        request_id: format!("click-{order}"),
    };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: "order".to_owned(),
        dedupe_key: format!("operator:{}", command.request_id),
        target_key: order.to_owned(),
        body: Some(serde_json::to_vec(&command).expect("a command")),
        received_at: now,
        flagged: false,
    };
    let mut txn = life.store.begin("test.retry").await.expect("a transaction");
    txn.inbox_add_many(&app::rig::scope(), vec![signal]).await.expect("a signal");
    txn.commit().await.expect("a commit");
}

/// Open holds of forgotten imports: order and line number, and what a person reads.
async fn held(life: &Life, orders: &[String]) -> BTreeMap<(String, i64), String> {
    let mut reader = life.store.read().await.expect("a database that answers");
    let holds = reader.holds_open(&app::rig::scope(), orders).await.expect("holds");
    let own = holds.into_iter().filter(|hold| hold.cause == domain::charge::FORGOTTEN);
    own.map(|hold| {
        let line = hold.value.rsplit(' ').next().and_then(|n| n.parse().ok());
        let words = format!("{} {} {}", hold.value, hold.reason, hold.fix);
        ((hold.subject, line.expect("a line number")), words)
    })
    .collect()
}

#[tokio::test]
async fn an_import_f_and_o_forgot_is_held_by_name_and_stops_no_other_order() {
    let scene = scene(setup(31)).await;
    let twins = &scene.world.twins;
    let life = scene.start().await;
    // The first one is deleted while it waits to begin: its rows never come.
    life.until(|world| count(&world.twins, effect::IMPORT_STARTED) == 1).await.expect("a life");
    assert_eq!(twins.forget_imports(), 1);
    assert_eq!(count(twins, effect::CHARGE_WRITTEN), 0);
    // The second one is deleted when its rows are taken, and nobody has asked yet how it ended.
    life.until(|world| count(&world.twins, effect::CHARGE_WRITTEN) > 0).await.expect("a life");
    assert_eq!(twins.forget_imports(), 1, "the next package went although the first is unknown");
    life.run(proofs::LIFE).await.expect("a quiet world");
    let truth = twins.truth();
    let numbers: Vec<String> = truth.orders.iter().map(|o| o.order_number.clone()).collect();
    let holds = held(&life, &numbers).await;
    let started = twins.ledger().of(effect::IMPORT_STARTED).cloned().collect::<Vec<_>>();
    let first = started[0].detail["execution"].as_str().expect("an execution id");
    assert!(!holds.is_empty() && holds.len() < 20, "{holds:?}");
    assert!(holds.values().all(|words| words.contains(first)), "another import: {holds:?}");
    let there: BTreeSet<(String, i64)> =
        twins.charges().into_iter().map(|c| (c.order, c.line)).collect();
    assert!(there.len() > holds.len(), "the others were not stopped");
    assert!(holds.keys().all(|one| !there.contains(one)), "sent again, and nobody released it");
    let orders: BTreeSet<&String> = holds.keys().map(|(order, _)| order).collect();
    for order in orders {
        retry(&life, order).await;
    }
    life.run(proofs::LIFE).await.expect("a quiet world");
    assert_eq!(held(&life, &numbers).await, BTreeMap::new());
    life.stop().await;
    scene.assert(&scene.verdict().await);
    assert!(charged(&scene).await.shipments > 10, "too few to prove anything");
    let mut written: Vec<String> = twins
        .ledger()
        .of(effect::CHARGE_WRITTEN)
        .map(|one| format!("{} {} {}", one.key, one.detail["line"], one.detail["amount"]))
        .collect();
    let all = written.len();
    written.sort();
    written.dedup();
    assert_eq!(written.len(), all, "every charge exactly once");
}

//! What several workers may do at once. On SQLite they queue for the one write connection; the
//! outcome must be the same.

#![expect(clippy::disallowed_methods, reason = "a test of concurrency needs tasks")]

use super::*;
use std::collections::HashSet;

/// Method: 8 workers claim until nothing is left. Every delivery must be handed out exactly once,
/// and never two of one subject at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_workers_claim_every_delivery_exactly_once() {
    for (db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("fill").await.unwrap();
        let mut all = Vec::new();
        for subject in 0..100 {
            for seq in 0..3 {
                let key = format!("{subject}-{seq}");
                all.push(delivery(&format!("S{subject}"), 1 + subject, seq, &key, 1));
            }
        }
        txn.deliveries_put(&scope, all, t(0)).await.unwrap();
        txn.commit().await.unwrap();
        let workers = (0..8).map(|_| {
            let (store, scope) = (store.clone(), scope.clone());
            tokio::spawn(async move {
                let (mut mine, mut idle) = (Vec::new(), 0);
                while idle < 5 {
                    let mut txn = store.begin("claim").await.unwrap();
                    let when = (t(1), t(2));
                    let claimed =
                        txn.deliveries_claim(&scope, Fence(1), when, ALL_LANES, 7).await.unwrap();
                    txn.commit().await.unwrap();
                    let subjects: HashSet<&str> =
                        claimed.iter().map(|d| d.subject.as_str()).collect();
                    assert_eq!(subjects.len(), claimed.len(), "two of one subject at once");
                    idle = if claimed.is_empty() { idle + 1 } else { 0 };
                    mine.extend(claimed.iter().map(|d| (d.business_key.clone(), d.attempt)));
                    let done = claimed.iter().map(|d| finish(d, Next::Done)).collect();
                    let mut txn = store.begin("finish").await.unwrap();
                    txn.deliveries_finish(&scope, Fence(1), done, t(1)).await.unwrap();
                    txn.commit().await.unwrap();
                }
                mine
            })
        });
        let workers: Vec<_> = workers.collect();
        let mut claimed = Vec::new();
        for worker in workers {
            claimed.extend(worker.await.unwrap());
        }
        // A worker may give up while others still hold the first of a subject: finish the rest.
        loop {
            let rest = claim(&store, &scope, Fence(1), 1).await;
            if rest.is_empty() {
                break;
            }
            claimed.extend(rest.iter().map(|d| (d.business_key.clone(), d.attempt)));
            let mut txn = store.begin("finish").await.unwrap();
            let done = rest.iter().map(|d| finish(d, Next::Done)).collect();
            txn.deliveries_finish(&scope, Fence(1), done, t(1)).await.unwrap();
            txn.commit().await.unwrap();
        }
        let different: HashSet<_> = claimed.iter().collect();
        assert_eq!((claimed.len(), different.len()), (300, 300), "{}", db.name);
        assert!(claimed.iter().all(|(_, attempt)| *attempt == 1));
    }
}

/// Method: 8 candidates saw the same lease; exactly one may win each round.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_candidate_wins_a_lease_and_the_old_owner_is_fenced_out() {
    for (_db, store) in stores().await {
        let cell = Cell::of(&scope());
        for round in 1..=3 {
            let mut read = store.read().await.unwrap();
            let seen = read.lease_look(&cell).await.unwrap();
            drop(read);
            let candidates: Vec<_> = (0..8)
                .map(|n| {
                    let (store, cell) = (store.clone(), cell.clone());
                    let (fence, beat) = (seen.fence, seen.beat);
                    tokio::spawn(async move {
                        let mut txn = store.begin("take").await.unwrap();
                        let name = format!("node-{n}");
                        let won = txn.lease_take(&cell, &name, fence, beat).await.unwrap();
                        txn.commit().await.unwrap();
                        won
                    })
                })
                .collect();
            let mut won = Vec::new();
            for candidate in candidates {
                won.extend(candidate.await.unwrap());
            }
            assert_eq!(won, [Fence(round)]);
        }
        let mut txn = store.begin("beat").await.unwrap();
        assert!(txn.lease_beat(&cell, Fence(3)).await.unwrap());
        assert!(!txn.lease_beat(&cell, Fence(2)).await.unwrap());
        txn.guard(&cell, Fence(3)).await.unwrap();
        let fenced = txn.guard(&cell, Fence(2)).await;
        assert!(matches!(fenced, Err(StoreError::Conflict(_))));
        let seen = txn.lease_look(&cell).await.unwrap();
        assert!(txn.lease_beat(&cell, Fence(3)).await.unwrap());
        let taken = txn.lease_take(&cell, "late", seen.fence, seen.beat).await.unwrap();
        assert_eq!(taken, None, "a sign of life was seen in between");
        assert!(txn.lease_release(&cell, Fence(3)).await.unwrap());
        assert!(!txn.lease_release(&cell, Fence(3)).await.unwrap());
        let free = txn.lease_look(&cell).await.unwrap();
        assert_eq!((free.fence, free.holder.clone()), (3, None));
        let next = txn.lease_take(&cell, "next", free.fence, free.beat).await.unwrap();
        assert_eq!(next, Some(Fence(4)));
        txn.commit().await.unwrap();
    }
}

/// Goal: sqlx 0.9 poisons a connection when `begin` is cancelled. Method: cancel many, then work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_begin_leaves_the_pool_sound() {
    for (_db, store) in stores().await {
        for n in 0..60 {
            let begun = store.clone();
            let task = tokio::spawn(async move { begun.begin("cancelled").await.map(drop) });
            for _ in 0..n % 5 {
                tokio::task::yield_now().await;
            }
            task.abort();
            let _ = task.await;
        }
        for n in 0..20 {
            let mut txn = store.begin("after").await.unwrap();
            txn.cursor_put(&scope(), "c", &n.to_string(), t(n)).await.unwrap();
            txn.commit().await.unwrap();
        }
        let mut read = store.read().await.unwrap();
        assert_eq!(read.cursor(&scope(), "c").await.unwrap().unwrap().0, "19");
    }
}

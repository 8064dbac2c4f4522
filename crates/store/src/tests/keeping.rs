//! Erasure, retention and the archived head of a trail.

use super::*;

fn entry(subject: Option<&str>, at: i64) -> TrailEntry {
    TrailEntry {
        at: t(at),
        who: "orders".to_owned(),
        what: "sent".to_owned(),
        subject: subject.map(str::to_owned),
        why: Some("because".to_owned()),
        ..TrailEntry::default()
    }
}

fn update(key: &str, status: &str) -> SubjectUpdate {
    SubjectUpdate {
        key: key.to_owned(),
        seen_marks: 1,
        status: status.to_owned(),
        ..SubjectUpdate::default()
    }
}

fn sealed(key: &str) -> Observation {
    Observation {
        kind: "fo.order".to_owned(),
        key: key.to_owned(),
        person: Some(key.to_owned()),
        version: String::new(),
        stamp: t(1),
        read_began: t(1),
        body: Some(b"Ada".to_vec()),
    }
}

#[tokio::test]
async fn a_shortened_trail_verifies_from_its_archived_head_and_a_cut_one_does_not() {
    for (db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("write").await.unwrap();
        let all = (1..=10).map(|n| entry(None, n)).collect();
        txn.trail_append(&scope, all).await.unwrap();
        // The seventh is about work that is still open.
        txn.subjects_mark(&scope, texts(&["open"]), 1, t(1)).await.unwrap();
        let rest = (11..=12).map(|n| entry(Some("open"), n)).collect();
        txn.trail_append(&scope, rest).await.unwrap();
        txn.trail_append(&scope, vec![entry(None, 13)]).await.unwrap();
        assert_eq!(txn.trail_archive(&scope, t(5), 100, ("me", t(20))).await.unwrap(), 4);
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let report = read.trail_verify(&scope).await.unwrap();
        assert_eq!((report.entries, report.broken.clone()), (10, None), "{}", db.name);
        assert_eq!(report.archived.as_ref().map(|head| head.seq), Some(4));
        drop(read);

        let mut txn = store.begin("again").await.unwrap();
        assert_eq!(txn.trail_archive(&scope, t(5), 100, ("me", t(21))).await.unwrap(), 0);
        assert_eq!(txn.trail_archive(&scope, t(99), 3, ("me", t(21))).await.unwrap(), 3);
        let up_to_open = txn.trail_archive(&scope, t(99), 100, ("me", t(22))).await.unwrap();
        assert_eq!(up_to_open, 3, "nothing from the first entry about open work on");
        assert_eq!(txn.trail_archive(&scope, t(99), 100, ("me", t(23))).await.unwrap(), 0);
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let report = read.trail_verify(&scope).await.unwrap();
        assert_eq!((report.broken, report.archived.map(|h| h.seq)), (None, Some(10)));
        drop(read);

        // Somebody moves the head beside the chain without an entry inside it.
        let mut txn = store.begin("forge").await.unwrap();
        txn.cursor_put(&scope, "trail.archived", &format!("11 {}", "ab".repeat(32)), t(30))
            .await
            .unwrap();
        txn.commit().await.unwrap();
        let report = store.read().await.unwrap().trail_verify(&scope).await.unwrap();
        assert!(report.broken.is_some_and(|(seq, why)| seq == 12 && why.contains("archived")));
    }
}

#[tokio::test]
async fn attempts_of_finished_deliveries_go_window_by_window_and_open_ones_stay() {
    for (_db, store) in stores().await {
        let (scope, fence) = (scope(), Fence(1));
        let mut txn = store.begin("fill").await.unwrap();
        let keys = ["a", "b", "c", "d"];
        let put = keys.map(|key| delivery(key, 1, 0, &format!("key {key}"), 1)).to_vec();
        txn.deliveries_put(&scope, put, t(0)).await.unwrap();
        txn.commit().await.unwrap();
        let claimed = claim(&store, &scope, fence, 1).await;
        let mut txn = store.begin("finish").await.unwrap();
        let done = claimed.iter().filter(|d| d.subject != "c").map(|d| finish(d, Next::Done));
        txn.deliveries_finish(&scope, fence, done.collect(), t(2)).await.unwrap();
        let (mut after, mut gone, mut rounds) = (Some(0), 0, 0);
        while let Some(from) = after {
            let (n, next) = txn.retain_attempts(&scope, t(9), from, 2).await.unwrap();
            (gone, after, rounds) = (gone + n, next, rounds + 1);
        }
        assert_eq!((gone, rounds), (3, 3), "two windows, and the end");
        let (young, _) = txn.retain_attempts(&scope, t(1), 0, 10).await.unwrap();
        assert_eq!(young, 0);
        let ids: Vec<i64> = claimed.iter().map(|d| d.id).collect();
        assert_eq!(txn.attempts_of(&scope, &ids).await.unwrap().len(), 1, "the one under way");
        txn.commit().await.unwrap();
    }
}

#[tokio::test]
async fn personal_data_of_old_closed_subjects_is_found_and_erased_without_a_trace() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("fill").await.unwrap();
        let keys = texts(&["closed", "held", "waiting", "dirty", "young"]);
        txn.observations_put(&scope, keys.iter().map(|k| sealed(k)).collect()).await.unwrap();
        txn.subjects_mark(&scope, keys.clone(), 1, t(1)).await.unwrap();
        let held = SubjectUpdate { held: true, ..update("held", "held") };
        let old = vec![update("closed", "delivered"), held, update("waiting", "waiting")];
        txn.subjects_update(&scope, old, t(5)).await.unwrap();
        txn.subjects_update(&scope, vec![update("young", "delivered")], t(50)).await.unwrap();
        assert_eq!(txn.retain_persons(&scope, t(9), 10).await.unwrap(), ["closed"]);
        let number = |number: &str, kind: &str| NumberEntry {
            number: number.to_owned(),
            kind: kind.to_owned(),
            subject: "closed".to_owned(),
        };
        let numbers = vec![number("Ada's 1", "customer reference"), number("1Z", "tracking")];
        txn.numbers_put(&scope, numbers).await.unwrap();
        assert!(txn.person_erase(&scope, "closed", t(60)).await.unwrap());
        txn.numbers_remove(&scope, "closed", &texts(&["Ada's 1"])).await.unwrap();
        assert_eq!(txn.retain_persons(&scope, t(9), 10).await.unwrap(), Vec::<String>::new());
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let gone = read.erased(&scope, &keys).await.unwrap();
        assert_eq!(gone.into_iter().collect::<Vec<_>>(), ["closed"]);
        assert_eq!(read.numbers_find(&scope, "Adas 1", 5).await.unwrap().len(), 0);
        assert_eq!(read.numbers_find(&scope, "1Z", 5).await.unwrap().len(), 1);
        drop(read);
        // Another process has the keys in memory until it is told to forget them.
        store.forget_keys();
        let mut read = store.read().await.unwrap();
        let seen =
            read.observations(&scope, "fo.order", &texts(&["closed", "held"])).await.unwrap();
        assert_eq!(seen.iter().filter(|o| o.body.is_some()).count(), 1);
    }
}

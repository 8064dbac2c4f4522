//! Deliveries from the queue to their outcome, across owners.

use super::*;
use domain::plan::DeliveryState as State;

#[tokio::test]
async fn deliveries_of_a_subject_run_one_at_a_time_in_plan_order() {
    for (_db, store) in stores().await {
        let (scope, fence) = (scope(), Fence(1));
        let mut txn = store.begin("plan").await.unwrap();
        // The second of the plan is stored first: order is by plan and seq, not by arrival.
        let batch = vec![
            delivery("a", 1, 1, "a-second", 0),
            delivery("a", 1, 0, "a-first", 1),
            delivery("b", 2, 0, "b-only", 1),
        ];
        let ids = txn.deliveries_put(&scope, batch, t(0)).await.unwrap();
        assert_eq!(ids.len(), 3);
        let again = vec![delivery("a", 5, 0, "a-first", 1), delivery("c", 6, 0, "c", 0)];
        let queued = txn.deliveries_put(&scope, again, t(0)).await.unwrap();
        assert_eq!(queued.into_keys().collect::<Vec<_>>(), ["c"], "planning twice queues once");
        let clash = vec![delivery("d", 6, 0, "d", 0), delivery("d", 6, 1, "d", 0)];
        assert!(matches!(
            txn.deliveries_put(&scope, clash, t(0)).await,
            Err(StoreError::Refused(_))
        ));
        txn.commit().await.unwrap();

        let mut read = store.read().await.unwrap();
        let ready = read.deliveries_ready(&scope, 1, t(0), 10).await.unwrap();
        assert_eq!(ready.len(), 2);
        assert!(read.deliveries_ready(&scope, 0, t(0), 10).await.unwrap().len() == 1);
        drop(read);
        let first = claim(&store, &scope, fence, 1).await;
        let keys: Vec<&str> = first.iter().map(|d| d.business_key.as_str()).collect();
        assert_eq!(keys, ["c", "a-first", "b-only"], "lane 0 before lane 1, one per subject");
        assert_eq!(first[1].body.as_deref(), Some(b"body of a-first".as_slice()));
        assert_eq!((first[1].attempt, first[1].attempts), (1, 1));
        assert!(claim(&store, &scope, fence, 1).await.is_empty());

        let mut txn = store.begin("finish").await.unwrap();
        let later = Next::Later { not_before: t(100), counts: false };
        let outcomes = vec![finish(&first[0], later), finish(&first[1], Next::Done)];
        txn.deliveries_finish(&scope, fence, outcomes, t(2)).await.unwrap();
        txn.commit().await.unwrap();
        let mut txn = store.begin("stale").await.unwrap();
        let stale = vec![finish(&first[1], Next::Done), finish(&first[2], Next::Done)];
        let lost = txn.deliveries_finish(&scope, fence, stale, t(2)).await;
        assert!(matches!(lost, Err(StoreError::Conflict(_))));
        assert!(txn.commit().await.is_err(), "all outcomes of a call or none");
        let mut read = store.read().await.unwrap();
        let other = read.deliveries_by_key(&scope, &texts(&["b-only"])).await.unwrap();
        assert_eq!(other[0].state, State::InFlight);
        drop(read);
        let second = claim(&store, &scope, fence, 3).await;
        assert_eq!(
            second.iter().map(|d| d.business_key.as_str()).collect::<Vec<_>>(),
            ["a-second"]
        );
        assert_eq!(second[0].id, ids["a-second"]);
        let third = claim(&store, &scope, fence, 100).await;
        assert_eq!(
            (third[0].attempt, third[0].attempts),
            (2, 1),
            "a server's delay costs no attempt"
        );
        let mut read = store.read().await.unwrap();
        let attempts = read.attempts_of(&scope, &[third[0].id]).await.unwrap();
        assert_eq!((attempts.len(), attempts[0].status), (2, Some(200)));
        assert_eq!((attempts[0].ended_at, attempts[1].ended_at), (Some(t(2)), None));
        assert_eq!(attempts[1].last_byte_by, t(130));
        let known = read.deliveries_known(&scope, &texts(&["a", "b"])).await.unwrap();
        assert_eq!(known.len(), 3);
        assert_eq!(known.iter().filter(|k| k.state == State::Done).count(), 1);
    }
}

#[tokio::test]
async fn an_unsent_delivery_can_be_retired_replaced_and_queued_again() {
    for (_db, store) in stores().await {
        let (scope, fence) = (scope(), Fence(1));
        let mut txn = store.begin("plan").await.unwrap();
        let put = vec![delivery("a", 1, 0, "k", 1), delivery("b", 2, 0, "l", 1)];
        let ids = txn.deliveries_put(&scope, put, t(0)).await.unwrap();
        let newer = NewDelivery { body: b"newer".to_vec(), ..delivery("a", 3, 0, "k", 1) };
        assert!(txn.deliveries_put(&scope, vec![newer], t(1)).await.unwrap().is_empty());
        let open = txn.deliveries_open(&scope, &texts(&["a"])).await.unwrap();
        assert_eq!((open[0].plan_id, open[0].body.as_deref()), (1, Some(b"newer".as_slice())));
        let both = vec![ids["k"], ids["l"]];
        let gone = txn.deliveries_retire(&scope, both, Retired::Withdrawn, t(2)).await.unwrap();
        assert_eq!(gone.len(), 2);
        assert!(txn.deliveries_open(&scope, &texts(&["a", "b"])).await.unwrap().is_empty());
        let again = vec![delivery("a", 4, 0, "k", 1)];
        assert_eq!(txn.deliveries_put(&scope, again, t(3)).await.unwrap()["k"], ids["k"]);
        txn.commit().await.unwrap();

        let claimed = claim(&store, &scope, fence, 3).await;
        assert_eq!((claimed.len(), claimed[0].plan_id), (1, 4));
        let mut txn = store.begin("held").await.unwrap();
        let none =
            txn.deliveries_retire(&scope, vec![ids["k"]], Retired::Superseded, t(4)).await.unwrap();
        assert!(none.is_empty(), "what is in flight cannot be taken back");
        let held = vec![finish(&claimed[0], Next::Held)];
        txn.deliveries_finish(&scope, fence, held, t(4)).await.unwrap();
        txn.deliveries_put(&scope, vec![delivery("a", 5, 0, "k2", 1)], t(5)).await.unwrap();
        txn.commit().await.unwrap();
        let next = claim(&store, &scope, fence, 5).await;
        assert_eq!(next[0].business_key, "k2", "a held delivery stops no later one");
        let mut txn = store.begin("reopen").await.unwrap();
        let reopened = txn.deliveries_reopen(&scope, vec![ids["k"]], t(6), t(6)).await.unwrap();
        assert_eq!(reopened, [ids["k"]]);
        let dropped = vec![finish(&next[0], Next::Withdrawn)];
        txn.deliveries_finish(&scope, fence, dropped, t(6)).await.unwrap();
        txn.commit().await.unwrap();
        let last = claim(&store, &scope, fence, 7).await;
        assert_eq!((last[0].business_key.as_str(), last[0].attempt, last[0].attempts), ("k", 2, 1));
        let mut read = store.read().await.unwrap();
        let keys = texts(&["k", "k2", "none"]);
        assert_eq!(read.deliveries_by_key(&scope, &keys).await.unwrap().len(), 2);
        assert_eq!(read.deliveries_of_many(&scope, &texts(&["a", "b"])).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_new_owner_doubts_what_the_last_one_had_in_flight() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("plan").await.unwrap();
        let put = ["a", "b", "c"].map(|s| delivery(s, 1, i64::from(s.as_bytes()[0]), s, 1));
        txn.deliveries_put(&scope, put.to_vec(), t(0)).await.unwrap();
        txn.commit().await.unwrap();
        let claimed = claim(&store, &scope, Fence(1), 10).await;
        let doubted = claimed.iter().find(|d| d.subject == "c").unwrap();
        let mut txn = store.begin("doubt").await.unwrap();
        let doubt = Next::InDoubt { look_at: t(20), until: t(99) };
        let doubt = vec![finish(doubted, doubt)];
        txn.deliveries_finish(&scope, Fence(1), doubt, t(11)).await.unwrap();
        txn.commit().await.unwrap();

        let mut txn = store.begin("recover").await.unwrap();
        let ids = txn.deliveries_recover(&scope, Fence(2), t(15)).await.unwrap();
        assert_eq!(ids.len(), 2);
        assert!(txn.deliveries_recover(&scope, Fence(2), t(15)).await.unwrap().is_empty());
        let due = txn.deliveries_in_doubt_due(&scope, t(15), 10).await.unwrap();
        assert_eq!(due.len(), 2);
        assert_eq!(due[0].doubt_until, Some(t(10 + 30 + 60)), "last byte plus settle");
        let due = txn.deliveries_in_doubt_due(&scope, t(20), 10).await.unwrap();
        assert_eq!((due.len(), due[2].doubt_until), (3, Some(t(99))));
        txn.commit().await.unwrap();
        assert!(claim(&store, &scope, Fence(2), 20).await.is_empty());

        let mut txn = store.begin("look").await.unwrap();
        let ids: Vec<i64> = due.iter().map(|d| d.id).collect();
        let (now, by) = (t(21), t(40));
        assert!(
            txn.deliveries_look(&scope, Fence(1), ids.clone(), (now, by)).await.unwrap().is_empty()
        );
        let looks = txn.deliveries_look(&scope, Fence(2), ids, (now, by)).await.unwrap();
        assert_eq!(looks.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [2, 2, 2]);
        assert!(txn.deliveries_in_doubt_due(&scope, t(39), 10).await.unwrap().is_empty());
        txn.commit().await.unwrap();
        let mut txn = store.begin("zombie").await.unwrap();
        let old = vec![finish(&due[0], Next::Done)];
        let late = txn.deliveries_finish(&scope, Fence(1), old, t(22)).await;
        assert!(matches!(late, Err(StoreError::Conflict(_))), "a zombie records nothing");
        drop(txn);
        let mut txn = store.begin("found").await.unwrap();
        let found = looks.iter().map(|(id, number)| Finish {
            id: *id,
            attempt: *number,
            next: Next::Done,
            disposition: "already_done".to_owned(),
            detail: None,
            status: Some(200),
            outcome: Some("found".to_owned()),
        });
        txn.deliveries_finish(&scope, Fence(2), found.collect(), t(22)).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let done = read.deliveries_of(&scope, "a").await.unwrap();
        assert_eq!((done[0].state, done[0].outcome.as_deref()), (State::Done, Some("found")));
        let attempts = read.attempts_of(&scope, &[done[0].id]).await.unwrap();
        assert_eq!(attempts[0].disposition.as_deref(), Some("in_doubt"));
        assert_eq!((attempts[0].fence, attempts[1].fence), (1, 2));
    }
}

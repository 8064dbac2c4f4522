//! The way of a record through the tables, one table after the other.

use super::*;
use domain::plan::DeliveryState as State;
use std::collections::HashSet;

fn signal(key: &str, body: Option<&str>) -> NewSignal {
    NewSignal {
        source: "webhook".to_owned(),
        target_kind: "sb.shipment".to_owned(),
        target_key: key.to_owned(),
        dedupe_key: format!("sub:{key}"),
        body: body.map(|text| text.as_bytes().to_vec()),
        received_at: t(1),
        flagged: false,
    }
}

#[tokio::test]
async fn a_signal_is_stored_once_and_waits_until_done() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("intake").await.unwrap();
        let batch = vec![signal("1", Some("payload")), signal("2", None), signal("1", None)];
        assert_eq!(txn.inbox_add_many(&scope, batch).await.unwrap(), 2);
        let many = (3..200).map(|n| signal(&n.to_string(), Some("x"))).collect();
        assert_eq!(txn.inbox_add_many(&scope, many).await.unwrap(), 197);
        assert_eq!(txn.inbox_add_many(&scope, vec![signal("2", None)]).await.unwrap(), 0);
        txn.commit().await.unwrap();

        let mut read = store.read().await.unwrap();
        let waiting = read.inbox_take(&scope, 2).await.unwrap();
        assert_eq!(waiting[0].body.as_deref(), Some(b"payload".as_slice()));
        assert_eq!((waiting[0].target_key.as_str(), waiting.len()), ("1", 2));
        assert_eq!(read.inbox_waiting(&scope).await.unwrap(), (199, Some(t(1))));
        drop(read);
        let mut txn = store.begin("done").await.unwrap();
        let ids = waiting.iter().map(|signal| signal.id).collect::<Vec<_>>();
        assert_eq!(txn.inbox_done(&scope, ids.clone(), t(2)).await.unwrap(), 2);
        assert_eq!(txn.inbox_done(&scope, ids, t(2)).await.unwrap(), 0);
        let rest = txn.inbox_take(&scope, 500).await.unwrap();
        assert_eq!((rest.len(), rest[0].target_key.as_str()), (197, "3"));
        assert!(rest.is_sorted_by_key(|signal| signal.id));
        // Done is not forgotten: the same signal stays a duplicate.
        assert_eq!(txn.inbox_add_many(&scope, vec![signal("1", None)]).await.unwrap(), 0);
        txn.commit().await.unwrap();
    }
}

fn reading(key: &str, stamp: i64, began: i64, version: &str) -> Observation {
    Observation {
        kind: "sb.product".to_owned(),
        key: key.to_owned(),
        person: None,
        version: version.to_owned(),
        stamp: t(stamp),
        read_began: t(began),
        body: Some(version.as_bytes().to_vec()),
    }
}

#[tokio::test]
async fn an_older_reading_never_overwrites_a_newer_one() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("observe").await.unwrap();
        let kept = |set: &HashSet<(String, String)>| set.len();
        let first = vec![reading("a", 10, 10, "v2"), reading("b", 10, 10, "v2")];
        assert_eq!(kept(&txn.observations_put(&scope, first).await.unwrap()), 2);
        let older = vec![reading("a", 9, 99, "old"), reading("b", 10, 9, "old")];
        assert_eq!(kept(&txn.observations_put(&scope, older).await.unwrap()), 0);
        let newer = vec![
            reading("a", 10, 11, "v3"),
            reading("a", 10, 10, "older of the two"),
            reading("b", 11, 1, "v4"),
        ];
        let stored = txn.observations_put(&scope, newer).await.unwrap();
        assert!(stored.contains(&("sb.product".to_owned(), "b".to_owned())));
        txn.cursor_put(&scope, "poll", "a", t(1)).await.unwrap();
        txn.cursor_put(&scope, "poll", "b", t(2)).await.unwrap();
        txn.commit().await.unwrap();

        let mut read = store.read().await.unwrap();
        let keys = texts(&["a", "b", "missing", "a"]);
        let mut seen = read.observations(&scope, "sb.product", &keys).await.unwrap();
        seen.sort_by(|a, b| a.key.cmp(&b.key));
        let versions: Vec<&str> = seen.iter().map(|o| o.version.as_str()).collect();
        assert_eq!(versions, ["v3", "v4"]);
        assert_eq!(seen[0].body.as_deref(), Some(b"v3".as_slice()));
        let page = read.observations_of_kind(&scope, "sb.product", "a", 10).await.unwrap();
        assert_eq!(page.len(), 1);
        assert_eq!(read.cursor(&scope, "poll").await.unwrap(), Some(("b".to_owned(), t(2))));
        assert_eq!(read.cursor(&scope, "other").await.unwrap(), None);
        assert_eq!(read.cursors(&scope).await.unwrap().len(), 1);
        drop(read);
        let mut txn = store.begin("forget").await.unwrap();
        assert_eq!(txn.observations_remove(&scope, "sb.product", &keys).await.unwrap(), 2);
        txn.commit().await.unwrap();
    }
}

#[tokio::test]
async fn links_are_found_from_both_sides_and_numbers_are_kept() {
    for (_db, store) in stores().await {
        let scope = scope();
        let link = |local: &str, remote: &str| Link {
            kind: "order".to_owned(),
            local_key: local.to_owned(),
            remote_key: remote.to_owned(),
            at: t(1),
        };
        let mut txn = store.begin("link").await.unwrap();
        let links = (0..150).map(|n| link(&format!("L{n:03}"), &format!("R{}", n / 2))).collect();
        txn.links_put(&scope, links).await.unwrap();
        txn.links_put(&scope, vec![link("L000", "R9"), link("L000", "R10")]).await.unwrap();
        let number = NumberEntry {
            number: "1Z 999-AA1".to_owned(),
            kind: "tracking".to_owned(),
            subject: "SO-1".to_owned(),
        };
        txn.numbers_put(&scope, vec![number.clone(), number]).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let by_local = read.links_by_local(&scope, "order", &texts(&["L000", "no"])).await.unwrap();
        assert_eq!(by_local, [link("L000", "R10")]);
        let by_remote = read.links_by_remote(&scope, "order", &texts(&["R20"])).await.unwrap();
        assert_eq!(by_remote.len(), 2);
        let page = read.links_of_kind(&scope, "order", "L147", 10).await.unwrap();
        assert_eq!(page.len(), 2);
        drop(read);
        let mut txn = store.begin("unlink").await.unwrap();
        assert_eq!(txn.links_remove(&scope, "order", &texts(&["L000", "no"])).await.unwrap(), 1);
        txn.commit().await.unwrap();
    }
    assert_eq!(normal_number("so-000697 / ü"), "SO000697Ü");
    assert_eq!(normal_number(&"9".repeat(100)).len(), 64);
}

#[tokio::test]
async fn a_subject_waits_until_a_plan_that_saw_its_last_mark() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("mark").await.unwrap();
        txn.subjects_mark(&scope, texts(&["b", "a", "a"]), 2, t(1)).await.unwrap();
        txn.subjects_mark(&scope, texts(&["c"]), 1, t(2)).await.unwrap();
        txn.subjects_mark(&scope, texts(&["b"]), 0, t(3)).await.unwrap();
        let taken = txn.subjects_take(&scope, t(3), 10).await.unwrap();
        let order: Vec<_> = taken.iter().map(|s| (s.key.as_str(), s.lane, s.marks)).collect();
        assert_eq!(order, [("b", 0, 2), ("c", 1, 1), ("a", 2, 1)]);
        assert_eq!(taken[0].dirty_at, Some(t(1)), "since when it waits, not when it was last marked");
        assert_eq!(txn.next_due(&scope).await.unwrap(), Some(t(1)));

        // A signal comes in between: "a" goes on waiting.
        txn.subjects_mark(&scope, texts(&["a"]), 2, t(4)).await.unwrap();
        let update = |row: &SubjectRow| SubjectUpdate {
            key: row.key.clone(),
            seen_marks: row.marks,
            plan_at: (row.key == "b").then(|| t(50)),
            watch_at: Some(t(60)),
            status: "released".to_owned(),
            sentence: "Released in Dynamics".to_owned(),
            milestones: Milestones { released_at: Some(t(1)), ..Milestones::default() },
            held: row.key == "c",
            last_plan: Some(7),
        };
        txn.subjects_update(&scope, taken.iter().map(update).collect(), t(5)).await.unwrap();
        let still = txn.subjects_take(&scope, t(5), 10).await.unwrap();
        assert_eq!(still.iter().map(|s| s.key.as_str()).collect::<Vec<_>>(), ["a"]);
        let timer = txn.subjects_take(&scope, t(50), 10).await.unwrap();
        assert_eq!(timer.iter().map(|s| s.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(txn.subjects_take(&scope, t(50), 1).await.unwrap().len(), 1);
        assert_eq!(txn.subjects_next_timer(&scope).await.unwrap(), Some(t(50)));

        // Milestones stay, whatever comes later (I6).
        let late = SubjectUpdate {
            key: "b".to_owned(),
            seen_marks: 2,
            status: "shipped".to_owned(),
            milestones: Milestones {
                released_at: Some(t(9)),
                shipped_at: Some(t(9)),
                ..Milestones::default()
            },
            ..SubjectUpdate::default()
        };
        txn.subjects_update(&scope, vec![late], t(9)).await.unwrap();
        let rows = txn.subjects(&scope, &texts(&["b", "unknown"])).await.unwrap();
        assert_eq!(rows[0].milestones.released_at, Some(t(1)));
        assert_eq!(rows[0].milestones.shipped_at, Some(t(9)));
        assert_eq!((rows[0].last_plan, rows[0].plan_at), (Some(7), None));
        assert_eq!((rows[0].seen_at, rows[0].updated_at), (t(1), t(9)));

        let due = txn.subjects_watch_due(&scope, t(60), 10).await.unwrap();
        assert_eq!(due.len(), 2);
        let next = vec![("a".to_owned(), Some(t(90))), ("c".to_owned(), None)];
        txn.subjects_watch(&scope, next).await.unwrap();
        assert!(txn.subjects_watch_due(&scope, t(60), 10).await.unwrap().is_empty());
        assert_eq!(txn.subjects_watch_due(&scope, t(90), 10).await.unwrap(), ["a"]);
        let overview = txn.overview(&scope, t(0)).await.unwrap();
        assert_eq!((overview.waiting, overview.oldest_waiting), (1, Some(t(1))));
        assert_eq!((overview.held, overview.today.released, overview.not_accepted), (1, 3, 3));
        assert_eq!((overview.not_written, overview.oldest_not_written), (1, Some(t(9))));
        txn.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_plan_keeps_its_facts_once_and_gives_them_back() {
    for (_db, store) in stores().await {
        let scope = scope();
        let plan = |subject: &str, facts: &str| NewPlan {
            subject: subject.to_owned(),
            made_at: t(1),
            settings_version: 4,
            facts: facts.as_bytes().to_vec(),
            outcome: format!("{{\"for\":\"{subject}\"}}"),
        };
        let mut txn = store.begin("plan").await.unwrap();
        let batch: Vec<NewPlan> = (0..70).map(|n| plan(&format!("SO-{n}"), "same")).collect();
        let ids = txn.plans_put(&scope, batch).await.unwrap();
        assert_eq!(ids.len(), 70);
        let again = txn.plans_put(&scope, vec![plan("SO-3", "same")]).await.unwrap();
        let twice = txn.plans_put(&scope, vec![plan("x", "1"), plan("x", "2")]).await;
        assert!(matches!(twice, Err(StoreError::Refused(_))));
        drop(twice);
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let stored = read.plan(&scope, ids[3]).await.unwrap().unwrap();
        assert_eq!((stored.subject.as_str(), stored.settings_version), ("SO-3", 4));
        assert_eq!(stored.facts.as_deref(), Some(b"same".as_slice()));
        assert_eq!(stored.outcome.as_deref(), Some("{\"for\":\"SO-3\"}"));
        let list = read.plans_of(&scope, "SO-3", 10).await.unwrap();
        assert_eq!(list.iter().map(|p| p.id).collect::<Vec<_>>(), [again[0], ids[3]]);
        assert_eq!(list[0].facts_hash, list[1].facts_hash);
        assert!(read.plan(&scope, 999_999).await.unwrap().is_none());
    }
}

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
        assert!(matches!(txn.deliveries_put(&scope, clash, t(0)).await, Err(StoreError::Refused(_))));
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
        let stale = vec![finish(&first[1], Next::Done)];
        let lost = txn.deliveries_finish(&scope, fence, stale, t(2)).await;
        assert!(matches!(lost, Err(StoreError::Conflict(_))));
        txn.commit().await.unwrap();
        let second = claim(&store, &scope, fence, 3).await;
        assert_eq!(second.iter().map(|d| d.business_key.as_str()).collect::<Vec<_>>(), ["a-second"]);
        assert_eq!(second[0].id, ids["a-second"]);
        let third = claim(&store, &scope, fence, 100).await;
        assert_eq!((third[0].attempt, third[0].attempts), (2, 1), "a server's delay costs no attempt");
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
        assert!(txn.deliveries_look(&scope, Fence(1), ids.clone(), (now, by)).await.unwrap().is_empty());
        let looks = txn.deliveries_look(&scope, Fence(2), ids, (now, by)).await.unwrap();
        assert_eq!(looks.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [2, 2, 2]);
        assert!(txn.deliveries_in_doubt_due(&scope, t(39), 10).await.unwrap().is_empty());
        let old = vec![finish(&due[0], Next::Done)];
        let late = txn.deliveries_finish(&scope, Fence(1), old, t(22)).await;
        assert!(matches!(late, Err(StoreError::Conflict(_))), "a zombie records nothing");
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

#[tokio::test]
async fn holds_open_once_heal_by_themselves_and_decisions_are_kept() {
    for (_db, store) in stores().await {
        let scope = scope();
        let hold = |subject: &str, value: &str| NewHold {
            subject: subject.to_owned(),
            flow: "orders".to_owned(),
            cause: "sku-unknown".to_owned(),
            field: "sku".to_owned(),
            reason: "unknown".to_owned(),
            fix: "add it".to_owned(),
            value: value.to_owned(),
        };
        let flow = |subject: &str, flow: &str| (subject.to_owned(), flow.to_owned());
        let mut txn = store.begin("hold").await.unwrap();
        let wanted = vec![hold("a", "1"), hold("a", "2"), hold("b", "1")];
        let planned = vec![flow("a", "orders"), flow("b", "orders")];
        let changes =
            txn.holds_reconcile(&scope, planned.clone(), wanted.clone(), "planner", t(1)).await;
        assert_eq!(changes.unwrap().opened.len(), 3);
        let again = txn.holds_reconcile(&scope, planned, wanted, "planner", t(2)).await.unwrap();
        assert_eq!(again, HoldChanges::default());
        let reworded = NewHold { fix: "do add it".to_owned(), ..hold("a", "1") };
        let only_a = vec![flow("a", "orders"), flow("a", "fulfilment")];
        let healed =
            txn.holds_reconcile(&scope, only_a, vec![reworded], "planner", t(3)).await.unwrap();
        assert_eq!((healed.opened.len(), healed.closed.len()), (0, 1));
        assert_eq!(healed.closed[0].value, "2");
        let open = txn.holds_open(&scope, &texts(&["a", "b"])).await.unwrap();
        assert_eq!(open.len(), 2);
        assert!(open.iter().any(|h| h.fix == "do add it" && h.opened_at == t(1)));
        let back = txn.holds_reconcile(&scope, vec![], vec![hold("a", "2")], "planner", t(4)).await;
        assert_eq!(back.unwrap().opened.len(), 1, "a healed hold may come back");
        let history = txn.holds_of(&scope, "a").await.unwrap();
        assert_eq!(history.len(), 3);
        assert_eq!(history[1].closed_by.as_deref(), Some("planner"));
        let decision = |kind| NewDecision {
            subject: "a".to_owned(),
            kind,
            why: "test".to_owned(),
            who: "mara".to_owned(),
            at: t(5),
        };
        let all = [DecisionKind::Skip, DecisionKind::Retry, DecisionKind::Release, DecisionKind::Note];
        txn.decisions_put(&scope, all.map(decision).to_vec()).await.unwrap();
        let kept = txn.decisions(&scope, &texts(&["a", "b"])).await.unwrap();
        assert_eq!(kept.iter().map(|d| d.kind).collect::<Vec<_>>(), all);
        txn.commit().await.unwrap();
    }
}

#[tokio::test]
async fn settings_are_versions_and_a_lost_race_is_a_conflict() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut txn = store.begin("settings").await.unwrap();
        assert!(txn.settings(&scope).await.unwrap().is_none());
        let who = ("mara", "first");
        assert_eq!(txn.settings_put(&scope, 0, "{}", who, t(1)).await.unwrap(), 1);
        assert_eq!(txn.settings_put(&scope, 1, "{\"a\":1}", who, t(2)).await.unwrap(), 2);
        let lost = txn.settings_put(&scope, 1, "{\"b\":1}", who, t(3)).await;
        assert!(matches!(lost, Err(StoreError::Conflict(_))));
        assert_eq!(txn.settings(&scope).await.unwrap().unwrap().document, "{\"a\":1}");
        assert_eq!(txn.settings_version(&scope, 1).await.unwrap().unwrap().document, "{}");
        assert_eq!(txn.settings_history(&scope, 10).await.unwrap().len(), 2);
        txn.connection_cut_off(&scope, Some(t(7))).await.unwrap();
        txn.connection_paused(&scope, true).await.unwrap();
        let row = txn.connection(&scope).await.unwrap().unwrap();
        assert_eq!((row.cut_off, row.paused, row.settings_version), (Some(t(7)), true, 2));
        assert_eq!(txn.connections().await.unwrap(), [row]);
        let nobody = testkit::other_scope();
        let refused = txn.connection_paused(&nobody, true).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))));
        txn.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_webhook_is_found_by_its_token_and_rotates_its_secret() {
    for (_db, store) in stores().await {
        let scope = scope();
        let new = NewWebhook {
            path_token: "unguessable".to_owned(),
            remote_id: None,
            secret_current: "one".to_owned(),
            secret_previous: None,
        };
        let mut txn = store.begin("hook").await.unwrap();
        let id = txn.webhook_put(&scope, &new, t(1)).await.unwrap();
        txn.webhook_remote(&scope, id, "77").await.unwrap();
        txn.webhook_rotate(&scope, id, "two").await.unwrap();
        txn.webhook_seen(&scope, id, t(9)).await.unwrap();
        txn.webhook_seen(&scope, id, t(8)).await.unwrap();
        txn.webhook_enabled(&scope, id, false).await.unwrap();
        txn.commit().await.unwrap();
        let mut txn = store.begin("twice").await.unwrap();
        assert!(matches!(txn.webhook_put(&scope, &new, t(2)).await, Err(StoreError::Conflict(_))));
        txn.rollback().await.unwrap();
        let mut read = store.read().await.unwrap();
        let hook = read.webhook_by_token("unguessable").await.unwrap().unwrap();
        assert_eq!((hook.scope.clone(), hook.remote_id.as_deref()), (scope.clone(), Some("77")));
        assert_eq!((hook.secret_current.as_str(), hook.secret_previous.as_deref()), ("two", Some("one")));
        assert_eq!((hook.enabled, hook.last_seen_at), (false, Some(t(9))));
        assert!(read.webhook_by_token("guess").await.unwrap().is_none());
        assert_eq!(read.webhooks(&scope).await.unwrap(), [hook]);
    }
}

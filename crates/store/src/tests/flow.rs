//! The way of a record through the tables, one table after the other.

use super::*;
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
        assert_eq!(
            taken[0].dirty_at,
            Some(t(1)),
            "since when it waits, not when it was last marked"
        );
        assert_eq!(txn.due(&scope).await.unwrap().next(), Some(t(1)));

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
        assert_eq!(txn.due(&scope).await.unwrap().timer, Some(t(50)));

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
        txn.commit().await.unwrap();
        let mut txn = store.begin("twice").await.unwrap();
        let twice = txn.plans_put(&scope, vec![plan("x", "1"), plan("x", "2")]).await;
        assert!(matches!(twice, Err(StoreError::Refused(_))));
        let half = txn.commit().await;
        assert!(matches!(half, Err(StoreError::Conflict(_))), "half of it would be kept");
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
        let all =
            [DecisionKind::Skip, DecisionKind::Retry, DecisionKind::Release, DecisionKind::Note];
        txn.decisions_put(&scope, all.map(decision).to_vec()).await.unwrap();
        let kept = txn.decisions(&scope, &texts(&["a", "b"])).await.unwrap();
        assert_eq!(kept.iter().map(|d| d.kind).collect::<Vec<_>>(), all);
        txn.commit().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_closed_and_old_goes_and_open_work_stays() {
    for (_db, store) in stores().await {
        let (scope, fence) = (scope(), Fence(1));
        let plan = |facts: &str| NewPlan {
            subject: "a".to_owned(),
            made_at: t(1),
            settings_version: 1,
            facts: facts.as_bytes().to_vec(),
            outcome: "{}".to_owned(),
        };
        let mut txn = store.begin("fill").await.unwrap();
        txn.inbox_add_many(&scope, vec![signal("1", None), signal("2", None)]).await.unwrap();
        let first = txn.inbox_take(&scope, 1).await.unwrap()[0].id;
        txn.inbox_done(&scope, vec![first], t(1)).await.unwrap();
        let mut plans = Vec::new();
        for facts in ["one", "two", "one"] {
            plans.extend(txn.plans_put(&scope, vec![plan(facts)]).await.unwrap());
        }
        let put = vec![delivery("a", 1, 0, "closed", 1), delivery("b", 2, 0, "open", 1)];
        txn.deliveries_put(&scope, put, t(1)).await.unwrap();
        txn.commit().await.unwrap();
        let claimed = claim(&store, &scope, fence, 1).await;
        let mut txn = store.begin("retain").await.unwrap();
        let done = claimed.iter().filter(|d| d.subject == "a");
        let done = done.map(|d| finish(d, Next::Done)).collect();
        txn.deliveries_finish(&scope, fence, done, t(2)).await.unwrap();
        let before = Some(t(9));
        let keep = Retention { inbox: before, plans: before, holds: before };
        let nothing = txn.retain(&scope, &Retention::default(), 100).await.unwrap();
        assert_eq!(nothing, Retained::default());
        let gone = txn.retain(&scope, &keep, 100).await.unwrap();
        assert_eq!(gone, Retained { inbox: 1, plans: 2, holds: 0 });
        assert_eq!(txn.retain(&scope, &keep, 100).await.unwrap(), Retained::default());
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        assert_eq!(read.inbox_waiting(&scope).await.unwrap().0, 1);
        let last = read.plan(&scope, plans[2]).await.unwrap().unwrap();
        assert_eq!(last.facts.as_deref(), Some(b"one".as_slice()), "facts in use stay");
        let known = texts(&["closed", "open"]);
        assert_eq!(read.deliveries_by_key(&scope, &known).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn open_orders_are_marked_for_a_change_and_their_writes_name_the_settings_of_their_plan() {
    for (_db, store) in stores().await {
        let scope = scope();
        let plan = |subject: &str, settings_version| NewPlan {
            subject: subject.to_owned(),
            made_at: t(1),
            settings_version,
            facts: b"facts".to_vec(),
            outcome: "{}".to_owned(),
        };
        let mut txn = store.begin("fill").await.unwrap();
        let keys = texts(&["a", "b", "c", "product:X"]);
        txn.subjects_mark(&scope, keys.clone(), 1, t(1)).await.unwrap();
        let update = |key: &str, delivered: bool| SubjectUpdate {
            key: key.to_owned(),
            seen_marks: 1,
            milestones: Milestones {
                delivered_at: delivered.then_some(t(3)),
                ..Milestones::default()
            },
            ..SubjectUpdate::default()
        };
        let updates = keys.iter().map(|key| update(key, key == "b")).collect();
        txn.subjects_update(&scope, updates, t(3)).await.unwrap();
        assert!(txn.subjects_take(&scope, t(4), 10).await.unwrap().is_empty());
        let (open, count) = txn.subjects_open(&scope, 1).await.unwrap();
        assert_eq!((open.len(), count), (1, 2), "b is delivered, X is no order");
        txn.subjects_mark_open(&scope, 5, false, t(5)).await.unwrap();
        let taken = txn.subjects_take(&scope, t(6), 10).await.unwrap();
        assert_eq!(taken.iter().map(|s| s.key.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert!(taken.iter().all(|s| (s.lane, s.marks) == (5, 2)), "{taken:?}");
        txn.subjects_mark_open(&scope, 5, true, t(5)).await.unwrap();
        assert_eq!(txn.subjects_take(&scope, t(6), 10).await.unwrap().len(), 3);
        let plans = vec![plan("a", 4), plan("c", 5)];
        let ids = txn.plans_put(&scope, plans).await.unwrap();
        let put = vec![delivery("a", ids[0], 0, "one", 1), delivery("c", ids[1], 0, "two", 1)];
        txn.deliveries_put(&scope, put, t(6)).await.unwrap();
        let by = txn.deliveries_open_by_settings(&scope).await.unwrap();
        assert_eq!(by, [(4, 1), (5, 1)]);
        let known = txn.deliveries_known(&scope, &texts(&["a", "c"])).await.unwrap();
        let of: Vec<i64> = known.iter().map(|d| d.id).collect();
        let versions = txn.deliveries_settings(&scope, &of).await.unwrap();
        let version = |subject: &str| {
            let id = known.iter().find(|d| d.subject == subject).unwrap().id;
            versions[&id]
        };
        assert_eq!((version("a"), version("c")), (4, 5));
        txn.commit().await.unwrap();
    }
}

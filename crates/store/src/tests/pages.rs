//! Read models of the console.

use super::*;
use crate::read::{ConsoleOverview, HourRow, OrderList, OverviewWindow, Waits};

fn update(key: &str, status: &str, milestones: Milestones) -> SubjectUpdate {
    SubjectUpdate {
        key: key.to_owned(),
        seen_marks: 1,
        status: status.to_owned(),
        sentence: format!("is {status}"),
        milestones,
        ..SubjectUpdate::default()
    }
}

/// Six orders, one in each stage, seen one second after the other.
async fn six_orders(store: &Store) {
    let scope = scope();
    let m = Milestones { released_at: Some(t(10)), ..Milestones::default() };
    let accepted = Milestones { accepted_at: Some(t(20)), ..m };
    let shipped = Milestones { shipped_at: Some(t(4_000)), ..accepted };
    let written = Milestones { written_at: Some(t(4_010)), ..shipped };
    let delivered = Milestones { delivered_at: Some(t(4_020)), ..written };
    let updates = [
        update("SO-1", "sending", m),
        update("SO-2", "in-warehouse", accepted),
        update("SO-3", "shipped", shipped),
        update("SO-4", "shipped", written),
        update("SO-5", "delivered", delivered),
        SubjectUpdate { held: true, ..update("SO-6", "held", m) },
    ];
    let mut txn = store.begin("six").await.unwrap();
    for (n, update) in (1..).zip(updates) {
        txn.subjects_mark(&scope, vec![update.key.clone()], 1, t(n)).await.unwrap();
        txn.subjects_update(&scope, vec![update], t(4_100)).await.unwrap();
    }
    let hold = |subject: &str, value: &str| NewHold {
        subject: subject.to_owned(),
        flow: "orders".to_owned(),
        cause: "method-unmapped".to_owned(),
        field: "mode".to_owned(),
        reason: "is not mapped".to_owned(),
        fix: "map it".to_owned(),
        value: value.to_owned(),
    };
    let holds = vec![hold("SO-6", "EXP2")];
    txn.holds_reconcile(&scope, vec![], holds, "planner", t(30)).await.unwrap();
    let later = vec![hold("SO-7", "EXP2"), hold("SO-8", "EXP2"), hold("SO-9", "AIR")];
    txn.holds_reconcile(&scope, vec![], later, "planner", t(20)).await.unwrap();
    txn.commit().await.unwrap();
}

#[tokio::test]
async fn the_overview_counts_what_waits_and_what_was_reached() {
    for (_db, store) in stores().await {
        let scope = scope();
        let mut read = store.read().await.unwrap();
        assert_eq!(read.overview(&scope, t(0)).await.unwrap(), read::Overview::default());
        let window = OverviewWindow { since: t(0), hours_since: t(0), late_before: t(4_001) };
        let empty = read.console_overview(&scope, window).await.unwrap();
        assert_eq!(empty, ConsoleOverview::default());
        drop(read);
        six_orders(&store).await;
        let mut txn = store.begin("work").await.unwrap();
        txn.subjects_mark(&scope, texts(&["SO-2"]), 1, t(50)).await.unwrap();
        let put = vec![delivery("SO-1", 1, 0, "a", 1), delivery("SO-3", 2, 0, "b", 0)];
        txn.deliveries_put(&scope, put, t(40)).await.unwrap();
        txn.commit().await.unwrap();
        claim(&store, &scope, Fence(1), 60).await;
        let mut read = store.read().await.unwrap();
        let overview = read.overview(&scope, t(0)).await.unwrap();
        assert_eq!((overview.waiting, overview.oldest_waiting), (1, Some(t(50))));
        assert_eq!((overview.held, overview.ready, overview.in_flight), (1, 0, 2));
        assert_eq!((overview.not_accepted, overview.oldest_not_accepted), (1, Some(t(10))));
        assert_eq!((overview.not_written, overview.oldest_not_written), (1, Some(t(4_000))));
        assert_eq!((overview.today.released, overview.today.delivered), (6, 1));

        let told = read.console_overview(&scope, window).await.unwrap();
        let cohort = told.cohort;
        assert_eq!((cohort.released, cohort.accepted, cohort.shipped), (6, 4, 3));
        assert_eq!((cohort.written, cohort.delivered, cohort.cancelled), (2, 1, 0));
        let one = |oldest: i64| Waits { count: 1, oldest: Some(t(oldest)) };
        assert_eq!((told.to_shipbob, told.to_dynamics), (one(10), one(4_000)));
        assert_eq!((told.held.count, told.held.oldest), (1, Some(t(20))));
        assert_eq!((told.late, told.any), (2, true));
        assert_eq!(
            told.sends,
            [
                (0, Waits { count: 1, oldest: Some(t(40)) }),
                (1, Waits { count: 1, oldest: Some(t(40)) })
            ]
        );
        let sum = |pick: fn(&HourRow) -> i64| told.hours.iter().map(pick).sum::<i64>();
        assert_eq!((sum(|h| h.released), sum(|h| h.accepted), sum(|h| h.shipped)), (6, 4, 3));
        assert_eq!(told.hours.len(), 2);
        let later = OverviewWindow { since: t(11), late_before: t(0), ..window };
        let told = read.console_overview(&scope, later).await.unwrap();
        assert_eq!((told.cohort.released, told.late), (0, 0));
        assert_eq!(read.held_count(&scope).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn the_list_of_orders_filters_and_turns_pages() {
    for (db, store) in stores().await {
        six_orders(&store).await;
        let scope = scope();
        let mut read = store.read().await.unwrap();
        for (list, expected) in [
            (OrderList::All, vec!["SO-6", "SO-5", "SO-4", "SO-3", "SO-2", "SO-1"]),
            (OrderList::Held, vec!["SO-6"]),
            (OrderList::Late(t(4_001)), vec!["SO-1", "SO-3"]),
            (OrderList::Late(t(11)), vec!["SO-1"]),
            (OrderList::Waiting, vec!["SO-1"]),
            (OrderList::InShipBob, vec!["SO-2"]),
            (OrderList::Shipped, vec!["SO-3"]),
            (OrderList::Written, vec!["SO-4"]),
            (OrderList::Delivered, vec!["SO-5"]),
            (OrderList::Cancelled, vec![]),
        ] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = read.order_list(&scope, list, after.clone(), 2).await.unwrap();
                found.extend(page.iter().map(|row| row.key.clone()));
                match page.last() {
                    Some(row) if page.len() == 2 => after = Some((row.seen_at, row.key.clone())),
                    _ => break,
                }
            }
            assert_eq!(found, expected, "{list:?} on {}", db.name);
        }
    }
}

#[tokio::test]
async fn any_number_finds_its_order_exact_answers_first() {
    for (_db, store) in stores().await {
        let scope = scope();
        let number = |number: &str, kind: &str, subject: &str| NumberEntry {
            number: number.to_owned(),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
        };
        let mut txn = store.begin("numbers").await.unwrap();
        let numbers = vec![
            number("SO-1", "order", "SO-1"),
            number("1Z999", "tracking", "SO-1"),
            number("1z-999-2", "tracking", "SO-2"),
            number("1Z999", "tracking", "SO-3"),
        ];
        txn.numbers_put(&scope, numbers).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let found = read.numbers_find(&scope, " 1z 999", 10).await.unwrap();
        let subjects: Vec<&str> = found.iter().map(|f| f.subject.as_str()).collect();
        assert_eq!(subjects, ["SO-1", "SO-3", "SO-2"]);
        assert_eq!((found[2].number.as_str(), found[2].kind.as_str()), ("1z-999-2", "tracking"));
        assert_eq!(read.numbers_find(&scope, "1z999", 1).await.unwrap().len(), 1);
        assert!(read.numbers_find(&scope, "--", 10).await.unwrap().is_empty());
        assert!(read.numbers_find(&scope, "2Z", 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn holds_are_grouped_by_what_heals_them_oldest_first() {
    for (_db, store) in stores().await {
        six_orders(&store).await;
        let scope = scope();
        let mut read = store.read().await.unwrap();
        let groups = read.hold_groups(&scope, 2).await.unwrap();
        assert_eq!(groups.len(), 2);
        let exp = groups.iter().find(|g| g.value == "EXP2").unwrap();
        assert_eq!((exp.count, exp.oldest, exp.subjects.len()), (3, t(20), 2));
        assert!(exp.subjects.iter().all(|(_, since)| *since == t(20)));
        assert!(read.hold_groups(&scope, 0).await.unwrap()[0].subjects.is_empty());
    }
}

#[tokio::test]
async fn commands_under_way_are_found_by_their_target() {
    for (_db, store) in stores().await {
        let scope = scope();
        let command = |key: &str| NewSignal {
            source: "operator".to_owned(),
            target_kind: "order".to_owned(),
            target_key: key.to_owned(),
            dedupe_key: format!("c-{key}"),
            body: Some(b"{}".to_vec()),
            received_at: t(9),
            flagged: false,
        };
        let mut txn = store.begin("fill").await.unwrap();
        let commands = vec![command("SO-6"), command("SO-5")];
        txn.inbox_add_many(&scope, commands).await.unwrap();
        txn.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        let pending = read.signals_of(&scope, "operator", "order", "SO-6").await.unwrap();
        assert_eq!(pending, [("c-SO-6".to_owned(), t(9))]);
    }
}

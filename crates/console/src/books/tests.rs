//! Read models over real databases: what was stored is what a page shows.

use super::{Books, StoreBooks};
use crate::command::{Command, Target, Verb};
use crate::model::{OrderFilter, OrderState, TrailQuery};
use crate::order_view::OrderView;
use crate::sample::{NOW, order_facts};
use domain::disposition::HoldReason;
use domain::ids::Scope;
use domain::operation::{Flow, Operation};
use domain::plan::{Plan, PlannedHold};
use domain::stock::{REPORT, StockReport};
use domain::time::{Span, Timestamp};
use store::testkit::{both, scope, seed};
use store::{
    Cell, DecisionKind, Finish, InboundRow, InvoiceRow, LaneLimit, Milestones, NewDecision,
    NewDelivery, NewHold, NewPlan, Next, NumberEntry, Observation, Store, SubjectUpdate,
    TrailEntry, Txn,
};

fn ago(minutes: i64) -> Timestamp {
    NOW - Span::minutes(minutes)
}

fn update(key: &str, status: &str, reached: &[i64], held: bool) -> SubjectUpdate {
    let at = |n: usize| reached.get(n).map(|minutes| ago(*minutes));
    SubjectUpdate {
        key: key.to_owned(),
        status: status.to_owned(),
        sentence: format!("Sentence of {key}."),
        milestones: Milestones {
            released_at: at(0),
            accepted_at: at(1),
            shipped_at: at(2),
            written_at: at(3),
            delivered_at: at(4),
            cancelled_at: None,
        },
        held,
        ..SubjectUpdate::default()
    }
}

/// Seven orders, one of them with everything a page can show.
async fn fill(store: &Store, scope: &Scope) {
    seed(store, scope).await.unwrap();
    let mut txn = store.begin("test.fill").await.unwrap();
    let orders = [
        (300, update("SO-1", "delivered", &[290, 289, 200, 199, 10], false)),
        (200, update("SO-697", "part-shipped", &[98, 97, 21], false)),
        (100, update("SO-3", "held", &[90], true)),
        (50, update("SO-4", "sending", &[40], false)),
        (9, update("SO-5", "sending", &[8], false)),
        (7, update("SO-6", "skipped", &[7], false)),
        (5, update("SO-7", "waiting", &[], false)),
        (3, update("SO-8", "shipped", &[600, 500, 2], false)),
    ];
    for (minutes, update) in orders {
        txn.subjects_update(scope, vec![update], ago(minutes)).await.unwrap();
    }
    details(&mut txn, scope).await;
    txn.commit().await.unwrap();
}

async fn details(txn: &mut Txn, scope: &Scope) {
    let facts = order_facts("SO-000697").unwrap();
    let seen = |kind: &str, body: Vec<u8>| Observation {
        kind: kind.to_owned(),
        key: "SO-697".to_owned(),
        person: Some("SO-697".to_owned()),
        version: "1".to_owned(),
        stamp: ago(1),
        read_began: ago(1),
        body: Some(body),
    };
    let both = vec![
        seen("fo.order", serde_json::to_vec(&facts.sales).unwrap()),
        seen("sb.orders", serde_json::to_vec(&facts.warehouse).unwrap()),
    ];
    txn.observations_put(scope, both).await.unwrap();
    let number = |number: &str, kind: &str, subject: &str| NumberEntry {
        number: number.to_owned(),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
    };
    let numbers = vec![
        number("SO-697", "order", "SO-697"),
        number("1Z 999-AA1", "tracking", "SO-697"),
        number("1Z999AA12", "tracking", "SO-1"),
    ];
    txn.numbers_put(scope, numbers).await.unwrap();
    let hold = |subject: &str, value: &str| NewHold {
        subject: subject.to_owned(),
        flow: "orders".to_owned(),
        cause: "method-unmapped".to_owned(),
        field: "delivery mode".to_owned(),
        reason: format!("Delivery mode {value} is not mapped."),
        fix: "Map it.".to_owned(),
        value: value.to_owned(),
    };
    let planned: Vec<(String, String)> =
        ["SO-3", "SO-4", "SO-697"].map(|s| (s.to_owned(), "orders".to_owned())).to_vec();
    let holds = vec![hold("SO-3", "EXP2"), hold("SO-4", "EXP2"), hold("SO-697", "EXP3")];
    txn.holds_reconcile(scope, planned.clone(), holds, "planner", ago(90)).await.unwrap();
    let holds = vec![hold("SO-3", "EXP2"), hold("SO-4", "EXP2")];
    txn.holds_reconcile(scope, planned, holds, "planner", ago(80)).await.unwrap();
    let decision = NewDecision {
        subject: "SO-697".to_owned(),
        kind: DecisionKind::Retry,
        why: String::new(),
        who: "Mara".to_owned(),
        at: ago(85),
    };
    txn.decisions_put(scope, vec![decision]).await.unwrap();
    let entry = |subject: Option<&str>, why: &str| TrailEntry {
        at: ago(4),
        who: "courier".to_owned(),
        what: "delivery-done".to_owned(),
        subject: subject.map(str::to_owned),
        before: None,
        after: None,
        why: Some(why.to_owned()),
        settings_version: 1,
        request_id: None,
    };
    let entries = vec![entry(Some("SO-697"), "Note written."), entry(None, "Polled.")];
    txn.trail_append(scope, entries).await.unwrap();
    deliver(txn, scope).await;
}

async fn deliver(txn: &mut Txn, scope: &Scope) {
    let outcome = Plan {
        sentence: "1 of 2 parcels are shipped.".to_owned(),
        reasons: vec!["Line 2: at ShipBob.".to_owned()],
        holds: vec![PlannedHold {
            flow: Flow::Orders,
            reason: HoldReason::new("c", "f", "v", "Something is wrong.", "Fix it."),
        }],
        ..Plan::default()
    };
    let plan = NewPlan {
        subject: "SO-697".to_owned(),
        made_at: ago(5),
        settings_version: 3,
        facts: b"{}".to_vec(),
        outcome: serde_json::to_string(&outcome).unwrap(),
    };
    let plan_id = txn.plans_put(scope, vec![plan]).await.unwrap()[0];
    let tracking = Operation::AddTracking {
        order: "SO-697".into(),
        slip: "697_1".into(),
        delivery_date: String::new(),
        number: "1Z999AA1".to_owned(),
        url: String::new(),
    };
    let cancel = Operation::CancelOrder {
        order: domain::ids::ShipBobOrderId(7),
        reference: "usmf-SO-697-1-1".into(),
    };
    let delivery = |seq: i64, lane: i64, operation: &Operation| NewDelivery {
        subject: "SO-697".to_owned(),
        plan_id,
        seq,
        business_key: format!("key-{seq}"),
        operation: operation.name().to_owned(),
        lane,
        body: serde_json::to_vec(operation).unwrap(),
        not_before: ago(5),
        settle: Span::seconds(60),
    };
    let wanted = vec![delivery(0, 1, &tracking), delivery(1, 0, &cancel)];
    txn.deliveries_put(scope, wanted, ago(5)).await.unwrap();
    let cell = Cell::of(scope);
    let fence = txn.lease_take(&cell, "node-a", 0, 0).await.unwrap().unwrap();
    let lanes = [LaneLimit { lane: 1, max: 10 }];
    let taken = txn.deliveries_claim(scope, fence, (ago(4), ago(3)), &lanes, 10).await.unwrap();
    let finish = Finish {
        id: taken[0].id,
        attempt: taken[0].attempt,
        next: Next::Done,
        disposition: "Done".to_owned(),
        detail: Some("in words".to_owned()),
        status: Some(204),
        outcome: Some("written".to_owned()),
    };
    txn.deliveries_finish(scope, fence, vec![finish], ago(3)).await.unwrap();
}

#[tokio::test]
async fn the_overview_counts_what_is_stored() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let books = StoreBooks::new(store, scope);
        let told = books.overview(24, NOW).await.unwrap();
        let c = told.counters;
        assert_eq!((c.released, c.accepted, c.shipped, c.written, c.delivered), (7, 3, 3, 1, 1));
        assert_eq!((told.to_shipbob.count, told.to_dynamics.count), (2, 1), "{}", db.name);
        assert_eq!(told.to_shipbob.oldest.unwrap().0, ago(40));
        assert_eq!((c.late, c.held), (1, 1), "SO-4 waits too long; SO-8 left two minutes ago");
        assert!(told.seen_any);
        assert_eq!(told.needs.len(), 1);
        assert_eq!((told.needs[0].count, told.needs[0].orders.len()), (2, 0));
        assert_eq!(told.hours.len(), 24);
        let released: i64 = told.hours.iter().map(|hour| hour.released).sum();
        assert_eq!(released, 7);
        assert_eq!((told.sends_orders.count, told.sends_fulfilment.count), (1, 0));
        assert_eq!(told.recent.len(), 2);
        assert_eq!(books.held().await.unwrap(), 1);
        assert_eq!(books.connection().await.unwrap().name, "Contoso US");
        books.alive().await.unwrap();
    }
}

#[tokio::test]
async fn every_flow_tells_its_own_writes_what_waits_and_its_last_run() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let books = StoreBooks::new(store.clone(), scope.clone());
        let none = books.flows(NOW).await.unwrap();
        assert_eq!(none.len(), Flow::ALL.len());
        assert!(none.iter().all(|flow| flow.last_run.is_none() && flow.waits.is_empty()));
        wait_everywhere(&store, &scope).await;
        let told = books.flows(NOW).await.unwrap();
        let of = |flow| told.iter().find(|facts| facts.flow == flow).unwrap();
        let words = |flow: Flow| -> Vec<String> {
            of(flow).waits.iter().map(|one| format!("{} {}", one.count, one.what())).collect()
        };
        assert_eq!(of(Flow::Orders).last_run.unwrap().0, ago(1), "{}", db.name);
        assert_eq!(of(Flow::Billing).last_run.unwrap().0, ago(30));
        assert_eq!(of(Flow::Inventory).last_run.unwrap().0, ago(400), "when it was done");
        assert_eq!(of(Flow::Products).last_run, None, "nobody read it");
        assert_eq!(words(Flow::Products), ["1 item waits for a person"]);
        assert_eq!(words(Flow::Billing), ["1 invoice differs"], "of the last 90 days");
        assert_eq!(words(Flow::Returns), ["2 returns are open", "1 receiving order is open"]);
        let writes = |flow| of(flow).to_write.count;
        assert_eq!((writes(Flow::Orders), writes(Flow::Fulfilment)), (1, 0));
        assert_eq!((writes(Flow::Products), writes(Flow::Billing)), (0, 1));
        assert_eq!(books.overview(24, NOW).await.unwrap().flows, told);
    }
}

/// Something waits in every flow.
async fn wait_everywhere(store: &Store, scope: &Scope) {
    let mut txn = store.begin("test.wait").await.unwrap();
    for (name, minutes) in [("fo.changes", 1), ("sb.billing", 30), ("sb.inbound", 20)] {
        txn.cursor_put(scope, name, "{}", ago(minutes)).await.unwrap();
    }
    let report = StockReport { began: ago(410), at: ago(400), states: Vec::new(), elsewhere: 0 };
    let row = Observation {
        kind: REPORT.to_owned(),
        key: String::new(),
        person: None,
        version: String::new(),
        stamp: ago(400),
        read_began: ago(410),
        body: Some(serde_json::to_vec(&report).unwrap()),
    };
    txn.observations_put(scope, vec![row]).await.unwrap();
    let held = update("product:A0010", "held", &[], true);
    txn.subjects_update(scope, vec![held], ago(10)).await.unwrap();
    let inbound = |kind: &str, id, open| InboundRow {
        kind: kind.to_owned(),
        id,
        tie: String::new(),
        open,
        created: ago(900),
        words: String::new(),
        body: "{}".to_owned(),
        changed: ago(900),
    };
    let rows = [("return", 1, true), ("return", 2, true), ("return", 3, false)];
    let rows = rows.into_iter().chain([("receiving", 4, true)]);
    let rows = rows.map(|(kind, id, open)| (inbound(kind, id, open), Vec::new())).collect();
    txn.inbound_put(scope, rows, ago(900)).await.unwrap();
    let invoice = |id, days| InvoiceRow {
        id,
        dated: NOW - Span::days(days),
        body: "{}".to_owned(),
        changed: ago(30),
        read: None,
        balanced: false,
        balance: String::new(),
    };
    txn.invoices_put(scope, vec![invoice(1, 2), invoice(2, 3), invoice(3, 200)], ago(30))
        .await
        .unwrap();
    // The second was not added up yet, the third is past every claim.
    for id in [1, 3] {
        txn.invoice_balance(scope, id, false, "{}".to_owned()).await.unwrap();
    }
    let charge = NewDelivery {
        subject: "SO-3".to_owned(),
        plan_id: 1,
        seq: 0,
        business_key: "charge".to_owned(),
        operation: "write-charge".to_owned(),
        lane: 6,
        body: Vec::new(),
        not_before: ago(5),
        settle: Span::seconds(60),
    };
    txn.deliveries_put(scope, vec![charge], ago(5)).await.unwrap();
    txn.commit().await.unwrap();
}

#[tokio::test]
async fn lists_are_told_in_pages_without_gap_or_repetition() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let books = StoreBooks::new(store, scope);
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = books.orders(OrderFilter::All, after, 3, NOW).await.unwrap();
            seen.extend(page.rows.into_iter().map(|row| row.number));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let all = ["SO-8", "SO-7", "SO-6", "SO-5", "SO-4", "SO-3", "SO-697", "SO-1"];
        assert_eq!(seen, all, "{}", db.name);
        let expected: [(OrderFilter, &[&str]); 9] = [
            (OrderFilter::Released, &["SO-8", "SO-6", "SO-5", "SO-4", "SO-3", "SO-697", "SO-1"]),
            (OrderFilter::Held, &["SO-3"]),
            (OrderFilter::Waiting, &["SO-4", "SO-5"]),
            (OrderFilter::Late, &["SO-4"]),
            (OrderFilter::Shipped, &["SO-697", "SO-8"]),
            (OrderFilter::InShipBob, &[]),
            (OrderFilter::WrittenBack, &[]),
            (OrderFilter::Delivered, &["SO-1"]),
            (OrderFilter::Cancelled, &[]),
        ];
        for (filter, numbers) in expected {
            let rows = books.orders(filter, None, 50, NOW).await.unwrap().rows;
            let got: Vec<&str> = rows.iter().map(|row| row.number.as_str()).collect();
            assert_eq!(got, numbers, "{} {filter:?}", db.name);
        }
        let rows = books.orders(OrderFilter::All, None, 50, NOW).await.unwrap().rows;
        let of = |number: &str| rows.iter().find(|row| row.number == number).unwrap();
        assert_eq!(of("SO-697").ship_to.as_deref(), Some("Jürgen O'Neill, Köln DE"));
        let states = ["SO-1", "SO-697", "SO-3", "SO-4", "SO-6", "SO-7"].map(|n| of(n).state);
        use OrderState::{Delivered, Held, NotReleased, Shipped, Skipped, Waiting};
        assert_eq!(states, [Delivered, Shipped, Held, Waiting, Skipped, NotReleased]);
        let mangled = books.orders(OrderFilter::All, Some("x".to_owned()), 2, NOW).await.unwrap();
        assert_eq!(mangled.rows.len(), 2, "a mangled place begins anew");
    }
}

#[tokio::test]
async fn an_order_is_told_with_everything_kept_of_it() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let books = StoreBooks::new(store.clone(), scope.clone());
        let facts = books.order("so-697").await.unwrap().expect("letter case does not count");
        let view = OrderView::new(facts);
        assert_eq!(view.row.number, "SO-697");
        assert_eq!(view.recipient.as_ref().unwrap().place, "Köln DE");
        assert_eq!(view.parcels.len(), 2);
        assert_eq!((view.holds.len(), view.healed.len()), (0, 1), "{}", db.name);
        assert_eq!(view.decisions[0].who, "Mara");
        assert_eq!(view.plans[0].reasons, ["Line 2: at ShipBob."]);
        assert_eq!(view.plans[0].holds, ["Something is wrong."]);
        assert_eq!(view.writes.len(), 2);
        let done = view.writes.iter().find(|w| w.operation == "add-tracking").unwrap();
        assert_eq!(done.words, "Put tracking 1Z999AA1 on packing slip 697_1");
        assert_eq!((done.system.as_str(), done.attempts[0].status), ("dynamics", Some(204)));
        assert!(view.timeline.iter().any(|event| event.text == "Note written."));
        assert!(books.order("SO-9").await.unwrap().is_none());

        let mut txn = store.begin("test.erase").await.unwrap();
        assert!(txn.person_erase(&scope, "SO-697", NOW).await.unwrap());
        txn.commit().await.unwrap();
        let erased = books.order("SO-697").await.unwrap().unwrap();
        assert!(erased.erased && erased.sales.is_none());
        let view = OrderView::new(erased);
        assert_eq!((view.recipient, view.row.ship_to), (None, None));
    }
}

#[tokio::test]
async fn any_number_finds_its_order() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let books = StoreBooks::new(store, scope);
        let found = books.search("1z999aa1", 10).await.unwrap();
        let orders: Vec<&str> = found.iter().map(|f| f.order.as_str()).collect();
        assert_eq!(orders, ["SO-697", "SO-1"], "{}: the equal number comes first", db.name);
        assert_eq!(found[1].state, OrderState::Delivered);
        let unplanned = books.search("SO-7", 10).await.unwrap();
        assert_eq!(unplanned.len(), 1, "an order without numbers is found by its own");
        assert!(books.search("--", 10).await.unwrap().is_empty());
        assert!(books.search("nothing", 10).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn holds_are_grouped_by_what_heals_them() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let books = StoreBooks::new(store, scope);
        let groups = books.holds(1).await.unwrap();
        assert_eq!(groups.len(), 1, "{}: healed holds are gone", db.name);
        assert_eq!(groups[0].identity(), "method-unmapped|delivery mode|EXP2");
        assert_eq!((groups[0].count, groups[0].orders.len()), (2, 1));
        assert_eq!(groups[0].orders[0].since.0, ago(90));
    }
}

#[tokio::test]
async fn a_command_waits_as_a_signal_and_shows_on_its_order() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let books = StoreBooks::new(store.clone(), scope.clone());
        let command = Command {
            verb: Verb::Skip,
            target: Target::Order("SO-3".to_owned()),
            hold: None,
            why: Some("shipped by hand".to_owned()),
            who: "Mara König".to_owned(),
            at: NOW,
            request_id: "0123456789".to_owned(),
        };
        assert_eq!(books.command(vec![command.clone(), command.clone()]).await.unwrap(), 1);
        assert_eq!(books.command(vec![command.clone()]).await.unwrap(), 0, "{}", db.name);
        let order = books.order("SO-3").await.unwrap().unwrap();
        assert_eq!((order.pending.len(), order.pending[0].verb.as_str()), (1, "skip"));
        let signals = store.read().await.unwrap().inbox_take(&scope, 10).await.unwrap();
        let kept: Command = serde_json::from_slice(signals[0].body.as_ref().unwrap()).unwrap();
        assert_eq!(kept, command);
        let target = (signals[0].target_kind.as_str(), signals[0].target_key.as_str());
        assert_eq!((signals[0].source.as_str(), target), ("operator", ("order", "SO-3")));
    }
}

#[tokio::test]
async fn the_trail_is_told_in_pages_and_its_chain_is_checked() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let books = StoreBooks::new(store, scope);
        let query = TrailQuery { limit: 1, ..TrailQuery::default() };
        let first = books.trail(query.clone()).await.unwrap();
        assert_eq!(first.rows[0].why.as_deref(), Some("Polled."));
        let second = books.trail(TrailQuery { before: first.next, ..query }).await.unwrap();
        assert_eq!((second.rows[0].subject.as_deref(), second.next), (Some("SO-697"), None));
        let report = books.verify_trail().await.unwrap();
        assert_eq!((report.entries, report.broken), (2, None), "{}", db.name);
    }
}

#[tokio::test]
async fn another_tenant_sees_nothing() {
    for db in both().await {
        let (store, scope) = (db.open().await, scope());
        fill(&store, &scope).await;
        let other = store::testkit::other_scope();
        seed(&store, &other).await.unwrap();
        let books = StoreBooks::new(store, other);
        assert!(books.orders(OrderFilter::All, None, 50, NOW).await.unwrap().rows.is_empty());
        assert!(books.order("SO-697").await.unwrap().is_none());
        assert!(books.search("1Z999AA1", 10).await.unwrap().is_empty());
        assert!(books.holds(10).await.unwrap().is_empty());
        let told = books.overview(24, NOW).await.unwrap();
        assert_eq!((told.counters.released, told.recent.len(), told.seen_any), (0, 0, false));
    }
}

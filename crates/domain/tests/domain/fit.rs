//! The fit report: facts in, answer out.

use crate::support::{World, address, at, catalogue, line, parcel, pieces, settings};
use domain::fit::{Answer, Facts, Fate, Report, SHIPBOB_PER_DAY, Shelves, Unread, Weight, judge};
use domain::ids::{CentreId, ChannelId, ShipBobOrderId};
use domain::plan::OrderFacts;
use domain::sales::{SalesLine, SalesOrder};
use domain::settings::Settings;
use domain::stock::{ItemKey, Level, OnHand, StockItem};
use domain::time::Span;
use domain::warehouse::{Recipient, Tracking, WarehouseLine, WarehouseOrder};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What a planner is given of an order on the first day.
fn order(number: &str, lines: Vec<SalesLine>, change: impl FnOnce(&mut SalesOrder)) -> OrderFacts {
    let mut facts = World::new(lines).facts;
    facts.number = number.into();
    if let Some(read) = &mut facts.sales {
        read.number = number.into();
        if let Some(order) = &mut read.order {
            order.number = number.into();
            order.customer_reference.clear();
            change(order);
            let skus = order.lines.iter().map(|l| l.sku.clone());
            facts.skus = skus.map(|sku| (sku.clone(), catalogue(&sku))).collect();
        }
    }
    facts
}

fn good(number: &str) -> OrderFacts {
    order(number, vec![line(1, "A", 2)], |_| {})
}

fn facts(orders: Vec<OrderFacts>) -> Facts {
    let mut facts = Facts { now: at(3), days: 30, orders, ..Facts::default() };
    facts.dynamics.carrier_services = BTreeSet::from([("UPS".into(), "GROUND".into())]);
    facts.shipbob.methods = BTreeSet::from(["Standard".into(), "Expedited".into(), "2-Day".into()]);
    facts
}

fn keys<'r>(report: &'r Report, id: &str) -> Vec<&'r str> {
    let places = report.finding(id).map(|f| f.places.as_slice()).unwrap_or_default();
    places.iter().map(|p| p.key.as_str()).collect()
}

fn ids(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|f| f.id.as_str()).collect()
}

/// An order of another channel.
fn theirs(id: i64, number: &str, sku: &str, name: &str) -> WarehouseOrder {
    WarehouseOrder {
        id: ShipBobOrderId(id),
        reference: format!("shop-{id}").as_str().into(),
        number: number.into(),
        channel: Some(ChannelId(318_302)),
        status: "Processing".into(),
        created: at(0),
        recipient: Recipient {
            name: name.into(),
            zip: address().zip,
            country: "US".into(),
            ..Recipient::default()
        },
        method: "Standard".into(),
        products: vec![WarehouseLine { sku: sku.into(), quantity: 2, external_line_id: None }],
        shipments: vec![parcel(id * 10, 0, vec![pieces(sku, 2)])],
    }
}

#[test]
fn orders_that_go_by_themselves_are_a_go() {
    let report = judge(&facts(vec![good("SO-1"), good("SO-2")]), &settings());
    assert_eq!(report.answer, Answer::Go, "{report:#?}");
    assert_eq!(report.count(Fate::Sent), 2);
    assert!(report.fixes.is_empty() && report.sentence.contains("2 of 2"));
}

#[test]
fn no_order_at_all_is_no_reason_against_it() {
    assert_eq!(judge(&facts(Vec::new()), &settings()).answer, Answer::Go);
}

#[test]
fn what_the_planner_would_hold_is_found_under_its_cause() {
    let mut orders: Vec<OrderFacts> = (0..30).map(|n| good(&format!("SO-{n}"))).collect();
    orders.push(order("SO-X", vec![line(1, "A", 2)], |o| o.address.zip.clear()));
    let report = judge(&facts(orders), &settings());
    assert_eq!(keys(&report, "postcode-missing"), ["SO-X"]);
    assert_eq!(report.answer, Answer::GoWithHolds);
    assert_eq!(
        report.fixes.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(),
        ["postcode-missing"]
    );
    assert_eq!(report.count(Fate::Held), 1);
}

#[test]
fn too_many_holds_are_a_no_go() {
    let bad = order("SO-2", vec![line(1, "A", 2)], |o| o.address.zip.clear());
    let report = judge(&facts(vec![good("SO-1"), bad]), &settings());
    assert_eq!(report.answer, Answer::NoGo);
    assert!(report.sentence.contains("1 of 2"), "{}", report.sentence);
}

#[test]
fn a_mode_that_is_not_mapped_comes_with_the_line_to_write() {
    let with = |number: &str, mode: &str| {
        order(number, vec![line(1, "A", 2)], |o| o.delivery_mode = mode.to_owned())
    };
    let report = judge(
        &facts(vec![with("SO-1", "2DAY"), with("SO-2", "2DAY"), with("SO-3", "BIKE")]),
        &settings(),
    );
    let finding = report.finding("method-unmapped").expect("found");
    assert_eq!(keys(&report, "method-unmapped"), ["2DAY", "BIKE"]);
    assert_eq!(finding.orders(), 3);
    assert!(finding.write.contains(&"\"2DAY\" = \"2-Day\"   # [connection.methods]".to_owned()));
    assert!(
        finding
            .write
            .iter()
            .any(|l| l.contains("BIKE") && l.contains("one of 2-Day, Expedited, Standard"))
    );
}

#[test]
fn an_order_shipbob_has_under_its_number_or_with_its_goods_would_leave_twice() {
    let mut facts = facts(vec![good("SO-1"), good("SO-2"), good("SO-3")]);
    facts.warehouse = vec![
        theirs(1, "so-1", "Z", "Somebody"),
        theirs(2, "#1001", "a", "jane  doe"),
        theirs(3, "#1002", "A", "John Doe"),
    ];
    let report = judge(&facts, &settings());
    assert_eq!(keys(&report, "duplicate-number"), ["SO-1"]);
    // The same goods for the same person: SO-2 and SO-3 cannot be told apart from it.
    assert_eq!(keys(&report, "duplicate-recipient"), ["SO-2", "SO-3"]);
    assert_eq!(report.answer, Answer::NoGo);
    let json = serde_json::to_string(&report).expect("JSON");
    assert!(!json.to_lowercase().contains("doe"), "a person is named");
}

#[test]
fn cancelled_orders_and_our_own_are_no_duplicates() {
    let mut one = theirs(1, "SO-1", "A", "Jane Doe");
    one.status = "Cancelled".into();
    let mut ours = theirs(2, "SO-1", "A", "Jane Doe");
    ours.reference = "usmf-SO-1-1-1".into();
    ours.channel = Some(settings().channel);
    ours.products[0].external_line_id = Some(1);
    let mut sent = good("SO-1");
    let seen = domain::plan::SeenOrder { order: ours.clone(), read_began: at(2) };
    sent.warehouse = vec![seen];
    let mut facts = facts(vec![sent]);
    facts.warehouse = vec![one, ours];
    let report = judge(&facts, &settings());
    assert_eq!(ids(&report), [""; 0], "{report:#?}");
    assert_eq!(report.count(Fate::AtShipbob), 1);
}

#[test]
fn duplicates_before_the_cut_off_wait_because_nothing_of_them_is_sent() {
    let early = order("SO-1", vec![line(1, "A", 2)], |o| o.created = at(-10));
    let mut facts = facts(vec![early]);
    facts.warehouse = vec![theirs(1, "SO-1", "A", "Jane Doe")];
    let report = judge(&facts, &settings());
    assert_eq!(report.finding("duplicate-number").map(|f| f.weight), Some(Weight::Waits));
    assert_eq!(keys(&report, "before-cut-off"), ["SO-1"]);
    let open = Settings { cut_off: None, ..settings() };
    let report = judge(&facts, &open);
    assert_eq!(report.finding("duplicate-number").map(|f| f.weight), Some(Weight::Blocks));
    assert_eq!(keys(&report, "cut-off-missing"), ["connection.cut_off"]);
}

#[test]
fn lines_and_orders_that_stay_behind_are_told_and_are_no_fault() {
    let blocked =
        order("SO-1", vec![line(1, "A", 2), line(2, "B", 1)], |o| o.lines[1].blocked = true);
    let stopped = order("SO-2", vec![line(1, "A", 2)], |o| o.stopped = true);
    let elsewhere = order("SO-3", vec![line(1, "A", 2)], |o| o.lines[0].warehouse = "11".into());
    let report = judge(&facts(vec![blocked, stopped, elsewhere]), &settings());
    assert_eq!(keys(&report, "line-blocked"), ["SO-1"]);
    assert_eq!(keys(&report, "order-stopped"), ["SO-2"]);
    assert_eq!(keys(&report, "warehouse-unmapped"), ["11"]);
    assert_eq!(report.answer, Answer::Go);
    assert_eq!((report.orders.len(), report.other_orders.values().sum::<usize>()), (1, 2));
}

#[test]
fn carriers_of_parcels_that_nobody_mapped_come_with_what_dynamics_has() {
    let mut one = theirs(1, "#1", "Z", "Somebody");
    one.shipments[0].tracking =
        Some(Tracking { carrier: "ups".into(), service: "Express".into(), ..Tracking::default() });
    let mut facts = facts(vec![good("SO-1")]);
    facts.warehouse = vec![one];
    let report = judge(&facts, &settings());
    assert_eq!(keys(&report, "carrier-unmapped"), ["ups / Express"]);
    let write = &report.finding("carrier-unmapped").expect("found").write;
    assert!(write[0].contains("carrier = \"UPS\"") && write[0].contains("UPS GROUND"), "{write:?}");
    let off = Settings { write_carrier: false, ..settings() };
    assert!(judge(&facts, &off).finding("carrier-unmapped").is_none());
}

fn shelves() -> Shelves {
    let key = |sku: &str| ItemKey { item: sku.to_owned(), ..ItemKey::default() };
    let level = |sku: &str, on_hand| Level {
        inventory_id: 1,
        sku: sku.to_owned(),
        name: String::new(),
        centre: CentreId(1),
        on_hand,
        committed: 0,
        fulfillable: on_hand,
        awaiting: 0,
        transfer: 0,
    };
    let on_hand = |sku: &str, pieces: i64| OnHand {
        sku: sku.to_owned(),
        key: key(sku),
        warehouse: "sb01".into(),
        physical: Decimal::from(pieces),
        available: Decimal::from(pieces),
    };
    let item = |sku: &str, unit: &str| StockItem {
        sku: sku.to_owned(),
        key: key(sku),
        product: sku.to_owned(),
        unit: unit.to_owned(),
    };
    Shelves {
        levels: ["A", "B", "C", "E", "F"]
            .iter()
            .zip([5, 5, 5, 0, -1])
            .map(|(s, n)| level(s, n))
            .collect(),
        on_hand: [("A", 5), ("B", 8), ("D", 2), ("G", 1)].map(|(s, n)| on_hand(s, n)).into(),
        items: [("A", "ea"), ("B", "ea"), ("D", "ea"), ("F", "ea"), ("G", "crate")]
            .map(|(s, u)| item(s, u))
            .into(),
        partial: false,
    }
}

#[test]
fn stock_is_held_side_by_side_and_each_difference_has_its_cause() {
    let mut facts = facts(Vec::new());
    facts.shelves = Some(shelves());
    facts
        .shelves
        .as_mut()
        .expect("set")
        .levels
        .push(Level { sku: "G".into(), ..shelves().levels[0].clone() });
    let report = judge(&facts, &settings());
    assert_eq!(keys(&report, "stock-short-at-shipbob"), ["B@SB01"]);
    assert_eq!(keys(&report, "stock-not-in-dynamics"), ["C@SB01"]);
    assert_eq!(keys(&report, "stock-not-at-shipbob"), ["D@SB01"]);
    assert_eq!(keys(&report, "stock-negative"), ["F@SB01"]);
    assert_eq!(keys(&report, "stock-unit"), ["G@SB01"]);
    assert_eq!((report.shelves_compared, report.shelves.len()), (6, 5), "E has nothing anywhere");
    facts.shelves.as_mut().expect("set").partial = true;
    assert!(judge(&facts, &settings()).finding("stock-not-at-shipbob").is_none());
}

#[test]
fn what_was_not_read_and_what_does_not_fit_block() {
    let mut facts = facts(vec![good("SO-1")]);
    facts.unread.push(Unread { what: "ShipBob: SKUs".into(), why: "no answer".into() });
    facts.misfits.push("Dynamics has no warehouse SB09".into());
    let report = judge(&facts, &settings());
    assert_eq!(ids(&report), ["not-read", "settings-misfit"]);
    assert_eq!(report.answer, Answer::NoGo);
}

#[test]
fn an_order_whose_sku_was_not_looked_up_is_not_judged() {
    let mut one = good("SO-1");
    one.skus.clear();
    let report = judge(&facts(vec![one]), &settings());
    assert_eq!(report.count(Fate::NotJudged), 1);
    assert_eq!(report.answer, Answer::Go, "nobody knows of anything in the way");
}

#[test]
fn more_calls_than_shipbob_allows_block() {
    let mut settings = settings();
    let few = judge(&facts(vec![good("SO-1")]), &settings);
    assert!(few.calls.per_day("ShipBob") < SHIPBOB_PER_DAY / 100, "{:?}", few.calls);
    assert_eq!(few.calls.shipbob_percent(), 1);
    settings.schedule.watch = Span::seconds(1);
    settings.schedule.shipbob_poll = Span::seconds(1);
    let mut facts = facts((0..90).map(|n| good(&format!("SO-{n}"))).collect());
    facts.days = 1;
    let many = judge(&facts, &settings);
    assert_eq!(ids(&many), ["budget-exceeded"], "{:?}", many.calls);
    assert_eq!((many.calls.orders_per_day, many.calls.busiest_hour), (90, 90));
}

#[test]
fn the_report_does_not_depend_on_the_order_of_its_facts() {
    let orders = || {
        vec![
            good("SO-1"),
            order("SO-2", vec![line(1, "A", 2)], |o| o.address.zip.clear()),
            order("SO-3", vec![line(1, "A", 2)], |o| o.stopped = true),
        ]
    };
    let mut there = facts(orders());
    there.warehouse = vec![theirs(1, "SO-1", "A", "Jane Doe"), theirs(2, "SO-1", "B", "Jane Doe")];
    let mut back = there.clone();
    back.orders.reverse();
    back.warehouse.reverse();
    assert_eq!(judge(&there, &settings()), judge(&back, &settings()));
}

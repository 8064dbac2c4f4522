//! Telling an order.

use super::*;
use crate::sample::order_facts;
use crate::tone::Tone;
use domain::warehouse::ShipmentStatus;

fn facts() -> OrderFacts {
    order_facts("SO-000697").unwrap()
}

#[test]
fn pieces_are_given_to_lines_by_sku_and_parcel() {
    let view = OrderView::new(facts());
    let cells: Vec<(&str, Option<i64>, i64, &[i64])> = view
        .lines
        .iter()
        .map(|l| (l.sku.as_str(), l.asked, l.shipped, l.parcels.as_slice()))
        .collect();
    assert_eq!(cells[0], ("A0001", Some(3), 3, [3, 0].as_slice()));
    assert_eq!(cells[1], ("D0003-RED-L", Some(12), 0, [0, 12].as_slice()));
    assert!(view.lines[0].complete && !view.lines[1].complete);
    assert_eq!(view.lines[0].slipped, "3 ea");
    assert_eq!(view.lines[1].slipped, "0 box");
}

#[test]
fn two_lines_of_one_sku_share_in_their_order_and_nothing_is_lost() {
    let mut facts = facts();
    let order = facts.sales.as_mut().unwrap().order.as_mut().unwrap();
    let mut twin = order.lines[0].clone();
    twin.sequence = 9;
    order.lines.push(twin);
    let products = &mut facts.warehouse[0].order.products;
    let mut asked = products[0].clone();
    asked.external_line_id = Some(9);
    asked.quantity = 1;
    products[0].quantity = 1;
    products.push(asked);
    let view = OrderView::new(facts);
    assert_eq!(view.lines[0].parcels, [1, 0]);
    assert_eq!(view.lines[3].parcels, [2, 0], "what ShipBob shipped too much stays visible");
}

#[test]
fn steps_are_counted_over_living_parcels() {
    let view = OrderView::new(facts());
    let told: Vec<(&str, Tone)> = view.shipbob.iter().map(|s| (s.label.as_str(), s.tone)).collect();
    assert_eq!(
        told,
        [
            ("Accepted", Tone::Ok),
            ("Labelled 1 of 2", Tone::Wait),
            ("Shipped 1 of 2", Tone::Wait),
            ("Delivered", Tone::Plain)
        ]
    );
    let mut facts = facts();
    facts.warehouse[0].order.shipments[1].status = ShipmentStatus::Cancelled;
    let view = OrderView::new(facts);
    assert_eq!((view.shipbob[2].label.as_str(), view.shipbob[2].tone), ("Shipped", Tone::Ok));
    let mut facts = super::tests::facts();
    facts.warehouse[0].order.shipments[1].status = ShipmentStatus::OnHold;
    let view = OrderView::new(facts);
    assert!(view.shipbob.iter().any(|s| s.label == "On hold" && s.tone == Tone::Attention));
}

#[test]
fn tracking_counts_as_written_once_a_note_names_it() {
    let step = |facts: OrderFacts| OrderView::new(facts).dynamics[1].clone();
    assert_eq!(step(facts()).tone, Tone::Plain, "nothing names the number yet");
    let mut noted = facts();
    let order = noted.sales.as_mut().unwrap().order.as_mut().unwrap();
    order.notes.push(domain::sales::Note {
        document_id: String::new(),
        description: String::new(),
        text: "UPS Ground 1Z999AA10123456784".to_owned(),
        etag: String::new(),
    });
    assert_eq!(step(noted).tone, Tone::Ok);
    let mut sent = facts();
    sent.deliveries[1].words = "Write the note “ShipBob shipment 991201” in Dynamics".to_owned();
    assert_eq!(step(sent).tone, Tone::Ok, "written after the last read");
}

#[test]
fn a_deleted_order_says_so() {
    let mut facts = facts();
    facts.sales.as_mut().unwrap().order = None;
    let view = OrderView::new(facts);
    assert_eq!(view.dynamics[1].label, "Gone from Dynamics");
    assert!(view.lines.is_empty() && view.recipient.is_none());
    assert_eq!(view.parcels.len(), 2, "ShipBob's side stays");
}

#[test]
fn the_timeline_tells_both_systems_newest_first() {
    let view = OrderView::new(facts());
    assert!(view.timeline.is_sorted_by(|a, b| a.at >= b.at));
    let has = |side: Side, text: &str| {
        view.timeline.iter().any(|e| e.side == side && e.text.contains(text))
    };
    assert!(has(Side::Dynamics, "Packing slip 000697_1 posted"));
    assert!(has(Side::ShipBob, "Parcel 1 packed and labelled, UPS 1Z999AA10123456784."));
    assert!(has(Side::ShipBob, "Accepted by ShipBob as order 318450211."));
    assert!(has(Side::Us, "Tracking 1Z999AA10123456784 stands"));
    assert!(has(Side::Dynamics, "Order created"));
}

#[test]
fn people_and_parts_are_told_apart() {
    assert!(is_person("Mara König") && is_person("operator") && is_person("api"));
    assert!(!is_person("engine") && !is_person("courier") && !is_person("intake:webhook"));
}

#[test]
fn only_plain_web_addresses_become_links() {
    for (url, linked) in
        [("https://a.example/1", true), ("javascript:alert(1)", false), ("", false)]
    {
        let mut facts = facts();
        let shipment = &mut facts.warehouse[0].order.shipments[0];
        shipment.tracking.as_mut().unwrap().url = url.to_owned();
        assert_eq!(OrderView::new(facts).parcels[0].url.is_some(), linked, "{url}");
    }
}

#[test]
fn what_a_person_may_do_follows_the_state() {
    let may = OrderView::new(order_facts("SO-000640").unwrap()).may;
    assert_eq!(may, May { retry: true, skip: true, release: true });
    let may = OrderView::new(facts()).may;
    assert_eq!(may, May { retry: false, skip: false, release: false });
}

#[test]
fn what_was_released_to_a_warehouse_and_with_which_order_it_went_is_told() {
    let mut facts = facts();
    assert!(OrderView::new(facts.clone()).lines.iter().all(|line| line.released.is_none()));
    let order = facts.sales.as_mut().unwrap().order.as_mut().unwrap();
    let row = domain::whs::ReleasedLine {
        quantity: rust_decimal::Decimal::TWO,
        ordered: order.lines[0].ordered,
        ordered_inventory: order.lines[0].ordered,
    };
    let lot = order.lines[0].lot.as_str().to_lowercase();
    order.warehouse_release = Some(domain::whs::WarehouseRelease {
        status: "PartialReleased".to_owned(),
        lines: [(lot, row)].into(),
    });
    let company = order.company.clone();
    let number = order.number.clone();
    facts.warehouse[0].order.reference = domain::reference::make(&company, &number, 1, 2);
    let view = OrderView::new(facts);
    assert_eq!(view.lines[0].released.as_deref(), Some("2"));
    assert_eq!(view.lines[1].released.as_deref(), Some("0"));
    let told = |name: &str| view.details.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    assert_eq!(told("Release to the warehouse"), Some("PartialReleased"));
    assert!(told("Release sent").unwrap().starts_with("2: "), "{:?}", told("Release sent"));
}

//! Facts and settings of any kind: plausible, odd, and absurd.

use domain::disposition::HoldReason;
use domain::edit::Edited;
use domain::ids::{CentreId, ChannelId, ReferenceId, ShipBobOrderId, ShipmentId};
use domain::operation::{CreateLine, CreateOrder};
use domain::plan::{Decisions, DeliveryState, Kept, KnownDelivery, OrderFacts, SeenOrder};
use domain::reference_data::{Capabilities, SkuFact, UnitConversion};
use domain::sales::{
    Address, DocumentStatus, Note, OrderRead, PackingSlip, SalesLine, SalesOrder, SalesStatus,
    SlipTracking,
};
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use domain::warehouse::{
    CatalogueItem, Recipient, Shipment, ShipmentStatus, ShippedItem, ShippedProduct, StatusDetail,
    Tracking, WarehouseLine, WarehouseOrder,
};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

fn text() -> BoxedStrategy<String> {
    let known = vec![
        "",
        " ",
        "A",
        "a",
        "B",
        "ea",
        "EA",
        "box",
        "STD",
        "std",
        "EXP",
        "SB01",
        "sb02",
        "11",
        "US",
        "USA",
        "XKX",
        "SHIPBOB",
        "Sales",
        "L1",
        "L2",
        "UPS",
        "Ground",
        "GROUND",
        "Standard",
        "Picked",
        "Delivered",
        "Cancelled",
        "line 1\nline 2\r\n",
        "O'Brien/1",
        "~,:%#",
        "\u{0}\u{7}",
        "é😀",
        "ShipBob shipment 1",
        "Tracking: 1Z",
        "Tracking: not yet known",
        "note:1:x",
        "0.5",
    ];
    prop_oneof![
        8 => select(known).prop_map(str::to_owned),
        1 => ".{0,12}",
        1 => Just("x".repeat(500)),
    ]
    .boxed()
}

/// Mostly one of these, sometimes anything.
fn mostly(plausible: &[&'static str]) -> BoxedStrategy<String> {
    // Boxed, here and below: the tree of a whole order would not fit the stack of a test.
    prop_oneof![9 => select(plausible.to_vec()).prop_map(str::to_owned), 1 => text()].boxed()
}

fn sku() -> impl Strategy<Value = String> {
    mostly(&["A", "B"])
}

fn number() -> BoxedStrategy<Decimal> {
    prop_oneof![
        6 => (0..15_i64).prop_map(Decimal::from),
        2 => (-3000..3000_i64, 0..4_u32).prop_map(|(m, s)| Decimal::new(m, s)),
        1 => (any::<i64>(), 0..=28_u32).prop_map(|(m, s)| Decimal::new(m, s)),
        1 => select(vec![Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::new(1, 28)]),
    ]
    .boxed()
}

fn count() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..15_i64, 1 => -5..5_i64, 1 => select(vec![i64::MAX, i64::MIN])]
}

fn time() -> BoxedStrategy<Timestamp> {
    let base = 1_795_392_000_000_000_i64;
    prop_oneof![
        9 => (-600..600_i64).prop_map(move |m| Timestamp(base) + Span::minutes(m)),
        1 => any::<i64>().prop_map(Timestamp),
    ]
    .boxed()
}

/// Minutes from the usual now of these facts.
fn near(minutes: i64) -> Timestamp {
    Timestamp(1_795_392_000_000_000) + Span::minutes(minutes)
}

fn now() -> impl Strategy<Value = Timestamp> {
    prop_oneof![9 => Just(near(0)), 1 => time()]
}

fn sequence() -> impl Strategy<Value = i32> {
    prop_oneof![9 => 0..4_i32, 1 => any::<i32>()]
}

fn reference() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => (0..4_i32, 1..4_u32).prop_map(|(s, k)| format!("usmf-SO-1-{s}-{k}")),
        1 => text(),
    ]
}

fn good_address() -> Address {
    crate::support::address()
}

fn sales_status() -> impl Strategy<Value = SalesStatus> {
    use SalesStatus as S;
    prop_oneof![
        6 => Just(S::Backorder), 1 => Just(S::Delivered), 1 => Just(S::Invoiced),
        1 => Just(S::Canceled), 1 => text().prop_map(S::Other),
    ]
}

fn document_status() -> impl Strategy<Value = DocumentStatus> {
    use DocumentStatus as D;
    prop_oneof![
        1 => Just(D::None), 4 => Just(D::Confirmation), 1 => Just(D::PickingList),
        1 => Just(D::PackingSlip), 1 => Just(D::Invoice), 1 => text().prop_map(D::Other),
    ]
}

fn shipment_status() -> impl Strategy<Value = ShipmentStatus> {
    use ShipmentStatus as S;
    prop_oneof![
        1 => Just(S::ImportReview), 2 => Just(S::Processing), 2 => Just(S::LabeledCreated),
        4 => Just(S::Completed), 1 => Just(S::Exception), 1 => Just(S::OnHold),
        1 => Just(S::Cancelled), 1 => Just(S::CleanSweeped), 1 => text().prop_map(S::Other),
    ]
}

prop_compose! {
    fn an_address()(
        empty in any::<bool>(),
        (name, street, city) in (mostly(&["Jane"]), mostly(&["1 Main"]), mostly(&["Springfield"])),
        (state, zip) in (mostly(&["IL"]), mostly(&["62701"])),
        (country, country_iso) in (mostly(&["USA", "CAN"]), mostly(&["US", "CA"])),
    ) -> Address {
        if empty {
            return Address::default();
        }
        Address { name, street, city, state, zip, country, country_iso, location_id: String::new() }
    }
}

prop_compose! {
    fn a_line()(
        (lot, sku, item, name, etag) in (mostly(&["L1", "L2"]), sku(), sku(), text(), text()),
        (unit, warehouse, mode) in (
            mostly(&["ea", "pcs", "box"]), mostly(&["SB01", "SB02", "11"]), mostly(&["STD", "EXP", ""]),
        ),
        (sequence, ordered, remaining, deliver_now, price) in
            (sequence(), number(), number(), number(), number()),
        (status, blocked, stocked, direct_delivery) in
            (sales_status(), prop::bool::weighted(0.1), prop::bool::weighted(0.9), prop::bool::weighted(0.1)),
        address in an_address().boxed(),
        modified in time(),
    ) -> SalesLine {
        SalesLine {
            lot: lot.as_str().into(), sequence, sku, item, name, unit, ordered, remaining,
            deliver_now, price, status, blocked, stocked, direct_delivery,
            warehouse: warehouse.as_str().into(), delivery_mode: mode, address, modified, etag,
        }
    }
}

prop_compose! {
    fn a_slip()(
        id in text(),
        delivery_date in text(),
        created in time(),
        lines in vec((mostly(&["L1", "L2"]), number()), 0..3),
    ) -> PackingSlip {
        let lines = lines.into_iter().map(|(l, n)| (l.as_str().into(), n)).collect();
        PackingSlip { id: id.as_str().into(), delivery_date, created, lines }
    }
}

prop_compose! {
    fn a_release()(
        status in mostly(&["Released", "PartialReleased", "Open"]),
        lines in btree_map(mostly(&["l1", "l2", "l3"]), (number(), number(), number()), 0..4),
    ) -> domain::whs::WarehouseRelease {
        let line = |(quantity, ordered, ordered_inventory)| {
            domain::whs::ReleasedLine { quantity, ordered, ordered_inventory }
        };
        let lines = lines.into_iter().map(|(lot, row)| (lot, line(row))).collect();
        domain::whs::WarehouseRelease { status, lines }
    }
}

prop_compose! {
    fn an_order()(
        (status, document_status) in (sales_status(), document_status()),
        (stopped, credit_hold) in (prop::bool::weighted(0.1), prop::bool::weighted(0.1)),
        (modified, created) in (time(), time()),
        t in [
            mostly(&["e0"]), mostly(&[""]), mostly(&[""]), mostly(&["STD"]), mostly(&["", "SHIPBOB"]),
            mostly(&[""]), mostly(&["USD", "EUR"]), mostly(&["", "UPS"]), mostly(&["", "GROUND"]),
        ],
        journal in prop::bool::weighted(0.1),
        address in an_address().boxed().prop_map(|a| if a.city.is_empty() { good_address() } else { a }),
        (lines, tidy) in (vec(a_line().boxed(), 0..4), prop::bool::weighted(0.8)),
        slips in vec(a_slip().boxed(), 0..3),
        notes in vec((mostly(&["ShipBob shipment 1", "ShipBob shipment 2"]), mostly(&["Tracking: 1Z1", "Tracking: 1Z2"]), text()), 0..3),
        tracking in vec((text(), text()), 0..3),
        warehouse_release in of(a_release()),
    ) -> SalesOrder {
        let [etag, email, phone, delivery_mode, pool, customer_reference, currency, carrier, carrier_service] = t;
        let mut lines = lines;
        if tidy {
            lines.iter_mut().zip(1..).for_each(|(l, n)| l.sequence = n);
        }
        SalesOrder {
 left_out: std::collections::BTreeSet::new(),
            number: "SO-1".into(), company: "usmf".into(), status, document_status,
            sales_type: if journal { "Journal" } else { "Sales" }.into(),
            stopped, credit_hold, modified, created, etag, address, email, phone, delivery_mode,
            pool, origin: String::new(), customer_reference, currency, carrier, carrier_service,
            lines, slips,
            notes: notes.into_iter().map(|(d, text, etag)| Note {
                document_id: d.clone(), description: d, text, etag,
            }).collect(),
            tracking: tracking.into_iter().map(|(s, number)| SlipTracking {
                slip: s.as_str().into(), number,
            }).collect(),
            warehouse_release,
        }
    }
}

prop_compose! {
    fn a_shipment()(
        (id, status) in (0..6_i64, shipment_status()),
        details in vec((of(any::<i64>()), text(), text()), 0..2),
        centre in of(0..3_i64),
        (created, last_update, fulfilled, delivered) in (time(), of(time()), of(time()), of(time())),
        tracking in of([mostly(&["UPS"]), mostly(&["Ground"]), mostly(&["1Z1", "1Z2"]), mostly(&[""])]),
        products in vec((sku(), vec((0..3_i64, count()), 0..3)), 0..3),
        (invoice_amount, invoice_currency) in (of(number()), text()),
        tracking_uploaded in any::<bool>(),
        recipient in of(a_recipient().boxed()),
        method in text(),
    ) -> Shipment {
        Shipment {
            id: ShipmentId(id), status, centre: centre.map(CentreId), created, last_update,
            centre_name: String::new(),
            details: details.into_iter().map(|(id, name, description)| StatusDetail { id, name, description }).collect(),
            fulfilled, delivered,
            tracking: tracking.map(|[carrier, service, number, url]| Tracking { carrier, service, number, url }),
            products: products.into_iter().map(|(sku, items)| ShippedProduct {
                sku,
                items: items.into_iter().map(|(inventory_id, quantity)| ShippedItem { inventory_id, quantity }).collect(),
            }).collect(),
            invoice_amount, invoice_currency, tracking_uploaded, recipient, method,
        }
    }
}

prop_compose! {
    fn a_recipient()(
        (name, address1, city) in (mostly(&["Jane", "Jane Doe"]), text(), text()),
        (zip, country) in (mostly(&["62701"]), mostly(&["US"])),
        (email, phone) in (text(), text()),
    ) -> Recipient {
        Recipient { name, address1, city, zip, country, email, phone, ..Recipient::default() }
    }
}

prop_compose! {
    fn a_seen()(
        (id, reference, channel, status) in
            (0..4_i64, reference(), of(select(vec![318_301_i64, 318_301, 1])), mostly(&["Processing"])),
        (created, read_began) in (time(), time()),
        recipient in a_recipient().boxed(),
        products in vec((sku(), count(), of(sequence())), 0..3),
        shipments in vec(a_shipment().boxed(), 0..3),
    ) -> SeenOrder {
        let products = products.into_iter().map(|(sku, quantity, external_line_id)| WarehouseLine {
            sku, quantity, external_line_id,
        });
        let order = WarehouseOrder {
            id: ShipBobOrderId(id), reference: ReferenceId::new(reference), number: "SO-1".into(),
            channel: channel.map(ChannelId), status, created, recipient, method: "Standard".into(),
            products: products.collect(), shipments,
        };
        SeenOrder { order, read_began }
    }
}

prop_compose! {
    fn a_create()(
        (reference, method, centre) in (reference(), text(), of(0..3_i64)),
        choice in vec(0..4_i64, 0..3),
        recipient in a_recipient().boxed(),
        lines in vec((sku(), count(), sequence()), 0..3),
    ) -> CreateOrder {
        let lines = lines.into_iter().map(|(sku, quantity, external_line_id)| CreateLine {
            name: sku.clone(), sku, quantity, external_line_id, unit_price: None,
        });
        CreateOrder {
            reference: ReferenceId::new(reference), order_number: "SO-1".into(), recipient, method,
            centre: centre.map(CentreId), choice: choice.into_iter().map(CentreId).collect(),
            purchase_date: None, lines: lines.collect(), kits: Default::default(),
        }
    }
}

fn a_delivery() -> impl Strategy<Value = KnownDelivery> {
    use DeliveryState as D;
    let key = prop_oneof![
        (reference(), "[a-f]{1}").prop_map(|(r, d)| format!("create:{r}:{d}")),
        reference().prop_map(|r| format!("cancel:{r}")),
        (0..6_i64, "[a-f0-9]{0,2}").prop_map(|(s, d)| format!("note:{s}:{d}")),
        (0..6_i64).prop_map(|s| format!("ack:{s}")),
        (select(vec!["address", "lines", "method"]), reference(), 0..6_i64)
            .prop_map(|(w, r, s)| format!("{w}:{r}:{s}:0:a")),
        text(),
    ];
    let states = [
        D::Ready,
        D::InFlight,
        D::InDoubt,
        D::Done,
        D::Held,
        D::Refused,
        D::Withdrawn,
        D::Superseded,
    ];
    let hold = of(text().prop_map(|c| HoldReason::new(&c, "f", "v", "r", "x")));
    (key, select(states.to_vec()), time(), hold)
        .prop_map(|(key, state, since, hold)| KnownDelivery { key, state, since, hold })
}

prop_compose! {
    fn a_fact()(
        bundle in prop::bool::weighted(0.3),
        active in prop::bool::weighted(0.9),
        exact in prop::bool::weighted(0.9),
        inventory_id in of(0..3_i64),
        components in vec((0..3_i64, count()), 0..3),
        case_variants in vec(text(), 0..2),
        read_began in time(),
    ) -> SkuFact {
        let item = CatalogueItem { sku: "A".into(), active, bundle, inventory_id, components };
        SkuFact { exact: exact.then_some(item), case_variants, coming: false, part: None, read_began }
    }
}

prop_compose! {
    fn a_conversion()(
        t in [mostly(&["", "A", "B"]), mostly(&["box", "ea"]), mostly(&["ea", "box"])],
        (numerator, denominator) in (number(), number()),
        has_offset in prop::bool::weighted(0.1),
    ) -> UnitConversion {
        let [product, from, to] = t;
        UnitConversion { product, from, to, numerator, denominator, has_offset }
    }
}

prop_compose! {
    fn an_edited()(
        recipient in of(a_recipient().boxed()),
        method in of(text()),
        lines in any::<bool>(),
        (times, at) in (0..3_u32, time()),
    ) -> Edited {
        Edited { recipient, method, lines, times: [("lines".to_owned(), times)].into(), at }
    }
}

prop_compose! {
    fn kept()(
        sent in prop_oneof![2 => Just(Vec::new()), 1 => vec(a_create().boxed(), 1..2)],
        baseline in btree_map(text(), number(), 0..3),
        absent in btree_map(reference(), select(vec![near(-5), near(-1), near(-1), near(-20)]), 0..40),
        cancelled_by_us in btree_map(reference(), time(), 0..2),
        last_unreleased in of(time()),
        acknowledged in btree_map(0..6_i64, time(), 0..2),
        edited in btree_map(0..6_i64, an_edited().boxed(), 0..2),
        too_late in btree_map(reference(), btree_set(mostly(&["address", "quantity"]), 0..2), 0..2),
        in_hands in btree_map(reference(), time(), 0..2),
    ) -> Kept {
        let sent = sent.into_iter().map(|c| (c.reference.as_str().to_owned(), c)).collect();
        Kept { sent, baseline, absent, cancelled_by_us, last_unreleased, acknowledged, edited, too_late, in_hands }
    }
}

prop_compose! {
    pub(super) fn facts()(
        (now, read_began) in (now(), now()),
        order in prop::option::weighted(0.95, an_order().boxed()),
        read in prop::bool::weighted(0.98),
        warehouse in prop_oneof![1 => Just(Vec::new()), 2 => vec(a_seen().boxed(), 1..3)],
        skus in btree_map(sku(), a_fact().boxed(), 0..9),
        conversions in vec(a_conversion().boxed(), 0..3),
        countries in btree_map(text(), text(), 0..2),
        c in [of(any::<bool>()), of(any::<bool>()), of(any::<bool>()), of(any::<bool>()), of(any::<bool>())],
        (carrier_services, methods) in
            (vec((mostly(&["UPS"]), mostly(&["GROUND"])), 0..2), vec(mostly(&["Standard", "Expedited"]), 0..5)),
        deliveries in prop_oneof![2 => Just(Vec::new()), 1 => vec(a_delivery().boxed(), 1..4)],
        kept in kept().boxed(),
        services in btree_map(mostly(&["Standard", "Expedited"]), 1..9_i64, 0..3),
        (release, skip, retry) in (of(time()), prop::option::weighted(0.1, text()), of(time())),
        (dismissed, closed) in (btree_set(text(), 0..2), btree_set((0..3_i64).prop_map(CentreId), 0..2)),
    ) -> OrderFacts {
        let [tracking_insert, deliver_now_edit, pool_edit, carrier_edit, note_write] = c;
        let capabilities = Capabilities { tracking_insert, deliver_now_edit, pool_edit, carrier_edit, note_write, update_complete: None };
        let read_of = |order| OrderRead { number: "SO-1".into(), order, read_began };
        OrderFacts {
            now, number: "SO-1".into(), sales: read.then(|| read_of(order)), warehouse, skus,
            conversions, countries, capabilities, carrier_services, methods, services, closed, deliveries, kept,
            request: None, rivals: Vec::new(), charges: Vec::new(), given_up: Vec::new(), returns: Vec::new(), charge_codes: Vec::new(),
            decisions: Decisions { release, skip, retry, dismissed },
        }
    }
}

prop_compose! {
    pub(super) fn settings()(
        cut_off in of(time()),
        released_when in btree_set(text(), 0..2),
        known in any::<bool>(),
        home_countries in btree_set(text(), 0..2),
        batch_pool in of(text()),
        write_carrier in any::<bool>(),
        centres in of(btree_set(0..4_i64, 0..3)),
        hours in any::<i64>(),
        (whs, call, falls) in (any::<bool>(), any::<bool>(), any::<bool>()),
    ) -> Settings {
        let mut settings = crate::support::settings();
        settings.cut_off = cut_off;
        settings.home_countries = home_countries;
        settings.batch_pool = batch_pool;
        settings.write_carrier = write_carrier;
        if let Some(centres) = centres {
            let centres: Vec<i64> = centres.into_iter().collect();
            settings.warehouses[0].mapping = crate::support::network(&centres);
        }
        settings.schedule.not_slipped_after = Span::hours(hours);
        if whs {
            settings.warehouses[0].profile = domain::settings::Profile::Whs;
            settings.custom_call = call.then(crate::support::custom_call);
            if falls {
                settings.whs.released_quantity_after_slip = domain::whs::AfterSlip::Falls;
            }
        }
        if !known {
            settings.released_when = released_when;
        }
        settings
    }
}

//! Worlds that are released order by order: shipment order requests of externally managed warehouses, and releases to
//! warehouses with warehouse management.

use super::{EXPECTED, config, external, faults, look, of_requests};
use domain::fit::{Answer, Fate};
use std::collections::BTreeSet;
use twins::TwinConfig;

/// Each request is an order of its own.
#[tokio::test]
async fn requests_are_judged_like_orders_and_what_is_planted_is_found_exactly() {
    let ready = look(external(config(41, &[], false))).await;
    assert_eq!(faults(&ready), [""; 0]);
    assert_eq!(ready.report.answer, Answer::Go, "{:#?}", ready.report);
    assert!(ready.report.orders.len() >= 12, "{:?}", ready.report.other_orders);
    assert!(ready.report.orders.iter().all(|o| o.number.starts_with("WHSR-")));
    assert!(ready.report.limits.iter().all(|l| !l.id.starts_with("requests")));
    let mut wrong = Vec::new();
    for (seed, products) in [(42, false), (43, true)] {
        let plants: Vec<(&str, u32)> =
            EXPECTED.iter().zip(seed..).map(|((kind, _), n)| (*kind, 1 + n % 2)).collect();
        let looked = look(external(config(u64::from(seed), &plants, products))).await;
        let faults = faults(&looked);
        if !faults.is_empty() {
            wrong.push(format!("seed {seed}, products {products}: {faults:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn orders_released_to_their_warehouse_are_judged_and_what_is_planted_is_found_exactly() {
    let whs = |config| TwinConfig { whs: true, tier3: true, ..config };
    let ready = look(whs(config(45, &[], false))).await;
    assert_eq!(faults(&ready), [""; 0]);
    assert_eq!(ready.report.answer, Answer::Go, "{:#?}", ready.report);
    assert!(ready.report.orders.len() >= 12, "{:?}", ready.report.other_orders);
    let kinds = EXPECTED.iter().filter(|(kind, _)| !of_requests(kind));
    let mut wrong = Vec::new();
    for (seed, products) in [(46, false), (47, true)] {
        let plants: Vec<(&str, u32)> =
            kinds.clone().zip(seed..).map(|((kind, _), n)| (*kind, 1 + n % 2)).collect();
        let looked = look(whs(config(u64::from(seed), &plants, products))).await;
        let faults = faults(&looked);
        if !faults.is_empty() {
            wrong.push(format!("seed {seed}, products {products}: {faults:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where no field of a request carries the number of its order, nobody knows how old it is: a person decides, and the
/// report says so.
#[tokio::test]
async fn a_request_without_its_order_is_named_and_waits_for_a_person() {
    let tenant = twins::Tenant::named("external-order-hidden").expect("a tenant");
    let looked = look(TwinConfig { tenant, ..external(config(44, &[], false)) }).await;
    let report = &looked.report;
    assert!(report.orders.len() >= 12, "{:?}", report.other_orders);
    let found = report.finding("request-without-order").expect("found");
    assert_eq!(found.places.len(), report.orders.len());
    assert!(found.places.iter().all(|p| p.what.contains("no date")), "{found:?}");
    assert_eq!(report.count(Fate::Person), report.orders.len());
    assert_eq!(report.answer, Answer::GoWithHolds, "{}", report.sentence);
    assert!(report.sentence.contains("a person is to decide about"), "{}", report.sentence);
}

/// Whoever answered a request before: what left needs nothing, what nobody can tell is a person's, and neither is sent.
#[tokio::test]
async fn requests_answered_before_need_nothing_or_a_person_and_are_never_counted_as_sent() {
    let plants = [
        ("request-shipped", 3),
        ("request-delivered", 2),
        ("request-cancelled", 1),
        ("request-answered", 2),
        ("request-update-refused", 1),
        ("request-failed", 1),
    ];
    let looked = look(external(config(48, &plants, false))).await;
    assert_eq!(faults(&looked), [""; 0]);
    let report = &looked.report;
    let over = |words: &str| {
        let of = report.other_orders.iter().filter(|(why, _)| why.starts_with(words));
        of.map(|(_, n)| n).sum::<usize>()
    };
    assert_eq!(over("request shipped already"), 3, "{:?}", report.other_orders);
    assert_eq!(over("request delivered already"), 2, "{:?}", report.other_orders);
    assert_eq!(over("request cancelled"), 1, "{:?}", report.other_orders);
    assert_eq!(report.count(Fate::Person), 4);
    let persons = report.orders.iter().filter(|o| o.fate == Fate::Person);
    assert!(persons.clone().all(|o| o.shipbob_orders == 0 && !o.words.is_empty()));
    let named: BTreeSet<&str> = persons.flat_map(|o| &o.causes).map(String::as_str).collect();
    let ids = ["request-answered", "request-status-unknown", "request-update-open"];
    assert_eq!(named, BTreeSet::from(ids));
    // Answered ones say nothing of how well the data would do.
    assert_eq!(report.answer, Answer::GoWithHolds, "{}", report.sentence);
}

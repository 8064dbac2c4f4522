//! The printed pages: well formed, escaped, and of one piece.

use super::html::tags;
use crate::printed::fit_page;
use domain::fit::{
    Answer, CallRow, Calls, Fate, Finding, Fix, Limit, OrderLook, Place, Report, ShelfLook, Weight,
};
use domain::ids::CentreId;
use domain::time::Timestamp;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What somebody may have typed into an order number.
const NASTY: &str = "O'Brien/<script>alert(\"1\")</script>&amp;";

fn report() -> Report {
    let nasty = || NASTY.to_owned();
    let place = |n: usize| Place {
        key: format!("{NASTY}{n}"),
        what: nasty(),
        orders: (0..30).map(|k| format!("{NASTY}{k}")).collect(),
    };
    Report {
        at: Timestamp::parse("2026-11-23T09:00:00Z").unwrap(),
        days: 30,
        answer: Answer::NoGo,
        sentence: nasty(),
        fixes: vec![Fix {
            id: nasty(),
            weight: Weight::Blocks,
            title: nasty(),
            fix: nasty(),
            places: 90,
        }],
        findings: [Weight::Blocks, Weight::Waits, Weight::Note]
            .map(|weight| Finding {
                id: nasty(),
                weight,
                title: nasty(),
                fix: nasty(),
                write: vec![nasty(), nasty()],
                places: (0..90).map(place).collect(),
            })
            .into(),
        orders: [Fate::Sent, Fate::WaitsForSku, Fate::Held, Fate::AtShipbob, Fate::NotJudged]
            .map(|fate| OrderLook {
                number: nasty(),
                fate,
                shipbob_orders: 1,
                causes: BTreeSet::from([nasty()]),
                words: nasty(),
            })
            .into(),
        other_orders: BTreeMap::from([(nasty(), 3), ("else".to_owned(), 1)]),
        products: 12_345,
        shelves: vec![ShelfLook {
            sku: nasty(),
            warehouse: NASTY.into(),
            centre: CentreId(1),
            shipbob: None,
            dynamics: Some(Decimal::new(-55, 1)),
            difference: -7,
            state: nasty(),
        }],
        shelves_compared: 2_000,
        shipbob_orders: 7,
        calls: Calls {
            rows: vec![CallRow { system: "ShipBob", what: "polls", per_day: 288 }],
            orders_per_day: 3,
            busiest_hour: 9,
            busiest_hour_minutes: 1,
        },
        limits: vec![Limit { id: "orders", words: nasty() }],
    }
}

#[test]
fn the_fit_report_is_well_formed_escaped_and_needs_nothing_from_elsewhere() {
    let page = fit_page(&report(), NASTY).unwrap();
    let tags = tags(&page);
    assert!(!page.contains("<script"), "something was not escaped");
    assert!(
        page.contains("O&#39;Brien/&#60;script&#62;")
            || page.contains("O&#39;Brien/&lt;script&gt;")
    );
    for tag in &tags {
        assert!(
            !["script", "link", "img", "iframe", "form"].contains(&tag.name.as_str()),
            "{tag:?}"
        );
        for name in ["src", "href", "onclick", "style"] {
            assert!(tag.get(name).is_none(), "{tag:?}");
        }
    }
    for word in ["url(", "@import", "javascript:"] {
        assert!(!page.contains(word), "{word}");
    }
    let ids: Vec<&str> = tags.iter().filter_map(|t| t.get("id")).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id stands twice");
    assert!(tags.iter().any(|t| t.name == "h1") && page.contains("@media print"));
    assert!(page.contains("and 50 more"), "long lists are cut, and say so");
}

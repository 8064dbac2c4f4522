//! Sentences, times and charts.

use crate::chart;
use crate::clock::{Clock, count, grouped, short_span, span_words};
use crate::model::{At, ConnectionFacts, Hour, OverviewFacts, PauseLine, Waiting};
use crate::sample::{NOW, ago};
use crate::sentence::sentence;
use crate::status::{EngineSnapshot, Owner, Trouble, TroubleKind};
use crate::tone::Tone;
use domain::time::Span;
use jiff::tz::TimeZone;

fn clock() -> Clock {
    Clock::new(NOW, TimeZone::UTC)
}

fn engine() -> EngineSnapshot {
    let owner = Owner { holder: "a".to_owned(), fence: 1, since: ago(60), here: true };
    EngineSnapshot { owner: Some(owner), ..EngineSnapshot::default() }
}

fn connection() -> ConnectionFacts {
    ConnectionFacts { cut_off: Some(ago(10_000)), ..ConnectionFacts::default() }
}

fn waits(count: i64, minutes: i64) -> Waiting {
    Waiting { count, oldest: Some(ago(minutes)) }
}

fn trouble(kind: TroubleKind) -> Option<Trouble> {
    Some(Trouble { kind, why: "why".to_owned(), since: ago(89) })
}

#[test]
fn good_news_is_said_only_when_everything_is_there() {
    let facts = OverviewFacts { seen_any: true, ..OverviewFacts::default() };
    let said = sentence(&connection(), &facts, &engine(), &clock());
    assert_eq!((said.text.as_str(), said.tone), ("Everything released has arrived.", Tone::Ok));
    let held = OverviewFacts { held: waits(1, 5), ..facts.clone() };
    let said = sentence(&connection(), &held, &engine(), &clock());
    assert_eq!(said.text, "Everything has arrived except 1 order that waits for a person.");
    assert_eq!(said.tone, Tone::Attention);
    let late = OverviewFacts { to_dynamics: waits(2, 20), held: waits(1, 5), ..facts };
    let said = sentence(&connection(), &late, &engine(), &clock());
    let expected =
        "2 shipped orders are not written back to Dynamics yet, the oldest for 20 minutes.";
    assert_eq!((said.text.as_str(), said.tone), (expected, Tone::Attention));
}

#[test]
fn the_worst_truth_wins() {
    let facts =
        OverviewFacts { to_shipbob: waits(51, 9), seen_any: true, ..OverviewFacts::default() };
    let mut engine = engine();
    let said = sentence(&connection(), &facts, &engine, &clock());
    let expected = "51 released orders are not in ShipBob yet, the oldest for 9 minutes.";
    assert_eq!((said.text.as_str(), said.tone), (expected, Tone::Wait));
    engine.dynamics.trouble = trouble(TroubleKind::Unreachable);
    let said = sentence(&connection(), &facts, &engine, &clock());
    assert!(said.text.starts_with("Dynamics has not answered properly since 08:12"));
    let paused = ConnectionFacts { paused: true, ..connection() };
    let said = sentence(&paused, &facts, &engine, &clock());
    assert_eq!(said.text, "This connection is paused; 51 orders wait, nothing is lost.");
    let pause = |flow, why: &str| PauseLine {
        flow,
        who: "Mara".to_owned(),
        why: Some(why.to_owned()).filter(|why| !why.is_empty()),
        since: ago(89),
    };
    let told = ConnectionFacts { pauses: vec![pause(None, "stocktaking")], ..paused.clone() };
    let said = sentence(&told, &facts, &engine, &clock());
    let expected = "This connection is paused (by Mara since 08:12: stocktaking); 51 orders wait, nothing is lost.";
    assert_eq!(said.text, expected);
    let orders = pause(Some(domain::operation::Flow::Orders), "");
    let one = ConnectionFacts { pauses: vec![orders], ..connection() };
    let quiet = EngineSnapshot { owner: engine.owner.clone(), ..EngineSnapshot::default() };
    let waiting = OverviewFacts { sends_orders: waits(3, 9), ..facts.clone() };
    let said = sentence(&one, &waiting, &quiet, &clock());
    let expected =
        "The flow orders (by Mara since 08:12) is paused; 3 writes wait, nothing is lost.";
    assert_eq!((said.text.as_str(), said.tone), (expected, Tone::Attention));
    engine.shipbob.trouble = trouble(TroubleKind::Reconnect);
    let said = sentence(&paused, &facts, &engine, &clock()).text;
    assert!(said.starts_with("ShipBob must be connected by a person since"), "{said}");
    engine.shipbob.trouble = trouble(TroubleKind::Credentials);
    let said = sentence(&paused, &facts, &engine, &clock());
    let expected = "ShipBob refuses our credentials since 08:12; 51 orders wait, nothing is lost.";
    assert_eq!((said.text.as_str(), said.tone), (expected, Tone::Failed));
}

#[test]
fn an_installation_that_does_nothing_says_so() {
    let facts = OverviewFacts::default();
    let said = sentence(&connection(), &facts, &EngineSnapshot::default(), &clock());
    assert!(said.text.starts_with("Nothing is being worked on"));
    assert_eq!(said.tone, Tone::Failed);
    let said = sentence(&ConnectionFacts::default(), &facts, &engine(), &clock());
    assert!(said.text.contains("no cut-off has been set"));
    let said = sentence(&connection(), &facts, &engine(), &clock());
    assert_eq!(said.text, "No released order has been seen yet.");
    assert_eq!(said.tone, Tone::Plain, "an empty house is no success");
}

#[test]
fn spans_and_numbers_read_like_words() {
    let spans = [
        (5, "5 s"),
        (60, "1 min"),
        (3_600, "1 h"),
        (12_000, "3 h 20 min"),
        (190_000, "2 d 4 h"),
        (-3, "0 s"),
    ];
    for (seconds, text) in spans {
        assert_eq!(short_span(Span::seconds(seconds)), text);
    }
    assert_eq!(span_words(Span::seconds(1)), "1 second");
    assert_eq!(span_words(Span::hours(50)), "2 days");
    assert_eq!(count(1, "order"), "1 order");
    assert_eq!(count(1_234, "order"), "1,234 orders");
    assert_eq!(
        [0, 999, 1_000, 1_234_567, -1_000].map(grouped),
        ["0", "999", "1,000", "1,234,567", "−1,000"]
    );
}

#[test]
fn times_are_told_in_the_zone_of_the_installation() {
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    let clock = Clock::new(NOW, zone);
    assert_eq!(clock.short(ago(0)), "10:41");
    assert_eq!(clock.short(ago(60 * 11)), "22 Nov 23:41");
    assert_eq!(clock.short(ago(60 * 24 * 400)), "19 Oct 2025");
    assert!(clock.when(&ago(0)).to_string().contains("datetime=\"2026-11-23T09:41:07Z\""));
}

#[test]
fn charts_stay_inside_their_frame() {
    let hour = |n: i64, released: i64| Hour {
        start: At(NOW + Span::hours(n)),
        released,
        accepted: 1,
        shipped: 0,
    };
    for highest in [0, 1, 4, 5, 99, 100, 101, 1_000_000] {
        let hours: Vec<Hour> = (0..24).map(|n| hour(n, highest * (n % 3) / 2)).collect();
        let bars = chart::bars(&hours, &clock());
        assert!(bars.top >= highest);
        for bar in bars.slots.iter().flat_map(|slot| &slot.bars) {
            assert!(bar.y >= 0 && bar.height > 0 && bar.y + bar.height == chart::HEIGHT);
        }
    }
    let (line, area) = chart::spark(&[0, 50, 100, 250]);
    assert_eq!(line, "0,27 40,14 80,1 120,1");
    assert!(area.starts_with("0,28 ") && area.ends_with(" 120,28"));
    assert_eq!(chart::spark(&[]), (String::new(), String::new()));
}

#[test]
fn what_is_held_is_called_what_it_is() {
    use crate::model::{At, HeldOrder, HoldGroup};
    let group = |flow: &str, number: &str| HoldGroup {
        cause: "x".to_owned(),
        flow: flow.to_owned(),
        field: String::new(),
        value: None,
        reason: String::new(),
        fix: String::new(),
        count: 3,
        oldest: At(domain::time::Timestamp(0)),
        orders: vec![HeldOrder {
            number: number.to_owned(),
            since: At(domain::time::Timestamp(0)),
        }],
    };
    let product = group("products", "product:a0001");
    assert_eq!((product.what(), product.orders[0].name()), ("product", "a0001"));
    assert_eq!(group("orders", "SO-1").what(), "order");
    assert_eq!(group("orders", "request:7").what(), "request");
    assert_eq!(group("inventory", "journal:ShipBob SB01").what(), "counting journal");
}

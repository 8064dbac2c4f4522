//! Instants, spans and the schedule of tries.

use domain::retry::{self, MAX_ATTEMPTS};
use domain::time::{Span, Timestamp};
use proptest::prelude::*;

#[test]
fn instants_of_both_vendors_are_read() {
    let cases = [
        ("2025-02-19T03:14:23.7565958+00:00", "2025-02-19T03:14:23.756595Z"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T14:00:00+02:00", "2026-01-31T12:00:00Z"),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
        ("2154-12-31T23:59:59Z", "2154-12-31T23:59:59Z"),
    ];
    for (text, expected) in cases {
        assert_eq!(Timestamp::parse(text).map(Timestamp::to_rfc3339).as_deref(), Some(expected));
    }
    assert_eq!(Timestamp::parse("yesterday"), None);
    assert_eq!(Timestamp::parse("2026-01-31"), None, "a date is no instant");
}

#[test]
fn the_date_header_of_a_reply_is_read() {
    let read = Timestamp::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(read.map(Timestamp::to_rfc3339).as_deref(), Some("1994-11-06T08:49:37Z"));
    assert_eq!(Timestamp::parse_http_date("soon"), None);
}

#[test]
fn filters_get_whole_seconds() {
    let time = Timestamp::parse("2026-11-23T01:02:03.999999Z").expect("an instant");
    assert_eq!(time.to_rfc3339_seconds(), "2026-11-23T01:02:03Z");
    assert_eq!(time.date(), "2026-11-23");
    let before = Timestamp::parse("1969-12-31T23:59:58.5Z").expect("an instant");
    assert_eq!(before.to_rfc3339_seconds(), "1969-12-31T23:59:58Z");
}

#[test]
fn pauses_grow_from_half_a_second_to_a_quarter_of_an_hour() {
    for attempt in 1..=MAX_ATTEMPTS {
        let pause = retry::pause(attempt, "note:1");
        assert!(pause >= Span::millis(500) && pause <= Span::minutes(15), "{attempt}: {pause:?}");
    }
    assert!(retry::pause(1, "x") <= Span::seconds(2));
    assert!(retry::pause(MAX_ATTEMPTS, "x") >= Span::minutes(3));
    assert_eq!(retry::pause(0, "x"), retry::pause(0, "x"));
}

#[test]
fn a_thousand_deliveries_do_not_come_back_at_once() {
    let mut pauses: Vec<Span> =
        (0..1_000).map(|n| retry::pause(5, &format!("create:{n}"))).collect();
    pauses.sort_unstable();
    pauses.dedup();
    assert!(pauses.len() > 990);
    assert!(pauses[900] > Span(pauses[100].0 * 2), "spread over the whole range");
}

proptest! {
    #[test]
    fn a_server_time_is_never_undercut(
        now in 0..i64::MAX / 2,
        attempt in any::<u32>(),
        key in ".{0,20}",
        wait in 0..i64::MAX / 4,
    ) {
        let (now, wait) = (Timestamp(now), Span(wait));
        let next = retry::next(now, attempt, &key, Some(wait));
        prop_assert!(next >= now + wait);
        prop_assert!(next >= retry::next(now, attempt, &key, None));
        prop_assert!(retry::next(now, attempt, &key, None) > now);
    }

    #[test]
    fn an_instant_survives_its_text(micros in -62_000_000_000_000_000..253_000_000_000_000_000_i64) {
        let time = Timestamp(micros);
        prop_assert_eq!(Timestamp::parse(&time.to_rfc3339()), Some(time));
    }

    #[test]
    fn arithmetic_of_time_never_panics(a in any::<i64>(), b in any::<i64>()) {
        let _ = (Timestamp(a) + Span(b), Timestamp(a) - Span(b), Timestamp(a).since(Timestamp(b)));
        let _ = (Span::days(a), Span::minutes(b), Span::millis(a), Span(a).as_seconds());
        let _ = (Timestamp(a).to_rfc3339_seconds(), Timestamp(b).date(), Timestamp(a).to_string());
    }
}

//! When a flow runs next.

use domain::time::{Span, Timestamp};
use domain::timetable::{Timetable, Timetables};
use jiff::tz::TimeZone;
use proptest::prelude::*;

const PLAIN: Span = Span::seconds(30);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn cron(pattern: &str) -> Timetable {
    Timetable { cron: pattern.to_owned(), ..Timetable::default() }
}

fn fixed(hours: i8) -> TimeZone {
    TimeZone::fixed(jiff::tz::Offset::constant(hours))
}

fn hours(from: i16, length: i16) -> String {
    let to = (from + length) % 1440;
    format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
}

fn tables() -> impl Strategy<Value = Timetable> {
    let every = prop_oneof![
        Just((0_i64, "")),
        (60_i64..100_000).prop_map(|n| (n, "")),
        Just((0, "*/5 * * * *")),
        Just((0, "0 6-20 * * MON-FRI")),
        Just((0, "30 2 * * *")),
        Just((0, "0 0 1 * *")),
    ];
    let quiet = prop::collection::vec((0_i16..1440, 1_i16..700), 0..2);
    let quiet = quiet.prop_map(|all| all.into_iter().map(|(from, len)| hours(from, len)).collect());
    (every, quiet, 0_i64..1_000).prop_map(|((every, cron), quiet, jitter)| Timetable {
        every,
        cron: cron.to_owned(),
        quiet,
        jitter,
        ..Timetable::default()
    })
}

fn zones() -> impl Strategy<Value = TimeZone> {
    prop_oneof![Just(0_i8), Just(-8), Just(5)].prop_map(fixed)
}

proptest! {
    #[test]
    fn a_run_is_never_in_the_past_never_quiet_and_never_twice(
        table in tables(),
        zone in zones(),
        last in 1_700_000_000_000_000_i64..1_800_000_000_000_000,
        away in 0_i64..10_000_000_000_000,
    ) {
        let (last, now) = (Timestamp(last), Timestamp(last + away));
        let next = |last, now| table.next_run(&zone, "a", Some(last), PLAIN, now);
        let run = next(last, now);
        prop_assert!(run >= now);
        prop_assert!(!table.is_quiet(&zone, run));
        prop_assert_eq!(run, next(last, now), "the same answer");
        // Caught up once: the run after the one made now lies later.
        prop_assert!(next(run, run) > run);
        // Who asks later is not told earlier.
        prop_assert!(next(last, now + Span::minutes(7)) >= run);
    }

    #[test]
    fn connections_are_spread_by_no_more_than_the_jitter(
        table in tables(),
        zone in zones(),
        whose in "[a-z]{1,8}",
    ) {
        let table = Timetable { quiet: Vec::new(), ..table };
        prop_assume!(table.every > 0 || !table.cron.is_empty());
        let plain = Timetable { jitter: 0, ..table.clone() };
        let last = Timestamp(1_750_000_000_000_000);
        let early = last - Span::seconds(table.jitter);
        let exact = plain.next_run(&zone, &whose, Some(early), PLAIN, early);
        let spread = table.next_run(&zone, &whose, Some(last), PLAIN, last);
        prop_assert!(spread > last && spread.since(exact) >= Span(0));
        let run = plain.next_run(&zone, &whose, Some(last), PLAIN, last);
        prop_assert!(spread.0 <= run.0 + Span::seconds(table.jitter).0);
    }
}

#[test]
fn cron_runs_at_its_times_and_a_missed_one_is_caught_up_at_once() {
    let table = cron("0 6 * * *");
    let next = |last: Option<Timestamp>, now| table.next_run(&TimeZone::UTC, "a", last, PLAIN, now);
    let last = at("2026-11-23T06:00:00Z");
    assert_eq!(next(Some(last), at("2026-11-23T07:00:00Z")), at("2026-11-24T06:00:00Z"));
    let away = at("2026-11-26T09:13:00Z");
    assert_eq!(next(Some(last), away), away, "three were missed, one is made up");
    assert_eq!(next(Some(away), away), at("2026-11-27T06:00:00Z"));
    assert_eq!(next(None, away), away, "the very first run is now");
}

#[test]
fn quiet_hours_go_over_midnight_by_the_clock_on_the_wall() {
    let table = Timetable { quiet: vec!["22:00-05:30".to_owned()], ..cron("*/10 * * * *") };
    let next = |now: &str| {
        let last = at(now) - Span::minutes(10);
        table.next_run(&fixed(1), "a", Some(last), PLAIN, at(now))
    };
    assert_eq!(next("2026-11-23T20:00:00Z"), at("2026-11-23T20:00:00Z"));
    assert_eq!(next("2026-11-23T21:00:00Z"), at("2026-11-24T04:30:00Z"));
    assert_eq!(next("2026-11-24T04:29:00Z"), at("2026-11-24T04:30:00Z"));
}

#[test]
fn quiet_hours_alone_leave_the_plain_interval_as_it_is() {
    let table = Timetable { quiet: vec!["01:00-02:00".to_owned()], ..Timetable::default() };
    let last = at("2026-11-23T06:00:00Z");
    assert_eq!(table.next_run(&TimeZone::UTC, "a", Some(last), PLAIN, last), last + PLAIN);
    let night = at("2026-11-23T00:59:50Z");
    let morning = at("2026-11-23T02:00:00Z");
    assert_eq!(table.next_run(&TimeZone::UTC, "a", Some(night), PLAIN, night), morning);
}

#[test]
fn a_table_that_cannot_be_kept_is_named() {
    let named = |table: Timetable| {
        Timetables { orders: Some(table), ..Timetables::default() }.problems().join("; ")
    };
    assert_eq!(named(cron("*/5 * * * *")), "");
    assert!(named(cron("every day")).contains("every day"));
    let quiet = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    let all_day = quiet(&["00:00-13:00", "12:00-00:00"]);
    assert!(named(Timetable { quiet: all_day, ..cron("* * * * *") }).contains("whole day"));
    for bad in ["22-5", "24:00-05:00", "05:00-05:00", "a:b-c:d", ""] {
        let table = Timetable { quiet: quiet(&[bad]), ..cron("* * * * *") };
        assert!(named(table).contains("22:00-05:30"), "{bad}");
    }
    assert!(named(Timetable { every: 5, ..cron("* * * * *") }).contains("not both"));
    assert!(named(Timetable { every: -1, ..Timetable::default() }).contains("31 days"));
    assert!(named(Timetable { jitter: -1, ..cron("* * * * *") }).contains("jitter"));
    assert!(named(Timetable::default()).contains("says nothing"));
}

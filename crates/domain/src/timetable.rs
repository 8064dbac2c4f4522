//! When a flow runs: by interval or cron, outside quiet hours, at an offset of the connection's own.
//! Pure: zone, last run and *now* are given. A missed run is caught up once.

use crate::time::{Span, Timestamp};
use croner::Cron;
use jiff::Zoned;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A cron pattern without any run to come is asked again after this.
const NEVER: Span = Span::days(366);
/// Minutes of a day.
const DAY: i16 = 24 * 60;
/// Longest interval and jitter, in seconds.
const LONGEST: i64 = 31 * 86_400;

/// When one flow runs, as a person writes it. Nothing of it given = as often as the plain intervals
/// say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timetable {
    /// Seconds between two runs; or `cron`.
    #[serde(skip_serializing_if = "is_zero")]
    pub every: i64,
    /// A cron pattern of five fields; or `every`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cron: String,
    /// Hours like `22:00-05:30` in which no run begins and nothing of the flow is sent.
    pub quiet: Vec<String>,
    /// Zone of cron and quiet hours, like `Europe/Berlin`; empty = UTC.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// Runs of different connections are spread over so many seconds.
    pub jitter: i64,
}

/// Timetables of the flows that have one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timetables {
    /// Looks at F&O's orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<Timetable>,
    /// Looks at ShipBob's orders; webhooks come first all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fulfilment: Option<Timetable>,
    /// Reads F&O's products.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub products: Option<Timetable>,
    /// Compares stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Timetable>,
    /// Looks at ShipBob's billing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<Timetable>,
}

fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// Hours by the clock on the wall: from inclusive, to exclusive, in minutes of the day; may go over
/// midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Quiet {
    from: i16,
    to: i16,
}

impl Quiet {
    /// Reads `22:00-05:30`.
    fn parse(text: &str) -> Option<Self> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let (hour, minute): (i16, i16) = (hour.parse().ok()?, minute.parse().ok()?);
            let good = (0..24).contains(&hour) && (0..60).contains(&minute);
            good.then_some(hour * 60 + minute)
        };
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minute(from)?, minute(to)?);
        (from != to).then_some(Self { from, to })
    }

    fn holds(self, minute: i16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl Timetables {
    /// Each flow with its timetable.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Timetable)> {
        [
            ("orders", &self.orders),
            ("fulfilment", &self.fulfilment),
            ("products", &self.products),
            ("inventory", &self.inventory),
            ("billing", &self.billing),
        ]
        .into_iter()
        .filter_map(|(name, table)| table.as_ref().map(|table| (name, table)))
    }

    /// No flow has one.
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// What is wrong with them; whether their zones exist is known to the machine only.
    pub fn problems(&self) -> Vec<String> {
        let named = |(name, table): (&str, &Timetable)| -> Vec<String> {
            table
                .problems()
                .into_iter()
                .map(|why| format!("schedule.flows.{name}: {why}"))
                .collect()
        };
        self.all().flat_map(named).collect()
    }
}

impl Timetable {
    /// What is wrong with it.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        match (self.cron.trim(), self.every) {
            ("", 0) if self.quiet.is_empty() && self.jitter == 0 => {
                found.push("says nothing: give cron, every or quiet, or leave it out".to_owned());
            }
            ("", n) if !(0..=LONGEST).contains(&n) => {
                found.push(format!("every is {n}: give 1 second to 31 days"));
            }
            ("", _) => {}
            (pattern, 0) => {
                if let Err(error) = Cron::from_str(pattern) {
                    found.push(format!("cron \"{pattern}\" cannot be understood: {error}"));
                }
            }
            _ => found.push("give either cron or every, not both".to_owned()),
        }
        if !(0..=LONGEST).contains(&self.jitter) {
            found.push(format!("jitter is {}: give 0 seconds to 31 days", self.jitter));
        }
        for text in self.quiet.iter().filter(|text| Quiet::parse(text).is_none()) {
            found.push(format!("quiet hours \"{text}\" are not like 22:00-05:30"));
        }
        let hours = self.hours();
        if (0..DAY).all(|minute| hours.iter().any(|quiet| quiet.holds(minute))) {
            found.push("quiet covers the whole day: nothing would ever run".to_owned());
        }
        found
    }

    fn hours(&self) -> Vec<Quiet> {
        self.quiet.iter().filter_map(|text| Quiet::parse(text)).collect()
    }

    /// It is a quiet hour.
    pub fn is_quiet(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let minute = minute_of(&local(at, zone));
        self.hours().iter().any(|one| one.holds(minute))
    }

    /// When the quiet hours are over that `at` lies in; `at` itself outside of them.
    pub fn after_quiet(&self, zone: &TimeZone, at: Timestamp) -> Timestamp {
        let (mut at, hours) = (at, self.hours());
        for _ in 0..=hours.len() {
            let here = local(at, zone);
            let minute = minute_of(&here);
            let Some(quiet) = hours.iter().find(|quiet| quiet.holds(minute)) else { break };
            at = end_of(*quiet, &here).unwrap_or(at);
        }
        at
    }

    /// When to run next, `now` at the earliest. `last` is when the last run began, `plain` how long
    /// it would be to the next one without a timetable. `whose` names connection and flow: the same
    /// name always has the same offset.
    pub fn next_run(
        &self,
        zone: &TimeZone,
        whose: &str,
        last: Option<Timestamp>,
        plain: Span,
        now: Timestamp,
    ) -> Timestamp {
        let due = last.map_or(now, |last| self.after(zone, self.offset(whose), last, plain));
        // A run that was missed is made up for once: the next one is counted from this one.
        self.after_quiet(zone, due.max(now))
    }

    /// The first run after a moment.
    fn after(&self, zone: &TimeZone, offset: Span, last: Timestamp, plain: Span) -> Timestamp {
        let base = last - offset;
        let due = match (self.cron.trim(), self.every) {
            ("", 0) => return last + plain,
            ("", every) => {
                let span = Span::seconds(every).0.max(1);
                Timestamp((base.0.div_euclid(span) + 1).saturating_mul(span))
            }
            (pattern, _) => {
                let from = local(base, zone);
                let next = Cron::from_str(pattern)
                    .ok()
                    .and_then(|cron| cron.find_next_occurrence(&from, false).ok());
                next.map_or(base + NEVER, |next| Timestamp(next.timestamp().as_microsecond()))
            }
        };
        due + offset
    }

    /// FNV-1a: the same on every machine and in every version.
    fn offset(&self, whose: &str) -> Span {
        let most = u64::try_from(Span::seconds(self.jitter).0.max(0)).unwrap_or(0);
        let hash = whose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Span(i64::try_from(hash % most.saturating_add(1)).unwrap_or(0))
    }
}

fn local(at: Timestamp, zone: &TimeZone) -> Zoned {
    let instant = jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    instant.to_zoned(zone.clone())
}

fn minute_of(at: &Zoned) -> i16 {
    i16::from(at.hour()) * 60 + i16::from(at.minute())
}

/// The next moment at which a quiet stretch is over.
fn end_of(quiet: Quiet, here: &Zoned) -> Option<Timestamp> {
    let (hour, minute) = (i8::try_from(quiet.to / 60).ok()?, i8::try_from(quiet.to % 60).ok()?);
    let time = Time::new(hour, minute, 0, 0).ok()?;
    let today = here.date();
    let end = |date: jiff::civil::Date| {
        let zoned = date.to_datetime(time).to_zoned(here.time_zone().clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_microsecond()))
    };
    let now = Timestamp(here.timestamp().as_microsecond());
    match end(today)? {
        at if at > now => Some(at),
        _ => end(today.tomorrow().ok()?),
    }
}

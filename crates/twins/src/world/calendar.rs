//! Micros ↔ the texts both vendors speak.

use jiff::Timestamp;

/// One second in world micros.
pub(crate) const SECOND: i64 = 1_000_000;
/// One minute in world micros.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// One hour in world micros.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// One day in world micros.
pub(crate) const DAY: i64 = 24 * HOUR;

fn stamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// RFC 7231 `Date`: `Mon, 23 Nov 2026 09:30:00 GMT`.
pub(crate) fn http_date(micros: i64) -> String {
    stamp(micros).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `2026-11-23T09:30:00Z`: one-second resolution, as F&O stamps.
pub(crate) fn second_z(micros: i64) -> String {
    stamp(micros).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2026-11-23T09:30:00.1234560+00:00`: offset and 7 fractional digits, as ShipBob answers.
pub(crate) fn offset_7(micros: i64) -> String {
    let fraction = micros.rem_euclid(SECOND);
    format!("{}.{fraction:06}0+00:00", stamp(micros).strftime("%Y-%m-%dT%H:%M:%S"))
}

/// RFC 3339 with any offset and up to 9 fractional digits; a plain date or a time without offset is UTC.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if let Ok(found) = text.parse::<Timestamp>() {
        return Some(found.as_microsecond());
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

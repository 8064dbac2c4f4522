//! Days by the clocks of a zone. Zones are read from this machine, so this is not in `domain`.

use domain::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The zone is known on this machine.
///
/// # Errors
/// A sentence that says what to do.
pub fn zone_known(zone: &str) -> Result<(), String> {
    of(zone).map(|_| ())
}

fn of(zone: &str) -> Result<TimeZone, String> {
    if zone.eq_ignore_ascii_case("UTC") {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(zone).map_err(|_| {
        format!("zone \"{zone}\" is not known on this machine: write one like Europe/Berlin (and install tzdata), or UTC")
    })
}

/// The first moment of a day, and the first one after it.
pub(super) fn bounds(day: &str, zone: &str) -> Result<(Timestamp, Timestamp), String> {
    let wrong = || format!("\"{day}\" is no day: write one like 2026-11-24");
    let date: Date = day.parse().map_err(|_| wrong())?;
    let next = date.tomorrow().map_err(|_| wrong())?;
    let zone = of(zone)?;
    let moment = |date: Date| {
        let zoned = date.to_zoned(zone.clone()).map_err(|_| wrong())?;
        Ok::<_, String>(Timestamp(zoned.timestamp().as_microsecond()))
    };
    Ok((moment(date)?, moment(next)?))
}

/// The day of a moment.
pub(super) fn day_of(at: Timestamp, zone: &str) -> Result<String, String> {
    let stamp = jiff::Timestamp::from_microsecond(at.0).map_err(|e| e.to_string())?;
    Ok(stamp.to_zoned(of(zone)?).date().to_string())
}

/// Days after `after` (none = only the last one) up to the last one, at most `most`, the last ones.
pub(super) fn since(after: Option<&str>, last: &str, most: usize) -> Vec<String> {
    let (Ok(end), begin) = (last.parse::<Date>(), after.and_then(|d| d.parse::<Date>().ok()))
    else {
        return Vec::new();
    };
    let mut days = Vec::new();
    let mut day = end;
    while days.len() < most && begin.is_none_or(|begin| day > begin) {
        days.push(day.to_string());
        match (begin, day.yesterday()) {
            (Some(_), Ok(before)) => day = before,
            _ => break,
        }
    }
    days.reverse();
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_as_many_hours_as_its_zone_says() {
        let hours = |day| {
            let (from, to) = bounds(day, "Europe/Berlin").expect("a day");
            to.since(from).as_seconds() / 3_600
        };
        assert_eq!((hours("2026-03-29"), hours("2026-10-25"), hours("2026-11-24")), (23, 25, 24));
        let (from, _) = bounds("2026-11-24", "Europe/Berlin").expect("a day");
        assert_eq!(from.to_rfc3339(), "2026-11-23T23:00:00Z");
        assert_eq!(day_of(from, "Europe/Berlin").as_deref(), Ok("2026-11-24"));
        assert_eq!(day_of(from, "UTC").as_deref(), Ok("2026-11-23"));
    }

    #[test]
    fn bad_days_and_zones_are_said() {
        assert!(bounds("2026-02-30", "UTC").is_err());
        assert!(bounds("yesterday", "UTC").is_err());
        assert!(bounds("2026-11-24", "Europe/Nowhere").is_err_and(|e| e.contains("tzdata")));
    }

    #[test]
    fn missed_days_are_caught_up_and_no_more_than_a_few() {
        assert_eq!(since(None, "2026-11-24", 7), ["2026-11-24"]);
        assert_eq!(since(Some("2026-11-22"), "2026-11-24", 7), ["2026-11-23", "2026-11-24"]);
        assert!(since(Some("2026-11-24"), "2026-11-24", 7).is_empty());
        assert_eq!(since(Some("2026-01-01"), "2026-11-24", 2), ["2026-11-23", "2026-11-24"]);
    }
}

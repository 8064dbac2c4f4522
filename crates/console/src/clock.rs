//! Instants and spans as people read them, in the time zone of the installation.

use crate::markup::{Markup, escape};
use crate::model::At;
use domain::time::{Span, Timestamp};
use jiff::tz::TimeZone;

/// The time a page was made, and the zone it is read in.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// Now.
    pub(crate) now: Timestamp,
    zone: TimeZone,
}

impl Clock {
    /// A clock that stands at `now`.
    pub(crate) fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self { now, zone }
    }

    fn format(&self, at: At, pattern: &str) -> String {
        jiff::Timestamp::from_microsecond(at.0.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(self.zone.clone())
            .strftime(pattern)
            .to_string()
    }

    /// `09:41`.
    pub(crate) fn time(&self, at: impl Into<At>) -> String {
        self.format(at.into(), "%H:%M")
    }

    /// `Monday 23 November 2026`.
    pub(crate) fn day(&self, at: impl Into<At>) -> String {
        self.format(at.into(), "%A %-d %B %Y")
    }

    /// `09:41` today, `22 Nov 09:41` this year, `22 Nov 2025` before.
    pub(crate) fn short(&self, at: impl Into<At>) -> String {
        let at = at.into();
        let now = At(self.now);
        if self.format(at, "%F") == self.format(now, "%F") {
            self.format(at, "%H:%M")
        } else if self.format(at, "%Y") == self.format(now, "%Y") {
            self.format(at, "%-d %b %H:%M")
        } else {
            self.format(at, "%-d %b %Y")
        }
    }

    /// `2026-11-23 09:41:07 CET`.
    pub(crate) fn full(&self, at: impl Into<At>) -> String {
        self.format(at.into(), "%F %T %Z")
    }

    /// Time of the day with seconds: when the page was made.
    pub(crate) fn stamp(&self) -> String {
        self.format(At(self.now), "%H:%M:%S")
    }

    /// Name of the zone.
    pub(crate) fn zone_name(&self) -> String {
        let name = self.zone.iana_name().filter(|name| !name.ends_with("UTC"));
        name.map_or_else(|| self.format(At(self.now), "%Z"), str::to_owned)
    }

    /// A `<time>` element: short text, exact on hover.
    pub(crate) fn when(&self, at: &At) -> Markup {
        self.element(*at, &self.short(*at), "")
    }

    /// A `<time>` element that shows the time of the day only.
    pub(crate) fn hour(&self, at: &At) -> Markup {
        self.element(*at, &self.time(*at), "")
    }

    /// A `<time>` element, or a dash.
    pub(crate) fn maybe(&self, at: &Option<At>) -> Markup {
        at.as_ref().map_or_else(|| Markup::raw("<span class=\"none\">–</span>"), |at| self.when(at))
    }

    /// How long ago, kept current by the script.
    pub(crate) fn ago(&self, at: &At) -> Markup {
        self.element(*at, &short_span(self.now.since(at.0)), " data-rel=\"age\"")
    }

    /// How long until, kept current by the script.
    pub(crate) fn until(&self, at: &At) -> Markup {
        self.element(*at, &short_span(at.0.since(self.now)), " data-rel=\"until\"")
    }

    fn element(&self, at: At, text: &str, more: &str) -> Markup {
        Markup::built(format!(
            "<time datetime=\"{at}\" title=\"{}\"{more}>{}</time>",
            escape(&self.full(at)),
            escape(text)
        ))
    }
}

/// `12 s`, `4 min`, `3 h 20 min`, `2 d 4 h`.
pub(crate) fn short_span(span: Span) -> String {
    let seconds = span.as_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if seconds < 60 {
        format!("{seconds} s")
    } else if minutes < 60 {
        format!("{minutes} min")
    } else if hours < 24 {
        with_rest(hours, "h", minutes % 60, "min")
    } else {
        with_rest(days, "d", hours % 24, "h")
    }
}

fn with_rest(whole: i64, unit: &str, rest: i64, rest_unit: &str) -> String {
    if rest == 0 { format!("{whole} {unit}") } else { format!("{whole} {unit} {rest} {rest_unit}") }
}

/// `9 minutes`: for sentences.
pub(crate) fn span_words(span: Span) -> String {
    let seconds = span.as_seconds().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if seconds < 60 {
        count(seconds, "second")
    } else if minutes < 60 {
        count(minutes, "minute")
    } else if hours < 48 {
        count(hours, "hour")
    } else {
        count(days, "day")
    }
}

/// `1 order`, `2 orders`; thousands are set apart.
pub(crate) fn count(n: i64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{} {what}s", grouped(n)) }
}

/// `12,345`.
pub(crate) fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

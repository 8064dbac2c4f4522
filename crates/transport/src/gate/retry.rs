//! When a server wants to be asked again.

use crate::Response;
use domain::time::{Span, Timestamp};

/// How long to wait after "too many" without a time.
pub const DEFAULT_WAIT: Span = Span::seconds(30);

/// Longer waits than this are taken for garbage, not for a server's wish.
const LONGEST: Span = Span::days(31);

/// The wait a reply asks for: `x-retry-after` or `retry-after` in seconds (rounded up) or as an
/// HTTP date, else "in N seconds" in the body of a 429. `None` when it asks for none that can be
/// understood. `now` is ours; it only serves a date in a reply that does not tell its own time.
pub fn server_wait(response: &Response, now: Timestamp) -> Option<Span> {
    let from_headers = ["x-retry-after", "retry-after"]
        .iter()
        .filter_map(|name| response.header(name))
        .filter_map(|text| read(text, response, now))
        .max();
    from_headers
        .or_else(|| if response.status == 429 { from_words(&response.body) } else { None })
        .filter(|span| *span <= LONGEST)
}

fn read(text: &str, response: &Response, now: Timestamp) -> Option<Span> {
    let text = text.trim();
    if let Some(span) = seconds(text) {
        return Some(span);
    }
    let at = Timestamp::parse_http_date(text)?;
    // The server's clock may be wrong by minutes: the difference to its own `Date` is what it means.
    let its_now = response.server_date().unwrap_or(now);
    Some(Span(at.since(its_now).0.max(0)))
}

/// Digits with an optional fraction, rounded up to whole seconds.
fn seconds(text: &str) -> Option<Span> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let up = i64::from(fraction.bytes().any(|b| b != b'0'));
    Some(Span(whole.checked_add(up)?.checked_mul(1_000_000)?))
}

/// `… Try again in 25 seconds.`
fn from_words(body: &[u8]) -> Option<Span> {
    let text = std::str::from_utf8(body.get(..body.len().min(2_000))?).ok()?;
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("in") {
            let mut ahead = words.clone();
            let number = ahead.next().and_then(seconds);
            let unit = ahead.next().is_some_and(|u| u.to_ascii_lowercase().starts_with("second"));
            if unit && number.is_some() {
                return number;
            }
        }
    }
    None
}

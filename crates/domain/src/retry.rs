//! When to try again: exponential with full jitter drawn from the delivery's own key, so that the
//! schedule is the same on every machine and spread over many deliveries. A server's own time
//! always wins.

use crate::time::{Span, Timestamp};

/// Tries that count before a delivery becomes a hold.
pub const MAX_ATTEMPTS: u32 = 12;

const FIRST: Span = Span::seconds(2);
const LONGEST: Span = Span::minutes(15);

/// The pause after attempt `attempt` (1 = first) of the thing called `key`.
pub fn pause(attempt: u32, key: &str) -> Span {
    let doublings = attempt.saturating_sub(1).min(10);
    let ceiling = (FIRST.0 << doublings).min(LONGEST.0);
    let floor = ceiling / 4;
    let spread = ceiling - floor;
    Span(floor + i64::from(scatter(key, attempt)) * spread / i64::from(u32::MAX))
}

/// The next try: the server's time where it gave one, else our own pause.
pub fn next(now: Timestamp, attempt: u32, key: &str, server: Option<Span>) -> Timestamp {
    let own = now + pause(attempt, key);
    match server {
        Some(wait) => own.max(now + wait),
        None => own,
    }
}

/// FNV-1a: spreads, and needs no seed.
fn scatter(key: &str, attempt: u32) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in key.bytes().chain(attempt.to_le_bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash
}

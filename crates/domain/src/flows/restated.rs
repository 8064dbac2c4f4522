//! Things that are written again whenever their value changes - a note, a charge: a value that comes back is a new write,
//! and two writes of one thing are never under way together.
//!
//! Keys are `{base}{digest of the value}`, and `#n` behind it where the value was written `n` times before.

use super::draft::Draft;
use crate::plan::{DeliveryState, KnownDelivery};
use std::collections::BTreeSet;

/// The write of the thing that took effect last.
pub(super) fn last_written<'a>(draft: &Draft<'a>, base: &str) -> Option<&'a KnownDelivery> {
    done(draft).filter(|d| d.key.starts_with(base)).max_by_key(|d| (d.since, &d.key))
}

/// The key of the next write of the value `wanted`, which begins with `base`. None while another write of the same thing
/// is under way: what becomes of it decides what stands there.
pub(super) fn next_key(draft: &Draft<'_>, base: &str, wanted: String) -> Option<String> {
    let before: BTreeSet<&str> =
        done(draft).map(|d| d.key.as_str()).filter(|k| k.starts_with(&wanted)).collect();
    let key = match before.len() {
        0 => wanted,
        n => format!("{wanted}#{n}"),
    };
    let other = |d: &KnownDelivery| {
        matches!(d.state, DeliveryState::InFlight | DeliveryState::InDoubt)
            && d.key.starts_with(base)
            && d.key != key
    };
    (!draft.facts.deliveries.iter().any(other)).then_some(key)
}

fn done<'a>(draft: &Draft<'a>) -> impl Iterator<Item = &'a KnownDelivery> {
    draft.facts.deliveries.iter().filter(|d| d.state == DeliveryState::Done)
}

//! Whether an adjustment that was sent stands in F&O's stock. Its set tells nothing about that: the stock does.

use super::{Judged, Shelf, State, Sums, compare};
use rust_decimal::Decimal;

/// The comparison in which the adjustment stands in F&O's stock, where that is certain. `delta` is what was sent, in
/// F&O's unit; `found` the pieces lost or found that were in it.
///
/// The shelf is judged twice: as it is, and as it would be once the adjustment is posted. What was lost or found since
/// then must remain as it is in one of the two, and in one only. Where both fit, the one counts that leaves what else
/// moved the shelf as it was; where that does not tell them apart, nothing is certain, and the adjustment is waited for.
pub fn settled(shelf: &Shelf, delta: Decimal, found: i64) -> Option<Judged> {
    let since = shelf.sums.found.saturating_sub(found);
    let mut now = Shelf { counted: false, ..*shelf };
    now.sums.found = since;
    let physical = now.physical?.checked_add(delta)?;
    let judged = compare(&now);
    let posted_later = compare(&Shelf { physical: Some(physical), ..now });
    let rest = since.saturating_neg();
    let clear = |one: &Judged| {
        matches!(one.state, State::Even | State::Explained | State::Variance | State::Negative)
    };
    let fits = |one: &Judged| clear(one) && one.variance == rest;
    // What moved the shelf is still taken to be missing in F&O, as it was when the adjustment was sent.
    let keeps = |one: &Judged| fits(one) && Sums { found: since, ..one.sums } == now.sums;
    if !clear(&posted_later) {
        return None;
    }
    let seen = fits(&judged) && !fits(&posted_later) || keeps(&judged) && !keeps(&posted_later);
    seen.then_some(judged)
}

//! What became of one charge after its import ended: the charges on the order tell, never the summary of the import.

use super::charge_of;
use crate::courier::{Claimed, Effect, Outcome, hold_outcome, later};
use crate::limits::LOOK_AGAIN;
use domain::charge::{ChargedOrder, ImportState, NewCharge, Sent, order_of};
use domain::disposition::HoldReason;
use domain::time::{Span, Timestamp};

/// Imports that leave a charge out before a person is asked: the order may be open on somebody's screen.
const TRIES: u32 = 4;
/// Longer after every one of them.
const WAIT: Span = Span::minutes(5);
/// Begins what a delivery remembers of imports that left it out.
const LEFT_OUT: &str = "left out ";

/// What all charges of a package are judged by.
pub(super) struct Judged<'j> {
    pub(super) now: Timestamp,
    /// From then on what is not there will not appear.
    pub(super) settled: Timestamp,
    pub(super) sent: &'j Sent,
    pub(super) seen: &'j [ChargedOrder],
}

pub(super) fn judge(c: &Claimed, by: &Judged<'_>) -> Option<Outcome> {
    let new = charge_of(c)?;
    let order = order_of(by.seen, &new.order);
    if order.charges.iter().any(|one| new.stands(one)) {
        return Some(Outcome::done(c, "stands on the order."));
    }
    if !order.open {
        let words = "the order takes no charges any more; it goes to the finance list.";
        return Some(Outcome::withdrawn(c, words).effect(Effect::ReadSales));
    }
    let said = errors_of(by.sent, new);
    if by.now < by.settled && said.is_empty() {
        let look = by.settled.min(by.now + LOOK_AGAIN);
        let words = "its import ended, and it is not shown yet; looked up again.";
        return Some(Outcome::in_doubt(c, look, by.settled, words).silent());
    }
    if by.sent.forgotten() {
        // Whether it comes after all, nobody can say: it is never sent again by itself.
        return Some(hold_outcome(c, &domain::charge::forgotten(by.sent, new)));
    }
    let why = match (said.is_empty(), by.sent.ended) {
        (false, _) => said.join("; "),
        (true, Some((_, ImportState::Succeeded))) => {
            "the import succeeded, and the charge is not there".to_owned()
        }
        (true, _) if by.sent.accepted => {
            "the import left it out without a reason (a column its mapping wants may be missing)"
                .to_owned()
        }
        (true, _) => "the import never began".to_owned(),
    };
    let before = c.row.outcome.as_deref().and_then(left_out).unwrap_or(0);
    let times = before.saturating_add(1);
    if times >= TRIES {
        return Some(hold_outcome(c, &refused(&why)));
    }
    let wait = Span(WAIT.0.saturating_mul(i64::from(times)));
    let words = format!("left out by the import ({why}); sent again.");
    let it = later(c, by.now, Some(wait), false, &words);
    Some(it.remembering(&format!("{LEFT_OUT}{times}: {why}")))
}

fn left_out(memory: &str) -> Option<u32> {
    memory.strip_prefix(LEFT_OUT)?.split(':').next()?.parse().ok()
}

/// What F&O said of this order.
fn errors_of(sent: &Sent, new: &NewCharge) -> Vec<String> {
    sent.errors.iter().filter(|text| names(text, new.order.as_str())).take(3).cloned().collect()
}

/// The text names that number, and not a longer one that begins or ends with it.
fn names(text: &str, number: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '-';
    text.match_indices(number).any(|(at, found)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(word) && !after.is_some_and(word)
    })
}

fn refused(why: &str) -> HoldReason {
    HoldReason::new(
        "charge-refused",
        "charge",
        "",
        &format!("Dynamics does not take the charge: {why}"),
        "Mend what Dynamics names (charge code, data project, an order somebody keeps open), then press Retry.",
    )
}

#[cfg(test)]
mod tests {
    use super::{left_out, names};

    #[test]
    fn an_error_counts_for_the_order_it_names() {
        assert!(names("Sales order 000697 is invoiced", "000697"));
        assert!(names("000697: locked", "000697"));
        assert!(!names("Sales order 0006970", "000697") && !names("SO-000697", "000697"));
    }

    #[test]
    fn what_a_delivery_remembers_is_read_back() {
        assert_eq!(left_out("left out 2: locked"), Some(2));
        assert_eq!(left_out("something else"), None);
    }
}

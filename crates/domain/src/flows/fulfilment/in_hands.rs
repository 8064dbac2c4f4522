//! A record of F&O that somebody has open: every write to it ends in an update conflict, is planned anew and tried again, for
//! as long as that takes. After a while it is told, so that somebody can be asked to close it. It goes on by itself, stops no other
//! order, and closes when the write goes through or is not wanted any more.

use crate::disposition::HoldReason;
use crate::flows::draft::Draft;
use crate::operation::{Flow, System};
use crate::plan::{KeptChange, PlannedDelivery};
use crate::time::{Span, Timestamp};

/// A write that is refused so for so long is shown to a person.
pub const TOLD_AFTER: Span = Span::hours(2);

/// Tells what has been in somebody's hands for too long, and forgets what is not any more. Asked when everything is wished.
pub(in crate::flows) fn tell(draft: &mut Draft<'_>) {
    if draft.facts.kept.in_hands.is_empty() || !draft.needs_nothing() {
        return;
    }
    let mut oldest: Option<(Timestamp, Flow)> = None;
    for (key, since) in &draft.facts.kept.in_hands {
        match draft.plan.deliveries.iter().find(|d| d.key == *key).filter(to_dynamics) {
            Some(d) => {
                let this = (*since, d.operation.flow());
                oldest = Some(oldest.map_or(this, |first| first.min(this)));
            }
            None => draft.plan.kept.push(KeptChange::OutOfHands(key.clone())),
        }
    }
    if let Some((since, flow)) = oldest
        && draft.facts.now.since(since) >= TOLD_AFTER
    {
        let hold = in_hands(draft, since);
        draft.hold(flow, hold);
    }
}

fn to_dynamics(d: &&PlannedDelivery) -> bool {
    d.operation.system() == System::Dynamics
}

fn in_hands(draft: &Draft<'_>, since: Timestamp) -> HoldReason {
    let record = match &draft.facts.request {
        Some(read) => format!("Request {}, or its order,", read.id),
        None => format!("Order {}", draft.facts.number),
    };
    HoldReason::new(
        "open-in-dynamics",
        "record",
        "",
        &format!(
            "{record} has been open in Dynamics since {}: whatever is written to it is refused as an update conflict.",
            since.to_rfc3339_seconds()
        ),
        "Ask who has it open, or which job keeps changing it. It goes on by itself, and this closes when it is written.",
    )
}

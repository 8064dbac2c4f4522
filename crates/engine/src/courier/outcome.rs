//! What an attempt came to, ready to be recorded.

use super::Claimed;
use crate::products::ProductEffect;
use crate::trail::about;
use domain::disposition::HoldReason;
use domain::edit::ShipmentEdit;
use domain::ids::{ReferenceId, ShipBobOrderId, ShipmentId};
use domain::operation::CreateOrder;
use domain::retry;
use domain::time::{Span, Timestamp};
use domain::warehouse::WarehouseOrder;
use store::Next;

/// What else an outcome changes.
pub(crate) enum Effect {
    None,
    /// ShipBob has the order.
    Created {
        order: Box<WarehouseOrder>,
        sent: Box<CreateOrder>,
        read_began: Timestamp,
    },
    /// ShipBob cancelled it for us.
    Cancelled {
        reference: ReferenceId,
        order: ShipBobOrderId,
    },
    /// A shipment at ShipBob is what this change makes of it.
    Edited(Box<ShipmentEdit>),
    /// The order at ShipBob is not what we thought: read it.
    LookAtOrder(ShipBobOrderId),
    /// ShipBob knows that we took the number.
    Acknowledged(ShipmentId),
    /// ShipBob has what a write of products says.
    Products(Box<ProductEffect>),
    /// The order in F&O is not what we thought: read it.
    ReadSales,
    /// Somebody else is at the record in F&O, and the write of this key is in his way.
    InHands {
        key: String,
        /// It is read and planned anew; else it is only left alone for a while.
        read: bool,
    },
}

/// One finished attempt.
pub(crate) struct Outcome {
    pub(crate) id: i64,
    pub(crate) attempt: i64,
    pub(crate) subject: String,
    pub(crate) operation: &'static str,
    pub(crate) next: Next,
    pub(crate) disposition: &'static str,
    pub(crate) outcome: Option<String>,
    pub(crate) status: Option<i64>,
    /// For attempts and the trail.
    pub(crate) sentence: String,
    /// Title of the trail entry; none for what changed nothing.
    pub(crate) trail: Option<&'static str>,
    pub(crate) effect: Effect,
}

impl Outcome {
    fn new(c: &Claimed, next: Next, disposition: &'static str, words: &str) -> Self {
        let about = about(&c.operation);
        Self {
            id: c.row.id,
            attempt: c.row.attempt,
            subject: c.row.subject.clone(),
            operation: c.operation.name(),
            next,
            disposition,
            outcome: None,
            status: None,
            sentence: if words.is_empty() {
                format!("{about}.")
            } else {
                format!("{about}: {words}")
            },
            trail: Some(disposition),
            effect: Effect::None,
        }
    }

    pub(crate) fn done(c: &Claimed, words: &str) -> Self {
        Self::new(c, Next::Done, "done", words)
    }

    pub(crate) fn in_doubt(c: &Claimed, look_at: Timestamp, until: Timestamp, words: &str) -> Self {
        Self::new(c, Next::InDoubt { look_at, until }, "in doubt", words)
    }

    /// Not wanted in this form any more; the plan is made anew.
    pub(crate) fn withdrawn(c: &Claimed, words: &str) -> Self {
        Self::new(c, Next::Withdrawn, "planned anew", words)
    }

    /// The remote says never, and nobody needs to do anything about it.
    pub(crate) fn refused(c: &Claimed, words: &str) -> Self {
        Self::new(c, Next::Refused, "refused", words)
    }

    pub(crate) fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Remembered with the delivery until its next outcome.
    pub(crate) fn remembering(mut self, text: &str) -> Self {
        self.outcome = Some(text.to_owned());
        self
    }

    /// Leaves no trail entry: nothing visible changed.
    pub(crate) fn silent(mut self) -> Self {
        self.trail = None;
        self
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = Some(i64::from(status));
        self
    }
}

/// A person can fix it.
pub(crate) fn hold_outcome(c: &Claimed, hold: &HoldReason) -> Outcome {
    let mut it = Outcome::new(c, Next::Held, "held", &hold.reason);
    it.outcome = serde_json::to_string(hold).ok();
    it
}

/// Again later; a hold when the tries are used up. A server's time is never undercut and never
/// counts.
pub(crate) fn later(
    c: &Claimed,
    now: Timestamp,
    server: Option<Span>,
    counts: bool,
    words: &str,
) -> Outcome {
    let tries = u32::try_from(c.row.attempts).unwrap_or(u32::MAX).saturating_add(1);
    if counts && tries >= retry::MAX_ATTEMPTS {
        return hold_outcome(
            c,
            &HoldReason::new(
                "attempts-exhausted",
                c.operation.name(),
                &tries.to_string(),
                &format!("Tried {tries} times without success; last answer: {words}"),
                "Look at the last answer, mend the cause, then press Retry.",
            ),
        );
    }
    let not_before = retry::next(now, tries, &c.row.business_key, server);
    let it = Outcome::new(c, Next::Later { not_before, counts }, "later", words);
    if counts { it } else { it.silent() }
}

//! What to do after an attempt: the only vocabulary of failure between crates.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The outcome of one try, as an instruction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Disposition {
    /// The remote confirmed the effect in a shape we know.
    Done,
    /// The effect was there before this try.
    AlreadyDone,
    /// Nothing happened; try again at `at`. A server's own time is never undercut and does not
    /// count as an attempt.
    Later {
        /// Not before.
        at: Timestamp,
        /// Whether this try uses up one of the allowed attempts.
        counts_as_attempt: bool,
        /// For the trail.
        why: String,
    },
    /// The write may or may not have happened: time-out, 5xx, HTML, a cut body, a lost line.
    InDoubt {
        /// For the trail.
        why: String,
    },
    /// A person can fix it.
    Hold(HoldReason),
    /// The remote says never.
    Refused {
        /// The remote's words, without personal data.
        why: String,
    },
}

/// Why something waits for a person, and what that person can do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HoldReason {
    /// Stable code for grouping, such as `sku-unknown`.
    pub cause: String,
    /// Which field of the order or setting.
    pub field: String,
    /// The value that could not be used; never a name or an address.
    pub value: String,
    /// One sentence: what is wrong.
    pub reason: String,
    /// One sentence: what to do.
    pub fix: String,
}

impl HoldReason {
    /// A hold in one line.
    pub fn new(cause: &str, field: &str, value: &str, reason: &str, fix: &str) -> Self {
        Self {
            cause: cause.to_owned(),
            field: field.to_owned(),
            value: value.to_owned(),
            reason: reason.to_owned(),
            fix: fix.to_owned(),
        }
    }

    /// What makes two holds of one subject the same hold.
    pub fn identity(&self) -> String {
        format!("{}|{}|{}", self.cause, self.field, self.value)
    }
}

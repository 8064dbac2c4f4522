//! What callers learn of a call that did not simply succeed.

use domain::time::{Span, Timestamp};

/// Why a read brought nothing. Nothing was changed in F&O.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Entra or F&O does not let us in: a person must act.
    #[error("no access ({status}): {why}")]
    NoAccess {
        /// HTTP status.
        status: u16,
        /// What is wrong and what to do.
        why: String,
    },
    /// F&O says: too many calls.
    #[error("throttled")]
    Throttled {
        /// How long the server wants us to wait; `None` when it does not say.
        after: Option<Span>,
    },
    /// The gate is closed: a further request of this call was not sent.
    #[error("gate closed until {until}")]
    GateClosed {
        /// When to ask the gate again.
        until: Timestamp,
    },
    /// Not now: 5xx, HTML, time-out, connection refused, a part that failed. Try later.
    #[error("unavailable: {why}")]
    Unavailable {
        /// For logs and the trail.
        why: String,
    },
    /// F&O understood and says no.
    #[error("refused ({status}): {why}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// F&O's words.
        why: String,
    },
    /// A success in a shape we do not know.
    #[error("malformed: {why}")]
    Malformed {
        /// What was unexpected.
        why: String,
    },
    /// A fault point said stop; proofs only.
    #[error("crashed at a fault point")]
    Crashed,
}

/// What became of one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteReply {
    /// F&O confirmed it in a shape we know.
    Done,
    /// The effect was there before.
    AlreadyDone,
    /// The row changed or went away since it was read: nothing was written, read and plan again.
    Stale {
        /// For the trail.
        why: String,
    },
    /// The record is open elsewhere or the database was busy: nothing was written, try later.
    Locked {
        /// For the trail.
        why: String,
    },
    /// F&O understood and says no; nothing was written.
    Refused {
        /// F&O's words.
        why: String,
    },
    /// No right to write this; nothing was written. A person must act.
    NoAccess {
        /// HTTP status.
        status: u16,
        /// What is wrong and what to do.
        why: String,
    },
    /// Too many calls; nothing was written.
    Throttled {
        /// How long the server wants us to wait; `None` when it does not say.
        after: Option<Span>,
    },
    /// No byte of it left us; try later.
    Later {
        /// For the trail.
        why: String,
    },
    /// It may or may not have been written: lost reply, 5xx, HTML, cut body, missing part.
    InDoubt {
        /// For the trail.
        why: String,
    },
    /// A fault point said stop; proofs only.
    Crashed,
}

/// Cuts the remote's words to the limit, at a character, on one line.
pub(crate) fn clip(text: &str) -> String {
    let mut out = String::new();
    for (n, c) in text.trim().chars().enumerate() {
        if n == crate::limits::WHY_CHARS {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

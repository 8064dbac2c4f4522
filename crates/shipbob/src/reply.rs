//! What is known after a call.

use domain::ids::ShipmentId;
use domain::time::{Span, Timestamp};
use domain::warehouse::WarehouseOrder;

/// Why a read (or a harmless write) has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// 401 or 403: the token is wrong, revoked, or lacks a scope.
    #[error("ShipBob refuses access ({status}): {why}")]
    NoAccess {
        /// Status code.
        status: u16,
        /// What to do.
        why: String,
    },
    /// 429. The gate has been told.
    #[error("ShipBob's rate limit is reached")]
    Throttled {
        /// The server's wait, where it says one.
        after: Option<Span>,
    },
    /// Our own gate closed in the middle of a call of several requests. Nothing was changed.
    #[error("the rate gate is closed until {until}")]
    GateClosed {
        /// When to ask the gate again.
        until: Timestamp,
    },
    /// Nobody answered in ShipBob's name: not sent, reply lost, 5xx, HTML. Try later.
    #[error("ShipBob is not available: {why}")]
    Unavailable {
        /// The cause in words.
        why: String,
    },
    /// Any other 4xx: repeating the same call will not help.
    #[error("ShipBob refuses the call ({status}): {why}")]
    Refused {
        /// Status code.
        status: u16,
        /// ShipBob's words without personal data.
        why: String,
    },
    /// 2xx, but not a shape we know.
    #[error("ShipBob's reply is not understood: {why}")]
    Malformed {
        /// What was wrong with it.
        why: String,
    },
    /// A fault point stopped the process (proofs only).
    #[error("stopped by a fault point")]
    Crashed,
}

/// What every write may come to besides its own answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// 401 or 403: nothing happened.
    NoAccess {
        /// Status code.
        status: u16,
        /// What to do.
        why: String,
    },
    /// 429: nothing happened.
    Throttled {
        /// The server's wait, where it says one.
        after: Option<Span>,
    },
    /// The request never left: nothing happened.
    Later {
        /// The cause in words.
        why: String,
    },
    /// It may or may not have taken effect.
    InDoubt {
        /// The cause in words.
        why: String,
    },
    /// A fault point stopped the process (proofs only).
    Crashed,
}

/// What is known after `POST order`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateReply {
    /// ShipBob has the order and names our reference.
    Created(Box<WarehouseOrder>),
    /// 422 or 409: the reference may be taken. Look it up. `sure` when the words say so; when they
    /// do not and the look-up finds nothing, it is a refusal with these words.
    Duplicate {
        /// ShipBob's words without personal data.
        why: String,
        /// The words name a duplicate.
        sure: bool,
    },
    /// ShipBob will not take this order: nothing happened.
    Refused {
        /// Status code.
        status: u16,
        /// ShipBob's words without personal data.
        why: String,
    },
    /// No answer of its own.
    Failed(Failure),
}

/// What is known after `POST order/{id}:cancel`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelReply {
    /// Every shipment is cancelled.
    Cancelled,
    /// Some shipments are cancelled, some go on.
    Partly {
        /// Cancelled ones.
        cancelled: Vec<ShipmentId>,
        /// The others, each with ShipBob's reason.
        kept: Vec<(ShipmentId, String)>,
    },
    /// This call cancelled nothing: ShipBob has begun to pick, or the order was cancelled before.
    /// Read the order to know which.
    TooLate {
        /// ShipBob's words.
        why: String,
    },
    /// 404: ShipBob has no such order.
    Gone,
    /// Any other 4xx: nothing happened.
    Refused {
        /// Status code.
        status: u16,
        /// ShipBob's words.
        why: String,
    },
    /// No answer of its own.
    Failed(Failure),
}

/// What is known after a change of a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditReply {
    /// The shipment is as wanted.
    Done,
    /// A documented refusal that proves that nothing happened; picked, as a rule.
    Refused {
        /// ShipBob's words without personal data.
        why: String,
    },
    /// A refusal that does not prove it: read the shipment. Not there after *settle* is refused.
    Unsure {
        /// ShipBob's words without personal data.
        why: String,
    },
    /// Our own gate closed between the read and the write: nothing happened.
    GateClosed {
        /// When to ask the gate again.
        until: Timestamp,
    },
    /// No answer of its own.
    Failed(Failure),
}

/// A shipment and whether ShipBob took its acknowledgement; else its words.
pub type Acknowledged = (ShipmentId, Result<(), String>);

/// One page of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollPage {
    /// Orders of our channel changed in the window.
    pub orders: Vec<WarehouseOrder>,
    /// Entries without an id or not an object: they cannot be stored; say so loudly.
    pub unreadable: u32,
    /// There is another page.
    pub more: bool,
    /// ShipBob's own clock.
    pub server_date: Option<Timestamp>,
}

/// One webhook subscription as ShipBob lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// ShipBob's id.
    pub id: String,
    /// Where it posts to.
    pub url: String,
    /// Topics.
    pub topics: Vec<String>,
    /// ShipBob has not disabled it.
    pub enabled: bool,
}

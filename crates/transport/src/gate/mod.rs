//! Limiters of accounts and environments: pure state machines, no clock, no waiting. The caller
//! asks before every call and tells how it ended; what it may not do now it gets a time for.
//!
//! * [`Gate`] – ShipBob: so many calls in any 60 seconds, per account.
//! * [`Adaptive`] – F&O: as many calls at once as the environment bears.
//! * [`Share`], [`Seat`] – fair sharing of one of them among connections.
//! * [`Limiter`] – the view the clients have; [`Shared`] makes one of a gate and a clock.
//!
//! The invariant they keep: a server's own retry time is never undercut (I8).

mod adaptive;
mod retry;
mod seat;
mod share;
mod shared;
mod window;

pub use adaptive::Adaptive;
pub use retry::{DEFAULT_WAIT, server_wait};
pub use seat::{Seat, Table};
pub use share::Share;
pub use shared::{Clock, Limiter, Machine, NoLimit, Shared};
pub use window::{Gate, STAYS};

use crate::{Response, TransportError};

/// How one permitted call ended.
pub type Outcome = Result<Response, TransportError>;

#[cfg(test)]
mod tests;

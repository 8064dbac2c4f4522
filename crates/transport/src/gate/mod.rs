//! Limiters of accounts and environments: pure state machines, no clock, no waiting. The caller
//! asks before every call and tells how it ended; what it may not do now it gets a time for.
//!
//! * [`Gate`] – ShipBob: so many calls in any 60 seconds, per account.
//! * [`Adaptive`] – F&O: as many calls at once as the environment bears.
//! * [`Limiter`] – the view the clients have; [`Shared`] makes one of a gate and a clock.
//!
//! The invariant they keep: a server's own retry time is never undercut (I8).

mod adaptive;
mod retry;
mod shared;
mod window;

pub use adaptive::Adaptive;
pub use retry::{DEFAULT_WAIT, server_wait};
pub use shared::{Clock, Limiter, Machine, NoLimit, Shared};
pub use window::Gate;

use crate::{Response, TransportError};

/// How one permitted call ended.
pub type Outcome = Result<Response, TransportError>;

#[cfg(test)]
mod tests;

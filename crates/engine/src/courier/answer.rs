//! What F&O's answer to a write comes to, whatever was written: waiting and signing in again are the same for all, and a
//! done one is a good sign. The rest is handed back, because what a no or a doubt means depends on what was written.

use super::{Claimed, Outcome, later};
use crate::limits::LOOK_AGAIN;
use crate::parts::Engine;
use crate::poll::Trouble;
use domain::operation::System;
use dynamics::WriteReply;
use std::ops::ControlFlow;

/// What the sender must judge.
pub(crate) enum Answer {
    /// It took effect.
    Done {
        /// It had before.
        already: bool,
    },
    /// F&O understood and says no.
    Refused { why: String },
    /// Somebody else changed the record.
    Stale { why: String },
    /// The record is locked.
    Locked { why: String },
    /// Signed in, and no right to it.
    Forbidden { status: u16, why: String },
    /// It may have taken effect.
    InDoubt { why: String },
    /// A fault point said stop; proofs only.
    Crashed,
}

impl Engine {
    /// Breaks with what is the same for every write: again later. Continues with what the sender must judge.
    pub(crate) fn answer(&self, c: &Claimed, reply: WriteReply) -> ControlFlow<Outcome, Answer> {
        let now = self.now();
        ControlFlow::Continue(match reply {
            WriteReply::Done | WriteReply::AlreadyDone => {
                self.good(System::Dynamics);
                Answer::Done { already: matches!(reply, WriteReply::AlreadyDone) }
            }
            WriteReply::Throttled { after: wait } => {
                let wait = wait.unwrap_or(transport::gate::DEFAULT_WAIT);
                self.asked_to_wait(System::Dynamics, wait);
                let words = "the rate limit is reached";
                return ControlFlow::Break(later(c, now, Some(wait), false, words));
            }
            WriteReply::NoAccess { status: 401, why } => {
                let _ = self.rest(System::Dynamics, Trouble::NoAccess(why.clone()));
                let it = later(c, now, Some(LOOK_AGAIN), false, &why).status(401);
                return ControlFlow::Break(it);
            }
            WriteReply::Later { why } => {
                let _ = self.rest(System::Dynamics, Trouble::Away(why.clone()));
                return ControlFlow::Break(later(c, now, None, false, &why));
            }
            WriteReply::NoAccess { status, why } => Answer::Forbidden { status, why },
            WriteReply::Refused { why } => Answer::Refused { why },
            WriteReply::Stale { why } => Answer::Stale { why },
            WriteReply::Locked { why } => Answer::Locked { why },
            WriteReply::InDoubt { why } => Answer::InDoubt { why },
            WriteReply::Crashed => Answer::Crashed,
        })
    }
}

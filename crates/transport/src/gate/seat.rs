//! The view one connection has of a gate it shares with others.

use super::share::Share;
use super::{Clock, Limiter, Machine, Outcome, Shared};
use crate::TransportError;
use domain::operation::Lane;
use domain::time::{Span, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};

/// A gate with the table its connections sit at.
pub struct Table<M> {
    gate: Arc<Shared<M>>,
    share: Arc<Mutex<Share>>,
    clock: Clock,
}

impl<M: Machine> Table<M> {
    /// Around one gate, whose places stay taken for `stays` after an answer.
    pub fn new(gate: Arc<Shared<M>>, stays: Span, clock: Clock) -> Self {
        Self { gate, share: Arc::new(Mutex::new(Share::new(stays))), clock }
    }

    /// The gate itself, for the console.
    pub fn gate(&self) -> &Arc<Shared<M>> {
        &self.gate
    }

    /// A place for one more connection.
    pub fn join(&self) -> Seat<M> {
        let me = self.share.lock().unwrap_or_else(PoisonError::into_inner).join();
        Seat {
            gate: Arc::clone(&self.gate),
            share: Arc::clone(&self.share),
            clock: Arc::clone(&self.clock),
            me,
        }
    }
}

/// One connection at a gate.
pub struct Seat<M> {
    gate: Arc<Shared<M>>,
    share: Arc<Mutex<Share>>,
    clock: Clock,
    me: usize,
}

impl<M: Machine> Limiter for Seat<M> {
    fn may_send(&self, lane: Lane) -> Result<(), Timestamp> {
        let now = (self.clock)();
        // Held over both questions: nobody takes the place in between.
        let mut share = self.share.lock().unwrap_or_else(PoisonError::into_inner);
        share.may_ask(self.me, lane, now, self.gate.used())?;
        match self.gate.may_send(lane) {
            Ok(()) => {
                share.granted(self.me, now);
                Ok(())
            }
            Err(at) => {
                share.refused(self.me, lane, at);
                Err(at)
            }
        }
    }

    fn finished(&self, outcome: &Outcome) {
        let unused = matches!(outcome, Err(TransportError::NotSent { .. }));
        let mut share = self.share.lock().unwrap_or_else(PoisonError::into_inner);
        share.finished(self.me, (self.clock)(), unused);
        self.gate.finished(outcome);
    }
}

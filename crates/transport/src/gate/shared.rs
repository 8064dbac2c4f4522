//! A gate shared by everybody who calls one account, with the clock of the process.

use super::{Adaptive, Gate, Outcome};
use domain::operation::Lane;
use domain::time::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Tells the time. The process has one; proofs turn theirs by hand.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What callers see of a gate. Every permission that was given must be answered by exactly one
/// [`Limiter::finished`].
pub trait Limiter: Send + Sync {
    /// Permission for one call now, or the time to ask again.
    fn may_send(&self, lane: Lane) -> Result<(), Timestamp>;
    /// Tells how a permitted call ended. Clients of remote systems do this for every request they
    /// send, also for the one the engine asked permission for.
    fn finished(&self, outcome: &Outcome);
}

/// No limit at all: for tests of clients.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLimit;

impl Limiter for NoLimit {
    fn may_send(&self, _: Lane) -> Result<(), Timestamp> {
        Ok(())
    }
    fn finished(&self, _: &Outcome) {}
}

/// The shape both gates have.
pub trait Machine: Send {
    /// Permission for one call at `now`, or the time to ask again.
    fn may_send(&mut self, now: Timestamp, lane: Lane) -> Result<(), Timestamp>;
    /// Tells how a permitted call ended.
    fn finished(&mut self, now: Timestamp, outcome: &Outcome);
    /// (taken, limit), for the console.
    fn used(&self, now: Timestamp) -> (u32, u32);
}

impl Machine for Gate {
    fn may_send(&mut self, now: Timestamp, lane: Lane) -> Result<(), Timestamp> {
        Gate::may_send(self, now, lane)
    }
    fn finished(&mut self, now: Timestamp, outcome: &Outcome) {
        Gate::finished(self, now, outcome);
    }
    fn used(&self, now: Timestamp) -> (u32, u32) {
        Gate::used(self, now)
    }
}

impl Machine for Adaptive {
    fn may_send(&mut self, now: Timestamp, lane: Lane) -> Result<(), Timestamp> {
        Adaptive::may_send(self, now, lane)
    }
    fn finished(&mut self, now: Timestamp, outcome: &Outcome) {
        Adaptive::finished(self, now, outcome);
    }
    fn used(&self, _: Timestamp) -> (u32, u32) {
        Adaptive::used(self)
    }
}

/// A gate behind a lock, with a clock.
pub struct Shared<M> {
    machine: Mutex<M>,
    clock: Clock,
}

impl<M: Machine> Shared<M> {
    /// One per account or environment.
    pub fn new(machine: M, clock: Clock) -> Self {
        Self { machine: Mutex::new(machine), clock }
    }

    /// (taken, limit) now, for the console.
    pub fn used(&self) -> (u32, u32) {
        let now = (self.clock)();
        self.with(|m| m.used(now))
    }

    /// Works on the gate itself.
    pub fn with<R>(&self, work: impl FnOnce(&mut M) -> R) -> R {
        work(&mut self.machine.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<M: Machine> Limiter for Shared<M> {
    fn may_send(&self, lane: Lane) -> Result<(), Timestamp> {
        let now = (self.clock)();
        self.with(|m| m.may_send(now, lane))
    }
    fn finished(&self, outcome: &Outcome) {
        let now = (self.clock)();
        self.with(|m| m.finished(now, outcome));
    }
}

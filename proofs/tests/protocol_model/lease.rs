//! The part both models share: two workers, one lease with a fence, crashes and stops.
//!
//! Time is counted in ticks. A live owner beats all the time; a candidate may take over after it has seen no beat for
//! [`LEASE`] ticks. A *stop* is SIGSTOP, a long pause of the machine or a lost database: the worker does nothing and
//! does not know it. Budgets keep the state space finite, so that "in the end" means something.

/// Ticks without a beat after which a candidate may take over.
const LEASE: u8 = 1;

/// One worker's life as the lease sees it. `fence` 0: it owns nothing, or does not know that it did.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Life {
    pub(crate) up: bool,
    pub(crate) stopped: bool,
    pub(crate) fence: u8,
}

/// The lease row in the store, and what may still go wrong.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Lease {
    fence: u8,
    silence: u8,
    lives: [Life; 2],
    crashes_left: u8,
    stops_left: u8,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LeaseStep {
    Crash(usize),
    Restart(usize),
    Stop(usize),
    Resume(usize),
    TakeOver(usize),
}

impl Lease {
    pub(crate) fn new(crashes_left: u8, stops_left: u8) -> Self {
        let life = Life { up: true, stopped: false, fence: 0 };
        Self { fence: 0, silence: LEASE, lives: [life; 2], crashes_left, stops_left }
    }

    /// How often the lease has changed hands.
    pub(crate) fn fence(&self) -> u8 {
        self.fence
    }

    pub(crate) fn life(&self, worker: usize) -> Life {
        self.lives[worker]
    }

    /// It runs and can act.
    pub(crate) fn runs(&self, worker: usize) -> bool {
        self.lives[worker].up && !self.lives[worker].stopped
    }

    /// It holds the lease: the store accepts its fenced statements.
    pub(crate) fn owns(&self, worker: usize) -> bool {
        self.fence > 0 && self.lives[worker].fence == self.fence
    }

    fn owner_beats(&self) -> bool {
        (0..2).any(|w| self.runs(w) && self.owns(w))
    }

    /// Somebody waits for the lease to run out.
    pub(crate) fn clock_runs(&self) -> bool {
        !self.owner_beats() && self.silence < LEASE
    }

    pub(crate) fn tick(&mut self) {
        self.silence = if self.owner_beats() { 0 } else { LEASE.min(self.silence + 1) };
    }

    /// The worker noticed that it lost the lease.
    pub(crate) fn forget(&mut self, worker: usize) {
        self.lives[worker].fence = 0;
    }

    pub(crate) fn steps(&self, out: &mut Vec<LeaseStep>) {
        for w in 0..2 {
            let life = self.lives[w];
            if life.up && self.crashes_left > 0 {
                out.push(LeaseStep::Crash(w));
            }
            if !life.up {
                out.push(LeaseStep::Restart(w));
            }
            if self.runs(w) && life.fence > 0 && self.stops_left > 0 {
                out.push(LeaseStep::Stop(w));
            }
            if life.up && life.stopped {
                out.push(LeaseStep::Resume(w));
            }
            let free = !self.owner_beats() && self.silence >= LEASE;
            if self.runs(w) && life.fence == 0 && free {
                out.push(LeaseStep::TakeOver(w));
            }
        }
    }

    pub(crate) fn apply(&mut self, step: LeaseStep) {
        match step {
            LeaseStep::Crash(w) => {
                self.lives[w] = Life { up: false, stopped: false, fence: 0 };
                self.crashes_left -= 1;
            }
            LeaseStep::Restart(w) => self.lives[w].up = true,
            LeaseStep::Stop(w) => {
                self.lives[w].stopped = true;
                self.stops_left -= 1;
            }
            LeaseStep::Resume(w) => {
                self.lives[w].stopped = false;
                if self.owns(w) {
                    self.silence = 0;
                }
            }
            LeaseStep::TakeOver(w) => {
                self.fence += 1;
                self.silence = 0;
                self.lives[w].fence = self.fence;
            }
        }
    }
}

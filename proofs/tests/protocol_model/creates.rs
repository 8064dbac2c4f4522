//! Creating one remote object: kinds (a) unique at the remote and (b) not unique.

use stateright::{Model, Property};

use super::lease::{Lease, LeaseStep};

/// The effect of a call appears at the latest this many ticks after its last byte.
const EFFECT_LATEST: u8 = 1;
/// A list shows an object at the latest this many ticks after it exists.
const LIST_LAG: u8 = 1;
/// The settle time that covers both.
pub(crate) const SETTLE: u8 = EFFECT_LATEST + LIST_LAG;
/// Attempts after which a person is asked.
const ATTEMPTS: u8 = 2;

/// The protocol under test; every field can be weakened on its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Creates {
    /// The remote refuses a second object with our reference.
    pub(crate) unique: bool,
    /// A doubt is resolved by a look-up, not by sending again.
    pub(crate) look_up: bool,
    /// How long after a doubt the look-up waits.
    pub(crate) settle: u8,
    /// An inherited doubt settles from the take-over; otherwise from the time in the attempt row.
    pub(crate) settle_from_take_over: bool,
    /// A worker may be stopped between its last lease check and its first byte, for any time.
    pub(crate) zombie: bool,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Reply {
    Created,
    Duplicate,
    /// Time-out, 5xx, HTML, cut body.
    Nothing,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum At {
    Idle,
    AttemptWritten,
    Waiting,
    Answered(Reply),
    LookedUp { found: bool },
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Delivery {
    Open,
    Done,
    Held,
}

/// What the store knows of the last attempt.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Attempt {
    None,
    Open,
    InDoubt,
}

/// A request whose bytes have left us. `heard`: its sender still waits for the reply.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Call {
    sender: usize,
    heard: bool,
    effect_left: u8,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct State {
    lease: Lease,
    at: [At; 2],
    delivery: Delivery,
    attempt: Attempt,
    attempts: u8,
    settle_left: u8,
    calls: Vec<Call>,
    objects: u8,
    lag_left: u8,
    losses_left: u8,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    Lease(LeaseStep),
    Tick,
    WriteAttempt(usize),
    Send(usize),
    /// The call takes effect; its reply arrives.
    Effect(usize),
    /// The call takes effect; its reply is lost, or nobody waits for it.
    EffectUnheard(usize),
    /// The call never takes effect.
    Vanish(usize),
    TimeOut(usize),
    LookUp(usize, bool),
    Record(usize),
    /// The worker finds that it lost the lease.
    Yield(usize),
}

impl Creates {
    fn owner_actions(&self, s: &State, w: usize, out: &mut Vec<Action>) {
        if s.delivery != Delivery::Open {
            return;
        }
        let settled = s.settle_left == 0;
        match (s.at[w], s.attempt) {
            (At::Idle, Attempt::None) => out.push(Action::WriteAttempt(w)),
            (At::Idle, Attempt::InDoubt) if settled && self.look_up => {
                if s.objects == 0 || s.lag_left > 0 {
                    out.push(Action::LookUp(w, false));
                }
                if s.objects > 0 {
                    out.push(Action::LookUp(w, true));
                }
            }
            (At::Idle, Attempt::InDoubt) if settled && s.attempts < ATTEMPTS => {
                out.push(Action::WriteAttempt(w));
            }
            (At::Idle, Attempt::InDoubt) if settled => out.push(Action::Record(w)),
            (At::LookedUp { found: false }, _) if s.attempts < ATTEMPTS => {
                out.push(Action::WriteAttempt(w));
            }
            (At::LookedUp { .. }, _) => out.push(Action::Record(w)),
            _ => {}
        }
    }

    fn record(&self, s: &mut State, w: usize) {
        match s.at[w] {
            At::Answered(Reply::Created) | At::LookedUp { found: true } => {
                s.delivery = Delivery::Done;
            }
            At::Answered(Reply::Duplicate | Reply::Nothing) => {
                s.attempt = Attempt::InDoubt;
                s.settle_left = self.settle;
            }
            _ => s.delivery = Delivery::Held,
        }
        s.at[w] = At::Idle;
    }

    fn effect(&self, s: &mut State, call: usize) -> (Call, Reply) {
        let call = s.calls.remove(call);
        if self.unique && s.objects > 0 {
            return (call, Reply::Duplicate);
        }
        s.objects += 1;
        s.lag_left = LIST_LAG;
        (call, Reply::Created)
    }

    fn lease_step(&self, s: &mut State, step: LeaseStep) {
        s.lease.apply(step);
        match step {
            LeaseStep::Crash(w) => {
                s.at[w] = At::Idle;
                s.calls.iter_mut().filter(|c| c.sender == w).for_each(|c| c.heard = false);
            }
            LeaseStep::TakeOver(_) if s.attempt == Attempt::Open => {
                s.attempt = Attempt::InDoubt;
                if self.settle_from_take_over {
                    s.settle_left = self.settle;
                }
            }
            _ => {}
        }
    }
}

impl Model for Creates {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            lease: Lease::new(2, 1),
            at: [At::Idle; 2],
            delivery: Delivery::Open,
            attempt: Attempt::None,
            attempts: 0,
            settle_left: 0,
            calls: Vec::new(),
            objects: 0,
            lag_left: 0,
            losses_left: 2,
        }]
    }

    fn actions(&self, s: &State, out: &mut Vec<Action>) {
        let mut lease = Vec::new();
        s.lease.steps(&mut lease);
        out.extend(lease.into_iter().map(Action::Lease));
        for w in (0..2).filter(|w| s.lease.runs(*w)) {
            let owns = s.lease.owns(w);
            match s.at[w] {
                At::AttemptWritten if owns || self.zombie => out.push(Action::Send(w)),
                At::Waiting if s.losses_left > 0 => out.push(Action::TimeOut(w)),
                At::Answered(_) if owns => out.push(Action::Record(w)),
                _ => {}
            }
            if owns {
                self.owner_actions(s, w, out);
            } else if s.lease.life(w).fence > 0 && s.at[w] != At::Waiting {
                out.push(Action::Yield(w));
            }
        }
        for (i, call) in s.calls.iter().enumerate() {
            if call.heard {
                out.push(Action::Effect(i));
            }
            if !call.heard || s.losses_left > 0 {
                out.push(Action::EffectUnheard(i));
                out.push(Action::Vanish(i));
            }
        }
        let due = s.calls.iter().any(|c| c.effect_left == 0);
        let waiting = s.settle_left > 0 || s.lag_left > 0 || !s.calls.is_empty();
        if !due && (waiting || s.lease.clock_runs()) {
            out.push(Action::Tick);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut s = last.clone();
        match action {
            Action::Lease(step) => self.lease_step(&mut s, step),
            Action::Tick => {
                s.lease.tick();
                s.settle_left = s.settle_left.saturating_sub(1);
                s.lag_left = s.lag_left.saturating_sub(1);
                s.calls.iter_mut().for_each(|c| c.effect_left -= 1);
            }
            Action::WriteAttempt(w) => {
                s.attempt = Attempt::Open;
                s.attempts += 1;
                s.at[w] = At::AttemptWritten;
                if !self.settle_from_take_over {
                    s.settle_left = self.settle;
                }
            }
            Action::Send(w) => {
                s.calls.push(Call { sender: w, heard: true, effect_left: EFFECT_LATEST });
                s.at[w] = At::Waiting;
            }
            Action::Effect(i) => {
                let (call, reply) = self.effect(&mut s, i);
                s.at[call.sender] = At::Answered(reply);
            }
            Action::EffectUnheard(i) => {
                let (call, _) = self.effect(&mut s, i);
                s.unheard(call);
            }
            Action::Vanish(i) => {
                let call = s.calls.remove(i);
                s.unheard(call);
            }
            Action::TimeOut(w) => {
                s.losses_left -= 1;
                s.calls.iter_mut().filter(|c| c.sender == w).for_each(|c| c.heard = false);
                s.at[w] = At::Answered(Reply::Nothing);
            }
            Action::LookUp(w, found) => s.at[w] = At::LookedUp { found },
            Action::Record(w) => self.record(&mut s, w),
            Action::Yield(w) => {
                s.lease.forget(w);
                s.at[w] = At::Idle;
            }
        }
        Some(s)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let closed = |_: &Self, s: &State| s.delivery != Delivery::Open;
        vec![
            Property::always(super::AT_MOST_ONE, |_, s: &State| s.objects <= 1),
            Property::always(super::DONE_IS_TRUE, |_, s: &State| {
                s.delivery != Delivery::Done || s.objects > 0
            }),
            Property::always(super::HELD_IS_TRUE, |_, s: &State| {
                s.delivery != Delivery::Held || s.objects == 0
            }),
            Property::always(super::NEVER_LOST, |m: &Self, s: &State| {
                s.delivery != Delivery::Open || !m.next_states(s).is_empty()
            }),
            Property::eventually(super::EVENTUALLY, closed),
            Property::sometimes(super::ADOPTED, |_, s: &State| {
                s.at.contains(&At::LookedUp { found: true })
            }),
            Property::sometimes("it is sent twice and done", |_, s: &State| {
                s.attempts == 2 && s.delivery == Delivery::Done
            }),
            Property::sometimes("a person is asked", |_, s: &State| s.delivery == Delivery::Held),
            Property::sometimes("the lease changes hands with a call under way", |_, s: &State| {
                s.lease.fence() > 1 && s.calls.iter().any(|c| !s.lease.owns(c.sender))
            }),
        ]
    }
}

impl State {
    /// The sender, if it still waits, learns nothing.
    fn unheard(&mut self, call: Call) {
        if call.heard {
            self.losses_left -= 1;
            self.at[call.sender] = At::Answered(Reply::Nothing);
        }
    }
}

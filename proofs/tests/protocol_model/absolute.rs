//! Kind (c): setting a field of an existing object to a wanted value, while the wish may move and a person may type.

use stateright::{Model, Property};

use super::lease::{Lease, LeaseStep};

/// The effect of a call appears at the latest this many ticks after its last byte.
const EFFECT_LATEST: u8 = 1;
/// The first tick in which no effect can appear any more. A read by key does not lag.
pub(crate) const SETTLE: u8 = EFFECT_LATEST + 1;
/// Attempts after which a person is asked.
const ATTEMPTS: u8 = 2;

/// The protocol under test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absolute {
    /// Writes carry the version that was read; the remote refuses a stale one.
    pub(crate) etag: bool,
    /// How long after a doubt the read-back waits.
    pub(crate) settle: u8,
    /// The planner changes its mind once, at any time.
    pub(crate) wish_moves: bool,
    /// A person writes the field once, at any time.
    pub(crate) person: bool,
    /// A worker may be stopped between its last lease check and its first byte, for any time.
    pub(crate) zombie: bool,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Reply {
    Written,
    /// 412: somebody else was faster.
    Moved,
    Nothing,
}

/// A write: the wanted value and the version it was decided on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Write {
    target: u8,
    version: u8,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum At {
    Idle,
    Read { value: u8, version: u8 },
    AttemptWritten(Write),
    Waiting,
    Answered { target: u8, reply: Reply },
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Call {
    sender: usize,
    heard: bool,
    effect_left: u8,
    write: Write,
}

/// The value a person types; never one of ours.
const BY_HAND: u8 = 9;

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct State {
    lease: Lease,
    at: [At; 2],
    wish: u8,
    recorded: u8,
    held: bool,
    /// The last attempt has no outcome, and nobody of this life waits for one.
    in_doubt: bool,
    attempt_open: bool,
    attempts: u8,
    settle_left: u8,
    calls: Vec<Call>,
    value: u8,
    version: u8,
    /// Bit n: the remote has held value n.
    has_held: u16,
    overwrote_unread: bool,
    wish_moves_left: u8,
    person_left: u8,
    losses_left: u8,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    Lease(LeaseStep),
    Tick,
    MoveWish,
    TypeByHand,
    Read(usize),
    RecordReadBack(usize),
    WriteAttempt(usize),
    Send(usize),
    Effect(usize),
    EffectUnheard(usize),
    Vanish(usize),
    TimeOut(usize),
    Record(usize),
    Hold(usize),
    Yield(usize),
}

impl Absolute {
    fn owner_actions(&self, s: &State, w: usize, out: &mut Vec<Action>) {
        let wanted = s.recorded != s.wish || s.in_doubt;
        if s.held {
            return;
        }
        match s.at[w] {
            At::Idle if wanted && s.settle_left == 0 => out.push(Action::Read(w)),
            At::Read { value, .. } if value == s.wish => out.push(Action::RecordReadBack(w)),
            At::Read { .. } if s.attempts < ATTEMPTS => out.push(Action::WriteAttempt(w)),
            At::Read { .. } => out.push(Action::Hold(w)),
            At::Answered { .. } => out.push(Action::Record(w)),
            _ => {}
        }
    }

    fn effect(&self, s: &mut State, call: usize) -> (Call, Reply) {
        let call = s.calls.remove(call);
        let stale = call.write.version != s.version;
        if self.etag && stale {
            return (call, Reply::Moved);
        }
        s.overwrote_unread |= stale;
        s.set(call.write.target);
        (call, Reply::Written)
    }

    fn record(&self, s: &mut State, w: usize) {
        if let At::Answered { target, reply } = s.at[w] {
            s.attempt_open = false;
            match reply {
                Reply::Written => {
                    s.recorded = target;
                    s.in_doubt = false;
                }
                Reply::Moved => {}
                Reply::Nothing => self.doubt(s),
            }
        }
        s.at[w] = At::Idle;
    }

    fn doubt(&self, s: &mut State) {
        s.in_doubt = true;
        s.settle_left = self.settle;
    }

    fn lease_step(&self, s: &mut State, step: LeaseStep) {
        s.lease.apply(step);
        match step {
            LeaseStep::Crash(w) => {
                s.at[w] = At::Idle;
                s.calls.iter_mut().filter(|c| c.sender == w).for_each(|c| c.heard = false);
            }
            LeaseStep::TakeOver(_) if s.attempt_open => self.doubt(s),
            _ => {}
        }
    }
}

impl State {
    fn write_attempt(&mut self, w: usize) {
        if let At::Read { version, .. } = self.at[w] {
            self.attempts += 1;
            self.attempt_open = true;
            self.in_doubt = false;
            self.at[w] = At::AttemptWritten(Write { target: self.wish, version });
        }
    }

    fn send(&mut self, w: usize) {
        if let At::AttemptWritten(write) = self.at[w] {
            self.calls.push(Call { sender: w, heard: true, effect_left: EFFECT_LATEST, write });
            self.at[w] = At::Waiting;
        }
    }

    fn set(&mut self, value: u8) {
        self.value = value;
        self.version += 1;
        self.has_held |= 1 << value;
    }

    fn answer(&mut self, call: Call, reply: Reply) {
        self.at[call.sender] = At::Answered { target: call.write.target, reply };
    }

    fn unheard(&mut self, call: Call) {
        if call.heard {
            self.losses_left -= 1;
            self.answer(call, Reply::Nothing);
        }
    }
}

impl Model for Absolute {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            lease: Lease::new(1, 1),
            at: [At::Idle; 2],
            wish: 1,
            recorded: 0,
            held: false,
            in_doubt: false,
            attempt_open: false,
            attempts: 0,
            settle_left: 0,
            calls: Vec::new(),
            value: 0,
            version: 0,
            has_held: 1,
            overwrote_unread: false,
            wish_moves_left: u8::from(self.wish_moves),
            person_left: u8::from(self.person),
            losses_left: 1,
        }]
    }

    fn actions(&self, s: &State, out: &mut Vec<Action>) {
        let mut lease = Vec::new();
        s.lease.steps(&mut lease);
        out.extend(lease.into_iter().map(Action::Lease));
        if s.wish_moves_left > 0 {
            out.push(Action::MoveWish);
        }
        if s.person_left > 0 {
            out.push(Action::TypeByHand);
        }
        for w in (0..2).filter(|w| s.lease.runs(*w)) {
            let owns = s.lease.owns(w);
            match s.at[w] {
                At::AttemptWritten(_) if owns || self.zombie => out.push(Action::Send(w)),
                At::Waiting if s.losses_left > 0 => out.push(Action::TimeOut(w)),
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
        if !due && (s.settle_left > 0 || !s.calls.is_empty() || s.lease.clock_runs()) {
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
                s.calls.iter_mut().for_each(|c| c.effect_left -= 1);
            }
            Action::MoveWish => {
                s.wish_moves_left = 0;
                s.wish = 2;
                s.attempts = 0;
            }
            Action::TypeByHand => {
                s.person_left = 0;
                s.set(BY_HAND);
            }
            Action::Read(w) => s.at[w] = At::Read { value: s.value, version: s.version },
            Action::RecordReadBack(w) => {
                s.recorded = s.wish;
                s.in_doubt = false;
                s.at[w] = At::Idle;
            }
            Action::WriteAttempt(w) => s.write_attempt(w),
            Action::Send(w) => s.send(w),
            Action::Effect(i) => {
                let (call, reply) = self.effect(&mut s, i);
                s.answer(call, reply);
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
                for call in s.calls.iter_mut().filter(|c| c.sender == w && c.heard) {
                    call.heard = false;
                    s.at[w] = At::Answered { target: call.write.target, reply: Reply::Nothing };
                }
            }
            Action::Record(w) => self.record(&mut s, w),
            Action::Hold(w) => {
                s.held = true;
                s.at[w] = At::Idle;
            }
            Action::Yield(w) => {
                s.lease.forget(w);
                s.at[w] = At::Idle;
            }
        }
        Some(s)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(super::LATEST_WISH, |m: &Self, s: &State| {
                let as_wished = s.value == s.wish || s.value == BY_HAND || s.held;
                as_wished || !m.next_states(s).is_empty()
            }),
            Property::always(super::NOTHING_UNREAD, |_, s: &State| !s.overwrote_unread),
            Property::always(super::DONE_IS_TRUE, |_, s: &State| {
                s.has_held & (1 << s.recorded) != 0
            }),
            Property::always(super::NEVER_LOST, |m: &Self, s: &State| {
                let closed = s.recorded == s.wish || s.held;
                closed || !m.next_states(s).is_empty()
            }),
            Property::sometimes("the lease changes hands with a call under way", |_, s: &State| {
                s.lease.fence() > 1 && s.calls.iter().any(|c| !s.lease.owns(c.sender))
            }),
        ]
    }
}

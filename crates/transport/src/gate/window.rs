//! ShipBob: at most so many calls in any 60 seconds, per account, counted when a call arrives at
//! ShipBob. A call arrives somewhere between its sending and its reply, so it takes a place from
//! the moment it is sent until 60 s (and a small margin for clocks) after its reply. With that no
//! 60 seconds of the server's time can see more calls of ours than there are places.
//!
//! After a start or a hand-over the window may be full of somebody's calls: one call at a time is
//! let through until `x-remaining-calls` tells the truth, or the window has passed. A 429 brings
//! the gate back to that state.

use super::{DEFAULT_WAIT, Outcome, server_wait};
use crate::{Response, TransportError};
use domain::operation::Lane;
use domain::time::{Span, Timestamp};
use std::collections::VecDeque;

/// How long a place stays taken after its answer.
pub const STAYS: Span = Span::millis(60_200);

const WINDOW: Span = Span::seconds(60);
/// Clock jitter and the granularity of the server's own window.
const MARGIN: Span = Span::millis(200);
/// A permission not answered after this long was dropped by a cancelled caller.
const FORGOTTEN: Span = Span::minutes(10);
/// When somebody's reply is what we wait for.
const ASK_AGAIN: Span = Span::millis(50);
/// How long places stay reserved after a cancel or fulfilment call was last wanted.
const URGENT: Span = Span::hours(1);

/// A call that was answered.
#[derive(Debug, Clone, Copy)]
struct Answered {
    sent: Timestamp,
    reply: Timestamp,
}

/// Sliding window of one ShipBob account.
#[derive(Debug, Clone)]
pub struct Gate {
    /// `None` = unlimited.
    limit: Option<u32>,
    in_flight: VecDeque<Timestamp>,
    answered: VecDeque<Answered>,
    /// Places taken by calls that are not ours: (until, how many), oldest first.
    foreign: VecDeque<(Timestamp, u32)>,
    closed_until: Timestamp,
    /// The window is not proven to have room; the time says when it has passed by itself, `None`
    /// before the first question.
    unproven: Option<Option<Timestamp>>,
    next_probe: Timestamp,
    urgent_until: Timestamp,
    clock: Timestamp,
}

impl Gate {
    /// A gate for `per_minute` calls; assumes a full window at first.
    pub fn new(per_minute: u32) -> Self {
        Self {
            limit: Some(per_minute.max(1)),
            in_flight: VecDeque::new(),
            answered: VecDeque::new(),
            foreign: VecDeque::new(),
            closed_until: Timestamp::MIN,
            unproven: Some(None),
            next_probe: Timestamp::MIN,
            urgent_until: Timestamp::MIN,
            clock: Timestamp::MIN,
        }
    }

    /// A gate that only obeys the server's own times: for benches on unlimited twins.
    pub fn unlimited() -> Self {
        Self { limit: None, unproven: None, ..Self::new(1) }
    }

    /// Permission for one call at `now`, or the time to ask again. A permission takes a place
    /// until [`Gate::finished`] says how the call ended.
    ///
    /// While cancels or fulfilment were wanted in the last hour, one place in 75 is kept for them
    /// (one in 150 for cancels alone); background work always leaves one place in 15.
    pub fn may_send(&mut self, now: Timestamp, lane: Lane) -> Result<(), Timestamp> {
        let now = self.tick(now);
        if lane <= Lane::Fulfilment {
            self.urgent_until = now + URGENT;
        }
        if now < self.closed_until {
            return Err(self.closed_until);
        }
        let Some(limit) = self.limit else { return Ok(()) };
        if let Some(passed) = self.unproven {
            let passed = passed.unwrap_or(now + WINDOW + MARGIN);
            if now >= passed {
                self.unproven = None;
            } else {
                self.unproven = Some(Some(passed));
                if !self.in_flight.is_empty() {
                    return Err(now + ASK_AGAIN);
                }
                if now < self.next_probe {
                    return Err(self.next_probe);
                }
            }
        }
        let allowed = limit - self.reserve(limit, lane, now);
        if self.taken() >= allowed {
            return Err(self.free_at(self.taken() - allowed + 1, now));
        }
        self.in_flight.push_back(now);
        Ok(())
    }

    /// Tells how a permitted call ended.
    pub fn finished(&mut self, now: Timestamp, outcome: &Outcome) {
        match outcome {
            Ok(response) => self.observe(now, response),
            // No byte left: the place was not used.
            Err(TransportError::NotSent { .. }) => {
                self.in_flight.pop_back();
                self.next_probe = self.tick(now) + Span::seconds(1);
            }
            Err(_) => {
                let now = self.tick(now);
                self.answer(now);
                self.next_probe = now + self.spacing();
            }
        }
    }

    fn observe(&mut self, now: Timestamp, response: &Response) {
        let now = self.tick(now);
        let first_sent = self.answer(now);
        let remaining =
            response.header("x-remaining-calls").and_then(|text| text.trim().parse::<u32>().ok());
        let wait = server_wait(response, now);
        if response.status == 429 {
            self.close(now, wait.unwrap_or(DEFAULT_WAIT));
            self.foreign.clear();
            self.unproven = Some(Some(self.closed_until + WINDOW + MARGIN));
            return;
        }
        if let Some(wait) = wait.filter(|_| response.status == 503 || remaining == Some(0)) {
            self.close(now, wait);
        }
        match (remaining, self.limit) {
            (Some(remaining), Some(limit)) => self.learn(now, first_sent, limit, remaining),
            _ => self.next_probe = now + self.spacing(),
        }
    }

    /// Compares the server's count with ours; the difference is somebody else's.
    fn learn(&mut self, now: Timestamp, sent: Timestamp, limit: u32, remaining: u32) {
        let counted = limit.saturating_sub(remaining);
        // At most all of ours are in the server's count, so at least the rest is foreign.
        let at_least = counted.saturating_sub(self.own());
        // Ours that were answered before this call left and are younger than the window certainly
        // are in it, so at most the rest is foreign. Which answer belongs to which call is not
        // known, but both rows are in order, so the overlap is never overstated.
        let young = self.answered.partition_point(|a| a.sent <= now - WINDOW);
        let before = self.answered.partition_point(|a| a.reply < sent);
        let at_most = counted.saturating_sub(count(before.saturating_sub(young)) + 1);
        self.unproven = None;
        let known = self.foreign();
        if at_least > known {
            self.foreign.push_back((now + WINDOW + MARGIN, at_least - known));
        }
        let mut surplus = self.foreign().saturating_sub(at_most.max(at_least));
        while surplus > 0 {
            let Some((until, n)) = self.foreign.pop_front() else { break };
            if n > surplus {
                self.foreign.push_front((until, n - surplus));
            }
            surplus = surplus.saturating_sub(n);
        }
    }

    /// (places taken, places), for the console. Unlimited: (0, [`u32::MAX`]).
    pub fn used(&self, now: Timestamp) -> (u32, u32) {
        let Some(limit) = self.limit else { return (0, u32::MAX) };
        let mut copy = self.clone();
        let now = copy.tick(now);
        let unproven = copy.unproven.is_some_and(|passed| passed.is_none_or(|at| now < at));
        (if unproven { limit } else { copy.taken().min(limit) }, limit)
    }

    /// Closed by the server until then; in the past when open.
    pub fn closed_until(&self) -> Timestamp {
        self.closed_until
    }

    fn close(&mut self, now: Timestamp, wait: Span) {
        // A server that says 0 seconds would be asked in a tight loop.
        self.closed_until = self.closed_until.max(now + wait.max(Span::seconds(1)));
    }

    /// Never lets time go back, and forgets what has passed.
    fn tick(&mut self, now: Timestamp) -> Timestamp {
        self.clock = self.clock.max(now);
        let now = self.clock;
        let over = |reply: Timestamp| reply + WINDOW + MARGIN <= now;
        while self.answered.front().is_some_and(|a| over(a.reply)) {
            self.answered.pop_front();
        }
        while self.foreign.front().is_some_and(|(until, _)| *until <= now) {
            self.foreign.pop_front();
        }
        while self.in_flight.front().is_some_and(|sent| *sent + FORGOTTEN <= now) {
            self.in_flight.pop_front();
        }
        now
    }

    /// Moves the oldest call under way to the answered ones; returns when it was sent.
    fn answer(&mut self, now: Timestamp) -> Timestamp {
        let sent = self.in_flight.pop_front().unwrap_or(now);
        if self.limit.is_some() {
            self.answered.push_back(Answered { sent, reply: now });
        }
        sent
    }

    fn own(&self) -> u32 {
        count(self.in_flight.len() + self.answered.len())
    }

    fn foreign(&self) -> u32 {
        self.foreign.iter().map(|(_, n)| n).sum()
    }

    fn taken(&self) -> u32 {
        self.own() + self.foreign()
    }

    fn reserve(&self, limit: u32, lane: Lane, now: Timestamp) -> u32 {
        let urgent = |n: u32| if now < self.urgent_until { n } else { 0 };
        match lane {
            Lane::Cancel => 0,
            Lane::Fulfilment => urgent(limit / 150),
            Lane::Orders => urgent(limit / 75),
            // Products leave more room than orders, less than everything else.
            Lane::Products => limit / 25,
            Lane::Background | Lane::Stock | Lane::Charges => limit / 15,
        }
    }

    /// Between single calls while nothing is known: the pace the account can bear for ever.
    fn spacing(&self) -> Span {
        Span(WINDOW.0 / i64::from(self.limit.unwrap_or(1)))
    }

    /// When `wanted` more places will be free, as far as that can be known now.
    fn free_at(&self, wanted: u32, now: Timestamp) -> Timestamp {
        let own = self.answered.iter().map(|a| (a.reply + WINDOW + MARGIN, 1));
        let mut ends: Vec<(Timestamp, u32)> = own.chain(self.foreign.iter().copied()).collect();
        ends.sort_unstable();
        let mut freed = 0;
        for (at, n) in ends {
            freed += n;
            if freed >= wanted {
                return at;
            }
        }
        now + WINDOW + MARGIN
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

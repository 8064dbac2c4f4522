//! Fair sharing of one gate among the connections of a cell. Pure: who holds how many places, who
//! waits, and whether somebody may take one more now.
//!
//! A connection may take whatever is free. Only when another one waits in a lane as urgent that has
//! less than its share, whoever has its share already lets it go first. So nobody starves, nothing
//! stays unused, and one connection alone is never slowed down.

use domain::operation::Lane;
use domain::time::{Span, Timestamp};
use std::collections::VecDeque;

/// A place that was not given back after this long was dropped by a cancelled caller.
const FORGOTTEN: Span = Span::minutes(10);
/// Somebody who was told a time and does not come back within this long no longer waits.
const GRACE: Span = Span::seconds(2);
/// After the one that goes first has asked.
const AFTER: Span = Span::millis(50);

/// What one connection holds and wants.
#[derive(Debug, Clone, Default)]
struct Seat {
    in_flight: VecDeque<Timestamp>,
    /// Places still taken by answered calls, each until then.
    done: VecDeque<Timestamp>,
    /// Lane and time at which it was told to ask again.
    waits: Option<(Lane, Timestamp)>,
    asked: Option<Timestamp>,
}

impl Seat {
    fn taken(&self) -> usize {
        self.in_flight.len() + self.done.len()
    }

    fn tick(&mut self, now: Timestamp) {
        while self.in_flight.front().is_some_and(|sent| *sent + FORGOTTEN <= now) {
            self.in_flight.pop_front();
        }
        while self.done.front().is_some_and(|until| *until <= now) {
            self.done.pop_front();
        }
        if self.waits.is_some_and(|(_, at)| at + GRACE <= now) {
            self.waits = None;
        }
    }
}

/// The seats of one gate.
#[derive(Debug, Clone)]
pub struct Share {
    seats: Vec<Seat>,
    /// How long a place stays taken after its call was answered.
    stays: Span,
    /// The last free place is kept for one that has none: a call may take minutes.
    keeps_last: bool,
}

impl Share {
    /// For a gate whose places stay taken for `stays` after the answer.
    pub fn new(stays: Span) -> Self {
        Self { seats: Vec::new(), stays, keeps_last: stays <= Span(0) }
    }

    /// One more connection; returns its number.
    pub fn join(&mut self) -> usize {
        self.seats.push(Seat::default());
        self.seats.len() - 1
    }

    /// Whether `me` may ask the gate for one more place now, of which it has (taken, limit); else
    /// when to ask again.
    pub fn may_ask(
        &mut self,
        me: usize,
        lane: Lane,
        now: Timestamp,
        (used, limit): (u32, u32),
    ) -> Result<(), Timestamp> {
        if let Some(seat) = self.seats.get_mut(me) {
            seat.asked = Some(now);
        }
        if self.seats.len() < 2 || limit == u32::MAX {
            return Ok(());
        }
        for seat in &mut self.seats {
            seat.tick(now);
        }
        let mine = self.seats.get(me).map_or(0, Seat::taken);
        let others = || self.seats.iter().enumerate().filter(|(at, _)| *at != me);
        let at_table = 1 + others().filter(|(_, s)| s.waits.is_some() || s.taken() > 0).count();
        let limit_of_all = usize::try_from(limit).unwrap_or(usize::MAX);
        let share = (limit_of_all / at_table).max(1);
        let first = others()
            .filter(|(_, seat)| seat.taken() < share)
            .filter_map(|(_, seat)| seat.waits.filter(|(wanted, _)| *wanted <= lane))
            .map(|(_, at)| at)
            .min();
        if let Some(at) = first.filter(|_| mine >= share) {
            return self.later(me, lane, at.max(now) + AFTER);
        }
        let lately = |seat: &Seat| seat.asked.is_some_and(|at| at + FORGOTTEN > now);
        let empty = others().any(|(_, seat)| seat.taken() == 0 && lately(seat));
        if self.keeps_last && empty && mine > 0 && limit.saturating_sub(used) <= 1 {
            return self.later(me, lane, now + AFTER);
        }
        Ok(())
    }

    fn later(&mut self, me: usize, lane: Lane, at: Timestamp) -> Result<(), Timestamp> {
        self.refused(me, lane, at);
        Err(at)
    }

    /// The gate gave `me` a place.
    pub fn granted(&mut self, me: usize, now: Timestamp) {
        if let Some(seat) = self.seats.get_mut(me) {
            seat.in_flight.push_back(now);
            seat.waits = None;
        }
    }

    /// `me` was told to come again at `at`.
    pub fn refused(&mut self, me: usize, lane: Lane, at: Timestamp) {
        if let Some(seat) = self.seats.get_mut(me) {
            seat.waits = Some((lane, at));
        }
    }

    /// A call of `me` ended; `unused`: no byte left.
    pub fn finished(&mut self, me: usize, now: Timestamp, unused: bool) {
        let stays = self.stays;
        if let Some(seat) = self.seats.get_mut(me) {
            seat.in_flight.pop_front();
            if !unused && stays > Span(0) {
                seat.done.push_back(now + stays);
            }
        }
    }
}

//! F&O: how many calls it bears at once is not published and changes with its load. The gate
//! starts with 4, adds one after a full round of good replies up to 8, halves when the server says
//! "too many" (429) or "not now" (503), and stays closed for the time the server asks for.

use super::{DEFAULT_WAIT, Outcome, server_wait};
use crate::TransportError;
use domain::operation::Lane;
use domain::time::{Span, Timestamp};
use std::collections::VecDeque;

const START: u32 = 4;
const MOST: u32 = 8;
/// A permission not answered after this long was dropped by a cancelled caller.
const FORGOTTEN: Span = Span::minutes(10);
/// When all places are taken, how long until asking again makes sense.
const ASK_AGAIN: Span = Span::millis(50);

/// Concurrency limit of one F&O environment.
#[derive(Debug, Clone)]
pub struct Adaptive {
    limit: u32,
    in_flight: VecDeque<Timestamp>,
    good: u32,
    closed_until: Timestamp,
}

impl Default for Adaptive {
    fn default() -> Self {
        Self::new()
    }
}

impl Adaptive {
    /// Starts with four calls at once.
    pub fn new() -> Self {
        Self { limit: START, in_flight: VecDeque::new(), good: 0, closed_until: Timestamp::MIN }
    }

    /// Permission for one call at `now`, or the time to ask again. The last free place is kept
    /// from background work while there is more than one.
    pub fn may_send(&mut self, now: Timestamp, lane: Lane) -> Result<(), Timestamp> {
        if now < self.closed_until {
            return Err(self.closed_until);
        }
        while self.in_flight.front().is_some_and(|sent| *sent + FORGOTTEN <= now) {
            self.in_flight.pop_front();
        }
        let kept = u32::from(self.limit > 1 && lane > Lane::Orders);
        if self.taken() + kept >= self.limit {
            return Err(now + ASK_AGAIN);
        }
        self.in_flight.push_back(now);
        Ok(())
    }

    /// Tells how a permitted call ended.
    pub fn finished(&mut self, now: Timestamp, outcome: &Outcome) {
        self.in_flight.pop_front();
        let response = match outcome {
            Ok(response) => response,
            // A lost reply is often a server that drowns: no reason to send more at once.
            Err(TransportError::Lost { .. }) => {
                self.good = 0;
                return;
            }
            Err(_) => return,
        };
        if matches!(response.status, 429 | 503) {
            // A server that says 0 seconds would be asked in a tight loop.
            let wait = server_wait(response, now).unwrap_or(DEFAULT_WAIT).max(Span::seconds(1));
            // Several calls refused together are one message, not one per call.
            if now >= self.closed_until {
                self.limit = (self.limit / 2).max(1);
            }
            self.good = 0;
            self.closed_until = self.closed_until.max(now + wait);
        } else if response.status < 500 {
            self.good += 1;
            if self.good >= self.limit && self.limit < MOST {
                self.limit += 1;
                self.good = 0;
            }
        }
    }

    /// (calls under way, limit), for the console.
    pub fn used(&self) -> (u32, u32) {
        (self.taken(), self.limit)
    }

    fn taken(&self) -> u32 {
        u32::try_from(self.in_flight.len()).unwrap_or(u32::MAX)
    }
}

//! A server that counts as ShipBob is documented to: calls in any 60 seconds, on arrival.

use super::{START, reply};
use crate::Response;
use crate::gate::Gate;
use domain::operation::Lane;
use domain::time::{Span, Timestamp};
use std::collections::{BTreeSet, VecDeque};

pub(super) struct Server {
    pub limit: usize,
    pub calls: VecDeque<Timestamp>,
    pub refused: u32,
    pub tells_remaining: bool,
    pub rejected_count: bool,
}

impl Server {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            calls: VecDeque::new(),
            refused: 0,
            tells_remaining: true,
            rejected_count: false,
        }
    }

    pub(super) fn call(&mut self, at: Timestamp) -> Response {
        while self.calls.front().is_some_and(|c| *c <= at - Span::seconds(60)) {
            self.calls.pop_front();
        }
        if self.calls.len() >= self.limit {
            self.refused += 1;
            let free = self.calls[0] + Span::seconds(60);
            if self.rejected_count {
                self.calls.push_back(at);
            }
            let wait = (free.since(at).0 + 999_999) / 1_000_000;
            return reply(429, &[("x-remaining-calls", "0"), ("x-retry-after", &wait.to_string())]);
        }
        self.calls.push_back(at);
        let left = self.limit - self.calls.len();
        if self.tells_remaining {
            reply(200, &[("x-remaining-calls", &left.to_string())])
        } else {
            reply(200, &[])
        }
    }
}

/// What a run of `wanted` calls looked like.
pub(super) struct Run {
    pub server: Server,
    pub finished: Timestamp,
}

/// Sends `wanted` calls as fast as the gate allows, `at_once` at a time. A call takes
/// `latencies[i]` ms each way, in turn.
pub(super) fn burst(
    gate: &mut Gate,
    mut server: Server,
    wanted: usize,
    at_once: usize,
    latencies: &[(i64, i64)],
    lane: Lane,
) -> Run {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    enum Event {
        Ask(usize),
        Arrive(usize),
        Reply(usize),
    }
    let mut events: BTreeSet<(Timestamp, usize, Event)> = BTreeSet::new();
    let mut replies = std::collections::BTreeMap::new();
    let mut serial = 0;
    let mut left = wanted;
    for worker in 0..at_once {
        events.insert((START, worker, Event::Ask(worker)));
        serial = worker;
    }
    let mut finished = START;
    while let Some((now, _, event)) = events.pop_first() {
        serial += 1;
        match event {
            Event::Ask(_) if left == 0 => {}
            Event::Ask(worker) => match gate.may_send(now, lane) {
                Ok(()) => {
                    left -= 1;
                    let (out, _) = latencies[left % latencies.len()];
                    events.insert((now + Span::millis(out), serial, Event::Arrive(worker)));
                }
                Err(at) => {
                    assert!(at > now, "asked again at once");
                    events.insert((at, serial, Event::Ask(worker)));
                }
            },
            Event::Arrive(worker) => {
                replies.insert(worker, server.call(now));
                let (_, back) = latencies[left % latencies.len()];
                events.insert((now + Span::millis(back), serial, Event::Reply(worker)));
            }
            Event::Reply(worker) => {
                let outcome = Ok(replies.remove(&worker).expect("a reply"));
                gate.finished(now, &outcome);
                finished = now;
                events.insert((now, serial, Event::Ask(worker)));
            }
        }
    }
    Run { server, finished }
}

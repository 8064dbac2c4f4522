//! What is going to happen by itself, in order of time.

use std::collections::BTreeMap;

use super::Event;

/// A handle to withdraw a scheduled event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventKey(i64, u64);

/// Events by due time; two events of one moment run in the order they were scheduled.
#[derive(Default)]
pub(crate) struct EventQueue {
    due: BTreeMap<EventKey, Event>,
    scheduled: u64,
}

impl EventQueue {
    /// Puts `event` at `at` (world micros).
    pub(crate) fn schedule(&mut self, at: i64, event: Event) -> EventKey {
        self.scheduled += 1;
        let key = EventKey(at, self.scheduled);
        self.due.insert(key, event);
        key
    }

    /// Withdraws an event that has not run. Withdrawn events no longer count for `next_at`.
    pub(crate) fn withdraw(&mut self, key: EventKey) -> bool {
        self.due.remove(&key).is_some()
    }

    pub(crate) fn next_at(&self) -> Option<i64> {
        self.due.first_key_value().map(|(key, _)| key.0)
    }

    /// What happens next.
    pub(crate) fn next(&self) -> Option<&Event> {
        self.due.first_key_value().map(|(_, event)| event)
    }

    pub(crate) fn pop_due(&mut self, to: i64) -> Option<(i64, Event)> {
        if self.next_at()? > to {
            return None;
        }
        self.due.pop_first().map(|(key, event)| (key.0, event))
    }

    pub(crate) fn len(&self) -> usize {
        self.due.len()
    }
}

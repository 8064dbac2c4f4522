//! The rate window: so many calls per sliding minute and token.

use std::collections::VecDeque;

use crate::world::calendar::{MINUTE, SECOND};

pub(super) struct Window {
    /// `None` = unlimited.
    limit: Option<usize>,
    calls: VecDeque<i64>,
}

impl Window {
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        let limit = per_minute.and_then(|limit| usize::try_from(limit).ok());
        Self { limit, calls: VecDeque::new() }
    }

    /// Takes one call at `now`. `Err` = seconds until the next one is free.
    pub(super) fn take(&mut self, now: i64, rejected_count: bool) -> Result<(), u32> {
        let Some(limit) = self.limit else { return Ok(()) };
        while self.calls.front().is_some_and(|at| *at <= now - MINUTE) {
            self.calls.pop_front();
        }
        if self.calls.len() < limit {
            self.calls.push_back(now);
            return Ok(());
        }
        if rejected_count {
            self.calls.push_back(now);
            self.calls.pop_front();
        }
        let first = self.calls.front().copied().unwrap_or(now);
        let wait = (first + MINUTE - now + SECOND - 1) / SECOND;
        Err(u32::try_from(wait.max(1)).unwrap_or(60))
    }

    /// Calls left now; `None` = unlimited.
    pub(super) fn remaining(&self) -> Option<usize> {
        self.limit.map(|limit| limit.saturating_sub(self.calls.len()))
    }
}

//! Forgetting what is old, once a day from midnight UTC, in small batches between other work.
//! Where it got to is kept: a restart in the night goes on the next second.

use crate::doctor::next_multiple;
use crate::error::Result;
use crate::parts::Engine;
use crate::trail;
use domain::retention::Retention as Periods;
use domain::time::{Span, Timestamp};
use store::{Retention, TrailEntry};

/// When the last round ended.
const CURSOR: &str = "retention";
/// Between two rounds.
const EVERY: Span = Span::days(1);
/// Between two batches of one round.
const PAUSE: Span = Span::seconds(1);
/// Rows of one table in one batch: keeps a transaction under some tens of milliseconds.
const BATCH: usize = 500;
/// Orders whose personal data goes in one batch; each touches several tables.
pub(crate) const PERSONS: usize = 25;

/// A round under way.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// When the next batch is due, once that was read from the database.
    due: Option<Timestamp>,
    /// How far the walk over finished writes got; none when it is over.
    attempts_after: Option<i64>,
    /// A round is under way.
    begun: bool,
    /// Rows that went, by table.
    gone: [u64; 6],
}

/// What the numbers of a round are of.
const TABLES: [&str; 6] =
    ["signals", "plans", "holds", "attempts", "orders' data", "trail entries"];

impl Round {
    /// When something is to be done.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.due
    }

    fn words(&self) -> Option<String> {
        let parts: Vec<String> = TABLES
            .iter()
            .zip(self.gone)
            .filter(|(_, n)| *n > 0)
            .map(|(table, n)| format!("{n} {table}"))
            .collect();
        (!parts.is_empty())
            .then(|| format!("Kept for their time and deleted: {}.", parts.join(", ")))
    }
}

impl Engine {
    /// One batch of what is due; nothing where no periods are given.
    pub(crate) async fn retain_when_due(&self) -> Result<()> {
        let Some(periods) = self.options.retention else { return Ok(()) };
        let now = self.now();
        let due = self.remember().retention.due;
        let due = match due {
            Some(due) => due,
            None => {
                let row = self.store.read().await?.cursor(&self.scope, CURSOR).await?;
                let due = row.map_or(now, |(_, at)| next_multiple(at, EVERY.0));
                self.remember().retention.due = Some(due);
                due
            }
        };
        if now < due {
            return Ok(());
        }
        let more = self.retain_batch(&periods, now).await?;
        let next = if more { now + PAUSE } else { next_multiple(now, EVERY.0) };
        self.remember().retention.due = Some(next);
        Ok(())
    }

    /// True when there is more to do in this round.
    async fn retain_batch(&self, periods: &Periods, now: Timestamp) -> Result<bool> {
        let (begun, after) = {
            let memory = self.remember();
            (memory.retention.begun, memory.retention.attempts_after)
        };
        let before = |period: Option<Span>| period.map(|span| now - span);
        let after = if begun { after } else { before(periods.attempts).map(|_| 0) };
        let keep = Retention {
            inbox: before(periods.signals),
            plans: before(periods.plans),
            holds: before(periods.holds),
        };
        let mut work = self.begin("retention").await?;
        let gone = work.txn.retain(&self.scope, &keep, BATCH).await?;
        let (attempts, next) = match (before(periods.attempts), after) {
            (Some(before), Some(after)) => {
                work.txn.retain_attempts(&self.scope, before, after, BATCH).await?
            }
            _ => (0, None),
        };
        let persons = match before(periods.personal) {
            Some(before) => self.retain_persons(&mut work.txn, before, now).await?,
            None => 0,
        };
        let entries = match before(periods.trail) {
            Some(before) => {
                let who = (trail::ENGINE, now);
                work.txn.trail_archive(&self.scope, before, BATCH, who).await?
            }
            None => 0,
        };
        let batch = [gone.inbox, gone.plans, gone.holds, attempts, persons, entries];
        let full = |n: u64, batch: usize| n >= batch as u64;
        let more = next.is_some()
            || full(persons, PERSONS)
            || [gone.inbox, gone.plans, gone.holds, entries].into_iter().any(|n| full(n, BATCH));
        let said = {
            let mut memory = self.remember();
            let round = &mut memory.retention;
            if !begun {
                round.gone = [0; 6];
            }
            for (sum, n) in round.gone.iter_mut().zip(batch) {
                *sum += n;
            }
            (round.begun, round.attempts_after) = (more, next);
            if more { None } else { round.words() }
        };
        if !more {
            let text = now.to_rfc3339();
            work.txn.cursor_put(&self.scope, CURSOR, &text, now).await?;
        }
        if let Some(words) = said {
            let entry = trail::entry(now, trail::ENGINE, "retention", "", words);
            let entry = TrailEntry { subject: None, ..entry };
            work.txn.trail_append(&self.scope, vec![entry]).await?;
        }
        work.commit().await?;
        Ok(more)
    }
}

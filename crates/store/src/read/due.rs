//! What is due next, of every kind, in one statement: asked before every step, so it is answered
//! from the ends of indexes, however much waits.

use crate::error::Result;
use crate::gate::{Reader, scoped, statements};
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    tenant DUE = "SELECT \
        (SELECT received_at FROM inbox WHERE organisation_id = $1 AND connection_id = $2 \
        AND done_at IS NULL ORDER BY id LIMIT 1) AS signal, \
        (SELECT dirty_at FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND dirty_at IS NOT NULL ORDER BY lane, dirty_at LIMIT 1) AS dirty, \
        (SELECT MIN(plan_at) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND plan_at IS NOT NULL) AS timer, \
        (SELECT MIN(watch_at) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND watch_at IS NOT NULL) AS watch, \
        (SELECT MIN(not_before) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'in_doubt') AS doubt, \
        (SELECT MIN(updated_at) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'in_flight') AS flying, \
        (SELECT MIN(not_before) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready' AND lane = 0) AS lane_0, \
        (SELECT MIN(not_before) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready' AND lane = 1) AS lane_1, \
        (SELECT MIN(not_before) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready' AND lane = 2) AS lane_2, \
        (SELECT MIN(not_before) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready' AND lane = 3) AS lane_3, \
        (SELECT MIN(not_before) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready' AND lane = 4) AS lane_4, \
        (SELECT MIN(not_before) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready' AND lane = 5) AS lane_5, \
        (SELECT MIN(not_before) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready' AND lane = 6) AS lane_6";
}

/// When the first of each kind is due; `None` when nothing of the kind waits. A moment in the past
/// means now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    /// A signal waits since then.
    pub signal: Option<Timestamp>,
    /// A subject waits to be planned since then; not always the oldest.
    pub dirty: Option<Timestamp>,
    /// A subject asked to be planned again.
    pub timer: Option<Timestamp>,
    /// A subject is to be read again by key.
    pub watch: Option<Timestamp>,
    /// A delivery in doubt is to be looked up.
    pub doubt: Option<Timestamp>,
    /// A delivery is being sent since then.
    pub flying: Option<Timestamp>,
    /// A delivery of each lane may be sent.
    pub ready: [Option<Timestamp>; 7],
}

impl Due {
    /// A delivery of this lane may be sent.
    pub fn of_lane(&self, lane: i64) -> Option<Timestamp> {
        usize::try_from(lane).ok().and_then(|lane| self.ready.get(lane).copied()).flatten()
    }

    /// Nothing is to be planned, sent or looked up now. Signals do not count: the watch list makes
    /// some for ever; what they bring up does.
    pub fn quiet(&self) -> bool {
        self.dirty.is_none()
            && self.doubt.is_none()
            && self.flying.is_none()
            && self.ready.iter().all(Option::is_none)
    }

    /// When there is something to do next, signals left out: when they are worked off is the
    /// caller's to say.
    pub fn next(&self) -> Option<Timestamp> {
        let single = [self.dirty, self.timer, self.watch, self.doubt];
        single.into_iter().chain(self.ready).flatten().min()
    }
}

impl Reader {
    /// What is due next, of every kind.
    ///
    /// # Errors
    /// As every statement.
    pub async fn due(&mut self, scope: &Scope) -> Result<Due> {
        let row = self.one(&DUE, scoped![scope]).await?;
        Ok(Due {
            signal: row.time_opt("signal")?,
            dirty: row.time_opt("dirty")?,
            timer: row.time_opt("timer")?,
            watch: row.time_opt("watch")?,
            doubt: row.time_opt("doubt")?,
            flying: row.time_opt("flying")?,
            ready: [
                row.time_opt("lane_0")?,
                row.time_opt("lane_1")?,
                row.time_opt("lane_2")?,
                row.time_opt("lane_3")?,
                row.time_opt("lane_4")?,
                row.time_opt("lane_5")?,
                row.time_opt("lane_6")?,
            ],
        })
    }
}

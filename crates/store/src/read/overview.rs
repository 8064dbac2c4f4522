//! How much waits: for the engine's own pace and for health. Cheap enough for every step.

use crate::error::Result;
use crate::gate::{Reader, scoped, statements};
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    // `> 0` is what lets SQLite choose the partial indexes.
    tenant OVERVIEW_SUBJECTS = "SELECT \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND dirty_at > 0) AS waiting, \
        (SELECT MIN(dirty_at) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND dirty_at > 0) AS oldest_waiting, \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND held AND seen_at > 0) AS held, \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND released_at > 0 AND accepted_at IS NULL AND cancelled_at IS NULL \
        AND status = 'sending') AS not_accepted, \
        (SELECT MIN(released_at) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND released_at > 0 AND accepted_at IS NULL AND cancelled_at IS NULL \
        AND status = 'sending') AS oldest_not_accepted, \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND shipped_at > 0 AND written_at IS NULL) AS not_written, \
        (SELECT MIN(shipped_at) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND shipped_at > 0 AND written_at IS NULL) AS oldest_not_written";
    // A stage passed since then was written since then, so the index on updated_at finds it.
    tenant OVERVIEW_TODAY = "SELECT COUNT(CASE WHEN released_at >= $3 THEN 1 END) AS released, \
        COUNT(CASE WHEN accepted_at >= $3 THEN 1 END) AS accepted, \
        COUNT(CASE WHEN shipped_at >= $3 THEN 1 END) AS shipped, \
        COUNT(CASE WHEN written_at >= $3 THEN 1 END) AS written, \
        COUNT(CASE WHEN delivered_at >= $3 THEN 1 END) AS delivered, \
        COUNT(CASE WHEN cancelled_at >= $3 THEN 1 END) AS cancelled FROM subject \
        WHERE organisation_id = $1 AND connection_id = $2 AND updated_at >= $3";
    tenant OVERVIEW_DELIVERIES = "SELECT \
        (SELECT COUNT(*) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready') AS ready, \
        (SELECT MIN(created_at) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'ready') AS oldest_ready, \
        (SELECT COUNT(*) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'in_flight') AS in_flight, \
        (SELECT COUNT(*) FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'in_doubt') AS in_doubt";
}

/// How many orders passed each stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Today {
    /// Released in F&O.
    pub released: i64,
    /// Accepted by ShipBob.
    pub accepted: i64,
    /// Shipped.
    pub shipped: i64,
    /// Written back to F&O.
    pub written: i64,
    /// Delivered to the consumer.
    pub delivered: i64,
    /// Cancelled on both sides.
    pub cancelled: i64,
}

/// What waits, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overview {
    /// Signals not yet worked off.
    pub signals: i64,
    /// Since when the oldest of them waits.
    pub oldest_signal: Option<Timestamp>,
    /// Subjects waiting to be planned.
    pub waiting: i64,
    /// Since when the longest of them waits.
    pub oldest_waiting: Option<Timestamp>,
    /// Subjects with something that waits for a person.
    pub held: i64,
    /// Orders released, on their way to ShipBob.
    pub not_accepted: i64,
    /// Release of the oldest of them.
    pub oldest_not_accepted: Option<Timestamp>,
    /// Orders of which something left and not everything is written back.
    pub not_written: i64,
    /// Shipping of the oldest of them.
    pub oldest_not_written: Option<Timestamp>,
    /// Deliveries waiting to be sent.
    pub ready: i64,
    /// Planning of the oldest of them.
    pub oldest_ready: Option<Timestamp>,
    /// Deliveries being sent.
    pub in_flight: i64,
    /// Deliveries of which nobody knows yet whether they took effect.
    pub in_doubt: i64,
    /// Stages passed since the moment asked for.
    pub today: Today,
}

impl Reader {
    /// What waits, since when, and what was reached at or after `since`.
    ///
    /// # Errors
    /// As every statement.
    pub async fn overview(&mut self, scope: &Scope, since: Timestamp) -> Result<Overview> {
        let (signals, oldest_signal) = self.inbox_waiting(scope).await?;
        let subjects = self.one(&OVERVIEW_SUBJECTS, scoped![scope]).await?;
        let deliveries = self.one(&OVERVIEW_DELIVERIES, scoped![scope]).await?;
        Ok(Overview {
            signals,
            oldest_signal,
            waiting: subjects.int("waiting")?,
            oldest_waiting: subjects.time_opt("oldest_waiting")?,
            held: subjects.int("held")?,
            not_accepted: subjects.int("not_accepted")?,
            oldest_not_accepted: subjects.time_opt("oldest_not_accepted")?,
            not_written: subjects.int("not_written")?,
            oldest_not_written: subjects.time_opt("oldest_not_written")?,
            ready: deliveries.int("ready")?,
            oldest_ready: deliveries.time_opt("oldest_ready")?,
            in_flight: deliveries.int("in_flight")?,
            in_doubt: deliveries.int("in_doubt")?,
            today: self.passed_since(scope, since).await?,
        })
    }

    async fn passed_since(&mut self, scope: &Scope, since: Timestamp) -> Result<Today> {
        let today = self.one(&OVERVIEW_TODAY, scoped![scope; since]).await?;
        Ok(Today {
            released: today.int("released")?,
            accepted: today.int("accepted")?,
            shipped: today.int("shipped")?,
            written: today.int("written")?,
            delivered: today.int("delivered")?,
            cancelled: today.int("cancelled")?,
        })
    }
}

//! Claiming: from ready to in flight, the attempt row first.

use super::{Delivery, delivery_columns};
use crate::error::Result;
use crate::gate::{Reader, Row, Txn, Value, scoped, statements, values};
use crate::lease::Fence;
use crate::limits::page;
use domain::ids::Scope;
use domain::time::Timestamp;

/// The state is asked again in the outer WHERE: without it PostgreSQL hands the same row to
/// several claimers that waited for one another. The choice is materialized: PostgreSQL may run a
/// plain subquery that locks rows more than once and then claims more than the limit.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "WITH picked (wanted) AS MATERIALIZED (SELECT d.id FROM delivery d \
             WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.state = 'ready' \
             AND d.lane = $4 AND d.not_before <= $3 AND NOT EXISTS (SELECT 1 FROM delivery e \
             WHERE e.organisation_id = d.organisation_id AND e.connection_id = d.connection_id \
             AND e.subject = d.subject AND e.turn < d.turn \
             AND e.state IN ('ready', 'in_flight', 'in_doubt')) \
             ORDER BY d.not_before, d.turn LIMIT $7",
            $lock,
            ") UPDATE delivery SET state = 'in_flight', fence = $5, last_byte_by = $6, \
             attempts = attempts + 1, tries = tries + 1, doubt_until = NULL, updated_at = $3 \
             WHERE state = 'ready' AND id IN (SELECT wanted FROM picked) RETURNING ",
            delivery_columns!("")
        )
    };
}

statements! {
    // Locked rows are somebody else's: waiting for them gains nothing and can deadlock.
    tenant DELIVERY_CLAIM = claim!(""), pg claim!(" FOR UPDATE OF d SKIP LOCKED");
    tenant ATTEMPT_PUT = "INSERT INTO attempt (organisation_id, connection_id, delivery_id, \
        number, fence, started_at, last_byte_by) VALUES ($1, $2, $6, $7, $3, $4, $5)";
    tenant DELIVERY_READY = "SELECT d.subject, d.business_key FROM delivery d \
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.state = 'ready' \
        AND d.lane = $3 AND d.not_before <= $4 AND NOT EXISTS (SELECT 1 FROM delivery e \
        WHERE e.organisation_id = d.organisation_id AND e.connection_id = d.connection_id \
        AND e.subject = d.subject AND e.turn < d.turn \
        AND e.state IN ('ready', 'in_flight', 'in_doubt')) ORDER BY d.not_before, d.turn LIMIT $5";
}

/// How many deliveries of one lane a claim may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneLimit {
    /// The lane.
    pub lane: i64,
    /// At most this many.
    pub max: usize,
}

impl Txn {
    /// Claims deliveries, lane after lane in the order given, at most one per subject, and writes
    /// their attempt rows. `last_byte_by` is the moment after which the coming attempt can have
    /// sent nothing more: now plus its deadline.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_claim(
        &mut self,
        scope: &Scope,
        fence: Fence,
        (now, last_byte_by): (Timestamp, Timestamp),
        lanes: &[LaneLimit],
        limit: usize,
    ) -> Result<Vec<Delivery>> {
        let mut rows: Vec<Row> = Vec::new();
        for lane in lanes {
            let room = lane.max.min(limit.saturating_sub(rows.len()));
            if room == 0 {
                continue;
            }
            let values = scoped![scope; now, lane.lane, fence.0, last_byte_by, page(room)];
            let mut claimed = Vec::new();
            for row in self.all(&DELIVERY_CLAIM, values).await? {
                claimed.push((row.time("not_before")?, row.int("turn")?, row));
            }
            claimed.sort_unstable_by_key(|(not_before, turn, _)| (*not_before, *turn));
            rows.extend(claimed.into_iter().map(|(_, _, row)| row));
        }
        let deliveries = self.deliveries_from(scope, &rows).await?;
        let attempts = deliveries.iter().map(|d| values![d.id, d.attempt]).collect();
        self.attempts_put(scope, fence, (now, last_byte_by), attempts).await?;
        Ok(deliveries)
    }

    pub(super) async fn attempts_put(
        &mut self,
        scope: &Scope,
        fence: Fence,
        (now, last_byte_by): (Timestamp, Timestamp),
        attempts: Vec<Vec<Value>>,
    ) -> Result<()> {
        let shared = scoped![scope; fence.0, now, last_byte_by];
        self.run_many(&ATTEMPT_PUT, shared, attempts).await.map(|_| ())
    }
}

impl Reader {
    /// (subject, business key) of the deliveries a claim of this lane would hand out next.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_ready(
        &mut self,
        scope: &Scope,
        lane: i64,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(String, String)>> {
        let rows = self.all(&DELIVERY_READY, scoped![scope; lane, now, page(limit)]).await?;
        rows.iter().map(|row| Ok((row.text("subject")?, row.text("business_key")?))).collect()
    }
}

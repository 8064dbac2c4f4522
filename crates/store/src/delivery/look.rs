//! In doubt: what may have taken effect, and what a new owner makes of the attempts of the last.

use super::{Delivery, delivery_columns};
use crate::error::Result;
use crate::gate::{Reader, Txn, scoped, statements, values};
use crate::lease::Fence;
use crate::limits::page;
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    tenant DELIVERY_DOUBTED = concat!("SELECT ", delivery_columns!(""), " FROM delivery \
        WHERE organisation_id = $1 AND connection_id = $2 AND state = 'in_doubt' \
        AND not_before <= $3 ORDER BY not_before, id LIMIT $4");
    tenant DELIVERY_FLYING = concat!("SELECT ", delivery_columns!(""), " FROM delivery \
        WHERE organisation_id = $1 AND connection_id = $2 AND state = 'in_flight' \
        AND fence = $3 ORDER BY id");
    tenant DELIVERY_LOOK = "WITH v (wanted) AS (VALUES (CAST($5 AS BIGINT))) \
        UPDATE delivery SET tries = delivery.tries + 1, not_before = $4 FROM v \
        WHERE delivery.id = v.wanted AND delivery.organisation_id = $1 \
        AND delivery.connection_id = $2 AND delivery.fence = $3 \
        AND delivery.state = 'in_doubt' RETURNING id, tries";
    tenant ATTEMPT_ABANDON = "UPDATE attempt SET ended_at = $4, disposition = 'in_doubt', \
        detail = 'its owner lost the cell before the reply was recorded' \
        WHERE organisation_id = $1 AND connection_id = $2 AND ended_at IS NULL \
        AND fence < $3 AND delivery_id IN (SELECT d.id FROM delivery d \
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.state = 'in_flight' \
        AND d.fence < $3 UNION ALL SELECT d.id FROM delivery d WHERE d.organisation_id = $1 \
        AND d.connection_id = $2 AND d.state = 'in_doubt' AND d.fence < $3)";
    tenant DELIVERY_RECOVER = "UPDATE delivery SET state = 'in_doubt', fence = $3, \
        doubt_until = last_byte_by + settle, not_before = $4, updated_at = $4 \
        WHERE organisation_id = $1 AND connection_id = $2 AND state = 'in_flight' \
        AND fence < $3 RETURNING id";
    tenant DELIVERY_ADOPT = "UPDATE delivery SET fence = $3 WHERE organisation_id = $1 \
        AND connection_id = $2 AND state = 'in_doubt' AND fence < $3";
}

impl Reader {
    /// Deliveries in doubt whose time to look has come.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_in_doubt_due(
        &mut self,
        scope: &Scope,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Delivery>> {
        let rows = self.all(&DELIVERY_DOUBTED, scoped![scope; now, page(limit)]).await?;
        self.deliveries_from(scope, &rows).await
    }

    /// Deliveries this owner has in flight. What it does not know to be under way was claimed and
    /// could not be recorded.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_in_flight(
        &mut self,
        scope: &Scope,
        fence: Fence,
    ) -> Result<Vec<Delivery>> {
        let rows = self.all(&DELIVERY_FLYING, scoped![scope; fence.0]).await?;
        self.deliveries_from(scope, &rows).await
    }
}

impl Txn {
    /// Opens an attempt row for looking at each of these deliveries in doubt and returns
    /// (delivery, attempt number). They are not due again before `last_byte_by`. Ends with
    /// [`Txn::deliveries_finish`] like any attempt.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_look(
        &mut self,
        scope: &Scope,
        fence: Fence,
        ids: Vec<i64>,
        (now, last_byte_by): (Timestamp, Timestamp),
    ) -> Result<Vec<(i64, i64)>> {
        let rows = ids.into_iter().map(|id| values![id]).collect();
        let shared = scoped![scope; fence.0, last_byte_by];
        let mut opened = Vec::new();
        for row in self.all_many(&DELIVERY_LOOK, shared, rows).await? {
            opened.push((row.int("id")?, row.int("tries")?));
        }
        opened.sort_unstable();
        let attempts = opened.iter().map(|(id, number)| values![*id, *number]).collect();
        self.attempts_put(scope, fence, (now, last_byte_by), attempts).await?;
        Ok(opened)
    }

    /// For a new owner: what the last owner had in flight is in doubt now, until its last byte
    /// plus the settle time of the write; what was in doubt already is adopted. Returns the ids
    /// that became doubtful; they are due for a look at once.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_recover(
        &mut self,
        scope: &Scope,
        fence: Fence,
        at: Timestamp,
    ) -> Result<Vec<i64>> {
        self.run(&ATTEMPT_ABANDON, scoped![scope; fence.0, at]).await?;
        let rows = self.all(&DELIVERY_RECOVER, scoped![scope; fence.0, at]).await?;
        self.run(&DELIVERY_ADOPT, scoped![scope; fence.0]).await?;
        let mut ids = rows.iter().map(|row| row.int("id")).collect::<Result<Vec<_>>>()?;
        ids.sort_unstable();
        Ok(ids)
    }
}

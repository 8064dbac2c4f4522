//! Into the queue, out of it before being sent, and what lies in it.

use super::{AttemptRow, Delivery, KnownDelivery, delivery_columns, read_state};
use crate::error::{Result, StoreError};
use crate::gate::{Reader, Txn, once_each, scoped, statements, values};
use crate::limits::DELIVERIES_PER_PLAN;
use crate::vault::Purpose;
use domain::ids::Scope;
use domain::time::{Span, Timestamp};
use std::collections::HashMap;

/// Plans of writes in one state, out of the index of that state.
macro_rules! open_plans {
    ($state:literal) => {
        concat!(
            "SELECT plan_id FROM delivery WHERE organisation_id = $1 AND connection_id = $2 \
             AND state = '",
            $state,
            "'"
        )
    };
}

statements! {
    tenant DELIVERY_PUT = "INSERT INTO delivery (organisation_id, connection_id, subject, turn, \
        plan_id, seq, business_key, operation, lane, body, state, not_before, attempts, tries, \
        settle, created_at, updated_at) VALUES ($1, $2, $4, $5, $6, $7, $8, $9, $10, $11, \
        'ready', $12, 0, 0, $13, $3, $3) \
        ON CONFLICT (organisation_id, connection_id, business_key) DO UPDATE SET \
        turn = CASE WHEN delivery.state = 'ready' THEN delivery.turn ELSE excluded.turn END, \
        plan_id = CASE WHEN delivery.state = 'ready' THEN delivery.plan_id \
        ELSE excluded.plan_id END, \
        seq = CASE WHEN delivery.state = 'ready' THEN delivery.seq ELSE excluded.seq END, \
        not_before = CASE WHEN delivery.state = 'ready' THEN delivery.not_before \
        ELSE excluded.not_before END, \
        attempts = CASE WHEN delivery.state = 'ready' THEN delivery.attempts ELSE 0 END, \
        outcome = CASE WHEN delivery.state = 'ready' THEN delivery.outcome ELSE NULL END, \
        updated_at = CASE WHEN delivery.state = 'ready' THEN delivery.updated_at \
        ELSE excluded.updated_at END, \
        operation = excluded.operation, lane = excluded.lane, body = excluded.body, \
        settle = excluded.settle, state = 'ready', doubt_until = NULL \
        WHERE delivery.subject = excluded.subject \
        AND delivery.state IN ('withdrawn', 'superseded', 'ready') \
        RETURNING id, business_key, plan_id";
    tenant DELIVERY_RETIRE = "WITH v (wanted) AS (VALUES (CAST($5 AS BIGINT))) \
        UPDATE delivery SET state = $3, updated_at = $4 FROM v WHERE delivery.id = v.wanted \
        AND delivery.organisation_id = $1 AND delivery.connection_id = $2 \
        AND delivery.state IN ('ready', 'held') RETURNING id";
    tenant DELIVERY_REOPEN = "WITH v (wanted) AS (VALUES (CAST($5 AS BIGINT))) \
        UPDATE delivery SET state = 'ready', not_before = $3, attempts = 0, updated_at = $4 \
        FROM v WHERE delivery.id = v.wanted AND delivery.organisation_id = $1 \
        AND delivery.connection_id = $2 AND delivery.state IN ('held', 'refused') RETURNING id";
    tenant DELIVERY_OPEN = concat!("WITH w (wanted) AS (VALUES ($3)) SELECT ",
        delivery_columns!("d."), " FROM w CROSS JOIN delivery d WHERE d.organisation_id = $1 \
        AND d.connection_id = $2 AND d.subject = w.wanted \
        AND d.state IN ('ready', 'in_flight', 'in_doubt', 'held') ORDER BY d.subject, d.turn");
    tenant DELIVERY_OF = concat!("WITH w (wanted) AS (VALUES ($3)) SELECT ",
        delivery_columns!("d."), " FROM w CROSS JOIN delivery d WHERE d.organisation_id = $1 \
        AND d.connection_id = $2 AND d.subject = w.wanted ORDER BY d.subject, d.turn");
    tenant DELIVERY_BY_KEY = concat!("WITH w (wanted) AS (VALUES ($3)) SELECT ",
        delivery_columns!("d."), " FROM w CROSS JOIN delivery d WHERE d.organisation_id = $1 \
        AND d.connection_id = $2 AND d.business_key = w.wanted");
    tenant DELIVERY_KNOWN = "WITH w (wanted) AS (VALUES ($3)) \
        SELECT d.id, d.subject, d.business_key, d.state, d.updated_at, d.outcome FROM w \
        CROSS JOIN delivery d WHERE d.organisation_id = $1 AND d.connection_id = $2 \
        AND d.subject = w.wanted ORDER BY d.id";
    tenant DELIVERY_SETTINGS = "WITH w (wanted) AS (VALUES (CAST($3 AS BIGINT))) \
        SELECT d.id, p.settings_version FROM w CROSS JOIN delivery d JOIN plan p \
        ON p.organisation_id = d.organisation_id AND p.connection_id = d.connection_id \
        AND p.id = d.plan_id WHERE d.organisation_id = $1 AND d.connection_id = $2 \
        AND d.id = w.wanted";
    tenant DELIVERY_OPEN_BY_SETTINGS = concat!(
        "WITH d (plan_id) AS (", open_plans!("ready"), " UNION ALL ", open_plans!("in_flight"),
        " UNION ALL ", open_plans!("in_doubt"), ") \
        SELECT p.settings_version, COUNT(*) AS n FROM d CROSS JOIN plan p \
        WHERE p.organisation_id = $1 AND p.connection_id = $2 AND p.id = d.plan_id \
        GROUP BY p.settings_version ORDER BY p.settings_version");
    tenant ATTEMPT_OF = "WITH w (wanted) AS (VALUES (CAST($3 AS BIGINT))) \
        SELECT a.delivery_id, a.number, a.fence, a.started_at, a.last_byte_by, a.ended_at, \
        a.disposition, a.detail, a.status FROM w CROSS JOIN attempt a WHERE a.organisation_id = $1 \
        AND a.connection_id = $2 AND a.delivery_id = w.wanted ORDER BY a.delivery_id, a.number";
}

/// A delivery to be queued.
#[derive(Clone)]
pub struct NewDelivery {
    /// What it is serial on; its body is sealed under this subject's key.
    pub subject: String,
    /// The plan that wants it.
    pub plan_id: i64,
    /// Its place in the plan, from 0 to 1023.
    pub seq: i64,
    /// What makes it unique for ever; planning twice creates nothing twice.
    pub business_key: String,
    /// What kind of write it is.
    pub operation: String,
    /// Precedence; lower goes first.
    pub lane: i64,
    /// What to send.
    pub body: Vec<u8>,
    /// Not to be tried before.
    pub not_before: Timestamp,
    /// The longest an effect may appear after our last byte.
    pub settle: Span,
}

/// How a delivery ends without having been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retired {
    /// Taken back.
    Withdrawn,
    /// A newer wish took its place.
    Superseded,
}

impl Txn {
    /// Queues deliveries and returns the ids of those really queued. A known business key is left
    /// alone, with two exceptions: one that was withdrawn or superseded is queued again as given,
    /// and one still ready gets the new body but keeps its place.
    ///
    /// # Errors
    /// `Refused` when a key occurs twice in one call or `seq` is out of range.
    pub async fn deliveries_put(
        &mut self,
        scope: &Scope,
        deliveries: Vec<NewDelivery>,
        at: Timestamp,
    ) -> Result<HashMap<String, i64>> {
        self.ensure_keys(scope, deliveries.iter().map(|d| d.subject.as_str())).await?;
        let mut plans: HashMap<String, i64> = HashMap::new();
        let mut rows = Vec::with_capacity(deliveries.len());
        for d in deliveries {
            let known = plans.insert(d.business_key.clone(), d.plan_id);
            if known.is_some() || !(0..DELIVERIES_PER_PLAN).contains(&d.seq) {
                return Err(StoreError::Refused(format!(
                    "delivery {} occurs twice in one call, or its seq {} is not in 0..1024",
                    d.business_key, d.seq
                )));
            }
            let person = Some(d.subject.as_str());
            let body = self.pack(scope, person, Purpose::Delivery, &d.business_key, &d.body)?;
            let turn = d.plan_id.saturating_mul(DELIVERIES_PER_PLAN).saturating_add(d.seq);
            rows.push(values![
                d.subject,
                turn,
                d.plan_id,
                d.seq,
                d.business_key,
                d.operation,
                d.lane,
                body,
                d.not_before,
                d.settle
            ]);
        }
        let mut queued = HashMap::new();
        for row in self.all_many(&DELIVERY_PUT, scoped![scope; at], rows).await? {
            let key = row.text("business_key")?;
            // A row that was ready already kept its own plan.
            if plans.get(&key) == Some(&row.int("plan_id")?) {
                queued.insert(key, row.int("id")?);
            }
        }
        Ok(queued)
    }

    /// Ends deliveries that were not sent (ready or held); returns those really ended.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_retire(
        &mut self,
        scope: &Scope,
        ids: Vec<i64>,
        how: Retired,
        at: Timestamp,
    ) -> Result<Vec<i64>> {
        let state = match how {
            Retired::Withdrawn => "withdrawn",
            Retired::Superseded => "superseded",
        };
        let rows = ids.into_iter().map(|id| values![id]).collect();
        let rows = self.all_many(&DELIVERY_RETIRE, scoped![scope; state, at], rows).await?;
        rows.iter().map(|row| row.int("id")).collect()
    }

    /// Puts held or refused deliveries back into the queue, attempts counted anew; returns those
    /// really put back.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_reopen(
        &mut self,
        scope: &Scope,
        ids: Vec<i64>,
        not_before: Timestamp,
        at: Timestamp,
    ) -> Result<Vec<i64>> {
        let rows = ids.into_iter().map(|id| values![id]).collect();
        let rows = self.all_many(&DELIVERY_REOPEN, scoped![scope; not_before, at], rows).await?;
        rows.iter().map(|row| row.int("id")).collect()
    }
}

impl Reader {
    /// Writes that are not finished, counted by the version of the settings they were planned
    /// under: (version, how many).
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_open_by_settings(&mut self, scope: &Scope) -> Result<Vec<(i64, i64)>> {
        let rows = self.all(&DELIVERY_OPEN_BY_SETTINGS, scoped![scope]).await?;
        rows.iter().map(|row| Ok((row.int("settings_version")?, row.int("n")?))).collect()
    }

    /// The version of the settings each delivery was planned under; those whose plan is no longer
    /// kept are left out.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_settings(
        &mut self,
        scope: &Scope,
        ids: &[i64],
    ) -> Result<std::collections::HashMap<i64, i64>> {
        let rows = ids.iter().map(|id| values![*id]).collect();
        let rows = self.all_many(&DELIVERY_SETTINGS, scoped![scope], rows).await?;
        rows.iter().map(|row| Ok((row.int("id")?, row.int("settings_version")?))).collect()
    }

    /// Deliveries of these subjects that are ready, in flight, in doubt or held, in plan order.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_open(
        &mut self,
        scope: &Scope,
        subjects: &[String],
    ) -> Result<Vec<Delivery>> {
        let rows = once_each(subjects);
        let rows = self.all_many(&DELIVERY_OPEN, scoped![scope], rows).await?;
        self.deliveries_from(scope, &rows).await
    }

    /// Every delivery of a subject in plan order.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_of(&mut self, scope: &Scope, subject: &str) -> Result<Vec<Delivery>> {
        let rows = self.all(&DELIVERY_OF, scoped![scope; subject]).await?;
        self.deliveries_from(scope, &rows).await
    }

    /// Every delivery of many subjects, each subject's in plan order.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_of_many(
        &mut self,
        scope: &Scope,
        subjects: &[String],
    ) -> Result<Vec<Delivery>> {
        let rows = once_each(subjects);
        let rows = self.all_many(&DELIVERY_OF, scoped![scope], rows).await?;
        self.deliveries_from(scope, &rows).await
    }

    /// The short form of every delivery of many subjects, in order of id within a batch of keys.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_known(
        &mut self,
        scope: &Scope,
        subjects: &[String],
    ) -> Result<Vec<KnownDelivery>> {
        let rows = once_each(subjects);
        self.all_many(&DELIVERY_KNOWN, scoped![scope], rows)
            .await?
            .iter()
            .map(|row| {
                Ok(KnownDelivery {
                    id: row.int("id")?,
                    subject: row.text("subject")?,
                    business_key: row.text("business_key")?,
                    state: read_state(row)?,
                    since: row.time("updated_at")?,
                    outcome: row.text_opt("outcome")?,
                })
            })
            .collect()
    }

    /// Deliveries by business key, where they exist.
    ///
    /// # Errors
    /// As every statement.
    pub async fn deliveries_by_key(
        &mut self,
        scope: &Scope,
        business_keys: &[String],
    ) -> Result<Vec<Delivery>> {
        let rows = once_each(business_keys);
        let rows = self.all_many(&DELIVERY_BY_KEY, scoped![scope], rows).await?;
        self.deliveries_from(scope, &rows).await
    }

    /// Attempts of these deliveries, in order.
    ///
    /// # Errors
    /// As every statement.
    pub async fn attempts_of(
        &mut self,
        scope: &Scope,
        delivery_ids: &[i64],
    ) -> Result<Vec<AttemptRow>> {
        let rows = delivery_ids.iter().map(|id| values![*id]).collect();
        let rows = self.all_many(&ATTEMPT_OF, scoped![scope], rows).await?;
        rows.iter()
            .map(|row| {
                Ok(AttemptRow {
                    delivery_id: row.int("delivery_id")?,
                    number: row.int("number")?,
                    fence: row.int("fence")?,
                    started_at: row.time("started_at")?,
                    last_byte_by: row.time("last_byte_by")?,
                    ended_at: row.time_opt("ended_at")?,
                    disposition: row.text_opt("disposition")?,
                    detail: row.text_opt("detail")?,
                    status: row.int_opt("status")?,
                })
            })
            .collect()
    }
}

//! Outcomes: what an attempt came to, and what becomes of its delivery.

use super::state_word;
use crate::error::{Result, StoreError};
use crate::gate::{Txn, scoped, statements, values};
use crate::lease::Fence;
use domain::ids::Scope;
use domain::plan::DeliveryState;
use domain::time::Timestamp;

statements! {
    tenant DELIVERY_FINISH = "WITH v (wanted, number, next_state, next_at, doubt, back, said) \
        AS (VALUES (CAST($5 AS BIGINT), CAST($6 AS BIGINT), $7, CAST($8 AS BIGINT), \
        CAST($9 AS BIGINT), CAST($10 AS BIGINT), $11)) \
        UPDATE delivery SET state = v.next_state, \
        not_before = COALESCE(v.next_at, delivery.not_before), doubt_until = v.doubt, \
        attempts = delivery.attempts - v.back, outcome = COALESCE(v.said, delivery.outcome), \
        updated_at = $4 FROM v WHERE delivery.id = v.wanted AND delivery.organisation_id = $1 \
        AND delivery.connection_id = $2 AND delivery.fence = $3 AND delivery.tries = v.number \
        AND delivery.state IN ('in_flight', 'in_doubt')";
    tenant ATTEMPT_FINISH = "WITH v (wanted, attempt_number, disposition, detail, status) \
        AS (VALUES (CAST($4 AS BIGINT), CAST($5 AS BIGINT), $6, $7, CAST($8 AS BIGINT))) \
        UPDATE attempt SET ended_at = $3, disposition = v.disposition, detail = v.detail, \
        status = v.status FROM v WHERE attempt.organisation_id = $1 \
        AND attempt.connection_id = $2 AND attempt.delivery_id = v.wanted \
        AND attempt.number = v.attempt_number AND attempt.ended_at IS NULL";
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The remote has it.
    Done,
    /// Try again.
    Later {
        /// Not before.
        not_before: Timestamp,
        /// Whether the attempt counts against the limit of attempts.
        counts: bool,
    },
    /// It may have taken effect.
    InDoubt {
        /// When to look.
        look_at: Timestamp,
        /// Until when an effect may still appear.
        until: Timestamp,
    },
    /// A person has to fix something.
    Held,
    /// The remote says never.
    Refused,
    /// No longer wanted: a look or fresher facts showed that it must not be sent. The same key
    /// may be queued again.
    Withdrawn,
}

/// The outcome of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// The delivery.
    pub id: i64,
    /// The attempt, as claimed.
    pub attempt: i64,
    /// What becomes of the delivery.
    pub next: Next,
    /// The disposition in one stable word.
    pub disposition: String,
    /// Why, for people; no personal data.
    pub detail: Option<String>,
    /// HTTP status, if there was a reply.
    pub status: Option<i64>,
    /// What came of the delivery, for people; `None` keeps what is stored.
    pub outcome: Option<String>,
}

impl Txn {
    /// Records outcomes. All of them or none.
    ///
    /// # Errors
    /// `Conflict` when a delivery is not in flight or in doubt under this fence and attempt any
    /// more: somebody else has taken it over. The transaction can only be rolled back then.
    pub async fn deliveries_finish(
        &mut self,
        scope: &Scope,
        fence: Fence,
        outcomes: Vec<Finish>,
        at: Timestamp,
    ) -> Result<()> {
        let expected = outcomes.len() as u64;
        let (mut deliveries, mut attempts) = (Vec::new(), Vec::new());
        for o in outcomes {
            let (state, next_at, doubt, back) = match o.next {
                Next::Done => (DeliveryState::Done, None, None, 0),
                Next::Later { not_before, counts } => {
                    (DeliveryState::Ready, Some(not_before), None, i64::from(!counts))
                }
                Next::InDoubt { look_at, until } => {
                    (DeliveryState::InDoubt, Some(look_at), Some(until), 0)
                }
                Next::Held => (DeliveryState::Held, None, None, 0),
                Next::Refused => (DeliveryState::Refused, None, None, 0),
                Next::Withdrawn => (DeliveryState::Withdrawn, None, None, 0),
            };
            let said = o.outcome;
            deliveries.push(values![
                o.id,
                o.attempt,
                state_word(state),
                next_at,
                doubt,
                back,
                said
            ]);
            attempts.push(values![o.id, o.attempt, o.disposition, o.detail, o.status]);
        }
        let changed =
            self.run_many(&DELIVERY_FINISH, scoped![scope; fence.0, at], deliveries).await?;
        if changed != expected {
            self.failed = true;
            return Err(StoreError::Conflict(format!(
                "{} of {expected} deliveries are not ours any more",
                expected.saturating_sub(changed)
            )));
        }
        self.run_many(&ATTEMPT_FINISH, scoped![scope; at], attempts).await?;
        Ok(())
    }
}

//! Deliveries to the remotes: the attempt row first, then the call, then outcome, observation and
//! trail in one transaction.

mod answer;
mod call;
mod dynamics;
mod edit;
mod outcome;
mod record;
mod shipbob;

pub(crate) use answer::Answer;
pub(crate) use edit::judge_edit;
pub(crate) use outcome::{Effect, Outcome, hold_outcome, later};
pub(crate) use shipbob::{DUPLICATE, MAYBE, refused_by_shipbob};

use crate::error::{EngineError, Result};
use crate::kept::decode;
use crate::parts::Engine;
use domain::operation::{Lane, Operation};
use domain::time::{Span, Timestamp};
use store::Delivery;

/// A claimed delivery with the write it carries.
pub(crate) struct Claimed {
    pub(crate) row: Delivery,
    /// The attempt row says that no byte leaves after this.
    pub(crate) last_byte_by: Timestamp,
    pub(crate) operation: Operation,
}

/// A claimed call is started within this, or given back.
const START_WITHIN: Span = Span::seconds(30);

impl Claimed {
    /// A call begun now ends before the attempt row says.
    pub(crate) fn in_time(&self, now: Timestamp, deadline: Span) -> bool {
        now + deadline <= self.last_byte_by
    }
}

impl Engine {
    /// Claims up to `limit` deliveries of one lane and writes their attempts.
    pub(crate) async fn claim(&self, lane: Lane, limit: usize) -> Result<Vec<Claimed>> {
        let deadline = match lane {
            Lane::Fulfilment | Lane::Stock | Lane::Charges => self.options.dynamics_deadline,
            Lane::Cancel | Lane::Orders | Lane::Background | Lane::Products => {
                self.options.shipbob_deadline
            }
        };
        let mut work = self.begin("courier.claim").await?;
        let now = self.now();
        // Our last byte leaves by then, or the call is not made: see `in_time`.
        let last_byte_by = now + deadline + START_WITHIN;
        let limits = [store::LaneLimit { lane: lane as i64, max: limit }];
        let rows = work
            .txn
            .deliveries_claim(&self.scope, work.fence, (now, last_byte_by), &limits, limit)
            .await?;
        work.commit().await?;
        rows.into_iter().map(|row| Ok(Claimed { last_byte_by, ..claimed_of(row)? })).collect()
    }
}

/// Reads the write of a row.
pub(crate) fn claimed_of(row: Delivery) -> Result<Claimed> {
    let Some(body) = row.body.as_deref() else {
        return Err(EngineError::Inconsistent(format!(
            "delivery {} of {} has lost its body (the person was erased)",
            row.id, row.subject
        )));
    };
    let operation = decode("delivery", &row.business_key, body)?;
    Ok(Claimed { row, last_byte_by: Timestamp::MIN, operation })
}

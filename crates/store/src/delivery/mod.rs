//! Deliveries, one row per intended remote write, and their attempts.
//!
//! States: `ready` → `in_flight` → `done`, `in_doubt`, `held`, `refused` or back to `ready`;
//! `in_doubt` → as `in_flight`; `ready` and `held` → `withdrawn` or `superseded`; `held` and
//! `refused` → `ready` by a person. Deliveries of one subject run one at a time in plan order:
//! only the first open one (`ready`, `in_flight`, `in_doubt`) can be claimed.

mod claim;
mod finish;
mod look;
mod queue;

pub use claim::LaneLimit;
pub use finish::{Finish, Next};
pub use queue::{NewDelivery, Retired};

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, shown};
use crate::vault::Purpose;
use domain::ids::Scope;
use domain::plan::DeliveryState;
use domain::time::{Span, Timestamp};
use std::collections::HashSet;

/// Every column of a delivery a [`Delivery`] is made of.
macro_rules! delivery_columns {
    ($alias:literal) => {
        concat!(
            $alias,
            "id, ",
            $alias,
            "subject, ",
            $alias,
            "turn, ",
            $alias,
            "plan_id, ",
            $alias,
            "seq, ",
            $alias,
            "business_key, ",
            $alias,
            "operation, ",
            $alias,
            "lane, ",
            $alias,
            "body, ",
            $alias,
            "state, ",
            $alias,
            "not_before, ",
            $alias,
            "attempts, ",
            $alias,
            "tries, ",
            $alias,
            "settle, ",
            $alias,
            "doubt_until, ",
            $alias,
            "created_at, ",
            $alias,
            "updated_at, ",
            $alias,
            "outcome"
        )
    };
}
pub(crate) use delivery_columns;

pub(crate) fn statements() -> Vec<&'static Stmt> {
    [queue::ALL, claim::ALL, finish::ALL, look::ALL].concat()
}

const STATES: [DeliveryState; 8] = [
    DeliveryState::Ready,
    DeliveryState::InFlight,
    DeliveryState::InDoubt,
    DeliveryState::Done,
    DeliveryState::Held,
    DeliveryState::Refused,
    DeliveryState::Withdrawn,
    DeliveryState::Superseded,
];

/// The word stored for a state.
pub(crate) fn state_word(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Ready => "ready",
        DeliveryState::InFlight => "in_flight",
        DeliveryState::InDoubt => "in_doubt",
        DeliveryState::Done => "done",
        DeliveryState::Held => "held",
        DeliveryState::Refused => "refused",
        DeliveryState::Withdrawn => "withdrawn",
        DeliveryState::Superseded => "superseded",
    }
}

pub(crate) fn read_state(row: &Row) -> Result<DeliveryState> {
    let word = row.text("state")?;
    let found = STATES.into_iter().find(|state| state_word(*state) == word);
    found.ok_or_else(|| row.unknown("state", &word))
}

/// One intended remote write.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Names the row.
    pub id: i64,
    /// What it is serial on.
    pub subject: String,
    /// The plan that wants it.
    pub plan_id: i64,
    /// Its place in the plan.
    pub seq: i64,
    /// What makes it unique for ever.
    pub business_key: String,
    /// What kind of write it is.
    pub operation: String,
    /// Precedence; lower goes first.
    pub lane: i64,
    /// What to send; `None` when the person was erased.
    pub body: Option<Vec<u8>>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Not to be tried (or looked at, when in doubt) before.
    pub not_before: Timestamp,
    /// Attempts that count.
    pub attempts: i64,
    /// Number of the latest attempt row; 0 before the first.
    pub attempt: i64,
    /// The longest an effect may appear after our last byte.
    pub settle: Span,
    /// Until when an effect of the doubtful attempt may still appear.
    pub doubt_until: Option<Timestamp>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// What came of it, in words for people; no personal data.
    pub outcome: Option<String>,
}

/// The short form of a delivery, as planners need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDelivery {
    /// Names the row.
    pub id: i64,
    /// What it is serial on.
    pub subject: String,
    /// What makes it unique for ever.
    pub business_key: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it changed last.
    pub since: Timestamp,
    /// What came of it.
    pub outcome: Option<String>,
}

/// One try of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    /// The delivery tried.
    pub delivery_id: i64,
    /// Counts from 1.
    pub number: i64,
    /// Under which ownership.
    pub fence: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// After this moment it can have sent nothing more.
    pub last_byte_by: Timestamp,
    /// When its reply was interpreted; `None` while it runs or when its process died.
    pub ended_at: Option<Timestamp>,
    /// What to do after it.
    pub disposition: Option<String>,
    /// Why, for people; no personal data.
    pub detail: Option<String>,
    /// HTTP status, if there was a reply.
    pub status: Option<i64>,
}

shown! {
    Delivery: id, subject, plan_id, seq, business_key, operation, lane, state, not_before,
        attempts, attempt, doubt_until;
    NewDelivery: subject, plan_id, seq, business_key, operation, lane, not_before;
}

impl Reader {
    /// Rows to deliveries, bodies opened.
    pub(crate) async fn deliveries_from(
        &mut self,
        scope: &Scope,
        rows: &[Row],
    ) -> Result<Vec<Delivery>> {
        let mut subjects = HashSet::new();
        for row in rows {
            subjects.insert(row.text("subject")?);
        }
        self.load_keys(scope, subjects.iter().map(String::as_str)).await?;
        rows.iter().map(|row| self.delivery_from(scope, row)).collect()
    }

    fn delivery_from(&self, scope: &Scope, row: &Row) -> Result<Delivery> {
        let (subject, business_key) = (row.text("subject")?, row.text("business_key")?);
        let person = Some(subject.as_str());
        let bytes = row.bytes("body")?;
        let body = self.unpack(scope, person, Purpose::Delivery, &business_key, &bytes)?;
        Ok(Delivery {
            id: row.int("id")?,
            plan_id: row.int("plan_id")?,
            seq: row.int("seq")?,
            operation: row.text("operation")?,
            lane: row.int("lane")?,
            body,
            state: read_state(row)?,
            not_before: row.time("not_before")?,
            attempts: row.int("attempts")?,
            attempt: row.int("tries")?,
            settle: Span(row.int("settle")?),
            doubt_until: row.time_opt("doubt_until")?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
            outcome: row.text_opt("outcome")?,
            subject,
            business_key,
        })
    }
}

//! Holds: what waits for a person, with field, reason and fix. And what people decided.

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, once_each, scoped, shown, statements, values};
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// Every column of a hold, for statements that read whole rows.
macro_rules! hold_columns {
    ($alias:literal) => {
        concat!(
            $alias,
            "id, ",
            $alias,
            "subject, ",
            $alias,
            "flow, ",
            $alias,
            "cause, ",
            $alias,
            "field, ",
            $alias,
            "reason, ",
            $alias,
            "fix, ",
            $alias,
            "value, ",
            $alias,
            "opened_at, ",
            $alias,
            "closed_at, ",
            $alias,
            "closed_by"
        )
    };
}

statements! {
    tenant HOLD_PUT = "INSERT INTO hold (organisation_id, connection_id, subject, flow, cause, \
        field, reason, fix, value, opened_at) VALUES ($1, $2, $4, $5, $6, $7, $8, $9, $10, $3) \
        ON CONFLICT (organisation_id, connection_id, subject, flow, cause, field, value) \
        WHERE closed_at IS NULL DO UPDATE SET reason = excluded.reason, fix = excluded.fix";
    tenant HOLD_OPEN = concat!("WITH w (wanted) AS (VALUES ($3)) SELECT ", hold_columns!("h."),
        " FROM w CROSS JOIN hold h WHERE h.organisation_id = $1 AND h.connection_id = $2 \
        AND h.subject = w.wanted AND h.closed_at IS NULL ORDER BY h.opened_at, h.id");
    tenant HOLD_OF = concat!("SELECT ", hold_columns!(""), " FROM hold WHERE organisation_id = $1 \
        AND connection_id = $2 AND subject = $3 ORDER BY id");
    tenant HOLD_CLOSE = "WITH v (wanted) AS (VALUES (CAST($5 AS BIGINT))) \
        UPDATE hold SET closed_at = $3, closed_by = $4 FROM v WHERE hold.id = v.wanted \
        AND hold.organisation_id = $1 AND hold.connection_id = $2 AND hold.closed_at IS NULL";
    tenant DECISION_PUT = "INSERT INTO decision \
        (organisation_id, connection_id, subject, kind, why, who, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    tenant DECISION_OF = "WITH w (wanted) AS (VALUES ($3)) \
        SELECT d.id, d.subject, d.kind, d.why, d.who, d.at FROM w CROSS JOIN decision d \
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.subject = w.wanted ORDER BY d.id";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// A hold a planner wants to be open.
#[derive(Clone, PartialEq, Eq)]
pub struct NewHold {
    /// What is held.
    pub subject: String,
    /// Which flow held it.
    pub flow: String,
    /// The stable word by which holds are grouped, such as `unmapped_method`.
    pub cause: String,
    /// The field at fault; empty when there is none.
    pub field: String,
    /// What is wrong, for people; no personal data.
    pub reason: String,
    /// What to do, for people.
    pub fix: String,
    /// The value at fault; empty when there is none; never a name or an address.
    pub value: String,
}

/// A stored hold.
#[derive(Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// Names the row.
    pub id: i64,
    /// What is held.
    pub subject: String,
    /// Which flow held it.
    pub flow: String,
    /// The stable word by which holds are grouped.
    pub cause: String,
    /// The field at fault; empty when there is none.
    pub field: String,
    /// What is wrong, for people.
    pub reason: String,
    /// What to do, for people.
    pub fix: String,
    /// The value at fault; empty when there is none.
    pub value: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// Until when; `None` while it is open.
    pub closed_at: Option<Timestamp>,
    /// Who or what closed it.
    pub closed_by: Option<String>,
}

shown! {
    NewHold: subject, flow, cause, field;
    HoldRow: id, subject, flow, cause, field, opened_at, closed_at, closed_by;
}

/// What a reconciliation changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HoldChanges {
    /// Holds that were not open before.
    pub opened: Vec<NewHold>,
    /// Holds that healed, as they were.
    pub closed: Vec<HoldRow>,
}

/// What a person decided about a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecisionKind {
    /// Leave it alone for good.
    Skip,
    /// Try again.
    Retry,
    /// Let it ship although it lies before the cut-off.
    Release,
    /// A remark.
    Note,
}

impl DecisionKind {
    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Retry => "retry",
            Self::Release => "release",
            Self::Note => "note",
        }
    }

    fn read(row: &Row) -> Result<Self> {
        match row.text("kind")?.as_str() {
            "skip" => Ok(Self::Skip),
            "retry" => Ok(Self::Retry),
            "release" => Ok(Self::Release),
            "note" => Ok(Self::Note),
            other => Err(row.unknown("kind", other)),
        }
    }
}

/// A decision to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDecision {
    /// What it is about.
    pub subject: String,
    /// What was decided.
    pub kind: DecisionKind,
    /// Why.
    pub why: String,
    /// Who decided.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

/// A recorded decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Order of recording.
    pub id: i64,
    /// What it is about.
    pub subject: String,
    /// What was decided.
    pub kind: DecisionKind,
    /// Why.
    pub why: String,
    /// Who decided.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

fn hold_row(row: &Row) -> Result<HoldRow> {
    Ok(HoldRow {
        id: row.int("id")?,
        subject: row.text("subject")?,
        flow: row.text("flow")?,
        cause: row.text("cause")?,
        field: row.text("field")?,
        reason: row.text("reason")?,
        fix: row.text("fix")?,
        value: row.text("value")?,
        opened_at: row.time("opened_at")?,
        closed_at: row.time_opt("closed_at")?,
        closed_by: row.text_opt("closed_by")?,
    })
}

type HoldKey = [String; 5];

impl NewHold {
    fn key(&self) -> HoldKey {
        [&self.subject, &self.flow, &self.cause, &self.field, &self.value].map(String::clone)
    }

    fn differs_from(&self, row: &HoldRow) -> bool {
        (&self.reason, &self.fix) != (&row.reason, &row.fix)
    }
}

impl HoldRow {
    fn key(&self) -> HoldKey {
        [&self.subject, &self.flow, &self.cause, &self.field, &self.value].map(String::clone)
    }
}

impl Txn {
    /// Makes the open holds of these (subject, flow) equal to `wanted`, which is the full set:
    /// missing ones are opened, gone ones closed by `by`, changed words updated.
    ///
    /// # Errors
    /// As every statement.
    pub async fn holds_reconcile(
        &mut self,
        scope: &Scope,
        planned: Vec<(String, String)>,
        wanted: Vec<NewHold>,
        by: &str,
        at: Timestamp,
    ) -> Result<HoldChanges> {
        let subjects: HashSet<&str> = planned
            .iter()
            .map(|(subject, _)| subject.as_str())
            .chain(wanted.iter().map(|hold| hold.subject.as_str()))
            .collect();
        let subjects: Vec<String> = subjects.into_iter().map(str::to_owned).collect();
        let planned: HashSet<(String, String)> = planned.into_iter().collect();
        let mut wanted: BTreeMap<HoldKey, NewHold> =
            wanted.into_iter().map(|hold| (hold.key(), hold)).collect();
        let mut changes = HoldChanges::default();
        let mut rows = Vec::new();
        for open in self.holds_open(scope, &subjects).await? {
            match wanted.remove(&open.key()) {
                Some(hold) if hold.differs_from(&open) => rows.push(hold_values(hold)),
                Some(_) => {}
                None if planned.contains(&(open.subject.clone(), open.flow.clone())) => {
                    changes.closed.push(open);
                }
                None => {}
            }
        }
        changes.opened = wanted.into_values().collect();
        rows.extend(changes.opened.iter().cloned().map(hold_values));
        self.run_many(&HOLD_PUT, scoped![scope; at], rows).await?;
        let gone = changes.closed.iter().map(|hold| values![hold.id]).collect();
        self.run_many(&HOLD_CLOSE, scoped![scope; at, by], gone).await?;
        Ok(changes)
    }

    /// Records what people decided.
    ///
    /// # Errors
    /// As every statement.
    pub async fn decisions_put(&mut self, scope: &Scope, new: Vec<NewDecision>) -> Result<()> {
        let rows = new
            .into_iter()
            .map(|d| values![d.subject, d.kind.as_str(), d.why, d.who, d.at])
            .collect();
        self.run_many(&DECISION_PUT, scoped![scope], rows).await.map(|_| ())
    }
}

fn hold_values(hold: NewHold) -> Vec<crate::gate::Value> {
    values![hold.subject, hold.flow, hold.cause, hold.field, hold.reason, hold.fix, hold.value]
}

impl Reader {
    /// Open holds of these subjects, oldest first within a batch of keys.
    ///
    /// # Errors
    /// As every statement.
    pub async fn holds_open(&mut self, scope: &Scope, subjects: &[String]) -> Result<Vec<HoldRow>> {
        let rows = once_each(subjects);
        self.all_many(&HOLD_OPEN, scoped![scope], rows).await?.iter().map(hold_row).collect()
    }

    /// Every hold a subject ever had, in order of opening.
    ///
    /// # Errors
    /// As every statement.
    pub async fn holds_of(&mut self, scope: &Scope, subject: &str) -> Result<Vec<HoldRow>> {
        self.all(&HOLD_OF, scoped![scope; subject]).await?.iter().map(hold_row).collect()
    }

    /// Decisions about these subjects, in order.
    ///
    /// # Errors
    /// As every statement.
    pub async fn decisions(
        &mut self,
        scope: &Scope,
        subjects: &[String],
    ) -> Result<Vec<DecisionRow>> {
        let rows = once_each(subjects);
        self.all_many(&DECISION_OF, scoped![scope], rows)
            .await?
            .iter()
            .map(|row| {
                Ok(DecisionRow {
                    id: row.int("id")?,
                    subject: row.text("subject")?,
                    kind: DecisionKind::read(row)?,
                    why: row.text("why")?,
                    who: row.text("who")?,
                    at: row.time("at")?,
                })
            })
            .collect()
    }
}

//! Subjects: what deliveries must be serial on, and at the same time the row a person sees in the
//! list of orders. It owns when a subject is planned again and its milestones, which are never
//! undone by an older fact (I6).

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, once_each, scoped, statements, values};
use crate::limits::page;
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Every column of a subject, for statements that read whole rows.
macro_rules! subject_columns {
    ($alias:literal) => {
        concat!(
            $alias,
            "key, ",
            $alias,
            "lane, ",
            $alias,
            "dirty_at, ",
            $alias,
            "marks, ",
            $alias,
            "plan_at, ",
            $alias,
            "watch_at, ",
            $alias,
            "status, ",
            $alias,
            "sentence, ",
            $alias,
            "released_at, ",
            $alias,
            "accepted_at, ",
            $alias,
            "shipped_at, ",
            $alias,
            "written_at, ",
            $alias,
            "delivered_at, ",
            $alias,
            "cancelled_at, ",
            $alias,
            "held, ",
            $alias,
            "last_plan, ",
            $alias,
            "seen_at, ",
            $alias,
            "updated_at"
        )
    };
}

statements! {
    tenant SUBJECT_MARK = "INSERT INTO subject (organisation_id, connection_id, key, lane, \
        dirty_at, marks, status, sentence, held, seen_at, updated_at) \
        VALUES ($1, $2, $5, $3, $4, 1, '', '', FALSE, $4, $4) \
        ON CONFLICT (organisation_id, connection_id, key) DO UPDATE SET \
        marks = subject.marks + 1, dirty_at = COALESCE(subject.dirty_at, excluded.dirty_at), \
        lane = CASE WHEN subject.dirty_at IS NOT NULL AND subject.lane < excluded.lane \
        THEN subject.lane ELSE excluded.lane END";
    tenant SUBJECT_DIRTY = concat!("SELECT ", subject_columns!(""), " FROM subject \
        WHERE organisation_id = $1 AND connection_id = $2 AND dirty_at IS NOT NULL \
        ORDER BY lane, dirty_at, key LIMIT $3");
    tenant SUBJECT_TIMER = concat!("SELECT ", subject_columns!(""), " FROM subject \
        WHERE organisation_id = $1 AND connection_id = $2 AND plan_at IS NOT NULL \
        AND plan_at <= $3 ORDER BY plan_at, key LIMIT $4");
    tenant SUBJECT_GET = concat!("WITH w (wanted) AS (VALUES ($3)) SELECT ",
        subject_columns!("s."), " FROM w CROSS JOIN subject s WHERE s.organisation_id = $1 \
        AND s.connection_id = $2 AND s.key = w.wanted");
    tenant SUBJECT_UPDATE = "INSERT INTO subject (organisation_id, connection_id, key, lane, \
        dirty_at, marks, plan_at, watch_at, status, sentence, released_at, accepted_at, \
        shipped_at, written_at, delivered_at, cancelled_at, held, last_plan, seen_at, updated_at) \
        VALUES ($1, $2, $4, 0, NULL, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
        $3, $3) \
        ON CONFLICT (organisation_id, connection_id, key) DO UPDATE SET \
        dirty_at = CASE WHEN subject.marks = excluded.marks THEN NULL ELSE subject.dirty_at END, \
        plan_at = excluded.plan_at, watch_at = excluded.watch_at, status = excluded.status, \
        sentence = excluded.sentence, \
        released_at = COALESCE(subject.released_at, excluded.released_at), \
        accepted_at = COALESCE(subject.accepted_at, excluded.accepted_at), \
        shipped_at = COALESCE(subject.shipped_at, excluded.shipped_at), \
        written_at = COALESCE(subject.written_at, excluded.written_at), \
        delivered_at = COALESCE(subject.delivered_at, excluded.delivered_at), \
        cancelled_at = COALESCE(subject.cancelled_at, excluded.cancelled_at), \
        held = excluded.held, last_plan = COALESCE(excluded.last_plan, subject.last_plan), \
        updated_at = excluded.updated_at";
    tenant SUBJECT_MARK_OPEN = "UPDATE subject SET marks = marks + 1, \
        lane = CASE WHEN dirty_at IS NULL THEN $3 ELSE lane END, \
        dirty_at = COALESCE(dirty_at, $4) WHERE organisation_id = $1 AND connection_id = $2 \
        AND seen_at > 0 AND delivered_at IS NULL AND cancelled_at IS NULL AND key NOT LIKE 'product:%'";
    tenant SUBJECT_MARK_ITEMS = "UPDATE subject SET marks = marks + 1, \
        lane = CASE WHEN dirty_at IS NULL THEN $3 ELSE lane END, \
        dirty_at = COALESCE(dirty_at, $4) WHERE organisation_id = $1 AND connection_id = $2 \
        AND key >= 'product:' AND key < 'product;'",
        pg "UPDATE subject SET marks = marks + 1, \
        lane = CASE WHEN dirty_at IS NULL THEN $3 ELSE lane END, \
        dirty_at = COALESCE(dirty_at, $4) WHERE organisation_id = $1 AND connection_id = $2 \
        AND key LIKE 'product:%'";
    tenant SUBJECT_OPEN = "SELECT key FROM subject WHERE organisation_id = $1 \
        AND connection_id = $2 AND seen_at > 0 AND delivered_at IS NULL AND cancelled_at IS NULL \
        AND key NOT LIKE 'product:%' ORDER BY seen_at DESC, key LIMIT $3";
    tenant SUBJECT_OPEN_COUNT = "SELECT COUNT(*) AS n FROM subject WHERE organisation_id = $1 \
        AND connection_id = $2 AND seen_at > 0 AND delivered_at IS NULL AND cancelled_at IS NULL \
        AND key NOT LIKE 'product:%'";
    tenant SUBJECT_WATCH_DUE = "SELECT key FROM subject WHERE organisation_id = $1 \
        AND connection_id = $2 AND watch_at IS NOT NULL AND watch_at <= $3 \
        ORDER BY watch_at, key LIMIT $4";
    tenant SUBJECT_OF_DAY = "SELECT key FROM subject WHERE organisation_id = $1 \
        AND connection_id = $2 AND key > $5 AND ((released_at >= $3 AND released_at < $4) \
        OR (accepted_at >= $3 AND accepted_at < $4) OR (shipped_at >= $3 AND shipped_at < $4)) \
        ORDER BY key LIMIT $6";
    tenant SUBJECT_WATCH = "WITH v (wanted, next_at) AS (VALUES ($3, CAST($4 AS BIGINT))) \
        UPDATE subject SET watch_at = v.next_at FROM v WHERE subject.organisation_id = $1 \
        AND subject.connection_id = $2 AND subject.key = v.wanted";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// When an order passed each stage; the first value known stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Milestones {
    /// Released in F&O.
    pub released_at: Option<Timestamp>,
    /// Accepted by ShipBob.
    pub accepted_at: Option<Timestamp>,
    /// Shipped completely.
    pub shipped_at: Option<Timestamp>,
    /// Written back to F&O.
    pub written_at: Option<Timestamp>,
    /// Delivered to the consumer.
    pub delivered_at: Option<Timestamp>,
    /// Cancelled on both sides.
    pub cancelled_at: Option<Timestamp>,
}

/// One subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRow {
    /// Its key.
    pub key: String,
    /// Precedence; lower goes first.
    pub lane: i64,
    /// Since when it waits to be planned.
    pub dirty_at: Option<Timestamp>,
    /// How often it was ever marked; proves that nothing came in between.
    pub marks: i64,
    /// When it is to be planned without a signal.
    pub plan_at: Option<Timestamp>,
    /// When it is to be read again from both sides.
    pub watch_at: Option<Timestamp>,
    /// Where it stands, in one stable word.
    pub status: String,
    /// Where it stands, for people.
    pub sentence: String,
    /// When it passed each stage.
    pub milestones: Milestones,
    /// True while something about it waits for a person.
    pub held: bool,
    /// The latest plan.
    pub last_plan: Option<i64>,
    /// When it was first heard of.
    pub seen_at: Timestamp,
    /// When the row changed last.
    pub updated_at: Timestamp,
}

/// What a plan says about its subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubjectUpdate {
    /// Its key.
    pub key: String,
    /// `marks` of the row the plan was made from; a later mark keeps it waiting.
    pub seen_marks: i64,
    /// When to plan again without a signal.
    pub plan_at: Option<Timestamp>,
    /// When to read both sides again.
    pub watch_at: Option<Timestamp>,
    /// Where it stands, in one stable word.
    pub status: String,
    /// Where it stands, for people; no personal data.
    pub sentence: String,
    /// Stages passed; those known already stay as they are.
    pub milestones: Milestones,
    /// True while something about it waits for a person.
    pub held: bool,
    /// The plan; `None` keeps the one stored.
    pub last_plan: Option<i64>,
}

fn subject_row(row: &Row) -> Result<SubjectRow> {
    Ok(SubjectRow {
        key: row.text("key")?,
        lane: row.int("lane")?,
        dirty_at: row.time_opt("dirty_at")?,
        marks: row.int("marks")?,
        plan_at: row.time_opt("plan_at")?,
        watch_at: row.time_opt("watch_at")?,
        status: row.text("status")?,
        sentence: row.text("sentence")?,
        milestones: Milestones {
            released_at: row.time_opt("released_at")?,
            accepted_at: row.time_opt("accepted_at")?,
            shipped_at: row.time_opt("shipped_at")?,
            written_at: row.time_opt("written_at")?,
            delivered_at: row.time_opt("delivered_at")?,
            cancelled_at: row.time_opt("cancelled_at")?,
        },
        held: row.flag("held")?,
        last_plan: row.int_opt("last_plan")?,
        seen_at: row.time("seen_at")?,
        updated_at: row.time("updated_at")?,
    })
}

impl Txn {
    /// Marks subjects as waiting to be planned and creates those unknown. While a subject waits,
    /// its lowest lane counts.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_mark(
        &mut self,
        scope: &Scope,
        keys: Vec<String>,
        lane: i64,
        at: Timestamp,
    ) -> Result<()> {
        let keys: BTreeSet<String> = keys.into_iter().collect();
        let rows = keys.into_iter().map(|key| values![key]).collect();
        self.run_many(&SUBJECT_MARK, scoped![scope; lane, at], rows).await.map(|_| ())
    }

    /// Marks every order that is neither delivered nor cancelled, and, with `items`, every
    /// product: what they are planned with has changed.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_mark_open(
        &mut self,
        scope: &Scope,
        lane: i64,
        items: bool,
        at: Timestamp,
    ) -> Result<()> {
        self.run(&SUBJECT_MARK_OPEN, scoped![scope; lane, at]).await?;
        if items {
            self.run(&SUBJECT_MARK_ITEMS, scoped![scope; lane, at]).await?;
        }
        Ok(())
    }

    /// Writes what plans say about their subjects. A subject stops waiting only when it was not
    /// marked again since the plan's facts were gathered.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_update(
        &mut self,
        scope: &Scope,
        updates: Vec<SubjectUpdate>,
        at: Timestamp,
    ) -> Result<()> {
        let mut last = BTreeMap::new();
        for update in updates {
            last.insert(update.key.clone(), update);
        }
        let rows = last
            .into_values()
            .map(|u| {
                let m = u.milestones;
                values![
                    u.key,
                    u.seen_marks,
                    u.plan_at,
                    u.watch_at,
                    u.status,
                    u.sentence,
                    m.released_at,
                    m.accepted_at,
                    m.shipped_at,
                    m.written_at,
                    m.delivered_at,
                    m.cancelled_at,
                    u.held,
                    u.last_plan
                ]
            })
            .collect();
        self.run_many(&SUBJECT_UPDATE, scoped![scope; at], rows).await.map(|_| ())
    }

    /// Sets when subjects are to be read again from both sides; `None` takes them off the list.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_watch(
        &mut self,
        scope: &Scope,
        next: Vec<(String, Option<Timestamp>)>,
    ) -> Result<()> {
        let last: BTreeMap<String, Option<Timestamp>> = next.into_iter().collect();
        let rows = last.into_iter().map(|(key, at)| values![key, at]).collect();
        self.run_many(&SUBJECT_WATCH, scoped![scope], rows).await.map(|_| ())
    }
}

impl Reader {
    /// Subjects that wait to be planned: first those marked (lowest lane, then longest wait),
    /// then those whose timer is due. They wait until [`Txn::subjects_update`].
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_take(
        &mut self,
        scope: &Scope,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<SubjectRow>> {
        let mut taken: Vec<SubjectRow> = Vec::new();
        let dirty = self.all(&SUBJECT_DIRTY, scoped![scope; page(limit)]).await?;
        for row in &dirty {
            taken.push(subject_row(row)?);
        }
        if taken.len() >= limit {
            return Ok(taken);
        }
        let known: HashSet<String> = taken.iter().map(|s| s.key.clone()).collect();
        for row in self.all(&SUBJECT_TIMER, scoped![scope; now, page(limit)]).await? {
            let subject = subject_row(&row)?;
            if taken.len() < limit && !known.contains(&subject.key) {
                taken.push(subject);
            }
        }
        Ok(taken)
    }

    /// These subjects, where they exist, in no particular order.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects(&mut self, scope: &Scope, keys: &[String]) -> Result<Vec<SubjectRow>> {
        let rows = once_each(keys);
        self.all_many(&SUBJECT_GET, scoped![scope], rows).await?.iter().map(subject_row).collect()
    }

    /// Orders that are neither delivered nor cancelled, the latest first, and how many there are.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_open(
        &mut self,
        scope: &Scope,
        limit: usize,
    ) -> Result<(Vec<String>, i64)> {
        let rows = self.all(&SUBJECT_OPEN, scoped![scope; page(limit)]).await?;
        let keys = rows.iter().map(|row| row.text("key")).collect::<Result<_>>()?;
        let count = self.one(&SUBJECT_OPEN_COUNT, scoped![scope]).await?.int("n")?;
        Ok((keys, count))
    }

    /// Keys whose turn it is to be read again from both sides.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_watch_due(
        &mut self,
        scope: &Scope,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<String>> {
        let rows = self.all(&SUBJECT_WATCH_DUE, scoped![scope; now, page(limit)]).await?;
        rows.iter().map(|row| row.text("key")).collect()
    }

    /// Keys after one whose release, acceptance or first parcel lies in `from..to`.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_of_day(
        &mut self,
        scope: &Scope,
        (from, to): (Timestamp, Timestamp),
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>> {
        let values = scoped![scope; from, to, after, page(limit)];
        let rows = self.all(&SUBJECT_OF_DAY, values).await?;
        rows.iter().map(|row| row.text("key")).collect()
    }
}

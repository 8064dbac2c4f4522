//! Forgetting what is old. Only what is closed goes; open work, deliveries and attempts (their
//! business keys keep a write from happening twice), links and the trail are never deleted here.

use crate::error::Result;
use crate::gate::{Reader, Stmt, Txn, scoped, statements};
use crate::limits::page;
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    tenant RETAIN_INBOX = "DELETE FROM inbox WHERE id IN (SELECT i.id FROM inbox i WHERE i.organisation_id = $1 \
        AND i.connection_id = $2 AND i.done_at < $3 ORDER BY i.done_at LIMIT $4)";
    tenant RETAIN_PLANS = "DELETE FROM plan WHERE id IN (SELECT p.id FROM plan p WHERE p.organisation_id = $1 \
        AND p.connection_id = $2 AND p.made_at < $3 AND EXISTS (SELECT 1 FROM plan n \
        WHERE n.organisation_id = $1 AND n.connection_id = $2 AND n.subject = p.subject \
        AND n.id > p.id) ORDER BY p.made_at LIMIT $4) RETURNING facts_hash";
    tenant RETAIN_FACTS = "DELETE FROM facts WHERE organisation_id = $1 AND connection_id = $2 AND hash = $3 \
        AND NOT EXISTS (SELECT 1 FROM plan p WHERE p.organisation_id = $1 \
        AND p.connection_id = $2 AND p.subject = facts.person AND p.facts_hash = facts.hash)";
    tenant RETAIN_HOLDS = "DELETE FROM hold WHERE id IN (SELECT h.id FROM hold h WHERE h.organisation_id = $1 \
        AND h.connection_id = $2 AND h.closed_at < $3 ORDER BY h.closed_at LIMIT $4)";
    tenant RETAIN_WINDOW = "SELECT MAX(w.id) AS last FROM (SELECT d.id FROM delivery d \
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.id > $3 \
        ORDER BY d.id LIMIT $4) w";
    tenant RETAIN_ATTEMPTS = "DELETE FROM attempt WHERE organisation_id = $1 \
        AND connection_id = $2 AND delivery_id > $3 AND delivery_id <= $4 \
        AND delivery_id IN (SELECT d.id FROM delivery d WHERE d.organisation_id = $1 \
        AND d.connection_id = $2 AND d.id > $3 AND d.id <= $4 AND d.updated_at < $5 \
        AND d.state IN ('done', 'refused', 'withdrawn', 'superseded'))";
    tenant RETAIN_PERSONS = "SELECT s.key FROM subject s WHERE s.organisation_id = $1 \
        AND s.connection_id = $2 AND s.updated_at < $3 AND s.dirty_at IS NULL \
        AND s.watch_at IS NULL AND NOT s.held AND s.status <> 'waiting' \
        AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.organisation_id = $1 \
        AND d.connection_id = $2 AND d.subject = s.key \
        AND d.state IN ('ready', 'in_flight', 'in_doubt')) \
        AND EXISTS (SELECT 1 FROM person p WHERE p.organisation_id = $1 \
        AND p.connection_id = $2 AND p.subject = s.key AND p.destroyed_at IS NULL) \
        ORDER BY s.updated_at LIMIT $4";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// Before when closed things of each kind may go; `None` keeps them for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Signals worked off. Their dedupe keys go with them, so keep them longer than any remote
    /// repeats a webhook.
    pub inbox: Option<Timestamp>,
    /// Plans that are not the latest of their subject, and their facts.
    pub plans: Option<Timestamp>,
    /// Holds that healed.
    pub holds: Option<Timestamp>,
}

/// How many rows of each kind went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retained {
    /// Signals.
    pub inbox: u64,
    /// Plans.
    pub plans: u64,
    /// Holds.
    pub holds: u64,
}

impl Txn {
    /// Deletes up to `limit` of each kind. Call it now and
    /// then until nothing goes.
    ///
    /// # Errors
    /// As every statement.
    pub async fn retain(
        &mut self,
        scope: &Scope,
        keep: &Retention,
        limit: usize,
    ) -> Result<Retained> {
        let mut gone = Retained::default();
        if let Some(before) = keep.inbox {
            gone.inbox = self.run(&RETAIN_INBOX, scoped![scope; before, page(limit)]).await?;
        }
        if let Some(before) = keep.plans {
            let rows = self.all(&RETAIN_PLANS, scoped![scope; before, page(limit)]).await?;
            gone.plans = rows.len() as u64;
            for row in &rows {
                let hash = row.bytes("facts_hash")?;
                self.run(&RETAIN_FACTS, scoped![scope; hash]).await?;
            }
        }
        if let Some(before) = keep.holds {
            gone.holds = self.run(&RETAIN_HOLDS, scoped![scope; before, page(limit)]).await?;
        }
        Ok(gone)
    }

    /// Deletes attempts of finished deliveries that ended before `before`, for the next `window`
    /// deliveries after `after`. Returns how many attempts went, and where to go on; `None` at the
    /// end.
    ///
    /// # Errors
    /// As every statement.
    pub async fn retain_attempts(
        &mut self,
        scope: &Scope,
        before: Timestamp,
        after: i64,
        window: usize,
    ) -> Result<(u64, Option<i64>)> {
        let row = self.one(&RETAIN_WINDOW, scoped![scope; after, page(window)]).await?;
        let Some(last) = row.int_opt("last")? else { return Ok((0, None)) };
        let gone = self.run(&RETAIN_ATTEMPTS, scoped![scope; after, last, before]).await?;
        Ok((gone, Some(last)))
    }
}

impl Reader {
    /// Subjects without open work that changed last before `before` and whose personal data is
    /// still there, oldest first.
    ///
    /// # Errors
    /// As every statement.
    pub async fn retain_persons(
        &mut self,
        scope: &Scope,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<String>> {
        let rows = self.all(&RETAIN_PERSONS, scoped![scope; before, page(limit)]).await?;
        rows.iter().map(|row| row.text("key")).collect()
    }
}

//! Plans and the facts they were made from. Facts are content-addressed, so that a subject
//! planned twice from the same facts keeps them once; a plan can be replayed bit for bit.

use crate::error::{Result, StoreError};
use crate::gate::{Reader, Row, Stmt, Txn, scoped, shown, statements, values};
use crate::limits::page;
use crate::vault::{Purpose, bind};
use domain::ids::Scope;
use domain::time::Timestamp;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};

statements! {
    tenant FACTS_PUT = "INSERT INTO facts (organisation_id, connection_id, hash, person, body) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    tenant FACTS_GET = "SELECT body FROM facts \
        WHERE organisation_id = $1 AND connection_id = $2 AND hash = $3";
    tenant PLAN_PUT = "INSERT INTO plan (organisation_id, connection_id, subject, made_at, \
        settings_version, facts_hash, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        RETURNING id, subject";
    tenant PLAN_GET = "SELECT id, subject, made_at, settings_version, facts_hash, outcome \
        FROM plan WHERE organisation_id = $1 AND connection_id = $2 AND id = $3";
    tenant PLAN_OF = "SELECT id, subject, made_at, settings_version, facts_hash, outcome \
        FROM plan WHERE organisation_id = $1 AND connection_id = $2 AND subject = $3 \
        ORDER BY id DESC LIMIT $4";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// A plan to be stored.
#[derive(Clone)]
pub struct NewPlan {
    /// What it is about.
    pub subject: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The settings it was made with.
    pub settings_version: i64,
    /// Everything the planner saw; sealed under the subject's key.
    pub facts: Vec<u8>,
    /// Its answer as JSON: deliveries, holds, reasons; sealed too.
    pub outcome: String,
}

/// A stored plan.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPlan {
    /// Grows with time.
    pub id: i64,
    /// What it is about.
    pub subject: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The settings it was made with.
    pub settings_version: i64,
    /// Names the facts.
    pub facts_hash: Vec<u8>,
    /// The facts; `None` in lists and when the person was erased.
    pub facts: Option<Vec<u8>>,
    /// The answer; `None` when the person was erased.
    pub outcome: Option<String>,
}

shown! {
    NewPlan: subject, made_at, settings_version;
    StoredPlan: id, subject, made_at, settings_version;
}

/// The subject is part of it: equal facts of two subjects are sealed under two keys.
fn facts_hash(subject: &str, facts: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(bind(&[], subject)).chain_update(facts).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl Txn {
    /// Stores plans with their facts and returns their ids in the order given.
    ///
    /// # Errors
    /// `Refused` when two plans are for one subject.
    pub async fn plans_put(&mut self, scope: &Scope, plans: Vec<NewPlan>) -> Result<Vec<i64>> {
        self.ensure_keys(scope, plans.iter().map(|plan| plan.subject.as_str())).await?;
        let subjects: Vec<String> = plans.iter().map(|plan| plan.subject.clone()).collect();
        let (mut facts, mut rows) = (BTreeMap::new(), Vec::with_capacity(plans.len()));
        for plan in plans {
            let hash = facts_hash(&plan.subject, &plan.facts);
            let subject = plan.subject;
            let (person, place) = (Some(subject.as_str()), hex(&hash));
            let body = self.pack(scope, person, Purpose::Facts, &place, &plan.facts)?;
            let outcome = plan.outcome.as_bytes();
            let outcome = self.pack(scope, person, Purpose::Plan, &place, outcome)?;
            facts.insert(hash.clone(), values![hash.clone(), subject.as_str(), body]);
            rows.push(values![subject, plan.made_at, plan.settings_version, hash, outcome]);
        }
        self.run_many(&FACTS_PUT, scoped![scope], facts.into_values().collect()).await?;
        let mut ids = HashMap::with_capacity(subjects.len());
        for row in self.all_many(&PLAN_PUT, scoped![scope], rows).await? {
            ids.insert(row.text("subject")?, row.int("id")?);
        }
        if ids.len() != subjects.len() {
            self.failed = true;
            return Err(StoreError::Refused(
                "two plans of one call are for the same subject; store one after the other"
                    .to_owned(),
            ));
        }
        Ok(subjects.iter().filter_map(|subject| ids.get(subject).copied()).collect())
    }
}

impl Reader {
    /// A plan with its facts.
    ///
    /// # Errors
    /// `Inconsistent` when its facts are missing.
    pub async fn plan(&mut self, scope: &Scope, id: i64) -> Result<Option<StoredPlan>> {
        let Some(row) = self.maybe(&PLAN_GET, scoped![scope; id]).await? else {
            return Ok(None);
        };
        let mut plan = self.plan_row(scope, &row).await?;
        let facts = self.one(&FACTS_GET, scoped![scope; plan.facts_hash.clone()]).await?;
        let (person, place) = (Some(plan.subject.as_str()), hex(&plan.facts_hash));
        let body = facts.bytes("body")?;
        plan.facts = self.unpack(scope, person, Purpose::Facts, &place, &body)?;
        Ok(Some(plan))
    }

    /// The latest plans of a subject, newest first, without their facts.
    ///
    /// # Errors
    /// As every statement.
    pub async fn plans_of(
        &mut self,
        scope: &Scope,
        subject: &str,
        limit: usize,
    ) -> Result<Vec<StoredPlan>> {
        let rows = self.all(&PLAN_OF, scoped![scope; subject, page(limit)]).await?;
        let mut plans = Vec::with_capacity(rows.len());
        for row in &rows {
            plans.push(self.plan_row(scope, row).await?);
        }
        Ok(plans)
    }

    async fn plan_row(&mut self, scope: &Scope, row: &Row) -> Result<StoredPlan> {
        let (subject, facts_hash) = (row.text("subject")?, row.bytes("facts_hash")?);
        self.load_keys(scope, [subject.as_str()]).await?;
        let (person, place) = (Some(subject.as_str()), hex(&facts_hash));
        let outcome = self.unpack(scope, person, Purpose::Plan, &place, &row.bytes("outcome")?)?;
        let outcome = outcome
            .map(String::from_utf8)
            .transpose()
            .map_err(|_| StoreError::inconsistent(row.statement, "outcome", "is not text"))?;
        Ok(StoredPlan {
            id: row.int("id")?,
            made_at: row.time("made_at")?,
            settings_version: row.int("settings_version")?,
            subject,
            facts_hash,
            facts: None,
            outcome,
        })
    }
}

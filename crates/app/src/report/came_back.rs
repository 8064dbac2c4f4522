//! What came back to ShipBob, held against what we keep and what F&O was told.

use domain::ids::Scope;
use domain::inbound::{Kind, Return, ReturnLine};
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Store, StoreError};
use twins::{ReturnTruth, Twins};

/// Rows read at a time.
const STEP: usize = 1_000;

/// What a run came to in returns. Truth is the twin's docks; the rest is asked of our tables.
#[derive(Debug, Default, Serialize)]
pub struct CameBack {
    /// Returns ShipBob made.
    pub returns: usize,
    /// … that we keep as they stand.
    pub kept: usize,
    /// … of orders of ours.
    pub ours: usize,
    /// … of which F&O has a note.
    pub noted: usize,
    /// … that the customer's own call recorded.
    pub recorded: usize,
    /// Receiving orders we keep.
    pub receiving: usize,
    /// What is wrong.
    pub wrong: Vec<String>,
}

impl CameBack {
    /// Reads both sides; none in a world without returns.
    ///
    /// # Errors
    /// What the database answered.
    pub async fn of(
        twins: &Twins,
        store: &Store,
        scope: &Scope,
    ) -> Result<Option<Self>, StoreError> {
        if !twins.mapping().returns {
            return Ok(None);
        }
        let mut found = Self::default();
        let mut kept: BTreeMap<i64, Return> = BTreeMap::new();
        let mut reader = store.read().await?;
        for kind in Kind::ALL {
            let mut before = i64::MAX;
            loop {
                let rows = reader.inbound_page(scope, kind.word(), "", before, STEP).await?;
                let Some(last) = rows.last() else { break };
                before = last.id;
                if kind == Kind::Receiving {
                    found.receiving += rows.len();
                    continue;
                }
                let read = rows.iter().filter_map(|r| serde_json::from_str::<Return>(&r.body).ok());
                kept.extend(read.map(|one| (one.id, one)));
            }
        }
        for truth in twins.returns() {
            found.add(&truth, kept.get(&truth.id));
        }
        Ok(Some(found))
    }

    fn add(&mut self, truth: &ReturnTruth, kept: Option<&Return>) {
        self.returns += 1;
        self.ours += usize::from(truth.order_number.is_some());
        self.noted += usize::from(!truth.notes.is_empty());
        self.recorded += usize::from(truth.records > 0);
        let same = kept.is_some_and(|kept| {
            let restocked = |of: &Return| of.lines.iter().map(ReturnLine::restocked).sum::<i64>();
            kept.status == truth.status
                && restocked(kept) == truth.lines.iter().map(|l| l.2).sum::<i64>()
        });
        self.kept += usize::from(same);
        if !same {
            self.wrong.push(format!("return {} is not kept as it stands", truth.id));
        }
        if truth.notes.len() > 1 || truth.records > 1 {
            self.wrong.push(format!("return {} was told more than once", truth.id));
        }
    }

    /// What is wrong.
    pub fn problems(&self) -> Vec<String> {
        self.wrong.clone()
    }

    /// One line.
    pub fn words(&self) -> String {
        format!(
            "{} of {} returns kept as they stand, {} of orders of ours, {} noted, {} recorded; {} receiving orders",
            self.kept, self.returns, self.ours, self.noted, self.recorded, self.receiving
        )
    }
}

//! What ShipBob charged, held against what we keep and what stands in F&O.

use super::charges::Charged;
use domain::flows::billing::Transaction;
use domain::ids::Scope;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{CostList, Store, StoreError};
use twins::Twins;

/// Rows read at a time.
const STEP: usize = 1_000;

/// What a run came to in money. Truth is the twin's books; the rest is asked of our tables.
#[derive(Debug, Default, Serialize)]
pub struct Bills {
    /// Fee lines ShipBob made.
    pub transactions: usize,
    /// … that we keep exactly once and as they stand.
    pub kept: usize,
    /// Invoices ShipBob made.
    pub invoices: usize,
    /// … whose transactions add up to them, in our books.
    pub balanced: usize,
    /// Shipments of orders that were charged.
    pub shipments: usize,
    /// … whose net cost stands in the note of their order.
    pub in_note: usize,
    /// Shipments with something odd about their cost.
    pub findings: usize,
    /// Shipments whose order is closed in F&O: the finance list.
    pub closed: usize,
    /// Charges on orders, where costs are written as such.
    pub charged: Option<Charged>,
    /// Transactions of shipments no order of ours has.
    pub unmatched: usize,
    /// What is wrong.
    pub wrong: Vec<String>,
}

impl Bills {
    /// Reads both sides; none in a world without billing.
    ///
    /// # Errors
    /// What the database answered.
    pub async fn of(
        twins: &Twins,
        store: &Store,
        scope: &Scope,
    ) -> Result<Option<Self>, StoreError> {
        if !twins.mapping().billing {
            return Ok(None);
        }
        let truth = twins.billed();
        let mut reader = store.read().await?;
        let mut kept: BTreeMap<String, Transaction> = BTreeMap::new();
        let mut after = String::new();
        loop {
            let rows = reader.billed_page(scope, &after, STEP).await?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.id);
            let read = rows.iter().filter_map(|r| serde_json::from_str(&r.body).ok());
            kept.extend(read.map(|t: Transaction| (t.id.clone(), t)));
        }
        let mut found = Self {
            transactions: truth.lines.len(),
            invoices: truth.invoices.len(),
            unmatched: reader.billed_unmatched(scope, STEP).await?.len(),
            ..Self::default()
        };
        if kept.len() != truth.lines.len() {
            let (ours, theirs) = (kept.len(), truth.lines.len());
            found.wrong.push(format!("{ours} transactions are kept, ShipBob made {theirs}"));
        }
        for line in &truth.lines {
            let cents = Decimal::new(line.cents, 2);
            let same = kept.get(&line.id).is_some_and(|t| {
                t.value(false) == cents && t.currency == line.currency && t.invoice == line.invoice
            });
            found.kept += usize::from(same);
            if !same {
                let seen = kept.get(&line.id);
                found.wrong.push(format!("transaction {line:?} is kept as {seen:?}"));
            }
        }
        let ids: Vec<i64> = truth.invoices.iter().map(|i| i.id).collect();
        let invoices = reader.invoices(scope, &ids).await?;
        found.balanced = invoices.iter().filter(|row| row.balanced).count();
        if found.balanced != found.invoices {
            let (ours, theirs) = (found.balanced, found.invoices);
            found.wrong.push(format!("{ours} of ShipBob's {theirs} invoices balance"));
        }
        found.findings = reader.costs(scope, CostList::Findings, 0, STEP).await?.len();
        found.closed = reader.costs(scope, CostList::Closed, 0, STEP).await?.len();
        found.notes(twins);
        drop(reader);
        found.charged = Charged::of(twins, store, scope).await?;
        found.wrong.extend(found.charged.iter().flat_map(|c| c.wrong.clone()));
        Ok(Some(found))
    }

    /// Every shipment of ours that was charged, against the note of its order.
    fn notes(&mut self, twins: &Twins) {
        let projection = twins.projection();
        let racing = projection.racing.iter().map(|(number, one)| (number, &one.details));
        for (number, order) in projection.orders.iter().chain(racing) {
            let Some(dynamics) = &order.dynamics else { continue };
            let ours =
                order.references.iter().filter(|(reference, _)| !reference.contains("/man-"));
            for shipment in ours.flat_map(|(_, one)| &one.shipments) {
                if shipment.billed.is_empty() {
                    continue;
                }
                self.shipments += 1;
                let told = shipment.billed.values().all(|sum| {
                    let sum = sum.parse::<Decimal>().map(|s| s.normalize().to_string());
                    let sum = sum.unwrap_or_default();
                    dynamics.notes.iter().any(|note| tells(note, &sum))
                });
                self.in_note += usize::from(told);
                if !told {
                    let (billed, notes) = (&shipment.billed, &dynamics.notes);
                    self.wrong.push(format!("{number}: {billed:?} does not stand in {notes:?}"));
                }
            }
        }
    }

    /// What is wrong; empty when all is well.
    pub fn problems(&self) -> Vec<String> {
        self.wrong.clone()
    }

    /// One line for people.
    pub fn words(&self) -> String {
        let charged = self.charged.as_ref().map(|c| format!("; {}", c.words())).unwrap_or_default();
        format!(
            "{} transactions, {} kept once; {} invoices, {} balance; {} shipments charged, {} in the note ({} odd, {} unmatched, {} on the finance list){charged}",
            self.transactions,
            self.kept,
            self.invoices,
            self.balanced,
            self.shipments,
            self.in_note,
            self.findings,
            self.unmatched,
            self.closed
        )
    }
}

/// The normalised note names that amount.
fn tells(note: &str, amount: &str) -> bool {
    let charges = note.split("charges=").nth(1).unwrap_or_default();
    charges.split(',').any(|one| one == amount)
}

//! What a sweep brings is kept once; what changed is told in the trail, and brings its order back to the planner.

use super::rows::{billed_row, invoice_row, number_of, transactions};
use super::told::{added_up, told};
use super::{BALANCED_AT_ONCE, DAILY, INVOICES, Sweep, Turned};
use crate::error::Result;
use crate::kept::{decode, encode};
use crate::parts::Engine;
use crate::tokens::said;
use crate::trail;
use domain::flows::billing::{Invoice, Transaction, balance};
use domain::operation::Lane;
use domain::settings::Billing;
use domain::time::{Span, Timestamp};
use shipbob::BilledPage;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use store::{InvoiceRow, normal_number};

impl Engine {
    /// Keeps a page of transactions and turns the page. What changed is told in the trail of its
    /// order, its order is planned again, and the invoices it came to or left are balanced again.
    pub(super) async fn keep_billed(
        &self,
        sweep: &mut Sweep,
        found: BilledPage<Transaction>,
        whole_invoice: Option<i64>,
    ) -> Result<Turned> {
        let now = self.now();
        sweep.unreadable += found.unreadable;
        let ids: Vec<String> = found.items.iter().map(|t| t.id.clone()).collect();
        let known = transactions(&self.store.read().await?.billed(&self.scope, &ids).await?)?;
        let known: HashMap<&str, &Transaction> = known.iter().map(|t| (t.id.as_str(), t)).collect();
        let news: Vec<&Transaction> =
            found.items.iter().filter(|t| known.get(t.id.as_str()) != Some(t)).collect();
        let subjects = self.subjects_of(&news).await?;
        let mut entries = Vec::new();
        let mut touched = BTreeSet::new();
        for one in &news {
            let before = known.get(one.id.as_str()).copied();
            touched.extend(one.invoice);
            touched.extend(before.and_then(|t| t.invoice));
            let subject = subjects.get(one.id.as_str());
            entries.extend(told(now, one, before, subject.map(String::as_str)));
        }
        if !news.is_empty() || whole_invoice.is_some() {
            let mut work = self.begin("billing.transactions").await?;
            let rows = news.iter().map(|t| billed_row(t)).collect::<Result<_>>()?;
            work.txn.billed_put(&self.scope, rows, now).await?;
            work.txn.invoices_touched(&self.scope, &touched).await?;
            if let Some(id) = whole_invoice {
                work.txn.invoice_read(&self.scope, id, sweep.began).await?;
            }
            work.txn.trail_append(&self.scope, entries).await?;
            let lane = Lane::Fulfilment as i64;
            let subjects: BTreeSet<String> = subjects.into_values().collect();
            work.txn.subjects_mark(&self.scope, subjects.into_iter().collect(), lane, now).await?;
            work.commit().await?;
        }
        Ok(sweep.turn(found.next))
    }

    /// The orders these belong to, by transaction id.
    async fn subjects_of(&self, all: &[&Transaction]) -> Result<HashMap<String, String>> {
        let numbers: Vec<(&'static str, String)> =
            all.iter().filter_map(|t| number_of(t)).collect();
        if numbers.is_empty() {
            return Ok(HashMap::new());
        }
        let mut reader = self.store.read().await?;
        let found = reader.subjects_of_numbers(&self.scope, &numbers).await?;
        let by_number: BTreeMap<(String, String), String> =
            found.into_iter().map(|(kind, number, subject)| ((kind, number), subject)).collect();
        let subject = |t: &&Transaction| {
            let (kind, number) = number_of(t)?;
            let subject = by_number.get(&(kind.to_owned(), normal_number(&number)))?;
            Some((t.id.clone(), subject.clone()))
        };
        Ok(all.iter().filter_map(subject).collect())
    }

    pub(super) async fn keep_invoices(&self, found: &[Invoice]) -> Result<()> {
        let ids: Vec<i64> = found.iter().map(|i| i.id).collect();
        let known = self.store.read().await?.invoices(&self.scope, &ids).await?;
        let known: HashMap<i64, Invoice> = known
            .into_iter()
            .map(|row| Ok((row.id, decode("invoice", "", row.body.as_bytes())?)))
            .collect::<Result<_>>()?;
        let news: Vec<&Invoice> = found.iter().filter(|i| known.get(&i.id) != Some(i)).collect();
        if news.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let mut rows = Vec::with_capacity(news.len());
        let mut entries = Vec::new();
        for one in news {
            rows.push(invoice_row(one)?);
            if let Some(before) = known.get(&one.id).filter(|b| b.amount != one.amount) {
                let why = format!(
                    "ShipBob's invoice {} changed from {} to {} {}; its transactions are read again.",
                    one.id,
                    before.amount.normalize(),
                    one.amount.normalize(),
                    one.currency
                );
                entries.push(said(now, trail::ENGINE, "invoice changed", why));
            }
        }
        let mut work = self.begin("billing.invoices").await?;
        work.txn.invoices_put(&self.scope, rows, now).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        work.commit().await
    }

    /// New or changed invoices, those whose second look is due, and what does not balance.
    pub(super) async fn invoices_to_read(
        &self,
        from: Timestamp,
        settings: &Billing,
    ) -> Result<VecDeque<i64>> {
        let now = self.now();
        let mut reader = self.store.read().await?;
        let rows = reader.invoices_since(&self.scope, from, INVOICES).await?;
        let wanted = |row: &&InvoiceRow| {
            let Some(read) = row.read else { return true };
            let second = row.dated + Span::days(settings.recheck_days);
            read < row.changed
                || (now >= second && read < second)
                || (!row.balanced && now.since(read) >= DAILY)
        };
        Ok(rows.iter().filter(wanted).map(|row| row.id).collect())
    }

    /// Adds up what is not known to balance; false when there is nothing left.
    pub(super) async fn balance_some(&self, settings: &Billing) -> Result<bool> {
        let mut reader = self.store.read().await?;
        let rows = reader.invoices_to_balance(&self.scope, BALANCED_AT_ONCE).await?;
        if rows.is_empty() {
            return Ok(false);
        }
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let invoice: Invoice = decode("invoice", "", row.body.as_bytes())?;
            let all = reader.billed_of_invoice(&self.scope, row.id).await?;
            let balance = balance(&invoice, &transactions(&all)?, settings.taxes_on_top);
            found.push((row, invoice, balance));
        }
        drop(reader);
        let now = self.now();
        let mut entries = Vec::new();
        let mut work = self.begin("billing.balance").await?;
        for (row, invoice, balance) in found {
            let text = String::from_utf8_lossy(&encode(&balance)?).into_owned();
            let balanced = balance.balanced();
            if row.balance.is_empty() || row.balanced != balanced {
                entries.push(said(
                    now,
                    trail::ENGINE,
                    "invoice added up",
                    added_up(&invoice, &balance),
                ));
            }
            work.txn.invoice_balance(&self.scope, row.id, balanced, text).await?;
        }
        work.txn.trail_append(&self.scope, entries).await?;
        work.commit().await?;
        Ok(true)
    }
}

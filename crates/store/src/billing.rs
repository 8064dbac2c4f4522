//! What ShipBob charged: one row per transaction and per invoice, and what every shipment cost.
//! Bodies are the caller's JSON; they hold no personal data.

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, once_each, scoped, statements, values};
use crate::limits::page;
use crate::link::normal_number;
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

statements! {
    tenant BILLED_PUT = "INSERT INTO billing_transaction (organisation_id, connection_id, \
        transaction_id, invoice_id, tie, tie_key, charged_at, body, seen_at, changed_at) \
        VALUES ($1, $2, $4, $5, $6, $7, $8, $9, $3, $3) \
        ON CONFLICT (organisation_id, connection_id, transaction_id) DO UPDATE SET \
        invoice_id = excluded.invoice_id, tie = excluded.tie, tie_key = excluded.tie_key, \
        charged_at = excluded.charged_at, body = excluded.body, changed_at = excluded.changed_at";
    tenant BILLED_GET = "WITH w (wanted) AS (VALUES ($3)) \
        SELECT t.transaction_id, t.invoice_id, t.tie, t.tie_key, t.charged_at, t.body FROM w \
        CROSS JOIN billing_transaction t WHERE t.organisation_id = $1 AND t.connection_id = $2 \
        AND t.transaction_id = w.wanted";
    tenant BILLED_TIED = "WITH w (tie, tie_key) AS (VALUES ($3, $4)) \
        SELECT t.transaction_id, t.invoice_id, t.tie, t.tie_key, t.charged_at, t.body FROM w \
        CROSS JOIN billing_transaction t WHERE t.organisation_id = $1 AND t.connection_id = $2 \
        AND t.tie = w.tie AND t.tie_key = w.tie_key";
    tenant BILLED_OF_INVOICE = "SELECT transaction_id, invoice_id, tie, tie_key, charged_at, body \
        FROM billing_transaction WHERE organisation_id = $1 AND connection_id = $2 \
        AND invoice_id = $3 AND transaction_id > $4 ORDER BY transaction_id LIMIT $5";
    tenant BILLED_PAGE = "SELECT transaction_id, invoice_id, tie, tie_key, charged_at, body \
        FROM billing_transaction WHERE organisation_id = $1 AND connection_id = $2 \
        AND transaction_id > $3 ORDER BY transaction_id LIMIT $4";
    tenant BILLED_UNMATCHED = "SELECT t.transaction_id, t.invoice_id, t.tie, t.tie_key, \
        t.charged_at, t.body FROM billing_transaction t WHERE t.organisation_id = $1 \
        AND t.connection_id = $2 AND t.tie = 'shipment' AND NOT EXISTS (SELECT 1 FROM number n \
        WHERE n.organisation_id = $1 AND n.connection_id = $2 AND n.number_normal = t.tie_key \
        AND n.kind = 'shipment') ORDER BY t.tie_key, t.transaction_id LIMIT $3";
    tenant BILLED_SUBJECTS = "WITH w (kind, wanted) AS (VALUES ($3, $4)) \
        SELECT n.kind, n.number_normal, n.subject FROM w CROSS JOIN number n \
        WHERE n.organisation_id = $1 AND n.connection_id = $2 AND n.number_normal = w.wanted \
        AND n.kind = w.kind";
    tenant INVOICE_PUT = "INSERT INTO billing_invoice (organisation_id, connection_id, \
        invoice_id, dated_at, body, changed_at, dirty, balanced, balance) \
        VALUES ($1, $2, $4, $5, $6, $3, TRUE, FALSE, '') \
        ON CONFLICT (organisation_id, connection_id, invoice_id) DO UPDATE SET \
        dated_at = excluded.dated_at, body = excluded.body, changed_at = excluded.changed_at, \
        dirty = TRUE";
    tenant INVOICE_GET = "WITH w (wanted) AS (VALUES (CAST($3 AS BIGINT))) \
        SELECT i.invoice_id, i.dated_at, i.body, i.changed_at, i.read_at, i.balanced, i.balance \
        FROM w CROSS JOIN billing_invoice i WHERE i.organisation_id = $1 \
        AND i.connection_id = $2 AND i.invoice_id = w.wanted";
    tenant INVOICE_SINCE = "SELECT invoice_id, dated_at, body, changed_at, read_at, balanced, \
        balance FROM billing_invoice WHERE organisation_id = $1 AND connection_id = $2 \
        AND dated_at >= $3 ORDER BY dated_at, invoice_id LIMIT $4";
    tenant INVOICE_PAGE = "SELECT invoice_id, dated_at, body, changed_at, read_at, balanced, \
        balance FROM billing_invoice WHERE organisation_id = $1 AND connection_id = $2 \
        AND (dated_at, invoice_id) < ($3, $4) ORDER BY dated_at DESC, invoice_id DESC LIMIT $5";
    tenant INVOICE_TO_BALANCE = "SELECT invoice_id, dated_at, body, changed_at, read_at, \
        balanced, balance FROM billing_invoice WHERE organisation_id = $1 \
        AND connection_id = $2 AND dirty ORDER BY invoice_id LIMIT $3";
    tenant INVOICE_READ = "UPDATE billing_invoice SET read_at = $4, dirty = TRUE \
        WHERE organisation_id = $1 AND connection_id = $2 AND invoice_id = $3";
    tenant INVOICE_TOUCH = "UPDATE billing_invoice SET dirty = TRUE \
        WHERE organisation_id = $1 AND connection_id = $2 AND invoice_id = $3";
    tenant INVOICE_BALANCE = "UPDATE billing_invoice SET dirty = FALSE, balanced = $4, \
        balance = $5 WHERE organisation_id = $1 AND connection_id = $2 AND invoice_id = $3";
    tenant COST_PUT = "INSERT INTO billing_cost (organisation_id, connection_id, shipment_id, \
        subject, listed, closed, body, since) VALUES ($1, $2, $4, $5, $6, $7, $8, $3) \
        ON CONFLICT (organisation_id, connection_id, shipment_id) DO UPDATE SET \
        subject = excluded.subject, listed = excluded.listed, closed = excluded.closed, \
        body = excluded.body";
    tenant COST_LISTED = "SELECT shipment_id, subject, body, since FROM billing_cost \
        WHERE organisation_id = $1 AND connection_id = $2 AND listed AND shipment_id > $3 \
        ORDER BY shipment_id LIMIT $4";
    tenant COST_CLOSED = "SELECT shipment_id, subject, body, since FROM billing_cost \
        WHERE organisation_id = $1 AND connection_id = $2 AND closed <> '' AND shipment_id > $3 \
        ORDER BY shipment_id LIMIT $4";
    tenant COST_OF = "SELECT shipment_id, subject, body, since FROM billing_cost \
        WHERE organisation_id = $1 AND connection_id = $2 AND subject = $3 ORDER BY shipment_id";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilledRow {
    /// ShipBob's id.
    pub id: String,
    /// The invoice it stands on.
    pub invoice: Option<i64>,
    /// What it is tied to, in one word.
    pub tie: String,
    /// The number it is tied by, as it is written.
    pub key: String,
    /// When it was charged; zero when nobody says.
    pub charged: Timestamp,
    /// The whole of it, JSON.
    pub body: String,
}

/// One invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRow {
    /// ShipBob's id.
    pub id: i64,
    /// Its date.
    pub dated: Timestamp,
    /// The whole of it, JSON.
    pub body: String,
    /// When it last changed, by our clock.
    pub changed: Timestamp,
    /// When its transactions were read last.
    pub read: Option<Timestamp>,
    /// Its transactions add up to it.
    pub balanced: bool,
    /// How they add up, JSON; empty before that was looked at.
    pub balance: String,
}

/// What one shipment cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRow {
    /// Which shipment.
    pub shipment: i64,
    /// The order it belongs to.
    pub subject: String,
    /// Something about it is odd.
    pub listed: bool,
    /// Why it cannot be booked on the order any more; empty when it can.
    pub closed: String,
    /// The whole of it, JSON.
    pub body: String,
    /// When it was first known.
    pub since: Timestamp,
}

/// Which costs are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostList {
    /// Those with something odd about them.
    Findings,
    /// Those whose order is closed in F&O.
    Closed,
}

fn billed(row: &Row) -> Result<BilledRow> {
    Ok(BilledRow {
        id: row.text("transaction_id")?,
        invoice: row.int_opt("invoice_id")?,
        tie: row.text("tie")?,
        key: row.text("tie_key")?,
        charged: row.time("charged_at")?,
        body: row.text("body")?,
    })
}

fn invoice(row: &Row) -> Result<InvoiceRow> {
    Ok(InvoiceRow {
        id: row.int("invoice_id")?,
        dated: row.time("dated_at")?,
        body: row.text("body")?,
        changed: row.time("changed_at")?,
        read: row.time_opt("read_at")?,
        balanced: row.flag("balanced")?,
        balance: row.text("balance")?,
    })
}

fn cost(row: &Row) -> Result<CostRow> {
    Ok(CostRow {
        shipment: row.int("shipment_id")?,
        subject: row.text("subject")?,
        listed: false,
        closed: String::new(),
        body: row.text("body")?,
        since: row.time("since")?,
    })
}

impl Txn {
    /// Keeps transactions; the last one of an id counts.
    ///
    /// # Errors
    /// As every statement.
    pub async fn billed_put(
        &mut self,
        scope: &Scope,
        rows: Vec<BilledRow>,
        at: Timestamp,
    ) -> Result<()> {
        let last: BTreeMap<String, BilledRow> =
            rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        let rows = last
            .into_values()
            .map(|r| values![r.id, r.invoice, r.tie, normal_number(&r.key), r.charged, r.body])
            .collect();
        self.run_many(&BILLED_PUT, scoped![scope; at], rows).await.map(|_| ())
    }

    /// Keeps invoices that are new or changed; they are to be balanced again. Of each row only id,
    /// date and body count.
    ///
    /// # Errors
    /// As every statement.
    pub async fn invoices_put(
        &mut self,
        scope: &Scope,
        rows: Vec<InvoiceRow>,
        at: Timestamp,
    ) -> Result<()> {
        let last: BTreeMap<i64, InvoiceRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        let rows = last.into_values().map(|r| values![r.id, r.dated, r.body]).collect();
        self.run_many(&INVOICE_PUT, scoped![scope; at], rows).await.map(|_| ())
    }

    /// The transactions of an invoice were read whole.
    ///
    /// # Errors
    /// As every statement.
    pub async fn invoice_read(&mut self, scope: &Scope, id: i64, at: Timestamp) -> Result<()> {
        self.run(&INVOICE_READ, scoped![scope; id, at]).await.map(|_| ())
    }

    /// Transactions came to these invoices or left them: they are to be balanced again.
    ///
    /// # Errors
    /// As every statement.
    pub async fn invoices_touched(&mut self, scope: &Scope, ids: &BTreeSet<i64>) -> Result<()> {
        for id in ids {
            self.run(&INVOICE_TOUCH, scoped![scope; *id]).await?;
        }
        Ok(())
    }

    /// How the transactions of an invoice add up.
    ///
    /// # Errors
    /// As every statement.
    pub async fn invoice_balance(
        &mut self,
        scope: &Scope,
        id: i64,
        balanced: bool,
        balance: String,
    ) -> Result<()> {
        self.run(&INVOICE_BALANCE, scoped![scope; id, balanced, balance]).await.map(|_| ())
    }

    /// What shipments cost; `since` of a known one stays.
    ///
    /// # Errors
    /// As every statement.
    pub async fn costs_put(
        &mut self,
        scope: &Scope,
        rows: Vec<CostRow>,
        at: Timestamp,
    ) -> Result<()> {
        let last: BTreeMap<i64, CostRow> =
            rows.into_iter().map(|row| (row.shipment, row)).collect();
        let rows = last
            .into_values()
            .map(|r| values![r.shipment, r.subject, r.listed, r.closed, r.body])
            .collect();
        self.run_many(&COST_PUT, scoped![scope; at], rows).await.map(|_| ())
    }
}

impl Reader {
    /// Transactions by id.
    ///
    /// # Errors
    /// As every statement.
    pub async fn billed(&mut self, scope: &Scope, ids: &[String]) -> Result<Vec<BilledRow>> {
        let rows = once_each(ids);
        let rows = self.all_many(&BILLED_GET, scoped![scope], rows).await?;
        rows.iter().map(billed).collect()
    }

    /// Transactions tied to these (tie, number).
    ///
    /// # Errors
    /// As every statement.
    pub async fn billed_tied(
        &mut self,
        scope: &Scope,
        ties: &[(&'static str, String)],
    ) -> Result<Vec<BilledRow>> {
        let wanted: BTreeSet<(&str, String)> =
            ties.iter().map(|(tie, key)| (*tie, normal_number(key))).collect();
        let rows = wanted
            .into_iter()
            .filter(|(_, key)| !key.is_empty())
            .map(|(tie, key)| values![tie, key])
            .collect();
        let rows = self.all_many(&BILLED_TIED, scoped![scope], rows).await?;
        rows.iter().map(billed).collect()
    }

    /// Every transaction of an invoice.
    ///
    /// # Errors
    /// As every statement.
    pub async fn billed_of_invoice(&mut self, scope: &Scope, id: i64) -> Result<Vec<BilledRow>> {
        const STEP: usize = 500;
        let mut found: Vec<BilledRow> = Vec::new();
        loop {
            let after = found.last().map(|row| row.id.clone()).unwrap_or_default();
            let values = scoped![scope; id, after, page(STEP)];
            let rows = self.all(&BILLED_OF_INVOICE, values).await?;
            let more = rows.len() == STEP;
            for row in &rows {
                found.push(billed(row)?);
            }
            if !more {
                return Ok(found);
            }
        }
    }

    /// Transactions in order of their ids, after one.
    ///
    /// # Errors
    /// As every statement.
    pub async fn billed_page(
        &mut self,
        scope: &Scope,
        after: &str,
        limit: usize,
    ) -> Result<Vec<BilledRow>> {
        let rows = self.all(&BILLED_PAGE, scoped![scope; after, page(limit)]).await?;
        rows.iter().map(billed).collect()
    }

    /// Transactions of shipments that belong to no order we know.
    ///
    /// # Errors
    /// As every statement.
    pub async fn billed_unmatched(
        &mut self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<BilledRow>> {
        let rows = self.all(&BILLED_UNMATCHED, scoped![scope; page(limit)]).await?;
        rows.iter().map(billed).collect()
    }

    /// The subjects these (kind, number) lead to.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_of_numbers(
        &mut self,
        scope: &Scope,
        numbers: &[(&'static str, String)],
    ) -> Result<Vec<(String, String, String)>> {
        let wanted: BTreeSet<(&str, String)> =
            numbers.iter().map(|(kind, number)| (*kind, normal_number(number))).collect();
        let rows = wanted
            .into_iter()
            .filter(|(_, number)| !number.is_empty())
            .map(|(kind, number)| values![kind, number])
            .collect();
        let rows = self.all_many(&BILLED_SUBJECTS, scoped![scope], rows).await?;
        let read = |row: &Row| -> Result<(String, String, String)> {
            Ok((row.text("kind")?, row.text("number_normal")?, row.text("subject")?))
        };
        rows.iter().map(read).collect()
    }

    /// Invoices by id.
    ///
    /// # Errors
    /// As every statement.
    pub async fn invoices(&mut self, scope: &Scope, ids: &[i64]) -> Result<Vec<InvoiceRow>> {
        let wanted: BTreeSet<i64> = ids.iter().copied().collect();
        let rows = wanted.into_iter().map(|id| values![id]).collect();
        let rows = self.all_many(&INVOICE_GET, scoped![scope], rows).await?;
        rows.iter().map(invoice).collect()
    }

    /// Invoices dated since then, oldest first.
    ///
    /// # Errors
    /// As every statement.
    pub async fn invoices_since(
        &mut self,
        scope: &Scope,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<InvoiceRow>> {
        let rows = self.all(&INVOICE_SINCE, scoped![scope; since, page(limit)]).await?;
        rows.iter().map(invoice).collect()
    }

    /// Invoices, newest first, before a (date, id).
    ///
    /// # Errors
    /// As every statement.
    pub async fn invoices_page(
        &mut self,
        scope: &Scope,
        before: (Timestamp, i64),
        limit: usize,
    ) -> Result<Vec<InvoiceRow>> {
        let values = scoped![scope; before.0, before.1, page(limit)];
        self.all(&INVOICE_PAGE, values).await?.iter().map(invoice).collect()
    }

    /// Invoices whose balance is not known any more.
    ///
    /// # Errors
    /// As every statement.
    pub async fn invoices_to_balance(
        &mut self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<InvoiceRow>> {
        let rows = self.all(&INVOICE_TO_BALANCE, scoped![scope; page(limit)]).await?;
        rows.iter().map(invoice).collect()
    }

    /// Costs of one list, by shipment id, after one.
    ///
    /// # Errors
    /// As every statement.
    pub async fn costs(
        &mut self,
        scope: &Scope,
        list: CostList,
        after: i64,
        limit: usize,
    ) -> Result<Vec<CostRow>> {
        let stmt = match list {
            CostList::Findings => &COST_LISTED,
            CostList::Closed => &COST_CLOSED,
        };
        let rows = self.all(stmt, scoped![scope; after, page(limit)]).await?;
        rows.iter().map(cost).collect()
    }

    /// Costs of one order.
    ///
    /// # Errors
    /// As every statement.
    pub async fn costs_of(&mut self, scope: &Scope, subject: &str) -> Result<Vec<CostRow>> {
        self.all(&COST_OF, scoped![scope; subject]).await?.iter().map(cost).collect()
    }
}

//! Read models of the page *Finance* over the store.

use super::{BooksError, StoreBooks};
use crate::model::{At, ChargeLine, CostLine, FinanceFacts, InvoiceFacts, InvoiceLine, OrderCosts};
use domain::flows::billing::{
    Balance, Finding, Invoice, ShipmentCost, Tie, Transaction, cost_line,
};
use domain::time::Timestamp;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use store::{BilledRow, CostList, CostRow, InvoiceRow, Reader, normal_number};

/// Rows of one list on the page; the file has more.
pub(crate) const SHOWN: usize = 200;
/// Rows of one file.
pub(crate) const FILED: usize = 10_000;
/// Fee lines shown of one invoice or order.
const LINES: usize = 300;

fn parsed<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, BooksError> {
    serde_json::from_str(text)
        .map_err(|error| BooksError::Broken(format!("{what}: {:?}", error.classify())))
}

impl StoreBooks {
    pub(super) async fn read_finance(
        &self,
        most: usize,
        now: Timestamp,
    ) -> Result<FinanceFacts, BooksError> {
        let mut reader = self.reader().await?;
        let last = (Timestamp(i64::MAX), i64::MAX);
        let invoices = reader.invoices_page(&self.scope, last, most).await?;
        let findings = reader.costs(&self.scope, CostList::Findings, 0, most).await?;
        let closed = reader.costs(&self.scope, CostList::Closed, 0, most).await?;
        let unmatched = reader.billed_unmatched(&self.scope, most).await?;
        Ok(FinanceFacts {
            invoices: invoices.iter().map(invoice).collect::<Result<_, _>>()?,
            findings: findings.iter().map(|row| cost(row, now)).collect::<Result<_, _>>()?,
            closed: closed.iter().map(|row| cost(row, now)).collect::<Result<_, _>>()?,
            unmatched: self.charges(&mut reader, unmatched).await?,
        })
    }

    pub(super) async fn read_invoice(&self, id: i64) -> Result<Option<InvoiceFacts>, BooksError> {
        let mut reader = self.reader().await?;
        let rows = reader.invoices(&self.scope, &[id]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut lines = reader.billed_of_invoice(&self.scope, id).await?;
        lines.truncate(FILED);
        let balance: Balance = if row.balance.is_empty() {
            Balance::default()
        } else {
            parsed("balance", &row.balance)?
        };
        let tied = balance.tied.iter();
        Ok(Some(InvoiceFacts {
            invoice: invoice(row)?,
            tied: tied.map(|(tie, sum)| (tie.word(), sum.normalize().to_string())).collect(),
            charges: self.charges(&mut reader, lines).await?,
        }))
    }

    pub(super) async fn read_costs(
        &self,
        order: &str,
        now: Timestamp,
    ) -> Result<OrderCosts, BooksError> {
        let mut reader = self.reader().await?;
        let rows = reader.costs_of(&self.scope, order).await?;
        let ties: Vec<(&'static str, String)> =
            rows.iter().map(|row| (Tie::Shipment.word(), row.shipment.to_string())).collect();
        let mut lines = reader.billed_tied(&self.scope, &ties).await?;
        lines.sort_by(|a, b| (a.charged, &a.id).cmp(&(b.charged, &b.id)));
        lines.truncate(LINES);
        Ok(OrderCosts {
            shipments: rows.iter().map(|row| cost(row, now)).collect::<Result<_, _>>()?,
            charges: self.charges(&mut reader, lines).await?,
        })
    }

    /// Fee lines with the orders they belong to.
    async fn charges(
        &self,
        reader: &mut Reader,
        rows: Vec<BilledRow>,
    ) -> Result<Vec<ChargeLine>, BooksError> {
        let all: Vec<Transaction> =
            rows.iter().map(|row| parsed("transaction", &row.body)).collect::<Result<_, _>>()?;
        let number = |t: &Transaction| match t.tie() {
            Tie::Shipment => Some(("shipment", t.reference.clone())),
            Tie::Order => Some(("tracking", t.tracking.clone())),
            _ => None,
        };
        let numbers: Vec<(&'static str, String)> = all.iter().filter_map(number).collect();
        let found = reader.subjects_of_numbers(&self.scope, &numbers).await?;
        let orders: HashMap<(String, String), String> =
            found.into_iter().map(|(kind, number, order)| ((kind, number), order)).collect();
        let line = |t: Transaction| {
            let order = number(&t)
                .and_then(|(kind, n)| orders.get(&(kind.to_owned(), normal_number(&n))).cloned());
            ChargeLine {
                date: t.charged.map(Timestamp::date).unwrap_or_default(),
                amount: t.value(false).normalize().to_string(),
                tie: t.tie().word(),
                order,
                id: t.id,
                currency: t.currency,
                fee: t.fee,
                kind: t.kind,
                reference: t.reference,
                invoice: t.invoice,
            }
        };
        Ok(all.into_iter().map(line).collect())
    }
}

fn invoice(row: &InvoiceRow) -> Result<InvoiceLine, BooksError> {
    let told: Invoice = parsed("invoice", &row.body)?;
    let balance: Option<Balance> = match row.balance.as_str() {
        "" => None,
        text => Some(parsed("balance", text)?),
    };
    let why = match &balance {
        Some(b) if b.taxes_explain_it => {
            "The difference is exactly the taxes: turn billing.taxes_on_top over.".to_owned()
        }
        Some(b) if !b.foreign.is_empty() => {
            format!("{} transaction(s) on it are in another currency.", b.foreign.len())
        }
        Some(b) if !b.balanced() => {
            "ShipBob's list and its total do not agree; it is read again every day.".to_owned()
        }
        _ => String::new(),
    };
    let text = |pick: fn(&Balance) -> rust_decimal::Decimal| {
        balance.as_ref().map(|b| pick(b).normalize().to_string()).unwrap_or_default()
    };
    Ok(InvoiceLine {
        id: told.id,
        date: told.date.map(Timestamp::date).unwrap_or_default(),
        kind: told.kind,
        amount: told.amount.normalize().to_string(),
        currency: told.currency,
        lines: balance.as_ref().map(|b| b.lines).unwrap_or_default(),
        sum: text(|b| b.sum),
        difference: text(|b| b.difference),
        balanced: balance.as_ref().map(Balance::balanced),
        why,
    })
}

/// One charge on an order, and what became of it.
fn charge(line: &domain::flows::billing::ChargeLine) -> String {
    let (code, amount, currency) = (&line.code, line.amount.normalize(), &line.currency);
    format!("{code} {amount} {currency}: {}", line.state.word())
}

fn cost(row: &CostRow, now: Timestamp) -> Result<CostLine, BooksError> {
    let cost: ShipmentCost = parsed("cost", &row.body)?;
    let told = cost.told.map(|(amount, code)| format!("{} {code}", amount.normalize()));
    Ok(CostLine {
        order: row.subject.clone(),
        shipment: row.shipment,
        billed: cost_line(&cost.billed),
        told: told.unwrap_or_default(),
        findings: cost.findings.iter().map(Finding::words).collect(),
        claim_until: cost.claim_until.map(At),
        claimable: cost.claim_until.is_some_and(|until| now <= until),
        closed: cost.closed.map(|c| c.name().to_owned()).unwrap_or_default(),
        charges: cost.charges.iter().map(charge).collect(),
        since: At(row.since),
    })
}

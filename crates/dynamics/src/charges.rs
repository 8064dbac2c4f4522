//! Charges as F&O has them, and the charge codes they post by.

use crate::client::{self, Dynamics};
use crate::convert;
use crate::interpret;
use crate::odata::{Filter, Literal, Query};
use crate::reply::CallError;
use crate::wire::{ChargeCodeRow, ChargeRow, RecordBi, Row};
use domain::charge::{ChargeCode, ChargedOrder, SeenCharge};
use domain::ids::SalesOrderNumber;
use domain::sales::{DocumentStatus, SalesStatus};
use domain::time::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::HashMap;

/// Orders in one filter; longer ones go into further parts of the same `$batch`.
const PER_FILTER: usize = 40;

impl Dynamics {
    /// How these charge codes post; a code F&O does not have is missing in the answer.
    ///
    /// # Errors
    /// What F&O answered.
    pub async fn charge_codes(
        &self,
        now: Timestamp,
        codes: &[String],
    ) -> Result<Vec<ChargeCode>, CallError> {
        let urls: Vec<String> = codes
            .chunks(PER_FILTER)
            .map(|some| {
                let one = |code: &String| Filter::eq("ChargeCode", Literal::text(code));
                let some = Filter::Any(some.iter().map(one).collect());
                Query::of(ChargeCodeRow::SET, ChargeCodeRow::SELECT)
                    .filter(Filter::All(vec![self.company(), some]))
                    .order_by(&["ChargeCode"])
                    .url(&self.config.base)
            })
            .collect();
        let rows: Vec<ChargeCodeRow> = self.in_batch(now, &urls).await?;
        let code = |row: ChargeCodeRow| ChargeCode {
            code: row.code,
            debit: row.debit,
            credit: row.credit,
        };
        let mut found: Vec<ChargeCode> = rows.into_iter().map(code).collect();
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// These orders with their charges. An order F&O does not have is not open.
    ///
    /// # Errors
    /// What F&O answered.
    pub async fn charged(
        &self,
        now: Timestamp,
        orders: &[SalesOrderNumber],
    ) -> Result<Vec<ChargedOrder>, CallError> {
        let urls: Vec<String> = orders
            .chunks(PER_FILTER)
            .map(|some| {
                let one = |n: &SalesOrderNumber| Filter::eq("SalesId", Literal::text(n.as_str()));
                let some = Filter::Any(some.iter().map(one).collect());
                Query::of(RecordBi::SET, RecordBi::SELECT)
                    .filter(Filter::All(vec![self.company(), some]))
                    .order_by(&["SalesId"])
                    .url(&self.config.base)
            })
            .collect();
        let heads: Vec<RecordBi> = self.in_batch(now, &urls).await?;
        let records: Vec<i64> = heads.iter().filter_map(|head| head.record).collect();
        let urls: Vec<String> = records
            .chunks(PER_FILTER)
            .map(|some| {
                let one = |record: &i64| Filter::eq("TransRecId", Literal::Int(*record));
                let some = Filter::Any(some.iter().map(one).collect());
                Query::of(ChargeRow::SET, ChargeRow::SELECT)
                    .filter(Filter::All(vec![self.company(), some]))
                    .order_by(&["TransRecId", "LineNum"])
                    .url(&self.config.base)
            })
            .collect();
        let rows: Vec<ChargeRow> = self.in_batch(now, &urls).await?;
        let mut charges: HashMap<i64, Vec<SeenCharge>> = HashMap::new();
        for row in rows {
            if let Some(record) = row.record {
                charges.entry(record).or_default().push(seen(row));
            }
        }
        let found = |number: &SalesOrderNumber| {
            let head = heads.iter().find(|head| number.same_as(&head.order));
            let record = head.and_then(|head| head.record);
            ChargedOrder {
                order: number.clone(),
                open: head.is_some_and(open),
                charges: record.and_then(|r| charges.get(&r).cloned()).unwrap_or_default(),
            }
        };
        Ok(orders.iter().map(found).collect())
    }

    /// All rows of several queries of one set, asked in one `$batch`.
    async fn in_batch<T: Row>(&self, now: Timestamp, urls: &[String]) -> Result<Vec<T>, CallError> {
        if urls.is_empty() {
            return Ok(Vec::new());
        }
        let mut turn = self.asking_turn();
        let batch = self
            .batch(&mut turn, now, "dynamics.charges", client::reads(urls))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let mut all = Vec::new();
        for n in 0..urls.len() {
            let body = interpret::read_part(batch.parts.get(n), now)?.body.clone();
            all.extend(self.whole::<T>(&mut turn, now, &body).await?);
        }
        Ok(all)
    }
}

fn open(head: &RecordBi) -> bool {
    let status = convert::status(&head.status);
    let closed = matches!(status, SalesStatus::Invoiced | SalesStatus::Canceled);
    !closed && convert::document_status(&head.document_status) != DocumentStatus::Invoice
}

fn seen(row: ChargeRow) -> SeenCharge {
    let whole = row.line.filter(|line| line.fract() == Decimal::ZERO);
    SeenCharge {
        line: whole.and_then(|line| line.to_i64()),
        code: row.code,
        amount: row.amount,
        currency: row.currency,
        text: row.text,
    }
}

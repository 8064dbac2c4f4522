//! Stock: on-hand and products in pages, and counting journals.

use crate::batch::Item;
use crate::client::{Dynamics, Turn};
use crate::convert::join_dimensions;
use crate::interpret::{self, Expect};
use crate::odata::{Filter, Literal, Query};
use crate::reply::CallError;
use crate::wire::{
    self, AdjustmentRow, CountHead, CountRow, Distinct, OnHandRow, Row, StatusOnHandRow,
};
use crate::writes::number;
use domain::ids::WarehouseId;
use domain::stock::{
    AdjustmentRead, CountLine, ItemKey, JournalRead, NewAdjustments, NewJournal, NewLines, OnHand,
    StockItem,
};
use domain::time::Timestamp;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

const HEADERS: &str = "InventoryCountingJournalHeaders";
const LINES: &str = "InventoryCountingJournalLines";
const ADJUSTMENTS: &str = "ExternalInventoryAdjustments";

/// One page of a long list, and where the next one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockPage<T> {
    /// What it holds.
    pub rows: Vec<T>,
    /// Address of the next page.
    pub next: Option<String>,
}

impl Dynamics {
    /// Released products that are stocked, one page. `next` is what the last page said.
    ///
    /// # Errors
    /// What F&O answered.
    pub async fn stock_items(
        &self,
        now: Timestamp,
        next: Option<&str>,
    ) -> Result<StockPage<StockItem>, CallError> {
        let first = Query::of(Distinct::SET, Distinct::SELECT)
            .filter(self.company())
            .order_by(&["ProductNumber"]);
        let page = self.stock_page::<Distinct>(&mut self.turn(), now, first, next).await?;
        let rows = page.rows.into_iter().filter(|row| row.stocked != Some(false));
        let rows = rows.map(|row| {
            let key = ItemKey {
                item: row.item,
                color: row.color,
                size: row.size,
                style: row.style,
                configuration: row.configuration,
                version: row.version,
            };
            StockItem { sku: sku(&key), key, product: row.number, unit: row.unit }
        });
        Ok(StockPage { rows: rows.collect(), next: page.next })
    }

    /// On hand in one warehouse, one page.
    ///
    /// # Errors
    /// What F&O answered; a row without a quantity is `Malformed`: half a stock is none.
    pub async fn on_hand(
        &self,
        now: Timestamp,
        warehouse: &WarehouseId,
        next: Option<&str>,
    ) -> Result<StockPage<OnHand>, CallError> {
        let of = Filter::eq("InventoryWarehouseId", Literal::text(warehouse.as_str()));
        let first = Query::of(OnHandRow::SET, OnHandRow::SELECT)
            .filter(Filter::All(vec![self.company(), of]))
            .order_by(&["ItemNumber", "ProductColorId", "ProductSizeId", "ProductStyleId"]);
        let page = self.stock_page::<OnHandRow>(&mut self.turn(), now, first, next).await?;
        let mut rows = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            let key = ItemKey {
                item: row.item,
                color: row.color,
                size: row.size,
                style: row.style,
                configuration: row.configuration,
                version: row.version,
            };
            let (Some(physical), Some(available)) = (row.physical, row.available) else {
                let why = format!("{} shows a row without a quantity", OnHandRow::SET);
                return Err(CallError::Malformed { why });
            };
            let warehouse = warehouse.clone();
            rows.push(OnHand { sku: sku(&key), key, warehouse, physical, available });
        }
        Ok(StockPage { rows, next: page.next })
    }

    /// On hand in one warehouse that keeps inventory statuses, one page: a row per status, of one product one after
    /// the other. With statuses named, others do not count.
    ///
    /// # Errors
    /// As [`Dynamics::on_hand`].
    pub async fn on_hand_by_status(
        &self,
        now: Timestamp,
        warehouse: &WarehouseId,
        statuses: &BTreeSet<String>,
        next: Option<&str>,
    ) -> Result<StockPage<OnHand>, CallError> {
        let of = Filter::eq("InventoryWarehouseId", Literal::text(warehouse.as_str()));
        let first = Query::of(StatusOnHandRow::SET, StatusOnHandRow::SELECT)
            .filter(Filter::All(vec![self.company(), of]))
            .order_by(&[
                "ItemNumber",
                "ProductColorId",
                "ProductSizeId",
                "ProductStyleId",
                "ProductConfigurationId",
                "ProductVersionId",
                "InventoryStatusId",
            ]);
        let page = self.stock_page::<StatusOnHandRow>(&mut self.turn(), now, first, next).await?;
        let counts = |row: &StatusOnHandRow| {
            statuses.is_empty() || statuses.iter().any(|s| s.eq_ignore_ascii_case(&row.status))
        };
        let mut rows = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            let key = ItemKey {
                item: row.item.clone(),
                color: row.color.clone(),
                size: row.size.clone(),
                style: row.style.clone(),
                configuration: row.configuration.clone(),
                version: row.version.clone(),
            };
            let (Some(physical), Some(available)) = (row.physical, row.available) else {
                let why = format!("{} shows a row without a quantity", StatusOnHandRow::SET);
                return Err(CallError::Malformed { why });
            };
            if counts(&row) {
                let warehouse = warehouse.clone();
                rows.push(OnHand { sku: sku(&key), key, warehouse, physical, available });
            }
        }
        Ok(StockPage { rows, next: page.next })
    }

    /// External inventory adjustments of one system whose ids begin so. An enum in a key can give 404, so they are
    /// asked for by a filter.
    ///
    /// # Errors
    /// What F&O answered; one without a quantity is `Malformed`.
    pub async fn adjustments_like(
        &self,
        now: Timestamp,
        system: &str,
        prefix: &str,
    ) -> Result<Vec<AdjustmentRead>, CallError> {
        let mut turn = self.turn();
        let mut found = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let query = Query::of(AdjustmentRow::SET, AdjustmentRow::SELECT)
                .filter(Filter::All(vec![
                    self.company(),
                    Filter::eq("ExternalSystemId", Literal::text(system)),
                    Filter::eq("InventoryAdjustmentId", Literal::text(&format!("{prefix}*"))),
                ]))
                .order_by(&["InventoryAdjustmentId"]);
            let page =
                self.stock_page::<AdjustmentRow>(&mut turn, now, query, next.as_deref()).await?;
            for row in page.rows {
                let Some(quantity) = row.quantity else {
                    let why = format!("{} shows a row without a quantity", AdjustmentRow::SET);
                    return Err(CallError::Malformed { why });
                };
                let (id, item, warehouse) = (row.id, row.item, row.warehouse);
                found.push(AdjustmentRead { id, item, warehouse, quantity });
            }
            match page.next {
                Some(link) if next.as_deref() != Some(&link) => next = Some(link),
                _ => return Ok(found),
            }
        }
    }

    /// The counting journal with this token, with its lines. Of several the one that has lines, else the first
    /// that is not posted: a header whose reply was lost is used again.
    ///
    /// # Errors
    /// What F&O answered.
    pub async fn journal(
        &self,
        now: Timestamp,
        token: &str,
    ) -> Result<Option<JournalRead>, CallError> {
        let of = Filter::eq("Description", Literal::text(token));
        let query = Query::of(CountHead::SET, CountHead::SELECT)
            .filter(Filter::All(vec![self.company(), of]))
            .order_by(&["JournalNumber"]);
        let mut turn = self.turn();
        let heads = self.stock_page::<CountHead>(&mut turn, now, query, None).await?.rows;
        let mut found: Option<JournalRead> = None;
        for head in heads.into_iter().filter(|head| head.description == token) {
            let lines = self.journal_lines(&mut turn, now, &head.number).await?;
            let read =
                JournalRead { number: head.number, posted: head.posted.unwrap_or(false), lines };
            let better = match &found {
                None => true,
                Some(old) => old.lines.is_empty() && (!read.lines.is_empty() || old.posted),
            };
            if better {
                found = Some(read);
            }
        }
        Ok(found)
    }

    async fn journal_lines(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        journal: &str,
    ) -> Result<Vec<i64>, CallError> {
        let mut numbers = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let of = Filter::eq("JournalNumber", Literal::text(journal));
            let query = Query::of(CountRow::SET, CountRow::SELECT)
                .filter(Filter::All(vec![self.company(), of]))
                .order_by(&["LineNumber"]);
            let page = self.stock_page::<CountRow>(turn, now, query, next.as_deref()).await?;
            let read = page.rows.iter().filter_map(|row| row.number.and_then(|n| n.to_i64()));
            numbers.extend(read);
            match page.next {
                Some(link) if next.as_deref() != Some(&link) => next = Some(link),
                _ => break,
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    async fn stock_page<T: Row>(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        first: Query,
        next: Option<&str>,
    ) -> Result<StockPage<T>, CallError> {
        let url = match next {
            Some(link) => self.own(link)?,
            None => first.url(&self.config.base),
        };
        let reply = self
            .get(turn, now, "dynamics.stock", url)
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        if reply.status != 200 {
            return Err(interpret::read_error(&reply, now));
        }
        let page = wire::page::<T>(&reply.body).map_err(|why| CallError::Malformed { why })?;
        let rows: Result<Vec<T>, CallError> = page
            .rows
            .into_iter()
            .map(|row| row.map_err(|bad| CallError::Malformed { why: bad.why }))
            .collect();
        Ok(StockPage { rows: rows?, next: page.next })
    }

    pub(crate) fn new_journal(&self, new: &NewJournal) -> Result<(Item, Expect), String> {
        self.insert(
            HEADERS,
            &Header {
                company: self.config.company.as_str(),
                name: &new.name,
                description: &new.token,
                site: &new.site,
                warehouse: new.warehouse.as_str(),
            },
        )
    }

    pub(crate) fn new_lines(&self, new: &NewLines) -> Result<Vec<(Item, Expect)>, String> {
        new.lines.iter().map(|line| self.insert(LINES, &self.line(new, line)?)).collect()
    }

    fn line<'a>(&'a self, new: &'a NewLines, line: &'a CountLine) -> Result<Line<'a>, String> {
        Ok(Line {
            company: self.config.company.as_str(),
            journal: &new.journal,
            number: line.number,
            item: &line.key.item,
            color: &line.key.color,
            size: &line.key.size,
            style: &line.key.style,
            configuration: &line.key.configuration,
            version: &line.key.version,
            site: &new.site,
            warehouse: new.warehouse.as_str(),
            counted: number(line.counted)?,
            zero: line.counted.is_zero().then_some("Yes"),
            at: new.at.to_rfc3339_seconds(),
            reason: Some(new.reason.as_str()).filter(|reason| !reason.is_empty()),
        })
    }
}

impl Dynamics {
    pub(crate) fn adjustments(&self, new: &NewAdjustments) -> Result<Vec<(Item, Expect)>, String> {
        let one = |line: &CountLine| {
            let body = Adjustment {
                company: self.config.company.as_str(),
                kind: "ExternalWarehouse",
                system: &new.system,
                id: new.id(line),
                item: &line.key.item,
                color: &line.key.color,
                size: &line.key.size,
                style: &line.key.style,
                configuration: &line.key.configuration,
                version: &line.key.version,
                warehouse: new.warehouse.as_str(),
                quantity: number(line.delta())?,
                unit: &line.unit,
                status: &new.status,
            };
            self.insert(ADJUSTMENTS, &body)
        };
        new.lines.iter().map(one).collect()
    }
}

fn sku(key: &ItemKey) -> String {
    join_dimensions(
        &key.item,
        [&key.color, &key.size, &key.style, &key.configuration, &key.version],
    )
}

#[derive(Serialize)]
struct Header<'a> {
    #[serde(rename = "dataAreaId")]
    company: &'a str,
    #[serde(rename = "JournalNameId")]
    name: &'a str,
    #[serde(rename = "Description")]
    description: &'a str,
    #[serde(rename = "DefaultInventorySiteId")]
    site: &'a str,
    #[serde(rename = "DefaultWarehouseId")]
    warehouse: &'a str,
}

fn empty(text: &&str) -> bool {
    text.is_empty()
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "dataAreaId")]
    company: &'a str,
    #[serde(rename = "JournalNumber")]
    journal: &'a str,
    #[serde(rename = "LineNumber")]
    number: i64,
    #[serde(rename = "ItemNumber")]
    item: &'a str,
    #[serde(rename = "ProductColorId", skip_serializing_if = "empty")]
    color: &'a str,
    #[serde(rename = "ProductSizeId", skip_serializing_if = "empty")]
    size: &'a str,
    #[serde(rename = "ProductStyleId", skip_serializing_if = "empty")]
    style: &'a str,
    #[serde(rename = "ProductConfigurationId", skip_serializing_if = "empty")]
    configuration: &'a str,
    #[serde(rename = "ProductVersionId", skip_serializing_if = "empty")]
    version: &'a str,
    #[serde(rename = "InventorySiteId")]
    site: &'a str,
    #[serde(rename = "WarehouseId")]
    warehouse: &'a str,
    #[serde(rename = "CountedQuantity")]
    counted: Box<RawValue>,
    #[serde(rename = "IsCountedQuantityZero", skip_serializing_if = "Option::is_none")]
    zero: Option<&'a str>,
    #[serde(rename = "CountingDate")]
    at: String,
    #[serde(rename = "CountingReasonCode", skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Adjustment<'a> {
    #[serde(rename = "dataAreaId")]
    company: &'a str,
    #[serde(rename = "ExternalSystemType")]
    kind: &'a str,
    #[serde(rename = "ExternalSystemId")]
    system: &'a str,
    #[serde(rename = "InventoryAdjustmentId")]
    id: String,
    #[serde(rename = "ItemNumber")]
    item: &'a str,
    #[serde(rename = "ProductColorId", skip_serializing_if = "empty")]
    color: &'a str,
    #[serde(rename = "ProductSizeId", skip_serializing_if = "empty")]
    size: &'a str,
    #[serde(rename = "ProductStyleId", skip_serializing_if = "empty")]
    style: &'a str,
    #[serde(rename = "ProductConfigurationId", skip_serializing_if = "empty")]
    configuration: &'a str,
    #[serde(rename = "ProductVersionId", skip_serializing_if = "empty")]
    version: &'a str,
    #[serde(rename = "WarehouseId")]
    warehouse: &'a str,
    #[serde(rename = "Quantity")]
    quantity: Box<RawValue>,
    #[serde(rename = "QuantityUnitId", skip_serializing_if = "empty")]
    unit: &'a str,
    #[serde(rename = "InventoryStatusId", skip_serializing_if = "empty")]
    status: &'a str,
}

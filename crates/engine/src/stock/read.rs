//! Pages of both systems into rows.

use super::{Phase, Run, SETTLE, centres};
use crate::error::Result;
use crate::kept::{decode, encode};
use crate::parts::Engine;
use domain::operation::{Flow, Lane, System};
use domain::settings::{Profile, Settings, WarehouseMap};
use domain::stock::{OnHand, StockEvent};
use domain::time::{Span, Timestamp};
use dynamics::{CallError, Dynamics, StockPage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{StockEventRow, StockItemRow, StockLevel, StockOnHand};

/// ShipBob tells no more than 90 days of history.
const FAR_BACK: Span = Span::days(89);

/// How far the history of one centre was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Feed {
    from: Timestamp,
    last: Option<i64>,
}

impl Engine {
    pub(super) async fn read_items(&self, mut run: Run) -> Result<bool> {
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(false);
        }
        let page = match self.dynamics.stock_items(self.now(), run.link.as_deref()).await {
            Ok(page) => page,
            Err(error) => return self.rest_of(Flow::Inventory, System::Dynamics, error.into()),
        };
        self.good(System::Dynamics);
        let mut rows = Vec::with_capacity(page.rows.len());
        for item in page.rows {
            let key = String::from_utf8_lossy(&encode(&item.key)?).into_owned();
            let (sku, product, unit) = (item.sku, item.product, item.unit);
            rows.push(StockItemRow { sku, item: key, product, unit });
        }
        let turned = page.next.is_none() || page.next == run.link;
        run.link = if turned { None } else { page.next };
        if turned {
            let lots = self.settings().inventory.as_ref().is_some_and(|i| i.lots);
            run.phase = if lots { Phase::Lots } else { Phase::Levels };
        }
        let mut work = self.begin("stock.items").await?;
        work.txn.stock_items_put(&self.scope, run.id, rows).await?;
        self.keep_run(&mut work, Some(&run)).await?;
        work.commit().await?;
        self.at(run);
        Ok(true)
    }

    pub(super) async fn read_levels(&self, mut run: Run) -> Result<bool> {
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(false);
        }
        let began = self.now();
        let page = match self.shipbob.levels(run.mark.as_ref()).await {
            Ok(page) => page,
            Err(error) => return self.rest_of(Flow::Inventory, System::ShipBob, error.into()),
        };
        self.good(System::ShipBob);
        let mapped = centres(&self.settings());
        run.first = run.first.or(Some(began));
        let mut rows = Vec::with_capacity(page.levels.len());
        for level in page.levels {
            if !mapped.contains_key(&level.centre.0) {
                run.elsewhere = run.elsewhere.saturating_add(level.on_hand);
                continue;
            }
            rows.push(StockLevel {
                sku: level.sku,
                centre: level.centre.0,
                inventory_id: level.inventory_id,
                name: level.name,
                pieces: [
                    level.on_hand,
                    level.committed,
                    level.fulfillable,
                    level.awaiting,
                    level.transfer,
                ],
            });
        }
        run.mark = page.next;
        if run.mark.is_none() {
            run.phase = Phase::OnHand;
            run.place = 0;
        }
        let mut work = self.begin("stock.levels").await?;
        work.txn.stock_levels_put(&self.scope, run.id, rows).await?;
        self.keep_run(&mut work, Some(&run)).await?;
        work.commit().await?;
        self.at(run);
        Ok(true)
    }

    pub(super) async fn read_on_hand(&self, mut run: Run) -> Result<bool> {
        let settings = self.settings();
        let Some(map) = settings.warehouses.get(run.place) else {
            run.phase = Phase::History;
            run.place = 0;
            run.last = Some(self.now());
            self.at(run);
            return Ok(true);
        };
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(false);
        }
        let (now, link) = (self.now(), run.link.as_deref());
        let page = match on_hand_page(&self.dynamics, now, &settings, map, link).await {
            Ok(page) => page,
            Err(error) => return self.rest_of(Flow::Inventory, System::Dynamics, error.into()),
        };
        self.good(System::Dynamics);
        let turned = page.next.is_none() || page.next == run.link;
        let (rows, carry) = summed(run.carry.take(), page.rows, turned);
        run.carry = carry;
        let rows = rows.into_iter().map(|row| StockOnHand {
            sku: row.sku,
            centre: map.mapping.home().0,
            physical: row.physical.normalize().to_string(),
            available: row.available.normalize().to_string(),
        });
        let rows: Vec<StockOnHand> = rows.collect();
        run.link = if turned { None } else { page.next };
        if turned {
            run.place += 1;
        }
        let mut work = self.begin("stock.on-hand").await?;
        work.txn.stock_on_hand_put(&self.scope, run.id, rows).await?;
        self.keep_run(&mut work, Some(&run)).await?;
        work.commit().await?;
        self.at(run);
        Ok(true)
    }

    /// Everything that moved until after the snapshot, centre by centre; then the orders must have caught up, too.
    pub(super) async fn read_history(&self, mut run: Run) -> Result<bool> {
        let now = self.now();
        let settled = run.last.is_some_and(|last| now.since(last) >= SETTLE);
        if !settled {
            return Ok(false);
        }
        let settings = self.settings();
        let mut centres = settings.warehouses.iter().flat_map(|map| map.mapping.centres());
        let Some(centre) = centres.nth(run.place) else {
            return self.catch_up(run).await;
        };
        if run.closed.contains(&centre) {
            run.place += 1;
            self.at(run);
            return Ok(true);
        }
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(false);
        }
        let name = format!("sb.stock.{}", centre.0);
        let stored = self.store.read().await?.cursor(&self.scope, &name).await?;
        let feed: Feed = match stored {
            Some((value, _)) => decode(&name, "", value.as_bytes())?,
            None => {
                let from = settings.cut_off.unwrap_or(now).min(now) - Span::days(1);
                Feed { from, last: None }
            }
        };
        let from = feed.from.max(now - FAR_BACK);
        let page = match self.shipbob.stock_history(centre, from, feed.last).await {
            Ok(page) => page,
            Err(error) => return self.rest_of(Flow::Inventory, System::ShipBob, error.into()),
        };
        self.good(System::ShipBob);
        let skew = self.remember().shipbob_skew;
        let rows = page.events.into_iter().map(|event| row(event, skew)).collect();
        if !page.more {
            run.place += 1;
        }
        let next = Feed { from: feed.from, last: page.last.max(feed.last) };
        let value = String::from_utf8_lossy(&encode(&next)?).into_owned();
        let mut work = self.begin("stock.history").await?;
        work.txn.stock_events_put(&self.scope, rows).await?;
        work.txn.cursor_put(&self.scope, &name, &value, now).await?;
        self.keep_run(&mut work, Some(&run)).await?;
        work.commit().await?;
        self.at(run);
        Ok(true)
    }

    /// Orders changed until the snapshot must have been read: a slip nobody has seen would look like a loss.
    async fn catch_up(&self, mut run: Run) -> Result<bool> {
        let last = run.last.unwrap_or(run.began);
        let polled = self.store.read().await?.cursor(&self.scope, "fo.changes").await?;
        let fresh = polled.is_some_and(|(_, at)| at > last);
        if !fresh || self.due().await?.signal.is_some_and(|at| at <= last + SETTLE) {
            return Ok(false);
        }
        run.phase = Phase::Compare;
        run.after = String::new();
        let mut work = self.begin("stock.compare").await?;
        self.keep_run(&mut work, Some(&run)).await?;
        work.commit().await?;
        self.at(run);
        Ok(true)
    }
}

/// On hand in one warehouse, one page, as its profile asks for: what warehouse management keeps lies in inventory statuses,
/// of which settings may say that only some count.
pub(crate) async fn on_hand_page(
    dynamics: &Dynamics,
    now: Timestamp,
    settings: &Settings,
    map: &WarehouseMap,
    link: Option<&str>,
) -> std::result::Result<StockPage<OnHand>, CallError> {
    if map.profile == Profile::Plain {
        return dynamics.on_hand(now, &map.warehouse, link).await;
    }
    let all = BTreeSet::new();
    let statuses = settings.inventory.as_ref().map_or(&all, |flow| &flow.statuses);
    dynamics.on_hand_by_status(now, &map.warehouse, statuses, link).await
}

/// One row per product: where a warehouse keeps inventory statuses there are several, and the last of a page may go on
/// on the next one.
fn summed(
    carry: Option<OnHand>,
    rows: Vec<OnHand>,
    last_page: bool,
) -> (Vec<OnHand>, Option<OnHand>) {
    let mut all: Vec<OnHand> = carry.into_iter().collect();
    for row in rows {
        match all.last_mut().filter(|before| before.sku == row.sku) {
            Some(before) => {
                before.physical = before.physical.saturating_add(row.physical);
                before.available = before.available.saturating_add(row.available);
            }
            None => all.push(row),
        }
    }
    let carry = if last_page { None } else { all.pop() };
    (all, carry)
}

fn row(event: StockEvent, skew: Span) -> StockEventRow {
    StockEventRow {
        sku: event.sku,
        centre: event.centre.0,
        id: event.id,
        kind: event.kind.word().to_owned(),
        at: event.at - skew,
        pieces: event.pieces,
        order: event.order,
    }
}

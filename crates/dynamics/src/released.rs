//! What was released to warehouses with warehouse management: read for orders that were just read, in one `$batch` of
//! its own, so that an environment without such a warehouse is asked nothing.

use crate::client::{self, Dynamics, Turn};
use crate::interpret;
use crate::orders::OrderReads;
use crate::reply::CallError;
use crate::wire::{self, OrderRow, ReleaseBi, ReleasedBi, Row, UnitsBi};
use domain::ids::WarehouseId;
use domain::sales::{OrderRead, SalesOrder};
use domain::time::Timestamp;
use domain::whs::{ReleasedLine, WarehouseRelease};
use std::collections::{BTreeMap, HashMap};

/// Orders whose releases are read with one `$batch`: their lines fit one page of F&O.
const ORDERS: usize = 200;

impl Dynamics {
    /// Adds what was released to every order that has a line in one of these warehouses. It is read after the slips of
    /// those orders, so that a slip posted in between shows in the one or in both, never in neither. An order whose release
    /// is not shown now (a set may lag behind) is not told at all: half a read is none.
    ///
    /// # Errors
    /// Nothing was added: an order without its release must not be stored.
    pub async fn add_released(
        &self,
        now: Timestamp,
        reads: &mut OrderReads,
        managed: &(dyn Fn(&WarehouseId) -> bool + Sync),
    ) -> Result<(), CallError> {
        let of = |read: &OrderRead| {
            let mut lines = read.order.iter().flat_map(|o| &o.lines);
            lines.any(|l| managed(&l.warehouse))
        };
        let (mut with, without): (Vec<OrderRead>, Vec<OrderRead>) =
            std::mem::take(&mut reads.read).into_iter().partition(of);
        reads.read = without;
        let mut turn = self.asking_turn();
        for reads_of in with.chunks_mut(ORDERS) {
            let orders: Vec<&SalesOrder> =
                reads_of.iter().filter_map(|r| r.order.as_ref()).collect();
            let mut found = self.releases(&mut turn, now, &orders, managed).await?;
            for order in reads_of.iter_mut().filter_map(|r| r.order.as_mut()) {
                order.warehouse_release = found.remove(&order.number.as_str().to_lowercase());
            }
        }
        let told = |r: &OrderRead| r.order.as_ref().is_some_and(|o| o.warehouse_release.is_some());
        let (told, untold): (Vec<OrderRead>, Vec<OrderRead>) = with.into_iter().partition(told);
        reads.read.extend(told);
        let why = "its release to the warehouse is not shown yet";
        reads.unread.extend(untold.into_iter().map(|r| (r.number, why.to_owned())));
        Ok(())
    }

    async fn releases(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        orders: &[&SalesOrder],
        managed: &(dyn Fn(&WarehouseId) -> bool + Sync),
    ) -> Result<HashMap<String, WarehouseRelease>, CallError> {
        let numbers: Vec<String> = orders.iter().map(|o| o.number.as_str().to_owned()).collect();
        let lines = orders.iter().flat_map(|o| &o.lines).filter(|l| managed(&l.warehouse));
        let lots: Vec<String> = lines.map(|l| l.lot.as_str().to_owned()).collect();
        let headers = self.urls::<ReleaseBi>(&numbers, &[]);
        let units = self.urls::<UnitsBi>(&numbers, &[]);
        let released = self.urls::<ReleasedBi>(&lots, &[]);
        let all: Vec<String> = headers.iter().chain(&units).chain(&released).cloned().collect();
        let batch = self
            .batch(turn, now, "dynamics.read-orders", client::reads(&all))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let mut bodies = Vec::with_capacity(all.len());
        for n in 0..all.len() {
            bodies.push(&interpret::read_part(batch.parts.get(n), now)?.body[..]);
        }
        let (first, rest) = bodies.split_at(headers.len());
        let (second, third) = rest.split_at(units.len());
        let mut found: HashMap<String, WarehouseRelease> = HashMap::new();
        for row in rows::<ReleaseBi>(first)? {
            let status = row.status;
            found.insert(
                row.order.to_lowercase(),
                WarehouseRelease { status, lines: BTreeMap::new() },
            );
        }
        let mut quantities = HashMap::new();
        for row in rows::<ReleasedBi>(third)? {
            let quantity = row.quantity.ok_or_else(|| odd("a released line has no ReleasedQty"))?;
            quantities.insert(row.order().to_lowercase(), quantity);
        }
        for row in rows::<UnitsBi>(second)? {
            let lot = row.lot.to_lowercase();
            let Some(quantity) = quantities.remove(&lot) else { continue };
            let line = ReleasedLine {
                quantity,
                ordered: row.ordered.ok_or_else(|| odd("a line has no SalesQty"))?,
                ordered_inventory: row
                    .ordered_inventory
                    .ok_or_else(|| odd("a line has no QtyOrdered"))?,
            };
            if let Some(release) = found.get_mut(&row.order.to_lowercase()) {
                release.lines.insert(lot, line);
            }
        }
        Ok(found)
    }
}

fn odd(why: &str) -> CallError {
    CallError::Malformed { why: why.to_owned() }
}

/// All rows of some pages; a page that goes on would be half an answer.
fn rows<T: Row>(bodies: &[&[u8]]) -> Result<Vec<T>, CallError> {
    let mut found = Vec::new();
    for body in bodies {
        let page = wire::page::<T>(body).map_err(|why| CallError::Malformed { why })?;
        if page.next.is_some() {
            return Err(odd("the releases of so few orders do not fit one page"));
        }
        for row in page.rows {
            found.push(row.map_err(|bad| CallError::Malformed { why: bad.why })?);
        }
    }
    Ok(found)
}

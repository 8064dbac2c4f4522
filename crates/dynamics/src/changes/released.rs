//! Quantities released to a warehouse since the last look: `WHSSalesLineBiEntities`, by the same keyset and overlap as
//! the other sets. Neither the order nor its line moves with them.

use super::{ChangeSet, Position, SetCursor, check};
use crate::client::{self, Dynamics};
use crate::interpret;
use crate::limits;
use crate::odata::{Filter, Query};
use crate::reply::CallError;
use crate::wire::{self, LotOrder, OrderRow, ReleasedChange, Row};
use domain::ids::SalesOrderNumber;
use domain::time::{Span, Timestamp};
use std::collections::BTreeMap;

/// One changed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedLot {
    /// Inventory lot id of the line.
    pub lot: String,
    /// Record id.
    pub key: i64,
    /// Equal as long as the row is the same.
    pub version: String,
}

/// One page of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasedChanges {
    /// Changed rows; within the overlap the same row comes again.
    pub rows: Vec<ReleasedLot>,
    /// Store this together with what the rows bring.
    pub cursor: SetCursor,
    /// There is more to read at once.
    pub more: bool,
}

impl Dynamics {
    /// Reads the next page of changed released quantities. An error means that nothing was read.
    ///
    /// # Errors
    /// The read failed, or its page is none.
    pub async fn released_changes(
        &self,
        now: Timestamp,
        cursor: &SetCursor,
        overlap: Span,
    ) -> Result<ReleasedChanges, CallError> {
        let after = cursor.position(overlap);
        let url = Query::of(ReleasedChange::SET, ReleasedChange::SELECT)
            .filter(Filter::All(vec![
                self.company(),
                Filter::after("SysModifiedDateTime", "SourceKey", after.0, after.1),
            ]))
            .order_by(&["SysModifiedDateTime", "SourceKey"])
            .top(self.config.page)
            .url(&self.config.base);
        let mut turn = self.turn();
        let batch = self
            .batch(&mut turn, now, "dynamics.changes", client::reads(&[url]))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let body = &interpret::read_part(batch.parts.first(), now)?.body;
        let malformed = |why: String| CallError::Malformed { why };
        let page = wire::page::<ReleasedChange>(body).map_err(malformed)?;
        let next = page.next.is_some();
        let rows: Result<Vec<ReleasedChange>, wire::BadRow> = page.rows.into_iter().collect();
        let positions: Vec<Position> = rows
            .map_err(|bad| malformed(bad.why))?
            .into_iter()
            .map(|r| Position { order: r.order, stamp: r.stamp, key: r.key, version: r.version })
            .collect();
        let full = usize::try_from(self.config.page).unwrap_or(usize::MAX);
        let more = next || positions.len() >= full;
        // The rules of a page are those of lines: `order` carries the lot here.
        let page = check(ChangeSet::Lines, positions, after, more)?;
        let mut cursor = *cursor;
        cursor.advance(now, overlap, page.last, page.more);
        let rows = page.rows.into_iter().map(|change| ReleasedLot {
            lot: change.order.as_str().to_owned(),
            key: change.key,
            version: change.version,
        });
        Ok(ReleasedChanges { rows: rows.collect(), cursor, more: page.more })
    }

    /// The orders of lines, by lot in lower case. A lot F&O does not have (any more) is left out.
    ///
    /// # Errors
    /// The read failed.
    pub async fn orders_of_lots(
        &self,
        now: Timestamp,
        lots: &[String],
    ) -> Result<BTreeMap<String, SalesOrderNumber>, CallError> {
        let mut found = BTreeMap::new();
        let mut turn = self.turn();
        for lots in lots.chunks(limits::ORDERS_PER_BATCH) {
            let urls = self.urls::<LotOrder>(lots, &[]);
            let batch = self
                .batch(&mut turn, now, "dynamics.changes", client::reads(&urls))
                .await
                .map_err(|failure| interpret::read_failure(failure, now))?;
            for n in 0..urls.len() {
                let body = &interpret::read_part(batch.parts.get(n), now)?.body;
                let page =
                    wire::page::<LotOrder>(body).map_err(|why| CallError::Malformed { why })?;
                for row in page.rows.into_iter().flatten() {
                    found
                        .insert(row.order().to_lowercase(), SalesOrderNumber::new(row.sales_order));
                }
            }
        }
        Ok(found)
    }
}

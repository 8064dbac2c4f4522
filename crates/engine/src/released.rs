//! Releases to warehouses with warehouse management: polled by a cursor of their own, and read with every order that has
//! a line there. Without such a warehouse nothing of it is asked.

use crate::error::Result;
use crate::gather::target;
use crate::kept::{decode, encode};
use crate::limits::{LOTS_KNOWN, PAGES};
use crate::parts::Engine;
use crate::poll::{LOOK_BACK, signal};
use domain::operation::{Lane, System};
use dynamics::{OrderReads, ReleasedChanges, SetCursor};
use std::collections::BTreeSet;

/// How far released quantities were polled.
const CURSOR: &str = "fo.released";

impl Engine {
    /// Looks which released quantities moved. The cursor moves in the transaction that stores what it passed (I3).
    pub(crate) async fn poll_released(&self) -> Result<()> {
        if !self.settings().has_whs() {
            return Ok(());
        }
        let overlap = self.settings().schedule.overlap;
        for _ in 0..PAGES {
            if !self.may_read(System::Dynamics, Lane::Background) {
                return Ok(());
            }
            let began = self.now();
            let stored = self.store.read().await?.cursor(&self.scope, CURSOR).await?;
            let cursor: SetCursor = match stored {
                Some(row) => decode(CURSOR, "", row.0.as_bytes())?,
                None => {
                    let from = self.settings().cut_off.unwrap_or(began).min(began);
                    SetCursor::start(from - LOOK_BACK)
                }
            };
            let changes = match self.dynamics.released_changes(began, &cursor, overlap).await {
                Ok(changes) => changes,
                Err(error) => {
                    self.rest(System::Dynamics, error.into())?;
                    return Ok(());
                }
            };
            self.good(System::Dynamics);
            if !self.know_lots(&changes).await? {
                return Ok(());
            }
            let signals = {
                let memory = self.remember();
                let rows = changes.rows.iter().filter_map(|row| {
                    // A lot without an order is a line that was deleted since.
                    let order = memory.lots.get(&row.lot.to_lowercase())?;
                    let dedupe = format!("fo|released|{}|{}", row.key, row.version);
                    Some(signal("poll", target::SALES, order, dedupe, began))
                });
                rows.collect()
            };
            let mut work = self.begin("poll.released").await?;
            work.txn.inbox_add_many(&self.scope, signals).await?;
            let value = String::from_utf8_lossy(&encode(&changes.cursor)?).into_owned();
            work.txn.cursor_put(&self.scope, CURSOR, &value, began).await?;
            work.commit().await?;
            if !changes.more {
                break;
            }
        }
        Ok(())
    }

    /// The rows name lines, not orders: asks once for the order of each line. False when that cannot be asked now.
    async fn know_lots(&self, changes: &ReleasedChanges) -> Result<bool> {
        let unknown: Vec<String> = {
            let mut memory = self.remember();
            if memory.lots.len() > LOTS_KNOWN {
                memory.lots.clear();
            }
            let lots: BTreeSet<String> =
                changes.rows.iter().map(|row| row.lot.to_lowercase()).collect();
            lots.into_iter().filter(|lot| !memory.lots.contains_key(lot)).collect()
        };
        if unknown.is_empty() {
            return Ok(true);
        }
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(false);
        }
        match self.dynamics.orders_of_lots(self.now(), &unknown).await {
            Ok(found) => {
                let found = found.into_iter().map(|(lot, order)| (lot, order.as_str().to_owned()));
                self.remember().lots.extend(found);
                Ok(true)
            }
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                Ok(false)
            }
        }
    }

    /// Adds what was released to orders just read. False when that cannot be read now: half a read is none.
    pub(crate) async fn add_released(&self, reads: &mut OrderReads) -> Result<bool> {
        let settings = self.settings();
        if !settings.has_whs() {
            return Ok(true);
        }
        let managed = |id: &domain::ids::WarehouseId| settings.is_whs(id);
        match self.dynamics.add_released(self.now(), reads, &managed).await {
            Ok(()) => Ok(true),
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                Ok(false)
            }
        }
    }
}

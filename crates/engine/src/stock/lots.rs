//! Lots, where the settings ask for them: read a page at a time before the levels, and shown. F&O is compared by the
//! whole of a SKU: no set of F&O that we know tells its stock by batch.

use super::{Phase, Run, centres};
use crate::error::Result;
use crate::parts::Engine;
use domain::operation::{Flow, Lane, System};
use store::StockLotRow;

impl Engine {
    pub(super) async fn read_lots(&self, mut run: Run) -> Result<bool> {
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(false);
        }
        let page = match self.shipbob.lots(run.mark.as_ref()).await {
            Ok(page) => page,
            Err(error) => return self.rest_of(Flow::Inventory, System::ShipBob, error.into()),
        };
        self.good(System::ShipBob);
        let mapped = centres(&self.settings());
        let rows = page.lots.into_iter().filter(|lot| mapped.contains_key(&lot.centre.0));
        let rows = rows.map(|lot| StockLotRow {
            sku: lot.sku,
            centre: lot.centre.0,
            lot: lot.number,
            expires: lot.date,
            on_hand: lot.on_hand,
            committed: lot.committed,
            fulfillable: lot.fulfillable,
        });
        let rows = rows.collect();
        run.mark = page.next;
        let last = run.mark.is_none();
        if last {
            run.phase = Phase::Levels;
        }
        let mut work = self.begin("stock.lots").await?;
        work.txn.stock_lots_put(&self.scope, run.id, rows).await?;
        if last {
            work.txn.stock_lots_forget(&self.scope, run.id).await?;
        }
        self.keep_run(&mut work, Some(&run)).await?;
        work.commit().await?;
        self.at(run);
        Ok(true)
    }
}

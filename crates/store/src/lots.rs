//! Lots: what ShipBob shows of one SKU in one centre, by lot. For people only: F&O is compared by the whole.

use crate::error::Result;
use crate::gate::{Reader, Stmt, Txn, scoped, statements, values};
use crate::limits::page;
use domain::ids::Scope;
use std::collections::BTreeMap;

statements! {
    tenant STOCK_LOT_PUT = "INSERT INTO stock_lot (organisation_id, connection_id, run, sku, centre, lot, \
        expires, on_hand, committed, fulfillable) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT (organisation_id, connection_id, sku, centre, lot, expires) DO UPDATE SET \
        run = excluded.run, on_hand = excluded.on_hand, committed = excluded.committed, \
        fulfillable = excluded.fulfillable";
    tenant STOCK_LOT_GONE = "DELETE FROM stock_lot WHERE organisation_id = $1 AND connection_id = $2 \
        AND run < $3";
    tenant STOCK_LOT_OF = "SELECT sku, centre, lot, expires, run, on_hand, committed, fulfillable \
        FROM stock_lot WHERE organisation_id = $1 AND connection_id = $2 AND sku = $3 \
        ORDER BY centre, expires, lot LIMIT $4";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// One lot of one SKU in one centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLotRow {
    /// SKU.
    pub sku: String,
    /// Fulfilment centre.
    pub centre: i64,
    /// Lot number.
    pub lot: String,
    /// When it expires, as ShipBob wrote it; empty = not said.
    pub expires: String,
    /// On hand.
    pub on_hand: i64,
    /// Promised to orders.
    pub committed: i64,
    /// May be promised.
    pub fulfillable: i64,
}

impl Txn {
    /// Stores lots of one run. Rows of one lot are added up: ShipBob may show it more than once.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_lots_put(
        &mut self,
        scope: &Scope,
        run: i64,
        lots: Vec<StockLotRow>,
    ) -> Result<()> {
        let mut all: BTreeMap<(String, i64, String, String), [i64; 3]> = BTreeMap::new();
        for lot in lots {
            let sum = all.entry((lot.sku, lot.centre, lot.lot, lot.expires)).or_default();
            let pieces = [lot.on_hand, lot.committed, lot.fulfillable];
            for (sum, pieces) in sum.iter_mut().zip(pieces) {
                *sum = sum.saturating_add(pieces);
            }
        }
        let mut rows = Vec::with_capacity(all.len());
        for ((sku, centre, lot, expires), [on_hand, committed, fulfillable]) in all {
            rows.push(values![sku, centre, lot, expires, on_hand, committed, fulfillable]);
        }
        self.run_many(&STOCK_LOT_PUT, scoped![scope; run], rows).await.map(|_| ())
    }

    /// Forgets lots that this run did not show.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_lots_forget(&mut self, scope: &Scope, run: i64) -> Result<()> {
        self.run(&STOCK_LOT_GONE, scoped![scope; run]).await.map(|_| ())
    }
}

impl Reader {
    /// Lots of one SKU, by centre and expiry.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_lots_of(&mut self, scope: &Scope, sku: &str) -> Result<Vec<StockLotRow>> {
        let rows = self.all(&STOCK_LOT_OF, scoped![scope; sku, page(500)]).await?;
        let of = |row: &crate::gate::Row| {
            Ok(StockLotRow {
                sku: row.text("sku")?,
                centre: row.int("centre")?,
                lot: row.text("lot")?,
                expires: row.text("expires")?,
                on_hand: row.int("on_hand")?,
                committed: row.int("committed")?,
                fulfillable: row.int("fulfillable")?,
            })
        };
        rows.iter().map(of).collect()
    }
}

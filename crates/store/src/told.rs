//! Available quantities F&O was told last, so that only what changed is told.

use crate::error::Result;
use crate::gate::{Reader, Stmt, Txn, scoped, statements, values};
use domain::ids::Scope;
use std::collections::BTreeMap;

statements! {
    tenant STOCK_TOLD_PUT = "INSERT INTO stock_told (organisation_id, connection_id, sku, centre, quantity) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organisation_id, connection_id, sku, centre) \
        DO UPDATE SET quantity = excluded.quantity";
    tenant STOCK_TOLD_BETWEEN = "SELECT sku, centre, quantity FROM stock_told WHERE organisation_id = $1 \
        AND connection_id = $2 AND sku > $3 AND sku <= $4 ORDER BY sku, centre";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// SKU and centre → the quantity F&O was told, as decimal text; empty = nobody knows whether it took it.
pub type Told = BTreeMap<(String, i64), String>;

impl Txn {
    /// Keeps what F&O was told.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_told_put(&mut self, scope: &Scope, told: Told) -> Result<()> {
        let row = |((sku, centre), quantity)| values![sku, centre, quantity];
        let rows = told.into_iter().map(row).collect();
        self.run_many(&STOCK_TOLD_PUT, scoped![scope], rows).await.map(|_| ())
    }
}

impl Reader {
    /// What F&O was told of the SKUs after one, up to another.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_told(&mut self, scope: &Scope, after: &str, upto: &str) -> Result<Told> {
        let rows = self.all(&STOCK_TOLD_BETWEEN, scoped![scope; after, upto]).await?;
        let of = |row: &crate::gate::Row| {
            Ok(((row.text("sku")?, row.int("centre")?), row.text("quantity")?))
        };
        rows.iter().map(of).collect()
    }
}

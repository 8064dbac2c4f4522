//! What waits in the flows that have no orders: counted, never listed, out of indexes of open rows.

use crate::error::Result;
use crate::gate::{Reader, scoped, statements};
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    tenant FLOW_WAITS = "SELECT \
        (SELECT COUNT(*) FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND held AND key LIKE 'product:%') AS items, \
        (SELECT COUNT(*) FROM stock WHERE organisation_id = $1 AND connection_id = $2 \
        AND state = 'variance') AS shelves, \
        (SELECT COUNT(*) FROM billing_invoice WHERE organisation_id = $1 AND connection_id = $2 \
        AND dated_at >= $3 AND NOT balanced AND balance <> '') AS invoices, \
        (SELECT COUNT(*) FROM inbound WHERE organisation_id = $1 AND connection_id = $2 \
        AND kind = 'return' AND open) AS returns, \
        (SELECT COUNT(*) FROM inbound WHERE organisation_id = $1 AND connection_id = $2 \
        AND kind = 'receiving' AND open) AS receiving";
}

/// What waits, by flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlowWaits {
    /// Product items that wait for a person.
    pub items: i64,
    /// Shelves with a difference nothing explains.
    pub shelves: i64,
    /// Invoices that were added up and differ from their transactions.
    pub invoices: i64,
    /// Returns ShipBob is not done with.
    pub returns: i64,
    /// Receiving orders ShipBob is not done with.
    pub receiving: i64,
}

impl Reader {
    /// What waits in the flows that have no orders; of invoices, those dated since then.
    ///
    /// # Errors
    /// As every statement.
    pub async fn flow_waits(
        &mut self,
        scope: &Scope,
        invoices_since: Timestamp,
    ) -> Result<FlowWaits> {
        let row = self.one(&FLOW_WAITS, scoped![scope; invoices_since]).await?;
        Ok(FlowWaits {
            items: row.int("items")?,
            shelves: row.int("shelves")?,
            invoices: row.int("invoices")?,
            returns: row.int("returns")?,
            receiving: row.int("receiving")?,
        })
    }
}

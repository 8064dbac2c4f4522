//! What comes into ShipBob's centres: one row per return and receiving order, and one per shelf it changed. Bodies are the
//! caller's JSON; they hold no personal data.

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, scoped, statements, values};
use crate::limits::page;
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! columns {
    () => {
        "i.kind, i.remote_id, i.tie, i.open, i.created_at, i.words, i.body, i.changed_at"
    };
}

statements! {
    tenant INBOUND_PUT = "INSERT INTO inbound (organisation_id, connection_id, changed_at, kind, \
        remote_id, tie, open, created_at, words, body) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT (organisation_id, connection_id, kind, remote_id) DO UPDATE SET \
        tie = excluded.tie, open = excluded.open, created_at = excluded.created_at, \
        words = excluded.words, body = excluded.body, changed_at = excluded.changed_at";
    tenant INBOUND_GET = concat!("WITH w (kind, wanted) AS (VALUES ($3, CAST($4 AS BIGINT))) SELECT ",
        columns!(), " FROM w CROSS JOIN inbound i WHERE i.organisation_id = $1 \
        AND i.connection_id = $2 AND i.kind = w.kind AND i.remote_id = w.wanted");
    tenant INBOUND_TIED = concat!("WITH w (wanted) AS (VALUES ($3)) SELECT ", columns!(),
        " FROM w CROSS JOIN inbound i WHERE i.organisation_id = $1 AND i.connection_id = $2 \
        AND i.tie = w.wanted");
    tenant INBOUND_OPEN = "SELECT remote_id FROM inbound WHERE organisation_id = $1 \
        AND connection_id = $2 AND kind = $3 AND open AND created_at >= $4 AND remote_id > $5 \
        ORDER BY remote_id LIMIT $6";
    tenant INBOUND_PAGE = concat!("SELECT ", columns!(), " FROM inbound i \
        WHERE i.organisation_id = $1 AND i.connection_id = $2 AND i.kind = $3 \
        AND i.remote_id < $4 ORDER BY i.remote_id DESC LIMIT $5");
    tenant INBOUND_FOUND = concat!("SELECT ", columns!(), " FROM inbound i \
        WHERE i.organisation_id = $1 AND i.connection_id = $2 AND i.kind = $3 \
        AND i.remote_id < $4 AND i.words LIKE $5 ESCAPE '!' ORDER BY i.remote_id DESC LIMIT $6");
    tenant INBOUND_SHELF_DROP = "DELETE FROM inbound_shelf WHERE organisation_id = $1 \
        AND connection_id = $2 AND kind = $3 AND remote_id = $4";
    tenant INBOUND_SHELF_PUT = "INSERT INTO inbound_shelf (organisation_id, connection_id, sku, centre, \
        kind, remote_id, pieces, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (organisation_id, connection_id, sku, centre, kind, remote_id) DO UPDATE SET \
        pieces = excluded.pieces, at = excluded.at";
    tenant INBOUND_OF_SKU = "SELECT sku, centre, kind, remote_id, pieces, at FROM inbound_shelf \
        WHERE organisation_id = $1 AND connection_id = $2 AND sku = $3 AND at >= $4 \
        ORDER BY at DESC, remote_id DESC LIMIT $5";
    tenant INBOUND_MOVED = "WITH w (sku, centre, kind, from_at, to_at) AS \
        (VALUES ($3, CAST($4 AS BIGINT), $5, CAST($6 AS BIGINT), CAST($7 AS BIGINT))) \
        SELECT w.sku, w.centre, COALESCE(SUM(e.pieces), 0) AS pieces FROM w \
        CROSS JOIN stock_event e WHERE e.organisation_id = $1 AND e.connection_id = $2 \
        AND e.sku = w.sku AND e.centre = w.centre AND e.kind = w.kind AND e.at >= w.from_at \
        AND e.at <= w.to_at GROUP BY w.sku, w.centre",
        pg "WITH w (sku, centre, kind, from_at, to_at) AS \
        (VALUES ($3, CAST($4 AS BIGINT), $5, CAST($6 AS BIGINT), CAST($7 AS BIGINT))) \
        SELECT w.sku, w.centre, COALESCE(SUM(e.pieces), 0)::BIGINT AS pieces FROM w \
        CROSS JOIN stock_event e WHERE e.organisation_id = $1 AND e.connection_id = $2 \
        AND e.sku = w.sku AND e.centre = w.centre AND e.kind = w.kind AND e.at >= w.from_at \
        AND e.at <= w.to_at GROUP BY w.sku, w.centre";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// One return or receiving order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundRow {
    /// `return` or `receiving`.
    pub kind: String,
    /// ShipBob's id.
    pub id: i64,
    /// What it is tied to an order by; empty when nothing ties it.
    pub tie: String,
    /// Something may still happen to it.
    pub open: bool,
    /// When ShipBob made it.
    pub created: Timestamp,
    /// Everything a person may search it by, lower case.
    pub words: String,
    /// The whole of it, JSON.
    pub body: String,
    /// When it last changed, by our clock.
    pub changed: Timestamp,
}

/// What one of them did to one shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundShelf {
    /// SKU.
    pub sku: String,
    /// Fulfilment centre.
    pub centre: i64,
    /// `return` or `receiving`.
    pub kind: String,
    /// ShipBob's id of it.
    pub id: i64,
    /// Pieces that became stock.
    pub pieces: i64,
    /// When, as far as ShipBob says.
    pub at: Timestamp,
}

fn inbound(row: &Row) -> Result<InboundRow> {
    Ok(InboundRow {
        kind: row.text("kind")?,
        id: row.int("remote_id")?,
        tie: row.text("tie")?,
        open: row.flag("open")?,
        created: row.time("created_at")?,
        words: row.text("words")?,
        body: row.text("body")?,
        changed: row.time("changed_at")?,
    })
}

/// `%` and `_` of a person's words are themselves.
fn like(words: &str) -> String {
    let mut out = String::from("%");
    for c in words.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            out.push('!');
        }
        out.push(c);
    }
    out.push('%');
    out
}

impl Txn {
    /// Keeps returns and receiving orders with what they did to shelves.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbound_put(
        &mut self,
        scope: &Scope,
        rows: Vec<(InboundRow, Vec<InboundShelf>)>,
        at: Timestamp,
    ) -> Result<()> {
        let last: BTreeMap<(String, i64), (InboundRow, Vec<InboundShelf>)> =
            rows.into_iter().map(|one| ((one.0.kind.clone(), one.0.id), one)).collect();
        let mut puts = Vec::new();
        let mut shelves = Vec::new();
        for (row, own) in last.into_values() {
            let drop = scoped![scope; row.kind.as_str(), row.id];
            self.run(&INBOUND_SHELF_DROP, drop).await?;
            puts.push(values![
                row.kind,
                row.id,
                row.tie,
                row.open,
                row.created,
                row.words,
                row.body
            ]);
            for s in own {
                shelves.push(values![s.sku, s.centre, s.kind, s.id, s.pieces, s.at]);
            }
        }
        self.run_many(&INBOUND_PUT, scoped![scope; at], puts).await?;
        self.run_many(&INBOUND_SHELF_PUT, scoped![scope], shelves).await.map(|_| ())
    }
}

impl Reader {
    /// Those of one kind, by id.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbound(
        &mut self,
        scope: &Scope,
        kind: &str,
        ids: &[i64],
    ) -> Result<Vec<InboundRow>> {
        let wanted: BTreeSet<i64> = ids.iter().copied().collect();
        let rows = wanted.into_iter().map(|id| values![kind, id]).collect();
        let rows = self.all_many(&INBOUND_GET, scoped![scope], rows).await?;
        rows.iter().map(inbound).collect()
    }

    /// Those tied by one of these.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbound_tied(
        &mut self,
        scope: &Scope,
        ties: &BTreeSet<String>,
    ) -> Result<Vec<InboundRow>> {
        let wanted = ties.iter().filter(|tie| !tie.is_empty());
        let rows = wanted.map(|tie| values![tie.as_str()]).collect();
        let rows = self.all_many(&INBOUND_TIED, scoped![scope], rows).await?;
        rows.iter().map(inbound).collect()
    }

    /// Ids of the open ones made since then, after one.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbound_open(
        &mut self,
        scope: &Scope,
        kind: &str,
        since: Timestamp,
        after: i64,
        limit: usize,
    ) -> Result<Vec<i64>> {
        let values = scoped![scope; kind, since, after, page(limit)];
        let rows = self.all(&INBOUND_OPEN, values).await?;
        rows.iter().map(|row| row.int("remote_id")).collect()
    }

    /// The newest of one kind with an id before `before`; `words` narrows them.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbound_page(
        &mut self,
        scope: &Scope,
        kind: &str,
        words: &str,
        before: i64,
        limit: usize,
    ) -> Result<Vec<InboundRow>> {
        let rows = if words.trim().is_empty() {
            self.all(&INBOUND_PAGE, scoped![scope; kind, before, page(limit)]).await?
        } else {
            let values = scoped![scope; kind, before, like(words), page(limit)];
            self.all(&INBOUND_FOUND, values).await?
        };
        rows.iter().map(inbound).collect()
    }

    /// What came into the shelves of a SKU since then, newest first: what explains their moves.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbound_of_sku(
        &mut self,
        scope: &Scope,
        sku: &str,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<InboundShelf>> {
        let rows = self.all(&INBOUND_OF_SKU, scoped![scope; sku, since, page(limit)]).await?;
        let read = |row: &Row| {
            Ok(InboundShelf {
                sku: row.text("sku")?,
                centre: row.int("centre")?,
                kind: row.text("kind")?,
                id: row.int("remote_id")?,
                pieces: row.int("pieces")?,
                at: row.time("at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Pieces the stock history shows for shelves: (SKU, centre, kind of event, from, to) → (SKU, centre, pieces). A shelf
    /// without such an event is not in the answer.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbound_moved(
        &mut self,
        scope: &Scope,
        shelves: &BTreeSet<(String, i64, &'static str, Timestamp, Timestamp)>,
    ) -> Result<Vec<(String, i64, i64)>> {
        let rows = shelves
            .iter()
            .map(|(sku, centre, kind, from, to)| values![sku.as_str(), *centre, *kind, *from, *to]);
        let rows = self.all_many(&INBOUND_MOVED, scoped![scope], rows.collect()).await?;
        let read = |row: &Row| Ok((row.text("sku")?, row.int("centre")?, row.int("pieces")?));
        rows.iter().map(read).collect()
    }
}

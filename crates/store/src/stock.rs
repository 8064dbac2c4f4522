//! Stock: one row per SKU and fulfilment centre with both systems side by side, the events of the shelves, and how F&O
//! names a SKU. The tables are compact (numbers, no sealed bodies: nothing personal is in them) and are read in
//! pages by key, so that two million rows never have to be in memory at once.

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, scoped, statements, values};
use crate::limits::page;
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

macro_rules! stock_columns {
    () => {
        "s.sku, s.centre, s.inventory_id, s.name, s.run, s.on_hand, s.committed, s.fulfillable, \
         s.awaiting, s.transfer, s.fo_run, s.physical, s.available, s.state, s.variance, s.judged, \
         s.judged_at, i.item, i.product, i.unit, i.run AS item_run"
    };
}

statements! {
    tenant STOCK_LEVEL_PUT = "INSERT INTO stock (organisation_id, connection_id, run, sku, centre, \
        inventory_id, name, on_hand, committed, fulfillable, awaiting, transfer, fo_run, state, \
        variance, judged) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 'waits', 0, '') \
        ON CONFLICT (organisation_id, connection_id, sku, centre) DO UPDATE SET \
        run = excluded.run, inventory_id = excluded.inventory_id, name = excluded.name, \
        on_hand = excluded.on_hand, committed = excluded.committed, \
        fulfillable = excluded.fulfillable, awaiting = excluded.awaiting, \
        transfer = excluded.transfer";
    tenant STOCK_ON_HAND_PUT = "INSERT INTO stock (organisation_id, connection_id, fo_run, sku, centre, \
        physical, available, name, run, committed, fulfillable, awaiting, transfer, state, variance, \
        judged) VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0, 0, 0, 0, 0, 'waits', 0, '') \
        ON CONFLICT (organisation_id, connection_id, sku, centre) DO UPDATE SET \
        fo_run = excluded.fo_run, physical = excluded.physical, available = excluded.available";
    tenant STOCK_ITEM_PUT = "INSERT INTO stock_item (organisation_id, connection_id, run, sku, item, \
        product, unit) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (organisation_id, connection_id, sku) DO UPDATE SET run = excluded.run, \
        item = excluded.item, product = excluded.product, unit = excluded.unit";
    tenant STOCK_EVENT_PUT = "INSERT INTO stock_event (organisation_id, connection_id, sku, centre, id, \
        kind, at, pieces, order_id, folded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE) \
        ON CONFLICT DO NOTHING";
    tenant STOCK_EVENT_OPEN = "WITH w (wanted) AS (VALUES ($3)) SELECT e.sku, e.centre, e.id, e.kind, e.at, \
        e.pieces, e.order_id FROM w CROSS JOIN stock_event e WHERE e.organisation_id = $1 \
        AND e.connection_id = $2 AND e.sku = w.wanted AND NOT e.folded ORDER BY e.id";
    tenant STOCK_EVENT_LATEST = "SELECT sku, centre, id, kind, at, pieces, order_id FROM stock_event \
        WHERE organisation_id = $1 AND connection_id = $2 AND sku = $3 ORDER BY at DESC, id DESC LIMIT $4";
    tenant STOCK_EVENT_FOLD = "WITH v (of_sku, at_centre, of_id) AS \
        (VALUES ($3, CAST($4 AS BIGINT), CAST($5 AS BIGINT))) \
        UPDATE stock_event SET folded = TRUE FROM v WHERE stock_event.organisation_id = $1 \
        AND stock_event.connection_id = $2 AND stock_event.sku = v.of_sku \
        AND stock_event.centre = v.at_centre AND stock_event.id = v.of_id";
    tenant STOCK_AFTER = concat!("SELECT ", stock_columns!(), " FROM stock s LEFT JOIN stock_item i \
        ON i.organisation_id = s.organisation_id AND i.connection_id = s.connection_id AND i.sku = s.sku \
        WHERE s.organisation_id = $1 AND s.connection_id = $2 AND s.sku > $3 \
        ORDER BY s.sku, s.centre LIMIT $4");
    tenant STOCK_OF = concat!("SELECT ", stock_columns!(), " FROM stock s LEFT JOIN stock_item i \
        ON i.organisation_id = s.organisation_id AND i.connection_id = s.connection_id AND i.sku = s.sku \
        WHERE s.organisation_id = $1 AND s.connection_id = $2 AND s.sku = $3 \
        ORDER BY s.sku, s.centre LIMIT $4");
    tenant STOCK_IN_STATE = concat!("SELECT ", stock_columns!(), " FROM stock s LEFT JOIN stock_item i \
        ON i.organisation_id = s.organisation_id AND i.connection_id = s.connection_id AND i.sku = s.sku \
        WHERE s.organisation_id = $1 AND s.connection_id = $2 AND s.state = $3 AND s.sku > $4 \
        ORDER BY s.sku, s.centre LIMIT $5");
    tenant STOCK_JUDGE = "WITH v (of_sku, at_centre, new_state, new_variance, new_judged) AS \
        (VALUES ($4, CAST($5 AS BIGINT), $6, CAST($7 AS BIGINT), $8)) \
        UPDATE stock SET state = v.new_state, variance = v.new_variance, judged = v.new_judged, \
        judged_at = $3 FROM v WHERE stock.organisation_id = $1 AND stock.connection_id = $2 \
        AND stock.sku = v.of_sku AND stock.centre = v.at_centre";
    tenant STOCK_COUNTS = "SELECT state, COUNT(*) AS n, COALESCE(SUM(variance), 0) AS pieces FROM stock \
        WHERE organisation_id = $1 AND connection_id = $2 GROUP BY state ORDER BY state",
        pg "SELECT state, COUNT(*) AS n, COALESCE(SUM(variance), 0)::BIGINT AS pieces FROM stock \
        WHERE organisation_id = $1 AND connection_id = $2 GROUP BY state ORDER BY state";
    tenant SUBJECT_WATCHED = "SELECT key FROM subject WHERE organisation_id = $1 AND connection_id = $2 \
        AND watch_at IS NOT NULL AND key > $3 ORDER BY key LIMIT $4";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// ShipBob's side of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// SKU.
    pub sku: String,
    /// Fulfilment centre.
    pub centre: i64,
    /// ShipBob's inventory id.
    pub inventory_id: i64,
    /// Its name.
    pub name: String,
    /// On hand, committed, fulfillable, awaiting, in transfer.
    pub pieces: [i64; 5],
}

/// F&O's side of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockOnHand {
    /// SKU.
    pub sku: String,
    /// Fulfilment centre of the warehouse.
    pub centre: i64,
    /// Physical, as decimal text.
    pub physical: String,
    /// Available, as decimal text.
    pub available: String,
}

/// How F&O names a SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockItemRow {
    /// SKU.
    pub sku: String,
    /// Item number and dimensions, JSON.
    pub item: String,
    /// Product number.
    pub product: String,
    /// Inventory unit.
    pub unit: String,
}

/// One move of a shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockEventRow {
    /// SKU.
    pub sku: String,
    /// Fulfilment centre.
    pub centre: i64,
    /// ShipBob's audit id.
    pub id: i64,
    /// A stable word.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// Pieces that came (positive) or left.
    pub pieces: i64,
    /// For which ShipBob order.
    pub order: Option<i64>,
}

/// One SKU in one centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRow {
    /// SKU.
    pub sku: String,
    /// Fulfilment centre.
    pub centre: i64,
    /// ShipBob's inventory id, once shown.
    pub inventory_id: Option<i64>,
    /// Its name.
    pub name: String,
    /// Run in which ShipBob showed it last.
    pub run: i64,
    /// On hand at ShipBob; none = never shown.
    pub on_hand: Option<i64>,
    /// Promised to orders.
    pub committed: i64,
    /// May be promised.
    pub fulfillable: i64,
    /// On its way to the shelf.
    pub awaiting: i64,
    /// Between two centres.
    pub transfer: i64,
    /// Run in which F&O showed it last.
    pub fo_run: i64,
    /// F&O physical as decimal text; none = never shown.
    pub physical: Option<String>,
    /// F&O available as decimal text.
    pub available: Option<String>,
    /// How it stood, in one stable word.
    pub state: String,
    /// Pieces nobody can explain.
    pub variance: i64,
    /// The comparison, JSON; empty before the first.
    pub judged: String,
    /// When it was compared.
    pub judged_at: Option<Timestamp>,
    /// How F&O names it, JSON; none = no released product.
    pub item: Option<String>,
    /// Product number.
    pub product: Option<String>,
    /// Inventory unit.
    pub unit: Option<String>,
    /// Run in which F&O listed the product last.
    pub item_run: Option<i64>,
}

/// The verdict on one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockVerdict {
    /// SKU.
    pub sku: String,
    /// Fulfilment centre.
    pub centre: i64,
    /// How it stands.
    pub state: String,
    /// Pieces nobody can explain.
    pub variance: i64,
    /// The comparison, JSON.
    pub judged: String,
}

fn stock_row(row: &Row) -> Result<StockRow> {
    Ok(StockRow {
        sku: row.text("sku")?,
        centre: row.int("centre")?,
        inventory_id: row.int_opt("inventory_id")?,
        name: row.text("name")?,
        run: row.int("run")?,
        on_hand: row.int_opt("on_hand")?,
        committed: row.int("committed")?,
        fulfillable: row.int("fulfillable")?,
        awaiting: row.int("awaiting")?,
        transfer: row.int("transfer")?,
        fo_run: row.int("fo_run")?,
        physical: row.text_opt("physical")?,
        available: row.text_opt("available")?,
        state: row.text("state")?,
        variance: row.int("variance")?,
        judged: row.text("judged")?,
        judged_at: row.time_opt("judged_at")?,
        item: row.text_opt("item")?,
        product: row.text_opt("product")?,
        unit: row.text_opt("unit")?,
        item_run: row.int_opt("item_run")?,
    })
}

fn event_row(row: &Row) -> Result<StockEventRow> {
    Ok(StockEventRow {
        sku: row.text("sku")?,
        centre: row.int("centre")?,
        id: row.int("id")?,
        kind: row.text("kind")?,
        at: row.time("at")?,
        pieces: row.int("pieces")?,
        order: row.int_opt("order_id")?,
    })
}

impl Txn {
    /// Stores what ShipBob shows in one run. Of two rows of one shelf the last one counts.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_levels_put(
        &mut self,
        scope: &Scope,
        run: i64,
        levels: Vec<StockLevel>,
    ) -> Result<()> {
        let last: BTreeMap<(String, i64), StockLevel> =
            levels.into_iter().map(|l| ((l.sku.clone(), l.centre), l)).collect();
        let rows = last
            .into_values()
            .map(|l| {
                let [on_hand, committed, fulfillable, awaiting, transfer] = l.pieces;
                values![
                    l.sku,
                    l.centre,
                    l.inventory_id,
                    l.name,
                    on_hand,
                    committed,
                    fulfillable,
                    awaiting,
                    transfer
                ]
            })
            .collect();
        self.run_many(&STOCK_LEVEL_PUT, scoped![scope; run], rows).await.map(|_| ())
    }

    /// Stores what F&O shows in one run.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_on_hand_put(
        &mut self,
        scope: &Scope,
        run: i64,
        on_hand: Vec<StockOnHand>,
    ) -> Result<()> {
        let last: BTreeMap<(String, i64), StockOnHand> =
            on_hand.into_iter().map(|o| ((o.sku.clone(), o.centre), o)).collect();
        let rows =
            last.into_values().map(|o| values![o.sku, o.centre, o.physical, o.available]).collect();
        self.run_many(&STOCK_ON_HAND_PUT, scoped![scope; run], rows).await.map(|_| ())
    }

    /// Stores how F&O names SKUs.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_items_put(
        &mut self,
        scope: &Scope,
        run: i64,
        items: Vec<StockItemRow>,
    ) -> Result<()> {
        let last: BTreeMap<String, StockItemRow> =
            items.into_iter().map(|i| (i.sku.clone(), i)).collect();
        let rows = last.into_values().map(|i| values![i.sku, i.item, i.product, i.unit]).collect();
        self.run_many(&STOCK_ITEM_PUT, scoped![scope; run], rows).await.map(|_| ())
    }

    /// Stores moves of shelves; one known already is left as it is.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_events_put(
        &mut self,
        scope: &Scope,
        events: Vec<StockEventRow>,
    ) -> Result<()> {
        let rows = events
            .into_iter()
            .map(|e| values![e.sku, e.centre, e.id, e.kind, e.at, e.pieces, e.order])
            .collect();
        self.run_many(&STOCK_EVENT_PUT, scoped![scope], rows).await.map(|_| ())
    }

    /// Stores verdicts, and marks events whose pieces they carry on.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_judged(
        &mut self,
        scope: &Scope,
        at: Timestamp,
        verdicts: Vec<StockVerdict>,
        folded: Vec<(String, i64, i64)>,
    ) -> Result<()> {
        let rows = verdicts
            .into_iter()
            .map(|v| values![v.sku, v.centre, v.state, v.variance, v.judged])
            .collect();
        self.run_many(&STOCK_JUDGE, scoped![scope; at], rows).await?;
        let rows = folded.into_iter().map(|(sku, centre, id)| values![sku, centre, id]).collect();
        self.run_many(&STOCK_EVENT_FOLD, scoped![scope], rows).await.map(|_| ())
    }
}

impl Reader {
    /// Rows in order of SKU, after one. The last SKU of a full page may be cut: see
    /// [`whole_skus`].
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_after(
        &mut self,
        scope: &Scope,
        after: &str,
        limit: usize,
    ) -> Result<Vec<StockRow>> {
        let values = scoped![scope; after, page(limit)];
        self.all(&STOCK_AFTER, values).await?.iter().map(stock_row).collect()
    }

    /// All centres of one SKU.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_of(&mut self, scope: &Scope, sku: &str) -> Result<Vec<StockRow>> {
        let values = scoped![scope; sku, page(500)];
        self.all(&STOCK_OF, values).await?.iter().map(stock_row).collect()
    }

    /// Rows in one state, in order of SKU, after one.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_in_state(
        &mut self,
        scope: &Scope,
        state: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<StockRow>> {
        let values = scoped![scope; state, after, page(limit)];
        self.all(&STOCK_IN_STATE, values).await?.iter().map(stock_row).collect()
    }

    /// Rows and unexplained pieces per state.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_counts(&mut self, scope: &Scope) -> Result<Vec<(String, i64, i64)>> {
        let rows = self.all(&STOCK_COUNTS, scoped![scope]).await?;
        rows.iter().map(|r| Ok((r.text("state")?, r.int("n")?, r.int("pieces")?))).collect()
    }

    /// Moves of these SKUs that no verdict carries on yet, oldest first.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_events_open(
        &mut self,
        scope: &Scope,
        skus: &BTreeSet<String>,
    ) -> Result<Vec<StockEventRow>> {
        let rows = skus.iter().map(|sku| values![sku.as_str()]).collect();
        let rows = self.all_many(&STOCK_EVENT_OPEN, scoped![scope], rows).await?;
        rows.iter().map(event_row).collect()
    }

    /// The latest moves of a SKU.
    ///
    /// # Errors
    /// As every statement.
    pub async fn stock_events_latest(
        &mut self,
        scope: &Scope,
        sku: &str,
        limit: usize,
    ) -> Result<Vec<StockEventRow>> {
        let values = scoped![scope; sku, page(limit)];
        self.all(&STOCK_EVENT_LATEST, values).await?.iter().map(event_row).collect()
    }

    /// Subjects on the watch list, in order, after one.
    ///
    /// # Errors
    /// As every statement.
    pub async fn subjects_watched(
        &mut self,
        scope: &Scope,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>> {
        let rows = self.all(&SUBJECT_WATCHED, scoped![scope; after, page(limit)]).await?;
        rows.iter().map(|row| row.text("key")).collect()
    }
}

/// Leaves out the last SKU of a full page, which may go on behind it; all of it when it is the only one.
pub fn whole_skus(rows: Vec<StockRow>, limit: usize) -> Vec<StockRow> {
    if rows.len() < limit {
        return rows;
    }
    let last = rows.last().map(|row| row.sku.clone()).unwrap_or_default();
    if rows.first().is_some_and(|row| row.sku == last) {
        return rows;
    }
    rows.into_iter().filter(|row| row.sku != last).collect()
}

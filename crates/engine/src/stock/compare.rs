//! Rows to verdicts, a page of SKUs at a time: facts from the rows, the events and the orders; the arithmetic is pure.

use super::{Early, LAG, Run};
use crate::error::Result;
use crate::kept::{KEPT, SALES, WAREHOUSE, decode, encode, load, plain};
use crate::parts::Engine;
use crate::trail;
use domain::flows::inventory::{Judged, Moves, OrderStock, Shelf, State, Sums, compare, moves};
use domain::ids::{CentreId, ReferenceId};
use domain::plan::{Kept, SeenOrder};
use domain::reference_data::DynamicsReference;
use domain::request::{self, RequestRead};
use domain::sales::{OrderRead, SalesOrder};
use domain::settings::Settings;
use domain::stock::{EventKind, Inventory, JOURNALS, REPORT, StockReport};
use domain::time::Timestamp;
use domain::units;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::{Reader, StockEventRow, StockRow, StockVerdict, whole_skus};

/// Rows compared in one transaction.
const ROWS: usize = 1_000;
/// Orders looked at in one go.
const ORDERS: usize = 500;

/// What is known of orders.
#[derive(Default)]
struct Orders {
    sales: HashMap<String, OrderRead>,
    requests: HashMap<String, (RequestRead, Option<OrderRead>)>,
    warehouse: HashMap<String, Vec<SeenOrder>>,
    kept: HashMap<String, Kept>,
}

/// Everything a page is judged from.
struct Page {
    rows: Vec<StockRow>,
    /// Pieces taken for orders of ours: subject → shelf → pieces.
    picked: BTreeMap<String, BTreeMap<(CentreId, String), i64>>,
    orders: Orders,
    /// What else moved, by shelf.
    sums: BTreeMap<(String, i64), Sums>,
    /// Shelves that moved while they were looked at.
    moving: BTreeSet<(String, i64)>,
    folded: Vec<(String, i64, i64)>,
}

impl Engine {
    pub(super) async fn compare_page(&self, mut run: Run, inventory: &Inventory) -> Result<bool> {
        let Some(fo) = self.remember().fo.clone() else { return Ok(false) };
        let early = self.early().await?;
        let mut reader = self.store.read().await?;
        let rows = reader.stock_after(&self.scope, &run.after, ROWS).await?;
        let rows = whole_skus(rows, ROWS);
        let counted = self.counted(&mut reader).await?;
        let Some(last) = rows.last().map(|row| row.sku.clone()) else {
            drop(reader);
            return self.finish(&run, inventory).await;
        };
        let page = self.page(&mut reader, &run, rows).await?;
        drop(reader);
        let settings = self.settings();
        let shelves = self.orders_moved(&page, &early, &settings, &fo, &run);
        let mut verdicts = Vec::with_capacity(page.rows.len());
        for row in &page.rows {
            let shelf = shelf(row, &page, &shelves, &run, &settings, &fo);
            let key = (row.sku.clone(), row.centre);
            let judged = compare(&Shelf { counted: counted.contains(&key), ..shelf });
            run.skus += 1;
            verdicts.push(StockVerdict {
                sku: key.0,
                centre: row.centre,
                state: judged.state.word().to_owned(),
                variance: judged.variance,
                judged: String::from_utf8_lossy(&encode(&judged)?).into_owned(),
            });
        }
        run.after = last;
        let now = self.now();
        let mut work = self.begin("stock.judge").await?;
        work.txn.stock_judged(&self.scope, now, verdicts, page.folded).await?;
        self.keep_run(&mut work, Some(&run)).await?;
        work.commit().await?;
        self.at(run);
        Ok(true)
    }

    async fn page(&self, reader: &mut Reader, run: &Run, rows: Vec<StockRow>) -> Result<Page> {
        let skus: BTreeSet<String> = rows.iter().map(|row| row.sku.clone()).collect();
        let events = reader.stock_events_open(&self.scope, &skus).await?;
        let ids: BTreeSet<String> =
            events.iter().filter_map(|e| e.order).map(|id| id.to_string()).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let mut subjects: HashMap<i64, String> = HashMap::new();
        let company = self.settings().company.clone();
        for link in reader.links_by_remote(&self.scope, "order", &ids).await? {
            let parts = domain::reference::parse(&company, &ReferenceId::new(link.local_key));
            if let (Some(parts), Ok(id)) = (parts, link.remote_key.parse()) {
                subjects.insert(id, parts.order.as_str().to_owned());
            }
        }
        let from = run.first.unwrap_or(run.began) - LAG;
        let mut page = Page {
            rows,
            picked: BTreeMap::new(),
            orders: Orders::default(),
            sums: BTreeMap::new(),
            moving: BTreeSet::new(),
            folded: Vec::new(),
        };
        for event in events {
            let subject = event.order.and_then(|id| subjects.get(&id));
            page.take(event, subject, from);
        }
        let wanted: Vec<String> = page.picked.keys().cloned().collect();
        page.orders = self.orders(reader, &wanted).await?;
        Ok(page)
    }

    async fn orders(&self, reader: &mut Reader, subjects: &[String]) -> Result<Orders> {
        Ok(Orders {
            sales: load(reader, &self.scope, SALES, subjects).await?,
            requests: self.load_requests(reader, subjects).await?,
            warehouse: load(reader, &self.scope, WAREHOUSE, subjects).await?,
            kept: load(reader, &self.scope, KEPT, subjects).await?,
        })
    }

    /// What our orders did to the shelves of this page.
    fn orders_moved(
        &self,
        page: &Page,
        early: &Early,
        settings: &Settings,
        fo: &DynamicsReference,
        run: &Run,
    ) -> Moved {
        let from = run.first.unwrap_or(run.began) - LAG;
        let ids: BTreeMap<i64, String> =
            page.rows.iter().filter_map(|r| Some((r.inventory_id?, r.sku.clone()))).collect();
        let mut moved = Moved::default();
        let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (subject, picked) in &page.picked {
            let order = page.orders.order(subject, picked, &ids);
            let skus: BTreeSet<&str> = picked.keys().map(|(_, sku)| sku.as_str()).collect();
            for ((centre, sku), of) in moves(&order, settings, &fo.conversions) {
                if skus.contains(sku.as_str()) {
                    moved.add(&sku, centre.0, of);
                }
            }
            moved.slipped(order.sales, from);
            seen.extend(skus.into_iter().map(|sku| (subject.as_str(), sku)));
        }
        for sku in page.rows.iter().map(|row| row.sku.as_str()).collect::<BTreeSet<_>>() {
            for (subject, centre, pieces) in early.get(sku).into_iter().flatten() {
                if *centre == SLIPPED {
                    moved.fresh.insert(sku.to_owned());
                } else if !seen.contains(&(subject.as_str(), sku)) {
                    moved.add(sku, *centre, Moves { left: *pieces, kits: 0 });
                }
            }
        }
        moved
    }

    /// Orders on the watch list whose goods F&O deducted before they left the shelf, and SKUs on slips of the last
    /// minutes.
    async fn early(&self) -> Result<Arc<Early>> {
        if let Some(known) = self.remember().stock.early.clone() {
            return Ok(known);
        }
        let (settings, fo) = (self.settings(), self.remember().fo.clone());
        let conversions = fo.map(|fo| fo.conversions.clone()).unwrap_or_default();
        let from = {
            let memory = self.remember();
            let run = memory.stock.run.as_ref();
            run.map_or(Timestamp::MIN, |run| run.first.unwrap_or(run.began)) - LAG
        };
        let (none, ids) = (BTreeMap::new(), BTreeMap::new());
        let mut early = Early::new();
        let mut after = String::new();
        loop {
            let mut reader = self.store.read().await?;
            let subjects = reader.subjects_watched(&self.scope, &after, ORDERS).await?;
            let Some(last) = subjects.last().cloned() else { break };
            let orders = self.orders(&mut reader, &subjects).await?;
            drop(reader);
            for subject in &subjects {
                let order = orders.order(subject, &none, &ids);
                for ((centre, sku), of) in moves(&order, &settings, &conversions) {
                    if of.left != 0 {
                        early.entry(sku).or_default().push((subject.clone(), centre.0, of.left));
                    }
                }
                for sku in fresh_skus(order.sales, from) {
                    early.entry(sku).or_default().push((subject.clone(), SLIPPED, 0));
                }
            }
            after = last;
        }
        let early = Arc::new(early);
        self.remember().stock.early = Some(Arc::clone(&early));
        Ok(early)
    }

    async fn finish(&self, run: &Run, inventory: &Inventory) -> Result<bool> {
        let now = self.now();
        let drafted = self.draft_journals(run.id, inventory).await?;
        let states = self.store.read().await?.stock_counts(&self.scope).await?;
        let report = StockReport { began: run.began, at: now, states, elsewhere: run.elsewhere };
        let pieces: i64 = report.states.iter().map(|(_, _, pieces)| pieces.abs()).sum();
        let mut why =
            format!("{} shelf(s) compared; unexplained pieces, net per state: {pieces}.", run.skus);
        if run.elsewhere != 0 {
            why.push_str(&format!(
                " {} piece(s) lie in centres that are mapped to no warehouse.",
                run.elsewhere
            ));
        }
        let entry = trail::entry(now, trail::ENGINE, "stock compared", "", why);
        let mut entries = vec![store::TrailEntry { subject: None, ..entry }];
        entries.extend(drafted.entries);
        let mut work = self.begin("stock.done").await?;
        work.txn.observations_put(&self.scope, drafted.rows).await?;
        work.txn.observations_remove(&self.scope, JOURNALS, &drafted.gone).await?;
        for (name, value) in &drafted.cursors {
            work.txn.cursor_put(&self.scope, name, value, now).await?;
        }
        let row = plain(REPORT, "", now, &report)?;
        work.txn.observations_put(&self.scope, vec![row]).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        self.keep_run(&mut work, None).await?;
        work.commit().await?;
        let due = self.stock_after(inventory, now);
        let mut memory = self.remember();
        memory.stock.run = None;
        memory.stock.early = None;
        memory.stock.due = due;
        memory.stock.journals_due = Some(now);
        Ok(true)
    }
}

/// Centre of an [`Early`] entry that only says: on a slip of the last minutes.
const SLIPPED: i64 = i64::MIN;

/// What our orders did.
#[derive(Default)]
struct Moved {
    shelves: BTreeMap<(String, i64), Moves>,
    /// On a slip that was posted while the stock was read.
    fresh: BTreeSet<String>,
}

impl Moved {
    fn add(&mut self, sku: &str, centre: i64, of: Moves) {
        let sum = self.shelves.entry((sku.to_owned(), centre)).or_default();
        sum.left = sum.left.saturating_add(of.left);
        sum.kits = sum.kits.saturating_add(of.kits);
    }

    fn slipped(&mut self, order: Option<&SalesOrder>, from: Timestamp) {
        self.fresh.extend(fresh_skus(order, from));
    }
}

fn fresh_skus(order: Option<&SalesOrder>, from: Timestamp) -> Vec<String> {
    let Some(order) = order else { return Vec::new() };
    let slips = order.slips.iter().filter(|slip| slip.created >= from);
    let lots: BTreeSet<&str> =
        slips.flat_map(|slip| slip.lines.iter().map(|(lot, _)| lot.as_str())).collect();
    let lines = order.lines.iter().filter(|line| lots.contains(line.lot.as_str()));
    lines.map(|line| line.sku.clone()).collect()
}

impl Orders {
    fn order<'a>(
        &'a self,
        subject: &str,
        picked: &'a BTreeMap<(CentreId, String), i64>,
        skus: &'a BTreeMap<i64, String>,
    ) -> OrderStock<'a> {
        let request = self.requests.get(subject).map(|(read, _)| read);
        let sales = self.sales.get(subject).and_then(|read| read.order.as_ref());
        OrderStock {
            picked,
            skus,
            sales: sales.filter(|_| request::id_of(subject).is_none()),
            request,
            warehouse: self.warehouse.get(subject).map(Vec::as_slice).unwrap_or_default(),
            kept: self.kept.get(subject),
        }
    }
}

impl Page {
    fn take(&mut self, event: StockEventRow, subject: Option<&String>, from: Timestamp) {
        let shelf = (event.sku.clone(), event.centre);
        if event.at >= from {
            self.moving.insert(shelf.clone());
        }
        let kind = EventKind::of_word(&event.kind);
        if let (EventKind::OrderPicked, Some(subject)) = (kind, subject) {
            let of = self.picked.entry(subject.clone()).or_default();
            let pieces = of.entry((CentreId(event.centre), event.sku)).or_default();
            *pieces = pieces.saturating_sub(event.pieces);
            return;
        }
        let sums = self.sums.entry(shelf.clone()).or_default();
        let add = |sum: &mut i64, pieces: i64| *sum = sum.saturating_add(pieces);
        match kind {
            EventKind::OrderPicked => add(&mut sums.sold, event.pieces.saturating_neg()),
            EventKind::FacilityUpdated => add(&mut sums.transferred, event.pieces),
            EventKind::ReceivingStow | EventKind::Restocked => add(&mut sums.stowed, event.pieces),
            EventKind::Kitting => add(&mut sums.kitted, event.pieces),
            EventKind::Adjusted | EventKind::AttributeUpdated | EventKind::Other => {
                add(&mut sums.found, event.pieces);
            }
            // What is stowed of it comes as an event of its own.
            EventKind::Received => {}
        }
        self.folded.push((shelf.0, shelf.1, event.id));
    }
}

/// One row with everything that happened to it.
fn shelf(
    row: &StockRow,
    page: &Page,
    moved: &Moved,
    run: &Run,
    settings: &Settings,
    fo: &DynamicsReference,
) -> Shelf {
    let key = (row.sku.clone(), row.centre);
    let before: Option<Judged> = decode("stock", &row.sku, row.judged.as_bytes()).ok();
    let carried = before.map(|judged| judged.sums).unwrap_or_default();
    let sums = page.sums.get(&key).map_or(carried, |new| plus(carried, *new));
    let known = row.item_run == Some(run.id);
    let physical = match &row.physical {
        Some(text) if row.fo_run == run.id => text.parse::<Decimal>().ok(),
        // A row that is missing means nothing is there.
        _ => known.then_some(Decimal::ZERO),
    };
    let product = row.product.as_deref().unwrap_or_default();
    let unit = row.unit.as_deref().unwrap_or_default();
    let shown = row.run == run.id;
    Shelf {
        on_hand: row.on_hand,
        physical: physical.filter(|_| known),
        each: units::eaches_per_unit(product, unit, &settings.each_units, &fo.conversions),
        moves: moved.shelves.get(&key).copied().unwrap_or_default(),
        sums,
        moving: page.moving.contains(&key)
            || moved.fresh.contains(&row.sku)
            || (row.on_hand.is_some() && !shown),
        counted: false,
    }
}

fn plus(a: Sums, b: Sums) -> Sums {
    Sums {
        sold: a.sold.saturating_add(b.sold),
        transferred: a.transferred.saturating_add(b.transferred),
        stowed: a.stowed.saturating_add(b.stowed),
        kitted: a.kitted.saturating_add(b.kitted),
        found: a.found.saturating_add(b.found),
    }
}

/// Only rows in this state are counted.
pub(super) fn countable() -> &'static str {
    State::Variance.word()
}

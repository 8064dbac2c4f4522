//! Rows to verdicts, a page of SKUs at a time: facts from the rows, the events and the orders; the arithmetic is pure.

use super::draft::Counted;
use super::judge::{Judge, Moved, Page, SLIPPED, fresh_skus};
use super::{Early, LAG, Run};
use crate::error::Result;
use crate::kept::{KEPT, SALES, WAREHOUSE, encode, load, plain};
use crate::parts::Engine;
use crate::trail;
use domain::flows::inventory::{Judged, Moves, OrderStock, State, moves};
use domain::ids::{CentreId, ReferenceId};
use domain::operation::Flow;
use domain::plan::{Kept, SeenOrder};
use domain::reference_data::DynamicsReference;
use domain::request::{self, RequestRead};
use domain::sales::OrderRead;
use domain::settings::Settings;
use domain::stock::{Inventory, JOURNALS, REPORT, StockReport};
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::{Reader, StockRow, StockVerdict, whole_skus};

/// Rows compared in one transaction.
const ROWS: usize = 1_000;
/// Orders looked at in one go.
const ORDERS: usize = 500;

/// What is known of orders.
#[derive(Default)]
pub(super) struct Orders {
    sales: HashMap<String, OrderRead>,
    requests: HashMap<String, (RequestRead, Option<OrderRead>)>,
    warehouse: HashMap<String, Vec<SeenOrder>>,
    kept: HashMap<String, Kept>,
}

impl Engine {
    pub(super) async fn compare_page(&self, mut run: Run, inventory: &Inventory) -> Result<bool> {
        let Some(fo) = self.remember().fo.clone() else { return Ok(false) };
        let early = self.early().await?;
        let mut reader = self.store.read().await?;
        let rows = reader.stock_after(&self.scope, &run.after, ROWS).await?;
        let rows = whole_skus(rows, ROWS);
        let counted = self.counted_now(&mut reader).await?;
        let Some(last) = rows.last().map(|row| row.sku.clone()) else {
            drop(reader);
            return self.finish(&run, inventory).await;
        };
        let page = self.page(&mut reader, &run, rows).await?;
        drop(reader);
        let settings = self.settings();
        let moved = self.orders_moved(&page, &early, &settings, &fo, &run);
        let judge = Judge { page: &page, moved: &moved, run: &run, settings: &settings, fo: &fo };
        let mut verdicts = Vec::with_capacity(page.rows.len());
        let mut posted: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        let mut skus = 0;
        for group in judge.groups() {
            skus += 1;
            let sent = group.map.and_then(|map| {
                counted.get(&(group.sku().to_owned(), map.warehouse.as_str().to_lowercase()))
            });
            let (judged, done) = judge.judge(&group, sent);
            if let Some(sent) = done {
                posted.entry(sent.token.clone()).or_default().push(sent.number);
            }
            for row in &group.rows {
                let of = if row.centre == group.seat { &judged } else { &Judged::in_sum() };
                verdicts.push(StockVerdict {
                    sku: row.sku.clone(),
                    centre: row.centre,
                    state: of.state.word().to_owned(),
                    variance: of.variance,
                    judged: String::from_utf8_lossy(&encode(of)?).into_owned(),
                });
            }
        }
        run.skus += skus;
        run.after = last;
        let now = self.now();
        let some_posted = !posted.is_empty();
        let mut work = self.begin("stock.judge").await?;
        work.txn.stock_judged(&self.scope, now, verdicts, page.folded).await?;
        self.mark_posted(&mut work.txn, posted).await?;
        self.keep_run(&mut work, Some(&run)).await?;
        work.commit().await?;
        if some_posted {
            self.remember().stock.counted = None;
        }
        self.at(run);
        Ok(true)
    }

    /// What stands in open journals, read once per run: what changes meanwhile is looked at again when journals are
    /// drafted.
    async fn counted_now(&self, reader: &mut Reader) -> Result<Arc<Counted>> {
        if let Some(known) = self.remember().stock.counted.clone() {
            return Ok(known);
        }
        let counted = Arc::new(self.counted(reader).await?);
        self.remember().stock.counted = Some(Arc::clone(&counted));
        Ok(counted)
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
        let mut orders = Orders {
            sales: load(reader, &self.scope, SALES, subjects).await?,
            requests: self.load_requests(reader, subjects).await?,
            warehouse: load(reader, &self.scope, WAREHOUSE, subjects).await?,
            kept: load(reader, &self.scope, KEPT, subjects).await?,
        };
        // What left as a component left as a part of its kit.
        for (subject, kept) in &orders.kept {
            for seen in orders.warehouse.get_mut(subject).into_iter().flatten() {
                if let Some(sent) = kept.sent.get(seen.order.reference.as_str()) {
                    domain::kit::fold(&mut seen.order, &domain::kit::sent_kits(sent));
                }
            }
        }
        Ok(orders)
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
        let telling = self.to_be_told(inventory, run.id, run.began);
        if let Some(telling) = &telling {
            self.keep_telling(&mut work, telling).await?;
        }
        work.txn.trail_append(&self.scope, entries).await?;
        self.keep_run(&mut work, None).await?;
        work.commit().await?;
        let due = self.stock_after(inventory, now);
        self.flow_went_well(Flow::Inventory);
        let mut memory = self.remember();
        memory.stock.run = None;
        memory.stock.early = None;
        memory.stock.counted = None;
        memory.stock.due = due;
        memory.stock.journals_due = Some(now);
        if telling.is_some() {
            memory.stock.telling = telling;
            memory.stock.telling_due = None;
        }
        Ok(true)
    }
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

/// Only rows in this state are counted.
pub(super) fn countable() -> &'static str {
    State::Variance.word()
}

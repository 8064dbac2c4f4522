//! The reads of a survey, each asked of its gate first, waited for and tried again as the servers ask.

use super::{
    Bounds, Facts, Item, Lane, Limit, OrderRead, ProductFacts, SHIPBOB_DAYS, SalesOrderNumber,
    SeenVariant, Settings, Shelves, SkuFact, Span, Surveyor, System, Timestamp, Trouble, Unread,
    WarehouseOrder, closed, items, misfits, product_facts, sku_facts,
};
use crate::stock::on_hand_page;
use domain::settings::WarehouseMap;
use domain::stock::{Level, OnHand, StockItem};
use dynamics::{ChangeCursors, ChangeSet, OrderReads};
use shipbob::PageMark;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tries that may fail before something counts as not read.
const TRIES: usize = 4;
/// Times a closed gate is waited for within one read: a gate opens within a minute.
const WAITS: usize = 40;
/// Between two tries.
const AGAIN: Span = Span::seconds(2);
/// Where a server does not say how long.
const USUAL_WAIT: Span = Span::seconds(30);
/// A wait of nothing would be a loop.
const LEAST_WAIT: Span = Span::millis(20);
/// Pages of changed rows; each holds a thousand of every set.
const CHANGE_PAGES: usize = 200;
/// Orders read in one go.
pub(super) const ORDERS: usize = 500;
/// SKUs looked up in one go: little is lost when the gate closes in the middle.
const SKUS: usize = 200;
/// Pages of one list of stock.
const STOCK_PAGES: usize = 1_000;

impl Surveyor<'_> {
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Asks until there is an answer, or none can be had.
    pub(super) async fn ask<T, E, F>(
        &self,
        system: System,
        call: impl Fn() -> F + Send + Sync,
    ) -> Result<T, String>
    where
        Trouble: From<E>,
        F: Future<Output = Result<T, E>> + Send,
    {
        let gate = match system {
            System::Dynamics => &self.dynamics_gate,
            System::ShipBob => &self.shipbob_gate,
        };
        let (mut failed, mut waited) = (0, 0);
        let mut why = "the gate stayed closed".to_owned();
        while failed < TRIES && waited < WAITS {
            if let Err(until) = gate.may_send(Lane::Background) {
                waited += 1;
                self.pause(until.since(self.now())).await;
                continue;
            }
            match call().await.map_err(Trouble::from) {
                Ok(answer) => return Ok(answer),
                Err(Trouble::NoAccess(why)) => return Err(why),
                Err(Trouble::Crashed) => return Err("stopped".to_owned()),
                Err(Trouble::Closed(until)) => {
                    waited += 1;
                    self.pause(until.since(self.now())).await;
                }
                Err(Trouble::Wait(wait)) => {
                    "it asks to be called less often; run `fit` again later".clone_into(&mut why);
                    failed += 1;
                    self.pause(wait.unwrap_or(USUAL_WAIT)).await;
                }
                Err(Trouble::Away(words)) => {
                    why = words;
                    failed += 1;
                    self.pause(AGAIN).await;
                }
            }
        }
        Err(why)
    }

    async fn pause(&self, span: Span) {
        (self.wait)(span.max(LEAST_WAIT)).await;
    }

    /// Reference data of both; false when one could not be read.
    pub(super) async fn reference(&self, facts: &mut Facts, settings: &Settings) -> bool {
        (self.step)("Dynamics: reference data");
        let fo = self.ask(System::Dynamics, || self.dynamics.probe(self.now())).await;
        (self.step)("ShipBob: channels, centres, methods");
        let sb = self.ask(System::ShipBob, || self.shipbob.probe()).await;
        match (fo, sb) {
            (Ok(fo), Ok(sb)) => {
                facts.misfits = misfits(settings, &fo, &sb);
                facts.misfits.extend(closed(settings, &sb.closed(settings)));
                facts.centres = sb.centres.iter().cloned().collect();
                facts.dynamics = fo;
                facts.shipbob = sb;
                true
            }
            (fo, sb) => {
                unread(facts, "Dynamics: reference data", fo.err());
                unread(facts, "ShipBob: channels, centres, methods", sb.err());
                false
            }
        }
    }

    /// Orders that changed within the time, the newest ones.
    pub(super) async fn orders(
        &self,
        facts: &mut Facts,
        settings: &Settings,
        bounds: &Bounds,
    ) -> Vec<OrderRead> {
        (self.step)("Dynamics: orders that changed");
        let numbers = match self.changed(facts, bounds).await {
            Ok(numbers) => numbers,
            Err(why) => {
                unread(facts, "Dynamics: orders that changed", Some(why));
                return Vec::new();
            }
        };
        let mut found = Vec::new();
        for (nth, part) in numbers.chunks(ORDERS).enumerate() {
            (self.step)(&format!("Dynamics: orders {} of {}", nth * ORDERS, numbers.len()));
            found.extend(self.sales(facts, settings, part).await);
        }
        found
    }

    /// Sales orders by number, as the customer's filters select them.
    pub(super) async fn sales(
        &self,
        facts: &mut Facts,
        settings: &Settings,
        numbers: &[SalesOrderNumber],
    ) -> Vec<OrderRead> {
        let managed = &|id: &domain::ids::WarehouseId| settings.is_whs(id);
        let read = self.ask(System::Dynamics, || async move {
            let mut reads: OrderReads = self.dynamics.read_orders(self.now(), numbers).await?;
            if settings.has_whs() {
                self.dynamics.add_released(self.now(), &mut reads, managed).await?;
            }
            self.dynamics.select_orders(self.now(), &mut reads, &settings.filters).await?;
            Ok::<_, dynamics::CallError>(reads)
        });
        match read.await {
            Ok(reads) => {
                for (number, why) in reads.unread {
                    unread(facts, &format!("Dynamics: order {number}"), Some(why));
                }
                reads.read
            }
            Err(why) => {
                unread(facts, "Dynamics: orders", Some(why));
                Vec::new()
            }
        }
    }

    async fn changed(
        &self,
        facts: &mut Facts,
        bounds: &Bounds,
    ) -> Result<Vec<SalesOrderNumber>, String> {
        let from = self.now() - Span::days(bounds.days);
        let mut cursors = ChangeCursors::start(from);
        let mut newest: HashMap<String, (Timestamp, SalesOrderNumber)> = HashMap::new();
        let mut pages = 0;
        loop {
            let at = cursors;
            let page = self
                .ask(System::Dynamics, || self.dynamics.changes(self.now(), &at, Span(0)))
                .await?;
            if let Some((set, error)) =
                page.trouble.iter().find(|(set, _)| *set != ChangeSet::Slips)
            {
                return Err(format!("{}: {error}", set.name()));
            }
            for row in page.rows.into_iter().filter(|r| r.set != ChangeSet::Slips) {
                let of = newest.entry(row.order.as_str().to_lowercase());
                let of = of.or_insert((row.stamp, row.order));
                of.0 = of.0.max(row.stamp);
            }
            cursors = page.cursors;
            pages += 1;
            if !page.more {
                break;
            }
            if pages >= CHANGE_PAGES {
                let words = format!("Only the oldest {} changed orders were found.", newest.len());
                facts.limits.push(Limit { id: "changes", words });
                break;
            }
        }
        let mut all: Vec<(Timestamp, SalesOrderNumber)> = newest.into_values().collect();
        all.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
        if all.len() > bounds.orders {
            let words = format!(
                "{} orders changed; the newest {} were looked at.",
                all.len(),
                bounds.orders
            );
            facts.limits.push(Limit { id: "orders", words });
            all.truncate(bounds.orders);
        }
        Ok(all.into_iter().map(|(_, number)| number).collect())
    }

    /// F&O's products; none where the flow is off.
    pub(super) async fn products(
        &self,
        facts: &mut Facts,
        settings: &Settings,
    ) -> Vec<ProductFacts> {
        if settings.products.is_none() {
            return Vec::new();
        }
        (self.step)("Dynamics: released products");
        match self.ask(System::Dynamics, || self.dynamics.products(self.now())).await {
            Ok(feed) => {
                if !feed.unreadable.is_empty() {
                    let why = format!("{} row(s) cannot be read", feed.unreadable.len());
                    unread(facts, "Dynamics: released products, some rows", Some(why));
                }
                let items: BTreeMap<String, Item> = items(feed.released, feed.masters, settings);
                product_facts(items, facts, settings)
            }
            Err(why) => {
                unread(facts, "Dynamics: released products", Some(why));
                Vec::new()
            }
        }
    }

    /// What ShipBob shows of these SKUs; the facts of those that were looked up.
    pub(super) async fn catalogue(
        &self,
        facts: &mut Facts,
        asked: BTreeSet<String>,
        bounds: &Bounds,
    ) -> BTreeMap<String, SkuFact> {
        let mut skus: Vec<String> = asked.into_iter().collect();
        if skus.len() > bounds.skus {
            let words = format!("{} SKUs; {} were looked up at ShipBob.", skus.len(), bounds.skus);
            facts.limits.push(Limit { id: "skus", words });
            skus.truncate(bounds.skus);
        }
        let mut known = BTreeSet::new();
        let began = self.now();
        for (nth, part) in skus.chunks(SKUS).enumerate() {
            (self.step)(&format!("ShipBob: SKUs {} of {}", nth * SKUS, skus.len()));
            match self.ask(System::ShipBob, || self.shipbob.catalogue(part)).await {
                Ok(found) => {
                    facts.catalogue.extend(found);
                    known.extend(part.iter().cloned());
                }
                Err(why) => {
                    unread(facts, "ShipBob: SKUs", Some(why));
                    break;
                }
            }
        }
        let ids = |v: &SeenVariant| v.variant;
        facts.catalogue.sort_by_key(ids);
        facts.catalogue.dedup_by_key(|v| v.variant);
        sku_facts(&known, &facts.catalogue, began)
    }

    /// ShipBob's orders of all channels.
    pub(super) async fn warehouse(
        &self,
        facts: &mut Facts,
        bounds: &Bounds,
    ) -> Vec<WarehouseOrder> {
        (self.step)("ShipBob: orders of all channels");
        let to = self.now();
        let from = to - Span::days(SHIPBOB_DAYS);
        let mut found: BTreeMap<i64, WarehouseOrder> = BTreeMap::new();
        let mut unreadable = 0;
        for page in 1.. {
            let read =
                self.ask(System::ShipBob, || self.shipbob.poll_all_channels(from, to, page)).await;
            let read = match read {
                Ok(read) => read,
                Err(why) => {
                    unread(facts, "ShipBob: orders of all channels", Some(why));
                    break;
                }
            };
            unreadable += read.unreadable;
            found.extend(read.orders.into_iter().map(|o| (o.id.0, o)));
            if !read.more {
                break;
            }
            if found.len() >= bounds.shipbob_orders {
                let words = format!(
                    "The oldest {} ShipBob orders of the last {SHIPBOB_DAYS} days were held against open sales orders.",
                    found.len()
                );
                facts.limits.push(Limit { id: "shipbob-orders", words });
                break;
            }
        }
        if unreadable > 0 {
            let why = format!("{unreadable} order(s) cannot be read");
            unread(facts, "ShipBob: orders of all channels, some", Some(why));
        }
        found.into_values().collect()
    }

    /// Stock of both systems; none when one could not be read.
    pub(super) async fn shelves(
        &self,
        facts: &mut Facts,
        settings: &Settings,
        bounds: &Bounds,
    ) -> Option<Shelves> {
        (self.step)("stock of both systems");
        let mut shelves = Shelves::default();
        let read = async {
            shelves.items = self.stock_items().await?;
            (shelves.levels, shelves.partial) = self.levels(facts, bounds).await?;
            for map in &settings.warehouses {
                shelves.on_hand.extend(self.on_hand(settings, map).await?);
            }
            Ok::<(), String>(())
        };
        match read.await {
            Ok(()) => Some(shelves),
            Err(why) => {
                unread(facts, "stock of both systems", Some(why));
                None
            }
        }
    }

    async fn levels(
        &self,
        facts: &mut Facts,
        bounds: &Bounds,
    ) -> Result<(Vec<Level>, bool), String> {
        let mut levels = Vec::new();
        let mut mark: Option<PageMark> = None;
        loop {
            let after = mark.as_ref();
            let page = self.ask(System::ShipBob, || self.shipbob.levels(after)).await?;
            levels.extend(page.levels);
            mark = page.next;
            if mark.is_none() {
                return Ok((levels, false));
            }
            if levels.len() >= bounds.shelves {
                let words = format!(
                    "Stock was compared for the first {} shelves of ShipBob only.",
                    levels.len()
                );
                facts.limits.push(Limit { id: "shelves", words });
                return Ok((levels, true));
            }
        }
    }

    async fn stock_items(&self) -> Result<Vec<StockItem>, String> {
        let mut rows = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..STOCK_PAGES {
            let link = next.as_deref();
            let page =
                self.ask(System::Dynamics, || self.dynamics.stock_items(self.now(), link)).await?;
            rows.extend(page.rows);
            if page.next.is_none() || page.next == next {
                break;
            }
            next = page.next;
        }
        Ok(rows)
    }

    /// As the flow reads it at night.
    async fn on_hand(
        &self,
        settings: &Settings,
        map: &WarehouseMap,
    ) -> Result<Vec<OnHand>, String> {
        let mut rows = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..STOCK_PAGES {
            let link = next.as_deref();
            let page = self
                .ask(System::Dynamics, || {
                    on_hand_page(self.dynamics, self.now(), settings, map, link)
                })
                .await?;
            rows.extend(page.rows);
            if page.next.is_none() || page.next == next {
                break;
            }
            next = page.next;
        }
        Ok(rows)
    }
}

pub(super) fn unread(facts: &mut Facts, what: &str, why: Option<String>) {
    if let Some(why) = why {
        facts.unread.push(Unread { what: what.to_owned(), why });
    }
}

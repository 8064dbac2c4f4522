//! The survey: everything both live systems must show before `domain::fit` can say whether this would work. It reads in
//! batches, within the gates, and up to named bounds; it writes nothing and needs no database.
//!
//! Not to be taken for `fit.rs`, which only holds settings against reference data; what that finds is part of this.

mod reads;
mod requests;

use crate::facts::{Subject, surveyed};
use crate::fit::{closed, misfits};
use crate::needs::sku_fact;
use crate::poll::Trouble;
use crate::products;
use domain::fit::{Facts, Limit, Shelves, Unread, skus_asked, skus_coming};
use domain::flows::products::{first_states, items};
use domain::ids::{ReferenceId, SalesOrderNumber};
use domain::operation::{Lane, System};
use domain::plan::SeenOrder;
use domain::product::{Item, ProductFacts, ProductKept, SeenVariant};
use domain::product_settings::Products;
use domain::reference;
use domain::reference_data::SkuFact;
use domain::sales::OrderRead;
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use domain::warehouse::{CatalogueItem, WarehouseOrder};
use dynamics::Dynamics;
use futures::future::BoxFuture;
use shipbob::ShipBob;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use transport::gate::{Clock, Limiter};

/// How far back ShipBob's orders are looked at.
pub const SHIPBOB_DAYS: i64 = 60;

/// How much is looked at. What lies beyond is named in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How far back F&O's orders are looked at, in days.
    pub days: i64,
    /// F&O orders, the newest ones.
    pub orders: usize,
    /// Shipment order requests of each answer, the newest ones.
    pub answered: usize,
    /// SKUs looked up at ShipBob.
    pub skus: usize,
    /// ShipBob orders.
    pub shipbob_orders: usize,
    /// Rows of stock, each system.
    pub shelves: usize,
}

impl Bounds {
    /// The usual ones: at most some 500 calls to ShipBob, which take four minutes.
    pub fn of(days: i64) -> Self {
        Self {
            days: days.clamp(1, 365),
            orders: 5_000,
            answered: 500,
            skus: 20_000,
            shipbob_orders: 25_000,
            shelves: 50_000,
        }
    }
}

/// Who asks, and how it waits.
pub struct Surveyor<'a> {
    /// F&O.
    pub dynamics: &'a Dynamics,
    /// ShipBob.
    pub shipbob: &'a ShipBob,
    /// The gate F&O's client answers to.
    pub dynamics_gate: Arc<dyn Limiter>,
    /// The gate ShipBob's client answers to.
    pub shipbob_gate: Arc<dyn Limiter>,
    /// Our clock.
    pub clock: Clock,
    /// Waits: for a gate, or for what a server asked.
    pub wait: &'a (dyn Fn(Span) -> BoxFuture<'static, ()> + Send + Sync),
    /// Hears what is read next.
    pub step: &'a (dyn Fn(&str) + Send + Sync),
}

/// Reads everything. What cannot be read is named, never left out silently.
pub async fn survey(by: &Surveyor<'_>, settings: &Settings, bounds: &Bounds) -> Facts {
    let mut facts = Facts { now: by.now(), days: bounds.days, ..Facts::default() };
    if !by.reference(&mut facts, settings).await {
        return facts;
    }
    let orders = by.orders(&mut facts, settings, bounds).await;
    let requests = by.requests(&mut facts, settings, bounds).await;
    facts.products = by.products(&mut facts, settings).await;
    let orders = orders.into_iter().map(Subject::Order);
    let requests =
        requests.into_iter().map(|(read, owner)| Subject::Request(Box::new(read), owner));
    let mut orders: Vec<Subject> = orders.chain(requests).collect();
    rename(&mut orders, &facts.products, settings);
    let asked = asked(&orders, &facts.products, settings);
    let known = by.catalogue(&mut facts, asked, bounds).await;
    facts.warehouse = by.warehouse(&mut facts, bounds).await;
    facts.shelves = by.shelves(&mut facts, settings, bounds).await;
    let coming = skus_coming(&facts.products, &facts.catalogue, settings);
    facts.orders = order_facts(orders, &known, &coming, &facts, settings);
    if settings.products.is_none() {
        facts.limits.push(Limit {
            id: "products-off",
            words: "Weights, units, barcodes and kits were not looked at: [connection.products] is not in the configuration."
                .to_owned(),
        });
    }
    facts.limits.push(Limit {
        id: "references",
        words: format!(
            "Our references were looked for among ShipBob's orders of the last {SHIPBOB_DAYS} days, not one by one."
        ),
    });
    facts
}

/// SKUs to be looked up at ShipBob.
fn asked(orders: &[Subject], products: &[ProductFacts], settings: &Settings) -> BTreeSet<String> {
    let ours = |warehouse| settings.warehouse(warehouse).is_some();
    let mut asked = skus_asked(products, settings);
    for one in orders {
        match one {
            Subject::Order(read) => {
                let lines = read.order.iter().flat_map(|o| &o.lines);
                asked.extend(lines.filter(|l| ours(&l.warehouse)).map(|l| l.sku.clone()));
            }
            Subject::Request(read, _) => {
                let request = read.request.iter().filter(|r| ours(&r.warehouse));
                asked.extend(request.flat_map(|r| &r.lines).map(|l| l.sku.clone()));
            }
        }
    }
    asked.retain(|sku| !sku.is_empty());
    asked
}

/// Names the SKUs of order lines as the products flow makes them.
fn rename(orders: &mut [Subject], products: &[ProductFacts], settings: &Settings) {
    if !settings.products.as_ref().is_some_and(Products::renames) {
        return;
    }
    let items = products.iter().filter_map(|p| p.item.as_ref());
    let names: HashMap<String, String> = items
        .flat_map(|item| first_states(item, settings))
        .filter(|state| !state.sku.is_empty())
        .map(|state| (state.key.to_lowercase(), state.sku))
        .collect();
    let name = |sku: &mut String| {
        if let Some(named) = names.get(&sku.to_lowercase()) {
            sku.clone_from(named);
        }
    };
    for one in orders {
        let (request, order) = match one {
            Subject::Order(read) => (None, Some(read)),
            Subject::Request(read, owner) => (Some(read.as_mut()), owner.as_mut()),
        };
        let lines = order.into_iter().filter_map(|r| r.order.as_mut()).flat_map(|o| &mut o.lines);
        lines.for_each(|line| name(&mut line.sku));
        let lines =
            request.into_iter().filter_map(|r| r.request.as_mut()).flat_map(|r| &mut r.lines);
        lines.for_each(|line| name(&mut line.sku));
    }
}

/// What ShipBob shows of the SKUs that were looked up.
fn sku_facts(
    asked: &BTreeSet<String>,
    catalogue: &[SeenVariant],
    began: Timestamp,
) -> BTreeMap<String, SkuFact> {
    let mut like: HashMap<String, Vec<CatalogueItem>> = HashMap::new();
    for one in catalogue {
        like.entry(one.sku.to_lowercase()).or_default().push(CatalogueItem {
            sku: one.sku.clone(),
            active: one.active,
            bundle: one.bundle,
            inventory_id: one.inventory,
            // Only goods that left are counted by their parts.
            components: Vec::new(),
        });
    }
    let of = |sku: &String| {
        let items = like.get(&sku.to_lowercase()).map(Vec::as_slice).unwrap_or_default();
        (sku.clone(), sku_fact(sku, items, began))
    };
    asked.iter().map(of).collect()
}

fn order_facts(
    orders: Vec<Subject>,
    known: &BTreeMap<String, SkuFact>,
    coming: &BTreeSet<String>,
    facts: &Facts,
    settings: &Settings,
) -> Vec<domain::plan::OrderFacts> {
    let mut ours: HashMap<String, Vec<&WarehouseOrder>> = HashMap::new();
    let mine = |o: &&WarehouseOrder| o.channel.is_none_or(|c| c == settings.channel);
    for one in facts.warehouse.iter().filter(mine) {
        let reference = ReferenceId::new(one.reference.as_str());
        if let Some(parts) = reference::parse(&settings.company, &reference) {
            ours.entry(parts.order.as_str().to_lowercase()).or_default().push(one);
        }
    }
    let facts_of = |read: Subject| {
        let began = read.read_began();
        let mine = ours.get(&read.key().to_lowercase());
        let seen = mine.into_iter().flatten();
        let seen = seen.map(|o| SeenOrder { order: (*o).clone(), read_began: began }).collect();
        surveyed(read, seen, (known, coming), (&facts.dynamics, &facts.shipbob), settings)
    };
    orders.into_iter().map(facts_of).collect()
}

fn product_facts(
    items: BTreeMap<String, Item>,
    facts: &Facts,
    settings: &Settings,
) -> Vec<ProductFacts> {
    let one = |(subject, item): (String, Item)| ProductFacts {
        now: facts.now,
        subject,
        conversions: products::conversions(Some(&item), &facts.dynamics, settings),
        countries: products::countries(Some(&item), &facts.dynamics, settings),
        item: Some(item),
        catalogue: None,
        deliveries: Vec::new(),
        kept: ProductKept::default(),
        decisions: domain::plan::Decisions::default(),
    };
    items.into_iter().map(one).collect()
}

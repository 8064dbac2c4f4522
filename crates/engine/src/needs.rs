//! Reads a plan asked for, made in batches over all subjects of a planning step.

use crate::error::Result;
use crate::kept::{change_kept, encode, merge_orders};
use crate::parts::Engine;
use crate::requests::apart;
use domain::ids::{ReferenceId, RequestId, SalesOrderNumber, ShipBobOrderId};
use domain::operation::{Lane, System};
use domain::plan::{Kept, Need, SeenOrder};
use domain::reference_data::SkuFact;
use domain::time::Timestamp;
use domain::warehouse::CatalogueItem;
use std::collections::{BTreeMap, BTreeSet};
use store::Observation;

/// All needs of a batch, folded.
#[derive(Default)]
pub(crate) struct Needs {
    sales: BTreeSet<String>,
    references: BTreeMap<ReferenceId, String>,
    orders: BTreeSet<ShipBobOrderId>,
    skus: BTreeSet<String>,
}

impl Needs {
    pub(crate) fn add(&mut self, subject: &str, needs: &[Need]) {
        for need in needs {
            match need {
                Need::Sales => drop(self.sales.insert(subject.to_owned())),
                Need::References(list) => {
                    self.references.extend(list.iter().map(|r| (r.clone(), subject.to_owned())))
                }
                Need::Orders(list) => self.orders.extend(list.iter().copied()),
                Need::Skus(list) => self.skus.extend(list.iter().cloned()),
            }
        }
    }
}

impl Engine {
    /// Makes the reads. False when some could not be made now.
    pub(crate) async fn fulfil(&self, needs: Needs) -> Result<bool> {
        let mut all = true;
        if !needs.sales.is_empty() {
            let (requests, orders) = apart(needs.sales);
            all &= self.fulfil_requests(&requests).await?;
            let numbers: Vec<_> = orders.into_iter().map(SalesOrderNumber::new).collect();
            let reads = match numbers.is_empty() {
                true => Some(Vec::new()),
                false => self.read_sales(&numbers, Lane::Orders).await?,
            };
            match reads {
                Some(reads) if reads.is_empty() => all &= numbers.is_empty(),
                Some(reads) => {
                    let mut work = self.begin("needs.sales").await?;
                    self.store_sales(&mut work.txn, &reads).await?;
                    work.commit().await?;
                    all &= reads.len() == numbers.len();
                }
                None => all = false,
            }
        }
        if !needs.skus.is_empty() {
            all &= self.read_skus(needs.skus.into_iter().collect()).await?;
        }
        if !needs.references.is_empty() {
            all &= self.look_up(needs.references).await?;
        }
        if !needs.orders.is_empty() {
            all &= self.read_warehouse(needs.orders.into_iter().collect()).await?;
        }
        Ok(all)
    }

    async fn fulfil_requests(&self, ids: &[RequestId]) -> Result<bool> {
        if ids.is_empty() {
            return Ok(true);
        }
        let Some(reads) = self.read_requests(ids, Lane::Orders).await? else { return Ok(false) };
        let mut work = self.begin("needs.requests").await?;
        self.store_requests(&mut work.txn, &reads).await?;
        work.commit().await?;
        Ok(reads.requests.len() == ids.len())
    }

    async fn read_skus(&self, skus: Vec<String>) -> Result<bool> {
        let skus = self.with_components(skus);
        if !self.may_read(System::ShipBob, Lane::Orders) {
            return Ok(false);
        }
        let began = self.now();
        let items = match self.shipbob.products(&skus).await {
            Ok(items) => items,
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                return Ok(false);
            }
        };
        self.good(System::ShipBob);
        let mut rows = Vec::with_capacity(skus.len());
        for sku in skus {
            let fact = sku_fact(&sku, &items, began);
            rows.push(Observation {
                kind: "sb.product".to_owned(),
                key: sku,
                person: None,
                version: String::new(),
                stamp: began,
                read_began: began,
                body: Some(encode(&fact)?),
            });
        }
        let mut work = self.begin("needs.skus").await?;
        work.txn.observations_put(&self.scope, rows).await?;
        work.commit().await?;
        Ok(true)
    }

    /// A kit sent as components is known by them, whatever ShipBob says of its own SKU.
    fn with_components(&self, skus: Vec<String>) -> Vec<String> {
        let settings = self.settings();
        let mut all = BTreeSet::new();
        for sku in skus {
            match settings.recipe(&sku) {
                Some(recipe) => all.extend(recipe.into_keys()),
                None => _ = all.insert(sku),
            }
        }
        all.into_iter().collect()
    }

    /// What is found is taken in, what is not is remembered as absent since the read began.
    async fn look_up(&self, references: BTreeMap<ReferenceId, String>) -> Result<bool> {
        let all: Vec<ReferenceId> = references.keys().cloned().collect();
        for part in all.chunks(shipbob::ID_LIMIT) {
            if !self.may_read(System::ShipBob, Lane::Orders) {
                return Ok(false);
            }
            let began = self.now();
            let orders = match self.shipbob.find_by_reference(part).await {
                Ok(orders) => orders,
                Err(error) => {
                    self.rest(System::ShipBob, error.into())?;
                    return Ok(false);
                }
            };
            self.good(System::ShipBob);
            let found: BTreeSet<&ReferenceId> = orders.iter().map(|o| &o.reference).collect();
            let absent: Vec<(String, ReferenceId)> = part
                .iter()
                .filter(|r| !found.contains(r))
                .filter_map(|r| references.get(r).map(|s| (s.clone(), r.clone())))
                .collect();
            let changes = absent
                .into_iter()
                .map(|(subject, reference)| {
                    let change: Box<dyn FnOnce(&mut Kept) + Send> =
                        Box::new(move |kept: &mut Kept| {
                            kept.absent.insert(reference.as_str().to_owned(), began);
                        });
                    (subject, change)
                })
                .collect();
            let seen = orders
                .into_iter()
                .filter_map(|order| {
                    let subject = references.get(&order.reference)?.clone();
                    Some((subject, SeenOrder { order, read_began: began }))
                })
                .collect();
            let mut work = self.begin("needs.references").await?;
            merge_orders(&mut work.txn, &self.scope, began, seen).await?;
            change_kept(&mut work.txn, &self.scope, began, changes).await?;
            work.commit().await?;
        }
        Ok(true)
    }

    async fn read_warehouse(&self, ids: Vec<ShipBobOrderId>) -> Result<bool> {
        if !self.may_read(System::ShipBob, Lane::Fulfilment) {
            return Ok(false);
        }
        let began = self.now();
        match self.shipbob.orders(&ids).await {
            Ok(orders) => {
                self.good(System::ShipBob);
                let mut work = self.begin("needs.orders").await?;
                self.take_in(&mut work.txn, began, orders).await?;
                work.commit().await?;
                Ok(true)
            }
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                Ok(false)
            }
        }
    }
}

pub(crate) fn sku_fact(sku: &str, items: &[CatalogueItem], began: Timestamp) -> SkuFact {
    let same = |i: &&CatalogueItem| i.sku == sku;
    // An active entry wins over an inactive one of the same SKU.
    let exact = items.iter().filter(same).max_by_key(|i| i.active).cloned();
    let mut variants: Vec<String> = items
        .iter()
        .filter(|i| i.sku != sku && i.sku.to_lowercase() == sku.to_lowercase())
        .map(|i| i.sku.clone())
        .collect();
    variants.sort();
    variants.dedup();
    SkuFact { exact, case_variants: variants, coming: false, part: None, read_began: began }
}

//! Both sides of a batch of orders, read anew, beside what our own tables know of them.

use super::gather::Found;
use crate::error::Result;
use crate::facts::Fresh;
use crate::kept::{KEPT, REQUEST, SALES, WAREHOUSE, decode};
use crate::parts::Engine;
use crate::requests::apart;
use domain::flows::standing::standing;
use domain::ids::{ReferenceId, SalesOrderNumber, ShipBobOrderId};
use domain::operation::{Lane, System};
use domain::plan::SeenOrder;
use domain::reconcile::{Known, OrderSeen};
use domain::sales::OrderRead;
use domain::time::Timestamp;
use domain::{reference, request};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What came of one batch.
pub(super) struct Chunk {
    pub(super) seen: Vec<OrderSeen>,
    pub(super) gaps: Vec<String>,
    pub(super) takes_tracking: bool,
    pub(super) calls: (u64, u64),
}

impl Chunk {
    /// Orders in one batch: their ShipBob orders fit one request.
    pub(super) const SIZE: usize = shipbob::ID_LIMIT;
}

/// F&O's side of a batch.
type Dynamics = (Fresh, Vec<String>, u64);

impl Engine {
    /// Reads both sides; none when that is not possible now.
    pub(super) async fn read_chunk(&self, chunk: Vec<Found>) -> Result<Option<Chunk>> {
        let subjects: Vec<String> = chunk.iter().map(|f| f.subject.clone()).collect();
        let known = self.known_of(&subjects).await?;
        let Some((mut fresh, unread, fo_calls)) = self.dynamics_of(&subjects).await? else {
            return Ok(None);
        };
        let mut ids: BTreeSet<i64> = chunk.iter().flat_map(|f| f.ids.iter().copied()).collect();
        ids.extend(known.values().flat_map(|k| k.warehouse.iter().copied()));
        let mut sb_calls = 0;
        let began = self.now();
        let mut orders = Vec::new();
        if !ids.is_empty() {
            let ids: Vec<ShipBobOrderId> = ids.into_iter().map(ShipBobOrderId).collect();
            let Some(found) = self.ask_shipbob(self.shipbob.orders(&ids)).await? else {
                return Ok(None);
            };
            sb_calls += 1;
            orders.extend(found);
        }
        let lone = self.without_shipbob(&fresh, &orders);
        if !lone.is_empty() {
            let Some(found) = self.ask_shipbob(self.shipbob.find_by_reference(&lone)).await? else {
                return Ok(None);
            };
            sb_calls += 1;
            orders.extend(found);
        }
        for subject in &subjects {
            fresh.warehouse.insert(subject.clone(), Vec::new());
        }
        for order in orders {
            let Some(of) = self.subject_of(&order) else { continue };
            let own = subjects.iter().find(|s| s.eq_ignore_ascii_case(&of));
            if let Some(seen) = own.and_then(|s| fresh.warehouse.get_mut(s)) {
                seen.push(SeenOrder { order, read_began: began });
            }
        }
        let told: Vec<String> = subjects.iter().filter(|s| !unread.contains(s)).cloned().collect();
        let Some(facts) = self.facts_fresh(&told, fresh).await? else { return Ok(None) };
        let settings = self.settings();
        let takes_tracking =
            facts.first().is_none_or(|f| f.capabilities.tracking_insert != Some(false));
        let changed: HashMap<&str, Timestamp> =
            chunk.iter().map(|f| (f.subject.as_str(), f.changed)).collect();
        let seen = facts.iter().map(|facts| OrderSeen {
            standing: standing(facts, &settings),
            known: known.get(facts.number.as_str()).cloned().unwrap_or_default(),
            changed: changed.get(facts.number.as_str()).copied().unwrap_or_default(),
        });
        Ok(Some(Chunk {
            seen: seen.collect(),
            gaps: unread.iter().map(|s| format!("order {s} cannot be read in Dynamics")).collect(),
            takes_tracking,
            calls: (fo_calls, sb_calls),
        }))
    }

    async fn ask_shipbob<T>(
        &self,
        call: impl Future<Output = std::result::Result<T, shipbob::CallError>>,
    ) -> Result<Option<T>> {
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(None);
        }
        match call.await {
            Ok(found) => {
                self.good(System::ShipBob);
                Ok(Some(found))
            }
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                Ok(None)
            }
        }
    }

    /// What our own tables know.
    async fn known_of(&self, subjects: &[String]) -> Result<BTreeMap<String, Known>> {
        let mut known: BTreeMap<String, Known> = BTreeMap::new();
        let mut reader = self.store.read().await?;
        for row in reader.subjects(&self.scope, subjects).await? {
            known.entry(row.key).or_default().subject =
                row.last_plan.is_some() || !row.status.is_empty();
        }
        for kind in [SALES, REQUEST, WAREHOUSE, KEPT] {
            for row in reader.observations(&self.scope, kind, subjects).await? {
                let one = known.entry(row.key.clone()).or_default();
                let Some(body) = &row.body else {
                    one.erased = true;
                    continue;
                };
                match kind {
                    SALES | REQUEST => one.sales = true,
                    WAREHOUSE => {
                        let seen: Vec<SeenOrder> = decode(WAREHOUSE, &row.key, body)?;
                        one.warehouse.extend(seen.iter().map(|s| s.order.id.0));
                    }
                    _ => {}
                }
            }
        }
        Ok(known)
    }

    /// F&O's side, and the orders F&O could not tell.
    async fn dynamics_of(&self, subjects: &[String]) -> Result<Option<Dynamics>> {
        let (requests, numbers) = apart(subjects.to_vec());
        let (mut fresh, mut calls) = (Fresh::default(), 0);
        let mut sales: Vec<OrderRead> = Vec::new();
        if !numbers.is_empty() {
            let wanted: Vec<_> = numbers.iter().map(SalesOrderNumber::new).collect();
            let Some(reads) = self.read_sales(&wanted, Lane::Background).await? else {
                return Ok(None);
            };
            calls += 1;
            sales = reads;
        }
        if !requests.is_empty() {
            let Some(reads) = self.read_requests(&requests, Lane::Background).await? else {
                return Ok(None);
            };
            calls += 1;
            let settings = self.settings();
            let fields = &settings.external.order_number_fields;
            for read in reads.requests {
                let of = |number: &SalesOrderNumber| {
                    reads.sales.iter().find(|s| s.number.same_as(number.as_str()))
                };
                let owner = read.request.as_ref().and_then(|r| request::owner(r, fields, of));
                let owner = owner.cloned();
                fresh.requests.insert(request::subject(&read.id), (read, owner));
            }
        }
        for subject in subjects {
            if let Some(read) = sales.iter().find(|r| r.number.same_as(subject)) {
                fresh.sales.insert(subject.clone(), read.clone());
            }
        }
        let told = |s: &String| fresh.sales.contains_key(s) || fresh.requests.contains_key(s);
        let unread = subjects.iter().filter(|s| !told(s)).cloned().collect();
        Ok(Some((fresh, unread, calls)))
    }

    /// First references of released orders of which ShipBob has shown nothing: an order that our
    /// tables have lost may have been sent on another day.
    fn without_shipbob(
        &self,
        fresh: &Fresh,
        orders: &[domain::warehouse::WarehouseOrder],
    ) -> Vec<ReferenceId> {
        let settings = self.settings();
        let shown: BTreeSet<String> =
            orders.iter().filter_map(|o| self.subject_of(o)).map(|s| s.to_lowercase()).collect();
        let mut lone = Vec::new();
        for (subject, read) in &fresh.sales {
            let Some(order) = &read.order else { continue };
            let released = domain::flows::is_released(order, &settings);
            if !released || shown.contains(&subject.to_lowercase()) {
                continue;
            }
            let ours = order.lines.iter().filter(|l| settings.warehouse(&l.warehouse).is_some());
            lone.extend(
                ours.map(|l| reference::make(&settings.company, &order.number, l.sequence, 1)),
            );
        }
        for subject in fresh.requests.keys().filter(|s| !shown.contains(&s.to_lowercase())) {
            let number = SalesOrderNumber::new(subject.as_str());
            lone.push(reference::make(&settings.company, &number, 0, 1));
        }
        lone.sort();
        lone
    }
}

//! The doctor's look at an environment: a fresh token, one row of every set, what the metadata lets
//! us write, and what waits for the packing-slip batch. Reads only; every answer is kept, none ends
//! the look unless the rest would say the same.

mod told;

use crate::client::{self, Dynamics, Turn};
use crate::interpret;
use crate::odata::{Filter, Literal, Query, row_name};
use crate::reply::CallError;
use crate::wire::{
    Answer, CarrierService, Code, Conversion, CountHead, CountRow, Country, Dimensions, Distinct,
    Header, ItemMaster, LegalEntity, Line, LineBi, Mode, NoteRow, OnHandRow, Pool,
    ProductConversion, ReleasedBi, Request, RequestLine, Row, Slip, SlipLine, TableBi, Tracking,
    Update, Warehouse,
};
use domain::custom_call::{CallKind, CustomCall};
use domain::doctor::{Access, BatchQueue, CallFacts, DynamicsFacts, Entity, TokenAnswer};
use domain::drift::{DynamicsContract, DynamicsLive};
use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use told::{Told, ToldEnum, access, entity, failed, names_it, part, rows, texts, token_answer};

/// Orders of the pool looked at: the oldest ones.
const QUEUE: u32 = 20;

/// Entity names to try per set: what `/metadata/PublicEntities` calls an entity is published for a
/// few sets only.
const ENTITIES: [(&str, &[&str]); 34] = [
    ("LegalEntities", &["LegalEntity"]),
    ("Warehouses", &["Warehouse"]),
    ("DeliveryModesV2", &["DeliveryModeV2"]),
    ("SalesOrderPools", &["SalesOrderPool"]),
    ("ShippingCarrierServices", &["ShippingCarrierService"]),
    ("AddressCountryRegions", &["AddressCountryRegion"]),
    ("UnitOfMeasureConversions", &["UnitOfMeasureConversion"]),
    ("ProductUnitOfMeasureConversions", &["ProductUnitOfMeasureConversion"]),
    ("SalesOrderHeadersV2", &["SalesOrderHeaderV2"]),
    ("SalesOrderLines", &["SalesOrderLine"]),
    ("SalesTableBiEntities", &["SalesTableBiEntity"]),
    ("SalesLineBiEntities", &["SalesLineBiEntity"]),
    ("WHSSalesLineBiEntities", &["WHSSalesLineBiEntity"]),
    ("CustPackingSlipJourBiEntities", &["CustPackingSlipJourBiEntity"]),
    ("CustPackingSlipTransBiEntities", &["CustPackingSlipTransBiEntity"]),
    (
        "SalesOrderHeaderDocumentAttachmentsV2",
        &["SalesOrderHeaderDocumentAttachmentV2", "SalesOrderHeaderDocumentAttachmentsV2"],
    ),
    (
        "PackingSlipTrackingInformation",
        &["PackingSlipTrackingInformation", "SalesPackingSlipTrackingInformation"],
    ),
    ("OutboundShipmentOrderRequests", &["OutboundShipmentOrderRequest"]),
    ("OutboundShipmentOrderLineRequests", &["OutboundShipmentOrderLineRequest"]),
    ("OutboundShipmentOrderRequestStatus", &["OutboundShipmentOrderRequestStatus"]),
    ("OutboundShipmentOrderUpdates", &["OutboundShipmentOrderUpdate"]),
    ("OutboundShipmentOrderLineUpdates", &["OutboundShipmentOrderLineUpdate"]),
    ("OutboundShipmentOrderLineInventDimUpdates", &["OutboundShipmentOrderLineInventDimUpdate"]),
    ("CDSReleasedDistinctProducts", &["CDSReleasedDistinctProduct"]),
    ("PhysicalProductDimensionDetails", &["PhysicalProductDimensionDetail"]),
    ("ProductNumberIdentifiedBarcodes", &["ProductNumberIdentifiedBarcode"]),
    ("ReleasedProductsV2", &["ReleasedProductV2"]),
    ("SalesCharge", &["SalesChargeEntity", "SalesCharge"]),
    ("MarkupTransBiEntities", &["MarkupTransBiEntity"]),
    ("WarehousesOnHandV2", &["WarehouseOnHandV2"]),
    ("WarehouseInventoryStatusesOnHandV2", &["WarehouseInventoryStatusOnHandV2"]),
    ("InventoryCountingJournalHeaders", &["InventoryCountingJournalHeader"]),
    ("InventoryCountingJournalLines", &["InventoryCountingJournalLine"]),
    ("ExternalInventoryAdjustments", &["ExternalInventoryAdjustment"]),
];

/// Sets we write: only their metadata decides something.
const WRITTEN: [&str; 4] = [
    "SalesOrderHeadersV2",
    "SalesOrderLines",
    "SalesOrderHeaderDocumentAttachmentsV2",
    "PackingSlipTrackingInformation",
];

impl Dynamics {
    /// Looks at everything orders and fulfilment need. `pool` is the one the packing-slip batch
    /// selects on. `step` hears what is done next.
    pub async fn examine(
        &self,
        now: Timestamp,
        pool: Option<&str>,
        step: &(dyn Fn(&str) + Sync),
    ) -> DynamicsFacts {
        let mut facts = DynamicsFacts::default();
        step("Entra: a token");
        facts.token = token_answer(self.fresh_token(now).await);
        if facts.token != TokenAnswer::Granted {
            return facts;
        }
        let mut turn = self.asking_turn();
        step("F&O: legal entities");
        self.door(&mut turn, now, &mut facts).await;
        if !matches!(facts.door, Access::Good | Access::Denied { status: 403 }) {
            return facts;
        }
        step("F&O: one row of every set");
        self.sets(&mut turn, now, pool, &mut facts).await;
        if facts.door != Access::Good || !facts.sets.values().any(|a| *a == Access::Good) {
            return facts;
        }
        for set in WRITTEN {
            step(&format!("F&O: what may be written of {set}"));
            match self.public_entity(&mut turn, now, names(set)).await {
                Ok(entity) => _ = facts.entities.insert(set.to_owned(), entity),
                Err(_) => break,
            }
        }
        facts
    }

    /// Reads one row of each of these sets, where F&O lets us in at all.
    pub async fn examine_sets(
        &self,
        now: Timestamp,
        sets: &[&str],
        facts: &mut DynamicsFacts,
        step: &(dyn Fn(&str) + Sync),
    ) {
        let asked: Vec<(&str, String)> =
            sets.iter().filter_map(|set| Some((*set, self.one_row_of(set)?))).collect();
        if asked.is_empty() || facts.door != Access::Good {
            return;
        }
        step("F&O: one row of every set the flows read");
        let urls: Vec<String> = asked.iter().map(|(_, url)| url.clone()).collect();
        let mut turn = self.asking_turn();
        let batch = self.batch(&mut turn, now, "dynamics.examine", client::reads(&urls)).await;
        let Ok(batch) = batch else { return };
        for (n, (set, _)) in asked.into_iter().enumerate() {
            facts.sets.insert(set.to_owned(), part(&batch, n).0);
        }
    }

    fn one_row_of(&self, set: &str) -> Option<String> {
        let ours = |set, select| Query::of(set, select).filter(self.company()).top(1);
        let query = match set {
            Distinct::SET => ours(Distinct::SET, Distinct::SELECT),
            // Of all companies: this set knows none.
            Dimensions::SET => Query::of(Dimensions::SET, Dimensions::SELECT).top(1),
            Code::SET => ours(Code::SET, Code::SELECT),
            ItemMaster::SET => ours(ItemMaster::SET, ItemMaster::SELECT),
            OnHandRow::SET => ours(OnHandRow::SET, OnHandRow::SELECT),
            CountHead::SET => ours(CountHead::SET, CountHead::SELECT),
            CountRow::SET => ours(CountRow::SET, CountRow::SELECT),
            _ => return None,
        };
        Some(query.url(&self.config.base))
    }

    /// Looks at the customer's own call without making it: what F&O says of it, and its look-up with values nothing has.
    pub async fn examine_call(&self, now: Timestamp, call: &CustomCall) -> CallFacts {
        let mut turn = self.asking_turn();
        let mut facts = CallFacts::default();
        let last = call.path.rsplit(['/', '.']).next().unwrap_or_default();
        match (call.kind, &call.entity) {
            (CallKind::Service, _) => {
                let of = call.path.rsplit_once('/').map_or("", |(service, _)| service);
                let url = format!("{}{of}", self.config.base);
                facts.described = match self.get(&mut turn, now, "dynamics.examine", url).await {
                    Ok(reply) => {
                        let named = serde_json::from_slice::<Value>(&reply.body).ok();
                        facts.there = named.map(|value| names_it(&value, last));
                        access(&reply)
                    }
                    Err(failure) => failed(failure, now),
                };
                if facts.described != Access::Good {
                    facts.there = None;
                }
            }
            (CallKind::Action, None) => facts.described = Access::Good,
            (CallKind::Action, Some(entity)) => {
                match self.public_entity(&mut turn, now, &[entity]).await {
                    Ok(Some(told)) => {
                        (facts.described, facts.there) =
                            (Access::Good, Some(told.actions.contains(last)));
                    }
                    Ok(None) => facts.described = Access::Absent { status: 404 },
                    Err(error) => facts.described = Access::Away { why: error.to_string() },
                }
            }
        }
        let nothing = domain::custom_call::CallFields::of_nothing(&self.config.company);
        let filter = call.look_up.filled(&nothing).unwrap_or_default();
        let url = crate::odata::look_up_url(&self.config.base, &call.look_up.set, &filter, 1);
        let batch = self.batch(&mut turn, now, "dynamics.examine", client::reads(&[url])).await;
        facts.look_up = match batch {
            Ok(batch) => part(&batch, 0).0,
            Err(failure) => failed(failure, now),
        };
        facts
    }

    /// Reads the metadata the contract can be held against.
    pub async fn live_contract(
        &self,
        now: Timestamp,
        contract: &DynamicsContract,
        step: &(dyn Fn(&str) + Sync),
    ) -> Result<DynamicsLive, CallError> {
        let mut turn = self.asking_turn();
        let mut live = DynamicsLive::default();
        for set in contract.sets.keys() {
            step(&format!("F&O: metadata of {set}"));
            let entity = self.public_entity(&mut turn, now, names(set)).await?;
            live.entities.insert(set.clone(), entity);
        }
        for name in contract.enums.keys() {
            step(&format!("F&O: members of {name}"));
            let told =
                self.metadata::<ToldEnum>(&mut turn, now, "PublicEnumerations", name).await?;
            let members = told.map(|t| t.members.into_iter().map(|m| m.name).collect());
            live.enums.insert(name.clone(), members);
        }
        Ok(live)
    }

    async fn door(&self, turn: &mut Turn, now: Timestamp, facts: &mut DynamicsFacts) {
        let url = Query::of(LegalEntity::SET, LegalEntity::SELECT)
            .order_by(&["LegalEntityId"])
            .url(&self.config.base);
        let reply = match self.get(turn, now, "dynamics.examine", url).await {
            Ok(reply) => reply,
            Err(failure) => return facts.door = failed(failure, now),
        };
        facts.clock = reply.server_date().map(|theirs| (theirs, now));
        let access = access(&reply);
        facts.door = match &access {
            // Not JSON: something in between answers, or it is no F&O.
            Access::Good if !reply.is_json() => {
                Access::Away { why: "200, but not JSON: this is no F&O".to_owned() }
            }
            other => other.clone(),
        };
        if facts.door == Access::Good {
            let rows: Option<Vec<LegalEntity>> = rows(&reply.body);
            facts.companies = rows.map(|all| all.iter().map(|e| e.id.to_lowercase()).collect());
        }
        if matches!(facts.door, Access::Good | Access::Denied { .. }) {
            facts.sets.insert(LegalEntity::SET.to_owned(), access);
        }
    }

    async fn sets(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        pool: Option<&str>,
        facts: &mut DynamicsFacts,
    ) {
        let asked = self.rows_of_every_set();
        let waiting = pool.map(|pool| self.waiting_orders(pool));
        let mut urls: Vec<String> = asked.iter().map(|(_, url)| url.clone()).collect();
        urls.extend(waiting);
        let batch = match self.batch(turn, now, "dynamics.examine", client::reads(&urls)).await {
            Ok(batch) => batch,
            Err(failure) => return facts.door = failed(failure, now),
        };
        facts.door = Access::Good;
        for (n, (set, _)) in asked.into_iter().enumerate() {
            let (access, body) = part(&batch, n);
            match set {
                Warehouse::SET => {
                    let rows: Option<Vec<Warehouse>> = body.and_then(rows);
                    facts.warehouses =
                        rows.map(|all| all.into_iter().map(crate::probe::warehouse).collect());
                }
                Mode::SET => facts.modes = texts(body, |m: Mode| m.code),
                Pool::SET => facts.pools = texts(body, |p: Pool| p.id),
                CarrierService::SET => {
                    facts.services = texts(body, |s: CarrierService| (s.carrier, s.service));
                }
                _ => {}
            }
            facts.sets.insert(set.to_owned(), access);
        }
        if pool.is_some() {
            let (_, body) = part(&batch, urls.len() - 1);
            let rows: Option<Vec<TableBi>> = body.and_then(rows);
            facts.queue = self.queue(turn, now, rows.unwrap_or_default()).await;
        }
    }

    /// Of the oldest orders in the pool those that have something to deliver now.
    async fn queue(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        orders: Vec<TableBi>,
    ) -> Option<BatchQueue> {
        if orders.is_empty() {
            return Some(BatchQueue::default());
        }
        let is = |o: &TableBi| Filter::eq("SalesId", Literal::text(&o.order));
        let filter =
            Filter::All(vec![self.company(), Filter::Any(orders.iter().map(is).collect())]);
        let url = Query::of(LineBi::SET, LineBi::SELECT).filter(filter).url(&self.config.base);
        let body = client::reads(&[url]);
        let batch = self.batch(turn, now, "dynamics.examine", body).await.ok()?;
        let lines: Vec<LineBi> = part(&batch, 0).1.and_then(rows)?;
        let due: BTreeSet<&str> = lines
            .iter()
            .filter(|l| l.status == "Backorder")
            .filter(|l| l.deliver_now.is_some_and(|n| !n.is_zero()))
            .map(|l| l.order.as_str())
            .collect();
        let waiting: Vec<&TableBi> =
            orders.iter().filter(|o| due.contains(o.order.as_str())).collect();
        Some(BatchQueue {
            orders: waiting.iter().map(|o| o.order.clone()).collect(),
            oldest: waiting.iter().filter_map(|o| Timestamp::parse(&o.modified)).min(),
        })
    }

    fn waiting_orders(&self, pool: &str) -> String {
        let open = Literal::Member("SalesStatus", "Backorder".to_owned());
        let filter = Filter::All(vec![
            self.company(),
            Filter::eq("SalesStatus", open),
            Filter::eq("SalesPoolId", Literal::text(pool)),
        ]);
        Query::of(TableBi::SET, TableBi::SELECT)
            .filter(filter)
            .order_by(&["SysModifiedDateTime", "SourceKey"])
            .top(QUEUE)
            .url(&self.config.base)
    }

    /// Whole pages of the small tables, one row of the others. `LegalEntities` was read before.
    fn rows_of_every_set(&self) -> Vec<(&'static str, String)> {
        let base = &self.config.base;
        let page = |set, select, key| {
            (set, Query::of(set, select).filter(self.company()).order_by(key).url(base))
        };
        let row =
            |set, select| (set, Query::of(set, select).filter(self.company()).top(1).url(base));
        let shared = |set, select| (set, Query::of(set, select).top(1).url(base));
        vec![
            page(Warehouse::SET, Warehouse::SELECT, &["WarehouseId"]),
            page(Mode::SET, Mode::SELECT, &["ModeCode"]),
            page(Pool::SET, Pool::SELECT, &["PoolId"]),
            page(CarrierService::SET, CarrierService::SELECT, &["ShippingCarrierId", "ServiceId"]),
            shared(Country::SET, Country::SELECT),
            shared(Conversion::SET, Conversion::SELECT),
            shared(ProductConversion::SET, ProductConversion::SELECT),
            row(Header::SET, Header::SELECT),
            row(Line::SET, Line::SELECT),
            row(TableBi::SET, TableBi::SELECT),
            row(LineBi::SET, LineBi::SELECT),
            row(ReleasedBi::SET, ReleasedBi::SELECT),
            row(Slip::SET, Slip::SELECT),
            row(SlipLine::SET, SlipLine::SELECT),
            row(NoteRow::SET, NoteRow::SELECT),
            row(Tracking::SET, Tracking::SELECT),
            row(Request::SET, Request::SELECT),
            row(RequestLine::SET, RequestLine::SELECT),
            row(Answer::SET, Answer::SELECT),
            row(Update::SET, Update::SELECT),
        ]
    }

    /// The first entity of these names that exists; none when the environment does not say.
    async fn public_entity(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        names: &[&str],
    ) -> Result<Option<Entity>, CallError> {
        for name in names {
            let told = self.metadata::<Told>(turn, now, "PublicEntities", name).await?;
            if let Some(told) = told {
                return Ok(Some(entity(told)));
            }
        }
        Ok(None)
    }

    async fn metadata<T: for<'de> Deserialize<'de>>(
        &self,
        turn: &mut Turn,
        now: Timestamp,
        list: &str,
        name: &str,
    ) -> Result<Option<T>, CallError> {
        let key = row_name(&Literal::text(name));
        let url = format!("{}/metadata/{list}{key}", self.config.base);
        let reply = self
            .get(turn, now, "dynamics.metadata", url)
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        match reply.status {
            200 => Ok(serde_json::from_slice(&reply.body).ok()),
            400 | 403 | 404 => Ok(None),
            _ => Err(interpret::read_error(&reply, now)),
        }
    }
}

fn names(set: &str) -> &'static [&'static str] {
    ENTITIES.iter().find(|(name, _)| *name == set).map_or(&[], |(_, names)| names)
}

//! What was read of both systems, before anybody judged it.

use crate::ids::CentreId;
use crate::plan::OrderFacts;
use crate::product::ProductFacts;
use crate::product::SeenVariant;
use crate::reference_data::{DynamicsReference, ShipBobReference};
use crate::stock::{Level, OnHand, StockItem};
use crate::time::Timestamp;
use crate::warehouse::WarehouseOrder;
use serde::Serialize;
use std::collections::BTreeMap;

/// Something that was not read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What, in a few words.
    pub what: String,
    /// Why, and what to do.
    pub why: String,
}

/// A bound of this report that was reached, or a thing it does not look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Stable name.
    pub id: &'static str,
    /// In one sentence.
    pub words: String,
}

/// Stock of both systems.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shelves {
    /// ShipBob's, all centres.
    pub levels: Vec<Level>,
    /// There are more: a SKU that is not among them may still be kept.
    pub partial: bool,
    /// F&O's, mapped warehouses.
    pub on_hand: Vec<OnHand>,
    /// F&O's stocked products, for their units.
    pub items: Vec<StockItem>,
}

/// Everything the report is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Our clock.
    pub now: Timestamp,
    /// How far back orders were looked at, in days.
    pub days: i64,
    /// F&O's reference data; empty when not read.
    pub dynamics: DynamicsReference,
    /// ShipBob's reference data; empty when not read.
    pub shipbob: ShipBobReference,
    /// What does not fit between the settings and both systems, in words.
    pub misfits: Vec<String>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Orders that changed in that time, and requests that wait, as a planner would see them on the first day.
    pub orders: Vec<OrderFacts>,
    /// F&O's products, likewise; none where the flow is off.
    pub products: Vec<ProductFacts>,
    /// What ShipBob shows for all SKUs that were asked for.
    pub catalogue: Vec<SeenVariant>,
    /// ShipBob's orders of all channels, 60 days back.
    pub warehouse: Vec<WarehouseOrder>,
    /// Stock; none when not read.
    pub shelves: Option<Shelves>,
    /// Names of ShipBob's centres.
    pub centres: BTreeMap<CentreId, String>,
    /// What was not looked at, or not all of it.
    pub limits: Vec<Limit>,
}

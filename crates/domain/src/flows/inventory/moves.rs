//! What one order did to the shelves: what left them, and what of that stands in F&O.

use crate::ids::CentreId;
use crate::plan::{Kept, SeenOrder};
use crate::reference_data::UnitConversion;
use crate::request::{RequestRead, ShipmentRequest};
use crate::sales::SalesOrder;
use crate::settings::Settings;
use crate::units;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What our orders did to one shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moves {
    /// Left the shelf less deducted in F&O.
    pub left: i64,
    /// Left the shelf as a part of a kit: F&O deducts the kit.
    pub kits: i64,
}

/// One order of ours, as far as stock is concerned.
#[derive(Debug, Clone, Copy)]
pub struct OrderStock<'a> {
    /// Pieces the history says were picked, by centre and SKU.
    pub picked: &'a BTreeMap<(CentreId, String), i64>,
    /// SKUs of inventory ids, as the levels name them.
    pub skus: &'a BTreeMap<i64, String>,
    /// The sales order.
    pub sales: Option<&'a SalesOrder>,
    /// The request, where an external warehouse ships it.
    pub request: Option<&'a RequestRead>,
    /// Its ShipBob orders.
    pub warehouse: &'a [SeenOrder],
    /// What we keep of it.
    pub kept: Option<&'a Kept>,
}

/// By shelf. An order nobody knows any more moved what the history says and nothing in F&O.
pub fn moves(
    order: &OrderStock<'_>,
    settings: &Settings,
    conversions: &[UnitConversion],
) -> BTreeMap<(CentreId, String), Moves> {
    let mut all: BTreeMap<(CentreId, String), Moves> = BTreeMap::new();
    let parts = parts(order);
    for (shelf, pieces) in order.picked {
        let kits = parts.get(shelf).copied().unwrap_or(0).clamp(0, (*pieces).max(0));
        let of = all.entry(shelf.clone()).or_default();
        of.kits = of.kits.saturating_add(kits);
        of.left = of.left.saturating_add(pieces.saturating_sub(kits));
    }
    if let Some(request) = order.request {
        let accepted = request.request.as_ref().filter(|r| r.accepted().is_some());
        // The message processor picked what left, in the warehouse of the request; of what left besides (shipped once
        // more, for instance) it was told nothing.
        let map = accepted.and_then(|r| settings.warehouse(&r.warehouse));
        if let (Some(map), Some(request)) = (map, accepted) {
            let told = ordered(request, settings, conversions);
            let mut left: BTreeMap<String, i64> = BTreeMap::new();
            for ((_, sku), of) in &all {
                let sum = left.entry(sku.clone()).or_default();
                *sum = sum.saturating_add(of.left);
            }
            for (sku, pieces) in left {
                let pieces = told.get(&sku).map_or(pieces, |most| pieces.min(*most));
                let of = all.entry((map.mapping.home(), sku)).or_default();
                of.left = of.left.saturating_sub(pieces);
            }
        }
        return all;
    }
    let alive = order.warehouse.iter().any(|seen| !seen.order.cancelled());
    if !alive && order.picked.values().all(|pieces| *pieces == 0) {
        return all;
    }
    for (shelf, pieces) in deducted(order, settings, conversions) {
        let of = all.entry(shelf).or_default();
        of.left = of.left.saturating_sub(pieces);
    }
    all
}

/// Pieces a request asks for, by SKU; what cannot be counted in pieces is left out.
fn ordered(
    request: &ShipmentRequest,
    settings: &Settings,
    conversions: &[UnitConversion],
) -> BTreeMap<String, i64> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for line in &request.lines {
        let each =
            units::eaches_per_unit(&line.item, &line.unit, &settings.each_units, conversions);
        let pieces = each.and_then(|each| line.ordered.checked_mul(each)?.ceil().to_i64());
        if let Some(pieces) = pieces {
            let sum = sums.entry(line.sku.clone()).or_default();
            *sum = sum.saturating_add(pieces);
        }
    }
    sums
}

/// Pieces that left as components, by shelf: the item of a shipment's product has another SKU.
fn parts(order: &OrderStock<'_>) -> BTreeMap<(CentreId, String), i64> {
    let mut sums: BTreeMap<(CentreId, String), i64> = BTreeMap::new();
    let shipments = order.warehouse.iter().flat_map(|seen| &seen.order.shipments);
    for shipment in shipments.filter(|s| s.picked()) {
        let Some(centre) = shipment.centre else { continue };
        for product in &shipment.products {
            for item in &product.items {
                let Some(sku) = order.skus.get(&item.inventory_id) else { continue };
                if *sku != product.sku {
                    let of = sums.entry((centre, sku.clone())).or_default();
                    *of = of.saturating_add(item.quantity);
                }
            }
        }
    }
    sums
}

/// Pieces that packing slips took from F&O's stock since the order is at ShipBob, by the centre of their warehouse.
fn deducted(
    order: &OrderStock<'_>,
    settings: &Settings,
    conversions: &[UnitConversion],
) -> BTreeMap<(CentreId, String), i64> {
    let mut sums: BTreeMap<(CentreId, String), i64> = BTreeMap::new();
    let Some(sales) = order.sales else { return sums };
    for line in &sales.lines {
        let Some(map) = settings.warehouse(&line.warehouse) else { continue };
        let before = order.kept.and_then(|kept| kept.baseline.get(line.lot.as_str()));
        let slipped = sales.slipped(&line.lot).saturating_sub(before.copied().unwrap_or_default());
        let each =
            units::eaches_per_unit(&line.item, &line.unit, &settings.each_units, conversions);
        let Some(pieces) = each.and_then(|each| slipped.checked_mul(each)) else { continue };
        if pieces > Decimal::ZERO {
            let of = sums.entry((map.mapping.home(), line.sku.clone())).or_default();
            *of = of.saturating_add(pieces.ceil().to_i64().unwrap_or(0));
        }
    }
    sums
}

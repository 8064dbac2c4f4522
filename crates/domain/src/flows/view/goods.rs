//! From shipments to F&O lines: by SKU, lines in creation order, never above what was ordered.

use super::ours::{Ours, Parcel, Share};
use crate::flows::fulfilment::left_elsewhere;
use crate::mapping::Mapping;
use crate::plan::OrderFacts;
use crate::sales::SalesOrder;
use crate::settings::Settings;
use crate::warehouse::{CatalogueItem, Shipment, ShippedProduct};
use std::collections::{BTreeMap, BTreeSet};

/// Places the goods of every parcel. Goods that left are placed first, so that a shipment that is
/// only planned cannot take their place. Returns the SKUs that must be read before kits can be
/// told from single products; goods of such a SKU are not placed.
pub(super) fn allocate<'a>(
    it: &mut Ours<'a>,
    facts: &OrderFacts,
    settings: &Settings,
    order: Option<&SalesOrder>,
) -> BTreeSet<String> {
    let mut room: Vec<Room<'a>> = it
        .lines
        .iter()
        .filter_map(|l| l.sequence.map(|s| Room { sku: l.sku, line: s, free: l.quantity }))
        .collect();
    let mut alive: Vec<&'a Shipment> = it.shipments.iter().filter(|s| !s.dead()).copied().collect();
    alive.sort_by_key(|s| (!s.left(), s.fulfilled.unwrap_or(s.created), s.id));
    let mut unread = BTreeSet::new();
    let mut kits: BTreeMap<String, Kit> = BTreeMap::new();
    for shipment in alive {
        let mut shares: BTreeMap<i32, i64> = BTreeMap::new();
        for product in shipment.products.iter().filter(|p| !p.items.is_empty()) {
            let sku = booked_sku(&product.sku, order).unwrap_or(&product.sku);
            let own = room.iter().any(|r| r.holds(&product.sku));
            if own && must_be_read(sku, facts, order) {
                unread.insert(sku.to_owned());
                continue;
            }
            let eaches = match bundle(sku, facts) {
                Some(bundle) => kits
                    .entry(sku.to_lowercase())
                    .or_insert_with(|| Kit::new(product.sku.clone(), bundle))
                    .add(product, shipment.left()),
                None => single(product),
            };
            let excess = place(&mut room, &product.sku, eaches, &mut shares);
            if excess > 0 && shipment.left() {
                it.excess.push((product.sku.clone(), excess));
            }
        }
        it.parcels.push(parcel(shipment, shares, (facts, settings, order)));
    }
    it.odd_parts.extend(kits.into_values().filter_map(Kit::odd));
    it.excess.sort();
    unread
}

/// Free space of one line.
struct Room<'a> {
    sku: &'a str,
    line: i32,
    free: i64,
}

impl Room<'_> {
    fn holds(&self, sku: &str) -> bool {
        self.sku.eq_ignore_ascii_case(sku)
    }
}

/// Puts eaches into the lines of their SKU; returns what finds no place.
fn place(room: &mut [Room<'_>], sku: &str, eaches: i64, shares: &mut BTreeMap<i32, i64>) -> i64 {
    let mut left = eaches;
    if let (0, Some(first)) = (eaches, room.iter().find(|r| r.holds(sku))) {
        shares.entry(first.line).or_default();
    }
    for r in room.iter_mut().filter(|r| r.holds(sku)) {
        let take = left.min(r.free);
        if take > 0 {
            r.free -= take;
            left -= take;
            let share = shares.entry(r.line).or_default();
            *share = share.saturating_add(take);
        }
    }
    left
}

type Around<'x> = (&'x OrderFacts, &'x Settings, Option<&'x SalesOrder>);

fn parcel<'a>(
    shipment: &'a Shipment,
    shares: BTreeMap<i32, i64>,
    (facts, settings, order): Around<'_>,
) -> Parcel<'a> {
    let shares: Vec<Share> = shares.into_iter().collect();
    let booked = |line: i32| -> Option<&Mapping> {
        let line = order?.lines.iter().find(|l| l.sequence == line)?;
        settings.warehouse(&line.warehouse).map(|m| &m.mapping)
    };
    let astray = shipment.centre.and_then(|at| {
        let mut booked = shares.iter().filter_map(|(line, _)| booked(*line));
        booked.find(|mapping| !mapping.covers(at)).map(|mapping| (at, mapping.clone()))
    });
    let withheld = astray.as_ref().filter(|_| shipment.left()).is_some_and(|(left, booked)| {
        let hold = left_elsewhere(shipment.id, *left, booked);
        !facts.decisions.dismissed.contains(&hold.identity())
    });
    Parcel { shipment, shares, astray, withheld }
}

/// F&O's spelling of a SKU, which is the one catalogue entries are kept under.
fn booked_sku<'o>(sku: &str, order: Option<&'o SalesOrder>) -> Option<&'o str> {
    let lines = &order?.lines;
    let exact = lines.iter().find(|l| l.sku == sku);
    let alike = || lines.iter().find(|l| l.sku.eq_ignore_ascii_case(sku));
    exact.or_else(alike).map(|l| l.sku.as_str())
}

/// Only SKUs that stand on the F&O order can be read.
fn must_be_read(sku: &str, facts: &OrderFacts, order: Option<&SalesOrder>) -> bool {
    !facts.skus.contains_key(sku) && order.is_some_and(|o| o.lines.iter().any(|l| l.sku == sku))
}

fn bundle<'f>(sku: &str, facts: &'f OrderFacts) -> Option<&'f CatalogueItem> {
    facts.skus.get(sku).and_then(|s| s.exact.as_ref()).filter(|c| c.bundle)
}

fn single(product: &ShippedProduct) -> i64 {
    product.items.iter().map(|i| i.quantity.max(0)).fold(0, i64::saturating_add)
}

/// Parts of one kit, over all parcels of an order: parcels may complete each other.
struct Kit {
    sku: String,
    /// The kit's own inventory, when ShipBob keeps it assembled.
    whole: Option<i64>,
    /// Per component: eaches in one kit, eaches packed so far.
    parts: BTreeMap<i64, (i64, i64)>,
    assembled: i64,
    strange: i64,
    /// Kits counted so far.
    counted: i64,
    /// Eaches that left so far and make no kit.
    odd: i64,
}

impl Kit {
    fn new(sku: String, item: &CatalogueItem) -> Self {
        let mut parts: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for (id, n) in &item.components {
            let part = parts.entry(*id).or_default();
            part.0 = part.0.saturating_add(*n);
        }
        // A kit ShipBob does not explain cannot be counted: a person looks.
        if parts.values().any(|(n, _)| *n <= 0) {
            parts.clear();
        }
        let whole = item.inventory_id;
        Self { sku, whole, parts, assembled: 0, strange: 0, counted: 0, odd: 0 }
    }

    /// Packs what one parcel holds; returns the kits it completes.
    fn add(&mut self, product: &ShippedProduct, left: bool) -> i64 {
        for item in &product.items {
            let n = item.quantity.max(0);
            let known = if self.whole == Some(item.inventory_id) {
                &mut self.assembled
            } else {
                self.parts.get_mut(&item.inventory_id).map_or(&mut self.strange, |(_, have)| have)
            };
            *known = known.saturating_add(n);
        }
        let made = self.parts.values().map(|(n, have)| have.checked_div(*n).unwrap_or(0)).min();
        let made = made.unwrap_or(0);
        let all = made.saturating_add(self.assembled);
        let new = all.saturating_sub(self.counted);
        self.counted = all;
        if left {
            let over = self.parts.values().map(|(n, have)| have - n.saturating_mul(made));
            self.odd = over.fold(self.strange, i64::saturating_add);
        }
        new
    }

    fn odd(self) -> Option<(String, i64)> {
        (self.odd > 0).then_some((self.sku, self.odd))
    }
}

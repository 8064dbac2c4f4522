//! What is true of stock: both systems side by side, every cause in pieces, and the rest nobody can explain. Computed
//! from what happened, never from the difference: that they agree is a proof of the twins themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::World;
use crate::seed::stock::{PLACES, difference, places, shelved};
use crate::{fo, shipbob};

/// One SKU in one warehouse and its centre. All numbers are pieces; a cause is what it adds to the difference
/// F&O − ShipBob.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StockTruth {
    pub warehouse: String,
    pub centre: i64,
    pub sku: String,
    /// F&O physical.
    pub physical: i64,
    /// ShipBob on hand.
    pub on_hand: i64,
    /// Left the shelf and not deducted in F&O (negative: the other way round).
    pub left: i64,
    /// Left the shelf as a part of a kit.
    pub kits: i64,
    /// Sold by other channels.
    pub other_channels: i64,
    /// Sent to other centres, less what came from them.
    pub transfers: i64,
    /// Stowed and not registered (negative).
    pub not_registered: i64,
    /// The rest.
    pub variance: i64,
}

impl StockTruth {
    /// Everything that explains the difference, and the rest.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.left
            + self.kits
            + self.other_channels
            + self.transfers
            + self.not_registered
            + self.variance
    }
}

/// Every SKU both systems keep.
pub(crate) fn truth(world: &World) -> Vec<StockTruth> {
    let physical = fo::stock::physical(world);
    let shelves = shipbob::stock::shelves(world);
    let orders = orders(world);
    let book = &world.dynamics.book;
    let mut all = Vec::new();
    for sku in shelved() {
        for (warehouse, _, home) in PLACES {
            let key = ((*warehouse).to_owned(), sku.clone());
            let counted = book.counted.get(&key).copied().unwrap_or(0);
            let registered = book.registered.get(&key).copied().unwrap_or(0);
            let off = if world.config.stock { difference(world.chance, &sku, *home) } else { 0 };
            let mut one = StockTruth {
                warehouse: key.0.clone(),
                centre: *home,
                physical: physical.get(&key).copied().unwrap_or(0),
                not_registered: registered,
                variance: off + counted,
                sku: sku.clone(),
                ..StockTruth::default()
            };
            for (.., centre) in places(world.config.network).filter(|(id, ..)| id == warehouse) {
                let place = (sku.clone(), centre);
                let sums = world.shipbob.stock.sums.get(&place).copied().unwrap_or_default();
                let of = orders.get(&place).copied().unwrap_or_default();
                one.on_hand += shelves.get(&place).copied().unwrap_or(0);
                one.left += of.left;
                one.kits += of.kits;
                one.other_channels += sums.sold_elsewhere;
                one.transfers -= sums.transferred_in;
                one.not_registered -= sums.stowed;
                one.variance -= sums.found + of.by_hand;
            }
            all.push(one);
        }
    }
    all
}

/// What orders did to one shelf.
#[derive(Clone, Copy, Default)]
struct Orders {
    left: i64,
    kits: i64,
    /// Deducted in F&O for orders that are not, or no longer, at ShipBob.
    by_hand: i64,
}

fn orders(world: &World) -> BTreeMap<(String, i64), Orders> {
    let mut sums = BTreeMap::<(String, i64), Orders>::new();
    let mut shipped = std::collections::BTreeSet::new();
    for one in &world.shipbob.stock.picked {
        let of = sums.entry((one.sku.clone(), one.centre)).or_default();
        if one.direct {
            of.left += one.pieces;
        } else {
            of.kits += one.pieces;
        }
        shipped.insert(fo::stock::sales_order(world, &one.order_number));
    }
    for gone in &world.dynamics.book.gone {
        let centre = PLACES.iter().find(|(id, ..)| *id == gone.warehouse).map(|(.., at)| *at);
        let Some(centre) = centre else { continue };
        let of = sums.entry((gone.sku.clone(), centre)).or_default();
        let ours =
            shipbob::stock::accepted(world, &gone.order_number).is_some_and(|(at, alive)| {
                gone.at >= at && (alive || shipped.contains(&gone.order_number))
            });
        if ours {
            of.left -= gone.pieces;
        } else {
            of.by_hand += gone.pieces;
        }
    }
    sums
}

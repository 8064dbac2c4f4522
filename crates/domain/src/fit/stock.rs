//! Both systems' stock side by side, today. Nothing is explained yet: before the first day there are no moves of ours.

use super::{Book, Facts};
use crate::flows::inventory::{Shelf, State, compare};
use crate::ids::{CentreId, WarehouseId};
use crate::settings::Settings;
use crate::stock::StockItem;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One SKU in one warehouse that is not even.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShelfLook {
    /// SKU.
    pub sku: String,
    /// F&O warehouse.
    pub warehouse: WarehouseId,
    /// Its centre; of a network the lowest.
    pub centre: CentreId,
    /// What ShipBob has; none = it does not keep the SKU.
    pub shipbob: Option<i64>,
    /// What F&O has, in its unit; none = no such product.
    pub dynamics: Option<Decimal>,
    /// F&O − ShipBob, in pieces.
    pub difference: i64,
    /// How it stands, in one stable word.
    pub state: String,
}

/// All shelves.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) compared: usize,
    pub(super) differ: Vec<ShelfLook>,
}

pub(super) fn look(book: &mut Book, facts: &Facts, settings: &Settings) -> Looked {
    let Some(shelves) = &facts.shelves else { return Looked::default() };
    let items: BTreeMap<&str, &StockItem> =
        shelves.items.iter().map(|i| (i.sku.as_str(), i)).collect();
    let mut looked = Looked::default();
    for map in &settings.warehouses {
        let mut levels: BTreeMap<&str, i64> = BTreeMap::new();
        for level in shelves.levels.iter().filter(|l| map.mapping.covers(l.centre)) {
            let sum = levels.entry(level.sku.as_str()).or_default();
            *sum = sum.saturating_add(level.on_hand);
        }
        let mut physical: BTreeMap<&str, Decimal> = BTreeMap::new();
        let here = |w: &WarehouseId| map.warehouse.same_as(w.as_str());
        for row in shelves.on_hand.iter().filter(|r| here(&r.warehouse)) {
            let sum = physical.entry(row.sku.as_str()).or_default();
            *sum = sum.saturating_add(row.physical);
        }
        let skus: BTreeSet<&str> = levels.keys().chain(physical.keys()).copied().collect();
        for sku in skus {
            let (on_hand, stands) = (levels.get(sku).copied(), physical.get(sku).copied());
            let empty = stands.unwrap_or_default().is_zero();
            if (on_hand.unwrap_or_default() == 0 && empty) || (on_hand.is_none() && shelves.partial)
            {
                continue;
            }
            looked.compared += 1;
            let item = items.get(sku).map(|i| (i.product.as_str(), i.unit.as_str()));
            let conversions = &facts.dynamics.conversions;
            let shelf = Shelf::still(on_hand, stands, item, settings, conversions);
            let judged = compare(&shelf);
            let Some(id) = id(judged.state, judged.difference) else { continue };
            let centre = map.mapping.home();
            let look = ShelfLook {
                sku: sku.to_owned(),
                warehouse: map.warehouse.clone(),
                centre,
                shipbob: on_hand,
                dynamics: shelf.physical,
                difference: judged.difference,
                state: judged.state.word().to_owned(),
            };
            book.put(id, &format!("{sku}@{}", map.warehouse), words(&look));
            looked.differ.push(look);
        }
    }
    looked
}

fn id(state: State, difference: i64) -> Option<&'static str> {
    match state {
        State::NotAtShipbob => Some("stock-not-at-shipbob"),
        State::NotInDynamics => Some("stock-not-in-dynamics"),
        State::Unit => Some("stock-unit"),
        State::Negative => Some("stock-negative"),
        State::Even => None,
        _ if difference > 0 => Some("stock-short-at-shipbob"),
        _ if difference < 0 => Some("stock-extra-at-shipbob"),
        _ => None,
    }
}

fn words(look: &ShelfLook) -> String {
    let shipbob = look.shipbob.map_or_else(|| "nothing".to_owned(), |n| n.to_string());
    let dynamics =
        look.dynamics.map_or_else(|| "nothing".to_owned(), |n| n.normalize().to_string());
    format!(
        "ShipBob has {shipbob} in centre {}, Dynamics {dynamics} in {}.",
        look.centre, look.warehouse
    )
}

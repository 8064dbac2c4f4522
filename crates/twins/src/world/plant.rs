//! Planted problems: a world that is ready to go live, and so many mistakes of chosen kinds in it, placed by seed. Whoever
//! looks must find exactly those.
//!
//! Unlike a [`super::breaks::Break`] a plant is no mistake of the connection but of one order, product, shelf or mapping.
//! Products that are planted have SKUs of their own, and no order is used twice, so that no plant hides another.

use std::collections::VecDeque;

use super::World;
use super::config::TwinConfig;
use super::fate::Fate;
use crate::seed::stock::{PLACES, shelved};
use crate::{fo, shipbob};

mod kinds;

pub use kinds::{Plant, plants};

/// Orders beyond those that are planted: what is found must be told from what is fine.
const FINE: u32 = 12;
/// Pieces a planted shelf is off.
const OFF: i64 = 7;

/// One planted problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// Kind, as [`Plant::name`].
    pub kind: &'static str,
    /// What it is about: an order number, a SKU, `SKU@warehouse`, a delivery mode, …
    pub key: String,
    /// The order that shows it, where the key is none.
    pub order: Option<String>,
}

/// Makes the rest of a world ready: ordinary orders only, enough of them, no products of the awkward table.
pub(crate) fn prepare(config: &mut TwinConfig) {
    let Some(plants) = &config.plants else { return };
    let needed: u32 = plants
        .iter()
        .map(|(kind, n)| if kind.in_order() || kind.needs_external() { *n } else { 0 })
        .sum();
    config.orders = config.orders.max(needed.saturating_add(FINE));
    let orders = usize::try_from(config.orders).unwrap_or(0);
    config.cast = vec![("ordinary", Fate::Plain); orders];
    config.pasted = 0;
}

/// The flow products is on in a planted world: asked for, or needed to see what is planted.
pub(crate) fn products(config: &TwinConfig) -> Option<bool> {
    let plants = config.plants.as_ref()?;
    Some(config.skus > 0 || plants.iter().any(|(kind, n)| *n > 0 && kind.needs_products()))
}

/// Kits of the configuration that were planted: SKU and its one component.
pub(crate) fn kits(planted: &[Planted]) -> Vec<(String, Vec<(&'static str, u32)>)> {
    let kits = planted.iter().filter(|one| one.kind == Plant::KitWithoutComponents.name());
    kits.map(|one| (one.key.clone(), vec![("PLANT-NO-PART", 2)])).collect()
}

/// Makes the world ready and plants what its configuration says.
pub(crate) fn plant(world: &mut World) {
    let Some(list) = world.config.plants.clone() else { return };
    fo::plant::ready(world);
    shipbob::plant::ready(world);
    let mut orders: Vec<(u64, u32)> = world
        .seed
        .all()
        .iter()
        .zip(0_u32..)
        .map(|(meant, index)| (world.chance.pick("plant", &meant.number), index))
        .collect();
    orders.sort_unstable();
    let mut shelves: Vec<(u64, String, usize)> = shelved()
        .flat_map(|sku| (0..PLACES.len()).map(move |place| (sku.clone(), place)))
        .map(|(sku, place)| {
            (world.chance.pick("plant shelf", &format!("{sku}/{place}")), sku, place)
        })
        .collect();
    shelves.sort_unstable();
    let mut field = Field {
        world,
        orders: orders.into_iter().map(|(_, index)| index).collect(),
        shelves: shelves.into_iter().map(|(_, sku, place)| (sku, place)).collect(),
        items: 0,
        planted: Vec::new(),
        requests: Vec::new(),
    };
    for (kind, n) in list {
        for _ in 0..n {
            field.one(kind);
        }
    }
    let (planted, requests) = (field.planted, field.requests);
    world.planted = planted;
    fo::plant::release_all(world);
    for (index, number, kind) in requests {
        let key = fo::plant::in_request(world, index, kind).unwrap_or(number);
        world.planted.push(Planted { kind: kind.name(), key, order: None });
    }
}

/// Where planting goes on.
struct Field<'w> {
    world: &'w mut World,
    /// Orders nothing is planted in, in the order of the seed.
    orders: VecDeque<u32>,
    /// Shelves likewise: SKU and place.
    shelves: VecDeque<(String, usize)>,
    items: u32,
    planted: Vec<Planted>,
    /// Orders whose requests are to be planted in once they are there.
    requests: Vec<(u32, String, Plant)>,
}

impl Field<'_> {
    fn one(&mut self, kind: Plant) {
        if kind.in_order() && !kind.with_item() {
            return self.in_order(kind);
        }
        if kind.needs_external() {
            let taken = if self.world.config.external { self.next_order(false) } else { None };
            self.requests.extend(taken.map(|(index, number)| (index, number, kind)));
            return;
        }
        match kind {
            Plant::StockShort | Plant::StockExtra | Plant::StockNegative => self.on_shelf(kind),
            Plant::CarrierUnmapped => {
                let nth = self.next_item();
                let key = shipbob::plant::carrier(self.world, nth);
                self.note(kind, key, None);
            }
            Plant::CarrierNotInDynamics => {
                if let Some(key) = fo::plant::drop_carrier(self.world) {
                    self.note(kind, key, None);
                }
            }
            _ => self.with_item(kind),
        }
    }

    fn note(&mut self, kind: Plant, key: String, order: Option<String>) {
        self.planted.push(Planted { kind: kind.name(), key, order });
    }

    fn next_item(&mut self) -> u32 {
        self.items += 1;
        self.items
    }

    /// The next order, perhaps only one to an address in the United States.
    fn next_order(&mut self, home: bool) -> Option<(u32, String)> {
        let fits = |index: &u32| !home || fo::plant::country(self.world, *index) == "USA";
        let place = self.orders.iter().position(fits)?;
        let index = self.orders.remove(place)?;
        Some((index, self.world.seed.at(index)?.number.clone()))
    }

    fn in_order(&mut self, kind: Plant) {
        let Some((index, number)) = self.next_order(kind == Plant::AddressNoState) else { return };
        if matches!(kind, Plant::DuplicateByNumber | Plant::DuplicateByRecipient) {
            let named = kind == Plant::DuplicateByNumber;
            shipbob::plant::duplicate(self.world, index, named);
            return self.note(kind, number, None);
        }
        match fo::plant::in_order(self.world, index, kind) {
            Some(key) => self.note(kind, key.to_owned(), Some(number)),
            None => self.note(kind, number, None),
        }
    }

    fn on_shelf(&mut self, kind: Plant) {
        let Some((sku, place)) = self.shelves.pop_front() else { return };
        let Some((warehouse, _, centre)) = PLACES.get(place) else { return };
        match kind {
            Plant::StockShort => fo::plant::more(self.world, warehouse, &sku, OFF),
            Plant::StockExtra => fo::plant::more(self.world, warehouse, &sku, -OFF),
            _ => shipbob::plant::shelf(self.world, &sku, *centre, -3),
        }
        self.note(kind, format!("{sku}@{warehouse}"), None);
    }

    /// A product of its own, in both systems unless the kind is that it is not.
    fn with_item(&mut self, kind: Plant) {
        let nth = self.next_item();
        let item = fo::plant::name(&format!("PLANT-{nth:04}"));
        let sku = item.to_owned();
        let order = if kind.in_order() { self.next_order(false) } else { None };
        let number = order.as_ref().map(|(_, number)| number.clone());
        let made = |world: &mut World| {
            fo::plant::item(world, item, kind, nth);
            shipbob::plant::item(world, item, true);
        };
        match kind {
            Plant::SkuMissing | Plant::KitWithoutComponents => {
                fo::plant::item(self.world, item, kind, nth);
            }
            Plant::SkuCaseCollision => {
                fo::plant::item(self.world, item, kind, nth);
                shipbob::plant::item(self.world, &sku.to_lowercase(), true);
            }
            Plant::SkuInactive => {
                fo::plant::item(self.world, item, kind, nth);
                shipbob::plant::item(self.world, item, false);
            }
            Plant::SkuTwiceAtShipbob => {
                made(self.world);
                shipbob::plant::item(self.world, item, true);
            }
            Plant::StockNotInDynamics => {
                shipbob::plant::item(self.world, item, true);
                shipbob::plant::shelf(self.world, item, 1, OFF);
                return self.note(kind, format!("{sku}@SB01"), None);
            }
            Plant::SkuDouble => {
                let double = fo::plant::double(self.world, item, nth);
                return self.note(kind, double, None);
            }
            Plant::BarcodeDouble => {
                made(self.world);
                let other = fo::plant::name(&format!("{item}-B"));
                fo::plant::item(self.world, other, kind, nth);
                shipbob::plant::item(self.world, other, true);
                self.note(kind, other.to_owned(), None);
            }
            _ => made(self.world),
        }
        if let Some((index, _)) = order {
            let unit = fo::plant::unit(kind);
            fo::plant::sell(self.world, index, item, unit);
        }
        match (kind.keyed_by_order(), number) {
            (true, Some(number)) => self.note(kind, number, None),
            (_, number) => self.note(kind, sku, number),
        }
    }
}

//! What planted problems look like at ShipBob.

use super::create;
use super::state::{Status, Tracking};
use crate::seed::{PastedOrder, orders};
use crate::world::World;
use crate::world::calendar::DAY;

/// The usual item without a weight, and what it weighs in a world that is ready.
const WEIGHTLESS: (&str, i64) = ("A0010", 100);
/// Hundredths of an ounce of planted products.
const OUNCES: i64 = 800;

/// What is awkward by itself is mended.
pub(crate) fn ready(world: &mut World) {
    let (sku, ounces) = WEIGHTLESS;
    let catalogue = &mut world.shipbob.catalogue;
    if let Some(product) = catalogue.by_sku(sku).and_then(|at| catalogue.product_mut(at)) {
        product.ounces_100 = ounces;
    }
}

/// One more variant with this SKU.
pub(crate) fn item(world: &mut World, sku: &str, active: bool) {
    let at = world.config.start_micros - DAY;
    let name = format!("Planted product {sku}");
    let catalogue = &mut world.shipbob.catalogue;
    let id = catalogue.next_product();
    let index = catalogue.add_variant(id, &name, sku, &name, at);
    if let Some(product) = catalogue.product_mut(index) {
        product.ounces_100 = OUNCES;
        product.active = active;
    }
}

/// So many pieces lie there.
pub(crate) fn shelf(world: &mut World, sku: &str, centre: i64, pieces: i64) {
    if let Some(product) = world.shipbob.catalogue.by_sku(sku) {
        world.shipbob.stock.lay(product, centre, pieces);
    }
}

/// Somebody has typed the order in: under its number, or under one of the web shop.
pub(crate) fn duplicate(world: &mut World, index: u32, named: bool) {
    let Some(meant) = world.seed.at(index).cloned() else { return };
    let mut pasted = orders::pasted(&world.seed, &meant, index);
    pasted.created_at = world.config.start_micros - DAY;
    if !named {
        pasted.order_number = format!("WEB-{index:05}");
    }
    create::paste(world, &pasted);
}

/// A parcel of the web shop that left with a carrier nobody mapped; returns carrier and service.
pub(crate) fn carrier(world: &mut World, nth: u32) -> String {
    let service: &'static str = crate::fo::plant::name(&format!("Regional {nth}"));
    let index = world.shipbob.orders.len();
    create::paste(
        world,
        &PastedOrder {
            order_number: format!("WEB-C{nth:04}"),
            reference: format!("web-c{nth:04}"),
            lines: vec![("A0001".to_owned(), "Coffee".to_owned(), 1)],
            recipient: format!("Web customer {nth}"),
            address1: "1 Web Street".to_owned(),
            address2: None,
            city: "Boise".to_owned(),
            state: "ID".to_owned(),
            zip: "83702".to_owned(),
            country: "US".to_owned(),
            centre_id: 1,
            created_at: world.config.start_micros - DAY,
        },
    );
    let shipment = world.shipbob.orders.get(index).and_then(|o| o.shipments.first().copied());
    if let Some(one) = shipment.and_then(|at| world.shipbob.shipments.get_mut(at)) {
        // It is over: nothing more happens to it.
        one.script.clear();
        one.status = Status::Completed;
        one.tracking =
            Some(Tracking { carrier: "OnTrac", service, number: Some(format!("C{nth:010}")) });
    }
    format!("OnTrac / {service}")
}

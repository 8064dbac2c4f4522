//! Parcels: label, number, hand-over to the carrier, bill, way, door.

use std::collections::VecDeque;

use serde_json::json;

use super::script::Author;
use super::state::{Content, Detail, Shipment, Status, Tracking};
use super::{billing, hooks, inbound, life};
use crate::world::fate::Fate;
use crate::world::ledger::{System, effect};
use crate::world::{Happening, World};

pub(super) fn label(world: &mut World, shipment: usize, numbered: bool) {
    let now = world.now;
    let Some(about) = life::about(world, shipment) else { return };
    let abroad = is_abroad(world, about.order);
    let (carrier, service) = carrier_of(world, &about.order_number, abroad);
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.tracking = Some(Tracking { carrier, service, number: None });
        one.labelled_at = Some(now);
    }
    let labelled = Some(life::detail(102, "Labeled", "The label is printed"));
    life::set(world, shipment, Status::LabeledCreated, labelled, Some((5, "Labeled")));
    if numbered {
        number(world, shipment, 0);
    }
    announce(world, shipment, about.order);
}

/// `order.shipped`: per shipment, or once when all labels of the order are printed.
fn announce(world: &mut World, shipment: usize, order: usize) {
    if world.config.tenant.shipped_once {
        let Some(of) = world.shipbob.orders.get(order) else { return };
        let open = |one: &Shipment| one.labelled_at.is_none() && one.status != Status::Cancelled;
        if of.announced || world.shipbob.shipments_of(of).any(open) {
            return;
        }
        if let Some(of) = world.shipbob.orders.get_mut(order) {
            of.announced = true;
        }
    }
    hooks::emit(world, shipment, "order.shipped");
}

fn is_abroad(world: &World, order: usize) -> bool {
    let of = world.shipbob.orders.get(order);
    let country = of.and_then(|of| of.body.pointer("/recipient/address/country"));
    country.and_then(|country| country.as_str()).is_some_and(|country| country != "US")
}

/// Keyed by the order number, so that all parcels of a sales order go the same way.
fn carrier_of(world: &World, order_number: &str, abroad: bool) -> (&'static str, &'static str) {
    const CARRIERS: &[(u32, (&str, &str))] = &[
        (35, ("UPS", "Ground")),
        (30, ("USPS", "Ground Advantage")),
        (18, ("FedEx", "Home Delivery")),
        (12, ("UPS", "2nd Day Air")),
        (5, ("OnTrac", "Ground")),
    ];
    if abroad {
        return ("DHL", "Express");
    }
    world.chance.weighted("carrier", order_number, CARRIERS).copied().unwrap_or(("UPS", "Ground"))
}

/// Gives the shipment its number of that generation (0 = first).
pub(super) fn number(world: &mut World, shipment: usize, generation: u32) {
    let now = world.now;
    let Some(about) = life::about(world, shipment) else { return };
    let key = format!("{}/{}/{generation}", about.reference, about.ordinal);
    let chance = world.chance;
    if let Some(one) = world.shipbob.shipments.get_mut(shipment)
        && let Some(tracking) = one.tracking.as_mut()
    {
        let number = match tracking.carrier {
            "UPS" => format!("1Z{}", chance.hex("tracking", &key, 16).to_uppercase()),
            "USPS" => format!("94{}", chance.digits("tracking", &key, 20)),
            "FedEx" => format!("7{}", chance.digits("tracking", &key, 11)),
            "DHL" => format!("1{}", chance.digits("tracking", &key, 9)),
            _ => format!("D{}", chance.digits("tracking", &key, 14)),
        };
        tracking.number = Some(number.clone());
        one.numbers.push(number);
        one.tracking_at = Some(now);
    }
    world.shipbob.touch(shipment, now);
}

pub(super) fn complete(world: &mut World, shipment: usize) {
    let waiting = Some(life::detail(200, "Processing", "Waiting for carrier pickup"));
    life::set(world, shipment, Status::Completed, waiting, Some((7, "Shipped")));
    billing::left(world, shipment);
    inbound::left(world, shipment);
    let Some(about) = life::about(world, shipment) else { return };
    let lines = shipped_lines(world, shipment);
    world.ledger.record(
        world.now,
        System::ShipBob,
        effect::SHIPMENT_SHIPPED,
        about.reference.clone(),
        json!({"order_number": about.order_number, "shipment": about.ordinal, "lines": lines}),
    );
    let Some(order) = world.shipbob.orders.get_mut(about.order) else { return };
    if about.ours && !std::mem::replace(&mut order.told_shipped, true) {
        let (order_number, reference) = (about.order_number, about.reference);
        world.happened(&Happening::Shipped { order_number, reference });
    }
}

fn shipped_lines(world: &World, shipment: usize) -> Vec<serde_json::Value> {
    let Some(one) = world.shipbob.shipments.get(shipment) else { return Vec::new() };
    let Some(order) = world.shipbob.orders.get(one.order) else { return Vec::new() };
    let of = |content: &Content| {
        let line = order.lines.get(content.line)?;
        Some(json!({
            "external_line_id": line.external_line_id,
            "sku": line.reference_id,
            "quantity": content.quantity,
        }))
    };
    one.contents.iter().filter_map(of).collect()
}

pub(super) fn invoice(world: &mut World, shipment: usize) {
    let Some(about) = life::about(world, shipment) else { return };
    let key = format!("{}/{}", about.reference, about.ordinal);
    let cents = world.chance.between("invoice", &key, 450, 2_500);
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.invoice = Some(cents);
    }
    world.shipbob.touch(shipment, world.now);
}

/// A word from the carrier.
pub(super) fn carry(world: &mut World, shipment: usize, about: Detail) {
    let log = match about.name {
        "OutForDelivery" => (9, "OutForDelivery"),
        "DeliveryException" => (11, "DeliveryException"),
        _ => (8, "InTransit"),
    };
    life::set(world, shipment, Status::Completed, Some(about), Some(log));
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.tracking_at = Some(world.now);
    }
}

pub(super) fn deliver(world: &mut World, shipment: usize) {
    if let Some(one) = world.shipbob.shipments.get_mut(shipment) {
        one.delivered_at = Some(world.now);
        one.tracking_at = Some(world.now);
    }
    let delivered = Some(life::detail(203, "Delivered", "Delivered"));
    life::set(world, shipment, Status::Completed, delivered, Some((10, "Delivered")));
    hooks::emit(world, shipment, "order.shipment.delivered");
}

/// The parcel is lost; the same goods leave again in a new shipment.
pub(super) fn reship(world: &mut World, shipment: usize) {
    carry(world, shipment, life::detail(204, "DeliveryException", "Lost by carrier"));
    let Some(about) = life::about(world, shipment) else { return };
    let Some(one) = world.shipbob.shipments.get(shipment) else { return };
    let (location, contents) = (one.location, one.contents.clone());
    let key = format!("{}/{}", about.reference, about.ordinal + 1);
    let author = Author { chance: world.chance, config: &world.config, key: &key };
    let mut script = VecDeque::new();
    author.add_from_pick(Fate::Plain, &mut script);
    let again = life::add_shipment(world, about.order, location, contents, script);
    life::inherit(world, shipment, again);
    life::set(world, again, Status::Processing, None, Some((2, "Allocated")));
}

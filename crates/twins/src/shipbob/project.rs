//! ShipBob's part of the projection: nothing generated, nothing timed.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::state::{Order, Shipment};
use crate::world::World;
use crate::world::projection::{
    LineProjection, Projection, ReferenceProjection, ShipmentProjection, hashed,
};

pub(crate) fn project(world: &World, projection: &mut Projection) {
    super::products::project(world, projection);
    let own = world.config.channel;
    // What other legal entities sell through the same account is in their pictures.
    let others: Vec<i64> = world.shipbob.channels().filter(|channel| *channel != own).collect();
    for order in world.shipbob.orders.iter().filter(|order| !others.contains(&order.channel)) {
        let entry = projection.orders.entry(order.order_number.clone()).or_default();
        let key = format!("{}/{}", order.channel, order.reference_id);
        let reference = entry.references.entry(key).or_default();
        reference.times_created += 1;
        fill(world, order, reference);
    }
}

fn fill(world: &World, order: &Order, reference: &mut ReferenceProjection) {
    let mut lines: Vec<LineProjection> = order
        .lines
        .iter()
        .map(|line| LineProjection {
            sku: line.reference_id.clone(),
            quantity: line.quantity,
            external_line_id: line.external_line_id,
            unit_price: line.unit_price.as_ref().map(ToString::to_string),
        })
        .collect();
    lines.sort();
    reference.lines = lines;
    reference.recipient = recipient_hash(order.body.get("recipient"));
    reference.location_id = order.location_id;
    reference.shipping_method.clone_from(&order.shipping_method);
    reference.cancelled = world.shipbob.is_cancelled(order);
    let mut shipments: Vec<&Shipment> = world.shipbob.shipments_of(order).collect();
    shipments.sort_by_key(|one| one.ordinal);
    reference.shipments = shipments.into_iter().map(|one| shipment(world, order, one)).collect();
}

fn shipment(world: &World, order: &Order, one: &Shipment) -> ShipmentProjection {
    let mut quantities = BTreeMap::<String, i64>::new();
    for content in &one.contents {
        if let Some(line) = order.lines.get(content.line) {
            *quantities.entry(line.reference_id.clone()).or_default() += content.quantity;
        }
    }
    ShipmentProjection {
        status: one.status.name().to_owned(),
        details: one.details.iter().map(|detail| detail.name.to_owned()).collect(),
        location_id: one.location,
        carrier: one
            .tracking
            .as_ref()
            .map(|tracking| format!("{} {}", tracking.carrier, tracking.service)),
        tracking: one.numbers.iter().cloned().collect(),
        quantities,
        recipient: recipient_hash(one.recipient.as_ref().or(order.body.get("recipient"))),
        street: hashed(street(one.recipient.as_ref().or(order.body.get("recipient")))),
        method: one.method.as_ref().unwrap_or(&order.shipping_method).clone(),
        billed: world
            .shipbob
            .shipment_index(one.id)
            .map(|index| super::billing::sums(world, index))
            .unwrap_or_default(),
        invoice_amount: one.invoice.map(|cents| format!("{}.{:02}", cents / 100, cents % 100)),
    }
}

fn street(recipient: Option<&Value>) -> &str {
    let street = recipient.and_then(|all| all.pointer("/address/address1"));
    street.and_then(Value::as_str).unwrap_or_default()
}

/// Hash over the parts in a fixed order; absent, null and empty are the same.
fn recipient_hash(recipient: Option<&Value>) -> String {
    const PARTS: &[&str] = &[
        "/name",
        "/email",
        "/phone_number",
        "/address/address1",
        "/address/address2",
        "/address/city",
        "/address/state",
        "/address/zip_code",
        "/address/country",
        "/address/company_name",
    ];
    use std::fmt::Write as _;
    let mut hash = Sha256::new();
    for part in PARTS {
        let text = recipient.and_then(|all| all.pointer(part)).and_then(Value::as_str);
        hash.update(text.unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    let mut out = String::with_capacity(16);
    for byte in hash.finalize().iter().take(8) {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

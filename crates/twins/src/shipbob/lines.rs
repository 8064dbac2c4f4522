//! What a shipment holds: `GET shipment/{id}:getLineItems` and `POST shipment/{id}:updateLineItems`.
//!
//! The list must be complete. Only quantities may change, down to 1: what a missing or a zero entry means is not
//! documented, so that both are refused here.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::edit::{self, Refusal};
use super::errors;
use super::state::Content;
use super::strict::{self, Field, I32, Kind, TEXT, absent_or, optional, required};
use crate::world::World;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::effect;

const ITEM: &[Field] = &[
    required("inventory_id", I32),
    required("quantity", I32),
    absent_or("id", I32),
    absent_or("fulfillment_center_id", I32),
    optional("lot_number", TEXT),
    optional("lot_date", TEXT),
    absent_or("is_manually_assigned_lot", Kind::Flag),
];

const BODY: &[Field] = &[required("items", Kind::Objects { min: 1, of: ITEM })];

/// One product of a shipment that is no bundle.
struct Held {
    product: usize,
    inventory_id: i64,
    quantity: i64,
}

/// Products by their place in the catalogue; bundles are listed by their components.
fn held(world: &World, shipment: usize) -> Vec<Held> {
    let Some(one) = world.shipbob.shipments.get(shipment) else { return Vec::new() };
    let Some(order) = world.shipbob.orders.get(one.order) else { return Vec::new() };
    let catalogue = &world.shipbob.catalogue;
    let mut sums = BTreeMap::<usize, i64>::new();
    for content in &one.contents {
        let Some(line) = order.lines.get(content.line) else { continue };
        let Some(product) = catalogue.product(line.product) else { continue };
        if product.components.is_empty() {
            *sums.entry(line.product).or_default() += content.quantity;
        }
        for (sku, each) in &product.components {
            if let Some(part) = catalogue.by_sku(sku) {
                *sums.entry(part).or_default() += content.quantity * i64::from(*each);
            }
        }
    }
    let held = |(product, quantity): (usize, i64)| {
        let inventory_id = catalogue.product(product)?.inventory_id;
        Some(Held { product, inventory_id, quantity })
    };
    sums.into_iter().filter_map(held).collect()
}

pub(super) fn get(world: &World, shipment: usize) -> TwinResponse {
    let shown = |one: &Held| {
        let product = world.shipbob.catalogue.product(one.product);
        let variant = product.map(|p| json!({"id": p.variant_id, "name": p.name, "sku": p.sku}));
        json!({
            "inventory_id": one.inventory_id,
            "quantity": one.quantity,
            "committed_quantity": one.quantity,
            "is_lot": false,
            "is_hazmat": false,
            "lot": {"lot_number": Value::Null, "lot_date": Value::Null, "selection_method": "ShipbobChooses"},
            "product_variant": variant,
            "serial_numbers": Value::Null,
        })
    };
    let items: Vec<Value> = held(world, shipment).iter().map(shown).collect();
    TwinResponse::json(200, &Value::Array(items))
}

pub(super) fn update(world: &mut World, request: &TwinRequest, shipment: usize) -> TwinResponse {
    let mut faults = errors::Faults::new();
    let Ok(body) = strict::object(&request.body) else {
        return errors::coded(400, "INVALID_PARAMETER", "The body is not a JSON object");
    };
    strict::check(&body, BODY, "", &mut faults);
    if let Some((field, messages)) = faults.first_key_value() {
        let message = format!("{field}: {}", messages.join(" "));
        return errors::coded(400, "VALIDATION_ERROR", &message);
    }
    if let Err(refusal) = edit::changeable(world, shipment) {
        return refusal.reply(world);
    }
    let id = world.shipbob.shipments.get(shipment).map_or(0, |one| one.id);
    let (wanted, twice) = items(&body);
    let before = held(world, shipment);
    let no = |message| Refusal { id, code: "VALIDATION_ERROR", message };
    let known = |inventory: &i64| before.iter().any(|one| one.inventory_id == *inventory);
    let refusal = if twice {
        Some(no("An item is listed twice"))
    } else if wanted.values().any(|quantity| *quantity < 1) {
        Some(no("Quantities must be positive"))
    } else if !wanted.keys().all(known) {
        Some(no("An item is not part of the shipment"))
    } else if wanted.len() < before.len() {
        Some(no("The list of items is not complete"))
    } else if bundled(world, shipment) {
        Some(no("Quantities of a bundle cannot be changed"))
    } else {
        None
    };
    if let Some(refusal) = refusal {
        return refusal.reply(world);
    }
    let mut changes = Vec::new();
    for one in &before {
        let Some(quantity) = wanted.get(&one.inventory_id).filter(|n| **n != one.quantity) else {
            continue;
        };
        hold(world, shipment, one.product, *quantity);
        changes.push(json!({
            "inventory_id": one.inventory_id,
            "action": "Updated",
            "previous_value": one.quantity.to_string(),
            "new_value": quantity.to_string(),
        }));
    }
    let detail = Map::from_iter([("changed".to_owned(), json!(changes.len()))]);
    edit::done(world, shipment, effect::LINES_UPDATED, &detail);
    edit::go_on(world, shipment);
    let body =
        json!({"id": id, "is_success": true, "error": Value::Null, "shipment_line_items": changes});
    TwinResponse::json(200, &body)
}

fn items(body: &Map<String, Value>) -> (BTreeMap<i64, i64>, bool) {
    let mut wanted = BTreeMap::new();
    let mut twice = false;
    let whole = |item: &Value, name: &str| item.get(name).and_then(Value::as_i64).unwrap_or(0);
    for item in body.get("items").and_then(Value::as_array).into_iter().flatten() {
        let (id, quantity) = (whole(item, "inventory_id"), whole(item, "quantity"));
        twice |= wanted.insert(id, quantity).is_some();
    }
    (wanted, twice)
}

fn bundled(world: &World, shipment: usize) -> bool {
    let Some(one) = world.shipbob.shipments.get(shipment) else { return false };
    let Some(order) = world.shipbob.orders.get(one.order) else { return false };
    one.contents.iter().filter_map(|content| order.lines.get(content.line)).any(|line| {
        world.shipbob.catalogue.product(line.product).is_some_and(|p| !p.components.is_empty())
    })
}

/// Lines of one product are filled one after the other; the last takes the rest.
fn hold(world: &mut World, shipment: usize, product: usize, quantity: i64) {
    let Some(one) = world.shipbob.shipments.get_mut(shipment) else { return };
    let Some(order) = world.shipbob.orders.get_mut(one.order) else { return };
    let of = |content: &Content| {
        order.lines.get(content.line).is_some_and(|line| line.product == product)
    };
    let mut mine: Vec<&mut Content> = one.contents.iter_mut().filter(|c| of(c)).collect();
    let mut rest = quantity;
    let last = mine.len().saturating_sub(1);
    for (nth, content) in mine.iter_mut().enumerate() {
        content.quantity = if nth == last { rest } else { content.quantity.min(rest) };
        rest -= content.quantity;
    }
    one.contents.retain(|content| content.quantity > 0);
    if world.config.tenant.order_follows_edits {
        for content in &one.contents {
            if let Some(line) = order.lines.get_mut(content.line) {
                line.quantity = content.quantity;
            }
        }
    }
}

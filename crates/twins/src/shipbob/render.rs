//! Orders and shipments as JSON, and the reads of single ones.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::route::wanted_channel;
use super::routing;
use super::state::{Order, Shipment, Status};
use crate::world::World;
use crate::world::breaks::Break;
use crate::world::calendar::{self, DAY};
use crate::world::exchange::{TwinRequest, TwinResponse};

fn stamp(world: &World, at: i64) -> String {
    calendar::offset_7(at.saturating_add(world.config.tenant.skew_micros()))
}

fn stamp_or_null(world: &World, at: Option<i64>) -> Value {
    at.map_or(Value::Null, |at| Value::String(stamp(world, at)))
}

/// The status of an order, derived from its shipments.
fn order_status(world: &World, order: &Order) -> &'static str {
    let all: Vec<Status> = world.shipbob.shipments_of(order).map(|one| one.status).collect();
    let alive: Vec<Status> =
        all.iter().copied().filter(|status| *status != Status::Cancelled).collect();
    let done = |status: &Status| matches!(status, Status::Completed | Status::CleanSweeped);
    if alive.is_empty() {
        "Cancelled"
    } else if alive.contains(&Status::Exception) {
        "Exception"
    } else if alive.iter().all(|status| *status == Status::ImportReview) {
        "ImportReview"
    } else if alive.iter().all(done) {
        "Fulfilled"
    } else if alive.iter().any(done) {
        "PartiallyFulfilled"
    } else {
        "Processing"
    }
}

/// An order as `GET order` answers it.
pub(super) fn order(world: &World, order: &Order) -> Value {
    let given = |name: &str| order.body.get(name).cloned().unwrap_or(Value::Null);
    let products: Vec<Value> = order
        .lines
        .iter()
        .map(|line| {
            let product = world.shipbob.catalogue.product(line.product);
            json!({
                "id": product.map(|product| product.id),
                "reference_id": line.reference_id,
                "sku": line.sku.clone().or_else(|| product.map(|product| product.sku.clone())),
                "quantity": line.quantity,
                "quantity_unit_of_measure_code": line.unit,
                "unit_price": line.unit_price,
                "external_line_id": line.external_line_id,
                "gtin": line.gtin,
                "upc": line.upc,
            })
        })
        .collect();
    let shipments: Vec<Value> =
        world.shipbob.shipments_of(order).map(|one| shipment(world, one)).collect();
    json!({
        "id": order.id,
        "reference_id": order.reference_id,
        "order_number": order.shown,
        "status": order_status(world, order),
        "type": given("type"),
        "channel": {
            "id": order.channel,
            "name": super::catalogue::channel_name(order.channel),
        },
        "created_date": stamp(world, order.created_at),
        "purchase_date": given("purchase_date"),
        "recipient": given("recipient"),
        "products": products,
        "shipments": shipments,
        "shipping_method": order.shipping_method,
        "shipping_terms": given("shipping_terms"),
        "financials": given("financials"),
        "gift_message": given("gift_message"),
        "tags": given("tags"),
        "retailer_program_data": given("retailer_program_data"),
    })
}

/// A shipment as `GET shipment/{id}` answers it.
pub(super) fn shipment(world: &World, one: &Shipment) -> Value {
    let Some(of) = world.shipbob.orders.get(one.order) else { return Value::Null };
    let details: Vec<Value> = one.details.iter().map(detail).collect();
    let recipient = one.recipient.clone();
    let mut recipient =
        recipient.unwrap_or_else(|| of.body.get("recipient").cloned().unwrap_or_default());
    for field in ["email", "phone_number"] {
        if let Some(object) = recipient.as_object_mut() {
            object.entry(field).or_insert(Value::Null);
        }
    }
    let promised = one.created_at + 2 * DAY;
    let on_time = match one.labelled_at {
        Some(at) if at <= promised => "FulfilledOnTime",
        Some(_) => "FulfilledLate",
        None if one.status == Status::Exception => "AwaitingInventoryAllocation",
        None => "PendingOnTime",
    };
    let mut shown = json!({
        "id": one.id,
        "order_id": of.id,
        "reference_id": of.reference_id,
        "status": if world.broken(Break::LiteralNew) { "Levitating" } else { one.status.name() },
        "status_details": details,
        "created_date": stamp(world, one.created_at),
        "last_update_at": stamp(world, one.updated_at),
        "last_tracking_update_at": stamp_or_null(world, one.tracking_at),
        "estimated_fulfillment_date": stamp(world, promised),
        "estimated_fulfillment_date_status": on_time,
        "actual_fulfillment_date": stamp_or_null(world, one.labelled_at),
        "delivery_date": stamp_or_null(world, one.delivered_at),
        "location": {
            "id": one.location,
            "name": super::catalogue::location_name(one.location),
        },
        "ship_option": one.method.as_ref().unwrap_or(&of.shipping_method),
        "recipient": recipient,
        "products": contents(world, of, one),
        "parent_cartons": [],
        "measurements": measurements(world, of, one),
        "package_material_type": if one.picked { "Box" } else { "Undefined" },
        "tracking": tracking(one),
        "invoice_amount": one.invoice.map(amount),
        "invoice_currency_code": one.invoice.map(|_| "USD"),
        "insurance_value": Value::Null,
        "require_signature": false,
        "gift_message": of.body.get("gift_message").cloned().unwrap_or(Value::Null),
        "is_tracking_uploaded": one.uploaded,
    });
    let unallocated = one.status == Status::ImportReview && routing::is_free(world, of);
    if world.config.tenant.centre_late
        && unallocated
        && let Some(fields) = shown.as_object_mut()
    {
        fields.remove("location");
    }
    shown
}

/// Cents as a JSON number with the digits a person would write.
fn amount(cents: i64) -> Value {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn detail(detail: &super::state::Detail) -> Value {
    let extra = if detail.messages.is_empty() {
        Value::Null
    } else {
        json!({"validation_messages": detail.messages})
    };
    json!({
        "id": detail.id,
        "name": detail.name,
        "description": detail.description,
        "inventory_id": Value::Null,
        "exception_fulfillment_center_id": Value::Null,
        "extra_information": extra,
    })
}

fn tracking(one: &Shipment) -> Value {
    let Some(tracking) = &one.tracking else { return Value::Null };
    let url = tracking.number.as_ref().map(|number| {
        format!("https://www.shipbob.com/tracking/{}/{number}", tracking.carrier.to_lowercase())
    });
    json!({
        "carrier": tracking.carrier,
        "carrier_service": tracking.service,
        "tracking_number": tracking.number,
        "tracking_url": url,
        "shipping_date": Value::Null,
        "bol": Value::Null,
        "pro_number": Value::Null,
        "scac": Value::Null,
    })
}

/// Weight and box of a packed shipment.
fn measurements(world: &World, order: &Order, one: &Shipment) -> Value {
    if !one.picked {
        return Value::Null;
    }
    let hundredths: i64 = one
        .contents
        .iter()
        .filter_map(|content| {
            let line = order.lines.get(content.line)?;
            Some(world.shipbob.catalogue.product(line.product)?.ounces_100 * content.quantity)
        })
        .sum();
    let ounces = (hundredths + 99) / 100;
    json!({"length_in": 12, "width_in": 9, "depth_in": 4, "total_weight_oz": ounces})
}

/// One entry per product; the quantity is in the inventory items. A bundle shows its components.
fn contents(world: &World, order: &Order, one: &Shipment) -> Vec<Value> {
    let mut products = BTreeMap::<usize, (i64, &str)>::new();
    for content in &one.contents {
        if let Some(line) = order.lines.get(content.line) {
            let entry = products.entry(line.product).or_insert((0, &line.reference_id));
            entry.0 += content.quantity;
        }
    }
    let catalogue = &world.shipbob.catalogue;
    let shown = |(index, (quantity, reference)): (usize, (i64, &str))| {
        let product = catalogue.product(index)?;
        let item = |inventory_id: i64, name: &str, quantity: i64| {
            json!({
                "id": inventory_id,
                "name": name,
                "quantity": quantity,
                "quantity_committed": quantity,
                "lot": Value::Null,
                "expiration_date": Value::Null,
                "serial_numbers": [],
                "is_dangerous_goods": false,
            })
        };
        let items: Vec<Value> = if product.components.is_empty() {
            vec![item(product.inventory_id, &product.name, quantity)]
        } else {
            let parts = product.components.iter();
            let part = |(sku, each): &(&str, u32)| {
                let part = catalogue.product(catalogue.by_sku(sku)?)?;
                Some(item(part.inventory_id, &part.name, quantity * i64::from(*each)))
            };
            parts.filter_map(part).collect()
        };
        Some(json!({
            "id": product.id,
            "reference_id": reference,
            "sku": product.sku,
            "name": product.name,
            "inventory_items": items,
        }))
    };
    products.into_iter().filter_map(shown).collect()
}

/// The reply for an order by index.
pub(super) fn order_reply(world: &World, index: usize, status: u16) -> TwinResponse {
    match world.shipbob.orders.get(index) {
        Some(found) => TwinResponse::json(status, &order(world, found)),
        None => TwinResponse::empty(404),
    }
}

fn find<'a>(world: &'a World, request: &TwinRequest, id: i64) -> Option<&'a Order> {
    let order = world.shipbob.orders.get(world.shipbob.order_index(id)?)?;
    let right = wanted_channel(request).is_none_or(|channel| channel == order.channel);
    right.then_some(order)
}

/// `GET order/{id}`.
pub(super) fn one_order(world: &World, request: &TwinRequest, id: i64) -> TwinResponse {
    match find(world, request, id) {
        Some(found) => TwinResponse::json(200, &order(world, found)),
        None => TwinResponse::empty(404),
    }
}

/// `GET order/{id}/shipment`.
pub(super) fn shipments_of(world: &World, request: &TwinRequest, id: i64) -> TwinResponse {
    let Some(found) = find(world, request, id) else { return TwinResponse::empty(404) };
    let all: Vec<Value> =
        world.shipbob.shipments_of(found).map(|one| shipment(world, one)).collect();
    TwinResponse::json(200, &Value::Array(all))
}

/// `GET shipment/{id}`.
pub(super) fn one_shipment(world: &World, index: usize) -> TwinResponse {
    match world.shipbob.shipments.get(index) {
        Some(one) => TwinResponse::json(200, &shipment(world, one)),
        None => TwinResponse::empty(404),
    }
}

/// `GET shipment/{id}/timeline` and `/logs`.
pub(super) fn logs(world: &World, index: usize) -> TwinResponse {
    let Some(one) = world.shipbob.shipments.get(index) else { return TwinResponse::empty(404) };
    let logs: Vec<Value> = one
        .logs
        .iter()
        .map(|log| {
            json!({
                "log_type_id": log.id,
                "log_type_name": log.name,
                "log_type_text": log.name,
                "timestamp": stamp(world, log.at),
                "metadata": {},
            })
        })
        .collect();
    TwinResponse::json(200, &Value::Array(logs))
}

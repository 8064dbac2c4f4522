//! `POST order`, and the orders a person types in.

use serde_json::{Map, Value, json};

use super::errors::{self, Faults};
use super::script::{Author, until_pick};
use super::state::{Content, Order, OrderLine};
use super::strict::{self, FILLED, Field, I32, Kind, TEXT, absent_or, optional, required};
use super::{catalogue, life, render, route, routing};
use crate::seed::PastedOrder;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::fate::Fate;
use crate::world::ledger::{System, effect};
use crate::world::mapping::OTHER_CHANNEL;
use crate::world::{Happening, World};

const ADDRESS: &[Field] = &[
    required("address1", FILLED),
    optional("address2", TEXT),
    required("city", FILLED),
    optional("state", TEXT),
    required("country", FILLED),
    optional("zip_code", TEXT),
    optional("company_name", TEXT),
];

const RECIPIENT: &[Field] = &[
    required("name", Kind::Text { min: 1, max: 300 }),
    required("address", Kind::Object(ADDRESS)),
    optional("email", TEXT),
    optional("phone_number", Kind::Text { min: 0, max: 50 }),
];

const UNITS: Kind = Kind::Literal(&["EA", "INP", "CS", "PL"]);
const QUANTITY: Kind = Kind::Whole { min: 1, max: i32::MAX as i64 };
const CODE: Kind = Kind::Text { min: 0, max: 50 };

const BY_REFERENCE: &[Field] = &[
    required("reference_id", FILLED),
    required("quantity", QUANTITY),
    required("name", TEXT),
    optional("sku", TEXT),
    optional("gtin", CODE),
    optional("upc", CODE),
    optional("unit_price", Kind::Number),
    optional("external_line_id", I32),
    optional("quantity_unit_of_measure_code", UNITS),
];

const BY_ID: &[Field] = &[
    required("id", I32),
    required("quantity", QUANTITY),
    optional("external_line_id", I32),
    optional("quantity_unit_of_measure_code", UNITS),
];

const TAG: &[Field] = &[
    required("name", Kind::Text { min: 1, max: 50 }),
    required("value", Kind::Text { min: 1, max: 500 }),
];

const TERMS: &[Field] = &[
    absent_or("carrier_type", Kind::Literal(&["Parcel", "Freight"])),
    absent_or(
        "payment_term",
        Kind::Literal(&["Collect", "ThirdParty", "Prepaid", "MerchantResponsible"]),
    ),
];

const CHANNELS: Kind = Kind::Literal(&[
    "amazon",
    "bigcommerce",
    "ebay",
    "faire",
    "macy",
    "magento",
    "shein",
    "shopify",
    "squarespace",
    "targetplus",
    "temu",
    "tiktok",
    "unleashed",
    "walmart",
    "woocommerce",
]);

const ORDER: &[Field] = &[
    required("reference_id", Kind::Text { min: 1, max: 300 }),
    required("shipping_method", FILLED),
    required("type", Kind::Literal(&["DTC", "DropShip", "B2B"])),
    required("recipient", Kind::Object(RECIPIENT)),
    // The items are checked by `check_products`: each is one of two shapes.
    required("products", Kind::Any),
    optional("order_number", Kind::Text { min: 0, max: 400 }),
    optional("purchase_date", Kind::Moment),
    optional("location_id", I32),
    absent_or("financials", Kind::Object(&[optional("total_price", Kind::Number)])),
    optional("gift_message", Kind::Text { min: 0, max: 500 }),
    optional("tags", Kind::Objects { min: 0, of: TAG }),
    absent_or("shipping_terms", Kind::Object(TERMS)),
    absent_or("sales_channel", CHANNELS),
    optional("origin_platform_program", Kind::Text { min: 0, max: 100 }),
    optional("requested_delivery_date", Kind::Moment),
    absent_or("retailer_program_data", Kind::Any),
];

/// `POST order`.
pub(super) fn create(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let channel = match route::write_channel(world, request) {
        Ok(channel) => channel,
        Err(refusal) => return refusal,
    };
    let body = match accepted_shape(&request.body) {
        Ok(body) => body,
        Err(faults) => return errors::fields(400, &faults),
    };
    if let Some(refusal) = refuse(world, channel, &body) {
        return refusal;
    }
    let order = insert(world, channel, body, false);
    render::order_reply(world, order, 201)
}

fn accepted_shape(bytes: &[u8]) -> Result<Map<String, Value>, Faults> {
    let body = strict::object(bytes)?;
    let mut faults = Faults::new();
    strict::check(&body, ORDER, "", &mut faults);
    if let Some(products) = body.get("products") {
        check_products(products, &mut faults);
    }
    if faults.is_empty() { Ok(body) } else { Err(faults) }
}

fn check_products(products: &Value, faults: &mut Faults) {
    let items = match products {
        Value::Array(items) if !items.is_empty() => items,
        _ => {
            let message = "The field products must be a list of at least 1 item.".to_owned();
            faults.insert("products".to_owned(), vec![message]);
            return;
        }
    };
    for (index, item) in items.iter().enumerate() {
        let path = format!("products[{index}]");
        match item.as_object() {
            Some(item) if item.contains_key("id") => strict::check(item, BY_ID, &path, faults),
            Some(item) => strict::check(item, BY_REFERENCE, &path, faults),
            None => {
                faults.insert(path, vec!["an object is expected.".to_owned()]);
            }
        }
    }
}

/// Business rules: everything a well-formed order can be refused for.
fn refuse(world: &World, channel: i64, body: &Map<String, Value>) -> Option<TwinResponse> {
    let reference = text(body, "reference_id");
    let same = world.shipbob.by_reference.get(&reference).map(Vec::as_slice).unwrap_or_default();
    let taken = same.iter().filter_map(|index| world.shipbob.orders.get(*index)).any(|order| {
        let freed = world.config.tenant.reference_freed && world.shipbob.is_cancelled(order);
        order.channel == channel && !freed
    });
    if taken {
        return Some(if world.config.tenant.duplicate_body_b {
            TwinResponse::json(422, &json!({"errors": ["ReferenceId already exists"]}))
        } else {
            errors::map(422, "", "Cannot insert order with existing ReferenceId")
        });
    }
    let location = body.get("location_id").and_then(Value::as_i64);
    if let Some(location) = location.filter(|location| !catalogue::is_location(*location)) {
        let message = format!("Location {location} does not exist or does not ship");
        return Some(errors::map(422, "LocationId", &message));
    }
    let items = body.get("products").and_then(Value::as_array)?;
    let id_of = |item: &Value| item.get("id").and_then(Value::as_i64);
    let unknown =
        items.iter().filter_map(id_of).find(|id| world.shipbob.catalogue.by_id(*id).is_none())?;
    Some(errors::map(422, "Products", &format!("Product {unknown} does not exist")))
}

fn text(body: &Map<String, Value>, name: &str) -> String {
    body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn optional_text(item: &Value, name: &str) -> Option<String> {
    item.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn line(world: &mut World, item: &Value) -> OrderLine {
    let now = world.now;
    let catalogue = &mut world.shipbob.catalogue;
    let by_id = item.get("id").and_then(Value::as_i64).and_then(|id| catalogue.by_id(id));
    let (product, reference_id, new) = match by_id {
        Some(index) => {
            let sku = catalogue.product(index).map(|product| product.sku.clone());
            (index, sku.unwrap_or_default(), false)
        }
        None => {
            let reference = optional_text(item, "reference_id").unwrap_or_default();
            let name = optional_text(item, "name").unwrap_or_default();
            let (index, new) = catalogue.find_or_create(&reference, &name, now);
            (index, reference, new)
        }
    };
    if new {
        world.ledger.record(
            now,
            System::ShipBob,
            effect::PRODUCT_AUTO_CREATED,
            reference_id.clone(),
            Value::Null,
        );
    }
    OrderLine {
        product,
        reference_id,
        sku: optional_text(item, "sku"),
        quantity: item.get("quantity").and_then(Value::as_i64).unwrap_or(0),
        unit_price: item.get("unit_price").and_then(Value::as_number).cloned(),
        external_line_id: item.get("external_line_id").and_then(Value::as_i64),
        gtin: optional_text(item, "gtin"),
        upc: optional_text(item, "upc"),
        unit: optional_text(item, "quantity_unit_of_measure_code"),
    }
}

/// Types in an order as a person would: another channel, its own reference, no cancel webhook.
pub(super) fn paste(world: &mut World, pasted: &PastedOrder) {
    let products: Vec<Value> = pasted
        .lines
        .iter()
        .map(|(sku, name, pieces)| json!({"reference_id": sku, "name": name, "quantity": pieces}))
        .collect();
    let body = json!({
        "reference_id": pasted.reference,
        "order_number": pasted.order_number,
        "shipping_method": "Standard",
        "type": "DTC",
        "location_id": pasted.centre_id,
        "recipient": {
            "name": pasted.recipient,
            "address": {
                "address1": pasted.address1,
                "address2": pasted.address2,
                "city": pasted.city,
                "state": pasted.state,
                "zip_code": pasted.zip,
                "country": pasted.country,
            },
        },
        "products": products,
    });
    let Value::Object(body) = body else { return };
    // The warehouse life of a pasted order starts with the world; only its stamp is older.
    let order = insert(world, OTHER_CHANNEL, body, true);
    if let Some(order) = world.shipbob.orders.get_mut(order) {
        order.created_at = pasted.created_at;
    }
}

/// Stores an accepted order, writes its script, tells the world. Returns its index.
fn insert(world: &mut World, channel: i64, mut body: Map<String, Value>, by_hand: bool) -> usize {
    let reference_id = text(&body, "reference_id");
    let order_number = match text(&body, "order_number") {
        number if number.is_empty() => reference_id.clone(),
        number => number,
    };
    let shown = order_number;
    let order_number = world.sales_order(&shown);
    let items = match body.remove("products") {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    let lines: Vec<OrderLine> = items.iter().map(|item| line(world, item)).collect();
    let fate = fate_of(world, channel, &order_number);
    let shipping_method = text(&body, "shipping_method");
    if world.shipbob.catalogue.use_method(&shipping_method) {
        let key = shipping_method.clone();
        let entry = effect::METHOD_AUTO_CREATED;
        world.ledger.record(world.now, System::ShipBob, entry, key, Value::Null);
    }
    let index = world.shipbob.orders.len();
    let id = world.shipbob.first_order() + i64::try_from(index).unwrap_or(0);
    let location_id = body.get("location_id").and_then(Value::as_i64);
    let contents = lines.iter().enumerate();
    let contents: Vec<Content> =
        contents.map(|(line, one)| Content { line, quantity: one.quantity }).collect();
    let detail = json!({
        "order_number": order_number,
        "channel_id": channel,
        "order_id": id,
        "centre": location_id,
        "line": lines.iter().filter_map(|line| line.external_line_id).min(),
    });
    world.ledger.record(
        world.now,
        System::ShipBob,
        effect::ORDER_CREATED,
        reference_id.clone(),
        detail,
    );
    world.shipbob.by_reference.entry(reference_id.clone()).or_default().push(index);
    world.shipbob.orders.push(Order {
        id,
        channel,
        reference_id: reference_id.clone(),
        order_number: order_number.clone(),
        shown,
        created_at: world.now,
        updated_at: world.now,
        shipping_method,
        location_id,
        body: Value::Object(body),
        lines,
        shipments: Vec::new(),
        by_hand,
        fate,
        announced: false,
        told_picked: false,
        told_shipped: false,
    });
    let key = format!("{reference_id}/0");
    let author = Author { chance: world.chance, config: &world.config, key: &key };
    let script = routing::with_move(author, fate, (location_id, &reference_id));
    let picks_at = world.now.saturating_add(until_pick(&script));
    let begin = routing::begin(world, location_id, &reference_id);
    life::add_shipment(world, index, begin, contents, script);
    if channel == world.config.channel && !by_hand {
        let reference = reference_id;
        world.happened(&Happening::Accepted { order_number, reference, picks_at });
    }
    index
}

/// The fate of the sales order goes to its first ShipBob order; what follows a cancel is plain, and so is
/// everything of other channels.
fn fate_of(world: &mut World, channel: i64, order_number: &str) -> Fate {
    if channel != world.config.channel {
        return Fate::Plain;
    }
    let earlier = world.shipbob.by_number.entry((channel, order_number.to_owned())).or_default();
    *earlier += 1;
    if *earlier > 1 {
        return Fate::Plain;
    }
    world.seed.fate_of(order_number).unwrap_or(Fate::Plain)
}

//! Products, shipping methods, channels, locations: what an order refers to.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::errors;
use super::query::Query;
use crate::seed::catalogue::shipbob_items;
use crate::world::World;
use crate::world::breaks::Break;
use crate::world::calendar;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::mapping::{DEFAULT_CHANNEL, OTHER_CHANNEL, WRITE_CHANNEL};

/// Id, name, region, time zone, state code and city of each centre.
const CENTRES: &[(i64, &str, &str, &str, &str)] = &[
    (1, "Cicero (IL)", "Central Standard Time", "IL", "Cicero"),
    (2, "Moreno Valley (CA)", "Pacific Standard Time", "CA", "Moreno Valley"),
    (3, "Bethlehem (PA)", "Eastern Standard Time", "PA", "Bethlehem"),
];

/// Shipping methods the merchant starts with, and their service level.
const METHODS: &[(&str, i64, &str)] = &[
    ("Standard", 1, "Standard"),
    ("Expedited", 2, "Expedited"),
    ("2-Day", 3, "2-Day"),
    ("International Standard", 8, "International"),
];

/// Id of the first method. The ids overlap those of service levels: one taken for the other is another method.
const FIRST_METHOD: i64 = 2;

const CHANNELS: &[(i64, &str, &str)] = &[
    (DEFAULT_CHANNEL, "ShipBob Default", "ShipBob"),
    (WRITE_CHANNEL, "F&O connector", "SMA"),
    (OTHER_CHANNEL, "Web shop", "Shopify"),
];

/// One product with its one variant.
pub(super) struct Product {
    pub(super) id: i64,
    pub(super) variant_id: i64,
    pub(super) inventory_id: i64,
    pub(super) sku: String,
    pub(super) name: String,
    /// Hundredths of an ounce.
    pub(super) ounces_100: i64,
    /// SKU and pieces; empty for ordinary goods.
    pub(super) components: Vec<(&'static str, u32)>,
    /// Made from an order line: nothing is in stock.
    pub(super) auto_created: bool,
    pub(super) updated_at: i64,
}

struct Method {
    name: String,
    level: i64,
    level_name: &'static str,
    /// Made from an order: ships as Standard.
    auto_created: bool,
}

pub(super) struct Catalogue {
    products: Vec<Product>,
    by_sku: HashMap<String, usize>,
    methods: Vec<Method>,
}

/// Id spaces.
const FIRST_PRODUCT: i64 = 7_000_000;
const FIRST_VARIANT: i64 = 8_000_000;
const FIRST_INVENTORY: i64 = 9_000_000;

impl Catalogue {
    pub(super) fn new(at: i64) -> Self {
        let methods = METHODS.iter().map(|(name, level, level_name)| Method {
            name: (*name).to_owned(),
            level: *level,
            level_name,
            auto_created: false,
        });
        let mut catalogue =
            Self { products: Vec::new(), by_sku: HashMap::new(), methods: methods.collect() };
        for item in shipbob_items() {
            let index = catalogue.add(&item.sku, item.name, at);
            if let Some(product) = catalogue.products.get_mut(index) {
                product.ounces_100 = item.ounces_100;
                product.components = item.bundle;
                product.auto_created = false;
            }
        }
        catalogue
    }

    fn add(&mut self, sku: &str, name: &str, at: i64) -> usize {
        let index = self.products.len();
        let nth = i64::try_from(index).unwrap_or(0);
        self.products.push(Product {
            id: FIRST_PRODUCT + nth,
            variant_id: FIRST_VARIANT + nth,
            inventory_id: FIRST_INVENTORY + nth,
            sku: sku.to_owned(),
            name: name.to_owned(),
            ounces_100: 0,
            components: Vec::new(),
            auto_created: true,
            updated_at: at,
        });
        self.by_sku.insert(sku.to_owned(), index);
        index
    }

    pub(super) fn product(&self, index: usize) -> Option<&Product> {
        self.products.get(index)
    }

    /// Exact, letter case included.
    pub(super) fn by_sku(&self, sku: &str) -> Option<usize> {
        self.by_sku.get(sku).copied()
    }

    pub(super) fn by_id(&self, id: i64) -> Option<usize> {
        let index = usize::try_from(id.checked_sub(FIRST_PRODUCT)?).ok()?;
        (index < self.products.len()).then_some(index)
    }

    /// The product of a reference; an unknown one is created. The flag says so.
    pub(super) fn find_or_create(&mut self, reference: &str, name: &str, at: i64) -> (usize, bool) {
        match self.by_sku(reference) {
            Some(index) => (index, false),
            None => (self.add(reference, name, at), true),
        }
    }

    /// The method that id stands for, by (method id, service level id); the ids are those of `methods`.
    pub(super) fn service(&self, id: i64, (by_method, by_level): (bool, bool)) -> Option<String> {
        let found = if by_method {
            let nth = usize::try_from(id.checked_sub(FIRST_METHOD)?).ok()?;
            self.methods.get(nth)
        } else if by_level {
            self.methods.iter().find(|method| method.level == id)
        } else {
            None
        };
        found.map(|method| method.name.clone())
    }

    /// Makes an unknown method known; true when it was new.
    pub(super) fn use_method(&mut self, name: &str) -> bool {
        if self.methods.iter().any(|method| method.name == name) {
            return false;
        }
        self.methods.push(Method {
            name: name.to_owned(),
            level: 1,
            level_name: "Standard",
            auto_created: true,
        });
        true
    }
}

pub(super) fn is_channel(id: i64) -> bool {
    CHANNELS.iter().any(|(known, _, _)| *known == id)
}

pub(super) fn channel_name(id: i64) -> &'static str {
    CHANNELS.iter().find(|(known, _, _)| *known == id).map_or("", |(_, name, _)| name)
}

pub(super) fn is_location(id: i64) -> bool {
    CENTRES.iter().any(|centre| centre.0 == id)
}

pub(super) fn location_name(id: i64) -> &'static str {
    CENTRES.iter().find(|centre| centre.0 == id).map_or("", |centre| centre.1)
}

/// `GET channel`. Scopes of our channel come as one text, of the others as several.
pub(super) fn channels(world: &World, request: &TwinRequest) -> TwinResponse {
    let query = match Query::parse(request, &["RecordsPerPage", "Cursor"], &[]) {
        Ok(query) => query,
        Err(refusal) => return refusal,
    };
    let per_page = match query.whole("RecordsPerPage", 1, 250) {
        Ok(per_page) => usize::try_from(per_page.unwrap_or(50)).unwrap_or(50),
        Err(refusal) => return refusal,
    };
    let Some(start) = cursor(&query) else {
        return errors::map(400, "Cursor", "The cursor is not valid.");
    };
    let all = listed_channels(world);
    let total = all.len();
    let items: Vec<Value> = all.into_iter().skip(start).take(per_page).collect();
    let next = next_cursor(start, items.len(), total);
    let next = next.map(|cursor| {
        format!("https://sandbox-api.shipbob.com/2026-01/channel?RecordsPerPage={per_page}&Cursor={cursor}")
    });
    TwinResponse::json(200, &json!({"items": items, "next": next, "prev": Value::Null}))
}

/// The merchant's channels: the built-in ones, and one per installed app.
fn listed_channels(world: &World) -> Vec<Value> {
    let shown = |(id, name, application): &(i64, &str, &str)| {
        let scopes = if *id == WRITE_CHANNEL {
            let all =
                ["orders_read", "orders_write", "products_read", "webhooks_read", "webhooks_write"];
            let there = |scope: &&str| {
                let closed = *scope == "orders_write" && world.broken(Break::NoWriteChannel);
                !closed && world.shipbob.scopes.contains(*scope)
            };
            let there: Vec<&str> = all.into_iter().filter(there).collect();
            json!([there.join(" ")])
        } else {
            json!(["orders_read", "products_read"])
        };
        json!({"id": id, "name": name, "application_name": application, "scopes": scopes})
    };
    let apps = world.shipbob.auth.channels().map(|(id, name, scopes)| {
        let name_of_app = "F&O connector";
        json!({"id": id, "name": name, "application_name": name_of_app, "scopes": scopes})
    });
    // Without a personal access token its channel is not there.
    let gone = world.config.oauth || world.broken(Break::ChannelGone);
    let pat = |row: &&(i64, &str, &str)| row.0 != WRITE_CHANNEL || !gone;
    CHANNELS.iter().filter(pat).map(shown).chain(apps).collect()
}

/// Where a cursor says to go on; 0 without one, `None` when it is not one of ours.
pub(super) fn cursor(query: &Query) -> Option<usize> {
    let Some(text) = query.text("cursor") else { return Some(0) };
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    usize::try_from(value.get("skip")?.as_u64()?).ok()
}

/// The cursor after `shown` of `total` items from `start`.
pub(super) fn next_cursor(start: usize, shown: usize, total: usize) -> Option<String> {
    let next = start.saturating_add(shown);
    (next < total).then(|| URL_SAFE_NO_PAD.encode(json!({"skip": next}).to_string()))
}

/// `GET shipping-method`: a bare array without headers.
pub(super) fn methods(world: &World, request: &TwinRequest) -> TwinResponse {
    let paged = Query::parse(request, &["Page", "Limit"], &[])
        .and_then(|query| Ok((query.whole("Page", 0, 10_000)?, query.whole("Limit", 1, 250)?)));
    let (page, limit) = match paged {
        Ok((page, limit)) => (page.unwrap_or(1).max(1) - 1, limit.unwrap_or(50)),
        Err(refusal) => return refusal,
    };
    let skip = usize::try_from(page.saturating_mul(limit)).unwrap_or(0);
    let all = world.shipbob.catalogue.methods.iter().enumerate();
    let shown = |(index, method): (usize, &Method)| {
        json!({
            "id": FIRST_METHOD + i64::try_from(index).unwrap_or(0),
            "name": method.name,
            "active": !(method.name == "Expedited" && world.broken(Break::MethodMissing)),
            "default": !method.auto_created,
            "service_level": {"id": method.level, "name": method.level_name},
        })
    };
    let take = usize::try_from(limit).unwrap_or(50);
    let methods: Vec<Value> = all.skip(skip).take(take).map(shown).collect();
    TwinResponse::json(200, &Value::Array(methods))
}

/// `GET location`.
pub(super) fn locations(world: &World, request: &TwinRequest) -> TwinResponse {
    let parameters = ["IncludeInactive", "ReceivingEnabled", "AccessGranted"];
    let flags = Query::parse(request, &parameters, &[])
        .and_then(|query| parameters.iter().try_for_each(|name| query.flag(name).map(|_| ())));
    if let Err(refusal) = flags {
        return refusal;
    }
    let shown = |(id, name, zone, state, city): &(i64, &str, &str, &str, &str)| {
        json!({
            "id": id,
            "name": name,
            "abbreviation": format!("{city} ({state})"),
            "timezone": zone,
            "region": {"id": 1, "name": "United States"},
            "is_active": !(*id == 1 && world.broken(Break::CentreInactive)),
            "is_receiving_enabled": true,
            "is_shipping_enabled": true,
            "access_granted": !(*id == 1 && world.broken(Break::CentreClosed)),
            "attributes": [],
            "services": [],
        })
    };
    TwinResponse::json(200, &Value::Array(CENTRES.iter().map(shown).collect()))
}

/// `GET fulfillment-center`.
pub(super) fn centres() -> TwinResponse {
    let shown = |(id, name, zone, state, city): &(i64, &str, &str, &str, &str)| {
        json!({
            "id": id,
            "name": name,
            "address1": "5900 W Ogden Ave",
            "address2": "Suite 100",
            "city": city,
            "state": state,
            "zip_code": "60804",
            "country": "USA",
            "phone_number": "555-555-5555",
            "email": Value::Null,
            "timezone": zone,
        })
    };
    TwinResponse::json(200, &Value::Array(CENTRES.iter().map(shown).collect()))
}

const FILTERS: &[&str] = &[
    "SKU",
    "Name",
    "ProductId",
    "VariantId",
    "InventoryId",
    "LastUpdatedTimestamp",
    "PageSize",
    "SortBy",
    "SortOrder",
    "cursor",
];

/// Filters of the real API this twin does not have.
const OTHER_FILTERS: &[&str] = &[
    "Search",
    "Barcode",
    "Barcodes",
    "CategoryIds",
    "ChannelIds",
    "HasDigitalVariants",
    "HasVariants",
    "IsInventorySyncEnabled",
    "LegacyIds",
    "OnHand",
    "PlatformIds",
    "ProductType",
    "ReviewsPending",
    "SalesChannel",
    "SellerSKU",
    "TaxonomyIds",
    "VariantStatus",
];

/// The wanted SKUs: `any:a,b` with literal commas, or one value. Compared without regard to letter case,
/// as the vendor's database does: whoever asks must compare again.
fn wanted_skus(query: &Query) -> Result<Option<Vec<String>>, TwinResponse> {
    let Some(raw) = query.raw("SKU") else { return Ok(None) };
    let Some(list) = raw.strip_prefix("any:") else {
        // An encoded colon or comma does not make a list: the text is one SKU.
        return Ok(query.text("SKU").map(|sku| vec![sku.to_lowercase()]));
    };
    let skus: Vec<String> = list
        .split(',')
        .filter(|sku| !sku.is_empty())
        .map(|sku| crate::world::exchange::decode(sku).to_lowercase())
        .collect();
    if skus.len() > 250 {
        return Err(errors::map(400, "SKU", "At most 250 values are accepted."));
    }
    Ok(Some(skus))
}

/// `GET product`: cursor pages of odd sizes; `next` is a path without the version.
pub(super) fn products(world: &World, request: &TwinRequest) -> TwinResponse {
    match listed(world, request) {
        Ok(reply) | Err(reply) => reply,
    }
}

fn listed(world: &World, request: &TwinRequest) -> Result<TwinResponse, TwinResponse> {
    let query = Query::parse(request, FILTERS, OTHER_FILTERS)?;
    let page_size = usize::try_from(query.whole("PageSize", 1, 250)?.unwrap_or(50)).unwrap_or(50);
    let Some(start) = cursor(&query) else {
        return Err(errors::map(400, "cursor", "The cursor is not valid."));
    };
    let skus = wanted_skus(&query)?;
    let id = query.whole("ProductId", 0, i64::MAX)?;
    let variant = query.whole("VariantId", 0, i64::MAX)?;
    let inventory = query.whole("InventoryId", 0, i64::MAX)?;
    let since = query.moment("LastUpdatedTimestamp")?;
    let name = query.text("Name").map(|name| name.to_lowercase());
    let descending = match query.raw("SortOrder") {
        None | Some("ASC") => false,
        Some("DESC") => true,
        Some(_) => return Err(errors::map(400, "SortOrder", "The value is not valid.")),
    };
    let seen_until = world.now.saturating_sub(request.lag_micros);
    let holds = |product: &&Product| {
        skus.as_ref().is_none_or(|skus| skus.contains(&product.sku.to_lowercase()))
            && id.is_none_or(|id| id == product.id)
            && variant.is_none_or(|id| id == product.variant_id)
            && inventory.is_none_or(|id| id == product.inventory_id)
            && since.is_none_or(|at| product.updated_at >= at)
            && name.as_ref().is_none_or(|name| product.name.to_lowercase().contains(name))
            && product.updated_at <= seen_until
    };
    let mut found: Vec<&Product> = world.shipbob.catalogue.products.iter().filter(holds).collect();
    if descending {
        found.reverse();
    }
    // Pages are a little shorter than asked, so that "short page" never means "last page".
    let take = page_size.saturating_sub(start % 3).max(1);
    let items: Vec<Value> =
        found.iter().skip(start).take(take).map(|product| shown(world, product)).collect();
    let next = next_cursor(start, items.len(), found.len());
    let next = next.map(|cursor| format!("/Product?cursor={cursor}&PageSize={page_size}"));
    let body = json!({
        "items": items,
        "first": Value::Null,
        "last": Value::Null,
        "next": next,
        "prev": Value::Null,
    });
    Ok(TwinResponse::json(200, &body))
}

/// `GET product/{id}`.
pub(super) fn product(world: &World, id: i64) -> TwinResponse {
    let catalogue = &world.shipbob.catalogue;
    match catalogue.by_id(id).and_then(|index| catalogue.product(index)) {
        Some(product) => TwinResponse::json(200, &shown(world, product)),
        None => errors::problem(404, "Not Found", &format!("Product {id} was not found")),
    }
}

/// Hundredths as a JSON number.
fn ounces(hundredths: i64) -> Value {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn shown(world: &World, product: &Product) -> Value {
    let skew = world.config.tenant.skew_micros();
    let stamp = calendar::offset_7(product.updated_at.saturating_add(skew));
    let catalogue = &world.shipbob.catalogue;
    let parts: Vec<Value> = product
        .components
        .iter()
        .filter_map(|(sku, quantity)| {
            let part = catalogue.product(catalogue.by_sku(sku)?)?;
            Some(json!({"variant_id": part.variant_id, "quantity": quantity}))
        })
        .collect();
    let bundle = !product.components.is_empty();
    let on_hand = if product.auto_created || bundle { 0 } else { 100_000 };
    json!({
        "id": product.id,
        "name": product.name,
        "type": if bundle { "Bundle" } else { "Regular" },
        "user_id": 42,
        "created_on": stamp,
        "updated_on": stamp,
        "taxonomy": Value::Null,
        "variants": [{
            "id": product.variant_id,
            "name": product.name,
            "sku": product.sku,
            "status": "Active",
            "inventory": {"inventory_id": product.inventory_id, "on_hand_qty": on_hand},
            "weight": {"weight": ounces(product.ounces_100), "unit": "oz"},
            "bundle_definition": parts,
            "channel_metadata": [],
            "merge_children": [],
            "barcodes": [],
            "created_on": stamp,
            "updated_on": stamp,
        }],
    })
}

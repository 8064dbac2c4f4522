//! `GET product` and `GET product/{id}`: filters, pages, and a product as it is shown.

use serde_json::{Value, json};

use super::{Product, cursor, next_cursor};
use crate::shipbob::errors;
use crate::shipbob::query::Query;
use crate::world::World;
use crate::world::calendar;
use crate::world::exchange::{TwinRequest, TwinResponse};

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
pub(in crate::shipbob) fn products(world: &World, request: &TwinRequest) -> TwinResponse {
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
            && product.created_at <= seen_until
            && !product.merged
    };
    // A product is listed once, whichever of its variants was asked for.
    let mut listed = std::collections::BTreeSet::new();
    let matching = world.shipbob.catalogue.products.iter().filter(holds);
    let mut found: Vec<&Product> = matching.filter(|one| listed.insert(one.id)).collect();
    if descending {
        found.reverse();
    }
    // Pages are a little shorter than asked, so that "short page" never means "last page".
    let take = page_size.saturating_sub(start % 3).max(1);
    let items: Vec<Value> =
        found.iter().skip(start).take(take).map(|product| whole(world, product.id)).collect();
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
pub(in crate::shipbob) fn product(world: &World, id: i64) -> TwinResponse {
    let catalogue = &world.shipbob.catalogue;
    match catalogue.by_id(id).and_then(|index| catalogue.product(index)) {
        Some(product) => TwinResponse::json(200, &whole(world, product.id)),
        None => errors::problem(404, "Not Found", &format!("Product {id} was not found")),
    }
}

/// Hundredths as a JSON number.
fn ounces(hundredths: i64) -> Value {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// A product with all its variants.
pub(in crate::shipbob) fn whole(world: &World, id: i64) -> Value {
    let of = || world.shipbob.catalogue.all().filter(|one| one.id == id && !one.merged);
    let Some(first) = of().next() else { return Value::Null };
    let skew = world.config.tenant.skew_micros();
    let stamp = |at: i64| calendar::offset_7(at.saturating_add(skew));
    let updated = of().map(|one| one.updated_at).max().unwrap_or(first.updated_at);
    let variants: Vec<Value> = of().map(|one| shown(world, one)).collect();
    json!({
        "id": id,
        "name": first.product_name,
        "type": if first.components.is_empty() { "Regular" } else { "Bundle" },
        "user_id": 42,
        "created_on": stamp(first.created_at),
        "updated_on": stamp(updated),
        "taxonomy": Value::Null,
        "variants": variants,
    })
}

fn shown(world: &World, one: &Product) -> Value {
    let skew = world.config.tenant.skew_micros();
    let stamp = |at: i64| calendar::offset_7(at.saturating_add(skew));
    let catalogue = &world.shipbob.catalogue;
    let parts: Vec<Value> = one
        .components
        .iter()
        .filter_map(|(sku, quantity)| {
            let part = catalogue.product(catalogue.by_sku(sku)?)?;
            Some(json!({"variant_id": part.variant_id, "quantity": quantity}))
        })
        .collect();
    let bundle = !one.components.is_empty();
    let on_hand = if one.auto_created || bundle { 0 } else { 100_000 };
    let [length, width, height] = one.inches_100.unwrap_or_default().map(ounces);
    let [tariff, origin, text] = &one.customs;
    let source = if one.locked { "Warehouse" } else { "User" };
    let codes: Vec<Value> = one.barcodes.iter().map(|code| json!({"value": code})).collect();
    let merged: Vec<Value> =
        one.merged_children.iter().map(|id| json!({"variant_id": id})).collect();
    json!({
        "id": one.variant_id,
        "name": one.name,
        "sku": one.sku,
        "status": if one.active { "Active" } else { "Inactive" },
        "inventory": {"inventory_id": one.inventory_id, "on_hand_qty": on_hand},
        "weight": {"weight": ounces(one.ounces_100), "unit": "oz"},
        "dimension": {
            "length": length,
            "width": width,
            "height": height,
            "unit": "in",
            "is_locked": one.locked,
            "source": source,
        },
        "customs": {
            "hs_tariff_code": tariff,
            "country_code_of_origin": origin,
            "description": text,
        },
        "bundle_definition": parts,
        "channel_metadata": [],
        "merge_children": merged,
        "barcodes": codes,
        "created_on": stamp(one.created_at),
        "updated_on": stamp(one.updated_at),
    })
}

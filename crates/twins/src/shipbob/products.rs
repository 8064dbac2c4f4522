//! `POST product`, `POST product/{id}/variants`, `PATCH product/{id}`: strict, SKUs unique, what is locked stays. And
//! what people and the warehouse do to products afterwards.

use serde_json::{Map, Value, json};

use super::LifeEvent;
use super::catalogue::{self, Catalogue, Product};
use super::errors::{self, Faults};
use super::strict::{self, Field, Kind, TEXT, optional, required};
use crate::seed::skus::{SkuKind, specs};
use crate::world::calendar::MINUTE;
use crate::world::exchange::{TwinRequest, TwinResponse};
use crate::world::ledger::{System, effect};
use crate::world::projection::{ProductProjection, Projection};
use crate::world::{Event, World};

const DIMENSION: &[Field] = &[
    required("length", Kind::Number),
    required("width", Kind::Number),
    required("height", Kind::Number),
];

const BARCODE: &[Field] = &[required("value", TEXT), optional("sticker_url", TEXT)];

const CUSTOMS: &[Field] = &[
    optional("description", TEXT),
    optional("hs_tariff_code", Kind::Text { min: 6, max: 10 }),
    optional("country_code_of_origin", Kind::Text { min: 2, max: 2 }),
    optional("value", Kind::Whole { min: 0, max: i64::MAX }),
    optional("is321_eligible", Kind::Flag),
];

const PART: &[Field] = &[
    required("variant_id", Kind::Whole { min: 1, max: i64::MAX }),
    required("quantity", Kind::Whole { min: 1, max: 10_000 }),
];

const VARIANT: &[Field] = &[
    optional("name", TEXT),
    optional("sku", Kind::Text { min: 1, max: 400 }),
    optional("status_id", Kind::Whole { min: 0, max: 1 }),
    optional("weight", Kind::Number),
    optional("dimension", Kind::Object(DIMENSION)),
    optional("barcodes", Kind::Objects { min: 0, of: BARCODE }),
    optional("customs", Kind::Object(CUSTOMS)),
    optional("bundle_definition", Kind::Objects { min: 0, of: PART }),
];

const CHANGED: &[Field] = &[
    required("id", Kind::Whole { min: 1, max: i64::MAX }),
    optional("name", TEXT),
    optional("weight", Kind::Number),
    optional("dimension", Kind::Object(DIMENSION)),
    optional("barcodes", Kind::Objects { min: 0, of: BARCODE }),
    optional("customs", Kind::Object(CUSTOMS)),
];

const PRODUCT: &[Field] = &[
    required("name", Kind::Text { min: 1, max: 2_000 }),
    required("type_id", Kind::Whole { min: 1, max: 2 }),
    optional("taxonomy_id", Kind::Whole { min: 0, max: i64::MAX }),
    optional("is_quarantine", Kind::Flag),
    required("variants", Kind::Objects { min: 1, of: VARIANT }),
];

const PATCH: &[Field] = &[
    optional("name", Kind::Text { min: 1, max: 2_000 }),
    optional("variants", Kind::Objects { min: 0, of: CHANGED }),
];

/// What somebody at ShipBob does to a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    Measure,
    Rename,
    Deactivate,
    Merge,
}

fn checked(request: &TwinRequest, fields: &[Field]) -> Result<Map<String, Value>, TwinResponse> {
    let body = strict::object(&request.body).map_err(|faults| errors::fields(400, &faults))?;
    let mut faults = Faults::new();
    strict::check(&body, fields, "", &mut faults);
    if faults.is_empty() { Ok(body) } else { Err(errors::fields(400, &faults)) }
}

fn list<'a>(body: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Why these variants cannot be made.
fn refusal(catalogue: &Catalogue, variants: &[Value], body_b: bool) -> Option<TwinResponse> {
    for (nth, variant) in variants.iter().enumerate() {
        let sku = text(variant, "sku");
        if sku.is_empty() {
            return Some(errors::map(422, "Variants", "Each variant must have a unique SKU"));
        }
        let again = variants.iter().take(nth).any(|other| text(other, "sku") == sku);
        if again || catalogue.by_sku(sku).is_some() {
            // 2026-01 says nothing of the body; the other one does not even name the trouble.
            if body_b {
                return Some(TwinResponse::json(
                    422,
                    &json!({"errors": ["The request is invalid"]}),
                ));
            }
            let message = format!("Cannot insert duplicate reference id: {sku}");
            return Some(errors::map(422, "ReferenceId", &message));
        }
        if number(variant, "weight").is_some_and(|weight| weight < 0) {
            return Some(errors::map(422, "Weight", "The weight must not be negative"));
        }
        for part in variant.get("bundle_definition").and_then(Value::as_array).into_iter().flatten()
        {
            let id = part.get("variant_id").and_then(Value::as_i64).unwrap_or(0);
            if catalogue.by_variant(id).is_none() {
                return Some(errors::map(422, "BundleDefinition", "The variant does not exist"));
            }
        }
    }
    None
}

/// Hundredths of a number written with any digits.
fn number(value: &Value, name: &str) -> Option<i64> {
    let digits = value.get(name)?.as_number()?.to_string();
    let decimal: rust_decimal::Decimal = digits.parse().ok()?;
    i64::try_from((decimal * rust_decimal::Decimal::from(100)).round()).ok()
}

pub(super) fn create(world: &mut World, request: &TwinRequest) -> TwinResponse {
    let body = match checked(request, PRODUCT) {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let variants = list(&body, "variants").to_vec();
    if let Some(refused) =
        refusal(&world.shipbob.catalogue, &variants, world.config.tenant.duplicate_body_b)
    {
        return refused;
    }
    let bundle = body.get("type_id").and_then(Value::as_i64) == Some(2);
    if bundle && variants.iter().any(|v| v.get("bundle_definition").is_none()) {
        return errors::map(422, "BundleDefinition", "A bundle needs its components");
    }
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let product = world.shipbob.catalogue.next_product();
    add(world, product, &name, &variants);
    shown(world, product, 201)
}

pub(super) fn add_variants(world: &mut World, request: &TwinRequest, product: i64) -> TwinResponse {
    let Ok(Value::Array(variants)) = serde_json::from_slice::<Value>(&request.body) else {
        return errors::map(400, "", "An array of variants is expected.");
    };
    let mut faults = Faults::new();
    for variant in &variants {
        match variant {
            Value::Object(object) => strict::check(object, VARIANT, "", &mut faults),
            _ => return errors::map(400, "", "An array of variants is expected."),
        }
    }
    if !faults.is_empty() {
        return errors::fields(400, &faults);
    }
    let catalogue = &world.shipbob.catalogue;
    let Some(of) = catalogue.by_id(product).and_then(|index| catalogue.product(index)) else {
        return errors::problem(404, "Not Found", &format!("Product {product} was not found"));
    };
    let name = of.product_name.clone();
    if let Some(refused) = refusal(catalogue, &variants, world.config.tenant.duplicate_body_b) {
        return refused;
    }
    add(world, product, &name, &variants);
    shown(world, product, 201)
}

fn add(world: &mut World, product: i64, product_name: &str, variants: &[Value]) {
    let now = world.now;
    for variant in variants {
        let sku = text(variant, "sku").to_owned();
        let named = text(variant, "name");
        let name = if named.is_empty() { product_name } else { named };
        let index = world.shipbob.catalogue.add_variant(product, product_name, &sku, name, now);
        let parts = variant.get("bundle_definition").and_then(Value::as_array);
        let parts: Vec<(String, u32)> = parts
            .into_iter()
            .flatten()
            .filter_map(|part| {
                let id = part.get("variant_id")?.as_i64()?;
                let pieces = u32::try_from(part.get("quantity")?.as_i64()?).ok()?;
                let index = world.shipbob.catalogue.by_variant(id)?;
                Some((world.shipbob.catalogue.product(index)?.sku.clone(), pieces))
            })
            .collect();
        if let Some(one) = world.shipbob.catalogue.product_mut(index) {
            one.components = parts;
            one.made += 1;
            set(one, variant, now);
        }
        let detail = json!({"product": product, "variant": sku});
        world.ledger.record(now, System::ShipBob, effect::PRODUCT_CREATED, sku.clone(), detail);
        plan_touch(world, index, &sku);
    }
}

/// Sets what is said. Locked sides stay without a word.
fn set(one: &mut Product, said: &Value, now: i64) {
    if let Some(weight) = number(said, "weight") {
        one.ounces_100 = weight;
    }
    if let Some(sides) = said.get("dimension").filter(|_| !one.locked) {
        let side = |name| number(sides, name).unwrap_or(0);
        one.inches_100 = Some([side("length"), side("width"), side("height")]);
    }
    if let Some(codes) = said.get("barcodes").and_then(Value::as_array) {
        one.barcodes = codes.iter().map(|code| text(code, "value").to_owned()).collect();
    }
    if let Some(customs) = said.get("customs") {
        let part = |name| text(customs, name).to_owned();
        one.customs = [part("hs_tariff_code"), part("country_code_of_origin"), part("description")];
    }
    if let Some(name) = said.get("name").and_then(Value::as_str) {
        one.name = name.to_owned();
    }
    one.updated_at = now;
}

pub(super) fn patch(world: &mut World, request: &TwinRequest, product: i64) -> TwinResponse {
    let body = match checked(request, PATCH) {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    if world.shipbob.catalogue.by_id(product).is_none() {
        return errors::problem(404, "Not Found", &format!("Product {product} was not found"));
    }
    let now = world.now;
    let mut changes = Vec::new();
    for said in list(&body, "variants") {
        let id = said.get("id").and_then(Value::as_i64).unwrap_or(0);
        let catalogue = &world.shipbob.catalogue;
        let index = catalogue.by_variant(id);
        let of = index.and_then(|index| catalogue.product(index));
        match (index, of) {
            (Some(index), Some(of)) if of.id == product => changes.push((index, said.clone())),
            _ => return errors::map(422, "Variants", "The variant does not belong to the product"),
        }
    }
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        world.shipbob.catalogue.rename(product, name, now);
    }
    for (index, said) in changes {
        let Some(one) = world.shipbob.catalogue.product_mut(index) else { continue };
        set(one, &said, now);
        let sku = one.sku.clone();
        let fields: Vec<&String> = said.as_object().into_iter().flat_map(Map::keys).collect();
        let detail = json!({"fields": fields});
        world.ledger.record(now, System::ShipBob, effect::PRODUCT_UPDATED, sku, detail);
    }
    shown(world, product, 200)
}

fn shown(world: &World, product: i64, status: u16) -> TwinResponse {
    TwinResponse::json(status, &catalogue::whole(world, product))
}

/// What becomes of a product after it was made is part of its kind.
fn plan_touch(world: &mut World, index: usize, sku: &str) {
    let found = specs(world.config.sku_places()).find(|spec| spec.sku("") == sku);
    let touch = match found.map(|spec| spec.kind) {
        Some(SkuKind::Locked) => Touch::Measure,
        Some(SkuKind::Renamed) => Touch::Rename,
        Some(SkuKind::Discontinued) => Touch::Deactivate,
        Some(SkuKind::Merged) => Touch::Merge,
        _ => return,
    };
    let after = world.chance.between("product touched", sku, 60 * MINUTE, 240 * MINUTE);
    let after = world.config.paced(after);
    world.schedule_in(after, Event::ShipBob(LifeEvent::Product(index, touch)));
}

/// Somebody at ShipBob acts.
pub(super) fn touch(world: &mut World, index: usize, touch: Touch) {
    let now = world.now;
    let into = world.shipbob.catalogue.by_sku("A0001");
    let Some(one) = world.shipbob.catalogue.product_mut(index) else { return };
    one.updated_at = now;
    let (sku, variant, product) = (one.sku.clone(), one.variant_id, one.id);
    match touch {
        Touch::Measure => {
            one.inches_100 = Some([1_111, 777, 333]);
            one.locked = true;
        }
        Touch::Deactivate => one.active = false,
        Touch::Rename => {
            let name = format!("{} (old stock)", one.product_name);
            world.shipbob.catalogue.rename(product, &name, now);
        }
        Touch::Merge => {
            one.merged = true;
            if let Some(into) = into.and_then(|into| world.shipbob.catalogue.product_mut(into)) {
                into.merged_children.push(variant);
                into.updated_at = now;
            }
        }
    }
    let detail = json!({"act": format!("{touch:?}")});
    world.ledger.record(now, System::ShipBob, effect::PRODUCT_TOUCHED, sku, detail);
}

pub(super) fn project(world: &World, projection: &mut Projection) {
    if world.config.skus == 0 {
        return;
    }
    for one in world.shipbob.catalogue.all() {
        let together =
            world.shipbob.catalogue.all().filter(|other| other.id == one.id && !other.merged);
        let entry = projection.products.entry(one.sku.clone()).or_default();
        *entry = ProductProjection {
            made: entry.made + one.made,
            name: one.product_name.clone(),
            active: one.active && !one.merged,
            bundle: !one.components.is_empty(),
            together: together.map(|other| other.sku.clone()).collect(),
            ounces_100: one.ounces_100,
            inches_100: one.inches_100,
            barcodes: one.barcodes.iter().cloned().collect(),
            customs: one.customs.clone(),
        };
    }
}

//! Products, F&O → ShipBob: one item with its variants becomes one ShipBob product. Created where
//! absent, changed where F&O changed, left where a person changed it, never deleted.

mod drift;
mod feed;
mod holds;
mod sheet;
mod wanted;

pub use feed::{clashes_again, items};

use crate::disposition::HoldReason;
use crate::operation::Operation;
use crate::plan::{DeliveryState, Need, Plan};
use crate::product::{
    CreateProduct, Item, Made, NewVariant, ProductFacts, ProductState, Released, SeenVariant,
    Values, VariantChange,
};
use crate::product_settings::{KitMode, Products};
use crate::settings::Settings;
use crate::time::{Span, Timestamp};
use sheet::{Sheet, digest};
use std::collections::{BTreeMap, BTreeSet};
use wanted::{Wanted, excluded, wanted};

/// How long "ShipBob has no such SKU" may be believed before something is made of it.
const ABSENT: Span = Span::minutes(10);
/// Reads of the whole feed in a row after which an item counts as gone.
const GONE_AFTER: u32 = 2;

/// The plan of one item, and its SKUs as lists show them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductPlan {
    /// What persists like every plan; its needs are SKUs to be looked up in the catalogue.
    pub plan: Plan,
    /// One per distinct product.
    pub states: Vec<ProductState>,
}

/// What to do about one item. Total: bad data is a hold, nothing to do is a reason.
pub fn plan_product(facts: &ProductFacts, settings: &Settings) -> ProductPlan {
    let mut sheet = Sheet::new(facts, settings);
    let (Some(products), Some(item)) = (&settings.products, &facts.item) else {
        return sheet.rest("off", "Products are not sent, or the item was never read.");
    };
    sheet.number("item", &item.item);
    if item.missed >= GONE_AFTER {
        sheet.states(item.released.iter().map(|r| sheet::state(r, "gone")).collect());
        return sheet
            .rest("gone", "Dynamics does not list it any more; ShipBob keeps what it has.");
    }
    let (out, rest): (Vec<_>, Vec<_>) =
        item.released.iter().partition(|r| excluded(r, item.master.as_ref()).is_some());
    for one in &out {
        let why = excluded(one, item.master.as_ref()).unwrap_or_default();
        sheet.reason(format!("{}: {why}, not sent.", one.key));
    }
    sheet.states(out.iter().map(|r| sheet::state(r, "excluded")).collect());
    if rest.is_empty() {
        return sheet.rest("excluded", "Nothing of it is kept in stock and shipped in pieces.");
    }
    let wants: Vec<Wanted<'_>> =
        rest.iter().map(|one| wanted(one, item, facts, (settings, products))).collect();
    if let Some(why) = &facts.decisions.skip {
        sheet.states(wants.iter().map(|w| sheet::state(w.released, "skipped")).collect());
        return sheet.rest("skipped", &format!("Skipped by a person: {why}"));
    }
    plan_wants(&mut sheet, products, item, &wants);
    sheet.finish(&wants)
}

/// SKUs of an item nobody has planned yet: they are on their way, as far as anybody knows.
pub fn first_states(item: &Item, settings: &Settings) -> Vec<ProductState> {
    let Some(products) = &settings.products else { return Vec::new() };
    let one = |r: &Released| {
        let out = excluded(r, item.master.as_ref()).is_some();
        let sku = products.sku_of(r, wanted::piece_barcode(r, settings)).unwrap_or_default();
        ProductState { sku, ..sheet::state(r, if out { "excluded" } else { "coming" }) }
    };
    item.released.iter().map(one).collect()
}

/// Where one wanted SKU stands at ShipBob.
enum Standing<'a> {
    There(&'a SeenVariant),
    /// Made by us so lately that no read need show it.
    JustMade,
    Absent,
    Held(HoldReason),
}

fn plan_wants(sheet: &mut Sheet<'_>, products: &Products, item: &Item, wants: &[Wanted<'_>]) {
    let mut ask: BTreeSet<String> = wants.iter().filter_map(|w| w.sku.clone()).collect();
    ask.extend(ask.clone().iter().filter_map(|s| products.kit(s)).flat_map(|k| k.keys().cloned()));
    if ask.is_empty() {
        wants.iter().flat_map(|w| &w.stopped).for_each(|h| sheet.hold(h.clone()));
        return;
    }
    let ask: Vec<String> = ask.into_iter().collect();
    if sheet.must_compare(&ask, products.compare()) {
        sheet.need(Need::Skus(ask));
        return;
    }
    let mut absent = Vec::new();
    let mut changes: BTreeMap<i64, Vec<(&SeenVariant, &Wanted<'_>, Values)>> = BTreeMap::new();
    let single = item.released.len() == 1;
    for want in wants {
        want.stopped.iter().for_each(|h| sheet.hold(h.clone()));
        let Some(sku) = want.sku.as_deref().filter(|_| want.stopped.is_empty()) else {
            sheet.stand(want, "held");
            continue;
        };
        if products.recipe(sku).is_some() {
            sheet.reason(format!("{sku}: a kit, orders carry its components."));
            sheet.stand(want, "excluded");
            continue;
        }
        sheet.number("SKU", sku);
        want.left_out.iter().for_each(|h| sheet.hold(h.clone()));
        match standing(sheet, sku) {
            Standing::There(seen) => {
                sheet.stand(want, "at-shipbob");
                let name = if single { &seen.product_name } else { &seen.name };
                let values = compare(sheet, products, want, seen, name);
                if let Some(values) = values {
                    changes.entry(seen.product).or_default().push((seen, want, values));
                }
            }
            Standing::JustMade => sheet.stand(want, "at-shipbob"),
            Standing::Absent => absent.push(want),
            Standing::Held(hold) => {
                sheet.hold(hold);
                sheet.stand(want, "held");
            }
        }
    }
    make(sheet, products, item, &absent);
    for (product, list) in changes {
        update(sheet, product, single, &list);
    }
}

fn standing<'a>(sheet: &Sheet<'a>, sku: &str) -> Standing<'a> {
    let facts = sheet.facts;
    let seen = facts.catalogue.as_ref().map(|c| c.variants.as_slice()).unwrap_or_default();
    let exact: Vec<&SeenVariant> = seen.iter().filter(|v| v.sku == sku).collect();
    if let [one] = exact.as_slice() {
        return match one.active {
            true => Standing::There(one),
            false => Standing::Held(holds::inactive(sku)),
        };
    }
    if exact.len() > 1 {
        return Standing::Held(holds::twice(sku, exact.len()));
    }
    if let Some(made) = facts.kept.made.get(sku) {
        if let Some(into) = seen.iter().find(|v| v.merged.contains(&made.variant)) {
            return Standing::Held(holds::merged(sku, &into.sku));
        }
        return match sheet.shown_since(made.at) {
            false => Standing::JustMade,
            true => Standing::Held(holds::gone(sku, made)),
        };
    }
    if let Some(other) = seen.iter().find(|v| v.sku.to_lowercase() == sku.to_lowercase()) {
        return Standing::Held(holds::other_case(sku, &other.sku));
    }
    Standing::Absent
}

/// The values to be changed, if any; while a write of ours may not show yet, none.
fn compare(
    sheet: &mut Sheet<'_>,
    products: &Products,
    want: &Wanted<'_>,
    seen: &SeenVariant,
    name_seen: &str,
) -> Option<Values> {
    let written = sheet.facts.kept.written.get(&seen.sku);
    if written.is_some_and(|w| !sheet.shown_since(w.at)) {
        return None;
    }
    let found = drift::drift(&want.values, seen, name_seen, written, products);
    found.left.into_iter().for_each(|words| sheet.reason(words));
    (found.changes != Values::default()).then_some(found.changes)
}

/// What ShipBob does not have: added to the product its sisters are in, else made.
fn make(sheet: &mut Sheet<'_>, products: &Products, item: &Item, absent: &[&Wanted<'_>]) {
    let Some(first) = absent.first() else { return };
    let pending = sheet.under_way("create-product:") || sheet.under_way("add-variants:");
    let old = sheet.facts.catalogue.as_ref().map(|c| c.read_began);
    if !pending && old.is_none_or(|at| sheet.facts.now.since(at) > ABSENT) {
        let asked = sheet.facts.catalogue.as_ref().map(|c| c.asked.clone()).unwrap_or_default();
        sheet.need(Need::Skus(asked));
        return;
    }
    let mut variants = Vec::new();
    let mut bundle = false;
    for want in absent {
        let Some(sku) = want.sku.clone() else { continue };
        match components(sheet, products, &sku) {
            Ok(components) => {
                bundle |= !components.is_empty();
                variants.push(NewVariant { sku, values: want.values.clone(), components });
                sheet.stand(want, "coming");
            }
            Err(hold) => {
                sheet.hold(hold);
                sheet.stand(want, "held");
            }
        }
    }
    if pending {
        sheet.reason("Its product is on its way to ShipBob; the outcome decides.".to_owned());
        return;
    }
    if variants.is_empty() {
        return;
    }
    let (key, body, why) = match sister(sheet, item) {
        Some(product) if !bundle => {
            let body = Operation::AddVariants { product, variants };
            let key = format!("add-variants:{product}:{}", digest(&body));
            (key, body, "New variants of a product ShipBob has.")
        }
        _ => {
            let master = item.master.as_ref().map(|m| m.search_name.trim()).unwrap_or_default();
            let only = first.values.name.clone().unwrap_or_default();
            let name = match (item.released.len(), master) {
                (1, _) | (_, "") => only,
                (_, master) => master.to_owned(),
            };
            let body = Operation::CreateProduct(CreateProduct { name, bundle, variants });
            let key = format!("create-product:{}:{}", item.item, digest(&body));
            (key, body, "Released in Dynamics, unknown at ShipBob.")
        }
    };
    if !sheet.wish(key, body, why) {
        // Nobody waits for what waits for a person.
        absent.iter().for_each(|want| sheet.stand(want, "held"));
    }
}

/// The ShipBob product the other variants of this item are in. Where they stand in several, ours is
/// the one we made.
fn sister(sheet: &Sheet<'_>, item: &Item) -> Option<i64> {
    let mut ours = sheet.facts.kept.made.values().filter(|m| m.at > Timestamp::MIN);
    if let Some(Made { product, .. }) = ours.next() {
        return Some(*product);
    }
    let seen = sheet.facts.catalogue.as_ref()?;
    let mut of: BTreeSet<i64> = BTreeSet::new();
    for one in item.released.iter() {
        let same = |v: &&SeenVariant| v.sku == sheet.sku_of(one) && !v.bundle;
        of.extend(seen.variants.iter().filter(same).map(|v| v.product));
    }
    let mut of = of.into_iter();
    of.next().filter(|_| of.next().is_none())
}

/// Variants a kit is made of; empty for ordinary goods.
fn components(
    sheet: &Sheet<'_>,
    products: &Products,
    sku: &str,
) -> Result<Vec<(i64, u32)>, HoldReason> {
    let Some(parts) = products.kit(sku) else { return Ok(Vec::new()) };
    if products.kit_mode == KitMode::Leave {
        return Err(holds::kit(sku));
    }
    let seen = sheet.facts.catalogue.as_ref().map(|c| c.variants.as_slice()).unwrap_or_default();
    let one = |(part, pieces): (&String, &u32)| {
        let found = seen.iter().find(|v| v.sku == *part && v.active && !v.bundle);
        found.map(|v| (v.variant, *pieces)).ok_or_else(|| holds::component(sku, part))
    };
    parts.iter().map(one).collect()
}

fn update(
    sheet: &mut Sheet<'_>,
    product: i64,
    single: bool,
    list: &[(&SeenVariant, &Wanted<'_>, Values)],
) {
    let seen: Vec<&SeenVariant> = list.iter().map(|(seen, ..)| *seen).collect();
    let name = list.iter().find_map(|(_, _, v)| v.name.clone()).filter(|_| single);
    let skus: Vec<&str> = seen.iter().map(|v| v.sku.as_str()).collect();
    let fields = holds::fields(list.iter().map(|(_, _, v)| v));
    let state = serde_json::to_string(&seen).unwrap_or_default();
    let variants = list
        .iter()
        .map(|(seen, _, values)| VariantChange {
            variant: seen.variant,
            sku: seen.sku.clone(),
            values: values.clone(),
        })
        .collect();
    let body = Operation::UpdateProduct { product, name, variants };
    // The state it is based on is part of the key: a change back is a new write, and one that does
    // not stick is not repeated for ever.
    let key = format!("update-product:{product}:{}:{}", digest(&body), sheet::digest_of(&state));
    let done = sheet.delivery(&key).filter(|d| d.state == DeliveryState::Done);
    if done.is_some_and(|d| sheet.shown_since(d.since)) {
        sheet.hold(holds::not_kept(&skus.join(", "), &fields));
        return;
    }
    sheet.wish(key, body, "Dynamics says otherwise.");
}

//! From the rows of the whole feed to items, with what two of them cannot both have.

use super::wanted::{excluded, piece_barcode};
use crate::product::{Item, Master, Released, subject};
use crate::product_settings::Products;
use crate::settings::Settings;
use std::collections::BTreeMap;

/// Items by subject. Rows that came twice (pages are by offset) count once.
pub fn items(
    released: Vec<Released>,
    masters: BTreeMap<String, Master>,
    settings: &Settings,
) -> BTreeMap<String, Item> {
    let mut by_number: BTreeMap<String, Released> = BTreeMap::new();
    for one in released.into_iter().filter(|r| !r.item.trim().is_empty()) {
        by_number.insert(one.number.to_lowercase(), one);
    }
    let masters: BTreeMap<String, Master> =
        masters.into_iter().map(|(item, m)| (item.to_lowercase(), m)).collect();
    let mut found: BTreeMap<String, Item> = BTreeMap::new();
    for mut one in by_number.into_values() {
        one.physical.sort();
        one.physical.dedup();
        one.barcodes.sort();
        one.barcodes.dedup();
        let item = found.entry(subject(&one.item)).or_insert_with(|| Item {
            item: one.item.clone(),
            master: masters.get(&one.item.to_lowercase()).cloned(),
            ..Item::default()
        });
        item.released.push(one);
    }
    for item in found.values_mut() {
        item.released.sort_by(|a, b| (&a.key, &a.number).cmp(&(&b.key, &b.number)));
    }
    if let Some(products) = &settings.products {
        mark_clashes(&mut found, products, settings);
    }
    found
}

/// Clashes of these items under other settings, as the next reading of the feed would find them.
pub fn clashes_again(items: &mut BTreeMap<String, Item>, settings: &Settings) {
    for item in items.values_mut() {
        item.sku_clashes.clear();
        item.barcode_clashes.clear();
    }
    if let Some(products) = &settings.products {
        mark_clashes(items, products, settings);
    }
}

/// Who claims a SKU (or a barcode): product numbers with the item they belong to.
type Claims = BTreeMap<String, Vec<(String, String)>>;

fn mark_clashes(items: &mut BTreeMap<String, Item>, products: &Products, settings: &Settings) {
    let (mut skus, mut codes) = (Claims::new(), Claims::new());
    for item in items.values() {
        for one in item.released.iter().filter(|r| excluded(r, item.master.as_ref()).is_none()) {
            let code = piece_barcode(one, settings);
            let claim = (one.number.clone(), item.item.clone());
            if let Some(sku) = products.sku_of(one, code) {
                skus.entry(sku.to_lowercase()).or_default().push(claim.clone());
            }
            if let Some(code) = code {
                codes.entry(code.to_lowercase()).or_default().push(claim);
            }
        }
    }
    for item in items.values_mut() {
        for one in &item.released {
            let code = piece_barcode(one, settings);
            let sku = products.sku_of(one, code).map(|s| s.to_lowercase());
            let other = |claims: &Claims, what: &str| {
                let all = claims.get(what)?;
                let mut rest = all.iter().filter(|(number, _)| *number != one.number);
                rest.next().map(|(number, _)| number.clone())
            };
            if let Some((sku, who)) = sku.and_then(|s| other(&skus, &s).map(|who| (s, who))) {
                item.sku_clashes.insert(sku, who);
            }
            let code = code.map(str::to_lowercase);
            if let Some((code, who)) = code.and_then(|c| other(&codes, &c).map(|who| (c, who))) {
                item.barcode_clashes.insert(code, who);
            }
        }
    }
}

//! What an order refers to: the variants, and the methods, channels and centres beside them.

mod list;
mod reference;

pub(super) use list::{product, products, whole};
pub(super) use reference::{
    centres, channel_name, channels, is_channel, is_location, location_name, locations, methods,
};

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::query::Query;
use crate::seed::catalogue::shipbob_items;
use crate::seed::skus::specs;

/// Shipping methods the merchant starts with, and their service level.
const METHODS: &[(&str, i64, &str)] = &[
    ("Standard", 1, "Standard"),
    ("Expedited", 2, "Expedited"),
    ("2-Day", 3, "2-Day"),
    ("International Standard", 8, "International"),
];

/// Id of the first method. The ids overlap those of service levels: one taken for the other is another method.
const FIRST_METHOD: i64 = 2;

/// One variant, and the product it belongs to.
pub(super) struct Product {
    pub(super) id: i64,
    pub(super) variant_id: i64,
    pub(super) inventory_id: i64,
    pub(super) sku: String,
    pub(super) name: String,
    /// Hundredths of an ounce.
    pub(super) ounces_100: i64,
    /// SKU and pieces; empty for ordinary goods.
    pub(super) components: Vec<(String, u32)>,
    /// Name of the product the variant belongs to.
    pub(super) product_name: String,
    /// Hundredths of an inch: length, width, height.
    pub(super) inches_100: Option<[i64; 3]>,
    /// Measured by the warehouse.
    pub(super) locked: bool,
    pub(super) barcodes: Vec<String>,
    /// Tariff code, origin, text.
    pub(super) customs: [String; 3],
    pub(super) active: bool,
    /// Merged into another: no list shows it any more.
    pub(super) merged: bool,
    /// Variants merged into this one.
    pub(super) merged_children: Vec<i64>,
    /// How often it was made through the API.
    pub(super) made: u32,
    pub(super) created_at: i64,
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
    pub(super) fn new(at: i64, skus: std::ops::Range<u32>) -> Self {
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
                product.components =
                    item.bundle.into_iter().map(|(sku, n)| (sku.to_owned(), n)).collect();
                product.auto_created = false;
            }
        }
        for spec in specs(skus) {
            let Some((sku, ounces_100, inches_100)) = spec.before() else { continue };
            let index = catalogue.add(&sku, &spec.name(""), at);
            if let Some(product) = catalogue.products.get_mut(index) {
                product.ounces_100 = ounces_100;
                product.inches_100 = inches_100;
                product.auto_created = false;
            }
        }
        catalogue
    }

    /// Id of the next product.
    pub(super) fn next_product(&self) -> i64 {
        FIRST_PRODUCT + i64::try_from(self.products.len()).unwrap_or(0)
    }

    /// Adds a variant somebody made.
    pub(super) fn add_variant(
        &mut self,
        product: i64,
        product_name: &str,
        sku: &str,
        name: &str,
        at: i64,
    ) -> usize {
        let index = self.add(sku, name, at);
        if let Some(one) = self.products.get_mut(index) {
            one.id = product;
            product_name.clone_into(&mut one.product_name);
            one.auto_created = false;
        }
        index
    }

    pub(super) fn product_mut(&mut self, index: usize) -> Option<&mut Product> {
        self.products.get_mut(index)
    }

    pub(super) fn by_variant(&self, id: i64) -> Option<usize> {
        self.products.iter().position(|one| one.variant_id == id && !one.merged)
    }

    /// A product gets another name; so does its only variant.
    pub(super) fn rename(&mut self, product: i64, name: &str, at: i64) {
        for one in self.products.iter_mut().filter(|one| one.id == product) {
            name.clone_into(&mut one.product_name);
            one.updated_at = at;
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Product> {
        self.products.iter()
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
            product_name: name.to_owned(),
            inches_100: None,
            locked: false,
            barcodes: Vec::new(),
            customs: Default::default(),
            active: true,
            merged: false,
            merged_children: Vec::new(),
            made: 0,
            created_at: at,
            auto_created: true,
            updated_at: at,
        });
        self.by_sku.insert(sku.to_owned(), index);
        index
    }

    pub(super) fn len(&self) -> usize {
        self.products.len()
    }

    pub(super) fn product(&self, index: usize) -> Option<&Product> {
        self.products.get(index)
    }

    /// Exact, letter case included.
    pub(super) fn by_sku(&self, sku: &str) -> Option<usize> {
        self.by_sku.get(sku).copied()
    }

    pub(super) fn by_id(&self, id: i64) -> Option<usize> {
        self.products.iter().position(|one| one.id == id && !one.merged)
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

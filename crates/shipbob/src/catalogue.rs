//! The catalogue, as far as orders need it.

use crate::client::ShipBob;
use crate::query::{Url, lists};
use crate::reply::CallError;
use crate::send::Turn;
use crate::{interpret, wire};
use domain::operation::Lane;
use domain::warehouse::CatalogueItem;
use std::collections::{BTreeMap, BTreeSet};

/// SKUs per request; the URL's length usually cuts earlier.
const SKUS: usize = 100;

/// A variant as read, before its components are known by inventory id.
struct Found {
    item: CatalogueItem,
    variant: Option<i64>,
    components: Vec<wire::Component>,
}

impl ShipBob {
    /// Catalogue entries of these SKUs, also those that differ in letter case only, sorted by SKU.
    /// A SKU that is not in the answer does not exist. Bundles cost further requests, which ask for
    /// their components; where a component is not found, `components` is empty.
    pub async fn products(&self, skus: &[String]) -> Result<Vec<CatalogueItem>, CallError> {
        let mut turn = Turn::new(Lane::Orders);
        let asked: BTreeSet<String> = skus.iter().map(|s| s.to_lowercase()).collect();
        let found = self.variants(&mut turn, skus.iter().map(String::as_str)).await?;
        if asked.iter().all(String::is_empty) {
            self.unused();
        }
        let more = self.components(&mut turn, &found).await?;
        let inventory: BTreeMap<i64, i64> = found
            .iter()
            .chain(&more)
            .filter_map(|f| Some((f.variant?, f.item.inventory_id?)))
            .collect();
        let mut items: Vec<CatalogueItem> = found
            .into_iter()
            .filter(|f| asked.contains(&f.item.sku.to_lowercase()))
            .map(|f| with_components(f, &inventory))
            .collect();
        items.sort_by(|a, b| a.sku.cmp(&b.sku).then(b.active.cmp(&a.active)));
        items.dedup_by(|a, b| a.sku == b.sku);
        Ok(items)
    }

    /// The variants that bundles among `found` consist of, as far as they are not in it already.
    /// By SKU where the recipe names it, else one by one: no list form by variant id is proven.
    async fn components(&self, turn: &mut Turn, found: &[Found]) -> Result<Vec<Found>, CallError> {
        let known: BTreeSet<i64> = found.iter().filter_map(|f| f.variant).collect();
        let mut skus = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for part in found.iter().flat_map(|f| &f.components) {
            let Some(id) = part.variant_id.whole().filter(|id| !known.contains(id)) else {
                continue;
            };
            match part.variant_sku.clone().text().filter(|sku| !sku.is_empty()) {
                Some(sku) => _ = skus.insert(sku),
                None => _ = ids.insert(id),
            }
        }
        let mut more = self.variants(turn, skus.iter().map(String::as_str)).await?;
        for id in ids {
            let url = self.url("product").with("VariantId", &id.to_string());
            more.extend(self.variant_pages(turn, url).await?);
        }
        Ok(more)
    }

    async fn variants<'a>(
        &self,
        turn: &mut Turn,
        skus: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Found>, CallError> {
        let base = self.url("product").with("PageSize", "250");
        let mut found = Vec::new();
        for url in lists(&base, "SKU", "any:", skus, SKUS) {
            found.extend(self.variant_pages(turn, url).await?);
        }
        Ok(found)
    }

    async fn variant_pages(&self, turn: &mut Turn, url: Url) -> Result<Vec<Found>, CallError> {
        let pages = self
            .cursor_pages(turn, url, "products", |entries| {
                let (products, bad) = interpret::each(&entries.items, variants_of);
                crate::reference::readable(products, bad, "products")
            })
            .await?;
        Ok(pages.into_iter().flatten().collect())
    }
}

fn variants_of(product: wire::Product) -> Option<Vec<Found>> {
    let bundle = product.type_id.whole() == Some(2)
        || product.kind.whole() == Some(2)
        || product.kind.text().is_some_and(|t| t.eq_ignore_ascii_case("bundle"));
    Some(product.variants.into_iter().filter_map(|v| variant(v, bundle)).collect())
}

/// A variant without a SKU cannot be ordered by SKU.
fn variant(variant: wire::Variant, bundle: bool) -> Option<Found> {
    let sku = variant.sku.text().filter(|s| !s.is_empty())?;
    // `status` is a word in answers; the number has two documented readings and is not judged.
    let active = variant.status.text().is_none_or(|s| s.eq_ignore_ascii_case("active"));
    Some(Found {
        variant: variant.id.whole(),
        item: CatalogueItem {
            sku,
            active,
            bundle: bundle || !variant.bundle_definition.is_empty(),
            inventory_id: variant.inventory.inventory_id.whole(),
            components: Vec::new(),
        },
        components: variant.bundle_definition,
    })
}

/// All components by inventory id, or none: half a recipe would be a wrong one.
fn with_components(found: Found, inventory: &BTreeMap<i64, i64>) -> CatalogueItem {
    let component = |c: &wire::Component| {
        let id = inventory.get(&c.variant_id.whole()?)?;
        Some((*id, c.quantity.whole().filter(|n| *n > 0)?))
    };
    let components: Option<Vec<(i64, i64)>> = found.components.iter().map(component).collect();
    CatalogueItem { components: components.unwrap_or_default(), ..found.item }
}

//! Products and variants: made, added, changed, and read by SKU.

use crate::client::ShipBob;
use crate::query::lists;
use crate::reply::{CallError, Failure};
use crate::send::{Channel, Turn};
use crate::{convert, interpret, new_products, wire};
use domain::operation::Lane;
use domain::product::{CreateProduct, Customs, NewVariant, SeenVariant, VariantChange};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use transport::gate::Outcome;
use transport::{Method, Response};

/// Entries on one page, the most ShipBob puts there.
const PAGE: &str = "250";
/// SKUs per request; the URL's length usually cuts earlier.
const SKUS: usize = 250;

/// What is known after a write of products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProductReply {
    /// Took effect; the variants of the product as the reply shows them.
    Done(Vec<SeenVariant>),
    /// 409 or 422: it may have it already. Look the SKUs up.
    Duplicate {
        /// The words name a duplicate.
        sure: bool,
        /// ShipBob's words.
        why: String,
    },
    /// 404: there is no such product any more.
    Gone,
    /// Any other 4xx: nothing happened.
    Refused {
        /// Status code.
        status: u16,
        /// ShipBob's words.
        why: String,
    },
    /// No answer of its own.
    Failed(Failure),
}

impl ShipBob {
    /// Makes a product with its variants. One try: look the SKUs up before any other.
    pub async fn create_product(&self, new: &CreateProduct) -> ProductReply {
        let skus: Vec<&str> = new.variants.iter().map(|v| v.sku.as_str()).collect();
        let body = new_products::product(new);
        let asked =
            Asked { method: Method::Post, path: "product".to_owned(), label: "create-product" };
        self.write_product(asked, &body, |v| skus.iter().all(|s| v.iter().any(|v| v.sku == *s)))
            .await
    }

    /// Adds variants to a product. One try: look the SKUs up before any other.
    pub async fn add_variants(&self, product: i64, new: &[NewVariant]) -> ProductReply {
        let path = format!("product/{product}/variants");
        let asked = Asked { method: Method::Post, path, label: "add-variants" };
        let body = new_products::variants(new);
        self.write_product(asked, &body, |v| {
            new.iter().all(|n| v.iter().any(|v| v.sku == n.sku && v.product == product))
        })
        .await
    }

    /// Changes what is named of a product and its variants.
    pub async fn update_product(
        &self,
        product: i64,
        name: Option<&str>,
        changes: &[VariantChange],
    ) -> ProductReply {
        let path = format!("product/{product}");
        let asked = Asked { method: Method::Patch, path, label: "update-product" };
        let body = new_products::patch(name, changes);
        self.write_product(asked, &body, |v| {
            changes.iter().all(|c| v.iter().any(|v| v.variant == c.variant && v.product == product))
        })
        .await
    }

    async fn write_product(
        &self,
        asked: Asked,
        body: &impl Serialize,
        whole: impl Fn(&[SeenVariant]) -> bool,
    ) -> ProductReply {
        let body = match serde_json::to_vec(body) {
            Ok(body) => body,
            Err(e) => {
                self.unused();
                return ProductReply::Refused { status: 0, why: format!("not sent: {e}") };
            }
        };
        let request = self
            .request(asked.method, self.url(&asked.path), Channel::None, asked.label)
            .body("application/json", body);
        written(self.exchange(request).await, whole)
    }

    /// Variants with these SKUs, letter case left aside, read in pages of 250. A SKU that is not in
    /// the answer does not exist; an entry that cannot be read is an error, never an absence.
    pub async fn catalogue(&self, skus: &[String]) -> Result<Vec<SeenVariant>, CallError> {
        let asked: BTreeSet<String> = skus.iter().map(|s| s.to_lowercase()).collect();
        let base = self.url("product").with("PageSize", PAGE);
        let urls = lists(&base, "SKU", "any:", skus.iter().map(String::as_str), SKUS);
        if urls.is_empty() {
            self.unused();
        }
        let mut turn = Turn::new(Lane::Products);
        let mut found: Vec<SeenVariant> = Vec::new();
        for url in urls {
            let pages = self
                .cursor_pages(&mut turn, url, "products", |entries| {
                    let (products, bad) = interpret::each(&entries.items, variants);
                    crate::reference::readable(products, bad, "products")
                })
                .await?;
            found.extend(pages.into_iter().flatten());
        }
        found.retain(|v| asked.contains(&v.sku.to_lowercase()));
        found.sort_by(|a, b| (&a.sku, a.variant).cmp(&(&b.sku, b.variant)));
        found.dedup_by_key(|v| v.variant);
        Ok(found)
    }
}

struct Asked {
    method: Method,
    path: String,
    label: &'static str,
}

fn written(outcome: Outcome, whole: impl Fn(&[SeenVariant]) -> bool) -> ProductReply {
    let reply = match interpret::arrived(outcome) {
        Ok(reply) => reply,
        Err(failure) => return ProductReply::Failed(failure),
    };
    let said = interpret::said(&reply);
    match reply.status {
        200..300 => match shown(&reply).filter(|v| whole(v)) {
            Some(variants) => ProductReply::Done(variants),
            None => ProductReply::Failed(Failure::InDoubt {
                why: format!("{}: the reply does not show what was written", reply.status),
            }),
        },
        401 | 403 => ProductReply::Failed(Failure::NoAccess {
            status: reply.status,
            why: interpret::no_access(&reply),
        }),
        404 => ProductReply::Gone,
        409 | 422 => {
            ProductReply::Duplicate { sure: interpret::names_a_duplicate(&said), why: said }
        }
        429 => ProductReply::Failed(Failure::Throttled { after: interpret::wait(&reply) }),
        408 | 425 => ProductReply::Failed(Failure::InDoubt { why: said }),
        400..500 => ProductReply::Refused { status: reply.status, why: interpret::refused(&reply) },
        _ => ProductReply::Failed(Failure::InDoubt { why: said }),
    }
}

fn shown(reply: &Response) -> Option<Vec<SeenVariant>> {
    interpret::parse::<wire::Product>(&reply.body).ok().and_then(variants)
}

/// The variants of a product that have a SKU; none when the product has no id.
fn variants(product: wire::Product) -> Option<Vec<SeenVariant>> {
    let id = product.id.whole()?;
    let name = product.name.or_empty();
    let bundle = product.type_id.whole() == Some(2)
        || product.kind.whole() == Some(2)
        || product.kind.text().is_some_and(|t| t.eq_ignore_ascii_case("bundle"));
    let mut found = Vec::new();
    for v in product.variants {
        let Some(sku) = v.sku.text().filter(|s| !s.is_empty()) else { continue };
        found.push(SeenVariant {
            product: id,
            product_name: name.clone(),
            variant: v.id.whole()?,
            sku,
            name: v.name.or_empty(),
            // A word in answers; the number has two documented readings and is not judged.
            active: v.status.text().is_none_or(|s| s.eq_ignore_ascii_case("active")),
            bundle: bundle || !v.bundle_definition.is_empty(),
            inventory: v.inventory.inventory_id.whole(),
            ounces: ounces(v.weight),
            locked: v.dimension.is_locked.flag().unwrap_or(false),
            inches: inches(v.dimension),
            barcodes: v.barcodes.into_iter().filter_map(|b| b.value.text()).collect(),
            customs: Customs {
                description: v.customs.description.or_empty(),
                tariff: v.customs.hs_tariff_code.or_empty(),
                origin: v.customs.country_code_of_origin.or_empty(),
            },
            merged: v.merge_children.iter().filter_map(|m| m.variant_id.whole()).collect(),
        });
    }
    Some(found)
}

fn number(raw: Option<&RawValue>) -> Option<Decimal> {
    raw.and_then(convert::decimal).map(|n| n.normalize())
}

/// ShipBob's unit is the ounce; a weight in another unit is no weight we can compare.
fn ounces(weight: wire::Weight) -> Option<Decimal> {
    let unit = weight.unit.or_empty().to_lowercase();
    let usual = ["", "oz", "ounce", "ounces"].contains(&unit.as_str());
    number(weight.weight.as_deref()).filter(|n| usual && !n.is_zero())
}

fn inches(d: wire::Dimension) -> Option<[Decimal; 3]> {
    let unit = d.unit.or_empty().to_lowercase();
    let usual = ["", "in", "inch", "inches"].contains(&unit.as_str());
    let side = |raw: Option<Box<RawValue>>| number(raw.as_deref());
    let sides = [side(d.length)?, side(d.width)?, side(d.height)?];
    (usual && sides.iter().any(|s| !s.is_zero())).then_some(sides)
}

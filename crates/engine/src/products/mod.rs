//! The flow *products*: the feed of F&O, what ShipBob shows, plans, and what writes came to.

mod courier;
mod feed;
mod plan;
mod preview;

pub(crate) use courier::{ProductEffect, judge_products, skus_of};
pub(crate) use plan::{conversions, countries};
pub use preview::ItemsPreview;

use crate::error::Result;
use crate::kept::decode;
use domain::ids::Scope;
use domain::product::ProductState;
pub(crate) use domain::product::STATE;
use std::collections::{BTreeSet, HashMap};
use store::Reader;

/// An item of F&O: `domain::product::Item`.
pub(crate) const ITEM: &str = "fo.item";
/// ShipBob's side of it: `domain::product::Catalogue`.
pub(crate) const CATALOGUE: &str = "sb.item";
/// What we keep of it: `domain::product::ProductKept`.
pub(crate) const KEPT: &str = "product.kept";
/// When the feed was last read whole.
pub(crate) const CURSOR: &str = "fo.products";

/// States of these keys; letter case as sales order lines write it.
pub(crate) async fn states(
    reader: &mut Reader,
    scope: &Scope,
    keys: impl Iterator<Item = &str>,
) -> Result<HashMap<String, ProductState>> {
    let keys: BTreeSet<String> = keys.map(state_key).collect();
    let keys: Vec<String> = keys.into_iter().collect();
    let mut found = HashMap::with_capacity(keys.len());
    for row in reader.observations(scope, STATE, &keys).await? {
        if let Some(body) = &row.body {
            found.insert(row.key.clone(), decode(STATE, &row.key, body)?);
        }
    }
    Ok(found)
}

/// F&O compares without regard to letter case.
pub(crate) fn state_key(key: &str) -> String {
    key.trim().to_lowercase()
}

//! The flow *products*: the feed of F&O, what ShipBob shows, plans, and what writes came to.

mod courier;
mod feed;
mod plan;

pub(crate) use courier::{ProductEffect, judge_products, skus_of};

use crate::error::Result;
use crate::kept::{decode, encode};
use domain::ids::Scope;
use domain::product::ProductState;
pub(crate) use domain::product::STATE;
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use store::{Observation, Reader};

/// An item of F&O: `domain::product::Item`.
pub(crate) const ITEM: &str = "fo.item";
/// ShipBob's side of it: `domain::product::Catalogue`.
pub(crate) const CATALOGUE: &str = "sb.item";
/// What we keep of it: `domain::product::ProductKept`.
pub(crate) const KEPT: &str = "product.kept";
/// When the feed was last read whole.
pub(crate) const CURSOR: &str = "fo.products";

/// Products hold no personal data.
pub(crate) fn row<T: Serialize>(
    kind: &str,
    key: &str,
    at: Timestamp,
    value: &T,
) -> Result<Observation> {
    Ok(Observation {
        kind: kind.to_owned(),
        key: key.to_owned(),
        person: None,
        version: String::new(),
        stamp: at,
        read_began: at,
        body: Some(encode(value)?),
    })
}

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

//! What a run came to for products, judged by ShipBob's catalogue against what the world meant.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use twins::{LedgerSnapshot, ProductTruth, Projection, Truth};

/// Products of one run.
#[derive(Debug, Serialize)]
pub struct Products {
    /// SKUs the world meant, beyond the usual items.
    pub skus: usize,
    /// Of them made through the API.
    pub made: usize,
    /// … each exactly as often as meant.
    pub made_exactly_once: bool,
    /// With the ounces the world calculated for itself.
    pub right_ounces: usize,
    /// With the inches the world calculated for itself.
    pub right_inches: usize,
    /// SKUs that wait for a person, by cause.
    pub held: BTreeMap<String, usize>,
}

/// None when nobody cares about products. Also what is wrong, in words.
pub(super) fn products(
    truth: &Truth,
    projection: &Projection,
    ledger: &LedgerSnapshot,
    causes: &BTreeMap<String, Vec<String>>,
) -> (Option<Products>, Vec<String>) {
    if truth.products.is_empty() {
        return (None, Vec::new());
    }
    let mut problems: Vec<String> = ledger
        .products_made_twice()
        .into_iter()
        .map(|sku| format!("SKU {sku} was made more than once"))
        .collect();
    let seen = |p: &ProductTruth| projection.products.get(&p.sku);
    let made = |p: &ProductTruth| seen(p).map_or(0, |one| one.made);
    let ounces =
        |p: &ProductTruth| p.ounces_100.is_none_or(|n| seen(p).is_some_and(|o| o.ounces_100 == n));
    let inches = |p: &ProductTruth| {
        p.inches_100.is_none_or(|n| seen(p).is_some_and(|o| o.inches_100 == Some(n)))
    };
    let all = &truth.products;
    for p in all.iter().filter(|p| made(p) != p.made) {
        problems.push(format!("SKU {} was made {} times instead of {}", p.sku, made(p), p.made));
    }
    for p in all.iter().filter(|p| !ounces(p) || !inches(p)) {
        problems.push(format!("SKU {} has other ounces or inches than calculated", p.sku));
    }
    let mut held: BTreeMap<String, usize> = BTreeMap::new();
    for p in all {
        let found = causes.get(&domain::product::subject(&p.item));
        let found: BTreeSet<&String> = found.into_iter().flatten().collect();
        let meant: BTreeSet<&String> = p.held.iter().collect();
        if found != meant {
            problems.push(format!("SKU {} is held for {found:?} instead of {meant:?}", p.sku));
        }
        for cause in found {
            *held.entry(cause.clone()).or_default() += 1;
        }
    }
    let report = Products {
        skus: all.len(),
        made: all.iter().filter(|p| made(p) > 0).count(),
        made_exactly_once: all.iter().all(|p| made(p) == p.made),
        right_ounces: all.iter().filter(|p| p.ounces_100.is_some() && ounces(p)).count(),
        right_inches: all.iter().filter(|p| p.inches_100.is_some() && inches(p)).count(),
        held,
    };
    (Some(report), problems)
}

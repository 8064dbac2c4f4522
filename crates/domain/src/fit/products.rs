//! What each product would become on the first day.

use super::{Book, Facts};
use crate::flows::products::{ProductPlan, plan_product};
use crate::operation::Operation;
use crate::plan::Need;
use crate::product::{Catalogue, ProductFacts, ProductState, SeenVariant};
use crate::settings::Settings;
use std::collections::{BTreeMap, BTreeSet};

/// Looks a planner may ask for.
const ROUNDS: usize = 3;

/// Causes whose value ends with the value that cannot be used: `SKU: value`.
const WITH_VALUE: [&str; 9] = [
    "measure-missing",
    "measure-negative",
    "measure-unbelievable",
    "measure-unit-unknown",
    "measure-unit-cyclic",
    "measure-unit-unusable",
    "barcode-clash",
    "tariff-code",
    "origin-unmapped",
];

/// What was looked at.
pub(super) struct Products {
    pub(super) read: usize,
}

/// SKUs the planner wants to know of at ShipBob for these items.
pub fn skus_asked(products: &[ProductFacts], settings: &Settings) -> BTreeSet<String> {
    products.iter().flat_map(|p| asked(&plan_product(p, settings))).collect()
}

fn asked(plan: &ProductPlan) -> Vec<String> {
    let skus = plan.plan.needs.iter().filter_map(|need| match need {
        Need::Skus(skus) => Some(skus.clone()),
        _ => None,
    });
    skus.flatten().collect()
}

/// Variants by SKU in lower case.
type Seen<'a> = BTreeMap<String, Vec<&'a SeenVariant>>;

fn by_sku(catalogue: &[SeenVariant]) -> Seen<'_> {
    let mut seen: Seen<'_> = BTreeMap::new();
    for one in catalogue {
        seen.entry(one.sku.to_lowercase()).or_default().push(one);
    }
    seen
}

/// SKUs the flow products would bring: orders wait for them instead of asking a person.
pub fn skus_coming(
    products: &[ProductFacts],
    catalogue: &[SeenVariant],
    settings: &Settings,
) -> BTreeSet<String> {
    let seen = by_sku(catalogue);
    let states = products.iter().flat_map(|p| planned(p, &seen, settings).states);
    states.filter(ProductState::comes).map(|s| s.sku).collect()
}

pub(super) fn look(book: &mut Book, facts: &Facts, settings: &Settings) -> Products {
    let seen = by_sku(&facts.catalogue);
    twice(book, &seen);
    for one in &facts.products {
        let plan = planned(one, &seen, settings);
        for hold in &plan.plan.holds {
            let reason = &hold.reason;
            let ends = WITH_VALUE.contains(&reason.cause.as_str());
            let parts = reason.value.rsplit_once(": ").filter(|_| ends);
            let sku = parts.map_or(reason.value.as_str(), |(sku, _)| sku);
            book.words(&reason.cause, &reason.reason, &reason.fix);
            book.put(&reason.cause, sku, reason.reason.clone());
        }
        for delivery in &plan.plan.deliveries {
            wished(book, &delivery.operation);
        }
    }
    Products { read: facts.products.len() }
}

/// SKUs ShipBob has more than once, letter by letter: nobody can say which one an order would take.
fn twice(book: &mut Book, seen: &Seen<'_>) {
    for same in seen.values().filter(|same| same.len() > 1) {
        let mut skus: BTreeMap<&str, usize> = BTreeMap::new();
        for one in same {
            *skus.entry(one.sku.as_str()).or_default() += 1;
        }
        for (sku, n) in skus.into_iter().filter(|(_, n)| *n > 1) {
            book.put("sku-twice", sku, format!("ShipBob has {n} variants with it."));
        }
    }
}

fn wished(book: &mut Book, operation: &Operation) {
    let mut new = |skus: &mut dyn Iterator<Item = &String>| {
        for sku in skus {
            book.put("sku-to-create", sku, "Not at ShipBob yet.".to_owned());
        }
    };
    match operation {
        Operation::CreateProduct(body) => new(&mut body.variants.iter().map(|v| &v.sku)),
        Operation::AddVariants { variants, .. } => new(&mut variants.iter().map(|v| &v.sku)),
        Operation::UpdateProduct { variants, .. } => {
            for one in variants {
                let what = "ShipBob shows other values than Dynamics.".to_owned();
                book.put("product-to-change", &one.sku, what);
            }
        }
        _ => {}
    }
}

fn planned(facts: &ProductFacts, seen: &Seen<'_>, settings: &Settings) -> ProductPlan {
    let mut facts = facts.clone();
    for _ in 0..ROUNDS {
        let plan = plan_product(&facts, settings);
        let ask = asked(&plan);
        if ask.is_empty() {
            return plan;
        }
        let of = |sku: &String| seen.get(&sku.to_lowercase()).cloned().unwrap_or_default();
        let lower: BTreeSet<String> = ask.iter().map(|s| s.to_lowercase()).collect();
        let variants = lower.iter().flat_map(of).cloned().collect();
        facts.catalogue = Some(Catalogue { variants, asked: ask, read_began: facts.now });
    }
    plan_product(&facts, settings)
}

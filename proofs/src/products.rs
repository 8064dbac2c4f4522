//! What the world intended for each SKU, held against what ShipBob has in the end.

use std::collections::BTreeSet;

use twins::{ProductTruth, effect};

use crate::verdict::Verdict;

/// Every SKU that does not stand at ShipBob as the world intended, in words.
pub(crate) fn unmet(verdict: &Verdict) -> Vec<String> {
    let mut faults = Vec::new();
    for truth in &verdict.truth.products {
        faults.extend(
            of(verdict, truth).into_iter().map(|words| format!("SKU {}: {words}", truth.sku)),
        );
    }
    if !verdict.truth.products.is_empty() {
        let made = verdict.ledger.of(effect::PRODUCT_AUTO_CREATED);
        faults.extend(made.map(|entry| format!("SKU {} was made by an order", entry.key)));
    }
    faults
}

fn of(verdict: &Verdict, truth: &ProductTruth) -> Vec<String> {
    let mut faults = Vec::new();
    let seen = verdict.projection.products.get(&truth.sku);
    let made = seen.map_or(0, |one| one.made);
    if made != truth.made {
        faults.push(format!("made {made} times instead of {}", truth.made));
    }
    if let (Some(wanted), found) = (truth.ounces_100, seen.map_or(0, |one| one.ounces_100))
        && wanted != found
    {
        faults.push(format!("{found} hundredths of an ounce instead of {wanted}"));
    }
    if let Some(wanted) = truth.inches_100
        && seen.and_then(|one| one.inches_100) != Some(wanted)
    {
        let found = seen.and_then(|one| one.inches_100);
        faults.push(format!("{found:?} hundredths of an inch instead of {wanted:?}"));
    }
    let nothing = BTreeSet::new();
    let holds = verdict.holds.get(&domain::product::subject(&truth.item)).unwrap_or(&nothing);
    let wanted: BTreeSet<String> = truth.held.iter().cloned().collect();
    if *holds != wanted {
        faults.push(format!("holds {holds:?} instead of {wanted:?}"));
    }
    faults
}

//! Writes of products: what a reply or a look comes to.

use super::KEPT;
use crate::courier::later;
use crate::courier::{
    Claimed, DUPLICATE, Effect, MAYBE, Outcome, hold_outcome, refused_by_shipbob,
};
use crate::error::Result;
use crate::kept::{load, plain};
use crate::limits::LOOK_AGAIN;
use crate::parts::Engine;
use crate::resolve::still_open;
use domain::disposition::HoldReason;
use domain::operation::{Operation, System};
use domain::product::{Made, NewVariant, ProductKept, SeenVariant, Values};
use domain::reference_data::SkuFact;
use domain::time::Timestamp;
use domain::warehouse::CatalogueItem;
use rust_decimal::Decimal;
use shipbob::{Failure, ProductReply};
use std::collections::HashMap;
use store::Txn;

/// What a write that took effect changes in what we keep.
pub(crate) struct ProductEffect {
    made: Vec<(String, Made)>,
    wrote: Vec<(String, Values)>,
    at: Timestamp,
    /// What orders may know at once.
    orders: Vec<SkuFact>,
}

/// SKUs a write is looked up by; none when it is no write of products.
pub(crate) fn skus_of(operation: &Operation) -> Option<Vec<String>> {
    match operation {
        Operation::CreateProduct(new) => Some(names(&new.variants)),
        Operation::AddVariants { variants, .. } => Some(names(variants)),
        Operation::UpdateProduct { variants, .. } => {
            Some(variants.iter().map(|v| v.sku.clone()).collect())
        }
        _ => None,
    }
}

fn names(variants: &[NewVariant]) -> Vec<String> {
    variants.iter().map(|v| v.sku.clone()).collect()
}

/// SKU and values of everything a write says.
fn said(operation: &Operation) -> Vec<(&str, &Values)> {
    match operation {
        Operation::CreateProduct(new) => {
            new.variants.iter().map(|v| (v.sku.as_str(), &v.values)).collect()
        }
        Operation::AddVariants { variants, .. } => {
            variants.iter().map(|v| (v.sku.as_str(), &v.values)).collect()
        }
        Operation::UpdateProduct { variants, .. } => {
            variants.iter().map(|v| (v.sku.as_str(), &v.values)).collect()
        }
        _ => Vec::new(),
    }
}

fn effect(
    operation: &Operation,
    shown: &[SeenVariant],
    at: Timestamp,
    wrote: Vec<(String, Values)>,
) -> Effect {
    let own: Vec<&SeenVariant> = said(operation)
        .iter()
        .filter_map(|(sku, _)| shown.iter().find(|v| v.sku == *sku))
        .collect();
    let made = match operation {
        Operation::UpdateProduct { .. } => Vec::new(),
        _ => own
            .iter()
            .map(|v| (v.sku.clone(), Made { product: v.product, variant: v.variant, at }))
            .collect(),
    };
    // The recipe of a bundle must be read before an order can be counted.
    let orders = own.iter().filter(|v| !v.bundle && !made.is_empty()).map(|v| SkuFact {
        exact: Some(CatalogueItem {
            sku: v.sku.clone(),
            active: v.active,
            bundle: false,
            inventory_id: v.inventory,
            components: Vec::new(),
        }),
        case_variants: Vec::new(),
        coming: false,
        part: None,
        read_began: at,
    });
    let orders = orders.collect();
    Effect::Products(Box::new(ProductEffect { made, wrote, at, orders }))
}

impl Engine {
    /// One call; none when the write is no write of products.
    pub(crate) async fn write_products(&self, operation: &Operation) -> Option<ProductReply> {
        Some(match operation {
            Operation::CreateProduct(new) => self.shipbob.create_product(new).await,
            Operation::AddVariants { product, variants } => {
                self.shipbob.add_variants(*product, variants).await
            }
            Operation::UpdateProduct { product, name, variants } => {
                self.shipbob.update_product(*product, name.as_deref(), variants).await
            }
            _ => return None,
        })
    }

    /// What the reply means; none when a fault point said stop.
    pub(crate) fn products_written(&self, c: &Claimed, reply: ProductReply) -> Option<Outcome> {
        let now = self.now();
        Some(match reply {
            ProductReply::Done(shown) => {
                self.good(System::ShipBob);
                let wrote = said(&c.operation);
                let wrote = wrote.iter().map(|(s, v)| ((*s).to_owned(), (*v).clone())).collect();
                Outcome::done(c, "accepted by ShipBob.").effect(effect(
                    &c.operation,
                    &shown,
                    now,
                    wrote,
                ))
            }
            ProductReply::Duplicate { why, .. }
                if matches!(c.operation, Operation::UpdateProduct { .. }) =>
            {
                self.good(System::ShipBob);
                hold_outcome(c, &refused_by_shipbob(&why))
            }
            ProductReply::Duplicate { why, sure } => {
                let memory = if sure { DUPLICATE.to_owned() } else { format!("{MAYBE}{why}") };
                Outcome::in_doubt(
                    c,
                    now,
                    now + c.row.settle,
                    "ShipBob says it has a SKU already; looked up.",
                )
                .remembering(&memory)
            }
            ProductReply::Gone => hold_outcome(c, &product_gone(&c.operation)).status(404),
            ProductReply::Refused { status, why } => {
                self.good(System::ShipBob);
                hold_outcome(c, &refused_by_shipbob(&why)).status(status)
            }
            // A missing scope must not stop orders: only this write waits for a person.
            ProductReply::Failed(Failure::NoAccess { status: 403, why }) => {
                hold_outcome(c, &no_scope(&why)).status(403)
            }
            ProductReply::Failed(failure) => return self.failed(c, failure),
        })
    }

    /// Keeps what took effect, and lets waiting orders know.
    pub(crate) async fn keep_products(
        &self,
        txn: &mut Txn,
        effects: Vec<(String, ProductEffect)>,
    ) -> Result<()> {
        if effects.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let keys: Vec<String> = effects.iter().map(|(subject, _)| subject.clone()).collect();
        let mut kept: HashMap<String, ProductKept> = load(txn, &self.scope, KEPT, &keys).await?;
        let mut rows = Vec::new();
        for (subject, effect) in effects {
            let of = kept.entry(subject).or_default();
            of.made.extend(effect.made);
            for (sku, values) in &effect.wrote {
                of.wrote(sku, values, effect.at);
            }
            for fact in effect.orders {
                let sku = fact.exact.as_ref().map(|e| e.sku.clone()).unwrap_or_default();
                rows.push(plain(crate::facts::SKU, &sku, now, &fact)?);
            }
        }
        for (subject, of) in &kept {
            rows.push(plain(KEPT, subject, now, of)?);
        }
        txn.observations_put(&self.scope, rows).await?;
        Ok(())
    }
}

/// A write nobody knows the fate of, and what ShipBob shows of its SKUs.
pub(crate) fn judge_products(c: &Claimed, began: Timestamp, shown: &[SeenVariant]) -> Outcome {
    let wrote = confirmed(&c.operation, shown);
    let wanted = said(&c.operation).len();
    if matches!(c.operation, Operation::UpdateProduct { .. }) {
        return match wrote.len() == wanted {
            true => Outcome::done(c, "found changed at ShipBob, not repeated.").effect(effect(
                &c.operation,
                shown,
                began,
                wrote,
            )),
            false => still_open(c, began),
        };
    }
    let until = c.row.doubt_until.unwrap_or(began);
    let memory = c.row.outcome.clone().unwrap_or_default();
    let there: Vec<&SeenVariant> = said(&c.operation)
        .iter()
        .filter_map(|(sku, _)| shown.iter().find(|v| v.sku == *sku))
        .collect();
    let home = match &c.operation {
        Operation::AddVariants { product, .. } => Some(*product),
        _ => there.first().map(|v| v.product),
    };
    let together = there.iter().all(|v| Some(v.product) == home);
    if there.len() == wanted && together {
        return Outcome::done(c, "found at ShipBob, not repeated.").effect(effect(
            &c.operation,
            shown,
            began,
            wrote,
        ));
    }
    if began < until {
        let look = until.min(began + LOOK_AGAIN);
        return Outcome::in_doubt(c, look, until, "not there yet; looked up again.")
            .remembering(&memory)
            .silent();
    }
    if !there.is_empty() {
        return Outcome::withdrawn(c, "ShipBob has a part of it; planned anew.");
    }
    if let Some(why) = memory.strip_prefix(MAYBE) {
        return hold_outcome(c, &refused_by_shipbob(why));
    }
    if memory == DUPLICATE {
        return hold_outcome(c, &sku_not_found(&c.operation));
    }
    later(c, began, None, true, "ShipBob never got it; sent again.")
}

/// Written values that stand at ShipBob. What stands there otherwise was not ours.
fn confirmed(operation: &Operation, shown: &[SeenVariant]) -> Vec<(String, Values)> {
    let near = |a: Decimal, b: Decimal| a.saturating_sub(b).abs() <= Decimal::new(1, 2);
    let update = matches!(operation, Operation::UpdateProduct { .. });
    let one = |(sku, values): (&str, &Values)| {
        let seen = shown.iter().find(|v| v.sku == sku)?;
        let mut v = values.clone();
        v.name =
            v.name.filter(|n| [seen.name.trim(), seen.product_name.trim()].contains(&n.as_str()));
        v.ounces = v.ounces.filter(|o| seen.ounces.is_some_and(|s| near(*o, s)));
        v.inches = v
            .inches
            .filter(|i| seen.inches.is_some_and(|s| i.iter().zip(s).all(|(a, b)| near(*a, b))));
        v.barcode = v.barcode.filter(|b| seen.barcodes.contains(b));
        v.customs = v.customs.filter(|c| *c == seen.customs);
        (!update || v == *values).then(|| (sku.to_owned(), v))
    };
    said(operation).into_iter().filter_map(one).collect()
}

fn sku_not_found(operation: &Operation) -> HoldReason {
    let skus = skus_of(operation).unwrap_or_default().join(", ");
    HoldReason::new(
        "sku-not-found",
        "sku",
        &skus,
        &format!("ShipBob says that it has {skus}, and does not show it."),
        "Search the SKU at ShipBob (inactive and archived products too), then press Retry.",
    )
}

fn product_gone(operation: &Operation) -> HoldReason {
    let skus = skus_of(operation).unwrap_or_default().join(", ");
    HoldReason::new(
        "product-gone",
        "product",
        &skus,
        &format!("ShipBob does not know the product of {skus} any more."),
        "Look for the SKU at ShipBob: it was merged or removed there. Then press Retry.",
    )
}

fn no_scope(why: &str) -> HoldReason {
    HoldReason::new(
        "no-products-scope",
        "scope",
        "products_write",
        &format!("ShipBob does not let us write products: {why}"),
        "Use a token whose scopes include products_write, then press Retry.",
    )
}

//! What stops a product, in words, each with its fix.

use crate::disposition::HoldReason;
use crate::product::{Made, Values};

pub(super) fn inactive(sku: &str) -> HoldReason {
    HoldReason::new(
        "sku-inactive",
        "sku",
        sku,
        &format!(
            "SKU {sku} was made inactive at ShipBob; it is not changed and cannot be ordered."
        ),
        "Activate it at ShipBob, or skip the product if it is discontinued.",
    )
}

pub(super) fn twice(sku: &str, n: usize) -> HoldReason {
    HoldReason::new(
        "sku-twice",
        "sku",
        sku,
        &format!("ShipBob has {n} variants with the SKU {sku}; none of them is changed."),
        "Merge them at ShipBob.",
    )
}

pub(super) fn merged(sku: &str, into: &str) -> HoldReason {
    HoldReason::new(
        "sku-merged",
        "sku",
        sku,
        &format!("SKU {sku} was merged into {into} at ShipBob; it is not made again."),
        "Take the merge back at ShipBob, or name the SKU it was merged into under [connection.products.aliases].",
    )
}

pub(super) fn gone(sku: &str, made: &Made) -> HoldReason {
    HoldReason::new(
        "sku-gone",
        "sku",
        sku,
        &format!(
            "Variant {} had the SKU {sku} and does not show it any more (renamed, merged or deleted there); it is not made again.",
            made.variant
        ),
        "Give the variant its SKU back at ShipBob; this closes by itself when it is seen.",
    )
}

pub(super) fn other_case(sku: &str, other: &str) -> HoldReason {
    HoldReason::new(
        "sku-case",
        "sku",
        sku,
        &format!(
            "ShipBob has {other}, which differs from {sku} in letter case only; no second one is made."
        ),
        "Correct the letter case at ShipBob or in Dynamics, or name ShipBob's SKU under [connection.products.aliases].",
    )
}

pub(super) fn kit(sku: &str) -> HoldReason {
    HoldReason::new(
        "kit-missing",
        "sku",
        sku,
        &format!("Kit {sku} is not at ShipBob, and kit_mode says that a person makes it."),
        "Make the bundle at ShipBob, or set kit_mode = \"bundle\".",
    )
}

pub(super) fn component(sku: &str, part: &str) -> HoldReason {
    HoldReason::new(
        "kit-component",
        "sku",
        sku,
        &format!("Component {part} of kit {sku} is not at ShipBob yet."),
        "Nothing, when the component is on its way; else correct [connection.products.kits].",
    )
}

pub(super) fn not_kept(skus: &str, fields: &str) -> HoldReason {
    HoldReason::new(
        "value-not-kept",
        fields,
        skus,
        &format!("ShipBob took new values of {skus} ({fields}) and shows the old ones."),
        "Look at the product at ShipBob; it may be locked there.",
    )
}

pub(super) fn refused(operation: &str) -> HoldReason {
    HoldReason::new(
        "write-refused",
        operation,
        "",
        &format!("ShipBob refused \"{operation}\"; its last attempt shows its words."),
        "Look at the product in both systems, then press Retry.",
    )
}

/// Names of the fields that are to be changed.
pub(super) fn fields<'a>(changes: impl Iterator<Item = &'a Values>) -> String {
    let mut found = std::collections::BTreeSet::new();
    for v in changes {
        let named = [
            ("name", v.name.is_some()),
            ("weight", v.ounces.is_some()),
            ("size", v.inches.is_some()),
            ("barcode", v.barcode.is_some()),
            ("customs data", v.customs.is_some()),
        ];
        found.extend(named.iter().filter(|(_, there)| *there).map(|(name, _)| *name));
    }
    found.into_iter().collect::<Vec<_>>().join(", ")
}

//! What this build relies on at F&O, compiled in from `contracts/dynamics.toml`.

use domain::drift::{DynamicsContract, SetContract};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const TEXT: &str = include_str!("../../../contracts/dynamics.toml");

#[derive(Deserialize)]
struct Book {
    set: BTreeMap<String, Set>,
    #[serde(rename = "enum")]
    enums: BTreeMap<String, Enum>,
}

#[derive(Deserialize)]
struct Set {
    access: Vec<String>,
    properties: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Enum {
    members: BTreeMap<String, i64>,
    /// Members that exist and that we do not use.
    #[serde(default)]
    also: Vec<String>,
}

/// The contract; empty only if the file of this build could not be read, which a test rules out.
pub fn contract() -> DynamicsContract {
    let Ok(book) = toml::from_str::<Book>(TEXT) else { return DynamicsContract::default() };
    let set = |set: Set| SetContract {
        written: set.access.iter().any(|a| a != "read"),
        properties: set.properties,
    };
    let members = |e: Enum| -> BTreeSet<String> { e.members.into_keys().chain(e.also).collect() };
    DynamicsContract {
        sets: book.set.into_iter().map(|(name, s)| (name, set(s))).collect(),
        enums: book.enums.into_iter().map(|(name, e)| (name, members(e))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::contract;

    #[test]
    fn the_contract_of_this_build_names_the_sets_the_doctor_reads() {
        let contract = contract();
        let read = domain::doctor::SETS
            .iter()
            .chain(&domain::doctor::EXTERNAL_SETS)
            .chain(&domain::doctor::WHS_SETS);
        let mut known: Vec<&str> = read.map(|(set, _)| *set).collect();
        // Only written: reading a row of them proves nothing.
        known.push("OutboundShipmentOrderLineInventDimUpdates");
        known.push("OutboundShipmentOrderLineUpdates");
        // Read only where products are sent.
        known.extend([
            "CDSReleasedDistinctProducts",
            "PhysicalProductDimensionDetails",
            "ProductNumberIdentifiedBarcodes",
            "ReleasedProductsV2",
        ]);
        // Read only where stock is compared.
        known.extend([
            "ExternalInventoryAdjustments",
            "InventoryCountingJournalHeaders",
            "InventoryCountingJournalLines",
            "WarehouseInventoryStatusesOnHandV2",
            "WarehousesOnHandV2",
        ]);
        // Read only where costs are written as charges.
        known.extend(["MarkupTransBiEntities", "SalesCharge"]);
        known.sort_unstable();
        assert_eq!(
            contract.sets.keys().map(String::as_str).collect::<Vec<_>>(),
            known,
            "the doctor reads other sets"
        );
        assert!(contract.enums.get("NoYes").is_some_and(|members| members.len() == 2));
    }
}

//! What this build relies on in ShipBob's answers, compiled in from `contracts/shipbob.toml`.

use domain::drift::ShipBobContract;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const TEXT: &str = include_str!("../../../contracts/shipbob.toml");

#[derive(Deserialize)]
struct Book {
    object: BTreeMap<String, Object>,
    #[serde(rename = "enum")]
    enums: BTreeMap<String, Enum>,
}

#[derive(Deserialize)]
struct Object {
    /// We write it; then it is not in an answer.
    #[serde(default)]
    sent: bool,
    /// Fields that are in an answer only when the sender of the order gave them.
    #[serde(default)]
    given: BTreeSet<String>,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Enum {
    members: BTreeSet<String>,
}

/// The contract; empty only if the file of this build could not be read, which a test rules out.
pub fn contract() -> ShipBobContract {
    let Ok(book) = toml::from_str::<Book>(TEXT) else { return ShipBobContract::default() };
    let read = book.object.into_iter().filter(|(_, object)| !object.sent);
    let always = |object: Object| {
        let here = object.fields.into_iter().filter(|(field, _)| !object.given.contains(field));
        here.collect()
    };
    ShipBobContract {
        objects: read.map(|(name, object)| (name, always(object))).collect(),
        enums: book.enums.into_iter().map(|(name, e)| (name, e.members)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::contract;

    #[test]
    fn the_contract_of_this_build_names_orders_shipments_and_their_states() {
        let contract = contract();
        for object in ["Order", "Shipment", "Channel", "Location", "ShippingMethod"] {
            assert!(contract.objects.contains_key(object), "no {object}");
        }
        assert!(!contract.objects.contains_key("OrderCreate"), "what we send is not looked for");
        assert!(contract.enums.contains_key("ShipmentStatus"));
    }
}

//! What becomes of an order, in one word and in a sentence.

use serde::Serialize;
use std::collections::BTreeSet;

/// What would become of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It would be sent.
    Sent,
    /// It would wait for a SKU that is made first, then be sent.
    WaitsForSku,
    /// It, or a part of it, would wait for a person.
    Held,
    /// What F&O shows does not tell whether it is to be sent: a person decides.
    Person,
    /// ShipBob has it under our reference.
    AtShipbob,
    /// Not all of it was read: nobody knows.
    NotJudged,
}

impl Fate {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 6] =
        [Self::Sent, Self::WaitsForSku, Self::Held, Self::Person, Self::AtShipbob, Self::NotJudged];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sent => "would be sent",
            Self::WaitsForSku => "waits for its SKU, then sent",
            Self::Held => "would be held",
            Self::Person => "a person decides",
            Self::AtShipbob => "at ShipBob",
            Self::NotJudged => "not judged",
        }
    }
}

/// One order that is to be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderLook {
    /// Number; of a request its id, and the sales order it is of where that is known.
    pub number: String,
    /// What would become of it.
    pub fate: Fate,
    /// ShipBob orders it would become.
    pub shipbob_orders: usize,
    /// What is in its way, by the id of the finding.
    pub causes: BTreeSet<String>,
    /// In words.
    pub words: String,
}

//! Where the goods of an F&O warehouse lie at ShipBob: in one centre, or in a set of which ShipBob
//! chooses per shipment.

use crate::ids::CentreId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The ShipBob side of one warehouse. Two warehouses never share a centre: ShipBob keeps one figure
/// of stock per SKU and centre, which counted in two warehouses would be counted twice, and a parcel
/// that left a shared centre would be right in both, so that a wrong one could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mapping {
    /// One centre: every order asks for it, and what leaves another waits for a person.
    #[serde(rename = "centre")]
    Pinned(CentreId),
    /// A set of centres: no order asks for one, ShipBob chooses, and may split and move shipments.
    /// The set is ours alone; ShipBob is never told of it.
    #[serde(rename = "centres")]
    Network(BTreeSet<CentreId>),
}

impl Mapping {
    /// The centre every order asks for; none where ShipBob chooses.
    pub fn pin(&self) -> Option<CentreId> {
        match self {
            Self::Pinned(centre) => Some(*centre),
            Self::Network(_) => None,
        }
    }

    /// The set ShipBob chooses from; empty where it has no choice.
    pub fn choice(&self) -> BTreeSet<CentreId> {
        match self {
            Self::Pinned(_) => BTreeSet::new(),
            Self::Network(centres) => centres.clone(),
        }
    }

    /// ShipBob chooses the centre.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Network(_))
    }

    /// Every centre of the warehouse, lowest id first. Its stock is the sum over them.
    pub fn centres(&self) -> impl Iterator<Item = CentreId> + '_ {
        let (one, many) = match self {
            Self::Pinned(centre) => (Some(*centre), None),
            Self::Network(centres) => (None, Some(centres)),
        };
        one.into_iter().chain(many.into_iter().flatten().copied())
    }

    /// The centre under which figures of the whole warehouse are kept: the centre itself, or the
    /// first of a network.
    pub fn home(&self) -> CentreId {
        match self {
            Self::Pinned(centre) => *centre,
            Self::Network(centres) => centres.first().copied().unwrap_or(CentreId(0)),
        }
    }

    /// Nothing can leave the warehouse: its centre is closed, or every one of its set is.
    pub fn shut(&self, closed: &BTreeSet<CentreId>) -> bool {
        self.centres().all(|centre| closed.contains(&centre))
    }

    /// What lies in (or left) that centre belongs to the warehouse.
    pub fn covers(&self, centre: CentreId) -> bool {
        self.centres().any(|c| c == centre)
    }
}

/// As it stands in sentences: `centre 1`, `centres 1, 3`.
impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.centres().map(|c| c.to_string()).collect();
        let word = if self.is_network() { "centres" } else { "centre" };
        write!(f, "{word} {}", all.join(", "))
    }
}

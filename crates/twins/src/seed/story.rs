//! How a warehouse with warehouse management releases one order: at once, in parts, taken back, or taken back and
//! released again. Decided by seed and order, like everything the world intends.

use super::category::Category;
use super::{Meant, SeedWorld};
use crate::world::fate::Fate;

/// The releases of one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Story {
    /// All of it, once.
    Whole,
    /// A part; more once ShipBob has it; the rest once ShipBob has that.
    Parts,
    /// All of it, and taken back where others cancel.
    Withdrawn,
    /// Taken back before picking, and released again once ShipBob has cancelled.
    Again,
}

impl Story {
    /// What an order with that story is called instead of its category.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Parts => Some("released-in-parts"),
            Self::Withdrawn => Some("unreleased"),
            Self::Again => Some("released-again"),
        }
    }
}

impl SeedWorld {
    /// The story of an order; outside such a world all are released without a warehouse.
    pub(crate) fn story(&self, meant: &Meant) -> Story {
        if !self.whs {
            return Story::Whole;
        }
        let chance = |what: &str, n: u64| self.chance.per_mille(what, &meant.number, n);
        match (meant.intent.category, meant.intent.fate) {
            (Category::ReleasedInParts, _) => Story::Parts,
            (Category::Unreleased, _) => Story::Withdrawn,
            (Category::ReleasedAgain, _) => Story::Again,
            (Category::Ordinary, Fate::Plain) if chance("released in parts", 300) => Story::Parts,
            (Category::Ordinary, Fate::CancelEarly) if chance("released again", 400) => {
                Story::Again
            }
            (Category::Ordinary, Fate::CancelEarly | Fate::CancelLate | Fate::CancelRace)
                if chance("release taken back", 500) =>
            {
                Story::Withdrawn
            }
            _ => Story::Whole,
        }
    }
}

//! What the world intends for each order: its awkwardness (category), what a right connector makes of it (outcome)
//! and which fate it is dealt. Pure functions of (seed, order index): the clerk of F&O and the warehouse of ShipBob
//! read the same table, so they always agree.

use crate::world::chance::Chance;
use crate::world::fate::{EDITS, Fate};
use crate::world::truth::Outcome;

/// Orders come in blocks of this many; every block holds every category at least once.
const BLOCK: u32 = 300;

/// What is special about a sales order of the seed world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Category {
    /// One to five lines, a usual address.
    Ordinary,
    /// Umlauts and accents in names and streets.
    Umlauts,
    /// Apostrophes and quotes.
    Apostrophe,
    /// An emoji in the name.
    Emoji,
    /// A name of more than sixty characters.
    LongName,
    /// A street of two lines.
    TwoLineStreet,
    /// A company as recipient.
    CompanyName,
    /// Country `PRI`, which ShipBob knows as `PR`.
    PuertoRico,
    /// Country `XKX`, ISO `XK`.
    Kosovo,
    /// No postcode.
    NoPostcode,
    /// Sold in boxes of a number of pieces that depends on the item.
    BoxUnit,
    /// Sold in dozens.
    DozenUnit,
    /// Sold in a unit without conversion.
    NoConversion,
    /// An item ShipBob does not know.
    UnknownSku,
    /// An item ShipBob knows in other letter case only.
    SkuOtherCase,
    /// A delivery mode without a mapping.
    UnmappedMode,
    /// One line of quantity zero beside an ordinary one.
    ZeroLine,
    /// Quantity 1.5 of a piece.
    Fraction,
    /// One line of negative quantity beside an ordinary one.
    NegativeLine,
    /// "Do not process".
    Stopped,
    /// On credit hold.
    CreditHold,
    /// Sales type Journal.
    Journal,
    /// Sales type ReturnItem.
    ReturnOrder,
    /// All lines in a warehouse that is not ours.
    OtherWarehouse,
    /// Lines in SB01 and in SB02: two groups.
    TwoWarehouses,
    /// One line with its own address: two groups.
    TwoAddresses,
    /// One line with its own delivery mode: two groups.
    TwoModes,
    /// One direct-delivery line beside an ordinary one.
    DirectDelivery,
    /// One service line beside an ordinary one.
    ServiceLine,
    /// One blocked line beside an ordinary one.
    BlockedLine,
    /// A part was delivered before.
    PartlyDelivered,
    /// Everything was delivered before.
    FullyDelivered,
    /// A kit that is one item in F&O and a bundle at ShipBob.
    Kit,
    /// More than ten lines.
    ManyLines,
    /// With the customer's own order reference.
    CustomerReference,
    /// A customer whose name another customer has, too.
    SameName,
    /// Released before the cut-off.
    BeforeCutOff,
    /// Released before the cut-off and pasted into ShipBob by hand.
    Pasted,
    /// Re-stamped several times without any change.
    Restamped,
    /// A number with characters that need escaping.
    OddNumber,
    /// Stopped when released, freed later.
    StoppedThenFreed,
    /// On credit hold when released, freed later.
    CreditThenFreed,
    /// The clerk corrects the address before the release.
    AddressEdited,
    /// The clerk adds a line once ShipBob has accepted the order.
    LineAdded,
    /// The clerk cancels one line once ShipBob has accepted the order; ShipBob waits for our cancel.
    LineCancelled,
    /// The clerk deletes the order once ShipBob has accepted it; ShipBob waits for our cancel.
    Deleted,
    /// The clerk opens the order when ShipBob labels it: writes meet a lock for a while.
    OpenedByClerk,
    /// The clerk posts a slip by hand as soon as ShipBob has shipped.
    SlipByHand,
    /// The clerk changes deliver-now by hand once ShipBob has shipped.
    DeliverNowByHand,
    /// The packing-slip batch lacks physical stock for a while.
    StockLate,
    /// The clerk changes the address of a released order.
    AddressChanged,
    /// The clerk reduces a quantity of a released order.
    QuantityReduced,
    /// The clerk raises a quantity of a released order.
    QuantityRaised,
    /// The clerk changes the delivery mode of a released order.
    ModeChanged,
    /// Released to its warehouse in parts. Chosen only; see [`super::story::Story`].
    ReleasedInParts,
    /// Its release is taken back. Chosen only.
    Unreleased,
    /// Its release is taken back and given again. Chosen only.
    ReleasedAgain,
}

impl Category {
    /// What a right connector makes of an order of this category.
    pub(crate) fn outcome(self) -> Outcome {
        use Category as C;
        let held = |cause: &str| Outcome::Held(cause.to_owned());
        let ignored = |reason: &str| Outcome::Ignored(reason.to_owned());
        match self {
            C::NoConversion => held("unit-unknown"),
            C::UnknownSku => held("sku-unknown"),
            C::SkuOtherCase => held("sku-case"),
            C::UnmappedMode => held("method-unmapped"),
            C::Fraction => held("quantity-fraction"),
            C::NoPostcode => held("postcode-missing"),
            C::Stopped => ignored("stopped"),
            C::CreditHold => ignored("credit-hold"),
            C::Journal => ignored("sales-type-journal"),
            C::ReturnOrder => ignored("sales-type-return"),
            C::OtherWarehouse => ignored("other-warehouse"),
            C::FullyDelivered => ignored("nothing-remains"),
            C::BeforeCutOff | C::Pasted => ignored("before-cut-off"),
            _ => Outcome::Sent,
        }
    }

    /// The category of that name.
    fn named(name: &str) -> Option<Category> {
        let dealt = AWKWARD.iter().map(|(category, _)| *category);
        let mut all = dealt.chain([Self::ReleasedInParts, Self::Unreleased, Self::ReleasedAgain]);
        all.find(|category| category.name() == name)
    }

    /// The name in kebab case, as in [`crate::world::truth::OrderTruth`].
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// The intention of the world for one sales order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Intent {
    /// What is special about it.
    pub(crate) category: Category,
    /// What the warehouse does to its first ShipBob order.
    pub(crate) fate: Fate,
}

/// The awkward orders of every block and how many of each; the rest is ordinary.
const AWKWARD: &[(Category, u32)] = &[
    (Category::Umlauts, 4),
    (Category::Apostrophe, 3),
    (Category::Emoji, 2),
    (Category::LongName, 2),
    (Category::TwoLineStreet, 4),
    (Category::CompanyName, 4),
    (Category::PuertoRico, 2),
    (Category::Kosovo, 2),
    (Category::NoPostcode, 1),
    (Category::BoxUnit, 4),
    (Category::DozenUnit, 3),
    (Category::NoConversion, 1),
    (Category::UnknownSku, 2),
    (Category::SkuOtherCase, 1),
    (Category::UnmappedMode, 2),
    (Category::ZeroLine, 2),
    (Category::Fraction, 1),
    (Category::NegativeLine, 2),
    (Category::Stopped, 2),
    (Category::CreditHold, 2),
    (Category::Journal, 1),
    (Category::ReturnOrder, 2),
    (Category::OtherWarehouse, 3),
    (Category::TwoWarehouses, 3),
    (Category::TwoAddresses, 2),
    (Category::TwoModes, 2),
    (Category::DirectDelivery, 2),
    (Category::ServiceLine, 3),
    (Category::BlockedLine, 2),
    (Category::PartlyDelivered, 2),
    (Category::FullyDelivered, 2),
    (Category::Kit, 2),
    (Category::ManyLines, 2),
    (Category::CustomerReference, 3),
    (Category::SameName, 2),
    (Category::BeforeCutOff, 2),
    (Category::Restamped, 2),
    (Category::OddNumber, 2),
    (Category::StoppedThenFreed, 2),
    (Category::CreditThenFreed, 2),
    (Category::AddressEdited, 2),
    (Category::LineAdded, 1),
    (Category::LineCancelled, 1),
    (Category::Deleted, 1),
    (Category::OpenedByClerk, 2),
    (Category::SlipByHand, 1),
    (Category::DeliverNowByHand, 1),
    (Category::StockLate, 1),
    (Category::AddressChanged, 3),
    (Category::QuantityReduced, 3),
    (Category::QuantityRaised, 3),
    (Category::ModeChanged, 3),
];

/// The category of the order at `index` (0-based, in order of numbers).
pub(crate) fn category(chance: Chance, index: u32) -> Category {
    let mut slot = slot(chance, index);
    for (category, count) in AWKWARD {
        if slot < *count {
            return *category;
        }
        slot -= count;
    }
    Category::Ordinary
}

/// Deals the intentions in order of index: the fates of ordinary orders depend on how many came before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dealer {
    chance: Chance,
    next: u32,
    ordinary: usize,
    boxes: u32,
    edits: usize,
}

impl Dealer {
    pub(crate) const fn new(chance: Chance) -> Self {
        Self { chance, next: 0, ordinary: 0, boxes: 0, edits: 0 }
    }

    /// The intention for the next order. Fates that are not plain go to ordinary orders, so that one thing is
    /// awkward at a time; a few categories bring their own.
    pub(crate) fn deal(&mut self, number: impl FnOnce(Category) -> String) -> (Intent, String) {
        let category = category(self.chance, self.next);
        let number = number(category);
        self.next += 1;
        let fate = match category {
            Category::Ordinary => {
                self.ordinary += 1;
                Fate::for_eligible(self.chance, self.ordinary - 1, &number)
            }
            Category::BoxUnit => {
                self.boxes += 1;
                if self.boxes % 2 == 1 { Fate::TenOfTwelve } else { Fate::Plain }
            }
            Category::LineCancelled | Category::Deleted => Fate::CancelEarly,
            // Once our own carrier write may have re-defaulted the mode, a late change of it cannot be told.
            Category::ModeChanged => Fate::EditEarly,
            Category::AddressChanged | Category::QuantityReduced | Category::QuantityRaised => {
                self.edits += 1;
                EDITS.get((self.edits - 1) % EDITS.len()).copied().unwrap_or(Fate::EditEarly)
            }
            _ => Fate::Plain,
        };
        (Intent { category, fate }, number)
    }

    /// The intention of an order that was chosen instead of dealt.
    pub(crate) fn cast(
        &mut self,
        category: &str,
        fate: Fate,
        number: impl FnOnce(Category) -> String,
    ) -> (Intent, String) {
        let category = Category::named(category).unwrap_or(Category::Ordinary);
        self.next += 1;
        (Intent { category, fate }, number(category))
    }
}

/// A keyed permutation of the block: every slot is used exactly once per block.
fn slot(chance: Chance, index: u32) -> u32 {
    // All coprime to 300 = 2²·3·5².
    const STEPS: [u32; 8] = [7, 11, 77, 91, 101, 143, 161, 187];
    let block = (index / BLOCK).to_string();
    let step = chance.choose("slot-step", &block, &STEPS).copied().unwrap_or(7);
    let shift = u32::try_from(chance.below("slot-shift", &block, u64::from(BLOCK))).unwrap_or(0);
    ((index % BLOCK) * step + shift) % BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_block_holds_every_category_and_every_fate() {
        for seed in [1, 7, 42, 2026] {
            let mut dealer = Dealer::new(Chance::new(seed));
            let intents: Vec<Intent> =
                (0..BLOCK).map(|index| dealer.deal(|_| format!("SO-{index:06}")).0).collect();
            let categories: BTreeSet<Category> = intents.iter().map(|i| i.category).collect();
            let fates: BTreeSet<Fate> = intents.iter().map(|i| i.fate).collect();
            for (category, _) in AWKWARD {
                assert!(categories.contains(category), "{category:?} is missing with seed {seed}");
            }
            for fate in Fate::all() {
                assert!(fates.contains(&fate), "{fate:?} is missing with seed {seed}");
            }
        }
    }

    #[test]
    fn about_two_thirds_are_ordinary() {
        let ordinary = (0..BLOCK)
            .filter(|index| category(Chance::new(9), *index) == Category::Ordinary)
            .count();
        assert_eq!(ordinary, 189);
    }
}

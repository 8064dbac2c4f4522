//! Warehouse management inside F&O: what was released to the warehouse, per line.
//!
//! F&O keeps the release on the order (`ReleaseStatus`) and the quantity per line (`ReleasedQty`). Two things about
//! that quantity are not documented: its unit, and whether posted packing slips are taken off it. Both are settings;
//! the defaults are the readings under which too little is sent, never too much.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What F&O has released of one order, as one read saw it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WarehouseRelease {
    /// `ReleaseStatus` as written.
    pub status: String,
    /// By inventory lot id in lower case; a line that is not here was never released.
    pub lines: BTreeMap<String, ReleasedLine>,
}

impl WarehouseRelease {
    /// What was released of a line, if anything.
    pub fn line(&self, lot: &str) -> Option<&ReleasedLine> {
        self.lines.get(&lot.to_lowercase())
    }
}

/// Released quantity of one line, with what is needed to read its unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedLine {
    /// `ReleasedQty` as written.
    pub quantity: Decimal,
    /// `SalesQty` of the line: ordered, in its sales unit.
    pub ordered: Decimal,
    /// `QtyOrdered` of the line: ordered, in the inventory unit of its item.
    pub ordered_inventory: Decimal,
}

/// In which unit `ReleasedQty` is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleasedUnit {
    /// The inventory unit of the item: the smaller one, so that never too much is read out of it.
    #[default]
    Inventory,
    /// The sales unit of the line.
    Sales,
}

/// What a packing slip does to `ReleasedQty`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AfterSlip {
    /// Nothing: it counts everything ever released.
    #[default]
    Stays,
    /// What was posted is taken off it: it counts what is released and still open.
    Falls,
}

/// What is special about warehouses with warehouse management inside F&O.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Whs {
    /// Values of `ReleaseStatus` that release an order; its lines decide how much.
    pub released_when: BTreeSet<String>,
    /// Unit of `ReleasedQty`.
    pub released_quantity_in: ReleasedUnit,
    /// What a packing slip does to `ReleasedQty`.
    pub released_quantity_after_slip: AfterSlip,
}

impl Default for Whs {
    fn default() -> Self {
        Self {
            released_when: BTreeSet::from(["PartialReleased".to_owned(), "Released".to_owned()]),
            released_quantity_in: ReleasedUnit::default(),
            released_quantity_after_slip: AfterSlip::default(),
        }
    }
}

/// Values of `ReleaseStatus` we know.
pub const RELEASE_STATUSES: [&str; 3] = ["Open", "PartialReleased", "Released"];

impl Whs {
    /// What is wrong with these settings.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let known = |name: &str| name != "Open" && RELEASE_STATUSES.contains(&name);
        for name in self.released_when.iter().filter(|name| !known(name)) {
            found.push(format!(
                "whs.released_when names \"{name}\": it may hold PartialReleased and Released"
            ));
        }
        if self.released_when.is_empty() {
            found.push("whs.released_when is empty: name at least Released".to_owned());
        }
        found
    }

    /// Released and not yet on a packing slip, in sales unit; `slipped` is all that was ever posted of the line.
    /// None where the unit cannot be worked out.
    pub fn open(&self, line: &ReleasedLine, slipped: Decimal) -> Option<Decimal> {
        let released = match self.released_quantity_in {
            ReleasedUnit::Sales => line.quantity,
            ReleasedUnit::Inventory if line.quantity.is_zero() => Decimal::ZERO,
            ReleasedUnit::Inventory => {
                let share = line.quantity.checked_mul(line.ordered)?;
                share.checked_div(line.ordered_inventory)?
            }
        };
        let open = match self.released_quantity_after_slip {
            AfterSlip::Stays => released.saturating_sub(slipped),
            AfterSlip::Falls => released,
        };
        Some(open.max(Decimal::ZERO).normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(quantity: i64) -> ReleasedLine {
        let (ordered, ordered_inventory) = (Decimal::from(2), Decimal::from(12));
        ReleasedLine { quantity: Decimal::from(quantity), ordered, ordered_inventory }
    }

    #[test]
    fn six_pieces_of_a_box_of_six_are_one_box() {
        let whs = Whs::default();
        assert_eq!(whs.open(&line(6), Decimal::ZERO), Some(Decimal::ONE));
        assert_eq!(whs.open(&line(12), Decimal::ONE), Some(Decimal::ONE));
        assert_eq!(whs.open(&line(6), Decimal::TWO), Some(Decimal::ZERO));
    }

    #[test]
    fn both_other_readings_are_settings() {
        let whs = Whs {
            released_quantity_in: ReleasedUnit::Sales,
            released_quantity_after_slip: AfterSlip::Falls,
            ..Whs::default()
        };
        assert_eq!(whs.open(&line(1), Decimal::ONE), Some(Decimal::ONE));
        assert!(whs.problems().is_empty());
    }

    #[test]
    fn without_an_ordered_quantity_nothing_is_guessed() {
        let odd = ReleasedLine { ordered_inventory: Decimal::ZERO, ..line(6) };
        assert_eq!(Whs::default().open(&odd, Decimal::ZERO), None);
    }
}

//! ShipBob's shelves against F&O's warehouses: the difference of one SKU in one centre, taken apart into named causes and
//! a rest. Every piece of a difference is in exactly one of them.

mod adjusted;
mod available;
mod journal;
mod moves;

pub use adjusted::settled;
pub use available::{Free, TELLING, Telling, to_tell};
pub use journal::{Draft, Journal, JournalState, LINES_PER_JOURNAL, LINES_PER_WRITE, draft};
pub use moves::{Moves, OrderStock, moves};

use crate::reference_data::UnitConversion;
use crate::settings::Settings;
use crate::units;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Why F&O and the shelf differ, where a reason is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Left the shelf and not yet picked or deducted in F&O; negative: deducted there first.
    LeftShelf,
    /// Stowed and not registered in F&O.
    NotRegistered,
    /// Other channels of the merchant sold it.
    OtherChannels,
    /// Went to, or came from, another centre.
    Transfer,
    /// Used in, or made of, kits.
    Kits,
}

impl Cause {
    /// In words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::LeftShelf => "left the shelf, not yet deducted in Dynamics",
            Self::NotRegistered => "stowed, not registered in Dynamics",
            Self::OtherChannels => "sold by other channels",
            Self::Transfer => "moved between centres",
            Self::Kits => "used in kits",
        }
    }
}

/// How one SKU stands in one centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// No difference.
    Even,
    /// All of the difference has a name.
    Explained,
    /// Some of it has none.
    Variance,
    /// Moved while it was looked at, or was not shown this time: compared the next time.
    Waits,
    /// A counting journal with it is not posted yet.
    Counted,
    /// ShipBob does not keep it under this SKU: unknown there, or a bundle kept as its parts.
    NotAtShipbob,
    /// F&O has no released product of this SKU.
    NotInDynamics,
    /// The inventory unit of F&O cannot be counted in pieces.
    Unit,
    /// ShipBob shows less than nothing: no count can say that.
    Negative,
    /// A centre of its warehouse is not active at ShipBob: compared when it is again.
    Closed,
    /// A centre of a network: it counts in the sum of its warehouse, which stands with another centre.
    InSum,
}

impl State {
    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::Explained => "explained",
            Self::Variance => "variance",
            Self::Waits => "waits",
            Self::Counted => "counted",
            Self::NotAtShipbob => "not-at-shipbob",
            Self::NotInDynamics => "not-in-dynamics",
            Self::Unit => "unit",
            Self::Negative => "negative",
            Self::Closed => "closed",
            Self::InSum => "in-sum",
        }
    }
}

/// Moves of a shelf by cause since it last agreed; each in the direction in which the shelf moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// Taken by other channels (positive = left).
    pub sold: i64,
    /// Net pieces that came from other centres.
    pub transferred: i64,
    /// Stowed and restocked.
    pub stowed: i64,
    /// Net pieces that came out of kitting.
    pub kitted: i64,
    /// Found less lost.
    pub found: i64,
}

/// Everything that is known of one SKU in one centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shelf {
    /// ShipBob, none = not shown.
    pub on_hand: Option<i64>,
    /// F&O, in its unit; none = no such product.
    pub physical: Option<Decimal>,
    /// Pieces in one unit; none = nobody knows.
    pub each: Option<Decimal>,
    /// What our orders did.
    pub moves: Moves,
    /// What else happened.
    pub sums: Sums,
    /// It moved while it was looked at, or a system did not show it this time.
    pub moving: bool,
    /// A journal with it is not posted.
    pub counted: bool,
}

impl Shelf {
    /// Both figures side by side, as if nothing had moved. `shown`: what F&O tells of it, in its unit; a row that is missing
    /// means nothing is there. `released`: product number and inventory unit, where F&O has released the product.
    pub fn still(
        on_hand: Option<i64>,
        shown: Option<Decimal>,
        released: Option<(&str, &str)>,
        settings: &Settings,
        conversions: &[UnitConversion],
    ) -> Self {
        let each = released.and_then(|(product, unit)| {
            units::eaches_per_unit(product, unit, &settings.each_units, conversions)
        });
        Self {
            on_hand,
            physical: released.map(|_| shown.unwrap_or_default()),
            each,
            moves: Moves::default(),
            sums: Sums::default(),
            moving: false,
            counted: false,
        }
    }
}

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// How it stands.
    pub state: State,
    /// F&O − ShipBob, in pieces.
    pub difference: i64,
    /// What explains it, in pieces of that difference.
    pub causes: Vec<(Cause, i64)>,
    /// The rest.
    pub variance: i64,
    /// What is carried on to the next comparison.
    pub sums: Sums,
    /// ShipBob on hand over all centres of the warehouse, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_hand: Option<i64>,
}

impl Judged {
    /// A centre that counts in the sum of its warehouse.
    pub fn in_sum() -> Self {
        Self::only(State::InSum, Sums::default())
    }

    /// Its centre is closed: what happened there meanwhile is carried on.
    pub fn closed(sums: Sums) -> Self {
        Self::only(State::Closed, sums)
    }

    fn only(state: State, sums: Sums) -> Self {
        Self { state, difference: 0, causes: Vec::new(), variance: 0, sums, on_hand: None }
    }
}

/// Takes a difference apart. Total: whatever stands there has an answer.
pub fn compare(shelf: &Shelf) -> Judged {
    let physical = match (shelf.on_hand, shelf.physical) {
        _ if shelf.moving => return Judged::only(State::Waits, shelf.sums),
        (None, _) => return Judged::only(State::NotAtShipbob, shelf.sums),
        (_, None) => return Judged::only(State::NotInDynamics, shelf.sums),
        (Some(_), Some(physical)) => pieces(physical, shelf.each),
    };
    let (Some(physical), Some(on_hand)) = (physical, shelf.on_hand) else {
        return Judged::only(State::Unit, shelf.sums);
    };
    let difference = physical.saturating_sub(on_hand);
    let Split { causes, variance, sums } = split(difference, shelf.moves, shelf.sums);
    let state = match (variance, causes.is_empty()) {
        _ if on_hand < 0 => State::Negative,
        (0, true) => State::Even,
        (0, false) => State::Explained,
        _ if shelf.counted => State::Counted,
        _ => State::Variance,
    };
    Judged { state, difference, causes, variance, sums, on_hand: None }
}

/// Whole pieces, exactly or not at all; F&O may show less than nothing.
fn pieces(quantity: Decimal, each: Option<Decimal>) -> Option<i64> {
    let all = quantity.checked_mul(each?)?;
    all.fract().is_zero().then(|| all.to_i64()).flatten()
}

struct Split {
    causes: Vec<(Cause, i64)>,
    variance: i64,
    sums: Sums,
}

/// Orders count exactly. What else moved the shelf may or may not stand in F&O already: nobody tells us. First
/// everything is taken to be missing there; then some of it; what fits to the piece is believed. Where nothing
/// fits, other channels, transfers and kits are taken to be missing, receipts as far as they can be.
fn split(difference: i64, moves: Moves, sums: Sums) -> Split {
    let mut causes = Vec::new();
    let mut name = |cause: Cause, pieces: i64| {
        if pieces != 0 {
            causes.push((cause, pieces));
        }
    };
    name(Cause::LeftShelf, moves.left);
    let rest = difference.saturating_sub(moves.left);
    let kits = moves.kits.saturating_sub(sums.kitted);
    let possible = [
        (Cause::NotRegistered, sums.stowed.saturating_neg()),
        (Cause::OtherChannels, sums.sold),
        (Cause::Transfer, sums.transferred.saturating_neg()),
        (Cause::Kits, kits),
    ];
    if let Some((chosen, variance)) = fitting(rest, possible, sums.found.saturating_neg()) {
        let mut carried = sums;
        for (nth, (cause, pieces)) in possible.into_iter().enumerate() {
            let in_it = chosen & (1 << nth) != 0;
            if in_it {
                name(cause, pieces);
            } else if variance == 0 {
                // It stands in F&O already.
                match cause {
                    Cause::NotRegistered => carried.stowed = 0,
                    Cause::OtherChannels => carried.sold = 0,
                    Cause::Transfer => carried.transferred = 0,
                    // What orders took is counted anew from the orders themselves.
                    Cause::Kits | Cause::LeftShelf => {}
                }
            }
        }
        if variance == 0 {
            carried.found = 0;
        }
        return Split { causes, variance, sums: carried };
    }
    let mut left = rest;
    for (cause, pieces) in possible.into_iter().skip(1) {
        name(cause, pieces);
        left = left.saturating_sub(pieces);
    }
    let stowed = sums.stowed.saturating_neg();
    let stowed = if stowed < 0 { stowed.max(left).min(0) } else { stowed.min(left).max(0) };
    name(Cause::NotRegistered, stowed);
    Split { causes, variance: left.saturating_sub(stowed), sums }
}

/// Which of the possible causes explain the rest to the piece, as bits, and the variance that then remains: what was
/// lost or found, or nothing.
fn fitting(rest: i64, possible: [(Cause, i64); 4], lost: i64) -> Option<(u8, i64)> {
    const ALL: u8 = 0b1111;
    let sum = |chosen: u8| {
        let of = possible.iter().enumerate().filter(|(nth, _)| chosen & (1 << nth) != 0);
        of.fold(0_i64, |sum, (_, (_, pieces))| sum.saturating_add(*pieces))
    };
    let mut tries = vec![(ALL, lost), (ALL, 0)];
    let mut some: Vec<u8> = (0..ALL).collect();
    some.sort_by_key(|chosen| std::cmp::Reverse(chosen.count_ones()));
    tries.extend(some.iter().map(|chosen| (*chosen, 0)));
    tries.extend(some.iter().map(|chosen| (*chosen, lost)));
    tries.into_iter().find(|(chosen, variance)| rest.saturating_sub(sum(*chosen)) == *variance)
}

//! Counting journals for what no cause explains: drafted every night, the first ones of a warehouse and large ones only
//! after a person said yes.

use crate::ids::WarehouseId;
use crate::stock::{CountLine, ItemKey, JournalKind};
use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Longer journals take too long to post.
pub const LINES_PER_JOURNAL: usize = 1_000;
/// Lines of one change set.
pub const LINES_PER_WRITE: usize = 100;

/// Where a journal of ours stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalState {
    /// A person must say yes before anything is written.
    Proposed,
    /// It is being written.
    Approved,
    /// It stands in F&O, not posted.
    Written,
    /// Posted in F&O.
    Posted,
    /// A person said no, or a newer one takes its place.
    Dropped,
}

impl JournalState {
    /// Its SKUs are not counted again meanwhile.
    pub fn open(self) -> bool {
        matches!(self, Self::Approved | Self::Written)
    }

    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Written => "written",
            Self::Posted => "posted",
            Self::Dropped => "dropped",
        }
    }
}

/// One counting journal of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// Its token, in F&O's `Description`.
    pub token: String,
    /// Counts, or deltas.
    #[serde(default)]
    pub kind: JournalKind,
    /// What the ids of adjustments begin with.
    #[serde(default)]
    pub prefix: String,
    /// Change sets that F&O refused as a whole: their lines are written one by one, so that one bad line stops no
    /// other.
    #[serde(default)]
    pub split: BTreeSet<usize>,
    /// When the last line was written.
    #[serde(default)]
    pub written: Option<Timestamp>,
    /// Warehouse.
    pub warehouse: WarehouseId,
    /// Site.
    pub site: String,
    /// When it was compared.
    pub at: Timestamp,
    /// Where it stands.
    pub state: JournalState,
    /// Why a person is asked; empty when nobody is.
    pub ask: String,
    /// Who said yes or no, and when.
    pub said: Option<(String, Timestamp)>,
    /// F&O's number, once known.
    pub number: Option<String>,
    /// When F&O was last asked whether it is posted.
    pub looked: Option<Timestamp>,
    /// Lines.
    pub lines: Vec<CountLine>,
}

/// A variance that can be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// SKU.
    pub sku: String,
    /// As F&O names it.
    pub key: ItemKey,
    /// F&O physical, in its unit.
    pub physical: Decimal,
    /// Pieces in one unit.
    pub each: Decimal,
    /// Pieces without a cause.
    pub variance: i64,
    /// Inventory unit.
    pub unit: String,
    /// Pieces lost or found that are in it.
    pub found: i64,
}

/// The journals of one warehouse for one night. Small differences go into one that nobody is asked about, large ones
/// into another; before the first was approved, all are asked about.
pub fn draft(
    warehouse: &WarehouseId,
    site: &str,
    at: Timestamp,
    threshold: i64,
    first: bool,
    kind: JournalKind,
    variances: &[Draft],
) -> Vec<Journal> {
    let large = |one: &&Draft| first || one.variance.saturating_abs() > threshold;
    let (asked, quiet): (Vec<&Draft>, Vec<&Draft>) = variances.iter().partition(large);
    let why = if first {
        "the first count of this warehouse".to_owned()
    } else {
        format!("a difference of more than {threshold} pieces")
    };
    let mut journals = Vec::new();
    for (mark, state, ask, drafts) in [
        ("a", JournalState::Approved, String::new(), quiet),
        ("b", JournalState::Proposed, why, asked),
    ] {
        let lines: Vec<CountLine> = drafts.iter().filter_map(|one| line(one)).collect();
        for (nth, chunk) in lines.chunks(LINES_PER_JOURNAL).enumerate() {
            let lines = (1..).zip(chunk).map(|(number, l)| CountLine { number, ..l.clone() });
            journals.push(Journal {
                token: format!(
                    "ShipBob {warehouse} {} {mark}{nth} {}",
                    at.date(),
                    at.0 / 1_000_000
                ),
                kind,
                prefix: prefix(warehouse, at, mark, nth),
                split: BTreeSet::new(),
                written: None,
                warehouse: warehouse.clone(),
                site: site.to_owned(),
                at,
                state,
                ask: ask.clone(),
                said: None,
                number: None,
                looked: None,
                lines: lines.collect(),
            });
        }
    }
    journals
}

/// None where the count would be less than nothing, or no exact quantity of the unit.
fn line(one: &Draft) -> Option<CountLine> {
    let units = Decimal::from(one.variance).checked_div(one.each)?;
    let exact = units.checked_mul(one.each)? == Decimal::from(one.variance);
    let counted = one.physical.checked_sub(units)?;
    (exact && counted >= Decimal::ZERO && one.variance != 0).then(|| CountLine {
        number: 0,
        sku: one.sku.clone(),
        key: one.key.clone(),
        counted: counted.normalize(),
        physical: one.physical.normalize(),
        variance: one.variance,
        unit: one.unit.clone(),
        found: one.found,
        posted: false,
        left_out: false,
    })
}

/// What ids of adjustments begin with: 16 characters, so that a whole id has 20, as much as ids may safely have. The
/// warehouse is in it as a number (FNV-1a) because its name may be too long.
fn prefix(warehouse: &WarehouseId, at: Timestamp, mark: &str, nth: usize) -> String {
    let folded = warehouse.as_str().bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    });
    let seconds = u64::try_from(at.0 / 1_000_000).unwrap_or(0);
    let nth = u64::try_from(nth).unwrap_or(u64::MAX);
    let (at, place) = (base36::<6>(seconds), base36::<5>(u64::from(folded)));
    format!("SB{at}{mark}{place}{}", base36::<2>(nth))
}

/// The last `N` digits of a number of base 36.
fn base36<const N: usize>(number: u64) -> String {
    let mut rest = number;
    let mut digits: Vec<char> = Vec::with_capacity(N);
    for _ in 0..N {
        let digit = u32::try_from(rest % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0').to_ascii_uppercase());
        rest /= 36;
    }
    digits.iter().rev().collect()
}

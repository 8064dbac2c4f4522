//! Seeding history: orders of a stretch of time, or orders named one by one, are looked at as if
//! the connector had been there. Nothing goes out for it that the cut-off does not let out.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Under which kind the state is kept (key ""), and the parts of a list of keys.
pub const KEPT: &str = "backfill";
/// Parts of a list of keys, by number.
pub const KEYS: &str = "backfill.keys";
/// Kind of the target of the signal that asks for one.
pub const TARGET: &str = "backfill";
/// Keys of one part: read in one batch.
pub const PART: usize = 200;
/// Keys one call may name.
pub const MOST_KEYS: usize = 200_000;
/// Unknown keys shown.
const SHOWN: usize = 50;

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// Orders that changed in F&O, and ShipBob orders that changed, from one moment to the other.
    Range {
        /// From, inclusive.
        from: Timestamp,
        /// To, inclusive.
        to: Timestamp,
    },
    /// These sales orders.
    Keys(Vec<String>),
}

/// The body of the signal that asks for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who asks.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// Names it: a repeated call is the same backfill.
    pub id: String,
    /// What is to be looked at.
    pub wish: Wish,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Pages of F&O's changes.
    Dynamics,
    /// Pages of ShipBob's orders.
    Shipbob,
    /// Parts of the list of keys.
    Keys,
    /// Nothing: it is over.
    Done,
}

/// How far one got. Kept in the transaction that stores what was read, so that it goes on after a
/// restart where it stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    /// Names it.
    pub id: String,
    /// Who asked.
    pub who: String,
    /// When.
    pub asked: Timestamp,
    /// The stretch of time; none with keys.
    pub range: Option<(Timestamp, Timestamp)>,
    /// What comes next.
    pub stage: Stage,
    /// Where F&O's pages go on.
    pub cursors: Option<String>,
    /// How far in time F&O's pages got.
    pub reached: Timestamp,
    /// The next page of ShipBob.
    pub page: u32,
    /// The next part of the keys, and how many there are.
    pub part: (usize, usize),
    /// Sales orders to be looked at, so far.
    pub orders: u64,
    /// ShipBob orders of ours, so far.
    pub shipbob_orders: u64,
    /// Keys F&O does not know: how many, and the first of them.
    pub unknown: (u64, Vec<String>),
    /// When it was over.
    pub finished: Option<Timestamp>,
}

impl Backfill {
    /// The beginning of what was asked for, and the parts of its keys.
    pub fn begin(asked: Asked) -> (Self, Vec<Vec<String>>) {
        let mut parts = Vec::new();
        let (range, stage, reached) = match asked.wish {
            Wish::Range { from, to } => (Some((from, to)), Stage::Dynamics, from),
            Wish::Keys(mut keys) => {
                keys.retain(|key| !key.trim().is_empty());
                keys.sort_unstable();
                keys.dedup();
                parts = keys.chunks(PART).map(<[String]>::to_vec).collect();
                (None, Stage::Keys, Timestamp::MIN)
            }
        };
        let backfill = Self {
            id: asked.id,
            who: asked.who,
            asked: asked.at,
            range,
            stage,
            cursors: None,
            reached,
            page: 1,
            part: (0, parts.len()),
            orders: 0,
            shipbob_orders: 0,
            unknown: (0, Vec::new()),
            finished: None,
        };
        (backfill, parts)
    }

    /// Counts a key that F&O does not know.
    pub fn does_not_know(&mut self, key: &str) {
        self.unknown.0 += 1;
        if self.unknown.1.len() < SHOWN {
            self.unknown.1.push(key.to_owned());
        }
    }

    /// How much is done, in thousandths.
    pub fn permille(&self) -> u64 {
        let share = |done: i64, all: i64, of: i64| {
            u64::try_from(done.clamp(0, all.max(1)).saturating_mul(of) / all.max(1)).unwrap_or(0)
        };
        match (self.stage, self.range) {
            (Stage::Done, _) => 1_000,
            (Stage::Dynamics, Some((from, to))) => {
                share(self.reached.since(from).0 / 1_000, to.since(from).0 / 1_000, 900)
            }
            (Stage::Shipbob, _) => 900,
            (Stage::Keys, _) => {
                let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
                share(number(self.part.0), number(self.part.1), 1_000)
            }
            (Stage::Dynamics, None) => 0,
        }
    }

    /// What came of it, in one sentence.
    pub fn sentence(&self) -> String {
        let mut text = format!("{} sales order(s) looked at", self.orders);
        if self.range.is_some() {
            text.push_str(&format!(", {} ShipBob order(s) of ours", self.shipbob_orders));
        }
        if self.unknown.0 > 0 {
            let shown = self.unknown.1.join(", ");
            let more = if self.unknown.0 > SHOWN as u64 { " …" } else { "" };
            text.push_str(&format!("; {} unknown to Dynamics: {shown}{more}", self.unknown.0));
        }
        text.push('.');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(wish: Wish) -> Asked {
        let (who, why, id) = ("Mara".to_owned(), String::new(), "x".to_owned());
        Asked { who, why, at: Timestamp(1), id, wish }
    }

    #[test]
    fn keys_are_read_once_in_parts() {
        let keys = (0..450).map(|n| format!("SO-{:03}", n % 420)).chain([String::new()]).collect();
        let (begun, parts) = Backfill::begin(asked(Wish::Keys(keys)));
        let sizes: Vec<usize> = parts.iter().map(Vec::len).collect();
        assert_eq!((sizes, begun.part), (vec![200, 200, 20], (0, 3)));
        assert_eq!(begun.permille(), 0);
    }

    #[test]
    fn progress_grows_from_nothing_to_all() {
        let wish = Wish::Range { from: Timestamp(0), to: Timestamp(10_000_000) };
        let (mut one, _) = Backfill::begin(asked(wish));
        assert_eq!(one.permille(), 0);
        one.reached = Timestamp(5_000_000);
        assert_eq!(one.permille(), 450);
        one.reached = Timestamp(99_000_000);
        assert_eq!(one.permille(), 900, "late rows do not go beyond");
        one.stage = Stage::Done;
        assert_eq!(one.permille(), 1_000);
    }
}

//! The daily reconciliation: what both systems say of a day, held against each other. Every equation
//! is even or itemised to the last order, SKU or invoice; a certificate says so, with the head of the
//! trail at that moment. Pure: facts in, verdict out.

mod books;
mod certificate;
mod orders;

pub use books::{InvoiceSeen, ShelfSeen, Shelves, charges};
pub use certificate::{Certificate, Sealed, TrailHead, seal};
pub use orders::{Day, Known, OrderSeen, Typed, orders};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Under which kind certificates are kept; the key is the day.
pub const KEPT: &str = "report.reconcile";
/// Days that are asked for and not done yet (key "").
pub const ASKED: &str = "reconcile.asked";
/// Kind of the target of the signal that asks for one.
pub const TARGET: &str = "reconcile";
/// What the trail calls a certificate.
pub const TOLD: &str = "reconciled";
/// Items told one by one per equation; what is beyond is summed up.
pub const MOST_ITEMS: usize = 1_000;

/// Settings of the daily run. Without them it is made only when a person asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reconcile {
    /// The day begins and ends by the clocks of this zone (`Europe/Berlin`).
    pub zone: String,
    /// Minutes after its end at which a day is reconciled: late rows and slips come in first.
    pub after_minutes: i64,
}

impl Default for Reconcile {
    fn default() -> Self {
        Self { zone: "UTC".to_owned(), after_minutes: 120 }
    }
}

impl Reconcile {
    /// What is wrong with the settings as such.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.zone.trim().is_empty() {
            found.push("reconcile.zone is empty: give one like Europe/Berlin or UTC".to_owned());
        }
        if !(5..=1_440).contains(&self.after_minutes) {
            let minutes = self.after_minutes;
            found.push(format!("reconcile.after_minutes is {minutes}: give 5 to 1440"));
        }
        found
    }
}

/// The body of the signal that asks for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who asks.
    pub who: String,
    /// Why; may be empty.
    #[serde(default)]
    pub why: String,
    /// `2026-11-24`.
    pub day: String,
    /// Ties the trail entry to the click.
    #[serde(default)]
    pub request_id: String,
}

/// What an item means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Nothing explains it: a person looks.
    Wrong,
    /// A hold says why, and what to do.
    Held,
    /// It is on its way and in time.
    Waits,
    /// It has a reason and stays so.
    Explained,
}

impl Grade {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Wrong => "WRONG",
            Self::Held => "held",
            Self::Waits => "waits",
            Self::Explained => "explained",
        }
    }
}

/// One reason why the two sides differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it means.
    pub grade: Grade,
    /// Stable word.
    pub cause: String,
    /// The order, where it is about one; empty otherwise.
    pub order: String,
    /// Shipment, slip, SKU, reference, invoice: what it is about inside that.
    pub key: String,
    /// What it adds to left less right; zero when something is wrong that changes no sum.
    pub amount: Decimal,
    /// One sentence.
    pub words: String,
    /// What to do; empty when there is nothing to do.
    pub fix: String,
}

/// Two sides that should be equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Equation {
    /// Stable word.
    pub name: String,
    /// What is counted: `orders`, `parcels`, `pieces`, a currency.
    pub unit: String,
    /// What the left side is.
    pub left_is: String,
    /// Left side.
    pub left: Decimal,
    /// What the right side is.
    pub right_is: String,
    /// Right side.
    pub right: Decimal,
    /// Why it was not compared; empty when it was.
    pub not_compared: String,
    /// Every reason for a difference, the gravest first.
    pub items: Vec<Item>,
    /// Items beyond [`MOST_ITEMS`]: how many, and what they add.
    pub more: Option<(u64, Decimal)>,
}

impl Equation {
    pub(crate) fn new(name: &str, unit: &str, left_is: &str, right_is: &str) -> Self {
        Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            left_is: left_is.to_owned(),
            left: Decimal::ZERO,
            right_is: right_is.to_owned(),
            right: Decimal::ZERO,
            not_compared: String::new(),
            items: Vec::new(),
            more: None,
        }
    }

    /// One that cannot be looked at, and why.
    pub fn not_compared(name: &str, unit: &str, why: &str) -> Self {
        Self { not_compared: why.to_owned(), ..Self::new(name, unit, "", "") }
    }

    /// Left less right.
    pub fn difference(&self) -> Decimal {
        self.left.saturating_sub(self.right)
    }

    /// The items add up to the difference.
    pub fn itemised(&self) -> bool {
        let own = self.items.iter().map(|i| i.amount);
        let all = own.chain(self.more.map(|(_, amount)| amount));
        all.fold(Decimal::ZERO, Decimal::saturating_add) == self.difference()
    }

    /// Items nothing explains.
    pub fn wrong(&self) -> usize {
        self.items.iter().filter(|i| i.grade == Grade::Wrong).count()
    }

    /// The gravest first, and no more than a page can hold. What is not shown is never worse than
    /// what is.
    pub(crate) fn sorted(mut self) -> Self {
        self.items.sort_by(|a, b| {
            let last = || (a.amount, &a.words).cmp(&(b.amount, &b.words));
            let first = (a.grade, &a.cause, &a.order, &a.key);
            first.cmp(&(b.grade, &b.cause, &b.order, &b.key)).then_with(last)
        });
        if self.items.len() > MOST_ITEMS {
            let rest = self.items.split_off(MOST_ITEMS);
            let sum = rest.iter().map(|i| i.amount).fold(Decimal::ZERO, Decimal::saturating_add);
            self.sum_up(u64::try_from(rest.len()).unwrap_or(u64::MAX), sum);
        }
        self
    }

    /// Items that are not told one by one.
    pub(crate) fn sum_up(&mut self, n: u64, amount: Decimal) {
        let (items, sum) = self.more.unwrap_or_default();
        self.more = Some((items.saturating_add(n), sum.saturating_add(amount)));
    }
}

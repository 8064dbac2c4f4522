//! What is free of a SKU in a warehouse, and whether F&O must be told.

use crate::custom_call::{AVAILABLE_SUBJECT, Available, AvailableLine};
use crate::time::{Span, Timestamp};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Digits after the point a quantity is told with.
const DIGITS: u32 = 6;

/// What is known of one SKU in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Free {
    /// Fulfillable pieces over all centres of the warehouse, as ShipBob showed them in the last comparison; none = it
    /// showed none of them.
    pub shown: Option<i64>,
    /// Quantity F&O was told last; `Some(None)`: it was told one, and nobody knows whether it took it. None = never.
    pub told: Option<Option<Decimal>>,
    /// Pieces in one inventory unit; none = nobody knows.
    pub each: Option<Decimal>,
}

/// Pieces and quantity that must be told; none = nothing.
///
/// Less than nothing is free: nothing is. What ShipBob shows no more, and was told before, is nothing too: it must not be
/// sold. What does not divide is rounded down: more than there is is never told.
pub fn to_tell(free: &Free) -> Option<(i64, Decimal)> {
    let pieces = match (free.shown, &free.told) {
        (Some(pieces), _) => pieces.max(0),
        (None, Some(_)) => 0,
        (None, None) => return None,
    };
    let each = free.each.filter(|each| *each > Decimal::ZERO)?;
    let quantity = Decimal::from(pieces).checked_div(each)?;
    let quantity = quantity.round_dp_with_strategy(DIGITS, RoundingStrategy::ToZero).normalize();
    let known = matches!(&free.told, Some(Some(told)) if *told == quantity);
    (!known).then_some((pieces, quantity))
}

/// Kind of the document that says how far available quantities are told.
pub const TELLING: &str = "stock.available";

/// How far the figures of one comparison are told. One call is under way at a time, so that a later figure is never
/// overtaken by an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// The comparison whose figures they are.
    pub run: i64,
    /// When it began to look.
    pub as_of: Timestamp,
    /// All of this SKU, and everything before it, is told.
    pub from: String,
    /// The last line that is told, or given up: SKU and centre.
    pub at: (String, i64),
    /// Lines of the next call: fewer after a refusal, to find the line that is refused.
    pub size: usize,
    /// Calls made so far.
    pub calls: u32,
    /// The call under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Vec<AvailableLine>>,
    /// Quantities that were taken.
    pub told: u64,
    /// Calls without a clear answer, one after the other.
    #[serde(default)]
    pub doubts: u32,
    /// Refused lines: SKU and warehouse (empty = all of them), and what F&O says.
    pub refused: Vec<(String, String)>,
    /// A newer comparison is done: its figures follow when the call under way is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer: Option<(i64, Timestamp)>,
    /// Everything is told, changed or not.
    #[serde(default)]
    pub all: bool,
    /// The comparison everything was told of last.
    pub all_of: Timestamp,
    /// All of it is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Timestamp>,
}

/// Refused lines after which the rest is not tried: the description is wrong, not the lines.
const MOST_REFUSED: usize = 20;
/// Calls without a clear answer after which a call is taken for refused: an exception says neither.
const MOST_DOUBTS: u32 = 3;

impl Telling {
    /// The figures of that comparison, from the first SKU.
    pub fn begin(
        run: i64,
        as_of: Timestamp,
        available: &Available,
        before: Option<&Telling>,
    ) -> Self {
        let days = Span::days(i64::from(available.all_days));
        let old = |of: &Telling| days > Span(0) && as_of.since(of.all_of) >= days;
        // One that was broken off goes on as what it was.
        let all = before.is_none_or(|of| old(of) || (of.all && of.done.is_none()));
        Self {
            all,
            all_of: before.filter(|_| !all).map_or(as_of, |of| of.all_of),
            run,
            as_of,
            from: String::new(),
            at: (String::new(), i64::MIN),
            size: available.rows.max(1),
            calls: 0,
            call: None,
            told: 0,
            doubts: 0,
            refused: Vec::new(),
            newer: None,
            done: None,
        }
    }

    /// Subject of the call under way.
    pub fn subject(&self) -> String {
        format!("{AVAILABLE_SUBJECT}:{}:{}", self.run, self.calls)
    }

    /// F&O took the call.
    pub fn taken(&mut self, rows: usize) -> Vec<AvailableLine> {
        let lines = self.over();
        self.told = self.told.saturating_add(u64::try_from(lines.len()).unwrap_or(0));
        self.size = self.size.saturating_mul(2).clamp(1, rows.max(1));
        self.doubts = 0;
        lines
    }

    /// Nobody knows whether F&O took the call: its lines are told again.
    pub fn lost(&mut self, why: &str) {
        self.doubts = self.doubts.saturating_add(1);
        if self.doubts >= MOST_DOUBTS {
            self.denied(why);
        } else {
            self.call = None;
        }
    }

    /// F&O says no: half of the lines are tried next, and one line alone is given up.
    pub fn denied(&mut self, why: &str) {
        self.doubts = 0;
        let lines = self.call.as_ref().map_or(0, Vec::len);
        if lines > 1 {
            self.size = lines / 2;
            self.call = None;
            return;
        }
        let line = self.over().into_iter().next();
        let named = line.map(|line| format!("{} in {}", line.sku, line.warehouse));
        self.refused.push((named.unwrap_or_default(), why.to_owned()));
    }

    /// F&O says no whatever is told.
    pub fn barred(&mut self, why: &str) {
        self.call = None;
        self.refused.push((String::new(), why.to_owned()));
    }

    /// The rest is not tried.
    pub fn hopeless(&self) -> bool {
        self.refused.len() >= MOST_REFUSED || self.refused.iter().any(|(line, _)| line.is_empty())
    }

    fn over(&mut self) -> Vec<AvailableLine> {
        let lines = self.call.take().unwrap_or_default();
        if let Some(last) = lines.last() {
            self.at = (last.sku.clone(), last.centre);
        }
        lines
    }

    /// In a sentence.
    pub fn sentence(&self) -> String {
        let refused = match self.refused.len() {
            0 => String::new(),
            n => format!("; {n} refused"),
        };
        format!(
            "{} available quantity(s) of {} told with {} call(s){refused}",
            self.told,
            self.as_of.to_rfc3339_seconds(),
            self.calls
        )
    }
}

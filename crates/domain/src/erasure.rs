//! Erasing the personal data of one sales order: when it may be done, and what is judged of an
//! order whose data is gone. An order with open work keeps its data until the work is over: half
//! of it would be planned from nothing.

use crate::disposition::HoldReason;
use crate::flows::is_released;
use crate::sales::{OrderRead, SalesStatus};
use crate::settings::Settings;
use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Under which kind a finished erasure is kept, by subject.
pub const KEPT: &str = "erasure";
/// Under which kind a wanted one is kept until the order has no open work, by subject.
pub const WANTED: &str = "erasure.wanted";
/// Cause of the hold of an erased order that Dynamics wants to be shipped again.
pub const CAME_BACK: &str = "erased-order-came-back";

/// What a person asked for. It holds nothing of the person whose data it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Who asked.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// What it waits for, in one sentence.
    pub waits: String,
}

/// What stays of an erased order: enough to notice that Dynamics wants more of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Who asked.
    pub who: String,
    /// When it was done.
    pub at: Timestamp,
    /// Open quantity of each line (lot), in sales units.
    pub left: BTreeMap<String, Decimal>,
}

/// Where an order stands, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing<'a> {
    /// The planner's word.
    pub status: &'a str,
    /// Waits to be planned.
    pub dirty: bool,
    /// Is read again by key: open on either side.
    pub watched: bool,
    /// Something waits for a person.
    pub held: bool,
    /// Writes that are ready, under way or in doubt.
    pub writes: usize,
}

/// What is still to be done on an order, in one sentence; none when nothing is.
pub fn open_work(standing: &Standing<'_>) -> Option<String> {
    let why = match standing {
        Standing { writes: 1, .. } => "1 write of it is not finished".to_owned(),
        Standing { writes: n @ 2.., .. } => format!("{n} writes of it are not finished"),
        Standing { held: true, .. } => "it waits for a person (see its holds)".to_owned(),
        Standing { dirty: true, .. } => "it has news that was not looked at yet".to_owned(),
        Standing { status: "waiting", .. } => {
            "Dynamics may still release it: cancel it there if it is not to be shipped".to_owned()
        }
        Standing { watched: true, .. } => "it is open at ShipBob or in Dynamics".to_owned(),
        Standing { .. } => return None,
    };
    Some(why)
}

/// Open quantity of each line, for [`Erased::left`].
pub fn left(read: Option<&OrderRead>) -> BTreeMap<String, Decimal> {
    let lines = read.and_then(|r| r.order.as_ref()).map(|o| o.lines.as_slice());
    let lines = lines.unwrap_or_default().iter();
    lines.map(|l| (l.lot.as_str().to_owned(), l.remaining)).collect()
}

/// Why an erased order needs a person: Dynamics wants more of it shipped than when it was erased.
pub fn came_back(erased: &Erased, read: &OrderRead, settings: &Settings) -> Option<HoldReason> {
    let order = read.order.as_ref().filter(|o| is_released(o, settings))?;
    let more = order.lines.iter().find(|l| {
        let before = erased.left.get(l.lot.as_str()).copied().unwrap_or_default();
        settings.warehouse(&l.warehouse).is_some()
            && l.status != SalesStatus::Canceled
            && !l.blocked
            && l.remaining > before
            && l.remaining > Decimal::ZERO
    })?;
    Some(HoldReason::new(
        CAME_BACK,
        "line",
        &more.sequence.to_string(),
        "Dynamics wants more of this order shipped, and its personal data was erased here.",
        "Nothing of it is sent any more: enter what is to be shipped as a new order, then dismiss this.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_closed_when_nothing_of_it_is_to_be_done() {
        let closed = Standing { status: "delivered", ..Standing::default() };
        assert_eq!(open_work(&closed), None);
        let open = [
            Standing { writes: 1, ..closed.clone() },
            Standing { writes: 3, ..closed.clone() },
            Standing { held: true, ..closed.clone() },
            Standing { dirty: true, ..closed.clone() },
            Standing { watched: true, ..closed.clone() },
            Standing { status: "waiting", ..closed },
        ];
        let words: Vec<_> = open.iter().filter_map(open_work).collect();
        assert_eq!(words.len(), open.len(), "{words:?}");
    }
}

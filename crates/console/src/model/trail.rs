//! Facts of the trail, the holds and the search.

use super::{At, OrderState};
use serde::Serialize;

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrailLine {
    /// Place in the chain.
    pub seq: i64,
    /// When.
    pub at: At,
    /// Who: a person's name, or the part of the product that acted.
    pub who: String,
    /// What, as a stable word.
    pub what: String,
    /// Which order, if one.
    pub subject: Option<String>,
    /// Value before.
    pub before: Option<String>,
    /// Value after.
    pub after: Option<String>,
    /// Plain sentence.
    pub why: Option<String>,
    /// Settings in force.
    pub settings_version: i64,
    /// Request or signal that caused it.
    pub request_id: Option<String>,
    /// Its hash in the chain.
    pub hash: String,
}

impl From<store::TrailRow> for TrailLine {
    fn from(row: store::TrailRow) -> Self {
        crate::books::trail_line(row)
    }
}

impl TrailLine {
    /// What happened, as one sentence: who and what of people, the reason itself of our own parts.
    pub fn text(&self) -> String {
        let why = self.why.as_deref().map(str::trim).filter(|why| !why.is_empty());
        match (crate::order_view::is_person(&self.who), why) {
            (true, Some(why)) => format!("{} {}: {why}", self.who, self.what),
            (true, None) => format!("{} {}.", self.who, self.what),
            (false, Some(why)) => why.to_owned(),
            (false, None) => self.what.clone(),
        }
    }
}

/// One page of the trail, newest first.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TrailPage {
    /// Entries.
    pub rows: Vec<TrailLine>,
    /// Pass as `before` to read on; none at the end.
    pub next: Option<i64>,
}

/// What to show of the trail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailQuery {
    /// Only this order.
    pub subject: Option<String>,
    /// Only this actor.
    pub who: Option<String>,
    /// Only this kind of change.
    pub what: Option<String>,
    /// Only entries before this place in the chain.
    pub before: Option<i64>,
    /// At most this many.
    pub limit: i64,
}

/// Whether the chain of the trail still holds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ChainReport {
    /// Entries checked.
    pub entries: i64,
    /// Entries whose personal content was erased; the chain covers them all the same.
    pub erased: i64,
    /// Place of the newest entry.
    pub head_seq: i64,
    /// Its hash.
    pub head_hash: String,
    /// Entries up to here were deleted after their time; the chain goes on from there.
    pub archived_seq: Option<i64>,
    /// First entry that does not fit, and why.
    pub broken: Option<(i64, String)>,
}

/// Holds that one action would heal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldGroup {
    /// Stable code.
    pub cause: String,
    /// Flow it stops.
    pub flow: String,
    /// Field that cannot be used.
    pub field: String,
    /// Its value.
    pub value: Option<String>,
    /// One sentence: what is wrong.
    pub reason: String,
    /// One sentence: what to do.
    pub fix: String,
    /// How many orders.
    pub count: i64,
    /// Since when the oldest waits.
    pub oldest: At,
    /// The oldest of them.
    pub orders: Vec<HeldOrder>,
}

impl HoldGroup {
    /// What is held, in the singular: not every subject is an order.
    pub fn what(&self) -> &'static str {
        let first = self.orders.first().map_or("", |held| held.number.as_str());
        if self.flow == "products" || domain::product::item_of(first).is_some() {
            "product"
        } else if first == domain::custom_call::AVAILABLE_SUBJECT {
            "available quantity"
        } else if first.starts_with(domain::stock::JOURNAL_SUBJECT) {
            "counting journal"
        } else if domain::request::id_of(first).is_some() {
            "request"
        } else {
            "order"
        }
    }

    /// Where on the page of holds this group stands.
    pub fn anchor(&self) -> String {
        let digest = crate::access::digest(&self.flow, &self.identity());
        let short = crate::access::hex(&digest).chars().take(8).collect::<String>();
        format!("{}-{short}", self.cause)
    }

    /// What makes two holds the same hold, as the planner writes it.
    pub fn identity(&self) -> String {
        format!("{}|{}|{}", self.cause, self.field, self.value.as_deref().unwrap_or_default())
    }
}

/// One order of a group of holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldOrder {
    /// Order number.
    pub number: String,
    /// Since when it waits.
    pub since: At,
}

impl HeldOrder {
    /// The name people know it by.
    pub fn name(&self) -> &str {
        let journal = self.number.strip_prefix(domain::stock::JOURNAL_SUBJECT);
        domain::product::item_of(&self.number).or(journal).unwrap_or(&self.number)
    }
}

/// One answer of the search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The number as written.
    pub number: String,
    /// What it is: `order`, `tracking`, `shipment` …
    pub kind: String,
    /// The order it belongs to.
    pub order: String,
    /// State of that order.
    pub state: OrderState,
    /// State in one sentence.
    pub sentence: String,
}

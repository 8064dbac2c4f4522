//! What comes into ShipBob's centres: returns of customers and receiving orders of suppliers, as ShipBob tells them, and
//! what a person decided about them. Nothing of it becomes a receipt in F&O.
//!
//! A return carries the name of the customer, photographs and instructions: none of that is taken over.

use crate::custom_call::CustomCall;
use crate::ids::{CentreId, ShipmentId};
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// What the key of a return's note begins with.
pub const NOTE_KEY: &str = "note:return:";
/// What the key of a return's record begins with.
pub const RECORD_KEY: &str = "record:return:";

/// The key of a delivery is one of a return.
pub fn tells_return(key: &str) -> bool {
    key.starts_with(NOTE_KEY) || key.starts_with(RECORD_KEY)
}

/// The two kinds of what comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A customer sent something back, or the carrier did.
    Return,
    /// A receiving order (WRO): goods a supplier sends.
    Receiving,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Return, Self::Receiving];

    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::Receiving => "receiving",
        }
    }

    /// From that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What ShipBob did with pieces that came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// `Restock`, `Quarantine`, `Dispose`, or a word we do not know.
    pub action: String,
    /// Pieces.
    pub pieces: i64,
    /// Why, in ShipBob's words.
    pub reason: String,
}

/// One SKU of a return.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReturnLine {
    /// ShipBob's inventory id.
    pub inventory: i64,
    /// SKU.
    pub sku: String,
    /// Pieces announced.
    pub announced: i64,
    /// What was asked to be done with them.
    pub asked: String,
    /// What was done.
    pub taken: Vec<Taken>,
}

impl ReturnLine {
    /// Pieces of one disposition.
    pub fn pieces(&self, action: &str) -> i64 {
        let of = self.taken.iter().filter(|t| t.action.eq_ignore_ascii_case(action));
        of.fold(0, |sum: i64, t| sum.saturating_add(t.pieces.max(0)))
    }

    /// Pieces that became stock again: only what was done counts, never what was asked.
    pub fn restocked(&self) -> i64 {
        self.pieces("Restock")
    }
}

/// One return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// ShipBob's id.
    pub id: i64,
    /// The number on the box.
    pub reference: String,
    /// Status without blanks: ShipBob writes "Awaiting Arrival" as well.
    pub status: String,
    /// `Regular`, `ReturnToSender`.
    pub kind: String,
    /// The channel it belongs to, by name.
    pub channel: String,
    /// Where it goes.
    pub centre: Option<CentreId>,
    /// Its name.
    pub centre_name: String,
    /// The shipment it came from, where ShipBob knows.
    pub shipment: Option<ShipmentId>,
    /// Tracking number of that shipment.
    pub shipment_tracking: String,
    /// Tracking number of the way back.
    pub tracking: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it arrived.
    pub arrived: Option<Timestamp>,
    /// When ShipBob was done with it.
    pub completed: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled: Option<Timestamp>,
    /// What is in it.
    pub lines: Vec<ReturnLine>,
}

impl Return {
    /// ShipBob has counted it.
    pub fn is_completed(&self) -> bool {
        self.status == "Completed"
    }

    /// It will not come.
    pub fn is_cancelled(&self) -> bool {
        self.status == "Cancelled"
    }

    /// Something may still happen to it; a status we do not know is open.
    pub fn is_open(&self) -> bool {
        !self.is_completed() && !self.is_cancelled()
    }

    /// What it is tied to an order by: the shipment, else that shipment's tracking number.
    pub fn tie(&self) -> Option<String> {
        match self.shipment {
            Some(shipment) => Some(by_shipment(shipment)),
            None => by_tracking(&self.shipment_tracking),
        }
    }

    /// The status as a person reads it.
    pub fn state(&self) -> String {
        words(&self.status)
    }
}

/// The tie of a shipment.
pub fn by_shipment(shipment: ShipmentId) -> String {
    format!("shipment {shipment}")
}

/// The tie of a tracking number; none without one.
pub fn by_tracking(number: &str) -> Option<String> {
    let number = number.trim().to_lowercase();
    (!number.is_empty()).then(|| format!("tracking {number}"))
}

/// `PartiallyArrivedAtHub` → `partially arrived at hub`.
pub fn words(status: &str) -> String {
    let mut out = String::with_capacity(status.len() + 4);
    for c in status.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push(' ');
        }
        out.extend(c.to_lowercase());
    }
    if out.is_empty() { "state unknown".to_owned() } else { out }
}

/// One SKU of a receiving order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivingLine {
    /// ShipBob's inventory id.
    pub inventory: i64,
    /// SKU.
    pub sku: String,
    /// Pieces announced.
    pub expected: i64,
    /// Pieces counted at the door.
    pub received: i64,
    /// Pieces on the shelf: only these became stock.
    pub stowed: i64,
}

/// One receiving order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receiving {
    /// ShipBob's id.
    pub id: i64,
    /// Purchase order number, as the merchant gave it.
    pub purchase_order: String,
    /// Status as ShipBob writes it.
    pub status: String,
    /// Where it goes.
    pub centre: Option<CentreId>,
    /// Its name.
    pub centre_name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it is expected.
    pub expected: Option<Timestamp>,
    /// When ShipBob was done with it.
    pub completed: Option<Timestamp>,
    /// What is in it.
    pub lines: Vec<ReceivingLine>,
}

impl Receiving {
    /// Something may still happen to it; a status we do not know is open.
    pub fn is_open(&self) -> bool {
        !matches!(self.status.as_str(), "Completed" | "Cancelled")
    }

    /// The status as a person reads it.
    pub fn state(&self) -> String {
        words(&self.status)
    }
}

/// The section `[connection.returns]`. Without it nothing is asked, planned or written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Returns {
    /// Minutes between looks at ShipBob; webhooks of returns come first.
    pub every_minutes: i64,
    /// The first look goes so many days back.
    pub since_days: i64,
    /// What is done is read again for so many days: ShipBob corrects.
    pub recheck_days: i64,
    /// What stays open is followed for so many days.
    pub follow_days: i64,
    /// Receiving orders are read too.
    pub receiving: bool,
    /// One note per return on the sales order.
    pub note: bool,
    /// The customer's own call that records a completed return; none = nobody does.
    pub record: Option<CustomCall>,
}

impl Default for Returns {
    fn default() -> Self {
        Self {
            every_minutes: 30,
            since_days: 60,
            recheck_days: 7,
            follow_days: 180,
            receiving: true,
            note: false,
            record: None,
        }
    }
}

impl Returns {
    /// What is wrong with the section; empty when it can be used.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if !(1..=1_440).contains(&self.every_minutes) {
            found.push(format!("returns.every_minutes is {}: give 1 to 1440", self.every_minutes));
        }
        let days = [
            ("since_days", self.since_days),
            ("recheck_days", self.recheck_days),
            ("follow_days", self.follow_days),
        ];
        for (name, days) in days.into_iter().filter(|(_, days)| !(1..=400).contains(days)) {
            found.push(format!("returns.{name} is {days}: give 1 to 400 days"));
        }
        let record = self.record.iter().flat_map(CustomCall::record_problems);
        found.extend(record.map(|why| format!("returns.record: {why}")));
        found
    }

    /// Between two looks.
    pub fn every(&self) -> Span {
        Span::minutes(self.every_minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_as_words_and_an_unknown_one_is_open() {
        assert_eq!(words("PartiallyArrivedAtHub"), "partially arrived at hub");
        assert_eq!(words(""), "state unknown");
        let one = |status: &str| Receiving {
            id: 1,
            purchase_order: String::new(),
            status: status.to_owned(),
            centre: None,
            centre_name: String::new(),
            created: Timestamp(0),
            expected: None,
            completed: None,
            lines: Vec::new(),
        };
        assert!(one("Incomplete").is_open() && one("").is_open());
        assert!(!one("Completed").is_open() && !one("Cancelled").is_open());
    }

    #[test]
    fn only_what_was_done_became_stock_and_nothing_counts_below_zero() {
        let taken = |action: &str, pieces| Taken {
            action: action.to_owned(),
            pieces,
            reason: String::new(),
        };
        let line = ReturnLine {
            announced: 5,
            asked: "Restock".to_owned(),
            taken: vec![taken("restock", 2), taken("Restock", i64::MAX), taken("Dispose", -3)],
            ..ReturnLine::default()
        };
        assert_eq!(line.restocked(), i64::MAX);
        assert_eq!(line.pieces("Dispose"), 0);
        assert_eq!(ReturnLine { taken: Vec::new(), ..line }.restocked(), 0);
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let odd = Returns { every_minutes: 0, since_days: 401, ..Returns::default() };
        let found = odd.problems().join(" ");
        assert!(found.contains("every_minutes") && found.contains("since_days"), "{found}");
        assert!(Returns::default().problems().is_empty());
    }
}

//! Facts of the order list and of one order.

use super::{At, TrailLine};
use domain::plan::{DeliveryState, SeenOrder};
use domain::sales::OrderRead;
use serde::Serialize;

/// How far an order is, in the one word a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    /// Seen in Dynamics, not released.
    NotReleased,
    /// Released, not yet in ShipBob.
    Waiting,
    /// Waits for a person.
    Held,
    /// A person decided that it is not sent.
    Skipped,
    /// Released, and nothing on it ships from ShipBob.
    NotForUs,
    /// Accepted by ShipBob.
    InShipBob,
    /// First parcel left.
    Shipped,
    /// Tracking stands in Dynamics.
    WrittenBack,
    /// Everything delivered.
    Delivered,
    /// Cancelled on both sides.
    Cancelled,
}

impl OrderState {
    /// The word shown.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotReleased => "Not released",
            Self::Waiting => "Waiting",
            Self::Held => "Held",
            Self::Skipped => "Skipped",
            Self::NotForUs => "Not for ShipBob",
            Self::InShipBob => "In ShipBob",
            Self::Shipped => "Shipped",
            Self::WrittenBack => "Written back",
            Self::Delivered => "Delivered",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// One order in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    /// Order number.
    pub number: String,
    /// How far.
    pub state: OrderState,
    /// Something waits for a person, whatever the state.
    pub held: bool,
    /// The planner's word.
    pub status: String,
    /// The planner's sentence.
    pub sentence: String,
    /// Recipient, city and country; none when erased or never read.
    pub ship_to: Option<String>,
    /// Released in Dynamics.
    pub released: Option<At>,
    /// Accepted by ShipBob.
    pub accepted: Option<At>,
    /// First parcel left.
    pub shipped: Option<At>,
    /// Tracking stands in Dynamics.
    pub written: Option<At>,
    /// Everything delivered.
    pub delivered: Option<At>,
    /// Cancelled on both sides.
    pub cancelled: Option<At>,
    /// First seen by us.
    pub seen: At,
    /// Last change of this row.
    pub updated: At,
}

/// Which orders a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderFilter {
    /// Every order.
    #[default]
    All,
    /// Released; something on it ships from ShipBob.
    Released,
    /// Released, not yet in ShipBob, nobody asked.
    Waiting,
    /// Waits for a person.
    Held,
    /// In ShipBob, nothing left yet.
    InShipBob,
    /// Left, tracking not yet in Dynamics.
    Shipped,
    /// Tracking in Dynamics, not delivered.
    WrittenBack,
    /// Delivered.
    Delivered,
    /// Waited too long and nobody has been asked.
    Late,
    /// Cancelled on both sides.
    Cancelled,
}

impl OrderFilter {
    /// Every filter in the order of the tabs.
    pub const TABS: [Self; 10] = [
        Self::All,
        Self::Released,
        Self::Held,
        Self::Late,
        Self::Waiting,
        Self::InShipBob,
        Self::Shipped,
        Self::WrittenBack,
        Self::Delivered,
        Self::Cancelled,
    ];

    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Released => "released",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::InShipBob => "in-shipbob",
            Self::Shipped => "shipped",
            Self::WrittenBack => "written-back",
            Self::Delivered => "delivered",
            Self::Late => "late",
            Self::Cancelled => "cancelled",
        }
    }

    /// The filter of a word in the address.
    pub fn parse(word: &str) -> Option<Self> {
        Self::TABS.into_iter().find(|filter| filter.word() == word)
    }

    /// The word on the tab.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Released => "Released",
            Self::Waiting => "Waiting",
            Self::Held => "Held",
            Self::InShipBob => "In ShipBob",
            Self::Shipped => "Shipped",
            Self::WrittenBack => "Written back",
            Self::Delivered => "Delivered",
            Self::Late => "Late",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// One page of orders.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrdersPage {
    /// Orders, newest first; of *waiting*, *held* and *late* the oldest first.
    pub rows: Vec<OrderRow>,
    /// Pass as `after` to read on; none at the end.
    pub next: Option<String>,
}

/// A hold of one order, open or healed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldLine {
    /// Flow it stops.
    pub flow: String,
    /// Stable code.
    pub cause: String,
    /// Field that cannot be used.
    pub field: String,
    /// Its value.
    pub value: Option<String>,
    /// One sentence: what is wrong.
    pub reason: String,
    /// One sentence: what to do.
    pub fix: String,
    /// Since when.
    pub opened: At,
    /// Healed or skipped at.
    pub closed: Option<At>,
    /// By whom.
    pub closed_by: Option<String>,
}

impl HoldLine {
    /// What makes two holds the same hold, as the planner writes it.
    pub fn identity(&self) -> String {
        format!("{}|{}|{}", self.cause, self.field, self.value.as_deref().unwrap_or_default())
    }
}

/// One try of a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptLine {
    /// Number of the try.
    pub number: i64,
    /// Begun.
    pub started: At,
    /// Ended; none while under way or after a crash.
    pub ended: Option<At>,
    /// What was decided after it.
    pub disposition: Option<String>,
    /// The remote's words, without personal data.
    pub detail: Option<String>,
    /// HTTP status.
    pub status: Option<i64>,
}

/// One intended remote write and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryLine {
    /// Number of the delivery.
    pub id: i64,
    /// Stable name of the operation.
    pub operation: String,
    /// The write in plain words.
    pub words: String,
    /// `dynamics` or `shipbob`.
    pub system: String,
    /// State.
    pub state: DeliveryState,
    /// Business key.
    pub key: String,
    /// Planned.
    pub created: At,
    /// Last change.
    pub updated: At,
    /// Not tried before.
    pub not_before: Option<At>,
    /// Result in words.
    pub outcome: Option<String>,
    /// Tries, oldest first.
    pub attempts: Vec<AttemptLine>,
}

/// One decision of the planner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanLine {
    /// Number of the plan.
    pub id: i64,
    /// Made at.
    pub made: At,
    /// Settings in force.
    pub settings_version: i64,
    /// The plan's sentence; none when erased.
    pub sentence: Option<String>,
    /// Why things are as they are.
    pub reasons: Vec<String>,
    /// Writes it wanted: name and why.
    pub writes: Vec<(String, String)>,
    /// Holds it wanted open.
    pub holds: Vec<String>,
}

/// A command of a person that the engine has carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionLine {
    /// `skip`, `retry`, `release`, `note`.
    pub kind: String,
    /// Reason given.
    pub why: Option<String>,
    /// By whom.
    pub who: String,
    /// When.
    pub at: At,
}

/// A command of a person that the engine has not yet carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PendingCommand {
    /// `retry`, `skip`, `release` …
    pub verb: String,
    /// When.
    pub at: At,
}

/// A person wants the personal data erased; it is done as soon as no work is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErasureLine {
    /// Who asked.
    pub who: String,
    /// When.
    pub at: At,
    /// What it waits for.
    pub waits: String,
}

/// Everything known of one order.
#[derive(Debug, Clone)]
pub struct OrderFacts {
    /// Its row.
    pub row: OrderRow,
    /// Dynamics' side, as last read; none when never read or erased.
    pub sales: Option<OrderRead>,
    /// ShipBob's side, lowest reference first.
    pub warehouse: Vec<SeenOrder>,
    /// What came back of it, where returns are read.
    pub returns: Vec<domain::inbound::Return>,
    /// Holds, open ones first.
    pub holds: Vec<HoldLine>,
    /// Commands under way.
    pub pending: Vec<PendingCommand>,
    /// Commands carried out, newest first.
    pub decisions: Vec<DecisionLine>,
    /// Decisions of the planner, newest first.
    pub plans: Vec<PlanLine>,
    /// Writes, newest first.
    pub deliveries: Vec<DeliveryLine>,
    /// Trail of the order, newest first.
    pub trail: Vec<TrailLine>,
    /// Personal data was erased on request.
    pub erased: bool,
    /// Personal data is to be erased once the work is over.
    pub erasure: Option<ErasureLine>,
}

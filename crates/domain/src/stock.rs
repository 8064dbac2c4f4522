//! Stock as both systems tell it: levels and events of ShipBob, on-hand and counting journals of F&O, and what a person
//! decided about comparing them.

use crate::custom_call::Available;
use crate::ids::{CentreId, WarehouseId};
use crate::settings::Profile;
use crate::time::{Span, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Kind of the documents of counting journals that are not closed.
pub const JOURNALS: &str = "stock.journal";
/// Kind of the documents of closed ones.
pub const JOURNALS_CLOSED: &str = "stock.journal.closed";
/// What tells the subject of a counting journal from an order.
pub const JOURNAL_SUBJECT: &str = "journal:";
/// Kind of the report of the last whole comparison.
pub const REPORT: &str = "report.stock";

/// What came of the last whole comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockReport {
    /// When it began.
    pub began: Timestamp,
    /// When it was done.
    pub at: Timestamp,
    /// Shelves and net unexplained pieces per state.
    pub states: Vec<(String, i64, i64)>,
    /// Pieces in centres that are mapped to no warehouse.
    pub elsewhere: i64,
}

/// What is done with what cannot be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Nothing is written: the difference is shown.
    #[default]
    Report,
    /// Counting journals are drafted in F&O every night; a person there, or a job, posts them.
    CountingJournal,
    /// Externally managed warehouses get external inventory adjustments: F&O's own jobs make journals of them and
    /// post those. Warehouses of profile *plain* beside them get counting journals, where `journal` names one.
    ExternalAdjustments,
}

/// Settings of the flow. Without them nothing of it is asked, planned or sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inventory {
    /// What is done.
    pub mode: Mode,
    /// When, after midnight UTC.
    pub nightly: Span,
    /// A difference of more pieces than this needs a person's approval.
    pub threshold: i64,
    /// `JournalNameId` of the counting journals.
    pub journal: String,
    /// `CountingReasonCode` of their lines; empty = none.
    pub reason: String,
    /// `ExternalSystemId` of adjustments: the external warehouse management system of the warehouses.
    pub external_system: String,
    /// `InventoryStatusId` of adjustments; empty = none is said.
    pub inventory_status: String,
    /// Inventory statuses that count as on hand where a warehouse keeps them; empty = all.
    pub statuses: BTreeSet<String>,
    /// Somebody has seen that an adjustment stays in its set after its journal was posted: one that is in doubt and
    /// absent is sent again. Otherwise it waits for a person.
    pub adjustments_stay: bool,
    /// Lots are read and shown.
    pub lots: bool,
    /// How available quantities are told to F&O; none = they are shown only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<Available>,
}

impl Default for Inventory {
    fn default() -> Self {
        Self {
            mode: Mode::Report,
            nightly: Span::hours(2),
            threshold: 10,
            journal: String::new(),
            reason: String::new(),
            external_system: String::new(),
            inventory_status: String::new(),
            statuses: BTreeSet::new(),
            adjustments_stay: false,
            lots: false,
            available: None,
        }
    }
}

impl Inventory {
    /// How differences of a warehouse of that profile are brought to F&O; none = they are shown only.
    pub fn written_as(&self, profile: Profile) -> Option<JournalKind> {
        let counts = !self.journal.trim().is_empty();
        match (self.mode, profile) {
            (Mode::CountingJournal | Mode::ExternalAdjustments, Profile::Plain) if counts => {
                Some(JournalKind::Counting)
            }
            (Mode::ExternalAdjustments, Profile::External) => Some(JournalKind::Adjustments),
            _ => None,
        }
    }

    /// What is wrong with the section; empty when it can be used.
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.nightly.0 < 0 || self.nightly >= Span::days(1) {
            found.push("inventory: nightly must lie between 00:00 and 23:59".to_owned());
        }
        if self.threshold < 0 {
            found.push("inventory: threshold must not be negative".to_owned());
        }
        if self.mode == Mode::CountingJournal && self.journal.trim().is_empty() {
            found.push(
                "inventory: mode counting-journal needs journal = \"…\", a journal name for counting in Dynamics"
                    .to_owned(),
            );
        }
        if self.mode == Mode::ExternalAdjustments && self.external_system.trim().is_empty() {
            found.push(
                "inventory: mode external-adjustments needs external_system = \"…\", the id of the external warehouse management system in Dynamics"
                    .to_owned(),
            );
        }
        found.extend(self.available.iter().flat_map(Available::problems));
        found
    }

    /// The first night's run after a moment.
    pub fn next_after(&self, at: Timestamp) -> Timestamp {
        let day = Span::days(1).0;
        let since = (at.0 - self.nightly.0).div_euclid(day);
        Timestamp((since + 1) * day + self.nightly.0)
    }
}

/// One SKU in one fulfilment centre, as ShipBob shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// ShipBob's inventory id.
    pub inventory_id: i64,
    /// SKU as ShipBob writes it.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// Where.
    pub centre: CentreId,
    /// On the shelf, promised pieces included.
    pub on_hand: i64,
    /// Promised to orders.
    pub committed: i64,
    /// May be promised.
    pub fulfillable: i64,
    /// On its way to the shelf.
    pub awaiting: i64,
    /// Between two centres.
    pub transfer: i64,
}

/// Kinds of inventory events; what we do not know survives as `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// Taken for an order.
    OrderPicked,
    /// Counted, lost, found, damaged.
    Adjusted,
    /// Between facilities.
    FacilityUpdated,
    /// Stowed from a receipt.
    ReceivingStow,
    /// Came back.
    Restocked,
    /// Made of, or into, other goods.
    Kitting,
    /// Counted at the door; only what is stowed becomes stock.
    Received,
    /// Nothing moved.
    AttributeUpdated,
    /// Anything else.
    Other,
}

impl EventKind {
    /// From ShipBob's word.
    pub fn named(text: &str) -> Self {
        match text {
            "OrderPicked" => Self::OrderPicked,
            "InventoryAdjusted" => Self::Adjusted,
            "InventoryFacilityUpdated" => Self::FacilityUpdated,
            "ReceivingStow" => Self::ReceivingStow,
            "InventoryRestocked" => Self::Restocked,
            "KittingStow" => Self::Kitting,
            "InventoryReceived" => Self::Received,
            "AttributeUpdated" => Self::AttributeUpdated,
            _ => Self::Other,
        }
    }

    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::OrderPicked => "picked",
            Self::Adjusted => "adjusted",
            Self::FacilityUpdated => "transferred",
            Self::ReceivingStow => "stowed",
            Self::Restocked => "restocked",
            Self::Kitting => "kitted",
            Self::Received => "received",
            Self::AttributeUpdated => "relabelled",
            Self::Other => "other",
        }
    }

    /// The inverse of [`EventKind::word`].
    pub fn of_word(word: &str) -> Self {
        const ALL: [EventKind; 8] = [
            EventKind::OrderPicked,
            EventKind::Adjusted,
            EventKind::FacilityUpdated,
            EventKind::ReceivingStow,
            EventKind::Restocked,
            EventKind::Kitting,
            EventKind::Received,
            EventKind::AttributeUpdated,
        ];
        ALL.into_iter().find(|kind| kind.word() == word).unwrap_or(Self::Other)
    }
}

/// One change of one shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockEvent {
    /// ShipBob's audit id: grows.
    pub id: i64,
    /// Where.
    pub centre: CentreId,
    /// What.
    pub sku: String,
    /// Kind.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// Pieces that came (positive) or left.
    pub pieces: i64,
    /// For which ShipBob order.
    pub order: Option<i64>,
}

/// The dimensions that name a product in F&O.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ItemKey {
    /// Item number.
    pub item: String,
    /// Colour.
    pub color: String,
    /// Size.
    pub size: String,
    /// Style.
    pub style: String,
    /// Configuration.
    pub configuration: String,
    /// Version.
    pub version: String,
}

/// A released product of F&O.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockItem {
    /// Item number and dimensions, joined.
    pub sku: String,
    /// The same, apart.
    pub key: ItemKey,
    /// Product number: unit conversions name it.
    pub product: String,
    /// Inventory unit.
    pub unit: String,
}

/// On hand in one warehouse, in the inventory unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnHand {
    /// Item number and dimensions, joined.
    pub sku: String,
    /// The same, apart.
    pub key: ItemKey,
    /// Where.
    pub warehouse: WarehouseId,
    /// Physical.
    pub physical: Decimal,
    /// Available.
    pub available: Decimal,
}

/// How a difference gets into F&O's stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalKind {
    /// Absolute counts in a counting journal, which a person or a job posts.
    #[default]
    Counting,
    /// Deltas, of which jobs of F&O make journals and post them.
    Adjustments,
}

/// One line of a counting journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountLine {
    /// Our line number, from 1.
    pub number: i64,
    /// SKU.
    pub sku: String,
    /// The same as F&O names it.
    pub key: ItemKey,
    /// What there should be, in the inventory unit.
    pub counted: Decimal,
    /// What there was when it was compared.
    pub physical: Decimal,
    /// The difference in pieces; positive = F&O has more than the shelf explains.
    pub variance: i64,
    /// Inventory unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Pieces lost or found that the difference has in it.
    #[serde(default, skip_serializing_if = "none_at_all")]
    pub found: i64,
    /// Seen in F&O's stock: of adjustments only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub posted: bool,
    /// F&O refused it, and a person gave it up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
}

fn none_at_all(pieces: &i64) -> bool {
    *pieces == 0
}

impl CountLine {
    /// What is added to F&O's stock, in the inventory unit.
    pub fn delta(&self) -> Decimal {
        self.counted.saturating_sub(self.physical)
    }
}

/// A counting journal as F&O shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRead {
    /// F&O's number.
    pub number: String,
    /// Posted.
    pub posted: bool,
    /// Numbers of its lines.
    pub lines: Vec<i64>,
}

/// Header of a counting journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewJournal {
    /// Stands in `Description`: how it is found again.
    pub token: String,
    /// `JournalNameId`.
    pub name: String,
    /// Site.
    pub site: String,
    /// Warehouse.
    pub warehouse: WarehouseId,
}

/// Lines of a counting journal: one change set, all or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLines {
    /// Token of the journal.
    pub token: String,
    /// F&O's number of it.
    pub journal: String,
    /// Site.
    pub site: String,
    /// Warehouse.
    pub warehouse: WarehouseId,
    /// When it was counted.
    pub at: Timestamp,
    /// `CountingReasonCode`; empty = none.
    pub reason: String,
    /// Lines.
    pub lines: Vec<CountLine>,
}

/// External inventory adjustments: one change set, all or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAdjustments {
    /// Token of what they belong to.
    pub token: String,
    /// `ExternalSystemId`.
    pub system: String,
    /// `InventoryStatusId`; empty = none.
    pub status: String,
    /// Warehouse.
    pub warehouse: WarehouseId,
    /// What the ids of all adjustments of this token begin with.
    pub prefix: String,
    /// Lines: their numbers make the ids.
    pub lines: Vec<CountLine>,
}

impl NewAdjustments {
    /// `InventoryAdjustmentId` of a line: the same however often it is sent.
    pub fn id(&self, line: &CountLine) -> String {
        adjustment_id(&self.prefix, line.number)
    }
}

/// An adjustment as F&O shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdjustmentRead {
    /// `InventoryAdjustmentId`.
    pub id: String,
    /// Item number.
    pub item: String,
    /// Warehouse.
    pub warehouse: String,
    /// What is added, in its unit.
    pub quantity: Decimal,
}

/// The id of the line with that number.
pub fn adjustment_id(prefix: &str, number: i64) -> String {
    format!("{prefix}{number:04}")
}

/// One lot of one SKU in one fulfilment centre, as ShipBob shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// SKU as ShipBob writes it.
    pub sku: String,
    /// Where.
    pub centre: CentreId,
    /// Lot number; empty = ShipBob shows none.
    pub number: String,
    /// When it expires, as ShipBob wrote it; empty = not said.
    pub date: String,
    /// On the shelf, promised pieces included.
    pub on_hand: i64,
    /// Promised to orders.
    pub committed: i64,
    /// May be promised.
    pub fulfillable: i64,
}

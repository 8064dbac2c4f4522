//! Facts of the page *Returns & receiving*.

use super::At;
use serde::Serialize;

/// One return, and how it stands beside the stock history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnRow {
    /// ShipBob's id.
    pub id: i64,
    /// The number on the box.
    pub reference: String,
    /// Status in words.
    pub state: String,
    /// Nothing more happens to it.
    pub closed: bool,
    /// The order it belongs to, where one is known.
    pub order: Option<String>,
    /// Its channel, by name.
    pub channel: String,
    /// The carrier brought it back.
    pub by_carrier: bool,
    /// Centre, in words.
    pub centre: String,
    /// Tracking number of the way back.
    pub tracking: String,
    /// When ShipBob made it.
    pub created: At,
    /// When ShipBob was done with it.
    pub completed: Option<At>,
    /// What is in it.
    pub lines: Vec<InboundLine>,
}

/// One receiving order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceivingRow {
    /// ShipBob's id.
    pub id: i64,
    /// Purchase order number.
    pub purchase_order: String,
    /// Status in words.
    pub state: String,
    /// Nothing more happens to it.
    pub closed: bool,
    /// Centre, in words.
    pub centre: String,
    /// When ShipBob made it.
    pub created: At,
    /// When it is expected.
    pub expected: Option<At>,
    /// When ShipBob was done with it.
    pub completed: Option<At>,
    /// What is in it.
    pub lines: Vec<InboundLine>,
}

/// One SKU of either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InboundLine {
    /// SKU.
    pub sku: String,
    /// Pieces announced.
    pub announced: i64,
    /// What was done with them, in words.
    pub done: String,
    /// Pieces that became stock.
    pub stocked: i64,
    /// Pieces the stock history shows for this shelf in that time; none where it is not read or nothing became stock.
    pub history: Option<i64>,
}

impl InboundLine {
    /// The history shows fewer pieces than became stock.
    pub fn lacks(&self) -> bool {
        self.history.is_some_and(|shown| shown < self.stocked)
    }
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct InboundFacts {
    /// Returns, newest first; empty when receiving orders were asked for.
    pub returns: Vec<ReturnRow>,
    /// Receiving orders, newest first; empty when returns were asked for.
    pub receiving: Vec<ReceivingRow>,
    /// Where the next page begins.
    pub next: Option<i64>,
    /// They are read at all.
    pub read: bool,
}

/// Which of them are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundQuery {
    /// Returns or receiving orders.
    pub kind: domain::inbound::Kind,
    /// Words a person looks for; empty = all.
    pub words: String,
    /// Those with a lower id only.
    pub before: Option<i64>,
}

//! Stock as the Stock room shows it: both systems side by side, what explains the difference, and the counting journals.

use super::At;
use serde::Serialize;

/// What is asked of the Stock room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockQuery {
    /// One SKU, all its centres.
    pub sku: Option<String>,
    /// Rows in this state only; `variance` where nothing is said.
    pub state: String,
    /// Rows behind this SKU.
    pub after: String,
}

/// One SKU in one centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockLine {
    /// SKU.
    pub sku: String,
    /// Its name at ShipBob.
    pub name: String,
    /// Fulfilment centre.
    pub centre: i64,
    /// ShipBob: on hand, promised pieces included; none = not shown.
    pub on_hand: Option<i64>,
    /// ShipBob: promised to orders.
    pub committed: i64,
    /// ShipBob: may be promised.
    pub fulfillable: i64,
    /// ShipBob: on its way to the shelf.
    pub awaiting: i64,
    /// Dynamics: physical, in its unit.
    pub physical: Option<String>,
    /// Dynamics: available, in its unit.
    pub available: Option<String>,
    /// How it stood, in one stable word.
    pub state: String,
    /// ShipBob on hand over all centres of the warehouse, where it has several.
    pub in_all: Option<i64>,
    /// Dynamics less ShipBob, in pieces.
    pub difference: i64,
    /// What explains it: words and pieces.
    pub causes: Vec<(String, i64)>,
    /// Pieces nothing explains.
    pub variance: i64,
    /// When it was compared.
    pub at: Option<At>,
}

/// One counting journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockJournal {
    /// Its token: what stands in Description.
    pub token: String,
    /// What it is, in words.
    pub kind: String,
    /// It can be given up: adjustments, and what is being written.
    pub droppable: bool,
    /// Warehouse.
    pub warehouse: String,
    /// Where it stands.
    pub state: String,
    /// Why a person is asked; empty when nobody is.
    pub ask: String,
    /// Number in Dynamics, once known.
    pub number: Option<String>,
    /// When it was drafted.
    pub at: At,
    /// Counted lines: SKU, what Dynamics shows, what is counted.
    pub lines: Vec<(String, String, String)>,
}

/// Pieces a return or a receiving order brought to a shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CameIn {
    /// When, as far as ShipBob says.
    pub at: At,
    /// Fulfilment centre.
    pub centre: i64,
    /// `return` or `receiving`.
    pub kind: String,
    /// ShipBob's id of it.
    pub id: i64,
    /// Pieces.
    pub pieces: i64,
}

/// One move of a shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockMove {
    /// When.
    pub at: At,
    /// Fulfilment centre.
    pub centre: i64,
    /// What happened, in one stable word.
    pub what: String,
    /// Pieces that came (positive) or left.
    pub pieces: i64,
    /// For which ShipBob order.
    pub order: Option<i64>,
}

/// One lot of a SKU in one centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockLot {
    /// Fulfilment centre.
    pub centre: i64,
    /// Lot number.
    pub lot: String,
    /// When it expires, as ShipBob wrote it; empty = not said.
    pub expires: String,
    /// On hand.
    pub on_hand: i64,
    /// Promised to orders.
    pub committed: i64,
    /// May be promised.
    pub fulfillable: i64,
}

/// Everything the Stock room shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StockFacts {
    /// When stock was compared last; none = never.
    pub compared: Option<At>,
    /// Shelves and net unexplained pieces per state.
    pub states: Vec<(String, i64, i64)>,
    /// Pieces in centres that are mapped to no warehouse.
    pub elsewhere: i64,
    /// How far available quantities are told to Dynamics, where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// Journals that are not closed.
    pub journals: Vec<StockJournal>,
    /// Rows.
    pub lines: Vec<StockLine>,
    /// There are rows behind this SKU.
    pub next: Option<String>,
    /// Latest moves; of one SKU only.
    pub moves: Vec<StockMove>,
    /// Lots; of one SKU only, where they are read.
    pub lots: Vec<StockLot>,
    /// What returns and receiving orders brought; of one SKU only.
    pub came_in: Vec<CameIn>,
}

//! What every write declares of itself: where it goes, under which name and flow, how it is repeated after doubt, and what
//! keeps a late one harmless.

use super::{Flow, Lane, Operation, System};
use crate::edit::Change;
use serde::{Deserialize, Serialize};

/// How a write is repeated after doubt. Decided by the protocol model in `proofs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repeat {
    /// Look the effect up; repeat only when a look-up begun after *settle* says it is absent.
    LookUp,
    /// Absolute: read back after *settle*, then plan again from what is there.
    ReadBack,
    /// The key contains the effect: repeating is harmless, "already exists" is done.
    Harmless,
}

/// What keeps a zombie (a call that takes effect after its sender lost the lease) harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protection {
    /// The remote refuses a second one.
    UniqueAtRemote,
    /// The remote refuses a stale etag.
    Etag,
    /// Absolute and the same for every owner; read back after a hand-over.
    Absolute,
}

impl Operation {
    /// The system it is sent to.
    pub fn system(&self) -> System {
        match self {
            Self::CreateOrder(_)
            | Self::CancelOrder { .. }
            | Self::EditShipment(_)
            | Self::CreateProduct(_)
            | Self::AddVariants { .. }
            | Self::UpdateProduct { .. }
            | Self::AckTracking { .. } => System::ShipBob,
            Self::WriteNote { .. }
            | Self::SetDeliverNow { .. }
            | Self::SetCarrier { .. }
            | Self::AddTracking { .. }
            | Self::AnswerRequest { .. }
            | Self::UpdateShipment(_)
            | Self::CustomCall(_)
            | Self::CreateJournal(_)
            | Self::WriteJournalLines(_)
            | Self::AdjustStock(_)
            | Self::TellAvailable(_)
            | Self::WriteCharge(_) => System::Dynamics,
        }
    }

    /// Stable name for logs, SQL and pages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateOrder(_) => "create-order",
            Self::CancelOrder { .. } => "cancel-order",
            Self::EditShipment(edit) => match edit.change {
                Change::Address(_) => "update-address",
                Change::Lines { .. } => "update-lines",
                Change::Method { .. } => "update-method",
            },
            Self::AckTracking { .. } => "ack-tracking",
            Self::CreateProduct(_) => "create-product",
            Self::AddVariants { .. } => "add-variants",
            Self::UpdateProduct { .. } => "update-product",
            Self::WriteNote { .. } => "write-note",
            Self::SetDeliverNow { .. } => "set-deliver-now",
            Self::SetCarrier { .. } => "set-carrier",
            Self::AddTracking { .. } => "add-tracking",
            Self::AnswerRequest { .. } => "answer-request",
            Self::UpdateShipment(_) => "update-shipment",
            Self::CustomCall(_) => "custom-call",
            Self::CreateJournal(_) => "create-journal",
            Self::WriteJournalLines(_) => "write-journal-lines",
            Self::AdjustStock(_) => "adjust-stock",
            Self::TellAvailable(_) => "tell-available",
            Self::WriteCharge(_) => "write-charge",
        }
    }

    /// Its lane at the gate.
    pub fn lane(&self) -> Lane {
        match self {
            Self::CancelOrder { .. } | Self::EditShipment(_) => Lane::Cancel,
            Self::CreateOrder(_) => Lane::Orders,
            Self::WriteNote { .. }
            | Self::SetDeliverNow { .. }
            | Self::SetCarrier { .. }
            | Self::AddTracking { .. }
            | Self::AnswerRequest { .. }
            | Self::UpdateShipment(_)
            | Self::CustomCall(_) => Lane::Fulfilment,
            Self::CreateJournal(_)
            | Self::WriteJournalLines(_)
            | Self::AdjustStock(_)
            | Self::TellAvailable(_) => Lane::Stock,
            Self::AckTracking { .. } => Lane::Background,
            Self::CreateProduct(_) | Self::AddVariants { .. } | Self::UpdateProduct { .. } => {
                Lane::Products
            }
            Self::WriteCharge(_) => Lane::Charges,
        }
    }

    /// The flow it belongs to.
    pub fn flow(&self) -> Flow {
        match self {
            Self::CreateOrder(_)
            | Self::CancelOrder { .. }
            | Self::EditShipment(_)
            | Self::AnswerRequest { .. } => Flow::Orders,
            Self::CreateJournal(_)
            | Self::WriteJournalLines(_)
            | Self::AdjustStock(_)
            | Self::TellAvailable(_) => Flow::Inventory,
            Self::CreateProduct(_) | Self::AddVariants { .. } | Self::UpdateProduct { .. } => {
                Flow::Products
            }
            Self::WriteCharge(_) => Flow::Billing,
            _ => Flow::Fulfilment,
        }
    }

    /// How it is repeated after doubt.
    pub fn repeat(&self) -> Repeat {
        match self {
            Self::CreateOrder(_)
            | Self::CreateProduct(_)
            | Self::AddVariants { .. }
            | Self::WriteNote { .. }
            | Self::UpdateShipment(_)
            | Self::CustomCall(_)
            | Self::CreateJournal(_)
            | Self::WriteJournalLines(_)
            | Self::AdjustStock(_)
            | Self::WriteCharge(_) => Repeat::LookUp,
            Self::CancelOrder { .. }
            | Self::EditShipment(_)
            | Self::SetDeliverNow { .. }
            | Self::SetCarrier { .. }
            | Self::UpdateProduct { .. }
            // Nothing is read back: after *settle* it is made anew from the newest figures.
            | Self::TellAvailable(_)
            | Self::AnswerRequest { .. } => Repeat::ReadBack,
            Self::AckTracking { .. } | Self::AddTracking { .. } => Repeat::Harmless,
        }
    }

    /// What protects it from a zombie.
    pub fn protection(&self) -> Protection {
        match self {
            // What the customer's service does with a second call only he knows. Where it takes one, the look-up
            // before every call and the same body for every owner are all there is.
            Self::CustomCall(call) if call.refuses_duplicates => Protection::UniqueAtRemote,
            Self::CustomCall(_) => Protection::Absolute,
            // A SKU is unique at ShipBob, and a line number in a journal.
            Self::CreateOrder(_)
            | Self::CreateProduct(_)
            | Self::AddVariants { .. }
            | Self::AddTracking { .. }
            | Self::UpdateShipment(_)
            | Self::WriteJournalLines(_)
            | Self::AdjustStock(_) => Protection::UniqueAtRemote,
            Self::SetDeliverNow { .. } | Self::SetCarrier { .. } => Protection::Etag,
            Self::CancelOrder { .. }
            | Self::EditShipment(_)
            | Self::AckTracking { .. }
            | Self::UpdateProduct { .. }
            | Self::WriteNote { .. }
            // A second header stays empty: lines go to the one that is found by its token.
            | Self::CreateJournal(_)
            // Order and line number are its key: a second import writes the same row.
            | Self::WriteCharge(_)
            | Self::TellAvailable(_)
            | Self::AnswerRequest { .. } => Protection::Absolute,
        }
    }
}

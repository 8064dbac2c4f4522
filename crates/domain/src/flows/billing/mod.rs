//! ShipBob → F&O: what ShipBob charged, as a cost on the order it belongs to.
//!
//! Sums are exact decimals, and nothing here depends on the order in which transactions were read
//! or on how often: one record per ShipBob transaction id, the latest reading of it (I11). ShipBob
//! receives nothing (I9).

mod balance;
mod charge;
mod cost;
mod plan;
mod transaction;

pub use balance::{Balance, Line, balance};
pub use charge::unfit_code;
pub use cost::{
    AlreadyClosed, ChargeLine, ChargeState, Finding, ShipmentCost, cost_line, cost_of, duplicates,
};
pub use transaction::{Invoice, Tie, Transaction, day};

pub(super) use charge::charge;
pub use plan::told_numbers;
pub(super) use plan::{costs, restates};

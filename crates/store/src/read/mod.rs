//! Read models for the console: what a page needs in a few statements, in the words of people.
//! They read only; nothing here changes a row.

mod console;
mod due;
mod flows;
mod overview;

pub use console::{ConsoleOverview, HoldGroupRow, HourRow, OrderList, OverviewWindow, Waits};
pub use due::Due;
pub use flows::FlowWaits;
pub use overview::{Overview, Today};

use crate::gate::Stmt;

pub(crate) fn statements() -> Vec<&'static Stmt> {
    [overview::ALL, console::ALL, due::ALL, flows::ALL].concat()
}

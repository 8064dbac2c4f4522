//! Read models for the console: what a page needs in a few statements, in the words of people.
//! They read only; nothing here changes a row.

mod overview;

pub use overview::{Overview, Today};

use crate::gate::Stmt;

pub(crate) fn statements() -> Vec<&'static Stmt> {
    [overview::ALL].concat()
}

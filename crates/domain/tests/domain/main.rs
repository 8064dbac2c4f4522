//! The decisions of the product, from outside: facts in, plan out.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail loudly; the exceptions of clippy.toml do not reach its helpers"
)]

mod support;
mod timetables;

mod addresses;
mod before_sending;
mod billing;
mod cancelling;
mod cells;
mod decisions;
mod edits;
mod external;
mod goods;
mod inventory;
mod measures;
mod network;
mod order_free;
mod products;
mod references;
mod restoring;
mod sending;
mod stories;
mod times;
mod unit_conversion;
mod warehouse_management;
mod wild;
mod writing_back;

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
mod available;
mod before_sending;
mod billing;
mod cancelling;
mod cells;
mod charges;
mod closed;
mod decisions;
mod edits;
mod external;
mod fit;
mod goods;
mod in_hands;
mod inventory;
mod kits;
mod measures;
mod network;
mod order_free;
mod products;
mod reconcile;
mod references;
mod restoring;
mod returns;
mod sending;
mod stories;
mod times;
mod unit_conversion;
mod warehouse_management;
mod wild;
mod writing_back;

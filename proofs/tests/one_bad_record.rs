//! One bad record of each kind, by the names of the list "bad input and faults", among good ones.
//!
//! Goal: it is held or itemised under its own name, and what becomes of every other record is the same, to the last
//! byte, as without it (I12).
//! Method: the flows' own pure functions on a good batch, and on the same batch with one record spoilt; what only a
//! world can do – snapshots that change, bills that move – is lived in `stock.rs` and `billing.rs`, journals in
//! `stock_crashes.rs`, and named here.
#![expect(clippy::expect_used, reason = "a proof stops at the first surprise")]

#[path = "one_bad_record/backfill.rs"]
mod backfill;
#[path = "one_bad_record/billing.rs"]
mod billing;
#[path = "one_bad_record/inventory.rs"]
mod inventory;
#[path = "one_bad_record/products.rs"]
mod products;

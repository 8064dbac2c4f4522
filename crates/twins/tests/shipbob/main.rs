//! The ShipBob twin, asked through its public face as a client would.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod auth;
mod breaks;
mod edits;
mod faults;
mod harness;
mod life;
mod orders;
mod reads;
mod routing;
mod webhooks;

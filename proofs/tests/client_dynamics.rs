//! The F&O client against the strict F&O twin, in one process.
//!
//! Goal: every word the client says is one F&O takes, everything F&O holds comes back whole, and
//! what the client says of a write agrees with the twin's ledger: *done* is there exactly once,
//! *refused*, *stale*, *locked*, *later* and *throttled* are not there at all.
#![expect(clippy::expect_used, reason = "a test stops at the first surprise")]

#[path = "client_dynamics/faults.rs"]
mod faults;
#[path = "client_dynamics/reads.rs"]
mod reads;
#[path = "client_dynamics/rig.rs"]
mod rig;
#[path = "client_dynamics/writes.rs"]
mod writes;

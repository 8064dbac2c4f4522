//! The contract triangle: what the client says and reads, what the twins serve, and what the vendors document meet in
//! `contracts/*.toml`.
//!
//! Goal: no fact without a source and a day, none the vendor's own document contradicts, no word of the client and none
//! of the twins that stands in neither. Method: the books are held against the vendors' documents, the twins' replies and
//! the client's recorded requests are held against the books.
#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test: it stops at a broken contract, says what it skipped and looks into JSON"
)]

#[path = "contracts/against_vendor.rs"]
mod against_vendor;
#[path = "contracts/book.rs"]
mod book;
#[path = "contracts/client.rs"]
mod client;
#[path = "contracts/client_dynamics.rs"]
mod client_dynamics;
#[path = "contracts/client_shipbob.rs"]
mod client_shipbob;
#[path = "contracts/oauth.rs"]
mod oauth;
#[path = "contracts/twin.rs"]
mod twin;
#[path = "contracts/twin_dynamics.rs"]
mod twin_dynamics;
#[path = "contracts/twin_shipbob.rs"]
mod twin_shipbob;
#[path = "contracts/vendor.rs"]
mod vendor;

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} fault(s):\n  {}", faults.len(), faults.join("\n  "));
}

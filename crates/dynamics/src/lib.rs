//! Everything said to Dynamics 365 Finance & Operations (F&O).
//!
//! Owns: the access token, the OData query builder, the `$batch` writer and reader, the wire
//! types, their conversion to `domain`, and the interpretation of replies. Refuses to know:
//! ShipBob, the store, the clock (time is a parameter) and retries: a failed call is reported,
//! the caller decides. The single exception is a 401, which costs one new token and one more try.
//!
//! Invariants kept here: an order is never returned half read; a write is [`WriteReply::Done`]
//! only when F&O answered it in a shape we know; a cursor never passes a row that was not
//! returned; a token goes only to the configured host; errors carry neither secrets nor the
//! content of rows.
//!
//! ```
//! use domain::time::{Span, Timestamp};
//! let cursor = dynamics::SetCursor::start(Timestamp(0));
//! assert!(!cursor.in_sweep());
//! assert_eq!(dynamics::ChangeCursors::start(Timestamp(0)).lines, cursor);
//! assert!(dynamics::limits::DEADLINE >= Span::seconds(120));
//! ```
#![warn(missing_docs)]

mod assertion;
mod batch;
mod changes;
mod charges;
mod client;
mod contract;
mod convert;
mod custom;
mod dmf;
mod examine;
mod infolog;
mod interpret;
pub mod limits;
mod metadata;
mod odata;
mod orders;
mod package;
mod probe;
mod products;
mod released;
mod reply;
mod requests;
mod selected;
mod stock;
#[cfg(test)]
mod testing;
mod token;
mod updates;
mod wire;
mod writes;

pub use assertion::{Certificate, CertificateError};
pub use changes::{
    Change, ChangeCursors, ChangeSet, Changes, ReleasedChanges, ReleasedLot, SetCursor,
};
pub use client::{Config, Dynamics};
pub use contract::contract;
pub use dmf::ImportReply;
pub use orders::OrderReads;
pub use package::package;
pub use products::ProductFeed;
pub use reply::{CallError, WriteReply};
pub use requests::{OpenRequest, RequestReads};
pub use stock::StockPage;
pub use token::{ClientSecret, Credential, Quiet};

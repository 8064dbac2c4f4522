//! Webhooks: is this ShipBob's, and what does it point at. A webhook is only ever a hint: ids are
//! taken from it, the truth is read. It refuses to judge age: a right signature is a right
//! signature, however late it comes.

mod hints;
mod inbound;
mod secret;
mod verify;

pub use hints::{Hint, hints};
pub use inbound::{RECEIVING_TOPICS, RETURN_TOPICS, inbound};
pub use secret::{BadSecret, WebhookSecret};
pub use verify::{Rejected, Verified, verify};

/// Larger bodies than this many bytes are refused.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// Topics the orders and fulfilment flows need; all are in the vendor's contract of 2026-01.
pub const TOPICS: [&str; 5] = [
    "order.shipped",
    "order.shipment.delivered",
    "order.shipment.exception",
    "order.shipment.on_hold",
    "order.shipment.cancelled",
];

/// Topics that help where ShipBob takes them; `POST 2026-01/webhook` may refuse them.
pub const WANTED_TOPICS: [&str; 1] = ["order.shipment.tracking.updated"];

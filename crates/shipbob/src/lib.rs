//! Everything said to ShipBob: requests, wire types, their conversion to the words of `domain`,
//! the meaning of replies, and webhooks. It refuses to know F&O, the database and retries: every
//! call is one try, and its answer says what is known afterwards.
//!
//! The invariants it keeps: a write is only called done when the reply has a shape we know and
//! names our record; everything else is doubt. No error and no `Debug` text holds personal data or
//! a secret. Nothing financial is ever sent but the customs value of a line.
//!
//! Permission: the caller asks the gate before each call; that permission covers the first request.
//! Further requests of the same call (pages, chunks) ask the gate themselves and end the call with
//! [`CallError::GateClosed`] when it is closed.
#![warn(missing_docs)]

mod billing;
mod catalogue;
mod client;
mod config;
mod contract;
mod convert;
mod edited;
mod edits;
mod examine;
mod inbound;
mod interpret;
mod new_products;
pub mod oauth;
mod orders;
mod products;
mod query;
mod reference;
mod reply;
mod send;
mod stock;
mod subscriptions;
mod wire;
mod words;

pub mod webhook;

pub use billing::BilledPage;
pub use client::ShipBob;
pub use config::{Config, Token};
pub use contract::contract;
pub use inbound::{INBOUND_IDS, Inbound, InboundPage};
pub use orders::{ACK_LIMIT, ID_LIMIT};
pub use products::ProductReply;
pub use reply::{
    Acknowledged, CallError, CancelReply, CreateReply, EditReply, Failure, PollPage, Subscription,
};
pub use stock::{HistoryPage, LevelPage, LotPage, PageMark};

#[cfg(test)]
mod tests;

//! Everything kept: statements, migrations, transactions, vault, trail, read models.
//!
//! One SQL text for SQLite and PostgreSQL goes through one narrow gate ([`Store`], [`Reader`],
//! [`Txn`]). Every tenant function takes a scope; every statement has a name and is prepared on
//! both databases by a test. This crate refuses to know what an order is: it keeps subjects,
//! plans, deliveries, holds and their history, and decides nothing about them.
//!
//! ```no_run
//! # async fn example(scope: domain::ids::Scope, now: domain::time::Timestamp) -> store::Result<()> {
//! use store::{KeyRing, MasterKey, Store, StoreOptions, StoreUrl};
//!
//! let keys = KeyRing::new(MasterKey::generate()?);
//! let store = Store::open(StoreOptions::new(StoreUrl::parse("sqlite://data.db")?, keys)).await?;
//! let mut txn = store.begin("example").await?;
//! txn.subjects_mark(&scope, vec!["SO-1".to_owned()], 2, now).await?;
//! txn.commit().await?;
//! # Ok(()) }
//! ```
#![warn(missing_docs)]

mod billing;
mod connection;
mod delivery;
mod error;
mod gate;
mod hold;
mod inbound;
mod inbox;
mod lease;
pub mod limits;
mod link;
mod lots;
mod observation;
mod plan;
pub mod read;
mod retention;
mod statements;
mod stock;
mod subject;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod told;
mod trail;
mod vault;
mod webhook;

pub use billing::{BilledRow, CostList, CostRow, InvoiceRow};
pub use connection::{ConnectionRow, NewConnection, NewSettings, SettingsOrigin, SettingsRow};
pub use delivery::{
    AttemptRow, Delivery, Finish, KnownDelivery, LaneLimit, NewDelivery, Next, Retired,
};
pub use domain::plan::DeliveryState;
pub use error::{Result, StoreError};
pub use gate::{
    Durability, FaultAction, FaultPoint, NoFaults, Reader, Store, StoreOptions, StorePoint,
    StoreUrl, Txn,
};
pub use hold::{DecisionKind, DecisionRow, HoldChanges, HoldRow, NewDecision, NewHold};
pub use inbound::{InboundRow, InboundShelf};
pub use inbox::{NewSignal, Signal};
pub use lease::{Cell, Fence, LeaseView};
pub use link::{Link, NumberEntry, normal_number};
pub use lots::StockLotRow;
pub use observation::{CursorRow, Observation};
pub use plan::{NewPlan, StoredPlan};
pub use retention::{Retained, Retention};
pub use statements::{StatementInfo, statements};
pub use stock::{
    StockEventRow, StockItemRow, StockLevel, StockOnHand, StockRow, StockVerdict, whole_skus,
};
pub use subject::{Milestones, SubjectRow, SubjectUpdate};
pub use told::Told;
pub use trail::{ArchivedHead, TrailEntry, TrailFilter, TrailReport, TrailRow};
pub use vault::{KeyRing, MasterKey, NewSecret, Secret, SecretInfo, SecretSystem, random};
pub use webhook::{BUSINESS_EVENTS, NewWebhook, WebhookSubscription};

#[cfg(test)]
mod tests;

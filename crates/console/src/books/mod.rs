//! The one door to what is kept. Pages and API read through [`Books`] and write nothing but
//! commands of people, which become signals for the owner of the cell.

mod decode;
mod money;
mod stored;

#[cfg(test)]
mod tests;

pub(crate) use money::{FILED, SHOWN};
pub use stored::StoreBooks;

use crate::command::Command;
use crate::model::{
    ChainReport, Checkup, ConnectionFacts, CredentialLine, FinanceFacts, Found, HoldGroup,
    InvoiceFacts, OrderCosts, OrderFacts, OrderFilter, OrdersPage, OverviewFacts, TrailPage,
    TrailQuery,
};
use domain::time::Timestamp;
use futures::future::BoxFuture;

/// A read that ends in the given type or in a reason why not.
pub type Read<'a, T> = BoxFuture<'a, Result<T, BooksError>>;

/// Why nothing could be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BooksError {
    /// The database does not answer now; trying again later helps.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// Something stored cannot be understood; trying again does not help.
    #[error("stored data cannot be read: {0}")]
    Broken(String),
}

/// Read models of one connection, and the way in for commands.
pub trait Books: Send + Sync {
    /// The connection itself.
    fn connection(&self) -> Read<'_, ConnectionFacts>;
    /// Credentials in the vault, without what is secret about them.
    fn credentials(&self) -> Read<'_, Vec<CredentialLine>>;
    /// Orders that wait for a person, for the navigation.
    fn held(&self) -> Read<'_, i64>;
    /// The overview of the last `window_hours` hours.
    fn overview(&self, window_hours: i64, now: Timestamp) -> Read<'_, OverviewFacts>;
    /// A page of orders; `after` is `OrdersPage::next` of the page before.
    fn orders(
        &self,
        filter: OrderFilter,
        after: Option<String>,
        limit: i64,
        now: Timestamp,
    ) -> Read<'_, OrdersPage>;
    /// One order by its number, letter case as in Dynamics.
    fn order(&self, number: &str) -> Read<'_, Option<OrderFacts>>;
    /// Holds grouped by what would heal them, oldest first; each with its oldest `per_group`
    /// orders.
    fn holds(&self, per_group: i64) -> Read<'_, Vec<HoldGroup>>;
    /// Orders any number belongs to: exact answers first, then those that begin with it.
    fn search(&self, number: &str, limit: i64) -> Read<'_, Vec<Found>>;
    /// A page of the trail, newest first.
    fn trail(&self, query: TrailQuery) -> Read<'_, TrailPage>;
    /// Checks the whole chain of the trail.
    fn verify_trail(&self) -> Read<'_, ChainReport>;
    /// What ShipBob charged: `most` rows of each list at most.
    fn finance(&self, most: usize, now: Timestamp) -> Read<'_, FinanceFacts>;
    /// One invoice of ShipBob with everything on it.
    fn invoice(&self, id: i64) -> Read<'_, Option<InvoiceFacts>>;
    /// What one order cost.
    fn costs(&self, number: &str, now: Timestamp) -> Read<'_, OrderCosts>;
    /// The last answers of the doctor and of the contract comparison.
    fn checkup(&self) -> Read<'_, Checkup>;
    /// Keeps commands as signals in one transaction; says how many were new.
    fn command(&self, commands: Vec<Command>) -> Read<'_, u64>;
    /// A cheap question that fails when the database does.
    fn alive(&self) -> Read<'_, ()>;
}

//! The one door to what is kept. Pages and API read through [`Books`] and write nothing but
//! commands of people, which become signals for the owner of the cell.

mod decode;
pub(crate) mod inbound;
mod money;
mod reconcile;
mod stock;
mod stored;

#[cfg(test)]
mod tests;

pub(crate) use decode::trail as trail_line;
pub(crate) use money::{FILED, SHOWN};
pub use stored::StoreBooks;

use crate::command::Command;
use crate::model::{
    At, ChainReport, Checkup, ConnectionFacts, CredentialLine, Days, ErasureLine, FinanceFacts,
    FlowFacts, Found, HoldGroup, InboundFacts, InboundQuery, InvoiceFacts, OrderCosts, OrderFacts,
    OrderFilter, OrdersPage, OverviewFacts, PauseLine, ProductsPage, StockFacts, StockQuery,
    TrailPage, TrailQuery,
};
use domain::pause::{Pause, Pauses};
use domain::reconcile::{Asked, Sealed};
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

/// What is paused, as the engine keeps it.
fn pauses(kept: Option<String>) -> Result<Vec<PauseLine>, BooksError> {
    let Some(text) = kept else { return Ok(Vec::new()) };
    let kept: Pauses = serde_json::from_str(&text)
        .map_err(|error| BooksError::Broken(format!("what is paused: {error}")))?;
    let line = |flow, pause: Pause| PauseLine {
        flow,
        who: pause.who,
        why: Some(pause.why).filter(|why| !why.is_empty()),
        since: At(pause.at),
    };
    let whole = kept.connection.map(|pause| line(None, pause));
    let flows = kept.flows.into_iter().map(|(flow, pause)| line(Some(flow), pause));
    Ok(whole.into_iter().chain(flows).collect())
}

/// An erasure of this order that waits until its work is over.
async fn erasure(
    reader: &mut store::Reader,
    scope: &domain::ids::Scope,
    key: &str,
) -> Result<Option<ErasureLine>, BooksError> {
    let kind = domain::erasure::WANTED;
    let rows = reader.observations(scope, kind, &[key.to_owned()]).await?;
    let Some(body) = rows.into_iter().next().and_then(|row| row.body) else { return Ok(None) };
    let wanted: domain::erasure::Wanted = serde_json::from_slice(&body)
        .map_err(|error| BooksError::Broken(format!("{kind} of {key}: {error}")))?;
    Ok(Some(ErasureLine { who: wanted.who, at: At(wanted.at), waits: wanted.waits }))
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
    /// What waits in every flow, and when each was last through.
    fn flows(&self, now: Timestamp) -> Read<'_, Vec<FlowFacts>>;
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
    /// A page of SKUs whose key begins so, by key; `after` is `ProductsPage::next` of the page
    /// before.
    fn products(&self, begins: &str, after: Option<String>, limit: i64) -> Read<'_, ProductsPage>;
    /// Holds grouped by what would heal them, oldest first; each with its oldest `per_group`
    /// orders.
    fn holds(&self, per_group: i64) -> Read<'_, Vec<HoldGroup>>;
    /// Orders any number belongs to: exact answers first, then those that begin with it.
    fn search(&self, number: &str, limit: i64) -> Read<'_, Vec<Found>>;
    /// A page of the trail, newest first.
    fn trail(&self, query: TrailQuery) -> Read<'_, TrailPage>;
    /// Checks the whole chain of the trail.
    fn verify_trail(&self) -> Read<'_, ChainReport>;
    /// Stock: journals, and rows of one state or of one SKU.
    fn stock(&self, query: StockQuery) -> Read<'_, StockFacts>;
    /// What ShipBob charged: `most` rows of each list at most.
    fn finance(&self, most: usize, now: Timestamp) -> Read<'_, FinanceFacts>;
    /// A page of returns or receiving orders.
    fn inbound(&self, query: InboundQuery) -> Read<'_, InboundFacts>;
    /// One invoice of ShipBob with everything on it.
    fn invoice(&self, id: i64) -> Read<'_, Option<InvoiceFacts>>;
    /// What one order cost.
    fn costs(&self, number: &str, now: Timestamp) -> Read<'_, OrderCosts>;
    /// Days that were reconciled, the latest first.
    fn reconciled(&self, now: Timestamp) -> Read<'_, Days>;
    /// The certificate of a day.
    fn certificate(&self, day: &str) -> Read<'_, Option<Sealed>>;
    /// Asks for a day; says how many signals were new.
    fn ask_day(&self, asked: Asked, at: Timestamp) -> Read<'_, u64>;
    /// The last answers of the doctor and of the contract comparison.
    fn checkup(&self) -> Read<'_, Checkup>;
    /// Keeps commands as signals in one transaction; says how many were new.
    fn command(&self, commands: Vec<Command>) -> Read<'_, u64>;
    /// A cheap question that fails when the database does.
    fn alive(&self) -> Read<'_, ()>;
}

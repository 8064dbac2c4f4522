//! What the rooms show, as plain data: handed over by [`crate::Books`], drawn by the templates and
//! served unchanged by the JSON API, so that page and API cannot disagree.

mod checkup;
mod credential;
mod finance;
mod flows;
mod inbound;
mod order;
mod overview;
mod product;
mod reconcile;
mod settings;
mod stock;
mod trail;

pub use checkup::Checkup;
pub(crate) use checkup::{Part, parts};
pub use credential::CredentialLine;
pub use finance::{ChargeLine, CostLine, FinanceFacts, InvoiceFacts, InvoiceLine, OrderCosts};
pub use flows::{FlowFacts, Measure};
pub use inbound::{InboundFacts, InboundLine, InboundQuery, ReceivingRow, ReturnRow};
pub use order::{
    AttemptLine, DecisionLine, DeliveryLine, ErasureLine, HoldLine, OrderFacts, OrderFilter,
    OrderRow, OrderState, OrdersPage, PendingCommand, PlanLine,
};
pub use overview::{ConnectionFacts, Counters, Hour, OverviewFacts, PauseLine, Waiting};
pub use product::{ProductRow, ProductsPage};
pub use reconcile::{DayLine, Days};
pub use settings::{
    ChangedItem, ChangedOrder, CheckFacts, FileLine, OutcomeLine, PreviewFacts, SettingsFacts,
    VersionFacts, VersionLine,
};
pub use stock::{CameIn, StockFacts, StockJournal, StockLine, StockLot, StockMove, StockQuery};
pub use trail::{ChainReport, Found, HeldOrder, HoldGroup, TrailLine, TrailPage, TrailQuery};

use domain::time::Timestamp;
use serde::{Serialize, Serializer};
use std::fmt;

/// An instant as people and the JSON API read it: RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub Timestamp);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<Timestamp> for At {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

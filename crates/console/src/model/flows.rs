//! What the database knows of the flows: what waits in each, and when each was last through.

use super::{At, Waiting};
use domain::operation::Flow;
use serde::Serialize;

/// One flow, whether it is on or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlowFacts {
    /// Which.
    pub flow: Flow,
    /// Writes that are ready or being sent.
    pub to_write: Waiting,
    /// What else waits, in the flow's own measure; what there is none of is left out.
    pub waits: Vec<Measure>,
    /// The last run that was gone through to its end, whichever process made it.
    pub last_run: Option<At>,
}

/// Things of one kind that wait, where a flow has no orders to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// How many.
    pub count: i64,
    /// What one of them is.
    pub one: &'static str,
    /// What several of them are.
    pub many: &'static str,
    /// The page that lists them.
    pub page: &'static str,
}

impl Measure {
    /// How many of what; none when there is nothing.
    pub fn some(
        count: i64,
        (one, many): (&'static str, &'static str),
        page: &'static str,
    ) -> Option<Self> {
        (count > 0).then_some(Self { count, one, many, page })
    }

    /// What they are, in the number they have.
    pub fn what(&self) -> &'static str {
        if self.count == 1 { self.one } else { self.many }
    }
}

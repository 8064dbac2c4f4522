//! Facts of the overview.

use super::{At, FlowFacts, HoldGroup, TrailLine};
use domain::operation::Flow;
use serde::Serialize;

/// Which two things are tied together, and whether goods may leave.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ConnectionFacts {
    /// Name given by a person.
    pub name: String,
    /// F&O legal entity.
    pub company: String,
    /// ShipBob channel.
    pub channel: i64,
    /// Nothing released before this is sent; none = nothing is sent at all.
    pub cut_off: Option<At>,
    /// A person stopped every flow.
    pub paused: bool,
    /// Who stopped what, the whole connection first.
    pub pauses: Vec<PauseLine>,
    /// Version of the settings in force.
    pub settings_version: i64,
}

/// Something a person stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PauseLine {
    /// Which flow; none = the whole connection.
    pub flow: Option<Flow>,
    /// Who stopped it; empty when that is not known.
    pub who: String,
    /// Why, when a reason was given.
    pub why: Option<String>,
    /// Since when.
    pub since: At,
}

impl ConnectionFacts {
    /// Who stopped this flow, or the whole connection.
    pub fn stopped(&self, flow: Flow) -> Option<&PauseLine> {
        let whole = self.pauses.iter().find(|pause| pause.flow.is_none());
        whole.or_else(|| self.pauses.iter().find(|pause| pause.flow == Some(flow)))
    }

    /// A person stopped this flow by itself.
    pub fn flow_paused(&self, word: &str) -> bool {
        let flows = self.pauses.iter().filter_map(|pause| pause.flow);
        flows.into_iter().any(|flow| crate::command::flow_word(flow) == word)
    }
}

/// Things that wait, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// Since when the oldest of them waits.
    pub oldest: Option<At>,
}

/// How far the orders released inside the window have come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Released in Dynamics.
    pub released: i64,
    /// Accepted by ShipBob.
    pub accepted: i64,
    /// First parcel left.
    pub shipped: i64,
    /// Tracking stands in Dynamics.
    pub written: i64,
    /// Delivered.
    pub delivered: i64,
    /// Waited too long and nobody has been asked (any age).
    pub late: i64,
    /// Cancelled on both sides.
    pub cancelled: i64,
    /// Waiting for a person (any age).
    pub held: i64,
}

/// What happened in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Hour {
    /// Beginning of the hour.
    pub start: At,
    /// Orders released.
    pub released: i64,
    /// Orders accepted by ShipBob.
    pub accepted: i64,
    /// Orders of which the first parcel left.
    pub shipped: i64,
}

/// Everything the overview is made of, but for the engine's own state.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OverviewFacts {
    /// Length of the window of `counters`, in hours.
    pub window_hours: i64,
    /// Any released order was ever seen.
    pub seen_any: bool,
    /// How far orders have come.
    pub counters: Counters,
    /// Released, not yet in ShipBob, nobody asked.
    pub to_shipbob: Waiting,
    /// Shipped, tracking not yet in Dynamics, nobody asked.
    pub to_dynamics: Waiting,
    /// Orders that wait for a person.
    pub held: Waiting,
    /// Signals not looked at yet.
    pub inbox: Waiting,
    /// Writes of the orders flow that are ready or being sent.
    pub sends_orders: Waiting,
    /// Writes of the fulfilment flow that are ready or being sent.
    pub sends_fulfilment: Waiting,
    /// Writes whose effect is not known yet.
    pub in_doubt: Waiting,
    /// The last 24 hours, oldest first.
    pub hours: Vec<Hour>,
    /// What waits for a person, grouped by cause.
    pub needs: Vec<HoldGroup>,
    /// The latest changes.
    pub recent: Vec<TrailLine>,
    /// Every flow, with what waits in it.
    pub flows: Vec<FlowFacts>,
}

impl OverviewFacts {
    /// Something in this flow waits that is not a write.
    pub fn waits_besides(&self, flow: Flow) -> bool {
        self.flows.iter().any(|facts| facts.flow == flow && !facts.waits.is_empty())
    }

    /// Writes of a flow that are ready or being sent.
    pub fn to_write(&self, flow: Flow) -> i64 {
        match flow {
            Flow::Orders => self.sends_orders.count,
            Flow::Fulfilment => self.sends_fulfilment.count,
            other => {
                let found = self.flows.iter().find(|facts| facts.flow == other);
                found.map_or(0, |facts| facts.to_write.count)
            }
        }
    }
}

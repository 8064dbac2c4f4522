//! What people have stopped: the whole connection, or single flows. A paused flow sends nothing;
//! signals, plans and cursors stay, so that nothing is lost.

use crate::operation::{Flow, Lane};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Under which cursor it is kept.
pub const CURSOR: &str = "pauses";

/// Who stopped something, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The person.
    pub who: String,
    /// The reason given; may be empty.
    pub why: String,
    /// Since when.
    pub at: Timestamp,
}

/// Everything that is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pauses {
    /// Every flow, with polls and planning.
    #[serde(default)]
    pub connection: Option<Pause>,
    /// Single flows.
    #[serde(default)]
    pub flows: BTreeMap<Flow, Pause>,
}

impl Pauses {
    /// Stops a flow, or everything. What is stopped already keeps who stopped it first.
    pub fn pause(&mut self, flow: Option<Flow>, pause: Pause) {
        match flow {
            None => drop(self.connection.get_or_insert(pause)),
            Some(flow) => drop(self.flows.entry(flow).or_insert(pause)),
        }
    }

    /// Lets a flow go on, or the connection. Flows that were stopped one by one stay stopped.
    pub fn resume(&mut self, flow: Option<Flow>) {
        match flow {
            None => self.connection = None,
            Some(flow) => drop(self.flows.remove(&flow)),
        }
    }

    /// Nothing of this flow may be sent.
    pub fn stops(&self, flow: Flow) -> bool {
        self.connection.is_some() || self.flows.contains_key(&flow)
    }

    /// Nothing of this lane may be sent.
    pub fn stops_lane(&self, lane: Lane) -> bool {
        self.stops(flow_of(lane))
    }
}

/// The flow a lane is stopped with. *orders* is what is told to ShipBob about orders; *fulfilment*
/// is all that is written back, with the answers to requests and the acknowledgements.
pub fn flow_of(lane: Lane) -> Flow {
    match lane {
        Lane::Cancel | Lane::Orders => Flow::Orders,
        Lane::Products => Flow::Products,
        Lane::Stock => Flow::Inventory,
        Lane::Charges => Flow::Billing,
        Lane::Fulfilment | Lane::Background => Flow::Fulfilment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(who: &str) -> Pause {
        Pause { who: who.to_owned(), why: String::new(), at: Timestamp(1) }
    }

    #[test]
    fn a_paused_flow_stops_its_own_lanes_only() {
        let mut pauses = Pauses::default();
        pauses.pause(Some(Flow::Orders), by("Mara"));
        assert!(pauses.stops_lane(Lane::Orders) && pauses.stops_lane(Lane::Cancel));
        assert!(!pauses.stops_lane(Lane::Fulfilment) && !pauses.stops_lane(Lane::Background));
        pauses.pause(None, by("Ada"));
        assert!(pauses.stops_lane(Lane::Fulfilment));
        pauses.resume(None);
        assert!(pauses.stops(Flow::Orders) && !pauses.stops(Flow::Fulfilment));
    }

    #[test]
    fn pausing_fulfilment_leaves_counting_alone_and_the_reverse() {
        let mut pauses = Pauses::default();
        pauses.pause(Some(Flow::Fulfilment), by("Mara"));
        assert!(pauses.stops_lane(Lane::Fulfilment) && !pauses.stops_lane(Lane::Stock));
        pauses.resume(Some(Flow::Fulfilment));
        pauses.pause(Some(Flow::Inventory), by("Mara"));
        assert!(pauses.stops_lane(Lane::Stock) && !pauses.stops_lane(Lane::Fulfilment));
    }

    #[test]
    fn a_second_pause_does_not_hide_who_paused_first() {
        let mut pauses = Pauses::default();
        pauses.pause(Some(Flow::Orders), by("Mara"));
        pauses.pause(Some(Flow::Orders), by("Ada"));
        assert_eq!(pauses.flows.get(&Flow::Orders).map(|p| p.who.as_str()), Some("Mara"));
        let json = serde_json::to_string(&pauses).unwrap();
        assert_eq!(serde_json::from_str::<Pauses>(&json).unwrap(), pauses);
    }
}

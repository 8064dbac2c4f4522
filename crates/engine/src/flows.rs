//! How every flow that is on stands, for people: paused or not, when it runs next, what it waits for and what went wrong.
//! Out of the memory of the owner; when a flow was last through stands in the database. A moment nobody knows is none.

use crate::error::Result;
use crate::parts::{Engine, Memory};
use crate::poll::Trouble;
use crate::status::RemoteStatus;
use domain::operation::{Flow, System};
use domain::settings::Settings;
use domain::time::Timestamp;
use std::collections::BTreeMap;

/// One flow that is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowPulse {
    /// Which.
    pub flow: Flow,
    /// A person stopped it, or the whole connection.
    pub paused: bool,
    /// A run is under way.
    pub running: bool,
    /// The next run, or what it waits for.
    pub next: NextRun,
    /// What went wrong since the last run that ended well, and when.
    pub trouble: Option<(String, Timestamp)>,
}

/// When a flow runs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextRun {
    /// Then; in the past when it is due now.
    At(Timestamp),
    /// Not before this is over, in words.
    Waits(&'static str),
    /// Nobody knows, or a person stopped it.
    Unknown,
}

/// What went wrong per flow, since its last run that ended well.
pub(crate) type FlowTroubles = BTreeMap<Flow, (String, Timestamp)>;

/// Flows in the order people count them.
const ALL: [Flow; 6] =
    [Flow::Orders, Flow::Fulfilment, Flow::Products, Flow::Inventory, Flow::Billing, Flow::Returns];

fn is_on(settings: &Settings, flow: Flow) -> bool {
    match flow {
        Flow::Orders | Flow::Fulfilment => true,
        Flow::Products => settings.products.is_some(),
        Flow::Inventory => settings.inventory.is_some(),
        Flow::Billing => settings.billing.is_some(),
        Flow::Returns => settings.returns.is_some(),
    }
}

/// The system a run asks first.
fn asks(flow: Flow) -> System {
    match flow {
        Flow::Orders | Flow::Products | Flow::Inventory => System::Dynamics,
        Flow::Fulfilment | Flow::Billing | Flow::Returns => System::ShipBob,
    }
}

impl Engine {
    /// How every flow that is on stands.
    pub fn flow_pulses(&self) -> Vec<FlowPulse> {
        let settings = self.settings();
        let status = self.status();
        let status = status.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let on = ALL.into_iter().filter(|flow| is_on(&settings, *flow));
        let owned = self.lease().is_some();
        let shut = self.shipbob_shut(self.now());
        let memory = self.remember();
        on.map(|flow| FlowPulse {
            flow,
            paused: memory.paused || memory.pauses.stops(flow),
            running: owned && running(&memory, flow),
            next: next(&memory, flow, owned, shut),
            trouble: match flow {
                // What another process meets, this one does not know.
                _ if !owned => None,
                Flow::Orders => wrong_with(&status.dynamics),
                Flow::Fulfilment => wrong_with(&status.shipbob),
                other => memory.flow_troubles.get(&other).cloned(),
            },
        })
        .collect()
    }

    /// A run could not go on; kept until one ends well.
    pub(crate) fn flow_failed(&self, flow: Flow, why: &str) {
        let now = self.now();
        self.remember().flow_troubles.insert(flow, (why.to_owned(), now));
    }

    /// A run ended well.
    pub(crate) fn flow_went_well(&self, flow: Flow) {
        self.remember().flow_troubles.remove(&flow);
    }

    /// A system did not answer a flow: it is left alone for a while, and the flow says why it stands still.
    pub(crate) fn rest_of(&self, flow: Flow, system: System, trouble: Trouble) -> Result<bool> {
        if let Trouble::NoAccess(why) | Trouble::Away(why) = &trouble {
            self.flow_failed(flow, &format!("{}: {why}", crate::troubles::name(system)));
        }
        self.rest(system, trouble).map(|_| false)
    }
}

/// Orders and parcels are looked at for as long as their system answers.
fn wrong_with(remote: &RemoteStatus) -> Option<(String, Timestamp)> {
    if let Some((since, why)) = &remote.reconnect {
        return Some((why.clone(), *since));
    }
    let since = remote.refused_since.or(remote.away_since)?;
    Some((remote.trouble.clone()?, since))
}

fn running(memory: &Memory, flow: Flow) -> bool {
    // One that was refused is not under way: it waits for its next attempt.
    if memory.paused || memory.pauses.stops(flow) || memory.flow_troubles.contains_key(&flow) {
        return false;
    }
    match flow {
        Flow::Inventory => memory.stock.is_running(),
        Flow::Billing => memory.sweep.is_some(),
        Flow::Returns => memory.inbound.is_some(),
        // Read in one go.
        Flow::Orders | Flow::Fulfilment | Flow::Products => false,
    }
}

fn next(memory: &Memory, flow: Flow, owned: bool, shut: bool) -> NextRun {
    // Orders and parcels of a flow that is paused by itself are still read; only nothing is sent.
    let reads = matches!(flow, Flow::Orders | Flow::Fulfilment);
    if memory.paused || (memory.pauses.stops(flow) && !reads) {
        return NextRun::Unknown;
    }
    if !owned {
        return NextRun::Waits("another process does the work, or none does");
    }
    let stock = flow == Flow::Inventory;
    if stock && memory.unfit {
        return NextRun::Waits("the settings do not fit both systems");
    }
    if stock && (memory.fo.is_none() || memory.sb.is_none()) {
        return NextRun::Waits("both systems have not told their reference data yet");
    }
    if shut && (stock || asks(flow) == System::ShipBob) {
        return NextRun::Waits("ShipBob must be connected first");
    }
    let due = match flow {
        Flow::Orders => Some(memory.dynamics_poll_due),
        Flow::Fulfilment => Some(memory.shipbob_poll_due),
        // The first look after a start asks the cursor when it is due.
        Flow::Products => Some(memory.products_due).filter(|due| *due != Timestamp::MIN),
        Flow::Inventory => memory.stock.next_run(),
        Flow::Billing => Some(memory.billing_due),
        Flow::Returns => Some(memory.inbound_due),
    };
    let rest = match asks(flow) {
        System::Dynamics => memory.dynamics_rest,
        System::ShipBob => memory.shipbob_rest,
    };
    due.map_or(NextRun::Unknown, |due| NextRun::At(due.max(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::pause::Pause;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    fn memory() -> Memory {
        let (dynamics_poll_due, billing_due, inbound_due) = (at(10), at(20), at(30));
        Memory { dynamics_poll_due, billing_due, inbound_due, ..Memory::default() }
    }

    fn stopped(flow: Flow) -> Memory {
        let mut memory = memory();
        let pause = Pause { who: "Mara".to_owned(), why: String::new(), at: at(1) };
        memory.pauses.pause(Some(flow), pause);
        memory
    }

    #[test]
    fn a_moment_nobody_knows_is_not_named() {
        let mut memory = memory();
        memory.products_due = Timestamp::MIN;
        assert_eq!(next(&memory, Flow::Products, true, false), NextRun::Unknown);
        assert!(matches!(next(&memory, Flow::Inventory, true, false), NextRun::Waits(_)));
        memory.fo = Some(std::sync::Arc::default());
        memory.sb = Some(std::sync::Arc::default());
        assert_eq!(next(&memory, Flow::Inventory, true, false), NextRun::Unknown, "not read yet");
        memory.stock.asked = true;
        assert_eq!(next(&memory, Flow::Inventory, true, false), NextRun::At(Timestamp::MIN));
        memory.unfit = true;
        assert!(matches!(next(&memory, Flow::Inventory, true, false), NextRun::Waits(_)));
    }

    #[test]
    fn a_paused_flow_has_no_next_run_but_orders_are_still_read() {
        assert_eq!(next(&memory(), Flow::Billing, true, false), NextRun::At(at(20)));
        assert_eq!(next(&stopped(Flow::Billing), Flow::Billing, true, false), NextRun::Unknown);
        assert_eq!(next(&stopped(Flow::Orders), Flow::Orders, true, false), NextRun::At(at(10)));
        let whole = Memory { paused: true, ..memory() };
        assert_eq!(next(&whole, Flow::Orders, true, false), NextRun::Unknown);
    }

    #[test]
    fn what_a_run_waits_for_is_said_instead_of_a_time() {
        for flow in ALL {
            let waits = |next| matches!(next, NextRun::Waits(_));
            assert!(waits(next(&memory(), flow, false, false)), "{flow:?}: not our work");
        }
        assert!(matches!(next(&memory(), Flow::Returns, true, true), NextRun::Waits(_)));
        assert_eq!(next(&memory(), Flow::Orders, true, true), NextRun::At(at(10)));
        let resting = Memory { shipbob_rest: at(900), ..memory() };
        assert_eq!(next(&resting, Flow::Returns, true, false), NextRun::At(at(900)));
        assert_eq!(next(&resting, Flow::Orders, true, false), NextRun::At(at(10)));
    }
}

//! Disturbances that proofs inject.

use std::sync::Mutex;

use store::{FaultAction, FaultPoint, StorePoint};
use twins::{Fault, FaultLevel, FaultPlan, RequestMatcher, System};

/// Heavy faults, as a level.
pub fn heavy() -> FaultLevel {
    FaultLevel::Heavy
}

/// Each fault exactly once: at the `nth` request (from 1) to an endpoint of a system.
pub fn scripted(faults: &[(System, &str, u32, Fault)]) -> FaultLevel {
    let requests = faults
        .iter()
        .map(|(system, endpoint, nth, fault)| {
            (RequestMatcher::endpoint(*system, endpoint), *nth, *fault)
        })
        .collect();
    FaultLevel::Custom(FaultPlan::scripted(requests))
}

/// What to do at a commit.
pub type StoreFault = fn(&StorePoint) -> FaultAction;

/// A store that is disturbed at the commits a function chooses, and remembers which.
pub struct Disturbed {
    choose: StoreFault,
    hits: Mutex<Vec<&'static str>>,
}

impl Disturbed {
    /// Disturbs where `choose` says so.
    pub fn new(choose: StoreFault) -> Self {
        Self { choose, hits: Mutex::new(Vec::new()) }
    }

    /// The names of the commits that were disturbed.
    pub fn hits(&self) -> Vec<&'static str> {
        self.hits.lock().expect("no panic while locked").clone()
    }
}

impl FaultPoint for Disturbed {
    fn hit(&self, step: &StorePoint) -> FaultAction {
        let action = (self.choose)(step);
        if action != FaultAction::Proceed {
            self.hits.lock().expect("no panic while locked").push(step.name);
        }
        action
    }
}

//! The plan while it is being made: collects wishes and holds, and knows which wishes were already
//! granted.

use crate::disposition::HoldReason;
use crate::operation::{Flow, Operation};
use crate::plan::{
    DeliveryState, KnownDelivery, Need, OrderFacts, Plan, PlannedDelivery, PlannedHold,
};
use crate::settings::{Profile, Settings};
use crate::time::{Span, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Creates and cancels are based on a read of F&O no older than this; the courier reads again before
/// a create that waited longer.
pub(super) const FRESH: Span = Span::seconds(60);

/// Deliveries of one plan. An order makes a handful; what is beyond is planned when these are done.
const MOST: usize = 500;

pub(super) struct Draft<'a> {
    pub(super) facts: &'a OrderFacts,
    pub(super) settings: &'a Settings,
    pub(super) plan: Plan,
    needs: BTreeSet<Need>,
    /// Eaches per line that an edit of an order at ShipBob brings: not to be sent besides.
    pub(super) adding: BTreeMap<i32, i64>,
    /// Goods wait for SKUs that are on their way to ShipBob.
    pub(super) waits_for_sku: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn new(facts: &'a OrderFacts, settings: &'a Settings) -> Self {
        Self {
            facts,
            settings,
            plan: Plan::default(),
            needs: BTreeSet::new(),
            adding: BTreeMap::new(),
            waits_for_sku: false,
        }
    }

    pub(super) fn delivery(&self, key: &str) -> Option<&'a KnownDelivery> {
        self.facts.deliveries.iter().filter(|d| d.key == key).max_by_key(|d| d.since)
    }

    /// How what is planned here is released and written back.
    pub(super) fn profile(&self) -> Profile {
        if self.facts.request.is_some() { Profile::External } else { Profile::Plain }
    }

    /// Lines of warehouses of that profile are planned here.
    pub(super) fn plans(&self, profile: Profile) -> bool {
        (profile == Profile::External) == self.facts.request.is_some()
    }

    /// When the read began that says what is to be shipped.
    pub(super) fn read_began(&self) -> Timestamp {
        let request = self.facts.request.as_ref().map(|r| r.read_began);
        request.or(self.facts.sales.as_ref().map(|r| r.read_began)).unwrap_or(Timestamp::MIN)
    }

    /// Held or refused, and nobody has asked to try again since.
    fn blocked(&self, key: &str) -> Option<&'a KnownDelivery> {
        self.delivery(key).filter(|d| {
            matches!(d.state, DeliveryState::Held | DeliveryState::Refused)
                && self.facts.decisions.retry.is_none_or(|at| at <= d.since)
        })
    }

    /// The remote said no to it, and nobody has asked to try again since.
    pub(super) fn refused(&self, key: &str) -> Option<&'a KnownDelivery> {
        self.blocked(key).filter(|d| d.state == DeliveryState::Refused)
    }

    pub(super) fn done(&self, key: &str) -> bool {
        self.delivery(key).is_some_and(|d| d.state == DeliveryState::Done)
    }

    /// A write whose key begins so is being sent, or nobody knows whether it arrived.
    pub(super) fn under_way(&self, prefix: &str) -> bool {
        self.facts.deliveries.iter().any(|d| {
            matches!(d.state, DeliveryState::InFlight | DeliveryState::InDoubt)
                && d.key.starts_with(prefix)
        })
    }

    /// Wishes a write, unless it took effect already. One that waits for a person keeps its hold
    /// open instead; one that is no longer wished has no hold.
    pub(super) fn wish(&mut self, key: String, operation: Operation, why: impl Into<String>) {
        self.wish_fresh(key, operation, why, None);
    }

    /// As [`Self::wish`], based on reads that may not be older when it is sent. True when granted.
    pub(super) fn wish_fresh(
        &mut self,
        key: String,
        operation: Operation,
        why: impl Into<String>,
        fresh_until: Option<Timestamp>,
    ) -> bool {
        if let Some(blocked) = self.blocked(&key) {
            let reason = blocked.hold.clone().unwrap_or_else(|| refused(&operation));
            self.hold(operation.flow(), reason);
            return false;
        }
        let known = self.done(&key) || self.plan.deliveries.iter().any(|d| d.key == key);
        if known || self.plan.deliveries.len() >= MOST {
            return false;
        }
        self.plan.deliveries.push(PlannedDelivery { key, operation, fresh_until, why: why.into() });
        true
    }

    pub(super) fn hold(&mut self, flow: Flow, reason: HoldReason) {
        let identity = reason.identity();
        let known = |h: &PlannedHold| h.flow == flow && h.reason.identity() == identity;
        if self.facts.decisions.dismissed.contains(&identity) || self.plan.holds.iter().any(known) {
            return;
        }
        self.plan.holds.push(PlannedHold { flow, reason });
    }

    pub(super) fn need(&mut self, need: Need) {
        self.needs.insert(need);
    }

    /// F&O was read so lately that an order may be created or taken back for what it said.
    pub(super) fn sales_are_fresh(&self) -> bool {
        let read = match &self.facts.request {
            Some(read) => Some(read.read_began),
            None => self.facts.sales.as_ref().map(|read| read.read_began),
        };
        read.is_some_and(|began| self.facts.now.since(began) <= FRESH)
    }

    pub(super) fn needs_nothing(&self) -> bool {
        self.needs.is_empty()
    }

    pub(super) fn reason(&mut self, text: impl Into<String>) {
        self.plan.reasons.push(text.into());
    }

    /// Asks to plan again at `at`, or earlier if somebody already asked for that.
    pub(super) fn plan_at(&mut self, at: Timestamp) {
        self.plan.plan_at = Some(self.plan.plan_at.map_or(at, |now| now.min(at)));
    }

    pub(super) fn finish(mut self) -> Plan {
        self.plan.needs = self.needs.into_iter().collect();
        self.plan
    }
}

/// The remote said no, and the courier gave no reason a person could act on.
fn refused(operation: &Operation) -> HoldReason {
    let name = operation.name();
    HoldReason::new(
        "write-refused",
        name,
        "",
        &format!("The other system refused \"{name}\"; its last attempt shows its words."),
        "Look at the order in both systems, then press Retry.",
    )
}

/// Sixteen hexadecimal digits that stand for a wanted state inside a key.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

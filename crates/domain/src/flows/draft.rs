//! The plan while it is being made: collects wishes and holds, and knows which wishes were already
//! granted.

use crate::disposition::HoldReason;
use crate::operation::{Flow, Operation};
use crate::plan::{
    DeliveryState, KnownDelivery, Need, OrderFacts, Plan, PlannedDelivery, PlannedHold,
};
use crate::settings::Settings;
use crate::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

pub(super) struct Draft<'a> {
    pub(super) facts: &'a OrderFacts,
    pub(super) settings: &'a Settings,
    pub(super) plan: Plan,
    needs: BTreeSet<Need>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(facts: &'a OrderFacts, settings: &'a Settings) -> Self {
        Self { facts, settings, plan: Plan::default(), needs: BTreeSet::new() }
    }

    /// Deliveries that wait for a person keep their hold open until that person asks to retry.
    pub(super) fn carry_over(&mut self) {
        for d in &self.facts.deliveries {
            if self.cancel_overtaken(&d.key) {
                continue;
            }
            if let (true, Some(hold)) = (self.blocked(&d.key), &d.hold) {
                let flow = if d.key.starts_with("create:") || d.key.starts_with("cancel:") {
                    Flow::Orders
                } else {
                    Flow::Fulfilment
                };
                self.hold(flow, hold.clone());
            }
        }
    }

    /// A refused cancel says nothing new once the order is seen picked or cancelled.
    fn cancel_overtaken(&self, key: &str) -> bool {
        let Some(reference) = key.strip_prefix("cancel:") else { return false };
        self.facts.warehouse.iter().any(|s| {
            s.order.reference.as_str() == reference
                && (s.order.cancelled() || s.order.shipments.iter().any(|p| p.picked()))
        })
    }

    pub(super) fn delivery(&self, key: &str) -> Option<&'a KnownDelivery> {
        self.facts.deliveries.iter().rev().find(|d| d.key == key)
    }

    /// Held or refused, and nobody has asked to try again since.
    pub(super) fn blocked(&self, key: &str) -> bool {
        self.delivery(key).is_some_and(|d| {
            matches!(d.state, DeliveryState::Held | DeliveryState::Refused)
                && self.facts.decisions.retry.is_none_or(|at| at <= d.since)
        })
    }

    pub(super) fn done(&self, key: &str) -> bool {
        self.delivery(key).is_some_and(|d| d.state == DeliveryState::Done)
    }

    /// Wishes a write, unless it took effect already or waits for a person.
    pub(super) fn wish(&mut self, key: String, operation: Operation, why: impl Into<String>) {
        self.wish_fresh(key, operation, why, None);
    }

    pub(super) fn wish_fresh(
        &mut self,
        key: String,
        operation: Operation,
        why: impl Into<String>,
        fresh_until: Option<Timestamp>,
    ) {
        if self.done(&key) || self.blocked(&key) {
            return;
        }
        self.plan.deliveries.push(PlannedDelivery { key, operation, fresh_until, why: why.into() });
    }

    pub(super) fn hold(&mut self, flow: Flow, reason: HoldReason) {
        if self.facts.decisions.dismissed.contains(&reason.identity()) {
            return;
        }
        let hold = PlannedHold { flow, reason };
        if !self.plan.holds.contains(&hold) {
            self.plan.holds.push(hold);
        }
    }

    pub(super) fn need(&mut self, need: Need) {
        self.needs.insert(need);
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

/// Sixteen hexadecimal digits that stand for a wanted state inside a key.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

//! The plan of one item while it is being made.

use super::ProductPlan;
use super::wanted::Wanted;
use crate::disposition::HoldReason;
use crate::flows::products::wanted::piece_barcode;
use crate::operation::{Flow, Operation};
use crate::plan::{DeliveryState, KnownDelivery, Need, Plan, PlannedDelivery, PlannedHold};
use crate::product::{ProductFacts, ProductState, Released};
use crate::product_settings::Products;
use crate::settings::Settings;
use crate::time::{Span, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What just settled is looked at a little later.
const MOMENT: Span = Span::seconds(1);

pub(super) struct Sheet<'a> {
    pub(super) facts: &'a ProductFacts,
    settings: &'a Settings,
    plan: Plan,
    states: Vec<ProductState>,
    /// Where each wanted product stands, by key.
    standing: BTreeMap<String, &'static str>,
    /// A write of ours may not show yet in any read.
    look_at: Option<Timestamp>,
}

/// Sixteen hexadecimal digits that stand for a write.
pub(super) fn digest(body: &Operation) -> String {
    digest_of(&serde_json::to_string(body).unwrap_or_default())
}

pub(super) fn digest_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// A product nothing more is known of.
pub(super) fn state(one: &Released, word: &str) -> ProductState {
    ProductState {
        key: one.key.clone(),
        sku: String::new(),
        item: one.item.clone(),
        name: one.name.clone(),
        state: word.to_owned(),
        ounces: None,
        inches: None,
        hold: None,
        compared: None,
    }
}

impl<'a> Sheet<'a> {
    pub(super) fn new(facts: &'a ProductFacts, settings: &'a Settings) -> Self {
        let newest = [
            facts.kept.made.values().map(|m| m.at).max(),
            facts.kept.written.values().map(|w| w.at).max(),
        ];
        Self {
            facts,
            settings,
            plan: Plan::default(),
            states: Vec::new(),
            standing: BTreeMap::new(),
            look_at: newest
                .into_iter()
                .flatten()
                .max()
                .map(|at| at + settings.settle.shipbob + MOMENT),
        }
    }

    /// A read that began after a write of ours had settled shows it; an earlier one need not.
    pub(super) fn shown_since(&self, write: Timestamp) -> bool {
        let read = self.facts.catalogue.as_ref().map(|c| c.read_began);
        read.is_some_and(|began| began > write + self.settings.settle.shipbob)
    }

    /// ShipBob is to be asked before anything is judged.
    pub(super) fn must_compare(&self, ask: &[String], every: Span) -> bool {
        let Some(seen) = &self.facts.catalogue else { return true };
        let now = self.facts.now;
        let new = ask.iter().any(|sku| !seen.asked.contains(sku));
        let settled = self.look_at.is_some_and(|at| seen.read_began < at && now >= at);
        let retried = self.facts.decisions.retry.is_some_and(|at| seen.read_began < at);
        new || settled || retried || now.since(seen.read_began) >= every
    }

    pub(super) fn sku_of(&self, one: &Released) -> String {
        let code = piece_barcode(one, self.settings);
        let products = self.settings.products.as_ref();
        products.and_then(|p| p.sku_of(one, code)).unwrap_or_default()
    }

    pub(super) fn delivery(&self, key: &str) -> Option<&'a KnownDelivery> {
        self.facts.deliveries.iter().filter(|d| d.key == key).max_by_key(|d| d.since)
    }

    pub(super) fn under_way(&self, prefix: &str) -> bool {
        self.facts.deliveries.iter().any(|d| {
            matches!(d.state, DeliveryState::InFlight | DeliveryState::InDoubt)
                && d.key.starts_with(prefix)
        })
    }

    /// Wishes a write, unless it took effect. One that waits for a person keeps its hold open; then
    /// false.
    pub(super) fn wish(&mut self, key: String, operation: Operation, why: &str) -> bool {
        let known = self.delivery(&key);
        let stopped = known.filter(|d| {
            matches!(d.state, DeliveryState::Held | DeliveryState::Refused)
                && self.facts.decisions.retry.is_none_or(|at| at <= d.since)
        });
        if let Some(stopped) = stopped {
            let name = operation.name();
            self.hold(stopped.hold.clone().unwrap_or_else(|| super::holds::refused(name)));
            return false;
        }
        if known.is_none_or(|d| d.state != DeliveryState::Done) {
            let why = why.to_owned();
            self.plan.deliveries.push(PlannedDelivery { key, operation, fresh_until: None, why });
        }
        true
    }

    pub(super) fn hold(&mut self, reason: HoldReason) {
        let identity = reason.identity();
        let known = |h: &PlannedHold| h.reason.identity() == identity;
        if self.facts.decisions.dismissed.contains(&identity) || self.plan.holds.iter().any(known) {
            return;
        }
        self.plan.holds.push(PlannedHold { flow: Flow::Products, reason });
    }

    pub(super) fn need(&mut self, need: Need) {
        self.plan.needs.push(need);
    }

    pub(super) fn reason(&mut self, text: String) {
        self.plan.reasons.push(text);
    }

    pub(super) fn number(&mut self, kind: &str, number: &str) {
        self.plan.numbers.push((kind.to_owned(), number.to_owned()));
    }

    pub(super) fn stand(&mut self, want: &Wanted<'_>, word: &'static str) {
        self.standing.insert(want.released.key.clone(), word);
    }

    pub(super) fn states(&mut self, states: Vec<ProductState>) {
        self.states.extend(states);
    }

    /// Nothing is wanted.
    pub(super) fn rest(mut self, status: &str, sentence: &str) -> ProductPlan {
        status.clone_into(&mut self.plan.status);
        sentence.clone_into(&mut self.plan.sentence);
        ProductPlan { plan: self.plan, states: self.states }
    }

    pub(super) fn finish(mut self, wants: &[Wanted<'_>]) -> ProductPlan {
        let read = self.facts.catalogue.as_ref().map(|c| c.read_began);
        for want in wants {
            let standing = self.standing.get(&want.released.key).copied();
            let word =
                standing.unwrap_or(if self.plan.needs.is_empty() { "held" } else { "coming" });
            let about = want.sku.clone().unwrap_or_else(|| want.released.key.clone());
            let concerns = |h: &&PlannedHold| {
                let own = want.stopped.iter().chain(&want.left_out);
                own.clone().any(|r| r.identity() == h.reason.identity()) || h.reason.value == about
            };
            let hold = self.plan.holds.iter().find(concerns).map(|h| h.reason.reason.clone());
            self.states.push(ProductState {
                sku: want.sku.clone().unwrap_or_default(),
                ounces: want.values.ounces,
                inches: want.values.inches,
                hold,
                compared: read,
                ..state(want.released, word)
            });
        }
        self.states.sort_by(|a, b| a.key.cmp(&b.key));
        let all = self.states.iter().filter(|s| s.state != "excluded").count();
        let there = self.states.iter().filter(|s| s.state == "at-shipbob").count();
        let coming = self.states.iter().any(|s| s.state == "coming");
        let (status, sentence) = match (self.plan.holds.is_empty(), there == all, coming) {
            (_, _, true) => (
                "coming",
                format!("{there} of {all} SKU(s) are at ShipBob; the rest is on its way."),
            ),
            (true, true, _) => ("at-shipbob", format!("All {all} SKU(s) are at ShipBob.")),
            (false, true, _) => (
                "at-shipbob",
                format!("All {all} SKU(s) are at ShipBob; something waits for a person."),
            ),
            _ => (
                "held",
                format!(
                    "{there} of {all} SKU(s) are at ShipBob; a person must decide about the rest."
                ),
            ),
        };
        let compare = self.settings.products.as_ref().map(Products::compare);
        let again = read.zip(compare).map(|(at, every)| at + every);
        let settled = self.look_at.filter(|at| read.is_some_and(|read| read < *at));
        self.plan.plan_at = again.into_iter().chain(settled).min();
        let plan = Plan { status: status.to_owned(), sentence, ..self.plan };
        ProductPlan { plan, states: self.states }
    }
}

//! Which hard cases a run met.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::draw::Drawn;
use domain::ids::Scope;
use proofs::{Blow, Ordeal, Step, Steps, Turn, Verdict, is_write};
use store::{AttemptRow, Store, TrailFilter};
use twins::{System, effect};

/// Must occur at least once over all seeds.
pub(crate) const HARD_CASES: &[&str] = &[
    "a lost reply was found by a look-up at ShipBob",
    "a lost reply was found by a look-up in F&O",
    "a create that never arrived was sent again after settle",
    "an effect came late",
    "a duplicate was adopted",
    "an unsent create was withdrawn",
    "a race was won by the cancel",
    "a race was won by the warehouse",
    "a cancel came too late",
    "ShipBob said 429",
    "F&O said 429",
    "a stale etag was planned anew",
    "a webhook came twice",
    "a webhook was lost",
    "a webhook came late",
    "a webhook had to be sent again",
    "a tracking number changed after it was written",
    "the process died between effect and record",
    "the process died between plan and call",
    "a commit failed",
    "a call came twice",
    "a dead process left calls under way",
    "a standing process was succeeded",
    "a zombie's reply was refused",
    "a standing process woke in time",
    "an order was read again before its create",
    "a token expired",
    "an order was released by hand",
    "the connection was paused",
    "an order was skipped",
    "a shipment was moved before the pick",
    "an order left several centres",
    "a parcel of a network left outside of it",
    "a release went in parts",
    "a release was taken back before the pick",
    "a lost call of the customer was found by its look-up",
    "an external warehouse was told what left",
    "the merchant let us in as an app",
    "a refresh of the token was interrupted",
    "two legal entities shared an account",
    "three legal entities had two accounts",
    "a process with several connections died",
];

/// How often each hard case occurred, counted once per seed.
#[derive(Default)]
pub(crate) struct Coverage(BTreeMap<&'static str, u32>);

impl Coverage {
    pub(crate) fn has(&self, case: &str) -> bool {
        self.0.contains_key(case)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (case, times) in &other.0 {
            *self.0.entry(case).or_default() += times;
        }
    }

    fn mark(&mut self, case: &'static str, seen: bool) {
        assert!(HARD_CASES.contains(&case), "{case} is not in the list");
        if seen {
            self.0.insert(case, 1);
        }
    }

    /// Looks at everything a run left behind.
    pub(crate) async fn look(&mut self, found: &Verdict, store: &Store, scope: &Scope) {
        self.look_at_ledger(found);
        self.look_at_centres(found);
        self.look_at_races(found);
        self.look_at_trail(store, scope).await;
        let attempts = attempts(found, store, scope).await;
        self.look_at_attempts(&attempts);
    }

    /// Which kind of world it was.
    pub(crate) fn look_at_world(&mut self, drawn: &Drawn, found: &[Verdict]) {
        let updates = |v: &Verdict| v.ledger.of(effect::UPDATE_ACCEPTED).count() > 0;
        self.mark("an external warehouse was told what left", found.iter().any(updates));
        self.mark("the merchant let us in as an app", drawn.config.oauth);
        self.mark("two legal entities shared an account", drawn.estate == (2, 1));
        self.mark("three legal entities had two accounts", drawn.estate == (3, 2));
    }

    fn look_at_ledger(&mut self, found: &Verdict) {
        let ledger = &found.ledger;
        let disturbed = |what: &str| {
            let all = ledger.endpoints.values().flat_map(BTreeMap::values);
            all.map(|one| one.disturbed.get(what).copied().unwrap_or(0)).sum::<u64>() > 0
        };
        self.mark("an effect came late", disturbed("late"));
        self.mark("ShipBob said 429", ledger.throttled(System::ShipBob) > 0);
        self.mark("F&O said 429", ledger.throttled(System::Dynamics) > 0);
        self.mark("a token expired", disturbed("unauthorized"));
        let mut taken: BTreeMap<&str, u32> = BTreeMap::new();
        for entry in ledger.of(effect::WEBHOOK_ACKNOWLEDGED) {
            *taken.entry(&entry.key).or_default() += 1;
        }
        self.mark("a webhook came twice", taken.values().any(|times| *times > 1));
        self.mark("a webhook was lost", ledger.of(effect::WEBHOOK_LOST).count() > 0);
        self.mark("a webhook came late", ledger.of(effect::WEBHOOK_DELAYED).count() > 0);
        let again = |detail: &serde_json::Value| detail["attempt"].as_u64().unwrap_or(0) > 1;
        let resent = ledger.of(effect::WEBHOOK_SENT).any(|entry| again(&entry.detail));
        self.mark("a webhook had to be sent again", resent);
        let changed = found.projection.orders.values().any(|order| {
            let numbers = order.references.values().flat_map(|one| &one.shipments);
            let written = order.dynamics.as_ref().map_or(0, |one| one.tracking.len());
            written > 1 && numbers.clone().any(|shipment| shipment.tracking.len() > 1)
        });
        self.mark("a tracking number changed after it was written", changed);
        let managed = found.projection.orders.values().filter_map(|order| {
            let status = order.dynamics.as_ref()?.extra.get("release")?;
            Some((status.as_str(), &order.references))
        });
        for (status, references) in managed {
            let live = references.values().filter(|one| !one.cancelled).count();
            self.mark("a release went in parts", live > 1);
            let back = status == "Open" && live == 0 && !references.is_empty();
            self.mark("a release was taken back before the pick", back);
        }
    }

    fn look_at_centres(&mut self, found: &Verdict) {
        let moved = found.ledger.of(effect::SHIPMENT_MOVED).count() > 0;
        self.mark("a shipment was moved before the pick", moved);
        let references = found.projection.orders.values().flat_map(|one| one.references.values());
        for one in references.filter(|one| one.location_id.is_none()) {
            let left = one.shipments.iter().filter(|shipment| shipment.status == "Completed");
            let centres: BTreeSet<i64> = left.map(|shipment| shipment.location_id).collect();
            self.mark("an order left several centres", centres.len() > 1);
            self.mark("a parcel of a network left outside of it", centres.contains(&2));
        }
    }

    fn look_at_races(&mut self, found: &Verdict) {
        for one in found.projection.racing.values() {
            self.mark("a race was won by the cancel", one.cancelled_at_shipbob);
            self.mark("a race was won by the warehouse", one.shipped);
        }
        let late = found.holds.values().any(|causes| causes.contains("cancel-too-late"));
        self.mark("a cancel came too late", late);
    }

    /// What happened to the process of several connections.
    pub(crate) fn look_at_throng(&mut self, steps: &Steps) {
        self.look_at_steps(steps);
        self.mark("a process with several connections died", steps.lives() > 1);
    }

    /// What happened to the processes of one connection.
    pub(crate) fn look_at_processes(&mut self, ordeal: &Ordeal) {
        self.look_at_steps(&ordeal.steps);
        for turn in ordeal.turns() {
            self.mark("a standing process was succeeded", turn == Turn::TakenOver);
            self.mark("a zombie's reply was refused", turn == Turn::ZombieRefused);
            self.mark("a standing process woke in time", turn == Turn::WokeInTime);
        }
    }

    fn look_at_steps(&mut self, steps: &Steps) {
        for (_, step, blow) in steps.struck() {
            let token = matches!(step, Step::Send(_, "shipbob.token"));
            self.mark("a refresh of the token was interrupted", token);
            let sent = matches!(step, Step::Send(..)) && is_write(step.name());
            let record = matches!(step, Step::Commit(_, "courier.record"));
            let claim = matches!(step, Step::Commit(_, "courier.claim"));
            match blow {
                Blow::CrashAfter => {
                    self.mark("the process died between effect and record", sent);
                    self.mark("the process died between plan and call", claim);
                }
                Blow::CrashBefore => {
                    self.mark("the process died between effect and record", record);
                    self.mark("the process died between plan and call", sent);
                }
                Blow::Error => self.mark("a commit failed", matches!(step, Step::Commit(..))),
                Blow::Late(_) => self.mark("an effect came late", sent),
                Blow::Repeat => self.mark("a call came twice", sent),
                Blow::ReplyLost => {}
            }
        }
        let refreshed = |step: &Step| matches!(step, Step::Commit(_, "courier.refresh"));
        let refreshed = steps.seen().iter().any(refreshed);
        self.mark("an order was read again before its create", refreshed);
    }

    async fn look_at_trail(&mut self, store: &Store, scope: &Scope) {
        let mut reader = store.read().await.expect("a database that answers");
        let mut before = None;
        loop {
            let filter = TrailFilter::default();
            let rows = reader.trail(scope, &filter, before, 500).await.expect("a trail");
            for row in &rows {
                let what = row.entry.what.as_str();
                let why = row.entry.why.as_deref().unwrap_or_default();
                let create = why.contains(": create:");
                self.mark("an unsent create was withdrawn", what == "withdrawn" && create);
                let release = what == "released the order by hand";
                self.mark("an order was released by hand", release);
                self.mark("the connection was paused", what == "paused the connection");
                self.mark("an order was skipped", what == "skipped the order");
                self.mark("a dead process left calls under way", what == "recovered");
            }
            match rows.last() {
                Some(last) => before = Some(last.seq),
                None => return,
            }
        }
    }

    fn look_at_attempts(&mut self, attempts: &[AttemptRow]) {
        let mut said_duplicate = Vec::new();
        for one in attempts {
            let detail = one.detail.as_deref().unwrap_or_default();
            let found = detail.contains("found at ShipBob as order");
            self.mark("a lost reply was found by a look-up at ShipBob", found);
            let in_fo = detail.contains("found in Dynamics, not repeated");
            self.mark("a lost reply was found by a look-up in F&O", in_fo);
            let call = in_fo && detail.contains("Custom call");
            self.mark("a lost call of the customer was found by its look-up", call);
            let never = detail.contains("ShipBob never got it; sent again");
            self.mark("a create that never arrived was sent again after settle", never);
            if detail.contains("ShipBob says it has it already") {
                said_duplicate.push(one.delivery_id);
            }
            let adopted = found && said_duplicate.contains(&one.delivery_id);
            self.mark("a duplicate was adopted", adopted);
            let stale = detail.contains("the order changed meanwhile");
            self.mark("a stale etag was planned anew", stale);
        }
    }
}

async fn attempts(found: &Verdict, store: &Store, scope: &Scope) -> Vec<AttemptRow> {
    let keys: Vec<String> = found.truth.orders.iter().map(|o| o.order_number.clone()).collect();
    let mut reader = store.read().await.expect("a database that answers");
    let known = reader.deliveries_known(scope, &keys).await.expect("deliveries");
    let ids: Vec<i64> = known.iter().map(|one| one.id).collect();
    let mut rows = reader.attempts_of(scope, &ids).await.expect("attempts");
    rows.sort_by_key(|row| (row.delivery_id, row.number));
    rows
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in HARD_CASES {
            writeln!(f, "{:>5}  {case}", self.0.get(case).copied().unwrap_or(0))?;
        }
        Ok(())
    }
}

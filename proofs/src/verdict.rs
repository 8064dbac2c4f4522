//! What came of a run, and whether it is right.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::Scope;
use store::{Store, TrailFilter, TrailReport};
use twins::{LedgerSnapshot, OrderTruth, Projection, RacingProjection, Truth, Twins};

use crate::intended::unmet;

/// Orders told in full when a proof fails.
const TOLD: usize = 3;

/// Everything a proof judges by.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What the twins accepted.
    pub ledger: LedgerSnapshot,
    /// The canonical picture of it.
    pub projection: Projection,
    /// What the world had intended.
    pub truth: Truth,
    /// Causes of open holds, by sales order.
    pub holds: BTreeMap<String, BTreeSet<String>>,
    /// Deliveries that are neither done, held nor refused (I10).
    pub open: Vec<String>,
    /// Everything about money that is not as ShipBob's books say (I11).
    pub money: Vec<String>,
    /// The trail, verified (I4).
    pub trail: TrailReport,
}

impl Verdict {
    /// Reads ledgers and database.
    pub async fn read(twins: &Twins, store: &Store) -> Self {
        Self::read_in(twins, store, &app::rig::scope()).await
    }

    /// Reads the ledgers of one connection among several, and its rows.
    pub async fn read_in(twins: &Twins, store: &Store, scope: &Scope) -> Self {
        let truth = twins.truth();
        let mut keys: Vec<String> = truth.orders.iter().map(|o| o.order_number.clone()).collect();
        // What an externally managed warehouse ships is held under its request.
        let mut order_of: BTreeMap<String, String> = BTreeMap::new();
        for order in &truth.orders {
            for id in twins.requests_of(&order.order_number) {
                let key = domain::request::subject(&id.as_str().into());
                order_of.insert(key.clone(), order.order_number.clone());
                keys.push(key);
            }
        }
        keys.extend(truth.products.iter().map(|p| domain::product::subject(&p.item)));
        let charges: Vec<String> =
            keys.iter().map(|key| format!("{}{key}", domain::charge::CHARGE_SUBJECT)).collect();
        keys.extend(charges);
        keys.sort();
        keys.dedup();
        let mut reader = store.read().await.expect("a database that answers");
        let mut holds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut open = Vec::new();
        for part in keys.chunks(100) {
            for hold in reader.holds_open(scope, part).await.expect("holds") {
                let order = order_of.get(&hold.subject).cloned().unwrap_or(hold.subject);
                holds.entry(order).or_default().insert(hold.cause);
            }
            for one in reader.deliveries_known(scope, part).await.expect("deliveries") {
                if one.state.open() {
                    open.push(format!("{} is {:?}", one.business_key, one.state));
                }
            }
        }
        let trail = reader.trail_verify(scope).await.expect("a trail");
        drop(reader);
        let bills = app::report::Bills::of(twins, store, scope).await.expect("bills");
        let money = bills.map(|bills| bills.problems()).unwrap_or_default();
        let (ledger, projection) = (twins.ledger(), twins.projection());
        Self { ledger, projection, truth, holds, open, money, trail }
    }

    /// The same without the orders a proof does not judge.
    #[must_use]
    pub fn without(mut self, left_out: impl Fn(&OrderTruth) -> bool) -> Self {
        let (out, rest) = self.truth.orders.into_iter().partition(|order| left_out(order));
        self.truth.orders = rest;
        let out: Vec<OrderTruth> = out;
        for order in out {
            self.projection.orders.remove(&order.order_number);
            self.projection.racing.remove(&order.order_number);
        }
        self
    }

    /// SHA-256 of the canonical projection.
    pub fn sha(&self) -> String {
        self.projection.sha256()
    }

    /// Everything that is not as it must be, in words; empty when all is right.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.broken();
        faults.extend(unmet(self));
        faults.extend(self.money.iter().cloned());
        faults
    }

    /// The invariants alone: what must never happen, finished or not.
    pub fn broken(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut all = |what: &str, found: Vec<String>| {
            faults.extend(found.into_iter().map(|one| format!("{what}: {one}")));
        };
        let ledger = &self.ledger;
        // Where a cancelled order frees its reference, the ledger may name one twice; never two that live.
        all("created more than once", self.created_twice());
        all("alive twice at ShipBob", ledger.alive_twice());
        let notes = ledger.duplicate_notes().into_iter();
        all("note written twice", notes.map(|(order, note)| format!("{order} {note:?}")).collect());
        let over =
            ledger.slips_over_shipped().into_iter().filter(|(order, ..)| !self.by_hand(order));
        all(
            "slipped more than shipped",
            over.map(|(order, sku, slipped, shipped)| {
                format!("{order} {sku}: {slipped} slipped, {shipped} shipped")
            })
            .collect(),
        );
        all("told twice", self.ledger.accepted_twice());
        all("sent more than released", crate::released::over(&self.projection, &self.truth));
        all("posted twice by call", crate::released::posted_twice(ledger));
        all("SKU made twice", ledger.products_made_twice());
        all("cancelled and shipped", self.ledger.cancelled_and_shipped());
        let racing = self.projection.racing.iter();
        all("race not decided", racing.filter_map(|(order, one)| undecided(order, one)).collect());
        let undercut = ledger.undercut.iter().filter(|(_, times)| **times > 0);
        all("retry time undercut", undercut.map(|(s, n)| format!("{s:?} {n} times")).collect());
        all("trail broken", self.trail.broken.iter().map(|at| format!("{at:?}")).collect());
        faults
    }

    /// Work that is still open when all is quiet (I10).
    pub fn unfinished(&self) -> Vec<String> {
        self.open.iter().map(|one| format!("open work: {one}")).collect()
    }

    fn created_twice(&self) -> Vec<String> {
        let twice = self.ledger.created_more_than_once();
        twice.into_iter().filter(|reference| !self.only_the_last_lives(reference)).collect()
    }

    /// Every ShipBob order of the reference but the last was cancelled before the next was made.
    fn only_the_last_lives(&self, reference: &str) -> bool {
        let mut alive = 0_i64;
        let mut most = 0_i64;
        for entry in self.ledger.entries.iter().filter(|entry| entry.key == reference) {
            match entry.effect {
                twins::effect::ORDER_CREATED => alive += 1,
                twins::effect::ORDER_CANCELLED => alive -= 1,
                _ => {}
            }
            most = most.max(alive);
        }
        most <= 1
    }

    /// The orders in which two runs differ, each with both pictures and what the twins accepted for it.
    pub fn unlike(&self, wanted: &Self) -> Vec<String> {
        differing(&wanted.projection, &self.projection)
            .map(|o| format!("{o}\n  wanted {}\n  found  {}", wanted.of(o), self.of(o)))
            .collect()
    }

    /// Both sides of the first orders these words name, for people.
    #[expect(clippy::print_stdout, reason = "what a failed proof shows a person")]
    pub async fn story(&self, words: &str, store: &Store, scope: &Scope) {
        let orders = self.truth.orders.iter().map(|order| order.order_number.as_str());
        let mut reader = store.read().await.expect("a database that answers");
        for order in orders.filter(|order| words.contains(order)).take(TOLD) {
            println!("{order}: {}", self.of(order));
            let filter = TrailFilter { subject: Some(order.to_owned()), ..TrailFilter::default() };
            let rows = reader.trail(scope, &filter, None, 500).await.expect("a trail");
            for row in rows.iter().rev() {
                let (at, one) = (row.entry.at.to_rfc3339(), &row.entry);
                println!("    {at} {}: {}", one.what, one.why.as_deref().unwrap_or_default());
            }
        }
    }

    /// One order in full: picture, holds and the effects on it.
    pub(crate) fn of(&self, order: &str) -> String {
        let picture = self.projection.orders.get(order).and_then(|o| serde_json::to_string(o).ok());
        let mut lines = vec![picture.unwrap_or_else(|| "absent".to_owned())];
        lines.extend(self.holds.get(order).map(|holds| format!("    holds {holds:?}")));
        for entry in &self.ledger.entries {
            let number = entry.detail.get("order_number").and_then(serde_json::Value::as_str);
            if entry.key == order || number == Some(order) {
                let at = domain::time::Timestamp(entry.at).to_rfc3339();
                lines.push(format!("    {at} {} {}", entry.effect, entry.detail));
            }
        }
        lines.join("\n")
    }

    /// The clerk meddled with slips or quantities of this order himself.
    fn by_hand(&self, order: &str) -> bool {
        let category = self.truth.order(order).map(|o| o.category.as_str());
        matches!(category, Some("deliver-now-by-hand" | "slip-by-hand"))
    }
}

/// Either cancelled or shipped, never both, and F&O says which.
fn undecided(order: &str, one: &RacingProjection) -> Option<String> {
    if one.details.references.is_empty() {
        return None;
    }
    let says = one.details.dynamics.as_ref().map(|d| d.notes.len()).unwrap_or_default();
    match (one.cancelled_at_shipbob, one.shipped) {
        (true, true) => Some(format!("{order} is cancelled and shipped")),
        (false, false) => Some(format!("{order} is neither cancelled nor shipped")),
        (false, true) if says == 0 => Some(format!("{order} was shipped and F&O does not say so")),
        _ => None,
    }
}

/// The orders in which two projections differ, each with both pictures.
pub fn difference(wanted: &Projection, found: &Projection) -> Vec<String> {
    let text = |p: &Projection, order: &str| {
        let picture = p.orders.get(order).and_then(|one| serde_json::to_string(one).ok());
        picture.unwrap_or_else(|| "absent".to_owned())
    };
    differing(wanted, found)
        .map(|o| format!("{o}\n    wanted {}\n    found  {}", text(wanted, o), text(found, o)))
        .collect()
}

fn differing<'a>(a: &'a Projection, b: &'a Projection) -> impl Iterator<Item = &'a String> {
    let (a, b) = (&a.orders, &b.orders);
    let orders: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    orders.into_iter().filter(move |order| a.get(*order) != b.get(*order))
}

//! The result of a run on the twins, judged by their ledgers and not by our own tables.

mod bills;
mod came_back;
mod charges;
mod products;

pub use bills::Bills;
pub use came_back::CameBack;
pub use charges::Charged;

use crate::cli::WorldArgs;
use crate::rig::{Run, World};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use store::{Store, StoreError, TrailReport};
use twins::{LedgerSnapshot, OrderProjection, Outcome, Projection, System, Truth};

/// What one run came to.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Key of the world.
    pub seed: u64,
    /// Tenant profile.
    pub tenant: String,
    /// Disturbances.
    pub faults: String,
    /// Sales orders in the world.
    pub orders: u32,
    /// Orders the world meant to be sent.
    pub released: usize,
    /// Orders with at least one ShipBob order of ours.
    pub created: usize,
    /// … each reference exactly once.
    pub created_exactly_once: bool,
    /// Orders that raced a cancel against the pick: shipped or cancelled, never both. Which of them depends on the moment, so
    /// that they count in neither of the numbers below.
    pub racing: usize,
    /// Orders of which something left ShipBob.
    pub shipped: usize,
    /// Shipped orders whose packing slips are posted for all that F&O still wanted.
    pub slipped: usize,
    /// Shipped orders with their tracking numbers on the slips.
    pub tracking_on_slip: usize,
    /// Shipped orders whose note names the carrier.
    pub carrier_in_note: usize,
    /// Orders sent in several parts, as they were released to their warehouse.
    pub sent_in_parts: usize,
    /// Packing slips posted by the customer's own call.
    pub posted_by_call: usize,
    /// Orders of which every parcel is delivered.
    pub delivered: usize,
    /// Orders cancelled at ShipBob.
    pub cancelled: usize,
    /// Open holds by cause.
    pub held: BTreeMap<String, usize>,
    /// Products, where the flow is on.
    pub products: Option<products::Products>,
    /// Calls per order that was created.
    pub calls_per_order: BTreeMap<String, f64>,
    /// Calls by system and endpoint.
    pub calls: BTreeMap<String, u64>,
    /// 429 answers.
    pub throttled: BTreeMap<String, u64>,
    /// Calls made before a served retry time.
    pub undercut: u64,
    /// What ShipBob charged, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<Bills>,
    /// What came back, where returns are simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns: Option<CameBack>,
    /// Entries of the audit trail, verified.
    pub trail_entries: u64,
    /// Wall-clock seconds.
    pub elapsed_seconds: f64,
    /// Virtual hours.
    pub virtual_hours: f64,
    /// Stock after the last night, in words, where it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<String>,
    /// What is wrong; empty when all is well.
    pub problems: Vec<String>,
    /// SHA-256 of the canonical projection.
    pub projection_sha256: String,
    /// The canonical projection.
    pub projection: Projection,
}

/// Requests by system and endpoint.
fn calls(ledger: &LedgerSnapshot) -> BTreeMap<String, u64> {
    let of = ledger.endpoints.iter();
    of.flat_map(|(s, e)| e.iter().map(|(n, c)| (format!("{}: {n}", name(*s)), c.requests)))
        .collect()
}

fn cancelled(order: &OrderProjection) -> bool {
    order.references.values().all(|one| one.cancelled)
}

impl Report {
    /// Asks ledgers, projection and the open holds.
    pub async fn make(
        world: &World,
        store: &Store,
        run: Run,
        elapsed_seconds: f64,
        args: &WorldArgs,
    ) -> Result<Self, StoreError> {
        let ledger = world.twins.ledger();
        let projection = world.twins.projection();
        let truth = world.twins.truth();
        let (held, causes, trail) = kept_by_us(world, store, &truth).await?;
        let racing = projection.racing.values().map(|race| &race.details);
        let created = projection.orders.values().chain(racing).filter(|o| ours(o)).count();
        // What every right run of this world ends in; how a race ends is no fact of it.
        let certain: Vec<&OrderProjection> =
            projection.orders.values().filter(|o| ours(o)).collect();
        let shipped: Vec<&OrderProjection> =
            certain.iter().copied().filter(|o| any(o, |s| s.status == "Completed")).collect();
        let mut problems = problems(&ledger, &projection);
        if let Some((seq, why)) = &trail.broken {
            problems.push(format!("the trail is broken at entry {seq}: {why}"));
        }
        problems.extend(missing_holds(&truth, &causes));
        let (products, more) = products::products(&truth, &projection, &ledger, &causes);
        problems.extend(more);
        let billing = Bills::of(&world.twins, store, &world.scope).await?;
        problems.extend(billing.iter().flat_map(Bills::problems));
        let returns = CameBack::of(&world.twins, store, &world.scope).await?;
        problems.extend(returns.iter().flat_map(CameBack::problems));
        let count = |test: fn(&OrderProjection) -> bool| shipped.iter().filter(|o| test(o)).count();
        Ok(Self {
            seed: args.seed,
            tenant: args.tenant.clone(),
            faults: args.faults.clone(),
            orders: args.orders,
            released: truth.orders.iter().filter(|o| o.outcome == Outcome::Sent).count(),
            created_exactly_once: ledger.created_more_than_once().is_empty()
                && ledger.alive_twice().is_empty(),
            slipped: count(|o| {
                o.dynamics.as_ref().is_some_and(|d| d.slipped.values().any(|q| q != "0"))
            }),
            tracking_on_slip: count(|o| {
                o.dynamics.as_ref().is_some_and(|d| !d.tracking.is_empty())
            }),
            carrier_in_note: count(|o| {
                o.dynamics.as_ref().is_some_and(|d| d.notes.iter().any(|n| n.contains("carriers=")))
            }),
            sent_in_parts: certain.iter().filter(|o| in_parts(o)).count(),
            posted_by_call: ledger.of(twins::effect::CALL_CARRIED_OUT).count(),
            delivered: certain.iter().filter(|o| delivered(o)).count(),
            cancelled: certain.iter().filter(|o| cancelled(o)).count(),
            racing: projection.racing.len(),
            shipped: shipped.len(),
            held,
            products,
            calls_per_order: [System::ShipBob, System::Dynamics]
                .map(|s| (name(s).to_owned(), per_order(ledger.requests(s), created)))
                .into(),
            created,
            calls: calls(&ledger),
            throttled: [System::ShipBob, System::Dynamics]
                .map(|s| (name(s).to_owned(), ledger.throttled(s)))
                .into(),
            undercut: ledger.undercut.values().sum(),
            billing,
            returns,
            trail_entries: u64::try_from(trail.entries).unwrap_or(0),
            elapsed_seconds,
            virtual_hours: hours(run),
            stock: None,
            problems,
            projection_sha256: projection.sha256(),
            projection,
        })
    }

    /// For people.
    pub fn words(&self) -> String {
        let mut out = format!(
            "{} sales orders, tenant {}, faults {}, seed {}\n",
            self.orders, self.tenant, self.faults, self.seed
        );
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  to be sent          {}", self.released);
        let once = if self.created_exactly_once { "each exactly once" } else { "NOT exactly once" };
        let _ = writeln!(out, "  created at ShipBob  {} ({once})", self.created);
        let _ = writeln!(out, "  shipped             {}", self.shipped);
        let _ = writeln!(
            out,
            "  packing slip posted {} (tracking on it: {}, carrier in the note: {})",
            self.slipped, self.tracking_on_slip, self.carrier_in_note
        );
        if self.sent_in_parts > 0 || self.posted_by_call > 0 {
            let _ = writeln!(
                out,
                "  released in parts   {} (slips posted by the custom call: {})",
                self.sent_in_parts, self.posted_by_call
            );
        }
        let _ = writeln!(out, "  delivered           {}", self.delivered);
        let _ = writeln!(out, "  cancelled           {}", self.cancelled);
        if self.racing > 0 {
            let _ = writeln!(
                out,
                "  raced a cancel      {} (shipped or cancelled, counted as neither)",
                self.racing
            );
        }
        if let Some(p) = &self.products {
            let once = if p.made_exactly_once { "each exactly once" } else { "NOT exactly once" };
            let _ = writeln!(
                out,
                "  products            {} of {} SKUs made ({once}; right ounces {}, right inches {})",
                p.made, p.skus, p.right_ounces, p.right_inches
            );
        }
        for (cause, n) in &self.held {
            let _ = writeln!(out, "  held                {n:>4}  {cause}");
        }
        for (system, calls) in &self.calls_per_order {
            let throttled = self.throttled.get(system).copied().unwrap_or(0);
            let _ = writeln!(out, "  calls per order     {calls:.3} {system} (429s: {throttled})");
        }
        if let Some(stock) = &self.stock {
            let _ = writeln!(out, "{stock}");
        }
        if let Some(returns) = &self.returns {
            let _ = writeln!(out, "  returns             {}", returns.words());
        }
        if let Some(bills) = &self.billing {
            let _ = writeln!(out, "  billing             {}", bills.words());
        }
        let _ = writeln!(out, "  audit trail         {} entries, verified", self.trail_entries);
        let _ = writeln!(
            out,
            "  took                {:.1} s for {:.1} virtual hours",
            self.elapsed_seconds, self.virtual_hours
        );
        let _ = write!(out, "  projection          {}", self.projection_sha256);
        out
    }
}

/// The reports of all connections of one run.
#[derive(Debug, Serialize)]
pub struct Reports {
    /// SHA-256 over the projections of all connections.
    pub projection_sha256: String,
    /// What is wrong anywhere, with the connection.
    pub problems: Vec<String>,
    /// By legal entity.
    pub connections: BTreeMap<String, Report>,
}

impl Reports {
    /// Of several worlds, each with its report.
    pub fn of<S>(worlds: &[(World, S)], reports: Vec<Report>) -> Self {
        let names = worlds.iter().map(|(world, _)| world.twins.credentials().company);
        let connections: BTreeMap<String, Report> = names.zip(reports).collect();
        let mut all = Sha256::new();
        for (name, report) in &connections {
            all.update(format!("{name} {}\n", report.projection_sha256));
        }
        let projection_sha256 = all.finalize().iter().map(|b| format!("{b:02x}")).collect();
        let named = |(name, report): (&String, &Report)| {
            report.problems.iter().map(|problem| format!("{name}: {problem}")).collect::<Vec<_>>()
        };
        let problems = connections.iter().flat_map(named).collect();
        Self { projection_sha256, problems, connections }
    }

    /// What is wrong; a single connection needs no name.
    pub fn problems(&self) -> &[String] {
        match self.only() {
            Some(report) => &report.problems,
            None => &self.problems,
        }
    }

    fn only(&self) -> Option<&Report> {
        self.connections.values().next().filter(|_| self.connections.len() == 1)
    }

    /// For programs: a single connection as it is.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        match self.only() {
            Some(report) => serde_json::to_string_pretty(report),
            None => serde_json::to_string_pretty(self),
        }
    }

    /// For people.
    pub fn words(&self) -> String {
        if let Some(report) = self.only() {
            return report.words();
        }
        let mut out = String::new();
        // Writing to a String cannot fail.
        for (name, report) in &self.connections {
            let _ = writeln!(out, "Legal entity {name}: {}\n", report.words());
        }
        let sum = |of: fn(&Report) -> usize| self.connections.values().map(of).sum::<usize>();
        let once = self.connections.values().all(|r| r.created_exactly_once);
        let _ = writeln!(
            out,
            "{} connections: {} of {} orders created at ShipBob ({}), {} shipped, {} delivered",
            self.connections.len(),
            sum(|r| r.created),
            sum(|r| r.released),
            if once { "each exactly once" } else { "NOT exactly once" },
            sum(|r| r.shipped),
            sum(|r| r.delivered),
        );
        let _ = write!(out, "  projection          {}", self.projection_sha256);
        out
    }
}

/// Several ShipBob orders of one release story live: only a warehouse with warehouse management is released so.
fn in_parts(order: &OrderProjection) -> bool {
    let managed = order.dynamics.as_ref().is_some_and(|d| d.extra.contains_key("release"));
    managed && order.references.values().filter(|one| !one.cancelled).count() > 1
}

/// Open holds by cause and by order, and the verified trail.
async fn kept_by_us(
    world: &World,
    store: &Store,
    truth: &Truth,
) -> Result<(BTreeMap<String, usize>, BTreeMap<String, Vec<String>>, TrailReport), StoreError> {
    let mut reader = store.read().await?;
    let mut by_cause: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_order: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut order_of: BTreeMap<String, String> = BTreeMap::new();
    for order in &truth.orders {
        let number = &order.order_number;
        order_of.insert(number.clone(), number.clone());
        for id in world.twins.requests_of(number) {
            order_of.insert(domain::request::subject(&id.as_str().into()), number.clone());
        }
    }
    for product in &truth.products {
        let subject = domain::product::subject(&product.item);
        order_of.insert(subject.clone(), subject);
    }
    let subjects: Vec<String> = order_of.keys().cloned().collect();
    for hold in reader.holds_open(&world.scope, &subjects).await? {
        *by_cause.entry(hold.cause.clone()).or_default() += 1;
        let order = order_of.get(&hold.subject).cloned().unwrap_or(hold.subject);
        by_order.entry(order).or_default().push(hold.cause);
    }
    let trail = reader.trail_verify(&world.scope).await?;
    Ok((by_cause, by_order, trail))
}

/// Orders the world meant to be held, and that are not.
fn missing_holds(truth: &Truth, causes: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for order in &truth.orders {
        if let Outcome::Held(cause) = &order.outcome
            && causes.get(&order.order_number).is_none_or(|c| !c.contains(cause))
        {
            found.push(format!("{} should be held: {cause}", order.order_number));
        }
    }
    found
}

fn name(system: System) -> &'static str {
    match system {
        System::Entra => "Entra",
        System::Dynamics => "Dynamics",
        System::ShipBob => "ShipBob",
        System::ShipBobAuth => "ShipBob's auth host",
    }
}

fn ours(order: &OrderProjection) -> bool {
    !order.references.is_empty() && !order.references.keys().all(|r| r.contains("/man-"))
}

fn any(order: &OrderProjection, test: impl Fn(&twins::ShipmentProjection) -> bool) -> bool {
    order.references.values().flat_map(|r| &r.shipments).any(test)
}

fn delivered(order: &OrderProjection) -> bool {
    let mut live = order.references.values().flat_map(|r| &r.shipments);
    any(order, |s| s.status == "Completed")
        && live.all(|s| s.status != "Completed" || s.details.contains("Delivered"))
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn per_order(calls: u64, orders: usize) -> f64 {
    if orders == 0 { 0.0 } else { calls as f64 / orders as f64 }
}

#[expect(clippy::cast_precision_loss, reason = "a duration for people")]
fn hours(run: Run) -> f64 {
    run.took.0 as f64 / 3.6e9
}

/// Invariants asked of the ledgers.
fn problems(ledger: &LedgerSnapshot, projection: &Projection) -> Vec<String> {
    let mut found = Vec::new();
    for reference in ledger.created_more_than_once() {
        found.push(format!("{reference} was created more than once"));
    }
    for order in ledger.alive_twice() {
        found.push(format!("{order} is alive twice at ShipBob"));
    }
    for (order, note) in ledger.duplicate_notes() {
        found.push(format!("{order} has the note \"{note}\" twice"));
    }
    for (order, sku, slipped, shipped) in ledger.slips_over_shipped() {
        found.push(format!("{order}: {slipped} of {sku} slipped, {shipped} shipped"));
    }
    for (order, racing) in &projection.racing {
        if racing.cancelled_at_shipbob && racing.shipped {
            found.push(format!("{order} was cancelled and shipped"));
        }
    }
    let undercut: u64 = ledger.undercut.values().sum();
    if undercut > 0 {
        found.push(format!("{undercut} call(s) came before a served retry time"));
    }
    found
}

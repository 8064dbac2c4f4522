//! One transaction per batch of plans: facts, deliveries, holds, links, trail, marks.

use crate::error::Result;
use crate::facts::too_many;
use crate::kept::{KeptEdit, change_kept, encode};
use crate::parts::{Engine, Work};
use crate::planning::Planned;
use crate::trail;
use domain::charge::CHARGE_SUBJECT;
use domain::operation::{Lane, System};
use domain::plan::{DeliveryState, Kept, KeptChange, Plan};
use domain::time::{Span, Timestamp};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use store::{Link, NewDelivery, NewHold, NewPlan, NumberEntry, Retired, SubjectUpdate, TrailEntry};

/// Deliveries of one plan; the planner makes a handful.
const DELIVERIES_PER_PLAN: usize = 1_000;
/// Held subjects are looked at again this often: what stopped them may have been mended.
const HELD_AGAIN: Span = Span::minutes(15);
/// A plan that could not make its reads is tried again after this.
const NEEDS_AGAIN: Span = Span::seconds(2);

impl Engine {
    pub(crate) async fn persist(&self, mut planned: Vec<Planned>) -> Result<()> {
        let now = self.now();
        let mut work = self.begin("plan.batch").await?;
        // Erased since its facts were gathered: its writes would have no body.
        let keys: Vec<String> = planned.iter().map(|p| p.row.key.clone()).collect();
        let erased = work.txn.erased(&self.scope, &keys).await?;
        planned.retain(|p| !erased.contains(&p.row.key));
        let fresh = self.news(&planned);
        let ids = self.put_plans(&mut work, now, &planned, &fresh).await?;
        let mut entries = Vec::new();
        self.put_deliveries(&mut work, now, &planned, &ids).await?;
        self.withdraw(&mut work, now, &planned, &mut entries).await?;
        self.put_holds(&mut work, now, &planned, &mut entries).await?;
        self.put_rest(&mut work, now, &planned, &fresh).await?;
        work.txn.observations_put(&self.scope, Self::state_rows(now, &planned)?).await?;
        entries.extend(milestones(now, &planned));
        let version = self.settings().version;
        entries.iter_mut().for_each(|entry| entry.settings_version = version);
        work.txn.trail_append(&self.scope, entries).await?;
        let updates = planned.iter().map(|p| update(p, now, ids.get(&p.row.key))).collect();
        work.txn.subjects_update(&self.scope, updates, now).await?;
        work.commit().await?;
        let mut memory = self.remember();
        if memory.plans.len() > 50_000 {
            memory.plans.clear();
        }
        for p in &planned {
            memory.plans.insert(p.row.key.clone(), digest(&p.plan));
        }
        Ok(())
    }

    /// Which plans say something new.
    fn news(&self, planned: &[Planned]) -> Vec<bool> {
        let memory = self.remember();
        planned
            .iter()
            .map(|p| memory.plans.get(&p.row.key).is_none_or(|d| *d != digest(&p.plan)))
            .collect()
    }

    async fn put_plans(
        &self,
        work: &mut Work<'_>,
        now: Timestamp,
        planned: &[Planned],
        fresh: &[bool],
    ) -> Result<HashMap<String, i64>> {
        let mut keys = Vec::new();
        let mut rows = Vec::new();
        for (p, _) in planned.iter().zip(fresh).filter(|(_, fresh)| **fresh) {
            keys.push(p.row.key.clone());
            rows.push(NewPlan {
                subject: p.row.key.clone(),
                made_at: now,
                settings_version: self.settings().version,
                facts: p.facts.encoded()?,
                outcome: String::from_utf8_lossy(&encode(&p.plan)?).into_owned(),
            });
        }
        let ids = work.txn.plans_put(&self.scope, rows).await?;
        Ok(keys.into_iter().zip(ids).collect())
    }

    async fn put_deliveries(
        &self,
        work: &mut Work<'_>,
        now: Timestamp,
        planned: &[Planned],
        ids: &HashMap<String, i64>,
    ) -> Result<()> {
        let settle = self.settings().settle;
        let mut rows = Vec::new();
        let mut reopen = Vec::new();
        for p in planned {
            if p.plan.deliveries.len() > DELIVERIES_PER_PLAN {
                return Err(too_many("deliveries of one order"));
            }
            let Some(plan_id) = ids.get(&p.row.key).copied().or(p.row.last_plan) else { continue };
            for (seq, d) in (0_i64..).zip(&p.plan.deliveries) {
                let subject = serial_on(&p.row.key, d.operation.lane());
                if blocked(p, &d.key) {
                    reopen.push((subject.clone(), d.key.clone()));
                }
                rows.push(NewDelivery {
                    subject,
                    plan_id,
                    seq,
                    business_key: d.key.clone(),
                    operation: d.operation.name().to_owned(),
                    lane: d.operation.lane() as i64,
                    body: encode(&d.operation)?,
                    not_before: now,
                    settle: match d.operation.system() {
                        System::ShipBob => settle.shipbob,
                        System::Dynamics => settle.dynamics,
                    },
                });
            }
        }
        work.txn.deliveries_put(&self.scope, rows, now).await?;
        if !reopen.is_empty() {
            let subjects: Vec<String> = reopen.iter().map(|(s, _)| s.clone()).collect();
            let known = work.txn.deliveries_known(&self.scope, &subjects).await?;
            let ids = known
                .iter()
                .filter(|k| reopen.iter().any(|(s, key)| *s == k.subject && *key == k.business_key))
                .map(|k| k.id)
                .collect();
            work.txn.deliveries_reopen(&self.scope, ids, now, now).await?;
        }
        Ok(())
    }

    /// Unsent deliveries the plan no longer names.
    async fn withdraw(
        &self,
        work: &mut Work<'_>,
        now: Timestamp,
        planned: &[Planned],
        entries: &mut Vec<TrailEntry>,
    ) -> Result<()> {
        let unwanted = |p: &&Planned| {
            p.plan.needs.is_empty()
                && p.facts.deliveries().iter().any(|d| {
                    d.state == DeliveryState::Ready
                        && !p.plan.deliveries.iter().any(|w| w.key == d.key)
                })
        };
        let some = || planned.iter().filter(unwanted).map(|p| p.row.key.clone());
        let charges = some().map(|key| serial_on(&key, Lane::Charges));
        let subjects: Vec<String> = some().chain(charges).collect();
        if subjects.is_empty() {
            return Ok(());
        }
        let plans: HashMap<&str, &Plan> =
            planned.iter().map(|p| (p.row.key.as_str(), &p.plan)).collect();
        let mut ids = Vec::new();
        let mut names = HashMap::new();
        for d in work.txn.deliveries_known(&self.scope, &subjects).await? {
            let wanted = plans
                .get(planned_as(&d.subject))
                .is_none_or(|p| p.deliveries.iter().any(|w| w.key == d.business_key));
            if d.state == DeliveryState::Ready && !wanted {
                ids.push(d.id);
                names.insert(d.id, (d.subject, d.business_key));
            }
        }
        for id in work.txn.deliveries_retire(&self.scope, ids, Retired::Withdrawn, now).await? {
            if let Some((subject, key)) = names.get(&id) {
                let why = format!("No longer wanted before it was sent: {key}.");
                let subject = planned_as(subject);
                entries.push(trail::entry(now, trail::ENGINE, "withdrawn", subject, why));
            }
        }
        Ok(())
    }

    async fn put_holds(
        &self,
        work: &mut Work<'_>,
        now: Timestamp,
        planned: &[Planned],
        entries: &mut Vec<TrailEntry>,
    ) -> Result<()> {
        const FLOWS: [&str; 4] = ["orders", "fulfilment", "products", "billing"];
        let mut scope = Vec::new();
        let mut wanted = Vec::new();
        for p in planned {
            // While reads are missing, holds are neither opened nor closed.
            if !p.plan.needs.is_empty() || (!p.row.held && p.plan.holds.is_empty()) {
                continue;
            }
            scope.extend(FLOWS.map(|f| (p.row.key.clone(), f.to_owned())));
            for h in &p.plan.holds {
                wanted.push(NewHold {
                    subject: p.row.key.clone(),
                    flow: flow_name(h.flow).to_owned(),
                    cause: h.reason.cause.clone(),
                    field: h.reason.field.clone(),
                    reason: h.reason.reason.clone(),
                    fix: h.reason.fix.clone(),
                    value: h.reason.value.clone(),
                });
            }
        }
        if scope.is_empty() {
            return Ok(());
        }
        let changes =
            work.txn.holds_reconcile(&self.scope, scope, wanted, trail::ENGINE, now).await?;
        for h in changes.opened {
            let why = format!("{} {}", h.reason, h.fix);
            entries.push(trail::entry(now, trail::ENGINE, "hold opened", &h.subject, why));
        }
        for h in changes.closed {
            let why = format!("Healed: {}", h.reason);
            entries.push(trail::entry(now, trail::ENGINE, "hold closed", &h.subject, why));
        }
        Ok(())
    }

    async fn put_rest(
        &self,
        work: &mut Work<'_>,
        now: Timestamp,
        planned: &[Planned],
        fresh: &[bool],
    ) -> Result<()> {
        let mut links = Vec::new();
        let mut numbers = Vec::new();
        let mut kept: Vec<KeptEdit> = Vec::new();
        let mut costs = Vec::new();
        for (p, _) in planned.iter().zip(fresh).filter(|(_, fresh)| **fresh) {
            for (reference, id) in &p.plan.links {
                links.push(Link {
                    kind: "order".to_owned(),
                    local_key: reference.as_str().to_owned(),
                    remote_key: id.to_string(),
                    at: now,
                });
            }
            costs.extend(crate::billing::cost_rows(&p.row.key, &p.plan)?);
            let searched = p.facts.order().into_iter().flat_map(crate::billing::searched);
            numbers.extend(searched.map(|number| NumberEntry {
                number,
                kind: "transaction".to_owned(),
                subject: p.row.key.clone(),
            }));
            for (kind, number) in &p.plan.numbers {
                numbers.push(NumberEntry {
                    number: number.clone(),
                    kind: kind.clone(),
                    subject: p.row.key.clone(),
                });
            }
            for change in p.plan.kept.clone() {
                let Some(known) = p.facts.kept() else { continue };
                let edit: Box<dyn FnOnce(&mut Kept) + Send> = match change {
                    // Slipped by hand before the create left: the newest baseline counts.
                    KeptChange::Baseline { lot, delivered }
                        if known.baseline.get(lot.as_str()) != Some(&delivered) =>
                    {
                        Box::new(move |k: &mut Kept| {
                            k.baseline.insert(lot.as_str().to_owned(), delivered);
                        })
                    }
                    KeptChange::TooLate { reference, field } => Box::new(move |k: &mut Kept| {
                        let fields = k.too_late.entry(reference.as_str().to_owned()).or_default();
                        fields.insert(field);
                    }),
                    KeptChange::Sent(body) => Box::new(move |k: &mut Kept| {
                        let reference = body.reference.as_str().to_owned();
                        k.absent.remove(&reference);
                        k.sent.insert(reference, *body);
                    }),
                    KeptChange::OutOfHands(key) => Box::new(move |k: &mut Kept| {
                        k.in_hands.remove(&key);
                    }),
                    KeptChange::Baseline { .. } => continue,
                };
                kept.push((p.row.key.clone(), edit));
            }
        }
        work.txn.links_put(&self.scope, links).await?;
        work.txn.numbers_put(&self.scope, numbers).await?;
        if !costs.is_empty() {
            work.txn.costs_put(&self.scope, costs, now).await?;
        }
        change_kept(&mut work.txn, &self.scope, now, kept).await
    }
}

fn flow_name(flow: domain::operation::Flow) -> &'static str {
    use domain::operation::Flow;
    match flow {
        Flow::Orders => "orders",
        Flow::Products => "products",
        Flow::Fulfilment => "fulfilment",
        Flow::Inventory => "inventory",
        Flow::Billing => "billing",
        Flow::Returns => "returns",
    }
}

/// What a delivery is serial on: its order. Charges have a line of their own, because an import takes minutes.
pub(crate) fn serial_on(subject: &str, lane: Lane) -> String {
    match lane {
        Lane::Charges => format!("{CHARGE_SUBJECT}{subject}"),
        _ => subject.to_owned(),
    }
}

/// The inverse of [`serial_on`]: what is planned.
pub(crate) fn planned_as(subject: &str) -> &str {
    subject.strip_prefix(CHARGE_SUBJECT).unwrap_or(subject)
}

fn blocked(p: &Planned, key: &str) -> bool {
    p.facts
        .deliveries()
        .iter()
        .any(|d| d.key == key && matches!(d.state, DeliveryState::Held | DeliveryState::Refused))
}

/// What matters of a plan when it is compared with the last one.
fn digest(plan: &Plan) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    for d in &plan.deliveries {
        d.key.hash(&mut hasher);
    }
    for h in &plan.holds {
        h.reason.identity().hash(&mut hasher);
    }
    (&plan.status, &plan.sentence, &plan.numbers, &plan.reasons, plan.plan_at, plan.watch)
        .hash(&mut hasher);
    plan.needs.len().hash(&mut hasher);
    plan.costs.hash(&mut hasher);
    hasher.finish()
}

fn update(p: &Planned, now: Timestamp, plan_id: Option<&i64>) -> SubjectUpdate {
    let m = &p.plan.milestones;
    let held = !p.plan.holds.is_empty();
    let mut plan_at = p.plan.plan_at;
    if !p.plan.needs.is_empty() {
        plan_at = Some(now + NEEDS_AGAIN);
    } else if held && p.plan.links.is_empty() {
        let again = now + HELD_AGAIN;
        plan_at = Some(plan_at.map_or(again, |at| at.min(again)));
    }
    SubjectUpdate {
        key: p.row.key.clone(),
        seen_marks: p.row.marks,
        plan_at,
        watch_at: if p.plan.watch { p.row.watch_at.or(Some(now + WATCH_FIRST)) } else { None },
        status: p.plan.status.clone(),
        sentence: p.plan.sentence.clone(),
        milestones: store::Milestones {
            released_at: m.released,
            accepted_at: m.accepted,
            shipped_at: m.shipped,
            written_at: m.written,
            delivered_at: m.delivered,
            cancelled_at: m.cancelled,
        },
        held: held || (!p.plan.needs.is_empty() && p.row.held),
        last_plan: plan_id.copied().or(p.row.last_plan),
    }
}

/// First look by key after an order came onto the watch list.
const WATCH_FIRST: Span = Span::minutes(15);

/// Milestones reached for the first time.
fn milestones(now: Timestamp, planned: &[Planned]) -> Vec<TrailEntry> {
    let mut entries = Vec::new();
    for p in planned {
        let (new, old) = (&p.plan.milestones, &p.row.milestones);
        let reached = [
            (new.released, old.released_at, "released", "Released in Dynamics."),
            (new.shipped, old.shipped_at, "shipped", "The first parcel left ShipBob."),
            (new.delivered, old.delivered_at, "delivered", "Everything was delivered."),
            (new.cancelled, old.cancelled_at, "cancelled", "Cancelled on both sides."),
        ];
        for (new, old, what, why) in reached {
            if let (Some(at), None) = (new, old) {
                let why = format!("{why} ({})", at.to_rfc3339_seconds());
                entries.push(trail::entry(now, trail::ENGINE, what, &p.row.key, why));
            }
        }
    }
    entries
}

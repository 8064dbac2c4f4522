//! Deliveries nobody knows the fate of: looked up first; repeated only when a look-up that began
//! after *settle* says that nothing is there. The protocol model in `proofs` decides this.

use crate::courier::{
    Claimed, DUPLICATE, Effect, MAYBE, Outcome, claimed_of, hold_outcome, judge_edit, later,
    refused_by_shipbob,
};
use crate::error::Result;
use crate::given_up::adopted;
use crate::limits::{DOUBTS, LOOK_AGAIN};
use crate::parts::Engine;
use crate::products::{judge_products, skus_of};
use crate::requests::apart;
use domain::disposition::HoldReason;
use domain::ids::{ReferenceId, SalesOrderNumber, ShipBobOrderId};
use domain::operation::{CreateOrder, Lane, Operation, System};
use domain::product::SeenVariant;
use domain::request::{self, RequestRead, RequestStatus, UpdateStatus};
use domain::sales::{OrderRead, SalesOrder};
use domain::stock::JOURNAL_SUBJECT;
use domain::time::Timestamp;
use domain::warehouse::WarehouseOrder;
use std::collections::{BTreeMap, BTreeSet, HashMap};

impl Engine {
    /// Looks up what is in doubt at one system and due.
    pub(crate) async fn resolve(&self, system: System) -> Result<bool> {
        if !self.is_due(|due| due.doubt).await? {
            return Ok(false);
        }
        let now = self.now();
        let mut reader = self.store.read().await?;
        let due = reader.deliveries_in_doubt_due(&self.scope, now, DOUBTS).await?;
        drop(reader);
        let mut mine = Vec::new();
        for row in due {
            let claimed = claimed_of(row)?;
            if claimed.operation.system() == system {
                mine.push(claimed);
            }
        }
        if mine.is_empty() {
            return Ok(false);
        }
        match system {
            System::ShipBob => self.resolve_shipbob(mine).await,
            System::Dynamics => self.resolve_dynamics(mine).await,
        }
    }

    /// What was claimed when the database stopped answering may have been sent: it is in doubt. No
    /// call to this system is under way now.
    pub(crate) async fn unstrand(&self, system: System) -> Result<bool> {
        if !self.remember().stranded.contains(&system) {
            return Ok(false);
        }
        let Some(fence) = self.fence() else { return Ok(false) };
        let rows = self.store.read().await?.deliveries_in_flight(&self.scope, fence).await?;
        let now = self.now();
        let mut outcomes = Vec::new();
        for row in rows {
            let c = claimed_of(row)?;
            if c.operation.system() == system {
                let until = now + c.row.settle;
                let words = "its answer could not be recorded; it is looked up, not repeated.";
                outcomes.push(Outcome::in_doubt(&c, now, until, words));
            }
        }
        let worked = !outcomes.is_empty();
        self.record(outcomes).await?;
        self.remember().stranded.retain(|s| *s != system);
        Ok(worked)
    }

    async fn resolve_dynamics(&self, mine: Vec<Claimed>) -> Result<bool> {
        let (calls, mine): (Vec<Claimed>, Vec<Claimed>) =
            mine.into_iter().partition(|c| matches!(c.operation, Operation::CustomCall(_)));
        let mut worked = false;
        if !calls.is_empty()
            && let Some(outcomes) = self.resolve_calls(&calls).await?
        {
            worked |= self.record_looks(&calls, outcomes).await?;
        }
        let (charges, mine): (Vec<Claimed>, Vec<Claimed>) =
            mine.into_iter().partition(|c| matches!(c.operation, Operation::WriteCharge(_)));
        if let Some(outcomes) = self.look_at_charges(&charges).await? {
            worked |= self.record_looks(&charges, outcomes).await?;
        }
        let (journals, mine): (Vec<Claimed>, Vec<Claimed>) =
            mine.into_iter().partition(|c| c.row.subject.starts_with(JOURNAL_SUBJECT));
        if let Some(outcomes) = self.look_at_journals(&journals).await? {
            worked |= self.record_looks(&journals, outcomes).await?;
        }
        if mine.is_empty() {
            return Ok(worked);
        }
        let subjects: BTreeSet<String> = mine.iter().map(|c| c.row.subject.clone()).collect();
        let (ids, orders) = apart(subjects);
        let numbers: Vec<_> = orders.into_iter().map(SalesOrderNumber::new).collect();
        let reads = match numbers.is_empty() {
            true => Some(Vec::new()),
            false => self.read_sales(&numbers, Lane::Fulfilment).await?,
        };
        let Some(reads) = reads else { return Ok(worked) };
        let Some(requests) = self.read_requests(&ids, Lane::Fulfilment).await? else {
            return Ok(worked);
        };
        let mut work = self.begin("resolve.read").await?;
        self.store_sales(&mut work.txn, &reads).await?;
        self.store_requests(&mut work.txn, &requests).await?;
        work.commit().await?;
        let by_number: HashMap<&str, &OrderRead> =
            reads.iter().chain(&requests.sales).map(|r| (r.number.as_str(), r)).collect();
        let by_id: HashMap<String, &RequestRead> =
            requests.requests.iter().map(|r| (request::subject(&r.id), r)).collect();
        let fields = self.settings().external.order_number_fields.clone();
        let now = self.now();
        let outcomes = mine
            .iter()
            .filter_map(|c| {
                let subject = c.row.subject.as_str();
                if let Some(read) = by_id.get(subject) {
                    let of = read.request.as_ref();
                    let owner = of.and_then(|r| {
                        request::owner(r, &fields, |n| by_number.get(n.as_str()).copied())
                    });
                    return Some(judge_request(c, now, read, owner));
                }
                Some(judge_dynamics(c, now, by_number.get(subject)?))
            })
            .collect();
        Ok(self.record_looks(&mine, outcomes).await? || worked)
    }

    async fn resolve_shipbob(&self, mine: Vec<Claimed>) -> Result<bool> {
        let mut references = Vec::new();
        let mut ids = Vec::new();
        let mut skus = Vec::new();
        let mut outcomes = Vec::new();
        let now = self.now();
        for c in &mine {
            match &c.operation {
                Operation::CreateOrder(create) => references.push(create.reference.clone()),
                Operation::CancelOrder { order, .. } => ids.push(*order),
                Operation::EditShipment(edit) => ids.push(edit.order),
                other if skus_of(other).is_some() => {
                    skus.extend(skus_of(other).unwrap_or_default());
                }
                // Repeating it is harmless.
                _ => outcomes.push(later(c, now, None, true, "repeated: harmless").silent()),
            }
        }
        let began = now;
        let Some(found) = self.look_for(&references).await? else { return Ok(false) };
        let Some(read) = self.look_at(&ids).await? else { return Ok(false) };
        let Some(shown) = self.look_for_skus(&skus).await? else { return Ok(false) };
        let earlier = self.earlier_bodies(&mine, &found, self.settings().channel).await?;
        for c in &mine {
            match &c.operation {
                Operation::CreateOrder(create) => {
                    let order = found.get(&create.reference);
                    outcomes.push(match (order, earlier.get(&c.row.id)) {
                        (Some(order), Some(body)) => adopted(c, order, body, began),
                        _ => self.judge_create(c, create, began, order),
                    });
                }
                Operation::CancelOrder { order, reference } => {
                    let Some(seen) = read.get(order) else { continue };
                    outcomes.push(judge_cancel(c, began, seen, reference));
                }
                Operation::EditShipment(edit) => {
                    let Some(seen) = read.get(&edit.order) else { continue };
                    outcomes.push(judge_edit(c, began, seen, edit));
                }
                other if skus_of(other).is_some() => {
                    outcomes.push(judge_products(c, began, &shown));
                }
                _ => {}
            }
        }
        let mut work = self.begin("resolve.orders").await?;
        self.take_in(&mut work.txn, began, read.into_values().collect()).await?;
        work.commit().await?;
        self.record_looks(&mine, outcomes).await
    }

    async fn look_for(
        &self,
        references: &[ReferenceId],
    ) -> Result<Option<BTreeMap<ReferenceId, WarehouseOrder>>> {
        if references.is_empty() {
            return Ok(Some(BTreeMap::new()));
        }
        if !self.may_read(System::ShipBob, Lane::Fulfilment) {
            return Ok(None);
        }
        match self.shipbob.find_by_reference(references).await {
            Ok(orders) => {
                self.good(System::ShipBob);
                Ok(Some(orders.into_iter().map(|o| (o.reference.clone(), o)).collect()))
            }
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                Ok(None)
            }
        }
    }

    async fn look_for_skus(&self, skus: &[String]) -> Result<Option<Vec<SeenVariant>>> {
        if skus.is_empty() {
            return Ok(Some(Vec::new()));
        }
        if !self.may_read(System::ShipBob, Lane::Products) {
            return Ok(None);
        }
        match self.shipbob.catalogue(skus).await {
            Ok(shown) => {
                self.good(System::ShipBob);
                Ok(Some(shown))
            }
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                Ok(None)
            }
        }
    }

    async fn look_at(
        &self,
        ids: &[ShipBobOrderId],
    ) -> Result<Option<BTreeMap<ShipBobOrderId, WarehouseOrder>>> {
        if ids.is_empty() {
            return Ok(Some(BTreeMap::new()));
        }
        if !self.may_read(System::ShipBob, Lane::Fulfilment) {
            return Ok(None);
        }
        match self.shipbob.orders(ids).await {
            Ok(orders) => {
                self.good(System::ShipBob);
                Ok(Some(orders.into_iter().map(|o| (o.id, o)).collect()))
            }
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                Ok(None)
            }
        }
    }

    /// Look-ups are attempts too: their rows and outcomes go into one transaction.
    pub(crate) async fn record_looks(
        &self,
        mine: &[Claimed],
        mut outcomes: Vec<Outcome>,
    ) -> Result<bool> {
        let now = self.now();
        let judged: BTreeSet<i64> = outcomes.iter().map(|o| o.id).collect();
        let ids: Vec<i64> =
            mine.iter().map(|c| c.row.id).filter(|id| judged.contains(id)).collect();
        let mut work = self.begin("resolve.look").await?;
        let attempts: HashMap<i64, i64> = work
            .txn
            .deliveries_look(&self.scope, work.fence, ids, (now, now))
            .await?
            .into_iter()
            .collect();
        work.commit().await?;
        outcomes.retain_mut(|o| match attempts.get(&o.id) {
            Some(attempt) => {
                o.attempt = *attempt;
                true
            }
            None => false,
        });
        let worked = !outcomes.is_empty();
        self.record(outcomes).await?;
        Ok(worked)
    }

    fn judge_create(
        &self,
        c: &Claimed,
        create: &CreateOrder,
        began: Timestamp,
        found: Option<&WarehouseOrder>,
    ) -> Outcome {
        let until = c.row.doubt_until.unwrap_or(began);
        let memory = c.row.outcome.clone().unwrap_or_default();
        let Some(order) = found else {
            if began < until {
                let look = until.min(began + LOOK_AGAIN);
                return Outcome::in_doubt(c, look, until, "not there yet; looked up again.")
                    .remembering(&memory)
                    .silent();
            }
            if let Some(why) = memory.strip_prefix(MAYBE) {
                return hold_outcome(c, &refused_by_shipbob(why));
            }
            if memory == DUPLICATE {
                return hold_outcome(c, &duplicate_not_found(create));
            }
            return later(c, began, None, true, "ShipBob never got it; sent again.");
        };
        let told = domain::kit::unfold(create);
        if let Some(field) = told.differs(order, self.settings().channel) {
            return hold_outcome(c, &reference_taken(create, order, field));
        }
        let words = format!("found at ShipBob as order {}, not repeated.", order.id);
        Outcome::done(c, &words).effect(Effect::Created {
            order: Box::new(order.clone()),
            sent: Box::new(create.clone()),
            read_began: began,
        })
    }
}

fn judge_cancel(
    c: &Claimed,
    began: Timestamp,
    order: &WarehouseOrder,
    reference: &ReferenceId,
) -> Outcome {
    if order.cancelled() {
        return Outcome::done(c, "found cancelled at ShipBob.")
            .effect(Effect::Cancelled { reference: reference.clone(), order: order.id });
    }
    still_open(c, began)
}

/// Not there: looked at again until *settle* has passed, then planned anew.
pub(crate) fn still_open(c: &Claimed, began: Timestamp) -> Outcome {
    let until = c.row.doubt_until.unwrap_or(began);
    if began < until {
        let look = until.min(began + LOOK_AGAIN);
        return Outcome::in_doubt(c, look, until, "not there yet; looked up again.").silent();
    }
    Outcome::withdrawn(c, "it never took effect.")
}

fn judge_dynamics(c: &Claimed, began: Timestamp, read: &OrderRead) -> Outcome {
    let there = read.order.as_ref().is_some_and(|o| took_effect(&c.operation, o));
    if there {
        return Outcome::done(c, "found in Dynamics, not repeated.");
    }
    still_open(c, read.read_began.min(began))
}

fn judge_request(
    c: &Claimed,
    began: Timestamp,
    read: &RequestRead,
    owner: Option<&OrderRead>,
) -> Outcome {
    let request = read.request.as_ref();
    let there = match &c.operation {
        Operation::AnswerRequest { status, .. } => {
            request.is_some_and(|r| r.status == RequestStatus::named(status))
        }
        // What is not committed is not told.
        Operation::UpdateShipment(update) => request.is_some_and(|r| {
            let mut own = r.updates.iter().filter(|u| u.id == update.update);
            own.any(|u| u.status != UpdateStatus::Receiving)
        }),
        other => {
            let order = owner.and_then(|r| r.order.as_ref());
            order.is_some_and(|o| took_effect(other, o))
        }
    };
    if there {
        return Outcome::done(c, "found in Dynamics, not repeated.");
    }
    still_open(c, read.read_began.min(began))
}

/// The wanted state stands in F&O.
fn took_effect(operation: &Operation, order: &SalesOrder) -> bool {
    match operation {
        Operation::WriteNote { description, text, .. } => order
            .notes
            .iter()
            .any(|n| n.description == *description && n.text.trim_end() == text.trim_end()),
        Operation::SetDeliverNow { lines, pool, .. } => {
            pool.as_ref().is_none_or(|(p, _)| order.pool.eq_ignore_ascii_case(p))
                && lines.iter().all(|want| {
                    order.lines.iter().any(|l| l.lot == want.lot && l.deliver_now == want.quantity)
                })
        }
        Operation::SetCarrier { carrier, service, .. } => {
            order.carrier == *carrier && order.carrier_service == *service
        }
        Operation::AddTracking { slip, number, .. } => {
            order.tracking.iter().any(|t| t.slip == *slip && t.number == *number)
        }
        Operation::CreateOrder(_)
        | Operation::CancelOrder { .. }
        | Operation::EditShipment(_)
        | Operation::AckTracking { .. }
        | Operation::CreateProduct(_)
        | Operation::AddVariants { .. }
        | Operation::UpdateProduct { .. }
        | Operation::AnswerRequest { .. }
        | Operation::UpdateShipment(_)
        | Operation::CustomCall(_)
        // Judged from the journal itself.
        | Operation::CreateJournal(_)
        | Operation::WriteJournalLines(_)
        | Operation::AdjustStock(_)
        // Nothing tells what was taken: it is told anew.
        | Operation::TellAvailable(_)
        // Judged from its package and from the charges themselves.
        | Operation::WriteCharge(_) => false,
    }
}

fn reference_taken(create: &CreateOrder, order: &WarehouseOrder, field: &str) -> HoldReason {
    HoldReason::new(
        "reference-taken",
        field,
        &order.id.to_string(),
        &format!(
            "ShipBob order {} already has reference {}, with other {field}.",
            order.id, create.reference
        ),
        "Compare both orders. If ShipBob's is right, skip this one; if it is wrong, cancel it at ShipBob and press Retry.",
    )
}

fn duplicate_not_found(create: &CreateOrder) -> HoldReason {
    HoldReason::new(
        "duplicate-not-found",
        "reference",
        create.reference.as_str(),
        "ShipBob says that the reference exists, but does not show an order with it.",
        "Search the reference at ShipBob (other channels too), then press Retry.",
    )
}

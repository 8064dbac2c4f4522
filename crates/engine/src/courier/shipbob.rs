//! Writes to ShipBob: one call per order, as many at once as the gate allows.

use super::{Claimed, Effect, Outcome, hold_outcome, later};
use crate::due::lanes;
use crate::error::{EngineError, Result};
use crate::kept::{REQUEST, SALES};
use crate::limits::{ACKS, FIRST_LOOK, LOOK_AGAIN, REFRESH_AGE, REFRESH_AHEAD, SHIPBOB_CALLS};
use crate::parts::Engine;
use crate::poll::Trouble;
use crate::requests::apart;
use domain::disposition::HoldReason;
use domain::ids::{SalesOrderNumber, ShipBobOrderId, ShipmentId};
use domain::operation::{CreateOrder, Lane, Operation, System};
use domain::time::Timestamp;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use shipbob::{CancelReply, CreateReply, Failure};
use std::collections::{BTreeSet, HashMap};
use transport::TransportError;

/// Deliveries claimed in one transaction.
const CLAIM: usize = 200;
/// Outcomes recorded in one transaction.
const RECORD: usize = 100;

impl Engine {
    pub(crate) async fn send_to_shipbob(&self) -> Result<bool> {
        let mut worked = false;
        for lane in lanes(System::ShipBob) {
            worked |= self.send_lane(*lane).await?;
        }
        Ok(worked)
    }

    async fn send_lane(&self, lane: Lane) -> Result<bool> {
        let now = self.now();
        if self.lane_paused(lane)
            || self.shipbob_shut(now)
            || now < self.remember().shipbob_rest
            || !self.may_call(now, self.options.shipbob_deadline)
            || !self.lane_is_due(lane).await?
        {
            return Ok(false);
        }
        let mut reader = self.store.read().await?;
        let ready = reader.deliveries_ready(&self.scope, lane as i64, now, REFRESH_AHEAD).await?;
        drop(reader);
        if ready.is_empty() {
            return Ok(false);
        }
        if lane == Lane::Orders && !self.refresh_ahead(ready).await? {
            return Ok(false);
        }
        let most = if lane == Lane::Background { 1 } else { CLAIM };
        let permits = self.permits(lane, most);
        if permits == 0 {
            return Ok(false);
        }
        let limit = if lane == Lane::Background { ACKS } else { permits };
        let claimed = match self.claim(lane, limit).await {
            Ok(claimed) => claimed,
            Err(error) => {
                self.give_back(permits);
                return Err(error);
            }
        };
        if lane == Lane::Background {
            return self.send_acks(claimed).await;
        }
        self.give_back(permits.saturating_sub(claimed.len()));
        self.send_orders(claimed).await
    }

    /// Permissions for up to `most` calls.
    fn permits(&self, lane: Lane, most: usize) -> usize {
        for n in 0..most {
            if let Err(until) = self.shipbob_gate.may_send(lane) {
                self.remember().gate_opens = until;
                return n;
            }
        }
        most
    }

    fn give_back(&self, n: usize) {
        for _ in 0..n {
            let why = "not needed".to_owned();
            self.shipbob_gate.finished(&Err(TransportError::NotSent { why }));
        }
    }

    /// A create is based on a read no older than a minute. The next minute's worth is read again
    /// in one batch. False when that cannot be done now.
    async fn refresh_ahead(&self, ready: Vec<(String, String)>) -> Result<bool> {
        let now = self.now();
        let subjects: BTreeSet<String> = ready.into_iter().map(|(s, _)| s).collect();
        let subjects: Vec<String> = subjects.into_iter().collect();
        let ages = self.read_times(&subjects).await?;
        let stale = subjects
            .into_iter()
            .filter(|s| ages.get(s).is_none_or(|at| now.since(*at) >= REFRESH_AGE));
        let (requests, orders) = apart(stale);
        if requests.is_empty() && orders.is_empty() {
            return Ok(true);
        }
        if !orders.is_empty() {
            let numbers: Vec<_> = orders.into_iter().map(SalesOrderNumber::new).collect();
            let Some(reads) = self.read_sales(&numbers, Lane::Orders).await? else {
                return Ok(false);
            };
            let mut work = self.begin("courier.refresh").await?;
            self.store_sales(&mut work.txn, &reads).await?;
            work.commit().await?;
        }
        if !requests.is_empty() {
            let Some(reads) = self.read_requests(&requests, Lane::Orders).await? else {
                return Ok(false);
            };
            let mut work = self.begin("courier.refresh").await?;
            self.store_requests(&mut work.txn, &reads).await?;
            work.commit().await?;
        }
        while self.plan().await? {}
        Ok(true)
    }

    async fn read_times(&self, subjects: &[String]) -> Result<HashMap<String, Timestamp>> {
        let mut reader = self.store.read().await?;
        let mut rows = reader.observations(&self.scope, SALES, subjects).await?;
        rows.extend(reader.observations(&self.scope, REQUEST, subjects).await?);
        Ok(rows.into_iter().map(|r| (r.key, r.read_began)).collect())
    }

    async fn send_orders(&self, claimed: Vec<Claimed>) -> Result<bool> {
        if claimed.is_empty() {
            return Ok(false);
        }
        // Boxed: the compiler cannot prove the closure's future Send for every lifetime.
        let calls: Vec<BoxFuture<'_, Option<Outcome>>> =
            claimed.iter().map(|c| self.call(c).boxed()).collect();
        let mut calls = futures::stream::iter(calls).buffer_unordered(SHIPBOB_CALLS);
        let mut outcomes = Vec::new();
        let mut crashed = false;
        while let Some(outcome) = calls.next().await {
            match outcome {
                Some(outcome) => outcomes.push(outcome),
                None => crashed = true,
            }
            if outcomes.len() >= RECORD && !crashed {
                self.record(std::mem::take(&mut outcomes)).await?;
            }
        }
        if crashed {
            return Err(EngineError::Crashed);
        }
        self.record(outcomes).await?;
        Ok(true)
    }

    /// One call; none when a fault point said stop.
    async fn call(&self, c: &Claimed) -> Option<Outcome> {
        let (now, deadline) = (self.now(), self.options.shipbob_deadline);
        if !self.may_call(now, deadline) || !c.in_time(now, deadline) {
            self.give_back(1);
            return Some(later(c, now, None, false, "its turn came too late for a safe call"));
        }
        match &c.operation {
            Operation::CreateOrder(create) => {
                let began = self.now();
                let reply = self.shipbob.create_order(&domain::kit::unfold(create)).await;
                self.created(c, create, began, reply)
            }
            Operation::CancelOrder { order, .. } => {
                let reply = self.shipbob.cancel_order(*order).await;
                self.cancelled(c, *order, reply)
            }
            Operation::EditShipment(edit) => {
                let reply = self.shipbob.edit_shipment(edit).await;
                self.edited(c, edit, reply)
            }
            other => {
                if let Some(reply) = self.write_products(other).await {
                    return self.products_written(c, reply);
                }
                self.give_back(1);
                let name = other.name();
                Some(Outcome::refused(c, &format!("{name} is not a single ShipBob call")))
            }
        }
    }

    fn created(
        &self,
        c: &Claimed,
        create: &CreateOrder,
        began: Timestamp,
        reply: CreateReply,
    ) -> Option<Outcome> {
        let now = self.now();
        Some(match reply {
            CreateReply::Created(order) => {
                self.good(System::ShipBob);
                let words = format!("accepted by ShipBob as order {}.", order.id);
                let sent = Box::new(create.clone());
                Outcome::done(c, &words).effect(Effect::Created { order, sent, read_began: began })
            }
            CreateReply::Duplicate { why, sure } => {
                let until = now + c.row.settle;
                let memory = if sure { DUPLICATE.to_owned() } else { format!("{MAYBE}{why}") };
                Outcome::in_doubt(c, now, until, "ShipBob says it has it already; looked up.")
                    .remembering(&memory)
            }
            CreateReply::Refused { status, why } => {
                hold_outcome(c, &refused_by_shipbob(&why)).status(status)
            }
            CreateReply::Failed(failure) => return self.failed(c, failure),
        })
    }

    fn cancelled(&self, c: &Claimed, order: ShipBobOrderId, reply: CancelReply) -> Option<Outcome> {
        let Operation::CancelOrder { reference, .. } = &c.operation else { return None };
        Some(match reply {
            CancelReply::Cancelled => {
                self.good(System::ShipBob);
                Outcome::done(c, "cancelled at ShipBob.")
                    .effect(Effect::Cancelled { reference: reference.clone(), order })
            }
            CancelReply::Partly { cancelled, kept } => {
                let words = format!(
                    "ShipBob cancelled {} shipment(s), {} could not be cancelled.",
                    cancelled.len(),
                    kept.len()
                );
                Outcome::refused(c, &words).effect(Effect::LookAtOrder(order))
            }
            CancelReply::TooLate { why } => {
                Outcome::refused(c, &format!("too late: {why}")).effect(Effect::LookAtOrder(order))
            }
            CancelReply::Gone => hold_outcome(
                c,
                &HoldReason::new(
                    "order-gone-at-shipbob",
                    "order",
                    &order.to_string(),
                    "ShipBob does not know the order it accepted.",
                    "Ask ShipBob; then dismiss this.",
                ),
            )
            .effect(Effect::LookAtOrder(order)),
            CancelReply::Refused { status, why } => {
                hold_outcome(c, &refused_by_shipbob(&why)).status(status)
            }
            CancelReply::Failed(failure) => return self.failed(c, failure),
        })
    }

    /// What is known of a write that has no answer of its own; none when a fault point said stop.
    pub(crate) fn failed(&self, c: &Claimed, failure: Failure) -> Option<Outcome> {
        Some(match failure {
            Failure::NoAccess { status, why } => self.no_access(c, &why).status(status),
            Failure::Throttled { after } => self.throttled(c, after),
            Failure::Later { why } => self.unreachable(c, &why),
            Failure::InDoubt { why } => self.doubt(c, &why),
            Failure::Crashed => return None,
        })
    }

    fn no_access(&self, c: &Claimed, why: &str) -> Outcome {
        let now = self.now();
        let _ = self.rest(System::ShipBob, Trouble::NoAccess(why.to_owned()));
        later(c, now, Some(LOOK_AGAIN), false, why)
    }

    pub(crate) fn throttled(&self, c: &Claimed, after: Option<domain::time::Span>) -> Outcome {
        let wait = after.unwrap_or(transport::gate::DEFAULT_WAIT);
        self.asked_to_wait(System::ShipBob, wait);
        later(c, self.now(), Some(wait), false, "the rate limit is reached")
    }

    pub(crate) fn unreachable(&self, c: &Claimed, why: &str) -> Outcome {
        let _ = self.rest(System::ShipBob, Trouble::Away(why.to_owned()));
        later(c, self.now(), None, false, why)
    }

    pub(crate) fn doubt(&self, c: &Claimed, why: &str) -> Outcome {
        let now = self.now();
        let words = format!("no clear answer ({why}); it is looked up, not repeated.");
        Outcome::in_doubt(c, now + FIRST_LOOK, now + c.row.settle, &words)
    }

    async fn send_acks(&self, claimed: Vec<Claimed>) -> Result<bool> {
        let ids: Vec<ShipmentId> = claimed
            .iter()
            .filter_map(|c| match c.operation {
                Operation::AckTracking { shipment } => Some(shipment),
                _ => None,
            })
            .collect();
        if ids.is_empty() {
            self.give_back(1);
            return Ok(false);
        }
        let reply = self.shipbob.ack_tracking(&ids).await;
        let now = self.now();
        let outcomes = match reply {
            Ok(results) => {
                self.good(System::ShipBob);
                let results = results.into_iter().collect();
                claimed.iter().map(|c| acknowledged(c, now, &results)).collect()
            }
            Err(error) => {
                let trouble: Trouble = error.into();
                if matches!(trouble, Trouble::Crashed) {
                    return Err(EngineError::Crashed);
                }
                let until = self.rest(System::ShipBob, trouble)?;
                let wait = until.since(now);
                claimed
                    .iter()
                    .map(|c| later(c, now, Some(wait), true, "ShipBob did not take it").silent())
                    .collect()
            }
        };
        self.record(outcomes).await?;
        Ok(true)
    }
}

/// The create came back as a duplicate, in ShipBob's own words for it.
pub(crate) const DUPLICATE: &str = "duplicate";
/// The create came back as a 422 that may mean a duplicate; ShipBob's words follow.
pub(crate) const MAYBE: &str = "refused:";

/// ShipBob understood and says no.
pub(crate) fn refused_by_shipbob(why: &str) -> HoldReason {
    HoldReason::new(
        "shipbob-refused",
        "order",
        "",
        &format!("ShipBob refuses it: {why}"),
        "Correct what ShipBob names, then press Retry.",
    )
}

fn acknowledged(
    c: &Claimed,
    now: Timestamp,
    results: &HashMap<ShipmentId, std::result::Result<(), String>>,
) -> Outcome {
    let Operation::AckTracking { shipment } = c.operation else {
        return Outcome::refused(c, "not an acknowledgement");
    };
    match results.get(&shipment) {
        Some(Ok(())) => Outcome::done(c, "").effect(Effect::Acknowledged(shipment)).silent(),
        Some(Err(why)) => Outcome::refused(c, why).effect(Effect::Acknowledged(shipment)),
        None => later(c, now, None, true, "ShipBob did not answer for this shipment").silent(),
    }
}

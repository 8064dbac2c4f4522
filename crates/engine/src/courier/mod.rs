//! Deliveries to the remotes: the attempt row first, then the call, then outcome, observation and
//! trail in one transaction.

mod dynamics;
mod outcome;
mod shipbob;

pub(crate) use outcome::{Effect, Outcome, hold_outcome, later};
pub(crate) use shipbob::{DUPLICATE, MAYBE, refused_by_shipbob};

use crate::error::{EngineError, Result};
use crate::kept::{change_kept, decode, merge_orders};
use crate::parts::Engine;
use crate::trail;
use domain::operation::{Lane, Operation};
use domain::plan::{Kept, SeenOrder};
use domain::time::{Span, Timestamp};
use store::{Delivery, Finish};

/// A claimed delivery with the write it carries.
pub(crate) struct Claimed {
    pub(crate) row: Delivery,
    /// The attempt row says that no byte leaves after this.
    pub(crate) last_byte_by: Timestamp,
    pub(crate) operation: Operation,
}

/// A claimed call is started within this, or given back.
const START_WITHIN: Span = Span::seconds(30);

impl Claimed {
    /// A call begun now ends before the attempt row says.
    pub(crate) fn in_time(&self, now: Timestamp, deadline: Span) -> bool {
        now + deadline <= self.last_byte_by
    }
}

impl Engine {
    /// Claims up to `limit` deliveries of one lane and writes their attempts.
    pub(crate) async fn claim(&self, lane: Lane, limit: usize) -> Result<Vec<Claimed>> {
        let deadline = match lane {
            Lane::Fulfilment => self.options.dynamics_deadline,
            Lane::Cancel | Lane::Orders | Lane::Background => self.options.shipbob_deadline,
        };
        let mut work = self.begin("courier.claim").await?;
        let now = self.now();
        // Our last byte leaves by then, or the call is not made: see `in_time`.
        let last_byte_by = now + deadline + START_WITHIN;
        let limits = [store::LaneLimit { lane: lane as i64, max: limit }];
        let rows = work
            .txn
            .deliveries_claim(&self.scope, work.fence, (now, last_byte_by), &limits, limit)
            .await?;
        work.commit().await?;
        rows.into_iter().map(|row| Ok(Claimed { last_byte_by, ..claimed_of(row)? })).collect()
    }

    /// Records outcomes with everything they entail, in one transaction.
    pub(crate) async fn record(&self, outcomes: Vec<Outcome>) -> Result<()> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let mut work = self.begin("courier.record").await?;
        let now = self.now();
        let mut finishes = Vec::with_capacity(outcomes.len());
        let mut entries = Vec::with_capacity(outcomes.len());
        let mut subjects = Vec::with_capacity(outcomes.len());
        let mut orders = Vec::new();
        let mut signals = Vec::new();
        let mut kept: Vec<(String, Box<dyn FnOnce(&mut Kept) + Send>)> = Vec::new();
        for o in outcomes {
            metrics::counter!("deliveries_total", "operation" => o.operation, "outcome" => o.disposition)
                .increment(1);
            let why = o.sentence;
            if let Some(what) = o.trail {
                entries.push(trail::entry(now, trail::ENGINE, what, &o.subject, why.clone()));
            }
            match o.effect {
                Effect::None => {}
                Effect::Created { order, sent, read_began } => {
                    let reference = sent.reference.as_str().to_owned();
                    kept.push((
                        o.subject.clone(),
                        Box::new(move |k: &mut Kept| {
                            k.absent.remove(&reference);
                            k.sent.insert(reference, *sent);
                        }),
                    ));
                    orders.push((o.subject.clone(), SeenOrder { order: *order, read_began }));
                }
                Effect::Cancelled { reference, order } => {
                    let reference = reference.as_str().to_owned();
                    kept.push((
                        o.subject.clone(),
                        Box::new(move |k: &mut Kept| {
                            k.cancelled_by_us.insert(reference, now);
                        }),
                    ));
                    signals.push(look_again(order, now, o.id));
                }
                Effect::LookAtOrder(order) => signals.push(look_again(order, now, o.id)),
                Effect::Acknowledged(shipment) => kept.push((
                    o.subject.clone(),
                    Box::new(move |k: &mut Kept| {
                        k.acknowledged.insert(shipment.0, now);
                    }),
                )),
                Effect::ReadSales => {
                    let dedupe = format!("stale|{}|{}", o.id, o.attempt);
                    signals.push(crate::poll::signal(
                        "courier",
                        crate::gather::target::SALES,
                        &o.subject,
                        dedupe,
                        now,
                    ));
                }
            }
            subjects.push(o.subject);
            finishes.push(Finish {
                id: o.id,
                attempt: o.attempt,
                next: o.next,
                disposition: o.disposition.to_owned(),
                detail: Some(why),
                status: o.status,
                outcome: o.outcome,
            });
        }
        merge_orders(&mut work.txn, &self.scope, now, orders).await?;
        change_kept(&mut work.txn, &self.scope, now, kept).await?;
        work.txn.deliveries_finish(&self.scope, work.fence, finishes, now).await?;
        work.txn.inbox_add_many(&self.scope, signals).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        work.txn.subjects_mark(&self.scope, subjects, Lane::Fulfilment as i64, now).await?;
        work.commit().await
    }
}

fn look_again(
    order: domain::ids::ShipBobOrderId,
    now: domain::time::Timestamp,
    id: i64,
) -> store::NewSignal {
    let dedupe = format!("look|{order}|{id}|{}", now.0);
    crate::poll::signal(
        "courier",
        crate::gather::target::WAREHOUSE,
        &order.to_string(),
        dedupe,
        now,
    )
}

/// Reads the write of a row.
pub(crate) fn claimed_of(row: Delivery) -> Result<Claimed> {
    let Some(body) = row.body.as_deref() else {
        return Err(EngineError::Inconsistent(format!(
            "delivery {} of {} has lost its body (the person was erased)",
            row.id, row.subject
        )));
    };
    let operation = decode("delivery", &row.business_key, body)?;
    Ok(Claimed { row, last_byte_by: Timestamp::MIN, operation })
}

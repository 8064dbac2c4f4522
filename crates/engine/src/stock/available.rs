//! Available quantities told to F&O, where the settings describe the call: what ShipBob may still promise, absolute, of what
//! changed since it was told last. One call is under way at a time. Before it is made its lines are marked as unknown,
//! so that whatever becomes of it they are told again until F&O has said yes.

use super::journals::flow;
use crate::courier::{Answer, Claimed, Outcome, hold_outcome, later};
use crate::error::{EngineError, Result};
use crate::kept::{decode, encode, plain};
use crate::parts::{Engine, Work};
use crate::trail;
use domain::custom_call::{AVAILABLE_SUBJECT, Available, AvailableLine};
use domain::disposition::HoldReason;
use domain::flows::inventory::{Free, TELLING, Telling, to_tell};
use domain::ids::CentreId;
use domain::operation::Operation;
use domain::settings::{Settings, WarehouseMap};
use domain::stock::{Inventory, ItemKey};
use domain::time::{Span, Timestamp};
use domain::units;
use dynamics::WriteReply;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use store::{
    DeliveryState, NewDelivery, NewHold, NewPlan, Retired, StockRow, Told, TrailEntry, whole_skus,
};

/// Rows looked at in one read.
const ROWS: usize = 1_000;
/// Reads of one step.
const READS: usize = 20;
/// A call that waits or is in doubt is looked at again after this.
const AGAIN: Span = Span::seconds(30);

impl Engine {
    /// One step of telling; false when there was nothing to do now.
    pub(super) async fn tell_available(&self, inventory: &Inventory) -> Result<bool> {
        let Some(available) = &inventory.available else { return Ok(false) };
        let now = self.now();
        let telling = {
            let memory = self.remember();
            let due = memory.stock.telling_due.is_none_or(|due| due <= now);
            memory.stock.telling.clone().filter(|telling| due && telling.done.is_none())
        };
        match telling {
            None => Ok(false),
            Some(telling) if telling.call.is_some() => self.call_over(telling, available).await,
            Some(telling) => self.next_call(telling, available).await,
        }
    }

    /// What became of the call under way.
    async fn call_over(&self, mut telling: Telling, available: &Available) -> Result<bool> {
        let subject = telling.subject();
        let mut reader = self.store.read().await?;
        let known = reader.deliveries_known(&self.scope, &[subject]).await?;
        drop(reader);
        let now = self.now();
        let delivery = known.into_iter().next();
        let said = delivery.as_ref().and_then(|d| d.outcome.clone()).unwrap_or_default();
        let state = delivery.as_ref().map(|d| d.state);
        let mut told = Told::new();
        let mut held = Vec::new();
        match state {
            Some(DeliveryState::Ready | DeliveryState::InDoubt) => {
                self.remember().stock.telling_due = Some(now + AGAIN);
                return Ok(false);
            }
            Some(DeliveryState::InFlight) => {
                self.remember().stock.telling_due = Some(now + Span::seconds(1));
                return Ok(false);
            }
            Some(DeliveryState::Done) => {
                let quantity =
                    |line: AvailableLine| ((line.sku, line.centre), line.quantity.to_string());
                told = telling.taken(available.rows).into_iter().map(quantity).collect();
            }
            Some(DeliveryState::Refused) => telling.denied(&said),
            Some(DeliveryState::Held) => {
                held.extend(delivery.map(|d| d.id));
                let reason = serde_json::from_str::<HoldReason>(&said).ok();
                telling.barred(&reason.map_or(said, |reason| reason.reason));
            }
            Some(DeliveryState::Withdrawn | DeliveryState::Superseded) | None => {
                telling.lost(&said);
            }
        }
        let mut work = self.begin("stock.tell.over").await?;
        work.txn.stock_told_put(&self.scope, told).await?;
        work.txn.deliveries_retire(&self.scope, held, Retired::Withdrawn, now).await?;
        self.keep_telling(&mut work, &telling).await?;
        work.commit().await?;
        self.telling(telling, now);
        Ok(true)
    }

    /// The next lines that changed, wished; the end when there are none.
    async fn next_call(&self, mut telling: Telling, available: &Available) -> Result<bool> {
        if let Some((run, as_of)) = telling.newer.take() {
            telling = Telling::begin(run, as_of, available, Some(&telling));
        }
        if telling.hopeless() {
            return self.all_told(telling).await;
        }
        for _ in 0..READS {
            let mut reader = self.store.read().await?;
            let rows = reader.stock_after(&self.scope, &telling.from, ROWS).await?;
            let rows = whole_skus(rows, ROWS);
            let Some(last) = rows.last().map(|row| row.sku.clone()) else {
                drop(reader);
                return self.all_told(telling).await;
            };
            let told = reader.stock_told(&self.scope, &telling.from, &last).await?;
            drop(reader);
            let lines = self.changed(&telling, &rows, &told);
            if !lines.is_empty() {
                return self.wish_call(telling, available, lines).await;
            }
            telling.from = last;
        }
        self.telling(telling, self.now());
        Ok(true)
    }

    /// Lines of these rows that must be told, as many as one call takes.
    fn changed(&self, telling: &Telling, rows: &[StockRow], told: &Told) -> Vec<AvailableLine> {
        let settings = self.settings();
        let fo = self.remember().fo.clone();
        let conversions = fo.as_ref().map(|fo| fo.conversions.as_slice()).unwrap_or_default();
        let warehouses = by_centre(&settings, &self.closed_centres());
        let mut lines = Vec::new();
        for of_sku in rows.chunk_by(|a, b| a.sku == b.sku) {
            let Some(row) = of_sku.first() else { continue };
            let key: Option<ItemKey> =
                row.item.as_ref().and_then(|item| decode("item", &row.sku, item.as_bytes()).ok());
            // F&O has no such product: the comparison says so.
            let Some(key) = key else { continue };
            let (product, unit) = (row.product.as_deref(), row.unit.as_deref());
            let each = units::eaches_per_unit(
                product.unwrap_or_default(),
                unit.unwrap_or_default(),
                &settings.each_units,
                conversions,
            );
            for (centre, map) in &warehouses {
                let centre = *centre;
                if (row.sku.as_str(), centre) <= (telling.at.0.as_str(), telling.at.1) {
                    continue;
                }
                let mut free =
                    free(map, of_sku, telling.run, told.get(&(row.sku.clone(), centre)), each);
                if telling.all {
                    free.told = free.told.map(|_| None);
                }
                let Some((pieces, quantity)) = to_tell(&free) else { continue };
                lines.push(AvailableLine {
                    sku: row.sku.clone(),
                    key: key.clone(),
                    warehouse: map.warehouse.clone(),
                    centre,
                    unit: unit.unwrap_or_default().to_owned(),
                    quantity,
                    pieces,
                });
                if lines.len() >= telling.size {
                    return lines;
                }
            }
        }
        lines
    }

    async fn wish_call(
        &self,
        mut telling: Telling,
        available: &Available,
        lines: Vec<AvailableLine>,
    ) -> Result<bool> {
        let now = self.now();
        let settings = self.settings();
        let Some(call) = available.fill(&settings.company, telling.as_of, &lines) else {
            telling.barred("the body of [connection.inventory.available] cannot be filled");
            return self.all_told(telling).await;
        };
        telling.calls = telling.calls.saturating_add(1);
        let subject = telling.subject();
        let operation = Operation::TellAvailable(call);
        let plan = NewPlan {
            subject: subject.clone(),
            made_at: now,
            settings_version: settings.version,
            facts: encode(&lines)?,
            outcome: String::from_utf8_lossy(&encode(&[&subject])?).into_owned(),
        };
        let unknown = lines.iter().map(|l| ((l.sku.clone(), l.centre), String::new())).collect();
        telling.call = Some(lines);
        let mut work = self.begin("stock.tell").await?;
        let ids = work.txn.plans_put(&self.scope, vec![plan]).await?;
        let Some(plan_id) = ids.first().copied() else { return Ok(false) };
        let row = NewDelivery {
            subject: subject.clone(),
            plan_id,
            seq: 0,
            business_key: subject,
            operation: operation.name().to_owned(),
            lane: operation.lane() as i64,
            body: encode(&operation)?,
            not_before: now,
            settle: settings.settle.dynamics,
        };
        work.txn.deliveries_put(&self.scope, vec![row], now).await?;
        work.txn.stock_told_put(&self.scope, unknown).await?;
        self.keep_telling(&mut work, &telling).await?;
        work.commit().await?;
        self.telling(telling, now + Span::seconds(1));
        Ok(true)
    }

    /// The end of one telling: what was refused waits for a person, and is tried again with the next figures.
    async fn all_told(&self, mut telling: Telling) -> Result<bool> {
        let now = self.now();
        telling.done = Some(now);
        let holds = telling.refused.iter().map(|(line, why)| NewHold {
            subject: AVAILABLE_SUBJECT.to_owned(),
            flow: flow().to_owned(),
            cause: "available-refused".to_owned(),
            field: if line.is_empty() { "custom call".to_owned() } else { line.clone() },
            reason: format!("Dynamics does not take the available quantity: {why}"),
            fix: "Mend what it names in Dynamics, or the description under [connection.inventory.available]; then compare stock again: what is not taken is told with every comparison."
                .to_owned(),
            value: String::new(),
        });
        let holds: Vec<NewHold> = holds.collect();
        let mut entries: Vec<TrailEntry> = Vec::new();
        if telling.calls > 0 {
            let what = "available quantities told";
            let entry =
                trail::entry(now, trail::ENGINE, what, "", format!("{}.", telling.sentence()));
            entries.push(TrailEntry { subject: None, ..entry });
        }
        let planned = vec![(AVAILABLE_SUBJECT.to_owned(), flow().to_owned())];
        let mut work = self.begin("stock.told").await?;
        work.txn.holds_reconcile(&self.scope, planned, holds, trail::ENGINE, now).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        self.keep_telling(&mut work, &telling).await?;
        work.commit().await?;
        self.telling(telling, now);
        Ok(true)
    }

    pub(super) async fn keep_telling(&self, work: &mut Work<'_>, telling: &Telling) -> Result<()> {
        let row = plain(TELLING, "", self.now(), telling)?;
        work.txn.observations_put(&self.scope, vec![row]).await?;
        Ok(())
    }

    fn telling(&self, telling: Telling, due: Timestamp) {
        let mut memory = self.remember();
        memory.stock.telling = Some(telling);
        memory.stock.telling_due = Some(due);
    }

    /// A comparison is done: what it saw is told next. A call under way is let come to its end.
    pub(super) fn to_be_told(
        &self,
        inventory: &Inventory,
        run: i64,
        as_of: Timestamp,
    ) -> Option<Telling> {
        let available = inventory.available.as_ref()?;
        let before = self.remember().stock.telling.clone();
        Some(match before.clone().filter(|telling| telling.call.is_some()) {
            Some(telling) => Telling { newer: Some((run, as_of)), done: None, ..telling },
            None => Telling::begin(run, as_of, available, before.as_ref()),
        })
    }

    /// When a step of telling is due.
    pub(super) fn telling_due(&self) -> Option<Timestamp> {
        self.settings().inventory.as_ref()?.available.as_ref()?;
        let memory = self.remember();
        memory.stock.telling.as_ref().filter(|telling| telling.done.is_none())?;
        Some(memory.stock.telling_due.unwrap_or(Timestamp::MIN))
    }

    /// Makes the calls; there is one at a time.
    pub(crate) async fn send_available(&self, claimed: &[Claimed]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(claimed.len());
        for c in claimed {
            let Operation::TellAvailable(call) = &c.operation else { continue };
            let (now, deadline) = (self.now(), self.options.dynamics_deadline);
            if !self.may_call(now, deadline) || !c.in_time(now, deadline) {
                let words = "its turn came too late for a safe call";
                outcomes.push(later(c, now, None, false, words));
                continue;
            }
            let reply = self.dynamics.tell_available(now, call).await;
            outcomes.push(self.answered(c, reply)?);
        }
        Ok(outcomes)
    }

    fn answered(&self, c: &Claimed, reply: WriteReply) -> Result<Outcome> {
        let now = self.now();
        self.remember().stock.telling_due = Some(now);
        let answer = match self.answer(c, reply) {
            ControlFlow::Break(later) => return Ok(later),
            ControlFlow::Continue(answer) => answer,
        };
        Ok(match answer {
            Answer::Done { .. } => Outcome::done(c, ""),
            Answer::Crashed => return Err(EngineError::Crashed),
            Answer::Forbidden { status, why } => {
                let fix = "Give the service user the right to call it.";
                let hold = HoldReason::new("available-refused", "custom call", "", &why, fix);
                hold_outcome(c, &hold).status(status)
            }
            Answer::Refused { why } | Answer::Stale { why } | Answer::Locked { why } => {
                Outcome::refused(c, &why).remembering(&why)
            }
            Answer::InDoubt { why } => {
                let until = now + c.row.settle;
                let words = format!("no clear answer ({why}); told anew when it has settled.");
                Outcome::in_doubt(c, until, until, &words).remembering(&why)
            }
        })
    }
}

/// A call in doubt: nothing is looked up; when it has settled, the newest figures are told.
pub(super) fn settled(c: &Claimed, now: Timestamp) -> Outcome {
    let memory = c.row.outcome.clone().unwrap_or_default();
    let until = c.row.doubt_until.unwrap_or(now);
    if now < until {
        let words = "not settled yet.";
        return Outcome::in_doubt(c, until, until, words).remembering(&memory).silent();
    }
    let words = "nobody knows whether it was taken; the newest quantities are told.";
    Outcome::withdrawn(c, words).remembering(&memory)
}

/// Every warehouse by the centre its figures stand with, in order. What was told of one with a closed
/// centre stays as it is: nobody knows what can leave it.
fn by_centre<'s>(
    settings: &'s Settings,
    closed: &BTreeSet<CentreId>,
) -> BTreeMap<i64, &'s WarehouseMap> {
    let open =
        settings.warehouses.iter().filter(|m| !m.mapping.centres().any(|c| closed.contains(&c)));
    open.map(|map| (map.mapping.home().0, map)).collect()
}

/// What is known of one SKU in one warehouse.
fn free(
    map: &WarehouseMap,
    rows: &[StockRow],
    run: i64,
    told: Option<&String>,
    each: Option<Decimal>,
) -> Free {
    let here = rows.iter().filter(|row| map.mapping.centres().any(|at| at.0 == row.centre));
    let shown: Vec<i64> = here
        .filter(|row| row.on_hand.is_some() && row.run >= run)
        .map(|row| row.fulfillable)
        .collect();
    let sum = |pieces: &[i64]| pieces.iter().fold(0_i64, |sum, n| sum.saturating_add(*n));
    Free {
        shown: (!shown.is_empty()).then(|| sum(&shown)),
        told: told.map(|text| text.parse().ok()),
        each,
    }
}

//! Seeding history in bounded parts beside the daily work: one page or one part of keys at a time,
//! and only while few signals wait. What is read is stored and planned as always; the cut-off
//! decides what may go out.

use crate::error::Result;
use crate::gather::target;
use crate::kept::{decode, encode, plain};
use crate::parts::Engine;
use crate::poll::signal;
use crate::trail;
use domain::backfill::{Asked, Backfill, KEPT, KEYS, Stage};
use domain::ids::SalesOrderNumber;
use domain::operation::{Lane, System};
use domain::sales::OrderRead;
use domain::time::{Span, Timestamp};
use std::collections::BTreeSet;
use store::{Signal, TrailEntry, Txn};

/// While more signals wait, no further page is read.
const BACKLOG: i64 = 500;
/// When the next part cannot be read now.
const AGAIN: Span = Span::seconds(1);
/// Pages of ShipBob at most: more orders than an account of this size has.
const PAGES: u32 = 10_000;

/// The backfill under way, as this owner knows it.
#[derive(Debug, Default)]
pub(crate) struct Under {
    /// Was read from the database.
    known: bool,
    /// None when nothing is to be done.
    state: Option<Backfill>,
    /// When the next part is due.
    due: Timestamp,
}

impl Under {
    /// When something is to be done.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.state.is_some().then_some(self.due)
    }

    /// Another owner may have done a part.
    pub(crate) fn ask_again(&mut self) {
        *self = Self::default();
    }
}

impl Engine {
    /// Begins what people asked for; one at a time.
    pub(crate) async fn begin_backfill(&self, signals: Vec<Signal>) -> Result<bool> {
        let now = self.now();
        let mut work = self.begin("backfill.begin").await?;
        for one in &signals {
            let Some(Ok(asked)) = one.body.as_deref().map(serde_json::from_slice::<Asked>) else {
                tracing::warn!(id = one.id, "backfill.unreadable");
                continue;
            };
            let running = self.kept_backfill(&mut work.txn).await?;
            let running = running.filter(|kept| kept.stage != Stage::Done);
            let (what, why) = match &running {
                Some(kept) if kept.id == asked.id => continue,
                Some(kept) => {
                    ("backfill refused", format!("One asked by {} is under way.", kept.who))
                }
                None => ("asked for a backfill", asked.why.clone()),
            };
            let entry = trail::entry(now, &asked.who, what, "", why);
            let request_id = Some(asked.id.clone());
            work.txn
                .trail_append(&self.scope, vec![TrailEntry { subject: None, request_id, ..entry }])
                .await?;
            if running.is_none() {
                let (backfill, parts) = Backfill::begin(asked);
                let mut rows = vec![plain(KEPT, "", now, &backfill)?];
                for (n, part) in parts.iter().enumerate() {
                    rows.push(plain(KEYS, &part_key(n), now, part)?);
                }
                work.txn.observations_put(&self.scope, rows).await?;
            }
        }
        let ids = signals.iter().map(|s| s.id).collect();
        work.txn.inbox_done(&self.scope, ids, now).await?;
        work.commit().await?;
        self.remember().backfill.ask_again();
        Ok(true)
    }

    /// One part of the backfill under way, when its turn has come.
    pub(crate) async fn backfill(&self) -> Result<bool> {
        let now = self.now();
        if self.remember().paused {
            return Ok(false);
        }
        if !self.remember().backfill.known {
            let mut reader = self.store.read().await?;
            let kept = self.kept_backfill(&mut reader).await?;
            let mut memory = self.remember();
            memory.backfill.state = kept.filter(|one| one.stage != Stage::Done);
            memory.backfill.known = true;
        }
        let state = {
            let memory = self.remember();
            memory.backfill.state.clone().filter(|_| now >= memory.backfill.due)
        };
        let Some(state) = state else { return Ok(false) };
        let waiting = self.store.read().await?.inbox_waiting(&self.scope).await?.0;
        let done = match state.stage {
            _ if waiting > BACKLOG => None,
            Stage::Dynamics => self.backfill_dynamics(state).await?,
            Stage::Shipbob => self.backfill_shipbob(state).await?,
            Stage::Keys => self.backfill_keys(state).await?,
            Stage::Done => return Ok(false),
        };
        let worked = done.is_some();
        let mut memory = self.remember();
        match done {
            Some(next) => memory.backfill.state = Some(next).filter(|s| s.stage != Stage::Done),
            None => memory.backfill.due = now + AGAIN,
        }
        Ok(worked)
    }

    async fn kept_backfill(&self, reader: &mut store::Reader) -> Result<Option<Backfill>> {
        let rows = reader.observations(&self.scope, KEPT, &[String::new()]).await?;
        let body = rows.into_iter().next().and_then(|row| row.body);
        body.map(|body| decode(KEPT, "", &body)).transpose()
    }

    async fn backfill_dynamics(&self, mut state: Backfill) -> Result<Option<Backfill>> {
        let Some((from, to)) = state.range else { return Ok(None) };
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(None);
        }
        let began = self.now();
        let cursors = match &state.cursors {
            Some(text) => decode(KEPT, "cursors", text.as_bytes())?,
            None => dynamics::ChangeCursors::start(from),
        };
        let overlap = self.settings().schedule.overlap;
        let changes = match self.dynamics.changes(began, &cursors, overlap).await {
            Ok(changes) => changes,
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                return Ok(None);
            }
        };
        self.good(System::Dynamics);
        let inside = || changes.rows.iter().filter(|row| row.stamp >= from && row.stamp <= to);
        let orders: BTreeSet<&str> = inside().map(|row| row.order.as_str()).collect();
        let signals = orders
            .into_iter()
            .map(|order| {
                let dedupe = format!("backfill|{}|{order}", state.id);
                signal("backfill", target::SALES, order, dedupe, began)
            })
            .collect();
        let past = !changes.rows.is_empty() && inside().next().is_none();
        let mut work = self.begin("backfill.dynamics").await?;
        state.orders += work.txn.inbox_add_many(&self.scope, signals).await?;
        state.reached = inside().map(|row| row.stamp).max().unwrap_or(state.reached);
        state.cursors = Some(String::from_utf8_lossy(&encode(&changes.cursors)?).into_owned());
        if past || !changes.more {
            state.stage = Stage::Shipbob;
        }
        self.keep_backfill(&mut work.txn, began, &state).await?;
        work.commit().await?;
        Ok(Some(state))
    }

    async fn backfill_shipbob(&self, mut state: Backfill) -> Result<Option<Backfill>> {
        let Some((from, to)) = state.range else { return Ok(None) };
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(None);
        }
        let began = self.now();
        let found = match self.shipbob.poll_orders(from, to, state.page).await {
            Ok(found) => found,
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                return Ok(None);
            }
        };
        self.good(System::ShipBob);
        let ours = found.orders.iter().filter(|one| self.subject_of(one).is_some()).count();
        state.shipbob_orders += ours as u64;
        state.page += 1;
        let mut work = self.begin("backfill.shipbob").await?;
        self.take_in(&mut work.txn, began, found.orders).await?;
        if !found.more || state.page > PAGES {
            self.finish_backfill(&mut work.txn, began, &mut state).await?;
        }
        self.keep_backfill(&mut work.txn, began, &state).await?;
        work.commit().await?;
        Ok(Some(state))
    }

    async fn backfill_keys(&self, mut state: Backfill) -> Result<Option<Backfill>> {
        let key = part_key(state.part.0);
        let keys = [key.clone()];
        let rows = self.store.read().await?.observations(&self.scope, KEYS, &keys).await?;
        let numbers: Vec<String> = match rows.into_iter().next().and_then(|row| row.body) {
            Some(body) => decode(KEYS, &key, &body)?,
            None => Vec::new(),
        };
        let wanted: Vec<_> = numbers.iter().map(|n| SalesOrderNumber::new(n.trim())).collect();
        let reads = match wanted.is_empty() {
            true => Vec::new(),
            false => match self.read_sales(&wanted, Lane::Background).await? {
                Some(reads) => reads,
                None => return Ok(None),
            },
        };
        let (there, _): (Vec<OrderRead>, Vec<OrderRead>) =
            reads.into_iter().partition(|read| read.order.is_some());
        for one in &wanted {
            if !there.iter().any(|read| read.number.same_as(one.as_str())) {
                state.does_not_know(one.as_str());
            }
        }
        let now = self.now();
        let mut work = self.begin("backfill.keys").await?;
        self.store_sales(&mut work.txn, &there).await?;
        work.txn.observations_remove(&self.scope, KEYS, &keys).await?;
        state.orders += there.len() as u64;
        state.part.0 += 1;
        if state.part.0 >= state.part.1 {
            self.finish_backfill(&mut work.txn, now, &mut state).await?;
        }
        self.keep_backfill(&mut work.txn, now, &state).await?;
        work.commit().await?;
        Ok(Some(state))
    }

    async fn finish_backfill(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        state: &mut Backfill,
    ) -> Result<()> {
        state.stage = Stage::Done;
        state.finished = Some(now);
        state.cursors = None;
        let entry = trail::entry(now, trail::ENGINE, "backfill finished", "", state.sentence());
        let request_id = Some(state.id.clone());
        txn.trail_append(&self.scope, vec![TrailEntry { subject: None, request_id, ..entry }])
            .await?;
        Ok(())
    }

    async fn keep_backfill(&self, txn: &mut Txn, now: Timestamp, state: &Backfill) -> Result<()> {
        txn.observations_put(&self.scope, vec![plain(KEPT, "", now, state)?]).await?;
        Ok(())
    }
}

fn part_key(n: usize) -> String {
    format!("{n:06}")
}

//! Signals to observations: every signal only says "look at this"; the truth is fetched in
//! batches. A signal is done in the transaction that stores what was fetched.

use crate::error::Result;
use crate::kept::{change_kept, sales_documents};
use crate::limits::{BUSY_COLLECT, BUSY_ORDERS, BUSY_WITHIN, SIGNALS};
use crate::parts::Engine;
use crate::poll::Trouble;
use crate::trail;
use domain::flows::is_released;
use domain::ids::{SalesOrderNumber, ShipBobOrderId};
use domain::inbound::Kind;
use domain::operation::{Lane, System};
use domain::plan::Kept;
use domain::sales::OrderRead;
use domain::settings_change;
use domain::time::{Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use store::{Signal, Txn};

/// Kinds of targets a signal may have.
pub(crate) mod target {
    /// An F&O sales order, by number.
    pub(crate) const SALES: &str = "fo.order";
    /// A shipment order request, by its subject.
    pub(crate) const REQUEST: &str = "fo.request";
    /// A ShipBob order, by id.
    pub(crate) const WAREHOUSE: &str = "sb.order";
    /// A subject to plan again.
    pub(crate) const SUBJECT: &str = "subject";
    /// A command of a person.
    pub(crate) const COMMAND: &str = "command";
    /// A ShipBob order of another channel of the merchant.
    pub(crate) const STRANGER: &str = "sb.other-channel";
    /// A webhook that names nothing we can look at.
    pub(crate) const UNREADABLE: &str = "unreadable";
    /// A ShipBob return, by id.
    pub(crate) const RETURN: &str = "sb.return";
    /// A ShipBob receiving order, by id.
    pub(crate) const RECEIVING: &str = "sb.receiving";
    /// Poll F&O now.
    pub(crate) const POLL: &str = "fo.poll";
    /// A webhook that was not ShipBob's, or cannot be told to be.
    pub(crate) const REFUSED: &str = "refused";

    /// Where a look at the F&O side of a subject begins.
    pub(crate) fn of(subject: &str) -> &'static str {
        if domain::product::item_of(subject).is_some() {
            return SUBJECT;
        }
        if domain::request::id_of(subject).is_some() { REQUEST } else { SALES }
    }
}

impl Engine {
    /// Handles waiting signals; false when there was nothing (or nothing could be read now).
    pub(crate) async fn gather(&self) -> Result<bool> {
        if self.due().await?.signal.is_none() {
            return Ok(false);
        }
        let signals = self.store.read().await?.inbox_take(&self.scope, SIGNALS).await?;
        if signals.is_empty() {
            return Ok(false);
        }
        let mut by_kind: BTreeMap<String, Vec<Signal>> = BTreeMap::new();
        for s in signals {
            // A command is known by its source and its body; its targets are the person's words.
            let asked = s.source == crate::command::SOURCE && s.body.is_some();
            let own =
                [domain::backfill::TARGET, domain::reconcile::TARGET, settings_change::TARGET];
            let command = asked && !own.contains(&s.target_kind.as_str());
            let kind = if command { target::COMMAND.to_owned() } else { s.target_kind.clone() };
            by_kind.entry(kind).or_default().push(s);
        }
        let mut worked = false;
        for (kind, signals) in by_kind {
            worked |= match kind.as_str() {
                target::SALES => self.gather_sales(signals).await?,
                target::REQUEST => self.gather_requests(signals).await?,
                target::WAREHOUSE => self.gather_warehouse(signals).await?,
                target::RETURN => self.gather_inbound(Kind::Return, signals).await?,
                target::RECEIVING => self.gather_inbound(Kind::Receiving, signals).await?,
                target::COMMAND => self.run_commands(signals).await?,
                domain::backfill::TARGET => self.begin_backfill(signals).await?,
                domain::reconcile::TARGET => self.begin_reconcile(signals).await?,
                settings_change::TARGET => self.change_settings(signals).await?,
                target::POLL => self.poll_soon(signals).await?,
                _ => self.gather_subjects(signals).await?,
            };
        }
        Ok(worked)
    }

    async fn gather_sales(&self, signals: Vec<Signal>) -> Result<bool> {
        let numbers: BTreeSet<String> = signals.iter().map(|s| s.target_key.clone()).collect();
        let numbers: Vec<SalesOrderNumber> =
            numbers.into_iter().map(SalesOrderNumber::new).collect();
        let Some(reads) = self.read_sales(&numbers, Lane::Orders).await? else {
            return Ok(false);
        };
        let mut work = self.begin("gather.sales").await?;
        self.store_sales(&mut work.txn, &reads).await?;
        // What could not be told now stays in the inbox and is asked for again.
        let read: BTreeSet<String> =
            reads.iter().map(|r| r.number.as_str().to_lowercase()).collect();
        let told = signals.iter().filter(|s| read.contains(&s.target_key.to_lowercase()));
        let ids: Vec<i64> = told.map(|s| s.id).collect();
        let all = ids.len() == signals.len();
        work.txn.inbox_done(&self.scope, ids, self.now()).await?;
        work.commit().await?;
        if !all {
            self.rest(System::Dynamics, Trouble::Closed(self.now() + Span::seconds(2)))?;
        }
        Ok(true)
    }

    /// Reads F&O orders in one batch; none when F&O cannot be read now.
    pub(crate) async fn read_sales(
        &self,
        numbers: &[SalesOrderNumber],
        lane: Lane,
    ) -> Result<Option<Vec<OrderRead>>> {
        if !self.may_read(System::Dynamics, lane) {
            return Ok(None);
        }
        match self.dynamics.read_orders(self.now(), numbers).await {
            Ok(mut reads) => {
                self.good(System::Dynamics);
                if !self.add_released(&mut reads).await? || !self.select_orders(&mut reads).await? {
                    return Ok(None);
                }
                for (number, why) in &reads.unread {
                    tracing::warn!(order = number.as_str(), why, "order.unread");
                }
                Ok(Some(reads.read))
            }
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                Ok(None)
            }
        }
    }

    /// Stores F&O reads, remembers which orders were seen unreleased, and marks the subjects.
    pub(crate) async fn store_sales(&self, txn: &mut Txn, reads: &[OrderRead]) -> Result<()> {
        let now = self.now();
        let settings = self.settings();
        txn.observations_put(&self.scope, sales_documents(reads)?).await?;
        let unreleased = reads
            .iter()
            .filter(|r| r.order.as_ref().is_some_and(|o| !is_released(o, &settings)))
            .filter(|r| settings.cut_off.is_some_and(|c| r.read_began >= c));
        let changes = unreleased
            .map(|r| {
                let at = r.read_began;
                let change: Box<dyn FnOnce(&mut Kept) + Send> = Box::new(move |kept: &mut Kept| {
                    kept.last_unreleased = kept.last_unreleased.max(Some(at));
                });
                (r.number.as_str().to_owned(), change)
            })
            .collect();
        change_kept(txn, &self.scope, now, changes).await?;
        self.judge_erased(txn, &reads.iter().collect::<Vec<_>>()).await?;
        let subjects = self.concerned(txn, reads).await?;
        txn.subjects_mark(&self.scope, subjects, Lane::Orders as i64, now).await?;
        Ok(())
    }

    /// Webhooks are collected for a moment, then fetched in one read; for longer while many come: a
    /// burst of orders must not spend the calls of the account on reading one order after the other.
    async fn gather_warehouse(&self, signals: Vec<Signal>) -> Result<bool> {
        let now = self.now();
        let oldest = signals.iter().map(|s| s.received_at).min().unwrap_or(now);
        let young = now < self.collect_until(oldest);
        if young && signals.len() < shipbob::ID_LIMIT {
            return Ok(false);
        }
        let ids: BTreeSet<i64> = signals.iter().filter_map(|s| s.target_key.parse().ok()).collect();
        let ids: Vec<ShipBobOrderId> = ids.into_iter().map(ShipBobOrderId).collect();
        if !self.may_read(System::ShipBob, Lane::Fulfilment) {
            return Ok(false);
        }
        let began = self.now();
        let orders = match self.shipbob.orders(&ids).await {
            Ok(orders) => orders,
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                return Ok(false);
            }
        };
        self.good(System::ShipBob);
        self.remember().collected.push_back((began, ids.len()));
        let found: BTreeSet<i64> = orders.iter().map(|o| o.id.0).collect();
        let strangers = ids.iter().filter(|id| !found.contains(&id.0)).count();
        let mut work = self.begin("gather.warehouse").await?;
        self.take_in(&mut work.txn, began, orders).await?;
        let flagged = signals.iter().filter(|s| s.flagged).count();
        let told = [
            (strangers, "webhook ignored", "ShipBob order(s) named by webhooks are not ours."),
            (
                flagged,
                "webhook out of time",
                "webhook(s) were older than 36 hours or ahead of our clock; the orders they name were read all the same.",
            ),
        ];
        let entries = told.iter().filter(|(n, ..)| *n > 0).map(|(n, what, why)| {
            let entry = trail::entry(now, trail::ENGINE, what, "", format!("{n} {why}"));
            store::TrailEntry { subject: None, ..entry }
        });
        work.txn.trail_append(&self.scope, entries.collect()).await?;
        work.txn.inbox_done(&self.scope, signals.iter().map(|s| s.id).collect(), now).await?;
        work.commit().await?;
        Ok(true)
    }

    async fn gather_subjects(&self, signals: Vec<Signal>) -> Result<bool> {
        let now = self.now();
        let mut work = self.begin("gather.subjects").await?;
        let (known, odd): (Vec<&Signal>, Vec<&Signal>) =
            signals.iter().partition(|s| s.target_kind == target::SUBJECT);
        let subjects = known.iter().map(|s| s.target_key.clone()).collect();
        work.txn.subjects_mark(&self.scope, subjects, Lane::Orders as i64, now).await?;
        let entries = odd
            .iter()
            .filter(|s| s.target_kind != target::STRANGER)
            .map(|s| {
                let (what, why) = if s.target_kind == target::REFUSED {
                    let why = format!(
                        "A webhook was refused ({}). ShipBob repeats its own ones, and the next poll brings what they say.",
                        s.target_key
                    );
                    ("webhook refused", why)
                } else {
                    let why = format!(
                        "A signal from {} could not be read ({}); the next poll looks at everything anyway.",
                        s.source, s.target_key
                    );
                    ("signal unreadable", why)
                };
                let entry = trail::entry(now, trail::ENGINE, what, "", why);
                store::TrailEntry { subject: None, ..entry }
            })
            .collect();
        work.txn.trail_append(&self.scope, entries).await?;
        work.txn.inbox_done(&self.scope, signals.iter().map(|s| s.id).collect(), now).await?;
        work.commit().await?;
        Ok(true)
    }

    /// So many orders were read for webhooks lately that reading them one by one would not pay.
    fn many_webhooks(&self) -> bool {
        let since = self.now() - BUSY_WITHIN;
        let mut memory = self.remember();
        while memory.collected.front().is_some_and(|(at, _)| *at < since) {
            memory.collected.pop_front();
        }
        memory.collected.iter().map(|(_, orders)| *orders).sum::<usize>() > BUSY_ORDERS
    }

    /// When a collected webhook is due to be fetched.
    pub(crate) fn collect_until(&self, oldest: Timestamp) -> Timestamp {
        let usual = self.settings().schedule.collect;
        oldest + if self.many_webhooks() { usual.max(BUSY_COLLECT) } else { usual }
    }
}

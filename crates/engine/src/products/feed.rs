//! The poll of F&O's products: the whole feed, compared with what was read last. Items that changed
//! are stored and marked; the cursor moves in the transaction that stores the last of them.

use super::{CURSOR, ITEM, STATE, state_key};
use crate::error::Result;
use crate::kept::{decode, plain};
use crate::parts::Engine;
use crate::poll::Trouble;
use crate::troubles::{Kind, name};
use domain::flows::products::{first_states, items};
use domain::operation::{Flow, Lane, System};
use domain::product::{Item, ProductState};
use domain::time::{Span, Timestamp};
use std::collections::BTreeMap;
use store::{Observation, Reader};

/// Items stored in one transaction.
const STORED: usize = 200;
/// Rows of one kind read at once.
const READ: usize = 1_000;
/// A feed that could not be read is asked for again after this.
const AGAIN: Span = Span::seconds(30);
/// Reads that may fail in a row before orders stop waiting for what they would show.
const PATIENCE: u32 = 10;
/// Counting further says nothing new.
const MISSED: u32 = 3;

impl Engine {
    /// Reads the feed when it is due; false when it is not, or cannot be read now.
    pub(crate) async fn poll_products(&self) -> Result<bool> {
        let settings = self.settings();
        let Some(products) = &settings.products else { return Ok(false) };
        let now = self.now();
        if self.flow_paused(Flow::Products) || now < self.remember().products_due {
            return Ok(false);
        }
        if self.remember().products_due == Timestamp::MIN {
            // A new process goes on where the last one stopped.
            let last = self.store.read().await?.cursor(&self.scope, CURSOR).await?;
            let last = last.and_then(|(text, _)| Timestamp::parse(&text));
            let mut memory = self.remember();
            memory.products_known = last.is_some();
            let due = last.map(|at| self.run_after(Flow::Products, at, products.poll()));
            if let Some(due) = due.filter(|due| *due > now) {
                memory.products_due = due;
                return Ok(false);
            }
        }
        if let Some(until) = self.put_off(Flow::Products) {
            self.remember().products_due = until;
            return Ok(false);
        }
        if !self.may_read(System::Dynamics, Lane::Products) {
            self.remember().products_due = now + Span::millis(500);
            return Ok(false);
        }
        let feed = match self.dynamics.products(now).await {
            Ok(feed) => feed,
            Err(error) => return self.feed_failed(error.into()),
        };
        self.good(System::Dynamics);
        for why in &feed.unreadable {
            tracing::warn!(why, "products.unreadable");
        }
        let items = items(feed.released, feed.masters, &settings);
        self.take_in_items(now, items).await?;
        let due = self.run_after(Flow::Products, now, products.poll());
        self.flow_went_well(Flow::Products);
        let mut memory = self.remember();
        memory.products_known = true;
        memory.products_failed = 0;
        memory.products_due = due;
        Ok(true)
    }

    /// Sets that cannot be read must not keep orders from being read: only this flow waits. After a
    /// few tries orders stop waiting for products nobody can see, and ask a person.
    fn feed_failed(&self, trouble: Trouble) -> Result<bool> {
        let (kind, why) = match trouble {
            Trouble::NoAccess(why) => (Kind::NoAccess, why),
            Trouble::Away(why) => (Kind::Away, why),
            other => {
                let until = self.rest(System::Dynamics, other)?;
                self.remember().products_due = until;
                return Ok(false);
            }
        };
        tracing::warn!(why, "products.unread");
        self.troubled(kind, name(System::Dynamics), &format!("released products: {why}"));
        self.flow_failed(Flow::Products, &format!("Dynamics' released products: {why}"));
        let now = self.now();
        let mut memory = self.remember();
        memory.products_failed = memory.products_failed.saturating_add(1);
        memory.products_known |= memory.products_failed >= PATIENCE;
        memory.products_due = now + AGAIN;
        Ok(false)
    }

    async fn take_in_items(&self, began: Timestamp, read: BTreeMap<String, Item>) -> Result<()> {
        let settings = self.settings();
        let mut reader = self.store.read().await?;
        let mut known = self.known_items(&mut reader).await?;
        drop(reader);
        let mut changed: Vec<(String, Item, bool)> = Vec::new();
        for (subject, item) in read {
            match known.remove(&subject) {
                Some(old) if old == item => {}
                old => changed.push((subject, item, old.is_none())),
            }
        }
        for (subject, mut item) in known {
            if item.missed < MISSED {
                item.missed += 1;
                changed.push((subject, item, false));
            }
        }
        let mut left = changed.len();
        let mut parts = changed.chunks(STORED);
        loop {
            let part = parts.next().unwrap_or_default();
            left -= part.len();
            let mut rows: Vec<Observation> = Vec::new();
            for (subject, item, new) in part {
                rows.push(plain(ITEM, subject, began, item)?);
                // Orders that need it wait from now on instead of asking a person.
                let first: Vec<ProductState> =
                    if *new { first_states(item, &settings) } else { Vec::new() };
                for state in &first {
                    rows.push(plain(STATE, &state_key(&state.key), began, state)?);
                }
            }
            let subjects = part.iter().map(|(subject, ..)| subject.clone()).collect();
            let mut work = self.begin("poll.products").await?;
            work.txn.observations_put(&self.scope, rows).await?;
            work.txn
                .subjects_mark(&self.scope, subjects, Lane::Products as i64, self.now())
                .await?;
            if left == 0 {
                let value = began.to_rfc3339();
                work.txn.cursor_put(&self.scope, CURSOR, &value, began).await?;
            }
            work.commit().await?;
            if left == 0 {
                return Ok(());
            }
        }
    }

    async fn known_items(&self, reader: &mut Reader) -> Result<BTreeMap<String, Item>> {
        let mut found = BTreeMap::new();
        let mut after = String::new();
        loop {
            let rows = reader.observations_of_kind(&self.scope, ITEM, &after, READ).await?;
            let Some(last) = rows.last().map(|r| r.key.clone()) else { return Ok(found) };
            for row in rows {
                if let Some(body) = &row.body {
                    let item = decode(ITEM, &row.key, body)?;
                    found.insert(row.key, item);
                }
            }
            after = last;
        }
    }
}

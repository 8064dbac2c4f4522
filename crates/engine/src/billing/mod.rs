//! The flow *billing*: what ShipBob charged is read in sweeps, one page at a time, kept once per
//! transaction id, and brings the orders it belongs to back to the planner.
//!
//! A sweep reads the charges of a window of days, the invoices, and the transactions of those that
//! closed, changed or do not balance. Everything is safe to read again: a sweep that a crash or a
//! closed gate cut short begins anew or goes on, and the cursor moves only behind a whole one (I3).

mod keep;
mod rows;
mod told;

pub(crate) use rows::{cost_rows, searched};

use crate::aside::Aside;
use crate::error::Result;
use crate::kept::{decode, encode};
use crate::parts::Engine;
use crate::tokens::said;
use crate::trail;
use domain::operation::{Flow, Lane, System};
use domain::settings::Billing;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use shipbob::{CallError, ShipBob};
use std::collections::{BTreeSet, VecDeque};
use store::Reader;

/// How far sweeps got.
const CURSOR: &str = "sb.billing";
/// Charges of the last days are read again by every sweep: fees lag behind the label.
const RECENT: Span = Span::days(3);
/// The whole window is read again, and what does not balance is asked for again, after this.
const DAILY: Span = Span::days(1);
/// Pages of one list; more is a paging bug of the vendor.
const MOST_PAGES: usize = 5_000;
/// Steps of a sweep in one pass.
const AT_ONCE: usize = 4;
/// Invoices looked at in one sweep.
const INVOICES: usize = 2_000;
pub(crate) const BILLING: Aside = Aside {
    flow: Flow::Billing,
    what: "ShipBob's billing",
    needs: "Billing needs a token with billing_read: `ml-connector connect shipbob --billing`",
};
/// Invoices balanced in one transaction.
const BALANCED_AT_ONCE: usize = 20;

/// What is kept of the sweeps.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
struct Swept {
    /// The last whole sweep began then.
    swept: Timestamp,
    /// The last one over the whole window.
    whole: Timestamp,
    /// Entries of it that could not be read.
    unreadable: u32,
}

/// What is being read.
#[derive(Debug, Clone)]
enum Stage {
    Transactions,
    Invoices,
    /// The transactions of these, the first one now.
    OfInvoices(VecDeque<i64>),
    Balance,
}

/// Whether there is more, or why ShipBob did not answer.
type Turned = std::result::Result<bool, CallError>;

/// A sweep under way.
#[derive(Debug, Clone)]
pub(crate) struct Sweep {
    began: Timestamp,
    whole: bool,
    from: Timestamp,
    to: Timestamp,
    stage: Stage,
    page: Option<String>,
    /// Cursors of the present list: one that comes again would never end.
    seen: BTreeSet<String>,
    unreadable: u32,
}

impl Sweep {
    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.page = None;
        self.seen.clear();
    }

    /// Goes to the next page; false at the end of the list.
    fn turn(&mut self, next: Option<String>) -> Turned {
        self.page = next;
        let Some(page) = &self.page else { return Ok(false) };
        if self.seen.insert(page.clone()) && self.seen.len() < MOST_PAGES {
            return Ok(true);
        }
        let why = format!("billing: the next page repeats after {} pages", self.seen.len());
        Err(CallError::Malformed { why })
    }
}

impl Engine {
    /// Sweeps ShipBob's billing when it is due; false when there was nothing to do.
    pub(crate) async fn poll_billing(&self) -> Result<bool> {
        let Some(settings) = self.settings().billing.clone() else { return Ok(false) };
        let now = self.now();
        if self.flow_paused(Flow::Billing) || now < self.remember().billing_due {
            return Ok(false);
        }
        let under_way = self.remember().sweep.take();
        if under_way.is_none()
            && let Some(until) = self.put_off(Flow::Billing)
        {
            self.remember().billing_due = until;
            return Ok(false);
        }
        let mut sweep = match under_way {
            Some(sweep) => sweep,
            None => self.new_sweep(now, &settings).await?,
        };
        let mut worked = false;
        for _ in 0..AT_ONCE {
            // A permission of the gate that is taken must be used: nothing to ask, nothing taken.
            if matches!(&sweep.stage, Stage::OfInvoices(ids) if ids.is_empty()) {
                sweep.enter(Stage::Balance);
            }
            if !matches!(sweep.stage, Stage::Balance)
                && !self.may_read(System::ShipBob, Lane::Background)
            {
                let mut memory = self.remember();
                memory.billing_due = now + Span::millis(500);
                memory.sweep = Some(sweep);
                return Ok(worked);
            }
            match self.sweep_on(&mut sweep, &settings).await? {
                Ok(true) => worked = true,
                Ok(false) => {
                    let plain = Span::minutes(settings.every_minutes);
                    let due = self.run_after(Flow::Billing, sweep.began, plain);
                    self.flow_went_well(Flow::Billing);
                    self.remember().billing_due = due;
                    return Ok(true);
                }
                Err(error) => {
                    // A list that cannot be paged is read anew.
                    let again =
                        !matches!(error, CallError::Malformed { .. } | CallError::Refused { .. });
                    let until = self.rest_aside(&BILLING, error)?;
                    let mut memory = self.remember();
                    memory.billing_due = until.max(now + Span::seconds(1));
                    memory.sweep = again.then_some(sweep);
                    return Ok(worked);
                }
            }
        }
        // Orders come first: the next pass goes on.
        self.remember().sweep = Some(sweep);
        Ok(true)
    }

    /// The client whose token may read bills.
    pub(crate) fn billing(&self) -> ShipBob {
        self.remember().billing.clone().unwrap_or_else(|| self.shipbob.clone())
    }

    async fn new_sweep(&self, now: Timestamp, settings: &Billing) -> Result<Sweep> {
        let swept = swept(&mut self.store.read().await?, self).await?;
        let window = now - Span::days(settings.rescan_days);
        let whole = now.since(swept.whole) >= DAILY;
        let from = if whole { window } else { window.max(swept.swept - RECENT) };
        Ok(Sweep {
            began: now,
            whole,
            from,
            // The vendor's day may be ahead of ours.
            to: now + DAILY,
            stage: Stage::Transactions,
            page: None,
            seen: BTreeSet::new(),
            unreadable: 0,
        })
    }

    /// One page of the present list; false when the sweep is over.
    async fn sweep_on(&self, sweep: &mut Sweep, settings: &Billing) -> Result<Turned> {
        match sweep.stage.clone() {
            Stage::Transactions => self.sweep_transactions(sweep).await,
            Stage::Invoices => self.sweep_invoices(sweep, settings).await,
            Stage::OfInvoices(ids) => self.sweep_of_invoice(sweep, ids).await,
            Stage::Balance if self.balance_some(settings).await? => Ok(Ok(true)),
            Stage::Balance => self.end_sweep(sweep).await.map(|()| Ok(false)),
        }
    }

    async fn sweep_transactions(&self, sweep: &mut Sweep) -> Result<Turned> {
        let (client, page) = (self.billing(), sweep.page.clone());
        let found = match client.transactions(sweep.from, sweep.to, page.as_deref()).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        self.good(System::ShipBob);
        let turned = self.keep_billed(sweep, found, None).await?;
        if let Ok(false) = turned {
            sweep.enter(Stage::Invoices);
        }
        Ok(turned.map(|_| true))
    }

    async fn sweep_invoices(&self, sweep: &mut Sweep, settings: &Billing) -> Result<Turned> {
        let from = sweep.began - Span::days(settings.rescan_days);
        let (client, page) = (self.billing(), sweep.page.clone());
        let found = match client.invoices(from, sweep.to, page.as_deref()).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        self.good(System::ShipBob);
        sweep.unreadable += found.unreadable;
        self.keep_invoices(&found.items).await?;
        let turned = sweep.turn(found.next);
        if let Ok(false) = turned {
            let ids = self.invoices_to_read(from, settings).await?;
            sweep.enter(Stage::OfInvoices(ids));
        }
        Ok(turned.map(|_| true))
    }

    async fn sweep_of_invoice(&self, sweep: &mut Sweep, mut ids: VecDeque<i64>) -> Result<Turned> {
        let Some(id) = ids.front().copied() else {
            sweep.enter(Stage::Balance);
            return Ok(Ok(true));
        };
        let (client, page) = (self.billing(), sweep.page.clone());
        let found = match client.transactions_of(id, page.as_deref()).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        self.good(System::ShipBob);
        let last = found.next.is_none();
        let turned = self.keep_billed(sweep, found, last.then_some(id)).await?;
        if let Ok(false) = turned {
            ids.pop_front();
            sweep.enter(Stage::OfInvoices(ids));
        }
        Ok(turned.map(|_| true))
    }

    /// A whole sweep is behind us: the cursor moves.
    async fn end_sweep(&self, sweep: &Sweep) -> Result<()> {
        let mut work = self.begin("billing.swept").await?;
        let before = swept(&mut work.txn, self).await?;
        let whole = if sweep.whole { sweep.began } else { before.whole };
        let seen = sweep.unreadable;
        let unreadable = if sweep.whole { seen } else { before.unreadable.max(seen) };
        let now = Swept { swept: sweep.began, whole, unreadable };
        let value = String::from_utf8_lossy(&encode(&now)?).into_owned();
        work.txn.cursor_put(&self.scope, CURSOR, &value, sweep.began).await?;
        if sweep.unreadable > before.unreadable {
            let why = format!(
                "{} entries of ShipBob's billing have no id or no amount and could not be kept; the invoice they stand on does not balance until ShipBob mends them.",
                sweep.unreadable
            );
            let entry = said(sweep.began, trail::ENGINE, "billing unreadable", why);
            work.txn.trail_append(&self.scope, vec![entry]).await?;
        }
        work.commit().await
    }
}

async fn swept(reader: &mut Reader, engine: &Engine) -> Result<Swept> {
    match reader.cursor(&engine.scope, CURSOR).await? {
        Some((text, _)) => decode(CURSOR, "", text.as_bytes()),
        None => Ok(Swept::default()),
    }
}

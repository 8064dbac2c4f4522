//! What both systems say of a day, read page by page with the reads the flows use. Nothing is stored.

use super::orders::Chunk;
use crate::billing::BILLING;
use crate::error::Result;
use crate::kept::decode;
use crate::parts::Engine;
use domain::flows::billing::{Invoice, Transaction};
use domain::flows::inventory::Judged;
use domain::operation::{Lane, System};
use domain::reconcile::{
    Asked, Day, Equation, InvoiceSeen, OrderSeen, ShelfSeen, Shelves, Typed, charges, orders,
};
use domain::request;
use domain::settings::Settings;
use domain::stock::{REPORT, StockReport};
use domain::time::{Span, Timestamp};
use shipbob::CallError;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use store::StockRow;

/// Orders of one day; a busier one says so.
const MOST_ORDERS: usize = 100_000;
/// Pages of one list: more is a paging bug of a vendor.
const MOST_PAGES: u32 = 2_000;
/// Rows of our own tables at a time.
const ROWS: usize = 1_000;
/// Dates of invoices are days of ShipBob's zone, which nobody names.
const DATES: Span = Span::days(1);

/// Whether there is more to read.
pub(super) enum Turn {
    /// A page was read.
    On,
    /// Not now.
    Wait,
    /// Everything is read.
    Done,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ours,
    Dynamics,
    Requests,
    Shipbob,
    Orders,
    Stock,
    Invoices,
    Charges,
    Done,
}

/// An order of the day before it is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// As it is written.
    pub(super) subject: String,
    /// When either system last changed it.
    pub(super) changed: Timestamp,
    /// ShipBob orders of it.
    pub(super) ids: BTreeSet<i64>,
}

/// A day under way.
pub(crate) struct Under {
    pub(super) asked: Asked,
    pub(super) zone: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) began: Timestamp,
    stage: Stage,
    cursors: dynamics::ChangeCursors,
    page: u32,
    after: String,
    token: Option<String>,
    /// By order number in lower case: F&O compares them so.
    pub(super) found: BTreeMap<String, Found>,
    waiting: VecDeque<Found>,
    pub(super) seen: Vec<OrderSeen>,
    typed: Vec<Typed>,
    takes_tracking: bool,
    shelves: Option<(Shelves, String)>,
    stock: Option<Equation>,
    open: VecDeque<Invoice>,
    lines: Vec<Transaction>,
    invoices: Vec<InvoiceSeen>,
    no_charges: Option<String>,
    pub(super) calls: (u64, u64),
    pub(super) gaps: Vec<String>,
}

impl Under {
    pub(super) fn new(
        asked: Asked,
        zone: String,
        (from, to): (Timestamp, Timestamp),
        began: Timestamp,
    ) -> Self {
        Self {
            asked,
            zone,
            from,
            to,
            began,
            stage: Stage::Ours,
            cursors: dynamics::ChangeCursors::start(from),
            page: 1,
            after: String::new(),
            token: None,
            found: BTreeMap::new(),
            waiting: VecDeque::new(),
            seen: Vec::new(),
            typed: Vec::new(),
            takes_tracking: true,
            shelves: None,
            stock: None,
            open: VecDeque::new(),
            lines: Vec::new(),
            invoices: Vec::new(),
            no_charges: None,
            calls: (0, 0),
            gaps: Vec::new(),
        }
    }

    fn enter(&mut self, stage: Stage) -> Turn {
        self.stage = stage;
        self.page = 1;
        self.after.clear();
        self.token = None;
        Turn::On
    }

    pub(super) fn looked_at(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }

    /// One more order of the day, or one more sign of it.
    fn add(&mut self, subject: &str, changed: Timestamp, id: Option<i64>) {
        let key = subject.to_lowercase();
        if !self.found.contains_key(&key) && self.found.len() >= MOST_ORDERS {
            let gap = format!("more than {MOST_ORDERS} orders of that day");
            if !self.gaps.contains(&gap) {
                self.gaps.push(gap);
            }
            return;
        }
        let one = self
            .found
            .entry(key)
            .or_insert_with(|| Found { subject: subject.to_owned(), ..Found::default() });
        one.changed = one.changed.max(changed);
        one.ids.extend(id);
    }

    /// Everything compared.
    pub(super) fn equations(&self, settings: &Settings) -> Vec<Equation> {
        let day = Day {
            now: self.began,
            not_slipped_after: settings.schedule.not_slipped_after,
            takes_tracking: self.takes_tracking,
        };
        let mut all = orders(&self.seen, &self.typed, day);
        match (&settings.inventory, &self.stock) {
            (None, _) => {
                all.push(Equation::not_compared("stock", "pieces", "the flow inventory is off"));
            }
            (Some(_), Some(stock)) => all.push(stock.clone()),
            (Some(_), None) => {
                let why =
                    "stock was not compared since that day began: run `ml-connector stock compare`";
                all.push(Equation::not_compared("stock", "pieces", why));
            }
        }
        match (&settings.billing, &self.no_charges) {
            (None, _) => {
                all.push(Equation::not_compared("charges", "none", "the flow billing is off"));
            }
            (Some(_), Some(why)) => all.push(Equation::not_compared("charges", "none", why)),
            (Some(billing), None) => all.extend(charges(&self.invoices, billing.taxes_on_top)),
        }
        all
    }
}

impl Engine {
    /// One page or batch.
    pub(super) async fn go_on(&self, under: &mut Under) -> Result<Turn> {
        match under.stage {
            Stage::Ours => self.day_of_ours(under).await,
            Stage::Dynamics => self.day_of_dynamics(under).await,
            Stage::Requests => self.day_of_requests(under).await,
            Stage::Shipbob => self.day_of_shipbob(under).await,
            Stage::Orders => self.day_of_orders(under).await,
            Stage::Stock => self.day_of_stock(under).await,
            Stage::Invoices => self.day_of_invoices(under).await,
            Stage::Charges => self.day_of_charges(under).await,
            Stage::Done => Ok(Turn::Done),
        }
    }

    /// Orders our own tables saw released, accepted or shipped on that day: a system may have lost one.
    async fn day_of_ours(&self, under: &mut Under) -> Result<Turn> {
        let window = (under.from, under.to);
        let mut reader = self.store.read().await?;
        let keys = reader.subjects_of_day(&self.scope, window, &under.after, ROWS).await?;
        drop(reader);
        for key in &keys {
            if domain::product::item_of(key).is_none() {
                under.add(key, Timestamp::MIN, None);
            }
        }
        match keys.last() {
            Some(last) if keys.len() == ROWS => {
                under.after.clone_from(last);
                Ok(Turn::On)
            }
            _ => Ok(under.enter(Stage::Dynamics)),
        }
    }

    /// Headers, lines and slips with a stamp of that day. What has changed again since is found on
    /// the day of its last change, so that no order falls between two days.
    async fn day_of_dynamics(&self, under: &mut Under) -> Result<Turn> {
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(Turn::Wait);
        }
        let now = self.now();
        let overlap = self.settings().schedule.overlap;
        let changes = match self.dynamics.changes(now, &under.cursors, overlap).await {
            Ok(changes) => changes,
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                return Ok(Turn::Wait);
            }
        };
        self.good(System::Dynamics);
        under.calls.0 += 1;
        if let Some((_, error)) = changes.trouble.first() {
            self.rest(System::Dynamics, error.clone().into())?;
            return Ok(Turn::Wait);
        }
        let mut inside = false;
        let (from, to) = (under.from, under.to);
        for row in changes.rows.iter().filter(|r| r.stamp >= from && r.stamp < to) {
            inside = true;
            under.add(row.order.as_str(), row.stamp, None);
        }
        // The overlap before the day brings rows that are older.
        let early = changes.rows.iter().any(|r| r.stamp < under.from);
        under.cursors = changes.cursors;
        under.page += 1;
        let past = !changes.rows.is_empty() && !inside && !early;
        if past || !changes.more || under.page > MOST_PAGES {
            return Ok(under.enter(Stage::Requests));
        }
        Ok(Turn::On)
    }

    /// Requests of externally managed warehouses have no stamp: the open ones are looked at.
    async fn day_of_requests(&self, under: &mut Under) -> Result<Turn> {
        if !self.settings().has_external() {
            return Ok(under.enter(Stage::Shipbob));
        }
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(Turn::Wait);
        }
        match self.dynamics.open_requests(self.now()).await {
            Ok(open) => {
                self.good(System::Dynamics);
                under.calls.0 += 1;
                for one in open.iter().filter(|r| r.waits) {
                    under.add(&request::subject(&one.id), Timestamp::MIN, None);
                }
                Ok(under.enter(Stage::Shipbob))
            }
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                Ok(Turn::Wait)
            }
        }
    }

    /// ShipBob orders of our channel that changed on that day.
    async fn day_of_shipbob(&self, under: &mut Under) -> Result<Turn> {
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(Turn::Wait);
        }
        let to = under.to - Span(1);
        let found = match self.shipbob.poll_orders(under.from, to, under.page).await {
            Ok(found) => found,
            Err(error) => {
                self.rest(System::ShipBob, error.into())?;
                return Ok(Turn::Wait);
            }
        };
        self.good(System::ShipBob);
        under.calls.1 += 1;
        if found.unreadable > 0 {
            under.gaps.push(format!("{} ShipBob order(s) cannot be read", found.unreadable));
        }
        for order in &found.orders {
            match self.subject_of(order) {
                Some(subject) => under.add(&subject, order.last_update(), Some(order.id.0)),
                None => under.typed.push(Typed {
                    id: order.id.0,
                    reference: order.reference.as_str().to_owned(),
                    cancelled: order.cancelled(),
                }),
            }
        }
        under.page += 1;
        if found.more && under.page <= MOST_PAGES {
            return Ok(Turn::On);
        }
        under.typed.sort_by_key(|t| t.id);
        under.typed.dedup_by_key(|t| t.id);
        under.waiting = std::mem::take(&mut under.found).into_values().collect();
        Ok(under.enter(Stage::Orders))
    }

    /// Both sides of some orders, read anew.
    async fn day_of_orders(&self, under: &mut Under) -> Result<Turn> {
        let taken = under.waiting.len().min(Chunk::SIZE);
        let chunk: Vec<Found> = under.waiting.iter().take(taken).cloned().collect();
        if chunk.is_empty() {
            return Ok(under.enter(Stage::Stock));
        }
        let Some(read) = self.read_chunk(chunk).await? else { return Ok(Turn::Wait) };
        under.waiting.drain(..taken);
        under.takes_tracking &= read.takes_tracking;
        under.calls = (under.calls.0 + read.calls.0, under.calls.1 + read.calls.1);
        under.seen.extend(read.seen);
        under.gaps.extend(read.gaps);
        Ok(Turn::On)
    }

    /// Stock as the nightly comparison left it: it asked both systems for every shelf.
    async fn day_of_stock(&self, under: &mut Under) -> Result<Turn> {
        if self.settings().inventory.is_none() {
            return Ok(under.enter(Stage::Invoices));
        }
        let mut reader = self.store.read().await?;
        let mut shelves = match under.shelves.take() {
            Some(shelves) => shelves,
            None => {
                let keys = [String::new()];
                let rows = reader.observations(&self.scope, REPORT, &keys).await?;
                let body = rows.into_iter().next().and_then(|row| row.body);
                let report: Option<StockReport> =
                    body.map(|body| decode(REPORT, "", &body)).transpose()?;
                let Some(report) = report.filter(|r| r.began >= under.from) else {
                    return Ok(under.enter(Stage::Invoices));
                };
                (Shelves::default(), format!(", as compared at {}", report.began))
            }
        };
        let rows = reader.stock_after(&self.scope, &under.after, ROWS).await?;
        drop(reader);
        let full = rows.len() == ROWS;
        // A page may end inside a SKU; the next one begins with all of it.
        let rows = store::whole_skus(rows, ROWS);
        let last = rows.last().map(|row| row.sku.clone());
        for row in rows {
            if let Some(shelf) = shelf(row) {
                shelves.0.add(&shelf);
            }
        }
        match last {
            Some(last) if full => {
                under.after = last;
                under.shelves = Some(shelves);
                Ok(Turn::On)
            }
            _ => {
                under.stock = Some(shelves.0.equation(&shelves.1));
                Ok(under.enter(Stage::Invoices))
            }
        }
    }

    /// Invoices with that date.
    async fn day_of_invoices(&self, under: &mut Under) -> Result<Turn> {
        if self.settings().billing.is_none() {
            return Ok(under.enter(Stage::Done));
        }
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(Turn::Wait);
        }
        let (from, to) = (under.from - DATES, under.to + DATES);
        let found = match self.billing().invoices(from, to, under.token.as_deref()).await {
            Ok(found) => found,
            Err(error) => return self.no_charges(under, error),
        };
        under.calls.1 += 1;
        under.page += 1;
        let day = under.asked.day.clone();
        let own = found.items.into_iter().filter(|i| i.date.is_some_and(|d| d.date() == day));
        under.open.extend(own);
        match found.next.filter(|_| under.page <= MOST_PAGES) {
            Some(token) => {
                under.token = Some(token);
                Ok(Turn::On)
            }
            None => Ok(under.enter(Stage::Charges)),
        }
    }

    /// What stands on each, as ShipBob says and as we have it.
    async fn day_of_charges(&self, under: &mut Under) -> Result<Turn> {
        let Some(invoice) = under.open.front().cloned() else {
            return Ok(under.enter(Stage::Done));
        };
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(Turn::Wait);
        }
        let token = under.token.clone();
        let found = match self.billing().transactions_of(invoice.id, token.as_deref()).await {
            Ok(found) => found,
            Err(error) => return self.no_charges(under, error),
        };
        under.calls.1 += 1;
        under.page += 1;
        if found.unreadable > 0 {
            let gap = format!("{} charge(s) of invoice {}", found.unreadable, invoice.id);
            under.gaps.push(gap);
        }
        under.lines.extend(found.items);
        if let Some(token) = found.next.filter(|_| under.page <= MOST_PAGES) {
            under.token = Some(token);
            return Ok(Turn::On);
        }
        let mut reader = self.store.read().await?;
        let rows = reader.billed_of_invoice(&self.scope, invoice.id).await?;
        drop(reader);
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            kept.push(decode("billing", &row.id, row.body.as_bytes())?);
        }
        let lines = std::mem::take(&mut under.lines);
        under.invoices.push(InvoiceSeen { invoice, lines, kept });
        under.open.pop_front();
        Ok(under.enter(Stage::Charges))
    }

    /// Billing that may not be read is said; one that does not answer now is asked again.
    fn no_charges(&self, under: &mut Under, error: CallError) -> Result<Turn> {
        let refused = match &error {
            CallError::NoAccess { why, .. } | CallError::Refused { why, .. } => Some(why.clone()),
            _ => None,
        };
        self.rest_aside(&BILLING, error)?;
        let Some(why) = refused else { return Ok(Turn::Wait) };
        under.no_charges = Some(format!("ShipBob's billing cannot be read: {why}"));
        Ok(under.enter(Stage::Done))
    }
}

fn shelf(row: StockRow) -> Option<ShelfSeen> {
    let judged: Judged = serde_json::from_str(&row.judged).ok()?;
    let on_hand = row.on_hand.unwrap_or_default();
    Some(ShelfSeen { sku: row.sku, centre: row.centre, on_hand, judged })
}

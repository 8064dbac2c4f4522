//! The flow *billing*: what ShipBob charged is read in sweeps, one page at a time, kept once per
//! transaction id, and brings the orders it belongs to back to the planner.
//!
//! A sweep reads the charges of a window of days, the invoices, and the transactions of those that
//! closed, changed or do not balance. Everything is safe to read again: a sweep that a crash or a
//! closed gate cut short begins anew or goes on, and the cursor moves only behind a whole one (I3).

use crate::error::{EngineError, Result};
use crate::kept::{decode, encode};
use crate::limits::LOOK_AGAIN;
use crate::parts::Engine;
use crate::tokens::said;
use crate::trail;
use crate::troubles::Kind;
use domain::flows::billing::{Balance, Invoice, Tie, Transaction, balance, told_numbers};
use domain::operation::{Flow, Lane, System};
use domain::plan::{OrderFacts, SeenOrder};
use domain::sales::OrderRead;
use domain::settings::Billing;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use shipbob::{BilledPage, CallError, ShipBob};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use store::{BilledRow, InvoiceRow, Reader, TrailEntry, normal_number};

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
/// A token that may not read bills is tried again after this.
const REFUSED_AGAIN: Span = Span::minutes(15);
/// What the trail calls it.
const BILLING: &str = "ShipBob's billing";
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
                    self.remember().billing_due = due;
                    return Ok(true);
                }
                Err(error) => {
                    // A list that cannot be paged is read anew.
                    let again =
                        !matches!(error, CallError::Malformed { .. } | CallError::Refused { .. });
                    let until = self.billing_rests(error)?;
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
    fn billing(&self) -> ShipBob {
        self.remember().billing.clone().unwrap_or_else(|| self.shipbob.clone())
    }

    /// Leaves ShipBob's billing alone for a while. Orders go on: a token without `billing_read`, or
    /// billing that does not answer, is nobody else's trouble.
    fn billing_rests(&self, error: CallError) -> Result<Timestamp> {
        let now = self.now();
        Ok(match error {
            CallError::Crashed => return Err(EngineError::Crashed),
            CallError::GateClosed { until } => until,
            CallError::Throttled { .. } => self.rest(System::ShipBob, error.into())?,
            CallError::NoAccess { why, .. } => {
                let why = format!(
                    "{why}. Billing needs a token with billing_read: `ml-connector connect shipbob --billing`. Orders are not concerned"
                );
                tracing::warn!(why, "billing.no_access");
                self.troubled(Kind::NoAccess, BILLING, &why);
                now + REFUSED_AGAIN
            }
            CallError::Unavailable { why }
            | CallError::Refused { why, .. }
            | CallError::Malformed { why } => {
                tracing::info!(why, "billing.away");
                self.troubled(Kind::Away, BILLING, &why);
                now + LOOK_AGAIN
            }
        })
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

    /// Keeps a page of transactions and turns the page. What changed is told in the trail of its
    /// order, its order is planned again, and the invoices it came to or left are balanced again.
    async fn keep_billed(
        &self,
        sweep: &mut Sweep,
        found: BilledPage<Transaction>,
        whole_invoice: Option<i64>,
    ) -> Result<Turned> {
        let now = self.now();
        sweep.unreadable += found.unreadable;
        let ids: Vec<String> = found.items.iter().map(|t| t.id.clone()).collect();
        let known = transactions(&self.store.read().await?.billed(&self.scope, &ids).await?)?;
        let known: HashMap<&str, &Transaction> = known.iter().map(|t| (t.id.as_str(), t)).collect();
        let news: Vec<&Transaction> =
            found.items.iter().filter(|t| known.get(t.id.as_str()) != Some(t)).collect();
        let subjects = self.subjects_of(&news).await?;
        let mut entries = Vec::new();
        let mut touched = BTreeSet::new();
        for one in &news {
            let before = known.get(one.id.as_str()).copied();
            touched.extend(one.invoice);
            touched.extend(before.and_then(|t| t.invoice));
            let subject = subjects.get(one.id.as_str());
            entries.extend(told(now, one, before, subject.map(String::as_str)));
        }
        if !news.is_empty() || whole_invoice.is_some() {
            let mut work = self.begin("billing.transactions").await?;
            let rows = news.iter().map(|t| billed_row(t)).collect::<Result<_>>()?;
            work.txn.billed_put(&self.scope, rows, now).await?;
            work.txn.invoices_touched(&self.scope, &touched).await?;
            if let Some(id) = whole_invoice {
                work.txn.invoice_read(&self.scope, id, sweep.began).await?;
            }
            work.txn.trail_append(&self.scope, entries).await?;
            let lane = Lane::Fulfilment as i64;
            let subjects: BTreeSet<String> = subjects.into_values().collect();
            work.txn.subjects_mark(&self.scope, subjects.into_iter().collect(), lane, now).await?;
            work.commit().await?;
        }
        Ok(sweep.turn(found.next))
    }

    /// The orders these belong to, by transaction id.
    async fn subjects_of(&self, all: &[&Transaction]) -> Result<HashMap<String, String>> {
        let numbers: Vec<(&'static str, String)> =
            all.iter().filter_map(|t| number_of(t)).collect();
        if numbers.is_empty() {
            return Ok(HashMap::new());
        }
        let mut reader = self.store.read().await?;
        let found = reader.subjects_of_numbers(&self.scope, &numbers).await?;
        let by_number: BTreeMap<(String, String), String> =
            found.into_iter().map(|(kind, number, subject)| ((kind, number), subject)).collect();
        let subject = |t: &&Transaction| {
            let (kind, number) = number_of(t)?;
            let subject = by_number.get(&(kind.to_owned(), normal_number(&number)))?;
            Some((t.id.clone(), subject.clone()))
        };
        Ok(all.iter().filter_map(subject).collect())
    }

    async fn keep_invoices(&self, found: &[Invoice]) -> Result<()> {
        let ids: Vec<i64> = found.iter().map(|i| i.id).collect();
        let known = self.store.read().await?.invoices(&self.scope, &ids).await?;
        let known: HashMap<i64, Invoice> = known
            .into_iter()
            .map(|row| Ok((row.id, decode("invoice", "", row.body.as_bytes())?)))
            .collect::<Result<_>>()?;
        let news: Vec<&Invoice> = found.iter().filter(|i| known.get(&i.id) != Some(i)).collect();
        if news.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let mut rows = Vec::with_capacity(news.len());
        let mut entries = Vec::new();
        for one in news {
            rows.push(invoice_row(one)?);
            if let Some(before) = known.get(&one.id).filter(|b| b.amount != one.amount) {
                let why = format!(
                    "ShipBob's invoice {} changed from {} to {} {}; its transactions are read again.",
                    one.id,
                    before.amount.normalize(),
                    one.amount.normalize(),
                    one.currency
                );
                entries.push(said(now, trail::ENGINE, "invoice changed", why));
            }
        }
        let mut work = self.begin("billing.invoices").await?;
        work.txn.invoices_put(&self.scope, rows, now).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        work.commit().await
    }

    /// New or changed invoices, those whose second look is due, and what does not balance.
    async fn invoices_to_read(&self, from: Timestamp, settings: &Billing) -> Result<VecDeque<i64>> {
        let now = self.now();
        let mut reader = self.store.read().await?;
        let rows = reader.invoices_since(&self.scope, from, INVOICES).await?;
        let wanted = |row: &&InvoiceRow| {
            let Some(read) = row.read else { return true };
            let second = row.dated + Span::days(settings.recheck_days);
            read < row.changed
                || (now >= second && read < second)
                || (!row.balanced && now.since(read) >= DAILY)
        };
        Ok(rows.iter().filter(wanted).map(|row| row.id).collect())
    }

    /// Adds up what is not known to balance; false when there is nothing left.
    async fn balance_some(&self, settings: &Billing) -> Result<bool> {
        let mut reader = self.store.read().await?;
        let rows = reader.invoices_to_balance(&self.scope, BALANCED_AT_ONCE).await?;
        if rows.is_empty() {
            return Ok(false);
        }
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let invoice: Invoice = decode("invoice", "", row.body.as_bytes())?;
            let all = reader.billed_of_invoice(&self.scope, row.id).await?;
            let balance = balance(&invoice, &transactions(&all)?, settings.taxes_on_top);
            found.push((row, invoice, balance));
        }
        drop(reader);
        let now = self.now();
        let mut entries = Vec::new();
        let mut work = self.begin("billing.balance").await?;
        for (row, invoice, balance) in found {
            let text = String::from_utf8_lossy(&encode(&balance)?).into_owned();
            let balanced = balance.balanced();
            if row.balance.is_empty() || row.balanced != balanced {
                entries.push(said(
                    now,
                    trail::ENGINE,
                    "invoice added up",
                    words(&invoice, &balance),
                ));
            }
            work.txn.invoice_balance(&self.scope, row.id, balanced, text).await?;
        }
        work.txn.trail_append(&self.scope, entries).await?;
        work.commit().await?;
        Ok(true)
    }

    /// What ShipBob charged for these subjects: by the ids of their shipments and by every tracking
    /// number these ever had.
    pub(crate) async fn load_charges(
        &self,
        reader: &mut Reader,
        warehouse: &HashMap<String, Vec<SeenOrder>>,
        sales: &HashMap<String, OrderRead>,
    ) -> Result<HashMap<String, Vec<Transaction>>> {
        if self.settings().billing.is_none() {
            return Ok(HashMap::new());
        }
        let mut owners: BTreeMap<(&'static str, String), &str> = BTreeMap::new();
        for (subject, orders) in warehouse {
            let shipments = || orders.iter().flat_map(|o| &o.order.shipments);
            for shipment in shipments() {
                let id = normal_number(&shipment.id.to_string());
                owners.insert((Tie::Shipment.word(), id), subject);
                if let Some(number) = shipment.number() {
                    owners.insert((Tie::Order.word(), normal_number(number)), subject);
                }
            }
            let order = sales.get(subject).and_then(|read| read.order.as_ref());
            for number in order.map(told_numbers).unwrap_or_default() {
                owners.insert((Tie::Order.word(), normal_number(&number)), subject);
            }
        }
        let ties: Vec<(&'static str, String)> = owners.keys().cloned().collect();
        let rows = reader.billed_tied(&self.scope, &ties).await?;
        let mut found: HashMap<String, Vec<Transaction>> = HashMap::new();
        for row in rows {
            let tie = [Tie::Shipment, Tie::Order].into_iter().find(|tie| tie.word() == row.tie);
            let Some(tie) = tie else { continue };
            if let Some(subject) = owners.get(&(tie.word(), row.key.clone())) {
                let one = decode("transaction", &row.id, row.body.as_bytes())?;
                found.entry((*subject).to_owned()).or_default().push(one);
            }
        }
        for charges in found.values_mut() {
            charges.sort();
        }
        Ok(found)
    }
}

async fn swept(reader: &mut Reader, engine: &Engine) -> Result<Swept> {
    match reader.cursor(&engine.scope, CURSOR).await? {
        Some((text, _)) => decode(CURSOR, "", text.as_bytes()),
        None => Ok(Swept::default()),
    }
}

/// What a person searches a transaction's order by, and the number that says it.
fn number_of(one: &Transaction) -> Option<(&'static str, String)> {
    match one.tie() {
        Tie::Shipment => Some(("shipment", one.reference.clone())),
        Tie::Order => Some(("tracking", one.tracking.clone())),
        _ => None,
    }
}

fn billed_row(one: &Transaction) -> Result<BilledRow> {
    let tie = one.tie();
    Ok(BilledRow {
        id: one.id.clone(),
        invoice: one.invoice,
        tie: tie.word().to_owned(),
        key: if tie == Tie::Order { one.tracking.clone() } else { one.reference.clone() },
        charged: one.charged.unwrap_or(Timestamp::MIN),
        body: String::from_utf8_lossy(&encode(one)?).into_owned(),
    })
}

fn invoice_row(one: &Invoice) -> Result<InvoiceRow> {
    Ok(InvoiceRow {
        id: one.id,
        dated: one.date.unwrap_or(Timestamp::MIN),
        body: String::from_utf8_lossy(&encode(one)?).into_owned(),
        changed: Timestamp::MIN,
        read: None,
        balanced: false,
        balance: String::new(),
    })
}

fn transactions(rows: &[BilledRow]) -> Result<Vec<Transaction>> {
    rows.iter().map(|row| decode("transaction", &row.id, row.body.as_bytes())).collect()
}

/// What the trail says of one transaction. That its week closed is told by its invoice.
fn told(
    now: Timestamp,
    one: &Transaction,
    before: Option<&Transaction>,
    subject: Option<&str>,
) -> Option<TrailEntry> {
    let sum = |t: &Transaction| format!("{} {}", t.amount.normalize(), t.currency);
    let name = format!("{} of {} {}", one.fee, one.reference_type, one.reference);
    let (what, why) = match before {
        None => {
            // What belongs to no order is told by its invoice.
            subject?;
            ("charged", format!("ShipBob: {} {}, {name}.", one.kind, sum(one)))
        }
        Some(old) if old.amount != one.amount || old.currency != one.currency => {
            ("charge changed", format!("ShipBob: {} instead of {}, {name}.", sum(one), sum(old)))
        }
        Some(old) if old.invoice.is_some() && old.invoice != one.invoice => {
            let place =
                |id: Option<i64>| id.map_or("no invoice".to_owned(), |i| format!("invoice {i}"));
            let (from, to) = (place(old.invoice), place(one.invoice));
            ("charge moved", format!("ShipBob: {name} moved from {from} to {to}."))
        }
        Some(_) => return None,
    };
    Some(match subject {
        Some(subject) => trail::entry(now, trail::ENGINE, what, subject, why),
        None => said(now, trail::ENGINE, what, why),
    })
}

fn words(invoice: &Invoice, balance: &Balance) -> String {
    let Invoice { id, currency, amount, .. } = invoice;
    let (amount, sum) = (amount.normalize(), balance.sum.normalize());
    if balance.balanced() {
        return format!(
            "ShipBob's invoice {id} over {amount} {currency}: its {} transactions add up to it.",
            balance.lines
        );
    }
    let foreign = match balance.foreign.len() {
        0 => String::new(),
        n => format!(" {n} transaction(s) on it are in another currency."),
    };
    let taxes = if balance.taxes_explain_it {
        " The difference is exactly the taxes: turn billing.taxes_on_top over."
    } else {
        ""
    };
    format!(
        "ShipBob's invoice {id} over {amount} {currency}: its {} transactions add up to {sum}, which differs by {}.{foreign}{taxes} It is read again every day; the page Finance itemises it.",
        balance.lines,
        balance.difference.normalize()
    )
}

/// The rows of costs a plan asks for.
pub(crate) fn cost_rows(subject: &str, plan: &domain::plan::Plan) -> Result<Vec<store::CostRow>> {
    plan.costs
        .iter()
        .map(|cost| {
            Ok(store::CostRow {
                shipment: cost.shipment.0,
                subject: subject.to_owned(),
                listed: !cost.findings.is_empty(),
                closed: cost.closed.map(|c| c.name().to_owned()).unwrap_or_default(),
                body: String::from_utf8_lossy(&encode(cost)?).into_owned(),
                since: Timestamp::MIN,
            })
        })
        .collect()
}

/// Transaction ids as numbers a person may search by.
pub(crate) fn searched(facts: &OrderFacts) -> impl Iterator<Item = String> + '_ {
    facts.charges.iter().map(|t| t.id.clone())
}

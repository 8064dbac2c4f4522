//! The stock run: once a night, or when a person asks, both systems are read in pages, the history of the shelves is
//! caught up with, and everything is compared in pages. Where it stands is kept with every page, so that a crash costs
//! one page. Nothing is held in memory but the page.

mod adjustments;
mod answers;
mod available;
mod compare;
mod draft;
mod journals;
mod judge;
mod lots;
mod read;

pub(crate) use answers::refused_lines;
pub(crate) use read::on_hand_page;

use crate::error::Result;
use crate::kept::{decode, plain};
use crate::parts::{Engine, Work};
use crate::trail;
use domain::flows::inventory::{TELLING, Telling};
use domain::ids::CentreId;
use domain::operation::Flow;
use domain::stock::{Inventory, Mode, OnHand, REPORT, StockReport};
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use store::Observation;

/// Kind of the document that says where the run stands.
const RUN: &str = "stock.run";
/// What both systems show may be older than it looks by so much: levels follow an order after about a minute.
const LAG: Span = Span::minutes(2);
/// After the last page, until the history and the orders have caught up with it.
const SETTLE: Span = Span::minutes(3);
/// A snapshot that could not be compared by then is refused, and a new one is taken.
const STALE: Span = Span::hours(1);

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Phase {
    Items,
    Lots,
    Levels,
    OnHand,
    History,
    Compare,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Its number: when it began, in seconds.
    id: i64,
    began: Timestamp,
    phase: Phase,
    /// Next page of the list under way.
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    mark: Option<shipbob::PageMark>,
    /// The last product of a page of on-hand by status: it may go on on the next page.
    #[serde(default)]
    carry: Option<OnHand>,
    /// Which warehouse, in the order of the settings.
    place: usize,
    /// When the first and the last level or on-hand was read.
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// Last SKU compared.
    after: String,
    /// Pieces in centres that are mapped to no warehouse.
    elsewhere: i64,
    skus: u64,
    /// Mapped centres that were closed at any moment of the run: their warehouses are not compared.
    #[serde(default)]
    closed: BTreeSet<CentreId>,
}

/// SKU → what orders that have not left the shelf deducted in F&O already: subject, centre, pieces.
pub(crate) type Early = HashMap<String, Vec<(String, i64, i64)>>;

/// What is only worth remembering while the process lives.
#[derive(Default)]
pub(crate) struct StockMemory {
    loaded: bool,
    run: Option<Run>,
    /// When the next one begins.
    due: Timestamp,
    pub(crate) asked: bool,
    early: Option<Arc<Early>>,
    /// What stands in open journals, while a run compares.
    counted: Option<Arc<draft::Counted>>,
    pub(crate) journals_due: Option<Timestamp>,
    /// How far available quantities are told.
    telling: Option<Telling>,
    telling_due: Option<Timestamp>,
    writing: bool,
}

impl StockMemory {
    /// A comparison is under way.
    pub(crate) fn is_running(&self) -> bool {
        self.run.is_some()
    }

    /// When the next comparison begins; none before that was read.
    pub(crate) fn next_run(&self) -> Option<Timestamp> {
        let due = if self.asked { Timestamp::MIN } else { self.due };
        (self.loaded || self.asked).then_some(due)
    }

    /// Where the run stands and when the next one begins is read anew; one that was under way
    /// begins again, because it goes through the warehouses by their number.
    pub(crate) fn settings_changed(&mut self) {
        self.loaded = false;
        self.asked |= self.run.is_some();
    }
}

/// No run is under way.
pub(crate) fn no_run(now: Timestamp) -> Result<Observation> {
    plain(RUN, "", now, &None::<Run>)
}

impl Engine {
    /// One page of the run, and journals; false when there was nothing to do now.
    pub(crate) async fn stock(&self) -> Result<bool> {
        let settings = self.settings();
        let Some(inventory) = settings.inventory.clone() else { return Ok(false) };
        if self.flow_paused(Flow::Inventory) {
            return Ok(false);
        }
        {
            let memory = self.remember();
            if memory.paused || memory.unfit || memory.fo.is_none() || memory.sb.is_none() {
                return Ok(false);
            }
        }
        if !self.remember().stock.loaded {
            self.load_run(&inventory).await?;
        }
        let mut worked = self.stock_run(&inventory).await?;
        if inventory.mode != Mode::Report {
            worked |= self.journals(&inventory).await?;
        }
        worked |= self.tell_available(&inventory).await?;
        Ok(worked)
    }

    async fn load_run(&self, inventory: &Inventory) -> Result<()> {
        let keys = [String::new()];
        let mut reader = self.store.read().await?;
        let run = reader.observations(&self.scope, RUN, &keys).await?;
        let report = reader.observations(&self.scope, REPORT, &keys).await?;
        let telling = reader.observations(&self.scope, TELLING, &keys).await?;
        drop(reader);
        let body = |rows: Vec<Observation>| rows.into_iter().next().and_then(|row| row.body);
        let run: Option<Run> = match body(run) {
            Some(body) => decode::<Option<Run>>(RUN, "", &body)?,
            None => None,
        };
        let last: Option<StockReport> =
            body(report).map(|body| decode(REPORT, "", &body)).transpose()?;
        let telling: Option<Telling> =
            body(telling).map(|body| decode(TELLING, "", &body)).transpose()?;
        let due = last.map_or(Timestamp::MIN, |last| self.stock_after(inventory, last.began));
        let mut memory = self.remember();
        memory.stock.due = due;
        memory.stock.run = run;
        memory.stock.telling = telling;
        memory.stock.telling_due = None;
        memory.stock.journals_due = Some(Timestamp::MIN);
        memory.stock.loaded = true;
        Ok(())
    }

    async fn stock_run(&self, inventory: &Inventory) -> Result<bool> {
        let now = self.now();
        let put_off = self.quiet_until(Flow::Inventory);
        let run = {
            let mut memory = self.remember();
            let asked = std::mem::take(&mut memory.stock.asked);
            match memory.stock.run.clone() {
                Some(run) => run,
                None if !asked && now >= memory.stock.due && put_off.is_some() => {
                    memory.stock.due = put_off.unwrap_or(now);
                    return Ok(false);
                }
                None if asked || now >= memory.stock.due => {
                    memory.stock.early = None;
                    memory.stock.counted = None;
                    let run = Run {
                        id: now.0 / 1_000_000,
                        began: now,
                        phase: Phase::Items,
                        link: None,
                        mark: None,
                        carry: None,
                        place: 0,
                        first: None,
                        last: None,
                        after: String::new(),
                        elsewhere: 0,
                        skus: 0,
                        closed: BTreeSet::new(),
                    };
                    memory.stock.run = Some(run.clone());
                    run
                }
                None => return Ok(false),
            }
        };
        if run.last.is_some_and(|last| now.since(last) > STALE) {
            return self.refuse_snapshot(&run).await;
        }
        let run = self.without_closed(run);
        match run.phase {
            Phase::Items => self.read_items(run).await,
            Phase::Lots => self.read_lots(run).await,
            Phase::Levels => self.read_levels(run).await,
            Phase::OnHand => self.read_on_hand(run).await,
            Phase::History => self.read_history(run).await,
            Phase::Compare => self.compare_page(run, inventory).await,
        }
    }

    /// What a closed centre shows is not believed, nor is it asked for its history; kept with the
    /// run, since one that opens halfway has not told what happened before.
    fn without_closed(&self, mut run: Run) -> Run {
        run.closed.extend(self.closed_centres());
        run
    }

    fn closed_centres(&self) -> BTreeSet<CentreId> {
        let settings = self.settings();
        let memory = self.remember();
        memory.sb.as_ref().map(|sb| sb.closed(&settings)).unwrap_or_default()
    }

    async fn refuse_snapshot(&self, run: &Run) -> Result<bool> {
        let now = self.now();
        let mut work = self.begin("stock.stale").await?;
        let why = format!(
            "The stock read at {} could not be compared within {} minutes: it is refused and read again.",
            run.began.to_rfc3339_seconds(),
            STALE.as_seconds() / 60
        );
        let entry = trail::entry(now, trail::ENGINE, "stock is stale", "", why);
        let entry = store::TrailEntry { subject: None, ..entry };
        work.txn.trail_append(&self.scope, vec![entry]).await?;
        self.keep_run(&mut work, None).await?;
        work.commit().await?;
        let mut memory = self.remember();
        memory.stock.run = None;
        memory.stock.asked = true;
        Ok(true)
    }

    /// Keeps where the run stands, in the transaction that stores the page.
    async fn keep_run(&self, work: &mut Work<'_>, run: Option<&Run>) -> Result<()> {
        let row = plain(RUN, "", self.now(), &run)?;
        work.txn.observations_put(&self.scope, vec![row]).await?;
        Ok(())
    }

    fn at(&self, run: Run) {
        self.remember().stock.run = Some(run);
    }

    /// A run is under way, or a journal is being written.
    pub(crate) fn stock_busy(&self) -> bool {
        if self.settings().inventory.is_none() {
            return false;
        }
        let telling = self.telling_due().is_some();
        let memory = self.remember();
        let paused = memory.paused || memory.pauses.stops(Flow::Inventory);
        let on = !paused && !memory.unfit && memory.stock.loaded;
        on && (memory.stock.run.is_some()
            || memory.stock.asked
            || memory.stock.writing
            || telling
            || memory.stock.due <= self.now())
    }

    /// When stock is compared again after a comparison that began then.
    fn stock_after(&self, inventory: &Inventory, began: Timestamp) -> Timestamp {
        let plain = inventory.next_after(began).since(began);
        self.run_after(Flow::Inventory, began, plain)
    }

    /// When something about stock is due.
    pub(crate) fn stock_due(&self) -> Option<Timestamp> {
        let counts = self.settings().inventory.as_ref()?.mode != Mode::Report;
        let telling = self.telling_due();
        let now = self.now();
        let memory = self.remember();
        let paused = memory.paused || memory.pauses.stops(Flow::Inventory);
        if paused || memory.unfit || !memory.stock.loaded {
            return None;
        }
        let run = match &memory.stock.run {
            Some(run) if run.phase == Phase::History => {
                run.last.map(|last| (last + SETTLE).max(now + Span::seconds(5)))
            }
            Some(_) => Some(now + Span::seconds(1)),
            None if memory.stock.asked => Some(now),
            None => Some(memory.stock.due),
        };
        run.into_iter().chain(memory.stock.journals_due.filter(|_| counts)).chain(telling).min()
    }
}

/// Warehouse of each centre.
pub(crate) fn centres(settings: &domain::settings::Settings) -> BTreeMap<i64, String> {
    let of = |m: &domain::settings::WarehouseMap| {
        let name = m.warehouse.as_str().to_owned();
        let centres: Vec<i64> = m.mapping.centres().map(|centre| centre.0).collect();
        centres.into_iter().map(move |centre| (centre, name.clone()))
    };
    settings.warehouses.iter().flat_map(of).collect()
}

//! What comes into ShipBob's centres: returns and receiving orders, looked at one page at a time and kept once per id; a
//! return brings the order it belongs to back to the planner.
//!
//! Neither list can be asked for what changed. A look reads what was made and what was done since the last one, and by id
//! everything that is still open and was not in either: a cancelled or a late one is in no window. Everything is safe to
//! read again, and the cursor moves only behind a whole look (I3).

mod rows;

use crate::aside::Aside;
use crate::error::Result;
use crate::kept::{decode, encode};
use crate::parts::Engine;
use crate::trail;
use domain::inbound::{Kind, Return, Returns, by_shipment, by_tracking};
use domain::operation::{Flow, Lane, System};
use domain::plan::SeenOrder;
use domain::sales::OrderRead;
use domain::time::{Span, Timestamp};
use rows::{Entry, received, returned};
use serde::{Deserialize, Serialize};
use shipbob::{CallError, INBOUND_IDS, Inbound};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{InboundRow, Reader, Signal, TrailEntry};

/// How far looks got.
const CURSOR: &str = "sb.inbound";
/// A list may lag, and ShipBob's clock is not ours: what was made so shortly before the last look is read again.
const OVERLAP: Span = Span::days(1);
/// Pages of one list; more is a paging bug of the vendor.
const MOST_PAGES: u32 = 5_000;
/// Pages in one pass.
const AT_ONCE: usize = 4;
/// Webhooks read in one call: no page is known to be shorter.
const HINTS: usize = 25;
const INBOUND: Aside = Aside {
    flow: Flow::Returns,
    what: "ShipBob's returns and receiving orders",
    needs: "Reading them needs a token with returns_read and receiving_read",
};

/// What is kept of the looks at one kind.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
struct Looked {
    /// The last whole one began then.
    at: Timestamp,
    /// Entries of it that could not be read.
    unreadable: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Created,
    Completed,
    /// Open ones by id; those up to here were asked for.
    Open(i64),
}

/// A look under way.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    kind: Kind,
    stage: Stage,
    page: u32,
    /// Ids asked for now, in the last stage.
    ids: Vec<i64>,
    began: Timestamp,
    from: Timestamp,
    seen: BTreeSet<i64>,
    /// Ids of the last page of the present list.
    last: Vec<i64>,
    unreadable: u32,
}

/// A page of either kind, as it is kept.
struct Page {
    rows: Vec<Entry>,
    unreadable: u32,
    more: bool,
}

impl Engine {
    /// Looks at returns and receiving orders when that is due; false when there was nothing to do.
    pub(crate) async fn poll_inbound(&self) -> Result<bool> {
        let settings = self.settings();
        let Some(settings) = &settings.returns else { return Ok(false) };
        let now = self.now();
        if self.flow_paused(Flow::Returns) || now < self.remember().inbound_due {
            return Ok(false);
        }
        let under_way = self.remember().inbound.take();
        let mut look = match under_way {
            Some(look) => look,
            None => self.new_look(Kind::Return, now, settings).await?,
        };
        let mut worked = false;
        for _ in 0..AT_ONCE {
            if matches!(look.stage, Stage::Open(_)) && look.ids.is_empty() {
                self.next_open(&mut look, settings).await?;
            }
            if matches!(look.stage, Stage::Open(_)) && look.ids.is_empty() {
                self.end_look(&look).await?;
                worked = true;
                if look.kind == Kind::Return && settings.receiving {
                    look = self.new_look(Kind::Receiving, now, settings).await?;
                    continue;
                }
                self.flow_went_well(Flow::Returns);
                self.remember().inbound_due = look.began + settings.every();
                return Ok(true);
            }
            // A permission of the gate that is taken must be used: nothing to ask, nothing taken.
            if !self.may_read(System::ShipBob, Lane::Background) {
                let mut memory = self.remember();
                memory.inbound_due = now + Span::millis(500);
                memory.inbound = Some(look);
                return Ok(worked);
            }
            if let Err(error) = self.look_on(&mut look, settings).await? {
                let until = self.rest_aside(&INBOUND, error)?;
                let mut memory = self.remember();
                memory.inbound_due = until.max(now + Span::seconds(1));
                memory.inbound = Some(look);
                return Ok(worked);
            }
            worked = true;
        }
        // Orders come first: the next pass goes on.
        self.remember().inbound = Some(look);
        Ok(true)
    }

    async fn new_look(&self, kind: Kind, now: Timestamp, settings: &Returns) -> Result<Look> {
        let last = looked(&mut self.store.read().await?, self).await?;
        let first = now - Span::days(settings.since_days);
        let from = match last.get(kind.word()) {
            Some(last) => (last.at - OVERLAP).max(now - Span::days(settings.follow_days)),
            None => first,
        };
        Ok(Look {
            kind,
            stage: Stage::Created,
            page: 1,
            ids: Vec::new(),
            began: now,
            from,
            seen: BTreeSet::new(),
            last: Vec::new(),
            unreadable: 0,
        })
    }

    /// One page of the present list.
    async fn look_on(
        &self,
        look: &mut Look,
        settings: &Returns,
    ) -> Result<std::result::Result<(), CallError>> {
        // Fixed while we page; the vendor's clock may be ahead of ours.
        let to = look.began + OVERLAP;
        let which = match look.stage {
            Stage::Created => Inbound::Created(look.from, to),
            Stage::Completed => {
                let recheck = look.began - Span::days(settings.recheck_days);
                Inbound::Completed(look.from.min(recheck), to)
            }
            Stage::Open(_) => Inbound::Ids(&look.ids),
        };
        let page = match self.page_of(look.kind, which, look.page).await {
            Ok(page) => page,
            Err(error) => return Ok(Err(error)),
        };
        self.good(System::ShipBob);
        look.unreadable = look.unreadable.saturating_add(page.unreadable);
        let shown: Vec<i64> = page.rows.iter().map(|one| one.row.id).collect();
        look.seen.extend(&shown);
        // A page that comes again ends the list whatever it says of a next one.
        let fresh = shown != std::mem::replace(&mut look.last, shown.clone());
        let more = page.more && fresh && look.page < MOST_PAGES;
        self.keep_inbound(look.kind, page.rows).await?;
        if more {
            look.page += 1;
            return Ok(Ok(()));
        }
        look.page = 1;
        look.last.clear();
        look.stage = match look.stage {
            Stage::Created => Stage::Completed,
            Stage::Completed => Stage::Open(0),
            Stage::Open(at) => {
                look.ids.clear();
                Stage::Open(at)
            }
        };
        Ok(Ok(()))
    }

    /// The next open ones that this look has not seen.
    async fn next_open(&self, look: &mut Look, settings: &Returns) -> Result<()> {
        let Stage::Open(mut after) = look.stage else { return Ok(()) };
        let since = look.began - Span::days(settings.follow_days);
        let mut reader = self.store.read().await?;
        while look.ids.is_empty() {
            let kind = look.kind.word();
            let open = reader.inbound_open(&self.scope, kind, since, after, INBOUND_IDS).await?;
            let Some(last) = open.last() else { break };
            after = *last;
            look.ids = open.into_iter().filter(|id| !look.seen.contains(id)).collect();
        }
        look.stage = Stage::Open(after);
        Ok(())
    }

    async fn page_of(
        &self,
        kind: Kind,
        which: Inbound<'_>,
        page: u32,
    ) -> std::result::Result<Page, CallError> {
        let now = self.now();
        Ok(match kind {
            Kind::Return => {
                let found = self.shipbob.returns(which, page).await?;
                let rows = found.items.iter().filter_map(|one| returned(one, now)).collect();
                Page { rows, unreadable: found.unreadable, more: found.more }
            }
            Kind::Receiving => {
                let found = self.shipbob.receiving(which, page).await?;
                let rows = found.items.iter().filter_map(|one| received(one, now)).collect();
                Page { rows, unreadable: found.unreadable, more: found.more }
            }
        })
    }

    /// A whole look is behind us: the cursor moves.
    async fn end_look(&self, look: &Look) -> Result<()> {
        let mut work = self.begin("inbound.looked").await?;
        let mut all = looked(&mut work.txn, self).await?;
        let word = look.kind.word().to_owned();
        let now = Looked { at: look.began, unreadable: look.unreadable };
        let before = all.insert(word, now).unwrap_or_default();
        let value = String::from_utf8_lossy(&encode(&all)?).into_owned();
        work.txn.cursor_put(&self.scope, CURSOR, &value, look.began).await?;
        if look.unreadable > before.unreadable {
            let why = format!(
                "{} entries of ShipBob's list \"{}\" have no id or a shape that is not known; they are not shown.",
                look.unreadable,
                look.kind.word()
            );
            let entry = trail::entry(look.began, trail::ENGINE, "unreadable", "", why);
            let entry = TrailEntry { subject: None, ..entry };
            work.txn.trail_append(&self.scope, vec![entry]).await?;
        }
        work.commit().await
    }

    /// Keeps what changed, tells the trail of the order a return belongs to, and plans that order again.
    async fn keep_inbound(&self, kind: Kind, rows: Vec<Entry>) -> Result<()> {
        let now = self.now();
        let ids: Vec<i64> = rows.iter().map(|one| one.row.id).collect();
        let mut reader = self.store.read().await?;
        let known = reader.inbound(&self.scope, kind.word(), &ids).await?;
        let known: HashMap<i64, &InboundRow> = known.iter().map(|row| (row.id, row)).collect();
        let news = |one: &Entry| known.get(&one.row.id).is_none_or(|old| old.body != one.row.body);
        let rows: Vec<Entry> = rows.into_iter().filter(news).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let numbers: Vec<(&'static str, String)> =
            rows.iter().filter_map(|one| one.number.clone()).collect();
        let found = reader.subjects_of_numbers(&self.scope, &numbers).await?;
        drop(reader);
        let found: HashMap<(String, String), String> =
            found.into_iter().map(|(kind, number, subject)| ((kind, number), subject)).collect();
        let mut entries = Vec::new();
        let mut subjects = BTreeSet::new();
        for one in &rows {
            let Some((kind, number)) = &one.number else { continue };
            let at = ((*kind).to_owned(), store::normal_number(number));
            let Some(subject) = found.get(&at) else { continue };
            entries.push(trail::entry(now, trail::ENGINE, "returned", subject, one.told.clone()));
            subjects.insert(subject.clone());
        }
        let mut work = self.begin("inbound.keep").await?;
        let puts = rows.into_iter().map(|one| (one.row, one.shelves)).collect();
        work.txn.inbound_put(&self.scope, puts, now).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        let lane = Lane::Fulfilment as i64;
        work.txn.subjects_mark(&self.scope, subjects.into_iter().collect(), lane, now).await?;
        work.commit().await
    }

    /// Webhooks: the ones they name are read, all at once. What cannot be read now, or may not because of a pause, is read
    /// by the next look, which is due then; a new process looks at once.
    pub(crate) async fn gather_inbound(&self, kind: Kind, signals: Vec<Signal>) -> Result<bool> {
        let now = self.now();
        let oldest = signals.iter().map(|s| s.received_at).min().unwrap_or(now);
        if now < self.collect_until(oldest) {
            return Ok(false);
        }
        let mut wanted = match &self.settings().returns {
            Some(settings) => kind == Kind::Return || settings.receiving,
            None => false,
        };
        if wanted && self.flow_paused(Flow::Returns) {
            let mut memory = self.remember();
            // What was read of it before the pause is older than the webhook.
            (memory.inbound, memory.inbound_due) = (None, now);
            wanted = false;
        }
        let named = |s: &Signal| s.target_key.parse::<i64>().ok().filter(|id| *id > 0);
        let ids: BTreeSet<i64> = signals.iter().filter_map(named).collect();
        let ids: Vec<i64> = ids.into_iter().take(HINTS).collect();
        if wanted && ids.is_empty() {
            self.remember().inbound_due = now;
        }
        if wanted && !ids.is_empty() {
            if !self.may_read(System::ShipBob, Lane::Background) {
                return Ok(false);
            }
            match self.page_of(kind, Inbound::Ids(&ids), 1).await {
                Ok(page) => {
                    self.good(System::ShipBob);
                    self.keep_inbound(kind, page.rows).await?;
                }
                Err(error) => {
                    let until = self.rest_aside(&INBOUND, error)?;
                    let mut memory = self.remember();
                    // What was read of it may be older than the webhook.
                    memory.inbound = None;
                    memory.inbound_due = until;
                }
            }
        }
        let done =
            signals.iter().filter(|s| !wanted || named(s).is_none_or(|id| ids.contains(&id)));
        let done = done.map(|s| s.id).collect();
        let mut work = self.begin("inbound.hints").await?;
        work.txn.inbox_done(&self.scope, done, now).await?;
        work.commit().await?;
        Ok(true)
    }

    /// The returns of these subjects: by the ids of their shipments and by every tracking number these ever had.
    pub(crate) async fn load_returns(
        &self,
        reader: &mut Reader,
        warehouse: &HashMap<String, Vec<SeenOrder>>,
        sales: &HashMap<String, OrderRead>,
    ) -> Result<HashMap<String, Vec<Return>>> {
        if self.settings().returns.is_none() {
            return Ok(HashMap::new());
        }
        let mut owners: HashMap<String, &str> = HashMap::new();
        for (subject, orders) in warehouse {
            for shipment in orders.iter().flat_map(|o| &o.order.shipments) {
                owners.insert(by_shipment(shipment.id), subject);
                let number = shipment.number().and_then(by_tracking);
                owners.extend(number.map(|tie| (tie, subject.as_str())));
            }
            let order = sales.get(subject).and_then(|read| read.order.as_ref());
            let told = order.map(domain::flows::billing::told_numbers).unwrap_or_default();
            let told = told.iter().filter_map(|number| by_tracking(number));
            owners.extend(told.map(|tie| (tie, subject.as_str())));
        }
        let ties: BTreeSet<String> = owners.keys().cloned().collect();
        let mut found: HashMap<String, Vec<Return>> = HashMap::new();
        for row in reader.inbound_tied(&self.scope, &ties).await? {
            if let Some(subject) = owners.get(&row.tie) {
                let one = decode("return", &row.id.to_string(), row.body.as_bytes())?;
                found.entry((*subject).to_owned()).or_default().push(one);
            }
        }
        for returns in found.values_mut() {
            returns.sort_by_key(|one| one.id);
        }
        Ok(found)
    }
}

async fn looked(reader: &mut Reader, engine: &Engine) -> Result<BTreeMap<String, Looked>> {
    match reader.cursor(&engine.scope, CURSOR).await? {
        Some((text, _)) => decode(CURSOR, "", text.as_bytes()),
        None => Ok(BTreeMap::new()),
    }
}

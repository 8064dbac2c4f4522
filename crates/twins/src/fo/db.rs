//! The F&O database: rows and the indexes that make the hot reads cheap. Every change of an order or line goes
//! through `touch_…`, which moves the stamp, the record version and the indexes together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::external::{Request, Update};
use super::filter::{Expr, Literal};
use super::meta::{EntitySet, Row, Source};
use super::rows::{Line, Note, Order, Released, Slip, Tracking};
use super::value::{Cell, whole_second};

/// All tables.
pub(crate) struct Database {
    orders: Vec<Order>,
    /// Orders of another company, with numbers that exist here, too. Nobody may change them.
    foreign: Vec<Order>,
    by_number: HashMap<String, u32>,
    by_lot: HashMap<String, u32>,
    /// (stamp, record id, order).
    header_stamps: BTreeSet<(i64, i64, u32)>,
    /// (stamp, record id, order, line).
    line_stamps: BTreeSet<(i64, i64, u32, i32)>,
    /// (stamp, record id, order, line) of the warehouse's table.
    released_stamps: BTreeSet<(i64, i64, u32, i32)>,
    slips: Vec<Slip>,
    slips_of: HashMap<u32, Vec<usize>>,
    by_slip: HashMap<String, u32>,
    tracking: BTreeMap<i64, Tracking>,
    tracking_of: HashMap<u32, Vec<i64>>,
    notes: BTreeMap<i64, Note>,
    notes_of: HashMap<u32, Vec<i64>>,
    by_document: HashMap<Uuid, i64>,
    /// By id in lower case.
    requests: BTreeMap<String, Request>,
    requests_of: HashMap<u32, Vec<String>>,
    by_origin: HashMap<String, String>,
    updates: BTreeMap<String, Update>,
    pub(crate) plain: Vec<Vec<Vec<Cell>>>,
    next_rec: i64,
}

/// How the rows of a query are found before the filter is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everything of these orders, in this order.
    Orders(Vec<u32>),
    /// Rows stamped (or created) at or after this moment, oldest first.
    Since(i64),
    /// Rows with at least this record id, in order of ids.
    FromRecord(i64),
    /// Everything, oldest first.
    All,
}

/// What is needed to take one change back.
pub(crate) enum Undo {
    Order(Box<Order>),
    NoteInserted(i64),
    NoteDeleted(Box<Note>),
    NoteChanged(Box<Note>),
    TrackingInserted(i64),
    TrackingChanged(Box<Tracking>),
    Request(Box<Request>),
    UpdateInserted(String),
    /// The last row of a table without a row type.
    PlainInserted(usize),
    Update(Box<Update>),
}

impl Database {
    pub(crate) fn new(first_free_rec: i64, plain: Vec<Vec<Vec<Cell>>>) -> Self {
        Self {
            orders: Vec::new(),
            foreign: Vec::new(),
            by_number: HashMap::new(),
            by_lot: HashMap::new(),
            header_stamps: BTreeSet::new(),
            line_stamps: BTreeSet::new(),
            released_stamps: BTreeSet::new(),
            slips: Vec::new(),
            slips_of: HashMap::new(),
            by_slip: HashMap::new(),
            tracking: BTreeMap::new(),
            tracking_of: HashMap::new(),
            notes: BTreeMap::new(),
            notes_of: HashMap::new(),
            by_document: HashMap::new(),
            requests: BTreeMap::new(),
            requests_of: HashMap::new(),
            by_origin: HashMap::new(),
            updates: BTreeMap::new(),
            plain,
            next_rec: first_free_rec,
        }
    }

    /// A new record id.
    pub(crate) fn rec_id(&mut self) -> i64 {
        self.next_rec += 1;
        self.next_rec
    }

    pub(crate) fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// An order that is not deleted.
    pub(crate) fn order(&self, index: u32) -> Option<&Order> {
        self.orders.get(usize::try_from(index).ok()?).filter(|order| !order.deleted)
    }

    fn order_mut(&mut self, index: u32) -> Option<&mut Order> {
        self.orders.get_mut(usize::try_from(index).ok()?)
    }

    /// Letter case does not matter, as in F&O's database.
    pub(crate) fn find(&self, number: &str) -> Option<u32> {
        self.by_number.get(&number.to_lowercase()).copied()
    }

    /// Adds an order at the end; its `index` must be its place.
    pub(crate) fn insert_order(&mut self, order: Order) {
        self.by_number.insert(order.number.to_lowercase(), order.index);
        for line in &order.lines {
            self.by_lot.insert(line.lot.to_lowercase(), order.index);
        }
        self.stamp(&order);
        self.orders.push(order);
    }

    pub(crate) fn insert_foreign(&mut self, order: Order) {
        self.foreign.push(order);
    }

    fn stamp(&mut self, order: &Order) {
        self.header_stamps.insert((order.stamp, order.rec_id, order.index));
        for line in &order.lines {
            self.line_stamps.insert((line.stamp, line.rec_id, order.index, line.seq));
            if let Some(row) = &line.released {
                self.released_stamps.insert((row.stamp, row.rec_id, order.index, line.seq));
            }
        }
    }

    fn unstamp(&mut self, order: &Order) {
        self.header_stamps.remove(&(order.stamp, order.rec_id, order.index));
        for line in &order.lines {
            self.line_stamps.remove(&(line.stamp, line.rec_id, order.index, line.seq));
            if let Some(row) = &line.released {
                self.released_stamps.remove(&(row.stamp, row.rec_id, order.index, line.seq));
            }
        }
    }

    /// Changes the row of a line in the warehouse's table; neither the line nor the order moves.
    pub(crate) fn touch_released(
        &mut self,
        index: u32,
        seq: i32,
        clock: i64,
        change: impl FnOnce(&Line, &mut Released),
    ) {
        let stamp = whole_second(clock);
        let Some(line) = self
            .order_mut(index)
            .and_then(|order| order.lines.iter_mut().find(|line| line.seq == seq))
        else {
            return;
        };
        let old = line.released.as_ref().map(|row| (row.stamp, row.rec_id, index, seq));
        let mut row = line.released.take().unwrap_or(Released {
            quantity: rust_decimal::Decimal::ZERO,
            shown: rust_decimal::Decimal::ZERO,
            // A table of its own numbers its rows by itself.
            rec_id: line.rec_id + 40_000_000_000,
            rec_version: 0,
            stamp,
            created: stamp,
        });
        change(line, &mut row);
        row.stamp = stamp;
        row.rec_version += 1;
        let new = (row.stamp, row.rec_id, index, seq);
        line.released = Some(row);
        if let Some(old) = old {
            self.released_stamps.remove(&old);
        }
        self.released_stamps.insert(new);
    }

    /// Changes a header: new stamp (whole seconds), next record version.
    pub(crate) fn touch_order(&mut self, index: u32, clock: i64, change: impl FnOnce(&mut Order)) {
        let Some(order) = self.order_mut(index) else { return };
        let old = (order.stamp, order.rec_id, index);
        change(order);
        order.stamp = whole_second(clock);
        order.rec_version += 1;
        let new = (order.stamp, order.rec_id, index);
        self.header_stamps.remove(&old);
        self.header_stamps.insert(new);
    }

    /// Changes a line; the header's stamp stays.
    pub(crate) fn touch_line(
        &mut self,
        index: u32,
        seq: i32,
        clock: i64,
        change: impl FnOnce(&mut Line),
    ) {
        let Some(line) = self
            .order_mut(index)
            .and_then(|order| order.lines.iter_mut().find(|line| line.seq == seq))
        else {
            return;
        };
        let old = (line.stamp, line.rec_id, index, seq);
        change(line);
        line.stamp = whole_second(clock);
        line.rec_version += 1;
        let new = (line.stamp, line.rec_id, index, seq);
        self.line_stamps.remove(&old);
        self.line_stamps.insert(new);
    }

    /// Changes something nobody can see through the API (locks, counters).
    pub(crate) fn quietly(&mut self, index: u32, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.order_mut(index) {
            change(order);
        }
    }

    pub(crate) fn add_line(&mut self, index: u32, line: Line) {
        self.by_lot.insert(line.lot.to_lowercase(), index);
        self.line_stamps.insert((line.stamp, line.rec_id, index, line.seq));
        if let Some(order) = self.order_mut(index) {
            order.lines.push(line);
        }
    }

    /// Deletes an order with its lines: it is in no set and no cursor any more.
    pub(crate) fn delete_order(&mut self, index: u32) {
        let Some(order) = self.order(index).cloned() else { return };
        self.unstamp(&order);
        self.by_number.remove(&order.number.to_lowercase());
        for line in &order.lines {
            self.by_lot.remove(&line.lot.to_lowercase());
        }
        for note in self.notes_of.remove(&index).unwrap_or_default() {
            self.remove_note(note);
        }
        if let Some(order) = self.order_mut(index) {
            order.deleted = true;
        }
    }

    pub(crate) fn insert_slip(&mut self, slip: Slip) {
        self.by_slip.insert(slip.id.to_lowercase(), slip.order);
        self.slips_of.entry(slip.order).or_default().push(self.slips.len());
        self.slips.push(slip);
    }

    pub(crate) fn slips_of(&self, index: u32) -> impl Iterator<Item = &Slip> {
        let places = self.slips_of.get(&index).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.slips.get(*place))
    }

    /// Past every rule: what a proof does to a slip.
    pub(crate) fn change_slip(&mut self, index: u32, change: impl FnOnce(&mut Slip)) -> bool {
        let place = self.slips_of.get(&index).and_then(|places| places.first());
        let slip = place.and_then(|place| self.slips.get_mut(*place));
        slip.map(change).is_some()
    }

    pub(crate) fn insert_tracking(&mut self, tracking: Tracking) {
        self.tracking_of.entry(tracking.order).or_default().push(tracking.rec_id);
        self.tracking.insert(tracking.rec_id, tracking);
    }

    pub(crate) fn remove_tracking(&mut self, rec_id: i64) {
        if let Some(gone) = self.tracking.remove(&rec_id)
            && let Some(ids) = self.tracking_of.get_mut(&gone.order)
        {
            ids.retain(|id| *id != rec_id);
        }
    }

    pub(crate) fn tracking_of(&self, index: u32) -> impl Iterator<Item = &Tracking> {
        let ids = self.tracking_of.get(&index).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.tracking.get(id))
    }

    pub(crate) fn tracking_mut(&mut self, rec_id: i64) -> Option<&mut Tracking> {
        self.tracking.get_mut(&rec_id)
    }

    pub(crate) fn insert_note(&mut self, note: Note) {
        self.by_document.insert(note.id, note.rec_id);
        self.notes_of.entry(note.order).or_default().push(note.rec_id);
        self.notes.insert(note.rec_id, note);
    }

    pub(crate) fn notes_of(&self, index: u32) -> impl Iterator<Item = &Note> {
        let ids = self.notes_of.get(&index).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.notes.get(id))
    }

    pub(crate) fn note(&self, id: Uuid) -> Option<&Note> {
        self.notes.get(self.by_document.get(&id)?)
    }

    pub(crate) fn note_mut(&mut self, id: Uuid) -> Option<&mut Note> {
        self.notes.get_mut(self.by_document.get(&id)?)
    }

    pub(crate) fn remove_note(&mut self, rec_id: i64) {
        if let Some(note) = self.notes.remove(&rec_id) {
            self.by_document.remove(&note.id);
            if let Some(ids) = self.notes_of.get_mut(&note.order) {
                ids.retain(|id| *id != rec_id);
            }
        }
    }

    pub(crate) fn insert_request(&mut self, request: Request) {
        let key = request.id.to_lowercase();
        self.requests_of.entry(request.order).or_default().push(key.clone());
        self.by_origin.insert(request.origin.to_lowercase(), key.clone());
        self.requests.insert(key, request);
    }

    pub(crate) fn request(&self, id: &str) -> Option<&Request> {
        self.requests.get(&id.to_lowercase())
    }

    pub(crate) fn request_mut(&mut self, id: &str) -> Option<&mut Request> {
        self.requests.get_mut(&id.to_lowercase())
    }

    pub(crate) fn request_of_origin(&self, origin: &str) -> Option<&Request> {
        self.requests.get(self.by_origin.get(&origin.to_lowercase())?)
    }

    pub(crate) fn requests_of(&self, index: u32) -> impl Iterator<Item = &Request> {
        let keys = self.requests_of.get(&index).map(Vec::as_slice).unwrap_or_default();
        keys.iter().filter_map(|key| self.requests.get(key))
    }

    pub(crate) fn insert_update(&mut self, update: Update) {
        self.updates.insert(update.id.to_lowercase(), update);
    }

    pub(crate) fn update(&self, id: &str) -> Option<&Update> {
        self.updates.get(&id.to_lowercase())
    }

    pub(crate) fn update_mut(&mut self, id: &str) -> Option<&mut Update> {
        self.updates.get_mut(&id.to_lowercase())
    }

    pub(crate) fn updates(&self) -> impl Iterator<Item = &Update> {
        self.updates.values()
    }

    /// Takes a change back.
    pub(crate) fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Order(before) => {
                if let Some(now) = self.order(before.index).cloned() {
                    self.unstamp(&now);
                }
                self.stamp(&before);
                if let Some(order) = self.order_mut(before.index) {
                    *order = *before;
                }
            }
            Undo::NoteInserted(rec_id) => self.remove_note(rec_id),
            Undo::NoteDeleted(before) => self.insert_note(*before),
            Undo::NoteChanged(before) => {
                self.remove_note(before.rec_id);
                self.insert_note(*before);
            }
            Undo::TrackingInserted(rec_id) => self.remove_tracking(rec_id),
            Undo::Request(before) => {
                self.requests.insert(before.id.to_lowercase(), *before);
            }
            Undo::PlainInserted(table) => {
                if let Some(rows) = self.plain.get_mut(table) {
                    rows.pop();
                }
            }
            Undo::UpdateInserted(id) => {
                self.updates.remove(&id.to_lowercase());
            }
            Undo::Update(before) => {
                self.updates.insert(before.id.to_lowercase(), *before);
            }
            Undo::TrackingChanged(before) => {
                self.tracking.insert(before.rec_id, *before);
            }
        }
    }

    /// The cheapest way to the rows of a filter.
    pub(crate) fn access(&self, set: &EntitySet, filter: Option<&Expr>) -> Access {
        let Some(filter) = filter else { return Access::All };
        let mut best: Option<Vec<u32>> = None;
        for (place, property) in set.properties.iter().enumerate() {
            let Some(finder) = finder(property.name) else { continue };
            let Some(points) = filter.points(place) else { continue };
            let mut orders: Vec<u32> =
                points.into_iter().filter_map(|literal| self.find_by(finder, literal)).collect();
            orders.sort_unstable();
            orders.dedup();
            if best.as_ref().is_none_or(|best| orders.len() < best.len()) {
                best = Some(orders);
            }
        }
        if let Some(orders) = best {
            return Access::Orders(orders);
        }
        let bound = |name: &str| set.property(name).and_then(|place| filter.least(place));
        if let Some(since) = bound("SysModifiedDateTime") {
            return Access::Since(since);
        }
        if matches!(set.source, Source::Slips | Source::SlipLines) {
            if let Some(from) = bound("SourceKey") {
                return Access::FromRecord(from);
            }
            if let Some(since) = bound("CreatedOn") {
                return Access::Since(since);
            }
        }
        Access::All
    }

    fn find_by(&self, finder: Finder, literal: &Literal) -> Option<u32> {
        match (finder, literal) {
            (Finder::Number, Literal::Text(text)) => self.find(text),
            (Finder::Lot, Literal::Text(text)) => self.by_lot.get(&text.to_lowercase()).copied(),
            (Finder::Slip, Literal::Text(text)) => self.by_slip.get(&text.to_lowercase()).copied(),
            (Finder::Document, Literal::Guid(id)) => self.note(*id).map(|note| note.order),
            _ => None,
        }
    }

    /// Visits the rows of `access`, in its order, until `visit` says stop (false).
    pub(crate) fn visit<'a>(
        &'a self,
        set: &EntitySet,
        access: &Access,
        visit: &mut dyn FnMut(Row<'a>) -> bool,
    ) {
        let going = match access {
            Access::Orders(orders) => {
                let live = orders.iter().filter_map(|index| self.order(*index));
                self.visit_orders(set.source, live, visit)
            }
            Access::Since(since) => self.visit_since(set.source, *since, visit),
            Access::FromRecord(from) => {
                let first = self.slips.partition_point(|slip| last_rec(slip) < *from);
                self.visit_slips(set.source, first, visit)
            }
            Access::All => self.visit_since(set.source, i64::MIN, visit),
        };
        if going && !matches!(access, Access::FromRecord(_)) {
            self.visit_orders(set.source, self.foreign.iter(), visit);
        }
    }

    fn visit_since<'a>(
        &'a self,
        source: Source,
        since: i64,
        visit: &mut dyn FnMut(Row<'a>) -> bool,
    ) -> bool {
        let from = (whole_second(since.max(i64::MIN / 2)), i64::MIN, 0);
        match source {
            Source::Orders => self.header_stamps.range(from..).all(|(_, _, index)| {
                self.order(*index).is_none_or(|order| visit(Row::Order(order)))
            }),
            Source::Lines => {
                self.line_stamps.range((from.0, from.1, 0, i32::MIN)..).all(|(_, _, index, seq)| {
                    let found = self.order(*index).and_then(|order| {
                        order.lines.iter().find(|line| line.seq == *seq).map(|line| (order, line))
                    });
                    found.is_none_or(|(order, line)| visit(Row::Line(order, line)))
                })
            }
            Source::Released => self.released_stamps.range((from.0, from.1, 0, i32::MIN)..).all(
                |(_, _, index, seq)| {
                    let found = self.order(*index).and_then(|order| {
                        order.lines.iter().find(|line| line.seq == *seq).map(|line| (order, line))
                    });
                    found.is_none_or(|(order, line)| visit(Row::Line(order, line)))
                },
            ),
            Source::Slips | Source::SlipLines => {
                let first = self.slips.partition_point(|slip| slip.created < since);
                self.visit_slips(source, first, visit)
            }
            Source::Tracking => {
                self.tracking.values().all(|tracking| visit(Row::Tracking(tracking)))
            }
            Source::Notes => self.notes.values().all(|note| visit(Row::Note(note))),
            Source::Requests => self.requests.values().all(|row| visit(Row::Request(row))),
            Source::RequestLines => self
                .requests
                .values()
                .all(|row| row.lines.iter().all(|line| visit(Row::RequestLine(row, line)))),
            Source::Updates => self.updates.values().all(|row| visit(Row::Update(row))),
            Source::UpdateLines => self
                .updates
                .values()
                .all(|row| row.lines.iter().all(|line| visit(Row::UpdateLine(row, line)))),
            Source::UpdateDimensions => self.updates.values().all(|row| {
                let mut told = row.lines.iter().filter(|line| line.dimension.is_some());
                told.all(|line| visit(Row::UpdateLine(row, line)))
            }),
            Source::Plain(place) => self
                .plain
                .get(place)
                .is_none_or(|rows| rows.iter().all(|row| visit(Row::Plain(row)))),
        }
    }

    fn visit_slips<'a>(
        &'a self,
        source: Source,
        first: usize,
        visit: &mut dyn FnMut(Row<'a>) -> bool,
    ) -> bool {
        self.slips.get(first..).unwrap_or_default().iter().all(|slip| match source {
            Source::Slips => visit(Row::Slip(slip)),
            _ => slip.lines.iter().all(|line| visit(Row::SlipLine(slip, line))),
        })
    }

    fn visit_orders<'a>(
        &'a self,
        source: Source,
        mut orders: impl Iterator<Item = &'a Order>,
        visit: &mut dyn FnMut(Row<'a>) -> bool,
    ) -> bool {
        orders.all(|order| self.visit_order(source, order, visit))
    }

    /// All rows of one order in one table.
    fn visit_order<'a>(
        &'a self,
        source: Source,
        order: &'a Order,
        visit: &mut dyn FnMut(Row<'a>) -> bool,
    ) -> bool {
        // Slips, notes and tracking are found by place; orders of another company have none.
        let own = self.order(order.index).is_some_and(|own| own.rec_id == order.rec_id);
        match source {
            Source::Orders => visit(Row::Order(order)),
            Source::Lines => order.lines.iter().all(|line| visit(Row::Line(order, line))),
            Source::Released => {
                let mut rows = order.lines.iter().filter(|line| line.released.is_some());
                rows.all(|line| visit(Row::Line(order, line)))
            }
            _ if !own => true,
            Source::Slips => self.slips_of(order.index).all(|slip| visit(Row::Slip(slip))),
            Source::SlipLines => self
                .slips_of(order.index)
                .all(|slip| slip.lines.iter().all(|line| visit(Row::SlipLine(slip, line)))),
            Source::Tracking => {
                self.tracking_of(order.index).all(|tracking| visit(Row::Tracking(tracking)))
            }
            Source::Notes => self.notes_of(order.index).all(|note| visit(Row::Note(note))),
            Source::Requests
            | Source::RequestLines
            | Source::Updates
            | Source::UpdateLines
            | Source::UpdateDimensions
            | Source::Plain(_) => true,
        }
    }
}

fn last_rec(slip: &Slip) -> i64 {
    slip.lines.last().map_or(slip.rec_id, |line| line.rec_id)
}

/// What leads from a literal to an order.
#[derive(Clone, Copy)]
enum Finder {
    Number,
    Lot,
    Slip,
    Document,
}

fn finder(property: &str) -> Option<Finder> {
    match property {
        "SalesOrderNumber" | "SalesId" => Some(Finder::Number),
        "InventoryLotId" | "InventTransId" => Some(Finder::Lot),
        "PackingSlipId" | "PackingSlipNumber" => Some(Finder::Slip),
        "DocumentId" => Some(Finder::Document),
        _ => None,
    }
}

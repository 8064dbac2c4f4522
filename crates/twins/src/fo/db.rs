//! The F&O database: rows and the indexes that make the hot reads cheap. Every change of an order or line goes
//! through `touch_…`, which moves the stamp, the record version and the indexes together.

mod find;
mod papers;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::external::{Request, Update};
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
}

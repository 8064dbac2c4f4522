//! One page of shelves, judged: the centres of one warehouse together, since F&O keeps one figure for all of them.

use super::Run;
use super::compare::Orders;
use super::draft::Sent;
use crate::kept::decode;
use domain::flows::inventory::{Judged, Moves, Shelf, Sums, compare, settled};
use domain::ids::CentreId;
use domain::reference_data::DynamicsReference;
use domain::sales::SalesOrder;
use domain::settings::{Settings, WarehouseMap};
use domain::stock::EventKind;
use domain::time::Timestamp;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use store::{StockEventRow, StockRow};

/// Everything a page is judged from.
pub(super) struct Page {
    pub(super) rows: Vec<StockRow>,
    /// Pieces taken for orders of ours: subject → shelf → pieces.
    pub(super) picked: BTreeMap<String, BTreeMap<(CentreId, String), i64>>,
    pub(super) orders: Orders,
    /// What else moved, by shelf.
    pub(super) sums: BTreeMap<(String, i64), Sums>,
    /// Shelves that moved while they were looked at.
    pub(super) moving: BTreeSet<(String, i64)>,
    pub(super) folded: Vec<(String, i64, i64)>,
}

/// Centre of an [`Early`] entry that only says: on a slip of the last minutes.
pub(super) const SLIPPED: i64 = i64::MIN;

/// What our orders did.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) shelves: BTreeMap<(String, i64), Moves>,
    /// On a slip that was posted while the stock was read.
    pub(super) fresh: BTreeSet<String>,
}

impl Moved {
    pub(super) fn add(&mut self, sku: &str, centre: i64, of: Moves) {
        let sum = self.shelves.entry((sku.to_owned(), centre)).or_default();
        sum.left = sum.left.saturating_add(of.left);
        sum.kits = sum.kits.saturating_add(of.kits);
    }

    pub(super) fn slipped(&mut self, order: Option<&SalesOrder>, from: Timestamp) {
        self.fresh.extend(fresh_skus(order, from));
    }
}

pub(super) fn fresh_skus(order: Option<&SalesOrder>, from: Timestamp) -> Vec<String> {
    let Some(order) = order else { return Vec::new() };
    let slips = order.slips.iter().filter(|slip| slip.created >= from);
    let lots: BTreeSet<&str> =
        slips.flat_map(|slip| slip.lines.iter().map(|(lot, _)| lot.as_str())).collect();
    let lines = order.lines.iter().filter(|line| lots.contains(line.lot.as_str()));
    lines.map(|line| line.sku.clone()).collect()
}

impl Page {
    pub(super) fn take(&mut self, event: StockEventRow, subject: Option<&String>, from: Timestamp) {
        let shelf = (event.sku.clone(), event.centre);
        if event.at >= from {
            self.moving.insert(shelf.clone());
        }
        let kind = EventKind::of_word(&event.kind);
        if let (EventKind::OrderPicked, Some(subject)) = (kind, subject) {
            let of = self.picked.entry(subject.clone()).or_default();
            let pieces = of.entry((CentreId(event.centre), event.sku)).or_default();
            *pieces = pieces.saturating_sub(event.pieces);
            return;
        }
        let sums = self.sums.entry(shelf.clone()).or_default();
        let add = |sum: &mut i64, pieces: i64| *sum = sum.saturating_add(pieces);
        match kind {
            EventKind::OrderPicked => add(&mut sums.sold, event.pieces.saturating_neg()),
            EventKind::FacilityUpdated => add(&mut sums.transferred, event.pieces),
            EventKind::ReceivingStow | EventKind::Restocked => add(&mut sums.stowed, event.pieces),
            EventKind::Kitting => add(&mut sums.kitted, event.pieces),
            EventKind::Adjusted | EventKind::AttributeUpdated | EventKind::Other => {
                add(&mut sums.found, event.pieces);
            }
            // What is stowed of it comes as an event of its own.
            EventKind::Received => {}
        }
        self.folded.push((shelf.0, shelf.1, event.id));
    }
}

/// The shelves of one SKU in all centres of one warehouse.
pub(super) struct Group<'a> {
    /// None: its centre is mapped no more.
    pub(super) map: Option<&'a WarehouseMap>,
    /// In order of their centres; at least one.
    pub(super) rows: Vec<&'a StockRow>,
    /// The centre with which the comparison of all of them stands.
    pub(super) seat: i64,
}

impl Group<'_> {
    pub(super) fn sku(&self) -> &str {
        self.rows.first().map(|row| row.sku.as_str()).unwrap_or_default()
    }
}

/// Everything a verdict is made from.
pub(super) struct Judge<'a> {
    pub(super) page: &'a Page,
    pub(super) moved: &'a Moved,
    pub(super) run: &'a Run,
    pub(super) settings: &'a Settings,
    pub(super) fo: &'a DynamicsReference,
}

impl<'a> Judge<'a> {
    /// The rows of the page, those of one SKU and warehouse together.
    pub(super) fn groups(&self) -> Vec<Group<'a>> {
        let places: BTreeMap<i64, &'a WarehouseMap> = self
            .settings
            .warehouses
            .iter()
            .flat_map(|map| map.mapping.centres().map(move |centre| (centre.0, map)))
            .collect();
        let mut all: Vec<Group<'a>> = Vec::with_capacity(self.page.rows.len());
        let mut of_sku = 0;
        for row in &self.page.rows {
            if all.last().is_some_and(|before| before.sku() != row.sku) {
                of_sku = all.len();
            }
            let map = places.get(&row.centre).copied();
            let same = |group: &&mut Group<'a>| match (group.map, map) {
                (Some(a), Some(b)) => a.warehouse == b.warehouse,
                _ => false,
            };
            match all.iter_mut().skip(of_sku).find(same) {
                Some(group) => {
                    if map.is_some_and(|map| map.mapping.home().0 == row.centre) {
                        group.seat = row.centre;
                    }
                    group.rows.push(row);
                }
                None => all.push(Group { map, rows: vec![row], seat: row.centre }),
            }
        }
        all
    }

    /// The verdict, and the adjustment that is seen in F&O's stock now.
    pub(super) fn judge<'s>(
        &self,
        group: &Group<'_>,
        counted: Option<&'s Option<Sent>>,
    ) -> (Judged, Option<&'s Sent>) {
        let shelf = self.shelf(group);
        if self.closed(group) {
            return (Judged::closed(shelf.sums), None);
        }
        let network = group.map.is_some_and(|map| map.mapping.is_network());
        let on_hand = shelf.on_hand.filter(|_| network);
        let Some(counted) = counted else {
            return (Judged { on_hand, ..compare(&shelf) }, None);
        };
        let sent = counted.as_ref();
        let seen = sent.and_then(|sent| settled(&shelf, sent.delta, sent.found));
        match (sent, seen) {
            (Some(sent), Some(judged)) => (Judged { on_hand, ..judged }, Some(sent)),
            // What is not seen yet explains nothing and forgets nothing.
            (Some(_), None) => {
                let judged = compare(&Shelf { counted: true, ..shelf });
                (Judged { on_hand, sums: shelf.sums, ..judged }, None)
            }
            (None, _) => (Judged { on_hand, ..compare(&Shelf { counted: true, ..shelf }) }, None),
        }
    }

    /// F&O keeps one figure for the whole warehouse: one closed centre leaves nothing to compare.
    fn closed(&self, group: &Group<'_>) -> bool {
        group.map.is_some_and(|map| map.mapping.centres().any(|c| self.run.closed.contains(&c)))
    }

    /// The shelves together, with everything that happened to them.
    fn shelf(&self, group: &Group<'_>) -> Shelf {
        let (mut moves, mut sums) = (Moves::default(), Sums::default());
        let mut moving = self.moved.fresh.contains(group.sku());
        let (mut on_hand, mut shown, mut released) = (None, None, None);
        for row in &group.rows {
            let key = (row.sku.clone(), row.centre);
            let before: Option<Judged> = decode("stock", &row.sku, row.judged.as_bytes()).ok();
            sums = plus(sums, before.map(|judged| judged.sums).unwrap_or_default());
            sums = plus(sums, self.page.sums.get(&key).copied().unwrap_or_default());
            let of = self.moved.shelves.get(&key).copied().unwrap_or_default();
            moves.left = moves.left.saturating_add(of.left);
            moves.kits = moves.kits.saturating_add(of.kits);
            if let Some(pieces) = row.on_hand {
                on_hand = Some(on_hand.unwrap_or(0_i64).saturating_add(pieces));
                // Not shown this time.
                moving |= row.run != self.run.id;
            }
            moving |= self.page.moving.contains(&key);
            if row.item_run == Some(self.run.id) {
                let unit = row.unit.as_deref().unwrap_or_default();
                released = Some((row.product.as_deref().unwrap_or_default(), unit));
            }
            let text = row.physical.as_ref().filter(|_| row.fo_run == self.run.id);
            if let Some(physical) = text.and_then(|text| text.parse::<Decimal>().ok()) {
                shown = Some(shown.unwrap_or(Decimal::ZERO).saturating_add(physical));
            }
        }
        let still = Shelf::still(on_hand, shown, released, self.settings, &self.fo.conversions);
        Shelf { moves, sums, moving, ..still }
    }
}

fn plus(a: Sums, b: Sums) -> Sums {
    Sums {
        sold: a.sold.saturating_add(b.sold),
        transferred: a.transferred.saturating_add(b.transferred),
        stowed: a.stowed.saturating_add(b.stowed),
        kitted: a.kitted.saturating_add(b.kitted),
        found: a.found.saturating_add(b.found),
    }
}

//! How the rows of a query are found and visited: by key, by stamp, or all of them.

use super::super::filter::{Expr, Literal};
use super::super::meta::{EntitySet, Row, Source};
use super::super::rows::{Order, Slip};
use super::super::value::whole_second;
use super::{Access, Database};

impl Database {
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

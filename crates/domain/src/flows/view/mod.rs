//! Both systems side by side: what F&O wants per line, what ShipBob has and has shipped.
//!
//! Everything is sorted and freed of duplicates here, so that nothing behind it depends on the
//! order in which things were observed.

mod goods;
mod line;
mod ours;
mod release;

pub(super) use line::LineView;
pub(super) use ours::{Ours, Parcel, Share, Unseen, create_key};
pub(super) use release::Release;

use crate::plan::OrderFacts;
use crate::sales::{PackingSlip, SalesOrder};
use crate::settings::Settings;
use std::collections::BTreeSet;

pub(super) struct View<'a> {
    pub(super) order: Option<&'a SalesOrder>,
    /// Whether F&O wants the order shipped; `No` when there is no order.
    pub(super) release: Release,
    /// Our ShipBob orders, by line sequence, k and id.
    pub(super) ours: Vec<Ours<'a>>,
    /// ShipBob orders with one of our references but with somebody else's goods or recipient.
    pub(super) foreign: Vec<(Ours<'a>, &'static str)>,
    /// Orders ShipBob took from us but which no read shows.
    pub(super) unseen: Vec<Unseen<'a>>,
    /// F&O lines by sequence.
    pub(super) lines: Vec<LineView<'a>>,
    /// Packing slips, oldest first.
    pub(super) slips: Vec<&'a PackingSlip>,
    /// SKUs of shipped goods whose catalogue entry is needed to count kits.
    pub(super) unread: BTreeSet<String>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        facts: &'a OrderFacts,
        settings: &'a Settings,
        order: Option<&'a SalesOrder>,
    ) -> Self {
        let (mut ours, foreign) = ours::collect(facts, settings, order);
        let unseen = ours::unseen(facts, settings, ours.iter().chain(foreign.iter().map(|f| &f.0)));
        let mut unread = BTreeSet::new();
        for one in &mut ours {
            unread.extend(goods::allocate(one, facts, settings, order));
        }
        let mut view = Self {
            order,
            release: order.map_or_else(
                || Release::No("Dynamics has no such order any more.".to_owned()),
                |o| Release::of(o, settings),
            ),
            ours,
            foreign,
            unseen,
            lines: Vec::new(),
            slips: order.map(slips).unwrap_or_default(),
            unread,
        };
        if let Some(order) = order {
            let mut lines: Vec<_> = order.lines.iter().collect();
            lines.sort_by(|a, b| (a.sequence, &a.lot).cmp(&(b.sequence, &b.lot)));
            view.lines = lines.iter().map(|l| line::view(l, &view, facts, settings)).collect();
        }
        view
    }

    pub(super) fn line(&self, sequence: i32) -> Option<&LineView<'a>> {
        self.lines.iter().find(|l| l.line.sequence == sequence)
    }

    /// ShipBob orders that ship something, or may.
    pub(super) fn live(&self) -> impl Iterator<Item = &Ours<'a>> {
        self.ours.iter().filter(|o| o.live())
    }

    /// Every parcel that is not dead, order by order.
    pub(super) fn parcels(&self) -> impl Iterator<Item = &Parcel<'a>> {
        self.ours.iter().flat_map(|o| &o.parcels)
    }

    /// F&O still wants goods of this ShipBob order beyond what has left.
    pub(super) fn wants_more_of(&self, one: &Ours<'_>) -> bool {
        one.sequences().filter_map(|s| self.line(s)).any(LineView::wants_more)
    }

    /// Everything that left with this ShipBob order stands on packing slips.
    pub(super) fn slipped_all_of(&self, one: &Ours<'_>) -> bool {
        let mut lines = one.sequences().map(|s| self.line(s));
        lines.all(|l| l.is_some_and(|l| l.unslipped().is_zero()))
    }
}

fn slips(order: &SalesOrder) -> Vec<&PackingSlip> {
    let mut slips: Vec<_> = order.slips.iter().collect();
    slips.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
    slips.dedup_by(|a, b| a.id == b.id);
    slips
}

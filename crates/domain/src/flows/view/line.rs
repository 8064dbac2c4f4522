//! One F&O line with both sides' quantities.

use super::View;
use crate::flows::whs::{self, Released};
use crate::ids::LotId;
use crate::plan::OrderFacts;
use crate::sales::{SalesLine, SalesStatus};
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::units;
use rust_decimal::Decimal;

/// In eaches unless named otherwise.
pub(in crate::flows) struct LineView<'a> {
    pub(in crate::flows) line: &'a SalesLine,
    /// Eaches per sales unit.
    pub(in crate::flows) factor: Option<Decimal>,
    /// Still to deliver, in sales unit; never more than ordered minus slipped, because a slip may
    /// have been posted between the read of the line and the read of the slips.
    /// In a warehouse with warehouse management: what is released of that.
    pub(in crate::flows) remaining: Decimal,
    /// Something is left to deliver, and F&O has not released any of it to its warehouse.
    pub(in crate::flows) unreleased: bool,
    /// The filter of its profile does not select the order, and nothing of that profile is at ShipBob: what was sent
    /// once is not taken back for a filter.
    pub(in crate::flows) left_out: bool,
    /// Slipped since we first sent the line, in sales unit.
    pub(in crate::flows) slipped: Decimal,
    /// Slipped before that, in sales unit.
    pub(in crate::flows) baseline: Decimal,
    /// One of our orders carries (or carried) this line.
    pub(in crate::flows) carried: bool,
    /// Asked of ShipBob on orders that are still alive or wait for a person.
    pub(in crate::flows) found: i64,
    /// The least ShipBob will have shipped when it is done.
    pub(in crate::flows) committed: i64,
    /// Left ShipBob.
    pub(in crate::flows) shipped: i64,
    /// Left ShipBob, and may be put on a packing slip.
    pub(in crate::flows) slippable: i64,
    /// Some of our orders that carry the line will still ship.
    pub(in crate::flows) coming: bool,
    /// ShipBob chooses the centre it leaves from.
    pub(in crate::flows) network: bool,
}

impl LineView<'_> {
    /// The line as such will not be shipped from a warehouse (any more).
    pub(in crate::flows) fn closed(&self) -> bool {
        let l = self.line;
        l.status == SalesStatus::Canceled || l.blocked || l.direct_delivery
    }

    /// At ShipBob, or shipped by it.
    pub(in crate::flows) fn sent(&self) -> bool {
        self.found > 0 || self.shipped > 0
    }

    /// Slipped since we first sent the line, in eaches; none when it has no unit.
    fn slipped_eaches(&self) -> Option<Decimal> {
        self.factor.map(|f| self.slipped.saturating_mul(f))
    }

    /// Left ShipBob and not on a packing slip, in eaches.
    pub(in crate::flows) fn unslipped(&self) -> Decimal {
        let slipped = self.slipped_eaches().unwrap_or_default();
        Decimal::from(self.shipped).saturating_sub(slipped).max(Decimal::ZERO)
    }

    /// F&O still wants more of the line than has left.
    pub(in crate::flows) fn wants_more(&self) -> bool {
        if self.closed() || self.remaining.is_zero() {
            return false;
        }
        self.factor.is_none_or(|f| self.remaining.saturating_mul(f) > self.unslipped())
    }

    /// Eaches ShipBob should ship of the line in total; none when they cannot be counted.
    pub(in crate::flows) fn wanted(&self) -> Option<i64> {
        let remaining = if self.closed() { Decimal::ZERO } else { self.remaining };
        if remaining.is_zero() && self.slipped.is_zero() {
            return Some(0);
        }
        let slipped = units::exact_eaches(self.slipped_eaches()?.ceil(), Decimal::ONE)?;
        Some(units::exact_eaches(remaining, self.factor?)?.saturating_add(slipped))
    }

    /// Eaches still to be sent to ShipBob; none when they cannot be counted.
    ///
    /// What ShipBob has and F&O has not slipped is part of the remainder. More on slips than
    /// ShipBob ever had was delivered by hand, and is no reason to send more.
    pub(in crate::flows) fn to_send(&self) -> Option<i64> {
        let remaining = units::exact_eaches(self.remaining, self.factor?)?;
        let slipped = units::exact_eaches(self.slipped_eaches()?.floor(), Decimal::ONE)?;
        let at_shipbob = self.found.saturating_sub(slipped).max(0);
        Some(remaining.saturating_sub(at_shipbob).max(0))
    }
}

pub(super) fn view<'a>(
    line: &'a SalesLine,
    both: &View<'a>,
    facts: &OrderFacts,
    settings: &Settings,
) -> LineView<'a> {
    let sequence = line.sequence;
    let all = slipped(both, &line.lot, None);
    let open = line.remaining.min(line.ordered.saturating_sub(all)).max(Decimal::ZERO);
    let released =
        both.order.map_or(Released::Free, |order| whs::released(line, order, all, settings));
    let mut view = LineView {
        line,
        factor: units::eaches_per_unit(
            &line.item,
            &line.unit,
            &settings.each_units,
            &facts.conversions,
        ),
        remaining: match &released {
            Released::Free => open,
            Released::Known(released) => open.min(*released),
            Released::Unknown => Decimal::ZERO,
        },
        unreleased: false,
        left_out: left_out(line, both, settings),
        slipped: Decimal::ZERO,
        baseline: all,
        carried: false,
        found: 0,
        committed: 0,
        shipped: 0,
        slippable: 0,
        coming: false,
        network: settings.warehouse(&line.warehouse).is_some_and(|m| m.mapping.is_network()),
    };
    for one in both.ours.iter().filter(|o| o.carries(sequence)) {
        view.carried = true;
        view.found = view.found.saturating_add(one.found(sequence));
        view.committed = view.committed.saturating_add(one.committed(sequence));
        view.shipped = view.shipped.saturating_add(one.shipped(sequence));
        view.slippable = view.slippable.saturating_add(one.slippable(sequence));
        view.coming |= one.live() && !one.finished();
    }
    for (one, _) in both.foreign.iter().filter(|(o, _)| o.live()) {
        view.found = view.found.saturating_add(one.ordered(sequence));
    }
    for body in both.unseen.iter().filter_map(|u| u.body) {
        for sent in body.lines.iter().filter(|l| l.external_line_id == sequence) {
            view.carried = true;
            view.coming = true;
            view.found = view.found.saturating_add(sent.quantity.max(0));
            view.committed = view.committed.saturating_add(sent.quantity.max(0));
        }
    }
    if view.carried {
        let kept = facts.kept.baseline.get(line.lot.as_str()).copied();
        view.baseline = kept.unwrap_or_else(|| slipped_before(both, line));
        view.slipped = all.saturating_sub(view.baseline).max(Decimal::ZERO);
    }
    if matches!(released, Released::Unknown) {
        // What ShipBob has stays as it is.
        let has = view.factor.and_then(|f| Decimal::from(view.committed).checked_div(f));
        let has = has.unwrap_or_default().saturating_sub(view.slipped).max(Decimal::ZERO);
        view.remaining = open.min(has);
    }
    view.unreleased =
        !matches!(released, Released::Free) && view.remaining.is_zero() && open > Decimal::ZERO;
    view
}

fn left_out(line: &SalesLine, both: &View<'_>, settings: &Settings) -> bool {
    let Some(order) = both.order else { return false };
    let Some(profile) = settings.warehouse(&line.warehouse).map(|m| m.profile) else {
        return false;
    };
    if settings.filters.of(profile).is_none() || !order.left_out.contains(&profile) {
        return false;
    }
    let same = |l: &&SalesLine| settings.warehouse_of(&l.warehouse, profile).is_some();
    let carried = |l: &SalesLine| {
        both.ours.iter().any(|o| o.live() && o.carries(l.sequence))
            || both
                .unseen
                .iter()
                .filter_map(|u| u.body)
                .any(|body| body.lines.iter().any(|sent| sent.external_line_id == l.sequence))
    };
    !order.lines.iter().filter(same).any(carried)
}

/// Posted on packing slips, in sales unit; before `end`, where one is given.
fn slipped(both: &View<'_>, lot: &LotId, end: Option<Timestamp>) -> Decimal {
    let slips = both.slips.iter().filter(|s| end.is_none_or(|end| s.created < end));
    slips.map(|s| s.quantity(lot)).fold(Decimal::ZERO, Decimal::saturating_add)
}

/// Without our own memory (after a restore): slips older than our oldest order that carries the
/// line are not ours.
fn slipped_before(both: &View<'_>, line: &SalesLine) -> Decimal {
    let carrying = both.ours.iter().filter(|o| o.carries(line.sequence));
    let first = carrying.map(|o| o.order.created).min();
    first.map_or(Decimal::ZERO, |first| slipped(both, &line.lot, Some(first)))
}

//! Both systems side by side: what F&O wants per line, what ShipBob has and has shipped.

use crate::ids::LotId;
use crate::operation::CreateOrder;
use crate::plan::{OrderFacts, SeenOrder};
use crate::reference::{self, Parts};
use crate::sales::{DocumentStatus, SalesLine, SalesOrder, SalesStatus};
use crate::settings::Settings;
use crate::units;
use crate::warehouse::{Shipment, WarehouseOrder};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Eaches of one F&O line (by sequence) inside one shipment.
pub(super) type Share = (i32, i64);

/// One of our ShipBob orders.
pub(super) struct Ours<'a> {
    pub(super) order: &'a WarehouseOrder,
    pub(super) parts: Parts,
    /// What we sent, when this installation did.
    pub(super) sent: Option<&'a CreateOrder>,
    /// Cancelled at ShipBob by our own request.
    pub(super) cancelled_by_us: bool,
    /// Per shipment (not dead ones): what is inside, per line.
    pub(super) shares: Vec<(&'a Shipment, Vec<Share>)>,
    /// Shipped beyond what was ordered: (SKU, eaches).
    pub(super) excess: Vec<(String, i64)>,
    /// Eaches that do not make a whole kit: (SKU, eaches).
    pub(super) odd_parts: Vec<(String, i64)>,
}

impl Ours<'_> {
    pub(super) fn live(&self) -> bool {
        !self.order.cancelled()
    }

    /// Nothing more will leave ShipBob on this order.
    pub(super) fn finished(&self) -> bool {
        let shipments = &self.order.shipments;
        !shipments.is_empty() && shipments.iter().all(|s| s.left() || s.dead())
    }

    pub(super) fn picked(&self) -> bool {
        self.order.shipments.iter().any(Shipment::picked)
    }

    fn ordered(&self, sequence: i32) -> i64 {
        let mine = |l: &&crate::warehouse::WarehouseLine| l.external_line_id == Some(sequence);
        self.order.products.iter().filter(mine).map(|l| l.quantity).sum()
    }

    fn shipped(&self, sequence: i32) -> i64 {
        let left = self.shares.iter().filter(|(s, _)| s.left());
        left.flat_map(|(_, shares)| shares).filter(|(q, _)| *q == sequence).map(|(_, n)| n).sum()
    }
}

/// One F&O line with both sides' quantities, in eaches unless named otherwise.
pub(super) struct LineView<'a> {
    pub(super) line: &'a SalesLine,
    /// Eaches per sales unit.
    pub(super) factor: Option<Decimal>,
    /// Slipped since we first sent the line, in sales unit.
    pub(super) slipped: Decimal,
    /// Slipped before that, in sales unit.
    pub(super) baseline: Decimal,
    /// Asked of ShipBob on orders that are still alive or wait for a person.
    pub(super) found: i64,
    /// The least ShipBob will have shipped when it is done.
    pub(super) committed: i64,
    /// Left ShipBob.
    pub(super) shipped: i64,
}

impl LineView<'_> {
    /// What ShipBob should ship in total, in sales unit: still to deliver plus slipped since.
    pub(super) fn released(&self) -> Decimal {
        self.line.remaining.max(Decimal::ZERO) + self.slipped
    }

    /// One of our orders carries this line.
    pub(super) fn sent(&self) -> bool {
        self.found > 0 || self.shipped > 0
    }
}

pub(super) struct View<'a> {
    pub(super) order: Option<&'a SalesOrder>,
    pub(super) ours: Vec<Ours<'a>>,
    pub(super) lines: Vec<LineView<'a>>,
}

impl<'a> View<'a> {
    pub(super) fn new(
        facts: &'a OrderFacts,
        settings: &'a Settings,
        order: Option<&'a SalesOrder>,
    ) -> Self {
        let ours: Vec<Ours<'a>> =
            facts.warehouse.iter().filter_map(|seen| ours(seen, facts, settings)).collect();
        let lines = order
            .map(|o| o.lines.iter().map(|l| line_view(l, o, &ours, facts, settings)).collect())
            .unwrap_or_default();
        Self { order, ours, lines }
    }

    pub(super) fn line(&self, sequence: i32) -> Option<&LineView<'a>> {
        self.lines.iter().find(|l| l.line.sequence == sequence)
    }
}

/// Why the order as a whole is not for ShipBob now; none when it is released.
pub(super) fn unreleased(order: &SalesOrder, settings: &Settings) -> Option<String> {
    if order.sales_type != "Sales" {
        return Some(format!("Orders of type {} are not shipped.", order.sales_type));
    }
    match &order.status {
        SalesStatus::Canceled => return Some("Cancelled in Dynamics.".to_owned()),
        SalesStatus::Other(s) => return Some(format!("Order status {s} is not shipped.")),
        SalesStatus::Backorder | SalesStatus::Delivered | SalesStatus::Invoiced => {}
    }
    if order.stopped {
        return Some("Processing is stopped in Dynamics.".to_owned());
    }
    if order.credit_hold {
        return Some("On credit hold in Dynamics.".to_owned());
    }
    let least = settings.released_when.iter().filter_map(|s| rank(&status_of(s))).min();
    match (rank(&order.document_status), least) {
        (Some(now), Some(least)) if now >= least => None,
        _ => Some("Not released yet: waits for its confirmation in Dynamics.".to_owned()),
    }
}

fn status_of(name: &str) -> DocumentStatus {
    match name {
        "None" => DocumentStatus::None,
        "Confirmation" => DocumentStatus::Confirmation,
        "PickingList" => DocumentStatus::PickingList,
        "PackingSlip" => DocumentStatus::PackingSlip,
        "Invoice" => DocumentStatus::Invoice,
        other => DocumentStatus::Other(other.to_owned()),
    }
}

/// Documents follow each other; one we do not know has no place in the row.
fn rank(status: &DocumentStatus) -> Option<u8> {
    match status {
        DocumentStatus::None => Some(0),
        DocumentStatus::Confirmation => Some(3),
        DocumentStatus::PickingList => Some(4),
        DocumentStatus::PackingSlip => Some(5),
        DocumentStatus::Invoice => Some(7),
        DocumentStatus::Other(_) => None,
    }
}

fn ours<'a>(
    seen: &'a SeenOrder,
    facts: &'a OrderFacts,
    settings: &'a Settings,
) -> Option<Ours<'a>> {
    let parts = reference::parse(&settings.company, &seen.order.reference)?;
    let key = seen.order.reference.as_str();
    let mut it = Ours {
        order: &seen.order,
        parts,
        sent: facts.kept.sent.get(key),
        cancelled_by_us: facts.kept.cancelled_by_us.contains_key(key),
        shares: Vec::new(),
        excess: Vec::new(),
        odd_parts: Vec::new(),
    };
    allocate(&mut it, facts);
    Some(it)
}

/// Shipment to line: by SKU, lines in creation order, never above what was ordered. Goods that left
/// are placed first, so that a shipment that is only planned cannot take their place.
fn allocate<'a>(it: &mut Ours<'a>, facts: &OrderFacts) {
    let order: &'a WarehouseOrder = it.order;
    let mut room: Vec<(&str, i32, i64)> = order
        .products
        .iter()
        .filter_map(|p| p.external_line_id.map(|id| (p.sku.as_str(), id, p.quantity)))
        .collect();
    let mut alive: Vec<&'a Shipment> = order.shipments.iter().filter(|s| !s.dead()).collect();
    alive.sort_by_key(|s| (!s.left(), s.fulfilled.unwrap_or(s.created), s.id));
    for shipment in alive {
        let mut shares: BTreeMap<i32, i64> = BTreeMap::new();
        for product in &shipment.products {
            let (mut eaches, odd) = pieces(product, facts);
            if odd > 0 && shipment.left() {
                it.odd_parts.push((product.sku.clone(), odd));
            }
            for (_, id, free) in room.iter_mut().filter(|(sku, _, _)| *sku == product.sku) {
                let take = eaches.min(*free);
                if take > 0 {
                    *free -= take;
                    eaches -= take;
                    *shares.entry(*id).or_default() += take;
                }
            }
            if eaches > 0 && shipment.left() {
                it.excess.push((product.sku.clone(), eaches));
            }
        }
        it.shares.push((shipment, shares.into_iter().collect()));
    }
}

/// Pieces of the ordered SKU inside, and parts that make no whole kit.
fn pieces(product: &crate::warehouse::ShippedProduct, facts: &OrderFacts) -> (i64, i64) {
    let total: i64 = product.items.iter().map(|i| i.quantity).sum();
    let kit = facts.skus.get(&product.sku).and_then(|s| s.exact.as_ref()).filter(|c| c.bundle);
    let Some(kit) = kit else { return (total, 0) };
    let per_kit: i64 = kit.components.iter().map(|(_, n)| n).sum();
    if per_kit <= 0 || kit.components.iter().any(|(_, n)| *n <= 0) {
        // ShipBob does not say what is in the kit: nothing can be counted, a person looks.
        return (0, total);
    }
    let inside = |id: i64| -> i64 {
        product.items.iter().filter(|i| i.inventory_id == id).map(|i| i.quantity).sum()
    };
    let kits = kit.components.iter().map(|(id, n)| inside(*id) / n).min().unwrap_or(0);
    (kits, total - kits * per_kit)
}

fn line_view<'a>(
    line: &'a SalesLine,
    order: &SalesOrder,
    ours: &[Ours<'_>],
    facts: &OrderFacts,
    settings: &Settings,
) -> LineView<'a> {
    let factor =
        units::eaches_per_unit(&line.item, &line.unit, &settings.each_units, &facts.conversions);
    let all = order.slipped(&line.lot);
    let baseline = facts
        .kept
        .baseline
        .get(line.lot.as_str())
        .copied()
        .unwrap_or_else(|| slipped_before(order, &line.lot, ours));
    let mut view = LineView {
        line,
        factor,
        slipped: (all - baseline).max(Decimal::ZERO),
        baseline,
        found: 0,
        committed: 0,
        shipped: 0,
    };
    for one in ours {
        let shipped = one.shipped(line.sequence);
        view.shipped += shipped;
        let waits = !one.cancelled_by_us && !retried_since_cancel(one, facts);
        if one.live() || waits {
            view.found += one.ordered(line.sequence).max(shipped);
        }
        if one.live() && !one.finished() {
            view.committed += one.ordered(line.sequence).max(shipped);
        } else {
            view.committed += shipped;
        }
    }
    view
}

/// Without our own memory (after a restore): slips older than our oldest order are not ours.
fn slipped_before(order: &SalesOrder, lot: &LotId, ours: &[Ours<'_>]) -> Decimal {
    let Some(first) = ours.iter().map(|o| o.order.created).min() else {
        return order.slipped(lot);
    };
    let before = order.slips.iter().filter(|s| s.created < first);
    before.flat_map(|s| &s.lines).filter(|(l, _)| l == lot).map(|(_, q)| *q).sum()
}

/// ShipBob cancelled it and a person asked to send it again.
pub(super) fn retried_since_cancel(one: &Ours<'_>, facts: &OrderFacts) -> bool {
    facts.decisions.retry.is_some_and(|at| at > one.order.last_update())
}

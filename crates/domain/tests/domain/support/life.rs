//! What the warehouse, the packing-slip batch and people do by themselves.

use super::World;
use domain::ids::PackingSlipId;
use domain::sales::{PackingSlip, SalesStatus};
use domain::time::Span;
use domain::warehouse::{Shipment, ShipmentStatus, StatusDetail, Tracking};
use rust_decimal::Decimal;

impl World {
    /// Parcel `p` of ShipBob order `o`.
    pub(crate) fn parcel(&mut self, o: usize, p: usize) -> &mut Shipment {
        let now = self.now();
        let shipment = &mut self.facts.warehouse[o].order.shipments[p];
        shipment.last_update = Some(now);
        shipment
    }

    pub(crate) fn pick(&mut self, o: usize, p: usize) {
        let detail =
            StatusDetail { id: Some(100), name: "Picked".into(), description: String::new() };
        self.parcel(o, p).details = vec![detail];
    }

    pub(crate) fn label(&mut self, o: usize, p: usize, number: &str) {
        let now = self.now();
        let shipment = self.parcel(o, p);
        shipment.status = ShipmentStatus::LabeledCreated;
        shipment.details.clear();
        shipment.fulfilled = shipment.fulfilled.or(Some(now));
        shipment.tracking = Some(Tracking {
            carrier: "UPS".into(),
            service: "Ground".into(),
            number: number.into(),
            url: format!("https://track.example/{number}"),
        });
    }

    /// Labelled under a number of its own, and gone.
    pub(crate) fn ship(&mut self, o: usize, p: usize) {
        let id = self.parcel(o, p).id;
        if self.parcel(o, p).number().is_none() {
            self.label(o, p, &format!("1Z{id}"));
        }
        self.parcel(o, p).status = ShipmentStatus::Completed;
        self.pass(Span::minutes(1));
    }

    pub(crate) fn deliver(&mut self, o: usize, p: usize) {
        let now = self.now();
        self.parcel(o, p).delivered = Some(now);
    }

    /// Cancelled in the dashboard of ShipBob.
    pub(crate) fn cancel_in_dashboard(&mut self, o: usize) {
        let now = self.now();
        let order = self.at_shipbob(o);
        order.status = "Cancelled".into();
        for s in &mut order.shipments {
            s.status = ShipmentStatus::Cancelled;
            s.last_update = Some(now);
        }
    }

    /// The customer's packing-slip batch: orders of the pool, exactly deliver-now. Nothing may be
    /// slipped that has not left ShipBob.
    pub(crate) fn batch(&mut self) {
        if self.facts.sales.as_ref().is_none_or(|r| r.order.is_none()) {
            return;
        }
        let order = self.order();
        let open = order.status == SalesStatus::Backorder && !order.stopped;
        if !open || order.pool != "SHIPBOB" {
            return;
        }
        let lines: Vec<_> = order
            .lines
            .iter()
            .filter(|l| l.status == SalesStatus::Backorder && l.stocked && !l.blocked)
            .filter(|l| ["SB01", "SB02"].contains(&l.warehouse.as_str()))
            .map(|l| (l.sequence, l.deliver_now.min(l.remaining)))
            .filter(|(_, n)| *n > Decimal::ZERO)
            .collect();
        self.post(&lines);
        for (sequence, _) in lines {
            let slipped = self.slipped(&format!("L{sequence}"));
            let before = self.slipped_before.get(&format!("L{sequence}")).copied();
            let ours = (slipped - before.unwrap_or_default()) * self.factor(sequence);
            let left = self.left(sequence);
            assert!(ours <= left, "line {sequence}: {ours} slipped, {left} left ShipBob");
        }
    }

    /// A slip of these (line, sales units).
    pub(crate) fn post(&mut self, lines: &[(i32, Decimal)]) {
        if lines.is_empty() {
            return;
        }
        self.pass(Span::minutes(1));
        let (now, resets) = (self.now(), self.deliver_now_resets);
        let order = self.order();
        let id = format!("{}_{}", order.number, order.slips.len() + 1);
        let mut posted = Vec::new();
        for (sequence, quantity) in lines {
            let line = order.lines.iter_mut().find(|l| l.sequence == *sequence).expect("line");
            line.remaining -= *quantity;
            line.deliver_now = if resets { line.remaining } else { Decimal::ZERO };
            line.etag.push('s');
            if line.remaining.is_zero() {
                line.status = SalesStatus::Delivered;
            }
            posted.push((line.lot.clone(), *quantity));
        }
        if order.lines.iter().all(|l| l.status != SalesStatus::Backorder) {
            order.status = SalesStatus::Delivered;
        }
        order.etag.push('s');
        order.slips.push(PackingSlip {
            id: PackingSlipId::new(id),
            delivery_date: "2026-11-23T12:00:00Z".into(),
            created: now,
            lines: posted,
        });
        self.pass(Span::minutes(1));
    }

    /// Eaches of a line's SKU that left ShipBob on any order that carries the line, kits counted
    /// by their rarest component. Lines of one order have different SKUs here.
    pub(crate) fn left(&mut self, sequence: i32) -> Decimal {
        let sku = self.line(sequence).sku.clone();
        let mut total: i64 = 0;
        for seen in self.facts.warehouse.iter().chain(&self.hidden) {
            let carries = seen.order.products.iter().any(|p| p.external_line_id == Some(sequence));
            if !carries {
                continue;
            }
            let left = seen.order.shipments.iter().filter(|s| s.left());
            let products = left.flat_map(|s| &s.products).filter(|p| p.sku == sku);
            let items: Vec<_> = products.flat_map(|p| &p.items).collect();
            let one = self.packed(&sku, 1);
            let kits = one.items.iter().map(|part| {
                let own = items.iter().filter(|i| i.inventory_id == part.inventory_id);
                own.map(|i| i.quantity).sum::<i64>() / part.quantity
            });
            total += kits.min().unwrap_or(0);
        }
        Decimal::from(total)
    }

    /// F&O changes a line's ordered quantity (sales units); never below what is slipped.
    pub(crate) fn order_quantity(&mut self, sequence: i32, quantity: Decimal) {
        let slipped = self.slipped(&format!("L{sequence}"));
        let line = self.line(sequence);
        let quantity = quantity.max(slipped);
        line.ordered = quantity;
        line.remaining = quantity - slipped;
        line.deliver_now = line.remaining;
        line.etag.push('q');
        line.status = match (line.remaining.is_zero(), slipped.is_zero()) {
            (true, true) => SalesStatus::Canceled,
            (true, false) => SalesStatus::Delivered,
            (false, _) => SalesStatus::Backorder,
        };
        let open = self.order().lines.iter().any(|l| l.status == SalesStatus::Backorder);
        let order = self.order();
        if open && order.status == SalesStatus::Delivered {
            order.status = SalesStatus::Backorder;
        }
    }

    /// The database of ours is lost; both remotes know what they know.
    pub(crate) fn forget_everything(&mut self) {
        self.facts.kept = domain::plan::Kept::default();
        self.facts.deliveries.clear();
        self.facts.decisions = domain::plan::Decisions::default();
        self.hidden.append(&mut self.facts.warehouse);
    }
}

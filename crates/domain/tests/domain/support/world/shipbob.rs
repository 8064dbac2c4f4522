//! What the model of ShipBob does with a create, a cancel and an edit.

use super::{World, part};
use crate::support::build;
use domain::edit::{Change, ShipmentEdit};
use domain::ids::{CentreId, ReferenceId, ShipBobOrderId};
use domain::operation::CreateOrder;
use domain::plan::{DeliveryState, SeenOrder};
use domain::warehouse::{Shipment, ShipmentStatus, WarehouseLine, WarehouseOrder};
use rust_decimal::Decimal;

impl World {
    pub(super) fn create(&mut self, create: &CreateOrder) -> DeliveryState {
        let all = self.facts.warehouse.iter().chain(&self.hidden);
        let taken = all.map(|o| &o.order.reference).any(|r| *r == create.reference);
        assert!(!taken, "{} was sent twice", create.reference);
        assert!(!create.lines.is_empty() && create.lines.iter().all(|l| l.quantity > 0));
        for line in &create.lines {
            let lot = format!("L{}", line.external_line_id);
            if !self.carried(line.external_line_id) {
                let slipped = self.slipped(&lot);
                self.slipped_before.insert(lot, slipped);
            }
        }
        let order = self.accepted(create);
        let seen = SeenOrder { order, read_began: self.facts.now };
        let lost = std::mem::take(&mut self.lose_next_create);
        if lost {
            self.hidden.push(seen);
        } else {
            self.facts.warehouse.push(seen);
            self.facts.kept.sent.insert(create.reference.as_str().to_owned(), create.clone());
            self.facts.kept.absent.remove(create.reference.as_str());
        }
        for line in &create.lines {
            self.check_not_too_much(line.external_line_id);
        }
        if lost { DeliveryState::InDoubt } else { DeliveryState::Done }
    }

    /// What is at ShipBob and not yet slipped is never more than F&O has open.
    pub(super) fn check_not_too_much(&mut self, sequence: i32) {
        let factor = self.factor(sequence);
        let lot = format!("L{sequence}");
        let before = self.slipped_before.get(&lot).copied().unwrap_or_default();
        let slipped = (self.slipped(&lot) - before) * factor;
        let remaining = self.line(sequence).remaining * factor;
        let at_shipbob = Decimal::from(self.asked(sequence));
        assert!(
            (at_shipbob - slipped).max(Decimal::ZERO) <= remaining,
            "line {sequence}: {at_shipbob} at ShipBob, {slipped} slipped, {remaining} open"
        );
    }

    pub(super) fn cancel(&mut self, id: ShipBobOrderId, reference: &ReferenceId) -> DeliveryState {
        let now = self.facts.now;
        let seen = self.facts.warehouse.iter_mut().find(|o| o.order.id == id);
        let order = &mut seen.expect("an order of ShipBob").order;
        assert_eq!(order.reference, *reference);
        if order.shipments.iter().any(Shipment::picked) {
            return DeliveryState::Refused;
        }
        order.status = "Cancelled".into();
        for s in &mut order.shipments {
            s.status = ShipmentStatus::Cancelled;
            s.last_update = Some(now);
        }
        self.facts.kept.cancelled_by_us.insert(reference.as_str().to_owned(), now);
        DeliveryState::Done
    }

    /// Picked or refused by decree: no. Lost: it happened, and nobody knows.
    pub(super) fn change_shipment(&mut self, edit: &ShipmentEdit) -> DeliveryState {
        let now = self.facts.now;
        let refuses = self.refuses_edits;
        let orders = &mut self.facts.warehouse;
        let seen = orders.iter_mut().find(|o| o.order.id == edit.order).expect("an order");
        assert_eq!(seen.order.reference, edit.reference);
        let mut shipments = seen.order.shipments.iter_mut();
        let shipment = shipments.find(|s| s.id == edit.shipment).expect("a shipment");
        if shipment.picked() || refuses {
            return DeliveryState::Refused;
        }
        assert!(!edit.shows(shipment), "nothing to change: {edit:?}");
        match &edit.change {
            Change::Address(to) => shipment.recipient = Some(to.clone()),
            Change::Method { method, .. } => shipment.method.clone_from(method),
            Change::Lines { items, .. } => {
                for product in &mut shipment.products {
                    for item in &mut product.items {
                        let new = items.iter().find(|i| i.inventory_id == item.inventory_id);
                        item.quantity = new.expect("the full list").quantity;
                    }
                }
            }
        }
        assert!(edit.shows(shipment), "{edit:?} is not shown by {shipment:?}");
        shipment.last_update = Some(now);
        if std::mem::take(&mut self.lose_next_edit) {
            self.lost_edits.push(edit.clone());
            return DeliveryState::InDoubt;
        }
        self.facts.kept.edited(edit, now);
        DeliveryState::Done
    }

    /// The centre ShipBob chooses for the nth shipment of an order that asks for none.
    pub(super) fn chosen(&self, create: &CreateOrder, nth: usize) -> Option<CentreId> {
        let line = create.lines.first().map(|l| l.external_line_id)?;
        let order = self.facts.sales.as_ref()?.order.as_ref()?;
        let booked = &order.lines.iter().find(|l| l.sequence == line)?.warehouse;
        let mapping = &self.settings.warehouse(booked)?.mapping;
        assert_eq!(mapping.pin(), None, "{}: a pinned order names its centre", create.reference);
        let centres: Vec<CentreId> = mapping.centres().collect();
        centres.get(nth % centres.len().max(1)).copied()
    }

    pub(super) fn accepted(&mut self, create: &CreateOrder) -> WarehouseOrder {
        self.last_id += 1;
        let id = self.last_id;
        let now = self.facts.now;
        let n = self.parcels_per_order.max(1);
        let shipments = (0..n)
            .map(|i| {
                self.last_id += 1;
                let products =
                    create.lines.iter().map(|l| self.packed(&l.sku, part(l.quantity, i, n)));
                let products = products.filter(|p| !p.items.is_empty()).collect();
                let mut shipment = build::parcel(self.last_id, 0, products);
                shipment.created = now;
                shipment.last_update = Some(now);
                shipment.centre = create.centre.or_else(|| self.chosen(create, i));
                shipment.recipient = Some(create.recipient.clone());
                shipment.method.clone_from(&create.method);
                shipment
            })
            .collect();
        WarehouseOrder {
            id: ShipBobOrderId(id),
            reference: create.reference.clone(),
            number: create.order_number.clone(),
            channel: Some(self.settings.channel),
            status: "Processing".into(),
            created: now,
            recipient: create.recipient.clone(),
            method: create.method.clone(),
            products: create
                .lines
                .iter()
                .map(|l| WarehouseLine {
                    sku: l.sku.clone(),
                    quantity: l.quantity,
                    external_line_id: Some(l.external_line_id),
                })
                .collect(),
            shipments,
        }
    }
}

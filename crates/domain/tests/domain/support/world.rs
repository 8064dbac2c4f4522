//! A tiny model of both remotes and of the engine between them: answers needs, grants wishes.
//! It refuses what the remotes would refuse, so that a wrong plan fails at once.

mod shipbob;

use super::{at, build};
use domain::edit::ShipmentEdit;
use domain::flows::plan_order;
use domain::ids::ReferenceId;
use domain::operation::{CreateOrder, Operation};
use domain::plan::{
    Decisions, DeliveryState, Kept, KeptChange, KnownDelivery, Need, OrderFacts, Plan, SeenOrder,
};
use domain::reference_data::{Capabilities, SkuFact};
use domain::sales::{Note, OrderRead, SalesLine, SalesOrder, SlipTracking};
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use domain::warehouse::{ShippedItem, ShippedProduct, WarehouseOrder};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Plans until quiet; more rounds than this is an oscillation.
const ROUNDS: usize = 40;

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) facts: OrderFacts,
    /// Everything ShipBob knows of its catalogue.
    pub(crate) catalogue: BTreeMap<String, SkuFact>,
    /// ShipBob orders no read shows yet: their create is in doubt.
    pub(crate) hidden: Vec<SeenOrder>,
    /// The reply of the next create is lost.
    pub(crate) lose_next_create: bool,
    /// What a packing slip leaves in deliver-now: the remainder, or nothing.
    pub(crate) deliver_now_resets: bool,
    /// Slipped by hand before ShipBob first had the line, in sales unit.
    pub(crate) slipped_before: BTreeMap<String, Decimal>,
    /// What ShipBob and F&O were asked to do, in order.
    pub(crate) ledger: Vec<Operation>,
    pub(crate) last_id: i64,
    /// Shipments the next orders are split into.
    pub(crate) parcels_per_order: usize,
    /// ShipBob says no to every edit.
    pub(crate) refuses_edits: bool,
    /// The reply of the next edit is lost.
    pub(crate) lose_next_edit: bool,
    pub(crate) lost_edits: Vec<ShipmentEdit>,
}

impl World {
    /// A released order with these lines; ShipBob knows their SKUs.
    pub(crate) fn new(lines: Vec<SalesLine>) -> Self {
        let catalogue = lines.iter().map(|l| (l.sku.clone(), build::catalogue(&l.sku))).collect();
        let order = build::sales_order(lines);
        let read =
            OrderRead { number: order.number.clone(), order: Some(order), read_began: at(2) };
        let facts = OrderFacts {
            now: at(2),
            number: "SO-1".into(),
            sales: Some(read),
            warehouse: Vec::new(),
            closed: std::collections::BTreeSet::new(),
            skus: BTreeMap::new(),
            conversions: Vec::new(),
            countries: BTreeMap::new(),
            capabilities: Capabilities::default(),
            carrier_services: vec![("UPS".into(), "GROUND".into())],
            methods: vec!["Standard".into(), "Expedited".into()],
            services: BTreeMap::new(),
            deliveries: Vec::new(),
            charges: Vec::new(),
            given_up: Vec::new(),
            returns: Vec::new(),
            charge_codes: Vec::new(),
            kept: Kept::default(),
            decisions: Decisions::default(),
            request: None,
            rivals: Vec::new(),
        };
        Self {
            settings: build::settings(),
            facts,
            catalogue,
            hidden: Vec::new(),
            lose_next_create: false,
            deliver_now_resets: false,
            slipped_before: BTreeMap::new(),
            ledger: Vec::new(),
            last_id: 100,
            parcels_per_order: 1,
            refuses_edits: false,
            lose_next_edit: false,
            lost_edits: Vec::new(),
        }
    }

    /// One line of so many pieces of A.
    pub(crate) fn of(pieces: i64) -> Self {
        Self::new(vec![build::line(1, "A", pieces)])
    }

    pub(crate) fn order(&mut self) -> &mut SalesOrder {
        self.facts.sales.as_mut().and_then(|r| r.order.as_mut()).expect("the order is gone")
    }

    /// Line by sequence.
    pub(crate) fn line(&mut self, sequence: i32) -> &mut SalesLine {
        self.order().lines.iter_mut().find(|l| l.sequence == sequence).expect("no such line")
    }

    /// The n-th ShipBob order.
    pub(crate) fn at_shipbob(&mut self, n: usize) -> &mut WarehouseOrder {
        &mut self.facts.warehouse[n].order
    }

    /// Plans without doing anything.
    pub(crate) fn plan(&self) -> Plan {
        plan_order(&self.facts, &self.settings)
    }

    /// Lets time pass; everything is read again.
    pub(crate) fn pass(&mut self, span: Span) {
        self.facts.now = self.facts.now + span;
        let now = self.facts.now;
        if let Some(read) = &mut self.facts.sales {
            read.read_began = now;
        }
    }

    /// Plans and acts until there is nothing left to do; returns the last plan.
    #[track_caller]
    pub(crate) fn run(&mut self) -> Plan {
        for _ in 0..ROUNDS {
            let plan = self.plan();
            if !plan.needs.is_empty() {
                self.answer(&plan.needs);
                continue;
            }
            self.facts.deliveries.retain(|d| {
                d.state != DeliveryState::Ready || plan.deliveries.iter().any(|w| w.key == d.key)
            });
            for change in &plan.kept {
                match change {
                    KeptChange::Baseline { lot, delivered } => {
                        self.facts.kept.baseline.insert(lot.as_str().to_owned(), *delivered);
                    }
                    KeptChange::TooLate { reference, field } => {
                        let late = &mut self.facts.kept.too_late;
                        let fields = late.entry(reference.as_str().to_owned()).or_default();
                        fields.insert(field.clone());
                    }
                    KeptChange::OutOfHands(key) => {
                        self.facts.kept.in_hands.remove(key);
                    }
                    KeptChange::Sent(body) => {
                        let reference = body.reference.as_str().to_owned();
                        self.facts.kept.sent.insert(reference, CreateOrder::clone(body));
                    }
                }
            }
            if !plan.kept.is_empty() {
                continue;
            }
            let open = |key: &str| {
                let sent = |s| matches!(s, DeliveryState::InFlight | DeliveryState::InDoubt);
                self.facts.deliveries.iter().any(|d| d.key == key && sent(d.state))
            };
            let new: Vec<_> = plan.deliveries.iter().filter(|d| !open(&d.key)).cloned().collect();
            if new.is_empty() {
                return plan;
            }
            // One at a time, and planned again after each, as a subject is served.
            let first = new.into_iter().next().expect("not empty");
            let state = self.act(&first.operation);
            self.pass(Span::seconds(5));
            let (key, since) = (first.key, self.facts.now);
            self.facts.deliveries.retain(|d| d.key != key);
            self.facts.deliveries.push(KnownDelivery { key, state, since, hold: None });
            self.pass(Span::seconds(5));
        }
        panic!("no fixed point after {ROUNDS} rounds: {:#?}", self.plan().deliveries);
    }

    /// Creates in doubt are looked up: those that arrived are seen, the others may be sent again.
    pub(crate) fn resolve_doubts(&mut self) {
        let now = self.facts.now;
        let mut arrived = Vec::new();
        for d in self.facts.deliveries.iter_mut().filter(|d| d.state == DeliveryState::InDoubt) {
            let reference = d.key.split(':').nth(1).expect("a create").to_owned();
            let (found, hidden): (Vec<_>, Vec<_>) = std::mem::take(&mut self.hidden)
                .into_iter()
                .partition(|o| o.order.reference.as_str() == reference);
            self.hidden = hidden;
            d.state = if found.is_empty() { DeliveryState::Ready } else { DeliveryState::Done };
            d.since = now;
            arrived.extend(found);
        }
        for seen in arrived {
            let reference = seen.order.reference.clone();
            let body = self.creates().into_iter().find(|c| c.reference == reference).cloned();
            let key = reference.as_str().to_owned();
            self.facts.kept.absent.remove(&key);
            self.facts.kept.sent.insert(key, body.expect("it was sent"));
            self.facts.warehouse.push(seen);
        }
    }

    /// Edits in doubt are looked up: they had arrived.
    pub(crate) fn find_lost_edits(&mut self) {
        let now = self.facts.now;
        for d in self.facts.deliveries.iter_mut().filter(|d| d.state == DeliveryState::InDoubt) {
            (d.state, d.since) = (DeliveryState::Done, now);
        }
        for edit in std::mem::take(&mut self.lost_edits) {
            self.facts.kept.edited(&edit, now);
        }
    }

    pub(crate) fn edits(&self) -> Vec<&ShipmentEdit> {
        let edits = self.ledger.iter().filter_map(|o| match o {
            Operation::EditShipment(edit) => Some(edit),
            _ => None,
        });
        edits.collect()
    }

    /// Runs; nothing may wait for a person afterwards.
    #[track_caller]
    pub(crate) fn run_smoothly(&mut self) -> Plan {
        let plan = self.run();
        assert!(plan.holds.is_empty(), "{:?}", plan.holds);
        plan
    }

    /// Makes the reads a plan asks for.
    pub(crate) fn answer(&mut self, needs: &[Need]) {
        for need in needs {
            match need {
                Need::Sales => self.pass(Span::seconds(1)),
                Need::Orders(_) => {
                    self.pass(Span::seconds(1));
                    let now = self.facts.now;
                    self.facts.warehouse.iter_mut().for_each(|o| o.read_began = now);
                }
                Need::Skus(skus) => {
                    for sku in skus {
                        let unknown = || SkuFact {
                            exact: None,
                            case_variants: Vec::new(),
                            coming: false,
                            part: None,
                            read_began: self.facts.now,
                        };
                        let fact = self.catalogue.get(sku).cloned().unwrap_or_else(unknown);
                        self.facts.skus.insert(sku.clone(), fact);
                    }
                }
                Need::References(references) => {
                    for reference in references {
                        self.look_up(reference);
                    }
                }
            }
        }
        self.pass(Span::seconds(1));
    }

    fn look_up(&mut self, reference: &ReferenceId) {
        let (found, hidden): (Vec<_>, Vec<_>) = std::mem::take(&mut self.hidden)
            .into_iter()
            .partition(|o| o.order.reference == *reference);
        self.hidden = hidden;
        let seen = self.facts.warehouse.iter().any(|o| o.order.reference == *reference);
        if found.is_empty() && !seen {
            self.facts.kept.absent.insert(reference.as_str().to_owned(), self.facts.now);
        }
        self.facts.warehouse.extend(found);
    }

    fn act(&mut self, operation: &Operation) -> DeliveryState {
        self.ledger.push(operation.clone());
        match operation {
            Operation::CreateOrder(create) => return self.create(create),
            Operation::CancelOrder { order, reference } => return self.cancel(*order, reference),
            Operation::EditShipment(edit) => return self.change_shipment(edit),
            Operation::CreateProduct(_)
            | Operation::AddVariants { .. }
            | Operation::UpdateProduct { .. } => panic!("an order writes no products"),
            Operation::AckTracking { shipment } => {
                let now = self.facts.now;
                for o in &mut self.facts.warehouse {
                    for s in o.order.shipments.iter_mut().filter(|s| s.id == *shipment) {
                        s.tracking_uploaded = true;
                    }
                }
                self.facts.kept.acknowledged.insert(shipment.0, now);
            }
            Operation::WriteNote { description, text, existing, document_id, .. } => {
                self.note(description, text, existing.as_ref(), document_id);
            }
            Operation::SetDeliverNow { lines, pool, .. } => {
                for want in lines {
                    let line = self.order().lines.iter_mut().find(|l| l.lot == want.lot);
                    let line = line.expect("a line of the order");
                    assert_eq!(line.etag, want.etag, "stale etag");
                    assert!(
                        want.quantity >= Decimal::ZERO && want.quantity <= line.remaining,
                        "deliver now {} of {} remaining",
                        want.quantity,
                        line.remaining
                    );
                    line.deliver_now = want.quantity;
                    line.etag.push('+');
                }
                if let Some((pool, etag)) = pool {
                    let order = self.order();
                    assert_eq!(order.etag, *etag, "stale etag");
                    order.pool = pool.clone();
                    order.etag.push('+');
                }
            }
            Operation::SetCarrier { carrier, service, etag, .. } => {
                let order = self.order();
                assert_eq!(order.etag, *etag, "stale etag");
                order.carrier = carrier.clone();
                order.carrier_service = service.clone();
                order.etag.push('+');
            }
            Operation::AddTracking { slip, number, .. } => {
                let order = self.order();
                let there = order.tracking.iter().any(|t| t.slip == *slip && t.number == *number);
                assert!(!there, "tracking {number} twice on {slip}");
                order.tracking.push(SlipTracking { slip: slip.clone(), number: number.clone() });
            }
            Operation::CustomCall(call) if call.returned.is_some() => {}
            Operation::CustomCall(call) => self.post_by_call(call),
            Operation::AnswerRequest { .. } | Operation::UpdateShipment(_) => {
                panic!("an order is no request: {operation:?}")
            }
            // F&O takes it as it is: charges are judged by their own tests.
            Operation::WriteCharge(_) => {}
            Operation::CreateJournal(_)
            | Operation::WriteJournalLines(_)
            | Operation::AdjustStock(_)
            | Operation::TellAvailable(_) => {
                panic!("an order is no journal: {operation:?}")
            }
        }
        DeliveryState::Done
    }

    fn note(
        &mut self,
        description: &str,
        text: &str,
        existing: Option<&(String, String)>,
        document_id: &str,
    ) {
        let order = self.order();
        let known = order.notes.iter_mut().find(|n| n.description == *description);
        match (known, existing) {
            (Some(note), Some((id, etag))) => {
                assert_eq!((&note.document_id, &note.etag), (id, etag), "stale note");
                for old in numbers(&note.text) {
                    assert!(numbers(text).contains(&old), "number {old} was deleted: {text}");
                }
                text.clone_into(&mut note.text);
                note.etag.push('+');
            }
            (None, None) => order.notes.push(Note {
                document_id: document_id.to_owned(),
                description: description.to_owned(),
                text: text.to_owned(),
                etag: "n0".to_owned(),
            }),
            (known, existing) => panic!("a second note of {description}: {known:?} {existing:?}"),
        }
    }

    /// ShipBob explodes kits into their components.
    pub(crate) fn packed(&self, sku: &str, quantity: i64) -> ShippedProduct {
        let item = self.catalogue.get(sku).and_then(|f| f.exact.as_ref());
        let own = build::own_inventory(sku);
        let parts = item.filter(|i| i.bundle).map_or(vec![(own, 1)], |i| i.components.clone());
        let items = parts
            .into_iter()
            .map(|(inventory_id, each)| ShippedItem { inventory_id, quantity: each * quantity })
            .filter(|i| i.quantity > 0)
            .collect();
        ShippedProduct { sku: sku.to_owned(), items }
    }

    fn carried(&self, sequence: i32) -> bool {
        let all = self.facts.warehouse.iter().chain(&self.hidden);
        all.flat_map(|o| &o.order.products).any(|p| p.external_line_id == Some(sequence))
    }

    /// Eaches ShipBob will have shipped of a line when all it has is through.
    fn asked(&self, sequence: i32) -> i64 {
        let all = self.facts.warehouse.iter().chain(&self.hidden);
        let sent = &self.facts.kept.sent;
        all.map(|o| {
            // An order goes on showing what it was created with.
            let known = sent.get(o.order.reference.as_str());
            let own = o.order.products.iter().filter(|p| p.external_line_id == Some(sequence));
            let own = own.map(|p| p.quantity).sum::<i64>();
            let now = known.map(|k| {
                let mine = k.lines.iter().filter(|l| l.external_line_id == sequence);
                mine.map(|l| l.quantity).sum::<i64>()
            });
            if o.order.cancelled() { 0 } else { now.unwrap_or(own) }
        })
        .sum()
    }

    pub(crate) fn slipped(&self, lot: &str) -> Decimal {
        let order = self.facts.sales.as_ref().and_then(|r| r.order.as_ref());
        order.map(|o| o.slipped(&lot.into())).unwrap_or_default()
    }

    pub(crate) fn factor(&self, sequence: i32) -> Decimal {
        let order = self.facts.sales.as_ref().and_then(|r| r.order.as_ref());
        let line = order.and_then(|o| o.lines.iter().find(|l| l.sequence == sequence));
        let line = line.expect("no such line");
        let each = &self.settings.each_units;
        domain::units::eaches_per_unit(&line.item, &line.unit, each, &self.facts.conversions)
            .unwrap_or_default()
    }

    pub(crate) fn creates(&self) -> Vec<&CreateOrder> {
        let creates = self.ledger.iter().filter_map(|o| match o {
            Operation::CreateOrder(create) => Some(create),
            _ => None,
        });
        creates.collect()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.ledger.iter().filter(|o| o.name() == name).count()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.facts.now
    }
}

/// Part `i` of `n` of a quantity.
fn part(quantity: i64, i: usize, n: usize) -> i64 {
    let n = i64::try_from(n).expect("small");
    let extra = i64::from(i == 0) * (quantity % n);
    quantity / n + extra
}

/// Tracking numbers a note names.
pub(crate) fn numbers(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|l| l.split_once("racking: ")).map(|(_, n)| n.to_owned());
    lines.filter(|n| n != "not yet known").collect()
}

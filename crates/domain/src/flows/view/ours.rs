//! Our ShipBob orders: which of those seen are ours, and what they carry per line.

use crate::address::{self, Countries};
use crate::edit::Edited;
use crate::flows::ground::Ground;
use crate::ids::{CentreId, ReferenceId, ShipBobOrderId};
use crate::mapping::Mapping;
use crate::operation::{CreateOrder, create_prefix};
use crate::plan::{DeliveryState, OrderFacts, SeenOrder};
use crate::reference::{self, Parts};
use crate::sales::SalesOrder;
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::units;
use crate::warehouse::{Shipment, WarehouseLine, WarehouseOrder, nothing_comes};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Eaches of one F&O line (by sequence) inside one shipment; 0 for parts of a kit that another
/// parcel completes.
pub(in crate::flows) type Share = (i32, i64);

/// One shipment that is not dead, with what it carries.
pub(in crate::flows) struct Parcel<'a> {
    pub(in crate::flows) shipment: &'a Shipment,
    pub(in crate::flows) shares: Vec<Share>,
    /// In another centre than its lines are booked in: (where it is, where they are booked).
    pub(in crate::flows) astray: Option<(CentreId, Mapping)>,
    /// Left astray, and nobody has said yet that it may be slipped all the same.
    pub(in crate::flows) withheld: bool,
}

/// One product of one of our orders, tied to its F&O line where that can be told.
pub(in crate::flows) struct OurLine<'a> {
    pub(in crate::flows) sequence: Option<i32>,
    pub(in crate::flows) sku: &'a str,
    pub(in crate::flows) quantity: i64,
}

/// One of our ShipBob orders.
pub(in crate::flows) struct Ours<'a> {
    pub(in crate::flows) order: &'a WarehouseOrder,
    pub(in crate::flows) parts: Parts,
    /// What we sent, when this installation did.
    pub(in crate::flows) sent: Option<&'a CreateOrder>,
    /// What we changed of shipments (of all orders), by ShipBob's id.
    pub(in crate::flows) edited: &'a BTreeMap<i64, Edited>,
    /// When the read began that shows it so.
    pub(in crate::flows) read_began: Timestamp,
    /// Cancelled at ShipBob by our own request.
    pub(in crate::flows) cancelled_by_us: bool,
    /// Cancelled by somebody else, and a person has asked to send its goods again.
    pub(in crate::flows) retried: bool,
    /// What it carries, by line sequence.
    pub(in crate::flows) lines: Vec<OurLine<'a>>,
    /// Every shipment once, lowest id first.
    pub(in crate::flows) shipments: Vec<&'a Shipment>,
    /// The shipments that are not dead; what left comes first, oldest first.
    pub(in crate::flows) parcels: Vec<Parcel<'a>>,
    /// Shipped beyond what was ordered: (SKU, eaches).
    pub(in crate::flows) excess: Vec<(String, i64)>,
    /// Eaches that left and do not make a whole kit: (SKU, eaches).
    pub(in crate::flows) odd_parts: Vec<(String, i64)>,
}

/// Our cancel came twice, and the second was refused: that it is gone is what F&O wanted.
fn cancel_was_refused(facts: &OrderFacts, reference: &str) -> bool {
    let key = format!("cancel:{reference}");
    facts.deliveries.iter().any(|d| d.key == key && d.state == DeliveryState::Refused)
}

impl<'a> Ours<'a> {
    fn new(seen: &'a SeenOrder, parts: Parts, facts: &'a OrderFacts, settings: &Settings) -> Self {
        let order = &seen.order;
        let key = order.reference.as_str();
        let late = |body: &&CreateOrder| {
            body.reference == order.reference && body.differs(order, settings.channel).is_none()
        };
        let known = facts.kept.sent.get(key);
        let sent = known.or_else(|| facts.given_up.iter().find(late));
        Self {
            order,
            parts,
            sent,
            edited: &facts.kept.edited,
            read_began: seen.read_began,
            cancelled_by_us: facts.kept.cancelled_by_us.contains_key(key)
                || cancel_was_refused(facts, key),
            retried: false,
            lines: Vec::new(),
            shipments: once(&order.shipments),
            parcels: Vec::new(),
            excess: Vec::new(),
            odd_parts: Vec::new(),
        }
    }

    pub(in crate::flows) fn live(&self) -> bool {
        !nothing_comes(&self.order.status, self.shipments.iter().copied())
    }

    /// Nothing more will leave ShipBob on this order.
    pub(in crate::flows) fn finished(&self) -> bool {
        !self.shipments.is_empty() && self.shipments.iter().all(|s| s.left() || s.dead())
    }

    pub(in crate::flows) fn picked(&self) -> bool {
        self.shipments.iter().any(|s| s.picked())
    }

    /// The shipments that may still leave, or have left.
    pub(in crate::flows) fn alive(&self) -> impl Iterator<Item = &'a Shipment> {
        self.shipments.iter().copied().filter(|s| !s.dead())
    }

    /// Eaches of a SKU inside shipments that are not dead, by the id of the line's SKU.
    pub(in crate::flows) fn boxed(&self, sku: &str) -> i64 {
        let products = self.alive().flat_map(|s| &s.products);
        let items = products.filter(|p| p.sku.eq_ignore_ascii_case(sku)).flat_map(|p| &p.items);
        items.map(|i| i.quantity.max(0)).fold(0, i64::saturating_add)
    }

    /// What we know to have asked for of a SKU, all lines together.
    pub(in crate::flows) fn asked(&self, sku: &str) -> i64 {
        let same = self.lines.iter().filter(|l| l.sku.eq_ignore_ascii_case(sku));
        same.map(|l| l.quantity).fold(0, i64::saturating_add)
    }

    /// What we sent and gave up, and which arrived all the same: to be remembered as sent.
    pub(in crate::flows) fn came_late(&self, facts: &OrderFacts) -> Option<&'a CreateOrder> {
        self.sent.filter(|body| !facts.kept.sent.contains_key(body.reference.as_str()))
    }

    /// Something of it has left.
    pub(in crate::flows) fn left(&self) -> bool {
        self.shipments.iter().any(|s| s.left())
    }

    /// The F&O lines it carries, each once.
    pub(in crate::flows) fn sequences(&self) -> impl Iterator<Item = i32> {
        self.lines.iter().filter_map(|l| l.sequence).collect::<BTreeSet<i32>>().into_iter()
    }

    pub(in crate::flows) fn carries(&self, sequence: i32) -> bool {
        self.lines.iter().any(|l| l.sequence == Some(sequence))
    }

    pub(in crate::flows) fn ordered(&self, sequence: i32) -> i64 {
        let mine = self.lines.iter().filter(|l| l.sequence == Some(sequence));
        mine.map(|l| l.quantity).fold(0, i64::saturating_add)
    }

    pub(in crate::flows) fn shipped(&self, sequence: i32) -> i64 {
        total(self.parcels.iter().filter(|p| p.shipment.left()), sequence)
    }

    pub(in crate::flows) fn slippable(&self, sequence: i32) -> i64 {
        total(self.parcels.iter().filter(|p| p.shipment.left() && !p.withheld), sequence)
    }

    /// In parcels that left or may still leave.
    pub(in crate::flows) fn packed(&self, sequence: i32) -> i64 {
        total(self.parcels.iter(), sequence)
    }

    /// Counts as asked of ShipBob: all of it while it may ship, or while a person has to decide.
    /// Nothing has left of an order that is not live.
    pub(super) fn found(&self, sequence: i32) -> i64 {
        if self.live() || !(self.cancelled_by_us || self.retried) {
            self.ordered(sequence).max(self.shipped(sequence))
        } else {
            0
        }
    }

    /// The least that will have left when it is done.
    pub(in crate::flows) fn committed(&self, sequence: i32) -> i64 {
        let shipped = self.shipped(sequence);
        if self.live() && !self.finished() { self.ordered(sequence).max(shipped) } else { shipped }
    }
}

fn total<'p, 'a: 'p>(parcels: impl Iterator<Item = &'p Parcel<'a>>, sequence: i32) -> i64 {
    let shares = parcels.flat_map(|p| &p.shares).filter(|(s, _)| *s == sequence);
    shares.map(|(_, n)| *n).fold(0, i64::saturating_add)
}

/// Each shipment once, in its newest state.
fn once(shipments: &[Shipment]) -> Vec<&Shipment> {
    let mut by_id: BTreeMap<i64, &Shipment> = BTreeMap::new();
    for s in shipments {
        let known = by_id.entry(s.id.0).or_insert(s);
        if s.last_update > known.last_update {
            *known = s;
        }
    }
    by_id.into_values().collect()
}

/// An order ShipBob took, but which no read shows.
pub(in crate::flows) struct Unseen<'a> {
    pub(in crate::flows) reference: ReferenceId,
    pub(in crate::flows) parts: Parts,
    /// What we sent, where it is still known.
    pub(in crate::flows) body: Option<&'a CreateOrder>,
    /// When a read that did not find it began.
    pub(in crate::flows) absent: Option<Timestamp>,
}

pub(super) fn unseen<'v, 'a: 'v>(
    facts: &'a OrderFacts,
    settings: &Settings,
    seen: impl Iterator<Item = &'v Ours<'a>>,
) -> Vec<Unseen<'a>> {
    let seen: BTreeSet<&str> = seen.map(|o| o.order.reference.as_str()).collect();
    let done = facts.deliveries.iter().filter(|d| d.state == DeliveryState::Done);
    let done = done.filter_map(|d| reference_of_create(&d.key));
    let taken: BTreeSet<&str> = facts.kept.sent.keys().map(String::as_str).chain(done).collect();
    taken
        .into_iter()
        .filter(|r| !seen.contains(r))
        .filter_map(|r| {
            let reference = ReferenceId::new(r);
            let parts = reference::parse(&settings.company, &reference)?;
            let body = facts.kept.sent.get(r);
            Some(Unseen { parts, body, absent: facts.kept.absent.get(r).copied(), reference })
        })
        .collect()
}

/// Key of a create: the reference, and what stands for the body.
pub(in crate::flows) fn create_key(reference: &ReferenceId, body: &str) -> String {
    format!("{}{body}", create_prefix(reference))
}

fn reference_of_create(key: &str) -> Option<&str> {
    key.strip_prefix("create:")?.rsplit_once(':').map(|(reference, _)| reference)
}

type Collected<'a> = (Vec<Ours<'a>>, Vec<(Ours<'a>, &'static str)>);

/// Our orders among those seen, and those that only look like ours.
pub(super) fn collect<'a>(
    facts: &'a OrderFacts,
    settings: &'a Settings,
    order: Option<&'a SalesOrder>,
) -> Collected<'a> {
    let mut newest: BTreeMap<ShipBobOrderId, &'a SeenOrder> = BTreeMap::new();
    for seen in &facts.warehouse {
        let known = newest.entry(seen.order.id).or_insert(seen);
        if (seen.order.last_update(), seen.read_began)
            > (known.order.last_update(), known.read_began)
        {
            *known = seen;
        }
    }
    let (mut ours, mut foreign) = (Vec::new(), Vec::new());
    for seen in newest.into_values() {
        let Some(parts) = reference::parse(&settings.company, &seen.order.reference) else {
            continue;
        };
        if !parts.order.same_as(facts.number.as_str()) {
            continue;
        }
        let mut one = Ours::new(seen, parts, facts, settings);
        one.lines = lines(&one, order);
        if let Some(order) = order {
            as_boxed(&mut one, order, facts, settings);
        }
        match order.and_then(|o| stranger(&one, o, facts, settings)) {
            Some(field) => foreign.push((one, field)),
            None => ours.push(one),
        }
    }
    ours.sort_by_key(|o| (o.parts.sequence, o.parts.k, o.order.id));
    foreign.sort_by_key(|(o, _)| (o.parts.sequence, o.parts.k, o.order.id));
    let retried: Vec<bool> = ours.iter().map(|o| retried(o, &ours, facts)).collect();
    for (one, retried) in ours.iter_mut().zip(retried) {
        one.retried = retried;
    }
    (ours, foreign)
}

/// A person asked to send it again after it was cancelled, or that has happened already. ShipBob's
/// clock may be ahead of ours: what we have seen cancelled was cancelled when we looked.
fn retried(one: &Ours<'_>, all: &[Ours<'_>], facts: &OrderFacts) -> bool {
    let cancelled = one.order.last_update();
    let gone = |s: &&SeenOrder| s.order.id == one.order.id && s.order.cancelled();
    let seen = facts.warehouse.iter().filter(gone);
    let looked = seen.map(|s| s.read_began).min().unwrap_or(cancelled);
    let asked = facts.decisions.retry.is_some_and(|at| at > cancelled.min(looked));
    let again =
        |o: &&Ours<'_>| o.order.created > cancelled && one.sequences().any(|s| o.carries(s));
    asked || all.iter().any(|o| again(&o))
}

/// What the order carries, tied to F&O lines: by the line number we sent, else by what we sent
/// (ShipBob may leave the number out), else by SKU. Once we have changed quantities, what we sent
/// last counts: an order may go on showing what it was created with.
fn lines<'a>(one: &Ours<'a>, order: Option<&SalesOrder>) -> Vec<OurLine<'a>> {
    let products: &'a [WarehouseLine] = &one.order.products;
    let mut lines: Vec<OurLine<'a>> = Vec::with_capacity(products.len());
    let changed = |s: &&Shipment| one.edited.get(&s.id.0).is_some_and(|e| e.lines);
    let edited = one.sent.is_some() && one.shipments.iter().any(changed);
    if products.is_empty() || edited {
        let sent = one.sent.map(|s| s.lines.as_slice()).unwrap_or_default();
        lines.extend(sent.iter().map(|l| OurLine {
            sequence: Some(l.external_line_id),
            sku: &l.sku,
            quantity: l.quantity.max(0),
        }));
    }
    let products = if edited { &[] } else { products };
    let mut taken: BTreeSet<i32> = products.iter().filter_map(|p| p.external_line_id).collect();
    for p in products {
        let same = |sku: &str| sku.eq_ignore_ascii_case(&p.sku);
        let sequence = p.external_line_id.or_else(|| {
            let sent = one.sent.map(|s| s.lines.as_slice()).unwrap_or_default();
            let sent = sent.iter().filter(|l| same(&l.sku)).map(|l| l.external_line_id);
            let booked = order.map(|o| o.lines.as_slice()).unwrap_or_default();
            let booked = booked.iter().filter(|l| same(&l.sku)).map(|l| l.sequence);
            sent.chain(booked).filter(|s| !taken.contains(s)).min()
        });
        taken.extend(sequence);
        lines.push(OurLine { sequence, sku: &p.sku, quantity: p.quantity.max(0) });
    }
    lines.sort_by_key(|l| (l.sequence, l.sku, l.quantity));
    lines
}

/// After a restore an order that was reduced by an update call may still show what it was created
/// with: more than F&O wants, while its shipments hold exactly that. The shipments are right.
fn as_boxed(one: &mut Ours<'_>, order: &SalesOrder, facts: &OrderFacts, settings: &Settings) {
    if one.sent.is_some() || !one.live() {
        return;
    }
    let boxed: Vec<i64> = one.lines.iter().map(|l| one.boxed(l.sku)).collect();
    let alone: Vec<bool> = one.lines.iter().map(|l| one.asked(l.sku) == l.quantity).collect();
    for ((line, boxed), alone) in one.lines.iter_mut().zip(boxed).zip(alone) {
        let booked = order.lines.iter().find(|l| Some(l.sequence) == line.sequence);
        let most = booked.and_then(|l| most_of(l, facts, settings));
        let too_many = most.is_some_and(|most| Decimal::from(line.quantity) > most);
        let fits = most == Some(Decimal::from(boxed));
        if alone && too_many && fits {
            line.quantity = boxed;
        }
    }
}

/// Everything F&O ever wants of a line, in eaches.
fn most_of(
    line: &crate::sales::SalesLine,
    facts: &OrderFacts,
    settings: &Settings,
) -> Option<Decimal> {
    let factor =
        units::eaches_per_unit(&line.item, &line.unit, &settings.each_units, &facts.conversions);
    factor.map(|f| line.ordered.saturating_mul(f))
}

/// The first thing in which an order this installation did not send is not ours: after a restore
/// F&O may hand out an order number again. A person may say that it is ours all the same.
fn stranger(
    one: &Ours<'_>,
    order: &SalesOrder,
    facts: &OrderFacts,
    settings: &Settings,
) -> Option<&'static str> {
    if one.sent.is_some() {
        return None;
    }
    let field = if one.order.channel.is_some_and(|c| c != settings.channel) {
        "channel"
    } else if one.lines.iter().any(|l| !fits(l, one, order, facts, settings)) {
        "quantities"
    } else if !same_people(one, order, facts, settings) {
        "recipient"
    } else {
        return None;
    };
    let identity = crate::flows::orders::reference_taken(one, field).identity();
    (!facts.decisions.dismissed.contains(&identity)).then_some(field)
}

fn fits(
    own: &OurLine<'_>,
    one: &Ours<'_>,
    order: &SalesOrder,
    facts: &OrderFacts,
    settings: &Settings,
) -> bool {
    let Some(line) = order.lines.iter().find(|l| Some(l.sequence) == own.sequence) else {
        return false;
    };
    let most = most_of(line, facts, settings);
    // What was cancelled may have been cancelled because it was too much.
    let enough = |most| !one.live() || Decimal::from(one.ordered(line.sequence)) <= most;
    line.sku.eq_ignore_ascii_case(own.sku) && most.is_none_or(enough)
}

fn same_people(
    one: &Ours<'_>,
    order: &SalesOrder,
    facts: &OrderFacts,
    settings: &Settings,
) -> bool {
    let Some(line) = order.lines.iter().find(|l| one.carries(l.sequence)) else { return true };
    let countries = Countries { settings: &settings.countries, dynamics: &facts.countries };
    let address = Ground::of(line, order).address;
    match address::recipient(&address, &order.email, &order.phone, &countries) {
        Ok(ours) => {
            // An edit changes shipments; the order may go on showing the old recipient.
            let parcels = one.alive().filter_map(|s| s.recipient.as_ref());
            let mut shown = parcels.chain([&one.order.recipient]);
            shown.any(|r| r.same_person(&ours))
        }
        Err(_) => true,
    }
}

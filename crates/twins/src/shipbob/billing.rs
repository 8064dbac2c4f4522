//! What ShipBob charges: fee lines of shipments that left, corrections, refunds and credits that come late, storage,
//! weekly invoices, and what happens to those afterwards. Nothing here is known to F&O or to the orders.
//!
//! How much a shipment costs is keyed by its reference and ordinal, so that the sums are the same in every right run;
//! which invoice a line lands on is a matter of time.

mod read;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub(super) use read::{fees, invoices, of_invoice, query};

use super::{LifeEvent, life};
use crate::world::calendar::{DAY, HOUR};
use crate::world::{Event, World};

/// First invoice id; invoices count up from here.
const FIRST_INVOICE: i64 = 7_410_000;

/// Something that happens to what was charged.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BillingEvent {
    /// The fees of a shipment become known.
    Charge(usize),
    /// What comes late for a shipment: a correction, a refund, a credit.
    Late(usize),
    /// The week closes.
    Close,
    /// A closed invoice is opened again.
    Reopen(usize),
}

/// One fee line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) cents: i64,
    pub(super) currency: &'static str,
    pub(super) charged_at: i64,
    /// Index of the invoice it stands on.
    pub(super) invoice: Option<usize>,
    pub(super) invoice_type: &'static str,
    pub(super) fee: &'static str,
    pub(super) kind: &'static str,
    pub(super) reference: String,
    pub(super) reference_type: &'static str,
    pub(super) centre: &'static str,
    pub(super) tracking: Option<String>,
    pub(super) moved: bool,
    /// The shipment it is about, if any.
    pub(super) shipment: Option<usize>,
}

pub(super) struct Invoice {
    pub(super) dated_at: i64,
    pub(super) kind: &'static str,
    pub(super) currency: &'static str,
    /// Balance of the account after it.
    pub(super) running: i64,
}

/// Everything charged so far.
#[derive(Default)]
pub(super) struct Books {
    pub(super) lines: Vec<Line>,
    pub(super) invoices: Vec<Invoice>,
    /// What is printed on an invoice and stands on no line of it, by place.
    pub(super) misprinted: std::collections::BTreeMap<usize, i64>,
    closing: bool,
    weeks: u32,
}

/// A fee line as it stands at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BilledLine {
    pub id: String,
    /// Hundredths, with the sign of what is owed.
    pub cents: i64,
    pub currency: String,
    pub invoice: Option<i64>,
    /// Id of the shipment it is about.
    pub shipment: Option<i64>,
    /// Sales order of that shipment, when it is one of our channel.
    pub order_number: Option<String>,
}

/// An invoice as it stands at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BilledInvoice {
    pub id: i64,
    /// Hundredths.
    pub cents: i64,
    pub currency: String,
}

/// All of it, for whoever judges a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Billed {
    pub lines: Vec<BilledLine>,
    pub invoices: Vec<BilledInvoice>,
}

impl Books {
    /// What an invoice comes to now.
    pub(super) fn total(&self, invoice: usize) -> i64 {
        let lines = self.lines.iter().filter(|l| l.invoice == Some(invoice));
        let misprint = self.misprinted.get(&invoice).copied().unwrap_or(0);
        lines.map(|l| l.cents).sum::<i64>() + misprint
    }
}

/// An invoice is printed wrong; false when there is none of that id.
pub(crate) fn misprint(world: &mut World, id: i64, cents: i64) -> bool {
    let books = &mut world.shipbob.books;
    let Some(index) = invoice_index(id).filter(|i| *i < books.invoices.len()) else { return false };
    books.misprinted.insert(index, cents);
    true
}

pub(super) fn invoice_id(index: usize) -> i64 {
    FIRST_INVOICE + i64::try_from(index).unwrap_or(0)
}

pub(super) fn invoice_index(id: i64) -> Option<usize> {
    usize::try_from(id.checked_sub(FIRST_INVOICE)?).ok()
}

/// A shipment left: its fees follow within six hours.
pub(super) fn left(world: &mut World, shipment: usize) {
    if !world.config.billing {
        return;
    }
    let Some(key) = key_of(world, shipment) else { return };
    let delay = world.config.paced(world.chance.between("fees", &key, HOUR, 6 * HOUR));
    later(world, delay, BillingEvent::Charge(shipment));
}

/// Runs one event.
pub(super) fn live(world: &mut World, event: BillingEvent) {
    match event {
        BillingEvent::Charge(shipment) => charge(world, shipment),
        BillingEvent::Late(shipment) => late(world, shipment),
        BillingEvent::Close => close(world),
        BillingEvent::Reopen(invoice) => reopen(world, invoice),
    }
}

/// What a right client must have found in the end.
pub(crate) fn billed(world: &World) -> Billed {
    let books = &world.shipbob.books;
    let line = |one: &Line| {
        let shipment = one.shipment.and_then(|index| world.shipbob.shipments.get(index));
        let about = one.shipment.and_then(|index| life::about(world, index));
        BilledLine {
            id: one.id.clone(),
            cents: one.cents,
            currency: one.currency.to_owned(),
            invoice: one.invoice.map(invoice_id),
            shipment: shipment.map(|s| s.id),
            order_number: about.filter(|a| a.ours).map(|a| a.order_number),
        }
    };
    let invoice = |(index, one): (usize, &Invoice)| BilledInvoice {
        id: invoice_id(index),
        cents: books.total(index),
        currency: one.currency.to_owned(),
    };
    let mut lines: Vec<BilledLine> = books.lines.iter().map(line).collect();
    lines.sort();
    Billed { lines, invoices: books.invoices.iter().enumerate().map(invoice).collect() }
}

/// Net sums of one shipment per currency, as decimal text.
pub(super) fn sums(world: &World, shipment: usize) -> BTreeMap<String, String> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    let own = world.shipbob.books.lines.iter().filter(|l| l.shipment == Some(shipment));
    for one in own {
        *sums.entry(one.currency).or_default() += one.cents;
    }
    sums.into_iter().map(|(code, cents)| (code.to_owned(), decimal(cents))).collect()
}

/// Hundredths as decimal text.
pub(super) fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn later(world: &mut World, delay: i64, event: BillingEvent) {
    world.schedule_in(delay, Event::ShipBob(LifeEvent::Billing(event)));
}

fn key_of(world: &World, shipment: usize) -> Option<String> {
    life::about(world, shipment).map(|a| format!("{}/{}", a.reference, a.ordinal))
}

/// What is odd about the bill of a shipment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Oddity {
    None,
    Corrected,
    Refunded,
    RefundedTooMuch,
    OtherCurrency,
    CreditedByTicket,
    ChargedTwice,
}

fn oddity(world: &World, key: &str) -> Oddity {
    const ODDITIES: &[(u32, Oddity)] = &[
        (58, Oddity::None),
        (10, Oddity::Corrected),
        (9, Oddity::Refunded),
        (5, Oddity::RefundedTooMuch),
        (6, Oddity::OtherCurrency),
        (7, Oddity::CreditedByTicket),
        (5, Oddity::ChargedTwice),
    ];
    world.chance.weighted("bill", key, ODDITIES).copied().unwrap_or(Oddity::None)
}

/// A line about a shipment, of the ordinary kind.
fn line_of(world: &World, shipment: usize, key: &str, what: &str) -> Option<Line> {
    let one = world.shipbob.shipments.get(shipment)?;
    Some(Line {
        id: ulid(world, &format!("{key}/{what}")),
        cents: 0,
        currency: "USD",
        charged_at: world.now,
        invoice: None,
        invoice_type: "Shipping",
        fee: "Shipping",
        kind: "Charge",
        reference: one.id.to_string(),
        reference_type: "Shipment",
        centre: super::catalogue::location_name(one.location),
        tracking: one.tracking.as_ref().and_then(|t| t.number.clone()),
        moved: false,
        shipment: Some(shipment),
    })
}

fn ulid(world: &World, key: &str) -> String {
    format!("01{}", world.chance.hex("ulid", key, 24).to_uppercase())
}

fn charge(world: &mut World, shipment: usize) {
    let Some(key) = key_of(world, shipment) else { return };
    // The amount ShipBob tells with the shipment, where it does.
    let total = world.chance.between("invoice", &key, 450, 2_500);
    let picks = world.chance.between("picks", &key, 20, 150);
    let odd = oddity(world, &key);
    let Some(base) = line_of(world, shipment, &key, "shipping") else { return };
    add(world, Line { cents: total - picks, ..base.clone() });
    let pick = Line { cents: picks, fee: "Per Pick Fee", ..base.clone() };
    add(world, Line { id: ulid(world, &format!("{key}/pick")), ..pick.clone() });
    match odd {
        Oddity::OtherCurrency => {
            let cents = world.chance.between("duties", &key, 300, 900);
            let id = ulid(world, &format!("{key}/duties"));
            add(world, Line { id, cents, currency: "CAD", fee: "International Duties", ..base });
        }
        Oddity::ChargedTwice => {
            add(world, Line { id: ulid(world, &format!("{key}/pick-again")), ..pick });
        }
        _ => {}
    }
    if !matches!(odd, Oddity::None | Oddity::OtherCurrency | Oddity::ChargedTwice) {
        let delay =
            world.config.paced(world.chance.between("late-fee", &key, 12 * HOUR, 72 * HOUR));
        later(world, delay, BillingEvent::Late(shipment));
    }
}

fn late(world: &mut World, shipment: usize) {
    let Some(key) = key_of(world, shipment) else { return };
    let total = world.chance.between("invoice", &key, 450, 2_500);
    let some = world.chance.between("late-cents", &key, 60, 400);
    let Some(base) = line_of(world, shipment, &key, "late") else { return };
    let line = match oddity(world, &key) {
        Oddity::Corrected => Line { cents: some, fee: "Shipping Charge Correction", ..base },
        Oddity::Refunded => Line { cents: -some, kind: "Refund", ..base },
        Oddity::RefundedTooMuch => Line { cents: -(total + some), kind: "Refund", ..base },
        Oddity::CreditedByTicket => Line {
            cents: -some,
            kind: "Credit",
            fee: "Others",
            invoice_type: "Credits",
            reference: format!("T-{}", world.chance.digits("ticket", &key, 6)),
            reference_type: "Ticket Number",
            ..base
        },
        _ => return,
    };
    add(world, line);
}

/// Keeps a line; the first one of a week decides when the week closes.
fn add(world: &mut World, line: Line) {
    world.shipbob.books.lines.push(line);
    close_soon(world);
}

fn close_soon(world: &mut World) {
    if std::mem::replace(&mut world.shipbob.books.closing, true) {
        return;
    }
    let week = world.config.paced(7 * DAY);
    let left = week - world.now.rem_euclid(week);
    later(world, left, BillingEvent::Close);
}

fn close(world: &mut World) {
    world.shipbob.books.closing = false;
    keep_store(world);
    let now = world.now;
    let books = &mut world.shipbob.books;
    let open = |line: &&mut Line| line.invoice.is_none();
    let kinds: BTreeSet<(&str, &str)> = books
        .lines
        .iter()
        .filter(|line| line.invoice.is_none())
        .map(|line| (line.invoice_type, line.currency))
        .collect();
    let first = books.invoices.len();
    for (kind, currency) in kinds {
        let index = books.invoices.len();
        let mut sum = 0;
        let own = |l: &&mut Line| l.invoice_type == kind && l.currency == currency;
        for line in books.lines.iter_mut().filter(open).filter(own) {
            line.invoice = Some(index);
            sum += line.cents;
        }
        let running = books.invoices.last().map_or(0, |i| i.running) + sum;
        let (kind, currency) = (kind_name(kind), if currency == "CAD" { "CAD" } else { "USD" });
        books.invoices.push(Invoice { dated_at: now, kind, currency, running });
    }
    for index in first..world.shipbob.books.invoices.len() {
        let key = invoice_id(index).to_string();
        let lines = world.shipbob.books.lines.iter().filter(|l| l.invoice == Some(index)).count();
        // The first one always is: it must occur in every world.
        let chosen = first == 0 || world.chance.per_mille("reopens", &key, 300);
        if lines > 2 && chosen {
            let delay = world.config.paced(2 * DAY);
            later(world, delay, BillingEvent::Reopen(index));
        }
    }
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "WarehouseStorage" => "WarehouseStorage",
        "Inbound Fee" => "Inbound Fee",
        "Credits" => "Credits",
        _ => "Shipping",
    }
}

/// Storage of a week in both centres, and the receipt of new goods in one.
fn keep_store(world: &mut World) {
    world.shipbob.books.weeks += 1;
    let week = world.shipbob.books.weeks;
    let places: [(&'static str, &'static str, &'static str, &'static str); 3] = [
        ("Warehousing Fee", "WarehouseStorage", "FC", "Cicero (IL)"),
        ("Warehousing Fee", "WarehouseStorage", "FC", "Moreno Valley (CA)"),
        ("WRO Receiving Fee", "Inbound Fee", "WRO", "Cicero (IL)"),
    ];
    for (nth, (fee, invoice_type, reference_type, centre)) in places.into_iter().enumerate() {
        let key = format!("{week}/{nth}");
        let reference = match reference_type {
            "WRO" => format!("{}", 880_000 + i64::from(week)),
            _ => format!("{centre}-{}-Shelf", 20_100 + nth),
        };
        let line = Line {
            id: ulid(world, &format!("storage/{key}")),
            cents: world.chance.between("storage", &key, 1_000, 9_000),
            currency: "USD",
            charged_at: world.now,
            invoice: None,
            invoice_type,
            fee,
            kind: "Charge",
            reference,
            reference_type,
            centre,
            tracking: None,
            moved: false,
            shipment: None,
        };
        world.shipbob.books.lines.push(line);
    }
}

/// A line that was put on the wrong invoice waits for the next one.
fn reopen(world: &mut World, invoice: usize) {
    let books = &mut world.shipbob.books;
    let own = |line: &&mut Line| line.invoice == Some(invoice) && !line.moved;
    let Some(line) = books.lines.iter_mut().filter(own).min_by(|a, b| a.id.cmp(&b.id)) else {
        return;
    };
    line.invoice = None;
    line.moved = true;
    close_soon(world);
}

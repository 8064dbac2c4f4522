//! The F&O part of the projection: final quantities, states, numbers and notes; no stamps, no generated ids.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{Note, Order};
use crate::seed::catalogue;
use crate::world::World;
use crate::world::projection::{DynamicsProjection, OrderProjection, Projection, hashed};

/// States a note may tell, the least advanced first. The most advanced one found counts.
const STATES: &[(&str, &str)] = &[
    ("label", "labelled"),
    ("cancel", "cancelled"),
    ("shipped", "shipped"),
    ("exception", "exception"),
    ("returned", "returned"),
    ("delivered", "delivered"),
];
/// Carriers as either system writes them.
const CARRIERS: &[&str] = &["UPS", "USPS", "FedEx", "DHL", "OnTrac"];

/// Adds every order that F&O still has. ShipBob's part must be there already: its tracking numbers are looked for in
/// the notes.
pub(crate) fn project(world: &World, projection: &mut Projection) {
    for order in world.dynamics.db.orders().iter().filter(|order| !order.deleted) {
        let entry = projection.orders.entry(order.number.clone()).or_default();
        let known = tracking_numbers(entry);
        entry.dynamics = Some(of(world, order, &known));
    }
}

fn tracking_numbers(order: &OrderProjection) -> BTreeSet<String> {
    let shipments = order.references.values().flat_map(|reference| &reference.shipments);
    shipments.flat_map(|shipment| shipment.tracking.iter().cloned()).collect()
}

fn of(world: &World, order: &Order, known: &BTreeSet<String>) -> DynamicsProjection {
    let db = &world.dynamics.db;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut slipped = BTreeMap::new();
    let mut deliver_now = BTreeMap::new();
    for line in &order.lines {
        let delivered = if line.status == "Canceled" {
            rust_decimal::Decimal::ZERO
        } else {
            line.quantity - line.remain
        };
        slipped.insert(line.seq.to_string(), delivered.normalize().to_string());
        deliver_now.insert(line.seq.to_string(), line.deliver_now.normalize().to_string());
    }
    let mut ordered = BTreeMap::new();
    let mut pieces = BTreeMap::<String, i64>::new();
    for line in order.lines.iter().filter(|line| line.status != "Canceled") {
        ordered.insert(line.seq.to_string(), line.quantity.normalize().to_string());
        let each = i64::try_from(line.inventory_quantity()).unwrap_or(0);
        *pieces.entry(catalogue::sku(line.item, line.color, line.size)).or_default() += each;
    }
    DynamicsProjection {
        ordered,
        pieces,
        street: hashed(&order.delivery.street),
        // Whether the invoice is out already is a question of time.
        status: if order.status() == "Invoiced" { "Delivered" } else { order.status() }.to_owned(),
        carrier: some(&order.carrier),
        carrier_service: some(&order.service),
        delivery_mode: some(&order.mode),
        pool: some(&order.pool),
        slipped,
        deliver_now,
        tracking: db.tracking_of(order.index).map(|tracking| tracking.number.clone()).collect(),
        notes: db
            .notes_of(order.index)
            .filter(|note| !depends_on_time(note))
            .map(|note| normal(note, known))
            .collect(),
        extra: extra(world, order),
    }
}

/// Requests, and charges where they do not depend on when an invoice was posted.
fn extra(world: &World, order: &Order) -> BTreeMap<String, String> {
    let mut found = requests(world, order);
    if world.config.never_invoiced {
        let own = super::charges::all(world).into_iter().filter(|c| c.order == order.number);
        let mut own: Vec<String> = own
            .filter(|c| c.amount != "0")
            .map(|c| format!("{} {} {}", c.code, c.amount, c.currency))
            .collect();
        own.sort();
        if !own.is_empty() {
            found.insert("charges".to_owned(), own.join(", "));
        }
    }
    found
}

/// Answers to requests, and how many updates of each came to what.
fn requests(world: &World, order: &Order) -> BTreeMap<String, String> {
    let db = &world.dynamics.db;
    let of = |request: &super::external::Request| {
        let mut updates = BTreeMap::<&str, u32>::new();
        for update in db.updates().filter(|u| u.origin.eq_ignore_ascii_case(&request.origin)) {
            *updates.entry(update.status).or_default() += 1;
        }
        let key = format!("request {}", request.id);
        (key, format!("{} v{} {updates:?}", request.status, request.version))
    };
    let mut found: BTreeMap<String, String> = db.requests_of(order.index).map(of).collect();
    if order.managed {
        found.insert("release".to_owned(), order.release.to_owned());
        let rows = order.lines.iter().filter_map(|line| Some((line, line.released.as_ref()?)));
        found.extend(rows.map(|(line, row)| {
            let pieces = (row.quantity * line.factor).normalize();
            (format!("released {}", line.seq), pieces.to_string())
        }));
        let slips = db.slips_of(order.index).filter(|slip| slip.id.starts_with("SB")).count();
        found.insert("slips by call".to_owned(), slips.to_string());
    }
    found
}

/// A note reduced to what must be equal in every right run: state, carriers, tracking numbers, charges.
fn normal(note: &Note, known: &BTreeSet<String>) -> String {
    if note.description.starts_with("ShipBob return ") {
        return of_return(note);
    }
    let text = format!("{}\n{}", note.description, note.text);
    let lower = text.to_lowercase();
    let state =
        STATES.iter().rev().find(|(word, _)| lower.contains(word)).map_or("none", |(_, name)| name);
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let carriers: Vec<&str> = CARRIERS
        .iter()
        .filter(|carrier| words.iter().any(|word| word.eq_ignore_ascii_case(carrier)))
        .copied()
        .collect();
    let tracking: Vec<&str> =
        known.iter().map(String::as_str).filter(|number| text.contains(number)).collect();
    let centre = text.lines().find_map(|line| line.strip_prefix("Centre: "));
    let centre = centre.map(|centre| format!(" centre={centre}")).unwrap_or_default();
    format!(
        "state={state} carriers={} tracking={} charges={}{centre}",
        carriers.join(","),
        tracking.join(","),
        charges(&text).into_iter().collect::<Vec<_>>().join(",")
    )
}

/// What a customer's call recorded before a return was corrected, and whether anybody heard of a return that was cancelled.
fn depends_on_time(note: &Note) -> bool {
    let first = note.text.lines().next().unwrap_or_default();
    let cancelled =
        note.description.starts_with("ShipBob return ") && first.ends_with(": cancelled");
    cancelled || note.description.starts_with("Return record ")
}

/// The note of a return without the ids in it: those are made as they come.
fn of_return(note: &Note) -> String {
    let state = note.text.lines().next().and_then(|first| first.split_once(": "));
    let rest = note.text.lines().skip(1).filter(|line| !line.starts_with("Of shipment "));
    let rest: Vec<&str> = rest.collect();
    format!("return {}: {}", state.map_or("", |(_, state)| state), rest.join("; "))
}

/// Amounts that stand before or after a currency code.
fn charges(text: &str) -> BTreeSet<String> {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| ",;:()".contains(c)))
        .collect();
    let amount =
        |word: &str| word.parse::<rust_decimal::Decimal>().ok().map(|n| n.normalize().to_string());
    let pairs = words.iter().zip(words.iter().skip(1));
    pairs
        .filter_map(|(a, b)| match (*a, *b) {
            ("USD" | "CAD", number) | (number, "USD" | "CAD") => {
                amount(number.trim_end_matches('.'))
            }
            _ => None,
        })
        .collect()
}

//! A return or receiving order as a row: what ties it, what it is found by, which shelves it changed, what the trail says.

use domain::inbound::{Kind, Receiving, Return};
use domain::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{InboundRow, InboundShelf};

/// One of them, as it is kept and told.
pub(super) struct Entry {
    pub(super) row: InboundRow,
    pub(super) shelves: Vec<InboundShelf>,
    /// Number that leads to its order.
    pub(super) number: Option<(&'static str, String)>,
    /// What the trail of its order says.
    pub(super) told: String,
}

/// Everything a person may search by, lower case, each with blanks around it.
fn searched<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: BTreeSet<String> =
        words.map(|w| w.trim().to_lowercase()).filter(|w| !w.is_empty()).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}

/// Pieces that became stock, by SKU.
fn shelves(
    kind: Kind,
    id: i64,
    centre: Option<domain::ids::CentreId>,
    at: Timestamp,
    pieces: impl Iterator<Item = (String, i64)>,
) -> Vec<InboundShelf> {
    let Some(centre) = centre else { return Vec::new() };
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for (sku, n) in pieces.filter(|(sku, n)| !sku.is_empty() && *n > 0) {
        let of = sums.entry(sku).or_default();
        *of = of.saturating_add(n);
    }
    let one = |(sku, pieces)| InboundShelf {
        sku,
        centre: centre.0,
        kind: kind.word().to_owned(),
        id,
        pieces,
        at,
    };
    sums.into_iter().map(one).collect()
}

fn body<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

pub(super) fn returned(one: &Return, now: Timestamp) -> Option<Entry> {
    let id = one.id.to_string();
    let shipment = one.shipment.map(|s| s.to_string()).unwrap_or_default();
    let named = [&id, &one.reference, &one.tracking, &one.shipment_tracking, &shipment];
    let named = named.into_iter().map(String::as_str);
    let kinds = [one.status.as_str(), one.kind.as_str(), one.channel.as_str()];
    let skus = one.lines.iter().map(|line| line.sku.as_str());
    let at = one.completed.or(one.arrived).unwrap_or(now);
    let stock = one.lines.iter().map(|line| (line.sku.clone(), line.restocked()));
    let number = match one.shipment {
        Some(_) => Some(("shipment", shipment.clone())),
        None => Some(("tracking", one.shipment_tracking.clone())),
    };
    let lines = one.lines.iter().map(|line| {
        let done =
            [("Restock", "restocked"), ("Quarantine", "quarantined"), ("Dispose", "disposed")];
        let done = done.map(|(action, word)| (line.pieces(action), word));
        let done: Vec<String> =
            done.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        let done = if done.is_empty() { String::new() } else { format!(" ({})", done.join(", ")) };
        format!("{} of {}{done}", line.announced, line.sku)
    });
    let lines: Vec<String> = lines.collect();
    Some(Entry {
        row: InboundRow {
            kind: Kind::Return.word().to_owned(),
            id: one.id,
            tie: one.tie().unwrap_or_default(),
            open: one.is_open(),
            created: one.created,
            words: searched(named.chain(kinds).chain(skus)),
            body: body(one)?,
            changed: now,
        },
        shelves: shelves(Kind::Return, one.id, one.centre, at, stock),
        number: number.filter(|(_, number)| !number.is_empty()),
        told: format!("ShipBob return {}: {}; {}.", one.id, one.state(), lines.join(", ")),
    })
}

pub(super) fn received(one: &Receiving, now: Timestamp) -> Option<Entry> {
    let id = one.id.to_string();
    let named = [id.as_str(), &one.purchase_order, &one.status, &one.centre_name];
    let skus = one.lines.iter().map(|line| line.sku.as_str());
    let stock = one.lines.iter().map(|line| (line.sku.clone(), line.stowed));
    let at = one.completed.unwrap_or(now);
    Some(Entry {
        row: InboundRow {
            kind: Kind::Receiving.word().to_owned(),
            id: one.id,
            tie: String::new(),
            open: one.is_open(),
            created: one.created,
            words: searched(named.into_iter().chain(skus)),
            body: body(one)?,
            changed: now,
        },
        shelves: shelves(Kind::Receiving, one.id, one.centre, at, stock),
        number: None,
        told: String::new(),
    })
}

//! Everything that happened to an order, from both systems and from us, newest first.

use crate::model::{At, OrderFacts, TrailLine};
use crate::tone::Tone;
use domain::warehouse::{Shipment, ShipmentStatus};
use serde::Serialize;

/// Where something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// In Dynamics.
    Dynamics,
    /// At ShipBob.
    #[serde(rename = "shipbob")]
    ShipBob,
    /// Done by us.
    Us,
    /// Asked or decided by a person here.
    Person,
}

impl Side {
    /// The word shown, and the name of its icon.
    pub fn label(self) -> &'static str {
        match self {
            Self::Dynamics => "Dynamics",
            Self::ShipBob => "ShipBob",
            Self::Us => "ml-connector",
            Self::Person => "Person",
        }
    }

    /// Icon name.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Dynamics => "dynamics",
            Self::ShipBob => "shipbob",
            Self::Us => "us",
            Self::Person => "person",
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When.
    pub at: At,
    /// Where.
    pub side: Side,
    /// Plain sentence.
    pub text: String,
    /// How it matters.
    pub tone: Tone,
    /// More of it, by name; shown on request.
    pub details: Vec<(String, String)>,
}

/// Actors of the trail that are parts of the product and not people.
const PARTS: [&str; 9] = [
    "engine",
    "planner",
    "courier",
    "intake",
    "schedule",
    "supervisor",
    "app",
    "console",
    "ml-connector",
];

pub(super) fn build(facts: &OrderFacts) -> Vec<Event> {
    let told = |line: &&TrailLine| !told_by_the_systems(facts, &line.what);
    let mut events: Vec<Event> = facts.trail.iter().filter(told).map(of_trail).collect();
    in_dynamics(facts, &mut events);
    at_shipbob(facts, &mut events);
    came_back(facts, &mut events);
    events.sort_by(|a, b| b.at.cmp(&a.at).then(b.side.cmp(&a.side)));
    events
}

/// Milestones stand in the trail when we learnt of them; the systems tell when they happened.
fn told_by_the_systems(facts: &OrderFacts, what: &str) -> bool {
    match what {
        "released" => facts.row.released.is_some(),
        "delivered" => {
            let orders = facts.warehouse.iter();
            orders.flat_map(|seen| &seen.order.shipments).any(|s| s.delivered.is_some())
        }
        _ => false,
    }
}

/// Is this actor a person?
pub(crate) fn is_person(who: &str) -> bool {
    !PARTS.iter().any(|part| who == *part || who.starts_with(&format!("{part}:")))
}

fn of_trail(line: &TrailLine) -> Event {
    let mut details: Vec<(&str, String)> = Vec::new();
    details.push(("What", line.what.clone()));
    details.push(("By", line.who.clone()));
    let more = [
        ("Before", line.before.as_ref()),
        ("After", line.after.as_ref()),
        ("Request", line.request_id.as_ref()),
    ];
    details.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?.clone()))));
    details.push(("Settings", format!("version {}", line.settings_version)));
    details.push(("Trail", format!("entry {}", line.seq)));
    Event {
        at: line.at,
        side: if is_person(&line.who) { Side::Person } else { Side::Us },
        text: line.text(),
        tone: trail_tone(&line.what),
        details: details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// Words of the trail that a list of changes should make visible.
pub(crate) fn trail_tone(what: &str) -> Tone {
    let has = |words: &[&str]| words.iter().any(|word| what.contains(word));
    if has(&["refused", "failed", "unreadable"]) {
        Tone::Failed
    } else if has(&["hold opened", "held", "in doubt"]) {
        Tone::Attention
    } else if has(&["done", "hold closed", "delivered"]) {
        Tone::Ok
    } else {
        Tone::Plain
    }
}

fn event(at: At, side: Side, tone: Tone, text: String) -> Event {
    Event { at, side, text, tone, details: Vec::new() }
}

fn in_dynamics(facts: &OrderFacts, events: &mut Vec<Event>) {
    if let Some(at) = facts.row.released {
        events.push(event(at, Side::Dynamics, Tone::Plain, "Released in Dynamics.".to_owned()));
    }
    let Some(order) = facts.sales.as_ref().and_then(|read| read.order.as_ref()) else { return };
    let created = "Order created in Dynamics.".to_owned();
    events.push(event(At(order.created), Side::Dynamics, Tone::Plain, created));
    for slip in &order.slips {
        let mut one = event(
            At(slip.created),
            Side::Dynamics,
            Tone::Ok,
            format!("Packing slip {} posted in Dynamics.", slip.id),
        );
        for (lot, quantity) in &slip.lines {
            let line = order.lines.iter().find(|line| line.lot == *lot);
            let name = line.map_or_else(|| lot.as_str().to_owned(), |line| line.sku.clone());
            let unit = line.map(|line| line.unit.as_str()).unwrap_or_default();
            one.details.push((name, format!("{} {unit}", quantity.normalize())));
        }
        events.push(one);
    }
}

fn at_shipbob(facts: &OrderFacts, events: &mut Vec<Event>) {
    let mut number = 0;
    for seen in &facts.warehouse {
        let order = &seen.order;
        let mut accepted = event(
            At(order.created),
            Side::ShipBob,
            Tone::Plain,
            format!("Accepted by ShipBob as order {}.", order.id),
        );
        accepted.details.push(("Reference".to_owned(), order.reference.as_str().to_owned()));
        events.push(accepted);
        for shipment in &order.shipments {
            number += 1;
            of_shipment(number, shipment, events);
        }
    }
}

fn came_back(facts: &OrderFacts, events: &mut Vec<Event>) {
    for one in &facts.returns {
        let by = if one.kind == "ReturnToSender" { " by the carrier" } else { "" };
        let announced = format!("Return {} announced{by}.", one.id);
        let mut first = event(At(one.created), Side::ShipBob, Tone::Plain, announced);
        let named = [("Reference", &one.reference), ("Tracking back", &one.tracking)];
        let named = named.into_iter().filter(|(_, value)| !value.is_empty());
        first.details.extend(named.map(|(name, value)| (name.to_owned(), value.clone())));
        events.push(first);
        let steps = [
            (one.arrived, "arrived at ShipBob", Tone::Plain),
            (one.completed, "was processed by ShipBob", Tone::Ok),
            (one.cancelled, "was cancelled", Tone::Plain),
        ];
        for (at, what, tone) in
            steps.into_iter().filter_map(|(at, what, tone)| Some((at?, what, tone)))
        {
            let text = format!("Return {} {what}.", one.id);
            let mut step = event(At(at), Side::ShipBob, tone, text);
            if one.completed == Some(at) {
                let lines = one.lines.iter().map(|line| {
                    let name = format!("{} of {}", line.announced, line.sku);
                    (name, crate::books::inbound::done(line))
                });
                step.details.extend(lines);
            }
            events.push(step);
        }
    }
}

fn of_shipment(number: usize, shipment: &Shipment, events: &mut Vec<Event>) {
    let tracking = shipment.tracking.clone().unwrap_or_default();
    let carrier = match (tracking.carrier.as_str(), tracking.number.as_str()) {
        (_, "") => String::new(),
        ("", number) => format!(", {number}"),
        (carrier, number) => format!(", {carrier} {number}"),
    };
    if let Some(at) = shipment.fulfilled {
        let text = format!("Parcel {number} packed and labelled{carrier}.");
        events.push(event(At(at), Side::ShipBob, Tone::Plain, text));
    }
    if let Some(at) = shipment.delivered {
        let text = format!("Parcel {number} delivered.");
        events.push(event(At(at), Side::ShipBob, Tone::Ok, text));
    }
    let Some(at) = shipment.last_update.map(At) else { return };
    let (what, tone) = match &shipment.status {
        ShipmentStatus::Exception => ("cannot be fulfilled", Tone::Attention),
        ShipmentStatus::OnHold => ("is on hold at ShipBob", Tone::Attention),
        ShipmentStatus::Cancelled => ("was cancelled at ShipBob", Tone::Plain),
        ShipmentStatus::CleanSweeped => ("was cleared by ShipBob", Tone::Attention),
        _ => return,
    };
    let why: Vec<&str> = shipment
        .details
        .iter()
        .map(|d| if d.description.is_empty() { d.name.as_str() } else { d.description.as_str() })
        .collect();
    let text = if why.is_empty() {
        format!("Parcel {number} {what}.")
    } else {
        format!("Parcel {number} {what}: {}.", why.join(", ").trim_end_matches('.'))
    };
    events.push(event(at, Side::ShipBob, tone, text));
}

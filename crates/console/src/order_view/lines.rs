//! Which line left in which parcel. ShipBob names SKUs, not lines: what a parcel holds is given to
//! the lines of that SKU in their order, never more than ShipBob was asked for.

use crate::model::{At, OrderFacts};
use crate::tone::Tone;
use domain::ids::LotId;
use domain::sales::SalesOrder;
use domain::warehouse::{Shipment, ShipmentStatus, WarehouseOrder};
use rust_decimal::Decimal;
use serde::Serialize;

/// One ordered line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineView {
    /// `LineCreationSequenceNumber`.
    pub sequence: i32,
    /// SKU.
    pub sku: String,
    /// Text.
    pub name: String,
    /// Ordered, with its unit.
    pub ordered: String,
    /// Posted on packing slips, with its unit.
    pub slipped: String,
    /// Pieces asked of ShipBob; none when it was not sent.
    pub asked: Option<i64>,
    /// Pieces that left.
    pub shipped: i64,
    /// Pieces per parcel, in the order of the parcels.
    pub parcels: Vec<i64>,
    /// Everything asked for has left.
    pub complete: bool,
}

/// One parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParcelView {
    /// Number on this page, from 1.
    pub number: usize,
    /// ShipBob's shipment id.
    pub shipment: i64,
    /// State in words.
    pub state: String,
    /// Its tone.
    pub tone: Tone,
    /// Centre it leaves from, id and name; empty while ShipBob names none.
    pub centre: String,
    /// Carrier and service.
    pub carrier: String,
    /// Tracking number; empty while there is none.
    pub tracking: String,
    /// Link to the carrier, only where it is a plain web address.
    pub url: Option<String>,
    /// Picked, packed and labelled.
    pub labelled: Option<At>,
    /// Delivered.
    pub delivered: Option<At>,
    /// What ShipBob adds in words.
    pub details: Vec<String>,
    /// SKU and pieces, as ShipBob writes them.
    pub contents: Vec<(String, i64)>,
}

pub(super) fn build(facts: &OrderFacts) -> (Vec<LineView>, Vec<ParcelView>) {
    let shipments: Vec<(&WarehouseOrder, &Shipment)> = facts
        .warehouse
        .iter()
        .flat_map(|seen| seen.order.shipments.iter().map(move |s| (&seen.order, s)))
        .collect();
    let parcels: Vec<ParcelView> =
        shipments.iter().enumerate().map(|(n, (_, s))| parcel(n + 1, s)).collect();
    let order = facts.sales.as_ref().and_then(|read| read.order.as_ref());
    let mut lines = order.map(|order| rows(order, facts, parcels.len())).unwrap_or_default();
    for (place, (_, shipment)) in shipments.iter().enumerate() {
        if !shipment.dead() {
            share_out(&mut lines, place, shipment);
        }
    }
    for line in &mut lines {
        line.complete = line.asked.is_some_and(|asked| line.shipped >= asked);
    }
    (lines, parcels)
}

fn rows(order: &SalesOrder, facts: &OrderFacts, parcels: usize) -> Vec<LineView> {
    let asked = |sequence: i32, sku: &str| {
        let products = facts
            .warehouse
            .iter()
            .filter(|seen| !seen.order.cancelled())
            .flat_map(|seen| &seen.order.products);
        let of_line = products.filter(|p| match p.external_line_id {
            Some(id) => id == sequence,
            None => p.sku == sku,
        });
        of_line.map(|p| p.quantity).reduce(i64::saturating_add)
    };
    order
        .lines
        .iter()
        .map(|line| LineView {
            sequence: line.sequence,
            sku: line.sku.clone(),
            name: line.name.clone(),
            ordered: format!("{} {}", line.ordered.normalize(), line.unit),
            slipped: format!("{} {}", slipped(order, &line.lot).normalize(), line.unit),
            asked: asked(line.sequence, &line.sku),
            shipped: 0,
            parcels: vec![0; parcels],
            complete: false,
        })
        .collect()
}

fn slipped(order: &SalesOrder, lot: &LotId) -> Decimal {
    let lines = order.slips.iter().flat_map(|slip| &slip.lines);
    lines.filter(|(of, _)| of == lot).map(|(_, quantity)| *quantity).sum()
}

fn share_out(lines: &mut [LineView], place: usize, shipment: &Shipment) {
    for product in &shipment.products {
        let mut rest: i64 = product.items.iter().map(|item| item.quantity).sum();
        let mut of_sku: Vec<&mut LineView> =
            lines.iter_mut().filter(|line| line.sku == product.sku).collect();
        let last = of_sku.len().saturating_sub(1);
        for (n, line) in of_sku.iter_mut().enumerate() {
            let taken: i64 = line.parcels.iter().sum();
            let room = line.asked.unwrap_or(i64::MAX).saturating_sub(taken).max(0);
            // What is left over after the last line is shown there, not hidden.
            let share = if n == last { rest } else { rest.min(room) };
            if let Some(cell) = line.parcels.get_mut(place) {
                *cell = cell.saturating_add(share);
            }
            if shipment.left() {
                line.shipped = line.shipped.saturating_add(share);
            }
            rest -= share;
        }
    }
}

fn parcel(number: usize, shipment: &Shipment) -> ParcelView {
    let tracking = shipment.tracking.clone().unwrap_or_default();
    let (state, tone) = state(shipment);
    let carrier = [tracking.carrier.as_str(), tracking.service.as_str()];
    let web = tracking.url.starts_with("https://") || tracking.url.starts_with("http://");
    ParcelView {
        number,
        shipment: shipment.id.0,
        state,
        tone,
        centre: centre(shipment),
        carrier: carrier.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(" "),
        tracking: tracking.number,
        url: web.then_some(tracking.url),
        labelled: shipment.fulfilled.map(At),
        delivered: shipment.delivered.map(At),
        details: shipment
            .details
            .iter()
            .map(|d| if d.description.is_empty() { d.name.clone() } else { d.description.clone() })
            .collect(),
        contents: shipment
            .products
            .iter()
            .map(|p| (p.sku.clone(), p.items.iter().map(|item| item.quantity).sum()))
            .collect(),
    }
}

fn centre(shipment: &Shipment) -> String {
    let id = shipment.centre.map(|centre| centre.to_string()).unwrap_or_default();
    let parts = [id.as_str(), shipment.centre_name.trim()];
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ")
}

fn state(shipment: &Shipment) -> (String, Tone) {
    if shipment.is_delivered() {
        return ("Delivered".to_owned(), Tone::Ok);
    }
    let (word, tone) = match &shipment.status {
        ShipmentStatus::ImportReview => ("Received", Tone::Wait),
        ShipmentStatus::Processing => ("Being packed", Tone::Wait),
        ShipmentStatus::LabeledCreated => ("Labelled", Tone::Wait),
        ShipmentStatus::Completed => ("Shipped", Tone::Wait),
        ShipmentStatus::Exception => ("Exception", Tone::Attention),
        ShipmentStatus::OnHold => ("On hold", Tone::Attention),
        ShipmentStatus::Cancelled => ("Cancelled", Tone::Plain),
        ShipmentStatus::CleanSweeped => ("Cleared by ShipBob", Tone::Attention),
        ShipmentStatus::Other(other) => (other.as_str(), Tone::Attention),
    };
    (word.to_owned(), tone)
}

//! How one order stands in both systems at one moment, counted from what they say of it. The daily
//! reconciliation is judged from this; nothing is decided here.

use super::draft::Draft;
use super::fulfilment::{note_of, slips_of_shipments};
use super::view::{LineView, Ours, View};
use super::{external, note, plan_order};
use crate::plan::{DeliveryState, OrderFacts, PlannedHold};
use crate::request::ShipmentRequest;
use crate::sales::SalesOrder;
use crate::settings::Settings;
use crate::time::{Span, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Records of older orders may have been deleted after their time.
const RECORDED: Span = Span::days(14);

/// One parcel that should stand in a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelNote {
    /// ShipBob's shipment.
    pub shipment: i64,
    /// A note of it stands in F&O and names its number.
    pub there: bool,
    /// A note of it was written by us, as our table says.
    pub written: bool,
}

/// What left of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineGoods {
    /// SKU.
    pub sku: String,
    /// Pieces that left ShipBob.
    pub left: i64,
    /// Pieces of them that stand on packing slips.
    pub slipped: i64,
    /// When the last of them left.
    pub since: Timestamp,
}

/// One tracking number and one packing slip that carries its goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipNumber {
    /// The slip.
    pub slip: String,
    /// The shipment.
    pub shipment: i64,
    /// The number stands on the slip.
    pub there: bool,
    /// It was written by us, as our table says.
    pub written: bool,
}

/// How one order stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The sales order, or the request.
    pub subject: String,
    /// F&O has it.
    pub in_dynamics: bool,
    /// F&O wants something of it shipped from a warehouse of ours, or had it shipped.
    pub wanted: bool,
    /// Why F&O does not want it shipped.
    pub why_not: Option<String>,
    /// ShipBob orders of ours that ship something, or may.
    pub accepted: Vec<i64>,
    /// Something of it left.
    pub left: bool,
    /// References at ShipBob of which our tables have half a record: (reference, what lacks).
    pub half_recorded: Vec<(String, &'static str)>,
    /// Parcels that should stand in notes.
    pub notes: Vec<ParcelNote>,
    /// What left, by line.
    pub goods: Vec<LineGoods>,
    /// Tracking numbers that should stand on slips.
    pub numbers: Vec<SlipNumber>,
    /// Holds of a plan made from these facts.
    pub holds: Vec<PlannedHold>,
    /// Writes such a plan wishes, by name.
    pub wishes: Vec<&'static str>,
    /// Something has to be read first.
    pub reads: bool,
    /// A person said that it is not sent.
    pub skipped: Option<String>,
    /// Where it stands, in one sentence.
    pub sentence: String,
}

/// Counts one order. Total.
pub fn standing(facts: &OrderFacts, settings: &Settings) -> Standing {
    let plan = plan_order(facts, settings);
    let owner = facts.sales.as_ref().and_then(|r| r.order.as_ref());
    let request = facts.request.as_ref().and_then(|r| r.request.as_ref());
    let whole = !settings.external.partial_updates;
    let asked = request.map(|r| r.as_order(&settings.company, owner, whole));
    let order = if facts.request.is_some() { asked.as_ref() } else { owner };
    let mut view = View::new(facts, settings, order);
    if let Some(request) = request {
        view.release = external::release(&request.status);
    }
    let draft = Draft::new(facts, settings);
    let wanted = view.release.is_yes() && view.lines.iter().any(|l| for_us(&draft, l));
    Standing {
        subject: facts.number.as_str().to_owned(),
        in_dynamics: order.is_some(),
        wanted,
        why_not: view.release.why_not(),
        accepted: view.live().map(|o| o.order.id.0).collect(),
        left: view.live().any(Ours::left),
        half_recorded: half_recorded(facts, &view),
        notes: notes(facts, &view),
        goods: goods(&view, request.map(|r| r.accepted().is_some())),
        numbers: numbers(facts, &view, request, owner),
        holds: plan.holds,
        wishes: plan.deliveries.iter().map(|d| d.operation.name()).collect(),
        reads: !plan.needs.is_empty(),
        skipped: facts.decisions.skip.clone(),
        sentence: plan.sentence,
    }
}

/// The line ships from a warehouse of ours in the way this subject is about.
fn for_us(draft: &Draft<'_>, line: &LineView<'_>) -> bool {
    let l = line.line;
    let map = draft.settings.warehouse(&l.warehouse);
    if !map.is_some_and(|m| draft.plans(m.profile)) || !l.stocked {
        return false;
    }
    let open = !line.closed() && !line.unreleased && !line.remaining.is_zero();
    open || line.shipped > 0 || (line.carried && !line.closed())
}

fn done(facts: &OrderFacts, begins: &str) -> bool {
    let mut all = facts.deliveries.iter().filter(|d| d.state == DeliveryState::Done);
    all.any(|d| d.key.starts_with(begins))
}

/// Every create leaves two records: the delivery, and what was sent. One that was adopted leaves none.
fn half_recorded(facts: &OrderFacts, view: &View<'_>) -> Vec<(String, &'static str)> {
    let lately = |o: &&Ours<'_>| facts.now.since(o.order.created) < RECORDED;
    let half = view.ours.iter().filter(lately).filter_map(|one| {
        let reference = one.order.reference.as_str();
        let begins = format!("create:{reference}:");
        let delivery = facts.deliveries.iter().any(|d| d.key.starts_with(&begins));
        match (delivery, one.sent.is_some()) {
            (true, false) if done(facts, &begins) => {
                Some((reference.to_owned(), "what was sent is not kept"))
            }
            (false, true) => Some((reference.to_owned(), "its delivery is not kept")),
            _ => None,
        }
    });
    half.collect()
}

fn notes(facts: &OrderFacts, view: &View<'_>) -> Vec<ParcelNote> {
    let due = view.parcels().map(|p| p.shipment).filter(|s| s.labelled() && s.number().is_some());
    let told = due.map(|shipment| {
        let own = view.order.and_then(|order| note_of(order, shipment));
        let number = shipment.number().unwrap_or_default();
        ParcelNote {
            shipment: shipment.id.0,
            there: own.is_some_and(|n| note::numbers(&n.text).iter().any(|n| n == number)),
            written: done(facts, &format!("note:{}:", shipment.id)),
        }
    });
    told.collect()
}

/// `updated`: a request has no slips of its own; its update tells everything at once.
fn goods(view: &View<'_>, updated: Option<bool>) -> Vec<LineGoods> {
    let carried = view.lines.iter().filter(|l| l.shipped > 0);
    let counted = carried.map(|line| {
        let missing = match updated {
            Some(true) => 0,
            Some(false) => line.shipped,
            None => line.unslipped().min(Decimal::from(line.shipped)).ceil().to_i64().unwrap_or(0),
        };
        let own = view.parcels().filter(|p| p.shipment.left());
        let own = own.filter(|p| p.shares.iter().any(|(s, _)| *s == line.line.sequence));
        let stamp = own.map(|p| p.shipment.fulfilled.unwrap_or(p.shipment.created)).max();
        LineGoods {
            sku: line.line.sku.clone(),
            left: line.shipped,
            slipped: line.shipped.saturating_sub(missing),
            since: stamp.unwrap_or(Timestamp::MIN),
        }
    });
    counted.collect()
}

/// `order`: the sales order, also of a request; where that is not known nobody can say what should stand on its slips.
fn numbers(
    facts: &OrderFacts,
    view: &View<'_>,
    request: Option<&ShipmentRequest>,
    order: Option<&SalesOrder>,
) -> Vec<SlipNumber> {
    let Some(order) = order else { return Vec::new() };
    if facts.capabilities.tracking_insert == Some(false) {
        return Vec::new();
    }
    let pairs = match (request, &facts.request) {
        (Some(request), _) => external::slips_of_shipments(view, request, order),
        (None, Some(_)) => Vec::new(),
        (None, None) => slips_of_shipments(view),
    };
    let pairs = pairs.into_iter().filter_map(|(slip, shipment)| {
        let number = shipment.number()?;
        let key = format!("track:{}:{}:{number}", order.number, slip.id);
        Some(SlipNumber {
            slip: slip.id.as_str().to_owned(),
            shipment: shipment.id.0,
            there: order.tracking.iter().any(|t| t.slip == slip.id && t.number == number),
            written: done(facts, &key),
        })
    });
    pairs.collect()
}

//! What ShipBob does not have yet: grouped, proved absent, sent.

use super::{create, edit};
use crate::disposition::HoldReason;
use crate::flows::draft::{Draft, FRESH, digest};
use crate::flows::ground::Ground;
use crate::flows::view::{LineView, View, create_key};
use crate::ids::ReferenceId;
use crate::operation::{CreateOrder, Flow, Operation};
use crate::plan::{KeptChange, Need};
use crate::reference;
use crate::request;
use crate::sales::SalesOrder;
use crate::time::Span;
use crate::units;
use std::collections::{BTreeMap, BTreeSet};

/// How long "ShipBob has no such reference" may be believed.
const ABSENT: Span = Span::minutes(10);
/// Line sequences without gaps up to here are looked up even where a line is gone from F&O.
const GAPS: i32 = 200;

/// What is to be done about one line.
pub(in crate::flows) enum Demand {
    /// Not for ShipBob now, in words.
    Nothing(String),
    /// Eaches to send.
    Send(i64),
    /// Cannot be counted.
    Bad(HoldReason),
}

pub(in crate::flows) fn demand(draft: &Draft<'_>, line: &LineView<'_>) -> Demand {
    let l = line.line;
    let nothing = |why: &str| Demand::Nothing(why.to_owned());
    let ours = draft.settings.warehouse(&l.warehouse);
    if ours.is_none_or(|map| !draft.plans(map.profile)) {
        let why = if ours.is_none() { "is not ShipBob" } else { "is released in another way" };
        return Demand::Nothing(format!("ships from warehouse {}, which {why}.", l.warehouse));
    }
    if l.status == crate::sales::SalesStatus::Canceled {
        return nothing("cancelled.");
    }
    if l.blocked {
        return nothing("blocked in Dynamics.");
    }
    if !l.stocked {
        return nothing("not a stocked product.");
    }
    if l.direct_delivery {
        return nothing("direct delivery by the vendor.");
    }
    if line.left_out {
        return nothing("left out by the filter of its profile.");
    }
    if line.unreleased {
        return nothing("not released to the warehouse in Dynamics.");
    }
    if line.remaining.is_zero() {
        return Demand::Nothing(format!("nothing to deliver ({}).", l.remaining.normalize()));
    }
    let adding = draft.adding.get(&l.sequence).copied().unwrap_or(0);
    match (line.factor, line.to_send().map(|n| n.saturating_sub(adding))) {
        (None, _) => Demand::Bad(unit_unknown(line)),
        (Some(_), None) => Demand::Bad(quantity_fraction(line)),
        (Some(_), Some(..=0)) if adding > 0 => nothing("being added to its order at ShipBob."),
        (Some(_), Some(..=0)) => nothing("at ShipBob."),
        (Some(_), Some(n)) => Demand::Send(n),
    }
}

fn unit_unknown(line: &LineView<'_>) -> HoldReason {
    let l = line.line;
    HoldReason::new(
        "unit-unknown",
        "unit",
        &l.unit,
        &format!("Unit \"{}\" of item {} has no conversion to pieces.", l.unit, l.item),
        "Add the unit conversion in Dynamics, or name the unit in each_units in the settings.",
    )
}

fn quantity_fraction(line: &LineView<'_>) -> HoldReason {
    let quantity = line.remaining.normalize();
    HoldReason::new(
        "quantity-fraction",
        "quantity",
        &quantity.to_string(),
        &format!(
            "{quantity} {} is not a whole number of pieces (at most {}).",
            line.line.unit,
            units::MAX_EACHES
        ),
        "Correct the quantity or the unit of the line in Dynamics.",
    )
}

/// Lines that may travel together, each with what is to be sent of it.
pub(super) struct Group<'v, 'a> {
    pub(super) ground: Ground,
    pub(super) lines: Vec<(&'v LineView<'a>, Result<i64, HoldReason>)>,
}

pub(super) fn missing(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let groups = groups(draft, view, order);
    if groups.is_empty() {
        return;
    }
    if let Some(why) = &draft.facts.decisions.skip {
        draft.reason(format!("Skipped by a person: {why}"));
        return;
    }
    if !may_go(draft, view, order) || !told_apart(draft, view) || !nothing_pending(draft, view) {
        return;
    }
    let mut wishes = Vec::new();
    for group in &groups {
        match create::build(draft, view, order, group) {
            Ok(create) => wishes.push((create, group)),
            Err(holds) => holds.into_iter().for_each(|h| draft.hold(Flow::Orders, h)),
        }
    }
    if wishes.is_empty() || !proved_absent(draft, view, order) {
        return;
    }
    for (create, group) in wishes {
        wish(draft, create, group);
    }
}

fn groups<'v, 'a>(
    draft: &mut Draft<'_>,
    view: &'v View<'a>,
    order: &SalesOrder,
) -> Vec<Group<'v, 'a>> {
    let mut groups: BTreeMap<[String; 9], Group<'v, 'a>> = BTreeMap::new();
    for line in &view.lines {
        let eaches = match demand(draft, line) {
            Demand::Nothing(why) => {
                draft.reason(format!("Line {}: {why}", line.line.sequence));
                continue;
            }
            Demand::Send(n) => match edit::carries_more(draft, view, line) {
                None => Ok(n),
                Some(hold) => Err(hold),
            },
            Demand::Bad(hold) => Err(hold),
        };
        let ground = Ground::of(line.line, order);
        let group = groups.entry(ground.key());
        group.or_insert_with(|| Group { ground, lines: Vec::new() }).lines.push((line, eaches));
    }
    groups.into_values().collect()
}

fn wish(draft: &mut Draft<'_>, create: CreateOrder, group: &Group<'_, '_>) {
    let body = serde_json::to_string(&create).unwrap_or_default();
    let key = create_key(&create.reference, &digest(&body));
    let why = format!("Released in Dynamics; {} line(s) to ship.", create.lines.len());
    let read = draft.read_began();
    if !draft.wish_fresh(key, Operation::CreateOrder(create), why, Some(read + FRESH)) {
        return;
    }
    for (line, _) in &group.lines {
        let (lot, delivered) = (line.line.lot.clone(), line.baseline);
        if draft.facts.kept.baseline.get(lot.as_str()) != Some(&delivered) {
            draft.plan.kept.push(KeptChange::Baseline { lot, delivered });
        }
    }
}

/// Nothing goes out before the cut-off a person set, nor an older order nobody ticked.
fn may_go(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) -> bool {
    let Some(cut_off) = draft.settings.cut_off else {
        draft.reason("No cut-off is set: nothing is sent until a person sets one.");
        return false;
    };
    let kept = &draft.facts.kept;
    let after = order.created >= cut_off
        || kept.last_unreleased.is_some_and(|at| at >= cut_off)
        || draft.facts.decisions.release.is_some()
        || !view.ours.is_empty()
        || !view.unseen.is_empty();
    if !after {
        draft.hold(
            Flow::Orders,
            HoldReason::new(
                "before-cut-off",
                "released",
                "",
                "Released before the cut-off; it may have been shipped by hand already.",
                "Check at ShipBob. Press Send to ship it, or Skip with the reason.",
            ),
        );
    }
    after
}

/// Line sequences are unique in F&O; where they are not, nothing can be told apart.
fn told_apart(draft: &mut Draft<'_>, view: &View<'_>) -> bool {
    let mut seen = BTreeSet::new();
    let twice = view.lines.iter().map(|l| l.line.sequence).find(|s| !seen.insert(*s));
    if let Some(sequence) = twice {
        draft.hold(
            Flow::Orders,
            HoldReason::new(
                "line-number-twice",
                "line",
                &sequence.to_string(),
                &format!(
                    "Two lines of the order have the line creation sequence number {sequence}."
                ),
                "Delete one of the lines in Dynamics and enter it anew.",
            ),
        );
    }
    twice.is_none()
}

/// While nobody knows whether an earlier create arrived, its goods must not be sent under another
/// reference. What we sent and cannot see is counted as sent; without its body it stops the rest.
fn nothing_pending(draft: &mut Draft<'_>, view: &View<'_>) -> bool {
    let pending = draft.under_way("create:")
        || draft.under_way("lines:")
        || view.unseen.iter().any(|u| u.body.is_none());
    if pending {
        draft.reason("An order is on its way to ShipBob; its outcome decides.");
    }
    !pending
}

/// Orders ShipBob took but does not show are looked up until they are seen.
pub(super) fn lost(draft: &mut Draft<'_>, view: &View<'_>) {
    let now = draft.facts.now;
    for lost in &view.unseen {
        match lost.absent {
            Some(began) if now.since(began) <= ABSENT => {
                draft.plan_at(began + ABSENT + Span::seconds(1));
                draft.hold(Flow::Orders, order_missing(&lost.reference));
            }
            _ => draft.need(Need::References(vec![lost.reference.clone()])),
        }
    }
}

/// After a restore the orders of a group are found one by one: k is followed to its first gap before
/// anything is made of them. The newest may live on although the first was cancelled.
pub(super) fn followed(draft: &mut Draft<'_>, view: &View<'_>) {
    let adopted = view.ours.iter().filter(|o| o.sent.is_none());
    let sequences: BTreeSet<i32> = adopted.map(|o| o.parts.sequence).collect();
    let mut ask = Vec::new();
    for sequence in sequences {
        let next = next_reference(draft, view, sequence);
        if !draft.facts.kept.absent.contains_key(next.as_str()) {
            ask.push(next);
        }
    }
    if !ask.is_empty() {
        draft.need(Need::References(ask));
    }
}

fn order_missing(reference: &ReferenceId) -> HoldReason {
    HoldReason::new(
        "order-missing-at-shipbob",
        "reference",
        reference.as_str(),
        &format!("ShipBob took the order {reference}, but does not show it."),
        "Search the reference at ShipBob; this closes by itself when the order is seen.",
    )
}

/// Looks up the next reference of every line before the first create: after a restore, or from
/// another installation, ShipBob may know the order already.
fn proved_absent(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) -> bool {
    let mut sequences: BTreeSet<i32> = order.lines.iter().map(|l| l.sequence).collect();
    // The line an order was named after may be gone by now.
    sequences.extend(1..=sequences.last().copied().unwrap_or(0).min(GAPS));
    let now = draft.facts.now;
    let mut ask = Vec::new();
    let references = sequences.into_iter().map(|s| next_reference(draft, view, s));
    for reference in references.collect::<BTreeSet<_>>() {
        let proof = draft.facts.kept.absent.get(reference.as_str());
        if proof.is_none_or(|began| now.since(*began) > ABSENT) {
            ask.push(reference);
        }
    }
    if !ask.is_empty() {
        draft.need(Need::References(ask));
    }
    draft.needs_nothing()
}

pub(super) fn next_reference(draft: &Draft<'_>, view: &View<'_>, sequence: i32) -> ReferenceId {
    let request = request::id_of(draft.facts.number.as_str()).is_some();
    let sequence = if request { 0 } else { sequence };
    let seen = view.ours.iter().chain(view.foreign.iter().map(|f| &f.0)).map(|o| &o.parts);
    let all = seen.chain(view.unseen.iter().map(|u| &u.parts));
    let k = all.filter(|p| p.sequence == sequence).map(|p| p.k).max().unwrap_or(0);
    let number = view.order.map_or(&draft.facts.number, |o| &o.number);
    reference::make(&draft.settings.company, number, sequence, k.saturating_add(1))
}

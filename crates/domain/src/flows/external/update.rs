//! The update that tells F&O what left: one per request when all its shipments are closed, or one
//! per shipment where that was proven.

use crate::disposition::HoldReason;
use crate::flows::draft::Draft;
use crate::flows::fulfilment::short_shipped;
use crate::flows::view::{LineView, Parcel, View};
use crate::ids::ShipmentId;
use crate::operation::{Flow, Operation, UpdateLine, UpdateShipment};
use crate::plan::{DeliveryState, Need};
use crate::request::{ShipmentRequest, ShipmentUpdate, UpdateStatus};
use crate::time::{Span, Timestamp};
use crate::units;
use rust_decimal::Decimal;

/// Ids longer than this may be refused or cut (F&O does not publish lengths).
const MAX_ID: usize = 20;
/// An update under way is looked at again after this, for an hour; then more rarely.
const SOON: Span = Span::minutes(2);
const LATER: Span = Span::minutes(15);

/// Sends what is due, and looks after what was sent.
pub(super) fn send(draft: &mut Draft<'_>, view: &View<'_>, request: &ShipmentRequest) {
    let partial = draft.settings.external.partial_updates;
    if !view.release.is_yes() || (!partial && request.accepted().is_some()) {
        return;
    }
    let mut left: Vec<&Parcel<'_>> = view.parcels().filter(|p| p.shipment.left()).collect();
    left.sort_by_key(|p| (p.shipment.fulfilled.unwrap_or(p.shipment.created), p.shipment.id));
    let batches: Vec<Vec<&Parcel<'_>>> = if partial {
        left.into_iter().map(|parcel| vec![parcel]).collect()
    } else if closed(view) {
        vec![left]
    } else {
        return;
    };
    let mut before: Vec<&Parcel<'_>> = Vec::new();
    for batch in &batches {
        let Some(first) = batch.iter().map(|p| p.shipment.id).min() else { return };
        match state(request, first) {
            State::Accepted => before.extend(batch.iter().copied()),
            State::Waiting => return look_again(draft),
            State::Refused(id, tries) if !tried_again(draft) => {
                draft.hold(Flow::Fulfilment, refused(&id, tries));
                return;
            }
            State::Refused(_, tries) => {
                let id = format!("{}-{}", base(first), tries + 1);
                return wish(draft, view, request, (&id, &before, batch));
            }
            State::New => return wish(draft, view, request, (&base(first), &before, batch)),
        }
    }
}

/// Nothing more will leave, and something has.
fn closed(view: &View<'_>) -> bool {
    let mut live = view.live().peekable();
    live.peek().is_some() && view.unseen.is_empty() && live.all(|o| o.finished() && o.left())
}

fn base(first: ShipmentId) -> String {
    format!("SB-{first}")
}

enum State {
    New,
    Waiting,
    Accepted,
    /// The last id, and how many were refused.
    Refused(String, usize),
}

/// What became of the update named after this shipment, and of those that followed it.
fn state(request: &ShipmentRequest, first: ShipmentId) -> State {
    let base = base(first);
    let next = format!("{base}-");
    let own = |u: &&ShipmentUpdate| u.id == base || u.id.starts_with(&next);
    let updates: Vec<&ShipmentUpdate> = request.updates.iter().filter(own).collect();
    let over =
        |u: &&ShipmentUpdate| matches!(u.status, UpdateStatus::Failed | UpdateStatus::Cancelled);
    if updates.iter().any(|u| u.status == UpdateStatus::Accepted) {
        State::Accepted
    } else if updates.iter().any(|u| !over(u)) {
        State::Waiting
    } else {
        match updates.iter().max_by_key(|u| (u.id.len(), &u.id)) {
            None => State::New,
            Some(last) => State::Refused(last.id.clone(), updates.len()),
        }
    }
}

/// A person pressed Retry after the last update was sent.
fn tried_again(draft: &Draft<'_>) -> bool {
    let sent = draft.facts.deliveries.iter().filter(|d| d.key.starts_with("update:"));
    let last = sent.filter(|d| d.state == DeliveryState::Done).map(|d| d.since).max();
    draft.facts.decisions.retry.is_some_and(|at| last.is_none_or(|last| at > last))
}

/// The message processor runs when it runs: its answer is polled.
fn look_again(draft: &mut Draft<'_>) {
    let sent = draft.facts.deliveries.iter().filter(|d| d.key.starts_with("update:"));
    let last = sent.map(|d| d.since).max().unwrap_or(Timestamp::MIN);
    let young = draft.facts.now.since(last) < Span::hours(1);
    let due = draft.read_began() + if young { SOON } else { LATER };
    if draft.facts.now >= due {
        draft.need(Need::Sales);
    } else {
        draft.plan_at(due);
    }
}

type Batch<'b, 'a> = (&'b str, &'b [&'b Parcel<'a>], &'b [&'b Parcel<'a>]);

fn wish(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    request: &ShipmentRequest,
    (id, before, batch): Batch<'_, '_>,
) {
    let key = format!("update:{id}");
    if let Some(done) = draft.delivery(&key).filter(|d| d.state == DeliveryState::Done) {
        if done.since >= draft.read_began() {
            // F&O has it, and our read is older.
            draft.need(Need::Sales);
        } else {
            draft.hold(Flow::Fulfilment, lost(id));
        }
        return;
    }
    // What left another centre than booked waits for a person, who sees a hold of its own.
    if batch.iter().any(|p| p.withheld) {
        return;
    }
    let Some(lines) = lines(draft, view, request, (before, batch)) else { return };
    let shipped = batch.iter().map(|p| p.shipment.fulfilled.unwrap_or(p.shipment.created)).max();
    let number = batch.iter().find_map(|p| p.shipment.number());
    let operation = Operation::UpdateShipment(UpdateShipment {
        request: request.id.clone(),
        update: id.to_owned(),
        origin: request.origin.clone(),
        slip: base_slip(batch),
        shipped: shipped.unwrap_or(draft.facts.now),
        transport: number.filter(|n| n.chars().count() <= MAX_ID).map(str::to_owned),
        lines,
        complete: draft.facts.capabilities.update_complete == Some(true),
    });
    let n = batch.len();
    draft.wish(key, operation, format!("{n} shipment(s) of the request left ShipBob."));
}

fn base_slip(batch: &[&Parcel<'_>]) -> String {
    let first = batch.iter().map(|p| p.shipment.id).min();
    first.map(|id| format!("SB{id}")).unwrap_or_default()
}

/// What to tell per line; none while something must be settled first.
fn lines(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    request: &ShipmentRequest,
    (before, batch): (&[&Parcel<'_>], &[&Parcel<'_>]),
) -> Option<Vec<UpdateLine>> {
    let partial = draft.settings.external.partial_updates;
    let mut found = Vec::new();
    let mut waits = false;
    for line in &request.lines {
        let seen = view.line(line.number)?;
        let now = eaches(batch, line.number);
        if partial && now == 0 {
            continue;
        }
        let factor = seen.factor?;
        let total = now.saturating_add(eaches(before, line.number));
        let (shipped, odd) = units::to_units(now, factor);
        let (total, _) = units::to_units(total, factor);
        let short = total < line.ordered;
        if short && !partial {
            waits |= !settled(draft, view, line.number);
        }
        if odd > 0 {
            draft.hold(Flow::Fulfilment, partial_unit(seen, odd));
            waits = true;
        }
        found.push(UpdateLine {
            number: line.number,
            unit: line.unit.clone(),
            ordered: line.ordered,
            shipped: shipped.min(line.ordered),
            total: total.min(line.ordered),
        });
    }
    let some = found.iter().any(|l| l.shipped > Decimal::ZERO);
    (some && !waits).then_some(found)
}

fn eaches(parcels: &[&Parcel<'_>], sequence: i32) -> i64 {
    let shares = parcels.iter().flat_map(|p| &p.shares).filter(|(s, _)| *s == sequence);
    shares.map(|(_, n)| *n).fold(0, i64::saturating_add)
}

/// A person has lowered the remainder in F&O and dismissed the hold that asks for it.
fn settled(draft: &Draft<'_>, view: &View<'_>, sequence: i32) -> bool {
    let line = view.line(sequence);
    let mut short = view.live().filter(|o| o.shipped(sequence) < o.ordered(sequence)).peekable();
    short.peek().is_some()
        && short.all(|one| {
            line.is_some_and(|line| {
                let hold = short_shipped(one, sequence, line, draft.profile());
                draft.facts.decisions.dismissed.contains(&hold.identity())
            })
        })
}

fn partial_unit(line: &LineView<'_>, odd: i64) -> HoldReason {
    HoldReason::new(
        "partial-unit",
        &format!("line {}", line.line.sequence),
        &format!("{odd} pieces"),
        &format!("{odd} pieces of {} make no whole {}.", line.line.sku, line.line.unit),
        "Only whole units can be told to Dynamics. Have the rest shipped, or settle the line in Dynamics.",
    )
}

fn refused(id: &str, tries: usize) -> HoldReason {
    HoldReason::new(
        "update-refused",
        "shipment update",
        id,
        &format!("The message processor of Dynamics refused shipment update {id} (try {tries})."),
        "Open it under Warehouse management > Message processor messages in Dynamics, mend what it names (quantity, closed period, order lock), then press Retry.",
    )
}

fn lost(id: &str) -> HoldReason {
    HoldReason::new(
        "update-lost",
        "shipment update",
        id,
        "Dynamics took the shipment update, but does not show it any more.",
        "Look for the update in Dynamics. Post the packing slip by hand as the note says, then dismiss this.",
    )
}

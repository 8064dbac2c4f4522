//! What came back of an order: one note per return, kept current in place, and the customer's own record of a completed
//! one. Both only where they are configured; a receipt is never written.

use super::draft::{Draft, digest};
use super::fulfilment::{Wanted, described, keep_note, note_read_only};
use super::note;
use crate::address::clean;
use crate::custom_call::{CustomCall, ReturnFields};
use crate::disposition::HoldReason;
use crate::ids::ShipmentId;
use crate::inbound::{NOTE_KEY, RECORD_KEY, Return, ReturnLine};
use crate::operation::{Flow, Operation};
use crate::plan::{DeliveryState, Need};
use crate::sales::SalesOrder;
use std::fmt::Write as _;

/// `order`: the sales order as F&O has it, also of a request.
pub(super) fn plan(draft: &mut Draft<'_>, order: Option<&SalesOrder>) {
    let Some(settings) = draft.settings.returns.as_ref() else { return };
    let mut returns: Vec<&Return> = draft.facts.returns.iter().collect();
    returns.sort_by_key(|one| one.id);
    returns.dedup_by_key(|one| one.id);
    if returns.is_empty() {
        return;
    }
    let Some(order) = order else {
        draft.reason("ShipBob has a return of it; Dynamics has no such order any more.");
        return;
    };
    for one in returns {
        if settings.note {
            write_note(draft, order, one);
        }
        if let Some(call) = settings.record.as_ref().filter(|_| one.is_completed()) {
            record(draft, order, call, one);
        }
    }
}

fn description(one: &Return) -> String {
    format!("ShipBob return {}", one.id)
}

fn write_note(draft: &mut Draft<'_>, order: &SalesOrder, one: &Return) {
    let description = description(one);
    let existing = described(order, &description);
    let base = format!("{NOTE_KEY}{}:", one.id);
    let begun =
        existing.is_some() || draft.facts.deliveries.iter().any(|d| d.key.starts_with(&base));
    if one.is_cancelled() && !begun {
        return;
    }
    if draft.facts.capabilities.note_write == Some(false) {
        draft.hold(Flow::Fulfilment, note_read_only());
        return;
    }
    let text = text(one);
    if existing.is_some_and(|n| note::same(&n.text, &text)) {
        return;
    }
    let wanted = Wanted {
        base,
        description,
        seed: format!("{}/{}/return/{}", draft.settings.company, order.number, one.id),
        text,
        late: true,
        why: format!("Return {}: {}.", one.id, one.state()),
    };
    keep_note(draft, order, existing, wanted);
}

/// The whole text. No line of it reads like a line of a shipment's note: a number of the way back is no parcel of ours.
fn text(one: &Return) -> String {
    let mut out = format!("ShipBob return {}: {}\n", one.id, one.state());
    if one.kind == "ReturnToSender" {
        out.push_str("Sent back by the carrier\n");
    }
    if let Some(shipment) = one.shipment {
        let _ = writeln!(out, "Of shipment {shipment}");
    }
    let named = [("Reference", &one.reference), ("Return tracking", &one.tracking)];
    for (name, value) in named.map(|(name, value)| (name, clean(value))) {
        if !value.is_empty() {
            let _ = writeln!(out, "{name}: {value}");
        }
    }
    if let Some(centre) = one.centre {
        let name = clean(&one.centre_name);
        let _ = match name.is_empty() {
            true => writeln!(out, "Centre: {centre}"),
            false => writeln!(out, "Centre: {centre}, {name}"),
        };
    }
    for line in &one.lines {
        let _ = writeln!(out, "{} x {}: {}", clean(&line.sku), line.announced, done(line));
    }
    out.trim_end().to_owned()
}

/// What was done with the pieces of a line; before that, what was asked.
fn done(line: &ReturnLine) -> String {
    if line.taken.is_empty() {
        let asked = clean(&line.asked);
        return if asked.is_empty() {
            "not processed yet".to_owned()
        } else {
            format!("asked: {asked}")
        };
    }
    let one = |taken: &crate::inbound::Taken| {
        let (action, reason) = (clean(&taken.action), clean(&taken.reason));
        match reason.is_empty() {
            true => format!("{} {action}", taken.pieces),
            false => format!("{} {action} ({reason})", taken.pieces),
        }
    };
    line.taken.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Records a completed return once. What ShipBob corrects afterwards is for a person: a second record would double it.
fn record(draft: &mut Draft<'_>, order: &SalesOrder, call: &CustomCall, one: &Return) {
    let fields = ReturnFields {
        company: draft.settings.company.clone(),
        order: order.number.clone(),
        shipment: one.shipment.unwrap_or(ShipmentId(0)),
        of: one,
    };
    let Some(ready) = call.record(&fields) else { return };
    let base = format!("{RECORD_KEY}{}:", one.id);
    let key = format!("{base}{}", digest(&ready.body));
    let others = draft.facts.deliveries.iter().filter(|d| d.key.starts_with(&base) && d.key != key);
    for other in others {
        match other.state {
            DeliveryState::Done => {
                draft.hold(Flow::Fulfilment, recorded_otherwise(one));
                return;
            }
            // Nobody knows yet what became of it: that decides.
            DeliveryState::InFlight | DeliveryState::InDoubt => return,
            _ => {}
        }
    }
    if draft.done(&key) {
        return;
    }
    if draft.delivery(&key).is_none() && !draft.sales_are_fresh() {
        draft.need(Need::Sales);
        return;
    }
    let why = format!("Return {} is completed: recorded in Dynamics.", one.id);
    draft.wish(key, Operation::CustomCall(ready), why);
}

fn recorded_otherwise(one: &Return) -> HoldReason {
    HoldReason::new(
        "return-recorded-otherwise",
        "return",
        &one.id.to_string(),
        &format!(
            "ShipBob changed return {} after it was recorded in Dynamics; the record there shows what it was before.",
            one.id
        ),
        "Correct the record in Dynamics by hand from the note or the page Returns, then dismiss this.",
    )
}

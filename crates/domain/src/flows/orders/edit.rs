//! Orders at ShipBob that no longer say what F&O says, put right in place until they are picked.
//!
//! An edit is judged against what we sent last, shipment by shipment, never against stamps: what we
//! wrote ourselves is nobody's edit. What no update call can bring is cancelled and created anew.

use super::send::{Demand, demand};
use super::take_back::changed_after_pick;
use crate::disposition::HoldReason;
use crate::edit::{Change, ShipmentEdit};
use crate::flows::draft::{Draft, digest};
use crate::flows::ground::Ground;
use crate::flows::view::{LineView, Ours, View};
use crate::operation::{CreateOrder, Operation};
use crate::plan::{DeliveryState, KnownDelivery, Need};
use crate::sales::{SalesOrder, SalesStatus};
use crate::time::Span;
use crate::warehouse::{Recipient, Shipment};
use std::collections::BTreeMap;

/// After a refusal the order is read again before anything is made of it: it may have been picked.
/// One that cannot be read for so long is judged as it was last seen.
const READ_WITHIN: Span = Span::minutes(2);

/// What F&O wants of all lines of one ShipBob order.
struct Wish {
    recipient: Option<Recipient>,
    method: Option<String>,
}

/// The shipments of an order, by whether they have a change.
pub(super) struct Spread<'a> {
    pub(super) have: Vec<&'a Shipment>,
    /// Do not have it and can still be changed.
    pub(super) open: Vec<&'a Shipment>,
    /// Do not have it and were picked.
    pub(super) late: Vec<&'a Shipment>,
}

impl<'a> Spread<'a> {
    pub(super) fn of(one: &Ours<'a>, has: impl Fn(&Shipment) -> bool) -> Self {
        let (have, lack): (Vec<_>, Vec<_>) = one.alive().partition(|s| has(s));
        let (late, open) = lack.into_iter().partition(|s| s.picked());
        Self { have, open, late }
    }
}

/// What is to be done about one changed field.
enum Way {
    /// Nothing, or these calls.
    Calls(Vec<(String, ShipmentEdit)>),
    /// Cancel and create anew.
    Anew,
    /// A read comes first.
    Wait,
}

/// Wishes the calls that bring address and method to what F&O wants, and says what came too late.
/// The field that no call can bring, if any: then the order as a whole is to be made anew.
pub(super) fn judge(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    one: &Ours<'_>,
) -> Option<&'static str> {
    let sent = one.sent?;
    let wish = match wanted(draft, view, order, one, sent) {
        Ok(wish) => wish,
        Err(field) => return Some(field),
    };
    let mut calls = Vec::new();
    let mut late = Vec::new();
    if let Some(recipient) = wish.recipient {
        let spread = Spread::of(one, |s| has_recipient(one, sent, s, &recipient));
        let unseen = one.alive().next().is_none() && sent.recipient != recipient;
        // Goods that cross a border need a customs value on every line.
        let abroad = recipient.country != sent.recipient.country;
        match way(draft, one, &spread, &Change::Address(recipient)) {
            Way::Calls(edits) if !unseen && (edits.is_empty() || !abroad) => calls.extend(edits),
            Way::Calls(_) | Way::Anew => return Some("address"),
            Way::Wait => return None,
        }
        late.push(("address", "address", spread));
    }
    if let Some(method) = wish.method {
        let spread = Spread::of(one, |s| has_method(one, sent, s, &method));
        let unseen = one.alive().next().is_none() && sent.method != method;
        let service = draft.facts.services.get(&method).copied();
        let change = Change::Method { method, service: service.unwrap_or_default() };
        match way(draft, one, &spread, &change) {
            Way::Calls(edits) if !unseen && (edits.is_empty() || service.is_some()) => {
                calls.extend(edits);
            }
            Way::Calls(_) | Way::Anew => return Some("delivery mode"),
            Way::Wait => return None,
        }
        late.push(("delivery mode", "method", spread));
    }
    for (key, edit) in calls {
        let why = format!("The {} was changed in Dynamics or in the settings.", edit.change.word());
        draft.wish(key, Operation::EditShipment(edit), why);
    }
    for (field, word, spread) in late.iter().filter(|(_, _, s)| !s.late.is_empty()) {
        if !draft.under_way(&format!("{word}:{}:", one.order.reference)) {
            let why = format!("The {field} was changed in Dynamics or in the settings.");
            changed_after_pick(draft, one, field, &why, spread);
        }
    }
    None
}

/// What F&O wants, or the field in which no update call can follow. A new value that cannot be sent
/// at all is a hold: the order ships as it was until a person mends it.
fn wanted(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    one: &Ours<'_>,
    sent: &CreateOrder,
) -> Result<Wish, &'static str> {
    let mut unusable = Vec::new();
    let mut wish = Wish { recipient: None, method: None };
    let said = draft.facts.kept.too_late.get(one.order.reference.as_str());
    let said_mode = said.is_some_and(|fields| fields.contains("delivery mode"));
    for product in &sent.lines {
        let line = view.line(product.external_line_id).ok_or("line")?;
        if line.line.status == SalesStatus::Canceled {
            continue;
        }
        if !line.line.sku.eq_ignore_ascii_case(&product.sku) {
            return Err("item");
        }
        let ground = Ground::of(line.line, order);
        if !ground.same_place(draft, sent) {
            return Err("warehouse");
        }
        match ground.mapped_method(draft) {
            _ if wrote_carrier(draft) && !said_mode => {}
            // Lines that no longer travel together cannot stay in one order.
            Ok(method) if wish.method.get_or_insert_with(|| method.clone()) != &method => {
                return Err("delivery mode");
            }
            Ok(_) => {}
            Err(hold) => unusable.push(hold),
        }
        match ground.recipient(draft, order) {
            Ok(to) if wish.recipient.get_or_insert_with(|| to.clone()) != &to => {
                return Err("address");
            }
            Ok(_) => {}
            Err(hold) => unusable.push(hold),
        }
    }
    if !one.picked() {
        unusable.into_iter().for_each(|h| draft.hold(crate::operation::Flow::Orders, h));
    }
    Ok(wish)
}

/// Writing the carrier can re-default the delivery mode: that is no customer's edit.
fn wrote_carrier(draft: &Draft<'_>) -> bool {
    draft.under_way("carrier:")
        || draft
            .facts
            .deliveries
            .iter()
            .any(|d| d.state == DeliveryState::Done && d.key.starts_with("carrier:"))
}

/// Sent last, or shown by ShipBob without our doing: after a restore, or corrected there by hand.
fn has_recipient(one: &Ours<'_>, sent: &CreateOrder, at: &Shipment, wanted: &Recipient) -> bool {
    match one.edited.get(&at.id.0).and_then(|e| e.recipient.as_ref()) {
        Some(edited) => edited == wanted,
        None => sent.recipient == *wanted || at.recipient.as_ref().is_some_and(|r| r.alike(wanted)),
    }
}

fn has_method(one: &Ours<'_>, sent: &CreateOrder, at: &Shipment, wanted: &str) -> bool {
    match one.edited.get(&at.id.0).and_then(|e| e.method.as_deref()) {
        Some(edited) => edited == wanted,
        None => sent.method == wanted || at.method == wanted,
    }
}

/// One call per shipment that can still be changed.
fn way(draft: &mut Draft<'_>, one: &Ours<'_>, spread: &Spread<'_>, change: &Change) -> Way {
    let whole = spread.late.is_empty() && spread.open.len() == 1;
    let mut calls = Vec::new();
    for shipment in &spread.open {
        let (key, edit) = edit(draft, one, shipment, whole, change.clone());
        match draft.refused(&key) {
            None => calls.push((key, edit)),
            Some(refused) if to_be_read(draft, one, refused) => return Way::Wait,
            Some(_) if !one.picked() => return Way::Anew,
            // Another shipment ships as it was: a cancel would tear the order apart.
            Some(_) => {}
        }
    }
    Way::Calls(calls)
}

/// The key changes with every change that took effect, so that a change back is a new write.
fn edit(
    draft: &Draft<'_>,
    one: &Ours<'_>,
    shipment: &Shipment,
    whole: bool,
    change: Change,
) -> (String, ShipmentEdit) {
    let word = change.word();
    let known = draft.facts.kept.edited.get(&shipment.id.0);
    let times = known.and_then(|e| e.times.get(word)).copied().unwrap_or(0);
    let reference = one.order.reference.clone();
    let edit =
        ShipmentEdit { order: one.order.id, reference, shipment: shipment.id, whole, change };
    let state = digest(&serde_json::to_string(&edit).unwrap_or_default());
    (format!("{word}:{}:{}:{times}:{state}", edit.reference, edit.shipment), edit)
}

/// Asks for a read of the order when the last one is older than a refusal.
fn to_be_read(draft: &mut Draft<'_>, one: &Ours<'_>, refused: &KnownDelivery) -> bool {
    let old = one.read_began < refused.since && draft.facts.now.since(refused.since) < READ_WITHIN;
    if old {
        draft.need(Need::Orders(vec![one.order.id]));
    }
    old
}

/// What became of a wish for other quantities.
pub(super) enum Quantities {
    Wished,
    Anew,
    Wait,
}

/// Wishes the call that makes one shipment hold `new` eaches per line. Only for an order that is one
/// unpicked shipment of single products: what a missing or a zero entry of the list means to ShipBob
/// is not documented, so that no product is ever taken out of it or put into it.
pub(super) fn quantities(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    one: &Ours<'_>,
    new: &BTreeMap<i32, i64>,
) -> Quantities {
    let (Some(sent), [shipment]) = (one.sent, one.shipments.as_slice()) else {
        return Quantities::Anew;
    };
    let mut unread = Vec::new();
    for sku in one.sequences().filter_map(|s| view.line(s)).map(|l| &l.line.sku) {
        match draft.facts.skus.get(sku) {
            None => unread.push(sku.clone()),
            Some(fact) if fact.exact.as_ref().is_none_or(|e| e.bundle) => return Quantities::Anew,
            Some(_) => {}
        }
    }
    if !unread.is_empty() {
        unread.sort();
        unread.dedup();
        draft.need(Need::Skus(unread));
        return Quantities::Wait;
    }
    let Some(items) = full_list(one, shipment, new) else { return Quantities::Anew };
    let quantity = |sequence| new.get(&sequence).copied().unwrap_or(0);
    let mut lines = sent.lines.clone();
    lines.iter_mut().for_each(|l| l.quantity = quantity(l.external_line_id));
    lines.retain(|l| l.quantity > 0);
    let (key, edit) = edit(draft, one, shipment, true, Change::Lines { items, lines });
    match draft.refused(&key) {
        Some(refused) if to_be_read(draft, one, refused) => return Quantities::Wait,
        Some(_) => return Quantities::Anew,
        None => {}
    }
    let why = "The quantity was changed in Dynamics.";
    draft.wish(key, Operation::EditShipment(edit), why);
    Quantities::Wished
}

fn full_list(
    one: &Ours<'_>,
    shipment: &Shipment,
    new: &BTreeMap<i32, i64>,
) -> Option<Vec<crate::edit::EditItem>> {
    let of = |sku: &str| {
        let mine = one.lines.iter().filter(|l| l.sku.eq_ignore_ascii_case(sku));
        let sequences: std::collections::BTreeSet<i32> = mine.filter_map(|l| l.sequence).collect();
        sequences.iter().filter_map(|s| new.get(s)).fold(0_i64, |sum, n| sum.saturating_add(*n))
    };
    let mut items = Vec::new();
    for product in &shipment.products {
        let ([item], quantity @ 1..) = (product.items.as_slice(), of(&product.sku)) else {
            return None;
        };
        let inventory_id = item.inventory_id;
        items.push(crate::edit::EditItem { inventory_id, sku: product.sku.clone(), quantity });
    }
    let all = one.lines.iter().all(|l| items.iter().any(|i| i.sku.eq_ignore_ascii_case(l.sku)));
    items.sort_by_key(|i| i.inventory_id);
    let alone = items.windows(2).all(|w| matches!(w, [a, b] if a.inventory_id != b.inventory_id));
    (all && alone && !items.is_empty()).then_some(items)
}

/// Eaches per line that F&O wants beyond what ShipBob has, where they may go at all.
pub(super) fn raises(draft: &mut Draft<'_>, view: &View<'_>) -> BTreeMap<i32, i64> {
    let mut raises = BTreeMap::new();
    let kept_back = draft.settings.cut_off.is_none()
        || draft.facts.decisions.skip.is_some()
        || draft.under_way("create:")
        || !view.unseen.is_empty();
    let twice = |l: &LineView<'_>| {
        view.lines.iter().filter(|o| o.line.sequence == l.line.sequence).count() > 1
    };
    if kept_back || view.lines.iter().any(twice) {
        return raises;
    }
    for line in view.lines.iter().filter(|l| l.carried) {
        if let Demand::Send(n) = demand(draft, line)
            && carries_more(draft, view, line).is_none()
        {
            raises.insert(line.line.sequence, n);
        }
    }
    raises
}

/// A shipment holds more of the line's product than we know to have asked for: after a restore, an
/// edit we have forgotten. To send more besides could ship it twice.
pub(super) fn carries_more(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    line: &LineView<'_>,
) -> Option<HoldReason> {
    let sku = line.line.sku.as_str();
    let kit = draft.facts.skus.get(sku).and_then(|f| f.exact.as_ref()).is_some_and(|e| e.bundle);
    let more = |o: &&Ours<'_>| o.carries(line.line.sequence) && o.boxed(sku) > o.asked(sku);
    let one = view.live().find(more).filter(|_| !kit)?;
    let old = |s: &Shipment| one.edited.get(&s.id.0).is_some_and(|e| e.at > one.read_began);
    if one.alive().any(old) {
        draft.need(Need::Orders(vec![one.order.id]));
    }
    let hold = HoldReason::new(
        "shipments-hold-more",
        "quantity",
        &one.order.id.to_string(),
        &format!(
            "The shipments of ShipBob order {} hold more of {sku} than we asked for; nothing is sent besides.",
            one.order.id
        ),
        "Compare the order at ShipBob with Dynamics. Dismiss this if more is to be sent besides.",
    );
    (!draft.facts.decisions.dismissed.contains(&hold.identity())).then_some(hold)
}

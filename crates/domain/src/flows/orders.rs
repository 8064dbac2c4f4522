//! F&O → ShipBob: which orders to create, and which to cancel because F&O wants something else.

use super::draft::Draft;
use super::view::{LineView, Ours, View, retried_since_cancel, unreleased};
use crate::address::{self, Countries};
use crate::disposition::HoldReason;
use crate::ids::CentreId;
use crate::operation::{CreateLine, CreateOrder, Flow, Operation};
use crate::plan::{KeptChange, Need};
use crate::reference;
use crate::sales::{Address, SalesOrder, SalesStatus};
use crate::time::{Span, Timestamp};
use crate::units;
use crate::warehouse::Recipient;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::{BTreeMap, BTreeSet};

/// A create is based on a read no older than this; the courier reads again when it is.
const FRESH: Span = Span::seconds(60);
/// How long "ShipBob has no such reference" may be believed.
const ABSENT: Span = Span::minutes(10);

pub(super) fn plan(draft: &mut Draft<'_>, view: &View<'_>) {
    cancelled_by_shipbob(draft, view);
    let Some(order) = view.order else {
        draft.reason("Dynamics has no such order any more.");
        take_back_all(draft, view, "The order was deleted in Dynamics.");
        return;
    };
    if let Some(why) = unreleased(order, draft.settings) {
        draft.reason(why.clone());
        take_back_all(draft, view, &why);
        return;
    }
    take_back_changed(draft, view, order);
    send_missing(draft, view, order);
}

/// F&O does not want the order at ShipBob (any more).
fn take_back_all(draft: &mut Draft<'_>, view: &View<'_>, why: &str) {
    for one in view.ours.iter().filter(|o| o.live()) {
        cancel(draft, one, "status", why);
    }
}

/// Cancels at ShipBob, or says that it is too late.
fn cancel(draft: &mut Draft<'_>, one: &Ours<'_>, field: &str, why: &str) {
    if one.finished() && !one.picked() {
        return;
    }
    let key = format!("cancel:{}", one.order.reference);
    if one.picked() {
        draft.hold(
            Flow::Orders,
            HoldReason::new(
                "cancel-too-late",
                field,
                &one.order.id.to_string(),
                &format!("{why} ShipBob had already picked the order; it ships."),
                "Take the goods back as a return, or restore the order in Dynamics; then dismiss this.",
            ),
        );
        return;
    }
    let operation =
        Operation::CancelOrder { order: one.order.id, reference: one.order.reference.clone() };
    draft.wish(key, operation, format!("{why} Cancel at ShipBob before it is picked."));
}

/// Cancelled at ShipBob, and not by us: a person decides whether it is sent again.
fn cancelled_by_shipbob(draft: &mut Draft<'_>, view: &View<'_>) {
    let wanted = view.order.is_some_and(|o| unreleased(o, draft.settings).is_none());
    for one in view.ours.iter().filter(|o| !o.live() && !o.cancelled_by_us && wanted) {
        if !retried_since_cancel(one, draft.facts) {
            draft.hold(
                Flow::Orders,
                HoldReason::new(
                    "cancelled-at-shipbob",
                    "order",
                    &one.order.id.to_string(),
                    "The order was cancelled at ShipBob, not by Dynamics.",
                    "Cancel it in Dynamics too, or press Retry to send it again under a new reference.",
                ),
            );
        }
    }
}

/// Orders at ShipBob that no longer say what F&O says: cancelled while possible, sent anew.
fn take_back_changed(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let mut too_much: BTreeMap<i32, i64> = view
        .lines
        .iter()
        .filter_map(|l| {
            let wanted = wanted_eaches(l).unwrap_or(l.committed);
            (l.committed > wanted).then_some((l.line.sequence, l.committed - wanted))
        })
        .collect();
    for one in view.ours.iter().rev().filter(|o| o.live()) {
        let excess = one.order.products.iter().find_map(|p| {
            let sequence = p.external_line_id?;
            too_much.get(&sequence).filter(|n| **n > 0).map(|_| sequence)
        });
        let change = match excess {
            Some(sequence) => Some(("quantity", format!("Line {sequence} was reduced."))),
            None if one.finished() => None,
            None => changed(draft, view, order, one)
                .map(|field| (field, format!("The {field} was changed in Dynamics."))),
        };
        let Some((field, why)) = change else { continue };
        if one.picked() {
            changed_too_late(draft, one, field, &why);
        } else {
            cancel(draft, one, field, &why);
        }
        for product in &one.order.products {
            if let Some(left) = product.external_line_id.and_then(|s| too_much.get_mut(&s)) {
                *left -= product.quantity;
            }
        }
    }
}

fn changed_too_late(draft: &mut Draft<'_>, one: &Ours<'_>, field: &str, why: &str) {
    draft.hold(
        Flow::Orders,
        HoldReason::new(
            "changed-after-pick",
            field,
            &one.order.id.to_string(),
            &format!("{why} ShipBob had already picked the order; it ships as it was."),
            "Put the order in Dynamics back to what was shipped, or settle it with the customer; then dismiss this.",
        ),
    );
}

/// The first field of the projection we sent that F&O now wants otherwise.
fn changed(
    draft: &Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    one: &Ours<'_>,
) -> Option<&'static str> {
    let sent = one.sent?;
    for product in &sent.lines {
        let Some(line) = view.line(product.external_line_id) else { return Some("line") };
        if line.line.status == SalesStatus::Canceled {
            continue;
        }
        if line.line.sku != product.sku {
            return Some("item");
        }
        let ground = ground_of(line, order);
        if ground.method(draft).ok().is_some_and(|m| m != sent.method) {
            return Some("delivery mode");
        }
        if ground.centre(draft) != sent.centre {
            return Some("warehouse");
        }
        if ground.recipient(draft, order).ok().is_some_and(|r| r != sent.recipient) {
            return Some("address");
        }
    }
    None
}

/// Eaches ShipBob should ship of the line in total; none when they cannot be counted.
fn wanted_eaches(line: &LineView<'_>) -> Option<i64> {
    let released = line.released();
    if released.is_zero() {
        return Some(0);
    }
    units::to_eaches(released, line.factor?)
}

/// What a group of lines shares: one group is one ShipBob order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Ground {
    warehouse: String,
    mode: String,
    address: AddressKey,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct AddressKey([String; 7]);

fn ground_of(line: &LineView<'_>, order: &SalesOrder) -> Ground {
    let line = line.line;
    let own = !line.address.street.is_empty() || !line.address.city.is_empty();
    let a = if own { &line.address } else { &order.address };
    let mode =
        if line.delivery_mode.is_empty() { &order.delivery_mode } else { &line.delivery_mode };
    Ground {
        warehouse: line.warehouse.as_str().to_lowercase(),
        mode: mode.clone(),
        address: AddressKey([
            a.name.clone(),
            a.street.clone(),
            a.city.clone(),
            a.state.clone(),
            a.zip.clone(),
            a.country.clone(),
            a.country_iso.clone(),
        ]),
    }
}

impl Ground {
    fn address(&self) -> Address {
        let [name, street, city, state, zip, country, country_iso] = self.address.0.clone();
        Address { name, street, city, state, zip, country, country_iso, location_id: String::new() }
    }

    fn recipient(&self, draft: &Draft<'_>, order: &SalesOrder) -> Result<Recipient, HoldReason> {
        let countries =
            Countries { settings: &draft.settings.countries, dynamics: &draft.facts.countries };
        address::recipient(&self.address(), &order.email, &order.phone, &countries)
    }

    fn centre(&self, draft: &Draft<'_>) -> Option<CentreId> {
        draft.settings.warehouse(&self.warehouse.as_str().into()).map(|m| m.centre)
    }

    fn method(&self, draft: &Draft<'_>) -> Result<String, HoldReason> {
        let table = &draft.settings.methods;
        let found = table.iter().find(|(mode, _)| mode.eq_ignore_ascii_case(&self.mode));
        let Some((_, method)) = found else {
            return Err(HoldReason::new(
                "method-unmapped",
                "delivery mode",
                &self.mode,
                &format!("Delivery mode \"{}\" is not mapped to a ShipBob method.", self.mode),
                "Map the mode under [methods] in the settings, or change it on the order.",
            ));
        };
        if !draft.facts.methods.contains(method) {
            return Err(HoldReason::new(
                "method-unknown-at-shipbob",
                "shipping method",
                method,
                &format!(
                    "ShipBob has no active shipping method \"{method}\"; it would become Standard."
                ),
                "Correct the method in the settings, or activate it at ShipBob.",
            ));
        }
        Ok(method.clone())
    }
}

fn send_missing(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) {
    let mut groups: BTreeMap<Ground, Vec<&LineView<'_>>> = BTreeMap::new();
    for line in &view.lines {
        match not_for_shipbob(draft, line) {
            Some(why) => draft.reason(format!("Line {}: {why}", line.line.sequence)),
            None => groups.entry(ground_of(line, order)).or_default().push(line),
        }
    }
    if groups.is_empty() {
        return;
    }
    if let Some(why) = &draft.facts.decisions.skip {
        draft.reason(format!("Skipped by a person: {why}"));
        return;
    }
    if !may_go(draft, view, order) {
        return;
    }
    let mut wishes = Vec::new();
    for (ground, lines) in &groups {
        match build(draft, view, order, ground, lines) {
            Ok(create) => wishes.push((create, lines)),
            Err(holds) => holds.into_iter().for_each(|h| draft.hold(Flow::Orders, h)),
        }
    }
    if wishes.is_empty() || !proved_absent(draft, view, order) {
        return;
    }
    let read = draft.facts.sales.as_ref().map_or(Timestamp::MIN, |r| r.read_began);
    for (create, lines) in wishes {
        for line in lines {
            draft.plan.kept.push(KeptChange::Baseline {
                lot: line.line.lot.clone(),
                delivered: line.baseline,
            });
        }
        let key = format!("create:{}", create.reference);
        let why = format!("Released in Dynamics; {} line(s) to ship.", create.lines.len());
        draft.wish_fresh(key, Operation::CreateOrder(create), why, Some(read + FRESH));
    }
}

/// Why a line is not sent (now), in words.
fn not_for_shipbob(draft: &Draft<'_>, line: &LineView<'_>) -> Option<String> {
    let l = line.line;
    if draft.settings.warehouse(&l.warehouse).is_none() {
        return Some(format!("ships from warehouse {}, which is not ShipBob.", l.warehouse));
    }
    if l.status == SalesStatus::Canceled {
        return Some("cancelled.".to_owned());
    }
    if l.blocked {
        return Some("blocked in Dynamics.".to_owned());
    }
    if !l.stocked {
        return Some("not a stocked product.".to_owned());
    }
    if l.direct_delivery {
        return Some("direct delivery by the vendor.".to_owned());
    }
    if l.remaining <= Decimal::ZERO {
        return Some(format!("nothing to deliver ({}).", l.remaining.normalize()));
    }
    match wanted_eaches(line) {
        // Cannot be counted: stays in, so that its group is held with the reason.
        None => None,
        Some(wanted) if wanted <= line.found => Some("at ShipBob.".to_owned()),
        Some(_) => None,
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
        || !view.ours.is_empty();
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

/// Looks up the next reference of every line before the first create: after a restore, or from
/// another installation, ShipBob may know the order already.
fn proved_absent(draft: &mut Draft<'_>, view: &View<'_>, order: &SalesOrder) -> bool {
    let sequences: BTreeSet<i32> = order.lines.iter().map(|l| l.sequence).collect();
    let now = draft.facts.now;
    let mut ask = Vec::new();
    for sequence in sequences {
        let reference = next_reference(draft, view, order, sequence);
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

fn next_reference(
    draft: &Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    sequence: i32,
) -> crate::ids::ReferenceId {
    let k = view.ours.iter().filter(|o| o.parts.sequence == sequence).map(|o| o.parts.k).max();
    reference::make(&draft.settings.company, &order.number, sequence, k.unwrap_or(0) + 1)
}

/// The create of one group, or everything that is wrong with it.
fn build(
    draft: &mut Draft<'_>,
    view: &View<'_>,
    order: &SalesOrder,
    ground: &Ground,
    lines: &[&LineView<'_>],
) -> Result<CreateOrder, Vec<HoldReason>> {
    let mut holds = Vec::new();
    let method = ground.method(draft).map_err(|h| holds.push(h)).ok();
    let recipient = ground.recipient(draft, order).map_err(|h| holds.push(h)).ok();
    let abroad =
        recipient.as_ref().is_some_and(|r| !draft.settings.home_countries.contains(&r.country));
    let mut wanted = Vec::new();
    let mut unread = Vec::new();
    for line in lines {
        match sku_state(draft, &line.line.sku) {
            Sku::Unread => unread.push(line.line.sku.clone()),
            Sku::Bad(hold) => holds.push(hold),
            Sku::Good => {}
        }
        match create_line(order, line, abroad) {
            Ok(l) => wanted.push(l),
            Err(hold) => holds.push(hold),
        }
    }
    if !unread.is_empty() {
        unread.sort();
        unread.dedup();
        draft.need(Need::Skus(unread));
    }
    let sequence = lines.iter().map(|l| l.line.sequence).min().unwrap_or(0);
    match (method, recipient, holds.is_empty()) {
        (Some(method), Some(recipient), true) => Ok(CreateOrder {
            reference: next_reference(draft, view, order, sequence),
            order_number: order.number.as_str().to_owned(),
            recipient,
            method,
            centre: ground.centre(draft),
            purchase_date: Some(order.created.to_rfc3339_seconds()),
            lines: wanted,
        }),
        _ => Err(holds),
    }
}

enum Sku {
    Unread,
    Good,
    Bad(HoldReason),
}

fn sku_state(draft: &Draft<'_>, sku: &str) -> Sku {
    let Some(fact) = draft.facts.skus.get(sku) else { return Sku::Unread };
    let fix =
        "Create the SKU at ShipBob or correct the item in Dynamics; the order goes by itself then.";
    match &fact.exact {
        Some(item) if item.active => Sku::Good,
        Some(_) => Sku::Bad(HoldReason::new(
            "sku-inactive",
            "item",
            sku,
            &format!("SKU {sku} is inactive at ShipBob."),
            "Activate the SKU at ShipBob; the order goes by itself then.",
        )),
        None if !fact.case_variants.is_empty() => Sku::Bad(HoldReason::new(
            "sku-case",
            "item",
            sku,
            &format!(
                "SKU {sku} is unknown at ShipBob, which has {} in other letter case.",
                fact.case_variants.join(", ")
            ),
            fix,
        )),
        None => Sku::Bad(HoldReason::new(
            "sku-unknown",
            "item",
            sku,
            &format!("SKU {sku} is unknown at ShipBob; sending it would create an empty product."),
            fix,
        )),
    }
}

fn create_line(
    order: &SalesOrder,
    line: &LineView<'_>,
    abroad: bool,
) -> Result<CreateLine, HoldReason> {
    let l = line.line;
    let Some(factor) = line.factor else {
        return Err(HoldReason::new(
            "unit-unknown",
            "unit",
            &l.unit,
            &format!("Unit \"{}\" of item {} has no conversion to pieces.", l.unit, l.item),
            "Add the unit conversion in Dynamics, or name the unit in each_units in the settings.",
        ));
    };
    let Some(wanted) = units::to_eaches(line.released(), factor) else {
        return Err(HoldReason::new(
            "quantity-fraction",
            "quantity",
            &line.released().normalize().to_string(),
            &format!(
                "{} {} is not a whole number of pieces (at most {}).",
                line.released().normalize(),
                l.unit,
                units::MAX_EACHES
            ),
            "Correct the quantity or the unit of the line in Dynamics.",
        ));
    };
    let usd = order.currency.eq_ignore_ascii_case("USD");
    let each = l.price.checked_div(factor).unwrap_or_default();
    let value = each.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Ok(CreateLine {
        sku: l.sku.clone(),
        name: if l.name.is_empty() { l.sku.clone() } else { l.name.clone() },
        quantity: wanted - line.found,
        external_line_id: l.sequence,
        unit_price: (abroad && usd && value > Decimal::ZERO).then_some(value),
    })
}

//! Orders: released = accepted, parcels = notes, pieces left = pieces slipped, numbers = numbers.

use super::{Equation, Grade, Item};
use crate::flows::standing::Standing;
use crate::operation::Flow;
use crate::plan::PlannedHold;
use crate::time::{Span, Timestamp};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What changed so lately may not have come through yet.
const LATELY: Span = Span::minutes(15);

/// What our own tables know of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// It was planned.
    pub subject: bool,
    /// F&O's side is kept.
    pub sales: bool,
    /// ShipBob orders that are kept.
    pub warehouse: BTreeSet<i64>,
    /// Its personal data was erased, and with it what we knew.
    pub erased: bool,
}

/// One order of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSeen {
    /// How it stands in both systems.
    pub standing: Standing,
    /// What our own tables know of it.
    pub known: Known,
    /// When either system last changed it.
    pub changed: Timestamp,
}

/// An order in our channel that is not ours: somebody typed it in, or another tool did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// ShipBob's id.
    pub id: i64,
    /// Its reference.
    pub reference: String,
    /// ShipBob has cancelled it.
    pub cancelled: bool,
}

/// What the orders are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// When both systems were asked.
    pub now: Timestamp,
    /// A shipped order not slipped after this long is a hold.
    pub not_slipped_after: Span,
    /// F&O takes tracking numbers on slips.
    pub takes_tracking: bool,
}

/// The four equations of orders.
pub fn orders(seen: &[OrderSeen], typed: &[Typed], day: Day) -> Vec<Equation> {
    let mut released =
        Equation::new("orders", "orders", "released in Dynamics", "accepted at ShipBob");
    let mut notes = Equation::new("notes", "parcels", "labelled at ShipBob", "noted in Dynamics");
    let mut slips =
        Equation::new("slips", "pieces", "left ShipBob", "on packing slips in Dynamics");
    let mut numbers =
        Equation::new("tracking", "numbers", "of slipped parcels", "on packing slips in Dynamics");
    for one in seen {
        of_order(&mut released, one, day);
        of_notes(&mut notes, one, day);
        of_slips(&mut slips, one, day);
        of_numbers(&mut numbers, one, day);
    }
    let by_hand = typed.iter().filter(|t| !t.cancelled);
    for t in by_hand {
        released.right += Decimal::ONE;
        released.items.push(Item {
            grade: Grade::Wrong,
            cause: "typed-by-hand".to_owned(),
            order: String::new(),
            key: format!("{} ({})", t.id, t.reference),
            amount: -Decimal::ONE,
            words: format!("ShipBob order {} of our channel is not ours.", t.id),
            fix: "If Dynamics has the same order, cancel one of them; else leave it, it is not written back.".to_owned(),
        });
    }
    if !day.takes_tracking {
        let why =
            "Dynamics takes no tracking numbers on packing slips here; they stand in the notes";
        numbers = Equation::not_compared("tracking", "numbers", why);
    }
    [released, notes, slips, numbers].into_iter().map(Equation::sorted).collect()
}

impl OrderSeen {
    fn item(&self, grade: Grade, cause: &str, key: String, amount: Decimal, words: String) -> Item {
        Item {
            grade,
            cause: cause.to_owned(),
            order: self.standing.subject.clone(),
            key,
            amount,
            words,
            fix: String::new(),
        }
    }

    fn lately(&self, day: Day) -> bool {
        day.now.since(self.changed) < LATELY
    }

    fn hold(&self, flow: Flow) -> Option<&PlannedHold> {
        self.standing.holds.iter().find(|h| h.flow == flow)
    }

    fn held(&self, flow: Flow, key: String, amount: Decimal) -> Option<Item> {
        let hold = &self.hold(flow)?.reason;
        let words = hold.reason.clone();
        let item = self.item(Grade::Held, &hold.cause, key, amount, words);
        Some(Item { fix: hold.fix.clone(), ..item })
    }

    /// Something the planner is about to write, or must read first.
    fn on_its_way(&self, wishes: &[&str]) -> bool {
        self.standing.reads || self.standing.wishes.iter().any(|w| wishes.contains(w))
    }
}

const LOOK: &str = "Run `ml-connector backfill orders --keys` with this order: both systems are read again and it is planned.";

fn of_order(sum: &mut Equation, one: &OrderSeen, day: Day) {
    let s = &one.standing;
    let accepted = !s.accepted.is_empty();
    sum.left += Decimal::from(u8::from(s.wanted));
    sum.right += Decimal::from(u8::from(accepted));
    match (s.wanted, accepted) {
        (true, false) => sum.items.push(not_accepted(one, day)),
        (false, true) => sum.items.push(not_released(one)),
        (true, true) | (false, false) => {}
    }
    if accepted || s.wanted {
        sum.items.extend(not_recorded(one, day));
    }
}

/// F&O wants it shipped and ShipBob has nothing of it.
fn not_accepted(one: &OrderSeen, day: Day) -> Item {
    let s = &one.standing;
    let item = |grade, cause: &str, words: String| {
        one.item(grade, cause, String::new(), Decimal::ONE, words)
    };
    if let Some(why) = &s.skipped {
        return item(Grade::Explained, "skipped", format!("A person skipped it: {why}"));
    }
    if !one.known.subject && !one.known.erased {
        return match one.lately(day) {
            true => item(Grade::Waits, "seen-lately", "It changed a moment ago.".to_owned()),
            false => Item {
                fix: LOOK.to_owned(),
                ..item(
                    Grade::Wrong,
                    "order-lost",
                    "Dynamics has released it, ShipBob does not have it, and this database does not know it.".to_owned(),
                )
            },
        };
    }
    if let Some(held) = one.held(Flow::Orders, String::new(), Decimal::ONE) {
        return held;
    }
    if one.on_its_way(&["create-order"]) {
        return item(Grade::Waits, "on-its-way", s.sentence.clone());
    }
    if one.lately(day) {
        return item(Grade::Waits, "seen-lately", s.sentence.clone());
    }
    Item {
        fix: "Open the order and press Look now; its page says what it waits for.".to_owned(),
        ..item(Grade::Wrong, "not-sent", s.sentence.clone())
    }
}

/// ShipBob has it and F&O does not want it.
fn not_released(one: &OrderSeen) -> Item {
    let s = &one.standing;
    let amount = -Decimal::ONE;
    let key = s.accepted.first().map(ToString::to_string).unwrap_or_default();
    if let Some(held) = one.held(Flow::Orders, key.clone(), amount) {
        return held;
    }
    let why = s.why_not.clone().unwrap_or_else(|| "No line of it is for ShipBob now.".to_owned());
    if s.left {
        let words = format!("It had left ShipBob before. {why}");
        return one.item(Grade::Explained, "left-before", key, amount, words);
    }
    if one.on_its_way(&["cancel-order"]) {
        return one.item(Grade::Waits, "being-cancelled", key, amount, why);
    }
    let words = format!("ShipBob still has it. {why}");
    let item = one.item(Grade::Wrong, "not-cancelled", key, amount, words);
    Item { fix: "Cancel it at ShipBob if it is not to be shipped.".to_owned(), ..item }
}

/// Both systems have it, and our own tables lack something of it.
fn not_recorded(one: &OrderSeen, day: Day) -> Vec<Item> {
    let s = &one.standing;
    let mut found = Vec::new();
    if one.known.erased || one.lately(day) {
        return found;
    }
    let mut wrong = |cause: &str, key: String, words: String| {
        let item = one.item(Grade::Wrong, cause, key, Decimal::ZERO, words);
        found.push(Item { fix: LOOK.to_owned(), ..item });
    };
    if !one.known.subject {
        if !s.accepted.is_empty() {
            let words = "Both systems have it, and this database does not know it.";
            wrong("order-lost", String::new(), words.to_owned());
        }
        return found;
    }
    if s.in_dynamics && !one.known.sales {
        let words = "What Dynamics says of it is not kept in this database.";
        wrong("observation-lost", "fo.order".to_owned(), words.to_owned());
    }
    for id in s.accepted.iter().filter(|id| !one.known.warehouse.contains(id)) {
        let words = format!("What ShipBob says of its order {id} is not kept in this database.");
        wrong("observation-lost", id.to_string(), words);
    }
    for (reference, what) in &s.half_recorded {
        let words = format!("Of ShipBob order {reference} half a record is kept: {what}.");
        wrong("record-lost", reference.clone(), words);
    }
    found
}

fn of_notes(sum: &mut Equation, one: &OrderSeen, day: Day) {
    for parcel in &one.standing.notes {
        sum.left += Decimal::ONE;
        if parcel.there {
            sum.right += Decimal::ONE;
            continue;
        }
        let key = parcel.shipment.to_string();
        let wishes = ["write-note"];
        let gone = parcel.written.then(|| {
            let words = format!("We wrote the note of shipment {key}, and it is not there.");
            let item = one.item(Grade::Wrong, "note-gone", key.clone(), Decimal::ONE, words);
            Item {
                fix: "Somebody deleted it in Dynamics: enter it there again if it is needed."
                    .to_owned(),
                ..item
            }
        });
        let lacks = Lack { wishes: &wishes, gone, cause: "note-missing", what: "note" };
        sum.items.push(missing(one, day, key, Decimal::ONE, lacks));
    }
}

fn of_numbers(sum: &mut Equation, one: &OrderSeen, day: Day) {
    for number in &one.standing.numbers {
        sum.left += Decimal::ONE;
        if number.there {
            sum.right += Decimal::ONE;
            continue;
        }
        let key = format!("{} on {}", number.shipment, number.slip);
        let gone = number.written.then(|| {
            let words = format!("We wrote the number of shipment {key}, and it is not there.");
            let item = one.item(Grade::Wrong, "tracking-gone", key.clone(), Decimal::ONE, words);
            Item {
                fix: "Somebody deleted it in Dynamics: enter it there again if it is needed."
                    .to_owned(),
                ..item
            }
        });
        let lacks =
            Lack { wishes: &["add-tracking"], gone, cause: "tracking-missing", what: "number" };
        sum.items.push(missing(one, day, key, Decimal::ONE, lacks));
    }
}

fn of_slips(sum: &mut Equation, one: &OrderSeen, day: Day) {
    for line in &one.standing.goods {
        sum.left += Decimal::from(line.left);
        sum.right += Decimal::from(line.slipped);
        let open = Decimal::from(line.left.saturating_sub(line.slipped));
        if open.is_zero() {
            continue;
        }
        let key = line.sku.clone();
        if day.now.since(line.since) < day.not_slipped_after && one.hold(Flow::Fulfilment).is_none()
        {
            let words =
                format!("{open} of {key} left {} and wait for the packing slip.", line.since);
            sum.items.push(one.item(Grade::Waits, "waits-for-slip", key, open, words));
            continue;
        }
        let wishes = ["set-deliver-now", "update-shipment", "custom-call"];
        let lacks =
            Lack { wishes: &wishes, gone: None, cause: "slip-missing", what: "packing slip" };
        sum.items.push(missing(one, day, key, open, lacks));
    }
}

/// Something that is not in F&O.
struct Lack<'a> {
    wishes: &'a [&'a str],
    /// It was there, and is not.
    gone: Option<Item>,
    cause: &'a str,
    what: &'a str,
}

fn missing(one: &OrderSeen, day: Day, key: String, amount: Decimal, lacks: Lack<'_>) -> Item {
    let s = &one.standing;
    if let Some(gone) = lacks.gone {
        return gone;
    }
    if let Some(held) = one.held(Flow::Fulfilment, key.clone(), amount) {
        return held;
    }
    if !s.in_dynamics {
        let words = "Dynamics has no such order any more.".to_owned();
        return one.item(Grade::Explained, "order-gone", key, amount, words);
    }
    if one.on_its_way(lacks.wishes) || one.lately(day) {
        let words = format!("The {} of {key} is on its way to Dynamics.", lacks.what);
        return one.item(Grade::Waits, "on-its-way", key, amount, words);
    }
    let words = format!("Dynamics has no {} of {key}, and nothing says why.", lacks.what);
    let item = one.item(Grade::Wrong, lacks.cause, key, amount, words);
    Item {
        fix: "Open the order and press Look now; its page says what it waits for.".to_owned(),
        ..item
    }
}

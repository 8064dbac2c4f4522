//! Costs as charges of their order: which line says what, and what keeps one from being written.
//!
//! One line per shipment and charge code, absolute: a late fee, a refund or a correction restates it. What cannot be
//! booked on the order any more stays in the note and on the finance list.

use super::cost::{ChargeLine, ChargeState, ShipmentCost};
use super::plan::charges_of;
use super::transaction::Transaction;
use crate::charge::{
    ChargeCode, Charges, ENDLESS, FORGOTTEN, Negative, NewCharge, OrderCurrency, unfit,
};
use crate::disposition::HoldReason;
use crate::flows::draft::{Draft, digest};
use crate::flows::fulfilment;
use crate::flows::restated::{last_written, next_key};
use crate::flows::view::View;
use crate::ids::ShipmentId;
use crate::operation::{Flow, Operation};
use crate::plan::{DeliveryState, KnownDelivery, Need};
use crate::sales::SalesOrder;
use crate::warehouse::Shipment;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Wishes the charges of every shipment that cost something, and says in the costs what became of each.
pub(in crate::flows) fn charge(draft: &mut Draft<'_>, view: &View<'_>, owner: Option<&SalesOrder>) {
    let settings = draft.settings;
    let (Some(charges), Some(billing)) = (settings.charges(), &settings.billing) else { return };
    let mut costs = std::mem::take(&mut draft.plan.costs);
    let mut numbers = Numbers::of(draft, charges);
    for cost in &mut costs {
        let all = view.ours.iter().flat_map(|one| &one.shipments);
        let Some(shipment) = all.into_iter().find(|s| s.id == cost.shipment) else { continue };
        let mut sums = sums(draft, charges, billing.taxes_on_top, shipment, owner);
        for code in numbers.codes_of(cost.shipment) {
            // Charged before under a code its fees have left since.
            sums.entry(code).or_default();
        }
        for (code, amount) in sums {
            let of = (&*cost, owner);
            let line = one_line(draft, charges, &mut numbers, of, (code.as_str(), amount));
            cost.charges.extend(line);
        }
        let all = !cost.charges.is_empty()
            && cost.charges.iter().all(|line| line.state == ChargeState::Written)
            && cost.billed.keys().all(|currency| *currency == charges.currency);
        if all {
            // It stands on the order: nobody needs to book it by hand.
            cost.closed = None;
        }
    }
    draft.plan.costs = costs;
}

/// What a shipment cost per charge code. What cannot become one is a hold, and the rest is written all the same.
fn sums(
    draft: &mut Draft<'_>,
    charges: &Charges,
    taxes: bool,
    shipment: &Shipment,
    owner: Option<&SalesOrder>,
) -> BTreeMap<String, Decimal> {
    let known = owner.map(|o| fulfilment::numbers_of(o, shipment)).unwrap_or_default();
    let own = charges_of(&draft.facts.charges, shipment, &known);
    let own: BTreeMap<&str, &Transaction> =
        own.into_iter().filter(|t| t.is_cost()).map(|t| (t.id.as_str(), t)).collect();
    let mut found: BTreeMap<String, Decimal> = BTreeMap::new();
    let (mut foreign, mut unmapped) = (BTreeSet::new(), BTreeSet::new());
    for one in own.into_values() {
        if one.currency != charges.currency {
            foreign.insert(one.currency.as_str());
            continue;
        }
        let Some(code) = charges.code_of(&one.fee) else {
            unmapped.insert(one.fee.as_str());
            continue;
        };
        let sum = found.entry(code.to_owned()).or_default();
        *sum = sum.saturating_add(one.value(taxes));
    }
    for currency in foreign {
        draft.hold(Flow::Billing, other_currency(shipment.id, currency, &charges.currency));
    }
    for fee in unmapped {
        draft.hold(Flow::Billing, no_code(fee));
    }
    found
}

/// Line numbers of our range, as far as this order uses them.
struct Numbers {
    /// By shipment and code.
    known: BTreeMap<String, i64>,
    used: BTreeSet<i64>,
    first: i64,
    last: i64,
}

impl Numbers {
    fn of(draft: &Draft<'_>, charges: &Charges) -> Self {
        let mut found = Self {
            known: BTreeMap::new(),
            used: BTreeSet::new(),
            first: charges.first_line,
            last: charges.last_line,
        };
        // The oldest delivery of a line has numbered it.
        let mut keys: Vec<&KnownDelivery> = draft.facts.deliveries.iter().collect();
        keys.sort_by_key(|d| (d.since, d.key.as_str()));
        for known in keys {
            let Some((owner, line)) = numbered(&known.key) else { continue };
            found.known.entry(owner.to_owned()).or_insert(line);
            found.used.insert(line);
        }
        found
    }

    /// Codes this shipment was charged under.
    fn codes_of(&self, shipment: ShipmentId) -> Vec<String> {
        let own = owner_of(shipment, "");
        self.known.keys().filter_map(|key| key.strip_prefix(&own)).map(str::to_owned).collect()
    }

    fn line(&mut self, owner: &str) -> Option<i64> {
        if let Some(line) = self.known.get(owner) {
            return Some(*line);
        }
        let line = (self.first..=self.last).find(|line| !self.used.contains(line))?;
        self.used.insert(line);
        self.known.insert(owner.to_owned(), line);
        Some(line)
    }
}

/// Owner and line number of a key `charge:{shipment}:{code}:{line}:{digest}`.
fn numbered(key: &str) -> Option<(&str, i64)> {
    let owner = key.strip_prefix("charge:")?;
    let (rest, _) = owner.rsplit_once(':')?;
    let (owner, line) = rest.rsplit_once(':')?;
    Some((owner, line.parse().ok()?))
}

fn owner_of(shipment: ShipmentId, code: &str) -> String {
    format!("{shipment}:{code}")
}

fn one_line(
    draft: &mut Draft<'_>,
    charges: &Charges,
    numbers: &mut Numbers,
    (cost, owner): (&ShipmentCost, Option<&SalesOrder>),
    (code, amount): (&str, Decimal),
) -> Option<ChargeLine> {
    let amount = amount.normalize();
    let whose = owner_of(cost.shipment, code);
    let base = format!("charge:{whose}:");
    let begun = draft.facts.deliveries.iter().any(|d| d.key.starts_with(&base));
    if amount.is_zero() && !begun {
        // Nothing was charged on balance, and nothing stands in F&O.
        return None;
    }
    let of = |state| ChargeLine {
        code: code.to_owned(),
        amount,
        currency: charges.currency.clone(),
        state,
    };
    let Some(order) = owner else {
        let gone = cost.closed.is_some();
        return Some(of(if gone { ChargeState::Closed } else { ChargeState::Waiting }));
    };
    let Some(line) = numbers.line(&whose) else {
        draft.hold(Flow::Billing, range_full(charges));
        return Some(of(ChargeState::Held));
    };
    let new = NewCharge {
        order: order.number.clone(),
        shipment: cost.shipment,
        line,
        last_line: charges.last_line,
        description: charges.describe(&order.number, cost.shipment, code),
        code: code.to_owned(),
        amount,
        currency: charges.currency.clone(),
        keep: charges.keep,
    };
    let wanted = format!("{base}{line}:{}", digest(&told(&new)));
    let last = last_written(draft, &base);
    if last.is_some_and(|d| d.key.starts_with(&wanted)) {
        return Some(of(ChargeState::Written));
    }
    if cost.closed.is_some() {
        return Some(of(ChargeState::Closed));
    }
    if let Some(reason) = obstacle(draft, charges, order, &new) {
        draft.hold(Flow::Billing, reason);
        return Some(of(ChargeState::Held));
    }
    Some(of(wish(draft, (&base, wanted), new)))
}

/// What a key stands for.
fn told(new: &NewCharge) -> String {
    format!("{} {} {} {}", new.amount, new.currency, new.description, new.keep)
}

fn wish(draft: &mut Draft<'_>, (base, wanted): (&str, String), new: NewCharge) -> ChargeState {
    let Some(key) = next_key(draft, base, wanted) else { return ChargeState::Sending };
    if let Some(reason) = unsure(draft, base, &key) {
        draft.hold(Flow::Billing, reason);
        return ChargeState::Held;
    }
    if draft.delivery(&key).is_none() && !draft.sales_are_fresh() {
        // Invoices are posted at any time: what is charged is told from what F&O says now.
        draft.need(Need::Sales);
        return ChargeState::Waiting;
    }
    let why = format!(
        "ShipBob charged {} {} for shipment {}: charge {} on line {}.",
        new.amount, new.currency, new.shipment, new.code, new.line
    );
    draft.wish(key.clone(), Operation::WriteCharge(new), why);
    // Two charges may be held for one reason, which is told once; one that is not granted is not on its way.
    let granted = draft.plan.deliveries.iter().any(|d| d.key == key);
    if granted { ChargeState::Sending } else { ChargeState::Held }
}

/// Another amount of this charge went with an import nobody knows the end of, and no person has released it since: if it
/// came late, it would undo this one.
fn unsure(draft: &Draft<'_>, base: &str, key: &str) -> Option<HoldReason> {
    let of_import = |reason: &&HoldReason| [FORGOTTEN, ENDLESS].contains(&reason.cause.as_str());
    let mut others = draft.facts.deliveries.iter().filter(|d| {
        d.state == DeliveryState::Held
            && d.key.starts_with(base)
            && d.key != key
            && draft.facts.decisions.retry.is_none_or(|at| at <= d.since)
    });
    others.find_map(|d| d.hold.as_ref().filter(of_import)).cloned()
}

/// What keeps a charge from being written; a person can mend all of it.
fn obstacle(
    draft: &Draft<'_>,
    charges: &Charges,
    order: &SalesOrder,
    new: &NewCharge,
) -> Option<HoldReason> {
    let known = ChargeCode::of(&draft.facts.charge_codes, &new.code);
    if let Some(why) = unfit(&new.code, known) {
        return Some(unfit_code(&new.code, &why));
    }
    let other = !order.currency.eq_ignore_ascii_case(&charges.currency);
    if other && charges.order_currency == OrderCurrency::Same {
        return Some(order_in_other_currency(order, &charges.currency));
    }
    let below = new.amount.is_sign_negative() && !new.amount.is_zero();
    if below && charges.negative == Negative::Hold {
        return Some(negative(new));
    }
    (new.amount.scale() > charges.decimals).then(|| too_exact(new, charges.decimals))
}

/// A charge code that could bill the consumer, or that F&O does not have.
pub fn unfit_code(code: &str, why: &str) -> HoldReason {
    HoldReason::new(
        "charge-code-unfit",
        "charge code",
        code,
        why,
        "Give the charge code LedgerAccount on the debit and on the credit side in Dynamics, or name another code under [connection.billing.charges]; this closes by itself.",
    )
}

fn no_code(fee: &str) -> HoldReason {
    HoldReason::new(
        "charge-code-unmapped",
        "fee",
        fee,
        &format!("ShipBob charges \"{fee}\", and no charge code is mapped to it."),
        "Map the fee under [connection.billing.charges.codes], or name one code for all others.",
    )
}

fn other_currency(shipment: ShipmentId, currency: &str, home: &str) -> HoldReason {
    let named = if currency.is_empty() { "no currency" } else { currency };
    HoldReason::new(
        "charge-currency",
        "currency",
        &format!("{shipment} {named}"),
        &format!("ShipBob charged shipment {shipment} in {named}; charges are written in {home}."),
        "Book this part by hand: it stands in the note of the shipment. Then dismiss this.",
    )
}

fn order_in_other_currency(order: &SalesOrder, home: &str) -> HoldReason {
    HoldReason::new(
        "charge-order-currency",
        "currency",
        &order.currency,
        &format!("The order is in {}, and charges are written in {home}.", order.currency),
        "Book the cost by hand and dismiss this; or try one charge in the other currency in Dynamics, and set order_currency = \"any\".",
    )
}

fn negative(new: &NewCharge) -> HoldReason {
    HoldReason::new(
        "charge-negative",
        "amount",
        &format!("{} {}", new.shipment, new.amount),
        &format!(
            "ShipBob gave back more than it charged for shipment {}: {} {}.",
            new.shipment, new.amount, new.currency
        ),
        "Book the credit by hand and dismiss this: it stands in the note of the shipment. Or try one negative charge in Dynamics, and set negative = \"write\".",
    )
}

fn too_exact(new: &NewCharge, decimals: u32) -> HoldReason {
    HoldReason::new(
        "charge-decimals",
        "amount",
        &format!("{} {}", new.shipment, new.amount),
        &format!(
            "Shipment {} cost {} {}, which has more than {decimals} decimals.",
            new.shipment, new.amount, new.currency
        ),
        "Nothing is rounded silently: book it by hand and dismiss this, or set billing.charges.decimals to what the currency takes.",
    )
}

fn range_full(charges: &Charges) -> HoldReason {
    let (first, last) = (charges.first_line, charges.last_line);
    HoldReason::new(
        "charge-range-full",
        "line number",
        &format!("{first} to {last}"),
        &format!("All charge line numbers from {first} to {last} of this order are taken."),
        "Give a longer range under [connection.billing.charges]; what is written keeps its number.",
    )
}

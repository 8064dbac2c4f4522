//! What the trail says of bills.

use crate::tokens::said;
use crate::trail;
use domain::flows::billing::{Balance, Invoice, Transaction};
use domain::time::Timestamp;
use store::TrailEntry;

/// What the trail says of one transaction. That its week closed is told by its invoice.
pub(super) fn told(
    now: Timestamp,
    one: &Transaction,
    before: Option<&Transaction>,
    subject: Option<&str>,
) -> Option<TrailEntry> {
    let sum = |t: &Transaction| format!("{} {}", t.amount.normalize(), t.currency);
    let name = format!("{} of {} {}", one.fee, one.reference_type, one.reference);
    let (what, why) = match before {
        None => {
            // What belongs to no order is told by its invoice.
            subject?;
            ("charged", format!("ShipBob: {} {}, {name}.", one.kind, sum(one)))
        }
        Some(old) if old.amount != one.amount || old.currency != one.currency => {
            ("charge changed", format!("ShipBob: {} instead of {}, {name}.", sum(one), sum(old)))
        }
        Some(old) if old.invoice.is_some() && old.invoice != one.invoice => {
            let place =
                |id: Option<i64>| id.map_or("no invoice".to_owned(), |i| format!("invoice {i}"));
            let (from, to) = (place(old.invoice), place(one.invoice));
            ("charge moved", format!("ShipBob: {name} moved from {from} to {to}."))
        }
        Some(_) => return None,
    };
    Some(match subject {
        Some(subject) => trail::entry(now, trail::ENGINE, what, subject, why),
        None => said(now, trail::ENGINE, what, why),
    })
}

/// What an invoice came to.
pub(super) fn added_up(invoice: &Invoice, balance: &Balance) -> String {
    let Invoice { id, currency, amount, .. } = invoice;
    let (amount, sum) = (amount.normalize(), balance.sum.normalize());
    if balance.balanced() {
        return format!(
            "ShipBob's invoice {id} over {amount} {currency}: its {} transactions add up to it.",
            balance.lines
        );
    }
    let foreign = match balance.foreign.len() {
        0 => String::new(),
        n => format!(" {n} transaction(s) on it are in another currency."),
    };
    let taxes = if balance.taxes_explain_it {
        " The difference is exactly the taxes: turn billing.taxes_on_top over."
    } else {
        ""
    };
    format!(
        "ShipBob's invoice {id} over {amount} {currency}: its {} transactions add up to {sum}, which differs by {}.{foreign}{taxes} It is read again every day; the page Finance itemises it.",
        balance.lines,
        balance.difference.normalize()
    )
}

//! Billing: a charge in another currency, a refund beyond its charge, a charge that moves, an invoice that reopens.

use domain::flows::billing::{Invoice, Transaction, balance, day};
use domain::reconcile::{Equation, Grade, InvoiceSeen, charges};
use rust_decimal::Decimal;

fn charge(id: &str, hundredths: i64) -> Transaction {
    Transaction {
        id: id.to_owned(),
        amount: Decimal::new(hundredths, 2),
        currency: "USD".to_owned(),
        charged: day("2026-11-24"),
        invoice: Some(7),
        invoice_type: "Shipping".to_owned(),
        fee: "Shipping".to_owned(),
        kind: "Charge".to_owned(),
        reference: "391".to_owned(),
        reference_type: "Shipment".to_owned(),
        centre: String::new(),
        taxes: Decimal::ZERO,
        tracking: String::new(),
        ticket: String::new(),
    }
}

fn invoice(id: i64, hundredths: i64) -> Invoice {
    Invoice {
        id,
        date: day("2026-11-29"),
        kind: "Shipping".to_owned(),
        amount: Decimal::new(hundredths, 2),
        currency: "USD".to_owned(),
    }
}

fn seen(invoice: Invoice, lines: Vec<Transaction>) -> InvoiceSeen {
    InvoiceSeen { invoice, kept: lines.clone(), lines }
}

/// The invoice beside the bad one balances as it would alone.
fn causes(bad: InvoiceSeen) -> Vec<String> {
    let other = |t: Transaction| Transaction { invoice: Some(8), ..t };
    let good = seen(invoice(8, 500), vec![other(charge("G1", 200)), other(charge("G2", 300))]);
    let all = charges(&[good, bad], false);
    assert!(all.iter().all(Equation::itemised), "{all:#?}");
    let items = all.iter().flat_map(|e| &e.items);
    let wrong: Vec<_> = items.filter(|i| i.grade == Grade::Wrong).collect();
    assert!(
        wrong.iter().all(|i| i.key.contains("invoice 7")),
        "the other invoice is named: {wrong:#?}"
    );
    wrong.iter().map(|i| i.cause.clone()).collect()
}

#[test]
fn a_charge_in_another_currency_is_itemised_and_not_added() {
    let foreign = Transaction { currency: "CAD".to_owned(), ..charge("B", 900) };
    let lines = vec![charge("A", 100), foreign];
    assert_eq!(causes(seen(invoice(7, 100), lines)), ["other-currency"]);
}

#[test]
fn a_refund_larger_than_its_charge_still_adds_up() {
    let refund = Transaction { kind: "Refund".to_owned(), ..charge("R", -700) };
    let lines = vec![charge("A", 100), refund];
    assert_eq!(causes(seen(invoice(7, -600), lines)), Vec::<String>::new());
}

#[test]
fn a_charge_that_moved_to_another_invoice_is_missed_by_name() {
    let lines = vec![charge("A", 100), charge("B", 200)];
    let mut moved = seen(invoice(7, 100), lines);
    moved.lines.pop();
    assert_eq!(causes(moved), ["charge-elsewhere"]);
}

#[test]
fn an_invoice_that_reopened_says_what_is_new() {
    let mut reopened = seen(invoice(7, 100), vec![charge("A", 100)]);
    reopened.lines.push(charge("N", 250));
    reopened.invoice.amount = Decimal::new(350, 2);
    assert_eq!(causes(reopened), ["charge-lost"]);
    let mut changed = seen(invoice(7, 100), vec![charge("A", 100)]);
    changed.lines[0].amount = Decimal::new(120, 2);
    changed.invoice.amount = Decimal::new(120, 2);
    assert_eq!(causes(changed), ["charge-differs"]);
}

#[test]
fn an_invoice_that_does_not_add_up_is_told_and_no_other() {
    assert_eq!(causes(seen(invoice(7, 101), vec![charge("A", 100)])), ["invoice-sum"]);
    let found = balance(&invoice(7, 101), &[charge("A", 100)], false);
    assert_eq!(found.difference, Decimal::new(1, 2));
}

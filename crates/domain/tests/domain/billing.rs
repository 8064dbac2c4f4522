//! What ShipBob charged: sums, ties, findings, and the line in the note.

use crate::support::World;
use domain::flows::billing::{
    AlreadyClosed, Finding, Invoice, Tie, Transaction, balance, cost_of, day, duplicates,
};
use domain::flows::plan_order;
use domain::ids::ShipmentId;
use domain::sales::SalesStatus;
use domain::settings::Billing;
use domain::time::Span;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn cents(n: i64) -> Decimal {
    Decimal::new(n, 2)
}

fn charge(id: &str, hundredths: i64, shipment: i64) -> Transaction {
    Transaction {
        id: id.to_owned(),
        amount: cents(hundredths),
        currency: "USD".to_owned(),
        charged: day("2026-11-24"),
        invoice: None,
        invoice_type: "Shipping".to_owned(),
        fee: "Shipping".to_owned(),
        kind: "Charge".to_owned(),
        reference: shipment.to_string(),
        reference_type: "Shipment".to_owned(),
        centre: String::new(),
        taxes: Decimal::ZERO,
        tracking: String::new(),
        ticket: String::new(),
    }
}

fn kind(mut one: Transaction, kind: &str) -> Transaction {
    kind.clone_into(&mut one.kind);
    one
}

fn invoice(hundredths: i64) -> Invoice {
    Invoice {
        id: 7,
        date: day("2026-11-29"),
        kind: "Shipping".to_owned(),
        amount: cents(hundredths),
        currency: "USD".to_owned(),
    }
}

/// Shipped, delivered, and the flow is on.
fn billed() -> World {
    let mut w = World::of(3);
    w.settings.billing = Some(Billing::default());
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w
}

fn note(w: &mut World) -> String {
    assert_eq!(w.order().notes.len(), 1, "one note per shipment");
    w.order().notes[0].text.clone()
}

#[test]
fn the_cost_line_is_written_once_and_restated_when_more_is_billed() {
    let mut w = billed();
    assert!(!note(&mut w).contains("Charged"), "0 is never final");
    w.facts.charges = vec![charge("a", 720, 102), charge("b", 125, 102)];
    w.run_smoothly();
    assert!(note(&mut w).ends_with("Charged by ShipBob: 8.45 USD"), "{}", note(&mut w));
    let written = w.count("write-note");
    w.run_smoothly();
    assert_eq!(w.count("write-note"), written, "the same cost is not written twice");
    w.facts.charges.push(kind(charge("c", -200, 102), "Refund"));
    w.run_smoothly();
    assert!(note(&mut w).ends_with("Charged by ShipBob: 6.45 USD"));
    assert_eq!(w.count("write-note"), written + 1);
}

#[test]
fn a_cost_that_comes_weeks_later_is_based_on_a_fresh_read_of_the_order() {
    let mut w = billed();
    w.facts.now = w.facts.now + Span::days(20);
    w.facts.charges = vec![charge("a", 720, 102)];
    let plan = w.plan();
    assert_eq!(plan.needs, vec![domain::plan::Need::Sales]);
    // By then a person waits for the packing slip of this world.
    let causes: Vec<String> = w.run().holds.into_iter().map(|h| h.reason.cause).collect();
    assert_eq!(causes, ["not-slipped"]);
    assert!(note(&mut w).contains("7.2 USD"));
}

#[test]
fn without_the_section_charges_change_nothing() {
    let mut w = billed();
    w.settings.billing = None;
    let before = w.plan();
    w.facts.charges = vec![charge("a", 720, 102)];
    assert_eq!(w.plan(), before);
    assert!(w.plan().costs.is_empty());
}

#[test]
fn other_currencies_stand_beside_and_are_listed() {
    let mut w = billed();
    let mut duties = charge("d", 300, 102);
    "CAD".clone_into(&mut duties.currency);
    w.facts.charges = vec![charge("a", 720, 102), duties];
    let plan = w.run_smoothly();
    assert!(note(&mut w).ends_with("Charged by ShipBob: 3 CAD + 7.2 USD"));
    assert_eq!(plan.costs[0].findings, vec![Finding::OtherCurrency("CAD".to_owned())]);
    assert_eq!(plan.costs[0].claim_until, day("2026-11-24").map(|at| at + Span::days(90)));
}

#[test]
fn a_credit_by_ticket_finds_its_shipment_by_a_number_that_was_replaced_since() {
    let mut w = billed();
    let number = w.parcel(0, 0).number().map(str::to_owned).expect("a number");
    let mut credit = kind(charge("t", 200, 0), "Credit");
    credit.reference_type = "Ticket Number".to_owned();
    credit.tracking = number;
    w.facts.charges = vec![charge("a", 720, 102), credit];
    w.label(0, 0, "1ZNEW");
    w.parcel(0, 0).status = domain::warehouse::ShipmentStatus::Completed;
    w.run_smoothly();
    assert!(note(&mut w).ends_with("Charged by ShipBob: 5.2 USD"), "{}", note(&mut w));
}

#[test]
fn an_invoiced_order_gets_its_note_and_goes_to_the_finance_list() {
    let mut w = billed();
    w.order().status = SalesStatus::Invoiced;
    w.facts.charges = vec![charge("a", 720, 102)];
    let plan = w.run_smoothly();
    assert_eq!(plan.costs[0].closed, Some(AlreadyClosed::Invoiced));
    assert!(note(&mut w).contains("Charged by ShipBob"));
}

#[test]
fn ties_are_read_from_what_is_said_and_never_guessed() {
    let mut one = charge("a", 1, 5);
    assert_eq!(one.tie(), Tie::Shipment);
    for (kind, reference, tie) in [
        ("Return", "12", Tie::Return),
        ("WRO", "880001", Tie::Receipt),
        ("FC", "Cicero (IL)-20101-Shelf", Tie::Storage),
        ("FC", "Cicero", Tie::None),
        ("Default", "x", Tie::None),
        ("Transfer Plan", "4", Tie::None),
    ] {
        kind.clone_into(&mut one.reference_type);
        reference.clone_into(&mut one.reference);
        assert_eq!(one.tie(), tie, "{kind} {reference}");
    }
    "1Z9".clone_into(&mut one.tracking);
    assert_eq!(one.tie(), Tie::Order, "a ticket that names a parcel");
}

#[test]
fn an_invoice_in_two_currencies_is_itemised_and_never_added_up() {
    let mut other = charge("b", 500, 1);
    "EUR".clone_into(&mut other.currency);
    let mut all = vec![charge("a", 1_000, 1), other];
    all.iter_mut().for_each(|t| t.invoice = Some(7));
    let found = balance(&invoice(1_500), &all, false);
    assert!(!found.balanced());
    assert_eq!((found.difference, found.foreign.len()), (cents(500), 1));
    assert_eq!(found.foreign[0].id, "b");
}

#[test]
fn a_refund_lowers_what_is_owed_whichever_sign_it_is_written_with() {
    for written in [-300, 300] {
        let mut all = vec![charge("a", 1_000, 1), kind(charge("r", written, 1), "Refund")];
        all.iter_mut().for_each(|t| t.invoice = Some(7));
        assert!(balance(&invoice(700), &all, false).balanced(), "{written}");
    }
    let mut credit = kind(charge("c", -300, 1), "Credit");
    credit.invoice = Some(7);
    assert!(balance(&invoice(300), std::slice::from_ref(&credit), false).balanced(), "as given");
    assert!(balance(&invoice(-300), &[credit], false).balanced(), "as owed");
}

#[test]
fn taxes_counted_the_other_way_are_named_as_the_reason() {
    let mut one = charge("a", 1_000, 1);
    (one.invoice, one.taxes) = (Some(7), cents(80));
    let found = balance(&invoice(1_080), std::slice::from_ref(&one), false);
    assert!(!found.balanced() && found.taxes_explain_it);
    assert!(balance(&invoice(1_080), &[one], true).balanced());
}

#[test]
fn the_same_fee_twice_is_a_duplicate_and_two_fees_are_not() {
    let mut pick = charge("b", 720, 1);
    "Per Pick Fee".clone_into(&mut pick.fee);
    let all = [charge("a", 720, 1), pick, charge("c", 720, 1)];
    let found: Vec<&str> = duplicates(&all).iter().map(|t| t.id.as_str()).collect();
    assert_eq!(found, ["c"]);
}

fn a_transaction() -> impl Strategy<Value = Transaction> {
    let kinds = ["Charge", "Refund", "Credit", "Payment", "Odd"];
    let references = ["Shipment", "Return", "WRO", "FC", "Ticket Number"];
    (
        0..40_u32,
        -5_000..5_000_i64,
        prop::sample::select(vec!["USD", "USD", "CAD", ""]),
        prop::sample::select(kinds.to_vec()),
        prop::sample::select(references.to_vec()),
        prop::option::of(6..9_i64),
    )
        .prop_map(|(id, amount, currency, kind, reference_type, invoice)| Transaction {
            currency: currency.to_owned(),
            kind: kind.to_owned(),
            reference_type: reference_type.to_owned(),
            invoice,
            ..charge(&format!("t{id}"), amount, 102)
        })
}

/// One reading per id, as the table keeps them.
fn by_id(all: Vec<Transaction>) -> Vec<Transaction> {
    let kept: std::collections::BTreeMap<String, Transaction> =
        all.into_iter().map(|t| (t.id.clone(), t)).collect();
    kept.into_values().collect()
}

proptest! {
    #[test]
    fn what_is_tied_and_what_is_not_is_the_invoice_to_the_last_cent(
        all in prop::collection::vec(a_transaction(), 0..30),
        total in -90_000..90_000_i64,
    ) {
        let all = by_id(all);
        let found = balance(&invoice(total), &all, false);
        let tied: Decimal = found.tied.values().sum();
        prop_assert_eq!(tied, found.sum);
        let own = all.iter().filter(|t| t.invoice == Some(7));
        let home: Decimal = own.clone().filter(|t| t.currency == "USD").map(|t| t.value(false)).sum();
        prop_assert_eq!(home, found.sum);
        prop_assert_eq!(own.count(), found.lines);
        let told = found.sum + found.difference;
        prop_assert!(told == cents(total) || told == cents(-total), "itemised to the cent");
        prop_assert_eq!(found.balanced(), found.difference.is_zero() && found.foreign.is_empty());
    }

    #[test]
    fn order_and_repetition_of_transactions_do_not_matter(
        all in prop::collection::vec(a_transaction(), 0..20),
        turn in 0..20_usize,
    ) {
        let all = by_id(all);
        let mut other: Vec<Transaction> = all.iter().cloned().chain(all.iter().cloned()).collect();
        let length = other.len().max(1);
        other.rotate_left(turn % length);
        other.reverse();
        let settings = Billing::default();
        let told = Some((cents(720), "USD".to_owned()));
        let one = cost_of(ShipmentId(102), &all.iter().collect::<Vec<_>>(), told.clone(), &settings);
        let two = cost_of(ShipmentId(102), &other.iter().collect::<Vec<_>>(), told, &settings);
        prop_assert_eq!(one, two);
        prop_assert_eq!(balance(&invoice(0), &all, false), balance(&invoice(0), &other, false));
        let mut w = billed();
        w.facts.charges = all;
        let plan = w.plan();
        w.facts.charges = other;
        prop_assert_eq!(plan, plan_order(&w.facts, &w.settings));
    }

    #[test]
    fn whatever_is_billed_the_note_is_restated_until_nothing_is_left_to_say(
        batches in prop::collection::vec(prop::collection::vec(a_transaction(), 0..6), 1..5),
    ) {
        let mut w = billed();
        for batch in batches {
            w.facts.charges = by_id(w.facts.charges.iter().cloned().chain(batch).collect());
            w.run_smoothly();
            prop_assert_eq!(w.order().notes.len(), 1);
            let written = w.count("write-note");
            w.run_smoothly();
            prop_assert_eq!(w.count("write-note"), written, "restated once");
        }
    }
}

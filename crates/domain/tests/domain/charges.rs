//! Costs as charges of their order: what is wished, what is held, and what is never written.

use crate::support::World;
use domain::charge::{ChargeCode, Charges, ENTITY, Package};
use domain::custom_call::{CallKind, CallMethod, ChargeCall, Success};
use domain::disposition::HoldReason;
use domain::flows::billing::{ChargeState, Transaction, day};
use domain::operation::Operation;
use domain::plan::{DeliveryState, KnownDelivery, Plan};
use domain::sales::SalesStatus;
use domain::settings::{Billing, CostWriteBack};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn code(code: &str, debit: &str) -> ChargeCode {
    ChargeCode {
        code: code.to_owned(),
        debit: debit.to_owned(),
        credit: "LedgerAccount".to_owned(),
    }
}

fn charges() -> Charges {
    Charges {
        code: "SBCOST".to_owned(),
        codes: BTreeMap::from([("Shipping".to_owned(), "SBFREIGHT".to_owned())]),
        currency: "USD".to_owned(),
        first_line: 900,
        last_line: 901,
        package: Package {
            definition_group: "ShipBobCharges".to_owned(),
            manifest: format!("<Manifest>{ENTITY}</Manifest>"),
            header: "<PackageHeader/>".to_owned(),
            ..Package::default()
        },
        ..Charges::default()
    }
}

/// One fee line of the only shipment.
fn fee(id: &str, name: &str, hundredths: i64) -> Transaction {
    Transaction {
        id: id.to_owned(),
        amount: Decimal::new(hundredths, 2),
        currency: "USD".to_owned(),
        charged: day("2026-11-24"),
        invoice: None,
        invoice_type: "Shipping".to_owned(),
        fee: name.to_owned(),
        kind: "Charge".to_owned(),
        reference: "102".to_owned(),
        reference_type: "Shipment".to_owned(),
        centre: String::new(),
        taxes: Decimal::ZERO,
        tracking: String::new(),
        ticket: String::new(),
    }
}

/// Shipped, and costs become charges.
fn world() -> World {
    let mut w = World::of(3);
    w.settings.billing = Some(Billing {
        write_back: CostWriteBack::Package,
        charges: Some(charges()),
        ..Billing::default()
    });
    w.facts.charge_codes =
        vec![code("SBCOST", "LedgerAccount"), code("SBFREIGHT", "LedgerAccount")];
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w
}

fn set(w: &mut World) -> &mut Charges {
    w.settings.billing.as_mut().and_then(|b| b.charges.as_mut()).expect("charges")
}

/// Code, line, amount of everything wished.
fn wished(plan: &Plan) -> Vec<(String, i64, String)> {
    plan.deliveries
        .iter()
        .filter_map(|d| match &d.operation {
            Operation::WriteCharge(new) => {
                Some((new.code.clone(), new.line, new.amount.to_string()))
            }
            _ => None,
        })
        .collect()
}

fn causes(plan: &Plan) -> Vec<String> {
    let mut all: Vec<String> = plan.holds.iter().map(|h| h.reason.cause.clone()).collect();
    all.sort();
    all
}

fn fresh(w: &mut World) -> Plan {
    w.pass(domain::time::Span::minutes(1));
    let now = w.facts.now;
    w.facts.sales.as_mut().expect("the order").read_began = now;
    w.plan()
}

/// F&O took what the plan wishes.
fn take(w: &mut World, plan: &Plan) {
    for d in plan.deliveries.iter().filter(|d| d.key.starts_with("charge:")) {
        w.facts.deliveries.push(KnownDelivery {
            key: d.key.clone(),
            state: DeliveryState::Done,
            since: w.facts.now,
            hold: None,
        });
    }
    w.facts.now = w.facts.now + domain::time::Span::minutes(1);
}

#[test]
fn a_call_of_the_customer_is_planned_as_a_package_is() {
    let mut w = world();
    w.facts.charges = vec![fee("a", "Shipping", 720), fee("b", "Pick", 125)];
    let by_package = fresh(&mut w);
    set(&mut w).package = Package::default();
    w.settings.billing.as_mut().expect("the flow").write_back = CostWriteBack::Call;
    assert!(w.settings.charge_call().is_none(), "it must be described");
    assert!(w.settings.problems().iter().any(|p| p.contains("[connection.billing.charges.call]")));
    let body = r#"{"a": "{company}", "b": "{order}", "c": "{code}", "d": "{amount}", "e": "{currency} {description}"}"#;
    let call = ChargeCall {
        kind: CallKind::Service,
        path: "/api/services/G/S/O".to_owned(),
        method: CallMethod::Post,
        body: body.to_owned(),
        success: Success { status: [200].into(), pointer: None, equals: None },
    };
    set(&mut w).call = Some(call.clone());
    assert_eq!(w.settings.problems(), Vec::<String>::new());
    let by_call = w.plan();
    assert_eq!(by_call.deliveries, by_package.deliveries);
    let new = by_call.deliveries.iter().find_map(|d| match &d.operation {
        Operation::WriteCharge(new) => Some(new),
        _ => None,
    });
    let new = new.expect("a charge");
    let ready = call.fill(&w.settings.company, new).expect("it can be filled");
    let said: serde_json::Value = serde_json::from_str(&ready.body).expect("JSON");
    assert_eq!(said["d"], serde_json::json!(1.25), "a number stays one");
    assert_eq!(said["e"], "USD ShipBob 102");
    for (from, to, words) in [
        ("{amount}", "{money}", "{money}, which is no field; fields are company"),
        ("{description}", "x", "does not name {description}"),
        ("{code}", "x", "does not name {code}"),
        ("{company}", "usmf", "{company}"),
    ] {
        let wrong = ChargeCall { body: body.replace(from, to), ..call.clone() };
        let said = wrong.problems().join("\n");
        assert!(said.contains("billing.charges.call.body") && said.contains(words), "{said}");
    }
    let elsewhere = ChargeCall { path: "https://evil.example/".to_owned(), ..call };
    assert!(elsewhere.problems().join("").contains("billing.charges.call.path"));
}

#[test]
fn each_code_is_one_line_and_a_restated_amount_keeps_its_number() {
    let mut w = world();
    w.facts.charges = vec![fee("a", "Shipping", 720), fee("b", "Pick", 125), fee("c", "Box", 100)];
    let plan = fresh(&mut w);
    let two = [
        ("SBCOST".to_owned(), 900, "2.25".to_owned()),
        ("SBFREIGHT".to_owned(), 901, "7.2".to_owned()),
    ];
    assert_eq!(wished(&plan), two);
    take(&mut w, &plan);
    let plan = fresh(&mut w);
    assert!(wished(&plan).is_empty(), "once");
    assert!(plan.costs[0].charges.iter().all(|c| c.state == ChargeState::Written));
    w.facts.charges.push(fee("d", "Shipping", 30));
    let plan = fresh(&mut w);
    assert_eq!(wished(&plan), [("SBFREIGHT".to_owned(), 901, "7.5".to_owned())]);
    take(&mut w, &plan);
    w.facts.charges.pop();
    let again = fresh(&mut w);
    assert_eq!(wished(&again), [("SBFREIGHT".to_owned(), 901, "7.2".to_owned())], "and back again");
}

#[test]
fn two_charges_held_for_one_reason_are_both_told_as_held() {
    let mut w = world();
    w.facts.charges = vec![fee("a", "Shipping", 720), fee("b", "Pick", 125)];
    let plan = fresh(&mut w);
    let no = HoldReason::new("charge-refused", "charge", "", "F&O says no.", "Press Retry.");
    for d in plan.deliveries.iter().filter(|d| d.key.starts_with("charge:")) {
        let (key, since, hold) = (d.key.clone(), w.facts.now, Some(no.clone()));
        let held = KnownDelivery { key, state: DeliveryState::Held, since, hold };
        w.facts.deliveries.push(held);
    }
    let plan = fresh(&mut w);
    let told = plan.holds.iter().filter(|h| h.reason.cause == "charge-refused").count();
    assert_eq!((told, wished(&plan).len()), (1, 0));
    let states: Vec<_> = plan.costs[0].charges.iter().map(|c| c.state).collect();
    assert_eq!(states, [ChargeState::Held, ChargeState::Held]);
}

#[test]
fn another_amount_of_a_charge_that_may_still_come_waits_for_the_person_too() {
    for cause in [domain::charge::FORGOTTEN, domain::charge::ENDLESS] {
        let mut w = world();
        w.facts.charges = vec![fee("a", "Shipping", 720)];
        let plan = fresh(&mut w);
        let hold = HoldReason::new(cause, "import", "4711 line 900", "Not there.", "Retry.");
        for d in plan.deliveries.iter().filter(|d| d.key.starts_with("charge:")) {
            let (key, since, hold) = (d.key.clone(), w.facts.now, Some(hold.clone()));
            let held = KnownDelivery { key, state: DeliveryState::Held, since, hold };
            w.facts.deliveries.push(held);
        }
        w.facts.charges.push(fee("b", "Shipping", 80));
        let plan = fresh(&mut w);
        assert_eq!((wished(&plan).len(), causes(&plan)), (0, vec![cause.to_owned()]));
        assert_eq!(plan.costs[0].charges[0].state, ChargeState::Held);
        w.pass(domain::time::Span::minutes(1));
        w.facts.decisions.retry = Some(w.facts.now);
        let plan = fresh(&mut w);
        assert_eq!(wished(&plan), [("SBFREIGHT".to_owned(), 900, "8".to_owned())]);
        assert_eq!(causes(&plan), Vec::<String>::new());
    }
}

#[test]
fn zero_is_not_written_first_and_is_written_last() {
    let mut w = world();
    let mut refund = fee("r", "Shipping", -720);
    "Refund".clone_into(&mut refund.kind);
    w.facts.charges = vec![fee("a", "Shipping", 720), refund.clone()];
    assert!(wished(&fresh(&mut w)).is_empty());
    w.facts.charges.pop();
    let plan = fresh(&mut w);
    take(&mut w, &plan);
    w.facts.charges.push(refund);
    assert_eq!(wished(&fresh(&mut w)), [("SBFREIGHT".to_owned(), 900, "0".to_owned())]);
}

#[test]
fn a_code_that_could_bill_the_consumer_or_does_not_exist_is_held() {
    for codes in [vec![code("SBFREIGHT", "CustVend")], vec![code("SBFREIGHT", "Item")], vec![]] {
        let mut w = world();
        w.facts.charge_codes = codes;
        w.facts.charges = vec![fee("a", "Shipping", 720)];
        let plan = fresh(&mut w);
        assert!(wished(&plan).is_empty());
        assert!(causes(&plan).contains(&"charge-code-unfit".to_owned()));
        assert_eq!(plan.costs[0].charges[0].state, ChargeState::Held);
    }
}

#[test]
fn what_cannot_become_a_charge_is_held_by_name_and_stops_nothing_else() {
    let held = |change: &dyn Fn(&mut World)| {
        let mut w = world();
        w.facts.charges = vec![fee("a", "Shipping", 720)];
        change(&mut w);
        let plan = fresh(&mut w);
        let notes = plan.deliveries.iter().any(|d| d.key.starts_with("note:"));
        assert!(notes, "the cost line of the note is written all the same");
        let all: Vec<String> =
            causes(&plan).into_iter().filter(|c| c.starts_with("charge")).collect();
        (all.join(","), wished(&plan).len())
    };
    let other = |w: &mut World| "CAD".clone_into(&mut w.facts.charges[0].currency);
    assert_eq!(held(&other), ("charge-currency".to_owned(), 0));
    let order = |w: &mut World| "EUR".clone_into(&mut w.order().currency);
    assert_eq!(held(&order), ("charge-order-currency".to_owned(), 0));
    let below = |w: &mut World| w.facts.charges[0].amount = Decimal::new(-5, 0);
    assert_eq!(held(&below), ("charge-negative".to_owned(), 0));
    let exact = |w: &mut World| w.facts.charges[0].amount = Decimal::new(5_625, 4);
    assert_eq!(held(&exact), ("charge-decimals".to_owned(), 0));
    let fees = |w: &mut World| {
        set(w).code.clear();
        w.facts.charges.push(fee("b", "Brand new fee", 100));
    };
    assert_eq!(held(&fees), ("charge-code-unmapped".to_owned(), 1));
    let full = |w: &mut World| {
        set(w).last_line = 900;
        w.facts.charges.push(fee("b", "Pick", 100));
    };
    assert_eq!(held(&full), ("charge-range-full".to_owned(), 1));
}

#[test]
fn an_invoiced_order_is_never_charged_and_stays_on_the_finance_list() {
    let mut w = world();
    w.facts.charges = vec![fee("a", "Shipping", 720)];
    let plan = fresh(&mut w);
    take(&mut w, &plan);
    w.order().status = SalesStatus::Invoiced;
    let plan = fresh(&mut w);
    assert_eq!(plan.costs[0].closed, None, "it stands on the order");
    w.facts.charges.push(fee("late", "Shipping", 30));
    let plan = fresh(&mut w);
    assert!(wished(&plan).is_empty());
    assert!(plan.costs[0].closed.is_some(), "the rest is booked by hand");
    assert_eq!(plan.costs[0].charges[0].state, ChargeState::Closed);
}

#[test]
fn a_charge_is_based_on_a_fresh_read_of_the_order() {
    let mut w = world();
    w.facts.now = w.facts.now + domain::time::Span::hours(9);
    w.facts.charges = vec![fee("a", "Shipping", 720)];
    let plan = w.plan();
    assert!(wished(&plan).is_empty());
    assert!(plan.needs.contains(&domain::plan::Need::Sales));
}

#[test]
fn a_fee_that_is_mapped_to_another_code_leaves_nothing_behind_under_the_old_one() {
    let mut w = world();
    w.facts.charges = vec![fee("a", "Shipping", 720), fee("b", "Pick", 125)];
    let plan = fresh(&mut w);
    take(&mut w, &plan);
    set(&mut w).codes = BTreeMap::from([("Pick".to_owned(), "SBFREIGHT".to_owned())]);
    let plan = fresh(&mut w);
    let moved = [
        ("SBCOST".to_owned(), 900, "7.2".to_owned()),
        ("SBFREIGHT".to_owned(), 901, "1.25".to_owned()),
    ];
    assert_eq!(wished(&plan), moved);
    take(&mut w, &plan);
    set(&mut w).codes.clear();
    let moved = [
        ("SBCOST".to_owned(), 900, "8.45".to_owned()),
        ("SBFREIGHT".to_owned(), 901, "0".to_owned()),
    ];
    assert_eq!(wished(&fresh(&mut w)), moved);
}

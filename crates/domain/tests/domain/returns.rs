//! Returns of an order: one note each, kept current; one record of a completed one; both only where configured.

use crate::support::{World, at, causes};
use domain::custom_call::{CallKind, CallMethod, CustomCall, LookUp, Success};
use domain::ids::{CentreId, ShipmentId};
use domain::inbound::{Return, ReturnLine, Returns, Taken};
use domain::operation::Operation;
use domain::time::Span;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn call() -> CustomCall {
    CustomCall {
        kind: CallKind::Service,
        path: "/api/services/Contoso/Returns/record".to_owned(),
        method: CallMethod::Post,
        body: r#"{"Id": "{return}", "Company": "{company}", "Order": "{order}", "Lines": [{"Sku": "{line.sku}", "Good": "{line.restocked}"}]}"#
            .to_owned(),
        success: Success { status: BTreeSet::from([200]), pointer: None, equals: None },
        look_up: LookUp {
            set: "ContosoReturns".to_owned(),
            filter: "dataAreaId eq '{company}' and ReturnId eq '{return}'".to_owned(),
            field: None,
            equals: None,
        },
        refuses_duplicates: false,
        entity: None,
    }
}

fn back(id: i64, status: &str, restocked: i64) -> Return {
    let taken = Taken { action: "Restock".to_owned(), pieces: restocked, reason: String::new() };
    Return {
        id,
        reference: format!("RMA-{id}"),
        status: status.to_owned(),
        kind: "Regular".to_owned(),
        channel: String::new(),
        centre: Some(CentreId(1)),
        centre_name: "Cicero (IL)".to_owned(),
        shipment: Some(ShipmentId(102)),
        shipment_tracking: String::new(),
        tracking: "92055".to_owned(),
        created: at(50),
        arrived: None,
        completed: None,
        cancelled: None,
        lines: vec![ReturnLine {
            inventory: 1,
            sku: "A".to_owned(),
            announced: 2,
            asked: "Restock".to_owned(),
            taken: if restocked > 0 { vec![taken] } else { Vec::new() },
        }],
    }
}

fn shipped() -> World {
    let mut w = World::of(3);
    w.settings.returns = Some(Returns { note: true, record: Some(call()), ..Returns::default() });
    w.run_smoothly();
    w.ship(0, 0);
    w.run_smoothly();
    w
}

fn notes_of(w: &mut World, id: i64) -> Vec<String> {
    let wanted = format!("ShipBob return {id}");
    let own = w.order().notes.iter().filter(|n| n.description == wanted);
    own.map(|n| n.text.clone()).collect()
}

fn records(w: &World) -> Vec<String> {
    let body = |o: &Operation| match o {
        Operation::CustomCall(call) => Some(call.body.clone()),
        _ => None,
    };
    w.ledger.iter().filter_map(body).collect()
}

#[test]
fn a_return_is_noted_when_it_is_announced_and_its_note_follows_it() {
    let mut w = shipped();
    w.facts.returns = vec![back(7, "AwaitingArrival", 0)];
    w.run_smoothly();
    let expected = "ShipBob return 7: awaiting arrival\nOf shipment 102\nReference: RMA-7\n\
        Return tracking: 92055\nCentre: 1, Cicero (IL)\nA x 2: asked: Restock";
    assert_eq!(notes_of(&mut w, 7), [expected]);
    assert!(records(&w).is_empty(), "nothing is recorded before it is done");
    w.facts.returns = vec![back(7, "Completed", 2)];
    w.run_smoothly();
    let notes = notes_of(&mut w, 7);
    assert!(notes.len() == 1 && notes[0].ends_with("A x 2: 2 Restock"), "{notes:?}");
    let told: Vec<serde_json::Value> =
        records(&w).iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    let line = serde_json::json!({"Sku": "A", "Good": 2});
    let wanted =
        serde_json::json!({"Id": "7", "Company": "usmf", "Order": "SO-1", "Lines": [line]});
    assert_eq!(told, [wanted]);
}

#[test]
fn the_tracking_number_of_the_way_back_is_no_parcel_of_ours() {
    let mut w = shipped();
    w.facts.returns = vec![back(7, "Completed", 1)];
    w.run_smoothly();
    let order = w.order().clone();
    let told = domain::flows::billing::told_numbers(&order);
    assert!(!told.contains("92055"), "{told:?}");
}

#[test]
fn a_cancelled_return_nobody_was_told_of_is_not_told() {
    let mut w = shipped();
    w.facts.returns = vec![back(7, "Cancelled", 0)];
    w.run_smoothly();
    assert!(notes_of(&mut w, 7).is_empty() && records(&w).is_empty());
}

#[test]
fn what_is_corrected_after_its_record_is_for_a_person() {
    let mut w = shipped();
    w.facts.returns = vec![back(7, "Completed", 2)];
    w.run_smoothly();
    w.facts.returns = vec![back(7, "Completed", 1)];
    let plan = w.run();
    assert_eq!(records(&w).len(), 1, "a second record would double it");
    assert!(causes(&plan).contains(&"return-recorded-otherwise"), "{:?}", plan.holds);
    assert!(notes_of(&mut w, 7)[0].contains("1 Restock"), "the note follows all the same");
}

#[test]
fn without_the_section_a_return_changes_nothing() {
    let mut w = shipped();
    w.settings.returns = None;
    w.facts.returns = vec![back(7, "Completed", 2)];
    let before = w.ledger.len();
    w.run_smoothly();
    assert_eq!(w.ledger.len(), before);
    w.settings.returns = Some(Returns::default());
    w.run_smoothly();
    assert_eq!(w.ledger.len(), before, "reading alone writes nothing");
}

#[test]
fn a_description_that_names_no_return_or_a_field_of_shipments_is_refused() {
    let mut odd = call();
    odd.look_up.filter = "SalesId eq '{order}'".to_owned();
    odd.body = r#"{"Company": "{company}", "Slip": "{slip}", "Lines": [{"Sku": "{line.sku}"}]}"#
        .to_owned();
    let returns = Returns { record: Some(odd), ..Returns::default() };
    let found = returns.problems().join("\n");
    assert!(found.contains("{return}") && found.contains("{slip}"), "{found}");
    assert!(Returns { record: Some(call()), ..Returns::default() }.problems().is_empty());
}

proptest! {
    /// Whatever ShipBob tells in whatever order: at most one note and one record per return, and planning again adds nothing.
    #[test]
    fn however_a_return_goes_it_is_told_once(
        told in proptest::collection::vec((1_i64..4, 0_usize..6, 0_i64..3), 1..12),
    ) {
        let mut w = shipped();
        let words = ["AwaitingArrival", "Arrived", "Processing", "Completed", "Cancelled", ""];
        for (id, status, pieces) in told {
            let one = back(id, words[status], pieces);
            w.facts.returns.retain(|known| known.id != id);
            w.facts.returns.push(one);
            w.facts.now = w.facts.now + Span::minutes(5);
            w.run();
        }
        for id in 1..4 {
            prop_assert!(notes_of(&mut w, id).len() <= 1);
            let of = format!("\"Id\":\"{id}\"");
            prop_assert!(records(&w).iter().filter(|body| body.contains(&of)).count() <= 1);
        }
        let before = w.ledger.len();
        w.run();
        prop_assert_eq!(w.ledger.len(), before);
    }
}

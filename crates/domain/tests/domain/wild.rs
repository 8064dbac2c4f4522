//! Facts nobody would believe: the planner answers all the same, always alike, and never asks for
//! a write that could not be one.

mod any;

use any::{facts, settings};
use domain::flows::plan_order;
use domain::ids::ShipmentId;
use domain::operation::{Operation, System};
use domain::plan::{OrderFacts, Plan};
use domain::warehouse::ShipmentStatus;
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What no plan may ask for, whatever the facts.
fn check(plan: &Plan, facts: &OrderFacts) {
    let keys: BTreeSet<&str> = plan.deliveries.iter().map(|d| d.key.as_str()).collect();
    assert_eq!(keys.len(), plan.deliveries.len(), "every key once");
    assert!(plan.deliveries.len() <= 500);
    let mut references = BTreeSet::new();
    for d in &plan.deliveries {
        assert!(!d.key.is_empty() && !d.why.is_empty());
        match &d.operation {
            Operation::CreateOrder(create) => {
                assert!(plan.needs.is_empty(), "a create while reads are missing");
                assert!(references.insert(create.reference.clone()), "one order per reference");
                assert!(!create.lines.is_empty());
                assert!(create.lines.iter().all(|l| l.quantity > 0 && l.quantity <= 1_000_000));
                assert!(create.lines.iter().all(|l| !l.name.is_empty() || l.sku.is_empty()));
                assert!(
                    create.lines.iter().filter_map(|l| l.unit_price).all(|p| p > Decimal::ZERO)
                );
                assert!(create.recipient.country.len() == 2 && !create.recipient.name.is_empty());
                assert!(facts.methods.contains(&create.method));
                let taken = facts.warehouse.iter().any(|o| o.order.reference == create.reference);
                assert!(!taken && !facts.kept.sent.contains_key(create.reference.as_str()));
            }
            Operation::SetDeliverNow { lines, .. } => {
                let order = facts.sales.as_ref().and_then(|r| r.order.as_ref()).expect("an order");
                for want in lines {
                    let open =
                        order.lines.iter().filter(|l| l.lot == want.lot).map(|l| l.remaining);
                    assert!(want.quantity >= Decimal::ZERO && open.max() >= Some(want.quantity));
                }
            }
            other => assert!(
                other.system() == System::Dynamics
                    || plan.milestones.accepted.is_some()
                    || matches!(
                        other,
                        Operation::CancelOrder { .. }
                            | Operation::EditShipment(_)
                            | Operation::AckTracking { .. }
                    )
            ),
        }
    }
    for h in &plan.holds {
        assert!(!facts.decisions.dismissed.contains(&h.reason.identity()), "dismissed");
    }
    assert!(!plan.status.is_empty() || facts.sales.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 4))]

    #[test]
    fn wild_facts_get_a_sane_plan_and_always_the_same(facts in facts(), settings in settings()) {
        let plan = plan_order(&facts, &settings);
        check(&plan, &facts);
        prop_assert_eq!(&plan, &plan_order(&facts, &settings));
    }

    #[test]
    fn facts_survive_being_stored(facts in facts(), settings in settings()) {
        let text = serde_json::to_string(&facts).expect("plain data");
        let read: OrderFacts = serde_json::from_str(&text).expect("our own form");
        prop_assert_eq!(plan_order(&read, &settings), plan_order(&facts, &settings));
    }
}

/// Goal: wild is not so wild that nothing is ever planned; the rarer writes are in the stories.
#[test]
fn wild_facts_lead_to_writes_and_to_most_holds() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut seen, mut causes) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..30_000 {
        let tree = (facts(), settings()).new_tree(&mut runner).expect("facts");
        let (facts, settings) = tree.current();
        let plan = plan_order(&facts, &settings);
        seen.extend(plan.deliveries.iter().map(|d| d.operation.name()));
        causes.extend(plan.holds.into_iter().map(|h| h.reason.cause));
        let common =
            ["create-order", "cancel-order", "set-carrier", "set-deliver-now", "write-note"];
        if common.iter().all(|c| seen.contains(c)) && causes.len() > 25 {
            return;
        }
    }
    panic!("only {seen:?}; {causes:?}");
}

#[test]
fn ten_thousand_parcels_do_not_make_ten_thousand_writes_at_once() {
    let mut w = crate::support::World::of(3);
    w.run();
    let one = w.parcel(0, 0).clone();
    for id in 0..10_000 {
        let mut more = one.clone();
        more.id = ShipmentId(1_000 + id);
        more.status = ShipmentStatus::Completed;
        w.at_shipbob(0).shipments.push(more);
    }
    let plan = w.plan();
    assert_eq!(plan.deliveries.len(), 500);
}

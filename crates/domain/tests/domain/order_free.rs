//! The order in which things were observed, and how often, decides nothing.

use crate::stories::{event, start, world};
use domain::flows::plan_order;
use domain::plan::OrderFacts;
use proptest::prelude::*;

/// A tiny generator: the same shuffle for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % n.max(1)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.roll(i + 1));
        }
    }

    /// Some of the items twice, all of them in another order.
    fn disturb<T: Clone>(&mut self, items: &mut Vec<T>) {
        let again: Vec<T> = items.iter().filter(|_| self.roll(2) == 0).cloned().collect();
        items.extend(again);
        self.shuffle(items);
    }
}

fn disturbed(facts: &OrderFacts, seed: u64) -> OrderFacts {
    let mut facts = facts.clone();
    let mut dice = Dice(seed);
    for seen in &mut facts.warehouse {
        dice.disturb(&mut seen.order.shipments);
        dice.shuffle(&mut seen.order.products);
        for shipment in &mut seen.order.shipments {
            dice.shuffle(&mut shipment.products);
            for product in &mut shipment.products {
                dice.shuffle(&mut product.items);
            }
        }
    }
    dice.disturb(&mut facts.warehouse);
    dice.disturb(&mut facts.deliveries);
    dice.disturb(&mut facts.conversions);
    dice.disturb(&mut facts.methods);
    dice.disturb(&mut facts.carrier_services);
    if let Some(order) = facts.sales.as_mut().and_then(|r| r.order.as_mut()) {
        dice.shuffle(&mut order.lines);
        dice.disturb(&mut order.slips);
        dice.disturb(&mut order.notes);
        dice.disturb(&mut order.tracking);
    }
    facts
}

proptest! {
    #[test]
    fn order_and_repetition_of_observations_do_not_matter(
        start in start(),
        events in proptest::collection::vec(event(), 0..15),
        seed in any::<u64>(),
    ) {
        let mut w = world(&start);
        w.run();
        for event in &events {
            w.happen(event);
            // Compared before anything is done about it, when the plan says most.
            let plan = w.plan();
            let other = plan_order(&disturbed(&w.facts, seed), &w.settings);
            prop_assert_eq!(&plan, &other, "after {:?}", event);
            w.run();
        }
    }

    #[test]
    fn a_late_older_state_of_a_shipbob_order_changes_nothing(
        start in start(),
        events in proptest::collection::vec(event(), 1..15),
    ) {
        let mut w = world(&start);
        w.run();
        let older = w.facts.warehouse.clone();
        for event in &events {
            w.happen(event);
            let plan = w.plan();
            let mut late = w.facts.clone();
            let known = |o: &domain::plan::SeenOrder| {
                let same = w.facts.warehouse.iter().find(|s| s.order.id == o.order.id);
                same.is_some_and(|s| s.order.last_update() > o.order.last_update())
            };
            late.warehouse.extend(older.iter().filter(|o| known(o)).cloned());
            prop_assert_eq!(&plan, &plan_order(&late, &w.settings));
            w.run();
        }
    }
}

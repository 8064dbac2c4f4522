//! The verdict on a day: whatever was seen, every difference is itemised, and nothing depends on the order of seeing.

use crate::support::World;
use domain::disposition::HoldReason;
use domain::flows::inventory::{Cause, Judged, State, Sums};
use domain::flows::standing::{LineGoods, ParcelNote, SlipNumber, Standing, standing};
use domain::operation::Flow;
use domain::plan::PlannedHold;
use domain::reconcile::{
    Certificate, Day, Equation, Grade, Known, OrderSeen, Reconcile, ShelfSeen, Shelves, TrailHead,
    Typed, orders, seal,
};
use domain::time::{Span, Timestamp};
use proptest::prelude::*;
use rust_decimal::Decimal;

const NOW: Timestamp = Timestamp(1_795_000_000_000_000);

fn day() -> Day {
    Day { now: NOW, not_slipped_after: Span::hours(24), takes_tracking: true }
}

fn hold(flow: Flow) -> PlannedHold {
    PlannedHold { flow, reason: HoldReason::new("some-cause", "field", "", "Because.", "Mend it.") }
}

prop_compose! {
    fn any_order()(
        name in 0_u32..1_000,
        flags in any::<[bool; 12]>(),
        accepted in prop::collection::vec(1_i64..9, 0..3),
        notes in prop::collection::vec((any::<bool>(), any::<bool>()), 0..3),
        goods in prop::collection::vec((0_i64..50, 0_i64..50, any::<bool>()), 0..3),
        held in 0_usize..3,
        known in prop::collection::btree_set(1_i64..9, 0..3),
    ) -> OrderSeen {
        let [in_dynamics, wanted, left, reads, wishes, skipped, subject, sales, erased, lately, half, number] = flags;
        let holds = [vec![], vec![hold(Flow::Orders)], vec![hold(Flow::Fulfilment)]];
        OrderSeen {
            standing: Standing {
                subject: format!("SO-{name}"),
                in_dynamics,
                wanted,
                why_not: (!wanted).then(|| "Not released.".to_owned()),
                accepted,
                left,
                half_recorded: half.then(|| ("r".to_owned(), "its delivery is not kept")).into_iter().collect(),
                notes: notes.into_iter().enumerate().map(|(n, (there, written))| ParcelNote { shipment: i64::try_from(n).unwrap_or(0), there, written }).collect(),
                goods: goods.into_iter().map(|(left, slipped, old)| LineGoods {
                    sku: "A".to_owned(),
                    left,
                    slipped: slipped.min(left),
                    since: if old { NOW - Span::days(3) } else { NOW - Span::hours(1) },
                }).collect(),
                numbers: number.then(|| SlipNumber { slip: "PS".to_owned(), shipment: 1, there: wishes, written: left }).into_iter().collect(),
                holds: holds[held].clone(),
                wishes: if wishes { vec!["create-order", "write-note"] } else { Vec::new() },
                reads,
                skipped: skipped.then(|| "by hand".to_owned()),
                sentence: "It stands so.".to_owned(),
            },
            known: Known { subject, sales, warehouse: known, erased },
            changed: if lately { NOW } else { NOW - Span::hours(3) },
        }
    }
}

fn items(all: &[Equation]) -> usize {
    all.iter().map(|e| e.items.len()).sum()
}

proptest! {
    #[test]
    fn every_difference_is_itemised_and_every_wrong_item_says_what_to_do(
        seen in prop::collection::vec(any_order(), 0..20),
        typed in prop::collection::vec((1_i64..99, any::<bool>()), 0..3),
    ) {
        let typed: Vec<Typed> = typed.into_iter().map(|(id, cancelled)| Typed { id, reference: "x".to_owned(), cancelled }).collect();
        let all = orders(&seen, &typed, day());
        prop_assert_eq!(all.len(), 4);
        for e in &all {
            prop_assert!(e.itemised(), "{:?}", e);
            for item in &e.items {
                prop_assert!(!item.cause.is_empty() && !item.words.is_empty());
                prop_assert!(item.grade != Grade::Wrong || !item.fix.is_empty(), "{:?}", item);
            }
        }
    }

    #[test]
    fn the_order_of_seeing_does_not_matter(seen in prop::collection::vec(any_order(), 0..12)) {
        let mut other = seen.clone();
        other.reverse();
        prop_assert_eq!(orders(&seen, &[], day()), orders(&other, &[], day()));
    }

    #[test]
    fn one_more_order_changes_nothing_about_the_others(
        seen in prop::collection::vec(any_order(), 0..8),
        one in any_order(),
    ) {
        let alone = orders(&seen, &[], day());
        let with = orders(&[seen, vec![one.clone()]].concat(), &[], day());
        let own = orders(&[one], &[], day());
        prop_assert_eq!(items(&with), items(&alone) + items(&own));
    }

    #[test]
    fn every_shelf_is_itemised(shelves in prop::collection::vec((any::<i32>(), -50_i64..50, -50_i64..50), 0..30)) {
        let mut sum = Shelves::default();
        for (on_hand, cause, variance) in shelves {
            let causes = vec![(Cause::LeftShelf, cause)];
            let judged = Judged { state: State::Variance, difference: cause + variance, causes, variance, sums: Sums::default(), on_hand: None };
            sum.add(&ShelfSeen { sku: "A".to_owned(), centre: 1, on_hand: i64::from(on_hand), judged });
        }
        let e = sum.equation("");
        prop_assert!(e.itemised(), "{:?}", e);
    }
}

#[test]
fn the_shelf_of_a_closed_centre_is_not_called_equal() {
    let mut sum = Shelves::default();
    let judged = Judged::closed(Sums::default());
    sum.add(&ShelfSeen { sku: "A".to_owned(), centre: 2, on_hand: 5, judged });
    let e = sum.equation("");
    assert_eq!((e.left, e.right), (Decimal::ZERO, Decimal::ZERO));
    assert_eq!(e.items.iter().map(|one| one.cause.as_str()).collect::<Vec<_>>(), ["closed"]);
}

#[test]
fn more_items_than_a_page_holds_are_summed_up_and_the_gravest_are_told() {
    let mut sum = Shelves::default();
    for n in 0..12_000_i64 {
        let judged = Judged {
            state: State::Variance,
            difference: 1,
            causes: Vec::new(),
            variance: 1,
            sums: Sums::default(),
            on_hand: None,
        };
        sum.add(&ShelfSeen { sku: format!("S{n}"), centre: 1, on_hand: 5, judged });
    }
    let e = sum.equation("");
    assert_eq!((e.items.len(), e.more), (1_000, Some((11_000, Decimal::from(-11_000)))));
    assert!(e.itemised());
}

#[test]
fn a_life_that_went_well_is_even_and_one_that_waits_says_so() {
    let mut w = World::of(3);
    w.run_smoothly();
    let accepted = standing(&w.facts, &w.settings);
    assert!(accepted.wanted && !accepted.accepted.is_empty() && accepted.notes.is_empty());
    w.ship(0, 0);
    w.run_smoothly();
    let shipped = standing(&w.facts, &w.settings);
    assert!(shipped.notes.iter().all(|n| n.there) && !shipped.notes.is_empty(), "{shipped:?}");
    assert_eq!(shipped.half_recorded, []);
}

fn certificate(equations: Vec<Equation>, gaps: Vec<String>) -> Certificate {
    Certificate {
        organisation: "o".to_owned(),
        connection: "c".to_owned(),
        company: "usmf".to_owned(),
        day: "2026-11-24".to_owned(),
        zone: "UTC".to_owned(),
        from: NOW,
        to: NOW,
        asked: NOW,
        made: NOW,
        who: "Mara".to_owned(),
        settings_version: 1,
        program: "ml-connector".to_owned(),
        trail: TrailHead::default(),
        orders: 0,
        calls: (0, 0),
        equations,
        gaps,
    }
}

#[test]
fn a_certificate_is_clean_only_when_all_was_looked_at_and_nothing_is_wrong() {
    let even = orders(&[], &[], day());
    assert!(certificate(even.clone(), Vec::new()).clean());
    assert!(!certificate(even.clone(), vec!["an order".to_owned()]).clean());
    let typed = [Typed { id: 1, reference: "x".to_owned(), cancelled: false }];
    let odd = certificate(orders(&[], &typed, day()), Vec::new());
    assert!(!odd.clean() && odd.sentence().contains("1 thing(s) need a look"));
    assert!(odd.text().contains("typed-by-hand"));
    let sealed = seal(certificate(even, Vec::new()));
    assert!(sealed.whole());
    let mut changed = sealed.clone();
    changed.certificate.settings_version = 2;
    assert!(!changed.whole());
}

#[test]
fn settings_that_cannot_be_meant_are_named() {
    assert!(Reconcile::default().problems().is_empty());
    let bad = Reconcile { zone: " ".to_owned(), after_minutes: 0 };
    assert_eq!(bad.problems().len(), 2);
}

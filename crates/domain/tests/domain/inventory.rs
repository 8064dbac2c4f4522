//! The arithmetic of stock: every piece of a difference is a named cause or variance, whatever stands there.

use domain::flows::inventory::{
    Cause, Draft, JournalState, Moves, OrderStock, Shelf, State, Sums, compare, draft, moves,
    settled,
};
use domain::ids::CentreId;
use domain::stock::{Inventory, ItemKey, JournalKind, Mode, adjustment_id};
use domain::time::{Span, Timestamp};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

fn shelf(on_hand: i64, physical: i64) -> Shelf {
    Shelf {
        on_hand: Some(on_hand),
        physical: Some(Decimal::from(physical)),
        each: Some(Decimal::ONE),
        moves: Moves::default(),
        sums: Sums::default(),
        moving: false,
        counted: false,
    }
}

#[test]
fn a_shelf_that_agrees_is_even() {
    assert_eq!(compare(&shelf(5, 5)).state, State::Even);
}

#[test]
fn what_left_the_shelf_and_is_not_slipped_is_no_variance() {
    let mut one = shelf(5, 8);
    one.moves.left = 3;
    let judged = compare(&one);
    assert_eq!(judged.state, State::Explained);
    assert_eq!(judged.causes, vec![(Cause::LeftShelf, 3)]);
}

#[test]
fn what_was_slipped_before_it_left_is_no_variance_either() {
    let mut one = shelf(8, 5);
    one.moves.left = -3;
    assert_eq!(compare(&one).variance, 0);
}

#[test]
fn other_channels_transfers_kits_and_receipts_are_named() {
    let mut one = shelf(100, 100 + 4 + 2 - 7 + 6);
    one.sums = Sums { sold: 4, transferred: -2, stowed: 7, ..Sums::default() };
    one.moves.kits = 6;
    let judged = compare(&one);
    assert_eq!(judged.state, State::Explained);
    let of = |cause| judged.causes.iter().find(|(c, _)| *c == cause).map(|(_, n)| *n);
    assert_eq!(of(Cause::OtherChannels), Some(4));
    assert_eq!(of(Cause::Transfer), Some(2));
    assert_eq!(of(Cause::Kits), Some(6));
    assert_eq!(of(Cause::NotRegistered), Some(-7));
}

#[test]
fn a_receipt_that_is_registered_is_forgotten() {
    let mut one = shelf(107, 107);
    one.sums.stowed = 7;
    let judged = compare(&one);
    assert_eq!((judged.state, judged.sums.stowed), (State::Even, 0));
}

#[test]
fn what_was_lost_is_a_variance_until_it_is_counted() {
    let mut one = shelf(96, 100);
    one.sums.found = -4;
    let judged = compare(&one);
    assert_eq!((judged.state, judged.variance), (State::Variance, 4));
    let counted = compare(&Shelf { physical: Some(Decimal::from(96)), sums: judged.sums, ..one });
    assert_eq!((counted.state, counted.sums.found), (State::Even, 0));
}

#[test]
fn a_shelf_in_motion_waits_and_forgets_nothing() {
    let mut one = shelf(5, 900);
    one.sums.sold = 3;
    one.moving = true;
    let judged = compare(&one);
    assert_eq!((judged.state, judged.variance, judged.sums), (State::Waits, 0, one.sums));
}

#[test]
fn a_variance_in_a_journal_is_not_counted_twice() {
    let mut one = shelf(5, 8);
    one.counted = true;
    assert_eq!(compare(&one).state, State::Counted);
}

#[test]
fn items_one_side_does_not_know_are_named_and_not_counted() {
    let one = Shelf { on_hand: None, ..shelf(0, 8) };
    assert_eq!(compare(&one).state, State::NotAtShipbob);
    let one = Shelf { physical: None, ..shelf(8, 0) };
    assert_eq!(compare(&one).state, State::NotInDynamics);
}

#[test]
fn a_unit_nobody_can_count_is_named() {
    assert_eq!(compare(&Shelf { each: None, ..shelf(12, 1) }).state, State::Unit);
    let half = Shelf { physical: Some(Decimal::new(15, 1)), ..shelf(1, 0) };
    assert_eq!(compare(&half).state, State::Unit);
}

#[test]
fn boxes_are_compared_in_pieces() {
    let one = Shelf { each: Some(Decimal::from(12)), ..shelf(24, 2) };
    assert_eq!(compare(&one).state, State::Even);
    let half = Shelf { physical: Some(Decimal::new(15, 1)), ..one };
    assert_eq!(compare(&half).variance, -6);
}

#[test]
fn less_than_nothing_at_shipbob_is_shown_and_not_counted() {
    assert_eq!(compare(&shelf(-2, 3)).state, State::Negative);
    assert_eq!(compare(&shelf(-2, 3)).variance, 5);
    // F&O may stand below zero: that is an ordinary difference.
    assert_eq!(compare(&shelf(4, -3)).variance, -7);
}

fn variance(sku: &str, physical: i64, each: i64, variance: i64) -> Draft {
    Draft {
        unit: "ea".to_owned(),
        found: 0,
        sku: sku.to_owned(),
        key: ItemKey { item: sku.to_owned(), ..ItemKey::default() },
        physical: Decimal::from(physical),
        each: Decimal::from(each),
        variance,
    }
}

const NIGHT: Timestamp = Timestamp(1_795_400_000_000_000);

#[test]
fn small_differences_are_drafted_and_large_ones_asked_about() {
    let all = [variance("A", 100, 1, 3), variance("B", 100, 1, -40)];
    let journals = draft(&"SB01".into(), "1", NIGHT, 10, false, JournalKind::Counting, &all);
    let states: Vec<_> = journals.iter().map(|j| (j.state, j.lines[0].sku.as_str())).collect();
    assert_eq!(states, [(JournalState::Approved, "A"), (JournalState::Proposed, "B")]);
    assert_eq!(journals[0].lines[0].counted, Decimal::from(97));
    assert_eq!(journals[1].lines[0].counted, Decimal::from(140));
    assert!(journals.iter().all(|j| j.token.chars().count() <= 60), "{journals:#?}");
}

#[test]
fn the_first_count_of_a_warehouse_is_asked_about_however_small() {
    let journals = draft(
        &"SB01".into(),
        "1",
        NIGHT,
        10,
        true,
        JournalKind::Counting,
        &[variance("A", 100, 1, 1)],
    );
    assert_eq!(journals[0].state, JournalState::Proposed);
}

#[test]
fn a_count_that_is_no_quantity_is_not_drafted() {
    let all = [variance("PART", 10, 12, 7), variance("BELOW", 2, 1, 5), variance("ZERO", 5, 1, 5)];
    let journals = draft(&"SB01".into(), "1", NIGHT, 100, false, JournalKind::Counting, &all);
    let lines: Vec<&str> = journals.iter().flat_map(|j| &j.lines).map(|l| l.sku.as_str()).collect();
    assert_eq!(lines, ["ZERO"]);
    assert_eq!(journals[0].lines[0].counted, Decimal::ZERO);
}

#[test]
fn a_journal_has_at_most_a_thousand_lines_numbered_from_one() {
    let all: Vec<Draft> = (0..1_500).map(|n| variance(&format!("S{n}"), 100, 1, 1)).collect();
    let journals = draft(&"SB01".into(), "1", NIGHT, 10, false, JournalKind::Counting, &all);
    let lines: Vec<usize> = journals.iter().map(|j| j.lines.len()).collect();
    assert_eq!(lines, [1_000, 500]);
    for journal in &journals {
        assert!(
            journal
                .lines
                .iter()
                .map(|l| l.number)
                .eq(1..=i64::try_from(journal.lines.len()).unwrap())
        );
    }
    assert_ne!(journals[0].token, journals[1].token);
}

#[test]
fn an_order_nobody_knows_moved_what_the_history_says() {
    let shelf = (CentreId(1), "A".to_owned());
    let picked = BTreeMap::from([(shelf.clone(), 4)]);
    let order = OrderStock {
        picked: &picked,
        skus: &BTreeMap::new(),
        sales: None,
        request: None,
        warehouse: &[],
        kept: None,
    };
    let settings = crate::support::settings();
    let found = moves(&order, &settings, &[]);
    assert_eq!(found, BTreeMap::from([(shelf, Moves { left: 4, kits: 0 })]));
}

#[test]
fn the_next_night_comes_after_now() {
    let inventory = Inventory { nightly: Span::hours(2), ..Inventory::default() };
    let day = Timestamp(20_780 * Span::days(1).0);
    assert_eq!(inventory.next_after(day), day + Span::hours(2));
    assert_eq!(inventory.next_after(day + Span::hours(2)), day + Span::hours(26));
    assert_eq!(inventory.next_after(day + Span::hours(3)), day + Span::hours(26));
}

#[test]
fn a_section_without_a_journal_name_is_refused() {
    let inventory = Inventory { mode: Mode::CountingJournal, ..Inventory::default() };
    assert_eq!(inventory.problems().len(), 1);
    assert!(Inventory::default().problems().is_empty());
}

prop_compose! {
    fn any_shelf()(
        on_hand in -5_i64..500, physical in -50_i64..500, left in -20_i64..20, kits in 0_i64..9,
        sold in 0_i64..9, transferred in -9_i64..9, stowed in 0_i64..9, kitted in -3_i64..3,
        found in -9_i64..9,
    ) -> Shelf {
        Shelf {
            moves: Moves { left, kits },
            sums: Sums { sold, transferred, stowed, kitted, found },
            ..shelf(on_hand, physical)
        }
    }
}

proptest! {
    #[test]
    fn every_piece_of_a_difference_is_a_cause_or_variance(one in any_shelf()) {
        let judged = compare(&one);
        let named: i64 = judged.causes.iter().map(|(_, pieces)| pieces).sum();
        prop_assert_eq!(judged.difference, named + judged.variance);
        prop_assert_eq!(judged.difference, i64::try_from(one.physical.unwrap().mantissa()).unwrap() - one.on_hand.unwrap());
        let mut causes: Vec<Cause> = judged.causes.iter().map(|(cause, _)| *cause).collect();
        causes.sort();
        causes.dedup();
        prop_assert_eq!(causes.len(), judged.causes.len(), "a cause is named once");
    }

    /// Counting what is unexplained, and nothing else, leaves nothing to count.
    #[test]
    fn a_counted_variance_is_gone(one in any_shelf()) {
        let judged = compare(&one);
        let physical = one.physical.map(|p| p - Decimal::from(judged.variance));
        // What was found or lost is forgotten with the count.
        let sums = Sums { found: 0, ..judged.sums };
        let again = compare(&Shelf { physical, sums, ..one });
        prop_assert_eq!(again.variance, 0, "{:?} then {:?}", judged, again);
    }

    #[test]
    fn nothing_is_too_large(n in any::<[i64; 8]>()) {
        let mut one = shelf(n[0], 0);
        one.physical = Some(Decimal::from(n[1]));
        one.moves = Moves { left: n[2], kits: n[3] };
        one.sums = Sums { sold: n[4], transferred: n[5], stowed: n[6], kitted: n[7], found: n[0] };
        compare(&one);
    }
}

#[test]
fn an_adjustment_that_is_posted_is_recognised_by_the_stock() {
    // F&O had 4 too many; -4 was sent.
    let delta = Decimal::from(-4);
    let before = shelf(100, 104);
    assert!(settled(&before, delta, 0).is_none(), "not posted yet");
    let judged = settled(&shelf(100, 100), delta, 0).map(|judged| judged.state);
    assert_eq!(judged, Some(State::Even));
}

#[test]
fn what_is_lost_while_an_adjustment_is_under_way_does_not_confuse_it() {
    let delta = Decimal::from(-4);
    // Two more were lost since: the history says so.
    let lost = |physical| {
        let mut one = shelf(98, physical);
        one.sums.found = -2;
        one
    };
    assert!(settled(&lost(104), delta, 0).is_none(), "not posted yet");
    let judged = settled(&lost(100), delta, 0).map(|judged| (judged.state, judged.variance));
    assert_eq!(judged, Some((State::Variance, 2)), "posted; two are to be sent next");
}

#[test]
fn what_fits_neither_or_both_is_waited_for() {
    assert!(settled(&shelf(100, 107), Decimal::from(-4), 0).is_none(), "fits neither");
    let mut both = shelf(104, 104);
    both.sums.stowed = 4;
    assert!(settled(&both, Decimal::from(-4), 0).is_none(), "fits both: registered or posted?");
    let mut moving = shelf(100, 100);
    moving.moving = true;
    assert!(settled(&moving, Decimal::from(-4), 0).is_none(), "in motion");
}

#[test]
fn ids_of_adjustments_are_short_and_never_two_alike() {
    let all: Vec<Draft> = (0..2_500).map(|n| variance(&n.to_string(), 100, 1, 3)).collect();
    let mut ids = std::collections::BTreeSet::new();
    let mut lines = 0;
    for warehouse in ["SB01", "SB02", "EXTERNAL-WAREHOUSE-WITH-A-LONG-NAME"] {
        for night in [NIGHT, NIGHT + Span::days(1)] {
            let kind = JournalKind::Adjustments;
            for journal in draft(&warehouse.into(), "1", night, 2, false, kind, &all) {
                let of = journal.lines.iter().map(|l| adjustment_id(&journal.prefix, l.number));
                ids.extend(of);
                lines += journal.lines.len();
            }
        }
    }
    assert_eq!(ids.len(), lines);
    assert!(ids.iter().all(|id| id.len() == 20), "{:?}", ids.first());
}

proptest! {
    /// Whatever stands there: an adjustment is never taken for posted while the stock is as it was when it was sent.
    #[test]
    fn an_adjustment_is_never_seen_before_it_is_posted(
        on_hand in 0_i64..500, off in prop::sample::select(vec![-9_i64, -3, -1, 1, 2, 5, 40]),
        left in -5_i64..5, sold in 0_i64..4,
    ) {
        let mut one = shelf(on_hand, on_hand + off + left + sold);
        one.moves.left = left;
        one.sums.sold = sold;
        let judged = compare(&one);
        prop_assume!(judged.state == State::Variance);
        let delta = Decimal::from(-judged.variance);
        let again = Shelf { sums: judged.sums, ..one };
        prop_assert_eq!(settled(&again, delta, judged.sums.found), None);
        let physical = one.physical.map(|there| there + delta);
        let posted = Shelf { physical, ..again };
        let seen = settled(&posted, delta, judged.sums.found);
        prop_assert_eq!(seen.map(|judged| judged.variance), Some(0));
    }
}

#[test]
fn sixteen_digits_are_exact_or_no_pieces_at_all() {
    let mut one = shelf(1_234_567_890_123_456, 0);
    one.physical = Some(Decimal::from(1_234_567_890_123_457_i64));
    assert_eq!(compare(&one).variance, 1);
    one.physical = "1234567890.123457".parse().ok();
    assert_eq!(compare(&one).state, State::Unit);
}

//! An order somebody has open in F&O for hours: told, and gone on with.

use crate::support::{World, causes};
use domain::flows::TOLD_AFTER;
use domain::plan::{KeptChange, Plan};
use domain::time::{Span, Timestamp};

const OPEN: &str = "open-in-dynamics";

/// Shipped; the first write back to F&O is refused from now on. Its key, and when that began.
fn refused() -> (World, String, Timestamp) {
    let mut w = World::of(3);
    w.run_smoothly();
    w.ship(0, 0);
    let key = w.plan().deliveries[0].key.clone();
    let since = w.now();
    w.facts.kept.in_hands.insert(key.clone(), since);
    (w, key, since)
}

fn wishes(plan: &Plan, key: &str) -> bool {
    plan.deliveries.iter().any(|d| d.key == key)
}

#[test]
fn an_order_open_for_hours_is_told_and_still_written() {
    let (mut w, key, since) = refused();
    w.pass(Span(TOLD_AFTER.0 - Span::minutes(1).0));
    let plan = w.plan();
    assert!(wishes(&plan, &key) && causes(&plan).is_empty(), "not before its time");
    w.pass(Span::minutes(1));
    let plan = w.plan();
    assert_eq!(causes(&plan), [OPEN]);
    assert!(wishes(&plan, &key), "it goes on by itself");
    let words = &plan.holds[0].reason.reason;
    assert!(words.contains(w.facts.number.as_str()), "{words}");
    assert!(words.contains(&since.to_rfc3339_seconds()), "{words}");
    let before = (plan.status, plan.deliveries.len());
    w.facts.kept.in_hands.clear();
    let plain = w.plan();
    assert_eq!((plain.status, plain.deliveries.len()), before, "nothing else changes");
}

#[test]
fn the_first_refusal_counts_where_several_writes_wait() {
    let (mut w, key, _) = refused();
    w.pass(TOLD_AFTER);
    let others: Vec<String> = w.plan().deliveries.iter().map(|d| d.key.clone()).collect();
    assert!(others.len() > 1, "{others:?}");
    for other in others.into_iter().filter(|other| *other != key) {
        w.facts.kept.in_hands.insert(other, w.now());
    }
    assert_eq!(causes(&w.plan()), [OPEN], "told once");
}

#[test]
fn what_went_through_or_is_not_wanted_any_more_is_forgotten() {
    let (mut w, key, _) = refused();
    w.pass(TOLD_AFTER);
    w.facts.kept.in_hands.insert("note:7:0".to_owned(), Timestamp::MIN);
    let plan = w.plan();
    assert_eq!(plan.kept, [KeptChange::OutOfHands("note:7:0".to_owned())]);
    w.run();
    assert!(w.facts.kept.in_hands.is_empty(), "{:?} of {key}", w.facts.kept.in_hands);
    assert!(causes(&w.plan()).is_empty());
}

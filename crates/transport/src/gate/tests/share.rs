//! Nobody starves at a shared gate, nothing stays unused, and who is alone is not slowed down.

use super::{START, reply};
use crate::gate::{Adaptive, Clock, Gate, Limiter, STAYS, Seat, Shared, Table};
use domain::operation::Lane;
use domain::time::{Span, Timestamp};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START.0)))
    }
    fn clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Arc::new(move || Timestamp(time.load(Ordering::SeqCst)))
    }
    fn forward(&self, span: Span) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

/// A table of `seats` at a window of `limit` calls a minute that is known to be empty.
fn table(hand: &Hand, limit: u32, seats: usize) -> Vec<Seat<Gate>> {
    let gate = Arc::new(Shared::new(Gate::new(limit), hand.clock()));
    let table = Table::new(Arc::clone(&gate), STAYS, hand.clock());
    let seats: Vec<Seat<Gate>> = (0..seats).map(|_| table.join()).collect();
    let text = (limit - 1).to_string();
    seats[0].may_send(Lane::Orders).expect("the first call");
    seats[0].finished(&Ok(reply(200, &[("x-remaining-calls", text.as_str())])));
    hand.forward(Span::seconds(61));
    seats
}

fn take(seat: &Seat<Gate>, most: u32) -> u32 {
    for n in 0..most {
        if seat.may_send(Lane::Orders).is_err() {
            return n;
        }
        seat.finished(&Ok(reply(200, &[])));
    }
    most
}

proptest! {
    #[test]
    fn who_always_wants_gets_its_share_whatever_the_others_do(
        limit in 12_u32..200,
        seats in 2_usize..6,
        moods in prop::collection::vec((0_usize..6, 0_u32..400), 330..380),
    ) {
        let hand = Hand::new();
        let seats = table(&hand, limit, seats);
        let mut got = 0;
        // The others come in any order and take what they can; the last seat wants one more at
        // every moment.
        for (n, (who, most)) in moods.iter().enumerate() {
            let others = seats.len() - 1;
            take(&seats[who % others], *most);
            let mine = take(&seats[others], 1_000);
            take(&seats[(who + 1) % others], *most);
            if n >= 130 {
                got += mine;
            }
            hand.forward(Span::seconds(1));
        }
        let seconds = u32::try_from(moods.len() - 130).expect("a small number");
        // What it took just before the count began is missing in the first window.
        let windows = seconds / 61 - 1;
        let share = limit / u32::try_from(seats.len()).expect("a small number");
        prop_assert!(got >= windows * share, "{got} of {share} in {seconds} s");
    }
}

#[test]
fn what_nobody_else_wants_is_free_for_one() {
    let hand = Hand::new();
    let seats = table(&hand, 150, 3);
    assert_eq!(take(&seats[1], 1_000), 150);
}

#[test]
fn one_that_comes_late_is_served_first_when_places_become_free() {
    let hand = Hand::new();
    let seats = table(&hand, 100, 2);
    assert_eq!(take(&seats[0], 1_000), 100);
    let at = seats[1].may_send(Lane::Orders).expect_err("the window is full");
    hand.forward(at.since(Timestamp(hand.0.load(Ordering::SeqCst))));
    assert_eq!(take(&seats[0], 1_000), 50, "half is its share, the rest is for the one that waits");
    assert_eq!(take(&seats[1], 1_000), 50);
}

#[test]
fn an_urgent_call_does_not_wait_for_orders_of_others() {
    let hand = Hand::new();
    let seats = table(&hand, 100, 2);
    assert_eq!(take(&seats[0], 40), 40);
    hand.forward(Span::seconds(30));
    assert_eq!(take(&seats[0], 60), 60);
    assert!(seats[1].may_send(Lane::Orders).is_err(), "full: it waits");
    hand.forward(Span::seconds(31));
    assert!(seats[0].may_send(Lane::Cancel).is_ok());
}

#[test]
fn calls_that_hang_never_hold_the_last_place_of_an_environment() {
    let hand = Hand::new();
    let gate = Arc::new(Shared::new(Adaptive::new(), hand.clock()));
    let table = Table::new(gate, Span(0), hand.clock());
    let (slow, quick) = (table.join(), table.join());
    quick.may_send(Lane::Orders).expect("free");
    quick.finished(&Ok(reply(200, &[])));
    let held = (0..10).filter(|_| slow.may_send(Lane::Orders).is_ok()).count();
    assert_eq!(held, 3, "of four places");
    for _ in 0..20 {
        quick.may_send(Lane::Orders).expect("one place is for it");
        quick.finished(&Ok(reply(200, &[])));
        hand.forward(Span::seconds(1));
    }
}

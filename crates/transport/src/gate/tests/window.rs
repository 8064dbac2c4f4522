use super::server::{Server, burst};
use super::{START, reply};
use crate::TransportError;
use crate::gate::Gate;
use domain::operation::Lane;
use domain::time::{Span, Timestamp};
use proptest::prelude::*;

const LANES: [Lane; 4] = [Lane::Cancel, Lane::Fulfilment, Lane::Orders, Lane::Background];

fn known(limit: u32) -> Gate {
    let mut gate = Gate::new(limit);
    gate.may_send(START, Lane::Orders).expect("a probe");
    let left = (limit - 1).to_string();
    gate.finished(START, &Ok(reply(200, &[("x-remaining-calls", &left)])));
    gate
}

#[test]
fn a_burst_is_never_refused_and_uses_at_least_98_percent_of_the_ideal() {
    for (calls, at_once) in [(900, 8), (1_000, 8), (1_000, 1), (3_000, 16)] {
        let run = burst(
            &mut Gate::new(150),
            Server::new(150),
            calls,
            at_once,
            &[(40, 60), (20, 30), (90, 140)],
            Lane::Orders,
        );
        assert_eq!(run.server.refused, 0, "{calls} calls, {at_once} at once");
        let windows = i64::try_from((calls - 1) / 150).expect("small");
        // The last call of the ideal run leaves when its window opens and takes its own time.
        let ideal = Span::seconds(60).0 * windows + Span::millis(100).0;
        let taken = run.finished.since(START).0;
        if at_once > 1 {
            assert!(ideal * 100 >= taken * 98, "{calls}: {ideal} of {taken}");
        }
    }
}

#[test]
fn after_a_hand_over_into_a_full_window_the_account_sees_one_refusal_at_most() {
    let mut server = Server::new(150);
    for n in (0..150).rev() {
        server.call(START - Span::millis(n));
    }
    let run = burst(&mut Gate::new(150), server, 400, 8, &[(50, 50)], Lane::Orders);
    assert_eq!(run.server.refused, 1);
}

#[test]
fn after_a_hand_over_into_a_half_full_window_nothing_is_refused() {
    let mut server = Server::new(150);
    for n in (0..75).rev() {
        server.call(START - Span::millis(n * 500));
    }
    let run = burst(&mut Gate::new(150), server, 400, 8, &[(50, 50)], Lane::Orders);
    assert_eq!(run.server.refused, 0);
}

#[test]
fn a_server_that_never_tells_what_remains_is_not_overrun() {
    let mut server = Server::new(150);
    server.tells_remaining = false;
    let run = burst(&mut Gate::new(150), server, 1_000, 8, &[(50, 50)], Lane::Orders);
    assert_eq!(run.server.refused, 0);
}

#[test]
fn one_call_at_a_time_until_the_account_is_known() {
    let mut gate = Gate::new(150);
    assert_eq!(gate.used(START), (150, 150));
    assert!(gate.may_send(START, Lane::Orders).is_ok());
    assert!(gate.may_send(START, Lane::Cancel).is_err());
    gate.finished(START, &Ok(reply(200, &[("x-remaining-calls", "100")])));
    assert_eq!(gate.used(START), (50, 150));
    for _ in 0..100 {
        assert!(gate.may_send(START, Lane::Cancel).is_ok());
    }
    assert!(gate.may_send(START, Lane::Cancel).is_err());
}

#[test]
fn the_window_proves_itself_by_passing() {
    let mut gate = Gate::new(150);
    assert!(gate.may_send(START, Lane::Orders).is_ok());
    let later = START + Span::seconds(61);
    assert!(gate.may_send(later, Lane::Orders).is_ok());
}

#[test]
fn background_work_leaves_places_and_orders_leave_two_while_cancels_happen() {
    let granted =
        |gate: &mut Gate, lane| std::iter::from_fn(|| gate.may_send(START, lane).ok()).count();
    let mut gate = known(150);
    assert_eq!(granted(&mut gate, Lane::Background), 139);
    assert_eq!(granted(&mut gate, Lane::Orders), 10);
    let mut gate = known(150);
    gate.may_send(START, Lane::Cancel).expect("room");
    assert_eq!(granted(&mut gate, Lane::Orders), 146);
    assert_eq!(granted(&mut gate, Lane::Fulfilment), 1);
    assert_eq!(granted(&mut gate, Lane::Cancel), 1);
}

#[test]
fn a_429_without_a_time_closes_the_gate_for_30_seconds() {
    let mut gate = known(150);
    gate.may_send(START, Lane::Orders).expect("room");
    gate.finished(START, &Ok(reply(429, &[])));
    assert_eq!(gate.may_send(START, Lane::Cancel), Err(START + Span::seconds(30)));
    assert_eq!(gate.may_send(START + Span::seconds(30), Lane::Cancel), Ok(()));
    assert!(gate.may_send(START + Span::seconds(30), Lane::Cancel).is_err(), "a probe first");
}

#[test]
fn what_others_use_is_learnt_and_forgotten() {
    let mut gate = known(150);
    gate.may_send(START, Lane::Orders).expect("room");
    gate.finished(START + Span::seconds(1), &Ok(reply(200, &[("x-remaining-calls", "10")])));
    assert_eq!(gate.used(START + Span::seconds(1)), (140, 150));
    // Ten seconds later the server says that the others' calls have left its window.
    let later = START + Span::seconds(10);
    gate.may_send(later, Lane::Orders).expect("room");
    gate.finished(later, &Ok(reply(200, &[("x-remaining-calls", "147")])));
    assert_eq!(gate.used(later), (3, 150));
}

#[test]
fn a_call_that_never_left_gives_its_place_back() {
    let mut gate = known(150);
    gate.may_send(START, Lane::Orders).expect("room");
    gate.finished(START, &Err(TransportError::NotSent { why: String::new() }));
    assert_eq!(gate.used(START).0, 1);
    gate.may_send(START, Lane::Orders).expect("room");
    gate.finished(START, &Err(TransportError::Lost { why: String::new() }));
    assert_eq!(gate.used(START).0, 2);
}

#[test]
fn a_permission_that_was_dropped_is_forgotten_after_ten_minutes() {
    let mut gate = known(1);
    let later = START + Span::seconds(61);
    gate.may_send(later, Lane::Orders).expect("room");
    assert!(gate.may_send(later + Span::minutes(5), Lane::Orders).is_err());
    assert!(gate.may_send(later + Span::minutes(11), Lane::Orders).is_ok());
}

#[test]
fn an_unlimited_gate_only_obeys_the_server() {
    let mut gate = Gate::unlimited();
    for _ in 0..10_000 {
        gate.may_send(START, Lane::Background).expect("no limit");
        gate.finished(START, &Ok(reply(200, &[])));
    }
    gate.finished(START, &Ok(reply(429, &[("x-retry-after", "12")])));
    assert_eq!(gate.may_send(START, Lane::Cancel), Err(START + Span::seconds(12)));
}

#[test]
fn a_clock_that_goes_back_opens_nothing() {
    let mut gate = known(1);
    assert!(gate.may_send(START - Span::hours(1), Lane::Orders).is_err());
    assert!(gate.may_send(START + Span::seconds(59), Lane::Orders).is_err());
    assert!(gate.may_send(START + Span::seconds(61), Lane::Orders).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever the latencies and lanes: the server's count is never exceeded.
    #[test]
    fn no_sixty_seconds_see_more_calls_than_the_limit(
        limit in 1usize..40,
        calls in 1usize..200,
        at_once in 1usize..12,
        latencies in prop::collection::vec((0i64..4_000, 0i64..4_000), 1..10),
        lane in 0usize..4,
        tells in any::<bool>(),
    ) {
        let mut server = Server::new(limit);
        server.tells_remaining = tells;
        let mut gate = Gate::new(u32::try_from(limit).expect("small"));
        let run = burst(&mut gate, server, calls, at_once, &latencies, LANES[lane]);
        prop_assert_eq!(run.server.refused, 0);
    }

    /// Whatever the server says: nothing is sent before its time.
    #[test]
    fn nothing_is_sent_before_the_servers_time(
        steps in prop::collection::vec((0i64..20_000, 0usize..6, 0i64..90, 0i64..150), 1..150),
    ) {
        let mut gate = Gate::new(150);
        let mut now = START;
        let mut not_before = Timestamp::MIN;
        for (pause, kind, wait, remaining) in steps {
            now = now + Span::millis(pause);
            match gate.may_send(now, Lane::Cancel) {
                Ok(()) => prop_assert!(now >= not_before),
                Err(at) => {
                    prop_assert!(at > now);
                    continue;
                }
            }
            let wait_text = wait.to_string();
            let remaining = remaining.to_string();
            let (outcome, told) = match kind {
                0 => (Ok(reply(429, &[("x-retry-after", &wait_text)])), wait),
                1 => (Ok(reply(429, &[])), 30),
                2 => (Ok(reply(503, &[("retry-after", &wait_text)])), wait),
                3 => (Err(TransportError::Lost { why: String::new() }), 0),
                4 => (Ok(reply(200, &[("x-remaining-calls", "0"), ("x-retry-after", &wait_text)])), wait),
                _ => (Ok(reply(200, &[("x-remaining-calls", &remaining)])), 0),
            };
            gate.finished(now, &outcome);
            not_before = not_before.max(now + Span::seconds(told));
        }
    }
}

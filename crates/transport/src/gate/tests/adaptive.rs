use super::{START, reply};
use crate::TransportError;
use crate::gate::Adaptive;
use domain::operation::Lane;
use domain::time::Span;

fn fill(gate: &mut Adaptive, at: domain::time::Timestamp) -> u32 {
    let mut n = 0;
    while gate.may_send(at, Lane::Cancel).is_ok() {
        n += 1;
    }
    n
}

#[test]
fn starts_with_four_and_grows_to_eight() {
    let mut gate = Adaptive::new();
    assert_eq!(fill(&mut gate, START), 4);
    for _ in 0..100 {
        gate.finished(START, &Ok(reply(200, &[])));
        let _ = gate.may_send(START, Lane::Cancel);
    }
    fill(&mut gate, START);
    assert_eq!(gate.used(), (8, 8));
}

#[test]
fn refusals_of_one_moment_halve_once_and_close_for_the_servers_time() {
    let mut gate = Adaptive::new();
    fill(&mut gate, START);
    gate.finished(START, &Ok(reply(429, &[("retry-after", "17")])));
    gate.finished(START, &Ok(reply(429, &[("retry-after", "20")])));
    gate.finished(START, &Ok(reply(503, &[("retry-after", "3")])));
    assert_eq!(gate.used(), (1, 2));
    assert_eq!(gate.may_send(START, Lane::Cancel), Err(START + Span::seconds(20)));
    gate.finished(START, &Ok(reply(200, &[])));
    assert_eq!(fill(&mut gate, START + Span::seconds(20)), 2);
}

#[test]
fn a_refusal_without_a_time_closes_for_30_seconds() {
    let mut gate = Adaptive::new();
    gate.may_send(START, Lane::Orders).expect("room");
    gate.finished(START, &Ok(reply(429, &[])));
    assert_eq!(gate.may_send(START, Lane::Orders), Err(START + Span::seconds(30)));
}

#[test]
fn never_below_one() {
    let mut gate = Adaptive::new();
    let mut now = START;
    for _ in 0..10 {
        gate.may_send(now, Lane::Orders).expect("one place");
        gate.finished(now, &Ok(reply(503, &[("retry-after", "1")])));
        now = now + Span::seconds(1);
    }
    assert_eq!(gate.used(), (0, 1));
    assert!(gate.may_send(now, Lane::Background).is_ok());
}

#[test]
fn background_work_leaves_one_place() {
    let mut gate = Adaptive::new();
    for _ in 0..3 {
        gate.may_send(START, Lane::Background).expect("room");
    }
    assert!(gate.may_send(START, Lane::Background).is_err());
    assert!(gate.may_send(START, Lane::Orders).is_ok());
}

#[test]
fn an_unanswered_permission_is_forgotten_and_a_failed_one_is_freed() {
    let mut gate = Adaptive::new();
    assert_eq!(fill(&mut gate, START), 4);
    gate.finished(START, &Err(TransportError::NotSent { why: String::new() }));
    assert_eq!(fill(&mut gate, START), 1);
    assert_eq!(fill(&mut gate, START + Span::minutes(11)), 4);
}

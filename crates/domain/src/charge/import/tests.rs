use super::*;

const fn at(minute: i64) -> Timestamp {
    Timestamp(Span::minutes(minute).0)
}

/// Begun at minute 0; what was sent would show at 3, and it should have ended at 60.
const TIMES: (Timestamp, Timestamp) = (at(3), at(60));

fn sent(accepted: bool, ours: bool) -> Sent {
    Sent {
        execution: "4711".to_owned(),
        began: at(0),
        deliveries: vec![1, 2],
        accepted,
        ours,
        ended: None,
        errors: Vec::new(),
        called: false,
        unknown_since: None,
    }
}

/// One look at that minute.
fn look(sent: &mut Sent, state: ImportState, minute: i64) -> Next {
    sent.look(state, at(minute));
    next(sent, state, at(minute), TIMES)
}

#[test]
fn an_import_that_has_ended_is_over_and_one_that_runs_too_long_is_a_persons_business() {
    for state in [ImportState::Succeeded, ImportState::Partly, ImportState::Failed] {
        assert_eq!(look(&mut sent(true, true), state, 1), Next::Over(state));
    }
    assert_eq!(look(&mut sent(true, true), ImportState::Running, 59), Next::Wait);
    assert_eq!(look(&mut sent(true, true), ImportState::Running, 60), Next::Endless);
}

#[test]
fn one_nobody_took_never_began() {
    let unknown = ImportState::Unknown;
    assert_eq!(look(&mut sent(false, true), unknown, 2), Next::ByCharges(None));
    assert_eq!(look(&mut sent(false, true), unknown, 3), Next::Over(ImportState::Failed));
    assert_eq!(look(&mut sent(false, false), unknown, 59), Next::ByCharges(None));
    let failed = Some(ImportState::Failed);
    assert_eq!(look(&mut sent(false, false), unknown, 60), Next::ByCharges(failed));
}

#[test]
fn one_that_was_taken_is_forgotten_after_an_hour_unknown_and_never_taken_for_one_that_failed() {
    let mut one = sent(true, true);
    let unknown = ImportState::Unknown;
    assert_eq!(look(&mut one, unknown, 70), Next::ByCharges(None), "long after its deadline, too");
    assert_eq!(look(&mut one, unknown, 129), Next::ByCharges(None));
    assert_eq!(look(&mut one, ImportState::Running, 129), Next::Endless, "it is known again");
    assert_eq!(look(&mut one, unknown, 131), Next::ByCharges(None), "the hour begins anew");
    assert_eq!(look(&mut one, unknown, 191), Next::ByCharges(Some(unknown)));
}

#[test]
fn one_that_was_seen_running_was_taken_whatever_its_answer_said() {
    let mut one = sent(false, true);
    assert!(one.look(ImportState::Running, at(1)), "written down before it can be forgotten");
    assert!(!one.look(ImportState::Running, at(2)));
    assert_eq!(look(&mut one, ImportState::Unknown, 5), Next::ByCharges(None));
    assert!(!one.forgotten());
    one.ended = Some((at(70), ImportState::Unknown));
    assert!(one.forgotten());
}

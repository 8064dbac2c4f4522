use crate::testing::{NOW, Rig, batch, html, json, part, rows, run};
use crate::{CallError, ChangeCursors};
use domain::ids::SalesOrderNumber;
use domain::time::{Span, Timestamp};
use transport::TransportError;

fn look(rig: &Rig) -> Result<crate::Changes, CallError> {
    run(rig.dynamics.changes(NOW, &ChangeCursors::start(Timestamp(0)), Span::minutes(5)))
}

fn empty() -> Vec<String> {
    vec![part(200, &rows(&[])); 3]
}

#[test]
fn a_token_that_is_not_accepted_costs_one_new_token_and_one_more_try() {
    let mut tries = 0;
    let rig = Rig::new(move |_| {
        tries += 1;
        Ok(if tries == 1 { json(401, "") } else { batch(&empty()) })
    });
    assert!(look(&rig).is_ok());
    assert_eq!(
        rig.labels(),
        ["dynamics.token", "dynamics.changes", "dynamics.token", "dynamics.changes"]
    );
    rig.assert_balanced(1);
}

#[test]
fn a_second_refusal_of_the_token_is_no_access_and_the_next_call_starts_afresh() {
    let rig = Rig::new(|_| Ok(json(401, "")));
    assert!(matches!(look(&rig), Err(CallError::NoAccess { status: 401, .. })));
    assert_eq!(rig.labels().len(), 4);
    assert!(look(&rig).is_err());
    assert_eq!(rig.labels().len(), 8, "the refused token was forgotten");
    rig.assert_balanced(2);
}

#[test]
fn without_a_token_nothing_is_sent_and_the_permission_comes_back() {
    let rig = Rig::new(|_| panic!("nothing may be sent")).token(Ok(html(503)));
    assert!(matches!(look(&rig), Err(CallError::Unavailable { .. })));
    rig.assert_balanced(1);
}

#[test]
fn every_way_a_call_can_end_answers_its_permission() {
    for error in [
        TransportError::NotSent { why: "x".to_owned() },
        TransportError::Lost { why: "x".to_owned() },
        TransportError::TooLarge { limit: 1 },
        TransportError::Crashed,
    ] {
        let rig = Rig::new(move |_| Err(error.clone()));
        assert!(look(&rig).is_err());
        rig.assert_balanced(1);
    }
}

#[test]
fn a_call_dropped_half_way_gives_its_permission_back() {
    let rig = Rig::new(|_| Ok(json(200, "{}")));
    drop(rig.dynamics.turn());
    rig.assert_balanced(1);
}

#[test]
fn a_closed_gate_stops_further_requests_of_the_same_call() {
    let rig = Rig::new(|_| Ok(json(401, "")));
    *rig.counter.closed_until.lock().unwrap() = Some(NOW + Span::seconds(30));
    assert_eq!(look(&rig), Err(CallError::GateClosed { until: NOW + Span::seconds(30) }));
    assert_eq!(rig.labels(), ["dynamics.token", "dynamics.changes", "dynamics.token"]);
}

#[test]
fn the_request_says_who_it_is_and_where_it_may_take_its_time() {
    let rig = Rig::new(|_| Ok(batch(&empty())));
    look(&rig).unwrap();
    let seen = rig.script.seen.lock().unwrap();
    let request = &seen[1];
    let header = |name: &str| {
        request.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default()
    };
    assert_eq!(request.url, "https://env.operations.dynamics.com/data/$batch");
    assert_eq!(header("authorization"), "Bearer abc");
    assert_eq!(header("content-type"), "multipart/mixed; boundary=batch_mlc");
    assert_eq!(header("user-agent"), "test");
    assert!(request.deadline >= Span::seconds(120));
    assert!(request.headers.iter().all(|(name, _)| name != "cookie"));
}

#[test]
fn replies_that_are_no_batch_are_told_apart() {
    type Check = fn(&CallError) -> bool;
    let table: Vec<(transport::Response, Check)> = vec![
        (html(200), |e| matches!(e, CallError::Malformed { .. })),
        (json(200, "{\"value\":[]}"), |e| matches!(e, CallError::Malformed { .. })),
        (html(503), |e| matches!(e, CallError::Unavailable { .. })),
        (html(404), |e| matches!(e, CallError::Refused { .. })),
    ];
    for (reply, check) in table {
        let shown = format!("{reply:?}");
        let rig = Rig::new(move |_| Ok(reply.clone()));
        assert!(look(&rig).is_err_and(|e| check(&e)), "{shown}");
    }
}

#[test]
fn reading_no_orders_sends_nothing() {
    let rig = Rig::new(|_| panic!("nothing may be sent"));
    let none: [SalesOrderNumber; 0] = [];
    assert_eq!(run(rig.dynamics.read_orders(NOW, &none)), Ok(crate::OrderReads::default()));
    assert!(run(rig.dynamics.write(NOW, &[])).is_empty());
    rig.assert_balanced(2);
}

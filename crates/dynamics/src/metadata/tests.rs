use super::*;
use crate::testing::{NOW, Reply, Rig, html, json, run};
use transport::Request;

fn environment(answer: impl Fn(&str) -> Reply + Send + 'static) -> Rig {
    Rig::new(move |request: &Request| answer(&request.url))
}

fn ask(rig: &Rig) -> Result<Capabilities, CallError> {
    run(rig.dynamics.capabilities(&mut rig.dynamics.turn(), NOW))
}

fn entity(read_only: &str, property: &str, edit: &str) -> Reply {
    Ok(json(
        200,
        &format!(
            r#"{{"Name":"X","IsReadOnly":{read_only},"Properties":[{{"Name":"{property}","AllowEdit":{edit},"IsKey":false}}],"Actions":[]}}"#
        ),
    ))
}

#[test]
fn the_metadata_answers_what_may_be_written() {
    let rig = environment(|url| {
        if url.ends_with("('SalesOrderLine')") {
            entity("false", "SalesDeliverNow", "false")
        } else if url.ends_with("('SalesOrderHeaderV2')") {
            entity("\"No\"", "SalesOrderPoolId", "\"Yes\"")
        } else if url.contains("Tracking") {
            entity("true", "TrackingURL", "true")
        } else {
            entity("false", "Notes", "true")
        }
    });
    let found = ask(&rig).unwrap();
    assert_eq!(found.deliver_now_edit, Some(false));
    assert_eq!((found.pool_edit, found.carrier_edit), (Some(true), None));
    assert_eq!((found.tracking_insert, found.note_write), (Some(false), Some(true)));
    rig.assert_balanced(1);
}

#[test]
fn an_environment_that_does_not_say_leaves_everything_open() {
    for answer in [json(404, ""), html(403), json(400, ""), html(200)] {
        let rig = environment(move |_| Ok(answer.clone()));
        assert_eq!(ask(&rig), Ok(Capabilities::default()));
    }
}

#[test]
fn a_second_name_is_tried_and_trouble_is_told() {
    let rig = environment(|url| match url.ends_with("('SalesPackingSlipTrackingInformation')") {
        true => entity("false", "x", "true"),
        false => Ok(json(404, "")),
    });
    assert_eq!(ask(&rig).unwrap().tracking_insert, Some(true));
    let rig = environment(|_| Ok(html(503)));
    assert!(matches!(ask(&rig), Err(CallError::Unavailable { .. })));
    let rig = environment(|_| Ok(json(429, "")));
    assert!(matches!(ask(&rig), Err(CallError::Throttled { .. })));
}

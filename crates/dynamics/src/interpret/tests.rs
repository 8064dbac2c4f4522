use super::*;
use crate::batch;
use crate::testing::{self, NOW, change_set, html, infolog, json, part, part_with, reply};
use domain::time::Span;

const ONE_PATCH: &[Expect] = &[Expect::Patch];
const ONE_INSERT: &[Expect] = &[Expect::Insert];
const NO_ROUTE: &str =
    r#"{"Message":"No HTTP resource was found that matches the request URI 'x'."}"#;

fn parsed(response: &Response) -> Batch {
    batch::read(response.header("content-type").unwrap(), &response.body).unwrap()
}

fn judge(text: String, expected: &[Expect], on_exists: OnExists) -> WriteReply {
    let batch = parsed(&testing::batch(&[text]));
    write_parts(&batch, &[(expected.to_vec(), on_exists)], NOW).remove(0)
}

fn patch(text: String) -> WriteReply {
    judge(text, ONE_PATCH, OnExists::ReadAgain)
}

fn insert(text: String) -> WriteReply {
    judge(text, ONE_INSERT, OnExists::AlreadyDone)
}

fn name(reply: &WriteReply) -> String {
    format!("{reply:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
}

#[test]
fn only_known_successes_are_done() {
    assert_eq!(patch(change_set(&[part(204, "")])), WriteReply::Done);
    assert_eq!(patch(change_set(&[part(200, "{\"a\":1}")])), WriteReply::Done);
    assert_eq!(insert(change_set(&[part(201, "{\"a\":1}")])), WriteReply::Done);
    assert_eq!(insert(change_set(&[part(204, "")])), WriteReply::Done);
    for strange in [
        change_set(&[part(200, "")]),
        change_set(&[part(204, "{\"a\":1}")]),
        change_set(&[part(202, "")]),
        change_set(&[part(201, "{\"a\":")]),
        change_set(&[part(201, "<html>")]),
        change_set(&[part(201, "")]),
        change_set(&[part(201, "[]")]),
        change_set(&[part(302, "")]),
        change_set(&[]),
        change_set(&[part(204, ""), part(204, "")]),
        part(204, ""),
        part(200, "{}"),
        "Content-Type: text/plain\r\n\r\nok".to_owned(),
    ] {
        assert_eq!(name(&insert(strange.clone())), "InDoubt", "{strange}");
    }
    assert_eq!(name(&insert(change_set(&[part(200, "{}")]))), "InDoubt", "200 is no insert");
}

#[test]
fn a_failed_change_set_is_judged_by_its_one_reply() {
    for (status, body, expected) in [
        (500, infolog("Error: Quantity must not exceed the remainder."), "Refused"),
        (400, infolog("Error: Quantity must not exceed the remainder."), "Refused"),
        (500, infolog("An update conflict occurred due to another user process"), "Stale"),
        (500, infolog("the record is locked by another user"), "Locked"),
        (500, infolog("deadlock"), "Locked"),
        (500, infolog("The record already exists."), "Stale"),
        (412, String::new(), "Stale"),
        (412, infolog("x"), "Stale"),
        (404, String::new(), "Stale"),
        (404, infolog("not found"), "Stale"),
        (404, r#"{"error":{"code":"","message":"Resource not found."}}"#.to_owned(), "Stale"),
        (404, NO_ROUTE.to_owned(), "Refused"),
        (400, String::new(), "Refused"),
        (
            400,
            r#"{"error":{"code":"","message":"The property 'X' does not exist"}}"#.to_owned(),
            "Refused",
        ),
        (401, String::new(), "NoAccess"),
        (403, String::new(), "NoAccess"),
        (429, String::new(), "Throttled"),
        (500, r#"{"error":{"code":"","message":"An error has occurred."}}"#.to_owned(), "InDoubt"),
        (500, String::new(), "InDoubt"),
        (500, "{\"error\":{\"innererror\":{\"mess".to_owned(), "InDoubt"),
        (408, String::new(), "InDoubt"),
        (502, "<html>".to_owned(), "InDoubt"),
        (503, String::new(), "InDoubt"),
        (504, String::new(), "InDoubt"),
    ] {
        assert_eq!(name(&patch(part(status, &body))), expected, "{status} {body}");
    }
    let page = part_with(404, &[("Content-Type", "text/html")], "<html>");
    assert_eq!(name(&patch(page)), "InDoubt", "HTML is not F&O's own word");
}

#[test]
fn already_exists_is_done_only_where_the_key_holds_the_whole_effect() {
    let exists = part(500, &infolog("Error: Cannot create a record. The record already exists."));
    assert_eq!(insert(exists.clone()), WriteReply::AlreadyDone);
    assert_eq!(name(&judge(exists, ONE_INSERT, OnExists::ReadAgain)), "Stale");
}

#[test]
fn a_failure_inside_a_change_set_stands_for_all_of_it() {
    let text = change_set(&[part(204, ""), part(412, "")]);
    let reply = judge(text, &[Expect::Patch, Expect::Patch], OnExists::ReadAgain);
    assert_eq!(name(&reply), "Stale");
}

#[test]
fn the_servers_time_is_handed_on() {
    let text = part_with(429, &[("Retry-After", "17")], "");
    assert_eq!(patch(text), WriteReply::Throttled { after: Some(Span::seconds(17)) });
    let outer = reply(429, &[("retry-after", "9")], "");
    assert_eq!(read_error(&outer, NOW), CallError::Throttled { after: Some(Span::seconds(9)) });
    assert_eq!(read_error(&reply(429, &[], ""), NOW), CallError::Throttled { after: None });
}

fn three(response: &Response) -> Vec<String> {
    let wanted = vec![(ONE_PATCH.to_vec(), OnExists::ReadAgain); 3];
    write_parts(&parsed(response), &wanted, NOW).iter().map(name).collect()
}

#[test]
fn missing_parts_are_in_doubt_and_never_shift_the_others() {
    let ok = change_set(&[part(204, "")]);
    let bad = part(500, &infolog("Error: no"));
    let all = testing::batch(&[ok.clone(), bad.clone(), ok.clone()]);
    assert_eq!(three(&all), ["Done", "Refused", "Done"]);
    let stopped = testing::batch(&[ok.clone(), bad.clone()]);
    assert_eq!(three(&stopped), ["Done", "Refused", "InDoubt"]);
    let short = testing::batch(&[ok.clone(), ok.clone()]);
    assert_eq!(three(&short), ["InDoubt", "InDoubt", "InDoubt"]);
    let long = testing::batch(&[ok.clone(), ok.clone(), ok.clone(), ok.clone()]);
    assert_eq!(three(&long), ["InDoubt", "InDoubt", "InDoubt"]);
    let mut cut = testing::batch(&[ok.clone(), bad, ok]);
    cut.body = cut.body.slice(..cut.body.len() - 60);
    assert_eq!(three(&cut), ["Done", "Refused", "InDoubt"]);
    cut.body = cut.body.slice(..100);
    assert_eq!(three(&cut), ["InDoubt", "InDoubt", "InDoubt"]);
    assert_eq!(three(&testing::batch(&[])), ["InDoubt", "InDoubt", "InDoubt"]);
}

#[test]
fn a_change_set_cut_inside_is_in_doubt() {
    let text = change_set(&[part(204, "")]).replace("--changesetresponse_1--", "");
    assert_eq!(name(&patch(text)), "InDoubt");
}

#[test]
fn a_write_without_a_batch_reply_is_in_doubt_unless_it_was_surely_not_carried_out() {
    let lost = |why: &str| why.to_owned();
    for (failure, expected) in [
        (Failure::Transport(TransportError::NotSent { why: lost("refused") }), "Later"),
        (Failure::Transport(TransportError::Lost { why: lost("time-out") }), "InDoubt"),
        (Failure::Transport(TransportError::TooLarge { limit: 1 }), "InDoubt"),
        (Failure::Transport(TransportError::Crashed), "Crashed"),
        (Failure::Reply(html(502)), "InDoubt"),
        (Failure::Reply(html(404)), "InDoubt"),
        (Failure::Reply(html(200)), "InDoubt"),
        (Failure::Reply(json(200, "{}")), "InDoubt"),
        (Failure::Reply(json(500, &infolog("x"))), "InDoubt"),
        (Failure::Reply(json(503, "")), "InDoubt"),
        (Failure::Reply(json(400, &infolog("bad batch"))), "Refused"),
        (Failure::Reply(json(400, "")), "InDoubt"),
        (Failure::Reply(json(404, NO_ROUTE)), "Refused"),
        (Failure::Reply(json(401, "")), "NoAccess"),
        (Failure::Reply(json(403, "")), "NoAccess"),
        (Failure::Reply(json(429, "")), "Throttled"),
        (Failure::Before(CallError::Unavailable { why: lost("x") }), "Later"),
        (Failure::Before(CallError::NoAccess { status: 401, why: lost("x") }), "NoAccess"),
        (Failure::Before(CallError::Throttled { after: None }), "Throttled"),
        (Failure::Before(CallError::Crashed), "Crashed"),
    ] {
        let shown = format!("{failure:?}");
        assert_eq!(name(&write_failure(failure, NOW)), expected, "{shown}");
    }
}

#[test]
fn reads_tell_later_from_never_from_no_access() {
    let kind = |response: &Response| {
        format!("{:?}", read_error(response, NOW))
            .split([' ', '{'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    for (response, expected) in [
        (html(502), "Unavailable"),
        (html(503), "Unavailable"),
        (html(200), "Malformed"),
        (json(500, &infolog("x")), "Unavailable"),
        (json(408, ""), "Unavailable"),
        (json(400, ""), "Refused"),
        (json(404, NO_ROUTE), "Refused"),
        (html(404), "Refused"),
        (json(401, ""), "NoAccess"),
        (html(403), "NoAccess"),
        (json(204, ""), "Malformed"),
    ] {
        assert_eq!(kind(&response), expected, "{response:?}");
    }
}

#[test]
fn a_missing_or_odd_part_of_a_read_is_unavailable() {
    let batch = parsed(&testing::batch(&[change_set(&[]), part(200, "{}")]));
    assert!(matches!(read_part(batch.parts.first(), NOW), Err(CallError::Unavailable { .. })));
    assert!(read_part(batch.parts.get(1), NOW).is_ok());
    assert!(matches!(read_part(batch.parts.get(2), NOW), Err(CallError::Unavailable { .. })));
}

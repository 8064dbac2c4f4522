use super::*;
use crate::testing::{Rig, TOKEN, html, json, reply, run};

const START: Timestamp = crate::testing::NOW;

fn rig() -> Rig {
    Rig::new(|_| Ok(json(200, "{}")))
}

fn bearer(rig: &Rig, tokens: &Tokens, now: Timestamp) -> Result<String, CallError> {
    run(tokens.bearer(&*rig.script, now))
}

fn tokens() -> Tokens {
    let text = |s: &str| s.to_owned();
    Tokens::new(
        text("https://login/t"),
        text("id"),
        text("https://h/.default"),
        ClientSecret::new("s&= +ä").into(),
    )
}

#[test]
fn the_form_is_encoded_and_the_token_is_kept_until_five_minutes_before_its_end() {
    let (rig, tokens) = (rig(), tokens());
    assert_eq!(bearer(&rig, &tokens, START).unwrap(), "Bearer abc");
    bearer(&rig, &tokens, START + Span::seconds(3_298)).unwrap();
    assert_eq!(rig.labels().len(), 1);
    bearer(&rig, &tokens, START + Span::seconds(3_299)).unwrap();
    assert_eq!(rig.labels().len(), 2);
    assert_eq!(
        rig.bodies("dynamics.token")[0],
        "grant_type=client_credentials&client_id=id&client_secret=s%26%3D%20%2B%C3%A4&scope=https%3A%2F%2Fh%2F%2Edefault"
    );
}

#[test]
fn many_callers_share_one_fetch() {
    let (rig, tokens) = (rig(), tokens());
    let all = (0..8).map(|_| tokens.bearer(&*rig.script, START));
    let found: Vec<_> = run(futures::future::join_all(all));
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(rig.labels().len(), 1);
}

#[test]
fn an_early_renewal_that_fails_leaves_the_old_token_in_use_until_it_ends() {
    let rig = rig().token(Ok(json(200, TOKEN))).token(Ok(html(503))).token(Ok(html(503)));
    let tokens = tokens();
    bearer(&rig, &tokens, START).unwrap();
    assert!(bearer(&rig, &tokens, START + Span::seconds(3_400)).is_ok());
    let late = bearer(&rig, &tokens, START + Span::seconds(3_599));
    assert!(matches!(late, Err(CallError::Unavailable { .. })));
}

#[test]
fn forgetting_an_old_token_keeps_a_newer_one() {
    let (rig, tokens) = (rig(), tokens());
    let held = bearer(&rig, &tokens, START).unwrap();
    run(tokens.forget("Bearer older"));
    bearer(&rig, &tokens, START).unwrap();
    assert_eq!(rig.labels().len(), 1);
    run(tokens.forget(&held));
    bearer(&rig, &tokens, START).unwrap();
    assert_eq!(rig.labels().len(), 2);
}

#[test]
fn a_refusal_names_the_code_and_the_fix_and_not_the_description() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided for app 'hush'.","error_codes":[7000215]}"#;
    let rig = rig().token(Ok(json(401, body)));
    let Err(CallError::NoAccess { status: 401, why }) = bearer(&rig, &tokens(), START) else {
        panic!()
    };
    assert!(why.contains("AADSTS7000215") && why.contains("secret"), "{why}");
    assert!(!why.contains("hush"));
}

#[test]
fn answers_of_the_token_address_are_told_apart() {
    let later = |e: &CallError| matches!(e, CallError::Unavailable { .. });
    let person = |e: &CallError| matches!(e, CallError::NoAccess { .. });
    let strange = |e: &CallError| matches!(e, CallError::Malformed { .. });
    type Check<'a> = &'a dyn Fn(&CallError) -> bool;
    let table: Vec<(Result<Response, TransportError>, Check<'_>)> = vec![
        (Ok(html(502)), &later),
        (Ok(html(403)), &later),
        (Ok(json(400, r#"{"error":"temporarily_unavailable","error_codes":[90033]}"#)), &later),
        (Ok(json(500, r#"{"error":"server_error"}"#)), &later),
        (
            Ok(json(
                400,
                r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired"}"#,
            )),
            &person,
        ),
        (Ok(html(404)), &person),
        (Ok(html(200)), &strange),
        (Ok(json(200, r#"{"access_token":"","expires_in":3599}"#)), &strange),
        (Ok(json(200, r#"{"access_token":"a\r\nx: y","expires_in":3599}"#)), &strange),
        (Ok(json(200, r#"{"access_token":"a","expires_in":0}"#)), &strange),
        (Ok(json(200, r#"{"access_token":"a"}"#)), &strange),
        (Err(TransportError::Lost { why: "cut".to_owned() }), &later),
        (Err(TransportError::NotSent { why: "dns".to_owned() }), &later),
        (Err(TransportError::Crashed), &|e| *e == CallError::Crashed),
        (Ok(reply(429, &[("retry-after", "4")], "")), &|e| {
            *e == CallError::Throttled { after: Some(Span::seconds(4)) }
        }),
    ];
    for (answer, check) in table {
        let shown = format!("{answer:?}");
        let error = bearer(&rig().token(answer), &tokens(), START).unwrap_err();
        assert!(check(&error), "{shown} → {error:?}");
    }
}

#[test]
fn the_older_form_with_a_text_lifetime_is_understood() {
    let rig = rig().token(Ok(json(200, r#"{"access_token":"a","expires_in":"60","more":1}"#)));
    let tokens = tokens();
    bearer(&rig, &tokens, START).unwrap();
    bearer(&rig, &tokens, START + Span::seconds(29)).unwrap();
    assert_eq!(rig.labels().len(), 1, "a short token is renewed at half its life");
}

#[test]
fn the_time_entra_asks_for_is_never_undercut() {
    let wait = Ok(reply(429, &[("retry-after", "20")], ""));
    let rig = rig().token(Ok(json(200, TOKEN))).token(wait);
    let tokens = tokens();
    let early = START + Span::seconds(3_400);
    bearer(&rig, &tokens, START).unwrap();
    assert!(bearer(&rig, &tokens, early).is_ok(), "the old token still works");
    assert!(bearer(&rig, &tokens, early + Span::seconds(19)).is_ok());
    assert_eq!(rig.labels().len(), 2);
    run(tokens.forget("Bearer abc"));
    let closed = bearer(&rig, &tokens, early + Span::seconds(19));
    assert_eq!(closed, Err(CallError::Throttled { after: Some(Span::seconds(1)) }));
    let probed = run(tokens.probe(&*rig.script, early + Span::seconds(19)));
    assert_eq!(probed, Err(CallError::Throttled { after: Some(Span::seconds(1)) }));
    assert_eq!(rig.labels().len(), 2, "the doctor waits like everybody");
    assert_eq!(rig.labels().len(), 2);
    bearer(&rig, &tokens, early + Span::seconds(20)).unwrap();
    assert_eq!(rig.labels().len(), 3);
}

//! The app: what the address says, what is sent, and what each answer means.

use super::*;
use crate::oauth::{App, AppConfig, ComeBack, GrantError, Marks};
use zeroize::Zeroizing;

fn app(replies: Vec<Reply>, pkce: bool) -> (App, Arc<Script>) {
    let script = Arc::new(Script { replies: Mutex::new(replies.into()), ..Script::default() });
    let config = AppConfig {
        auth: "https://auth.example/".to_owned(),
        client_id: "id".to_owned(),
        client_secret: Zeroizing::new("hush&".to_owned()),
        redirect_uri: "https://here/back".to_owned(),
        integration_name: "F&O connector".to_owned(),
        scope: "orders_read offline_access".to_owned(),
        pkce,
        user_agent: "test/1".to_owned(),
    };
    (App::new(Arc::<Script>::clone(&script), config), script)
}

const MARKS: Marks<'_> =
    Marks { state: "st", nonce: "no", verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" };

fn bodies(script: &Script) -> Vec<String> {
    let seen = script.seen.lock().unwrap();
    seen.iter().map(|r| String::from_utf8(r.body.to_vec()).unwrap()).collect()
}

#[test]
fn the_address_holds_everything_shipbob_asks_for_and_the_proof_only_where_it_is_accepted() {
    let url = app(vec![], true).0.authorize_url(&MARKS, ComeBack::Form);
    // The challenge is the example of RFC 7636, appendix B.
    assert_eq!(
        url,
        "https://auth.example/connect/authorize?client_id=id&redirect_uri=https%3A%2F%2Fhere%2Fback&response_type=code&response_mode=form_post&scope=orders_read%20offline_access&state=st&nonce=no&integration_name=F%26O%20connector&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
    );
    let plain = app(vec![], false).0.authorize_url(&MARKS, ComeBack::Query);
    assert!(!plain.contains("challenge") && plain.contains("response_mode=query"), "{plain}");
}

#[tokio::test]
async fn a_grant_is_read_with_its_nonce_and_the_credentials_go_in_the_body() {
    // {"nonce":"no"}
    let body = r#"{"access_token":"a","expires_in":3600,"token_type":"Bearer","refresh_token":"r","id_token":"h.eyJub25jZSI6Im5vIn0.s","scope":"orders_read"}"#;
    let (app, script) =
        app(vec![json(200, body), json(200, r#"{"access_token":"b","expires_in":60}"#)], true);
    let grant = app.exchange("c", "v").await.ok().unwrap();
    assert_eq!((grant.access.expose(), grant.refresh.unwrap().as_str()), ("a", "r"));
    assert_eq!(
        (grant.nonce.as_deref(), grant.life),
        (Some("no"), domain::time::Span::seconds(3_600))
    );
    let next = app.refresh("r").await.ok().unwrap();
    assert!(next.refresh.is_none(), "without a new refresh token the old one stays");
    let secret = "client_id=id&client_secret=hush%26";
    assert_eq!(
        bodies(&script),
        [
            format!(
                "grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fhere%2Fback&code_verifier=v&{secret}"
            ),
            format!("grant_type=refresh_token&refresh_token=r&{secret}"),
        ]
    );
}

#[tokio::test]
async fn answers_of_the_token_address_are_told_apart() {
    let doubt = |e: &GrantError| matches!(e, GrantError::InDoubt { .. });
    let refused = |e: &GrantError| matches!(e, GrantError::Refused { .. });
    type Check<'a> = &'a dyn Fn(&GrantError) -> bool;
    let table: Vec<(Reply, Check<'_>)> = vec![
        (json(400, r#"{"error":"invalid_grant"}"#), &|e| *e == GrantError::Spent),
        (json(400, r#"{"error":"invalid_client","hush":"s3cret"}"#), &refused),
        (json(404, "<html>"), &refused),
        (json(400, "<html>"), &doubt),
        (json(200, "<html>"), &doubt),
        (json(200, r#"{"access_token":"a\nb"}"#), &doubt),
        (json(502, "<html>"), &doubt),
        (lost(), &doubt),
        (not_sent(), &|e| matches!(e, GrantError::NotSent { .. })),
        (with_header(json(429, ""), "retry-after", "7"), &|e| {
            *e == GrantError::Throttled { after: Some(domain::time::Span::seconds(7)) }
        }),
    ];
    for (reply, check) in table {
        let error = app(vec![reply.clone()], true).0.refresh("r").await.err().unwrap();
        assert!(check(&error), "{reply:?} became {error:?}");
        assert!(!error.to_string().contains("s3cret"));
    }
}

#[tokio::test]
async fn a_token_that_is_replaced_is_used_by_the_next_call() {
    let (client, script) = client(vec![json(200, "[]"), json(200, "[]")]);
    let _ = client.subscriptions().await;
    client.use_token(Token::new("newer"));
    let _ = client.subscriptions().await;
    let seen = script.seen.lock().unwrap();
    let sent: Vec<&str> = seen
        .iter()
        .flat_map(|r| &r.headers)
        .filter(|(name, _)| name == "authorization")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(sent, ["Bearer s3cret", "Bearer newer"]);
}

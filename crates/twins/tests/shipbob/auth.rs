//! The auth host: what a browser sees, what the token address grants, and what it refuses.

use base64::Engine as _;
use futures::executor::block_on;
use http::Request;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use twins::{Tenant, TwinConfig, Twins, effect};

use crate::harness::{Client, HOUR, MINUTE, SECOND, config};

const BACK: &str = "https%3A%2F%2Fconnector.example%2Fconnect%2Fshipbob%2Fcallback";
const SCOPE: &str = "offline_access%20openid%20orders_read%20orders_write%20channels_read";

struct Page {
    status: u16,
    location: String,
    body: String,
}

impl Page {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

fn ask(twins: &Twins, method: &str, uri: &str, form: &str) -> Page {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(form.to_owned()))
        .unwrap();
    block_on(async {
        let reply = twins.shipbob_auth().oneshot(request).await.unwrap();
        let status = reply.status().as_u16();
        let location = reply.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
        let bytes = axum::body::to_bytes(reply.into_body(), usize::MAX).await.unwrap();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Page { status, location: location.unwrap_or_default(), body }
    })
}

fn world(tenant: &str) -> Twins {
    let tenant = Tenant::named(tenant).unwrap();
    Twins::new(TwinConfig { oauth: true, tenant, ..config() })
}

fn address(twins: &Twins, more: &str) -> String {
    let app = twins.credentials().app_id;
    format!(
        "/connect/authorize?client_id={app}&redirect_uri={BACK}&scope={SCOPE}&state=st&nonce=no&response_type=code&{more}"
    )
}

fn code(twins: &Twins, more: &str) -> String {
    let uri = address(twins, &format!("response_mode=query&integration_name=Ours&{more}"));
    let back = ask(twins, "POST", &uri, "decision=approve").location;
    let (_, rest) = back.split_once("code=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}

fn token(twins: &Twins, fields: &str) -> Page {
    let at = twins.credentials();
    let form = format!("{fields}&client_id={}&client_secret={}", at.app_id, at.app_secret);
    ask(twins, "POST", "/connect/token", &form)
}

fn by_code(twins: &Twins, code: &str) -> Page {
    token(twins, &format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}"))
}

fn refresh(twins: &Twins, text: &str) -> Page {
    token(twins, &format!("grant_type=refresh_token&refresh_token={text}"))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[test]
fn the_page_names_what_is_asked_and_leads_back_as_asked() {
    let twins = world("standard");
    let page =
        ask(&twins, "GET", &address(&twins, "response_mode=form_post&integration_name=Ours"), "");
    assert!(page.body.contains("Approve") && page.body.contains("orders_write"), "{}", page.body);
    let unnamed =
        ask(&twins, "POST", &address(&twins, "response_mode=form_post"), "decision=approve");
    assert!(unnamed.body.contains("name=\"integration_name\""), "without a name it asks for one");
    let form = ask(
        &twins,
        "POST",
        &address(&twins, "response_mode=form_post&integration_name=Ours"),
        "decision=approve",
    );
    assert!(
        form.body.contains("name=\"code\"") && form.body.contains("value=\"st\""),
        "{}",
        form.body
    );
    let plain = ask(&twins, "POST", &address(&twins, "integration_name=Ours"), "decision=approve");
    assert!(
        plain.location.contains("#code="),
        "a fragment unless told otherwise: {}",
        plain.location
    );
    let denied = ask(
        &twins,
        "POST",
        &address(&twins, "response_mode=query&integration_name=Ours"),
        "decision=deny",
    );
    assert!(denied.location.ends_with("?error=access_denied&state=st"), "{}", denied.location);
}

#[test]
fn strangers_and_unknown_addresses_are_refused() {
    let twins = world("standard");
    let good = address(&twins, "integration_name=Ours");
    for bad in [
        good.replace("client_id=app", "client_id=other"),
        good.replace("connector.example", "evil.example"),
        good.replace(SCOPE, ""),
    ] {
        assert_eq!(ask(&twins, "GET", &bad, "").status, 400, "{bad}");
    }
    let wrong = ask(
        &twins,
        "POST",
        "/connect/token",
        "grant_type=refresh_token&client_id=x&client_secret=y",
    );
    assert_eq!((wrong.status, text(&wrong.json(), "error")), (400, "invalid_client"));
}

#[test]
fn a_code_works_once_and_for_two_minutes() {
    let twins = world("standard");
    let one = code(&twins, "");
    let granted = by_code(&twins, &one);
    assert_eq!(granted.status, 200, "{}", granted.body);
    let id = text(&granted.json(), "id_token").split('.').nth(1).unwrap().to_owned();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(id).unwrap();
    assert!(String::from_utf8(claims).unwrap().contains("\"nonce\":\"no\""));
    assert_eq!(text(&by_code(&twins, &one).json(), "error"), "invalid_grant");
    let late = code(&twins, "");
    twins.advance(twins.now() + 2 * MINUTE);
    assert_eq!(by_code(&twins, &late).status, 400);
}

#[test]
fn where_a_challenge_was_given_the_verifier_must_fit() {
    let twins = world("standard");
    let digest = Sha256::digest(b"the verifier");
    let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest);
    let proof = format!("code_challenge={challenge}&code_challenge_method=S256");
    assert_eq!(by_code(&twins, &code(&twins, &proof)).status, 400);
    let right = format!("{}&code_verifier=the%20verifier", code(&twins, &proof));
    assert_eq!(by_code(&twins, &right).status, 200);
}

#[test]
fn a_spent_refresh_token_is_refused_and_recorded() {
    let twins = world("standard");
    let first = by_code(&twins, &code(&twins, "")).json();
    let second = refresh(&twins, text(&first, "refresh_token"));
    assert_eq!(second.status, 200);
    assert_eq!(
        text(&refresh(&twins, text(&first, "refresh_token")).json(), "error"),
        "invalid_grant"
    );
    let ledger = twins.ledger();
    assert_eq!(ledger.of(effect::REFRESH_REUSED).count(), 1);
    assert_eq!(ledger.of(effect::TOKEN_REFRESHED).count(), 1);
    assert_eq!(
        refresh(&twins, text(&second.json(), "refresh_token")).status,
        200,
        "the new one works"
    );
}

#[test]
fn in_its_profile_a_spent_refresh_token_works_for_another_minute() {
    let twins = world("refresh-grace");
    let first = by_code(&twins, &code(&twins, "")).json();
    assert_eq!(refresh(&twins, text(&first, "refresh_token")).status, 200);
    twins.advance(twins.now() + 59 * SECOND);
    assert_eq!(refresh(&twins, text(&first, "refresh_token")).status, 200);
    twins.advance(twins.now() + SECOND);
    assert_eq!(refresh(&twins, text(&first, "refresh_token")).status, 400);
}

#[test]
fn an_access_token_works_for_an_hour_as_the_channel_of_its_app_and_not_once_the_app_is_removed() {
    let twins = world("standard");
    let pat = twins.credentials().pat;
    let granted = by_code(&twins, &code(&twins, "")).json();
    let access = text(&granted, "access_token").to_owned();
    let mut client = Client { twins: twins.clone(), token: access, channel: None };
    let channels = client.get("channel").json();
    let named = channels["items"].as_array().unwrap().iter().find(|c| c["name"] == "Ours").unwrap();
    assert_eq!(named["id"], twins.credentials().channel_id);
    assert_eq!(client.get("webhook").status, 403, "a scope nobody granted");
    twins.advance(twins.now() + HOUR - SECOND);
    assert_eq!(client.get("channel").status, 200);
    twins.advance(twins.now() + SECOND);
    assert_eq!(client.get("channel").status, 401);
    client.token = pat;
    assert_eq!(client.get("channel").status, 401, "this merchant has no personal access token");
    twins.remove_apps();
    assert_eq!(refresh(&twins, text(&granted, "refresh_token")).status, 400);
}

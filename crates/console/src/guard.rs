//! What stands before every request: headers that keep foreign code out, the question who it is,
//! and the refusal of writes that another site started.

use crate::access::{Brake, Person, Reach};
use crate::pages::error::bare;
use crate::state::{App, Inner};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::net::SocketAddr;

/// Only our own files; no inline script or style; no framing.
const POLICY: &str = "default-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// Sets the headers that every answer carries.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Lets people with a session through to the rooms; others go to the login page. A link with
/// `?token=` opens a session once and drops the token from the address.
pub(crate) async fn pages(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if unsafe_method(request.method()) && !same_origin(request.headers()) {
        return foreign();
    }
    if let Some(person) = session(&app, request.headers()) {
        request.extensions_mut().insert(person);
        return next.run(request).await;
    }
    if let Some(token) = token_of(request.uri().query().unwrap_or_default())
        && request.method() == Method::GET
    {
        let caller = caller(&request);
        return match try_token(&app, &caller, &token) {
            Ok(reach) => {
                let cookie = open_session(&app, "operator", reach);
                let to = request.uri().path().to_owned();
                ([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response()
            }
            Err(refused) => refused.page(),
        };
    }
    if unsafe_method(request.method()) {
        return bare(
            StatusCode::UNAUTHORIZED,
            "Your login has ended",
            "Nothing was changed by this click.",
            "Log in again, then repeat it.",
        );
    }
    let here = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let here = percent_encoding::utf8_percent_encode(here, percent_encoding::NON_ALPHANUMERIC);
    Redirect::to(&format!("/login?next={here}")).into_response()
}

/// Lets bearers of the access token and people with a session through to the API.
pub(crate) async fn api(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let person = match bearer(request.headers()) {
        Some(token) => match try_token(&app, &caller(&request), token) {
            Ok(reach) if !reach.covers(&app.given.place.organisation) => {
                return Refused::Wrong.json();
            }
            Ok(reach) => {
                Person { name: api_name(request.headers()), form_token: String::new(), reach }
            }
            Err(refused) => return refused.json(),
        },
        None => match session(&app, request.headers()) {
            Some(person) => person,
            None => return Refused::Wrong.json(),
        },
    };
    let with_session = !person.form_token.is_empty();
    if with_session && unsafe_method(request.method()) {
        let given = request.headers().get("x-form-token").and_then(|v| v.to_str().ok());
        if given != Some(person.form_token.as_str()) || !same_origin(request.headers()) {
            return crate::api::problem(
                StatusCode::FORBIDDEN,
                "form-token",
                "a session may write only with the header x-form-token of its page; \
                 programs use the access token as bearer token",
            );
        }
    }
    request.extensions_mut().insert(person);
    next.run(request).await
}

/// Who acts, for the trail: programs may name the person they act for.
fn api_name(headers: &HeaderMap) -> String {
    let given = headers.get("x-person").and_then(|v| std::str::from_utf8(v.as_bytes()).ok());
    let named = given.and_then(name);
    named.unwrap_or_else(|| "api".to_owned())
}

/// A person's name as it may stand in the trail: trimmed, printable, at most 60 characters.
pub(crate) fn name(given: &str) -> Option<String> {
    let clean: String = given.chars().filter(|c| !c.is_control()).take(60).collect();
    let clean = clean.trim();
    // A person cannot take the name of a part of the product.
    let ours = !clean.is_empty() && crate::order_view::is_person(clean);
    ours.then(|| clean.to_owned())
}

fn unsafe_method(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Did our own page start this? Browsers say so; programs that say nothing have no cookies.
pub(crate) fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host))
        }
        (Some(_), None) => false,
        (None, _) => true,
    }
}

pub(crate) fn foreign() -> Response {
    bare(
        StatusCode::FORBIDDEN,
        "This request came from another site",
        "Nothing was changed.",
        "Open the console itself and repeat it there. Behind a proxy, pass the Host header on.",
    )
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The bearer of the token, for pages that are open to programs.
pub(crate) fn has_token(app: &Inner, request: &Request) -> bool {
    // Numbers over all organisations are for those who may see all of them.
    let whole = |reach: &Reach| app.within(reach).count() == app.house().len();
    bearer(request.headers())
        .is_some_and(|token| try_token(app, &caller(request), token).is_ok_and(|r| whole(&r)))
        || session(app, request.headers()).is_some_and(|person| whole(&person.reach))
}

fn token_of(query: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("token="))?;
    percent_encoding::percent_decode_str(value).decode_utf8().ok().map(Into::into)
}

/// Address of the caller, as far as the server told us.
pub(crate) fn caller(request: &Request) -> String {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    info.map_or_else(|| "unknown".to_owned(), |info| info.0.ip().to_string())
}

/// Why a token does not open the door.
pub(crate) enum Refused {
    Wrong,
    TooOften,
}

impl Refused {
    pub(crate) fn page(&self) -> Response {
        match self {
            Self::Wrong => bare(
                StatusCode::UNAUTHORIZED,
                "This access token is not the right one",
                "Orders go on as before.",
                "Use the link printed when ml-connector started, or log in with its token.",
            ),
            Self::TooOften => bare(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many wrong access tokens",
                "Orders go on as before.",
                "Wait a minute, then try again.",
            ),
        }
    }

    fn json(&self) -> Response {
        match self {
            Self::Wrong => {
                let mut reply = crate::api::problem(
                    StatusCode::UNAUTHORIZED,
                    "access-token",
                    "send the access token: Authorization: Bearer …",
                );
                reply
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                reply
            }
            Self::TooOften => crate::api::problem(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-wrong-tokens",
                "wait a minute, then try again",
            ),
        }
    }
}

/// Checks a token and remembers wrong ones.
pub(crate) fn try_token(app: &Inner, caller: &str, token: &str) -> Result<Reach, Refused> {
    let now = app.now();
    let mut brake: std::sync::MutexGuard<'_, Brake> = app.brake();
    if brake.closed_until(caller, now).is_some() {
        return Err(Refused::TooOften);
    }
    if let Some(reach) = app.given.access.opens(token) {
        return Ok(reach);
    }
    brake.failed(caller, now);
    metrics::counter!("console_login_failures_total").increment(1);
    Err(Refused::Wrong)
}

fn cookie_name(app: &Inner) -> &'static str {
    if app.given.https { "__Host-ml-session" } else { "ml-session" }
}

/// The value of a cookie.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// The person of the session, if there is one.
pub(crate) fn session(app: &Inner, headers: &HeaderMap) -> Option<Person> {
    let secret = cookie(headers, cookie_name(app))?;
    let place = &app.given.place;
    let person = app.sessions().person(&secret, &place.id, app.now())?;
    person.reach.covers(&place.organisation).then_some(person)
}

/// What the session of these headers may see.
pub(crate) fn reach(app: &Inner, headers: &HeaderMap) -> Option<Reach> {
    let secret = cookie(headers, cookie_name(app))?;
    app.sessions().person(&secret, "", app.now()).map(|person| person.reach)
}

/// Opens a session; answers with its cookie.
pub(crate) fn open_session(app: &Inner, name: &str, reach: Reach) -> String {
    let secret = app.random_hex();
    app.sessions().open(&secret, name, reach, app.now());
    let age = crate::access::SESSION_LENGTH.as_seconds();
    let secure = if app.given.https { "; Secure" } else { "" };
    format!("{}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", cookie_name(app))
}

/// Ends the session of these headers; answers with the cookie that removes the cookie.
pub(crate) fn close_session(app: &Inner, headers: &HeaderMap) -> String {
    if let Some(secret) = cookie(headers, cookie_name(app)) {
        app.sessions().close(&secret);
    }
    let secure = if app.given.https { "; Secure" } else { "" };
    format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}", cookie_name(app))
}

//! Coming in, going out, and the theme.

use super::chrome::theme as theme_of;
use super::draw;
use crate::access::Person;
use crate::assets::Assets;
use crate::guard::{self, Refused};
use crate::state::App;
use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::net::SocketAddr;

/// The login page.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage {
    pub(crate) assets: Assets,
    pub(crate) theme: &'static str,
    pub(crate) next: String,
    pub(crate) name: String,
    pub(crate) wrong: Option<&'static str>,
}

#[derive(Deserialize)]
pub(crate) struct Next {
    next: Option<String>,
}

pub(crate) async fn show(headers: HeaderMap, Query(query): Query<Next>) -> Response {
    draw(&LoginPage {
        assets: Assets::addresses(),
        theme: theme_of(guard::cookie(&headers, "ml-theme").as_deref()),
        next: own_path(query.next.as_deref()),
        name: String::new(),
        wrong: None,
    })
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    token: String,
    #[serde(default)]
    name: String,
    next: Option<String>,
}

pub(crate) async fn enter(
    State(app): State<App>,
    caller: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Response {
    if !guard::same_origin(&headers) {
        return guard::foreign();
    }
    let caller = caller.map_or_else(|| "unknown".to_owned(), |info| info.0.0.ip().to_string());
    let next = own_path(form.next.as_deref());
    match guard::try_token(&app, &caller, form.token.trim()) {
        Ok(reach) => {
            let name = guard::name(&form.name).unwrap_or_else(|| "operator".to_owned());
            let cookie = guard::open_session(&app, &name, reach);
            ([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response()
        }
        Err(refused) => {
            let (status, wrong) = match refused {
                Refused::Wrong => (
                    StatusCode::UNAUTHORIZED,
                    "This is not the access token. It was printed when ml-connector started.",
                ),
                Refused::TooOften => (
                    StatusCode::TOO_MANY_REQUESTS,
                    "Too many wrong access tokens. Wait a minute, then try again.",
                ),
            };
            let page = LoginPage {
                assets: Assets::addresses(),
                theme: theme_of(guard::cookie(&headers, "ml-theme").as_deref()),
                next,
                name: form.name.chars().take(60).collect(),
                wrong: Some(wrong),
            };
            (status, draw(&page)).into_response()
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct ThemeForm {
    csrf: String,
    theme: String,
    back: Option<String>,
}

pub(crate) async fn theme(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Form(form): Form<ThemeForm>,
) -> Response {
    if form.csrf != person.form_token {
        return super::error::PageError::BadForm("This form is out of date").into_response();
    }
    let secure = if app.given.https { "; Secure" } else { "" };
    let theme = theme_of(Some(&form.theme));
    let cookie =
        format!("ml-theme={theme}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(&own_path(form.back.as_deref()))).into_response()
}

#[derive(Deserialize)]
pub(crate) struct LeaveForm {
    csrf: String,
}

pub(crate) async fn leave(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    headers: HeaderMap,
    Form(form): Form<LeaveForm>,
) -> Response {
    if form.csrf != person.form_token {
        return super::error::PageError::BadForm("This form is out of date").into_response();
    }
    let cookie = guard::close_session(&app, &headers);
    ([(header::SET_COOKIE, cookie)], Redirect::to("/login")).into_response()
}

/// An address inside this console; anything else becomes the overview.
pub(crate) fn own_path(given: Option<&str>) -> String {
    let path = given.unwrap_or("/");
    let inside = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 2_000
        && !path.contains(|c: char| c == '\\' || c.is_control() || !c.is_ascii());
    if inside { path.to_owned() } else { "/".to_owned() }
}

//! The way into ShipBob: a person begins on the page System, lets the connector in at ShipBob, and
//! the browser comes back here. Begin needs a session; the way back cannot have one (browsers send
//! no cookie with another site's form), it is proved by the state that only a begin hands out.

use crate::access::Person;
use crate::markup;
use crate::pages::chrome::{Chrome, Visit};
use crate::pages::draw;
use crate::pages::error::{PageError, bare};
use crate::state::App;
use askama::Template;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use futures::future::BoxFuture;
use serde::Deserialize;

/// What a browser comes back with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct CameBack {
    /// As begin handed it out.
    pub state: String,
    /// The code; never logged.
    pub code: String,
    /// Or why there is none.
    pub error: String,
}

/// Takes people to ShipBob and back.
pub trait Connector: Send + Sync {
    /// The address `who` is to open, or why there is none.
    fn begin(&self, who: &str) -> BoxFuture<'_, Result<String, String>>;
    /// Takes the answer; the engine exchanges the code. Else why not, and what to do.
    fn come_back(&self, answer: CameBack) -> BoxFuture<'_, Result<(), String>>;
}

/// Routes that need a session.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/connect/shipbob", post(begin))
}

/// Routes a browser comes back to from ShipBob.
pub(crate) fn open_routes() -> Router<App> {
    Router::new().route("/connect/shipbob/callback", get(with_query).post(with_form))
}

/// The page with the way out. A link, because a form may only be sent to ourselves (CSP).
#[derive(Template)]
#[template(path = "connect.html")]
struct ConnectPage {
    c: Chrome,
    url: String,
    host: String,
}

#[derive(Deserialize)]
struct Asked {
    csrf: String,
}

async fn begin(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    visit: Visit,
    Form(form): Form<Asked>,
) -> Result<Response, PageError> {
    if form.csrf != person.form_token {
        return Err(PageError::BadForm("This form is out of date"));
    }
    let Some(connect) = &app.given.connect else {
        return Err(PageError::BadForm("ShipBob is entered with a token here, not with an app"));
    };
    let chrome = visit.chrome("system").await?;
    Ok(match connect.begin(&person.name).await {
        Ok(url) => {
            let host = url.split("://").nth(1).unwrap_or(&url);
            let host = host.split('/').next().unwrap_or(host).to_owned();
            draw(&ConnectPage { c: chrome, url, host })
        }
        Err(why) => not_connected(&why),
    })
}

async fn with_query(State(app): State<App>, Query(answer): Query<CameBack>) -> Response {
    come_back(&app, answer).await
}

async fn with_form(State(app): State<App>, Form(answer): Form<CameBack>) -> Response {
    come_back(&app, answer).await
}

async fn come_back(app: &App, answer: CameBack) -> Response {
    // The browser brings no session: the state says which connection began.
    let mut refused = None;
    for one in app.house() {
        let Some(connect) = &one.connect else { continue };
        match connect.come_back(answer.clone()).await {
            // A fresh page load: the session's cookie goes with it.
            Ok(()) if app.house().len() > 1 => {
                let to = format!("/system?done=connect&connection={}", one.place.id);
                return Redirect::to(&to).into_response();
            }
            Ok(()) => return Redirect::to("/system?done=connect").into_response(),
            Err(why) => refused = Some(why),
        }
    }
    match refused {
        Some(why) => not_connected(&why),
        None => bare(
            StatusCode::NOT_FOUND,
            "There is no such page",
            "Orders go on as before.",
            "Go to the overview.",
        ),
    }
}

fn not_connected(why: &str) -> Response {
    bare(
        StatusCode::BAD_REQUEST,
        "ShipBob was not connected",
        "Nothing was changed. Orders for ShipBob wait until it is connected; nothing is lost.",
        why,
    )
}

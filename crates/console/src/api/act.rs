//! What can be asked. Answers 202: the engine carries it out.

use super::{ApiError, Route, problem};
use crate::access::Person;
use crate::command::Verb;
use crate::pages::Wish;
use crate::pages::error::PageError;
use crate::state::{App, Inner};
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

pub(super) fn table() -> Vec<Route> {
    let act = |path, summary, handler| Route {
        method: "post",
        path,
        summary,
        query: &[],
        body: true,
        handler,
    };
    vec![
        act(
            "/api/v1/orders/{number}/{verb}",
            "Asks something of one order: retry, skip (with `why`), release, dismiss (with `why` and `hold`), run-now, erase (with `why`: its personal data, once nothing of it is open)",
            post(on_order),
        ),
        act(
            "/api/v1/holds/{verb}",
            "Asks the same of every order of a group of holds (`hold` is `cause|field|value`) or of every hold of a `cause`",
            post(on_group),
        ),
        act(
            "/api/v1/flows/{flow}/{verb}",
            "run-now, pause and resume of a flow (orders, products, fulfilment, inventory, billing, returns) or of all; doctor and drift of all",
            post(on_flow),
        ),
        act(
            "/api/v1/stock/{verb}",
            "release (approve), skip (reject, with `why`) or retry of one journal or of adjustments (`hold` is its token); run-now compares stock now",
            post(on_stock),
        ),
        act(
            "/api/v1/reconcile/{day}",
            "Asks both systems for a day (2026-11-24); read what came of it with GET",
            post(on_day),
        ),
    ]
}

/// Body of an action; all of it may be left out where nothing is needed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    why: Option<String>,
    hold: Option<String>,
    /// Instead of `hold`: every hold of this cause.
    cause: Option<String>,
    /// Repeats with the same id are one request; at least 8 letters or digits.
    request_id: Option<String>,
}

#[derive(Serialize)]
struct Accepted {
    asked: &'static str,
    orders: usize,
    request_id: String,
}

fn asked(body: &Bytes) -> Result<Asked, PageError> {
    if body.is_empty() {
        return Ok(Asked::default());
    }
    serde_json::from_slice(body).map_err(|_| {
        PageError::BadForm("the body is JSON with why, hold, cause and request_id, all optional")
    })
}

fn wish(app: &Inner, verb: &str, body: &Bytes) -> Result<Wish, ApiError> {
    let asked = asked(body)?;
    let verb = Verb::parse(verb).ok_or(PageError::BadForm("there is no such action"))?;
    let request_id = asked.request_id.unwrap_or_else(|| app.random_hex());
    // Of a whole cause, which hold is meant is found out order by order.
    let hold = asked.hold.or_else(|| asked.cause.clone());
    Wish::new(verb, asked.why, hold, &request_id)
        .map_err(|what| ApiError::from(PageError::BadForm(what)))
}

fn accepted(wish: &Wish, orders: usize) -> Response {
    let body = Accepted { asked: wish.verb.word(), orders, request_id: wish.request_id.clone() };
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

async fn on_order(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path((number, verb)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let wish = wish(&app, &verb, &body)?;
    if !wish.verb.of_order() {
        return Err(PageError::BadForm("this cannot be asked of an order").into());
    }
    wish.of_order(&app, &person, &number).await?;
    Ok(accepted(&wish, 1))
}

async fn on_group(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path(verb): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let wish = wish(&app, &verb, &body)?;
    if !wish.verb.of_group() {
        return Err(PageError::BadForm("this cannot be asked of many orders").into());
    }
    let asked = match &asked(&body)?.cause {
        Some(cause) => wish.of_cause(&app, &person, cause).await?,
        None => wish.of_group(&app, &person).await?,
    };
    if asked == 0 {
        let message =
            "no open hold has this cause or identity (cause|field|value); read /api/v1/holds";
        return Ok(problem(StatusCode::NOT_FOUND, "no-such-hold", message));
    }
    Ok(accepted(&wish, asked))
}

async fn on_stock(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path(verb): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let wish = wish(&app, &verb, &body)?;
    let target = crate::pages::of_stock(&wish)?;
    app.given.books.command(vec![wish.command(&app, &person, target)]).await?;
    Ok(accepted(&wish, 0))
}

async fn on_flow(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path((flow, verb)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let wish = wish(&app, &verb, &body)?;
    if !wish.verb.of_flow() {
        return Err(PageError::BadForm("this cannot be asked of a flow").into());
    }
    wish.of_flow(&app, &person, &flow).await?;
    Ok(accepted(&wish, 0))
}

async fn on_day(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path(day): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let given = asked(&body)?;
    let day = crate::pages::reconcile::given(&day)?;
    let request_id = given.request_id.unwrap_or_else(|| app.random_hex());
    let wish = crate::pages::reconcile::asked(&person, day, &request_id);
    app.given.books.ask_day(wish, app.now()).await?;
    let body = Accepted { asked: "reconcile", orders: 0, request_id };
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

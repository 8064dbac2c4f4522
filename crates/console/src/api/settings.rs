//! Settings for programs: read, check, preview, apply, put back, carry to another installation.

use super::{ApiError, Route, problem};
use crate::access::Person;
use crate::model::{CheckFacts, PreviewFacts, SettingsFacts, VersionFacts};
use crate::pages::error::PageError;
use crate::pages::settings::{FORM_LIMIT, asked, reason};
use crate::state::{App, Inner};
use axum::Json;
use axum::extract::{DefaultBodyLimit, Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use domain::settings_change::{Complaint, Wish};
use serde::{Deserialize, Serialize};

pub(super) fn table() -> Vec<Route> {
    let read = |path, summary, handler: MethodRouter<App>| Route {
        method: "get",
        path,
        summary,
        query: &[],
        body: false,
        handler,
    };
    let act = |path, summary, handler: MethodRouter<App>| Route {
        method: "post",
        path,
        summary,
        query: &[],
        body: true,
        handler: handler.layer(DefaultBodyLimit::max(FORM_LIMIT)),
    };
    vec![
        read(
            "/api/v1/settings",
            "The settings in force, their versions, and what came of the latest changes",
            get(facts),
        ),
        read(
            "/api/v1/settings/versions/{version}",
            "One version with its document and what differs from the one before",
            get(version),
        ),
        read(
            "/api/v1/settings/export",
            "The version in force as a file for another installation, without secrets and addresses",
            get(export),
        ),
        act(
            "/api/v1/settings/check",
            "Reads `document` and says what is wrong with it, with line and column; changes nothing",
            post(check),
        ),
        act(
            "/api/v1/settings/preview",
            "Which open orders would be planned differently under `document`; changes nothing",
            post(preview),
        ),
        act(
            "/api/v1/settings/apply",
            "Asks for `document` as the next version (with `why`, and `based_on`, the version it was made from)",
            post(apply),
        ),
        act(
            "/api/v1/settings/rollback",
            "Asks for the document of an older `version` as the next version (with `why` and `based_on`)",
            post(rollback),
        ),
        act(
            "/api/v1/settings/import",
            "Asks for the settings of an exported `file` whose [environment] is confirmed (with `why` and `based_on`)",
            post(import),
        ),
    ]
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Body {
    document: Option<String>,
    file: Option<String>,
    version: Option<i64>,
    based_on: Option<i64>,
    why: String,
    request_id: Option<String>,
}

fn body(bytes: &Bytes) -> Result<Body, ApiError> {
    serde_json::from_slice(bytes).map_err(|_| {
        ApiError::from(PageError::BadForm(
            "the body is JSON in UTF-8 with document, file, version, based_on, why and request_id",
        ))
    })
}

fn document(body: &Body) -> Result<&str, ApiError> {
    body.document.as_deref().ok_or(PageError::BadForm("document is missing").into())
}

async fn facts(State(app): State<App>) -> Result<Json<SettingsFacts>, ApiError> {
    Ok(Json(app.given.settings.facts().await?))
}

async fn version(State(app): State<App>, Path(version): Path<i64>) -> Result<Response, ApiError> {
    Ok(match app.given.settings.version(version).await? {
        Some(facts) => Json::<VersionFacts>(facts).into_response(),
        None => problem(
            StatusCode::NOT_FOUND,
            "no-such-version",
            "the settings have no such version; read /api/v1/settings",
        ),
    })
}

#[derive(Serialize)]
struct Exported {
    file: String,
}

async fn export(State(app): State<App>) -> Response {
    match app.given.settings.export().await {
        Ok(file) => Json(Exported { file }).into_response(),
        Err(complaints) => wrong(complaints),
    }
}

/// What is wrong with a document.
fn wrong(complaints: Vec<Complaint>) -> Response {
    let body = CheckFacts { good: false, complaints };
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

async fn check(State(app): State<App>, bytes: Bytes) -> Result<Json<CheckFacts>, ApiError> {
    let body = body(&bytes)?;
    let complaints = app.given.settings.check(document(&body)?);
    Ok(Json(CheckFacts { good: complaints.is_empty(), complaints }))
}

async fn preview(State(app): State<App>, bytes: Bytes) -> Result<Response, ApiError> {
    let body = body(&bytes)?;
    Ok(match app.given.settings.preview(document(&body)?).await {
        Ok(facts) => Json::<PreviewFacts>(facts).into_response(),
        Err(complaints) => wrong(complaints),
    })
}

#[derive(Serialize)]
struct Accepted {
    asked: &'static str,
    orders: usize,
    request_id: String,
}

async fn ask(app: &Inner, person: &Person, body: &Body, wish: Wish) -> Result<Response, ApiError> {
    let why = reason(&body.why).map_err(PageError::BadForm)?;
    let based_on = body.based_on.ok_or(PageError::BadForm(
        "based_on is missing: the version the change was made from, as /api/v1/settings tells it",
    ))?;
    let id = body.request_id.clone().unwrap_or_else(|| app.random_hex());
    let asked = asked(app, person, &id, based_on, why, wish)?;
    let request_id = asked.id.clone();
    app.given.settings.ask(asked).await?;
    let body = Accepted { asked: "settings", orders: 0, request_id };
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

async fn apply(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let body = body(&bytes)?;
    let text = document(&body)?.replace("\r\n", "\n");
    let complaints = app.given.settings.check(&text);
    if !complaints.is_empty() {
        return Ok(wrong(complaints));
    }
    ask(&app, &person, &body, Wish::Document { text }).await
}

async fn rollback(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let body = body(&bytes)?;
    let version = body.version.ok_or(PageError::BadForm("version is missing"))?;
    ask(&app, &person, &body, Wish::Back { version }).await
}

async fn import(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let body = body(&bytes)?;
    let file = body.file.as_deref().ok_or(PageError::BadForm("file is missing"))?;
    let text = match app.given.settings.import(file) {
        Ok(text) => text,
        Err(complaints) => return Ok(wrong(complaints)),
    };
    let complaints = app.given.settings.check(&text);
    if !complaints.is_empty() {
        return Ok(wrong(complaints));
    }
    ask(&app, &person, &body, Wish::Document { text }).await
}

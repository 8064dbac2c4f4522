//! The same rooms for programs: `/api/v1/…`, described by `/api/openapi.json`. Routes and their
//! description come from one table, so that neither can lack what the other has.

mod act;
mod openapi;
mod reads;
mod settings;

use crate::books::BooksError;
use crate::pages::error::PageError;
use crate::state::App;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use serde::Serialize;

/// One route and what is said of it.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    /// Names and explanations of query parameters.
    pub(crate) query: &'static [(&'static str, &'static str)],
    /// Takes a body with a reason and the like.
    pub(crate) body: bool,
    pub(crate) handler: MethodRouter<App>,
}

pub(crate) fn table() -> Vec<Route> {
    let mut routes = reads::table();
    routes.extend(act::table());
    routes.extend(settings::table());
    routes
}

pub(crate) fn routes() -> Router<App> {
    let table = table().into_iter();
    table.fold(Router::new(), |router, route| router.route(route.path, route.handler))
}

pub(crate) fn open_routes() -> Router<App> {
    Router::new().route("/api/openapi.json", get(async || Json(openapi::document(&table()))))
}

/// An error as the API tells it.
#[derive(Serialize)]
struct Problem<'a> {
    error: &'a str,
    message: &'a str,
}

/// Answers with an error: a stable code and a sentence that says what to do.
pub(crate) fn problem(status: StatusCode, error: &str, message: &str) -> Response {
    (status, Json(Problem { error, message })).into_response()
}

/// An error of a read or an action, told as JSON.
pub(crate) struct ApiError(PageError);

impl From<PageError> for ApiError {
    fn from(error: PageError) -> Self {
        Self(error)
    }
}

impl From<BooksError> for ApiError {
    fn from(error: BooksError) -> Self {
        Self(PageError::Books(error))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self.0 {
            PageError::Books(BooksError::Unavailable(why)) => {
                tracing::warn!(why, "the API cannot read");
                problem(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database",
                    "the database does not answer; nothing is lost; try again in a minute",
                )
            }
            PageError::Books(BooksError::Broken(why)) => {
                tracing::error!(why, "the API cannot understand what is stored");
                problem(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "stored-data",
                    "something stored cannot be read; the log names the record",
                )
            }
            PageError::NoSuchOrder(number) => problem(
                StatusCode::NOT_FOUND,
                "no-such-order",
                &format!("{number} has not been seen in Dynamics by this connection"),
            ),
            PageError::BadForm(what) => problem(StatusCode::BAD_REQUEST, "bad-request", what),
        }
    }
}

//! Pages for when something is wrong: what happened, what it means for orders, what to do.

use crate::assets::Assets;
use crate::books::BooksError;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use std::any::Any;

/// A page without navigation.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    pub(crate) assets: Assets,
    pub(crate) theme: &'static str,
    pub(crate) title: &'a str,
    pub(crate) orders: &'a str,
    pub(crate) advice: &'a str,
}

/// Draws an error page.
pub(crate) fn bare(status: StatusCode, title: &str, orders: &str, advice: &str) -> Response {
    let page = ErrorPage { assets: Assets::addresses(), theme: "auto", title, orders, advice };
    let html = page.render().unwrap_or_else(|_| title.to_owned());
    (status, Html(html)).into_response()
}

/// Why a page could not be shown.
#[derive(Debug)]
pub(crate) enum PageError {
    Books(BooksError),
    NoSuchOrder(String),
    BadForm(&'static str),
}

impl From<BooksError> for PageError {
    fn from(error: BooksError) -> Self {
        Self::Books(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match self {
            Self::Books(BooksError::Unavailable(why)) => {
                tracing::warn!(why, "the console cannot read");
                bare(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The database does not answer",
                    "Nothing is lost: what was accepted is stored, and work goes on when the database answers again.",
                    "Reload this page. If it stays, check disk space and the database server; the log says more.",
                )
            }
            Self::Books(BooksError::Broken(why)) => {
                tracing::error!(why, "the console cannot understand what is stored");
                bare(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something stored cannot be read",
                    "Other orders go on as before.",
                    "Tell the people who look after ml-connector; the log names the record.",
                )
            }
            Self::NoSuchOrder(number) => bare(
                StatusCode::NOT_FOUND,
                "No such order here",
                &format!("“{number}” has not been seen in Dynamics by this connection."),
                "Check the number, or search for it: it may be a tracking or slip number.",
            ),
            Self::BadForm(what) => bare(
                StatusCode::BAD_REQUEST,
                what,
                "Nothing was changed by this click.",
                "Go back, reload the page and try again.",
            ),
        }
    }
}

/// Answers addresses that lead nowhere.
pub(crate) async fn not_found() -> Response {
    bare(
        StatusCode::NOT_FOUND,
        "There is no such page",
        "Orders go on as before.",
        "Go to the overview, or search for the number you hold.",
    )
}

/// Answers when a handler fell over.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    bare(
        StatusCode::INTERNAL_SERVER_ERROR,
        "This page fell over",
        "Orders go on as before: pages and work do not share a task.",
        "Tell the people who look after ml-connector; the log says where.",
    )
}

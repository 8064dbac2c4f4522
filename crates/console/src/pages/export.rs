//! The trail as a file for people with spreadsheets: CSV (RFC 4180), newest first.

use super::error::PageError;
use super::trail::given;
use crate::model::TrailQuery;
use crate::state::App;
use crate::trail_csv;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Entries of one file at most; the API reads on from there.
const ENTRIES: usize = 10_000;
/// Entries read at a time.
const STEP: i64 = 500;

#[derive(Deserialize)]
pub(crate) struct Asked {
    order: Option<String>,
    who: Option<String>,
    what: Option<String>,
    before: Option<i64>,
}

pub(crate) async fn trail(
    State(app): State<App>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let mut query = TrailQuery {
        subject: given(asked.order),
        who: given(asked.who),
        what: given(asked.what),
        before: asked.before,
        limit: STEP,
    };
    let mut csv = String::from(trail_csv::HEAD);
    let mut written = 0;
    while written < ENTRIES {
        let page = app.given.books.trail(query.clone()).await?;
        written += page.rows.len();
        for line in &page.rows {
            csv.push_str(&trail_csv::line(line));
        }
        query.before = page.next;
        if query.before.is_none() {
            break;
        }
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"trail.csv\""),
    ];
    Ok((headers, csv).into_response())
}

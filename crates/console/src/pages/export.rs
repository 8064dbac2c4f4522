//! The trail as a file for people with spreadsheets: CSV (RFC 4180), newest first.

use super::error::PageError;
use super::trail::given;
use crate::model::{TrailLine, TrailQuery};
use crate::state::App;
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
    let mut csv = String::from("entry,at,who,order,what,before,after,why,settings,request\r\n");
    let mut written = 0;
    while written < ENTRIES {
        let page = app.given.books.trail(query.clone()).await?;
        written += page.rows.len();
        for line in &page.rows {
            write(&mut csv, line);
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

fn write(csv: &mut String, line: &TrailLine) {
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    let cells = [
        line.seq.to_string(),
        line.at.to_string(),
        line.who.clone(),
        optional(&line.subject),
        line.what.clone(),
        optional(&line.before),
        optional(&line.after),
        optional(&line.why),
        line.settings_version.to_string(),
        optional(&line.request_id),
    ];
    csv.push_str(&cells.map(|value| cell(&value)).join(","));
    csv.push_str("\r\n");
}

/// One cell; quoted where needed, and never a formula to the program that opens the file.
pub(super) fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if formula { format!("'{value}") } else { value.to_owned() };
    if value.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,b \"c\""), "\"a,b \"\"c\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@x,y"), "\"'@x,y\"");
    }
}

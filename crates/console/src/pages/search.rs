//! Finding an order by any number a person may hold.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::markup;
use crate::model::Found;
use crate::state::App;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Longest number looked for, in characters.
pub(crate) const QUERY_LIMIT: usize = 100;
/// Answers shown.
pub(crate) const FOUND: i64 = 50;

/// The answers.
#[derive(Template)]
#[template(path = "search.html")]
pub(crate) struct SearchPage {
    pub(crate) c: Chrome,
    pub(crate) q: String,
    pub(crate) found: Vec<Found>,
    pub(crate) too_long: bool,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    q: Option<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let q = asked.q.unwrap_or_default().trim().to_owned();
    let too_long = q.chars().count() > QUERY_LIMIT;
    let found = if q.is_empty() || too_long {
        Vec::new()
    } else {
        app.given.books.search(&q, FOUND).await?
    };
    if found.is_empty()
        && let Ok(id) = q.parse::<i64>()
        && app.given.books.invoice(id).await?.is_some()
    {
        return Ok(Redirect::to(&format!("/finance/invoices/{id}")).into_response());
    }
    if let Some(only) = the_one(&found, &q) {
        return Ok(Redirect::to(&markup::order_path(only)).into_response());
    }
    let mut c = visit.chrome("search").await?;
    c.live_on = "none".to_owned();
    let q = q.chars().take(QUERY_LIMIT).collect();
    Ok(draw(&SearchPage { c, q, found, too_long }))
}

/// The only order that the number as written belongs to.
fn the_one<'a>(found: &'a [Found], q: &str) -> Option<&'a str> {
    let normal = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .collect::<String>()
    };
    let wanted = normal(q);
    let mut orders = found.iter().filter(|f| normal(&f.number) == wanted).map(|f| f.order.as_str());
    let first = orders.next()?;
    orders.all(|order| order == first).then_some(first)
}

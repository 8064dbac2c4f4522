//! Finding an order by any number a person may hold.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::access::Reach;
use crate::books::BooksError;
use crate::markup;
use crate::model::{Found, StockQuery};
use crate::state::{App, Inner};
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
    pub(crate) found: Vec<Hit>,
    /// More than one connection was searched.
    pub(crate) several: bool,
    pub(crate) too_long: bool,
}

/// One answer, and whose.
pub(crate) struct Hit {
    pub(crate) found: Found,
    pub(crate) id: String,
    pub(crate) name: String,
    several: bool,
}

impl Hit {
    /// Address of the order in its own connection.
    pub(crate) fn path(&self) -> String {
        let path = markup::order_path(&self.found.order);
        if self.several { format!("{path}?connection={}", self.id) } else { path }
    }
}

/// Every connection within a reach is searched.
pub(crate) async fn everywhere(
    app: &Inner,
    reach: &Reach,
    q: &str,
) -> Result<Vec<Hit>, BooksError> {
    let several = app.within(reach).count() > 1;
    let mut hits = Vec::new();
    for one in app.within(reach) {
        let (id, name) = (&one.place.id, &one.place.name);
        let found = one.books.search(q, FOUND).await?.into_iter();
        hits.extend(found.map(|found| Hit { found, id: id.clone(), name: name.clone(), several }));
    }
    Ok(hits)
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
        everywhere(&app, visit.reach(), &q).await?
    };
    if found.is_empty()
        && let Ok(id) = q.parse::<i64>()
        && app.given.books.invoice(id).await?.is_some()
    {
        return Ok(Redirect::to(&format!("/finance/invoices/{id}")).into_response());
    }
    if let Some(only) = the_one(&found, &q) {
        return Ok(Redirect::to(&only.path()).into_response());
    }
    // No order: perhaps a SKU.
    if found.is_empty() && !q.is_empty() && !too_long {
        let query = StockQuery { sku: Some(q.clone()), ..StockQuery::default() };
        if !app.given.books.stock(query).await?.lines.is_empty() {
            return Ok(Redirect::to(&markup::stock_path(&q)).into_response());
        }
    }
    let mut c = visit.chrome("search").await?;
    c.live_on = "none".to_owned();
    let q = q.chars().take(QUERY_LIMIT).collect();
    let several = c.neighbours.len() > 1;
    Ok(draw(&SearchPage { c, q, found, several, too_long }))
}

/// The only order that the number as written belongs to.
fn the_one<'a>(found: &'a [Hit], q: &str) -> Option<&'a Hit> {
    let normal = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .collect::<String>()
    };
    let wanted = normal(q);
    let mut orders = found.iter().filter(|hit| normal(&hit.found.number) == wanted);
    let first = orders.next()?;
    let same = |hit: &Hit| hit.found.order == first.found.order && hit.id == first.id;
    orders.all(same).then_some(first)
}

//! The list of SKUs.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use super::flows::{FlowNow, visited};
use super::search::QUERY_LIMIT;
use crate::markup;
use crate::model::ProductsPage;
use crate::state::App;
use crate::tone::Tone;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::operation::Flow;
use serde::Deserialize;

/// SKUs on one page.
pub(crate) const PAGE: i64 = 100;

/// The list.
#[derive(Template)]
#[template(path = "products.html")]
pub(crate) struct ProductsPageView {
    pub(crate) c: Chrome,
    pub(crate) q: String,
    pub(crate) page: ProductsPage,
    pub(crate) first: bool,
    pub(crate) now: FlowNow,
}

impl ProductsPageView {
    pub(crate) fn next(&self) -> Option<String> {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let next = self.page.next.as_deref()?;
        Some(format!("/products?q={}&after={}", encode(&self.q), encode(next)))
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    q: Option<String>,
    after: Option<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let q: String = asked.q.unwrap_or_default().trim().chars().take(QUERY_LIMIT).collect();
    let (c, now) = visited(&app, &visit, "products", Flow::Products).await?;
    let first = asked.after.is_none();
    let page = app.given.books.products(&q, asked.after, PAGE).await?;
    Ok(draw(&ProductsPageView { c, q, page, first, now }))
}

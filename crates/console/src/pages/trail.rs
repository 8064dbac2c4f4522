//! Who did what, when and why.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::markup;
use crate::model::{ChainReport, TrailPage, TrailQuery};
use crate::state::App;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// Entries on one page.
pub(crate) const PAGE: i64 = 100;

/// The trail.
#[derive(Template)]
#[template(path = "trail.html")]
pub(crate) struct TrailPageView {
    pub(crate) c: Chrome,
    pub(crate) query: TrailQuery,
    pub(crate) page: TrailPage,
    pub(crate) chain: Option<ChainReport>,
}

impl TrailPageView {
    pub(crate) fn next(&self) -> Option<String> {
        let before = self.page.next?;
        Some(self.with_filters(format!("/trail?before={before}")))
    }

    /// The same entries as a file.
    pub(crate) fn file(&self) -> String {
        self.with_filters("/trail.csv?".to_owned())
    }

    fn with_filters(&self, mut address: String) -> String {
        let filters =
            [("order", &self.query.subject), ("who", &self.query.who), ("what", &self.query.what)];
        for (name, value) in filters {
            if let Some(value) = value {
                let set = percent_encoding::NON_ALPHANUMERIC;
                let value = percent_encoding::utf8_percent_encode(value, set);
                address.push_str(&format!("&{name}={value}"));
            }
        }
        address
    }

    pub(crate) fn filtered(&self) -> bool {
        self.query.subject.is_some() || self.query.who.is_some() || self.query.what.is_some()
    }

    pub(crate) fn who_icon(&self, who: &str) -> markup::Markup {
        markup::icon(if crate::order_view::is_person(who) { "person" } else { "us" })
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    order: Option<String>,
    who: Option<String>,
    what: Option<String>,
    before: Option<i64>,
    verify: Option<String>,
}

/// A filter as given, or none when empty or too long to be one.
pub(crate) fn given(text: Option<String>) -> Option<String> {
    let text = text?.trim().to_owned();
    (!text.is_empty() && text.len() <= 200).then_some(text)
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let mut c = visit.chrome("trail").await?;
    let query = TrailQuery {
        subject: given(asked.order),
        who: given(asked.who),
        what: given(asked.what),
        before: asked.before,
        limit: PAGE,
    };
    let books = &app.given.books;
    let page = books.trail(query.clone()).await?;
    let chain = if asked.verify.is_some() { Some(books.verify_trail().await?) } else { None };
    if query.before.is_some() || chain.is_some() {
        c.live_on = "none".to_owned();
    }
    Ok(draw(&TrailPageView { c, query, page, chain }))
}

//! What comes into ShipBob's centres: returns and receiving orders, searchable, each beside the stock history.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use super::flows::{FlowNow, visited};
use super::search::QUERY_LIMIT;
use crate::markup::{self, Markup};
use crate::model::{InboundFacts, InboundQuery};
use crate::state::App;
use crate::tone::Tone;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::inbound::Kind;
use domain::operation::Flow;
use serde::Deserialize;

/// The page.
#[derive(Template)]
#[template(path = "returns.html")]
pub(crate) struct InboundPage {
    pub(crate) c: Chrome,
    pub(crate) facts: InboundFacts,
    pub(crate) q: String,
    pub(crate) receiving: bool,
    pub(crate) now: FlowNow,
}

impl InboundPage {
    /// The pill of a state.
    fn pill(&self, state: &str, closed: &bool) -> Markup {
        let tone = match (state, *closed) {
            ("completed", _) => Tone::Ok,
            (_, true) => Tone::Plain,
            ("incomplete" | "state unknown", _) => Tone::Attention,
            _ => Tone::Wait,
        };
        markup::pill(tone, state)
    }

    fn next(&self) -> Option<String> {
        let before = self.facts.next?;
        let kind = if self.receiving { "receiving" } else { "return" };
        Some(format!("/returns?kind={kind}&q={}&before={before}", markup::encoded(&self.q)))
    }

    fn empty(&self) -> bool {
        self.facts.returns.is_empty() && self.facts.receiving.is_empty()
    }
}

/// What is asked for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    kind: Option<String>,
    q: Option<String>,
    before: Option<i64>,
}

impl Asked {
    pub(crate) fn query(&self) -> InboundQuery {
        let words = self.q.as_deref().unwrap_or_default().trim();
        InboundQuery {
            kind: self.kind.as_deref().and_then(Kind::named).unwrap_or(Kind::Return),
            words: words.chars().take(QUERY_LIMIT).collect(),
            before: self.before,
        }
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (c, now) = visited(&app, &visit, "returns", Flow::Returns).await?;
    let query = asked.query();
    let (q, receiving) = (query.words.clone(), query.kind == Kind::Receiving);
    let facts = app.given.books.inbound(query).await?;
    Ok(draw(&InboundPage { c, facts, q, receiving, now }))
}

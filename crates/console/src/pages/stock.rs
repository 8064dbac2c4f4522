//! Stock: both systems side by side, what explains the difference, and counting journals with their approval.

use super::act::{Asked, Wish, wish};
use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use super::flows::{FlowNow, visited};
use crate::access::Person;
use crate::command::{Target, Verb};
use crate::markup::{self, Markup};
use crate::model::{StockFacts, StockQuery};
use crate::state::App;
use crate::tone::Tone;
use askama::Template;
use axum::Form;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{Redirect, Response};
use domain::operation::Flow;
use domain::stock::JOURNAL_SUBJECT;
use serde::Deserialize;

/// Longest SKU looked for, in characters.
const SKU_LIMIT: usize = 200;

/// The room.
#[derive(Template)]
#[template(path = "stock.html")]
pub(crate) struct StockPage {
    pub(crate) c: Chrome,
    pub(crate) facts: StockFacts,
    pub(crate) sku: String,
    pub(crate) state: String,
    pub(crate) now: FlowNow,
}

#[derive(Deserialize)]
pub(crate) struct Looked {
    sku: Option<String>,
    state: Option<String>,
    after: Option<String>,
}

impl StockPage {
    /// The pill of a state.
    fn pill(&self, state: &str) -> Markup {
        let (tone, word) = match state {
            "even" => (Tone::Ok, "Agrees"),
            "explained" => (Tone::Ok, "Explained"),
            "variance" => (Tone::Attention, "Variance"),
            "counted" => (Tone::Wait, "In a journal"),
            "waits" => (Tone::Wait, "In motion"),
            "not-at-shipbob" => (Tone::Plain, "Not at ShipBob"),
            "not-in-dynamics" => (Tone::Attention, "Not in Dynamics"),
            "unit" => (Tone::Attention, "Unit unknown"),
            "negative" => (Tone::Attention, "Below zero"),
            "closed" => (Tone::Wait, "Centre closed"),
            "in-sum" => (Tone::Plain, "In the sum"),
            "proposed" => (Tone::Attention, "Waits for approval"),
            "approved" => (Tone::Wait, "Being written"),
            "written" => (Tone::Wait, "To be posted"),
            _ => (Tone::Plain, "Other"),
        };
        markup::pill(tone, word)
    }

    fn more(&self, after: &str) -> String {
        let (state, after) = (markup::encoded(&self.state), markup::encoded(after));
        format!("/stock?state={state}&after={after}")
    }

    fn proposed(&self, state: &str) -> bool {
        state == "proposed"
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(looked): Query<Looked>,
) -> Result<Response, PageError> {
    let cut = |text: Option<String>| {
        let text: String = text.unwrap_or_default().trim().chars().take(SKU_LIMIT).collect();
        Some(text).filter(|text| !text.is_empty())
    };
    let sku = cut(looked.sku);
    let state = cut(looked.state).unwrap_or_else(|| "variance".to_owned());
    let after = cut(looked.after).unwrap_or_default();
    let query = StockQuery { sku: sku.clone(), state: state.clone(), after };
    let facts = app.given.books.stock(query).await?;
    let (c, now) = visited(&app, &visit, "stock", Flow::Inventory).await?;
    Ok(draw(&StockPage { c, facts, sku: sku.unwrap_or_default(), state, now }))
}

/// Approve, reject, try again: of one journal (its token is in `hold`); or compare now.
pub(crate) async fn on_stock(
    State(app): State<App>,
    Extension(person): Extension<Person>,
    Path(verb): Path<String>,
    Form(form): Form<Asked>,
) -> Result<Redirect, PageError> {
    let wish = wish(&form, &verb, &person)?;
    let target = of_stock(&wish)?;
    app.given.books.command(vec![wish.command(&app, &person, target)]).await?;
    Ok(super::act::return_to(&form, wish.verb.word()))
}

/// What a wish about stock is about: the journal in `hold`, or the flow.
pub(crate) fn of_stock(wish: &Wish) -> Result<Target, PageError> {
    match (wish.verb, &wish.hold) {
        (Verb::RunNow, _) => Ok(Target::Flow(Flow::Inventory)),
        (Verb::Release | Verb::Skip | Verb::Retry, Some(token)) => {
            Ok(Target::Order(format!("{JOURNAL_SUBJECT}{token}")))
        }
        _ => Err(PageError::BadForm("This cannot be asked of stock")),
    }
}

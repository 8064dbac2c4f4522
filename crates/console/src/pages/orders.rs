//! The list of orders.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::markup;
use crate::model::{OrderFilter, OrdersPage};
use crate::state::App;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// Orders on one page.
pub(crate) const PAGE: i64 = 50;

/// The list.
#[derive(Template)]
#[template(path = "orders.html")]
pub(crate) struct OrdersPageView {
    pub(crate) c: Chrome,
    pub(crate) filter: OrderFilter,
    pub(crate) page: OrdersPage,
    pub(crate) first: bool,
}

impl OrdersPageView {
    pub(crate) fn next(&self) -> Option<String> {
        let next = self.page.next.as_deref()?;
        let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
        Some(format!("/orders?state={}&after={next}", self.filter.word()))
    }

    pub(crate) fn explain(&self) -> &'static str {
        match self.filter {
            OrderFilter::All => "Every order seen, newest first.",
            OrderFilter::Released => {
                "Released in Dynamics, with something that ships from ShipBob; newest first."
            }
            OrderFilter::Held => "Orders that wait for a person, oldest first.",
            OrderFilter::Late => {
                "Released or shipped more than 15 minutes ago, not arrived on the other side, and nobody has been asked. Oldest first."
            }
            OrderFilter::Waiting => "Released in Dynamics, on their way to ShipBob. Oldest first.",
            OrderFilter::InShipBob => "Accepted by ShipBob, nothing has left yet.",
            OrderFilter::Shipped => "Goods have left, tracking is on its way to Dynamics.",
            OrderFilter::WrittenBack => "Tracking stands in Dynamics, not delivered yet.",
            OrderFilter::Delivered => "The carrier says the consumer has everything.",
            OrderFilter::Cancelled => "Cancelled on both sides.",
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    state: Option<String>,
    after: Option<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let filter = asked.state.as_deref().and_then(OrderFilter::parse).unwrap_or_default();
    let chrome = visit.chrome("orders").await?;
    let first = asked.after.is_none();
    let page = app.given.books.orders(filter, asked.after, PAGE, app.now()).await?;
    Ok(draw(&OrdersPageView { c: chrome, filter, page, first }))
}

//! What waits for a person, grouped by cause.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::clock::count;
use crate::markup;
use crate::model::HoldGroup;
use crate::state::App;
use askama::Template;
use axum::extract::State;
use axum::response::Response;

/// Orders listed under each group.
const LISTED: i64 = 20;

/// The holds.
#[derive(Template)]
#[template(path = "holds.html")]
pub(crate) struct HoldsPage {
    pub(crate) c: Chrome,
    pub(crate) groups: Vec<HoldGroup>,
}

impl HoldsPage {
    pub(crate) fn orders(&self) -> String {
        let all = self.groups.iter().map(|group| group.count).sum();
        count(all, "hold")
    }

    /// Holds of the orders flow are skipped as a whole; later ones are dismissed one by one.
    pub(crate) fn skippable(&self, group: &&HoldGroup) -> bool {
        group.flow == "orders" && !group.fix.contains("dismiss")
    }

    pub(crate) fn releasable(&self, group: &&HoldGroup) -> bool {
        group.cause == "before-cut-off"
    }

    pub(crate) fn more(&self, group: &&HoldGroup) -> i64 {
        let listed = i64::try_from(group.orders.len()).unwrap_or(i64::MAX);
        group.count.saturating_sub(listed)
    }
}

pub(crate) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, PageError> {
    let chrome = visit.chrome("holds").await?;
    let groups = app.given.books.holds(LISTED).await?;
    Ok(draw(&HoldsPage { c: chrome, groups }))
}

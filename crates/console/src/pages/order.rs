//! One order.

use super::act::NUMBER_LIMIT;
use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::markup;
use crate::model::{At, OrderCosts};
use crate::order_view::{Event, OrderView, Step};
use crate::state::App;
use crate::tone::Tone;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::plan::DeliveryState;

/// Events of one day.
pub(crate) struct Day<'a> {
    pub(crate) title: String,
    pub(crate) events: Vec<&'a Event>,
}

/// Progress in one system.
pub(crate) struct Rail<'a> {
    pub(crate) name: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) steps: &'a [Step],
    pub(crate) read: Option<At>,
}

/// The page of one order.
#[derive(Template)]
#[template(path = "order.html")]
pub(crate) struct OrderPage {
    pub(crate) c: Chrome,
    pub(crate) view: OrderView,
    pub(crate) costs: OrderCosts,
}

/// Parcels that have their own column beside the lines.
const COLUMNS: usize = 6;

impl OrderPage {
    pub(crate) fn new(mut c: Chrome, view: OrderView, costs: OrderCosts) -> Self {
        c.live_on.clone_from(&view.row.number);
        Self { c, view, costs }
    }

    /// The number as it stands in addresses.
    pub(crate) fn path(&self) -> String {
        markup::order_path(&self.view.row.number)
    }

    pub(crate) fn trail_path(&self) -> String {
        self.path().replacen("/orders/", "/trail?order=", 1)
    }

    pub(crate) fn days(&self) -> Vec<Day<'_>> {
        let mut days: Vec<Day<'_>> = Vec::new();
        for event in &self.view.timeline {
            let title = self.c.clock.day(event.at);
            match days.last_mut() {
                Some(day) if day.title == title => day.events.push(event),
                _ => days.push(Day { title, events: vec![event] }),
            }
        }
        days
    }

    pub(crate) fn rails(&self) -> [Rail<'_>; 2] {
        fn rail<'a>(
            name: &'static str,
            icon: &'static str,
            steps: &'a [Step],
            read: Option<At>,
        ) -> Rail<'a> {
            Rail { name, icon, steps, read }
        }
        let view = &self.view;
        [
            rail("Dynamics", "dynamics", &view.dynamics, view.dynamics_read),
            rail("ShipBob", "shipbob", &view.shipbob, view.shipbob_read),
        ]
    }

    pub(crate) fn managed(&self) -> bool {
        self.view.lines.iter().any(|line| line.released.is_some())
    }

    pub(crate) fn columns(&self) -> usize {
        self.view.parcels.len().min(COLUMNS)
    }

    pub(crate) fn delivery_pill(&self, state: &DeliveryState) -> markup::Markup {
        let word = match state {
            DeliveryState::Ready => "Ready",
            DeliveryState::InFlight => "Being sent",
            DeliveryState::InDoubt => "In doubt",
            DeliveryState::Done => "Done",
            DeliveryState::Held => "Held",
            DeliveryState::Refused => "Refused",
            DeliveryState::Withdrawn => "Withdrawn",
            DeliveryState::Superseded => "Superseded",
        };
        markup::pill(Tone::of_delivery(*state), word)
    }

    pub(crate) fn sent(&self) -> bool {
        self.view.row.accepted.is_some()
    }
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(number): Path<String>,
) -> Result<Response, PageError> {
    if number.chars().count() > NUMBER_LIMIT {
        return Err(PageError::NoSuchOrder(number.chars().take(NUMBER_LIMIT).collect()));
    }
    let chrome = visit.chrome("orders").await?;
    let found = app.given.books.order(&number).await?;
    let Some(facts) = found else { return Err(PageError::NoSuchOrder(number)) };
    let costs = app.given.books.costs(&facts.row.number, (app.given.now)()).await?;
    let view = OrderView::new(facts).with_warehouses(&app.given.status.snapshot().warehouses);
    Ok(draw(&OrderPage::new(chrome, view, costs)))
}

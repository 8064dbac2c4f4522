//! Both remote systems, the flows, and the engine.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use super::overview::{FlowRow, SystemCard, card, flows};
use crate::markup;
use crate::model::OverviewFacts;
use crate::state::App;
use crate::status::{EngineSnapshot, TroubleKind};
use crate::tone::Tone;
use askama::Template;
use axum::extract::State;
use axum::response::Response;

/// The state of everything that moves.
#[derive(Template)]
#[template(path = "system.html")]
pub(crate) struct SystemPage {
    pub(crate) c: Chrome,
    pub(crate) engine: EngineSnapshot,
    pub(crate) systems: Vec<SystemCard>,
    pub(crate) flows: Vec<FlowRow>,
    pub(crate) facts: OverviewFacts,
}

impl SystemPage {
    pub(crate) fn new(c: Chrome, facts: OverviewFacts, engine: EngineSnapshot) -> Self {
        let systems = vec![
            card("Dynamics", "dynamics", &engine.dynamics, " at once"),
            card("ShipBob", "shipbob", &engine.shipbob, "/min"),
        ];
        let flows = flows(&facts, &engine);
        Self { c, engine, systems, flows, facts }
    }
}

pub(crate) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, PageError> {
    let chrome = visit.chrome("system").await?;
    let facts = app.given.books.overview(24, app.now()).await?;
    Ok(draw(&SystemPage::new(chrome, facts, app.given.status.snapshot())))
}

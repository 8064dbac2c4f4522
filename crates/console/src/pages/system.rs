//! Both remote systems, the flows, and the engine.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use super::overview::{FlowRow, SystemCard, card, flows};
use crate::markup;
use crate::model::{At, Checkup, OverviewFacts};
use crate::state::App;
use crate::status::{EngineSnapshot, TroubleKind};
use crate::tone::Tone;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::drift::Drift;

/// The state of everything that moves.
#[derive(Template)]
#[template(path = "system.html")]
pub(crate) struct SystemPage {
    pub(crate) c: Chrome,
    pub(crate) engine: EngineSnapshot,
    pub(crate) systems: Vec<SystemCard>,
    pub(crate) flows: Vec<FlowRow>,
    pub(crate) facts: OverviewFacts,
    pub(crate) checkup: Checkup,
}

impl SystemPage {
    pub(crate) fn new(
        c: Chrome,
        facts: OverviewFacts,
        engine: EngineSnapshot,
        checkup: Checkup,
    ) -> Self {
        let systems = vec![
            card("Dynamics", "dynamics", &engine.dynamics, " at once"),
            card("ShipBob", "shipbob", &engine.shipbob, "/min"),
        ];
        let flows = flows(&facts, &engine);
        Self { c, engine, systems, flows, facts, checkup }
    }

    fn compared_at(&self) -> Option<At> {
        self.checkup.drift.as_ref().map(|report| At(report.at))
    }

    fn changed(&self) -> Vec<&Drift> {
        let found = self.checkup.drift.iter().flat_map(|report| &report.found);
        found.filter(|one| one.changed()).collect()
    }
}

pub(crate) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, PageError> {
    let chrome = visit.chrome("system").await?;
    let books = &app.given.books;
    let (facts, checkup) = futures::try_join!(books.overview(24, app.now()), books.checkup())?;
    Ok(draw(&SystemPage::new(chrome, facts, app.given.status.snapshot(), checkup)))
}

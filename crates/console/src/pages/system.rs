//! Both remote systems, the flows, and the engine.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use super::flows::Flows;
use super::overview::{SystemCard, card};
use crate::markup;
use crate::model::{At, Checkup, CredentialLine, OverviewFacts};
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
    pub(crate) flows: Flows,
    pub(crate) facts: OverviewFacts,
    pub(crate) checkup: Checkup,
    pub(crate) credentials: Vec<CredentialLine>,
    /// ShipBob is entered as an app.
    pub(crate) can_connect: bool,
}

impl SystemPage {
    pub(crate) fn new(
        c: Chrome,
        facts: OverviewFacts,
        engine: EngineSnapshot,
        checkup: Checkup,
        credentials: Vec<CredentialLine>,
        can_connect: bool,
    ) -> Self {
        let systems = vec![
            card("Dynamics", "dynamics", &engine.dynamics, " at once"),
            card("ShipBob", "shipbob", &engine.shipbob, "/min"),
        ];
        let flows = Flows::new(&c, &facts.flows, &engine);
        Self { c, engine, systems, flows, facts, checkup, credentials, can_connect }
    }

    fn compared_at(&self) -> Option<At> {
        self.checkup.drift.as_ref().map(|report| At(report.at))
    }

    fn changed(&self) -> Vec<&Drift> {
        let found = self.checkup.drift.iter().flat_map(|report| &report.found);
        found.filter(|one| one.changed()).collect()
    }

    /// When the system a credential is for last answered well.
    pub(crate) fn last_ok(&self, line: &CredentialLine) -> Option<At> {
        match line.system.as_str() {
            "dynamics" => self.engine.dynamics.last_ok,
            "shipbob" if line.name != "billing_token" => self.engine.shipbob.last_ok,
            _ => None,
        }
    }

    /// A person let us into ShipBob before.
    pub(crate) fn connected(&self) -> bool {
        self.credentials.iter().any(|line| line.system == "shipbob" && line.name == "oauth")
    }

    /// Nothing goes on at ShipBob until a person connects it.
    pub(crate) fn must_connect(&self) -> bool {
        let trouble = self.engine.shipbob.trouble.as_ref();
        trouble.is_some_and(|trouble| trouble.kind == TroubleKind::Reconnect)
    }
}

pub(crate) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, PageError> {
    let chrome = visit.chrome("system").await?;
    let books = &app.given.books;
    let (facts, checkup, credentials) =
        futures::try_join!(books.overview(24, app.now()), books.checkup(), books.credentials())?;
    let (engine, can) = (app.given.status.snapshot(), app.given.connect.is_some());
    Ok(draw(&SystemPage::new(chrome, facts, engine, checkup, credentials, can)))
}

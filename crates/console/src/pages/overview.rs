//! How things stand.

use super::chrome::{Chrome, Visit};
use super::connections::{self, Connections};
use super::draw;
use super::error::PageError;
use super::flows::Flows;
use crate::chart::{self, Bars};
use crate::model::{OverviewFacts, Waiting};
use crate::sentence::{Sentence, sentence};
use crate::state::App;
use crate::status::{EngineSnapshot, SystemSnapshot, TroubleKind};
use crate::tone::Tone;
use crate::{markup, model::HoldGroup};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

/// One stage of the way of an order.
pub(crate) struct Stage {
    pub(crate) label: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) count: i64,
    /// What waits before it.
    pub(crate) waiting: Option<Waiting>,
}

/// One remote system as the overview shows it.
pub(crate) struct SystemCard {
    pub(crate) name: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) use_words: String,
    pub(crate) line: String,
    pub(crate) area: String,
    pub(crate) snapshot: SystemSnapshot,
}

/// The overview.
#[derive(Template)]
#[template(path = "overview.html")]
pub(crate) struct OverviewPage {
    pub(crate) c: Chrome,
    pub(crate) sentence: Sentence,
    pub(crate) facts: OverviewFacts,
    pub(crate) stages: Vec<Stage>,
    pub(crate) bars: Bars,
    pub(crate) systems: Vec<SystemCard>,
    pub(crate) flows: Flows,
    pub(crate) windows: [(i64, &'static str); 3],
    /// All connections, where this person may see several.
    pub(crate) connections: Option<Connections>,
}

/// Windows a person may choose, in hours.
const WINDOWS: [(i64, &str); 3] = [(24, "24 hours"), (168, "7 days"), (720, "30 days")];
/// Causes shown before "and more".
const NEEDS: usize = 6;

impl OverviewPage {
    pub(crate) fn new(c: Chrome, facts: OverviewFacts, engine: &EngineSnapshot) -> Self {
        let sentence = sentence(&c.connection, &facts, engine, &c.clock);
        let bars = chart::bars(&facts.hours, &c.clock);
        let systems = vec![
            card("Dynamics", "dynamics", &engine.dynamics, " at once"),
            card("ShipBob", "shipbob", &engine.shipbob, "/min"),
        ];
        let (stages, flows) = (stages(&facts), Flows::new(&c, &facts.flows, engine));
        let connections = None;
        Self { c, sentence, stages, bars, systems, flows, facts, windows: WINDOWS, connections }
    }

    pub(crate) fn needs(&self) -> impl Iterator<Item = &HoldGroup> {
        self.facts.needs.iter().take(NEEDS)
    }

    pub(crate) fn more_needs(&self) -> usize {
        self.facts.needs.len().saturating_sub(NEEDS)
    }

    pub(crate) fn window_name(&self) -> &'static str {
        let found = self.windows.iter().find(|(hours, _)| *hours == self.facts.window_hours);
        found.map_or("24 hours", |(_, name)| name)
    }
}

fn stages(facts: &OverviewFacts) -> Vec<Stage> {
    let counters = &facts.counters;
    let stage = |label, filter, count, waiting| Stage { label, filter, count, waiting };
    vec![
        stage("Released", "released", counters.released, None),
        stage("In ShipBob", "in-shipbob", counters.accepted, Some(facts.to_shipbob)),
        stage("Shipped", "shipped", counters.shipped, None),
        stage("Written back", "written-back", counters.written, Some(facts.to_dynamics)),
        stage("Delivered", "delivered", counters.delivered, None),
    ]
}

pub(crate) fn card(
    name: &'static str,
    icon: &'static str,
    system: &SystemSnapshot,
    unit: &str,
) -> SystemCard {
    let (line, area) = chart::spark(&system.history);
    let use_words = if system.limit == 0 {
        format!("{}{unit}", system.used)
    } else {
        format!("{} of {}{unit}", system.used, system.limit)
    };
    SystemCard { name, icon, use_words, line, area, snapshot: system.clone() }
}

#[derive(Deserialize)]
pub(crate) struct Window {
    window: Option<i64>,
}

/// The window asked for, if it is one of ours.
pub(crate) fn window(asked: Option<i64>) -> i64 {
    WINDOWS.iter().map(|(hours, _)| *hours).find(|hours| Some(*hours) == asked).unwrap_or(24)
}

pub(crate) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(query): Query<Window>,
) -> Result<Response, PageError> {
    let chrome = visit.chrome("overview").await?;
    let hours = window(query.window);
    let facts = app.given.books.overview(hours, app.now()).await?;
    let mut page = OverviewPage::new(chrome, facts, &app.given.status.snapshot());
    if page.c.neighbours.len() > 1 {
        page.connections = Some(connections::read(&app, visit.reach(), hours).await?);
    }
    Ok(draw(&page))
}

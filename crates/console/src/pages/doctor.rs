//! What the doctor found last, and a button that asks for a new run.

use super::chrome::{Chrome, Visit};
use super::draw;
use super::error::PageError;
use crate::markup;
use crate::model::{At, Checkup, Part, parts};
use crate::state::App;
use crate::tone::Tone;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::doctor::{Finding, Verdict};
use domain::drift::Drift;

/// The last answers.
#[derive(Template)]
#[template(path = "doctor.html")]
pub(crate) struct DoctorPage {
    pub(crate) c: Chrome,
    pub(crate) checkup: Checkup,
}

impl DoctorPage {
    fn parts(&self) -> Vec<Part<'_>> {
        self.checkup.doctor.as_ref().map(parts).unwrap_or_default()
    }

    fn asked_at(&self) -> Option<At> {
        self.checkup.doctor.as_ref().map(|report| At(report.at))
    }

    fn compared_at(&self) -> Option<At> {
        self.checkup.drift.as_ref().map(|report| At(report.at))
    }

    fn changed(&self) -> Vec<&Drift> {
        let found = self.checkup.drift.iter().flat_map(|report| &report.found);
        found.filter(|one| one.changed()).collect()
    }

    /// The pill of a verdict.
    fn pill(&self, finding: &Finding) -> markup::Markup {
        let (tone, word) = match finding.verdict {
            Verdict::Pass => (Tone::Ok, "Pass"),
            Verdict::Warn => (Tone::Attention, "Warning"),
            Verdict::Fail => (Tone::Failed, "Fails"),
            Verdict::ByHand => (Tone::Wait, "Check by hand"),
            Verdict::Skipped => (Tone::Plain, "Not judged"),
        };
        markup::pill(tone, word)
    }
}

pub(crate) async fn show(State(app): State<App>, visit: Visit) -> Result<Response, PageError> {
    let c = visit.chrome("system").await?;
    let checkup = app.given.books.checkup().await?;
    Ok(draw(&DoctorPage { c, checkup }))
}

//! Days that were reconciled, as the Reconcile room shows them.

use super::At;
use domain::reconcile::{Grade, Sealed};
use serde::Serialize;

/// One day in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayLine {
    /// `2026-11-24`.
    pub day: String,
    /// When the certificate was written.
    pub made: At,
    /// Who asked for it.
    pub who: String,
    /// Everything was looked at, and nothing is unexplained.
    pub clean: bool,
    /// Things that need a look.
    pub wrong: usize,
    /// Items a hold explains.
    pub held: usize,
    /// Items that are on their way.
    pub waits: usize,
    /// What could not be looked at.
    pub gaps: usize,
    /// What came of it.
    pub sentence: String,
}

impl DayLine {
    /// The line of a certificate.
    pub fn of(sealed: &Sealed) -> Self {
        let one = &sealed.certificate;
        let count = |grade| {
            one.equations.iter().flat_map(|e| &e.items).filter(|i| i.grade == grade).count()
        };
        Self {
            day: one.day.clone(),
            made: At(one.made),
            who: one.who.clone(),
            clean: one.clean(),
            wrong: one.wrong(),
            held: count(Grade::Held),
            waits: count(Grade::Waits),
            gaps: one.gaps.len(),
            sentence: one.sentence(),
        }
    }
}

/// Days that were reconciled, the latest first, and those that are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Days {
    /// Done.
    pub days: Vec<DayLine>,
    /// Asked for and not done yet.
    pub asked: Vec<String>,
}

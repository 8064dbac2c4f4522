//! The last answers of the doctor and of the contract comparison, as the engine kept them.

use domain::doctor::{Finding, Report, Verdict};
use domain::drift::DriftReport;
use serde::Serialize;

/// Everything the Doctor page shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Checkup {
    /// The doctor's last report.
    pub doctor: Option<Report>,
    /// The last comparison of both live contracts.
    pub drift: Option<DriftReport>,
    /// Path under `server.public_url` to which F&O may post business events; none without one.
    pub events: Option<String>,
}

/// Findings of one system, for people.
pub(crate) struct Part<'a> {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) findings: Vec<&'a Finding>,
}

/// A report cut by system, what needs a person first.
pub(crate) fn parts(report: &Report) -> Vec<Part<'_>> {
    let rank = |f: &&Finding| match f.verdict {
        Verdict::Fail => 0,
        Verdict::Warn => 1,
        Verdict::ByHand => 2,
        Verdict::Skipped => 3,
        Verdict::Pass => 4,
    };
    [("fo", "Dynamics"), ("sb", "ShipBob"), ("our", "This installation")]
        .into_iter()
        .map(|(id, name)| {
            let mine = |f: &&Finding| f.id.split('.').next() == Some(id);
            let mut findings: Vec<&Finding> = report.findings.iter().filter(mine).collect();
            findings.sort_by_key(rank);
            Part { id, name, findings }
        })
        .collect()
}

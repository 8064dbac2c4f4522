//! The doctor: from what both systems show to a list of findings, each with what to do. Pure; the
//! probes are made by `dynamics` and `shipbob`.
//!
//! A line that cannot be judged because an earlier one failed is *skipped*: one broken thing is one
//! failing line. What neither API shows is *by hand*, never a pass.

mod call;
mod centres;
mod charges;
mod dynamics;
mod entra;
mod facts;
mod flows;
mod shipbob;

pub use dynamics::{EXTERNAL_SETS, SETS, WHS_SETS};
pub use facts::{
    Access, BatchQueue, CallFacts, DynamicsFacts, Entity, Entrance, Facts, Hook, Property, Setup,
    ShipBobFacts, TokenAnswer,
};
pub use flows::{scopes as flow_scopes, sets as flow_sets};

use crate::settings::Settings;
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Kind of the observation under which the last report is kept.
pub const KEPT: &str = "report.doctor";

/// Clocks that differ by less are nobody's concern.
const CLOCK_TOLERANCE: Span = Span::minutes(2);

/// How a line was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Works, but somebody should look.
    Warn,
    /// Will not work.
    Fail,
    /// Cannot be seen through either API.
    ByHand,
    /// Not judged: an earlier line explains why.
    Skipped,
}

impl Verdict {
    /// One word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
            Self::ByHand => "by hand",
            Self::Skipped => "skipped",
        }
    }
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name, such as `fo.read.SalesOrderLines`.
    pub id: String,
    /// What was looked at.
    pub about: String,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen, or why it was not.
    pub seen: String,
    /// What to do; empty when there is nothing to do.
    #[serde(default)]
    pub fix: String,
}

/// The answer of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// When it was made.
    pub at: Timestamp,
    /// In the order in which things are to be mended.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many lines were judged so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|f| f.verdict == verdict).count()
    }

    /// Nothing failed.
    pub fn ready(&self) -> bool {
        self.count(Verdict::Fail) == 0
    }

    /// The whole in one sentence.
    pub fn sentence(&self) -> String {
        let n = |v| self.count(v);
        let head = if self.ready() { "Ready" } else { "Not ready" };
        format!(
            "{head}: {} pass, {} warn, {} fail, {} to check by hand, {} skipped",
            n(Verdict::Pass),
            n(Verdict::Warn),
            n(Verdict::Fail),
            n(Verdict::ByHand),
            n(Verdict::Skipped)
        )
    }
}

/// Collects findings.
struct Book {
    found: Vec<Finding>,
}

impl Book {
    fn put(&mut self, id: &str, about: &str, verdict: Verdict, seen: impl Into<String>, fix: &str) {
        self.found.push(Finding {
            id: id.to_owned(),
            about: about.to_owned(),
            verdict,
            seen: seen.into(),
            fix: fix.to_owned(),
        });
    }

    fn pass(&mut self, id: &str, about: &str, seen: impl Into<String>) {
        self.put(id, about, Verdict::Pass, seen, "");
    }

    fn fail(&mut self, id: &str, about: &str, seen: impl Into<String>, fix: &str) {
        self.put(id, about, Verdict::Fail, seen, fix);
    }

    fn warn(&mut self, id: &str, about: &str, seen: impl Into<String>, fix: &str) {
        self.put(id, about, Verdict::Warn, seen, fix);
    }

    fn skip(&mut self, id: &str, about: &str) {
        self.put(id, about, Verdict::Skipped, "not judged: see the failing line above", "");
    }

    fn by_hand(&mut self, id: &str, about: &str, check: &str) {
        let seen = "neither API shows it: check it by hand".to_owned();
        self.put(id, about, Verdict::ByHand, seen, check);
    }

    fn clock(&mut self, id: &str, about: &str, clock: Option<(Timestamp, Timestamp)>) {
        let Some((theirs, ours)) = clock else { return self.skip(id, about) };
        let off = theirs.since(ours).as_seconds();
        if off.abs() <= CLOCK_TOLERANCE.as_seconds() {
            return self.pass(id, about, format!("differs from ours by {off} s"));
        }
        let side = if off > 0 { "ahead of" } else { "behind" };
        let seen = format!("is {} s {side} ours", off.abs());
        self.fail(
            id,
            about,
            seen,
            "Set the clock of this machine by a time server (NTP). If it is right, the other side's \
             is wrong: tell its support.",
        );
    }
}

/// Judges everything.
pub fn judge(facts: &Facts, settings: &Settings, now: Timestamp) -> Report {
    let mut book = Book { found: Vec::new() };
    dynamics::judge(&mut book, &facts.dynamics, settings, &facts.setup, now);
    flows::judge_dynamics(&mut book, &facts.dynamics, settings);
    if let Some(wanted) = settings.charges() {
        charges::judge(&mut book, &facts.dynamics, wanted, settings.charge_call());
    }
    shipbob::judge(&mut book, &facts.shipbob, settings, &facts.setup, now);
    flows::judge_units(&mut book, settings);
    ours(&mut book, settings, &facts.setup);
    for finding in &mut book.found {
        if finding.verdict == Verdict::Fail && facts.setup.accepted.contains(&finding.id) {
            finding.verdict = Verdict::Warn;
            finding.seen.push_str(" (accepted)");
        }
    }
    Report { at: now, findings: book.found }
}

/// What only the configuration can tell.
fn ours(book: &mut Book, settings: &Settings, setup: &Setup) {
    let about = "Settings";
    match settings.problems().first() {
        None => book.pass("our.settings", about, "can be used"),
        Some(why) => book.fail("our.settings", about, why.as_str(), "Correct the configuration."),
    }
    let about = "Cut-off";
    match settings.cut_off {
        Some(at) => {
            let seen = format!("orders released since {} are sent", at.to_rfc3339_seconds());
            book.pass("our.cut-off", about, seen);
        }
        None => book.warn(
            "our.cut-off",
            about,
            "none: nothing is sent",
            "Set connection.cut_off when everything else passes.",
        ),
    }
    let about = "Sandbox and production";
    let sandbox = |url: &str, mark: &str| {
        let host = url.split_once("://").map_or(url, |(_, host)| host);
        let here = ["127.0.0.1", "[::1]", "localhost"].iter().any(|name| host.starts_with(name));
        (!here).then(|| host.contains(mark))
    };
    let fo = sandbox(&setup.dynamics_url, ".sandbox.");
    let sb = sandbox(&setup.shipbob_url, "sandbox-api.");
    match (fo, sb) {
        (Some(a), Some(b)) if a != b => book.fail(
            "our.pairing",
            about,
            "one side is a sandbox by its host, the other is not",
            "Correct connection.dynamics.url or connection.shipbob.url: test orders must not be \
             shipped, and real ones must be.",
        ),
        (Some(true), Some(_)) => {
            book.pass("our.pairing", about, "both are sandboxes by their hosts")
        }
        (Some(false), Some(_)) => book.pass("our.pairing", about, "neither host is a sandbox's"),
        _ => book.pass("our.pairing", about, "a host on this machine: a simulation"),
    }
}

#[cfg(test)]
mod tests;

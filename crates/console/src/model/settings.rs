//! Settings as versions: what is in force, what was, and what a document would change.

use super::At;
use domain::settings_change::{Complaint, Line};
use serde::Serialize;

/// Everything the page Settings shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SettingsFacts {
    /// The version in force.
    pub version: i64,
    /// Its document; none where it was kept without one.
    pub document: Option<String>,
    /// The versions, the newest first.
    pub versions: Vec<VersionLine>,
    /// What came of the latest changes, the newest first.
    pub outcomes: Vec<OutcomeLine>,
    /// Changes that wait for the owner, or for both systems to answer.
    pub waiting: usize,
    /// The configuration file is followed at a start: nobody has changed the settings otherwise.
    pub follows_file: bool,
    /// The configuration file says something else, which is not followed.
    pub file: Option<FileLine>,
    /// Writes that are not finished, by the version they were planned under.
    pub open: Vec<(i64, i64)>,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionLine {
    /// Its number.
    pub version: i64,
    /// When it came into force.
    pub at: At,
    /// Who made it.
    pub who: String,
    /// Why.
    pub reason: String,
    /// `file` or `person`.
    pub origin: &'static str,
    /// How many lines came and went, like `+3 -1`; empty for the first.
    pub differs: String,
}

/// One version with its document and what differs from the one before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionFacts {
    /// Which.
    pub line: VersionLine,
    /// The version in force.
    pub current: i64,
    /// Its document; none where it was kept without one.
    pub document: Option<String>,
    /// What differs from the version before.
    pub lines: Vec<Line>,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutcomeLine {
    /// When.
    pub at: At,
    /// Who asked.
    pub who: String,
    /// Why.
    pub why: String,
    /// The version it became; none = refused.
    pub version: Option<i64>,
    /// Why it was refused.
    pub problems: Vec<String>,
    /// Name of the change.
    pub request_id: String,
    /// The document that was refused, of the latest change only.
    #[serde(skip)]
    pub document: Option<String>,
}

/// What the configuration file says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileLine {
    /// Since when.
    pub since: At,
    /// What it says differently.
    pub lines: Vec<Line>,
}

/// What a document would change.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PreviewFacts {
    /// The version it was held against.
    pub based_on: i64,
    /// How the document differs from that version's.
    pub lines: Vec<Line>,
    /// What does not fit both systems as they were read last.
    pub misfits: Vec<String>,
    /// Orders that are neither delivered nor cancelled.
    pub open: i64,
    /// How many of them were looked at, the latest first.
    pub looked_at: usize,
    /// Those that would be planned differently.
    pub changes: Vec<ChangedOrder>,
    /// Product items that were looked at; none where the flow is off.
    pub items_looked_at: usize,
    /// There are more items.
    pub more_items: bool,
    /// Product items that would be planned differently.
    pub item_changes: Vec<ChangedItem>,
}

/// One product item that would be planned differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedItem {
    /// Item number in Dynamics.
    pub item: String,
    /// What differs, in words.
    pub lines: Vec<String>,
}

/// One order that would be planned differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedOrder {
    /// The order.
    pub order: String,
    /// What differs, in words.
    pub lines: Vec<String>,
}

impl PreviewFacts {
    /// In one sentence.
    pub fn sentence(&self) -> String {
        let of = match self.changes.len() {
            0 => "No open order would change".to_owned(),
            1 => "1 open order would change".to_owned(),
            n => format!("{n} open orders would change"),
        };
        let looked = i64::try_from(self.looked_at).unwrap_or(i64::MAX);
        let orders = if looked < self.open {
            format!("{of}; only the latest {looked} of {} open orders were looked at.", self.open)
        } else {
            format!("{of} ({looked} looked at).")
        };
        match self.items_sentence() {
            Some(items) => format!("{orders} {items}"),
            None => orders,
        }
    }

    fn items_sentence(&self) -> Option<String> {
        let looked = self.items_looked_at;
        let of = match self.item_changes.len() {
            _ if looked == 0 => return None,
            0 => "No product item would change".to_owned(),
            1 => "1 product item would change".to_owned(),
            n => format!("{n} product items would change"),
        };
        Some(match self.more_items {
            true => format!("{of}; only the first {looked} were looked at."),
            false => format!("{of} ({looked} looked at)."),
        })
    }
}

/// What a check found; empty when it can be used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckFacts {
    /// The document can be used.
    pub good: bool,
    /// What is wrong with it, with its place.
    pub complaints: Vec<Complaint>,
}

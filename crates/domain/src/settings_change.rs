//! Changing settings while the connector runs: what a person asks for, what came of it, and how two
//! documents and two plans differ. Nothing here reads or writes anything.

use crate::plan::{Need, Plan, PlannedDelivery};
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use similar::{ChangeTag, TextDiff};
use std::fmt;

/// Kind of the target of the signal that asks for a change.
pub const TARGET: &str = "settings";
/// Under which kind it is kept what came of the latest changes (key "").
pub const TOLD: &str = "settings.told";
/// Under which kind it is kept what the configuration file says, where it is not followed (key "").
pub const FILE: &str = "settings.file";
/// Longest document, in bytes: a connection with 5,000 mapped kits has about half of it.
pub const DOCUMENT_LIMIT: usize = 256 * 1024;
/// A change that could not be held against both systems by then is refused.
pub const PATIENCE: Span = Span::minutes(15);
/// Longest reason, in characters.
pub const WHY_LIMIT: usize = 500;
/// What came of so many changes is kept for the page.
const KEPT: usize = 20;
/// Unchanged lines shown around a change.
const AROUND: usize = 2;
/// Differences shown of one order.
const SHOWN: usize = 30;

/// What is to become of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// This document becomes the next version.
    Document {
        /// TOML.
        text: String,
    },
    /// The document of an older version becomes the next version.
    Back {
        /// Which.
        version: i64,
    },
    /// The configuration file made this version at a start: it is told, and open orders follow.
    FromFile {
        /// Which.
        version: i64,
    },
    /// The configuration file says something else than the version in force, and is not followed.
    FileSays {
        /// What it says; none when it says the same again.
        says: Option<FileSays>,
    },
}

/// The body of the signal that asks for a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who asks.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// Names it: a repeated click is the same change.
    pub id: String,
    /// The version that was in force when the person began: another one since then means that
    /// somebody else was faster.
    pub based_on: i64,
    /// What is wanted.
    pub wish: Wish,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its name.
    pub id: String,
    /// Who asked.
    pub who: String,
    /// Why.
    pub why: String,
    /// When it was decided.
    pub at: Timestamp,
    /// The version it became; none = refused.
    pub version: Option<i64>,
    /// Why it was refused.
    pub problems: Vec<String>,
    /// What was refused, so that a person can go on with it; of the latest only.
    #[serde(default)]
    pub document: Option<String>,
}

impl Told {
    /// Puts it first and lets go of the oldest.
    pub fn first_of(self, mut all: Vec<Self>) -> Vec<Self> {
        all.iter_mut().for_each(|one| one.document = None);
        all.retain(|one| one.id != self.id);
        all.insert(0, self);
        all.truncate(KEPT);
        all
    }
}

/// What the configuration file says, where it is not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSays {
    /// Digest of its settings.
    pub digest: String,
    /// Since when it is known.
    pub since: Timestamp,
    /// The document it would make.
    pub text: String,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// `+`, `-`, or a space for a line that only shows where we are.
    pub sign: char,
    /// The line.
    pub text: String,
}

/// Something wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// Counts from 1; none where it concerns the whole.
    pub line: Option<usize>,
    /// In characters, counts from 1.
    pub column: Option<usize>,
    /// What to do.
    pub why: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: {}", self.why),
            (Some(line), None) => write!(f, "line {line}: {}", self.why),
            _ => f.write_str(&self.why),
        }
    }
}

impl Complaint {
    /// About the whole document.
    pub fn whole(why: impl Into<String>) -> Self {
        Self { line: None, column: None, why: why.into() }
    }

    /// At a byte of the text.
    pub fn at(text: &str, place: usize, why: impl Into<String>) -> Self {
        let before = text.get(..place.min(text.len())).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        Self { line: Some(line), column: Some(column), why: why.into() }
    }

    /// Where a key of the document stands first, for what is wrong with its value.
    pub fn of_key(text: &str, place: &str, why: impl Into<String>) -> Self {
        let key = place.rsplit('.').next().unwrap_or(place).split('[').next().unwrap_or(place);
        let here = |line: &str| {
            let line = line.trim_start();
            let named =
                line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
            let headed = line.starts_with('[') && line.contains(&format!("connection.{key}"));
            named || headed
        };
        let line = text.lines().position(here).map(|nth| nth + 1);
        Self { line, column: None, why: format!("{place} {}", why.into()) }
    }
}

/// What differs, with two lines around every change; empty when nothing does.
pub fn lines(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let mut found = Vec::new();
    for (nth, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if nth > 0 {
            found.push(Line { sign: ' ', text: "…".to_owned() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
            found.push(Line { sign, text });
        }
    }
    found
}

/// How many lines came and went: `+3 -1`.
pub fn counted(lines: &[Line]) -> String {
    let count = |sign| lines.iter().filter(|line| line.sign == sign).count();
    format!("+{} -{}", count('+'), count('-'))
}

/// The first letters of the SHA-256 of a document, for people and the trail.
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What a plan does and another one does not, in words; empty when they do the same. Values that
/// may be personal are never shown.
pub fn plan_differs(before: &Plan, after: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    if before.sentence != after.sentence || before.status != after.status {
        found.push(format!("\"{}\" becomes \"{}\"", before.sentence, after.sentence));
    }
    let new_needs = after.needs.iter().filter(|need| !before.needs.contains(need));
    found.extend(new_needs.map(|need| format!("looks first: {}", need_words(need))));
    writes_differ(before, after, &mut found);
    let held = |plan: &Plan| -> Vec<String> {
        plan.holds.iter().map(|h| format!("{} {}", h.reason.reason, h.reason.fix)).collect()
    };
    let (old, new) = (held(before), held(after));
    found.extend(old.iter().filter(|h| !new.contains(h)).map(|h| format!("no longer held: {h}")));
    found.extend(new.iter().filter(|h| !old.contains(h)).map(|h| format!("held: {h}")));
    let more = found.len().saturating_sub(SHOWN);
    found.truncate(SHOWN);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    found
}

fn need_words(need: &Need) -> String {
    match need {
        Need::Sales => "the order in Dynamics".to_owned(),
        Need::References(all) => {
            let all: Vec<&str> = all.iter().map(crate::ids::ReferenceId::as_str).collect();
            format!("{} at ShipBob", all.join(", "))
        }
        Need::Orders(all) => format!("{} order(s) at ShipBob", all.len()),
        Need::Skus(all) => format!("SKU {} at ShipBob", all.join(", ")),
    }
}

fn writes_differ(before: &Plan, after: &Plan, found: &mut Vec<String>) {
    let only = |one: &Plan, other: &Plan| -> Vec<PlannedDelivery> {
        let known = |d: &&PlannedDelivery| !other.deliveries.iter().any(|o| o.key == d.key);
        one.deliveries.iter().filter(known).cloned().collect()
    };
    let mut gone = only(before, after);
    for new in only(after, before) {
        let name = new.operation.name();
        match gone.iter().position(|old| old.operation.name() == name) {
            Some(at) => {
                let old = gone.remove(at);
                let fields = fields_differ(&old, &new);
                found.push(format!("{name}: {}", fields.join(", ")));
            }
            None => found.push(format!("new: {name} ({})", new.why)),
        }
    }
    found.extend(
        gone.iter().map(|old| format!("no longer: {} ({})", old.operation.name(), old.why)),
    );
}

/// Members whose values say who somebody is.
const PERSONAL: [&str; 4] = ["recipient", "address", "note", "body"];

fn fields_differ(old: &PlannedDelivery, new: &PlannedDelivery) -> Vec<String> {
    let flat = |d: &PlannedDelivery| {
        let mut fields = Vec::new();
        if let Ok(value) = serde_json::to_value(&d.operation) {
            flatten("", &value, &mut fields);
        }
        fields
    };
    let (old, new) = (flat(old), flat(new));
    let of = |all: &[(String, String)], path: &str| -> String {
        let found = all.iter().find(|(known, _)| known == path).map(|(_, value)| value.clone());
        found.unwrap_or_else(|| "nothing".to_owned())
    };
    let mut paths: Vec<&String> = old.iter().chain(&new).map(|(path, _)| path).collect();
    paths.sort();
    paths.dedup();
    let differ = paths.into_iter().filter(|path| of(&old, path) != of(&new, path));
    let mut found: Vec<String> = differ
        .map(|path| {
            let name = path.split_once('.').map_or(path.as_str(), |(_, rest)| rest);
            let personal = PERSONAL.iter().any(|word| path.to_lowercase().contains(word));
            if personal && !path.ends_with("country") {
                return format!("{name} changes");
            }
            format!("{name} {} becomes {}", of(&old, path), of(&new, path))
        })
        .collect();
    if found.is_empty() {
        found.push("the same contents under another key".to_owned());
    }
    found
}

fn flatten(path: &str, value: &serde_json::Value, found: &mut Vec<(String, String)>) {
    use serde_json::Value;
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, one)| flatten(&join(key), one, found)),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(n, one)| flatten(&format!("{path}[{n}]"), one, found));
        }
        Value::Null => {}
        Value::String(text) => found.push((path.to_owned(), format!("\"{text}\""))),
        other => found.push((path.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_came_and_went_and_where() {
        let before = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n";
        let after = "a = 1\nb = 2\nc = 4\nd = 4\ne = 5\nf = 6\n";
        let found = lines(before, after);
        let text: Vec<String> = found.iter().map(|l| format!("{}{}", l.sign, l.text)).collect();
        let wanted = [" a = 1", " b = 2", "-c = 3", "+c = 4", " d = 4", " e = 5", "+f = 6"];
        assert_eq!(text, wanted);
        assert_eq!(counted(&found), "+2 -1");
        assert!(lines(before, before).is_empty());
    }

    #[test]
    fn the_latest_outcomes_are_kept_and_a_repeated_one_once() {
        let told = |n: i64| Told {
            id: n.to_string(),
            who: "Mara".to_owned(),
            why: String::new(),
            at: Timestamp(n),
            version: Some(n),
            problems: Vec::new(),
            document: None,
        };
        let all = (0..30).fold(Vec::new(), |all, n| told(n).first_of(all));
        assert_eq!(all.len(), KEPT);
        assert_eq!(all.first().map(|one| one.id.as_str()), Some("29"));
        assert_eq!(told(29).first_of(all).len(), KEPT);
    }
}

//! The call that tells available quantities: absolute figures, so that it is repeated with the newest ones and needs no
//! look-up.

use super::template::{self, Filled, Values, Vocabulary};
use super::{CallKind, CallMethod, ReadyCall, Success, check_path};
use crate::ids::{Company, WarehouseId};
use crate::stock::ItemKey;
use crate::time::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Subject of everything about available quantities: it goes the way of journals.
pub const AVAILABLE_SUBJECT: &str = "journal:available";
/// Most lines one call may carry.
pub const MOST_ROWS: usize = 512;

/// Fields of the whole.
pub const AVAILABLE_FIELDS: [&str; 2] = ["company", "as_of"];
/// Fields of a line.
pub const AVAILABLE_LINE_FIELDS: [&str; 11] = [
    "line.warehouse",
    "line.sku",
    "line.item",
    "line.color",
    "line.size",
    "line.style",
    "line.configuration",
    "line.version",
    "line.unit",
    "line.pieces",
    "line.quantity",
];

const WORDS: Vocabulary = Vocabulary {
    fields: &AVAILABLE_FIELDS,
    line_fields: &AVAILABLE_LINE_FIELDS,
    // Nothing is looked up.
    identities: &[],
    identity: "",
};

/// How available quantities are told to F&O. Without it they are shown only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Available {
    /// What is called.
    pub kind: CallKind,
    /// Path below the F&O host.
    pub path: String,
    /// How.
    #[serde(default)]
    pub method: CallMethod,
    /// JSON text of the body; fields stand in it as `"{field}"`.
    pub body: String,
    /// The test of success.
    pub success: Success,
    /// Lines of one call.
    #[serde(default = "hundred")]
    pub rows: usize,
    /// Days after which everything is told again, changed or not: after a restored backup, or a person's change, nobody
    /// knows what F&O has. 0 = never.
    #[serde(default = "seven")]
    pub all_days: u32,
}

fn seven() -> u32 {
    7
}

fn hundred() -> usize {
    100
}

/// What is free of one SKU in one warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvailableLine {
    /// SKU.
    pub sku: String,
    /// The same as F&O names it.
    pub key: ItemKey,
    /// Where.
    pub warehouse: WarehouseId,
    /// The centre with which the figures of the warehouse stand.
    pub centre: i64,
    /// Inventory unit.
    pub unit: String,
    /// In that unit.
    pub quantity: Decimal,
    /// In pieces.
    pub pieces: i64,
}

/// One call, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellAvailable {
    /// How many lines it carries, for people.
    pub lines: usize,
    /// The call.
    #[serde(flatten)]
    pub call: ReadyCall,
}

struct Told<'t> {
    company: &'t Company,
    as_of: Timestamp,
    lines: &'t [AvailableLine],
}

impl Values for Told<'_> {
    fn field(&self, name: &str) -> Option<Filled> {
        match name {
            "company" => Some(Filled::Text(self.company.as_str().to_owned())),
            "as_of" => Some(Filled::Text(self.as_of.to_rfc3339_seconds())),
            _ => None,
        }
    }

    fn line_field(&self, name: &str, line: usize) -> Option<Filled> {
        let line = self.lines.get(line)?;
        let text = |text: &str| Some(Filled::Text(text.to_owned()));
        match name {
            "line.warehouse" => text(line.warehouse.as_str()),
            "line.sku" => text(&line.sku),
            "line.item" => text(&line.key.item),
            "line.color" => text(&line.key.color),
            "line.size" => text(&line.key.size),
            "line.style" => text(&line.key.style),
            "line.configuration" => text(&line.key.configuration),
            "line.version" => text(&line.key.version),
            "line.unit" => text(&line.unit),
            "line.pieces" => Some(Filled::Number(line.pieces.to_string())),
            "line.quantity" => Some(Filled::Number(line.quantity.normalize().to_string())),
            _ => None,
        }
    }

    fn lines(&self) -> usize {
        self.lines.len()
    }
}

impl Available {
    /// What is wrong with the description; empty when it can be used.
    pub fn problems(&self) -> Vec<String> {
        let mut found: Vec<String> = check_path(self.kind, &self.path)
            .err()
            .into_iter()
            .map(|why| format!("path {why}"))
            .collect();
        let body = template::body_problems(&self.body, &WORDS);
        found.extend(body.into_iter().map(|why| format!("body {why}")));
        if !self.body.contains("{line.warehouse}") {
            found.push("body does not name {line.warehouse}: where is it?".to_owned());
        }
        if !["{line.sku}", "{line.item}"].iter().any(|name| self.body.contains(name)) {
            found.push("body names neither {line.sku} nor {line.item}: of what is it?".to_owned());
        }
        if !["{line.quantity}", "{line.pieces}"].iter().any(|n| self.body.contains(n)) {
            found.push("body tells no {line.quantity} and no {line.pieces}".to_owned());
        }
        found.extend(self.success.problems());
        if self.rows == 0 || self.rows > MOST_ROWS {
            found.push(format!("rows must lie between 1 and {MOST_ROWS}"));
        }
        found.into_iter().map(|why| format!("inventory.available.{why}")).collect()
    }

    /// The call for these lines. None where the template cannot be filled, which [`Self::problems`] would have said.
    pub fn fill(
        &self,
        company: &Company,
        as_of: Timestamp,
        lines: &[AvailableLine],
    ) -> Option<TellAvailable> {
        Some(TellAvailable {
            lines: lines.len(),
            call: ReadyCall {
                kind: self.kind,
                path: self.path.clone(),
                body: template::body(&self.body, &Told { company, as_of, lines })?,
                success: self.success.clone(),
            },
        })
    }
}

//! `[connection.inventory]`: comparing stock.

use domain::custom_call::Available;
use domain::stock::{Inventory, Mode};
use domain::time::Span;
use serde::Deserialize;
use std::collections::BTreeSet;

/// As a person writes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventoryConfig {
    /// `report`, `counting-journal` or `external-adjustments`.
    #[serde(default)]
    pub mode: Mode,
    /// `HH:MM`, UTC.
    #[serde(default = "two")]
    pub nightly: Clock,
    /// More pieces than this need a person.
    #[serde(default = "ten")]
    pub threshold: i64,
    /// Journal name for counting in F&O.
    #[serde(default)]
    pub journal: String,
    /// Counting reason code.
    #[serde(default)]
    pub reason: String,
    /// Id of the external warehouse management system in F&O.
    #[serde(default)]
    pub external_system: String,
    /// Inventory status of adjustments.
    #[serde(default)]
    pub inventory_status: String,
    /// Inventory statuses that count as on hand; empty = all.
    #[serde(default)]
    pub statuses: BTreeSet<String>,
    /// Processed adjustments stay in their set.
    #[serde(default)]
    pub adjustments_stay: bool,
    /// Read lots.
    #[serde(default)]
    pub lots: bool,
    /// `[connection.inventory.available]`: how available quantities are told to F&O.
    #[serde(default)]
    pub available: Option<Available>,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Clock(Span);

impl TryFrom<String> for Clock {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts = text.split_once(':').and_then(|(h, m)| {
            let (h, m) = (h.parse::<i64>().ok()?, m.parse::<i64>().ok()?);
            ((0..24).contains(&h) && (0..60).contains(&m)).then_some((h, m))
        });
        let (hours, minutes) =
            parts.ok_or_else(|| format!("\"{text}\" is no time of day: write \"02:30\""))?;
        Ok(Self(Span::minutes(hours * 60 + minutes)))
    }
}

fn two() -> Clock {
    Clock(Span::hours(2))
}

fn ten() -> i64 {
    10
}

impl InventoryConfig {
    /// As the flow takes it.
    #[must_use]
    pub fn settings(&self) -> Inventory {
        Inventory {
            mode: self.mode,
            nightly: self.nightly.0,
            threshold: self.threshold,
            journal: self.journal.clone(),
            reason: self.reason.clone(),
            external_system: self.external_system.clone(),
            inventory_status: self.inventory_status.clone(),
            statuses: self.statuses.clone(),
            adjustments_stay: self.adjustments_stay,
            lots: self.lots,
            available: self.available.clone(),
        }
    }
}

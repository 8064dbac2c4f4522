//! `[retention]`: days closed things are kept; 0 = for ever.

use super::{ConfigError, invalid};
use domain::retention::Retention;
use domain::time::Span;
use serde::Deserialize;

/// `[retention]`, in days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// Signals worked off.
    pub signals: i64,
    /// Plans that are not the latest of their order, with their facts.
    pub plans: i64,
    /// Healed holds.
    pub holds: i64,
    /// Attempts of finished writes.
    pub attempts: i64,
    /// Personal data of orders without open work.
    pub personal: i64,
    /// Entries of the trail.
    pub trail: i64,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        let r = Retention::default();
        let days = |span: Option<Span>| span.map_or(0, |s| s.0 / Span::days(1).0);
        Self {
            signals: days(r.signals),
            plans: days(r.plans),
            holds: days(r.holds),
            attempts: days(r.attempts),
            personal: days(r.personal),
            trail: days(r.trail),
        }
    }
}

impl RetentionConfig {
    /// The periods, checked.
    ///
    /// # Errors
    /// When one is shorter than it may be.
    pub fn periods(&self) -> Result<Retention, ConfigError> {
        let days = |n: i64| (n != 0).then(|| Span::days(n));
        let periods = Retention {
            signals: days(self.signals),
            plans: days(self.plans),
            holds: days(self.holds),
            attempts: days(self.attempts),
            personal: days(self.personal),
            trail: days(self.trail),
        };
        match periods.problems().into_iter().next() {
            Some((table, why)) => Err(invalid(&format!("retention.{table}"), why)),
            None => Ok(periods),
        }
    }
}

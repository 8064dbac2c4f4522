//! How long closed things are kept. What is open is never deleted, whatever its age.

use crate::time::Span;

/// A period per table; none keeps for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Signals worked off, with the keys by which repetitions are known.
    pub signals: Option<Span>,
    /// Plans that are not the latest of their order, with their facts.
    pub plans: Option<Span>,
    /// Holds that healed.
    pub holds: Option<Span>,
    /// Attempts of finished writes; the writes themselves stay, they keep a write from happening
    /// twice.
    pub attempts: Option<Span>,
    /// Personal data of orders without open work: erased as on request.
    pub personal: Option<Span>,
    /// Entries of the trail, from its beginning; the chain goes on from an archived head.
    pub trail: Option<Span>,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |n| Some(Span::days(n));
        Self {
            signals: days(30),
            plans: days(90),
            holds: days(365),
            attempts: days(180),
            personal: None,
            trail: None,
        }
    }
}

/// The shortest period of each table in days, and why it cannot be shorter.
pub const LEAST: [(&str, i64, &str); 6] = [
    ("signals", 7, "a vendor may repeat a webhook for days, and its key must still be known"),
    ("plans", 7, "a decision must be explainable while people still ask about it"),
    ("holds", 30, "a healed hold explains why an order was late"),
    ("attempts", 30, "attempts show what was sent when a vendor asks"),
    ("personal", 30, "returns and delivery problems come within a month"),
    ("trail", 365, "auditors ask for a whole year"),
];

impl Retention {
    /// What is wrong with a period: (table, what to do).
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let all = [self.signals, self.plans, self.holds, self.attempts, self.personal, self.trail];
        let short = LEAST.into_iter().zip(all).filter_map(|((table, least, why), period)| {
            let period = period?;
            let bad = period < Span::days(least);
            bad.then(|| (table, format!("must be 0 (for ever) or at least {least} days: {why}")))
        });
        short.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_that_is_too_short_is_named_with_its_reason() {
        assert_eq!(Retention::default().problems(), Vec::new());
        let bad = Retention {
            signals: Some(Span::days(1)),
            trail: Some(Span::days(364)),
            ..Retention::default()
        };
        let named: Vec<&str> = bad.problems().into_iter().map(|(table, _)| table).collect();
        assert_eq!(named, ["signals", "trail"]);
    }
}

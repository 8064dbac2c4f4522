//! A stored plan made again from its stored facts, and what another plan would do differently.

use crate::flows::plan_order;
use crate::plan::{OrderFacts, Plan};
use crate::settings::Settings;

/// Differences shown of one kind of thing.
const SHOWN: usize = 50;

/// A stored decision that cannot be made again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The stored facts are of another shape.
    #[error("the stored facts cannot be read: {0}")]
    Facts(String),
    /// The stored plan is of another shape.
    #[error("the stored plan cannot be read: {0}")]
    Outcome(String),
}

/// What came of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The plan as it was stored.
    pub stored: Plan,
    /// The plan as this build makes it from the same facts and the recorded settings.
    pub again: Plan,
    /// Every byte is the same.
    pub same: bool,
    /// What differs, when something does.
    pub unlike: Vec<String>,
}

/// Makes a stored plan again. The facts hold the moment they were gathered, so that nothing but
/// facts and settings decides.
///
/// # Errors
/// When facts or outcome are not of this build's shape.
pub fn replay(facts: &[u8], outcome: &str, settings: &Settings) -> Result<Replayed, ReplayError> {
    let facts = facts_of(facts)?;
    let stored: Plan =
        serde_json::from_str(outcome).map_err(|e| ReplayError::Outcome(e.to_string()))?;
    let again = plan_order(&facts, settings);
    let bytes = serde_json::to_string(&again).unwrap_or_default();
    let unlike = difference(&stored, &again);
    Ok(Replayed { same: bytes == outcome, stored, again, unlike })
}

/// The plan from the same facts under other settings.
///
/// # Errors
/// When the facts are not of this build's shape.
pub fn under(facts: &[u8], settings: &Settings) -> Result<Plan, ReplayError> {
    Ok(plan_order(&facts_of(facts)?, settings))
}

fn facts_of(facts: &[u8]) -> Result<OrderFacts, ReplayError> {
    serde_json::from_slice(facts).map_err(|e| ReplayError::Facts(e.to_string()))
}

/// What the second plan does and the first does not, and the other way round, in words.
pub fn difference(one: &Plan, other: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    if one.status != other.status {
        found.push(format!("status \"{}\" becomes \"{}\"", one.status, other.status));
    }
    if one.sentence != other.sentence {
        found.push(format!("\"{}\" becomes \"{}\"", one.sentence, other.sentence));
    }
    let writes = |plan: &Plan| -> Vec<String> {
        let one = |d: &crate::plan::PlannedDelivery| format!("{} ({})", d.operation.name(), d.key);
        plan.deliveries.iter().map(one).collect()
    };
    let holds = |plan: &Plan| -> Vec<String> {
        plan.holds.iter().map(|h| format!("{}: {}", h.reason.cause, h.reason.reason)).collect()
    };
    let reasons = |plan: &Plan| plan.reasons.clone();
    for (what, list) in [
        ("write", &writes as &dyn Fn(&Plan) -> Vec<String>),
        ("hold", &holds),
        ("reason", &reasons),
    ] {
        let (before, after) = (list(one), list(other));
        let gone = before.iter().filter(|x| !after.contains(x));
        found.extend(gone.take(SHOWN).map(|x| format!("no longer: {what} {x}")));
        let new = after.iter().filter(|x| !before.contains(x));
        found.extend(new.take(SHOWN).map(|x| format!("new: {what} {x}")));
    }
    if found.is_empty() && one != other {
        found.push("the same writes, holds and reasons, with other contents".to_owned());
    }
    found
}

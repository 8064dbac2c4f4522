//! What the engine says of itself. The console asks for a snapshot; how it is made is the
//! engine's business.

use crate::model::{At, FlowFacts};
use domain::ids::CentreId;
use domain::mapping::Mapping;
use domain::operation::Flow;
use serde::Serialize;
use std::collections::BTreeSet;

/// Answers at any time without waiting.
pub trait EngineStatus: Send + Sync {
    /// The state now.
    fn snapshot(&self) -> EngineSnapshot;
}

/// State of the engine that works for this connection.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EngineSnapshot {
    /// Version of the product.
    pub version: String,
    /// Who owns the cell; none when nobody does.
    pub owner: Option<Owner>,
    /// Dynamics.
    pub dynamics: SystemSnapshot,
    /// ShipBob.
    pub shipbob: SystemSnapshot,
    /// Flows that are on.
    pub flows: Vec<FlowSnapshot>,
    /// Warehouses and where their goods lie at ShipBob.
    pub warehouses: Vec<WarehouseLine>,
}

/// One mapped warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WarehouseLine {
    /// In Dynamics.
    pub warehouse: String,
    /// Release and write-back.
    pub profile: &'static str,
    /// ShipBob's side.
    #[serde(flatten)]
    pub mapping: Mapping,
    /// Its centres that are not active at ShipBob.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub closed: BTreeSet<CentreId>,
}

impl WarehouseLine {
    /// Where orders of it leave from, in words.
    pub fn words(&self) -> String {
        match &self.mapping {
            Mapping::Pinned(centre) => format!("always centre {centre}"),
            Mapping::Network(_) => format!("ShipBob chooses from {}", self.mapping),
        }
    }

    /// What waits for a closed centre; none when nothing does.
    pub fn waits(&self) -> Option<&'static str> {
        match (self.closed.is_empty(), self.mapping.shut(&self.closed)) {
            (true, _) => None,
            (false, true) => Some("Closed at ShipBob: its orders and its stock wait"),
            (false, false) => Some("A centre is closed at ShipBob: its stock waits"),
        }
    }
}

/// Owner of the cell.
#[derive(Debug, Clone, Serialize)]
pub struct Owner {
    /// Name of the node.
    pub holder: String,
    /// Number that proves the ownership.
    pub fence: i64,
    /// Since when.
    pub since: At,
    /// It is this process.
    pub here: bool,
}

/// One remote system as the engine meets it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SystemSnapshot {
    /// Calls used of the window (ShipBob) or under way (Dynamics).
    pub used: u32,
    /// Calls allowed in the window, or at once.
    pub limit: u32,
    /// Use in percent, one value a minute, oldest first, at most 60.
    pub history: Vec<u32>,
    /// Median time of an answer, milliseconds.
    pub answer_ms: Option<u32>,
    /// Next poll.
    pub next_poll: Option<At>,
    /// Last good answer.
    pub last_ok: Option<At>,
    /// What is wrong now.
    pub trouble: Option<Trouble>,
}

/// What is wrong with a remote system.
#[derive(Debug, Clone, Serialize)]
pub struct Trouble {
    /// Which kind.
    pub kind: TroubleKind,
    /// In plain words, without personal data.
    pub why: String,
    /// Since when.
    pub since: At,
}

/// Kinds of trouble a sentence tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleKind {
    /// Our credentials are refused: a person must act.
    Credentials,
    /// A person must let us in (again).
    Reconnect,
    /// No answer, or answers that are no answers.
    Unreachable,
    /// It asks us to wait.
    Throttled,
    /// Anything else.
    Other,
}

/// One flow as the engine runs it.
#[derive(Debug, Clone, Serialize)]
pub struct FlowSnapshot {
    /// Which.
    pub flow: Flow,
    /// Stopped by a person.
    pub paused: bool,
    /// Last run that was gone through to its end. The database knows it, the engine leaves it out.
    pub last_run: Option<At>,
    /// Next run; in the past when it is due now.
    pub next_run: Option<At>,
    /// A run is under way.
    pub running: bool,
    /// Why there is no next run to name, in plain words.
    pub waits_for: Option<String>,
    /// What went wrong since the last run that ended well, in plain words, and when.
    pub last_error: Option<(String, At)>,
}

impl EngineSnapshot {
    /// Adds what the database knows of the flows that are on.
    pub(crate) fn learn(&mut self, facts: &[FlowFacts]) {
        for on in &mut self.flows {
            let found = facts.iter().find(|one| one.flow == on.flow);
            on.last_run = found.and_then(|one| one.last_run).or(on.last_run);
        }
    }
}

//! What a person may ask of the engine. A command is kept as a signal (source `operator`) and
//! carried out by the owner of the cell; the console itself changes nothing.

use domain::operation::Flow;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Source of the signals that carry commands.
pub const SOURCE: &str = "operator";

/// Longest reason a person may give, in characters.
pub const WHY_LIMIT: usize = 500;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Try again what waits for a person or was refused.
    Retry,
    /// Do not send this order to ShipBob; needs a reason.
    Skip,
    /// Send this order although it was released before the cut-off.
    Release,
    /// This hold has been dealt with elsewhere; needs a reason.
    Dismiss,
    /// Look now: at both systems for everything, or for one order by its key.
    RunNow,
    /// Stop until resumed.
    Pause,
    /// Go on.
    Resume,
    /// Run the doctor.
    Doctor,
    /// Hold both live contracts against this build's.
    Drift,
    /// Erase the personal data of an order once nothing of it is open; needs a reason.
    Erase,
}

impl Verb {
    const ALL: [Self; 10] = [
        Self::Retry,
        Self::Skip,
        Self::Release,
        Self::Dismiss,
        Self::RunNow,
        Self::Pause,
        Self::Resume,
        Self::Doctor,
        Self::Drift,
        Self::Erase,
    ];

    /// May be asked of one order.
    pub fn of_order(self) -> bool {
        self.of_group() || self == Self::Erase
    }

    /// May be asked of many orders at once.
    pub fn of_group(self) -> bool {
        matches!(self, Self::Retry | Self::Skip | Self::Release | Self::Dismiss | Self::RunNow)
    }

    /// May be asked of a single flow; the others of [`Verb::of_flow`] are asked of all.
    pub fn of_one_flow(self) -> bool {
        matches!(self, Self::RunNow | Self::Pause | Self::Resume)
    }

    /// May be asked of a flow.
    pub fn of_flow(self) -> bool {
        matches!(self, Self::RunNow | Self::Pause | Self::Resume | Self::Doctor | Self::Drift)
    }

    /// The word in addresses and signals.
    pub fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Skip => "skip",
            Self::Release => "release",
            Self::Dismiss => "dismiss",
            Self::RunNow => "run-now",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Doctor => "doctor",
            Self::Drift => "drift",
            Self::Erase => "erase",
        }
    }

    /// The verb of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.word() == word)
    }

    /// Must a reason be given?
    pub fn needs_why(self) -> bool {
        matches!(self, Self::Skip | Self::Dismiss | Self::Erase)
    }

    /// What was asked, for the line that confirms it.
    pub fn asked(self) -> &'static str {
        match self {
            Self::Retry => "Asked to try again",
            Self::Skip => "Asked to skip",
            Self::Release => "Asked to send",
            Self::Dismiss => "Asked to dismiss",
            Self::RunNow => "Asked to look now",
            Self::Pause => "Asked to pause",
            Self::Resume => "Asked to resume",
            Self::Doctor => "Asked for the doctor",
            Self::Drift => "Asked to compare the contracts",
            Self::Erase => "Asked to erase the personal data",
        }
    }
}

/// What it is asked of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "key", rename_all = "kebab-case")]
pub enum Target {
    /// One sales order.
    Order(String),
    /// One flow.
    Flow(Flow),
    /// Every flow of the connection.
    Connection,
}

impl Target {
    /// `target_kind` of the signal.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Flow(_) => "flow",
            Self::Connection => "connection",
        }
    }

    /// `target_key` of the signal.
    pub fn key(&self) -> String {
        match self {
            Self::Order(number) => number.clone(),
            Self::Flow(flow) => flow_word(*flow).to_owned(),
            Self::Connection => String::new(),
        }
    }
}

/// One command, exactly as it stands in the body of its signal (JSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// What is asked.
    pub verb: Verb,
    /// Of what.
    pub target: Target,
    /// Of a dismissal: which hold, as `domain::disposition::HoldReason::identity` writes it.
    pub hold: Option<String>,
    /// Reason given by the person.
    pub why: Option<String>,
    /// The person, as named at login.
    pub who: String,
    /// When, by our clock.
    pub at: Timestamp,
    /// Repeats of the same click carry the same id.
    pub request_id: String,
}

impl Command {
    /// Key by which a repeated click is known.
    pub fn dedupe_key(&self) -> String {
        let hold = self.hold.as_deref().unwrap_or_default();
        let (verb, key) = (self.verb.word(), self.target.key());
        format!("operator:{}:{verb}:{key}:{hold}", self.request_id)
    }
}

/// The word of a flow in addresses and signals.
pub fn flow_word(flow: Flow) -> &'static str {
    match flow {
        Flow::Orders => "orders",
        Flow::Products => "products",
        Flow::Fulfilment => "fulfilment",
        Flow::Inventory => "inventory",
        Flow::Billing => "billing",
        Flow::Returns => "returns",
    }
}

/// The flow of a word.
pub fn parse_flow(word: &str) -> Option<Flow> {
    Flow::ALL.into_iter().find(|flow| flow_word(*flow) == word)
}

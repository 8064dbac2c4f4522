//! The package under way: what is remembered of it, and what is to be done after a look at its import.

use super::NewCharge;
use crate::disposition::HoldReason;
use crate::ids::Scope;
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// An import F&O took and has not known for so long is given up. Until then it may be a moment of weakness.
pub const FORGOTTEN_AFTER: Span = Span::hours(1);
/// Cause of the hold for a charge of such an import.
pub const FORGOTTEN: &str = "charge-import-forgotten";
/// Cause of the hold for a charge whose import does not end.
pub const ENDLESS: &str = "charge-import-endless";
/// Namespace of execution ids (any fixed UUID; never change it).
const PACKAGES: uuid::Uuid = uuid::Uuid::from_u128(0x6d6c_2d63_6f6e_4e65_8374_6f72_7061_636b);

/// How an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportState {
    /// F&O does not know the execution.
    Unknown,
    /// Not begun, or under way.
    Running,
    /// Ended, every row taken.
    Succeeded,
    /// Ended, some rows not taken.
    Partly,
    /// Ended, nothing or not everything taken.
    Failed,
}

/// The package under way, or the last one: written before the first call, so that no crash forgets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Execution id; ours until F&O says another one.
    pub execution: String,
    /// When it was begun.
    pub began: Timestamp,
    /// Ids of the deliveries in it.
    pub deliveries: Vec<i64>,
    /// F&O said that it took the import.
    pub accepted: bool,
    /// F&O has kept an execution id of ours before: then one it does not know never began.
    pub ours: bool,
    /// When it was seen to have ended, and how.
    pub ended: Option<(Timestamp, ImportState)>,
    /// What F&O said of it.
    pub errors: Vec<String>,
    /// Charges have been written by calls of the customer's since the first package: one in doubt that is in no package may
    /// have been sent all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub called: bool,
    /// Since when F&O has not known the execution, although it took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_since: Option<Timestamp>,
}

impl Sent {
    /// Takes in how F&O says the import stands; true when that must be written down.
    pub fn look(&mut self, state: ImportState, now: Timestamp) -> bool {
        let before = (self.accepted, self.unknown_since);
        match state {
            ImportState::Unknown if self.accepted => {
                self.unknown_since.get_or_insert(now);
            }
            ImportState::Unknown => {}
            ImportState::Running => {
                // F&O shows our own id before its answer came.
                self.accepted = true;
                self.unknown_since = None;
            }
            ImportState::Succeeded | ImportState::Partly | ImportState::Failed => {
                self.unknown_since = None;
            }
        }
        (self.accepted, self.unknown_since) != before
    }

    /// It ended in nothing that can be known: F&O took it and forgot it.
    pub fn forgotten(&self) -> bool {
        matches!(self.ended, Some((_, ImportState::Unknown)))
    }
}

/// What is to be done about a package whose import was just looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It has ended so: the charges on the orders are judged.
    Over(ImportState),
    /// It is looked at again.
    Wait,
    /// F&O does not know it. If all of its charges stand, it has succeeded; else this.
    ByCharges(Option<ImportState>),
    /// It runs and runs: a person's business.
    Endless,
}

/// Of a package that has not ended, after [`Sent::look`]. `settled`: what was sent when it began would show by now;
/// `deadline`: when it should have ended.
pub fn next(
    sent: &Sent,
    state: ImportState,
    now: Timestamp,
    (settled, deadline): (Timestamp, Timestamp),
) -> Next {
    match state {
        ImportState::Succeeded | ImportState::Partly | ImportState::Failed => Next::Over(state),
        ImportState::Running if now < deadline => Next::Wait,
        ImportState::Running => Next::Endless,
        // F&O takes execution ids of ours, and does not know this one: it never began.
        ImportState::Unknown if !sent.accepted && sent.ours && now >= settled => {
            Next::Over(ImportState::Failed)
        }
        ImportState::Unknown if !sent.accepted => {
            Next::ByCharges((now >= deadline).then_some(ImportState::Failed))
        }
        ImportState::Unknown => {
            let since = sent.unknown_since.unwrap_or(now);
            let given_up = now.since(since) >= FORGOTTEN_AFTER;
            Next::ByCharges(given_up.then_some(ImportState::Unknown))
        }
    }
}

/// What a person must decide about a charge of a forgotten import that does not stand on its order. It is not sent again
/// by itself: nobody can say that F&O will not bring it after all.
pub fn forgotten(sent: &Sent, new: &NewCharge) -> HoldReason {
    let (execution, line) = (&sent.execution, new.line);
    let others = match sent.deliveries.len() {
        0 | 1 => "it was the only charge in it".to_owned(),
        n => format!("{n} charges were in it"),
    };
    HoldReason::new(
        FORGOTTEN,
        "import",
        &format!("{execution} line {line}"),
        &format!(
            "Dynamics took the import of this charge at {} and does not know it any more (execution {execution}, {others}). Charge {} of {} {} for shipment {} does not stand on order {}.",
            sent.began.to_rfc3339_seconds(),
            new.code,
            new.amount,
            new.currency,
            new.shipment,
            new.order,
        ),
        "Look whether the import was deleted in Dynamics (Data management, job history) or may still run. Retry reads the charges of the order again and sends this one only if it still is not there. Other orders do not wait for it.",
    )
}

/// The execution id we offer for a package: another one for every package.
pub fn execution(scope: &Scope, began: Timestamp, first: i64) -> String {
    let seed = format!("{}/{}/{}/{first}", scope.organisation, scope.connection, began.0);
    uuid::Uuid::new_v5(&PACKAGES, seed.as_bytes()).to_string()
}

#[cfg(test)]
mod tests;

//! Commands of people. They arrive as signals and are executed by the owner of the cell, the only
//! writer of its trail.

use crate::error::Result;
use crate::gather::target;
use crate::parts::Engine;
use crate::trail;
use domain::operation::Lane;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{DecisionKind, NewDecision, NewSignal, Txn};

/// What a person may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Command {
    /// Try again whatever waits on this order.
    Retry {
        /// Sales order number.
        subject: String,
        /// Who asks.
        who: String,
    },
    /// Never send this order, or regard one hold as dealt with.
    Skip {
        /// Sales order number.
        subject: String,
        /// Identity of the hold (`cause|field|value`); none = the whole order.
        hold: Option<String>,
        /// Why; required.
        why: String,
        /// Who asks.
        who: String,
    },
    /// Send an order that was released before the cut-off.
    Release {
        /// Sales order number.
        subject: String,
        /// Who asks.
        who: String,
    },
    /// Poll both systems now.
    PollNow {
        /// Who asks.
        who: String,
    },
    /// Stop polling and sending; what is under way is finished.
    Pause {
        /// Who asks.
        who: String,
    },
    /// Go on.
    Resume {
        /// Who asks.
        who: String,
    },
}

/// The signal that carries a command to the owner. `nonce` tells two equal commands apart.
pub fn command_signal(command: &Command, at: Timestamp, nonce: &str) -> NewSignal {
    NewSignal {
        source: "operator".to_owned(),
        target_kind: target::COMMAND.to_owned(),
        target_key: String::new(),
        dedupe_key: format!("operator|{}|{nonce}", at.0),
        body: serde_json::to_vec(command).ok(),
        received_at: at,
        flagged: false,
    }
}

/// Separates the identity of a dismissed hold from the reason a person gave.
pub(crate) const DISMISSED: char = '\u{1f}';

impl Engine {
    pub(crate) async fn run_command(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        command: Command,
    ) -> Result<()> {
        let (subject, kind, why, who, what) = match command {
            Command::Retry { subject, who } => {
                (subject, DecisionKind::Retry, String::new(), who, "asked to try again")
            }
            Command::Skip { subject, hold: None, why, who } => {
                (subject, DecisionKind::Skip, why, who, "skipped the order")
            }
            Command::Skip { subject, hold: Some(hold), why, who } => {
                let why = format!("{hold}{DISMISSED}{why}");
                (subject, DecisionKind::Skip, why, who, "dealt with a hold")
            }
            Command::Release { subject, who } => {
                (subject, DecisionKind::Release, String::new(), who, "released the order by hand")
            }
            Command::PollNow { who } => {
                let mut memory = self.remember();
                memory.dynamics_poll_due = Timestamp::MIN;
                memory.shipbob_poll_due = Timestamp::MIN;
                drop(memory);
                return self.log_command(txn, now, &who, "asked to poll now").await;
            }
            Command::Pause { who } => {
                self.remember().paused = true;
                txn.connection_paused(&self.scope, true).await?;
                return self.log_command(txn, now, &who, "paused the connection").await;
            }
            Command::Resume { who } => {
                self.remember().paused = false;
                txn.connection_paused(&self.scope, false).await?;
                return self.log_command(txn, now, &who, "resumed the connection").await;
            }
        };
        let words = why.rsplit(DISMISSED).next().unwrap_or_default().to_owned();
        let decision =
            NewDecision { subject: subject.clone(), kind, why, who: who.clone(), at: now };
        txn.decisions_put(&self.scope, vec![decision]).await?;
        let entry = trail::entry(now, &who, what, &subject, words);
        txn.trail_append(&self.scope, vec![entry]).await?;
        txn.subjects_mark(&self.scope, vec![subject.clone()], Lane::Orders as i64, now).await?;
        // Whatever a person looked at was perhaps mended a moment ago: read it again.
        let again = crate::poll::signal(
            "operator",
            target::SALES,
            &subject,
            format!("operator|{subject}|{}", now.0),
            now,
        );
        txn.inbox_add_many(&self.scope, vec![again]).await?;
        Ok(())
    }

    async fn log_command(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        who: &str,
        what: &str,
    ) -> Result<()> {
        let entry = trail::entry(now, who, what, "", String::new());
        let entry = store::TrailEntry { subject: None, ..entry };
        txn.trail_append(&self.scope, vec![entry]).await?;
        Ok(())
    }
}

//! Commands of people. They arrive as signals (source `operator`) and are executed by the owner of
//! the cell, the only writer of its trail.

use crate::error::Result;
use crate::gather::target;
use crate::kept::{WAREHOUSE, load};
use crate::parts::Engine;
use crate::trail;
use domain::operation::Lane;
use domain::plan::SeenOrder;
use domain::stock::JOURNAL_SUBJECT;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{DecisionKind, NewDecision, Signal, Txn};

/// Source of signals that carry commands.
pub const SOURCE: &str = "operator";

/// What a person may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Try again whatever waits on this order.
    Retry,
    /// Never send this order.
    Skip,
    /// Send an order that was released before the cut-off.
    Release,
    /// Regard one hold as dealt with.
    Dismiss,
    /// Poll both systems now.
    RunNow,
    /// Stop polling, planning and sending; what is under way is finished.
    Pause,
    /// Go on.
    Resume,
    /// Run the doctor.
    Doctor,
    /// Hold both live contracts against this build's.
    Drift,
}

/// What a command is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "key", rename_all = "kebab-case")]
pub enum Target {
    /// A sales order.
    Order(String),
    /// A flow.
    Flow(String),
    /// Everything.
    Connection,
}

/// A command as the console and the CLI write it into the body of a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// What to do.
    pub verb: Verb,
    /// About what.
    pub target: Target,
    /// Identity of a hold (`cause|field|value`).
    #[serde(default)]
    pub hold: Option<String>,
    /// Why.
    #[serde(default)]
    pub why: Option<String>,
    /// Who asks.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Ties the trail entry to the click.
    #[serde(default)]
    pub request_id: String,
}

/// Separates the identity of a dismissed hold from the reason a person gave.
pub(crate) const DISMISSED: char = '\u{1f}';

impl Engine {
    pub(crate) async fn run_commands(&self, signals: Vec<Signal>) -> Result<bool> {
        let now = self.now();
        let mut work = self.begin("gather.commands").await?;
        for s in &signals {
            match s.body.as_deref().map(serde_json::from_slice::<Command>) {
                Some(Ok(command)) => self.run_command(&mut work.txn, now, command).await?,
                _ => tracing::warn!(id = s.id, "command.unreadable"),
            }
        }
        work.txn.inbox_done(&self.scope, signals.iter().map(|s| s.id).collect(), now).await?;
        work.commit().await?;
        Ok(true)
    }

    async fn run_command(&self, txn: &mut Txn, now: Timestamp, command: Command) -> Result<()> {
        let Target::Order(subject) = command.target.clone() else {
            return self.run_for_all(txn, now, &command).await;
        };
        if subject.starts_with(JOURNAL_SUBJECT) {
            return self.journal_command(txn, now, &command, &subject).await;
        }
        if command.verb == Verb::RunNow {
            return self.look_again(txn, now, &command.who, &subject).await;
        }
        let reason = command.why.unwrap_or_default();
        let (kind, why, what) = match (command.verb, command.hold) {
            (Verb::Retry, _) => (DecisionKind::Retry, String::new(), "asked to try again"),
            (Verb::Release, _) => {
                (DecisionKind::Release, String::new(), "released the order by hand")
            }
            (Verb::Skip, None) => (DecisionKind::Skip, reason.clone(), "skipped the order"),
            (Verb::Dismiss | Verb::Skip, Some(hold)) => {
                (DecisionKind::Skip, format!("{hold}{DISMISSED}{reason}"), "dismissed a hold")
            }
            (Verb::Dismiss, None)
            | (Verb::RunNow | Verb::Pause | Verb::Resume | Verb::Doctor | Verb::Drift, _) => {
                tracing::warn!(?subject, verb = ?command.verb, "command.makes_no_sense");
                return Ok(());
            }
        };
        let decision =
            NewDecision { subject: subject.clone(), kind, why, who: command.who.clone(), at: now };
        txn.decisions_put(&self.scope, vec![decision]).await?;
        let mut entry = trail::entry(now, &command.who, what, &subject, reason);
        entry.request_id = Some(command.request_id).filter(|id| !id.is_empty());
        txn.trail_append(&self.scope, vec![entry]).await?;
        txn.subjects_mark(&self.scope, vec![subject.clone()], Lane::Orders as i64, now).await?;
        // Whatever a person looked at was perhaps mended a moment ago.
        self.read_again(txn, now, &subject).await
    }

    async fn look_again(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        who: &str,
        subject: &str,
    ) -> Result<()> {
        let why = "Both systems are read again.".to_owned();
        let entry = trail::entry(now, who, "asked to look again", subject, why);
        txn.trail_append(&self.scope, vec![entry]).await?;
        self.read_again(txn, now, subject).await
    }

    /// Reads the order again on both sides.
    async fn read_again(&self, txn: &mut Txn, now: Timestamp, subject: &str) -> Result<()> {
        let keys = [subject.to_owned()];
        let seen: HashMap<String, Vec<SeenOrder>> =
            load(txn, &self.scope, WAREHOUSE, &keys).await?;
        let dedupe = |key: &str| format!("operator|{key}|{}", now.0);
        let mut again =
            vec![crate::poll::signal("look", target::SALES, subject, dedupe(subject), now)];
        for one in seen.values().flatten() {
            let id = one.order.id.to_string();
            again.push(crate::poll::signal("look", target::WAREHOUSE, &id, dedupe(&id), now));
        }
        txn.inbox_add_many(&self.scope, again).await?;
        Ok(())
    }

    async fn run_for_all(&self, txn: &mut Txn, now: Timestamp, command: &Command) -> Result<()> {
        let stock = matches!(&command.target, Target::Flow(flow) if flow == "inventory");
        let what = match command.verb {
            Verb::RunNow if stock => {
                self.remember().stock.asked = true;
                "asked to compare stock now"
            }
            Verb::RunNow => {
                let mut memory = self.remember();
                memory.dynamics_poll_due = Timestamp::MIN;
                memory.shipbob_poll_due = Timestamp::MIN;
                "asked to poll now"
            }
            Verb::Pause => {
                self.remember().paused = true;
                txn.connection_paused(&self.scope, true).await?;
                "paused the connection"
            }
            Verb::Resume => {
                self.remember().paused = false;
                txn.connection_paused(&self.scope, false).await?;
                "resumed the connection"
            }
            Verb::Doctor => {
                self.remember().doctor_asked = true;
                "asked for the doctor"
            }
            Verb::Drift => {
                self.remember().drift_due = Some(Timestamp::MIN);
                "asked to compare the contracts"
            }
            Verb::Retry | Verb::Skip | Verb::Release | Verb::Dismiss => {
                tracing::warn!(verb = ?command.verb, "command.makes_no_sense");
                return Ok(());
            }
        };
        let why = command.why.clone().unwrap_or_default();
        let entry = trail::entry(now, &command.who, what, "", why);
        let entry = store::TrailEntry { subject: None, ..entry };
        txn.trail_append(&self.scope, vec![entry]).await?;
        Ok(())
    }
}

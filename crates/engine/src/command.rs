//! Commands of people. They arrive as signals (source `operator`) and are executed by the owner of
//! the cell, the only writer of its trail.

use crate::error::Result;
use crate::gather::target;
use crate::kept::{WAREHOUSE, load};
use crate::parts::Engine;
use crate::pausing::flow_of_word;
use crate::trail;
use domain::operation::{Flow, Lane};
use domain::plan::SeenOrder;
use domain::stock::JOURNAL_SUBJECT;
use domain::time::{Span, Timestamp};
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
    /// Erase the personal data of an order, as soon as nothing of it is open.
    Erase,
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
        // Whatever comes of the commit, what is paused is read again before anything goes on.
        self.remember().pauses_known = false;
        let mut work = self.begin("gather.commands").await?;
        for s in &signals {
            match s.body.as_deref().map(serde_json::from_slice::<Command>) {
                Some(Ok(command)) => self.run_command(&mut work.txn, now, command).await?,
                _ => tracing::warn!(id = s.id, "command.unreadable"),
            }
        }
        work.txn.inbox_done(&self.scope, signals.iter().map(|s| s.id).collect(), now).await?;
        work.commit().await?;
        self.recall_pauses().await?;
        Ok(true)
    }

    async fn run_command(&self, txn: &mut Txn, now: Timestamp, command: Command) -> Result<()> {
        let subject = match command.target {
            Target::Order(ref subject) => subject.clone(),
            Target::Flow(ref word) => {
                let Some(flow) = flow_of_word(word) else {
                    tracing::warn!(word, "command.names_no_flow");
                    return Ok(());
                };
                return self.run_for_flow(txn, now, &command, flow).await;
            }
            Target::Connection => return self.run_for_all(txn, now, &command).await,
        };
        if subject.starts_with(JOURNAL_SUBJECT) {
            return self.journal_command(txn, now, &command, &subject).await;
        }
        if command.verb == Verb::RunNow {
            return self.look_again(txn, now, &command.who, &subject).await;
        }
        let reason = command.why.unwrap_or_default();
        if command.verb == Verb::Erase {
            let request_id = Some(command.request_id).filter(|id| !id.is_empty());
            let why = (reason, request_id);
            return self.ask_erasure(txn, now, &subject, &command.who, why).await;
        }
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
            | (
                Verb::RunNow
                | Verb::Pause
                | Verb::Resume
                | Verb::Doctor
                | Verb::Drift
                | Verb::Erase,
                _,
            ) => {
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
        // An item is compared anew by its plan; only the feed as a whole can be read again.
        let item = domain::product::item_of(subject).is_some();
        let kind = if item { target::SUBJECT } else { target::SALES };
        let mut again = vec![crate::poll::signal("look", kind, subject, dedupe(subject), now)];
        for one in seen.values().flatten() {
            let id = one.order.id.to_string();
            again.push(crate::poll::signal("look", target::WAREHOUSE, &id, dedupe(&id), now));
        }
        txn.inbox_add_many(&self.scope, again).await?;
        Ok(())
    }

    async fn run_for_all(&self, txn: &mut Txn, now: Timestamp, command: &Command) -> Result<()> {
        let what = match command.verb {
            Verb::RunNow => {
                let mut memory = self.remember();
                memory.run_now = vec![Flow::Orders, Flow::Fulfilment, Flow::Products];
                memory.dynamics_poll_due = Timestamp::MIN;
                memory.shipbob_poll_due = Timestamp::MIN;
                // Not the very first moment: that one asks the cursor whether it is due.
                memory.products_due = Timestamp::MIN + Span::seconds(1);
                "asked to poll now"
            }
            Verb::Pause => {
                let why = command.why.as_deref().unwrap_or_default();
                self.keep_pause(txn, now, None, (&command.who, why)).await?;
                "paused the connection"
            }
            Verb::Resume => {
                self.keep_resume(txn, now, None).await?;
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
            Verb::Retry | Verb::Skip | Verb::Release | Verb::Dismiss | Verb::Erase => {
                tracing::warn!(verb = ?command.verb, "command.makes_no_sense");
                return Ok(());
            }
        };
        self.tell_asked(txn, now, command, what).await
    }

    /// Makes what a flow begins with due.
    fn run_soon(&self, flow: Flow) {
        let mut memory = self.remember();
        memory.run_now.push(flow);
        match flow {
            Flow::Orders => memory.dynamics_poll_due = Timestamp::MIN,
            Flow::Fulfilment => {
                memory.run_now.push(Flow::Orders);
                memory.dynamics_poll_due = Timestamp::MIN;
                memory.shipbob_poll_due = Timestamp::MIN;
            }
            // Not the very first moment: that one asks the cursor whether it is due.
            Flow::Products => memory.products_due = Timestamp::MIN + Span::seconds(1),
            Flow::Inventory => memory.stock.asked = true,
            Flow::Billing => memory.billing_due = Timestamp::MIN,
            Flow::Returns => memory.inbound_due = Timestamp::MIN,
        }
    }

    async fn run_for_flow(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        command: &Command,
        flow: Flow,
    ) -> Result<()> {
        let Target::Flow(word) = &command.target else { return Ok(()) };
        let what = match command.verb {
            Verb::RunNow => {
                self.run_soon(flow);
                format!("asked to run the {word} flow now")
            }
            Verb::Pause => {
                let why = command.why.as_deref().unwrap_or_default();
                self.keep_pause(txn, now, Some(flow), (&command.who, why)).await?;
                format!("paused the {word} flow")
            }
            Verb::Resume => {
                self.keep_resume(txn, now, Some(flow)).await?;
                format!("resumed the {word} flow")
            }
            _ => {
                tracing::warn!(verb = ?command.verb, word, "command.makes_no_sense");
                return Ok(());
            }
        };
        self.tell_asked(txn, now, command, &what).await
    }

    /// The trail entry of a command that is about no order.
    async fn tell_asked(
        &self,
        txn: &mut Txn,
        now: Timestamp,
        command: &Command,
        what: &str,
    ) -> Result<()> {
        let why = command.why.clone().unwrap_or_default();
        let entry = trail::entry(now, &command.who, what, "", why);
        let request_id = Some(command.request_id.clone()).filter(|id| !id.is_empty());
        let entry = store::TrailEntry { subject: None, request_id, ..entry };
        txn.trail_append(&self.scope, vec![entry]).await?;
        Ok(())
    }
}

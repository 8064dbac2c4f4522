//! Writes to F&O: many in one `$batch`, one change set each.

use super::{Answer, Claimed, Effect, Outcome, hold_outcome, later};
use crate::due::lanes;
use crate::error::{EngineError, Result};
use crate::limits::{DYNAMICS_WRITES, FIRST_LOOK};
use crate::parts::Engine;
use crate::stock::refused_lines;
use domain::disposition::HoldReason;
use domain::inbound::tells_return;
use domain::operation::{Flow, Lane, Operation, System};
use domain::stock::JOURNAL_SUBJECT;
use domain::time::Span;
use dynamics::WriteReply;
use std::ops::ControlFlow;

/// What a pause of returns holds back is looked at again after this.
const PAUSED_AGAIN: Span = Span::minutes(15);

impl Engine {
    pub(crate) async fn send_to_dynamics(&self) -> Result<bool> {
        let mut worked = false;
        // Charges go as packages: see `charges`.
        for lane in lanes(System::Dynamics).iter().filter(|lane| **lane != Lane::Charges) {
            worked |= self.write_lane(*lane).await?;
        }
        Ok(worked)
    }

    async fn write_lane(&self, lane: Lane) -> Result<bool> {
        let now = self.now();
        if self.lane_paused(lane)
            || now < self.remember().dynamics_rest
            || !self.may_call(now, self.options.dynamics_deadline)
            || !self.lane_is_due(lane).await?
        {
            return Ok(false);
        }
        let mut reader = self.store.read().await?;
        let ready = reader.deliveries_ready(&self.scope, lane as i64, now, 1).await?;
        drop(reader);
        if ready.is_empty() {
            return Ok(false);
        }
        if let Err(until) = self.dynamics_gate.may_send(lane) {
            self.remember().gate_opens = until;
            return Ok(false);
        }
        let claimed = match self.claim(lane, DYNAMICS_WRITES).await {
            Ok(claimed) => claimed,
            Err(error) => {
                // The client gives back a permission it does not use.
                let _ = self.dynamics.write(now, &[]).await;
                return Err(error);
            }
        };
        let some = !claimed.is_empty();
        let (put_off, claimed) = self.paused_returns(claimed);
        self.record(put_off).await?;
        let (calls, claimed): (Vec<Claimed>, Vec<Claimed>) =
            claimed.into_iter().partition(|c| matches!(c.operation, Operation::CustomCall(_)));
        let (told, claimed): (Vec<Claimed>, Vec<Claimed>) =
            claimed.into_iter().partition(|c| matches!(c.operation, Operation::TellAvailable(_)));
        let operations: Vec<Operation> = claimed.iter().map(|c| c.operation.clone()).collect();
        let replies = self.dynamics.write(self.now(), &operations).await;
        if replies.contains(&WriteReply::Crashed) {
            return Err(EngineError::Crashed);
        }
        let outcomes = claimed.iter().zip(replies).map(|(c, r)| self.written(c, r)).collect();
        self.record(outcomes).await?;
        let outcomes = self.send_calls(&calls).await?;
        self.record(outcomes).await?;
        let outcomes = self.send_available(&told).await?;
        self.record(outcomes).await?;
        Ok(some)
    }

    /// Notes and records of returns go in the lane of fulfilment, and have a pause of their own.
    fn paused_returns(&self, claimed: Vec<Claimed>) -> (Vec<Outcome>, Vec<Claimed>) {
        if !self.flow_paused(Flow::Returns) {
            return (Vec::new(), claimed);
        }
        let now = self.now();
        let (ours, others): (Vec<Claimed>, Vec<Claimed>) =
            claimed.into_iter().partition(|c| tells_return(&c.row.business_key));
        let put_off =
            |c: &Claimed| later(c, now, Some(PAUSED_AGAIN), false, "returns are paused").silent();
        (ours.iter().map(put_off).collect(), others)
    }

    fn written(&self, c: &Claimed, reply: WriteReply) -> Outcome {
        let now = self.now();
        let answer = match self.answer(c, reply) {
            ControlFlow::Break(later) => return later,
            ControlFlow::Continue(answer) => answer,
        };
        match answer {
            Answer::Done { already: false } => Outcome::done(c, ""),
            Answer::Done { already: true } => Outcome::done(c, "it was there already."),
            Answer::Stale { why } if c.row.subject.starts_with(JOURNAL_SUBJECT) => {
                refused_lines(c, now, &why)
            }
            // Read and planned anew before, and the same write is in somebody's way again: he has the order open. Asking on
            // and on would be as fast as F&O answers.
            Answer::Stale { why } if c.row.attempt % 2 == 0 => {
                let words = format!("still in somebody's hands ({why})");
                later(c, now, Some(left_alone(c.row.attempt)), false, &words)
                    .effect(in_hands(c, false))
            }
            Answer::Stale { why } => Outcome::withdrawn(
                c,
                &format!("the order changed meanwhile ({why}); read and planned anew."),
            )
            .silent()
            .effect(in_hands(c, true)),
            Answer::Locked { why } => later(c, now, None, true, &why),
            Answer::Refused { why }
                if matches!(
                    c.operation,
                    Operation::WriteJournalLines(_) | Operation::AdjustStock(_)
                ) =>
            {
                refused_lines(c, now, &why)
            }
            Answer::Refused { why } => hold_outcome(c, &refused_by_dynamics(c, &why)),
            Answer::Forbidden { status, why } => {
                hold_outcome(c, &refused_by_dynamics(c, &why)).status(status)
            }
            Answer::InDoubt { why } => {
                let words = format!("no clear answer ({why}); it is looked up, not repeated.");
                Outcome::in_doubt(c, now + FIRST_LOOK, now + c.row.settle, &words)
            }
            Answer::Crashed => {
                Outcome::in_doubt(c, now, now + c.row.settle, "stopped at a fault point")
            }
        }
    }
}

/// How long an order somebody has open is left alone: longer after every second attempt.
fn left_alone(attempt: i64) -> Span {
    Span::seconds(attempt.clamp(2, 60))
}

/// From now on it is watched how long that lasts: the planner tells a person in the end.
fn in_hands(c: &Claimed, read: bool) -> Effect {
    Effect::InHands { key: c.row.business_key.clone(), read }
}

/// F&O understood and says no.
fn refused_by_dynamics(c: &Claimed, why: &str) -> HoldReason {
    HoldReason::new(
        "dynamics-refused",
        c.operation.name(),
        "",
        &format!("Dynamics refuses it: {why}"),
        "Mend what Dynamics names, then press Retry.",
    )
}

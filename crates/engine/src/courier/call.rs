//! Tier 3: the customer's own call, one by one. Every call is looked up before it is made: after a restore, and beside a
//! process that was frozen in its middle, F&O may have the effect already.

use super::{Answer, Claimed, Effect, Outcome, hold_outcome, later};
use crate::error::{EngineError, Result};
use crate::limits::{FIRST_LOOK, LOOK_AGAIN};
use crate::parts::Engine;
use domain::custom_call::{LookUp, ShipmentCall};
use domain::disposition::HoldReason;
use domain::operation::{Operation, System};
use domain::time::Timestamp;
use dynamics::CallError;
use std::ops::ControlFlow;

/// Begins what a delivery remembers of a call that was answered with no.
const NO: &str = "said no: ";

/// The call a delivery carries.
fn call_of(c: &Claimed) -> Option<&ShipmentCall> {
    match &c.operation {
        Operation::CustomCall(call) => Some(call),
        _ => None,
    }
}

impl Engine {
    /// Looks all of them up, and makes those whose effect is not there.
    pub(crate) async fn send_calls(&self, claimed: &[Claimed]) -> Result<Vec<Outcome>> {
        let calls: Vec<(&Claimed, &ShipmentCall)> =
            claimed.iter().filter_map(|c| Some((c, call_of(c)?))).collect();
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let looks: Vec<&LookUp> = calls.iter().map(|(_, call)| &call.look_up).collect();
        let now = self.now();
        let found = match self.dynamics.look_up(now, &looks).await {
            Ok(found) => found,
            Err(error) => {
                let until = self.rest(System::Dynamics, error.into())?;
                let wait = Some(until.since(now));
                let words = "Dynamics could not be asked whether it was made before";
                return Ok(calls.iter().map(|(c, _)| later(c, now, wait, false, words)).collect());
            }
        };
        let mut outcomes = Vec::with_capacity(calls.len());
        for ((c, call), there) in calls.into_iter().zip(found) {
            outcomes.push(match there {
                Ok(true) => found_there(c),
                Ok(false) => self.make(c, call).await?,
                Err(error) => self.not_looked_up(c, error)?,
            });
        }
        Ok(outcomes)
    }

    async fn make(&self, c: &Claimed, call: &ShipmentCall) -> Result<Outcome> {
        let (now, deadline) = (self.now(), self.options.dynamics_deadline);
        if !self.may_call(now, deadline) || !c.in_time(now, deadline) {
            return Ok(later(c, now, None, false, "its turn came too late for a safe call"));
        }
        let reply = self.dynamics.custom_call(now, call).await;
        let now = self.now();
        let answer = match self.answer(c, reply) {
            ControlFlow::Break(later) => return Ok(later),
            ControlFlow::Continue(answer) => answer,
        };
        Ok(match answer {
            Answer::Done { .. } => {
                Outcome::done(c, "the answer is the success that is configured.")
                    .effect(Effect::ReadSales)
            }
            Answer::Crashed => return Err(EngineError::Crashed),
            Answer::Forbidden { status, why } => hold_outcome(c, &refused(&why)).status(status),
            // What was done before is refused too: the look-up decides.
            Answer::Refused { why } | Answer::Stale { why } | Answer::Locked { why } => {
                let words = format!("answered with no ({why}); looked up.");
                Outcome::in_doubt(c, now, now + c.row.settle, &words)
                    .remembering(&format!("{NO}{why}"))
            }
            Answer::InDoubt { why } => {
                let words = format!("no clear answer ({why}); it is looked up, not repeated.");
                Outcome::in_doubt(c, now + FIRST_LOOK, now + c.row.settle, &words).remembering(&why)
            }
        })
    }

    /// The look-up itself failed.
    fn not_looked_up(&self, c: &Claimed, error: CallError) -> Result<Outcome> {
        let now = self.now();
        Ok(match error {
            CallError::Refused { why, .. } => hold_outcome(c, &look_up_refused(&why)),
            CallError::NoAccess { status: 403, why } => {
                hold_outcome(c, &look_up_refused(&why)).status(403)
            }
            other => {
                let words = format!("its look-up failed ({other})");
                let until = self.rest(System::Dynamics, other.into())?;
                later(c, now, Some(until.since(now)), false, &words)
            }
        })
    }

    /// Looks up the calls among what is in doubt. None when nobody could be asked.
    pub(crate) async fn resolve_calls(&self, mine: &[Claimed]) -> Result<Option<Vec<Outcome>>> {
        let calls: Vec<(&Claimed, &ShipmentCall)> =
            mine.iter().filter_map(|c| Some((c, call_of(c)?))).collect();
        let looks: Vec<&LookUp> = calls.iter().map(|(_, call)| &call.look_up).collect();
        let began = self.now();
        // A wait that was asked of an earlier process is known to us only, not to the gate.
        if began < self.remember().dynamics_rest {
            return Ok(None);
        }
        let found = match self.dynamics.look_up(began, &looks).await {
            Ok(found) => found,
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                return Ok(None);
            }
        };
        let mut outcomes = Vec::new();
        for ((c, _), there) in calls.into_iter().zip(found) {
            match there {
                Ok(there) => outcomes.push(judge(c, began, there)),
                Err(CallError::Refused { why, .. } | CallError::NoAccess { status: 403, why }) => {
                    outcomes.push(hold_outcome(c, &look_up_refused(&why)));
                }
                // Asked again.
                Err(error) => _ = self.rest(System::Dynamics, error.into())?,
            }
        }
        Ok(Some(outcomes))
    }
}

fn found_there(c: &Claimed) -> Outcome {
    Outcome::done(c, "found in Dynamics, not repeated.").effect(Effect::ReadSales)
}

/// Found: done. Absent: looked up again until *settle* has passed, then refused or made again.
fn judge(c: &Claimed, began: Timestamp, there: bool) -> Outcome {
    if there {
        return found_there(c);
    }
    let until = c.row.doubt_until.unwrap_or(began);
    let memory = c.row.outcome.clone().unwrap_or_default();
    if let Some(why) = memory.strip_prefix(NO) {
        return hold_outcome(c, &refused(why));
    }
    if began < until {
        let look = until.min(began + LOOK_AGAIN);
        return Outcome::in_doubt(c, look, until, "not there yet; looked up again.")
            .remembering(&memory)
            .silent();
    }
    let words = format!("it never took effect ({memory}); made again.");
    later(c, began, None, true, &words).effect(Effect::ReadSales)
}

fn refused(why: &str) -> HoldReason {
    HoldReason::new(
        "custom-call-refused",
        "custom call",
        "",
        &format!("The custom call in Dynamics says no: {why}"),
        "Mend what it names in Dynamics, or the description under [connection.custom_call]; then press Retry.",
    )
}

fn look_up_refused(why: &str) -> HoldReason {
    HoldReason::new(
        "custom-call-look-up",
        "custom call",
        "",
        &format!(
            "Dynamics refuses the look-up of the custom call, so that it cannot be made safely: {why}"
        ),
        "Correct [connection.custom_call.look_up], or give the service user the right to read that set; then press Retry.",
    )
}

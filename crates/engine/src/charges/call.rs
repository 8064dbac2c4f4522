//! Charges written one by one by a call of the customer's, after the same look at codes, orders and charges that goes before
//! a package. After an unclear answer, a no or a crash the charges of the order tell; nothing is sent again before *settle*
//! has passed without it.

use super::{AGAIN, Chosen, charge_of, choose};
use crate::courier::{Answer, Claimed, Effect, Outcome, hold_outcome, later};
use crate::error::{EngineError, Result};
use crate::limits::{FIRST_LOOK, LOOK_AGAIN};
use crate::parts::Engine;
use domain::charge::{ChargedOrder, ImportState, Sent, order_of};
use domain::custom_call::ChargeCall;
use domain::disposition::HoldReason;
use domain::operation::System;
use domain::time::Timestamp;
use dynamics::{CallError, WriteReply};
use std::ops::ControlFlow;

/// Charges of one turn: what was seen before the first call must still be true at the last one.
pub(super) const CALLS: usize = 20;
/// Begins what a delivery remembers of a call that was answered with no.
const NO: &str = "said no: ";

impl Engine {
    /// Written down before the first call: from then on a charge in doubt that is in no package may have been sent. The last
    /// package is judged, and is not asked about these any more.
    pub(super) async fn begin_calls(&self, last: Option<&Sent>) -> Result<()> {
        if last.is_some_and(|sent| sent.called && sent.deliveries.is_empty()) {
            return Ok(());
        }
        let now = self.now();
        let nothing = || Sent {
            execution: String::new(),
            began: now,
            deliveries: Vec::new(),
            accepted: false,
            ours: false,
            ended: Some((now, ImportState::Failed)),
            errors: Vec::new(),
            called: true,
            unknown_since: None,
        };
        let sent = last.cloned().unwrap_or_else(nothing);
        let sent = Sent { deliveries: Vec::new(), called: true, ..sent };
        self.put_package("charges.called", &sent).await
    }

    /// Looks, and makes the calls of what is not there.
    pub(super) async fn call_charges(
        &self,
        call: &ChargeCall,
        claimed: &[Claimed],
    ) -> Result<Vec<Outcome>> {
        let (codes, seen) = match self.look_before(claimed).await {
            Ok(found) => found,
            Err(error) => return self.not_looked_at(claimed, error),
        };
        let (chosen, mut outcomes) = choose(claimed, &codes, &seen);
        for one in &chosen {
            outcomes.push(self.call_charge(call, one).await?);
        }
        Ok(outcomes)
    }

    /// Nobody was asked to write anything.
    fn not_looked_at(&self, claimed: &[Claimed], error: CallError) -> Result<Vec<Outcome>> {
        let now = self.now();
        let words = format!("Dynamics could not be asked what stands on the order ({error})");
        if matches!(error, CallError::Refused { .. } | CallError::NoAccess { status: 403, .. }) {
            return Ok(claimed.iter().map(|c| hold_outcome(c, &refused(&words))).collect());
        }
        let counts = matches!(error, CallError::Malformed { .. });
        let until = self.rest(System::Dynamics, error.into())?;
        let wait = Some(until.since(now).max(AGAIN));
        self.remember().charges.due = now + AGAIN;
        Ok(claimed.iter().map(|c| later(c, now, wait, counts, &words)).collect())
    }

    async fn call_charge(&self, call: &ChargeCall, one: &Chosen<'_>) -> Result<Outcome> {
        let c = one.claimed;
        let (now, deadline) = (self.now(), self.options.dynamics_deadline);
        if now < self.remember().dynamics_rest
            || !self.may_call(now, deadline)
            || !c.in_time(now, deadline)
        {
            return Ok(later(c, now, None, false, "its turn came too late for a safe call"));
        }
        let Some(ready) = call.fill(&self.settings().company, &one.new) else {
            return Ok(hold_outcome(c, &refused("the body of the call cannot be filled")));
        };
        let reply = self.dynamics.write_charge(now, &ready).await;
        self.called(c, reply)
    }

    fn called(&self, c: &Claimed, reply: WriteReply) -> Result<Outcome> {
        let now = self.now();
        let answer = match self.answer(c, reply) {
            ControlFlow::Break(later) => return Ok(later),
            ControlFlow::Continue(answer) => answer,
        };
        Ok(match answer {
            Answer::Done { .. } => {
                Outcome::done(c, "the answer is the success that is configured.")
            }
            Answer::Crashed => return Err(EngineError::Crashed),
            Answer::Forbidden { status, why } => hold_outcome(c, &refused(&why)).status(status),
            // What arrives twice may be refused the second time: the charges of the order tell.
            Answer::Refused { why } | Answer::Stale { why } | Answer::Locked { why } => {
                let words = format!("answered with no ({why}); looked up.");
                Outcome::in_doubt(c, now + FIRST_LOOK, now + c.row.settle, &words)
                    .remembering(&format!("{NO}{why}"))
            }
            Answer::InDoubt { why } => {
                let words = format!("no clear answer ({why}); it is looked up, not repeated.");
                Outcome::in_doubt(c, now + FIRST_LOOK, now + c.row.settle, &words).remembering(&why)
            }
        })
    }

    /// Looks at charges that are in no package, and may have been sent by a call. Nothing where nobody could be asked.
    pub(super) async fn look_at_called(
        &self,
        mine: &[Claimed],
        called: &[&Claimed],
    ) -> Result<Vec<Outcome>> {
        let Some(seen) = self.charged(mine).await? else { return Ok(Vec::new()) };
        let now = self.now();
        Ok(called.iter().filter_map(|c| judge(c, now, &seen)).collect())
    }
}

/// There: done. Absent: looked for until *settle* has passed; then it is a hold, or sent again.
fn judge(c: &Claimed, now: Timestamp, seen: &[ChargedOrder]) -> Option<Outcome> {
    let new = charge_of(c)?;
    let order = order_of(seen, &new.order);
    if order.charges.iter().any(|one| new.stands(one)) {
        return Some(Outcome::done(c, "stands on the order."));
    }
    let until = c.row.doubt_until.unwrap_or(now);
    let memory = c.row.outcome.clone().unwrap_or_default();
    if now < until {
        let look = until.min(now + LOOK_AGAIN);
        let it = Outcome::in_doubt(c, look, until, "not there yet; looked up again.");
        return Some(it.remembering(&memory).silent());
    }
    if !order.open {
        let words = "the order takes no charges any more; it goes to the finance list.";
        return Some(Outcome::withdrawn(c, words).effect(Effect::ReadSales));
    }
    if let Some(why) = memory.strip_prefix(NO) {
        return Some(hold_outcome(c, &refused(why)));
    }
    let words = format!("it never took effect ({memory}); sent again.");
    Some(later(c, now, None, true, &words))
}

fn refused(why: &str) -> HoldReason {
    HoldReason::new(
        "charge-refused",
        "charge",
        "",
        &format!("Dynamics does not take the charge: {why}"),
        "Mend what it names in Dynamics, the rights of the service user, or the description under [connection.billing.charges.call]; then press Retry.",
    )
}

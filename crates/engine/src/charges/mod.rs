//! Charges on orders in F&O, as data packages: one at a time, of everything that is ready; or, where the settings describe
//! one, by a call of the customer's (`call`).
//!
//! Before a package is made, F&O is asked once more how the charge codes post, whether the orders are still open and what
//! stands on them: what is there already is adopted, a code that could bill the consumer is refused. The package is written
//! down before the call that starts its import; from then on `follow` watches it.

mod call;
mod follow;
mod judge;

use crate::courier::{Claimed, Effect, Outcome, hold_outcome, later};
use crate::error::{EngineError, Result};
use crate::kept::{decode, plain};
use crate::parts::Engine;
use crate::poll::Trouble;
use domain::charge::{
    ChargeCode, ChargedOrder, Charges, ImportState, NewCharge, Sent, execution, order_of, unfit,
};
use domain::disposition::HoldReason;
use domain::flows::billing::unfit_code;
use domain::ids::SalesOrderNumber;
use domain::operation::{Lane, Operation, System};
use domain::time::{Span, Timestamp};
use dynamics::{CallError, ImportReply};
use std::collections::{BTreeSet, HashMap};
use store::Reader;

/// The package under way, or the last one.
const PACKAGE: &str = "billing.package";
/// A package that could not be followed or sent is tried again after this.
const AGAIN: Span = Span::seconds(30);

/// What is remembered of packages while the process lives.
#[derive(Debug, Default)]
pub(crate) struct ChargeMemory {
    /// Nothing is to be done before.
    pub(crate) due: Timestamp,
    /// A package is under way, or not all of its charges are judged.
    pub(crate) open: bool,
}

/// The charge a delivery carries.
pub(super) fn charge_of(c: &Claimed) -> Option<&NewCharge> {
    match &c.operation {
        Operation::WriteCharge(new) => Some(new),
        _ => None,
    }
}

/// One charge about to be sent, under the line number it gets.
struct Chosen<'c> {
    claimed: &'c Claimed,
    new: NewCharge,
}

impl Engine {
    pub(super) async fn last_package(&self, reader: &mut Reader) -> Result<Option<Sent>> {
        let rows = reader.observations(&self.scope, PACKAGE, &[String::new()]).await?;
        let body = rows.into_iter().next().and_then(|row| row.body);
        body.map(|body| decode(PACKAGE, "", &body)).transpose()
    }

    pub(super) async fn put_package(&self, name: &'static str, sent: &Sent) -> Result<()> {
        let mut work = self.begin(name).await?;
        let row = plain(PACKAGE, "", self.now(), sent)?;
        work.txn.observations_put(&self.scope, vec![row]).await?;
        work.commit().await
    }

    /// Follows the package under way, or sends the next one; false when nothing was due.
    pub(crate) async fn send_charges(&self) -> Result<bool> {
        let now = self.now();
        if self.lane_paused(Lane::Charges)
            || now < self.remember().charges.due
            || now < self.remember().dynamics_rest
            || !self.may_call(now, self.options.dynamics_deadline)
        {
            return Ok(false);
        }
        let ready = self.lane_is_due(Lane::Charges).await?;
        if !ready && !self.remember().charges.open && self.settings().charges().is_none() {
            return Ok(false);
        }
        let last = self.last_package(&mut self.store.read().await?).await?;
        if let Some(sent) = last.as_ref().filter(|sent| sent.ended.is_none()) {
            return self.follow(sent.clone()).await;
        }
        if let Some(sent) = &last
            && self.awaits(sent).await?
        {
            return Ok(false);
        }
        self.remember().charges.open = false;
        if !ready {
            self.remember().charges.due = now + AGAIN;
            return Ok(false);
        }
        let (ours, called) = last.as_ref().map_or((false, false), |sent| (sent.ours, sent.called));
        let settings = self.settings();
        let call = settings.charge_call();
        let rows = match (call, settings.charges()) {
            (Some(_), _) => {
                self.begin_calls(last.as_ref()).await?;
                call::CALLS
            }
            (None, charges) => charges.map_or(1, |charges| charges.package.rows),
        };
        let claimed = self.claim(Lane::Charges, rows).await?;
        if claimed.is_empty() {
            // What is ready stands behind a charge of its order that is in doubt: no use in coming again at once.
            self.remember().charges.due = now + AGAIN;
            return Ok(false);
        }
        let outcomes = match (call, settings.charges()) {
            (Some(call), _) => self.call_charges(call, &claimed).await?,
            (None, Some(charges)) => self.send_package(charges, &claimed, (ours, called)).await?,
            (None, None) => claimed
                .iter()
                .map(|c| Outcome::withdrawn(c, "charges are not written any more."))
                .collect(),
        };
        self.record(outcomes).await?;
        Ok(true)
    }

    async fn send_package(
        &self,
        charges: &Charges,
        claimed: &[Claimed],
        (ours, called): (bool, bool),
    ) -> Result<Vec<Outcome>> {
        let (codes, seen) = match self.look_before(claimed).await {
            Ok(found) => found,
            Err(error) => return self.not_now(claimed.iter(), error),
        };
        let (chosen, mut outcomes) = choose(claimed, &codes, &seen);
        let Some(first) = chosen.first().map(|one| one.claimed) else { return Ok(outcomes) };
        let now = self.now();
        let all = || chosen.iter().map(|one| one.claimed);
        if !self.may_call(now, self.options.dynamics_deadline) {
            let words = "its turn came too late for a safe call";
            outcomes.extend(all().map(|c| later(c, now, None, false, words)));
            return Ok(outcomes);
        }
        let execution = execution(&self.scope, now, first.row.id);
        let news: Vec<NewCharge> = chosen.iter().map(|one| one.new.clone()).collect();
        let zip = dynamics::package(&charges.package, &news);
        let url = match self.dynamics.write_url(now, &format!("{execution}.zip")).await {
            Ok(url) => url,
            Err(error) => {
                outcomes.extend(self.not_now(all(), error)?);
                return Ok(outcomes);
            }
        };
        if let Err(error) = self.dynamics.upload(self.now(), &url, zip).await {
            outcomes.extend(self.not_now(all(), error)?);
            return Ok(outcomes);
        }
        let now = self.now();
        let deadline = self.options.dynamics_deadline;
        if !self.may_call(now, deadline) || !first.in_time(now, deadline) {
            let words = "its turn came too late for a safe call";
            outcomes.extend(all().map(|c| later(c, now, None, false, words)));
            return Ok(outcomes);
        }
        let sent = Sent {
            execution,
            began: now,
            deliveries: all().map(|c| c.row.id).collect(),
            accepted: false,
            ours,
            ended: None,
            errors: Vec::new(),
            called,
            unknown_since: None,
        };
        self.put_package("charges.package", &sent).await?;
        self.remember().charges.open = true;
        let group = &charges.package.definition_group;
        let reply = self.dynamics.import(now, &url, group, &sent.execution).await;
        let reply = self.believed(&sent, reply).await?;
        outcomes.extend(self.imported(charges, &chosen, sent, reply).await?);
        Ok(outcomes)
    }

    /// How the charge codes post, and what stands on the orders.
    async fn look_before(
        &self,
        claimed: &[Claimed],
    ) -> std::result::Result<(Vec<ChargeCode>, Vec<ChargedOrder>), CallError> {
        let news = || claimed.iter().filter_map(charge_of);
        let codes: BTreeSet<String> = news().map(|new| new.code.clone()).collect();
        let orders: BTreeSet<SalesOrderNumber> = news().map(|new| new.order.clone()).collect();
        let codes: Vec<String> = codes.into_iter().collect();
        let codes = self.dynamics.charge_codes(self.now(), &codes).await?;
        let orders: Vec<SalesOrderNumber> = orders.into_iter().collect();
        let seen = self.dynamics.charged(self.now(), &orders).await?;
        self.good(System::Dynamics);
        Ok((codes, seen))
    }

    /// Nothing of it can have had an effect: all of them later.
    fn not_now<'c>(
        &self,
        claimed: impl Iterator<Item = &'c Claimed>,
        error: CallError,
    ) -> Result<Vec<Outcome>> {
        let now = self.now();
        let words = format!("the package was not sent ({error})");
        let refused =
            matches!(error, CallError::Refused { .. } | CallError::NoAccess { status: 403, .. });
        // A body that was cut comes whole the next time; one that is never understood is a hold in the end.
        let counts = matches!(error, CallError::Malformed { .. });
        if refused {
            return Ok(claimed
                .map(|c| hold_outcome(c, &not_possible(&error.to_string())))
                .collect());
        }
        let until = self.rest(System::Dynamics, error.into())?;
        let wait = Some(until.since(now).max(AGAIN));
        self.remember().charges.due = now + AGAIN;
        Ok(claimed.map(|c| later(c, now, wait, counts, &words)).collect())
    }

    /// A request that reaches F&O twice is refused the second time while its import runs: before a no is believed, F&O is
    /// asked for the execution.
    async fn believed(&self, sent: &Sent, reply: ImportReply) -> Result<ImportReply> {
        let ImportReply::Refused { why } = reply else { return Ok(reply) };
        match self.dynamics.import_state(self.now(), &sent.execution).await {
            Ok(ImportState::Unknown) => Ok(ImportReply::Refused { why }),
            Ok(_) => Ok(ImportReply::Accepted(sent.execution.clone())),
            Err(error) => {
                self.rest(System::Dynamics, error.into())?;
                let why = format!("refused ({why}), and whether it runs could not be asked");
                Ok(ImportReply::InDoubt { why })
            }
        }
    }

    async fn imported(
        &self,
        charges: &Charges,
        chosen: &[Chosen<'_>],
        mut sent: Sent,
        reply: ImportReply,
    ) -> Result<Vec<Outcome>> {
        let now = self.now();
        let until = sent.began + Span::minutes(charges.package.deadline_minutes);
        let all = chosen.iter().map(|one| one.claimed);
        let words = match reply {
            ImportReply::Crashed => return Err(EngineError::Crashed),
            ImportReply::Accepted(id) => {
                self.good(System::Dynamics);
                sent.ours |= id == sent.execution;
                sent.execution = id;
                sent.accepted = true;
                self.put_package("charges.accepted", &sent).await?;
                self.remember().charges.due = now + Span::seconds(charges.package.poll_seconds);
                format!("Dynamics imports it; execution {}.", sent.execution)
            }
            ImportReply::InDoubt { why } => {
                self.remember().charges.due = now + AGAIN;
                format!("no clear answer to the import ({why}); it is looked up, not repeated.")
            }
            ImportReply::Refused { why } => {
                self.forget_package(sent).await?;
                return Ok(all.map(|c| hold_outcome(c, &not_possible(&why))).collect());
            }
            ImportReply::NoAccess { status, why } if status != 401 => {
                self.forget_package(sent).await?;
                return Ok(all
                    .map(|c| hold_outcome(c, &not_possible(&why)).status(status))
                    .collect());
            }
            ImportReply::NoAccess { why, .. } => {
                self.forget_package(sent).await?;
                let until = self.rest(System::Dynamics, Trouble::NoAccess(why.clone()))?;
                let wait = Some(until.since(now));
                return Ok(all.map(|c| later(c, now, wait, false, &why)).collect());
            }
            ImportReply::Later { after, why } => {
                self.forget_package(sent).await?;
                if let Some(wait) = after {
                    self.asked_to_wait(System::Dynamics, wait);
                }
                let wait = Some(after.unwrap_or(AGAIN).max(AGAIN));
                return Ok(all.map(|c| later(c, now, wait, false, &why)).collect());
            }
        };
        let silent = sent.accepted;
        Ok(all
            .map(|c| {
                let it = Outcome::in_doubt(c, until, until, &words);
                if silent { it.silent() } else { it }
            })
            .collect())
    }

    /// F&O said that nothing of it runs.
    async fn forget_package(&self, mut sent: Sent) -> Result<()> {
        sent.ended = Some((self.now(), ImportState::Failed));
        self.put_package("charges.refused", &sent).await
    }
}

/// What is sent under which line number, and what becomes of the rest.
fn choose<'c>(
    claimed: &'c [Claimed],
    codes: &[ChargeCode],
    seen: &[ChargedOrder],
) -> (Vec<Chosen<'c>>, Vec<Outcome>) {
    let (mut chosen, mut outcomes) = (Vec::new(), Vec::new());
    let mut taken: HashMap<&SalesOrderNumber, Vec<i64>> = HashMap::new();
    for c in claimed {
        let Some(new) = charge_of(c) else { continue };
        if let Some(why) = unfit(&new.code, ChargeCode::of(codes, &new.code)) {
            outcomes.push(hold_outcome(c, &unfit_code(&new.code, &why)));
            continue;
        }
        let order = order_of(seen, &new.order);
        if order.charges.iter().any(|one| new.stands(one)) {
            outcomes.push(Outcome::done(c, "found in Dynamics, not repeated."));
            continue;
        }
        if !order.open {
            outcomes.push(
                Outcome::withdrawn(
                    c,
                    "the order takes no charges any more; it is read and planned anew.",
                )
                .effect(Effect::ReadSales),
            );
            continue;
        }
        let taken = taken.entry(&new.order).or_default();
        match new.place(&order.charges, taken) {
            Some(line) => {
                taken.push(line);
                chosen.push(Chosen { claimed: c, new: NewCharge { line, ..new.clone() } });
            }
            None => outcomes.push(hold_outcome(c, &no_number(new))),
        }
    }
    (chosen, outcomes)
}

fn not_possible(why: &str) -> HoldReason {
    HoldReason::new(
        "charge-import-refused",
        "charge",
        "",
        &format!("Dynamics refuses to import charges: {why}"),
        "Look at the data project named in [connection.billing.charges.package] and at the rights of the service user (data management), then press Retry.",
    )
}

fn no_number(new: &NewCharge) -> HoldReason {
    HoldReason::new(
        "charge-line-taken",
        "line number",
        &new.line.to_string(),
        &format!(
            "Charge line numbers {} to {} of the order are taken by other charges.",
            new.line, new.last_line
        ),
        "Give a range nobody else uses under [connection.billing.charges], then press Retry.",
    )
}

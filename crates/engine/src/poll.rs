//! Scheduled looks at both systems: they find what webhooks missed. A cursor moves in the same
//! transaction that stores what it passed (I3).

use crate::error::{EngineError, Result};
use crate::fit::{closed, misfits};
use crate::kept::{decode, encode, merge_orders, plain};
use crate::limits::{LOOK_AGAIN, PAGES};
use crate::parts::Engine;
use crate::troubles::{Kind, name};
use domain::operation::{Flow, Lane, System};
use domain::plan::SeenOrder;
use domain::reference_data::{DynamicsReference, ShipBobReference};
use domain::time::{Span, Timestamp};
use domain::warehouse::WarehouseOrder;
use std::sync::Arc;
use store::{NewSignal, Observation};

/// How far the very first poll looks back before the cut-off: open orders of that time are listed
/// for a person to tick or skip.
pub(crate) const LOOK_BACK: Span = Span::days(60);

/// Clocks that differ by less are nobody's concern.
const CLOCK_TOLERANCE: Span = Span::minutes(2);

/// Settings that do not fit are held against both systems again after this.
const UNFIT_AGAIN: Span = Span::minutes(1);
/// While a mapped centre is closed it is asked so often whether it is open again.
const CLOSED_AGAIN: Span = Span::minutes(15);

/// Trouble with a read, the same for both systems.
pub(crate) enum Trouble {
    NoAccess(String),
    Wait(Option<Span>),
    Closed(Timestamp),
    Away(String),
    Crashed,
}

impl From<dynamics::CallError> for Trouble {
    fn from(error: dynamics::CallError) -> Self {
        use dynamics::CallError as E;
        match error {
            E::NoAccess { why, .. } => Self::NoAccess(why),
            E::Throttled { after } => Self::Wait(after),
            E::GateClosed { until } => Self::Closed(until),
            E::Unavailable { why } | E::Refused { why, .. } | E::Malformed { why } => {
                Self::Away(why)
            }
            E::Crashed => Self::Crashed,
        }
    }
}

impl From<shipbob::CallError> for Trouble {
    fn from(error: shipbob::CallError) -> Self {
        use shipbob::CallError as E;
        match error {
            E::NoAccess { why, .. } => Self::NoAccess(why),
            E::Throttled { after } => Self::Wait(after),
            E::GateClosed { until } => Self::Closed(until),
            E::Unavailable { why } | E::Refused { why, .. } | E::Malformed { why } => {
                Self::Away(why)
            }
            E::Crashed => Self::Crashed,
        }
    }
}

impl Engine {
    /// Leaves a system alone for a while after trouble, and says so.
    pub(crate) fn rest(&self, system: System, trouble: Trouble) -> Result<Timestamp> {
        let now = self.now();
        let until = match trouble {
            Trouble::Crashed => return Err(EngineError::Crashed),
            Trouble::Wait(wait) => {
                let wait = wait.unwrap_or(LOOK_AGAIN);
                self.asked_to_wait(system, wait);
                now + wait
            }
            Trouble::Closed(until) => until,
            Trouble::NoAccess(why) => {
                tracing::warn!(?system, why, "remote.no_access");
                if system == System::ShipBob {
                    self.token_doubted(now);
                }
                self.note(|s| s.remote(system).refused(now, &why));
                self.troubled(Kind::NoAccess, name(system), &why);
                now + LOOK_AGAIN
            }
            Trouble::Away(why) => {
                tracing::info!(?system, why, "remote.away");
                self.note(|s| s.remote(system).away(now, &why));
                self.troubled(Kind::Away, name(system), &why);
                now + Span::seconds(2)
            }
        };
        let mut memory = self.remember();
        let rest = match system {
            System::Dynamics => &mut memory.dynamics_rest,
            System::ShipBob => &mut memory.shipbob_rest,
        };
        *rest = (*rest).max(until);
        Ok(*rest)
    }

    /// A system asked us to wait: told in the trail.
    pub(crate) fn asked_to_wait(&self, system: System, wait: Span) {
        self.troubled(Kind::Throttled, name(system), &format!("{} s", wait.as_seconds()));
        self.hear_wait(system, wait);
    }

    pub(crate) fn good(&self, system: System) {
        let now = self.now();
        self.note(|s| s.remote(system).good(now));
    }

    /// A clock that is minutes off is told in the trail.
    fn clock_differs(&self, system: System, skew: Span) {
        let seconds = skew.as_seconds();
        if seconds.abs() > CLOCK_TOLERANCE.as_seconds() {
            let side = if seconds > 0 { "ahead of" } else { "behind" };
            let why = format!("{} min {side}", seconds.abs() / 60);
            self.troubled(Kind::Clock, name(system), &why);
        }
    }

    /// A read may be made now: the system is not resting, the lease outlives the call and the
    /// gate gives a permission (which must be used or given back).
    pub(crate) fn may_read(&self, system: System, lane: Lane) -> bool {
        let now = self.now();
        let (rest, deadline, gate) = match system {
            System::Dynamics => {
                (self.remember().dynamics_rest, self.options.dynamics_deadline, &self.dynamics_gate)
            }
            System::ShipBob => {
                (self.remember().shipbob_rest, self.options.shipbob_deadline, &self.shipbob_gate)
            }
        };
        let shut = system == System::ShipBob && self.shipbob_shut(now);
        if now < rest || shut || !self.may_call(now, deadline) {
            return false;
        }
        match gate.may_send(lane) {
            Ok(()) => true,
            Err(until) => {
                self.remember().gate_opens = until;
                false
            }
        }
    }

    /// Polls whatever is due.
    pub(crate) async fn poll(&self) -> Result<bool> {
        if self.remember().paused {
            return Ok(false);
        }
        self.recall_polls().await?;
        let now = self.now();
        let mut worked = false;
        if now >= self.remember().dynamics_poll_due {
            match self.put_off(Flow::Orders) {
                Some(until) => self.remember().dynamics_poll_due = until,
                None => worked |= self.poll_dynamics().await?,
            }
        }
        if now >= self.remember().shipbob_poll_due {
            match self.put_off(Flow::Fulfilment) {
                Some(until) => self.remember().shipbob_poll_due = until,
                None => worked |= self.poll_shipbob().await?,
            }
        }
        worked |= self.poll_products().await?;
        Ok(worked)
    }

    async fn poll_dynamics(&self) -> Result<bool> {
        const CURSOR: &str = "fo.changes";
        let overlap = self.settings().schedule.overlap;
        for _ in 0..PAGES {
            if !self.may_read(System::Dynamics, Lane::Background) {
                self.remember().dynamics_poll_due = self.now() + Span::millis(500);
                return Ok(false);
            }
            let began = self.now();
            let stored = self.store.read().await?.cursor(&self.scope, CURSOR).await?;
            let cursors = match stored {
                Some(row) => decode(CURSOR, "", row.0.as_bytes())?,
                None => {
                    let from = self.settings().cut_off.unwrap_or(began).min(began);
                    dynamics::ChangeCursors::start(from - LOOK_BACK)
                }
            };
            let changes = match self.dynamics.changes(began, &cursors, overlap).await {
                Ok(changes) => changes,
                Err(error) => {
                    let until = self.rest(System::Dynamics, error.into())?;
                    self.remember().dynamics_poll_due = until;
                    return Ok(false);
                }
            };
            self.good(System::Dynamics);
            for (set, why) in &changes.trouble {
                tracing::warn!(set = set.name(), %why, "poll.set_trouble");
            }
            let signals = changes
                .rows
                .iter()
                .map(|row| {
                    let dedupe = format!("fo|{}|{}|{}", row.set.name(), row.key, row.version);
                    signal("poll", "fo.order", row.order.as_str(), dedupe, began)
                })
                .collect();
            let mut work = self.begin("poll.dynamics").await?;
            work.txn.inbox_add_many(&self.scope, signals).await?;
            let value = String::from_utf8_lossy(&encode(&changes.cursors)?).into_owned();
            work.txn.cursor_put(&self.scope, CURSOR, &value, began).await?;
            work.commit().await?;
            if !changes.more {
                self.poll_requests().await?;
                self.poll_released().await?;
                let plain = self.settings().schedule.dynamics_poll;
                let due = self.run_after(Flow::Orders, began, plain);
                self.remember().dynamics_poll_due = due;
                self.note(|s| s.dynamics.next_poll = Some(due));
                break;
            }
        }
        Ok(true)
    }

    async fn poll_shipbob(&self) -> Result<bool> {
        const CURSOR: &str = "sb.orders";
        let schedule = self.settings().schedule.clone();
        let began = self.now();
        let to = began + self.remember().shipbob_skew;
        let stored = self.store.read().await?.cursor(&self.scope, CURSOR).await?;
        let from = stored.and_then(|row| Timestamp::parse(&row.0)).unwrap_or(to - Span::days(1))
            - schedule.overlap;
        let mut page = 1;
        loop {
            if !self.may_read(System::ShipBob, Lane::Background) {
                self.remember().shipbob_poll_due = self.now() + Span::millis(500);
                return Ok(false);
            }
            let read_began = self.now();
            let found = match self.shipbob.poll_orders(from, to, page).await {
                Ok(found) => found,
                Err(error) => {
                    let until = self.rest(System::ShipBob, error.into())?;
                    self.remember().shipbob_poll_due = until;
                    return Ok(false);
                }
            };
            self.good(System::ShipBob);
            if let Some(date) = found.server_date {
                let skew = date.since(read_began);
                self.remember().shipbob_skew = skew;
                self.clock_differs(System::ShipBob, skew);
            }
            let last = !found.more || page >= 1_000;
            let mut work = self.begin("poll.shipbob").await?;
            self.take_in(&mut work.txn, read_began, found.orders).await?;
            if last {
                work.txn.cursor_put(&self.scope, CURSOR, &to.to_rfc3339(), began).await?;
            }
            work.commit().await?;
            page += 1;
            if last {
                break;
            }
        }
        let due = self.run_after(Flow::Fulfilment, began, schedule.shipbob_poll);
        self.remember().shipbob_poll_due = due;
        self.note(|s| s.shipbob.next_poll = Some(due));
        Ok(true)
    }

    /// Stores orders read at ShipBob and marks their subjects. Orders that are not ours (other
    /// channels, pasted by hand) are left alone.
    pub(crate) async fn take_in(
        &self,
        txn: &mut store::Txn,
        read_began: Timestamp,
        orders: Vec<WarehouseOrder>,
    ) -> Result<()> {
        let now = self.now();
        let seen = orders
            .into_iter()
            .filter_map(|order| {
                let subject = self.subject_of(&order)?;
                Some((subject, SeenOrder { order, read_began }))
            })
            .collect();
        let changed = merge_orders(txn, &self.scope, now, seen).await?;
        txn.subjects_mark(&self.scope, changed, Lane::Fulfilment as i64, now).await?;
        Ok(())
    }

    /// The sales order a ShipBob order of ours belongs to.
    pub(crate) fn subject_of(&self, order: &WarehouseOrder) -> Option<String> {
        let settings = self.settings();
        if order.channel.is_some_and(|c| c != settings.channel) {
            return None;
        }
        let parts = domain::reference::parse(&settings.company, &order.reference)?;
        Some(parts.order.as_str().to_owned())
    }

    /// Countries, units, methods and what the environment lets us write.
    pub(crate) async fn refresh_reference(&self) -> Result<bool> {
        let now = self.now();
        if self.remember().fo.is_none() || self.remember().sb.is_none() {
            self.load_reference().await?;
        }
        if now < self.remember().reference_due {
            return Ok(false);
        }
        let settings = self.settings();
        let Some((fo, sb)) = self.probe_both(&settings).await? else { return Ok(false) };
        let shut = sb.closed(&settings);
        let before = self.remember().sb.as_ref().map(|sb| sb.closed(&settings)).unwrap_or_default();
        let mut work = self.begin("reference").await?;
        let rows = vec![plain("fo.reference", "", now, &fo)?, plain("sb.reference", "", now, &sb)?];
        work.txn.observations_put(&self.scope, rows).await?;
        if shut != before {
            work.txn.subjects_mark_open(&self.scope, Lane::Background as i64, false, now).await?;
        }
        work.commit().await?;
        for why in closed(&settings, &shut) {
            tracing::warn!(why, "centre.closed");
        }
        let misfits = misfits(&settings, &fo, &sb);
        for why in &misfits {
            tracing::error!(why, "settings.misfit");
        }
        let (good, all_open) = (misfits.is_empty(), shut.is_empty());
        self.note(|s| (s.setting_problems, s.closed_centres) = (misfits, shut));
        let mut memory = self.remember();
        memory.unfit = !good;
        memory.fo = Some(Arc::new(fo));
        memory.sb = Some(Arc::new(sb));
        let again = match (good, all_open) {
            (true, true) => settings.schedule.reference,
            (true, false) => settings.schedule.reference.min(CLOSED_AGAIN),
            (false, _) => UNFIT_AGAIN,
        };
        memory.reference_due = now + again;
        Ok(true)
    }

    /// What both systems say of themselves now, as far as these settings ask; none when one of
    /// them cannot be read now.
    pub(crate) async fn probe_both(
        &self,
        settings: &domain::settings::Settings,
    ) -> Result<Option<(DynamicsReference, ShipBobReference)>> {
        let now = self.now();
        if !self.may_read(System::Dynamics, Lane::Background) {
            return Ok(None);
        }
        let mut fo = match self.dynamics.probe(now).await {
            Ok(fo) => fo,
            Err(error) => return self.probe_later(System::Dynamics, error.into()),
        };
        self.good(System::Dynamics);
        if settings.has_external() {
            if !self.may_read(System::Dynamics, Lane::Background) {
                return Ok(None);
            }
            match self.dynamics.update_complete(now).await {
                Ok(complete) => fo.capabilities.update_complete = complete,
                Err(error) => return self.probe_later(System::Dynamics, error.into()),
            }
        }
        match self.dynamics.refused_filters(now, &settings.filters).await {
            Ok(refused) => fo.refused_filters = refused,
            Err(error) => return self.probe_later(System::Dynamics, error.into()),
        }
        if let Some(charges) = settings.charges() {
            match self.dynamics.charge_codes(now, &charges.all_codes()).await {
                Ok(codes) => fo.charge_codes = codes,
                Err(error) => return self.probe_later(System::Dynamics, error.into()),
            }
        }
        if !self.may_read(System::ShipBob, Lane::Background) {
            return Ok(None);
        }
        let sb = match self.shipbob.probe().await {
            Ok(sb) => sb,
            Err(error) => return self.probe_later(System::ShipBob, error.into()),
        };
        self.good(System::ShipBob);
        Ok(Some((fo, sb)))
    }

    fn probe_later<T>(&self, system: System, trouble: Trouble) -> Result<Option<T>> {
        let until = self.rest(system, trouble)?;
        self.remember().reference_due = until;
        Ok(None)
    }

    pub(crate) async fn load_reference(&self) -> Result<()> {
        let keys = [String::new()];
        let mut reader = self.store.read().await?;
        let fo = reader.observations(&self.scope, "fo.reference", &keys).await?;
        let sb = reader.observations(&self.scope, "sb.reference", &keys).await?;
        drop(reader);
        let body = |rows: &[Observation]| rows.first().and_then(|r| r.body.clone());
        if let (Some(f), Some(s)) = (body(&fo), body(&sb)) {
            let fo: DynamicsReference = decode("fo.reference", "", &f)?;
            let sb: ShipBobReference = decode("sb.reference", "", &s)?;
            let mut memory = self.remember();
            memory.fo = Some(Arc::new(fo));
            memory.sb = Some(Arc::new(sb));
        }
        Ok(())
    }
}

/// A signal without a body.
pub(crate) fn signal(
    source: &str,
    target_kind: &str,
    target_key: &str,
    dedupe_key: String,
    received_at: Timestamp,
) -> NewSignal {
    NewSignal {
        source: source.to_owned(),
        target_kind: target_kind.to_owned(),
        target_key: target_key.to_owned(),
        dedupe_key,
        body: None,
        received_at,
        flagged: false,
    }
}

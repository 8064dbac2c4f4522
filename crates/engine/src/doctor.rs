//! The doctor and the drift comparison: probes of both clients put together for `domain` to judge.
//! Asked for by a person, or due; the last answer of each is kept. They read only.

use crate::error::Result;
use crate::kept::{decode, encode};
use crate::parts::Engine;
use crate::trail;
use domain::charge::ChargeCode;
use domain::doctor::{Access, Facts, Report, Setup, judge};
use domain::drift::{Drift, DriftReport, DynamicsLive, compare};
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use dynamics::{CallError, Dynamics};
use shipbob::ShipBob;
use store::{Observation, TrailEntry};

/// A comparison for which one system did not answer is made again after this.
const DRIFT_AGAIN: Span = Span::hours(1);

/// Differences told one by one in the trail.
const TOLD: usize = 20;

/// Probes both systems at the same time and judges what they show. `step` hears what is done next.
pub async fn examine(
    dynamics: &Dynamics,
    shipbob: &ShipBob,
    settings: &Settings,
    setup: &Setup,
    now: Timestamp,
    step: &(dyn Fn(&str) + Sync),
) -> Report {
    let pool = settings.batch_pool.as_deref();
    let (fo, sb) = futures::join!(dynamics.examine(now, pool, step), shipbob.examine(now, step));
    let (mut fo, mut sb) = (fo, sb);
    let sets: Vec<&str> = domain::doctor::flow_sets(settings).iter().map(|(set, _)| *set).collect();
    let scopes = domain::doctor::flow_scopes(settings);
    let scopes: Vec<&str> = scopes.iter().map(|(scope, _)| *scope).collect();
    futures::join!(
        dynamics.examine_sets(now, &sets, &mut fo, step),
        shipbob.examine_scopes(now, &scopes, &mut sb, step)
    );
    if let (Some(call), domain::doctor::Access::Good) = (&settings.custom_call, &fo.door) {
        step("F&O: what it says of the custom call");
        fo.call = Some(dynamics.examine_call(now, call).await);
    }
    let filters = settings.filters.all().next().is_some();
    if filters && fo.door == domain::doctor::Access::Good {
        step("F&O: the filters of the settings");
        fo.refused_filters = dynamics.refused_filters(now, &settings.filters).await.ok();
    }
    if let (Some(charges), domain::doctor::Access::Good) = (settings.charges(), &fo.door) {
        step("F&O: how the charge codes post");
        fo.charge_codes = Some(codes(dynamics.charge_codes(now, &charges.all_codes()).await));
    }
    let setup = Setup { topics: ShipBob::topics(), ..setup.clone() };
    judge(&Facts { dynamics: fo, shipbob: sb, setup }, settings, now)
}

/// Charge codes, or how the question ended.
fn codes(
    answer: std::result::Result<Vec<ChargeCode>, CallError>,
) -> std::result::Result<Vec<ChargeCode>, Access> {
    answer.map_err(|error| match error {
        CallError::NoAccess { status, .. } => Access::Denied { status },
        CallError::Throttled { .. } => Access::Throttled,
        other => Access::Away { why: other.to_string() },
    })
}

/// Holds what both systems say of themselves against the contracts compiled in.
pub async fn drift(
    dynamics: &Dynamics,
    shipbob: &ShipBob,
    now: Timestamp,
    step: &(dyn Fn(&str) + Sync),
) -> DriftReport {
    let (fo, sb) = (dynamics::contract(), shipbob::contract());
    let (fo_live, sb_live) =
        futures::join!(dynamics.live_contract(now, &fo, step), shipbob.live_contract(&sb, step));
    let (fo_live, away) = match fo_live {
        Ok(live) => (live, None),
        Err(error) => (DynamicsLive::default(), Some(error.to_string())),
    };
    let mut report = compare((&fo, &fo_live), (&sb, &sb_live), now);
    if let Some(why) = away {
        report.blind.push(format!("F&O could not be read this time: {why}"));
        report.complete = false;
    }
    report
}

impl Engine {
    /// The doctor and the comparison of contracts, when they are asked for or due: a step of its
    /// own, because a slow remote must not hold up planning.
    pub async fn examine(&self) -> Result<bool> {
        if self.fence().is_none() {
            return Ok(false);
        }
        self.remember().examining = true;
        let result = self.examine_now().await;
        self.remember().examining = false;
        self.noticed(result)
    }

    async fn examine_now(&self) -> Result<bool> {
        let worked = self.examine_when_asked().await?;
        let compared = self.compare_when_due().await?;
        Ok(worked | compared | self.reconcile().await?)
    }

    /// Something is asked for; the comparison that is due by the clock is found at the next beat.
    pub(crate) fn examine_next(&self) -> Option<Timestamp> {
        let memory = self.remember();
        match (memory.examining, memory.doctor_asked) {
            (true, _) => None,
            (false, true) => Some(Timestamp::MIN),
            (false, false) => {
                let idle = memory.paused || memory.unfit;
                let reconcile = memory.reconcile.next().filter(|_| !idle);
                [memory.drift_due, reconcile].into_iter().flatten().min()
            }
        }
    }

    /// Runs the doctor when a person asked for it.
    pub(crate) async fn examine_when_asked(&self) -> Result<bool> {
        if !std::mem::take(&mut self.remember().doctor_asked) {
            return Ok(false);
        }
        let now = self.now();
        let settings = self.settings();
        let setup = Setup { entrance: self.entrance().await?, ..self.options.setup.clone() };
        let report = examine(&self.dynamics, &self.shipbob, &settings, &setup, now, &|_| {}).await;
        let why = report.sentence();
        self.keep_report(domain::doctor::KEPT, now, &report, vec![told(now, "doctor", why)])
            .await?;
        Ok(true)
    }

    /// Compares the contracts when a person asked for it, or when the setting says so.
    pub(crate) async fn compare_when_due(&self) -> Result<bool> {
        let every = self.settings().schedule.drift;
        let now = self.now();
        let due = self.remember().drift_due;
        let due = match due {
            Some(due) => due,
            None if every.0 <= 0 => return Ok(false),
            None => self.drift_after_last(every.0).await?,
        };
        if now < due {
            return Ok(false);
        }
        let report = drift(&self.dynamics, &self.shipbob, now, &|_| {}).await;
        // Without a schedule only a person brings the next one.
        let next = match every.0 {
            ..=0 => None,
            _ if report.complete => Some(next_multiple(now, every.0)),
            every => Some((now + DRIFT_AGAIN).min(next_multiple(now, every))),
        };
        self.remember().drift_due = next;
        let changed: Vec<&Drift> = report.found.iter().filter(|d| d.changed()).collect();
        let mut entries = vec![told(
            now,
            "contracts compared",
            format!("{} fact(s) agree, {} changed.", report.agreed, changed.len()),
        )];
        for one in changed.iter().take(TOLD) {
            tracing::warn!(system = one.system, place = one.place, seen = one.seen, "api.drift");
            entries.push(told(now, "API drift", one.sentence()));
        }
        self.keep_report(domain::drift::KEPT, now, &report, entries).await?;
        Ok(true)
    }

    async fn drift_after_last(&self, every: i64) -> Result<Timestamp> {
        let keys = [String::new()];
        let rows =
            self.store.read().await?.observations(&self.scope, domain::drift::KEPT, &keys).await?;
        let last = rows.first().and_then(|row| row.body.as_deref());
        let last: Option<DriftReport> =
            last.map(|body| decode(domain::drift::KEPT, "", body)).transpose()?;
        let due = last.map_or(Timestamp::MIN, |report| next_multiple(report.at, every));
        self.remember().drift_due = Some(due);
        Ok(due)
    }

    async fn keep_report<T: serde::Serialize>(
        &self,
        kind: &str,
        now: Timestamp,
        report: &T,
        entries: Vec<TrailEntry>,
    ) -> Result<()> {
        let row = Observation {
            kind: kind.to_owned(),
            key: String::new(),
            person: None,
            version: String::new(),
            stamp: now,
            read_began: now,
            body: Some(encode(report)?),
        };
        let mut work = self.begin("report").await?;
        work.txn.observations_put(&self.scope, vec![row]).await?;
        work.txn.trail_append(&self.scope, entries).await?;
        work.commit().await
    }
}

fn told(now: Timestamp, what: &str, why: String) -> TrailEntry {
    TrailEntry { subject: None, ..trail::entry(now, trail::ENGINE, what, "", why) }
}

/// The first multiple of `every` after a moment: midnight UTC when it is a day.
pub(crate) fn next_multiple(after: Timestamp, every: i64) -> Timestamp {
    Timestamp((after.0.div_euclid(every) + 1) * every)
}

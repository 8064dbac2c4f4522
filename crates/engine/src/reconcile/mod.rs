//! The daily reconciliation: both systems are asked for a day, page by page, in the loop of the
//! doctor. Nothing is kept before all of it is known: report, trail entry and the end of what was
//! asked for are one transaction, so that a crash leaves no half certificate.

mod day;
mod gather;
mod orders;

pub use day::zone_known;

use crate::error::Result;
use crate::kept::{decode, plain};
use crate::parts::Engine;
use crate::trail;
use domain::reconcile::{ASKED, Asked, Certificate, KEPT, Reconcile, TOLD, TrailHead, seal};
use domain::time::{Span, Timestamp};
use gather::{Turn, Under};
use store::{Reader, Signal, TrailEntry, Txn};

/// The last day the daily run asked for.
const CURSOR: &str = "reconcile";
/// When something cannot be read now.
const AGAIN: Span = Span::seconds(1);
/// Pages and batches in one pass.
const AT_ONCE: usize = 4;
/// Days caught up after a standstill.
const CATCH_UP: usize = 7;
/// Days that may wait to be reconciled.
const MOST_ASKED: usize = 400;

/// What this owner knows of days to be reconciled.
#[derive(Default)]
pub(crate) struct Desk {
    /// The days asked for were read from the database.
    known: bool,
    asked: Vec<Asked>,
    under: Option<Box<Under>>,
    /// When the next page may be read.
    due: Timestamp,
    /// When the daily run is due next; none = never.
    daily: Option<Timestamp>,
}

impl Desk {
    /// When something is to be done.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let work = self.under.is_some() || !self.asked.is_empty();
        [work.then_some(self.due), self.daily].into_iter().flatten().min()
    }

    /// Another owner may have done something, or a person has asked.
    pub(crate) fn ask_again(&mut self) {
        self.known = false;
        self.due = Timestamp::MIN;
    }
}

impl Engine {
    /// Keeps the days people asked for.
    pub(crate) async fn begin_reconcile(&self, signals: Vec<Signal>) -> Result<bool> {
        let now = self.now();
        let mut work = self.begin("reconcile.begin").await?;
        let mut asked = asked_for(&mut work.txn, self).await?;
        for one in &signals {
            let Some(Ok(wish)) = one.body.as_deref().map(serde_json::from_slice::<Asked>) else {
                tracing::warn!(id = one.id, "reconcile.unreadable");
                continue;
            };
            let wrong = day::bounds(&wish.day, &self.zone()).err();
            let full =
                (asked.len() >= MOST_ASKED).then(|| "Too many days wait already.".to_owned());
            let (what, why) = match wrong.or(full) {
                Some(why) => ("reconciliation refused", why),
                None => ("asked to reconcile", format!("{} {}", wish.day, wish.why)),
            };
            let entry = trail::entry(now, &wish.who, what, "", why.trim_end().to_owned());
            let request_id = Some(wish.request_id.clone()).filter(|id| !id.is_empty());
            let entry = TrailEntry { subject: None, request_id, ..entry };
            work.txn.trail_append(&self.scope, vec![entry]).await?;
            let known = asked.iter().any(|a: &Asked| a.day == wish.day);
            if what == "asked to reconcile" && !known {
                asked.push(wish);
            }
        }
        keep_asked(&mut work.txn, self, now, &asked).await?;
        let ids = signals.iter().map(|s| s.id).collect();
        work.txn.inbox_done(&self.scope, ids, now).await?;
        work.commit().await?;
        self.remember().reconcile.ask_again();
        Ok(true)
    }

    fn zone(&self) -> String {
        self.settings().reconcile.as_ref().map_or_else(|| "UTC".to_owned(), |r| r.zone.clone())
    }

    /// Some pages of the day under way; false when there was nothing to do now.
    pub(crate) async fn reconcile(&self) -> Result<bool> {
        let now = self.now();
        let known = {
            let memory = self.remember();
            if memory.paused || memory.unfit || memory.fo.is_none() || memory.sb.is_none() {
                return Ok(false);
            }
            memory.reconcile.known
        };
        if !known {
            let mut reader = self.store.read().await?;
            let asked = asked_for(&mut reader, self).await?;
            drop(reader);
            let mut memory = self.remember();
            memory.reconcile.asked = asked;
            memory.reconcile.known = true;
        }
        self.ask_daily(now).await?;
        let Some(mut under) = self.take_day(now).await? else { return Ok(false) };
        let mut worked = false;
        for _ in 0..AT_ONCE {
            // An error lets go of the day; it is begun anew, because it stays asked for.
            match self.go_on(&mut under).await? {
                Turn::On => worked = true,
                Turn::Wait => {
                    self.remember().reconcile.due = now + AGAIN;
                    break;
                }
                Turn::Done => {
                    self.finish_day(*under).await?;
                    return Ok(true);
                }
            }
        }
        self.remember().reconcile.under = Some(under);
        Ok(worked)
    }

    /// The day under way, or the next one that is asked for.
    async fn take_day(&self, now: Timestamp) -> Result<Option<Box<Under>>> {
        let next = {
            let mut memory = self.remember();
            if now < memory.reconcile.due {
                return Ok(None);
            }
            if let Some(under) = memory.reconcile.under.take() {
                return Ok(Some(under));
            }
            memory.reconcile.asked.first().cloned()
        };
        let Some(asked) = next else { return Ok(None) };
        let zone = self.zone();
        match day::bounds(&asked.day, &zone) {
            Ok(bounds) => Ok(Some(Box::new(Under::new(asked, zone, bounds, now)))),
            Err(why) => {
                // The zone was changed since to one this machine does not know.
                let mut work = self.begin("reconcile.refuse").await?;
                let entry = trail::entry(now, trail::ENGINE, "reconciliation refused", "", why);
                let entry = TrailEntry { subject: None, ..entry };
                work.txn.trail_append(&self.scope, vec![entry]).await?;
                self.no_longer_asked(&mut work.txn, now, &asked.day).await?;
                work.commit().await?;
                self.remember().reconcile.ask_again();
                Ok(None)
            }
        }
    }

    async fn no_longer_asked(&self, txn: &mut Txn, now: Timestamp, day: &str) -> Result<()> {
        let mut asked = asked_for(txn, self).await?;
        asked.retain(|one| one.day != day);
        keep_asked(txn, self, now, &asked).await
    }

    /// The certificate, the trail entry that names its digest, and the end of what was asked for.
    async fn finish_day(&self, under: Under) -> Result<()> {
        let now = self.now();
        let settings = self.settings();
        let mut work = self.begin("reconcile.keep").await?;
        let (seq, hash) = work.txn.trail_head(&self.scope).await?;
        let certificate = Certificate {
            organisation: self.scope.organisation.as_str().to_owned(),
            connection: self.scope.connection.as_str().to_owned(),
            company: settings.company.as_str().to_owned(),
            day: under.asked.day.clone(),
            zone: under.zone.clone(),
            from: under.from,
            to: under.to,
            asked: under.began,
            made: now,
            who: under.asked.who.clone(),
            settings_version: settings.version,
            program: format!("ml-connector {}", env!("CARGO_PKG_VERSION")),
            trail: TrailHead { seq, hash },
            orders: under.looked_at(),
            calls: under.calls,
            equations: under.equations(&settings),
            gaps: under.gaps.clone(),
        };
        let why = certificate.sentence();
        if certificate.clean() {
            tracing::info!(day = certificate.day, "reconcile.clean");
        } else {
            tracing::warn!(day = certificate.day, wrong = certificate.wrong(), "reconcile.wrong");
        }
        metrics::gauge!("reconcile_wrong")
            .set(f64::from(u32::try_from(certificate.wrong()).unwrap_or(u32::MAX)));
        let sealed = seal(certificate);
        let entry = TrailEntry {
            subject: None,
            request_id: Some(sealed.digest.clone()),
            settings_version: settings.version,
            ..trail::entry(now, trail::ENGINE, TOLD, "", why)
        };
        let row = plain(KEPT, &under.asked.day, now, &sealed)?;
        work.txn.observations_put(&self.scope, vec![row]).await?;
        work.txn.trail_append(&self.scope, vec![entry]).await?;
        self.no_longer_asked(&mut work.txn, now, &under.asked.day).await?;
        work.commit().await?;
        self.remember().reconcile.ask_again();
        Ok(())
    }

    /// Asks for the days that are over by so long that late rows are in.
    async fn ask_daily(&self, now: Timestamp) -> Result<()> {
        let Some(settings) = self.settings().reconcile.clone() else { return Ok(()) };
        if self.remember().reconcile.daily.is_some_and(|at| now < at) {
            return Ok(());
        }
        let (days, next) = match self.days_over(now, &settings).await? {
            Ok(found) => found,
            Err(why) => {
                tracing::warn!(why, "reconcile.zone");
                (Vec::new(), now + Span::hours(1))
            }
        };
        if let Some(last) = days.last() {
            let mut work = self.begin("reconcile.daily").await?;
            let mut asked = asked_for(&mut work.txn, self).await?;
            for day in &days {
                if !asked.iter().any(|a| a.day == *day) {
                    let who = trail::ENGINE.to_owned();
                    let (why, request_id) = ("the daily run".to_owned(), String::new());
                    asked.push(Asked { who, why, day: day.clone(), request_id });
                }
            }
            keep_asked(&mut work.txn, self, now, &asked).await?;
            work.txn.cursor_put(&self.scope, CURSOR, last, now).await?;
            work.commit().await?;
            self.remember().reconcile.asked = asked;
        }
        self.remember().reconcile.daily = Some(next);
        Ok(())
    }

    /// Days to ask for, and when the next one is over.
    async fn days_over(
        &self,
        now: Timestamp,
        settings: &Reconcile,
    ) -> Result<std::result::Result<(Vec<String>, Timestamp), String>> {
        let after = Span::minutes(settings.after_minutes);
        let done = self.store.read().await?.cursor(&self.scope, CURSOR).await?;
        let find = || {
            // The day that ended last by at least `after`.
            let today = day::day_of(now - after, &settings.zone)?;
            let (begins, ends) = day::bounds(&today, &settings.zone)?;
            let last = day::day_of(begins - Span::seconds(1), &settings.zone)?;
            let days = day::since(done.as_ref().map(|(day, _)| day.as_str()), &last, CATCH_UP);
            Ok((days, ends + after))
        };
        Ok(find())
    }
}

async fn asked_for(reader: &mut Reader, engine: &Engine) -> Result<Vec<Asked>> {
    let rows = reader.observations(&engine.scope, ASKED, &[String::new()]).await?;
    let body = rows.into_iter().next().and_then(|row| row.body);
    Ok(body.map(|body| decode(ASKED, "", &body)).transpose()?.unwrap_or_default())
}

async fn keep_asked(txn: &mut Txn, engine: &Engine, at: Timestamp, asked: &[Asked]) -> Result<()> {
    let row = plain(ASKED, "", at, &asked)?;
    txn.observations_put(&engine.scope, vec![row]).await?;
    Ok(())
}

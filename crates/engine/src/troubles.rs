//! Trouble outside any order - a system that does not answer, a database that is locked, a clock
//! that is wrong - told in the trail: at once when it begins, then once an hour while it lasts.

use crate::error::{EngineError, Result};
use crate::parts::Engine;
use crate::trail;
use domain::operation::System;
use domain::time::{Span, Timestamp};
use std::collections::BTreeMap;
use store::TrailEntry;

/// A trouble that lasts is told again after this.
const AGAIN: Span = Span::hours(1);
/// Longest words of a remote that are repeated.
const WORDS: usize = 200;

/// What kind of trouble; each is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// No answer, or none of a shape we know.
    Away,
    /// Our credentials are not accepted.
    NoAccess,
    /// We are asked to wait.
    Throttled,
    /// Its clock differs from ours.
    Clock,
    /// The database did not answer.
    Database,
}

struct Seen {
    since: Timestamp,
    times: u64,
    why: String,
    told: Option<Timestamp>,
}

/// Trouble seen since it was last told.
#[derive(Default)]
pub(crate) struct Troubles {
    seen: BTreeMap<(Kind, &'static str), Seen>,
}

impl Troubles {
    pub(crate) fn note(&mut self, kind: Kind, whose: &'static str, now: Timestamp, why: &str) {
        let fresh = || Seen { since: now, times: 0, why: String::new(), told: None };
        let seen = self.seen.entry((kind, whose)).or_insert_with(fresh);
        if seen.times == 0 {
            seen.since = now;
        }
        seen.times += 1;
        seen.why = why.chars().take(WORDS).collect();
    }

    fn due(&self, now: Timestamp) -> Vec<(Kind, &'static str)> {
        let due =
            |seen: &Seen| seen.times > 0 && seen.told.is_none_or(|told| now.since(told) >= AGAIN);
        self.seen.iter().filter(|(_, seen)| due(seen)).map(|(key, _)| *key).collect()
    }

    fn told(&mut self, keys: &[(Kind, &'static str)], now: Timestamp) {
        for key in keys {
            if let Some(seen) = self.seen.get_mut(key) {
                seen.times = 0;
                seen.told = Some(now);
            }
        }
    }

    fn words(&self, (kind, whose): (Kind, &'static str)) -> String {
        let Some(seen) = self.seen.get(&(kind, whose)) else { return String::new() };
        let why = &seen.why;
        let words = match kind {
            Kind::Away => format!(
                "{whose} gave no usable answer ({why}). Reads are repeated, writes are looked up before they are repeated."
            ),
            Kind::NoAccess => format!(
                "{whose} does not accept our credentials ({why}). Nothing is lost; mend them under Connection."
            ),
            Kind::Throttled => {
                format!("{whose} asked us to wait ({why}). Nothing was sent before that time.")
            }
            Kind::Clock => format!(
                "{whose}'s clock is {why} ours. Its times are read with that difference; check the clock of this machine."
            ),
            Kind::Database => format!(
                "The database did not answer ({why}). Nothing was changed meanwhile; work goes on where it stopped."
            ),
        };
        match seen.times {
            0 | 1 => words,
            times => format!("{words} {times} times since {}.", seen.since.to_rfc3339()),
        }
    }
}

/// How a system is called in sentences.
pub(crate) fn name(system: System) -> &'static str {
    match system {
        System::Dynamics => "Dynamics",
        System::ShipBob => "ShipBob",
    }
}

impl Engine {
    pub(crate) fn troubled(&self, kind: Kind, whose: &'static str, why: &str) {
        let now = self.now();
        self.remember().troubles.note(kind, whose, now, why);
    }

    /// Remembers an error of the database, to be told when it answers again.
    pub(crate) fn noticed<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(EngineError::Unavailable(why)) = &result {
            self.troubled(Kind::Database, "database", why);
        }
        result
    }

    /// Writes what is due into the trail.
    pub(crate) async fn tell_troubles(&self) -> Result<()> {
        let now = self.now();
        let (keys, entries): (Vec<_>, Vec<TrailEntry>) = {
            let memory = self.remember();
            let keys = memory.troubles.due(now);
            let told = keys.iter().map(|key| {
                let words = memory.troubles.words(*key);
                let entry = trail::entry(now, trail::ENGINE, "trouble", "", words);
                TrailEntry { subject: None, ..entry }
            });
            (keys.clone(), told.collect())
        };
        if keys.is_empty() {
            return Ok(());
        }
        let mut work = self.begin("troubles").await?;
        work.txn.trail_append(&self.scope, entries).await?;
        work.commit().await?;
        self.remember().troubles.told(&keys, now);
        Ok(())
    }
}

//! The overview: what one statement tells, as the page shows it.

use super::super::{BooksError, decode};
use super::flows::to_write;
use super::{LATE_AFTER, StoreBooks};
use crate::model::{At, Counters, HoldGroup, Hour, OverviewFacts, Waiting};
use domain::operation::Flow;
use domain::time::{Span, Timestamp};
use store::TrailFilter;
use store::read::{ConsoleOverview, OverviewWindow, Waits};

impl StoreBooks {
    pub(super) async fn read_overview(
        &self,
        window_hours: i64,
        now: Timestamp,
    ) -> Result<OverviewFacts, BooksError> {
        let this_hour = now.0.div_euclid(Span::hours(1).0);
        let window = OverviewWindow {
            since: now - Span::hours(window_hours),
            hours_since: Timestamp((this_hour - 23) * Span::hours(1).0),
            late_before: now - LATE_AFTER,
        };
        let mut reader = self.reader().await?;
        let told = reader.console_overview(&self.scope, window).await?;
        let mut needs: Vec<HoldGroup> =
            reader.hold_groups(&self.scope, 0).await?.into_iter().map(decode::group).collect();
        needs.sort_by(|a, b| b.count.cmp(&a.count).then(a.oldest.cmp(&b.oldest)));
        let flows = self.flows_of(&mut reader, &told.sends, now).await?;
        let recent = reader.trail(&self.scope, &TrailFilter::default(), None, 8).await?;
        Ok(OverviewFacts {
            window_hours,
            seen_any: told.any,
            counters: counters(&told),
            to_shipbob: waiting(told.to_shipbob),
            to_dynamics: waiting(told.to_dynamics),
            held: waiting(told.held),
            inbox: waiting(told.signals),
            sends_orders: to_write(&told.sends, Flow::Orders),
            sends_fulfilment: to_write(&told.sends, Flow::Fulfilment),
            in_doubt: waiting(told.in_doubt),
            hours: hours(&told, this_hour),
            needs,
            recent: recent.into_iter().map(decode::trail).collect(),
            flows,
        })
    }
}

fn waiting(waits: Waits) -> Waiting {
    Waiting { count: waits.count, oldest: waits.oldest.map(At) }
}

fn counters(told: &ConsoleOverview) -> Counters {
    Counters {
        released: told.cohort.released,
        accepted: told.cohort.accepted,
        shipped: told.cohort.shipped,
        written: told.cohort.written,
        delivered: told.cohort.delivered,
        late: told.late,
        cancelled: told.cohort.cancelled,
        held: told.held.count,
    }
}

fn hours(told: &ConsoleOverview, this_hour: i64) -> Vec<Hour> {
    (this_hour - 23..=this_hour)
        .map(|hour| {
            let row = told.hours.iter().find(|row| row.hour == hour).copied().unwrap_or_default();
            Hour {
                start: At(Timestamp(hour * Span::hours(1).0)),
                released: row.released,
                accepted: row.accepted,
                shipped: row.shipped,
            }
        })
        .collect()
}

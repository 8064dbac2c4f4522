//! Flows by a timetable where one is given, else by the plain interval; and their quiet hours.

use crate::error::Result;
use crate::parts::Engine;
use domain::operation::{Flow, Lane};
use domain::pause::flow_of;
use domain::settings::Settings;
use domain::time::{Span, Timestamp};
use domain::timetable::Timetable;
use jiff::tz::TimeZone;

/// Flows, for what is asked of all.
const FLOWS: [Flow; 5] =
    [Flow::Orders, Flow::Fulfilment, Flow::Products, Flow::Inventory, Flow::Billing];

fn table_of(settings: &Settings, flow: Flow) -> Option<&Timetable> {
    let flows = &settings.schedule.flows;
    match flow {
        Flow::Orders => flows.orders.as_ref(),
        Flow::Fulfilment => flows.fulfilment.as_ref(),
        Flow::Products => flows.products.as_ref(),
        Flow::Inventory => flows.inventory.as_ref(),
        Flow::Billing => flows.billing.as_ref(),
        // Looked at by an interval of their own.
        Flow::Returns => None,
    }
}

/// The zone of a timetable, where this machine knows it.
fn zone_of(table: &Timetable) -> Option<TimeZone> {
    match table.zone.as_str() {
        "" => Some(TimeZone::UTC),
        name => TimeZone::get(name).ok(),
    }
}

/// Zones this machine does not know.
pub(crate) fn unknown_zones(settings: &Settings) -> Vec<String> {
    let unknown = settings.schedule.flows.all().filter(|(_, table)| zone_of(table).is_none());
    unknown
        .map(|(flow, table)| {
            format!(
                "schedule.flows.{flow}: this machine knows no time zone \"{}\": give one like Europe/Berlin, or leave it out for UTC",
                table.zone
            )
        })
        .collect()
}

impl Engine {
    /// When a flow runs again after a run that began then; `plain` is the way to the next one
    /// without a timetable.
    pub(crate) fn run_after(&self, flow: Flow, began: Timestamp, plain: Span) -> Timestamp {
        let settings = self.settings();
        let Some(table) = table_of(&settings, flow) else { return began + plain };
        let zone = zone_of(table).unwrap_or(TimeZone::UTC);
        table.next_run(&zone, &self.whose(flow), Some(began), plain, self.now())
    }

    fn whose(&self, flow: Flow) -> String {
        let (organisation, connection) = (&self.scope.organisation, &self.scope.connection);
        format!("{organisation}/{connection}/{flow:?}")
    }

    /// When the quiet hours of a flow end; none while there are none.
    pub(crate) fn quiet_until(&self, flow: Flow) -> Option<Timestamp> {
        let settings = self.settings();
        let table = table_of(&settings, flow)?;
        let (zone, now) = (zone_of(table).unwrap_or(TimeZone::UTC), self.now());
        Some(table.after_quiet(&zone, now)).filter(|until| *until > now)
    }

    /// When the first quiet hours end that hold something back now.
    pub(crate) fn first_quiet_end(&self) -> Option<Timestamp> {
        if self.settings().schedule.flows.is_empty() {
            return None;
        }
        FLOWS.into_iter().filter_map(|flow| self.quiet_until(flow)).min()
    }

    /// Until when a run that is due is put off: it is a quiet hour, and nobody asked to run now.
    pub(crate) fn put_off(&self, flow: Flow) -> Option<Timestamp> {
        let until = self.quiet_until(flow);
        let mut memory = self.remember();
        let asked = memory.run_now.iter().position(|one| *one == flow);
        match asked {
            Some(at) => {
                memory.run_now.swap_remove(at);
                None
            }
            None => until,
        }
    }

    /// It is a quiet hour of the flow this lane belongs to.
    pub(crate) fn lane_quiet(&self, lane: Lane) -> bool {
        !self.settings().schedule.flows.is_empty() && self.quiet_until(flow_of(lane)).is_some()
    }

    /// After a start, and after a change of the settings, a timetable goes on from the last poll in
    /// the database; the plain interval begins at once.
    pub(crate) async fn recall_polls(&self) -> Result<()> {
        if self.remember().polls_known {
            return Ok(());
        }
        let settings = self.settings();
        let polls = [
            (Flow::Orders, "fo.changes", settings.schedule.dynamics_poll),
            (Flow::Fulfilment, "sb.orders", settings.schedule.shipbob_poll),
        ];
        for (flow, cursor, plain) in polls {
            if table_of(&settings, flow).is_none() {
                continue;
            }
            let last = self.store.read().await?.cursor(&self.scope, cursor).await?;
            let due = match last {
                Some((_, at)) => self.run_after(flow, at, plain),
                None => self.quiet_until(flow).unwrap_or(Timestamp::MIN),
            };
            let mut memory = self.remember();
            match flow {
                Flow::Orders => memory.dynamics_poll_due = due,
                _ => memory.shipbob_poll_due = due,
            }
        }
        self.remember().polls_known = true;
        Ok(())
    }
}

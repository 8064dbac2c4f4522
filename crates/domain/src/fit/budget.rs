//! Calls to be expected on a day like those looked at, against what the vendors allow. Upper bounds: webhooks that come
//! together are read together.

use super::orders::Orders;
use super::{Book, Facts};
use crate::settings::Settings;
use crate::time::{Span, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// ShipBob's 150 calls a minute, over a day.
pub const SHIPBOB_PER_DAY: i64 = 150 * 60 * 24;
/// More of it than this leaves no room for a busy day.
const MOST_PERCENT: i64 = 80;
/// Orders and references one look-up takes.
const LOOK_UP: i64 = 100;
/// Orders F&O is asked for with one batch of the watch list.
const WATCHED: i64 = 400;
/// Days an order stays open, from the release to the door.
const OPEN_DAYS: i64 = 5;
/// Events of one order that are each read when they come alone.
const EVENTS: i64 = 4;
/// Entries on one page of ShipBob.
const PAGE: i64 = 250;
/// Rows on one page of F&O.
const ROWS: i64 = 10_000;
/// SKUs one look-up takes: its address is full then.
const SKUS: i64 = 100;

/// Calls of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallRow {
    /// `ShipBob` or `Dynamics`.
    pub system: &'static str,
    /// What for.
    pub what: &'static str,
    /// A day.
    pub per_day: i64,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Calls {
    /// By kind.
    pub rows: Vec<CallRow>,
    /// Orders a day, on average.
    pub orders_per_day: i64,
    /// Most orders that were created within one hour.
    pub busiest_hour: i64,
    /// Minutes ShipBob's limit needs for that hour's orders.
    pub busiest_hour_minutes: i64,
}

impl Calls {
    /// Of one system, a day.
    pub fn per_day(&self, system: &str) -> i64 {
        self.rows.iter().filter(|r| r.system == system).map(|r| r.per_day).sum()
    }

    /// Share of ShipBob's budget, in percent, rounded up.
    pub fn shipbob_percent(&self) -> i64 {
        parts(self.per_day("ShipBob").saturating_mul(100), SHIPBOB_PER_DAY)
    }
}

/// Parts of at most `size` that `n` things make.
fn parts(n: i64, size: i64) -> i64 {
    if n <= 0 || size <= 0 { 0 } else { (n - 1) / size + 1 }
}

fn times_a_day(every: Span) -> i64 {
    Span::days(1).0.checked_div(every.0.max(Span::seconds(1).0)).unwrap_or(0)
}

pub(super) fn look(
    book: &mut Book,
    facts: &Facts,
    settings: &Settings,
    orders: &Orders<'_>,
    products: usize,
) -> Calls {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    // Only waiting requests are seen; the orders that ship by requests are seen all.
    let by_orders = orders.looks.len().saturating_sub(orders.requests);
    let all = by_orders.saturating_add(orders.by_request.max(orders.requests));
    let a_day = parts(count(all), facts.days.max(1));
    let open = a_day.saturating_mul(OPEN_DAYS);
    let schedule = &settings.schedule;
    let products = count(products);
    let shelves = facts.shelves.as_ref();
    let (levels, on_hand) =
        shelves.map_or((0, 0), |s| (count(s.levels.len()), count(s.on_hand.len())));
    let mut calls = Calls {
        orders_per_day: a_day,
        busiest_hour: busiest_hour(&orders.created),
        ..Calls::default()
    };
    calls.busiest_hour_minutes = parts(calls.busiest_hour, 150);
    let mut row = |system, what, per_day| {
        if per_day > 0 {
            calls.rows.push(CallRow { system, what, per_day });
        }
    };
    let watched = times_a_day(schedule.watch);
    row("ShipBob", "orders created", a_day);
    row("ShipBob", "references looked up before that", a_day);
    row("ShipBob", "orders read after webhooks", a_day.saturating_mul(EVENTS));
    row("ShipBob", "polls", times_a_day(schedule.shipbob_poll));
    row("ShipBob", "open orders read again", parts(open, LOOK_UP).saturating_mul(watched));
    row("Dynamics", "polls", times_a_day(schedule.dynamics_poll));
    let polls = times_a_day(schedule.dynamics_poll);
    row("Dynamics", "requests polled", polls * i64::from(settings.has_external()));
    row("Dynamics", "releases to the warehouse polled", polls * i64::from(settings.has_whs()));
    row("Dynamics", "orders read", a_day.saturating_mul(2));
    row("Dynamics", "open orders read again", parts(open, WATCHED).saturating_mul(watched));
    row("Dynamics", "writes (notes, quantities, tracking, carrier)", a_day.saturating_mul(EVENTS));
    if let Some(flow) = &settings.products {
        let compared = times_a_day(flow.compare());
        row("ShipBob", "products compared", parts(products, SKUS).saturating_mul(compared));
        let pages = parts(products, ROWS).saturating_mul(4);
        row("Dynamics", "products read", pages.saturating_mul(times_a_day(flow.poll())));
    }
    if settings.inventory.is_some() {
        let centres = count(settings.warehouses.iter().flat_map(|w| w.mapping.centres()).count());
        row("ShipBob", "stock, nightly", parts(levels, PAGE).saturating_add(centres));
        row("Dynamics", "stock, nightly", parts(on_hand, ROWS).saturating_mul(2));
    }
    if let Some(billing) = &settings.billing {
        let looks = times_a_day(Span::minutes(billing.every_minutes));
        row("ShipBob", "charges and invoices", looks.saturating_mul(3));
    }
    calls.rows.sort_by_key(|row| row.system != "ShipBob");
    let sum = calls.per_day("ShipBob");
    if sum.saturating_mul(100) > SHIPBOB_PER_DAY.saturating_mul(MOST_PERCENT) {
        let what = format!("{sum} calls a day of {SHIPBOB_PER_DAY}.");
        book.put("budget-exceeded", "ShipBob", what);
    }
    calls
}

/// Most orders of one clock hour.
fn busiest_hour(created: &[Timestamp]) -> i64 {
    let mut hours: BTreeMap<i64, i64> = BTreeMap::new();
    for at in created {
        *hours.entry(at.0.div_euclid(Span::hours(1).0)).or_default() += 1;
    }
    hours.values().copied().max().unwrap_or(0)
}

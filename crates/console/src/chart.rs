//! Charts as numbers for inline SVG: no script, no style attributes, a title on every bar.

use crate::clock::Clock;
use crate::model::Hour;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bar {
    /// Left edge.
    pub x: i64,
    /// Upper edge.
    pub y: i64,
    /// Width.
    pub width: i64,
    /// Height; at least 1 where there is anything.
    pub height: i64,
    /// CSS class of its series.
    pub class: &'static str,
}

/// One hour: its bars, the area that answers to the pointer, and the words shown there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Left edge.
    pub x: i64,
    /// Words for the pointer and for screen readers.
    pub title: String,
    /// Bars of the series.
    pub bars: Vec<Bar>,
    /// Label under it, for some.
    pub label: Option<String>,
}

/// Bars per hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bars {
    /// Hours, oldest first.
    pub slots: Vec<Slot>,
    /// Value of the upper line.
    pub top: i64,
    /// Value of the middle line.
    pub middle: i64,
    /// One sentence for those who cannot see it.
    pub summary: String,
    /// Nothing to show.
    pub empty: bool,
}

/// Height of the drawing area, in units of the view box.
pub(crate) const HEIGHT: i64 = 120;
/// Width of an hour.
pub(crate) const STEP: i64 = 26;

/// Released, accepted and shipped orders side by side, per hour.
pub(crate) fn bars(hours: &[Hour], clock: &Clock) -> Bars {
    let highest =
        hours.iter().map(|h| h.released.max(h.accepted).max(h.shipped)).max().unwrap_or_default();
    let top = nice(highest);
    let slots = (0i64..).zip(hours).map(|(n, hour)| slot(n, hour, top, clock)).collect();
    let sum = |f: fn(&Hour) -> i64| hours.iter().map(f).sum::<i64>();
    Bars {
        slots,
        top,
        middle: top / 2,
        summary: format!(
            "Orders per hour over the last {} hours: {} released, {} accepted by ShipBob, {} shipped; at most {highest} in one hour.",
            hours.len(),
            sum(|h| h.released),
            sum(|h| h.accepted),
            sum(|h| h.shipped)
        ),
        empty: highest == 0,
    }
}

fn slot(n: i64, hour: &Hour, top: i64, clock: &Clock) -> Slot {
    let x = n * STEP;
    let series = [(hour.released, "s1"), (hour.accepted, "s2"), (hour.shipped, "s3")];
    let bars = (0i64..)
        .zip(series)
        .filter(|(_, (value, _))| *value > 0)
        .map(|(place, (value, class))| {
            let height = (value * HEIGHT / top.max(1)).max(1);
            Bar { x: x + 4 + place * 6, y: HEIGHT - height, width: 5, height, class }
        })
        .collect();
    let start = clock.time(hour.start);
    let label = (n % 6 == 0).then(|| start.clone());
    let title = format!(
        "{start}: {} released, {} accepted, {} shipped",
        hour.released, hour.accepted, hour.shipped
    );
    Slot { x, title, bars, label }
}

/// The next number that divides well: 4, 10, 20, 40, 100 …
fn nice(highest: i64) -> i64 {
    let mut step = 1i64;
    loop {
        for factor in [4, 10, 20] {
            if highest <= step.saturating_mul(factor) {
                return step.saturating_mul(factor);
            }
        }
        step = step.saturating_mul(10);
    }
}

/// Points of a sparkline in a box of 120 × 28: the line, and the area under it.
pub(crate) fn spark(percent: &[u32]) -> (String, String) {
    let last = percent.len().saturating_sub(1).max(1);
    let line = percent
        .iter()
        .enumerate()
        .map(|(n, value)| format!("{},{}", n * 120 / last, 27 - (*value).min(100) * 26 / 100))
        .collect::<Vec<_>>()
        .join(" ");
    let area = if line.is_empty() { String::new() } else { format!("0,28 {line} 120,28") };
    (line, area)
}

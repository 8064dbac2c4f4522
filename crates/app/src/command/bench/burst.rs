//! Calls and times under the real limits, in virtual time.

use super::{Bed, Figure, p95, ratio};
use domain::time::{Span, Timestamp};
use twins::{Fate, LedgerSnapshot, System, TwinConfig, effect};

/// Warehouse life fast enough that idle polls do not hide the calls of the orders themselves.
const PACE: u32 = 200;

/// Orders released at once under 150 calls a minute: a thousand usual ones, and a thousand of the awkward world, where
/// one in twelve is changed, cancelled or looked up again.
pub(super) async fn burst(orders: u32) -> anyhow::Result<Vec<Figure>> {
    let cast = usize::try_from(orders)?;
    let usual = TwinConfig {
        cast: vec![("ordinary", Fate::Plain); cast],
        seed: 7,
        orders,
        ..TwinConfig::default()
    };
    let awkward = TwinConfig { cast: Vec::new(), pace: PACE, ..usual.clone() };
    let mut figures = vec![ideal(usual.clone()).await?];
    figures.extend(calls("usual orders", TwinConfig { pace: PACE, ..usual }).await?);
    figures.extend(calls("orders of the awkward world", awkward).await?);
    Ok(figures)
}

/// How near the creates come to the pace the limit allows.
async fn ideal(config: TwinConfig) -> anyhow::Result<Figure> {
    let wanted = usize::try_from(config.orders)?;
    let bed = Bed::make(config, true).await?;
    let limit = bed.world.now() + Span::days(1);
    let created = |ledger: &LedgerSnapshot| -> Vec<i64> {
        ledger.of(effect::ORDER_CREATED).map(|e| e.at).collect()
    };
    let mut times = Vec::new();
    while times.len() < wanted && bed.world.now() < limit {
        let (_, next) = bed.rig.settle_moment().await?;
        times = created(&bed.world.twins.ledger());
        forward(&bed, next);
    }
    let span = times.iter().max().copied().unwrap_or(0) - times.iter().min().copied().unwrap_or(0);
    // The window lets 150 pass at once, then 150 a minute; look-ups and reads take their share.
    let after = u64::try_from(times.len())?.saturating_sub(150).div_ceil(150);
    let ideal = u64::try_from(Span::seconds(60).0)? * after;
    Ok(Figure::new(
        format!("ideal time / time taken by {} creates under 150 a minute", times.len()),
        format!("{:.1} %", ratio(ideal, u64::try_from(span.max(1))?) * 100.0),
        ">= 98 %",
    ))
}

async fn calls(which: &str, config: TwinConfig) -> anyhow::Result<Vec<Figure>> {
    let bed = Bed::make(config, true).await?;
    // Step by step while anything happens at ShipBob; the calls up to the 99th of 100 notes are counted. What comes
    // later waited for a person or for stock: its hours are filled with idle polls.
    let limit = bed.world.now() + Span::days(2);
    let mut look = bed.world.now();
    let mut looks: Vec<(usize, LedgerSnapshot)> = Vec::new();
    while bed.world.now() < limit && bed.world.twins.next_event().is_some() {
        let (_, next) = bed.rig.settle_moment().await?;
        if bed.world.now() >= look {
            look = bed.world.now() + Span::seconds(30);
            let ledger = bed.world.twins.ledger();
            let notes = ledger.of(effect::NOTE_WRITTEN).count();
            if looks.last().is_none_or(|(known, _)| notes > *known) {
                looks.push((notes, ledger));
            }
        }
        forward(&bed, next);
    }
    bed.rig.run_to_quiet(Span::days(30)).await?;
    let end = bed.world.twins.ledger();
    let most = end.of(effect::NOTE_WRITTEN).count() * 99 / 100;
    let at_written = looks.into_iter().find(|(notes, _)| *notes >= most).map(|(_, ledger)| ledger);
    let at_written = at_written.unwrap_or_else(|| end.clone());
    let created =
        u64::try_from(end.of(effect::ORDER_CREATED).filter(|e| e.key.ends_with("-1")).count())?;
    let per =
        |ledger: &LedgerSnapshot, system| format!("{:.3}", ratio(ledger.requests(system), created));
    Ok(vec![
        Figure::new(
            format!("ShipBob calls per order, {created} {which}, release to delivered"),
            per(&end, System::ShipBob),
            "<= 1.05",
        ),
        Figure::new(
            format!("ShipBob calls per order, {which}, release to tracking written (99 of 100)"),
            per(&at_written, System::ShipBob),
            "",
        ),
        Figure::new(
            format!("F&O calls per order, {which}, release to tracking written (99 of 100)"),
            per(&at_written, System::Dynamics),
            "<= 0.10",
        ),
        Figure::new(
            format!("429 answers in the whole run, {which}"),
            end.throttled(System::ShipBob).to_string(),
            "0 caused by us",
        ),
    ])
}

/// To the next thing that happens on either side.
fn forward(bed: &Bed, next: Timestamp) {
    let twin = bed.world.twins.next_event().map_or(next, |t| next.min(Timestamp(t)));
    bed.world.advance(twin.max(bed.world.now() + Span::millis(1)));
}

/// One order a minute.
pub(super) async fn trickle(orders: u32) -> anyhow::Result<Vec<Figure>> {
    let config = TwinConfig {
        seed: 7,
        orders,
        pace: PACE,
        release_span_secs: i64::from(orders) * 60,
        ..TwinConfig::default()
    };
    let bed = Bed::make(config, true).await?;
    bed.rig.run_to_quiet(Span::days(30)).await?;
    let ledger = bed.world.twins.ledger();
    let created = u64::try_from(ledger.of(effect::ORDER_CREATED).count())?;
    let per = |system| format!("{:.2}", ratio(ledger.requests(system), created));
    Ok(vec![
        Figure::new(
            "trickle of 1 order a minute: ShipBob calls per order, polls included",
            per(System::ShipBob),
            "",
        ),
        Figure::new(
            "trickle of 1 order a minute: F&O calls per order, polls included",
            per(System::Dynamics),
            "",
        ),
    ])
}

/// Release → ShipBob, and webhook → note, in virtual time (waiting, not computing), at one order a minute: in a burst
/// webhooks are collected.
pub(super) async fn latency(orders: u32) -> anyhow::Result<Vec<Figure>> {
    let config = TwinConfig {
        seed: 11,
        orders,
        pace: PACE,
        release_span_secs: i64::from(orders) * 60,
        ..TwinConfig::default()
    };
    let bed = Bed::make(config, true).await?;
    bed.rig.run_to_quiet(Span::days(30)).await?;
    let truth = bed.world.twins.truth();
    let keys: Vec<String> = truth.orders.iter().map(|o| o.order_number.clone()).collect();
    let rows = bed.store.read().await?.subjects(&crate::rig::scope(), &keys).await?;
    let start = twins::TwinConfig::default().start_micros;
    let waits: Vec<i64> = rows
        .iter()
        .filter_map(|r| {
            let released = r.milestones.released_at?.0;
            let accepted = r.milestones.accepted_at?.0;
            (released >= start).then_some(accepted - released)
        })
        .collect();
    let ledger = bed.world.twins.ledger();
    Ok(vec![
        Figure::new(
            format!(
                "release to ShipBob, p95 of {} (F&O poll every 30 s, stamps of whole seconds)",
                waits.len()
            ),
            format!("{:.1} s", ratio(u64::try_from(p95(waits).max(0))?, 1_000_000)),
            "< poll interval + 2 s",
        ),
        Figure::new(
            "webhook sent to note written, p95",
            format!(
                "{:.1} s",
                ratio(u64::try_from(p95(webhook_to_note(&ledger)).max(0))?, 1_000_000)
            ),
            "< 2 s",
        ),
    ])
}

/// For every first note: how long after the last webhook before it.
fn webhook_to_note(ledger: &LedgerSnapshot) -> Vec<i64> {
    let sent: Vec<i64> = ledger.of(effect::WEBHOOK_SENT).map(|e| e.at).collect();
    ledger
        .of(effect::NOTE_WRITTEN)
        .filter_map(|note| {
            let before = sent.iter().filter(|at| **at <= note.at).max()?;
            Some(note.at - before)
        })
        .collect()
}

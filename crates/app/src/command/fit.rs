//! `fit`: would this work for us? Reads both systems with the credentials of the file, writes nothing, needs no database
//! (the vault is read only for what the file does not give).

use super::credentials::known;
use super::{complain, say};
use crate::cli::FitArgs;
use crate::clockwork;
use crate::{survey, wiring};
use anyhow::Context;
use domain::fit::{Answer, Fate, Finding, Place, Report, SHIPBOB_PER_DAY};
use domain::time::Span;
use engine::survey::Bounds;
use futures::future::BoxFuture;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use transport::{HttpOptions, HttpTransport, Transport};

/// Places of one finding in the text; JSON has all of them.
const SHOWN: usize = 10;
/// Orders of one place in the text.
const ORDERS: usize = 5;

pub(crate) async fn run(args: FitArgs) -> anyhow::Result<ExitCode> {
    let config = args.config.one()?;
    let remotes = known(&config).await?;
    let settings = config.settings()?;
    let transport: Arc<dyn Transport> =
        Arc::new(HttpTransport::new(&HttpOptions::new(wiring::USER_AGENT))?);
    let wait = |span: Span| -> BoxFuture<'static, ()> { Box::pin(clockwork::pause(span)) };
    let clock = clockwork::wall();
    let step = |what: &str| complain(&format!("… {what}"));
    let bounds = Bounds::of(args.days);
    let report =
        survey::fit(&transport, &remotes, &settings, &clock, &bounds, (&wait, &step)).await;
    if let Some(path) = &args.html {
        let page = console::printed::fit_page(&report, &config.connection.name)
            .context("the page cannot be drawn")?;
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))?;
        complain(&format!("Page: {}", path.display()));
    }
    if args.json {
        say(&serde_json::to_string_pretty(&report)?);
    } else {
        say(&text(&report));
    }
    Ok(if report.answer == Answer::NoGo { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

// Writing to a String cannot fail.
fn text(report: &Report) -> String {
    let mut out = format!("{}\n", report.sentence);
    if !report.fixes.is_empty() {
        out.push_str("\nWhat to do, in this order:\n");
        for (nth, fix) in report.fixes.iter().enumerate() {
            let _ = writeln!(
                out,
                "{:>3}. {:<6} {} ({}, {}×)\n            {}",
                nth + 1,
                fix.weight.word(),
                fix.title,
                fix.id,
                fix.places,
                fix.fix
            );
        }
    }
    for finding in &report.findings {
        told(&mut out, finding);
    }
    let _ = writeln!(
        out,
        "\nOrders of {} days that are to be shipped: {}",
        report.days,
        report.orders.len()
    );
    for fate in Fate::ALL {
        let n = report.count(fate);
        if n > 0 {
            let _ = writeln!(out, "  {n:>6} {}", fate.words());
        }
    }
    for (why, n) in &report.other_orders {
        let _ = writeln!(out, "  {n:>6} not now: {why}");
    }
    let calls = &report.calls;
    let _ = writeln!(
        out,
        "\nStock: {} shelf(s) compared, {} differ. ShipBob orders looked at for duplicates: {}.",
        report.shelves_compared,
        report.shelves.len(),
        report.shipbob_orders
    );
    let _ = writeln!(
        out,
        "Calls a day, at most: ShipBob {} of {SHIPBOB_PER_DAY} ({} %), Dynamics {}. Busiest hour: {} order(s), {} minute(s) at 150 a minute.",
        calls.per_day("ShipBob"),
        calls.shipbob_percent(),
        calls.per_day("Dynamics"),
        calls.busiest_hour,
        calls.busiest_hour_minutes
    );
    for row in &calls.rows {
        let _ = writeln!(out, "  {:>8} {:<9} {}", row.per_day, row.system, row.what);
    }
    if !report.limits.is_empty() {
        out.push_str("\nNot looked at:\n");
        for limit in &report.limits {
            let _ = writeln!(out, "  {}: {}", limit.id, limit.words);
        }
    }
    out.push_str("\nNothing was written.");
    out
}

fn told(out: &mut String, finding: &Finding) {
    let _ = writeln!(
        out,
        "\n{} {} – {} ({})",
        finding.weight.word(),
        finding.id,
        finding.title,
        finding.places.len()
    );
    for line in &finding.write {
        let _ = writeln!(out, "    write: {}", line.replace('\n', "\n           "));
    }
    for place in finding.places.iter().take(SHOWN) {
        let _ = writeln!(out, "    {:<24} {}{}", place.key, place.what, orders_of(place));
    }
    let more = finding.places.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = writeln!(out, "    … and {more} more (--json has all of them)");
    }
}

fn orders_of(place: &Place) -> String {
    if place.orders.is_empty() {
        return String::new();
    }
    let shown: Vec<&str> = place.orders.iter().take(ORDERS).map(String::as_str).collect();
    let more = place.orders.len().saturating_sub(ORDERS);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(" [{}{rest}]", shown.join(", "))
}

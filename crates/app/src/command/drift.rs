//! `drift`: what both live systems say of themselves against the contracts of this build. Writes
//! nothing.

use super::credentials::known;
use super::doctor::clients;
use super::{complain, say};
use crate::cli::DriftArgs;
use crate::clockwork;
use domain::drift::{Drift, DriftReport};
use std::fmt::Write as _;
use std::process::ExitCode;

pub(crate) async fn run(args: DriftArgs) -> anyhow::Result<ExitCode> {
    let config = args.config.one()?;
    let clients = clients(&config, known(&config).await?, None)?;
    let step = |what: &str| complain(&format!("… {what}"));
    let report =
        engine::doctor::drift(&clients.dynamics, &clients.shipbob, clockwork::now(), &step).await;
    if args.json {
        say(&serde_json::to_string_pretty(&report)?);
    } else {
        say(&text(&report));
    }
    Ok(if report.quiet() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn text(report: &DriftReport) -> String {
    let mut out = String::new();
    for one in &report.found {
        let word = if one.changed() { "CHANGED" } else { "not seen" };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{word:<9} {}", one.sentence());
    }
    for blind in &report.blind {
        let _ = writeln!(out, "blind     {blind}");
    }
    let changed = report.found.iter().filter(|d| Drift::changed(d)).count();
    let _ = write!(out, "{} fact(s) agree, {changed} changed", report.agreed);
    out
}

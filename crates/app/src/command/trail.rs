//! `trail show | verify | export`.

use super::serve::open;
use super::{complain, raw, say};
use crate::cli::{OneArgs, TrailCommand, TrailShow};
use console::trail_csv;
use domain::ids::Scope;
use std::process::ExitCode;
use store::{Store, TrailFilter, TrailRow};

/// Entries read at a time.
const PAGE: usize = 1_000;

pub(crate) async fn run(command: TrailCommand) -> anyhow::Result<ExitCode> {
    match command {
        TrailCommand::Show(args) => show(args).await,
        TrailCommand::Verify { config, json } => verify(&config, json).await,
        TrailCommand::Export { config, format } => export(&config, &format).await,
    }
}

async fn opened(args: &OneArgs) -> anyhow::Result<(Store, Scope)> {
    let config = args.one()?;
    Ok((open(&config).await?, config.scope.clone()))
}

async fn show(args: TrailShow) -> anyhow::Result<ExitCode> {
    let (store, scope) = opened(&args.config).await?;
    let filter = TrailFilter { subject: args.order, ..TrailFilter::default() };
    let limit = args.limit.clamp(1, 10_000);
    let mut rows = store.read().await?.trail(&scope, &filter, None, limit).await?;
    rows.reverse();
    for row in rows {
        if args.json {
            say(&json(&row).to_string());
        } else {
            let subject = row.entry.subject.clone().unwrap_or_default();
            let why = row.entry.why.clone().unwrap_or_default();
            say(&format!(
                "{}  {:<12} {:<14} {subject:<14} {why}",
                row.entry.at, row.entry.who, row.entry.what
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(args: &OneArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let (store, scope) = opened(args).await?;
    let report = store.read().await?.trail_verify(&scope).await?;
    if as_json {
        say(&serde_json::json!({
            "entries": report.entries,
            "erased": report.erased,
            "head": report.head_hash,
            "archived": report.archived.as_ref().map(|head| serde_json::json!({ "seq": head.seq, "hash": head.hash })),
            "broken": report.broken.as_ref().map(|(seq, why)| serde_json::json!({ "seq": seq, "why": why })),
        })
        .to_string());
    } else if report.broken.is_none() {
        say(&format!(
            "{} entries ({} erased), the chain is whole; head {} {}",
            report.entries, report.erased, report.head_seq, report.head_hash
        ));
        if let Some(head) = &report.archived {
            say(&format!(
                "entries up to {} were deleted after their time; hash {}",
                head.seq, head.hash
            ));
        }
    }
    match report.broken {
        None => Ok(ExitCode::SUCCESS),
        Some((seq, why)) => {
            complain(&format!("the chain is broken at entry {seq}: {why}"));
            Ok(ExitCode::from(1))
        }
    }
}

async fn export(args: &OneArgs, format: &str) -> anyhow::Result<ExitCode> {
    if !matches!(format, "jsonl" | "csv") {
        anyhow::bail!("--format is jsonl or csv, not \"{format}\"");
    }
    let (store, scope) = opened(args).await?;
    if format == "csv" {
        raw(trail_csv::HEAD);
    }
    let mut before = None;
    loop {
        let mut reader = store.read().await?;
        let rows = reader.trail(&scope, &TrailFilter::default(), before, PAGE).await?;
        drop(reader);
        let Some(last) = rows.last() else { break };
        before = Some(last.seq);
        for row in rows {
            match format {
                "csv" => raw(&trail_csv::line(&row.into())),
                _ => say(&json(&row).to_string()),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn json(row: &TrailRow) -> serde_json::Value {
    serde_json::json!({
        "seq": row.seq,
        "at": row.entry.at.to_string(),
        "who": row.entry.who,
        "what": row.entry.what,
        "subject": row.entry.subject,
        "before": row.entry.before,
        "after": row.entry.after,
        "why": row.entry.why,
        "settings_version": row.entry.settings_version,
        "request_id": row.entry.request_id,
        "hash": row.hash,
    })
}

//! `stock show | compare | approve | reject`: reads the database; what a person asks goes to the running connector as a
//! signal.

use super::say;
use super::serve::open;
use crate::cli::{ConfigArgs, StockAnswer, StockCommand, StockShow};
use crate::clockwork;
use crate::config::Config;
use crate::stock::{ask, journals, judged};
use crate::wiring;
use anyhow::bail;
use domain::flows::inventory::{Journal, TELLING, Telling};
use domain::ids::Scope;
use domain::stock::JOURNAL_SUBJECT;
use engine::{Target, Verb};
use std::process::ExitCode;
use store::{StockLotRow, StockRow, Store};

/// Rows shown.
const ROWS: usize = 1_000;

pub(crate) async fn run(command: StockCommand) -> anyhow::Result<ExitCode> {
    match command {
        StockCommand::Show(args) => show(args).await,
        StockCommand::Compare(args) => {
            let (store, scope) = opened(&args.config).await?;
            ask(&store, &scope, &args.who, clockwork::now()).await?;
            say("Asked: the running connector compares stock now.");
            Ok(ExitCode::SUCCESS)
        }
        StockCommand::Approve(args) => answer(args, Verb::Release, "approved").await,
        StockCommand::Reject(args) => answer(args, Verb::Skip, "rejected").await,
    }
}

async fn opened(args: &ConfigArgs) -> anyhow::Result<(Store, Scope)> {
    let config = Config::load(&args.config)?;
    Ok((open(&config).await?, wiring::scope("default", "default")))
}

async fn answer(args: StockAnswer, verb: Verb, word: &str) -> anyhow::Result<ExitCode> {
    let (store, scope) = opened(&args.config).await?;
    let open = journals(&store, &scope).await?;
    if !open.iter().any(|journal| journal.token == args.token) {
        bail!("no open counting journal is called \"{}\": see `stock show`", args.token);
    }
    let target = Target::Order(format!("{JOURNAL_SUBJECT}{}", args.token));
    crate::stock::say(&store, &scope, verb, target, &args.who, clockwork::now()).await?;
    say(&format!("Asked: {} is {word} by the running connector.", args.token));
    Ok(ExitCode::SUCCESS)
}

async fn show(args: StockShow) -> anyhow::Result<ExitCode> {
    let (store, scope) = opened(&args.config).await?;
    let mut reader = store.read().await?;
    let rows = match &args.sku {
        Some(sku) => reader.stock_of(&scope, sku).await?,
        None => reader.stock_in_state(&scope, &args.state, "", ROWS).await?,
    };
    let lots = match &args.sku {
        Some(sku) => reader.stock_lots_of(&scope, sku).await?,
        None => Vec::new(),
    };
    let telling = reader.observations(&scope, TELLING, &[String::new()]).await?;
    let telling = telling.into_iter().next().and_then(|row| row.body);
    let telling: Option<Telling> = telling.map(|body| serde_json::from_slice(&body)).transpose()?;
    drop(reader);
    for row in &rows {
        say(&if args.json { json(row).to_string() } else { words(row) });
    }
    for lot in &lots {
        say(&if args.json { json_lot(lot).to_string() } else { lot_words(lot) });
    }
    let open = journals(&store, &scope).await?;
    for journal in &open {
        say(&if args.json { serde_json::to_string(journal)? } else { of_journal(journal) });
    }
    for telling in telling.iter().filter(|_| !args.json) {
        say(&format!("To Dynamics: {}.", telling.sentence()));
    }
    if !args.json {
        say(&format!("{} shelf(s), {} open counting journal(s).", rows.len(), open.len()));
    }
    Ok(ExitCode::SUCCESS)
}

fn json(row: &StockRow) -> serde_json::Value {
    serde_json::json!({
        "sku": row.sku, "centre": row.centre, "state": row.state, "variance": row.variance,
        "shipbob": {"on_hand": row.on_hand, "committed": row.committed, "fulfillable": row.fulfillable,
            "awaiting": row.awaiting, "internal_transfer": row.transfer},
        "dynamics": {"physical": row.physical, "available": row.available, "unit": row.unit},
        "compared": judged(row),
    })
}

fn json_lot(lot: &StockLotRow) -> serde_json::Value {
    serde_json::json!({
        "sku": lot.sku, "centre": lot.centre, "lot": lot.lot, "expires": lot.expires,
        "on_hand": lot.on_hand, "committed": lot.committed, "fulfillable": lot.fulfillable,
    })
}

fn lot_words(lot: &StockLotRow) -> String {
    let expires = match lot.expires.as_str() {
        "" => String::new(),
        date => format!(", expires {date}"),
    };
    let (number, centre, on_hand) = (&lot.lot, lot.centre, lot.on_hand);
    format!(
        "    lot {number} in centre {centre}: {on_hand} (fulfillable {}){expires}",
        lot.fulfillable
    )
}

fn words(row: &StockRow) -> String {
    let number = |n: Option<i64>| n.map_or("-".to_owned(), |n| n.to_string());
    let text = |t: &Option<String>| t.clone().unwrap_or_else(|| "-".to_owned());
    let mut out = format!(
        "{:<24} centre {:<4} {:<16} ShipBob {:>8} (fulfillable {}), Dynamics {:>8} (available {})",
        row.sku,
        row.centre,
        row.state,
        number(row.on_hand),
        row.fulfillable,
        text(&row.physical),
        text(&row.available),
    );
    for (cause, pieces) in judged(row).into_iter().flat_map(|judged| judged.causes) {
        out.push_str(&format!("\n    {pieces:>8} {}", cause.words()));
    }
    if let Some(all) = judged(row).and_then(|judged| judged.on_hand) {
        out.push_str(&format!("\n    {all:>8} in all centres of the warehouse"));
    }
    if row.variance != 0 {
        out.push_str(&format!("\n    {:>8} unexplained", row.variance));
    }
    out
}

fn of_journal(journal: &Journal) -> String {
    let why = if journal.ask.is_empty() { String::new() } else { format!(": {}", journal.ask) };
    format!(
        "journal \"{}\" for {} is {}{why}; {} line(s){}",
        journal.token,
        journal.warehouse,
        journal.state.word(),
        journal.lines.len(),
        journal.number.as_ref().map(|n| format!(", {n} in Dynamics")).unwrap_or_default()
    )
}

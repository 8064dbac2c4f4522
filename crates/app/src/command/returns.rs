//! `returns`: what came into ShipBob's centres, out of the database.

use super::say;
use super::serve::open;
use crate::cli::ReturnsArgs;
use domain::inbound::{Kind, Receiving, Return};
use std::process::ExitCode;
use store::InboundRow;

/// Rows shown.
const ROWS: usize = 1_000;

pub(crate) async fn run(args: ReturnsArgs) -> anyhow::Result<ExitCode> {
    let config = args.config.one()?;
    let store = open(&config).await?;
    let scope = config.scope.clone();
    let kind = if args.receiving { Kind::Receiving } else { Kind::Return };
    let words = args.find.as_deref().unwrap_or_default();
    let rows = store.read().await?.inbound_page(&scope, kind.word(), words, i64::MAX, ROWS).await?;
    for row in &rows {
        say(&if args.json { row.body.clone() } else { told(kind, row)? });
    }
    if !args.json {
        say(&format!(
            "{} {}(s).",
            rows.len(),
            if args.receiving { "receiving order" } else { "return" }
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn told(kind: Kind, row: &InboundRow) -> anyhow::Result<String> {
    let mut out;
    match kind {
        Kind::Return => {
            let one: Return = serde_json::from_str(&row.body)?;
            let of = one.shipment.map(|s| format!(", of shipment {s}")).unwrap_or_default();
            out = format!("{:<10} {:<20} {}{of}", one.id, one.state(), one.reference);
            for line in &one.lines {
                out.push_str(&format!(
                    "\n    {:<24} {:>5} announced, {} restocked, {} quarantined, {} disposed",
                    line.sku,
                    line.announced,
                    line.restocked(),
                    line.pieces("Quarantine"),
                    line.pieces("Dispose"),
                ));
            }
        }
        Kind::Receiving => {
            let one: Receiving = serde_json::from_str(&row.body)?;
            out = format!("{:<10} {:<20} {}", one.id, one.state(), one.purchase_order);
            for line in &one.lines {
                out.push_str(&format!(
                    "\n    {:<24} {:>5} announced, {} received, {} stowed",
                    line.sku, line.expected, line.received, line.stowed
                ));
            }
        }
    }
    Ok(out)
}

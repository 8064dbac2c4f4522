//! `backfill orders`: asks for it with a signal, then shows how far the owner got. The call may be
//! interrupted and repeated: the owner goes on meanwhile, and the same call only looks on.

use super::asking::{Desk, desk};
use super::{complain, say};
use crate::cli::{BackfillArgs, BackfillCommand};
use crate::clockwork;
use anyhow::{Context, bail, ensure};
use domain::backfill::{Asked, Backfill, KEPT, MOST_KEYS, Stage, TARGET, Wish};
use domain::time::{Span, Timestamp};
use engine::SOURCE;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest as _, Sha256};
use std::process::ExitCode;
use store::NewSignal;

/// Between two looks.
const LOOK: Span = Span::millis(500);
/// Without a beginning for so long, nobody seems to be at work.
const PATIENCE: Span = Span::seconds(20);

pub(crate) async fn run(command: BackfillCommand) -> anyhow::Result<ExitCode> {
    let BackfillCommand::Orders(args) = command;
    let wish = wish(&args)?;
    let desk = desk(&args.asking.config).await?;
    let id = name(&wish)?;
    let running = kept(&desk).await?.filter(|one| one.stage != Stage::Done);
    match &running {
        Some(one) if one.id.starts_with(&id) => complain("It is under way already: looking on."),
        Some(one) => {
            bail!("another backfill, asked by {}, is under way: wait for its end", one.who)
        }
        None => {}
    }
    let now = clockwork::now();
    let id = running.map_or_else(|| format!("{id}-{}", now.0), |one| one.id);
    let who = args.asking.who.trim().to_owned();
    let why = args.asking.why.trim().to_owned();
    let asked = Asked { who, why, at: now, id: id.clone(), wish };
    let signal = NewSignal {
        source: SOURCE.to_owned(),
        target_kind: TARGET.to_owned(),
        target_key: String::new(),
        dedupe_key: format!("operator:backfill:{id}"),
        body: Some(serde_json::to_vec(&asked)?),
        received_at: now,
        flagged: false,
    };
    let mut txn = desk.store.begin("cli.backfill").await?;
    txn.inbox_add_many(&desk.scope, vec![signal]).await?;
    txn.commit().await?;
    if args.asking.no_wait {
        say("Asked; the owner of the connection does it.");
        return Ok(ExitCode::SUCCESS);
    }
    follow(&desk, &id, args.asking.json).await
}

fn wish(args: &BackfillArgs) -> anyhow::Result<Wish> {
    if let Some(file) = &args.keys {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let keys: Vec<String> = text
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect();
        ensure!(!keys.is_empty(), "{} names no order: one number a line", file.display());
        ensure!(keys.len() <= MOST_KEYS, "at most {MOST_KEYS} orders in one call");
        return Ok(Wish::Keys(keys));
    }
    let from = moment(args.from.as_deref().context("--from is missing")?)?;
    let to = args.to.as_deref().map(moment).transpose()?.unwrap_or_else(clockwork::now);
    ensure!(from < to, "--from must lie before --to");
    Ok(Wish::Range { from, to })
}

/// A day, or a moment.
fn moment(text: &str) -> anyhow::Result<Timestamp> {
    Timestamp::parse(text)
        .or_else(|| Timestamp::parse(&format!("{text}T00:00:00Z")))
        .with_context(|| format!("\"{text}\" is neither 2026-11-23 nor 2026-11-23T09:00:00Z"))
}

/// The same wish has the same name.
fn name(wish: &Wish) -> anyhow::Result<String> {
    let digest = Sha256::digest(serde_json::to_vec(wish)?);
    Ok(digest.iter().take(8).map(|b| format!("{b:02x}")).collect())
}

async fn kept(desk: &Desk) -> anyhow::Result<Option<Backfill>> {
    let mut reader = desk.store.read().await?;
    let rows = reader.observations(&desk.scope, KEPT, &[String::new()]).await?;
    let body = rows.into_iter().next().and_then(|row| row.body);
    Ok(body.map(|body| serde_json::from_slice(&body)).transpose()?)
}

async fn follow(desk: &Desk, id: &str, json: bool) -> anyhow::Result<ExitCode> {
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(1_000) };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    let began = clockwork::now();
    let mut last = None;
    loop {
        let state = kept(desk).await?.filter(|one| one.id == id);
        if let Some(state) = &state {
            bar.set_position(state.permille());
            bar.set_message(state.sentence());
            let told = (state.permille(), state.orders, state.shipbob_orders);
            if json && last != Some(told) {
                last = Some(told);
                say(&serde_json::json!({
                    "stage": state.stage, "permille": state.permille(), "orders": state.orders,
                    "shipbob_orders": state.shipbob_orders, "unknown": state.unknown.0,
                    "finished": state.finished.map(Timestamp::to_rfc3339),
                })
                .to_string());
            }
            if state.stage == Stage::Done {
                bar.finish_and_clear();
                if !json {
                    say(&state.sentence());
                }
                return Ok(ExitCode::SUCCESS);
            }
        } else if clockwork::now().since(began) > PATIENCE {
            bar.finish_and_clear();
            complain("Asked, not begun yet: is `serve` running? It is not lost.");
            return Ok(ExitCode::SUCCESS);
        }
        clockwork::pause(LOOK).await;
    }
}

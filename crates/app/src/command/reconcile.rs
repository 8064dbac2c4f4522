//! `reconcile --day D`: asks the owner for a day with a signal, waits for its certificate and prints
//! it. `--verify FILE`: is a certificate the one the trail speaks of?

use super::asking::{Desk, desk};
use super::{complain, say};
use crate::cli::ReconcileArgs;
use crate::clockwork;
use crate::reconcile::check;
use anyhow::{Context, ensure};
use console::Books as _;
use domain::reconcile::{Asked, Sealed};
use domain::time::{Span, Timestamp};
use std::path::Path;
use std::process::ExitCode;

/// Between two looks.
const LOOK: Span = Span::millis(500);
/// Without an answer for so long, nobody seems to be at work.
const PATIENCE: Span = Span::minutes(10);

pub(crate) async fn run(args: ReconcileArgs) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.verify {
        return verify(&desk(&args.asking.config).await?, file, args.asking.json).await;
    }
    let day = args.day.as_deref().context("give --day 2026-11-24, or --verify FILE")?.trim();
    let well = Timestamp::parse(&format!("{day}T00:00:00Z")).is_some();
    ensure!(well, "\"{day}\" is no day: write one like 2026-11-24");
    let desk = desk(&args.asking.config).await?;
    if args.kept {
        let sealed = desk.books.certificate(day).await?;
        let sealed = sealed.with_context(|| format!("{day} was not reconciled yet"))?;
        return shown(&sealed, args.asking.json);
    }
    ensure!(!args.asking.who.trim().is_empty(), "--who is empty: the trail needs a name");
    let now = clockwork::now();
    let asked = Asked {
        who: args.asking.who.trim().to_owned(),
        why: args.asking.why.trim().to_owned(),
        day: day.to_owned(),
        request_id: store::random::<12>()?.iter().map(|b| format!("{b:02x}")).collect(),
    };
    desk.books.ask_day(asked, now).await?;
    if args.asking.no_wait {
        say("Asked; the owner of the connection does it.");
        return Ok(ExitCode::SUCCESS);
    }
    while clockwork::now().since(now) < PATIENCE {
        let sealed = desk.books.certificate(day).await?;
        if let Some(sealed) = sealed.filter(|s| s.certificate.made >= now) {
            return shown(&sealed, args.asking.json);
        }
        clockwork::pause(LOOK).await;
    }
    complain("Asked, not done yet: is `serve` running? It is not lost; look again with --kept.");
    Ok(ExitCode::from(2))
}

fn shown(sealed: &Sealed, json: bool) -> anyhow::Result<ExitCode> {
    match json {
        true => say(&serde_json::to_string_pretty(sealed)?),
        false => say(&sealed.certificate.text()),
    }
    Ok(if sealed.certificate.clean() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The file is what its digest says, the trail names that digest, and the head it quotes is where it
/// says it is, in a chain that is whole.
async fn verify(desk: &Desk, file: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("{} cannot be read", file.display()))?;
    let sealed: Sealed = serde_json::from_str(&text)
        .with_context(|| format!("{} is no certificate (give the JSON)", file.display()))?;
    let found = check(&desk.store, &desk.scope, &sealed).await?;
    if json {
        say(&serde_json::json!({ "day": sealed.certificate.day, "digest": sealed.digest,
            "verified": found.is_empty(), "faults": found })
        .to_string());
    } else if found.is_empty() {
        say(&format!(
            "The certificate of {} is the one the trail speaks of.",
            sealed.certificate.day
        ));
    } else {
        found.iter().for_each(|fault| complain(fault));
    }
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

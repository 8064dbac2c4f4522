//! `settings …`: settings as versioned data from a shell. Changes go the way of the console: a
//! signal, decided by the owner of the connection.

use super::asking::{Desk, desk};
use super::serve::remotes;
use super::{complain, say};
use crate::cli::{
    OneArgs, SettingsApply, SettingsBack, SettingsCommand, SettingsDiff, SettingsExport,
    SettingsFile, SettingsList, SettingsShow,
};
use crate::clockwork;
use crate::config::{Config, Installation, document};
use crate::settings::{
    ask, current, exported, in_force, line, plain_lines, previewed, promote, told, version_facts,
};
use crate::wiring;
use anyhow::{Context, bail, ensure};
use console::model::PreviewFacts;
use domain::settings_change::{Asked, Complaint, Line, Told, WHY_LIMIT, Wish, counted, lines};
use domain::time::Span;
use engine::Options;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use transport::{HttpOptions, HttpTransport, Transport};

/// How long the owner's answer is waited for.
const PATIENCE: Span = Span::seconds(30);
/// Between two looks.
const LOOK: Span = Span::millis(200);

pub(crate) async fn run(command: SettingsCommand) -> anyhow::Result<ExitCode> {
    match command {
        SettingsCommand::Show(args) => show(args).await,
        SettingsCommand::History(args) => history(args).await,
        SettingsCommand::Diff(args) => diff(args).await,
        SettingsCommand::Check(args) => check(&args),
        SettingsCommand::Preview(args) => preview(args).await,
        SettingsCommand::Apply(args) => apply(args, false).await,
        SettingsCommand::Rollback(args) => rollback(args).await,
        SettingsCommand::Export(args) => export(args).await,
        SettingsCommand::Import(args) => apply(args, true).await,
    }
}

async fn show(args: SettingsShow) -> anyhow::Result<ExitCode> {
    let desk = desk(&args.config).await?;
    let mut reader = desk.store.read().await?;
    let newest = current(&mut reader, &desk.scope).await?.map_or(0, |row| row.version);
    let version = args.version.unwrap_or(newest);
    let facts = version_facts(&mut reader, &desk.scope, version).await?;
    let facts = facts.with_context(|| format!("there is no version {version} of the settings"))?;
    if args.json {
        say(&serde_json::to_string_pretty(&facts)?);
        return Ok(ExitCode::SUCCESS);
    }
    let text = facts.document.with_context(|| {
        format!("version {version} was kept without its document: the next start adds it")
    })?;
    say(text.trim_end());
    Ok(ExitCode::SUCCESS)
}

async fn history(args: SettingsList) -> anyhow::Result<ExitCode> {
    let desk = desk(&args.config).await?;
    let mut reader = desk.store.read().await?;
    let rows = reader.settings_history(&desk.scope, args.limit.saturating_add(1)).await?;
    let all: Vec<_> = rows
        .iter()
        .enumerate()
        .take(args.limit)
        .map(|(at, row)| line(row, rows.get(at + 1)))
        .collect();
    if args.json {
        say(&serde_json::to_string_pretty(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    for one in &all {
        say(&format!(
            "{:>4}  {}  {:<20} {:<7} {:<8} {}",
            one.version,
            one.at.0.to_rfc3339_seconds(),
            one.who,
            one.origin,
            one.differs,
            one.reason
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn diff(args: SettingsDiff) -> anyhow::Result<ExitCode> {
    let desk = desk(&args.config).await?;
    let mut reader = desk.store.read().await?;
    let now = current(&mut reader, &desk.scope).await?.context("there are no settings yet")?;
    let (before, after) = match &args.file {
        Some(file) => match text_of(file, &args.config)? {
            Ok(text) => (now.text.unwrap_or_default(), text),
            Err(found) => return wrong(&found, args.json),
        },
        None => {
            let to = args.to.unwrap_or(now.version);
            let from = args.from.unwrap_or(to - 1);
            let mut text = Vec::with_capacity(2);
            for version in [from, to] {
                let row = reader.settings_version(&desk.scope, version).await?;
                let row = row.with_context(|| format!("there is no version {version}"))?;
                text.push(
                    row.text.with_context(|| {
                        format!("version {version} was kept without its document")
                    })?,
                );
            }
            (text.first().cloned().unwrap_or_default(), text.last().cloned().unwrap_or_default())
        }
    };
    let differ = lines(&before, &after);
    if args.json {
        say(&serde_json::to_string_pretty(&differ)?);
    } else {
        tell_lines(&differ);
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_lines(differ: &[Line]) {
    for line in differ {
        say(&format!("{} {}", line.sign, line.text));
    }
    if differ.is_empty() {
        say("Nothing differs.");
    }
}

/// The document a file holds, or what is wrong with it. A whole configuration file holds one too.
fn text_of(file: &Path, config: &OneArgs) -> anyhow::Result<Result<String, Vec<Complaint>>> {
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let text = std::str::from_utf8(&bytes).ok();
    let table = text.and_then(|text| text.parse::<toml::Table>().ok());
    if table.is_some_and(|table| table.contains_key("store")) {
        let one = Installation::load(file)?.one(config.connection.as_deref())?;
        let text = document::write(&one.settings()?);
        return Ok(Ok(text.context("the settings of this file have no document")?));
    }
    if let Err(found) = document::read_bytes(&bytes) {
        return Ok(Err(found));
    }
    Ok(Ok(plain_lines(&String::from_utf8(bytes)?)))
}

fn wrong(found: &[Complaint], json: bool) -> anyhow::Result<ExitCode> {
    if json {
        let body = serde_json::json!({ "good": found.is_empty(), "complaints": found });
        say(&serde_json::to_string_pretty(&body)?);
    } else {
        found.iter().for_each(|one| complain(&one.to_string()));
    }
    Ok(ExitCode::from(1))
}

fn check(args: &SettingsFile) -> anyhow::Result<ExitCode> {
    match text_of(&args.file, &args.config)? {
        Err(found) => wrong(&found, args.json),
        Ok(_) if args.json => {
            say(&serde_json::json!({ "good": true, "complaints": [] }).to_string());
            Ok(ExitCode::SUCCESS)
        }
        Ok(_) => {
            say("Nothing is wrong with it. Whether it fits both systems, the preview says.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn preview(args: SettingsFile) -> anyhow::Result<ExitCode> {
    let text = match text_of(&args.file, &args.config)? {
        Ok(text) => text,
        Err(found) => return wrong(&found, args.json),
    };
    let (config, desk) = (args.config.one()?, desk(&args.config).await?);
    match look(&config, &desk, &text).await? {
        Err(found) => wrong(&found, args.json),
        Ok(facts) if args.json => {
            say(&serde_json::to_string_pretty(&facts)?);
            Ok(ExitCode::SUCCESS)
        }
        Ok(facts) => {
            tell_preview(&facts);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What a document would change: an engine that owns nothing looks at the database.
async fn look(
    config: &Config,
    desk: &Desk,
    text: &str,
) -> anyhow::Result<Result<PreviewFacts, Vec<Complaint>>> {
    let settings = in_force(&desk.store, &desk.scope, config.settings()?).await?;
    let transport: Arc<dyn Transport> =
        Arc::new(HttpTransport::new(&HttpOptions::new(wiring::USER_AGENT))?);
    let (engine, _) = wiring::engine(
        desk.scope.clone(),
        desk.store.clone(),
        &transport,
        &remotes(config)?,
        settings,
        clockwork::wall(),
        Options::new("preview"),
    );
    let row = current(&mut desk.store.read().await?, &desk.scope).await?;
    Ok(previewed(&engine, row.and_then(|row| row.text), text).await)
}

fn tell_preview(facts: &PreviewFacts) {
    tell_lines(&facts.lines);
    for one in &facts.misfits {
        complain(&format!("does not fit: {one}"));
    }
    for order in &facts.changes {
        say(&order.order);
        order.lines.iter().for_each(|line| say(&format!("    {line}")));
    }
    for item in &facts.item_changes {
        say(&format!("item {}", item.item));
        item.lines.iter().for_each(|line| say(&format!("    {line}")));
    }
    say(&format!("{} Nothing was written.", facts.sentence()));
}

/// A document, or the settings of a file of another installation.
async fn apply(args: SettingsApply, promoted: bool) -> anyhow::Result<ExitCode> {
    let json = args.asking.json;
    let text = if promoted {
        let file = std::fs::read(&args.file)
            .with_context(|| format!("{} cannot be read", args.file.display()))?;
        let file = String::from_utf8(file)
            .with_context(|| format!("{} is no UTF-8", args.file.display()))?;
        let made = promote::import(&plain_lines(&file));
        made.and_then(|text| document::read(&text).map(|_| text))
    } else {
        text_of(&args.file, &args.asking.config)?
    };
    let text = match text {
        Ok(text) => text,
        Err(found) => return wrong(&found, json),
    };
    let desk = desk(&args.asking.config).await?;
    let config = args.asking.config.one()?;
    if args.dry_run || promoted {
        match look(&config, &desk, &text).await? {
            Ok(facts) if json && args.dry_run => say(&serde_json::to_string_pretty(&facts)?),
            Ok(_) if json => {}
            Ok(facts) => tell_preview(&facts),
            Err(found) => return wrong(&found, json),
        }
    }
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    change(&desk, &args.asking, args.based_on, Wish::Document { text }).await
}

async fn rollback(args: SettingsBack) -> anyhow::Result<ExitCode> {
    let desk = desk(&args.asking.config).await?;
    change(&desk, &args.asking, None, Wish::Back { version: args.version }).await
}

async fn export(args: SettingsExport) -> anyhow::Result<ExitCode> {
    let config = args.config.one()?;
    let desk = desk(&args.config).await?;
    let row = current(&mut desk.store.read().await?, &desk.scope).await?;
    let file = match exported(row, &config.connection.name, clockwork::now()) {
        Ok(file) => file,
        Err(found) => return wrong(&found, false),
    };
    match args.output {
        None => say(file.trim_end()),
        Some(path) => {
            std::fs::write(&path, file)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            say(&format!(
                "{} written. Correct [environment] for where it goes to, then `settings import`.",
                path.display()
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks the owner, and waits for what comes of it.
async fn change(
    desk: &Desk,
    asking: &crate::cli::Asking,
    based_on: Option<i64>,
    wish: Wish,
) -> anyhow::Result<ExitCode> {
    let (who, why) = (asking.who.trim(), asking.why.trim());
    ensure!(!why.is_empty(), "a reason is needed (--why): it stays in the trail");
    ensure!(why.chars().count() <= WHY_LIMIT, "the reason may have {WHY_LIMIT} characters");
    ensure!(!who.is_empty(), "--who is empty: the trail needs a name");
    let row = current(&mut desk.store.read().await?, &desk.scope).await?;
    let Some(row) = row else { bail!("there are no settings yet: start `serve` once") };
    let id: String = store::random::<12>()?.iter().map(|b| format!("{b:02x}")).collect();
    let asked = Asked {
        who: who.to_owned(),
        why: why.to_owned(),
        at: clockwork::now(),
        id: id.clone(),
        based_on: based_on.unwrap_or(row.version),
        wish,
    };
    ask(&desk.store, &desk.scope, &asked).await?;
    let answer = if asking.no_wait { None } else { answered(desk, &id).await? };
    if asking.json {
        say(&serde_json::json!({
            "asked": id,
            "done": answer.is_some(),
            "version": answer.as_ref().and_then(|told| told.version),
            "problems": answer.as_ref().map(|told| told.problems.clone()).unwrap_or_default(),
        })
        .to_string());
    }
    match answer {
        Some(Told { version: Some(version), .. }) => {
            let facts = version_facts(&mut desk.store.read().await?, &desk.scope, version).await?;
            let differ = facts.map(|facts| counted(&facts.lines)).unwrap_or_default();
            if !asking.json {
                say(&format!("Version {version} is in force ({differ} lines)."));
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(told) => {
            if !asking.json {
                complain(&format!("Refused; version {} stays in force:", row.version));
                told.problems.iter().for_each(|one| complain(&format!("  {one}")));
            }
            Ok(ExitCode::from(1))
        }
        None if asking.json => Ok(ExitCode::SUCCESS),
        None if asking.no_wait => {
            say("Asked; the owner of the connection holds it against both systems.");
            Ok(ExitCode::SUCCESS)
        }
        None => {
            complain(
                "Asked, not decided yet: is `serve` running, and do both systems answer? It is not lost.",
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn answered(desk: &Desk, id: &str) -> anyhow::Result<Option<Told>> {
    let until = clockwork::now() + PATIENCE;
    while clockwork::now() < until {
        let all = told(&mut desk.store.read().await?, &desk.scope).await?;
        if let Some(one) = all.into_iter().find(|one| one.id == id) {
            return Ok(Some(one));
        }
        clockwork::pause(LOOK).await;
    }
    Ok(None)
}

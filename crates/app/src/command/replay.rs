//! `plan --record ORDER`: a stored decision made again from its stored facts under the recorded
//! settings, and what the settings in force would decide from the same facts.

use super::asking::desk;
use super::say;
use crate::cli::PlanArgs;
use crate::settings::in_force;
use anyhow::{Context, bail};
use domain::ids::Scope;
use domain::replay::{Replayed, difference, replay, under};
use domain::settings::Settings;
use std::process::ExitCode;
use store::{Reader, StoredPlan};

pub(crate) async fn run(args: PlanArgs, record: &str) -> anyhow::Result<ExitCode> {
    let file = args.config.one()?.settings()?;
    let desk = desk(&args.config).await?;
    let current = in_force(&desk.store, &desk.scope, file).await?;
    let mut reader = desk.store.read().await?;
    let stored = stored(&mut reader, &desk.scope, record, args.plan).await?;
    let (Some(facts), Some(outcome)) = (&stored.facts, &stored.outcome) else {
        bail!("the personal data of {record} was erased, and with it what plan {} saw", stored.id);
    };
    let row = reader.settings_version(&desk.scope, stored.settings_version).await?;
    drop(reader);
    let recorded: Option<Settings> = row
        .map(|row| serde_json::from_str(&row.document))
        .transpose()
        .context("recorded settings")?;
    let Some(recorded) = recorded else {
        bail!(
            "plan {} was made under settings version {}, which was not recorded",
            stored.id,
            stored.settings_version
        );
    };
    let replayed = replay(facts, outcome, &recorded)?;
    let now = under(facts, &Settings { version: recorded.version, ..current })?;
    let changed = difference(&replayed.again, &now);
    let same = replayed.same;
    if args.json {
        say(&serde_json::to_string_pretty(&serde_json::json!({
            "order": record,
            "plan": stored.id,
            "made": stored.made_at.to_rfc3339(),
            "settings_version": stored.settings_version,
            "reproduced": same,
            "unlike": replayed.unlike,
            "recorded": replayed.stored,
            "under_current_settings": changed,
        }))?);
    } else {
        say(&words(record, &stored, &replayed, &changed));
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn stored(
    reader: &mut Reader,
    scope: &Scope,
    record: &str,
    plan: Option<i64>,
) -> anyhow::Result<StoredPlan> {
    let id = match plan {
        Some(id) => Some(id),
        None => reader.plans_of(scope, record, 1).await?.first().map(|plan| plan.id),
    };
    let found = match id {
        Some(id) => reader.plan(scope, id).await?,
        None => None,
    };
    found
        .filter(|plan| plan.subject == record)
        .with_context(|| format!("no such decision of {record} is kept"))
}

fn words(record: &str, stored: &StoredPlan, replayed: &Replayed, changed: &[String]) -> String {
    let mut lines = vec![format!(
        "{record}, plan {} of {}, settings version {}: {}",
        stored.id,
        stored.made_at.to_rfc3339_seconds(),
        stored.settings_version,
        replayed.stored.sentence
    )];
    if replayed.same {
        lines.push("Reproduced bit for bit from its facts.".to_owned());
    } else {
        lines.push("NOT reproduced: this build decides otherwise.".to_owned());
        lines.extend(replayed.unlike.iter().map(|line| format!("  {line}")));
    }
    if changed.is_empty() {
        lines.push("The settings in force decide the same.".to_owned());
    } else {
        lines.push("Under the settings in force:".to_owned());
        lines.extend(changed.iter().map(|line| format!("  {line}")));
    }
    lines.join("\n")
}

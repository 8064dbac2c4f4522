//! `plan`: what would be written now, per field. Reads both systems' last state from the database;
//! performs and stores nothing.

use super::say;
use super::serve::open;
use crate::cli::PlanArgs;
use crate::clockwork;
use crate::settings::in_force;
use domain::flows::plan_order;
use domain::operation::Operation;
use domain::plan::{OrderFacts, Plan};
use std::fmt::Write as _;
use std::process::ExitCode;
use store::read::OrderList;

/// Orders shown when none is named: the latest ones.
const MOST: usize = 1_000;

pub(crate) async fn run(args: PlanArgs) -> anyhow::Result<ExitCode> {
    if let Some(record) = args.record.clone() {
        return super::replay::run(args, &record).await;
    }
    let config = args.config.one()?;
    let store = open(&config).await?;
    let settings = in_force(&store, &config.scope, config.settings()?).await?;
    let scope = config.scope.clone();
    let mut reader = store.read().await?;
    let subjects = if args.orders.is_empty() {
        let rows = reader.order_list(&scope, OrderList::All, None, MOST).await?;
        rows.into_iter().map(|row| row.key).collect()
    } else {
        args.orders.clone()
    };
    let mut out = Vec::new();
    for subject in &subjects {
        let row = reader.subjects(&scope, std::slice::from_ref(subject)).await?;
        let Some(id) = row.first().and_then(|r| r.last_plan) else { continue };
        let Some(stored) = reader.plan(&scope, id).await? else { continue };
        let Some(facts) = stored.facts else { continue };
        // The recorded facts, planned anew under the settings in force.
        let mut facts: OrderFacts = serde_json::from_slice(&facts)?;
        facts.now = clockwork::now();
        let plan = plan_order(&facts, &settings);
        out.push((subject.clone(), plan));
    }
    if args.json {
        let rows: Vec<_> = out
            .iter()
            .map(|(order, plan)| serde_json::json!({ "order": order, "plan": plan }))
            .collect();
        say(&serde_json::to_string_pretty(&rows)?);
    } else {
        for (order, plan) in &out {
            say(&words(order, plan));
        }
        say(&format!("{} order(s) looked at; nothing was written.", out.len()));
    }
    Ok(ExitCode::SUCCESS)
}

fn words(order: &str, plan: &Plan) -> String {
    let mut out = format!("{order}: {}", plan.sentence);
    // Writing to a String cannot fail.
    for d in &plan.deliveries {
        let _ = write!(out, "\n  would {}  ({})", d.operation.name(), d.why);
        for (field, value) in fields(&d.operation) {
            let _ = write!(out, "\n      {field:<24} {value}");
        }
    }
    for h in &plan.holds {
        let _ = write!(out, "\n  held: {} {}", h.reason.reason, h.reason.fix);
    }
    for reason in &plan.reasons {
        let _ = write!(out, "\n  because: {reason}");
    }
    out
}

/// Every field of a write, flat.
fn fields(operation: &Operation) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::to_value(operation) {
        flatten("", &value, &mut found);
    }
    found
}

fn flatten(path: &str, value: &serde_json::Value, found: &mut Vec<(String, String)>) {
    use serde_json::Value;
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(k, v)| flatten(&join(k), v, found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, v)| flatten(&format!("{path}[{n}]"), v, found));
        }
        Value::Null => {}
        Value::String(text) => found.push((path.to_owned(), text.replace('\n', " / "))),
        other => found.push((path.to_owned(), other.to_string())),
    }
}

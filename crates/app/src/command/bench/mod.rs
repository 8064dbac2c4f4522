//! `bench`: figures against the budgets of the design. Nothing here is asserted; every figure says
//! what was measured and on what.

mod billing;
mod burst;
mod release;
mod stock;
mod stream;
mod webhooks;

use super::{complain, say};
use crate::cli::BenchArgs;
use crate::rig::{self, CUT_OFF_BEFORE, Rig, Start, World};
use crate::wiring::twin_settings;
use serde::Serialize;
use std::process::ExitCode;
use std::sync::Arc;
use store::{Durability, KeyRing, MasterKey, Store, StoreOptions, StoreUrl};
use tempfile::TempDir;
use twins::TwinConfig;

/// One figure.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    what: String,
    value: String,
    budget: &'static str,
}

impl Figure {
    fn new(what: impl Into<String>, value: impl Into<String>, budget: &'static str) -> Self {
        Self { what: what.into(), value: value.into(), budget }
    }
}

/// A benchmark: its name and how to run it.
const NAMES: [&str; 9] =
    ["release", "life", "burst", "trickle", "latency", "webhooks", "stock", "billing", "idle"];

pub(crate) async fn run(args: BenchArgs) -> anyhow::Result<ExitCode> {
    let mut all = Vec::new();
    let wanted = |name: &str| args.only.as_deref().is_none_or(|only| name.contains(only));
    for name in NAMES.into_iter().filter(|n| wanted(n)) {
        complain(&format!("{name} …"));
        let figures = match name {
            "release" => release::release(args.orders).await?,
            "life" => release::life(args.orders.min(2_000)).await?,
            "burst" => burst::burst(1_000).await?,
            "trickle" => burst::trickle(60).await?,
            "latency" => burst::latency(120).await?,
            "webhooks" => webhooks::webhooks().await?,
            "stock" => stock::stock(args.skus, args.centres).await?,
            "billing" => billing::billing(args.transactions).await?,
            _ => release::idle().await?,
        };
        for figure in &figures {
            if !args.json {
                let budget = if figure.budget.is_empty() { "stated" } else { figure.budget };
                say(&format!("{:<62} {:>18}   budget {budget}", figure.what, figure.value));
            }
        }
        all.extend(figures);
    }
    if args.json {
        say(&serde_json::to_string_pretty(&all)?);
    }
    Ok(ExitCode::SUCCESS)
}

/// A world with a connector in it, on a database with full durability.
pub(crate) struct Bed {
    pub(crate) world: World,
    pub(crate) rig: Rig,
    pub(crate) store: Store,
    _dir: TempDir,
}

impl Bed {
    pub(crate) async fn make(config: TwinConfig, webhooks: bool) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir()?;
        let url = StoreUrl::parse(&format!("sqlite://{}/bench.db", dir.path().display()))?;
        let mut options = StoreOptions::new(url, KeyRing::new(MasterKey::generate()?));
        options.durability = Durability::Full;
        let store = Store::open(options).await?;
        let per_minute = config.shipbob_per_minute;
        let world = World::new(config);
        let settings = twin_settings(&world.twins.mapping(), world.now() - CUT_OFF_BEFORE);
        rig::prepare(&store, &settings, world.now()).await?;
        let start = Start {
            store: store.clone(),
            network: Arc::new(world.network()),
            settings,
            webhooks,
            shipbob_per_minute: per_minute,
        };
        let rig = Rig::start(&world, start);
        Ok(Self { world, rig, store, _dir: dir })
    }
}

/// Resident memory of this process in MB.
pub(crate) fn memory_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kb = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}

/// `part` of `all`, for people.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn ratio(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

/// The value below which 95 of 100 lie.
pub(crate) fn p95(mut values: Vec<i64>) -> i64 {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) * 95 / 100).copied().unwrap_or(0)
}

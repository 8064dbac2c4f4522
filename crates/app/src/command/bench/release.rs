//! How fast orders pass when no remote slows them down.

use super::{Bed, Figure, memory_mb, ratio};
use crate::cells::{self, Wire};
use crate::clockwork::Stopwatch;
use crate::wiring;
use domain::cells::Tie;
use domain::time::Span;
use engine::Options;
use std::sync::Arc;
use store::{Durability, NewConnection};
use transport::Transport;
use twins::{System, TwinConfig, effect};

fn unlimited(orders: u32) -> TwinConfig {
    TwinConfig { seed: 7, orders, shipbob_per_minute: None, pace: 20, ..TwinConfig::default() }
}

/// Released in F&O → accepted by ShipBob, durable, twins in the same process.
pub(super) async fn release(orders: u32) -> anyhow::Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for n in [1_000, orders.max(1_000)] {
        let bed = Bed::make(unlimited(n), false).await?;
        let before = memory_mb();
        let watch = Stopwatch::start();
        bed.rig.settle_moment().await?;
        let seconds = watch.seconds();
        let made = bed.world.twins.ledger().of(effect::ORDER_CREATED).count();
        let rate = ratio(u64::try_from(made)?, 1_000_000) * 1e6 / seconds;
        figures.push(Figure::new(
            format!(
                "orders released and accepted, burst of {n}, {:?} durability",
                Durability::Full
            ),
            format!("{rate:.0}/s"),
            ">= 2,500/s, flat to 100 k",
        ));
        figures.push(Figure::new(
            format!("memory grown by it (twins' world included: {before:.0} MB before)"),
            format!("{:.0} MB", memory_mb() - before),
            "< 60 MB",
        ));
        bed.rig.stop();
        if orders <= 1_000 {
            break;
        }
    }
    Ok(figures)
}

/// Release → delivered and written back.
pub(super) async fn life(orders: u32) -> anyhow::Result<Vec<Figure>> {
    let bed = Bed::make(unlimited(orders), true).await?;
    let watch = Stopwatch::start();
    let run = bed.rig.run_to_quiet(Span::days(30)).await?;
    let seconds = watch.seconds();
    let made = bed.world.twins.ledger().of(effect::ORDER_CREATED).count();
    let rate = ratio(u64::try_from(made)?, 1) / seconds;
    let steps = run.steps;
    Ok(vec![Figure::new(
        format!("whole lives, {orders} orders, twins included, {steps} engine passes"),
        format!("{rate:.0}/s"),
        ">= 1,000/s",
    )])
}

/// Start and rest.
pub(super) async fn idle() -> anyhow::Result<Vec<Figure>> {
    let before = memory_mb();
    let watch = Stopwatch::start();
    let bed = Bed::make(TwinConfig { orders: 0, ..unlimited(0) }, false).await?;
    bed.rig.settle_moment().await?;
    let seconds = watch.seconds();
    let calls = bed.world.twins.ledger().requests(System::Dynamics);
    Ok(vec![
        Figure::new(
            format!("start to first poll done ({calls} F&O calls)"),
            format!("{seconds:.2} s"),
            "< 1 s",
        ),
        Figure::new(
            format!(
                "resident memory of the whole process, twins included (before: {before:.0} MB)"
            ),
            format!("{:.0} MB", memory_mb()),
            "< 40 MB idle",
        ),
        further(&bed).await?,
    ])
}

/// Connections wired beside the first, each in a cell of its own; nothing flows.
const FURTHER: usize = 100;

/// What each further connection keeps in memory when it has polled once.
async fn further(bed: &Bed) -> anyhow::Result<Figure> {
    let settings = bed.rig.engine.settings();
    let mut wires = Vec::with_capacity(FURTHER);
    let mut txn = bed.store.begin("bench.further").await?;
    for nth in 0..FURTHER {
        let scope = wiring::scope("demo", &format!("c{nth}"));
        let new = NewConnection {
            name: format!("Connection {nth}"),
            company: settings.company.as_str().to_owned(),
            channel_id: settings.channel.0,
        };
        txn.connection_put(&scope, &new, bed.world.now()).await?;
        let mut options = Options::new("bench");
        options.exclusive = true;
        let tie = Tie {
            name: new.name,
            id: format!("c{nth}"),
            organisation: "demo".to_owned(),
            environment: format!("environment {nth}"),
            company: new.company,
            shipbob: "shipbob".to_owned(),
            account: format!("account {nth}"),
            channel: new.channel_id,
            warehouses: Vec::new(),
            pairing_allowed: false,
        };
        let remotes = bed.world.remotes(None);
        wires.push(Wire { tie, remotes, settings: (*settings).clone(), options });
    }
    txn.commit().await?;
    let before = memory_mb();
    let network: Arc<dyn Transport> = Arc::new(bed.world.network());
    let wired = cells::wire(&bed.store, &network, &bed.world.clock(), wires);
    for one in &wired {
        one.engine.step().await?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let each = (memory_mb() - before) * 1024.0 / wired.len().max(1) as f64;
    Ok(Figure::new(
        format!("each further idle connection (over {FURTHER}, polled once, each a cell)"),
        format!("{each:.0} KB"),
        "< 64 KB",
    ))
}

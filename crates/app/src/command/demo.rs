//! `demo`: both twins, the connector and the console in one process, with an embedded database.

use super::{complain, say, world};
use crate::cli::{Auth, DemoArgs, WriteBack};
use crate::clockwork::{self, Stopwatch, pause};
use crate::command::serve::{new_token, serve_until_stopped, start};
use crate::face::Face;
use crate::report::{Report, Reports};
use crate::rig::{self, CUT_OFF_BEFORE, Fleet, World};
use crate::{telemetry, wiring};
use anyhow::Context;
use console::AccessToken;
use domain::settings::Settings;
use domain::time::Span;
use engine::{Options, WebhookIntake};
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::{Durability, KeyRing, MasterKey, Store, StoreOptions, StoreUrl};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use transport::Transport;
use twins::{Estate, TwinConfig};

/// Warehouse life of the run to the end: days become hours of virtual time.
const ONCE_PACE: u32 = 20;
/// Warehouse life of the live demo: an hour becomes six seconds.
const LIVE_PACE: u32 = 600;
/// Longest virtual time a world may take.
const LIMIT: Span = Span::days(30);

pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<ExitCode> {
    if args.once { once(args).await } else { live(args).await }
}

/// A database in a folder that goes away with the process.
async fn scratch(durability: Durability) -> anyhow::Result<(Store, TempDir)> {
    let dir = tempfile::tempdir().context("no temporary folder")?;
    let url = StoreUrl::parse(&format!("sqlite://{}/demo.db", dir.path().display()))?;
    let mut options = StoreOptions::new(url, KeyRing::new(MasterKey::generate()?));
    options.durability = durability;
    Ok((Store::open(options).await?, dir))
}

/// The worlds of the command line, each with the settings that fit it.
fn connections(args: &DemoArgs, config: TwinConfig) -> Vec<(World, Settings)> {
    let worlds = if args.world.entities > 1 {
        let configs = Estate::configs(&config, args.world.entities, args.world.accounts);
        World::several(configs)
    } else {
        vec![World::new(config)]
    };
    let settled = |world: World| {
        let cut_off = world.now() - CUT_OFF_BEFORE;
        let mut settings = wiring::twin_settings(&world.twins.mapping(), cut_off);
        match args.world.billing() {
            Some(WriteBack::Package) => wiring::write_charges(&mut settings, &world.twins),
            Some(WriteBack::Call) => wiring::call_charges(&mut settings, &world.twins),
            Some(WriteBack::Note) | None => {}
        }
        settings.inventory = args.world.stock().then(|| match settings.has_external() {
            true => crate::stock::twin_adjustments(),
            false => crate::stock::twin_inventory(),
        });
        (world, settings)
    };
    worlds.into_iter().map(settled).collect()
}

async fn prepared(store: &Store, all: &[(World, Settings)]) -> anyhow::Result<()> {
    let pairs: Vec<(&World, &Settings)> = all.iter().map(|(w, s)| (w, s)).collect();
    Ok(rig::prepare_all(store, &pairs).await?)
}

async fn once(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let mut config = world(&args.world, ONCE_PACE)?;
    config.oauth = args.auth == Auth::Oauth;
    let watch = Stopwatch::start();
    let replay = replayed(&args, &config);
    let (store, _dir) = scratch(Durability::Full).await?;
    let per_minute = config.shipbob_per_minute;
    let all = connections(&args, config);
    prepared(&store, &all).await?;
    let (first, _) = all.first().context("a world has at least one legal entity")?;
    let network: Arc<dyn Transport> = Arc::new(first.network());
    let fleet = Fleet::start(&all, &store, &network, per_minute, |_, _| {})
        .context("a world has at least one legal entity")?;
    let bar = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{spinner} {msg}").context("progress bar")?);
    bar.enable_steady_tick(Duration::from_millis(100));
    let orders = u64::from(args.world.orders) * u64::try_from(all.len()).unwrap_or(1);
    bar.set_message(format!("{orders} orders in virtual time …"));
    let run = fleet.run_to_quiet(LIMIT).await;
    let worlds: Vec<&World> = all.iter().map(|(world, _)| world).collect();
    let nights = match (&run, args.world.stock()) {
        (Ok(_), true) => {
            Some(crate::stock::settle(&worlds, &store, || fleet.run_to_quiet(LIMIT)).await)
        }
        _ => None,
    };
    bar.finish_and_clear();
    let run = run.with_context(|| format!("again with: {replay}"))?;
    let nights = nights.transpose().with_context(|| format!("again with: {replay}"))?;
    let (seconds, args_of) = (watch.seconds(), &args.world);
    let mut reports = Vec::new();
    for (world, _) in &all {
        let mut report = Report::make(world, &store, run, seconds, args_of).await?;
        if let Some(nights) = nights {
            let (words, problems) = crate::stock::told(world, &store, nights).await?;
            report.stock = Some(words);
            report.problems.extend(problems);
        }
        reports.push(report);
    }
    fleet.stop();
    let whole = Reports::of(&all, reports);
    if args.json {
        say(&whole.json()?);
    } else {
        say(&whole.words());
    }
    for problem in whole.problems() {
        complain(&format!("problem: {problem}"));
    }
    Ok(if whole.problems().is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// One line that starts the same worlds again.
fn replayed(args: &DemoArgs, config: &TwinConfig) -> String {
    let line = twins::replay_line(config);
    if args.world.entities < 2 {
        return line;
    }
    format!("{line} --entities {} --accounts {}", args.world.entities, args.world.accounts)
}

async fn live(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let mut config = world(&args.world, LIVE_PACE)?;
    config.start_micros = clockwork::now().0;
    config.stream_forever = true;
    config.oauth = args.auth == Auth::Oauth;
    let (auth, auth_url) = auth_door(config.oauth).await?;
    if let Some(url) = auth_url {
        config.shipbob_auth_url = url;
    }
    config.orders = config.orders.min(120);
    config.release_span_secs = config.release_span_secs.max(90);
    let _ = telemetry::metrics();
    let listener = TcpListener::bind(&args.listen)
        .await
        .with_context(|| format!("{} is taken: choose another with --listen", args.listen))?;
    let address = listener.local_addr()?;
    let (store, _dir) = scratch(Durability::Full).await?;
    let per_minute = config.shipbob_per_minute;
    let here = format!("http://{address}");
    let all: Vec<(World, Settings)> = connections(&args, config)
        .into_iter()
        .map(|(world, settings)| (world.console_at(&here), settings))
        .collect();
    prepared(&store, &all).await?;
    let (world, _) = all.first().cloned().context("a world has at least one legal entity")?;
    let network: Arc<dyn Transport> = Arc::new(world.network());
    let options = |_| {
        let mut options = Options::new("demo");
        options.exclusive = true;
        options.public_url = Some(here.clone());
        options
    };
    let wired = Fleet::wire(&all, &store, &network, per_minute, options);
    let wake = Arc::new(Notify::new());
    let (intake, committer) = WebhookIntake::new(store.clone(), world.clock(), Arc::clone(&wake));
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(committer.run());
    tasks.spawn(tick(world.clone(), Arc::clone(&intake), stop.clone()));
    let rooms = start(&wired, wake, "demo", &stop, &tasks);
    if let Some(listener) = auth {
        tasks.spawn(auth_host(listener, world.clone(), stop.clone()));
        for connect in wired.iter().filter_map(|one| one.connect.clone()) {
            tasks.spawn(let_in(Arc::clone(&network), connect, stop.clone()));
        }
    }
    let lives: Vec<_> = rooms.iter().map(|room| room.live.clone()).collect();
    let token = new_token()?;
    let face = Face {
        store,
        access: AccessToken::new(&token),
        intake,
        clock: world.clock(),
        https: false,
        open_metrics: true,
        rooms,
    };
    greet(&address.to_string(), &token);
    serve_until_stopped(listener, face.router(), stop, lives).await?;
    Ok(ExitCode::SUCCESS)
}

/// Where a browser reaches the simulated auth host.
async fn auth_door(oauth: bool) -> anyhow::Result<(Option<TcpListener>, Option<String>)> {
    if !oauth {
        return Ok((None, None));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no loopback port is free")?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((Some(listener), Some(url)))
}

/// Serves the simulated auth host, so that Connect and Reconnect can be pressed by hand.
async fn auth_host(listener: TcpListener, world: World, stop: CancellationToken) {
    let server = axum::serve(listener, world.auth_host())
        .with_graceful_shutdown(async move { stop.cancelled().await });
    if let Err(error) = server.await {
        tracing::error!(%error, "demo.auth_host");
    }
}

/// Lets the connector in once, as a person with a browser would.
async fn let_in(network: Arc<dyn Transport>, connect: engine::Connect, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match rig::browser::approve(&*network, &connect).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "demo.not_connected"),
        }
        pause(Span::seconds(1)).await;
    }
}

fn greet(address: &str, token: &str) {
    say("ml-connector demo: Dynamics 365 F&O and ShipBob, both simulated, orders flowing.");
    say("An hour of the warehouse takes six seconds. Nothing leaves this machine.");
    say("");
    say(&format!("  Open     http://{address}/?token={token}"));
    say(&format!("  Log in   with the token {token}"));
    say("  Stop     with Ctrl-C; everything is thrown away.");
}

/// Moves the world with the wall clock and hands over its webhooks.
async fn tick(world: World, intake: Arc<WebhookIntake>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        world.advance(clockwork::now());
        rig::deliver_webhooks(&world, &intake).await;
        pause(Span::millis(20)).await;
    }
}

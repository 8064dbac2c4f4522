//! `demo`: both twins, the connector and the console in one process, with an embedded database.

use super::{complain, say, world};
use crate::cli::{Auth, DemoArgs};
use crate::clockwork::{self, Stopwatch, pause};
use crate::command::serve::{new_token, sample, serve_until_stopped};
use crate::face::{Face, Pulse};
use crate::report::Report;
use crate::rig::{self, CUT_OFF_BEFORE, Rig, Start, World};
use crate::run::Loops;
use crate::{telemetry, wiring};
use anyhow::Context;
use domain::time::Span;
use engine::{Options, WebhookIntake};
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::{Durability, KeyRing, MasterKey, Store, StoreOptions, StoreUrl};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use transport::Transport;

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

async fn once(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let mut config = world(&args.world, ONCE_PACE)?;
    config.oauth = args.auth == Auth::Oauth;
    let watch = Stopwatch::start();
    let replay = twins::replay_line(&config);
    let (store, _dir) = scratch(Durability::Full).await?;
    let per_minute = config.shipbob_per_minute;
    let world = World::new(config);
    let mut settings = wiring::twin_settings(&world.twins.mapping(), world.now() - CUT_OFF_BEFORE);
    settings.inventory = args.world.stock.then(crate::stock::twin_inventory);
    rig::prepare(&store, &settings, world.now()).await?;
    let rig = Rig::start(
        &world,
        Start {
            store: store.clone(),
            network: Arc::new(world.network()),
            settings,
            webhooks: true,
            shipbob_per_minute: per_minute,
        },
    );
    let bar = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{spinner} {msg}").context("progress bar")?);
    bar.enable_steady_tick(Duration::from_millis(100));
    bar.set_message(format!("{} orders in virtual time …", args.world.orders));
    let run = rig.run_to_quiet(LIMIT).await;
    let nights = match (&run, args.world.stock) {
        (Ok(_), true) => Some(crate::stock::settle(&rig, &store, LIMIT).await),
        _ => None,
    };
    bar.finish_and_clear();
    let run = run.with_context(|| format!("again with: {replay}"))?;
    let nights = nights.transpose().with_context(|| format!("again with: {replay}"))?;
    let mut report = Report::make(&world, &store, run, watch.seconds(), &args.world).await?;
    let stock = match nights {
        Some(nights) => Some(crate::stock::told(&world.twins, &store, nights).await?),
        None => None,
    };
    if let Some((_, problems)) = &stock {
        report.problems.extend(problems.iter().cloned());
    }
    rig.stop();
    if args.json {
        say(&serde_json::to_string_pretty(&report)?);
    } else {
        say(&report.words());
        if let Some((words, _)) = &stock {
            say(words);
        }
    }
    for problem in &report.problems {
        complain(&format!("problem: {problem}"));
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
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
    let world = World::new(config).console_at(&format!("http://{address}"));
    let mut settings = wiring::twin_settings(&world.twins.mapping(), world.now() - CUT_OFF_BEFORE);
    settings.inventory = args.world.stock.then(crate::stock::twin_inventory);
    rig::prepare(&store, &settings, world.now()).await?;
    let mut options = Options::new("demo");
    options.exclusive = true;
    options.public_url = Some(format!("http://{address}"));
    let network: Arc<dyn Transport> = Arc::new(world.network());
    let remotes = world.remotes(per_minute);
    let connect = wiring::connect(&rig::scope(), &store, &network, &remotes, &world.clock());
    let (engine, gates) = wiring::engine(
        rig::scope(),
        store.clone(),
        &network,
        &remotes,
        settings,
        world.clock(),
        options,
    );
    let engine = Arc::new(engine);
    let wake = Arc::new(Notify::new());
    let (intake, committer) = WebhookIntake::new(store.clone(), world.clock(), Arc::clone(&wake));
    let (live, _) = broadcast::channel(256);
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(committer.run());
    tasks.spawn(tick(world.clone(), Arc::clone(&intake), stop.clone()));
    Loops { engine: Arc::clone(&engine), wake, stop: stop.clone(), live: live.clone() }
        .start(&tasks);
    if let (Some(listener), Some(connect)) = (auth, &connect) {
        tasks.spawn(auth_host(listener, world.clone(), stop.clone()));
        tasks.spawn(let_in(Arc::clone(&network), connect.clone(), stop.clone()));
    }
    let pulse = Arc::new(Pulse::new(engine, gates, "demo"));
    tasks.spawn(sample(Arc::clone(&pulse), stop.clone()));
    let token = new_token()?;
    let face = Face {
        store,
        scope: rig::scope(),
        connect,
        token: token.clone(),
        intake,
        pulse,
        clock: world.clock(),
        live: live.clone(),
        https: false,
        open_metrics: true,
    };
    greet(&address.to_string(), &token);
    serve_until_stopped(listener, face.router(), stop, live).await?;
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
    let server = axum::serve(listener, world.twins.shipbob_auth())
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

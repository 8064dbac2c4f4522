//! `serve`: the connector itself.

use super::{credentials, say};
use crate::clockwork::{self, pause};
use crate::config::Config;
use crate::face::{Face, Pulse};
use crate::run::{Loops, asked_to_stop};
use crate::{telemetry, wiring};
use anyhow::{Context, bail};
use console::LiveEvent;
use domain::ids::Scope;
use domain::settings::Settings;
use domain::time::Span;
use engine::{Options, WebhookIntake};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use store::{KeyRing, MasterKey, NewConnection, Store, StoreOptions, StoreUrl};
use tokio::net::TcpListener;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use transport::{HttpOptions, HttpTransport, Transport};

pub(crate) async fn run(path: &Path) -> anyhow::Result<ExitCode> {
    let config = Config::load(path)?;
    let _ = telemetry::metrics();
    let _lock = lock(config.store.url.expose())?;
    let store = open(&config).await?;
    let settings = config.settings()?;
    let scope = wiring::scope("default", "default");
    prepare(&store, &scope, &config.connection.name, &settings).await?;
    let settings = super::replay::recorded(&store, &scope, settings, clockwork::now()).await?;
    let remotes = remotes(&config)?;
    credentials::seal(&store, &scope, &config).await?;
    let transport: Arc<dyn Transport> =
        Arc::new(HttpTransport::new(&HttpOptions::new(wiring::USER_AGENT))?);
    let holder = holder()?;
    let (engine, gates) = wiring::engine(
        scope.clone(),
        store.clone(),
        &transport,
        &remotes,
        settings,
        clockwork::wall(),
        options(&config, &holder, _lock.is_some()),
    );
    let engine = Arc::new(engine);
    let wake = Arc::new(Notify::new());
    let (intake, committer) =
        WebhookIntake::new(store.clone(), clockwork::wall(), Arc::clone(&wake));
    let (live, _) = broadcast::channel(256);
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    tasks.spawn(committer.run());
    let loops = Loops { engine: Arc::clone(&engine), wake, stop: stop.clone(), live: live.clone() };
    loops.start(&tasks);
    let pulse = Arc::new(Pulse::new(engine, gates, &holder));
    tasks.spawn(sample(Arc::clone(&pulse), stop.clone()));
    let (token, made) = access_token(&config)?;
    let connect = wiring::connect(&scope, &store, &transport, &remotes, &clockwork::wall());
    let face = Face {
        store,
        scope,
        connect,
        token: token.clone(),
        intake,
        pulse,
        clock: clockwork::wall(),
        live: live.clone(),
        https: config.server.public_url.starts_with("https://"),
        open_metrics: false,
    };
    let listener = TcpListener::bind(&config.server.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.server.listen))?;
    let address = listener.local_addr()?;
    if made {
        say(&format!("Console: http://{address}/?token={token}"));
    } else {
        say(&format!("Console: http://{address}/ (log in with the access token)"));
    }
    serve_until_stopped(listener, face.router(), stop, live).await?;
    tasks.close();
    tokio::select! {
        () = tasks.wait() => {}
        () = pause(Span::seconds(3)) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Serves pages until the process is asked to stop; open streams are told to end.
pub(crate) async fn serve_until_stopped(
    listener: TcpListener,
    router: axum::Router,
    stop: CancellationToken,
    live: broadcast::Sender<LiveEvent>,
) -> anyhow::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let ended = stop.clone();
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(async move { ended.cancelled().await });
    let watch = async move {
        asked_to_stop().await;
        let _ = live.send(LiveEvent::Closing);
        stop.cancel();
        // Connections that will not end are cut.
        pause(Span::seconds(5)).await;
    };
    tokio::select! {
        served = server => served?,
        () = watch => {}
    }
    Ok(())
}

/// A sample of gate use every minute, the first at once.
pub(crate) async fn sample(pulse: Arc<Pulse>, stop: CancellationToken) {
    loop {
        pulse.sample();
        tokio::select! {
            () = stop.cancelled() => return,
            () = pause(Span::minutes(1)) => {}
        }
    }
}

/// Addresses and credentials as the file gives them.
pub(crate) fn remotes(config: &Config) -> anyhow::Result<wiring::Remotes> {
    let c = &config.connection;
    Ok(wiring::Remotes {
        dynamics_url: c.dynamics.url.clone(),
        authority: c.dynamics.authority.clone(),
        client_id: c.dynamics.client_id.clone(),
        client_secret: c.dynamics.client_secret.expose().to_owned(),
        certificate: None,
        shipbob_url: c.shipbob.url.clone(),
        shipbob_version: c.shipbob.version.clone(),
        shipbob_token: c.shipbob.token.expose().to_owned(),
        shipbob_app: config.app_config()?,
        shipbob_per_minute: Some(c.shipbob.calls_per_minute).filter(|n| *n > 0),
        dynamics_deadline: Span::seconds(c.dynamics.deadline_seconds),
        shipbob_deadline: Span::seconds(c.shipbob.deadline_seconds),
    })
}

pub(crate) fn options(config: &Config, holder: &str, exclusive: bool) -> Options {
    let mut options = Options::new(holder);
    options.exclusive = exclusive;
    options.lease = Span::seconds(config.connection.schedule.lease);
    options.retention = config.retention.periods().ok();
    options.setup.accepted.clone_from(&config.connection.accepted);
    options.public_url = Some(config.server.public_url.clone()).filter(|u| !u.is_empty());
    options
}

/// A name for this process that no other process has.
pub(crate) fn holder() -> anyhow::Result<String> {
    let random: String = store::random::<4>()?.iter().map(|b| format!("{b:02x}")).collect();
    Ok(format!("node-{}-{random}", std::process::id()))
}

/// The file of a SQLite database is locked for the life of the process: the last owner is dead, so
/// its connections can be taken over at once.
pub(crate) fn lock(url: &str) -> anyhow::Result<Option<File>> {
    let Some(path) = url.strip_prefix("sqlite://") else { return Ok(None) };
    let path = PathBuf::from(format!("{path}.lock"));
    let file = File::create(&path)
        .with_context(|| format!("cannot make {}: is the folder writable?", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(_) => bail!(
            "another ml-connector is running on this database ({} is locked): stop it first",
            path.display()
        ),
    }
}

/// Opens the database of a configuration.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Store> {
    let key = MasterKey::from_base64(config.store.master_key.expose())
        .context("store.master_key: make one with `ml-connector config key`")?;
    let url = StoreUrl::parse(config.store.url.expose()).context("store.url")?;
    Ok(Store::open(StoreOptions::new(url, KeyRing::new(key))).await?)
}

pub(crate) async fn prepare(
    store: &Store,
    scope: &Scope,
    name: &str,
    settings: &Settings,
) -> anyhow::Result<()> {
    let now = clockwork::now();
    let mut txn = store.begin("serve.prepare").await?;
    txn.organisation_put(&scope.organisation, "Default", now).await?;
    let new = NewConnection {
        name: name.to_owned(),
        company: settings.company.as_str().to_owned(),
        channel_id: settings.channel.0,
    };
    txn.connection_put(scope, &new, now).await?;
    txn.connection_cut_off(scope, settings.cut_off).await?;
    txn.commit().await?;
    Ok(())
}

fn access_token(config: &Config) -> anyhow::Result<(String, bool)> {
    let given = config.server.access_token.expose();
    if given.is_empty() { Ok((new_token()?, true)) } else { Ok((given.to_owned(), false)) }
}

/// A token nobody can guess.
pub(crate) fn new_token() -> anyhow::Result<String> {
    Ok(store::random::<16>()?.iter().map(|b| format!("{b:02x}")).collect())
}

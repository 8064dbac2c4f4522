//! `serve`: the connector itself.

use super::{complain, credentials, say};
use crate::cells::{self, Wire, Wired};
use crate::clockwork::{self, pause};
use crate::config::{AccessConfig, Config, Installation, slug};
use crate::face::{Face, Pulse, Room};
use crate::run::{Loops, asked_to_stop};
use crate::{settings, telemetry, wiring};
use anyhow::{Context, bail};
use console::{AccessToken, LiveEvent};
use domain::time::Span;
use engine::{Options, WebhookIntake};
use std::collections::BTreeSet;
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
    let whole = Installation::load(path)?;
    let first = whole.one(whole.connections.first().map(|c| c.connection.name.as_str()))?;
    let _ = telemetry::metrics();
    let _lock = lock(first.store.url.expose())?;
    let store = open(&first).await?;
    let transport: Arc<dyn Transport> =
        Arc::new(HttpTransport::new(&HttpOptions::new(wiring::USER_AGENT))?);
    let holder = holder()?;
    let wires = wires(&whole, &store, &holder, _lock.is_some()).await?;
    let wired = cells::wire(&store, &transport, &clockwork::wall(), wires);
    let wake = Arc::new(Notify::new());
    let (intake, committer) =
        WebhookIntake::new(store.clone(), clockwork::wall(), Arc::clone(&wake));
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(committer.run());
    let rooms = start(&wired, wake, &holder, &stop, &tasks);
    let lives: Vec<_> = rooms.iter().map(|room| room.live.clone()).collect();
    let listener = TcpListener::bind(&first.server.listen)
        .await
        .with_context(|| format!("cannot listen on {}", first.server.listen))?;
    let address = listener.local_addr()?;
    let face = Face {
        store,
        access: access(&whole, &format!("http://{address}/"))?,
        intake,
        clock: clockwork::wall(),
        https: first.server.public_url.starts_with("https://"),
        open_metrics: false,
        rooms,
    };
    serve_until_stopped(listener, face.router(), stop, lives).await?;
    tasks.close();
    tokio::select! {
        () = tasks.wait() => {}
        () = pause(Span::seconds(3)) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Prepares every connection and says how it stands. Where there are several, one that lacks a
/// credential is told and shown; it does not stop the others.
async fn wires(
    whole: &Installation,
    store: &Store,
    holder: &str,
    exclusive: bool,
) -> anyhow::Result<Vec<Wire>> {
    let several = whole.connections.len() > 1;
    strangers(whole, store).await?;
    let mut wires = Vec::with_capacity(whole.connections.len());
    for (config, tie) in whole.connections.iter().zip(whole.ties()) {
        let name = &config.connection.name;
        prepare(store, config).await?;
        match credentials::seal(store, &config.scope, config).await {
            Ok(()) if several => say(&format!(
                "Connection {name}: legal entity {}, channel {}",
                config.connection.company, config.connection.channel
            )),
            Ok(()) => {}
            Err(error) if several => {
                complain(&format!("Connection {name} cannot work yet, the others do: {error:#}"));
            }
            Err(error) => return Err(error),
        }
        let (file, now) = (config.settings()?, clockwork::now());
        let start = settings::at_start(store, &config.scope, file, now).await?;
        if let Some(unlike) = &start.unlike {
            tracing::warn!(connection = name, "settings.file_not_followed");
            complain(&format!("Connection {name}: {unlike}"));
        }
        wires.push(Wire {
            tie,
            remotes: remotes(config)?,
            settings: start.settings,
            options: options(config, holder, exclusive),
        });
    }
    Ok(wires)
}

/// A connection whose id was changed would begin anew, without knowing what it sent.
async fn strangers(whole: &Installation, store: &Store) -> anyhow::Result<()> {
    let kept = store.read().await?.connections().await?;
    let configured = |row: &store::ConnectionRow| {
        whole.connections.iter().any(|config| config.scope == row.scope)
    };
    for row in kept.iter().filter(|row| !configured(row)) {
        let same = |config: &&Config| {
            let c = &config.connection;
            c.company.eq_ignore_ascii_case(&row.company) && c.channel == row.channel_id
        };
        let new = |config: &&Config| kept.iter().all(|row| row.scope != config.scope);
        if let Some(config) = whole.connections.iter().filter(new).find(same) {
            bail!(
                "connection \"{}\" is kept in this database as id \"{}\" of organisation \"{}\": give it id = \"{}\" and that organisation, or it would begin anew and not know what it has sent",
                config.connection.name,
                row.scope.connection,
                row.scope.organisation,
                row.scope.connection,
            );
        }
    }
    Ok(())
}

/// Starts the loops of every connection.
pub(crate) fn start(
    wired: &[Wired],
    wake: Arc<Notify>,
    holder: &str,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> Vec<Room> {
    // One commit of webhooks may be news for any of them.
    let wakes: Vec<Arc<Notify>> = match wired {
        [_] => vec![Arc::clone(&wake)],
        all => all.iter().map(|_| Arc::new(Notify::new())).collect(),
    };
    if wired.len() > 1 {
        tasks.spawn(pass_on(wake, wakes.clone(), stop.clone()));
    }
    let mut rooms = Vec::with_capacity(wired.len());
    for (one, wake) in wired.iter().zip(wakes) {
        let (live, _) = broadcast::channel(256);
        let engine = Arc::clone(&one.engine);
        let loops =
            Loops { engine: Arc::clone(&engine), wake, stop: stop.clone(), live: live.clone() };
        loops.start(tasks);
        let pulse = Arc::new(Pulse::new(engine, one.gates.clone(), holder));
        tasks.spawn(sample(Arc::clone(&pulse), stop.clone()));
        rooms.push(Room {
            scope: one.scope.clone(),
            name: one.name.clone(),
            connect: one.connect.clone(),
            pulse,
            live,
        });
    }
    rooms
}

async fn pass_on(wake: Arc<Notify>, to: Vec<Arc<Notify>>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = wake.notified() => to.iter().for_each(|one| one.notify_one()),
        }
    }
}

/// Serves pages until the process is asked to stop; open streams are told to end.
pub(crate) async fn serve_until_stopped(
    listener: TcpListener,
    router: axum::Router,
    stop: CancellationToken,
    lives: Vec<broadcast::Sender<LiveEvent>>,
) -> anyhow::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let ended = stop.clone();
    let server = axum::serve(listener, service)
        .with_graceful_shutdown(async move { ended.cancelled().await });
    let watch = async move {
        asked_to_stop().await;
        for live in lives {
            let _ = live.send(LiveEvent::Closing);
        }
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
    options.setup.accepted = accepted(config);
    options.public_url = Some(config.server.public_url.clone()).filter(|u| !u.is_empty());
    options
}

/// Lines of the doctor that may fail. Whoever allowed a mixed pair knows it is one.
pub(crate) fn accepted(config: &Config) -> BTreeSet<String> {
    let pairing = config.connection.override_pairing.then(|| "our.pairing".to_owned());
    config.connection.accepted.iter().cloned().chain(pairing).collect()
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

/// Organisation and connection, as the file names them.
pub(crate) async fn prepare(store: &Store, config: &Config) -> anyhow::Result<()> {
    let (now, scope) = (clockwork::now(), &config.scope);
    let settings = settings::in_force(store, scope, config.settings()?).await?;
    let organisation = match config.connection.organisation.trim() {
        "" => "Default",
        given => given,
    };
    let mut txn = store.begin("serve.prepare").await?;
    txn.organisation_put(&scope.organisation, organisation, now).await?;
    let new = NewConnection {
        name: config.connection.name.clone(),
        company: settings.company.as_str().to_owned(),
        channel_id: settings.channel.0,
    };
    txn.connection_put(scope, &new, now).await?;
    txn.connection_cut_off(scope, settings.cut_off).await?;
    txn.commit().await?;
    Ok(())
}

/// The tokens of the file; where none opens an organisation, one is made and printed.
fn access(whole: &Installation, console: &str) -> anyhow::Result<AccessToken> {
    let organisations = whole.organisations();
    let given = whole.connections.first().map(|c| c.server.access_token.expose().to_owned());
    let given = given.filter(|token| !token.is_empty());
    let of = |one: &AccessConfig| (slug(&one.organisation), one.token.expose().to_owned());
    let mut tokens: Vec<(String, String)> = whole.access.iter().map(of).collect();
    if organisations.len() == 1 && (given.is_some() || tokens.is_empty()) {
        let token = match given {
            Some(token) => {
                say(&format!("Console: {console} (log in with the access token)"));
                token
            }
            None => {
                let token = new_token()?;
                say(&format!("Console: {console}?token={token}"));
                token
            }
        };
        let more = tokens.iter().map(|(o, t)| (o.as_str(), t.as_str()));
        return Ok(AccessToken::new(&token).and(AccessToken::of_organisations(more)));
    }
    say(&format!("Console: {console} (each organisation logs in with its own token)"));
    for organisation in organisations {
        if !tokens.iter().any(|(known, _)| *known == organisation) {
            let token = new_token()?;
            say(&format!("  {organisation}: {console}?token={token}"));
            tokens.push((organisation, token));
        }
    }
    let all = tokens.iter().map(|(o, t)| (o.as_str(), t.as_str()));
    Ok(AccessToken::of_organisations(all))
}

/// A token nobody can guess.
pub(crate) fn new_token() -> anyhow::Result<String> {
    Ok(store::random::<16>()?.iter().map(|b| format!("{b:02x}")).collect())
}

//! `connect shipbob`, `connect dynamics`: credentials for servers without a browser. What is given
//! is tried first and sealed only when the other side accepted it.

use super::credentials::{Given, keep};
use super::serve::{holder, lock, open, options, prepare, remotes};
use super::{complain, say};
use crate::cli::{ConnectCommand, ConnectDynamics, ConnectShipBob, OneArgs};
use crate::clockwork::{self, pause};
use crate::config::Config;
use crate::rig::browser::answer_of;
use crate::wiring;
use anyhow::{Context, bail};
use domain::ids::{ChannelId, Scope};
use domain::time::Span;
use dynamics::{Certificate, Credential};
use engine::{Connect, secret};
use shipbob::oauth::ComeBack;
use std::process::ExitCode;
use std::sync::Arc;
use store::{SecretSystem, Store, TrailFilter};
use transport::{HttpOptions, HttpTransport, Transport};

/// Longest pasted line.
const LINE: usize = 16 * 1024;
/// How long a code may be on its way, plus a little.
const PATIENCE: Span = Span::seconds(150);

pub(crate) async fn run(command: ConnectCommand) -> anyhow::Result<ExitCode> {
    match command {
        ConnectCommand::Dynamics(args) => to_dynamics(args).await,
        ConnectCommand::Shipbob(args) if args.token || args.billing => seal_token(args).await,
        ConnectCommand::Shipbob(args) => to_shipbob(args).await,
    }
}

/// What every connect needs.
struct Desk {
    config: Config,
    store: Store,
    scope: Scope,
    network: Arc<dyn Transport>,
}

impl Desk {
    async fn open(args: &OneArgs) -> anyhow::Result<Self> {
        let config = args.one()?;
        let store = open(&config).await?;
        let scope = config.scope.clone();
        prepare(&store, &config).await?;
        let network = Arc::new(HttpTransport::new(&HttpOptions::new(wiring::USER_AGENT))?);
        Ok(Self { config, store, scope, network })
    }
}

/// One line of standard input: nothing secret stands in the arguments of a process.
fn line(what: &str) -> anyhow::Result<String> {
    complain(&format!("{what}:"));
    let mut text = String::new();
    std::io::stdin().read_line(&mut text).context("standard input cannot be read")?;
    let text = text.trim().to_owned();
    if text.is_empty() || text.len() > LINE {
        bail!("nothing usable was given on standard input");
    }
    Ok(text)
}

async fn to_dynamics(args: ConnectDynamics) -> anyhow::Result<ExitCode> {
    let desk = Desk::open(&args.config).await?;
    let c = &desk.config.connection.dynamics;
    if !c.client_secret.expose().is_empty() || !c.certificate_file.is_empty() {
        bail!(
            "connection.dynamics of the file holds a credential, and the file wins at every start: remove client_secret or certificate_file from it first"
        );
    }
    let pem = match &args.certificate {
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?,
        None => String::new(),
    };
    let secret_text =
        if pem.is_empty() { line("Client secret (its value, not its id)")? } else { String::new() };
    let proof: Credential = if pem.is_empty() {
        dynamics::ClientSecret::new(secret_text.clone()).into()
    } else {
        let certificate = Certificate::from_pem(&pem)?;
        say(&format!("Certificate with SHA-256 {} (base64).", certificate.thumbprint()));
        certificate.into()
    };
    let (client, _) = clients(&desk, "")?;
    client.prove_with(proof).await;
    client.check_credential(clockwork::now()).await.context("nothing was stored")?;
    let (name, other, value) = if pem.is_empty() {
        (secret::CLIENT_SECRET, secret::CERTIFICATE, &secret_text)
    } else {
        (secret::CERTIFICATE, secret::CLIENT_SECRET, &pem)
    };
    let system = SecretSystem::Dynamics;
    let given = Given { system, name, instead_of: &[other], value, who: &args.who };
    keep(&desk.store, &desk.scope, &given).await?;
    say(
        "Entra accepted it; it is sealed in the vault. A running ml-connector uses it within a second.",
    );
    Ok(ExitCode::SUCCESS)
}

fn clients(desk: &Desk, token: &str) -> anyhow::Result<(dynamics::Dynamics, shipbob::ShipBob)> {
    let mut remotes = remotes(&desk.config)?;
    token.clone_into(&mut remotes.shipbob_token);
    let settings = desk.config.settings()?;
    Ok(wiring::clients(&desk.network, &remotes, &settings, &clockwork::wall()))
}

async fn seal_token(args: ConnectShipBob) -> anyhow::Result<ExitCode> {
    let desk = Desk::open(&args.config).await?;
    let c = &desk.config.connection.shipbob;
    if args.token && (c.oauth.is_some() || !c.token.expose().is_empty()) {
        bail!(
            "connection.shipbob of the file has a token or an app, and the file wins at every start: remove it first"
        );
    }
    let token = line("Personal access token")?;
    let (_, client) = clients(&desk, &token)?;
    let seen = client.probe().await.context("nothing was stored")?;
    let channel = ChannelId(desk.config.connection.channel);
    if !seen.channels.iter().any(|known| known.id == channel) {
        bail!(
            "this token does not see channel {}: it belongs to another account or environment. Nothing was stored",
            channel.0
        );
    }
    let name = if args.billing { secret::BILLING } else { secret::TOKEN };
    let system = SecretSystem::ShipBob;
    let given = Given { system, name, instead_of: &[], value: &token, who: &args.who };
    keep(&desk.store, &desk.scope, &given).await?;
    say("ShipBob accepted it and it sees our channel; it is sealed in the vault.");
    let may = seen.channels.iter().any(|known| known.scopes.contains("billing_read"));
    if args.billing && !may {
        say(
            "No channel names billing_read, so whether this token may read bills is not known yet: a token made before that permission existed must be made anew.",
        );
    }
    Ok(ExitCode::SUCCESS)
}

async fn to_shipbob(args: ConnectShipBob) -> anyhow::Result<ExitCode> {
    let desk = Desk::open(&args.config).await?;
    let remotes = remotes(&desk.config)?;
    let (scope, store) = (&desk.scope, &desk.store);
    let Some(connect) = wiring::connect(scope, store, &desk.network, &remotes, &clockwork::wall())
    else {
        bail!(
            "the file has no [connection.shipbob.oauth]: add it, or seal a personal access token with --token"
        );
    };
    let before = connect.grants().await?;
    let url = connect.begin(&args.who, ComeBack::Query).await?;
    say("Open this address as the root user of the ShipBob account and press Approve:");
    say("");
    say(&format!("  {url}"));
    say("");
    say(
        "The browser then ends at an address that begins with the redirect address; it need not show a page. A code works for two minutes.",
    );
    let mut answer = answer_of(&line("Paste that address (or the code in it)")?);
    if answer.state.is_empty() {
        // A bare code: it can only belong to the address printed above.
        answer.state = answer_of(&url).state;
    }
    connect.come_back(&answer).await?;
    let connected = exchanged(&desk, &remotes, &connect, before.unwrap_or_default()).await?;
    if connected {
        say(
            "ShipBob is connected. Tokens are sealed in the vault and refreshed every hour while ml-connector runs.",
        );
        return Ok(ExitCode::SUCCESS);
    }
    let filter = TrailFilter { what: Some("connect failed".to_owned()), ..TrailFilter::default() };
    let last = store.read().await?.trail(scope, &filter, None, 1).await?;
    let why = last.into_iter().next().and_then(|row| row.entry.why);
    bail!(
        "{}",
        why.unwrap_or_else(|| {
            "the code was not exchanged: is ml-connector running on this database and well?"
                .to_owned()
        })
    )
}

/// The owner of the cell exchanges the code: a running `serve`, or this process when there is none.
async fn exchanged(
    desk: &Desk,
    remotes: &wiring::Remotes,
    connect: &Connect,
    before: i64,
) -> anyhow::Result<bool> {
    let url = desk.config.store.url.expose();
    let held = lock(url).ok();
    let alone = held.as_ref().is_some_and(Option::is_some);
    let (engine, _) = wiring::engine(
        desk.scope.clone(),
        desk.store.clone(),
        &desk.network,
        remotes,
        desk.config.settings()?,
        clockwork::wall(),
        options(&desk.config, &holder()?, alone),
    );
    let until = clockwork::now() + PATIENCE;
    let mut found = None;
    while clockwork::now() < until && found.is_none() {
        // On SQLite the lock of another process says that it is the owner.
        if held.is_some() && engine.own().await? {
            engine.keep_credentials().await?;
        }
        found = connect.grants().await?;
        if found.is_none() {
            pause(Span::millis(300)).await;
        }
    }
    engine.leave().await?;
    Ok(found.is_some_and(|grants| grants > before))
}

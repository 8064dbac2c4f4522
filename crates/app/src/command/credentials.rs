//! Credentials of the file and of the vault: what the file gives is sealed, what it does not give
//! must have been sealed before.

use super::serve::{open, remotes};
use crate::clockwork;
use crate::config::Config;
use crate::wiring;
use anyhow::{Context, bail};
use domain::ids::Scope;
use engine::{credentials_changed, secret};
use std::sync::Arc;
use store::{NewSecret, Secret, SecretSystem, Store};

/// Who set what stands in the file.
const FILE: &str = "configuration";

/// One credential that takes the place of others.
pub(crate) struct Given<'a> {
    pub(crate) system: SecretSystem,
    pub(crate) name: &'static str,
    /// Names it replaces.
    pub(crate) instead_of: &'a [&'static str],
    pub(crate) value: &'a str,
    pub(crate) who: &'a str,
}

/// Seals what the file gives, makes sure that nothing is missing, and proves that the master key
/// fits the database.
pub(crate) async fn seal(store: &Store, scope: &Scope, config: &Config) -> anyhow::Result<()> {
    let c = &config.connection;
    let pem = match c.dynamics.certificate_file.as_str() {
        "" => String::new(),
        file => std::fs::read_to_string(file)
            .with_context(|| format!("connection.dynamics.certificate_file: {file}"))?,
    };
    if !pem.is_empty() {
        dynamics::Certificate::from_pem(&pem).with_context(|| {
            format!("connection.dynamics.certificate_file: {}", c.dynamics.certificate_file)
        })?;
    }
    let (fo, sb) = (SecretSystem::Dynamics, SecretSystem::ShipBob);
    let mine = [
        (fo, secret::CLIENT_SECRET, secret::CERTIFICATE, c.dynamics.client_secret.expose()),
        (fo, secret::CERTIFICATE, secret::CLIENT_SECRET, pem.as_str()),
        (sb, secret::TOKEN, secret::TOKEN, c.shipbob.token.expose()),
    ];
    for (system, name, other, value) in mine {
        let known = sealed(store, scope, system, name).await?;
        if value.is_empty() || known.is_some_and(|known| known.expose() == value) {
            continue;
        }
        let others = [other];
        let instead_of = if other == name { &[][..] } else { &others[..] };
        keep(store, scope, &Given { system, name, instead_of, value, who: FILE }).await?;
    }
    let has = |system, name| sealed(store, scope, system, name);
    if has(fo, secret::CLIENT_SECRET).await?.is_none()
        && has(fo, secret::CERTIFICATE).await?.is_none()
    {
        bail!(
            "connection.dynamics has neither client_secret nor certificate_file, and the vault holds none: run `ml-connector connect dynamics`"
        );
    }
    if c.shipbob.oauth.is_none() && has(sb, secret::TOKEN).await?.is_none() {
        bail!(
            "connection.shipbob has neither token nor oauth, and the vault holds no token: run `ml-connector connect shipbob --token`"
        );
    }
    Ok(())
}

/// Addresses and credentials as a running `serve` would use them: what the file does not give comes
/// from the vault. The database is opened only then, and only read.
pub(crate) async fn known(config: &Config) -> anyhow::Result<wiring::Remotes> {
    let mut remotes = remotes(config)?;
    let c = &config.connection;
    if !c.dynamics.certificate_file.is_empty() {
        let file = &c.dynamics.certificate_file;
        let pem = std::fs::read_to_string(file)
            .with_context(|| format!("connection.dynamics.certificate_file: {file}"))?;
        remotes.certificate = Some(Arc::new(dynamics::Certificate::from_pem(&pem)?));
    }
    let proved = remotes.certificate.is_some() || !remotes.client_secret.is_empty();
    if proved && c.shipbob.oauth.is_none() && !remotes.shipbob_token.is_empty() {
        return Ok(remotes);
    }
    let store = open(config).await?;
    let mut reader = store.read().await?;
    let vault = engine::in_vault(&mut reader, &config.scope).await?;
    drop(reader);
    store.close().await;
    if !proved {
        match (vault.certificate, vault.client_secret) {
            (Some(pem), _) => {
                let certificate = dynamics::Certificate::from_pem(pem.expose())?;
                remotes.certificate = Some(Arc::new(certificate));
            }
            (None, Some(text)) => text.expose().clone_into(&mut remotes.client_secret),
            (None, None) => {}
        }
    }
    if let Some((token, ends)) = vault.shipbob.filter(|_| remotes.shipbob_token.is_empty()) {
        if ends.is_some_and(|ends| ends <= clockwork::now()) {
            bail!(
                "ShipBob's access token in the vault has ended: start `ml-connector serve`, which refreshes it, or run `ml-connector connect shipbob`"
            );
        }
        token.expose().clone_into(&mut remotes.shipbob_token);
    }
    Ok(remotes)
}

async fn sealed(
    store: &Store,
    scope: &Scope,
    system: SecretSystem,
    name: &str,
) -> anyhow::Result<Option<Secret>> {
    let found = store.read().await?.secret(scope, system, name).await;
    let found = found
        .context("store.master_key does not fit this database: give the key it was made with")?;
    Ok(found.map(|(secret, _)| secret))
}

/// Seals one credential; a running `serve` takes it up within a second.
pub(crate) async fn keep(store: &Store, scope: &Scope, given: &Given<'_>) -> anyhow::Result<()> {
    let now = clockwork::now();
    let new =
        NewSecret { system: given.system, name: given.name, expires_at: None, set_by: given.who };
    let mut txn = store.begin("credentials.keep").await?;
    txn.secret_put(scope, &new, &Secret::new(given.value.to_owned()), now).await?;
    for other in given.instead_of {
        txn.secret_remove(scope, given.system, other).await?;
    }
    credentials_changed(&mut txn, scope, now).await?;
    txn.commit().await?;
    Ok(())
}

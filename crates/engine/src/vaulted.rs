//! The documents of credentials as they lie in the vault, and what stands beside them in the
//! clear. A secret document is a few lines of text, so that no secret type is ever serialised.

use crate::error::{EngineError, Result};
use domain::ids::Scope;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{NewSecret, Reader, Secret, SecretSystem, Txn};

/// Cursor that changes whenever a credential is replaced, by whatever process.
const CHANGED: &str = "credentials";
/// Cursor that holds [`AccessState`].
const STATE: &str = "shipbob.oauth";

/// Names of secrets in the vault.
pub mod secret {
    /// ShipBob: personal access token.
    pub const TOKEN: &str = "token";
    /// ShipBob: personal access token for billing.
    pub const BILLING: &str = "billing_token";
    /// ShipBob: access and refresh token of the app.
    pub const PAIR: &str = "oauth";
    /// ShipBob: what a connect that was begun is recognised by.
    pub const FLOW: &str = "oauth_flow";
    /// ShipBob: a code on its way to the exchange.
    pub const CODE: &str = "oauth_code";
    /// Dynamics: client secret.
    pub const CLIENT_SECRET: &str = "client_secret";
    /// Dynamics: certificate and key, PEM.
    pub const CERTIFICATE: &str = "certificate";
}

/// Access and refresh token of the app.
#[derive(Clone)]
pub(crate) struct Pair {
    /// Counts every replacement.
    pub(crate) generation: i64,
    /// When `access` ends.
    pub(crate) expires: Timestamp,
    /// Who connected.
    pub(crate) who: String,
    pub(crate) access: Secret,
    pub(crate) refresh: Secret,
}

/// A connect that was begun.
pub(crate) struct Flow {
    pub(crate) state: Secret,
    pub(crate) nonce: Secret,
    pub(crate) verifier: Secret,
    pub(crate) who: String,
    pub(crate) at: Timestamp,
}

/// A code that is to be exchanged.
pub(crate) struct Code {
    pub(crate) code: Secret,
    pub(crate) nonce: Secret,
    pub(crate) verifier: Secret,
    pub(crate) who: String,
    pub(crate) at: Timestamp,
}

/// A person must connect again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reconnect {
    pub(crate) since: Timestamp,
    pub(crate) why: String,
}

/// What is known of the app's access, without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AccessState {
    /// The marker: a refresh was begun and its outcome is not recorded.
    pub(crate) under_way: Option<Timestamp>,
    /// An exchange was begun and its outcome is not recorded.
    pub(crate) exchanging: Option<Timestamp>,
    /// A refresh of the present pair may have taken effect unseen.
    pub(crate) doubt: Option<Timestamp>,
    /// The auth host asked for quiet until then.
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) reconnect: Option<Reconnect>,
}

/// The credentials an engine would use, for a look from outside.
pub struct InVault {
    /// Dynamics: client secret.
    pub client_secret: Option<Secret>,
    /// Dynamics: certificate and key, PEM.
    pub certificate: Option<Secret>,
    /// ShipBob: the app's access token with its end, or the personal access token without one.
    pub shipbob: Option<(Secret, Option<Timestamp>)>,
}

/// What the vault holds of a connection.
///
/// # Errors
/// `Unavailable` when the database does not answer, `Inconsistent` when a document is not readable.
pub async fn in_vault(reader: &mut Reader, scope: &Scope) -> Result<InVault> {
    let fo = SecretSystem::Dynamics;
    let client_secret = reader.secret(scope, fo, secret::CLIENT_SECRET).await?.map(|(s, _)| s);
    let certificate = reader.secret(scope, fo, secret::CERTIFICATE).await?.map(|(s, _)| s);
    let token = document(reader, scope, secret::TOKEN).await?.map(|token| (token, None));
    let pair = Pair::load(reader, scope).await?.map(|pair| (pair.access, Some(pair.expires)));
    Ok(InVault { client_secret, certificate, shipbob: pair.or(token) })
}

/// Lines of a document; none when there are not as many as wanted.
fn lines<const N: usize>(text: &str) -> Option<[&str; N]> {
    text.split('\n').collect::<Vec<_>>().try_into().ok()
}

fn broken(name: &str) -> EngineError {
    EngineError::Inconsistent(format!("the sealed document {name} is not what was stored"))
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ")
}

async fn document(reader: &mut Reader, scope: &Scope, name: &str) -> Result<Option<Secret>> {
    Ok(reader.secret(scope, SecretSystem::ShipBob, name).await?.map(|(secret, _)| secret))
}

impl Pair {
    pub(crate) async fn load(reader: &mut Reader, scope: &Scope) -> Result<Option<Self>> {
        let Some(kept) = document(reader, scope, secret::PAIR).await? else { return Ok(None) };
        let read = || {
            let [generation, expires, who, access, refresh] = lines(kept.expose())?;
            Some(Self {
                generation: generation.parse().ok()?,
                expires: Timestamp(expires.parse().ok()?),
                who: who.to_owned(),
                access: Secret::new(access.to_owned()),
                refresh: Secret::new(refresh.to_owned()),
            })
        };
        read().map(Some).ok_or_else(|| broken(secret::PAIR))
    }

    pub(crate) async fn put(&self, txn: &mut Txn, scope: &Scope, at: Timestamp) -> Result<()> {
        let (access, refresh) = (self.access.expose(), self.refresh.expose());
        let (generation, expires, who) = (self.generation, self.expires.0, one_line(&self.who));
        let text = format!("{generation}\n{expires}\n{who}\n{access}\n{refresh}");
        let new = NewSecret {
            system: SecretSystem::ShipBob,
            name: secret::PAIR,
            expires_at: Some(self.expires),
            set_by: &self.who,
        };
        Ok(txn.secret_put(scope, &new, &Secret::new(text), at).await?)
    }
}

impl Flow {
    pub(crate) async fn load(reader: &mut Reader, scope: &Scope) -> Result<Option<Self>> {
        let Some(kept) = document(reader, scope, secret::FLOW).await? else { return Ok(None) };
        let read = || {
            let [state, nonce, verifier, who, at] = lines(kept.expose())?;
            let secret = |text: &str| Secret::new(text.to_owned());
            Some(Self {
                state: secret(state),
                nonce: secret(nonce),
                verifier: secret(verifier),
                who: who.to_owned(),
                at: Timestamp(at.parse().ok()?),
            })
        };
        read().map(Some).ok_or_else(|| broken(secret::FLOW))
    }

    pub(crate) async fn put(&self, txn: &mut Txn, scope: &Scope, until: Timestamp) -> Result<()> {
        let (state, nonce) = (self.state.expose(), self.nonce.expose());
        let (verifier, who, at) = (self.verifier.expose(), one_line(&self.who), self.at.0);
        let text = Secret::new(format!("{state}\n{nonce}\n{verifier}\n{who}\n{at}"));
        let new = NewSecret {
            system: SecretSystem::ShipBob,
            name: secret::FLOW,
            expires_at: Some(until),
            set_by: &self.who,
        };
        Ok(txn.secret_put(scope, &new, &text, self.at).await?)
    }
}

impl Code {
    pub(crate) async fn load(reader: &mut Reader, scope: &Scope) -> Result<Option<Self>> {
        let Some(kept) = document(reader, scope, secret::CODE).await? else { return Ok(None) };
        let read = || {
            let [code, nonce, verifier, who, at] = lines(kept.expose())?;
            let secret = |text: &str| Secret::new(text.to_owned());
            Some(Self {
                code: secret(code),
                nonce: secret(nonce),
                verifier: secret(verifier),
                who: who.to_owned(),
                at: Timestamp(at.parse().ok()?),
            })
        };
        read().map(Some).ok_or_else(|| broken(secret::CODE))
    }

    pub(crate) async fn put(&self, txn: &mut Txn, scope: &Scope, until: Timestamp) -> Result<()> {
        let (code, nonce) = (self.code.expose(), self.nonce.expose());
        let (verifier, who, at) = (self.verifier.expose(), one_line(&self.who), self.at.0);
        let text = Secret::new(format!("{code}\n{nonce}\n{verifier}\n{who}\n{at}"));
        let new = NewSecret {
            system: SecretSystem::ShipBob,
            name: secret::CODE,
            expires_at: Some(until),
            set_by: &self.who,
        };
        Ok(txn.secret_put(scope, &new, &text, self.at).await?)
    }
}

impl AccessState {
    pub(crate) async fn load(reader: &mut Reader, scope: &Scope) -> Result<Self> {
        let Some((text, _)) = reader.cursor(scope, STATE).await? else {
            return Ok(Self::default());
        };
        serde_json::from_str(&text).map_err(|_| broken(STATE))
    }

    pub(crate) async fn put(&self, txn: &mut Txn, scope: &Scope, at: Timestamp) -> Result<()> {
        let text = serde_json::to_string(self).map_err(|_| broken(STATE))?;
        Ok(txn.cursor_put(scope, STATE, &text, at).await?)
    }
}

/// What changes with every replacement of a credential; empty before the first.
pub(crate) async fn revision(reader: &mut Reader, scope: &Scope) -> Result<String> {
    Ok(reader.cursor(scope, CHANGED).await?.map(|(text, _)| text).unwrap_or_default())
}

/// Says to the owner of the cell, whatever process it is, that a credential was replaced: part of
/// the transaction that replaces it.
///
/// # Errors
/// As every statement.
pub async fn credentials_changed(
    txn: &mut Txn,
    scope: &Scope,
    at: Timestamp,
) -> std::result::Result<(), store::StoreError> {
    let mark: String = store::random::<8>()?.iter().map(|b| format!("{b:02x}")).collect();
    txn.cursor_put(scope, CHANGED, &mark, at).await
}

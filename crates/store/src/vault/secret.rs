//! Credentials of a connection: tokens, client secrets, signing secrets of webhooks.

use super::{Secret, bind, fresh_key, open, seal};
use crate::error::{Result, StoreError};
use crate::gate::{Reader, Row, Txn, scoped, statements};
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    tenant SECRET_PUT = "INSERT INTO secret (organisation_id, connection_id, system, name, \
        key_id, wrapped_dek, sealed, expires_at, set_at, set_by) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
        ON CONFLICT (organisation_id, connection_id, system, name) DO UPDATE SET \
        key_id = excluded.key_id, wrapped_dek = excluded.wrapped_dek, sealed = excluded.sealed, \
        expires_at = excluded.expires_at, set_at = excluded.set_at, set_by = excluded.set_by";
    tenant SECRET_GET = "SELECT key_id, wrapped_dek, sealed, expires_at FROM secret \
        WHERE organisation_id = $1 AND connection_id = $2 AND system = $3 AND name = $4";
    tenant SECRET_LIST = "SELECT system, name, key_id, expires_at, set_at, set_by FROM secret \
        WHERE organisation_id = $1 AND connection_id = $2 ORDER BY system, name";
    tenant SECRET_REMOVE = "DELETE FROM secret \
        WHERE organisation_id = $1 AND connection_id = $2 AND system = $3 AND name = $4";
}

/// Whose credential it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretSystem {
    /// F&O.
    Dynamics,
    /// ShipBob.
    ShipBob,
    /// Signing secrets of webhook subscriptions.
    Webhook,
}

impl SecretSystem {
    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dynamics => "dynamics",
            Self::ShipBob => "shipbob",
            Self::Webhook => "webhook",
        }
    }

    fn read(row: &Row) -> Result<Self> {
        match row.text("system")?.as_str() {
            "dynamics" => Ok(Self::Dynamics),
            "shipbob" => Ok(Self::ShipBob),
            "webhook" => Ok(Self::Webhook),
            other => Err(row.unknown("system", other)),
        }
    }
}

/// Where a credential goes and what is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSecret<'a> {
    /// Whose credential it is.
    pub system: SecretSystem,
    /// Its name, such as `client_secret`.
    pub name: &'a str,
    /// When the remote ends it, if known.
    pub expires_at: Option<Timestamp>,
    /// Who sets it.
    pub set_by: &'a str,
}

/// What may be shown about a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretInfo {
    /// Whose credential it is.
    pub system: SecretSystem,
    /// Its name, such as `client_secret`.
    pub name: String,
    /// The master key that wraps it.
    pub key_id: String,
    /// When the remote ends it, if known.
    pub expires_at: Option<Timestamp>,
    /// When it was set.
    pub set_at: Timestamp,
    /// Who set it.
    pub set_by: String,
}

pub(super) fn bound_to<'a>(scope: &'a Scope, system: &'a str, name: &'a str) -> [&'a str; 5] {
    ["secret", scope.organisation.as_str(), scope.connection.as_str(), system, name]
}

impl Txn {
    /// Seals and keeps a credential, replacing one of the same name.
    ///
    /// # Errors
    /// `Refused` when the connection does not exist.
    pub async fn secret_put(
        &mut self,
        scope: &Scope,
        new: &NewSecret<'_>,
        secret: &Secret,
        at: Timestamp,
    ) -> Result<()> {
        let data_key = fresh_key()?;
        let system = new.system.as_str();
        let place = bound_to(scope, system, new.name);
        let sealed = seal(&data_key, secret.expose().as_bytes(), &bind(&place, "value"))?;
        let keys = &self.shared.keys;
        let (wrapped, key_id) = (keys.wrap(&data_key, &place)?, keys.current().id().to_owned());
        let values = scoped![scope; system, new.name, key_id, wrapped, sealed, new.expires_at, at,
            new.set_by];
        self.run(&SECRET_PUT, values).await.map(|_| ())
    }

    /// Removes a credential; false when there was none.
    ///
    /// # Errors
    /// As every statement.
    pub async fn secret_remove(
        &mut self,
        scope: &Scope,
        system: SecretSystem,
        name: &str,
    ) -> Result<bool> {
        let values = scoped![scope; system.as_str(), name];
        Ok(self.run(&SECRET_REMOVE, values).await? > 0)
    }
}

impl Reader {
    /// Opens a credential.
    ///
    /// # Errors
    /// `Inconsistent` when it was altered or moved, `Refused` when its master key was not given.
    pub async fn secret(
        &mut self,
        scope: &Scope,
        system: SecretSystem,
        name: &str,
    ) -> Result<Option<(Secret, Option<Timestamp>)>> {
        let values = scoped![scope; system.as_str(), name];
        let Some(row) = self.maybe(&SECRET_GET, values).await? else {
            return Ok(None);
        };
        let place = bound_to(scope, system.as_str(), name);
        let data_key = self.shared.keys.unwrap_key(
            &row.text("key_id")?,
            &row.bytes("wrapped_dek")?,
            &place,
        )?;
        let clear = open(&data_key, &row.bytes("sealed")?, &bind(&place, "value"))
            .and_then(|clear| String::from_utf8(clear.to_vec()).ok())
            .ok_or_else(|| {
                StoreError::inconsistent(SECRET_GET.name, "sealed", "does not open: it was altered")
            })?;
        Ok(Some((Secret::new(clear), row.time_opt("expires_at")?)))
    }

    /// Everything that may be shown about the credentials of a connection.
    ///
    /// # Errors
    /// As every statement.
    pub async fn secret_list(&mut self, scope: &Scope) -> Result<Vec<SecretInfo>> {
        let values = scoped![scope];
        self.all(&SECRET_LIST, values)
            .await?
            .iter()
            .map(|row| {
                Ok(SecretInfo {
                    system: SecretSystem::read(row)?,
                    name: row.text("name")?,
                    key_id: row.text("key_id")?,
                    expires_at: row.time_opt("expires_at")?,
                    set_at: row.time("set_at")?,
                    set_by: row.text("set_by")?,
                })
            })
            .collect()
    }
}

//! Rotation of the master key: data keys are wrapped anew in small batches, sealed values stay.

use super::{person, secret};
use crate::error::Result;
use crate::gate::{Row, Txn, scoped, statements, values};
use crate::limits::page;
use domain::ids::{ConnectionId, OrganisationId, Scope};

statements! {
    whole REWRAP_SECRETS = "SELECT organisation_id, connection_id, system, name, key_id, \
        wrapped_dek FROM secret WHERE key_id <> $1 LIMIT $2",
        why "a master key belongs to the installation, not to a tenant";
    tenant REWRAP_SECRET = "UPDATE secret SET key_id = $5, wrapped_dek = $6 \
        WHERE organisation_id = $1 AND connection_id = $2 AND system = $3 AND name = $4";
    whole REWRAP_PERSONS = "SELECT organisation_id, connection_id, subject, key_id, wrapped_key \
        FROM person WHERE key_id <> $1 AND wrapped_key IS NOT NULL LIMIT $2",
        why "a master key belongs to the installation, not to a tenant";
    tenant REWRAP_PERSON = "UPDATE person SET key_id = $4, wrapped_key = $5 \
        WHERE organisation_id = $1 AND connection_id = $2 AND subject = $3 \
        AND wrapped_key IS NOT NULL";
}

fn scope_of(row: &Row) -> Result<Scope> {
    Ok(Scope {
        organisation: OrganisationId::new(row.text("organisation_id")?),
        connection: ConnectionId::new(row.text("connection_id")?),
    })
}

impl Txn {
    /// Wraps up to `limit` data keys of each kind under the current master key. Call until it
    /// returns 0; then the older key may be forgotten.
    ///
    /// # Errors
    /// `Refused` when a row was wrapped by a key that is not in the ring.
    pub async fn keys_rewrap(&mut self, limit: usize) -> Result<u64> {
        let current = self.shared.keys.current().id().to_owned();
        let mut done = 0;
        for row in self.all(&REWRAP_SECRETS, values![current.as_str(), page(limit)]).await? {
            let (scope, system, name) = (scope_of(&row)?, row.text("system")?, row.text("name")?);
            let place = secret::bound_to(&scope, &system, &name);
            let wrapped = self.wrapped_anew(&row, "wrapped_dek", &place)?;
            let values = scoped![scope; system, name, current.as_str(), wrapped];
            done += self.run(&REWRAP_SECRET, values).await?;
        }
        for row in self.all(&REWRAP_PERSONS, values![current.as_str(), page(limit)]).await? {
            let (scope, subject) = (scope_of(&row)?, row.text("subject")?);
            let place = person::bound_to(&scope, &subject);
            let wrapped = self.wrapped_anew(&row, "wrapped_key", &place)?;
            let values = scoped![scope; subject, current.as_str(), wrapped];
            done += self.run(&REWRAP_PERSON, values).await?;
        }
        Ok(done)
    }

    fn wrapped_anew(&self, row: &Row, column: &str, place: &[&str]) -> Result<Vec<u8>> {
        let keys = &self.shared.keys;
        let data_key = keys.unwrap_key(&row.text("key_id")?, &row.bytes(column)?, place)?;
        keys.wrap(&data_key, place)
    }
}

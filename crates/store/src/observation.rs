//! The last known state of remote objects, one row each, and how far each poll got.
//! An older reading never overwrites a newer one (I6).

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, once_each, scoped, shown, statements, values};
use crate::limits::page;
use crate::vault::Purpose;
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::{HashMap, HashSet};

statements! {
    tenant OBSERVATION_PUT = "INSERT INTO observation (organisation_id, connection_id, kind, \
        key, person, version, stamp, read_began, body) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
        ON CONFLICT (organisation_id, connection_id, kind, key) DO UPDATE SET \
        person = excluded.person, version = excluded.version, stamp = excluded.stamp, \
        read_began = excluded.read_began, body = excluded.body \
        WHERE (excluded.stamp, excluded.read_began) >= (observation.stamp, observation.read_began) \
        RETURNING kind, key";
    tenant OBSERVATION_GET = "WITH w (wanted) AS (VALUES ($4)) \
        SELECT o.kind, o.key, o.person, o.version, o.stamp, o.read_began, o.body FROM w \
        CROSS JOIN observation o WHERE o.organisation_id = $1 AND o.connection_id = $2 AND o.kind = $3 \
        AND o.key = w.wanted";
    tenant OBSERVATION_OF_KIND = "SELECT kind, key, person, version, stamp, read_began, body \
        FROM observation WHERE organisation_id = $1 AND connection_id = $2 AND kind = $3 \
        AND key > $4 ORDER BY key LIMIT $5";
    tenant OBSERVATION_REMOVE = "DELETE FROM observation WHERE organisation_id = $1 \
        AND connection_id = $2 AND kind = $3 AND key = $4";
    tenant CURSOR_PUT = "INSERT INTO cursor (organisation_id, connection_id, name, value, at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organisation_id, connection_id, name) \
        DO UPDATE SET value = excluded.value, at = excluded.at";
    tenant CURSOR_GET = "SELECT name, value, at FROM cursor \
        WHERE organisation_id = $1 AND connection_id = $2 AND name = $3";
    tenant CURSOR_ALL = "SELECT name, value, at FROM cursor \
        WHERE organisation_id = $1 AND connection_id = $2 ORDER BY name";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// One remote object as it was last read.
#[derive(Clone, PartialEq, Eq)]
pub struct Observation {
    /// What it is: `fo.order`, `fo.seen`, `sb.order`, `fo.reference`, `sb.reference`, `sb.product`.
    pub kind: String,
    /// Its key at the remote.
    pub key: String,
    /// The subject under whose key the body is sealed; `None` when it holds no personal data.
    pub person: Option<String>,
    /// Etag or record version: equal means unchanged.
    pub version: String,
    /// When the remote says it changed.
    pub stamp: Timestamp,
    /// When we began to read it.
    pub read_began: Timestamp,
    /// What was read; `None` only when the person was erased.
    pub body: Option<Vec<u8>>,
}

/// How far a poll got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorRow {
    /// Which poll.
    pub name: String,
    /// Where it goes on.
    pub value: String,
    /// When it was moved last.
    pub at: Timestamp,
}

shown! {
    Observation: kind, key, version, stamp, read_began;
}

fn place(kind: &str, key: &str) -> String {
    format!("{}:{kind}{key}", kind.len())
}

impl Txn {
    /// Stores readings and returns the (kind, key) of those kept; a reading older than the one
    /// stored is ignored.
    ///
    /// # Errors
    /// `Refused` when a body is too large.
    pub async fn observations_put(
        &mut self,
        scope: &Scope,
        readings: Vec<Observation>,
    ) -> Result<HashSet<(String, String)>> {
        let mut newest: HashMap<(String, String), Observation> = HashMap::new();
        for reading in readings {
            let key = (reading.kind.clone(), reading.key.clone());
            match newest.get(&key) {
                Some(known)
                    if (known.stamp, known.read_began) > (reading.stamp, reading.read_began) => {}
                _ => drop(newest.insert(key, reading)),
            }
        }
        let mut readings: Vec<Observation> = newest.into_values().collect();
        // One order of locking for every writer.
        readings.sort_unstable_by(|a, b| (&a.kind, &a.key).cmp(&(&b.kind, &b.key)));
        let persons = readings.iter().filter_map(|r| r.person.as_deref());
        self.ensure_keys(scope, persons).await?;
        let mut rows = Vec::with_capacity(readings.len());
        for r in readings {
            let (person, place) = (r.person.as_deref(), place(&r.kind, &r.key));
            let body = r.body.unwrap_or_default();
            let body = self.pack(scope, person, Purpose::Observation, &place, &body)?;
            rows.push(values![r.kind, r.key, r.person, r.version, r.stamp, r.read_began, body]);
        }
        let kept = self.all_many(&OBSERVATION_PUT, scoped![scope], rows).await?;
        kept.iter().map(|row| Ok((row.text("kind")?, row.text("key")?))).collect()
    }

    /// Forgets objects that are gone at the remote.
    ///
    /// # Errors
    /// As every statement.
    pub async fn observations_remove(
        &mut self,
        scope: &Scope,
        kind: &str,
        keys: &[String],
    ) -> Result<u64> {
        let mut removed = 0;
        for key in keys {
            removed += self.run(&OBSERVATION_REMOVE, scoped![scope; kind, key.as_str()]).await?;
        }
        Ok(removed)
    }

    /// Moves a cursor. Belongs into the transaction that stores the rows it passes (I3).
    ///
    /// # Errors
    /// As every statement.
    pub async fn cursor_put(
        &mut self,
        scope: &Scope,
        name: &str,
        value: &str,
        at: Timestamp,
    ) -> Result<()> {
        self.run(&CURSOR_PUT, scoped![scope; name, value, at]).await.map(|_| ())
    }
}

impl Reader {
    /// The readings of these keys that exist, in no particular order.
    ///
    /// # Errors
    /// As every statement.
    pub async fn observations(
        &mut self,
        scope: &Scope,
        kind: &str,
        keys: &[String],
    ) -> Result<Vec<Observation>> {
        let rows = once_each(keys);
        let rows = self.all_many(&OBSERVATION_GET, scoped![scope; kind], rows).await?;
        self.opened(scope, &rows).await
    }

    /// Readings of one kind in key order, after `after_key`.
    ///
    /// # Errors
    /// As every statement.
    pub async fn observations_of_kind(
        &mut self,
        scope: &Scope,
        kind: &str,
        after_key: &str,
        limit: usize,
    ) -> Result<Vec<Observation>> {
        let values = scoped![scope; kind, after_key, page(limit)];
        let rows = self.all(&OBSERVATION_OF_KIND, values).await?;
        self.opened(scope, &rows).await
    }

    async fn opened(&mut self, scope: &Scope, rows: &[Row]) -> Result<Vec<Observation>> {
        let mut persons = HashSet::new();
        for row in rows {
            persons.extend(row.text_opt("person")?);
        }
        self.load_keys(scope, persons.iter().map(String::as_str)).await?;
        rows.iter()
            .map(|row| {
                let (kind, key) = (row.text("kind")?, row.text("key")?);
                let person = row.text_opt("person")?;
                let (bytes, place) = (row.bytes("body")?, place(&kind, &key));
                let purpose = Purpose::Observation;
                let body = self.unpack(scope, person.as_deref(), purpose, &place, &bytes)?;
                Ok(Observation {
                    kind,
                    key,
                    person,
                    version: row.text("version")?,
                    stamp: row.time("stamp")?,
                    read_began: row.time("read_began")?,
                    body,
                })
            })
            .collect()
    }

    /// Where a poll goes on, and when that was set.
    ///
    /// # Errors
    /// As every statement.
    pub async fn cursor(
        &mut self,
        scope: &Scope,
        name: &str,
    ) -> Result<Option<(String, Timestamp)>> {
        let row = self.maybe(&CURSOR_GET, scoped![scope; name]).await?;
        row.map(|row| Ok((row.text("value")?, row.time("at")?))).transpose()
    }

    /// Every cursor of a connection, by name.
    ///
    /// # Errors
    /// As every statement.
    pub async fn cursors(&mut self, scope: &Scope) -> Result<Vec<CursorRow>> {
        self.all(&CURSOR_ALL, scoped![scope])
            .await?
            .iter()
            .map(|row| {
                Ok(CursorRow {
                    name: row.text("name")?,
                    value: row.text("value")?,
                    at: row.time("at")?,
                })
            })
            .collect()
    }
}

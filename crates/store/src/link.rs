//! Links between keys of the two systems, and the numbers by which people search.

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, once_each, scoped, statements, values};
use crate::limits::{NUMBER_CHARS, page};
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

statements! {
    tenant LINK_PUT = "INSERT INTO link \
        (organisation_id, connection_id, kind, local_key, remote_key, at) \
        VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (organisation_id, connection_id, kind, local_key) \
        DO UPDATE SET remote_key = excluded.remote_key, at = excluded.at";
    tenant LINK_REMOVE = "DELETE FROM link WHERE organisation_id = $1 AND connection_id = $2 \
        AND kind = $3 AND local_key = $4";
    tenant LINK_BY_LOCAL = "WITH w (wanted) AS (VALUES ($4)) \
        SELECT l.kind, l.local_key, l.remote_key, l.at FROM w \
        CROSS JOIN link l WHERE l.organisation_id = $1 AND l.connection_id = $2 AND l.kind = $3 \
        AND l.local_key = w.wanted";
    tenant LINK_BY_REMOTE = "WITH w (wanted) AS (VALUES ($4)) \
        SELECT l.kind, l.local_key, l.remote_key, l.at FROM w \
        CROSS JOIN link l WHERE l.organisation_id = $1 AND l.connection_id = $2 AND l.kind = $3 \
        AND l.remote_key = w.wanted";
    tenant LINK_OF_KIND = "SELECT kind, local_key, remote_key, at FROM link \
        WHERE organisation_id = $1 AND connection_id = $2 AND kind = $3 AND local_key > $4 \
        ORDER BY local_key LIMIT $5";
    tenant NUMBER_PUT = "INSERT INTO number \
        (organisation_id, connection_id, number_normal, kind, subject, number) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// One key of F&O tied to one id of ShipBob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is linked.
    pub kind: String,
    /// Our or F&O's key.
    pub local_key: String,
    /// ShipBob's id.
    pub remote_key: String,
    /// When it was made.
    pub at: Timestamp,
}

/// A number a person may hold, and the subject it leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NumberEntry {
    /// As it is written.
    pub number: String,
    /// What it is: `order`, `reference`, `shipbob`, `tracking`, `slip`.
    pub kind: String,
    /// The subject it leads to.
    pub subject: String,
}

/// The form in which numbers are compared: upper-case letters and digits, nothing else, at most
/// 64 characters.
pub fn normal_number(number: &str) -> String {
    number
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .take(NUMBER_CHARS)
        .collect()
}

fn link_row(row: &Row) -> Result<Link> {
    Ok(Link {
        kind: row.text("kind")?,
        local_key: row.text("local_key")?,
        remote_key: row.text("remote_key")?,
        at: row.time("at")?,
    })
}

impl Txn {
    /// Makes or moves links; of two for the same local key the last one counts.
    ///
    /// # Errors
    /// As every statement.
    pub async fn links_put(&mut self, scope: &Scope, links: Vec<Link>) -> Result<()> {
        let mut last = BTreeMap::new();
        for link in links {
            last.insert((link.kind.clone(), link.local_key.clone()), link);
        }
        let rows = last
            .into_values()
            .map(|link| values![link.kind, link.local_key, link.remote_key, link.at])
            .collect();
        self.run_many(&LINK_PUT, scoped![scope], rows).await.map(|_| ())
    }

    /// Removes links by local key.
    ///
    /// # Errors
    /// As every statement.
    pub async fn links_remove(
        &mut self,
        scope: &Scope,
        kind: &str,
        local_keys: &[String],
    ) -> Result<u64> {
        let mut removed = 0;
        for key in local_keys {
            removed += self.run(&LINK_REMOVE, scoped![scope; kind, key.as_str()]).await?;
        }
        Ok(removed)
    }

    /// Makes subjects findable by these numbers. Entries without a letter or digit are ignored.
    ///
    /// # Errors
    /// As every statement.
    pub async fn numbers_put(&mut self, scope: &Scope, entries: Vec<NumberEntry>) -> Result<()> {
        let entries: BTreeSet<NumberEntry> = entries.into_iter().collect();
        let rows = entries
            .into_iter()
            .map(|entry| (normal_number(&entry.number), entry))
            .filter(|(normal, _)| !normal.is_empty())
            .map(|(normal, entry)| values![normal, entry.kind, entry.subject, entry.number])
            .collect();
        self.run_many(&NUMBER_PUT, scoped![scope], rows).await.map(|_| ())
    }
}

impl Reader {
    /// Links of these local keys.
    ///
    /// # Errors
    /// As every statement.
    pub async fn links_by_local(
        &mut self,
        scope: &Scope,
        kind: &str,
        keys: &[String],
    ) -> Result<Vec<Link>> {
        self.links_by(&LINK_BY_LOCAL, scope, kind, keys).await
    }

    /// Links of these remote keys; several local keys may share one.
    ///
    /// # Errors
    /// As every statement.
    pub async fn links_by_remote(
        &mut self,
        scope: &Scope,
        kind: &str,
        keys: &[String],
    ) -> Result<Vec<Link>> {
        self.links_by(&LINK_BY_REMOTE, scope, kind, keys).await
    }

    async fn links_by(
        &mut self,
        stmt: &'static Stmt,
        scope: &Scope,
        kind: &str,
        keys: &[String],
    ) -> Result<Vec<Link>> {
        let rows = once_each(keys);
        let rows = self.all_many(stmt, scoped![scope; kind], rows).await?;
        rows.iter().map(link_row).collect()
    }

    /// Links of one kind in order of local key, after `after_local_key`.
    ///
    /// # Errors
    /// As every statement.
    pub async fn links_of_kind(
        &mut self,
        scope: &Scope,
        kind: &str,
        after_local_key: &str,
        limit: usize,
    ) -> Result<Vec<Link>> {
        let values = scoped![scope; kind, after_local_key, page(limit)];
        self.all(&LINK_OF_KIND, values).await?.iter().map(link_row).collect()
    }
}

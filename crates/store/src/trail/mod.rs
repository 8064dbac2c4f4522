//! The append-only audit log: one hash chain per connection.
//!
//! The chain covers who, what, when and the subject directly; before, after and why only through
//! a salted commitment. So the contents of an erased person can go, salt and all, while the chain
//! still verifies. Only the owner of a cell writes its chains.

mod archive;
mod chain;
mod read;

pub use archive::ArchivedHead;
pub use read::{TrailFilter, TrailReport, TrailRow};

use crate::error::Result;
use crate::gate::{Stmt, Txn, scoped, shown, statements, values};
use crate::vault::fill;
use chain::{GENESIS, HASH_BYTES, SALT_BYTES};
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    tenant TRAIL_HEAD = "SELECT seq, hash FROM trail WHERE organisation_id = $1 \
        AND connection_id = $2 ORDER BY seq DESC LIMIT 1";
    tenant TRAIL_PUT = "INSERT INTO trail (organisation_id, connection_id, seq, at, who, what, \
        subject, before, after, why, settings_version, request_id, salt, commitment, prev, hash) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
}

pub(crate) fn statements() -> Vec<&'static Stmt> {
    [ALL, read::ALL, archive::ALL].concat()
}

/// Something visible that happened.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct TrailEntry {
    /// When.
    pub at: Timestamp,
    /// Who did it: a person, or the flow that decided.
    pub who: String,
    /// What was done, as a stable word.
    pub what: String,
    /// What it was done to; `None` for the connection itself.
    pub subject: Option<String>,
    /// What it was before.
    pub before: Option<String>,
    /// What it is now.
    pub after: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// The settings in force.
    pub settings_version: i64,
    /// Id of the request or attempt that led to it.
    pub request_id: Option<String>,
}

shown! {
    TrailEntry: at, who, what, subject, settings_version, request_id;
}

impl Txn {
    /// Appends entries to the chain and returns the sequence number of the last one (the present
    /// head when there was nothing to append).
    ///
    /// # Errors
    /// `Conflict` when another writer appended at the same time.
    pub async fn trail_append(&mut self, scope: &Scope, entries: Vec<TrailEntry>) -> Result<i64> {
        let (mut seq, mut prev) = match self.maybe(&TRAIL_HEAD, scoped![scope]).await? {
            Some(row) => (row.int("seq")?, row.bytes("hash")?),
            None => (0, GENESIS.to_vec()),
        };
        let mut salts = vec![0; entries.len() * SALT_BYTES];
        fill(&mut salts)?;
        let mut rows = Vec::with_capacity(entries.len());
        for (entry, salt) in entries.into_iter().zip(salts.chunks_exact(SALT_BYTES)) {
            seq += 1;
            let commitment = chain::commitment(salt, &entry);
            let hash = chain::hash(scope, seq, &entry, &commitment, &prev);
            rows.push(values![
                seq,
                entry.at,
                entry.who,
                entry.what,
                entry.subject,
                entry.before,
                entry.after,
                entry.why,
                entry.settings_version,
                entry.request_id,
                salt.to_vec(),
                commitment,
                prev,
                hash.clone()
            ]);
            prev = hash;
        }
        debug_assert_eq!(prev.len(), HASH_BYTES);
        self.run_many(&TRAIL_PUT, scoped![scope], rows).await?;
        Ok(seq)
    }
}

//! Durable signals. A signal only says "look at this"; its body is kept sealed while it waits and
//! dropped when it is done.

use crate::error::Result;
use crate::gate::{Reader, Row, Stmt, Txn, scoped, shown, statements, values};
use crate::limits::page;
use crate::vault::Purpose;
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    tenant INBOX_ADD = "INSERT INTO inbox (organisation_id, connection_id, source, target_kind, \
        target_key, dedupe_key, body, received_at, flagged, done_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL) ON CONFLICT DO NOTHING";
    tenant INBOX_TAKE = "SELECT id, source, target_kind, target_key, dedupe_key, body, \
        received_at, flagged FROM inbox WHERE organisation_id = $1 AND connection_id = $2 \
        AND done_at IS NULL ORDER BY id LIMIT $3";
    tenant INBOX_DONE = "WITH v (wanted) AS (VALUES (CAST($4 AS BIGINT))) \
        UPDATE inbox SET done_at = $3, body = NULL FROM v WHERE inbox.id = v.wanted \
        AND inbox.organisation_id = $1 AND inbox.connection_id = $2 AND inbox.done_at IS NULL";
    tenant INBOX_WAITING = "SELECT COUNT(*) AS waiting, MIN(received_at) AS oldest FROM inbox \
        WHERE organisation_id = $1 AND connection_id = $2 AND done_at IS NULL";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// Bodies of waiting signals share one key per connection: whose they are is not known yet.
const INBOX_PERSON: &str = "~inbox";

/// A signal to be stored.
#[derive(Clone)]
pub struct NewSignal {
    /// Where it came from: `webhook`, `poll`, `timer`, `operator`.
    pub source: String,
    /// What it points at, such as `sb.shipment`.
    pub target_kind: String,
    /// Key of what it points at.
    pub target_key: String,
    /// Makes a repetition of the same signal harmless.
    pub dedupe_key: String,
    /// The raw payload, if there was one.
    pub body: Option<Vec<u8>>,
    /// When it arrived.
    pub received_at: Timestamp,
    /// True when something about it was odd (very old, from the future).
    pub flagged: bool,
}

/// A stored signal.
#[derive(Clone, PartialEq, Eq)]
pub struct Signal {
    /// Order of arrival.
    pub id: i64,
    /// Where it came from.
    pub source: String,
    /// What it points at.
    pub target_kind: String,
    /// Key of what it points at.
    pub target_key: String,
    /// Makes a repetition of the same signal harmless.
    pub dedupe_key: String,
    /// The raw payload, if there was one.
    pub body: Option<Vec<u8>>,
    /// When it arrived.
    pub received_at: Timestamp,
    /// True when something about it was odd.
    pub flagged: bool,
}

shown! {
    NewSignal: source, target_kind, target_key, dedupe_key, received_at, flagged;
    Signal: id, source, target_kind, target_key, dedupe_key, received_at, flagged;
}

impl Txn {
    /// Stores signals; those with a known dedupe key are ignored. Returns how many were new.
    ///
    /// # Errors
    /// `Refused` when a body is too large.
    pub async fn inbox_add_many(&mut self, scope: &Scope, signals: Vec<NewSignal>) -> Result<u64> {
        if signals.iter().any(|signal| signal.body.is_some()) {
            self.ensure_keys(scope, [INBOX_PERSON]).await?;
        }
        let mut rows = Vec::with_capacity(signals.len());
        for signal in signals {
            let body = signal
                .body
                .map(|body| {
                    let place = &signal.dedupe_key;
                    self.pack(scope, Some(INBOX_PERSON), Purpose::Inbox, place, &body)
                })
                .transpose()?;
            rows.push(values![
                signal.source,
                signal.target_kind,
                signal.target_key,
                signal.dedupe_key,
                body,
                signal.received_at,
                signal.flagged
            ]);
        }
        self.run_many(&INBOX_ADD, scoped![scope], rows).await
    }

    /// Marks signals as worked off and drops their bodies.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbox_done(&mut self, scope: &Scope, ids: Vec<i64>, at: Timestamp) -> Result<u64> {
        let rows = ids.into_iter().map(|id| values![id]).collect();
        self.run_many(&INBOX_DONE, scoped![scope; at], rows).await
    }
}

impl Reader {
    /// Waiting signals, oldest first. They stay until [`Txn::inbox_done`].
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbox_take(&mut self, scope: &Scope, limit: usize) -> Result<Vec<Signal>> {
        let rows = self.all(&INBOX_TAKE, scoped![scope; page(limit)]).await?;
        self.signals_from(scope, &rows).await
    }

    async fn signals_from(&mut self, scope: &Scope, rows: &[Row]) -> Result<Vec<Signal>> {
        let mut signals = Vec::with_capacity(rows.len());
        for row in rows {
            let dedupe_key = row.text("dedupe_key")?;
            let body = match row.bytes_opt("body")? {
                Some(bytes) => {
                    self.load_keys(scope, [INBOX_PERSON]).await?;
                    let person = Some(INBOX_PERSON);
                    self.unpack(scope, person, Purpose::Inbox, &dedupe_key, &bytes)?
                }
                None => None,
            };
            signals.push(Signal {
                id: row.int("id")?,
                source: row.text("source")?,
                target_kind: row.text("target_kind")?,
                target_key: row.text("target_key")?,
                dedupe_key,
                body,
                received_at: row.time("received_at")?,
                flagged: row.flag("flagged")?,
            });
        }
        Ok(signals)
    }

    /// How many signals wait, and since when the oldest does.
    ///
    /// # Errors
    /// As every statement.
    pub async fn inbox_waiting(&mut self, scope: &Scope) -> Result<(i64, Option<Timestamp>)> {
        let row = self.one(&INBOX_WAITING, scoped![scope]).await?;
        Ok((row.int("waiting")?, row.time_opt("oldest")?))
    }
}

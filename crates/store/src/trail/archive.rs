//! Forgetting the beginning of a chain. The place and hash of the last entry that went are kept
//! beside the chain (the archived head) and inside it (an entry that names them): verification
//! starts there, and a beginning that was cut off without that entry is found out.

use crate::error::Result;
use crate::gate::{Reader, Txn, scoped, statements};
use crate::limits::page;
use domain::ids::Scope;
use domain::time::Timestamp;

statements! {
    tenant TRAIL_OLDEST = "SELECT seq, at, hash FROM trail WHERE organisation_id = $1 \
        AND connection_id = $2 ORDER BY seq LIMIT $3";
    tenant TRAIL_IN_USE = "SELECT MIN(t.seq) AS seq FROM trail t WHERE t.organisation_id = $1 \
        AND t.connection_id = $2 AND t.seq <= $3 AND t.subject IS NOT NULL \
        AND EXISTS (SELECT 1 FROM subject s WHERE s.organisation_id = $1 \
        AND s.connection_id = $2 AND s.key = t.subject \
        AND (s.dirty_at IS NOT NULL OR s.plan_at IS NOT NULL OR s.watch_at IS NOT NULL OR s.held))";
    tenant TRAIL_DROP = "DELETE FROM trail WHERE organisation_id = $1 AND connection_id = $2 \
        AND seq <= $3";
    tenant TRAIL_TELLS = "SELECT seq FROM trail WHERE organisation_id = $1 \
        AND connection_id = $2 AND seq > $3 AND what = $4 AND after = $5 LIMIT 1";
}

/// Cursor that holds the archived head.
const CURSOR: &str = "trail.archived";
/// What the entry inside the chain is called.
pub(super) const ARCHIVED: &str = "trail archived";

/// Where a shortened chain begins: the last entry that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedHead {
    /// Its place.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

impl ArchivedHead {
    fn text(&self) -> String {
        format!("{} {}", self.seq, self.hash)
    }

    fn read(text: &str) -> Option<Self> {
        let (seq, hash) = text.split_once(' ')?;
        Some(Self { seq: seq.parse().ok()?, hash: hash.to_owned() })
    }

    /// The hash as bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let digits = self.hash.as_bytes().chunks(2);
        let byte = |pair: &[u8]| {
            std::str::from_utf8(pair).ok().and_then(|t| u8::from_str_radix(t, 16).ok())
        };
        digits.filter_map(byte).collect()
    }
}

impl Reader {
    /// Where the chain begins when its beginning was archived.
    ///
    /// # Errors
    /// As every statement.
    pub async fn trail_archived(&mut self, scope: &Scope) -> Result<Option<ArchivedHead>> {
        let row = self.cursor(scope, CURSOR).await?;
        Ok(row.and_then(|(text, _)| ArchivedHead::read(&text)))
    }

    /// The chain itself says that it was shortened to there.
    pub(super) async fn tells(&mut self, scope: &Scope, head: &ArchivedHead) -> Result<bool> {
        let values = scoped![scope; head.seq, ARCHIVED, head.text()];
        Ok(self.maybe(&TRAIL_TELLS, values).await?.is_some())
    }
}

impl Txn {
    /// Deletes up to `limit` entries from the beginning of the chain that are older than `before`,
    /// none from the first on that is about a subject with open work, and says so in the chain.
    /// Returns how many went.
    ///
    /// # Errors
    /// As every statement.
    pub async fn trail_archive(
        &mut self,
        scope: &Scope,
        before: Timestamp,
        limit: usize,
        (who, at): (&str, Timestamp),
    ) -> Result<u64> {
        let rows = self.all(&TRAIL_OLDEST, scoped![scope; page(limit)]).await?;
        let mut old = Vec::new();
        for row in rows {
            if row.time("at")? >= before {
                break;
            }
            old.push((row.int("seq")?, super::read::hex(&row.bytes("hash")?)));
        }
        let Some((last, _)) = old.last() else { return Ok(0) };
        let row = self.one(&TRAIL_IN_USE, scoped![scope; *last]).await?;
        let used = row.int_opt("seq")?.unwrap_or(i64::MAX);
        old.retain(|(seq, _)| *seq < used);
        let Some((seq, hash)) = old.pop() else { return Ok(0) };
        let head = ArchivedHead { seq, hash };
        let why = format!(
            "Entries up to {seq} were deleted after their time; the last one had hash {}.",
            head.hash
        );
        let entry = super::TrailEntry {
            at,
            who: who.to_owned(),
            what: ARCHIVED.to_owned(),
            after: Some(head.text()),
            why: Some(why),
            ..super::TrailEntry::default()
        };
        self.trail_append(scope, vec![entry]).await?;
        self.cursor_put(scope, CURSOR, &head.text(), at).await?;
        self.run(&TRAIL_DROP, scoped![scope; seq]).await
    }
}

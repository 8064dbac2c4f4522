//! Reading and verifying the chain.

use super::TrailEntry;
use super::archive::ArchivedHead;
use super::chain::{self, GENESIS};
use crate::error::Result;
use crate::gate::{Reader, Row, scoped, statements};
use crate::limits::page;
use domain::ids::Scope;
use domain::time::Timestamp;
use std::collections::HashSet;

statements! {
    tenant TRAIL_PAGE = "SELECT seq, at, who, what, subject, before, after, why, \
        settings_version, request_id, salt, commitment, prev, hash FROM trail \
        WHERE organisation_id = $1 AND connection_id = $2 AND seq > $3 ORDER BY seq LIMIT $4";
    tenant TRAIL_FIND = "SELECT seq, at, who, what, subject, before, after, why, \
        settings_version, request_id, salt, commitment, prev, hash FROM trail \
        WHERE organisation_id = $1 AND connection_id = $2 AND seq < $3 \
        AND (CAST($4 AS TEXT) IS NULL OR who = $4) AND (CAST($5 AS TEXT) IS NULL OR what = $5) \
        AND at >= $6 AND at < $7 ORDER BY seq DESC LIMIT $8";
    tenant TRAIL_FIND_SUBJECT = "SELECT seq, at, who, what, subject, before, after, why, \
        settings_version, request_id, salt, commitment, prev, hash FROM trail \
        WHERE organisation_id = $1 AND connection_id = $2 AND subject = $9 AND seq < $3 \
        AND (CAST($4 AS TEXT) IS NULL OR who = $4) AND (CAST($5 AS TEXT) IS NULL OR what = $5) \
        AND at >= $6 AND at < $7 ORDER BY seq DESC LIMIT $8";
    tenant TRAIL_ERASED = "SELECT destroyed_at FROM person WHERE organisation_id = $1 \
        AND connection_id = $2 AND subject = $3 AND destroyed_at IS NOT NULL";
}

/// Entries read at a time while verifying.
const VERIFY_PAGE: usize = 1_000;

/// Which entries to show; `None` everywhere shows all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrailFilter {
    /// Only about this subject.
    pub subject: Option<String>,
    /// Only by this person or flow.
    pub who: Option<String>,
    /// Only this kind of entry.
    pub what: Option<String>,
    /// Only at or after this moment.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub until: Option<Timestamp>,
}

/// A stored entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailRow {
    /// Place in the chain, from 1.
    pub seq: i64,
    /// What happened.
    pub entry: TrailEntry,
    /// True when its contents were erased with a person.
    pub erased: bool,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailReport {
    /// Entries that verify.
    pub entries: i64,
    /// Entries among them whose contents were erased with a person.
    pub erased: i64,
    /// Place of the last entry that verifies; compare it with the exported head, because a chain
    /// cannot show that its end was cut off.
    pub head_seq: i64,
    /// Hash of that entry, in hexadecimal.
    pub head_hash: String,
    /// Where the chain begins when older entries were deleted after their time.
    pub archived: Option<ArchivedHead>,
    /// The first entry that does not verify, and why.
    pub broken: Option<(i64, String)>,
}

struct Link {
    row: TrailRow,
    salt: Option<Vec<u8>>,
    commitment: Vec<u8>,
    prev: Vec<u8>,
    hash: Vec<u8>,
}

fn link(row: &Row) -> Result<Link> {
    let (salt, hash) = (row.bytes_opt("salt")?, row.bytes("hash")?);
    let entry = TrailEntry {
        at: row.time("at")?,
        who: row.text("who")?,
        what: row.text("what")?,
        subject: row.text_opt("subject")?,
        before: row.text_opt("before")?,
        after: row.text_opt("after")?,
        why: row.text_opt("why")?,
        settings_version: row.int("settings_version")?,
        request_id: row.text_opt("request_id")?,
    };
    Ok(Link {
        row: TrailRow { seq: row.int("seq")?, entry, erased: salt.is_none(), hash: hex(&hash) },
        salt,
        commitment: row.bytes("commitment")?,
        prev: row.bytes("prev")?,
        hash,
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl Reader {
    /// Walks the whole chain of a connection and names the first entry that does not fit.
    ///
    /// # Errors
    /// As every statement; a broken chain is not an error but a finding.
    pub async fn trail_verify(&mut self, scope: &Scope) -> Result<TrailReport> {
        let mut report = TrailReport {
            entries: 0,
            erased: 0,
            head_seq: 0,
            head_hash: hex(&GENESIS),
            archived: None,
            broken: None,
        };
        let (mut prev, mut destroyed) = (GENESIS.to_vec(), HashSet::new());
        if let Some(head) = self.trail_archived(scope).await? {
            if !self.tells(scope, &head).await? {
                let why = "its beginning is gone, and no entry says that it was archived";
                report.broken = Some((head.seq + 1, why.to_owned()));
                return Ok(report);
            }
            prev = head.bytes();
            (report.head_seq, report.head_hash) = (head.seq, head.hash.clone());
            report.archived = Some(head);
        }
        loop {
            let values = scoped![scope; report.head_seq, page(VERIFY_PAGE)];
            let rows = self.all(&TRAIL_PAGE, values).await?;
            if rows.is_empty() {
                return Ok(report);
            }
            for row in &rows {
                let link = link(row)?;
                let why = match fault(scope, report.head_seq, &prev, &link) {
                    None if link.row.erased => {
                        self.fault_of_erasure(scope, &link, &mut destroyed).await?
                    }
                    fault => fault,
                };
                if let Some(why) = why {
                    report.broken = Some((report.head_seq + 1, why.to_owned()));
                    return Ok(report);
                }
                report.entries += 1;
                report.erased += i64::from(link.row.erased);
                report.head_seq = link.row.seq;
                report.head_hash = link.row.hash;
                prev = link.hash;
            }
        }
    }

    /// Contents may be missing only where a person was erased.
    async fn fault_of_erasure(
        &mut self,
        scope: &Scope,
        link: &Link,
        destroyed: &mut HashSet<String>,
    ) -> Result<Option<&'static str>> {
        let Some(subject) = link.row.entry.subject.clone() else {
            return Ok(Some("its contents were removed, yet it is about no person"));
        };
        if destroyed.contains(&subject) {
            return Ok(None);
        }
        let values = scoped![scope; subject.as_str()];
        if self.maybe(&TRAIL_ERASED, values).await?.is_none() {
            return Ok(Some("its contents were removed, yet its person was not erased"));
        }
        destroyed.insert(subject);
        Ok(None)
    }

    /// Place and hash (hexadecimal) of the last entry; zero where there is none.
    ///
    /// # Errors
    /// As every statement.
    pub async fn trail_head(&mut self, scope: &Scope) -> Result<(i64, String)> {
        match self.maybe(&super::TRAIL_HEAD, scoped![scope]).await? {
            Some(row) => Ok((row.int("seq")?, hex(&row.bytes("hash")?))),
            None => Ok((0, hex(&GENESIS))),
        }
    }

    /// Entries before `before_seq` (from the head when `None`), newest first.
    ///
    /// # Errors
    /// As every statement.
    pub async fn trail(
        &mut self,
        scope: &Scope,
        filter: &TrailFilter,
        before_seq: Option<i64>,
        limit: usize,
    ) -> Result<Vec<TrailRow>> {
        let mut values = scoped![
            scope;
            before_seq.unwrap_or(i64::MAX),
            filter.who.as_deref(),
            filter.what.as_deref(),
            filter.from.unwrap_or(Timestamp(i64::MIN)),
            filter.until.unwrap_or(Timestamp(i64::MAX)),
            page(limit)
        ];
        let rows = match filter.subject.as_deref() {
            None => self.all(&TRAIL_FIND, values).await?,
            Some(subject) => {
                values.push(subject.into());
                self.all(&TRAIL_FIND_SUBJECT, values).await?
            }
        };
        rows.iter().map(|row| link(row).map(|link| link.row)).collect()
    }
}

fn fault(scope: &Scope, head_seq: i64, prev: &[u8], link: &Link) -> Option<&'static str> {
    let (seq, entry) = (link.row.seq, &link.row.entry);
    if seq != head_seq + 1 {
        return Some("an entry is missing");
    }
    if link.prev != prev {
        return Some("it does not follow the entry before it");
    }
    match &link.salt {
        Some(salt) if chain::commitment(salt, entry) != link.commitment => {
            return Some("its contents were altered");
        }
        None if entry.before.is_some() || entry.after.is_some() || entry.why.is_some() => {
            return Some("its contents have lost their salt");
        }
        _ => {}
    }
    if chain::hash(scope, seq, entry, &link.commitment, &link.prev) != link.hash {
        return Some("it was altered");
    }
    None
}

//! What changed since the last look: three sets in one `$batch`, each with its own cursor.
//!
//! Rows are paged by keyset on (stamp, record id). A transaction can commit a row whose stamp is
//! some minutes old, so a sweep begins *overlap* before the newest stamp seen. Once a stamp has
//! been known for longer than the overlap (by our clock, which only measures the length of time),
//! nothing older can appear any more and later sweeps begin right after it: a quiet environment
//! costs no rows.

mod released;

pub use released::{ReleasedChanges, ReleasedLot};

use crate::client::{self, Dynamics};
use crate::interpret;
use crate::limits;
use crate::odata::{Filter, Literal, Query};
use crate::reply::CallError;
use crate::wire::{self, LineChange, Row, SlipChange, TableChange};
use domain::ids::SalesOrderNumber;
use domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// A set that is watched for changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeSet {
    /// Order headers (`SalesTableBiEntities`).
    Orders,
    /// Order lines (`SalesLineBiEntities`); the header does not move with them.
    Lines,
    /// Packing slips (`CustPackingSlipJourBiEntities`); new ones only.
    Slips,
}

impl ChangeSet {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Orders, Self::Lines, Self::Slips];

    /// Stable name for cursors and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Lines => "lines",
            Self::Slips => "slips",
        }
    }
}

/// One changed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The order it belongs to.
    pub order: SalesOrderNumber,
    /// Where it was seen.
    pub set: ChangeSet,
    /// Record id: tells the rows of one order apart.
    pub key: i64,
    /// Equal as long as the row is the same; says nothing about order.
    pub version: String,
    /// When it changed, by F&O's clock.
    pub stamp: Timestamp,
}

/// How far one set was read. Store it as JSON, in the same transaction as the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetCursor {
    /// Everything up to here (stamp, record id) is known for good.
    floor: (Timestamp, i64),
    /// Newest (stamp, record id) seen.
    newest: (Timestamp, i64),
    /// When `newest` was first seen, by our clock.
    newest_since: Timestamp,
    /// Where the sweep under way continues; none between sweeps.
    at: Option<(Timestamp, i64)>,
    /// When the sweep under way, or the last one, began, by our clock.
    began: Timestamp,
    /// How long the last sweep took: rows may have appeared behind it meanwhile.
    took: Span,
    /// Its sweep of this round is over; it waits for the other sets.
    done: bool,
}

impl SetCursor {
    /// Begins with rows changed after `from`, by F&O's clock.
    pub fn start(from: Timestamp) -> Self {
        Self {
            floor: (from, 0),
            newest: (from, 0),
            newest_since: Timestamp::MIN,
            at: None,
            began: Timestamp::MIN,
            took: Span(0),
            done: false,
        }
    }

    /// True when a sweep is under way: there is more to read at once.
    pub fn in_sweep(&self) -> bool {
        self.at.is_some()
    }

    /// Newest stamp seen, by F&O's clock.
    pub fn newest(&self) -> Timestamp {
        self.newest.0
    }

    /// The position the next page begins after.
    fn position(&self, overlap: Span) -> (Timestamp, i64) {
        self.at.unwrap_or_else(|| self.floor.max((self.newest.0 - overlap - self.took, 0)))
    }

    /// Moves on after a page that ended at `last`; `more` when the sweep goes on.
    ///
    /// Why no row is lost: a row is invisible for at most the overlap after its stamp. One that
    /// was invisible when the sweep passed it has a stamp later than (server's time at the
    /// beginning of the sweep − overlap). The server's time at the end was at least the newest
    /// stamp seen, so at the beginning at least that less the time the sweep took.
    fn advance(
        &mut self,
        now: Timestamp,
        overlap: Span,
        last: Option<(Timestamp, i64)>,
        more: bool,
    ) {
        let one_page = self.at.is_none();
        if one_page {
            self.began = now;
        }
        if let Some(last) = last
            && last > self.newest
        {
            self.newest = last;
            self.newest_since = now;
        }
        if more {
            self.at = last.or(self.at);
            return;
        }
        self.at = None;
        self.done = true;
        // `now` is when a call began; its query ran until the deadline at the latest.
        let length = Span(now.since(self.began).0.max(0) + limits::DEADLINE.0);
        self.took = if one_page { Span(0) } else { length };
        if self.newest_since + overlap + limits::DEADLINE < self.began {
            self.floor = self.floor.max(self.newest);
        }
    }
}

/// Cursors of all sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCursors {
    /// Order headers.
    pub orders: SetCursor,
    /// Order lines.
    pub lines: SetCursor,
    /// Packing slips.
    pub slips: SetCursor,
}

impl ChangeCursors {
    /// Begins with rows changed after `from`, by F&O's clock.
    pub fn start(from: Timestamp) -> Self {
        let cursor = SetCursor::start(from);
        Self { orders: cursor, lines: cursor, slips: cursor }
    }

    /// The cursor of a set.
    pub fn of(&self, set: ChangeSet) -> &SetCursor {
        match set {
            ChangeSet::Orders => &self.orders,
            ChangeSet::Lines => &self.lines,
            ChangeSet::Slips => &self.slips,
        }
    }

    fn of_mut(&mut self, set: ChangeSet) -> &mut SetCursor {
        match set {
            ChangeSet::Orders => &mut self.orders,
            ChangeSet::Lines => &mut self.lines,
            ChangeSet::Slips => &mut self.slips,
        }
    }
}

/// One page of changes of every set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Changed rows; within the overlap the same row comes again.
    pub rows: Vec<Change>,
    /// Store these together with the rows. The cursor of a set in trouble did not move.
    pub cursors: ChangeCursors,
    /// There is more to read at once.
    pub more: bool,
    /// Sets that could not be read this time.
    pub trouble: Vec<(ChangeSet, CallError)>,
}

impl Dynamics {
    /// Reads the next page of changes of every set, with one `$batch`. `overlap` is how far a
    /// sweep looks back (at least 5 minutes in production). Sets go round by round: one that is
    /// at its end waits until the others are, too. An error means that nothing was read.
    pub async fn changes(
        &self,
        now: Timestamp,
        cursors: &ChangeCursors,
        overlap: Span,
    ) -> Result<Changes, CallError> {
        let sets: Vec<ChangeSet> =
            ChangeSet::ALL.into_iter().filter(|set| !cursors.of(*set).done).collect();
        let urls: Vec<String> = sets
            .iter()
            .map(|set| self.change_query(*set, cursors.of(*set).position(overlap)))
            .collect();
        let mut turn = self.turn();
        let batch = self
            .batch(&mut turn, now, "dynamics.changes", client::reads(&urls))
            .await
            .map_err(|failure| interpret::read_failure(failure, now))?;
        let mut found =
            Changes { rows: Vec::new(), cursors: *cursors, more: false, trouble: Vec::new() };
        for (n, set) in sets.into_iter().enumerate() {
            let after = cursors.of(set).position(overlap);
            let page = interpret::read_part(batch.parts.get(n), now)
                .and_then(|inner| read_page(set, &inner.body, after, self.config.page));
            match page {
                Ok(page) => {
                    found.cursors.of_mut(set).advance(now, overlap, page.last, page.more);
                    found.more |= page.more;
                    found.rows.extend(page.rows);
                }
                Err(error) => found.trouble.push((set, error)),
            }
        }
        if let [(_, error), _, _] = found.trouble.as_slice() {
            return Err(error.clone());
        }
        if !found.more {
            // The round is over. A set in trouble does not keep the others waiting.
            for set in ChangeSet::ALL {
                found.cursors.of_mut(set).done = false;
            }
        }
        Ok(found)
    }

    fn change_query(&self, set: ChangeSet, (stamp, key): (Timestamp, i64)) -> String {
        let (name, select, by): (_, _, &'static [&'static str]) = match set {
            ChangeSet::Orders => {
                (TableChange::SET, TableChange::SELECT, &["SysModifiedDateTime", "SourceKey"])
            }
            ChangeSet::Lines => {
                (LineChange::SET, LineChange::SELECT, &["SysModifiedDateTime", "SourceKey"])
            }
            ChangeSet::Slips => (SlipChange::SET, SlipChange::SELECT, &["CreatedOn", "SourceKey"]),
        };
        let stamp_field = if set == ChangeSet::Slips { "CreatedOn" } else { "SysModifiedDateTime" };
        Query::of(name, select)
            .filter(Filter::All(vec![
                Filter::eq("dataAreaId", Literal::text(self.config.company.as_str())),
                Filter::after(stamp_field, "SourceKey", stamp, key),
            ]))
            .order_by(by)
            .top(self.config.page)
            .url(&self.config.base)
    }
}

struct Page {
    rows: Vec<Change>,
    last: Option<(Timestamp, i64)>,
    more: bool,
}

struct Position {
    order: String,
    stamp: String,
    key: Option<i64>,
    version: String,
}

fn read_page(
    set: ChangeSet,
    body: &[u8],
    after: (Timestamp, i64),
    top: u32,
) -> Result<Page, CallError> {
    macro_rules! positions {
        ($row:ty) => {{
            let page = wire::page::<$row>(body)?;
            let next = page.next.is_some();
            let rows: Result<Vec<Position>, wire::BadRow> = page
                .rows
                .into_iter()
                .map(|row| {
                    row.map(|r| Position {
                        order: r.order,
                        stamp: r.stamp,
                        key: r.key,
                        version: r.version,
                    })
                })
                .collect();
            (rows.map_err(|bad| bad.why)?, next)
        }};
    }
    let read = || -> Result<(Vec<Position>, bool), String> {
        Ok(match set {
            ChangeSet::Orders => positions!(TableChange),
            ChangeSet::Lines => positions!(LineChange),
            ChangeSet::Slips => positions!(SlipChange),
        })
    };
    let (positions, next) = read().map_err(|why| CallError::Malformed { why })?;
    let more = next || positions.len() >= usize::try_from(top).unwrap_or(usize::MAX);
    check(set, positions, after, more)
}

/// A row without its place, rows out of order, or a full page that does not lead on would let the
/// cursor pass rows that were never seen.
fn check(
    set: ChangeSet,
    positions: Vec<Position>,
    after: (Timestamp, i64),
    more: bool,
) -> Result<Page, CallError> {
    let malformed = |why: &str| CallError::Malformed { why: format!("{}: {why}", set.name()) };
    let mut rows = Vec::with_capacity(positions.len());
    let mut last: Option<(Timestamp, i64)> = None;
    for position in positions {
        let stamp = Timestamp::parse(&position.stamp)
            .ok_or_else(|| malformed("a row has no stamp: the cursor stays where it is"))?;
        let key = position.key.ok_or_else(|| malformed("a row has no SourceKey"))?;
        if position.order.is_empty() {
            return Err(malformed("a row has no order number"));
        }
        if last.is_some_and(|(before, _)| stamp < before) {
            return Err(malformed("rows are not in the order asked for"));
        }
        last = last.max(Some((stamp, key)));
        rows.push(Change {
            order: SalesOrderNumber::new(position.order),
            set,
            key,
            version: format!("{}@{}", position.version, stamp.0),
            stamp,
        });
    }
    if more && last.is_none_or(|last| last <= after) {
        return Err(malformed("the same page comes again: the cursor does not advance"));
    }
    Ok(Page { rows, last, more })
}

#[cfg(test)]
mod tests;

//! A limit on everything, each with its reason.

use domain::time::Span;

/// Signals handled in one transaction: keeps a transaction under some tens of milliseconds.
pub(crate) const SIGNALS: usize = 500;
/// More orders than this read for webhooks within [`BUSY_WITHIN`] are a burst.
pub(crate) const BUSY_ORDERS: usize = 20;
/// How far back a burst is looked for.
pub(crate) const BUSY_WITHIN: Span = Span::minutes(2);
/// In a burst webhooks are collected for so long, or until one read is full.
pub(crate) const BUSY_COLLECT: Span = Span::seconds(45);
/// Subjects planned in one transaction.
pub(crate) const SUBJECTS: usize = 200;
/// Deliveries in doubt looked up in one go; ShipBob takes 100 references a call.
pub(crate) const DOUBTS: usize = 100;
/// ShipBob calls under way at once: enough to fill 150 a minute at a second each, few enough for a
/// stranger's server.
pub(crate) const SHIPBOB_CALLS: usize = 16;
/// F&O writes in one `$batch`: keeps the request under gateway time-outs.
pub(crate) const DYNAMICS_WRITES: usize = 100;
/// Shipments acknowledged in one call.
pub(crate) const ACKS: usize = 100;
/// Creates whose facts are read again ahead of their turn: one minute's worth at 150 a minute.
pub(crate) const REFRESH_AHEAD: usize = 150;
/// Facts older than this are read again before a create; the planner allows 60 s.
pub(crate) const REFRESH_AGE: Span = Span::seconds(45);
/// Lines whose order is remembered for the poll of released quantities.
pub(crate) const LOTS_KNOWN: usize = 50_000;
/// Orders on the watch list read in one go.
pub(crate) const WATCHED: usize = 400;
/// Poll pages read in one step before other work gets its turn.
pub(crate) const PAGES: u32 = 20;
/// Rounds of reads a planning step may ask for: links of k follow each other, nothing else does.
pub(crate) const NEED_ROUNDS: usize = 8;
/// First look after a lost write: most are found then, long before *settle*.
pub(crate) const FIRST_LOOK: Span = Span::seconds(5);
/// Between looks, and between tries after a refused credential.
pub(crate) const LOOK_AGAIN: Span = Span::seconds(30);
/// Catalogue entries that were missing or inactive are asked for again after this.
pub(crate) const SKU_MISSING_AGE: Span = Span::minutes(10);
/// A token is replaced this long before it ends: failures have time to heal.
pub(crate) const REFRESH_EARLY: Span = Span::minutes(10);
/// A token that is refused before its end is replaced at most this often.
pub(crate) const REFUSED_AGAIN: Span = Span::minutes(5);
/// Lease time; longer than the longest call plus its margin.
pub(crate) const LEASE: Span = Span::seconds(330);
/// A call starts only while the lease outlives its deadline by this much.
pub(crate) const LEASE_MARGIN: Span = Span::seconds(5);

//! Every bound of this crate, with its reason.

/// Largest body accepted for one row, in bytes. An F&O order with 500 lines is about 1 MB of JSON.
pub const BODY_BYTES: usize = 16 * 1024 * 1024;

/// Largest text value, in bytes; settings documents are the longest texts kept.
pub const TEXT_BYTES: usize = 4 * 1024 * 1024;

/// Most rows one call returns, whatever the caller asks for.
pub const PAGE_ROWS: i64 = 10_000;

/// Longest number a search takes, in characters; longer input cannot be a document number.
pub const NUMBER_CHARS: usize = 64;

/// Rows per generated statement, largest first. Three sizes keep the number of prepared
/// statements small; 64 rows of 24 columns stay far below the 32,766 parameters of SQLite.
pub(crate) const BATCH_ROWS: [usize; 3] = [64, 8, 1];

/// Deliveries one plan may hold; also the room for `seq` inside the order of a subject.
pub const DELIVERIES_PER_PLAN: i64 = 1024;

/// Personal keys kept unwrapped in memory: two generations of this many (32 bytes each).
pub(crate) const CACHED_KEYS: usize = 16_384;

/// Read connections of SQLite: pages of the console and gathering beside the one writer.
pub(crate) const SQLITE_READERS: u32 = 4;

/// Connections to PostgreSQL per process.
pub(crate) const POSTGRES_CONNECTIONS: u32 = 16;

/// How long to wait for a lock of another process before saying Unavailable, in milliseconds.
pub(crate) const BUSY_TIMEOUT_MS: u64 = 5_000;

/// How long to wait for a free connection before saying Unavailable, in milliseconds.
pub(crate) const ACQUIRE_TIMEOUT_MS: u64 = 20_000;

/// Prepared statements kept per connection: about 120 statements, some in three sizes.
pub(crate) const PREPARED_STATEMENTS: usize = 512;

/// A limit as the databases take it: positive and not above [`PAGE_ROWS`].
pub(crate) fn page(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS)
}

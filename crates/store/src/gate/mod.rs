//! The one narrow gate to both databases: four kinds of value, named statements, rows read by
//! name. It owns connections, transactions and their fault points; it refuses to know any table.
//!
//! Writers begin with `BEGIN IMMEDIATE` on SQLite (one write connection) and `READ COMMITTED` on
//! PostgreSQL. Beginning happens in a task of its own: with sqlx 0.9 a cancelled `begin` leaves a
//! connection in the pool that believes it is inside a transaction.

mod batch;
mod fault;
mod open;
mod row;
mod stmt;
mod url;
mod value;

pub use fault::{FaultAction, FaultPoint, NoFaults, StorePoint};
pub use open::{Durability, StoreOptions};
pub use url::StoreUrl;

pub(crate) use batch::once_each;
pub(crate) use row::Row;
pub(crate) use stmt::{Dialect, Reach, Stmt, statements};
pub(crate) use value::{Value, scoped, shown, values};

use crate::error::{Result, StoreError};
use crate::limits::{BODY_BYTES, TEXT_BYTES};
use crate::vault::{KeyCache, KeyRing, PendingKeys};
use batch::batches;
use row::Inner;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{
    Arguments as _, PgConnection, Pool, Postgres, Sqlite, SqliteConnection, Transaction, query_with,
};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// An open database. Cheap to clone; all clones share connections and keys.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) pools: Pools,
    pub(crate) keys: KeyRing,
    pub(crate) cache: KeyCache,
    faults: Arc<dyn FaultPoint>,
    steps: AtomicU64,
    /// Commits that have ended, however they ended.
    changes: AtomicU64,
    dead: AtomicBool,
}

pub(crate) enum Pools {
    Sqlite { write: Pool<Sqlite>, read: Pool<Sqlite> },
    Postgres(Pool<Postgres>),
}

/// Reads outside a transaction, or inside one (see [`Txn`]).
pub struct Reader {
    conn: Conn,
    pub(crate) shared: Arc<Shared>,
    /// Keys this transaction created or destroyed; shared with others only after the commit.
    pub(crate) pending: PendingKeys,
    /// A statement failed. PostgreSQL would turn a later COMMIT into a silent ROLLBACK and SQLite
    /// would keep half of the work: so nothing may be committed any more.
    pub(crate) failed: bool,
}

enum Conn {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTxn(Transaction<'static, Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTxn(Transaction<'static, Postgres>),
}

enum Native<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// A unit of work: everything in it is kept together by [`Txn::commit`] or not at all.
/// Dropping it rolls back. Every function of [`Reader`] works inside it too.
pub struct Txn {
    reader: Reader,
    name: &'static str,
}

impl Deref for Txn {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl DerefMut for Txn {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl Store {
    /// Opens the database, creating and migrating it where needed.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached, `Refused` when its schema is newer than this
    /// program.
    pub async fn open(options: StoreOptions) -> Result<Self> {
        let pools = open::pools(&options).await?;
        let shared = Shared {
            pools,
            keys: options.keys,
            cache: KeyCache::default(),
            faults: options.faults,
            steps: AtomicU64::new(0),
            changes: AtomicU64::new(0),
            dead: AtomicBool::new(false),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// `Unavailable` when all connections stay busy, `Crashed` after a fault point.
    pub async fn read(&self) -> Result<Reader> {
        self.shared.alive()?;
        let conn = match &self.shared.pools {
            Pools::Sqlite { read, .. } => read.acquire().await.map(Conn::Sqlite),
            Pools::Postgres(pool) => pool.acquire().await.map(Conn::Postgres),
        }
        .map_err(|error| StoreError::from_driver("acquire", error))?;
        Ok(Reader::new(conn, &self.shared))
    }

    /// Begins a unit of work; `name` labels its commit for fault points and traces.
    ///
    /// # Errors
    /// `Unavailable` when the database is locked or unreachable, `Crashed` after a fault point.
    pub async fn begin(&self, name: &'static str) -> Result<Txn> {
        self.shared.alive()?;
        let shared = Arc::clone(&self.shared);
        #[expect(
            clippy::disallowed_methods,
            reason = "a begin must outlive its cancelled caller, see the module text"
        )]
        let begun = tokio::spawn(async move {
            match &shared.pools {
                Pools::Sqlite { write, .. } => {
                    write.begin_with("BEGIN IMMEDIATE").await.map(Conn::SqliteTxn)
                }
                Pools::Postgres(pool) => pool
                    .begin_with("BEGIN ISOLATION LEVEL READ COMMITTED")
                    .await
                    .map(Conn::PostgresTxn),
            }
        });
        let conn = begun
            .await
            .map_err(|error| StoreError::Unavailable(format!("begin was interrupted: {error}")))?
            .map_err(|error| StoreError::from_driver("begin", error))?;
        Ok(Txn { reader: Reader::new(conn, &self.shared), name })
    }

    /// Closes all connections and waits for them.
    pub async fn close(&self) {
        match &self.shared.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Commits attempted since this store was opened; the number of fault points passed.
    pub fn steps(&self) -> u64 {
        self.shared.steps.load(Ordering::SeqCst)
    }

    /// Grows with every commit through this store and its clones: while it stands still, what was
    /// read still holds, provided that nobody else writes to the database. Ask before reading.
    pub fn changes(&self) -> u64 {
        self.shared.changes.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn alive(&self) -> Result<()> {
        if self.dead.load(Ordering::SeqCst) { Err(StoreError::Crashed) } else { Ok(()) }
    }

    fn step(&self, name: &'static str) -> FaultAction {
        let number = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        self.faults.hit(&StorePoint { number, name })
    }

    fn die(&self) -> StoreError {
        self.dead.store(true, Ordering::SeqCst);
        StoreError::Crashed
    }
}

impl Txn {
    /// Makes everything done in this transaction durable.
    ///
    /// # Errors
    /// `Unavailable`: nothing was kept. `Conflict`: an earlier call of this transaction failed, so
    /// nothing was kept. `Crashed` from a fault point says nothing about what was kept.
    pub async fn commit(self) -> Result<()> {
        let Self { reader, name } = self;
        let Reader { conn, shared, pending, failed } = reader;
        shared.alive()?;
        if failed {
            return Err(StoreError::Conflict(format!(
                "{name}: an earlier call of this transaction failed; begin again"
            )));
        }
        let action = shared.step(name);
        match action {
            FaultAction::CrashBefore => return Err(shared.die()),
            FaultAction::Error => {
                return Err(StoreError::Unavailable(format!("{name}: fault point")));
            }
            FaultAction::Proceed | FaultAction::CrashAfter => {}
        }
        let committed = match conn {
            Conn::SqliteTxn(txn) => txn.commit().await,
            Conn::PostgresTxn(txn) => txn.commit().await,
            Conn::Sqlite(_) | Conn::Postgres(_) => Ok(()),
        };
        // After the commit: counted earlier, a read that began meanwhile would pass for a newer one.
        shared.changes.fetch_add(1, Ordering::SeqCst);
        committed.map_err(|error| StoreError::from_driver(name, error))?;
        shared.cache.publish(pending);
        if action == FaultAction::CrashAfter { Err(shared.die()) } else { Ok(()) }
    }

    /// Gives everything up at once, instead of some time after the drop.
    ///
    /// # Errors
    /// `Unavailable` when the connection is gone; nothing was kept either way.
    pub async fn rollback(self) -> Result<()> {
        let name = self.name;
        match self.reader.conn {
            Conn::SqliteTxn(txn) => txn.rollback().await,
            Conn::PostgresTxn(txn) => txn.rollback().await,
            Conn::Sqlite(_) | Conn::Postgres(_) => Ok(()),
        }
        .map_err(|error| StoreError::from_driver(name, error))
    }

    /// Runs a statement, returns the number of rows it changed.
    pub(crate) async fn run(&mut self, stmt: &'static Stmt, values: Vec<Value>) -> Result<u64> {
        let text = stmt.text(self.dialect());
        self.reader.execute(stmt, text, values).await
    }

    /// Runs a `VALUES` statement for many rows, returns the number of rows changed.
    pub(crate) async fn run_many(
        &mut self,
        stmt: &'static Stmt,
        shared: Vec<Value>,
        rows: Vec<Vec<Value>>,
    ) -> Result<u64> {
        let mut changed = 0;
        for (text, values) in batches(stmt, self.dialect(), &shared, rows)? {
            changed += self.reader.execute(stmt, text, values).await?;
        }
        Ok(changed)
    }
}

impl Reader {
    fn new(conn: Conn, shared: &Arc<Shared>) -> Self {
        let shared = Arc::clone(shared);
        Self { conn, shared, pending: PendingKeys::default(), failed: false }
    }

    /// Which database this is, for the few places where words differ.
    pub(crate) fn dialect(&self) -> Dialect {
        match self.conn {
            Conn::Sqlite(_) | Conn::SqliteTxn(_) => Dialect::Sqlite,
            Conn::Postgres(_) | Conn::PostgresTxn(_) => Dialect::Postgres,
        }
    }

    /// Every row.
    pub(crate) async fn all(
        &mut self,
        stmt: &'static Stmt,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        let text = stmt.text(self.dialect());
        self.fetch(stmt, text, values).await
    }

    /// Every row of a `VALUES` statement for many keys.
    pub(crate) async fn all_many(
        &mut self,
        stmt: &'static Stmt,
        shared: Vec<Value>,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        for (text, values) in batches(stmt, self.dialect(), &shared, rows)? {
            found.append(&mut self.fetch(stmt, text, values).await?);
        }
        Ok(found)
    }

    /// The first row, if any.
    pub(crate) async fn maybe(
        &mut self,
        stmt: &'static Stmt,
        values: Vec<Value>,
    ) -> Result<Option<Row>> {
        Ok(self.all(stmt, values).await?.into_iter().next())
    }

    /// The one row there must be.
    pub(crate) async fn one(&mut self, stmt: &'static Stmt, values: Vec<Value>) -> Result<Row> {
        self.maybe(stmt, values)
            .await?
            .ok_or_else(|| StoreError::inconsistent(stmt.name, "-", "returned no row"))
    }

    fn native(&mut self) -> Result<Native<'_>> {
        self.shared.alive()?;
        Ok(match &mut self.conn {
            Conn::Sqlite(conn) => Native::Sqlite(&mut *conn),
            Conn::SqliteTxn(conn) => Native::Sqlite(&mut *conn),
            Conn::Postgres(conn) => Native::Postgres(&mut *conn),
            Conn::PostgresTxn(conn) => Native::Postgres(&mut *conn),
        })
    }

    async fn fetch(
        &mut self,
        stmt: &'static Stmt,
        text: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>> {
        check(stmt, &values)?;
        tracing::trace!(target: "store.statement", name = stmt.name, values = values.len());
        let row = |inner| Row { statement: stmt.name, inner };
        let result = match self.native()? {
            Native::Sqlite(conn) => query_with(text, sqlite_arguments(stmt, values)?)
                .fetch_all(conn)
                .await
                .map(|rows| rows.into_iter().map(|r| row(Inner::Sqlite(r))).collect()),
            Native::Postgres(conn) => query_with(text, postgres_arguments(stmt, values)?)
                .fetch_all(conn)
                .await
                .map(|rows| rows.into_iter().map(|r| row(Inner::Postgres(r))).collect()),
        };
        self.failed |= result.is_err();
        result.map_err(|error| StoreError::from_driver(stmt.name, error))
    }

    async fn execute(
        &mut self,
        stmt: &'static Stmt,
        text: &'static str,
        values: Vec<Value>,
    ) -> Result<u64> {
        check(stmt, &values)?;
        tracing::trace!(target: "store.statement", name = stmt.name, values = values.len());
        let result = match self.native()? {
            Native::Sqlite(conn) => query_with(text, sqlite_arguments(stmt, values)?)
                .execute(conn)
                .await
                .map(|done| done.rows_affected()),
            Native::Postgres(conn) => query_with(text, postgres_arguments(stmt, values)?)
                .execute(conn)
                .await
                .map(|done| done.rows_affected()),
        };
        self.failed |= result.is_err();
        result.map_err(|error| StoreError::from_driver(stmt.name, error))
    }
}

/// PostgreSQL takes no NUL in text and SQLite would cut it silently; both get a size limit.
fn check(stmt: &'static Stmt, values: &[Value]) -> Result<()> {
    for (at, value) in values.iter().enumerate() {
        let why = match value {
            Value::Text(Some(text)) if text.contains('\0') => "contains a NUL character; remove it",
            Value::Text(Some(text)) if text.len() > TEXT_BYTES => "is longer than 4 MB; shorten it",
            Value::Bytes(Some(bytes)) if bytes.len() > BODY_BYTES => {
                "is longer than 16 MB; send it in parts"
            }
            _ => continue,
        };
        return Err(StoreError::Refused(format!("{}: value {} {why}", stmt.name, at + 1)));
    }
    Ok(())
}

macro_rules! arguments {
    ($name:ident, $kind:ty) => {
        fn $name(stmt: &'static Stmt, values: Vec<Value>) -> Result<$kind> {
            let mut arguments = <$kind>::default();
            arguments.reserve(values.len(), values.len() * 16);
            for value in values {
                match value {
                    Value::Int(v) => arguments.add(v),
                    Value::Text(v) => arguments.add(v),
                    Value::Bytes(v) => arguments.add(v),
                    Value::Bool(v) => arguments.add(v),
                }
                .map_err(|error| StoreError::inconsistent(stmt.name, "-", error.to_string()))?;
            }
            Ok(arguments)
        }
    };
}
arguments!(sqlite_arguments, SqliteArguments);
arguments!(postgres_arguments, PgArguments);

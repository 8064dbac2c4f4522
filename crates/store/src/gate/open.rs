//! Opening: connection options of both databases and their migrations.

use super::fault::{FaultPoint, NoFaults};
use super::{Pools, StoreUrl};
use crate::error::{Result, StoreError};
use crate::limits::{
    ACQUIRE_TIMEOUT_MS, BUSY_TIMEOUT_MS, POSTGRES_CONNECTIONS, PREPARED_STATEMENTS, SQLITE_READERS,
};
use crate::vault::KeyRing;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Pool, Postgres, SqlSafeStr as _, raw_sql};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What a commit promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A commit survives a power cut.
    #[default]
    Full,
    /// A commit survives the end of the process only. For proofs and demos.
    Relaxed,
}

/// How to open a [`super::Store`].
pub struct StoreOptions {
    /// Where the database is.
    pub url: StoreUrl,
    /// Master keys of the vault, the current one first.
    pub keys: KeyRing,
    /// What a commit promises.
    pub durability: Durability,
    /// Fault points; none in service.
    pub faults: Arc<dyn FaultPoint>,
}

impl StoreOptions {
    /// Full durability, no faults.
    pub fn new(url: StoreUrl, keys: KeyRing) -> Self {
        Self { url, keys, durability: Durability::Full, faults: Arc::new(NoFaults) }
    }
}

/// Version, name, SQLite text, PostgreSQL text. Applied texts are never edited: add a version.
const MIGRATIONS: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "start",
        include_str!("../../migrations/sqlite/0001_start.sql"),
        include_str!("../../migrations/postgres/0001_start.sql"),
    ),
    (
        2,
        "billing",
        include_str!("../../migrations/sqlite/0002_billing.sql"),
        include_str!("../../migrations/postgres/0002_billing.sql"),
    ),
    (
        3,
        "stock",
        include_str!("../../migrations/sqlite/0003_stock.sql"),
        include_str!("../../migrations/postgres/0003_stock.sql"),
    ),
    (
        4,
        "settings",
        include_str!("../../migrations/sqlite/0004_settings.sql"),
        include_str!("../../migrations/postgres/0004_settings.sql"),
    ),
    (
        6,
        "stock lots",
        include_str!("../../migrations/sqlite/0006_stock_lots.sql"),
        include_str!("../../migrations/postgres/0006_stock_lots.sql"),
    ),
    (
        7,
        "inbound",
        include_str!("../../migrations/sqlite/0007_inbound.sql"),
        include_str!("../../migrations/postgres/0007_inbound.sql"),
    ),
    (
        9,
        "stock told",
        include_str!("../../migrations/sqlite/0009_stock_told.sql"),
        include_str!("../../migrations/postgres/0009_stock_told.sql"),
    ),
];

fn migrator(pick: impl Fn(&'static str, &'static str) -> &'static str) -> Migrator {
    Migrator::with_migrations(
        MIGRATIONS
            .iter()
            .map(|(version, name, sqlite, postgres)| {
                let text = pick(sqlite, postgres).into_sql_str();
                Migration::new(*version, (*name).into(), MigrationType::Simple, text, false)
            })
            .collect(),
    )
}

pub(super) async fn pools(options: &StoreOptions) -> Result<Pools> {
    match &options.url {
        StoreUrl::Sqlite(path) => sqlite(path, options.durability).await,
        StoreUrl::Postgres(target) => {
            let pool = postgres((**target).clone(), options.durability).await?;
            migrator(|_, text| text).run(&pool).await.map_err(migration_failed)?;
            Ok(Pools::Postgres(pool))
        }
    }
}

async fn sqlite(path: &Path, durability: Durability) -> Result<Pools> {
    let synchronous = match durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::Relaxed => SqliteSynchronous::Off,
    };
    let base = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(BUSY_TIMEOUT_MS))
        .statement_cache_capacity(PREPARED_STATEMENTS)
        // One hand-over between threads per 256 rows instead of per 50.
        .row_buffer_size(256)
        .pragma("temp_store", "MEMORY");
    let writer = base
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .pragma("cache_size", "-16000")
        // Copy the log back every 16 MB: fewer syncs under load than the default 4 MB.
        .pragma("wal_autocheckpoint", "4000");
    let reader = base.pragma("query_only", "ON").pragma("cache_size", "-4000");
    let pool = || {
        SqlitePoolOptions::new()
            .acquire_timeout(Duration::from_millis(ACQUIRE_TIMEOUT_MS))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
    };
    let write = pool()
        .max_connections(1)
        // A full disk ends a transaction inside SQLite: the driver's rollback then fails, and it would take the
        // connection to be inside that transaction for ever. A ping comes after the rollback.
        .before_acquire(|connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(writer)
        .await
        .map_err(|error| StoreError::from_driver("open", error))?;
    migrator(|text, _| text).run(&write).await.map_err(migration_failed)?;
    raw_sql(include_str!("statistics.sql"))
        .execute(&write)
        .await
        .map_err(|error| StoreError::from_driver("statistics", error))?;
    let read = pool().max_connections(SQLITE_READERS).connect_lazy_with(reader);
    Ok(Pools::Sqlite { write, read })
}

async fn postgres(target: PgConnectOptions, durability: Durability) -> Result<Pool<Postgres>> {
    let mut target =
        target.application_name("ml-connector").statement_cache_capacity(PREPARED_STATEMENTS);
    if durability == Durability::Relaxed {
        target = target.options([("synchronous_commit", "off")]);
    }
    PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(Duration::from_millis(ACQUIRE_TIMEOUT_MS))
        .connect_with(target)
        .await
        .map_err(|error| StoreError::from_driver("open", error))
}

fn migration_failed(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) => StoreError::from_driver("migrate", error),
        MigrateError::VersionMissing(version) | MigrateError::VersionTooNew(version, _) => {
            StoreError::Refused(format!(
                "the database has schema version {version}, which this program does not know; \
                 start the newer program"
            ))
        }
        MigrateError::VersionMismatch(version) => StoreError::Refused(format!(
            "schema version {version} was applied from another text; this database belongs to \
             a different build"
        )),
        other => StoreError::inconsistent("migrate", "-", other.to_string()),
    }
}

//! Throwaway databases for tests of this crate and of the proofs. Both kinds look the same from
//! outside: a [`TestDb`] that vanishes when dropped.

mod postgres;

use crate::{Durability, KeyRing, MasterKey, NewConnection, Result, Store, StoreOptions, StoreUrl};
use domain::ids::{ConnectionId, OrganisationId, Scope};
use domain::time::Timestamp;
use std::path::PathBuf;
use tempfile::TempDir;

/// One empty database.
pub struct TestDb {
    /// `sqlite` or `postgres`, for messages.
    pub name: &'static str,
    /// Where it is.
    pub url: StoreUrl,
    _dir: Option<TempDir>,
}

/// The master key of every test.
pub fn keys() -> KeyRing {
    KeyRing::new(MasterKey::from_bytes([7; 32]))
}

/// The tenant and connection of most tests.
pub fn scope() -> Scope {
    Scope {
        organisation: OrganisationId::new("contoso"),
        connection: ConnectionId::new("contoso-us"),
    }
}

/// A scope of another tenant, to show that nothing is visible across.
pub fn other_scope() -> Scope {
    Scope {
        organisation: OrganisationId::new("fabrikam"),
        connection: ConnectionId::new("contoso-us"),
    }
}

/// A fresh SQLite file.
#[expect(clippy::panic, reason = "a test without its database cannot go on")]
pub fn sqlite() -> TestDb {
    let dir = TempDir::new().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
    let url = StoreUrl::Sqlite(dir.path().join("data.db"));
    TestDb { name: "sqlite", url, _dir: Some(dir) }
}

/// A fresh PostgreSQL database, or `None` (said loudly) where no server can be had.
pub async fn postgres() -> Option<TestDb> {
    match postgres::database().await {
        Ok(url) => Some(TestDb { name: "postgres", url, _dir: None }),
        Err(why) => {
            #[expect(clippy::print_stderr, reason = "a skipped proof must be seen")]
            {
                eprintln!("SKIPPED on PostgreSQL: {why}");
            }
            None
        }
    }
}

/// A fresh database of each kind that can be had.
pub async fn both() -> Vec<TestDb> {
    let mut all = vec![sqlite()];
    all.extend(postgres().await);
    all
}

impl TestDb {
    /// Opens it with the test keys; commits survive the process only, for speed.
    pub async fn open(&self) -> Store {
        self.open_with(|_| {}).await
    }

    /// Opens it after changing the options.
    #[expect(clippy::panic, reason = "a test without its database cannot go on")]
    pub async fn open_with(&self, change: impl FnOnce(&mut StoreOptions)) -> Store {
        let mut options = StoreOptions::new(self.url.clone(), keys());
        options.durability = Durability::Relaxed;
        change(&mut options);
        match Store::open(options).await {
            Ok(store) => store,
            Err(error) => panic!("{} does not open: {error}", self.name),
        }
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.url {
            StoreUrl::Sqlite(path) => Some(path.clone()),
            StoreUrl::Postgres(_) => None,
        }
    }
}

/// Creates organisation and connection of a scope.
///
/// # Errors
/// As every statement.
pub async fn seed(store: &Store, scope: &Scope) -> Result<()> {
    let at = Timestamp(1);
    let mut txn = store.begin("testkit.seed").await?;
    txn.organisation_put(&scope.organisation, "Contoso", at).await?;
    let new =
        NewConnection { name: "Contoso US".to_owned(), company: "usmf".to_owned(), channel_id: 1 };
    txn.connection_put(scope, &new, at).await?;
    txn.commit().await
}

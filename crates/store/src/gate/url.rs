//! Where the database is.

use crate::error::{Result, StoreError};
use sqlx::postgres::PgConnectOptions;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr as _;

/// A parsed database address. Printing it never shows a password.
#[derive(Clone)]
pub enum StoreUrl {
    /// A file on this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(Box<PgConnectOptions>),
}

impl StoreUrl {
    /// Reads `sqlite:///absolute/file.db`, `sqlite://relative/file.db` or
    /// `postgres://user:password@host:port/database`.
    ///
    /// # Errors
    /// `Refused`, saying what an address looks like; the text given is not repeated because it
    /// may hold a password.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path == ":memory:" || path.contains(['?', '\0']) {
                return Err(StoreError::Refused(
                    "sqlite needs a file: write sqlite:///var/lib/ml-connector/data.db".to_owned(),
                ));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(text).map_err(|_| {
                StoreError::Refused(
                    "the PostgreSQL address cannot be read: write \
                     postgres://user:password@host:5432/database"
                        .to_owned(),
                )
            })?;
            return Ok(Self::Postgres(Box::new(options)));
        }
        Err(StoreError::Refused(
            "a database address starts with sqlite:// or postgres://".to_owned(),
        ))
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(options) => write!(
                f,
                "postgres://{}:{}/{}",
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            ),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

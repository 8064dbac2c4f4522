//! Failures, typed by what the caller may do next.

use sqlx::error::{DatabaseError, ErrorKind};

/// What every function of this crate fails with.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A failure, named after what the caller may do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was changed; trying again later may work (locked, disk full, connection lost).
    #[error("the database cannot serve this now: {0}")]
    Unavailable(String),
    /// Somebody else changed the state first (lost fence, duplicate key): read again, decide anew.
    #[error("the stored state has moved on: {0}")]
    Conflict(String),
    /// A row or statement is not what this version expects; a person has to look.
    #[error("statement {statement}, column {column}: {why}")]
    Inconsistent {
        /// Name of the statement that met it.
        statement: &'static str,
        /// Column, or `-` when the whole statement is meant.
        column: String,
        /// What was found.
        why: String,
    },
    /// A fault point ended this store; open a new one.
    #[error("the store was stopped by a fault point; open it again")]
    Crashed,
    /// The input can never be stored; the message says what to change.
    #[error("refused: {0}")]
    Refused(String),
}

impl StoreError {
    /// True when trying the same thing again later may work.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    pub(crate) fn inconsistent(
        statement: &'static str,
        column: &str,
        why: impl Into<String>,
    ) -> Self {
        Self::Inconsistent { statement, column: column.to_owned(), why: why.into() }
    }

    /// Sorts a driver error. Values never appear in the message: they may be personal.
    pub(crate) fn from_driver(statement: &'static str, error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(db) => from_database(statement, db.as_ref()),
            sqlx::Error::PoolTimedOut => Self::Unavailable(
                "all database connections are busy; try again, and look for a long transaction"
                    .to_owned(),
            ),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Self::Unavailable(
                "the database connections are closed; open the store again".into(),
            ),
            sqlx::Error::Io(why) => Self::Unavailable(format!("connection lost: {why}")),
            sqlx::Error::Tls(why) => Self::Unavailable(format!("TLS to the database: {why}")),
            sqlx::Error::Protocol(why) => Self::Unavailable(format!("connection broken: {why}")),
            sqlx::Error::RowNotFound => Self::inconsistent(statement, "-", "the row is missing"),
            other => Self::inconsistent(statement, "-", other.to_string()),
        }
    }
}

fn from_database(statement: &'static str, error: &dyn DatabaseError) -> StoreError {
    let code = error.code().unwrap_or_default();
    let plain = match code.parse::<i64>() {
        // SQLite: extended result codes carry the primary code in the low byte. PostgreSQL codes
        // have five characters, so a purely numeric one is told apart by its length.
        Ok(number) if code.len() < 5 => match number & 0xff {
            5 | 6 => Some("the database file is locked by another process"),
            8 => Some("the database file is read-only; check its permissions and the disk"),
            10 => Some("the disk refused a read or write; check the disk"),
            13 => Some("the disk is full; free some space, nothing was lost"),
            14 => Some("the database file cannot be opened; check the path and its permissions"),
            _ => None,
        },
        _ => match code.get(..2).unwrap_or_default() {
            "08" => Some("the connection to PostgreSQL was lost"),
            "53" => Some("PostgreSQL is out of disk, memory or connections"),
            "57" => Some("PostgreSQL is shutting down or cancelled the statement"),
            "40" => Some("PostgreSQL asked to repeat the transaction"),
            "55" => Some("a row is locked by another transaction"),
            "58" => Some("PostgreSQL met a system error; check its log and disk"),
            "25" if code == "25006" => Some("PostgreSQL is read-only (a standby?)"),
            _ => None,
        },
    };
    if let Some(plain) = plain {
        return StoreError::Unavailable(format!("{plain} (code {code}, statement {statement})"));
    }
    match error.kind() {
        ErrorKind::UniqueViolation => StoreError::Conflict(format!(
            "{statement}: a row with this key exists already ({})",
            error.constraint().unwrap_or("unique key")
        )),
        ErrorKind::ForeignKeyViolation => StoreError::Refused(format!(
            "{statement}: it refers to a row that does not exist; create the connection first"
        )),
        ErrorKind::NotNullViolation | ErrorKind::CheckViolation => {
            StoreError::Refused(format!("{statement}: a value is missing or not allowed"))
        }
        _ => StoreError::inconsistent(statement, "-", format!("{code}: {}", error.message())),
    }
}

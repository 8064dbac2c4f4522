//! What can stop the engine itself. A remote that fails is not an error here: it is data.

use store::StoreError;
use thiserror::Error;

/// Why a step could not be finished.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Another process owns the cell now: stop at once, write nothing.
    #[error("the cell is owned by another process now")]
    Lost,
    /// The database does not answer (locked, full, away): nothing was changed, try later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The process is to be regarded as dead (fault point of the proofs).
    #[error("crashed at a fault point")]
    Crashed,
    /// A row says something impossible.
    #[error("the database holds something impossible: {0}")]
    Inconsistent(String),
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => Self::Unavailable(why),
            StoreError::Conflict(_) => Self::Lost,
            StoreError::Crashed => Self::Crashed,
            other => Self::Inconsistent(other.to_string()),
        }
    }
}

/// Result of engine functions.
pub(crate) type Result<T> = std::result::Result<T, EngineError>;

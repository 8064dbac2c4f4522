//! Settings as versioned data: which version is in force at a start, what people ask for through
//! console, API and shell, and the way from one installation to another.

mod desk;
mod in_force;
pub mod promote;

pub use desk::{Desk, PREVIEWED, current, exported, line, previewed, version_facts};
pub use in_force::{AtStart, at_start, in_force};

use domain::ids::Scope;
use domain::settings_change::{Asked, FILE, FileSays, TARGET, TOLD, Told};
use engine::SOURCE;
use serde::de::DeserializeOwned;
use store::{NewSignal, Reader, Store, StoreError};

/// The signal that asks for a change.
pub fn signal(asked: &Asked) -> NewSignal {
    NewSignal {
        source: SOURCE.to_owned(),
        target_kind: TARGET.to_owned(),
        target_key: String::new(),
        dedupe_key: format!("operator:settings:{}", asked.id),
        // What cannot be written in JSON is not in a wish.
        body: serde_json::to_vec(asked).ok(),
        received_at: asked.at,
        flagged: false,
    }
}

/// Asks the owner for a change; false when the same one was asked for before.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(store: &Store, scope: &Scope, asked: &Asked) -> Result<bool, StoreError> {
    let mut txn = store.begin("settings.ask").await?;
    let added = txn.inbox_add_many(scope, vec![signal(asked)]).await?;
    txn.commit().await?;
    Ok(added > 0)
}

/// What came of the latest changes.
///
/// # Errors
/// When the database does not answer.
pub async fn told(reader: &mut Reader, scope: &Scope) -> Result<Vec<Told>, StoreError> {
    Ok(kept(reader, scope, TOLD).await?.unwrap_or_default())
}

/// What the configuration file says without being followed.
///
/// # Errors
/// When the database does not answer.
pub async fn file_says(reader: &mut Reader, scope: &Scope) -> Result<Option<FileSays>, StoreError> {
    Ok(kept::<Option<FileSays>>(reader, scope, FILE).await?.flatten())
}

async fn kept<T: DeserializeOwned>(
    reader: &mut Reader,
    scope: &Scope,
    kind: &str,
) -> Result<Option<T>, StoreError> {
    let rows = reader.observations(scope, kind, &[String::new()]).await?;
    let body = rows.into_iter().next().and_then(|row| row.body);
    Ok(body.and_then(|body| serde_json::from_slice(&body).ok()))
}

/// Line ends as every document has them; browsers send others.
pub fn plain_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

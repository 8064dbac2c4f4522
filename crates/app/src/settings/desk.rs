//! The console's desk for settings, over the database and the engine of this process.

use super::{ask, file_says, plain_lines, promote, told};
use crate::config::document;
use console::model::{
    At, ChangedItem, ChangedOrder, FileLine, OutcomeLine, PreviewFacts, SettingsFacts,
    VersionFacts, VersionLine,
};
use console::{BooksError, Read, SettingsDesk};
use domain::ids::Scope;
use domain::settings_change::{Asked, Complaint, Line, TARGET, counted, lines};
use domain::time::Timestamp;
use engine::{Engine, SOURCE};
use futures::future::BoxFuture;
use std::sync::Arc;
use store::{Reader, SettingsOrigin, SettingsRow, Store, StoreError};

/// Versions listed.
const LISTED: usize = 50;
/// Orders a preview looks at.
pub const PREVIEWED: usize = 500;

/// Reads the versions, checks documents, and asks the owner.
pub struct Desk {
    engine: Arc<Engine>,
    store: Store,
    scope: Scope,
    name: String,
}

impl Desk {
    /// The desk of one connection.
    pub fn new(engine: Arc<Engine>, store: Store, scope: Scope, name: &str) -> Self {
        Self { engine, store, scope, name: name.to_owned() }
    }

    async fn read_facts(&self) -> Result<SettingsFacts, BooksError> {
        let mut reader = self.store.read().await.map_err(away)?;
        let rows = reader.settings_history(&self.scope, LISTED + 1).await.map_err(away)?;
        let open = reader.deliveries_open_by_settings(&self.scope).await.map_err(away)?;
        let says = file_says(&mut reader, &self.scope).await.map_err(away)?;
        let outcomes = told(&mut reader, &self.scope).await.map_err(away)?;
        let waiting = reader.signals_of(&self.scope, SOURCE, TARGET, "").await.map_err(away)?.len();
        drop(reader);
        let versions = rows.iter().enumerate().take(LISTED);
        let versions = versions.map(|(at, row)| line(row, rows.get(at + 1))).collect();
        let current = rows.into_iter().next();
        let text = current.as_ref().and_then(|row| row.text.clone());
        let unlike = |says: &domain::settings_change::FileSays| {
            let now = text.as_deref().map(document::read);
            now.is_none_or(|now| now != document::read(&says.text))
        };
        let file = says.filter(unlike).map(|says| FileLine {
            since: At(says.since),
            lines: lines(text.as_deref().unwrap_or_default(), &says.text),
        });
        Ok(SettingsFacts {
            version: current.as_ref().map_or(0, |row| row.version),
            follows_file: current.as_ref().is_none_or(|row| row.origin == SettingsOrigin::File),
            document: text,
            versions,
            outcomes: outcomes
                .into_iter()
                .map(|one| OutcomeLine {
                    at: At(one.at),
                    who: one.who,
                    why: one.why,
                    version: one.version,
                    problems: one.problems,
                    request_id: one.id,
                    document: one.document,
                })
                .collect(),
            waiting,
            file,
            open,
        })
    }

    async fn read_version(&self, version: i64) -> Result<Option<VersionFacts>, BooksError> {
        let mut reader = self.store.read().await.map_err(away)?;
        version_facts(&mut reader, &self.scope, version).await.map_err(away)
    }
}

/// One version with what differs from the one before.
///
/// # Errors
/// When the database does not answer.
pub async fn version_facts(
    reader: &mut Reader,
    scope: &Scope,
    version: i64,
) -> Result<Option<VersionFacts>, StoreError> {
    let Some(row) = reader.settings_version(scope, version).await? else { return Ok(None) };
    let before = reader.settings_version(scope, version - 1).await?;
    let current = reader.settings(scope).await?.map_or(0, |row| row.version);
    Ok(Some(VersionFacts {
        line: line(&row, before.as_ref()),
        current,
        lines: differ(&row, before.as_ref()),
        document: row.text,
    }))
}

/// A version in a list, with the one before it.
pub fn line(row: &SettingsRow, before: Option<&SettingsRow>) -> VersionLine {
    VersionLine {
        version: row.version,
        at: At(row.at),
        who: row.who.clone(),
        reason: row.reason.clone(),
        origin: row.origin.word(),
        differs: match before {
            Some(_) => counted(&differ(row, before)),
            None => String::new(),
        },
    }
}

fn differ(row: &SettingsRow, before: Option<&SettingsRow>) -> Vec<Line> {
    let Some(before) = before else { return Vec::new() };
    lines(before.text.as_deref().unwrap_or_default(), row.text.as_deref().unwrap_or_default())
}

#[expect(clippy::needless_pass_by_value, reason = "stands where an error is mapped")]
fn away(error: StoreError) -> BooksError {
    BooksError::Unavailable(error.to_string())
}

/// What a document would change, with the engine of this process.
///
/// # Errors
/// What is wrong with the document, or why it cannot be told.
pub async fn previewed(
    engine: &Engine,
    current: Option<String>,
    text: &str,
) -> Result<PreviewFacts, Vec<Complaint>> {
    let text = plain_lines(text);
    let settings = document::read(&text)?;
    let preview = engine
        .preview(&settings, PREVIEWED)
        .await
        .map_err(|error| vec![Complaint::whole(error.to_string())])?;
    Ok(PreviewFacts {
        based_on: preview.based_on,
        lines: lines(&current.unwrap_or_default(), &text),
        misfits: preview.misfits,
        open: preview.open,
        looked_at: preview.looked_at,
        changes: preview
            .changes
            .into_iter()
            .map(|one| ChangedOrder { order: one.subject, lines: one.lines })
            .collect(),
        items_looked_at: preview.items.looked_at,
        more_items: preview.items.more,
        item_changes: preview
            .items
            .changes
            .into_iter()
            .map(|one| ChangedItem {
                item: domain::product::item_of(&one.subject).unwrap_or(&one.subject).to_owned(),
                lines: one.lines,
            })
            .collect(),
    })
}

/// The document in force.
///
/// # Errors
/// When the database does not answer.
pub async fn current(
    reader: &mut Reader,
    scope: &Scope,
) -> Result<Option<SettingsRow>, StoreError> {
    reader.settings(scope).await
}

impl SettingsDesk for Desk {
    fn facts(&self) -> Read<'_, SettingsFacts> {
        Box::pin(self.read_facts())
    }

    fn version(&self, version: i64) -> Read<'_, Option<VersionFacts>> {
        Box::pin(self.read_version(version))
    }

    fn check(&self, document: &str) -> Vec<Complaint> {
        document::read(&plain_lines(document)).err().unwrap_or_default()
    }

    fn preview(&self, document: &str) -> BoxFuture<'_, Result<PreviewFacts, Vec<Complaint>>> {
        let document = document.to_owned();
        Box::pin(async move {
            let whole = |error: StoreError| vec![Complaint::whole(error.to_string())];
            let mut reader = self.store.read().await.map_err(whole)?;
            let row = current(&mut reader, &self.scope).await.map_err(whole)?;
            drop(reader);
            previewed(&self.engine, row.and_then(|row| row.text), &document).await
        })
    }

    fn ask(&self, asked: Asked) -> Read<'_, bool> {
        Box::pin(async move { ask(&self.store, &self.scope, &asked).await.map_err(away) })
    }

    fn export(&self) -> BoxFuture<'_, Result<String, Vec<Complaint>>> {
        Box::pin(async move {
            let whole = |error: StoreError| vec![Complaint::whole(error.to_string())];
            let mut reader = self.store.read().await.map_err(whole)?;
            let row = current(&mut reader, &self.scope).await.map_err(whole)?;
            exported(row, &self.name, self.engine.now())
        })
    }

    fn import(&self, file: &str) -> Result<String, Vec<Complaint>> {
        promote::import(&plain_lines(file))
    }
}

/// The file of the version in force.
///
/// # Errors
/// When it has no document, or cannot be told apart from its environment.
pub fn exported(
    row: Option<SettingsRow>,
    name: &str,
    at: Timestamp,
) -> Result<String, Vec<Complaint>> {
    let none = || vec![Complaint::whole("the version in force was kept without its document")];
    let row = row.ok_or_else(none)?;
    let text = row.text.as_deref().ok_or_else(none)?;
    promote::export(text, name, row.version, at).map_err(|why| vec![Complaint::whole(why)])
}

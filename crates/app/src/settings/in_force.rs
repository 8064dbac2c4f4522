//! Which version is in force at a start. The file is followed only while nobody has changed the
//! settings otherwise; after that a changed file is reported, and a person decides.

use super::{ask, file_says};
use crate::config::document;
use anyhow::{Context, bail};
use domain::ids::Scope;
use domain::settings::Settings;
use domain::settings_change::{Asked, FileSays, Wish, digest};
use domain::time::Timestamp;
use store::{NewSettings, SettingsOrigin, SettingsRow, Store};

/// Who makes versions of the file.
const WHO: &str = "configuration";
/// Versions looked through for the last one of the file.
const LOOKED: usize = 200;

/// What a start begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtStart {
    /// The settings in force, with their version.
    pub settings: Settings,
    /// What is to be said of the file, when it is not followed.
    pub unlike: Option<String>,
}

/// The settings of a version; of an older build's, as its document says.
fn of_row(row: &SettingsRow) -> anyhow::Result<Settings> {
    let read = match (serde_json::from_str::<Settings>(&row.document), &row.text) {
        (Ok(settings), _) => Ok(settings),
        (Err(_), Some(text)) => document::reading(text).map_err(|found| found.join("; ")),
        (Err(error), None) => Err(error.to_string()),
    };
    let read = read.map_err(anyhow::Error::msg).with_context(|| {
        format!("version {} of the settings cannot be read by this build", row.version)
    })?;
    Ok(Settings { version: row.version, ..read })
}

/// The settings in force, as far as they are known without changing anything: those of the file,
/// unless a person has changed them otherwise.
///
/// # Errors
/// When the database does not answer, or its version cannot be read.
pub async fn in_force(store: &Store, scope: &Scope, file: Settings) -> anyhow::Result<Settings> {
    let last = store.read().await?.settings(scope).await?;
    match last {
        Some(row) if row.origin == SettingsOrigin::Person => of_row(&row),
        Some(row) => Ok(Settings { version: row.version, ..file }),
        None => Ok(file),
    }
}

/// The settings a start goes on with. A file that is followed and says something new makes the next
/// version; one that is not followed and says something new is reported, once.
///
/// # Errors
/// When the database does not answer, or the file turns the connection into another one.
pub async fn at_start(
    store: &Store,
    scope: &Scope,
    file: Settings,
    at: Timestamp,
) -> anyhow::Result<AtStart> {
    let last = store.read().await?.settings(scope).await?;
    let Some(last) = last else {
        return follow(store, scope, None, file, at).await;
    };
    if last.origin == SettingsOrigin::Person {
        return beside(store, scope, &last, file, at).await;
    }
    let same = Settings { version: last.version, ..file.clone() };
    if serde_json::from_str::<Settings>(&last.document).ok().as_ref() != Some(&same) {
        return follow(store, scope, Some(last.version), file, at).await;
    }
    if last.text.is_none()
        && let Some(text) = document::write(&same)
    {
        let mut txn = store.begin("serve.settings").await?;
        txn.settings_text(scope, last.version, &text).await?;
        txn.commit().await?;
    }
    Ok(AtStart { settings: same, unlike: None })
}

/// The file makes the next version.
async fn follow(
    store: &Store,
    scope: &Scope,
    known: Option<i64>,
    file: Settings,
    at: Timestamp,
) -> anyhow::Result<AtStart> {
    let version = known.unwrap_or(0) + 1;
    let settings = Settings { version, ..file };
    let json = serde_json::to_string(&settings)?;
    let text = document::write(&settings);
    if text.is_none() {
        tracing::error!("settings.have_no_document");
    }
    let reason = if known.is_some() { "file changed" } else { "first start with this file" };
    let new = NewSettings {
        document: &json,
        text: text.as_deref(),
        origin: SettingsOrigin::File,
        who: WHO,
        reason,
    };
    let asked = Asked {
        who: WHO.to_owned(),
        why: reason.to_owned(),
        at,
        id: format!("file-{version}"),
        based_on: version,
        wish: Wish::FromFile { version },
    };
    let mut txn = store.begin("serve.settings").await?;
    txn.settings_change(scope, version - 1, &new, at).await?;
    txn.inbox_add_many(scope, vec![super::signal(&asked)]).await?;
    txn.commit().await?;
    Ok(AtStart { settings, unlike: None })
}

/// A version of a person is in force; the file is held against it and otherwise left alone.
async fn beside(
    store: &Store,
    scope: &Scope,
    last: &SettingsRow,
    file: Settings,
    at: Timestamp,
) -> anyhow::Result<AtStart> {
    let settings = of_row(last)?;
    if !file.company.same_as(settings.company.as_str()) || file.channel != settings.channel {
        bail!(
            "the file says company {} and channel {}, but version {} of the settings, which is in force, says {} and {}: a connection never becomes another one; correct the file, or give the new one another name and id",
            file.company,
            file.channel,
            settings.version,
            settings.company,
            settings.channel
        );
    }
    let mut reader = store.read().await?;
    let known = file_says(&mut reader, scope).await?;
    let agrees = Settings { version: settings.version, ..file.clone() } == settings;
    // Unchanged since the last version it made: nobody needs to be told again.
    let untouched = !agrees && known.is_none() && {
        let history = reader.settings_history(scope, LOOKED).await?;
        let of_file = history.iter().find(|row| row.origin == SettingsOrigin::File);
        of_file.is_some_and(|row| {
            let same = Settings { version: row.version, ..file.clone() };
            serde_json::from_str::<Settings>(&row.document).ok().as_ref() == Some(&same)
        })
    };
    drop(reader);
    if untouched || (agrees && known.is_none()) {
        return Ok(AtStart { settings, unlike: None });
    }
    let version = settings.version;
    let text = document::write(&Settings { version, ..file }).unwrap_or_default();
    let says = FileSays { digest: digest(&text), since: at, text };
    let why = if agrees {
        format!("The configuration file says what version {version} says.")
    } else {
        format!(
            "The configuration file says something else than version {version}, which {} made. It is not followed: `ml-connector settings apply FILE` applies it, `settings export` shows what is in force.",
            last.who
        )
    };
    let news = agrees || known.is_none_or(|known| known.digest != says.digest);
    if news {
        let id = format!("says-{version}-{}-{}", says.digest, at.0);
        let says = (!agrees).then_some(says);
        let asked = Asked {
            who: WHO.to_owned(),
            why: why.clone(),
            at,
            id,
            based_on: version,
            wish: Wish::FileSays { says },
        };
        ask(store, scope, &asked).await?;
    }
    Ok(AtStart { settings, unlike: (!agrees).then_some(why) })
}

//! Organisations, connections and their settings. Settings are versions that are never edited;
//! a plan names the version it was made with.

use crate::error::{Result, StoreError};
use crate::gate::{Reader, Row, Stmt, Txn, scoped, statements, values};
use crate::limits::page;
use domain::ids::{ConnectionId, OrganisationId, Scope};
use domain::time::Timestamp;

statements! {
    tenant ORGANISATION_PUT = "INSERT INTO organisation (organisation_id, name, created_at) \
        VALUES ($1, $2, $3) ON CONFLICT (organisation_id) DO UPDATE SET name = excluded.name";
    tenant CONNECTION_PUT = "INSERT INTO connection (organisation_id, connection_id, name, \
        company, channel_id, cut_off, paused, settings_version, created_at) \
        VALUES ($1, $2, $3, $4, $5, NULL, FALSE, 0, $6) \
        ON CONFLICT (organisation_id, connection_id) DO UPDATE SET name = excluded.name, \
        company = excluded.company, channel_id = excluded.channel_id";
    tenant CONNECTION_GET = "SELECT organisation_id, connection_id, name, company, channel_id, \
        cut_off, paused, settings_version, created_at FROM connection \
        WHERE organisation_id = $1 AND connection_id = $2";
    whole CONNECTION_ALL = "SELECT organisation_id, connection_id, name, company, channel_id, \
        cut_off, paused, settings_version, created_at FROM connection \
        ORDER BY organisation_id, connection_id", why "the supervisor runs every connection";
    tenant CONNECTION_CUT_OFF = "UPDATE connection SET cut_off = $3 \
        WHERE organisation_id = $1 AND connection_id = $2";
    tenant CONNECTION_PAUSED = "UPDATE connection SET paused = $3 \
        WHERE organisation_id = $1 AND connection_id = $2";
    tenant CONNECTION_SETTINGS = "UPDATE connection SET settings_version = $3 + 1 \
        WHERE organisation_id = $1 AND connection_id = $2 AND settings_version = $3";
    tenant SETTINGS_PUT = "INSERT INTO settings \
        (organisation_id, connection_id, version, document, at, who, reason, text, origin) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tenant SETTINGS_TEXT = "UPDATE settings SET text = $4 WHERE organisation_id = $1 \
        AND connection_id = $2 AND version = $3 AND text IS NULL";
    tenant SETTINGS_VERSION = "SELECT version, document, at, who, reason, text, origin FROM settings \
        WHERE organisation_id = $1 AND connection_id = $2 AND version = $3";
    tenant SETTINGS_HISTORY = "SELECT version, document, at, who, reason, text, origin FROM settings \
        WHERE organisation_id = $1 AND connection_id = $2 ORDER BY version DESC LIMIT $3";
}

pub(crate) fn statements() -> &'static [&'static Stmt] {
    ALL
}

/// What names a connection to people and to both systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConnection {
    /// The name people see.
    pub name: String,
    /// F&O legal entity.
    pub company: String,
    /// ShipBob channel.
    pub channel_id: i64,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRow {
    /// Whose it is.
    pub scope: Scope,
    /// The name people see.
    pub name: String,
    /// F&O legal entity.
    pub company: String,
    /// ShipBob channel.
    pub channel_id: i64,
    /// From when on orders may ship; nothing ships while this is `None`.
    pub cut_off: Option<Timestamp>,
    /// True while nothing may be sent.
    pub paused: bool,
    /// The settings in force; 0 before the first.
    pub settings_version: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One version of the settings of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsRow {
    /// Counts from 1.
    pub version: i64,
    /// The settings as the engine wrote them.
    pub document: String,
    /// When they came into force.
    pub at: Timestamp,
    /// Who changed them.
    pub who: String,
    /// Why.
    pub reason: String,
    /// The document a person reads and edits; none in versions older than documents.
    pub text: Option<String>,
    /// Where it came from.
    pub origin: SettingsOrigin,
}

/// Where a version of the settings came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsOrigin {
    /// The configuration file, at a start.
    File,
    /// A person, through console, API or shell.
    Person,
}

impl SettingsOrigin {
    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Person => "person",
        }
    }
}

/// A version of the settings to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSettings<'a> {
    /// The settings as the engine writes them.
    pub document: &'a str,
    /// The document a person reads and edits.
    pub text: Option<&'a str>,
    /// Where it comes from.
    pub origin: SettingsOrigin,
    /// Who changes them.
    pub who: &'a str,
    /// Why.
    pub reason: &'a str,
}

fn connection_row(row: &Row) -> Result<ConnectionRow> {
    Ok(ConnectionRow {
        scope: Scope {
            organisation: OrganisationId::new(row.text("organisation_id")?),
            connection: ConnectionId::new(row.text("connection_id")?),
        },
        name: row.text("name")?,
        company: row.text("company")?,
        channel_id: row.int("channel_id")?,
        cut_off: row.time_opt("cut_off")?,
        paused: row.flag("paused")?,
        settings_version: row.int("settings_version")?,
        created_at: row.time("created_at")?,
    })
}

fn settings_row(row: &Row) -> Result<SettingsRow> {
    Ok(SettingsRow {
        version: row.int("version")?,
        document: row.text("document")?,
        at: row.time("at")?,
        who: row.text("who")?,
        reason: row.text("reason")?,
        text: row.text_opt("text")?,
        origin: match row.text("origin")?.as_str() {
            "file" => SettingsOrigin::File,
            _ => SettingsOrigin::Person,
        },
    })
}

impl Txn {
    /// Creates or renames an organisation.
    ///
    /// # Errors
    /// As every statement.
    pub async fn organisation_put(
        &mut self,
        organisation: &OrganisationId,
        name: &str,
        at: Timestamp,
    ) -> Result<()> {
        self.run(&ORGANISATION_PUT, values![organisation.as_str(), name, at]).await.map(|_| ())
    }

    /// Creates a connection or changes what names it.
    ///
    /// # Errors
    /// `Refused` when the organisation does not exist.
    pub async fn connection_put(
        &mut self,
        scope: &Scope,
        new: &NewConnection,
        at: Timestamp,
    ) -> Result<()> {
        let values = scoped![scope; new.name.as_str(), new.company.as_str(), new.channel_id, at];
        self.run(&CONNECTION_PUT, values).await.map(|_| ())
    }

    /// Sets or clears the moment from which orders may ship.
    ///
    /// # Errors
    /// `Refused` when the connection does not exist.
    pub async fn connection_cut_off(
        &mut self,
        scope: &Scope,
        cut_off: Option<Timestamp>,
    ) -> Result<()> {
        let changed = self.run(&CONNECTION_CUT_OFF, scoped![scope; cut_off]).await?;
        exists(changed, scope)
    }

    /// Pauses or resumes a connection.
    ///
    /// # Errors
    /// `Refused` when the connection does not exist.
    pub async fn connection_paused(&mut self, scope: &Scope, paused: bool) -> Result<()> {
        let changed = self.run(&CONNECTION_PAUSED, scoped![scope; paused]).await?;
        exists(changed, scope)
    }

    /// Puts new settings in force and returns their version.
    ///
    /// # Errors
    /// `Conflict` when somebody else changed them since `expected_version` was read.
    pub async fn settings_put(
        &mut self,
        scope: &Scope,
        expected_version: i64,
        document: &str,
        (who, reason): (&str, &str),
        at: Timestamp,
    ) -> Result<i64> {
        let origin = SettingsOrigin::File;
        let new = NewSettings { document, text: None, origin, who, reason };
        self.settings_change(scope, expected_version, &new, at).await
    }

    /// Puts new settings in force with their document, and returns their version.
    ///
    /// # Errors
    /// `Conflict` when somebody else changed them since `expected_version` was read.
    pub async fn settings_change(
        &mut self,
        scope: &Scope,
        expected_version: i64,
        new: &NewSettings<'_>,
        at: Timestamp,
    ) -> Result<i64> {
        let moved = self.run(&CONNECTION_SETTINGS, scoped![scope; expected_version]).await?;
        if moved == 0 {
            return Err(StoreError::Conflict(format!(
                "the settings are no longer at version {expected_version}; read them again"
            )));
        }
        let version = expected_version + 1;
        let values = scoped![scope; version, new.document, at, new.who, new.reason,
            new.text.map(str::to_owned), new.origin.word()];
        self.run(&SETTINGS_PUT, values).await?;
        Ok(version)
    }

    /// Adds the document of a version that was kept before there were documents.
    ///
    /// # Errors
    /// As every statement.
    pub async fn settings_text(&mut self, scope: &Scope, version: i64, text: &str) -> Result<()> {
        self.run(&SETTINGS_TEXT, scoped![scope; version, text]).await.map(|_| ())
    }
}

fn exists(changed: u64, scope: &Scope) -> Result<()> {
    if changed == 0 {
        return Err(StoreError::Refused(format!("there is no connection {}", scope.connection)));
    }
    Ok(())
}

impl Reader {
    /// One connection.
    ///
    /// # Errors
    /// As every statement.
    pub async fn connection(&mut self, scope: &Scope) -> Result<Option<ConnectionRow>> {
        self.maybe(&CONNECTION_GET, scoped![scope]).await?.as_ref().map(connection_row).transpose()
    }

    /// Every connection of the installation, for the supervisor.
    ///
    /// # Errors
    /// As every statement.
    pub async fn connections(&mut self) -> Result<Vec<ConnectionRow>> {
        self.all(&CONNECTION_ALL, Vec::new()).await?.iter().map(connection_row).collect()
    }

    /// The settings in force.
    ///
    /// # Errors
    /// As every statement.
    pub async fn settings(&mut self, scope: &Scope) -> Result<Option<SettingsRow>> {
        Ok(self.settings_history(scope, 1).await?.into_iter().next())
    }

    /// One version of the settings.
    ///
    /// # Errors
    /// As every statement.
    pub async fn settings_version(
        &mut self,
        scope: &Scope,
        version: i64,
    ) -> Result<Option<SettingsRow>> {
        let row = self.maybe(&SETTINGS_VERSION, scoped![scope; version]).await?;
        row.as_ref().map(settings_row).transpose()
    }

    /// The latest versions, newest first.
    ///
    /// # Errors
    /// As every statement.
    pub async fn settings_history(
        &mut self,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<SettingsRow>> {
        let rows = self.all(&SETTINGS_HISTORY, scoped![scope; page(limit)]).await?;
        rows.iter().map(settings_row).collect()
    }
}

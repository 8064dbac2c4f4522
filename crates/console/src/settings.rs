//! The desk for settings: what the console needs to show, check, preview and ask for them. How a
//! document is read is known to `app`, what becomes of it is decided by the owner.

use crate::books::Read;
use crate::model::{PreviewFacts, SettingsFacts, VersionFacts};
use domain::settings_change::{Asked, Complaint};
use futures::future::BoxFuture;

/// Reads, checks and asks; changes nothing itself.
pub trait SettingsDesk: Send + Sync {
    /// What is in force, and what was.
    fn facts(&self) -> Read<'_, SettingsFacts>;
    /// One version.
    fn version(&self, version: i64) -> Read<'_, Option<VersionFacts>>;
    /// What is wrong with a document; empty when it can be used.
    fn check(&self, document: &str) -> Vec<Complaint>;
    /// What it would change, or why that cannot be told.
    fn preview(&self, document: &str) -> BoxFuture<'_, Result<PreviewFacts, Vec<Complaint>>>;
    /// Asks the owner for a change; false when the same one was asked for before.
    fn ask(&self, asked: Asked) -> Read<'_, bool>;
    /// The version in force as a file for another installation, or why there is none.
    fn export(&self) -> BoxFuture<'_, Result<String, Vec<Complaint>>>;
    /// The document such a file makes here.
    fn import(&self, file: &str) -> Result<String, Vec<Complaint>>;
}

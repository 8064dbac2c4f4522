//! Credentials, without what is secret about them.

use super::At;
use serde::Serialize;

/// One credential in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialLine {
    /// `dynamics`, `shipbob` or `webhook`.
    pub system: String,
    /// The stable name in the vault.
    pub name: String,
    /// When it was set or last renewed.
    pub set_at: At,
    /// Who set it: a person, the configuration, or the engine.
    pub set_by: String,
    /// When it ends by itself; none = not known, or never.
    pub expires_at: Option<At>,
}

impl CredentialLine {
    /// What it is, for people.
    pub(crate) fn title(&self) -> &str {
        match (self.system.as_str(), self.name.as_str()) {
            ("dynamics", "client_secret") => "Dynamics: client secret of the Entra application",
            ("dynamics", "certificate") => "Dynamics: certificate of the Entra application",
            ("shipbob", "token") => "ShipBob: personal access token",
            ("shipbob", "billing_token") => "ShipBob: personal access token for billing",
            ("shipbob", "oauth") => "ShipBob: tokens of the app, renewed every hour",
            ("webhook", _) => "Webhooks: signing secret",
            _ => &self.name,
        }
    }

    /// How it is replaced.
    pub(crate) fn how(&self) -> &'static str {
        match (self.system.as_str(), self.name.as_str()) {
            ("dynamics", _) => "ml-connector connect dynamics",
            ("shipbob", "token") => "ml-connector connect shipbob --token",
            ("shipbob", "billing_token") => "ml-connector connect shipbob --billing",
            ("shipbob", "oauth") => "Reconnect",
            _ => "made here",
        }
    }
}

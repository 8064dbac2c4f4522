//! What the client must be told.

use domain::ids::ChannelId;
use zeroize::Zeroizing;

/// Where and as whom ShipBob is called.
#[derive(Debug, Clone)]
pub struct Config {
    /// Scheme and host, such as `https://api.shipbob.com`.
    pub base: String,
    /// First path segment, such as `2026-01`.
    pub version: String,
    /// The channel that owns our orders: sent as `shipbob_channel_id`.
    pub channel: ChannelId,
    /// `User-Agent`; ShipBob's edge wants one.
    pub user_agent: String,
}

/// What calls are made with: a personal access token, or an access token of an app. It has no `Debug` and is wiped from memory when dropped.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Wraps the secret; white space around it is dropped.
    pub fn new(secret: &str) -> Self {
        Self(Zeroizing::new(secret.trim().to_owned()))
    }

    /// The text itself; the caller answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0.as_str())
    }
}

//! Reads F&O's error bodies: where the reason is buried, and what it means for the caller.
//!
//! Only the few technical phrases below decide anything; all other text is for people, because it
//! follows the language of the service user.

use crate::reply::clip;
use serde::Deserialize;

/// What an error means, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The key is taken.
    Exists,
    /// Somebody else changed the record meanwhile.
    Conflict,
    /// Deadlock, or the record is open elsewhere.
    Locked,
    /// There is no such entity set or route: not "row not found".
    NoRoute,
    /// Validation, or any other refusal with a reason.
    Data,
    /// An error without a reason of its own.
    Bare,
}

/// A readable error body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RemoteError {
    pub(crate) kind: Kind,
    /// The reason for people.
    pub(crate) words: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    error: Option<Outer>,
    #[serde(rename = "Message")]
    message: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Outer {
    message: Option<String>,
    innererror: Option<Inner>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Inner {
    message: Option<String>,
}

/// Reads an error body; `None` when it is not one of the shapes F&O is known to send.
pub(crate) fn read(body: &[u8]) -> Option<RemoteError> {
    let body: Body = serde_json::from_slice(body).ok()?;
    if let Some(error) = body.error {
        let inner = error.innererror.unwrap_or_default();
        return Some(match inner.message.filter(|m| !m.trim().is_empty()) {
            Some(message) => RemoteError {
                kind: phrase(&message).unwrap_or(Kind::Data),
                words: clip(&reason(&message)),
            },
            None => {
                let words = error.message.unwrap_or_default();
                RemoteError { kind: phrase(&words).unwrap_or(Kind::Bare), words: clip(&words) }
            }
        });
    }
    let message = body.message?;
    let kind =
        if message.contains("No HTTP resource was found") { Kind::NoRoute } else { Kind::Bare };
    let words = message.split(" that matches the request URI").next().unwrap_or_default();
    Some(RemoteError { kind, words: clip(words) })
}

fn phrase(message: &str) -> Option<Kind> {
    let text = message.to_lowercase();
    let has = |phrase: &str| text.contains(phrase);
    if has("record already exists") {
        Some(Kind::Exists)
    } else if has("update conflict") {
        Some(Kind::Conflict)
    } else if has("deadlock") || has("locked") {
        Some(Kind::Locked)
    } else {
        None
    }
}

/// The sentences a person needs: what follows `Infolog:`, without severity words and filler.
fn reason(message: &str) -> String {
    let Some((_, log)) = message.split_once("Infolog:") else { return message.trim().to_owned() };
    let mut kept: Vec<&str> = Vec::new();
    for sentence in log.split(';') {
        let mut text = sentence.trim();
        for severity in ["Info:", "Warning:", "Error:"] {
            text = text.strip_prefix(severity).unwrap_or(text).trim();
        }
        let text = text.trim_end_matches('.').trim();
        let filler = text.is_empty()
            || text.starts_with("validateWrite failed on data source")
            || text.starts_with("validateField failed on field")
            || text.starts_with("Update has been canceled");
        if !filler && !kept.contains(&text) {
            kept.push(text);
        }
    }
    if kept.is_empty() { message.trim().to_owned() } else { kept.join("; ") }
}

#[cfg(test)]
mod tests;

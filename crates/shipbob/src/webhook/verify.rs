//! Standard Webhooks signatures, version 1, over the raw bytes.

use super::BODY_LIMIT;
use super::secret::{LENIENT, WebhookSecret};
use base64::Engine;
use domain::time::Timestamp;
use hmac::Mac;
use http::HeaderMap;

/// Most signatures looked at in one header.
const SIGNATURES: usize = 16;
/// Longest webhook id.
const ID_LIMIT: usize = 256;

/// A webhook with a right signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// `webhook-id`: the same on every retry.
    pub id: String,
    /// `webhook-timestamp`, as signed.
    pub timestamp: Timestamp,
    /// `x-webhook-topic`; not signed, a hint only. Empty when missing.
    pub topic: String,
    /// Index of the secret that matched.
    pub which_secret: usize,
}

/// Not ShipBob's, or not readable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("webhook refused: {why}")]
pub struct Rejected {
    /// The cause in words.
    pub why: &'static str,
}

/// Checks the signature against each secret (current and previous ones). Comparison takes the same
/// time whatever is wrong with a signature.
pub fn verify(
    secrets: &[WebhookSecret],
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Verified, Rejected> {
    let refused = |why| Err(Rejected { why });
    if body.len() > BODY_LIMIT {
        return refused("the body is larger than 1 MiB");
    }
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let Some(id) = text("webhook-id").filter(|id| !id.is_empty()) else {
        return refused("no webhook-id header");
    };
    if id.len() > ID_LIMIT {
        return refused("the webhook-id is longer than 256 characters");
    }
    let Some(stamp) = text("webhook-timestamp") else {
        return refused("no webhook-timestamp header");
    };
    let Some(timestamp) = seconds(stamp) else {
        return refused("the webhook-timestamp is not a number of seconds");
    };
    let Some(signatures) = text("webhook-signature") else {
        return refused("no webhook-signature header");
    };
    let signatures: Vec<Vec<u8>> = signatures
        .split(' ')
        .filter_map(|part| part.strip_prefix("v1,"))
        .take(SIGNATURES)
        .filter_map(|text| LENIENT.decode(text).ok())
        .collect();
    if signatures.is_empty() {
        return refused("the webhook-signature holds no v1 signature");
    }
    for (which_secret, secret) in secrets.iter().enumerate() {
        let Some(mac) = secret.mac(id, stamp, body) else { continue };
        if signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok()) {
            let topic = text("x-webhook-topic").unwrap_or_default().to_owned();
            return Ok(Verified { id: id.to_owned(), timestamp, topic, which_secret });
        }
    }
    refused("the signature matches no secret of this address")
}

fn seconds(text: &str) -> Option<Timestamp> {
    if text.is_empty() || text.len() > 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse::<i64>().ok()?.checked_mul(1_000_000).map(Timestamp)
}

//! The secret of one subscription.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const PREFIX: &str = "whsec_";
/// Standard Webhooks asks for 24 to 64 bytes; less than 16 would be guessable.
const SHORTEST: usize = 16;
const LONGEST: usize = 64;

/// Base64 whose padding may be there or not; the vendor's own sample lacks it.
pub(super) const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A signing secret. It has no `Debug` and is wiped from memory when dropped.
#[derive(Clone)]
pub struct WebhookSecret(Zeroizing<Vec<u8>>);

/// The text is not a signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a signing secret: it must be whsec_ and the base64 of 16 to 64 bytes")]
pub struct BadSecret;

impl WebhookSecret {
    /// Reads `whsec_…` as ShipBob shows it; the prefix may be missing.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let text = text.trim();
        let base64 = text.strip_prefix(PREFIX).unwrap_or(text);
        let key = Zeroizing::new(LENIENT.decode(base64).map_err(|_| BadSecret)?);
        if (SHORTEST..=LONGEST).contains(&key.len()) { Ok(Self(key)) } else { Err(BadSecret) }
    }

    /// A secret of our own from 24 random bytes, the form ShipBob takes when subscribing.
    pub fn from_random(bytes: [u8; 24]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The text to give to ShipBob or to the vault.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", LENIENT.encode(self.0.as_slice())))
    }

    /// The HMAC of what is signed; `None` cannot happen, as any key length is allowed.
    pub(super) fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(id.as_bytes());
        mac.update(b".");
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        Some(mac)
    }
}

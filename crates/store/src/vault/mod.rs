//! Sealed things: credentials, and bodies that carry personal data.
//!
//! Every secret has its own data key, every person (subject) has one too; data keys are wrapped
//! by the master key, which never touches the database. AES-256-GCM-SIV throughout: a repeated
//! nonce reveals at most equality. Additional data binds each sealed value to its place, so that
//! a value copied to another row does not open. Also the only source of randomness.

mod body;
mod cache;
mod person;
mod rewrap;
mod secret;
mod shred;

pub use secret::{NewSecret, SecretInfo, SecretSystem};

pub(crate) use body::Purpose;
pub(crate) use cache::{KeyCache, PendingKeys};

use crate::error::{Result, StoreError};
use crate::gate::Stmt;
use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

pub(crate) fn statements() -> Vec<&'static Stmt> {
    [person::ALL, secret::ALL, rewrap::ALL, shred::ALL].concat()
}

const NONCE_BYTES: usize = 12;

/// A credential in the clear. It has no `Debug`, `Display` or `Serialize`, and is wiped when
/// dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself; the caller answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A 256-bit key that wraps data keys. It lives in a file or the environment of the operator.
#[derive(Clone)]
pub struct MasterKey {
    key: Zeroizing<[u8; 32]>,
    id: String,
}

impl MasterKey {
    /// Wraps 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(b"ml-connector key id").chain_update(bytes);
        let id = digest.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect();
        Self { key: Zeroizing::new(bytes), id }
    }

    /// Reads 32 bytes written in base64.
    ///
    /// # Errors
    /// `Refused`, saying how to make a key.
    pub fn from_base64(text: &str) -> Result<Self> {
        let bytes = STANDARD.decode(text.trim()).ok().map(Zeroizing::new);
        bytes.and_then(|b| b.as_slice().try_into().ok()).map(Self::from_bytes).ok_or_else(|| {
            StoreError::Refused(
                "the master key must be 32 bytes in base64; make one with \
                 `ml-connector config key` or `openssl rand -base64 32`"
                    .to_owned(),
            )
        })
    }

    /// A fresh key from the operating system.
    ///
    /// # Errors
    /// `Unavailable` when the system has no randomness.
    pub fn generate() -> Result<Self> {
        random::<32>().map(Self::from_bytes)
    }

    /// The key in base64, to be written down by the operator.
    pub fn to_base64(&self) -> Secret {
        Secret::new(STANDARD.encode(self.key.as_slice()))
    }

    /// Names the key without revealing it; stored beside everything it wraps.
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// The master keys of an installation: the current one wraps, older ones only unwrap.
#[derive(Clone)]
pub struct KeyRing {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl KeyRing {
    /// A ring with one key.
    pub fn new(current: MasterKey) -> Self {
        Self { current, older: Vec::new() }
    }

    /// Adds a key that is being rotated out.
    #[must_use]
    pub fn with_older(mut self, older: MasterKey) -> Self {
        self.older.push(older);
        self
    }

    /// The key that wraps.
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    fn by_id(&self, id: &str) -> Result<&MasterKey> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.id == id).ok_or_else(
            || {
                StoreError::Refused(format!(
                    "the data was sealed with master key {id}, which was not given; \
                     start with that key as current or older key"
                ))
            },
        )
    }

    /// Wraps a data key under the current master key.
    pub(crate) fn wrap(&self, data_key: &DataKey, bound_to: &[&str]) -> Result<Vec<u8>> {
        seal(&self.current.key, data_key.as_slice(), &bind(bound_to, &self.current.id))
    }

    /// Unwraps a data key with the master key of that id.
    pub(crate) fn unwrap_key(
        &self,
        key_id: &str,
        wrapped: &[u8],
        bound_to: &[&str],
    ) -> Result<DataKey> {
        let master = self.by_id(key_id)?;
        open(&master.key, wrapped, &bind(bound_to, key_id))
            .and_then(|clear| <[u8; 32]>::try_from(clear.as_slice()).ok())
            .map(Zeroizing::new)
            .ok_or_else(|| {
                StoreError::inconsistent("unwrap", "wrapped key", "does not open: it was altered")
            })
    }
}

/// A key that seals values.
pub(crate) type DataKey = Zeroizing<[u8; 32]>;

pub(crate) fn fresh_key() -> Result<DataKey> {
    random::<32>().map(Zeroizing::new)
}

/// Random bytes of the operating system.
///
/// # Errors
/// `Unavailable` when the system has none.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Fills a buffer from the operating system: one call for a whole batch of salts.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the vault is the one owner of randomness")]
    getrandom::fill(bytes)
        .map_err(|error| StoreError::Unavailable(format!("no randomness: {error}")))
}

/// Length-prefixed parts, so that no two lists of parts give the same bytes.
pub(crate) fn bind(parts: &[&str], last: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    for part in parts.iter().copied().chain([last]) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

fn cipher(key: &DataKey) -> Aes256GcmSiv {
    Aes256GcmSiv::new(&Key::<Aes256GcmSiv>::from(**key))
}

/// Nonce followed by the sealed bytes.
pub(crate) fn seal(key: &DataKey, clear: &[u8], aad: &[u8]) -> Result<Vec<u8>> {
    let nonce = random::<NONCE_BYTES>()?;
    let sealed = cipher(key)
        .encrypt(&Nonce::from(nonce), Payload { msg: clear, aad })
        .map_err(|_| StoreError::Refused("a value is too long to be sealed".to_owned()))?;
    let mut bytes = Vec::with_capacity(NONCE_BYTES + sealed.len());
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

/// The clear bytes, or `None` when key, place or bytes do not fit together.
pub(crate) fn open(key: &DataKey, sealed: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    cipher(key).decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad }).ok().map(Zeroizing::new)
}

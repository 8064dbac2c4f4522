//! The certificate of an Entra application, and the signed statement that proves we hold its key:
//! a JWT, RS256, with the thumbprint of the certificate.

use crate::reply::CallError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::{Span, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// `client_assertion_type` of a JWT.
pub(crate) const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long a statement may be used.
const LIFE: Span = Span::minutes(10);
/// Clocks may differ by this much.
const TOLERANCE: Span = Span::minutes(5);

/// Why a certificate file cannot be used. Says what to do; never holds what is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// No certificate in it.
    #[error(
        "the file holds no certificate: it needs a block BEGIN CERTIFICATE and a block BEGIN PRIVATE KEY (PEM)"
    )]
    NoCertificate,
    /// No key in it, or one in a form we do not read.
    #[error(
        "the file holds no private key we can read: it must be an RSA key without a password; `openssl pkcs8 -topk8 -nodes` makes one"
    )]
    NoKey,
    /// The key is of another kind.
    #[error("the key is not an RSA key of 2,048 to 4,096 bits: Entra takes no other for RS256")]
    WrongKey,
    /// They do not belong together.
    #[error(
        "the private key does not belong to the certificate (the first one of the file counts)"
    )]
    Mismatch,
}

/// A certificate registered on the Entra application, with its private key. It has no `Debug`.
pub struct Certificate {
    key: RsaKeyPair,
    /// `x5t#S256`: SHA-256 of the certificate.
    thumbprint: String,
}

impl Certificate {
    /// Reads the first certificate and the first private key of a PEM file, and makes sure that
    /// they belong together.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_| CertificateError::NoCertificate)?;
        let key =
            PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| CertificateError::NoKey)?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(CertificateError::WrongKey),
        };
        let key = key.map_err(|_| CertificateError::WrongKey)?;
        let made = Self { key, thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&der)) };
        let known =
            webpki::EndEntityCert::try_from(&der).map_err(|_| CertificateError::NoCertificate)?;
        let probe = b"ml-connector";
        let signature = made.sign(probe).ok_or(CertificateError::WrongKey)?;
        known
            .verify_signature(webpki::ring::RSA_PKCS1_2048_8192_SHA256, probe, &signature)
            .map_err(|_| CertificateError::Mismatch)?;
        Ok(made)
    }

    /// SHA-256 of the certificate in base64 (`x5t#S256`).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    fn sign(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        // Randomness only blinds the computation; the signature itself is the same every time.
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature).ok()?;
        Some(signature)
    }

    /// A statement for one call of the token address; `nth` keeps statements of one moment apart.
    pub(crate) fn assertion(
        &self,
        client: &str,
        token_url: &str,
        now: Timestamp,
        nth: u64,
    ) -> Result<String, CallError> {
        let name = format!("{client}|{token_url}|{}|{nth}", now.0);
        let head = json!({"alg": "RS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": token_url,
            "iss": client,
            "sub": client,
            "jti": Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).to_string(),
            "nbf": (now - TOLERANCE).0 / 1_000_000,
            "exp": (now + LIFE).0 / 1_000_000,
        });
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&head), encode(&claims));
        let signature = self.sign(signed.as_bytes()).ok_or_else(|| CallError::NoAccess {
            status: 0,
            why: "the key of the certificate cannot sign: enter the certificate again".to_owned(),
        })?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests;

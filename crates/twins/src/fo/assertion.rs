//! The other way an application proves itself to Entra: a JWT signed with the key of a registered
//! certificate. Strict: algorithm, thumbprint, audience, issuer, times and a fresh id all count.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::world::World;
use crate::world::calendar::SECOND;

/// `client_assertion_type` of a JWT.
pub(super) const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest life of an assertion, in seconds.
const LONGEST: i64 = 3_600;

/// Holds an assertion against the registered certificate.
///
/// # Errors
/// Entra's code and words.
pub(super) fn check(
    world: &mut World,
    jwt: &str,
    client: &str,
    token_path: &str,
) -> Result<(), (u32, &'static str)> {
    let bad = |why| Err((700_027, why));
    let Some(certificate) = world.config.entra_certificate.clone() else {
        return bad("The certificate is not registered on the application.");
    };
    let Some((signed, mark)) = jwt.rsplit_once('.') else { return bad("Not a JWT.") };
    let Some((head, claims)) = signed.split_once('.') else { return bad("Not a JWT.") };
    let (Some(head), Some(claims)) = (part(head), part(claims)) else { return bad("Not a JWT.") };
    let text = |of: &Value, name: &str| {
        of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate));
    if text(&head, "alg") != "RS256" || text(&head, "x5t#S256") != thumbprint {
        return bad("The key was not found: alg or x5t#S256 do not fit a registered certificate.");
    }
    let der = rustls_pki_types::CertificateDer::from(certificate);
    let signature = URL_SAFE_NO_PAD.decode(mark).unwrap_or_default();
    let genuine = webpki::EndEntityCert::try_from(&der).is_ok_and(|known| {
        let algorithm = webpki::ring::RSA_PKCS1_2048_8192_SHA256;
        known.verify_signature(algorithm, signed.as_bytes(), &signature).is_ok()
    });
    if !genuine {
        return bad("The signature of the client assertion is not valid.");
    }
    let audience = text(&claims, "aud");
    if !audience.ends_with(token_path) || text(&claims, "iss") != client {
        return Err((7_000_216, "aud or iss of the client assertion are not valid."));
    }
    if text(&claims, "sub") != client {
        return Err((7_000_216, "sub of the client assertion is not the client id."));
    }
    let number = |name: &str| claims.get(name).and_then(Value::as_i64).unwrap_or_default();
    let now = world.server_clock() / SECOND;
    let (from, until) = (number("nbf"), number("exp"));
    if from > now || until <= now || until - now > LONGEST {
        return bad("The client assertion is not within its valid time range.");
    }
    let id = text(&claims, "jti");
    if id.is_empty() || !world.dynamics.assertions.insert(id) {
        return bad("The client assertion was used before: jti must be unique.");
    }
    Ok(())
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
